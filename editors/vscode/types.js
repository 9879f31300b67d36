// SPDX-License-Identifier: Apache-2.0
// The attestation type of the policy in the status bar. A click changes it: it
// stands in the policy's comment `// maapol: type=SgxEnclave`.
"use strict";
const vscode = require("vscode");
const server = require("./server");

const TYPES = [
  ["SgxEnclave", "Intel SGX"],
  ["OpenEnclave", "Intel SGX, reports of Open Enclave"],
  ["SevSnpVm", "AMD SEV-SNP, confidential machines"],
  ["TdxVm", "Intel TDX, confidential machines"],
  ["AzureGuest", "guests of Azure, Trusted Launch"],
  ["Tpm", "TPM and VBS enclaves"],
];
// Strings and block comments come first: what looks like a comment in them is
// none.
const PIECES = /"(?:\\[^]|[^"\\])*"|\/\*[^]*?\*\/|\/\/([^\r\n]*)/g;
const DIRECTIVE = /^[ \t]*maapol:[ \t]*type=(\S+)[ \t]*$/;

// The comment that names the type: {name, start, end} of the whole comment.
exports.find = function (text) {
  for (const piece of text.matchAll(PIECES)) {
    const said = DIRECTIVE.exec(piece[1] || "");
    if (said)
      return { name: said[1], start: piece.index,
               end: piece.index + piece[0].length };
  }
  return null;
};

// The type that holds and what says so; without a server, what the text says.
async function typeOf(document) {
  const found = exports.find(document.getText());
  return await server.ask("maapol/type", {
    textDocument: { uri: document.uri.toString() } }) ||
    { type: found && found.name, from: found && "text" };
}

async function show(item) {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.languageId !== "maapolicy") {
    item.hide();
    return;
  }
  const { type, from } = await typeOf(editor.document);
  if (editor !== vscode.window.activeTextEditor) return;
  item.text = `$(shield) ${type || "no type"}`;
  item.tooltip = !type ? "Nothing names the attestation type of this policy"
    : from === "text" ? "Attestation type of this policy"
    : "Attestation type of this policy, by .maapol.json";
  item.show();
}

async function choose() {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.languageId !== "maapolicy") return;
  const picked = await vscode.window.showQuickPick(
    TYPES.map(([label, description]) => ({ label, description })),
    { title: "Attestation type of the policy" });
  if (!picked) return;
  const { document } = editor;
  const found = exports.find(document.getText());
  const comment = `// maapol: type=${picked.label}`;
  await editor.edit((edit) => {
    if (found)
      edit.replace(new vscode.Range(document.positionAt(found.start),
                                    document.positionAt(found.end)), comment);
    else
      edit.insert(new vscode.Position(0, 0), comment + "\n");
  });
}

exports.register = function (context) {
  const item = vscode.window.createStatusBarItem(
    "maapol.type", vscode.StatusBarAlignment.Right, 100);
  item.name = "Attestation type";
  item.command = "maapol.chooseType";
  const again = () => show(item);
  context.subscriptions.push(
    item,
    vscode.commands.registerCommand("maapol.chooseType", choose),
    vscode.window.onDidChangeActiveTextEditor(again),
    vscode.workspace.onDidOpenTextDocument(again),
    vscode.workspace.onDidSaveTextDocument(again), // the configuration
    vscode.workspace.onDidChangeTextDocument((event) => {
      const editor = vscode.window.activeTextEditor;
      if (editor && event.document === editor.document) again();
    }));
  again();
};
