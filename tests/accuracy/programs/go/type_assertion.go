//: type: null
//: message: "interface conversion: interface {} is string, not int"
//: frames: main quantity
package main

import "encoding/json"

//go:noinline
func quantity(order map[string]any) int {
	return order["quantity"].(int) //@ quantity main.quantity
}

func main() {
	var order map[string]any
	_ = json.Unmarshal([]byte(`{"quantity": "two"}`), &order)
	println(quantity(order)) //@ main main.main
}
