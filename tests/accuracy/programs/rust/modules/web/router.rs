use std::collections::HashMap;

type Handler = fn(&str) -> u16;

#[inline(never)]
fn dispatch(_path: &str) -> u16 {
    panic!() //@ dispatch shop::web::router::dispatch
}

#[inline(never)]
pub fn handle(path: &str) -> u16 {
    let mut routes: HashMap<&str, Handler> = HashMap::new();
    routes.insert("/orders", dispatch);
    let found = routes.iter().find(|(prefix, _)| path.starts_with(**prefix));
    found.map(|(_, handler)| handler(path)).unwrap_or(404) //@ handle shop::web::router::handle; closure shop::web::router::handle::{{closure}}
}
