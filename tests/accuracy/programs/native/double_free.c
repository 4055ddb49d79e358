//: type: SIGABRT
//: message: null
//: build: gcc -g -O0 -o app {file}
//: run: {bt: "GLIBC_TUNABLES=glibc.malloc.tcache_count=0 gdb -q -batch -ex run -ex bt ./app"}
//: frames: main close ...
#include <stdlib.h>

struct cart {
    char *name;
};

void close_cart(struct cart *cart) {
    free(cart->name); //@ close close_cart
}

int main(void) {
    struct cart cart = {malloc(16)};
    close_cart(&cart);
    close_cart(&cart); //@ main main
    return 0;
}
