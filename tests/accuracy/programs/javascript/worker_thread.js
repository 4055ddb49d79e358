//: chain:
//: - {type: Error, message: page 3 cannot be rendered, frames: "... job render"}
//: - {frames: "..."}
//: blame: render
const { Worker, isMainThread } = require("worker_threads");

function render(page) {
  throw new Error(`page ${page} cannot be rendered`); //@ render render
}

if (isMainThread) {
  new Worker(__filename);
} else {
  render(3); //@ job Object.<anonymous>
}
