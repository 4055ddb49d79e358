//: type: null
//: message: attempt to divide by zero
//: frames: ... main shares ... closure ...
//: blame: closure
#[inline(never)]
fn shares(total: u32, parts: &[u32]) -> Vec<u32> {
    parts
        .iter()
        .map(|part| total / part) //@ closure shop::shares::{{closure}}
        .collect() //@ shares shop::shares
}

fn main() {
    println!("{:?}", shares(12, &[4, 0])); //@ main shop::main
}
