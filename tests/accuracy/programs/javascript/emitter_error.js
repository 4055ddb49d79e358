//: chain:
//: - {type: Error, message: socket hang up, frames: "... main connect"}
//: - {frames: "... main2 emit"}
//: blame: connect
//: note: the second list says where the event was emitted; the error was made in connect
const { EventEmitter } = require("events");

class Client extends EventEmitter {
  connect() {
    this.failure = new Error("socket hang up"); //@ connect Client.connect
    return this;
  }

  poll() {
    this.emit("error", this.failure); //@ emit Client.poll
  }
}

const client = new Client();
client.connect(); //@ main Object.<anonymous>
client.poll(); //@ main2 Object.<anonymous>
