//: type: null
//: message: concurrent map writes
//: run: {"1.19": "for i in 1 2 3 4 5 6 7 8 9; do ./app 2>out || { sed '/^$/q' out; sed -n '/^goroutine/,$p' out | awk 'NR>1 && /^goroutine/{exit} {print}'; break; }; done"}
//: frames: writer
package main

import "time"

var seen = map[int]int{}

func count(from int) {
	for i := 0; ; i++ {
		seen[i%64] = from //@ writer main.count
	}
}

func main() {
	for n := 0; n < 8; n++ {
		go count(n)
	}
	time.Sleep(3 * time.Second)
}
