package main

import (
	"errors"
	"fmt"
)

type Stock struct{}
type Shelf struct{}

const limit = 3 //@2

//go:noinline
func (s *Stock) Reserve(sku string) {
	panic(fmt.Errorf("no stock for %s", sku))
}

//go:noinline
func (s *Shelf) Reserve(sku string) {
	panic(fmt.Errorf("no stock for %s", sku))
}

//go:noinline
func (s *Shelf) Weigh(sku string) {
	panic("cannot weigh " + sku)
}

//go:noinline
func (s *Shelf) Convert(value any) int {
	return value.(int)
}

//go:noinline
func (s *Shelf) Load(path string) {
	panic(fmt.Errorf("load %s: %w", path, errors.New("shelf is locked")))
}
