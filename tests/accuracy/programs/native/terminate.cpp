//: type: std::out_of_range
//: message: "vector::_M_range_check: __n (which is 5) >= this->size() (which is 3)"
//: build: g++ -g -O0 -o app {file}
//: run: {plain: "./app", gdb: "gdb -q -batch -ex run -ex bt ./app"}
//: frames@gdb: main at ...
//: blame@plain: none
//: blame@gdb: at
#include <iostream>
#include <vector>

namespace shop {

int price(const std::vector<int> &prices, int index) {
    return prices.at(index); //@ at shop::price
}

}  // namespace shop

int main() {
    std::vector<int> prices{1, 2, 3};
    std::cout << shop::price(prices, 5) << std::endl; //@ main main
}
