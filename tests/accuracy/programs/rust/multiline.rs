//: type: null
//: message: |-
//:   2 problems:
//:       at line 1: price is missing
//:       at line 3: quantity is "many"
//: frames: ... main check ...
//: blame: check
#[inline(never)]
fn check(problems: &[&str]) {
    panic!("{} problems:\n    {}", problems.len(), problems.join("\n    ")); //@ check shop::check
}

fn main() {
    check(&["at line 1: price is missing", "at line 3: quantity is \"many\""]); //@ main shop::main
}
