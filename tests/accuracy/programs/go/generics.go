//: type: null
//: message: "runtime error: slice bounds out of range [:5] with capacity 3"
//: frames: main page
package main

import "fmt"

type Pager[T any] struct{ rows []T }

//go:noinline
func (p *Pager[T]) Page(from, size int) []T {
	return p.rows[from : from+size] //@ page main.(*Pager[...]).Page
}

func main() {
	pager := &Pager[string]{rows: make([]string, 3)}
	fmt.Println(pager.Page(0, 5)) //@ main main.main
}
