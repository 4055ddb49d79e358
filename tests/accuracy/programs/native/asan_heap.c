//: type: heap-buffer-overflow
//: message: null
//: chain:
//: - {type: heap-buffer-overflow, frames: ... main sum}
//: - {frames: ... main2 ...}
#include <stdio.h>
#include <stdlib.h>

static int sum(const int *prices, int count) {
    int total = 0;
    for (int i = 0; i <= count; i++) {
        total += prices[i]; //@ sum sum
    }
    return total;
}

int main(void) {
    int *prices = calloc(3, sizeof *prices); //@ main2 main
    printf("%d\n", sum(prices, 3)); //@ main main
    free(prices);
    return 0;
}
