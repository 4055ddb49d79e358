//: type: null
//: message: "runtime error: index out of range [0] with length 0"
//: frames@1.27: main encode ... marshal
//: frames: main encode ... marshal ...
package main

import "encoding/json"

type Money struct{ parts []int }

func (m Money) MarshalJSON() ([]byte, error) {
	return json.Marshal(m.parts[0]) //@ marshal main.Money.MarshalJSON
}

//go:noinline
func encode(value any) []byte {
	data, err := json.Marshal(value) //@ encode main.encode
	if err != nil {
		panic(err)
	}
	return data
}

func main() {
	encode(map[string]Money{"total": {}}) //@ main main.main
}
