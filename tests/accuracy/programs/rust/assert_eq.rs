//: type: null
//: message: |-
//:   assertion `left == right` failed: the books do not balance
//:     left: 3
//:    right: 4
//: frames: ... main close ...
//: blame: close
#[inline(never)]
fn close(assets: u32, claims: u32) {
    assert_eq!(assets, claims, "the books do not balance"); //@ close shop::close
}

fn main() {
    close(3, 4); //@ main shop::main
}
