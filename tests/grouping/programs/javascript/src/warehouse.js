const { StockError } = require("./stock");
const places = []; //@2
class Warehouse {
  reserve(sku) {
    throw new StockError(`no stock for ${sku}`);
  }
}
module.exports = { Warehouse };
