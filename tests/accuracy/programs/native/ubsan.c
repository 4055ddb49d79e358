//: type: null
//: message: "signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'"
//: build: clang -g -O0 -fsanitize=undefined -fno-sanitize-recover -o app {file}
//: run: {stack: "UBSAN_OPTIONS=print_stacktrace=1 ./app", plain: ./app}
//: frames@stack: ... main next
//: blame: next
#include <limits.h>
#include <stdio.h>

static int next(int number) {
    return number + 1; //@ next next
}

int main(int count, char **words) {
    (void)words;
    printf("%d\n", next(INT_MAX - 1 + count)); //@ main main
    return 0;
}
