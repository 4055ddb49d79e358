//: type: null
//: message: |-
//:   2 problems:
//:   	line 1: price is missing
//:   	line 3: quantity is "many"
//: frames: main validate
package main

import "strings"

//go:noinline
func validate(problems ...string) {
	panic("2 problems:\n\t" + strings.Join(problems, "\n\t")) //@ validate main.validate
}

func main() {
	validate("line 1: price is missing", `line 3: quantity is "many"`) //@ main main.main
}
