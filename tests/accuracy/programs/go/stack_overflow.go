//: type: null
//: message: stack overflow
//: unjudged: true
//: frames: main depth^ ...
//: note: the runtime leaves out frames in the middle
package main

import "runtime/debug"

type Node struct{ parent *Node }

//go:noinline
func (n *Node) depth() int {
	return 1 + n.parent.depth() //@ depth main.(*Node).depth
}

func main() {
	debug.SetMaxStack(1 << 16)
	root := &Node{}
	root.parent = root
	println(root.depth()) //@ main main.main
}
