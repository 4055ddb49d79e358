//: type: SyntaxError
//: message: "Unexpected token 'a', \"name=tea\" is not valid JSON"
//: frames: "... main read ..."
function read(body) {
  return JSON.parse(body); //@ read read
}

read("name=tea"); //@ main Object.<anonymous>
