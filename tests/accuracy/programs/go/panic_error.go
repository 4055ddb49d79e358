//: type: null
//: message: "open /srv/data/rates.json: no such file or directory"
//: frames: main must
package main

import "os"

//go:noinline
func must(data []byte, err error) []byte {
	if err != nil {
		panic(err) //@ must main.must
	}
	return data
}

func main() {
	must(os.ReadFile("/srv/data/rates.json")) //@ main main.main
}
