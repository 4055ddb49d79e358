//: run: {deno: "{work}/node_modules/.bin/deno run --no-prompt {dir}/{file}"}
//: chain:
//: - {type: Error, message: profile of ada cannot be shown, frames: main show}
//: - {type: SyntaxError, message: "Expected property name or '}' in JSON at position 1 (line 1 column 2)", frames: main show2 ...}
function show(user) {
  try {
    return JSON.parse("{name}"); //@ show2 show
  } catch (cause) {
    throw new Error(`profile of ${user} cannot be shown`, { cause }); //@ show show
  }
}

show("ada"); //@ main
