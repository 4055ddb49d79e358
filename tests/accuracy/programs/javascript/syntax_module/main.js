//: type: SyntaxError
//: message: "Unexpected token 'return'"
//: frames: "... main ..."
//: unjudged: true
//: blame: broken
//: run: node {dir}/main.js
//: note: the place stands in the line above the quoted source, not in a frame
const prices = require("./prices"); //@ main Object.<anonymous>

console.log(prices.tax(3));
