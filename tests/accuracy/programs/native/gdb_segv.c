//: type: SIGSEGV
//: message: Segmentation fault
//: build: gcc -g -O0 -o app {file}
//: run: {bt: "gdb -q -batch -ex run -ex bt ./app"}
//: frames: main total price
#include <stdio.h>

struct line {
    int *price;
    int quantity;
};

int price(struct line *line) {
    return *line->price; //@ price price
}

int total(struct line *lines, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += price(&lines[i]) * lines[i].quantity; //@ total total
    }
    return sum;
}

int main(void) {
    int three = 3;
    struct line lines[2] = {{&three, 1}, {NULL, 2}};
    printf("%d\n", total(lines, 2)); //@ main main
    return 0;
}
