//: chain:
//: - {type: Error, message: cannot place order 17, frames: "... main place"}
//: - {type: Error, message: payment was refused, frames: "... place2 pay"}
//: - {type: RangeError, message: amount -3 is out of range, frames: "... main place2 pay2 check"}
class Gateway {
  check(amount) {
    if (amount < 0) throw new RangeError(`amount ${amount} is out of range`); //@ check Gateway.check
  }

  pay(amount) {
    try {
      this.check(amount); //@ pay2 Gateway.pay
    } catch (error) {
      throw new Error("payment was refused", { cause: error }); //@ pay Gateway.pay
    }
  }
}

function place(order, amount) {
  try {
    new Gateway().pay(amount); //@ place2 place
  } catch (error) {
    throw new Error(`cannot place order ${order}`, { cause: error }); //@ place place
  }
}

place(17, -3); //@ main
