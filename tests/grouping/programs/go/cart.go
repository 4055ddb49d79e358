package main

type Owner struct {
	Name    string
	Address *string
}

type Cart struct {
	items []string
	tags  map[string]int
}

func (c *Cart) Currency() string { //@2
	code := func() string { return "EUR" } //@2
	return code() //@2
} //@2

//go:noinline
func (c *Cart) Greet(owner *Owner) string {
	return owner.Name
}

//go:noinline
func (c *Cart) Send(owner *Owner) string {
	return *owner.Address
}

//go:noinline
func (c *Cart) Pick(at int) string {
	return c.items[at]
}

//go:noinline
func (c *Cart) Last(at int) string {
	return c.items[at]
}

//go:noinline
func (c *Cart) Each() {
	noop := func(string) {} //@2
	noop("") //@2
	show := func(at int) int { return 100 / at }
	for range c.items {
		show(len(c.tags))
	}
}

//go:noinline
func (c *Cart) Tag(name string) {
	c.tags[name] = 1
}
