// SPDX-License-Identifier: Apache-2.0
// The program maapol, called once. It is never called by a shell.
"use strict";
const { execFile } = require("child_process");
const { workspace } = require("vscode");

const SECONDS = 60;
const OUTPUT_MAX = 64 << 20;

exports.path = function () {
  return workspace.getConfiguration("maapol").get("path") || "maapol";
};

// What it printed and its exit status. `options`: cwd; input, the text of its
// standard input; token, a CancellationToken. Fails only if it cannot be run.
exports.run = function (words, options = {}) {
  return new Promise((done, fail) => {
    const child = execFile(exports.path(), words,
      { cwd: options.cwd, maxBuffer: OUTPUT_MAX, timeout: SECONDS * 1000 },
      (error, stdout, stderr) => {
        const status = error ? error.code : 0;
        if (typeof status === "number") done({ status, stdout, stderr });
        else fail(error);
      });
    // A program that is not there or does not read closes the pipe.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input || "");
    if (options.token)
      options.token.onCancellationRequested(() => child.kill());
  });
};
