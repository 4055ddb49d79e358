//: type: Error
//: message: |-
//:   the order has 2 problems:
//:     at item 0: price is missing
//:     at item 1: quantity is negative
//: frames: "... main validate"
function validate(order) {
  const problems = ["at item 0: price is missing", "at item 1: quantity is negative"];
  throw new Error(`the order has ${problems.length} problems:\n` + problems.map((p) => "  " + p).join("\n")); //@ validate validate
}

validate({}); //@ main Object.<anonymous>
