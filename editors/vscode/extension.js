// SPDX-License-Identifier: Apache-2.0
"use strict";
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = function () {
  const command = workspace.getConfiguration("maapol").get("path");
  client = new LanguageClient("maapol", { command, args: ["lsp"] }, {
    documentSelector: [{ language: "maapolicy" }],
    synchronize: {
      fileEvents: workspace.createFileSystemWatcher("**/.maapol.json"),
    },
  });
  return client.start();
};

exports.deactivate = function () {
  return client && client.stop();
};
