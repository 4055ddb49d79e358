const codes = (code) => code.trim(); //@2
class Cart {
  constructor(items) {
    this.items = items;
  }
  currency() { //@2
    return codes("EUR "); //@2
  } //@2
  total() {
    let amount = 0;
    for (const item of this.items) {
      const net = item.price.net;
      amount += net + net * item.tax.rate;
    }
    return amount;
  }
  names() {
    return this.items.map((item) => item.length);
  }
}
module.exports = { Cart };
