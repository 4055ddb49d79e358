class StockError extends Error {
  constructor(message) {
    super(message);
    this.name = "StockError";
  }
}
const none = () => null; //@2
class Stock {
  reserve(sku) {
    throw new StockError(`no stock for ${sku}`);
  }
  walk(node) {
    return this.walk(node + "x".length) + 1;
  }
}
module.exports = { Stock, StockError };
