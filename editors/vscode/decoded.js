// SPDX-License-Identifier: Apache-2.0
// What is inside of a token, as a document that nobody can change: its bytes
// are what was signed. Of a policy that the server watches, the text of the
// policy, with all that the server says of policies; of other tokens what
// `maapol token show` says. Decoding verifies nothing, and the view says so.
"use strict";
const vscode = require("vscode");
const program = require("./program");
const server = require("./server");

const POLICY = "maapol-decoded"; // the server's name for it
const TOKEN = "maapol-token";

async function readToken(view) {
  const source = await vscode.workspace.openTextDocument(
    vscode.Uri.parse(view.query, true));
  const result = await program.run(["token", "show", "-"],
                                   { input: source.getText() });
  return result.status === 0
    ? "decoded only: no signature was verified\n\n" + result.stdout
    : `This is no token.\n\n${result.stderr}`;
}

// {uri, text} of the policy inside; null if there is none.
function inside(uri) {
  return server.ask("maapol/decoded", {
    textDocument: { uri: uri.toString() } });
}

// Also of views that links of the server lead to.
async function readPolicy(view) {
  const found = await inside(view);
  return found ? found.text : "";
}

async function viewOfPolicy(document) {
  return document.languageId === "maapolicy" && await inside(document.uri)
    ? vscode.Uri.from({ scheme: POLICY, path: document.uri.toString() })
    : null;
}

function viewOfToken(source) {
  return vscode.Uri.from({ scheme: TOKEN, path: source.path + " (decoded)",
                           query: source.toString() });
}

async function open(uri, changed) {
  const editor = vscode.window.activeTextEditor;
  const source = uri instanceof vscode.Uri ? uri
                                           : editor && editor.document.uri;
  if (!source || source.scheme === POLICY || source.scheme === TOKEN) return;
  const policy = await viewOfPolicy(
    await vscode.workspace.openTextDocument(source));
  const view = policy || viewOfToken(source);
  changed.fire(view); // it may be open, with what was there before
  const document = await vscode.workspace.openTextDocument(view);
  if (policy)
    await vscode.languages.setTextDocumentLanguage(document, "maapolicy");
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.Beside, preview: true,
    preserveFocus: true });
}

exports.register = function (context) {
  const changed = new vscode.EventEmitter();
  const provide = (scheme, provideTextDocumentContent) =>
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event, provideTextDocumentContent });
  context.subscriptions.push(
    changed,
    provide(TOKEN, readToken),
    provide(POLICY, readPolicy),
    vscode.workspace.onDidChangeTextDocument((event) => {
      const name = event.document.uri.toString();
      for (const { uri } of vscode.workspace.textDocuments)
        if ((uri.scheme === TOKEN && uri.query === name) ||
            (uri.scheme === POLICY && uri.path === name))
          changed.fire(uri);
    }),
    vscode.commands.registerCommand("maapol.showToken",
                                    (uri) => open(uri, changed)));
};
