//: type: null
//: message: "runtime error: index out of range [3] with length 2"
//: frames: main second
package main

import "fmt"

//go:noinline
func column(row []string, index int) string {
	return row[index] //@ second main.column
}

func main() {
	fmt.Println(column([]string{"tea", "3"}, 3)) //@ main main.main
}
