//: type: null
//: message: "explicit panic"
//: frames: ... main handle ... closure dispatch ...
//: blame: dispatch
mod web;

fn main() {
    web::router::handle("/orders/17"); //@ main shop::main
}
