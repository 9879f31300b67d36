// SPDX-License-Identifier: Apache-2.0
// What VS Code starts: each part registers what it adds to the editor.
"use strict";
const { window } = require("vscode");
const decoded = require("./decoded");
const server = require("./server");
const suites = require("./suites");
const types = require("./types");

exports.activate = async function (context) {
  const output = window.createOutputChannel("maapol", { log: true });
  context.subscriptions.push(output);
  decoded.register(context);
  suites.register(context, output);
  await server.register(context, output);
  types.register(context); // asks the server
};

exports.deactivate = function () {
  return server.stop();
};
