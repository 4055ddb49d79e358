//: type: null
//: message: 'port must be a number: ParseIntError { kind: InvalidDigit }'
//: frames: ... main start port ...
//: blame: port
struct Config<'a> {
    port: &'a str,
}

impl<'a> Config<'a> {
    #[inline(never)]
    fn port(&self) -> u16 {
        self.port.parse().expect("port must be a number") //@ port shop::Config::port
    }
}

#[inline(never)]
fn start(config: &Config) -> u16 {
    config.port() + 1 //@ start shop::start
}

fn main() {
    println!("{}", start(&Config { port: "80a" })); //@ main shop::main
}
