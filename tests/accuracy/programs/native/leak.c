//: type: null
//: message: "detected memory leaks"
//: frames: ... main copy ...
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text) {
    char *made = malloc(strlen(text) + 1); //@ copy copy
    return strcpy(made, text);
}

int main(void) {
    copy("A-1"); //@ main main
    return 0;
}
