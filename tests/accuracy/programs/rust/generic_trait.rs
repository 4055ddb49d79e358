//: type: null
//: message: "not yet implemented: refunds"
//: frames: ... main run refund ...
//: blame: refund
trait Gateway {
    fn refund(&self, order: u32) -> Result<(), String>;
}

struct Bank;

impl Gateway for Bank {
    #[inline(never)]
    fn refund(&self, _order: u32) -> Result<(), String> {
        todo!("refunds") //@ refund <shop::Bank as shop::Gateway>::refund
    }
}

#[inline(never)]
fn run<G: Gateway>(gateway: &G) -> bool {
    gateway.refund(17).is_ok() //@ run shop::run
}

fn main() {
    println!("{}", run(&Bank)); //@ main shop::main
}
