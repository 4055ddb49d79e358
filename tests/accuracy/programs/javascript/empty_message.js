//: type: Error
//: message: ""
//: frames: "... main refund"
function refund() {
  throw new Error(); //@ refund refund
}

refund(); //@ main Object.<anonymous>
