//: type: null
//: message: assignment to entry in nil map
//: frames: worker put
package main

import (
	"sync"
	"time"
)

type Index struct {
	sync.Mutex
	byName map[string]int
}

//go:noinline
func (i *Index) put(name string, at int) {
	i.Lock()
	defer i.Unlock()
	i.byName[name] = at //@ put main.(*Index).put
}

func start(index *Index) {
	for n := 0; n < 1; n++ {
		go func(n int) {
			index.put("tea", n) //@ worker main.start.func1
		}(n)
	}
}

func main() {
	start(&Index{})
	time.Sleep(time.Second)
}
