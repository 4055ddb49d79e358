//: type: null
//: message: called `Option::unwrap()` on a `None` value
//: frames: ... main newest ...
//: blame: newest
#[inline(never)]
fn newest(orders: &[u32]) -> u32 {
    *orders.iter().max().unwrap() //@ newest shop::newest
}

fn main() {
    println!("{}", newest(&[])); //@ main shop::main
}
