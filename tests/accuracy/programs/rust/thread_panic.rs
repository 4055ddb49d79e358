//: type: null
//: message: "page 3 cannot be rendered"
//: frames: spawned render ...
//: frames@full: ... spawned render ...
//: blame: render
use std::thread;

#[inline(never)]
fn render(page: u32) -> u32 {
    if page == 3 {
        panic!("page {page} cannot be rendered"); //@ render shop::render
    }
    page
}

fn main() {
    let worker = thread::Builder::new()
        .name("render-3".into())
        .spawn(|| render(3)) //@ spawned shop::main::{{closure}}
        .unwrap();
    println!("{}", worker.join().is_err());
}
