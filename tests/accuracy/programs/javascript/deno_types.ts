//: type: TypeError
//: message: Cannot read properties of undefined (reading 'quantity')
//: message@bun: undefined is not an object (evaluating 'this.items.get(sku).quantity')
//: frames: main reserve quantity
//: frames@bun: main reserve quantityb
//: run: {deno: "{work}/node_modules/.bin/deno run --no-prompt --no-check {dir}/{file}", bun: "{work}/node_modules/.bin/bun run {dir}/{file}"}
interface Item {
  sku: string;
  quantity: number;
}

class Stock<T extends Item> {
  items = new Map<string, T>();

  quantity(sku: string): number {
    return this.items.get(sku)!.quantity; //@ quantity Stock.quantity; quantityb quantity
  }
}

export function reserve(stock: Stock<Item>, sku: string): number {
  return stock.quantity(sku) - 1; //@ reserve reserve
}

console.log(reserve(new Stock<Item>(), "A-1")); //@ main
