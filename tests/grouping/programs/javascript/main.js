const { Cart } = require("./src/cart");
const { Stock } = require("./src/stock");
const { Warehouse } = require("./src/warehouse");
const orders = require("./src/orders");
const bugs = {
  "undefined-net": (data) => new Cart([{ sku: data }]).total(),
  "undefined-rate": (data) => new Cart([{ sku: data, price: { net: data.length } }]).total(),
  "arrow-null": (data) => new Cart([data, null]).names(),
  "async-undefined": (data) => orders.submit({ id: data }),
  "no-stock": (data) => new Stock().reserve(data),
  "no-stock-warehouse": (data) => new Warehouse().reserve(data),
  "json-order": (data) => orders.load(data),
  "json-settings": (data) => orders.settings(data),
  "cause-type": (data) => orders.checkout(data, {}),
  "cause-range": (data) => orders.checkout(data, { price: { digits: 200 + data.length } }),
  "not-a-function": (data) => orders.notify({ id: data }),
  "timer": (data) => orders.later(data),
  "recursion": (data) => new Stock().walk(data),
};
bugs[process.argv[2]](process.argv[3]);
