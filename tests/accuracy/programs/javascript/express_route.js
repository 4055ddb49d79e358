//: type: ReferenceError
//: message: discount is not defined
//: frames: "... route priced"
const express = require("express");
const http = require("http");

const app = express();

const priced = (item) => ({ ...item, price: item.price - discount }); //@ priced priced

app.get("/items/:sku", function show(request, response) {
  response.json(priced({ sku: request.params.sku, price: 10 })); //@ route show
});

const server = app.listen(0, "127.0.0.1", () => {
  http.get({ port: server.address().port, path: "/items/A-1" }, (answer) => {
    answer.resume();
    server.close();
  });
});
