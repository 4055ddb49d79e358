//: type: null
//: message: "index out of bounds: the len is 2 but the index is 3"
//: frames: ... main column ...
//: blame: column
#[inline(never)]
fn column(row: &str, index: usize) -> &str {
    let cells: Vec<&str> = row.split(',').collect();
    let cells = cells.into_boxed_slice();
    cells[index] //@ column shop::column
}

fn main() {
    println!("{}", column("tea,3", 3)); //@ main shop::main
}
