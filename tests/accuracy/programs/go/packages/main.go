//: type: null
//: message: "stock: sku \"ß-1\" is unknown"
//: frames: main reserve ... callback must
package main

import "shop/internal/stock"

func main() {
	stock.Reserve("ß-1", 2) //@ main main.main
}
