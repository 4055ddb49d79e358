//: type: ZodError
//: message: |-
//:   [
//:     {
//:       "code": "invalid_type",
//: frames: "... main accept ..."
const { z } = require("zod");

const Order = z.object({ sku: z.string(), quantity: z.number().positive() });

function accept(body) {
  return Order.parse(JSON.parse(body)); //@ accept accept
}

accept('{"sku": 7, "quantity": 0}'); //@ main Object.<anonymous>
