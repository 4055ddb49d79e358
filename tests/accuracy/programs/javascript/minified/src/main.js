//: type: TypeError
//: message: "Cannot read properties of undefined (reading 'total')"
//: frames: "... dist/bundle.js:1:Object.<anonymous> dist/bundle.js:1:o"
//: build: "{work}/node_modules/.bin/esbuild src/main.js --bundle --minify --platform=node --outfile=dist/bundle.js --log-level=error"
//: run: {bundle: "node dist/bundle.js"}
const orders = { 1: { total: 3 } };

function totalOf(number) {
  return orders[number].total;
}

console.log(totalOf(1) + totalOf(2));
