//: type: null
//: message: null
//: frames: main pay
package main

type Refused struct {
	Code   int
	Reason string
}

//go:noinline
func pay(amount int) {
	panic(Refused{402, "card declined"}) //@ pay main.pay
}

func main() {
	pay(3) //@ main main.main
}
