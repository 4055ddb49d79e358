//: type: null
//: message: all goroutines are asleep - deadlock!
//: frames: main receive
package main

//go:noinline
func receive(orders chan int) int {
	return <-orders //@ receive main.receive
}

func main() {
	receive(make(chan int)) //@ main main.main
}
