//: type: null
//: message: "no region for \"\""
//: frames: "main serve region ... again ..."
//: blame: region
//: note: a handler that recovered and logged debug.Stack
package main

import (
	"fmt"
	"log"
	"runtime/debug"
)

//go:noinline
func region(name string) string {
	if name == "" {
		panic(fmt.Sprintf("no region for %q", name)) //@ region main.region
	}
	return name
}

//go:noinline
func serve(name string) {
	defer func() {
		if r := recover(); r != nil {
			log.Printf("recovered: %v\n%s", r, debug.Stack()) //@ again main.serve.func1
		}
	}()
	region(name) //@ serve main.serve
}

func main() {
	serve("") //@ main main.main
}
