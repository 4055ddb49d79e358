//: chain:
//: - {type: AggregateError, message: All promises were rejected}
//: - {type: Error, message: eu-1 is down, frames: "... ask"}
//: - {type: Error, message: us-2 is down, frames: "... ask"}
//: blame: ask
//: note: the group names no place of its own; each of its errors was made in ask
async function ask(region) {
  await null;
  throw new Error(`${region} is down`); //@ ask ask
}

Promise.any([ask("eu-1"), ask("us-2")]).then(console.log);
