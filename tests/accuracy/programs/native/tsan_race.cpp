//: type: data race
//: message: null
//: build: clang++ -g -O0 -fsanitize=thread -o app {file} -pthread
//: run: {run: "setarch -R ./app"}
//: chain:
//: - {type: data race, frames: ... count}
//: - {frames: ... count}
//: - {frames: main ...}
//: - {frames: main2 ...}
#include <cstdio>
#include <thread>

int seen = 0;

void count() {
    for (int i = 0; i < 1000; i++) seen++; //@ count count()
}

int main() {
    std::thread first(count); //@ main2 main
    std::thread second(count); //@ main main
    first.join();
    second.join();
    std::printf("%d\n", seen);
}
