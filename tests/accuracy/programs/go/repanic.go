//: type: null
//: message: "posting failed: ledger is out of balance by 3"
//: frames: main again post ... again2
//: blame: post
//: note: the first panic is the cause; the last one, which ended the program, gives the name
package main

import "fmt"

//go:noinline
func post(amount int) {
	panic(fmt.Sprintf("ledger is out of balance by %d", amount)) //@ post main.post
}

//go:noinline
func guarded(amount int) {
	defer func() {
		if r := recover(); r != nil {
			panic(fmt.Errorf("posting failed: %v", r)) //@ again2 main.guarded.func1
		}
	}()
	post(amount) //@ again main.guarded
}

func main() {
	guarded(3) //@ main main.main
}
