//: type: Error
//: message: "ENOENT: no such file or directory, open '/srv/data/rates.json'"
//: frames: "... main load ..."
//: run: {node: "node {dir}/{file}", deno: "{work}/node_modules/.bin/deno run --allow-all {dir}/{file}"}
//: frames@deno: main load ...
import { readFileSync } from "node:fs";

export function load(name) {
  return JSON.parse(readFileSync(`/srv/data/${name}.json`, "utf8")); //@ load load
}

load("rates"); //@ main
