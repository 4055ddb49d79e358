//: type: RangeError
//: message: Maximum call stack size exceeded
//: frames: depth^
class Node {
  constructor(parent) {
    this.parent = parent || this;
  }

  depth() {
    return 1 + this.parent.depth(); //@ depth Node.depth
  }
}

new Node().depth();
