// SPDX-License-Identifier: Apache-2.0
// `maapol lsp` as the language server of policies and their tests.
"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const program = require("./program");

const SELECTOR = [
  { language: "maapolicy" },
  { pattern: "**/*.maatest.json" },
  { pattern: "**/.maapol.json" },
];
let client;

const middleware = {
  provideInlayHints(document, range, token, next) {
    const settings = vscode.workspace.getConfiguration("maapol", document);
    return settings.get("inlayHints") ? next(document, range, token) : [];
  },
};

function make(context, output) {
  const watchers = ["**/.maapol.json", "**/*.maatest.json"]
    .map((p) => vscode.workspace.createFileSystemWatcher(p));
  context.subscriptions.push(...watchers);
  return new LanguageClient(
    "maapol", "maapol", { command: program.path(), args: ["lsp"] },
    { documentSelector: SELECTOR, middleware, outputChannel: output,
      // Without trust the server runs no program.
      initializationOptions: { trusted: vscode.workspace.isTrusted },
      synchronize: { fileEvents: watchers } });
}

async function start(context, output) {
  client = make(context, output);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    output.error(error);
    const settings = "Open settings";
    const answer = vscode.window.showErrorMessage(
      `maapol: ${program.path()} does not start: ${error.message}`, settings);
    answer.then((said) => said === settings &&
      vscode.commands.executeCommand("workbench.action.openSettings",
                                     "maapol.path"));
  }
}

// What the server answers; null if it does not run or refuses.
exports.ask = async function (method, params) {
  return client ? client.sendRequest(method, params).catch(() => null) : null;
};

exports.stop = async function () {
  const old = client;
  client = undefined;
  if (old) await old.stop().catch(() => {});
};

exports.register = async function (context, output) {
  const again = async () => {
    await exports.stop();
    await start(context, output);
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("maapol.restart", again),
    vscode.commands.registerCommand("maapol.showOutput",
                                    () => output.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(again),
    vscode.workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration("maapol.path") && again()));
  await start(context, output);
};
