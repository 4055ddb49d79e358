//: type: null
//: message: "runtime error: invalid memory address or nil pointer dereference"
//: frames: main total line
package main

import "fmt"

type Product struct{ Price int }

type Line struct {
	Product  *Product
	Quantity int
}

type Cart struct{ Lines []Line }

//go:noinline
func (l *Line) Total() int {
	return l.Product.Price * l.Quantity //@ line main.(*Line).Total
}

//go:noinline
func (c Cart) Total() int {
	sum := 0
	for i := range c.Lines {
		sum += c.Lines[i].Total() //@ total main.Cart.Total
	}
	return sum
}

func main() {
	cart := Cart{Lines: []Line{{Quantity: 2}}}
	fmt.Println(cart.Total()) //@ main main.main
}
