//: type: AssertionError
//: message: |-
//:   Expected values to be strictly equal:
//: frames: "... main balance"
const assert = require("assert");

function balance(account) {
  assert.strictEqual(account.in, account.out); //@ balance balance
}

balance({ in: 3, out: 4 }); //@ main Object.<anonymous>
