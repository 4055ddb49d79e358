//: type: null
//: message: attempt to subtract with overflow
//: frames: ... main reserve ...
//: blame: reserve
#[derive(Default)]
struct Stock {
    count: u32,
}

impl Stock {
    #[inline(never)]
    fn reserve(&mut self, count: u32) {
        self.count -= count; //@ reserve shop::Stock::reserve
    }
}

fn main() {
    Stock::default().reserve(1); //@ main shop::main
}
