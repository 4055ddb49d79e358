//: type: ReferenceError
//: message: margin is not defined
//: frames: "... main render ..."
//: blame: render
//: note: the innermost frame is code made at run time, which no file holds
function render(formula, price) {
  return eval(`price * ${formula}`); //@ render render
}

render("margin", 3); //@ main Object.<anonymous>
