//: type: null
//: message: "end byte index 2 is not a char boundary; it is inside 'ä' (bytes 1..3) of `Währung → 💥`"
//: frames: ... main short ...
//: blame: short
#[inline(never)]
fn short(name: &str) -> &str {
    &name[..2] //@ short shop::short
}

fn main() {
    println!("{}", short("Währung → 💥")); //@ main shop::main
}
