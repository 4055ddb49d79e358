//: type: null
//: message: 'NotFound { sku: "B-2" }'
//: blame: none
//: run: {none: "RUST_BACKTRACE=0 ./app"}
//: note: an error that main returns has no place
#[derive(Debug)]
#[allow(dead_code)]
enum Failure {
    NotFound { sku: String },
}

fn find(sku: &str) -> Result<u32, Failure> {
    Err(Failure::NotFound { sku: sku.into() })
}

fn main() -> Result<(), Failure> {
    println!("{}", find("B-2")?);
    Ok(())
}
