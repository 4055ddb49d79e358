function load(text) {
  return JSON.parse(text);
}
const unused = () => undefined; //@2
function settings(text) {
  return JSON.parse(text);
}
async function fetched(id) {
  await null;
  return { id };
}
async function submit(order) {
  const found = await fetched(order.id);
  return found.customer.address;
}
function checkout(id, order) {
  try {
    return (12).toFixed(order.price.digits);
  } catch (error) {
    throw new Error(`checkout of ${id} failed`, { cause: error });
  }
}
function notify(order) {
  order.listeners = {};
  order.listeners.done(order.id);
}
function later(id) {
  setTimeout(() => {
    const parts = id.split("-", 0);
    parts[0].toUpperCase();
  }, 1);
}
module.exports = { load, settings, submit, checkout, notify, later };
