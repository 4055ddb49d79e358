//: chain:
//: - {frames: ...}
//: - {message: stack overflow, frames: depth^ entry}
//: - {frames: ...}
//: - {frames: ...}
//: - {frames: ...}
//: - {frames: ...}
//: chain@1.27:
//: - {frames: ...}
//: - {message: stack overflow, frames: "... main depth^ entry"}
//: - {frames: ...}
//: - {frames: ...}
//: - {frames: ...}
//: - {frames: ...}
//: unjudged: true
//: note: the runtime leaves out frames in the middle
package main

import "runtime/debug"

type Node struct{ parent *Node }

//go:noinline
func (n *Node) depth() int { //@ entry main.(*Node).depth
	return 1 + n.parent.depth() //@ depth main.(*Node).depth
}

func main() {
	debug.SetMaxStack(1 << 16)
	root := &Node{}
	root.parent = root
	println(root.depth()) //@ main main.main
}
