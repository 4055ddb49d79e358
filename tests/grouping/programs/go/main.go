package main

import (
	"os"
	"strings"
	"sync"
)

func main() {
	data := os.Args[2]
	cart := &Cart{items: strings.Split(data, ",")}
	switch os.Args[1] {
	case "nil-owner":
		cart.Greet(nil)
	case "nil-address":
		cart.Send(&Owner{Name: data})
	case "index-pick":
		cart.Pick(len(cart.items) + 4)
	case "index-last":
		cart.Last(len(cart.items) + 4)
	case "closure":
		cart.Each()
	case "nil-map":
		cart.Tag(data)
	case "no-stock":
		(&Stock{}).Reserve(data)
	case "no-stock-shelf":
		(&Shelf{}).Reserve(data)
	case "goroutine":
		var group sync.WaitGroup
		group.Add(1)
		go func() {
			defer group.Done()
			(&Shelf{}).Weigh(data)
		}()
		group.Wait()
	case "conversion":
		(&Shelf{}).Convert(data)
	case "wrapped":
		(&Shelf{}).Load(data)
	}
}
