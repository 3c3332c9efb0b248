"use strict";
// Holds a Node.js that has started, until it is told what to run. Preloaded with --require, it is the last thing that
// happens before the main module is loaded, so that a warm start goes on as a cold one does. The line on
// descriptor 3 says what the main module and the arguments are.

const { isMainThread } = require("node:worker_threads");

if (isMainThread) hold();
hide();

function hold() {
  const fs = require("node:fs");
  const Module = require("node:module");
  const path = require("node:path");

  // What nearly every program uses first is loaded now. Not opened: a pipe behind `process.stdout` stops waiting for its
  // reader once that has been touched, which `fs.writeSync(1, …)` of a program that never does would notice.
  require("node:net");
  require("node:tty");
  require("node:util");
  require("node:stream");
  require("node:url");

  fs.writeSync(3, "\n");
  const { main, args } = JSON.parse(readLine(fs));
  fs.closeSync(3);

  const file = path.resolve(main);
  process.argv.splice(1, process.argv.length - 1, file, ...args);

  // Node runs the main module that it was started for; this hands it the right one, without a frame of its own on the
  // stack, and leaves what it replaced as it was.
  const original = Object.getOwnPropertyDescriptor(Module, "runMain");
  Object.defineProperty(Module, "runMain", {
    configurable: true,
    get() {
      Object.defineProperty(Module, "runMain", original);
      return original.value.bind(Module, file);
    },
  });
}

// Neither this file nor how it came here is left to be seen: by the program, by its workers, which are preloaded as well, or
// by those that it forks.
function hide() {
  process.execArgv.splice(process.execArgv.indexOf("--require"), 2);
  process._preload_modules.length = 0;
  delete require.cache[__filename];
}

function readLine(fs) {
  const parts = [];
  const part = Buffer.alloc(65536);
  for (;;) {
    const length = fs.readSync(3, part);
    if (length === 0) process.exit(1); // the agent has gone
    parts.push(Buffer.from(part.subarray(0, length)));
    if (part[length - 1] === 10) return Buffer.concat(parts).toString();
  }
}
