//: type: TypeError
//: message: "Cannot set properties of null (setting 'sum')"
//: frames: "... main from2 constructor getter private"
class Invoice {
  #state = null;

  constructor(lines) {
    this.lines = lines;
    this.first = this.total; //@ constructor new Invoice
  }

  static from(lines) {
    return new Invoice(lines); //@ from Function.from; from2 Invoice.from
  }

  get total() {
    return this.#sum(); //@ getter get total [as total]; getter2 get total
  }

  #sum() {
    this.#state.sum = 0; //@ private #sum; private2 Invoice.#sum
    return this.lines.length;
  }
}

Invoice.from([1, 2]); //@ main Object.<anonymous>
