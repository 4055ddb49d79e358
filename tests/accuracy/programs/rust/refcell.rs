//: type: null
//: message: RefCell already mutably borrowed
//: frames: ... main each ... inner callback total ...
//: blame: total
use std::cell::RefCell;

struct Cart {
    lines: RefCell<Vec<u32>>,
}

impl Cart {
    #[inline(never)]
    fn total(&self) -> u32 {
        self.lines.borrow().iter().sum() //@ total shop::Cart::total
    }

    #[inline(never)]
    fn each(&self, mut act: impl FnMut(&mut u32)) {
        self.lines.borrow_mut().iter_mut().for_each(|line| act(line)); //@ each shop::Cart::each; inner shop::Cart::each::{{closure}}
    }
}

fn main() {
    let cart = Cart { lines: RefCell::new(vec![1, 2]) };
    cart.each(|line| *line = cart.total()); //@ main shop::main; callback shop::main::{{closure}}
}
