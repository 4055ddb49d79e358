package stock

import (
	"fmt"

	"github.com/acme/retry"
)

var known = map[string]int{}

//go:noinline
func mustKnow(sku string) int {
	count, ok := known[sku]
	if !ok {
		panic(fmt.Errorf("stock: sku %q is unknown", sku)) //@ must shop/internal/stock.mustKnow
	}
	return count
}

//go:noinline
func Reserve(sku string, count int) {
	_ = retry.Do(3, func() error { //@ reserve shop/internal/stock.Reserve
		if mustKnow(sku) < count { //@ callback shop/internal/stock.Reserve.func1
			return fmt.Errorf("stock: only a few %s", sku)
		}
		return nil
	})
}
