//: type: null
//: message: "runtime error: integer divide by zero"
//: frames: main each closure share
package main

import "fmt"

//go:noinline
func share(total, parts int) int {
	return total / parts //@ share main.share
}

//go:noinline
func each(parts []int, do func(int)) {
	for _, part := range parts {
		do(part) //@ each main.each
	}
}

func main() {
	total := 12
	each([]int{4, 0}, func(part int) { //@ main main.main
		fmt.Println(share(total, part)) //@ closure main.main.func1
	})
}
