//: type: stack-buffer-overflow
//: message: null
//: chain:
//: - {type: stack-buffer-overflow, frames: ... main label ...}
//: - {frames: main3}
#include <stdio.h>
#include <string.h>

static void label(char *into, const char *name) {
    strcpy(into, name); //@ label label
}

int main(void) { //@ main3 main
    char text[8];
    label(text, "a name that is too long"); //@ main main
    puts(text);
    return 0;
}
