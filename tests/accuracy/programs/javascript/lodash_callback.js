//: type: TypeError
//: message: order.lines.length.toFixed(...).padRight is not a function
//: frames: "... iteratee"
const _ = require("lodash");

function report(orders) {
  return _.chain(orders) //@ chain report
    .sortBy("id")
    .map((order) => order.lines.length.toFixed(1).padRight(8)) //@ iteratee
    .value(); //@ report report
}

report([{ id: 1, lines: [] }]); //@ main Object.<anonymous>
