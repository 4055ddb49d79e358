//: type: Error
//: message: lease 42 ran out
//: frames: "... fire expire"
function expire(lease) {
  throw new Error("lease " + lease + " ran out"); //@ expire expire
}

setTimeout(function () {
  expire(42); //@ fire Timeout._onTimeout
}, 1);
