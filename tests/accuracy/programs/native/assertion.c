//: type: null
//: message: "Assertion `count > 0' failed."
//: build: gcc -g -O0 -o app {file}
//: blame: check
#include <assert.h>

static int share(int total, int count) {
    assert(count > 0); //@ check share
    return total / count;
}

int main(int count, char **words) {
    (void)words;
    return share(12, count - 1);
}
