//: type: heap-use-after-free
//: message: null
//: build: clang++ -g -O0 -fno-omit-frame-pointer -fsanitize=address -o app {file}
//: chain:
//: - {type: heap-use-after-free, frames: ... main print size}
//: - {frames: ... main2 close ...}
//: - {frames: ... main3 ...}
#include <cstdio>

namespace shop {

struct Cart {
    int lines = 3;

    int size() const {
        return lines; //@ size shop::Cart::size() const
    }
};

template <typename T>
class Owner {
    T *held;

public:
    explicit Owner(T *given) : held(given) {}

    void close() {
        delete held; //@ close shop::Owner<shop::Cart>::close()
    }

    void print() const {
        std::printf("%d\n", held->size()); //@ print shop::Owner<shop::Cart>::print() const
    }
};

}  // namespace shop

int main() {
    shop::Owner<shop::Cart> owner(new shop::Cart); //@ main3 main
    owner.close(); //@ main2 main
    owner.print(); //@ main main
}
