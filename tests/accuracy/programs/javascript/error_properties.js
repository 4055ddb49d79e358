//: type: PaymentError
//: message: card was declined
//: frames: "... main charge"
class PaymentError extends Error {
  constructor(message, details) {
    super(message);
    this.name = "PaymentError";
    Object.assign(this, details);
  }
}

function charge(order) {
  throw new PaymentError("card was declined", { //@ charge charge
    code: "card_declined",
    order,
    attempts: [{ at: 1, status: 402 }],
  });
}

charge({ id: 17, total: 3 }); //@ main Object.<anonymous>
