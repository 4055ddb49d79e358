//: type: URIError
//: message: URI malformed
//: frames: "... main run decode ..."
const decode = (text) => decodeURIComponent(text); //@ decode decode

function run() {
  try {
    decode("%E0%A4%A"); //@ run run
  } catch (error) {
    console.error(new Date().toISOString(), "[worker-2] request failed:", error);
  }
}

run(); //@ main Object.<anonymous>
