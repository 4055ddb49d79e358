//: type: TypeError
//: message: Cannot read properties of null (reading 'toUpperCase')
//: frames: "... main labels ... callback label"
//: build: "{work}/node_modules/.bin/esbuild src/main.ts --bundle --platform=node --sourcemap --outfile=dist/main.js --log-level=error"
//: run: {maps: "node --enable-source-maps dist/main.js"}
import { label, type Product } from "./label";

export function labels(products: Product[]): string[] {
  return products.map((product: Product): string => label(product)); //@ labels labels; callback
}

console.log(labels([{ sku: "A-1", name: null }])); //@ main Object.<anonymous>; main2
