//: type: UnhandledPromiseRejection
//: message: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "no stock for A-1".
//: frames: ...
//: blame: none
//: note: a string was thrown, so no place is known
async function reserve(sku) {
  await null;
  throw `no stock for ${sku}`;
}

reserve("A-1");
