//: type: null
//: message: the till is locked
//: blame: open
//: note: what was thrown is a string; the place stands above the quoted line
function open() {
  throw "the till is locked"; //@ open open
}

open();
