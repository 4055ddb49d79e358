//: type: TypeError
//: message: Cannot read properties of undefined (reading 'price')
//: message@bun: undefined is not an object (evaluating 'item.price')
//: frames: "... main2 checkout total ... callback"
//: frames@bun: main checkout total ... callback
//: run: {node: "node {dir}/{file}", deno: "{work}/node_modules/.bin/deno run --no-prompt {dir}/{file}", bun: "{work}/node_modules/.bin/bun run {dir}/{file}"}
const cart = { items: [{ price: 3 }, undefined] };

function total(items) {
  return items.map((item) => item.price).reduce((a, b) => a + b); //@ total total; callback
}

function checkout(cart) {
  return total(cart.items); //@ checkout checkout
}

console.log(checkout(cart)); //@ main; main2 Object.<anonymous>
