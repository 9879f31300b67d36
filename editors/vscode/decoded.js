// SPDX-License-Identifier: Apache-2.0
// A token laid open beside its text, as a document that nobody can change: its
// bytes are what was signed. Decoding verifies nothing, and the view says so.
"use strict";
const vscode = require("vscode");
const program = require("./program");

const SCHEME = "maapol-decoded";
exports.SCHEME = SCHEME;

// The document that a view shows, by the view's query.
function sourceOf(view) {
  return vscode.Uri.parse(view.query, true);
}

async function decode(view) {
  const source = await vscode.workspace.openTextDocument(sourceOf(view));
  const result = await program.run(["token", "show", "-"],
                                   { input: source.getText() });
  return result.status === 0
    ? "decoded only: no signature was verified\n\n" + result.stdout
    : `This is no token.\n\n${result.stderr}`;
}

async function open(uri) {
  const editor = vscode.window.activeTextEditor;
  const source = uri instanceof vscode.Uri ? uri
                                           : editor && editor.document.uri;
  if (!source || source.scheme === SCHEME) return;
  const view = vscode.Uri.from({ scheme: SCHEME,
                                 path: source.path + " (decoded)",
                                 query: source.toString() });
  const document = await vscode.workspace.openTextDocument(view);
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.Beside, preview: true,
    preserveFocus: true });
}

exports.register = function (context) {
  const changed = new vscode.EventEmitter();
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: decode,
    }),
    vscode.workspace.onDidChangeTextDocument((event) => {
      const name = event.document.uri.toString();
      for (const document of vscode.workspace.textDocuments)
        if (document.uri.scheme === SCHEME && document.uri.query === name)
          changed.fire(document.uri);
    }),
    vscode.commands.registerCommand("maapol.showDecoded", open));
};
