//: type: TypeError
//: message: response.body.split is not a function
//: frames: main serve load parse
//: run: {node: "node {dir}/{file}", deno: "{work}/node_modules/.bin/deno run --no-prompt {dir}/{file}", bun: "{work}/node_modules/.bin/bun run {dir}/{file}"}
//: message@bun: |-
//:   response.body.split is not a function. (In 'response.body.split(`
//:   `)', 'response.body.split' is undefined)
//: frames@bun: serveb load parse
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function parse(response) {
  await sleep(1);
  return response.body.split("\n"); //@ parse parse
}

async function load(url) {
  const response = { url, body: { lines: [] } };
  return await parse(response); //@ load load
}

class Server {
  async serve() {
    const lines = await load("/rates"); //@ serve Server.serve; serveb serve
    return lines.length;
  }
}

await new Server().serve(); //@ main
