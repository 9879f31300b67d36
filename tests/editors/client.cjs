// SPDX-License-Identifier: Apache-2.0
// Drives `maapol lsp` with the client library of VS Code, which nobody here
// wrote. usage: node client.cjs MAAPOL
"use strict";
const assert = require("assert");
const { spawn } = require("child_process");
const rpc = require("vscode-languageserver-protocol/node");

const uri = "file:///nowhere/a.maapolicy";
const text = `// maapol: type=SgxEnclave
version=1.2;
authorizationrules
{
  c:[type=="x-ms-sgx-is-debuggable", value==false]
    => add(type="fine", value=c.value);
  [type="fine", value==true] => permit();
};
issuancerules { => issue(type="n", value=AppendString("a", "b")); };
`;
const document = { uri };
const position = { line: 5, character: 17 };
const range = { start: { line: 6, character: 0 },
                end: { line: 6, character: 20 } };
let passed = 0;

function check(name, holds) {
  assert(holds, name);
  passed++;
}

async function features(c) {
  const ask = (type, more) =>
    c.sendRequest(type, { textDocument: document, ...more });
  const hover = await ask(rpc.HoverRequest.type,
                          { position: { line: 4, character: 12 } });
  check("hover", hover.contents.value.includes("Boolean"));
  const list = await ask(rpc.CompletionRequest.type,
                         { position: { line: 4, character: 15 } });
  const item = list.items.find((i) => i.label === "x-ms-sgx-svn");
  check("completion", item);
  const resolved = await c.sendRequest(rpc.CompletionResolveRequest.type, item);
  check("resolve", resolved.documentation.value.includes("Integer"));
  const help = await ask(rpc.SignatureHelpRequest.type,
                         { position: { line: 8, character: 60 } });
  check("signature", help.activeParameter === 1);
  check("definition",
        (await ask(rpc.DefinitionRequest.type,
                   { position: { line: 6, character: 10 } }))
          .every((l) => l.range.start.line === 5));
  check("references",
        (await ask(rpc.ReferencesRequest.type,
                   { position, context: { includeDeclaration: true } }))
          .length === 2);
  check("highlight",
        (await ask(rpc.DocumentHighlightRequest.type, { position })).length
          === 2);
  check("prepare",
        (await ask(rpc.PrepareRenameRequest.type, { position })).placeholder
          === "fine");
  check("rename",
        (await ask(rpc.RenameRequest.type, { position, newName: "good" }))
          .changes[uri].length === 2);
  check("symbols",
        (await ask(rpc.DocumentSymbolRequest.type, {})).length === 2);
  check("workspace symbols",
        (await c.sendRequest(rpc.WorkspaceSymbolRequest.type,
                             { query: "fine" })).length === 1);
  check("folding",
        (await ask(rpc.FoldingRangeRequest.type, {})).length >= 2);
  check("selection",
        (await ask(rpc.SelectionRangeRequest.type,
                   { positions: [position] }))[0].parent);
  const full = await ask(rpc.SemanticTokensRequest.type, {});
  check("semantic tokens", full.data.length % 5 === 0 && full.data.length);
  const delta = await ask(rpc.SemanticTokensDeltaRequest.type,
                          { previousResultId: full.resultId });
  check("semantic delta", delta.edits.length === 0);
  check("semantic range",
        (await ask(rpc.SemanticTokensRangeRequest.type, { range })).data
          .length > 0);
  return ask(rpc.CodeActionRequest.type,
             { range, context: { diagnostics: [] } });
}

async function main() {
  const server = spawn(process.argv[2], ["lsp", "--stdio"],
                       { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => server.on("exit", done));
  const c = rpc.createProtocolConnection(
    new rpc.StreamMessageReader(server.stdout),
    new rpc.StreamMessageWriter(server.stdin));
  let findings = null;
  const waiting = [];
  c.onNotification(rpc.PublishDiagnosticsNotification.type, (p) => {
    findings = p;
    while (waiting.length) waiting.shift()();
  });
  const next = () => new Promise((done) => waiting.push(done));
  c.listen();
  const made = await c.sendRequest(rpc.InitializeRequest.type, {
    processId: process.pid, rootUri: null, capabilities: {
      textDocument: { codeAction: { codeActionLiteralSupport:
        { codeActionKind: { valueSet: ["quickfix"] } } } } } });
  check("initialize", made.capabilities.hoverProvider);
  await c.sendNotification(rpc.InitializedNotification.type, {});
  let pushed = next();
  await c.sendNotification(rpc.DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "maapolicy", version: 1, text } });
  await pushed;
  check("push", findings.diagnostics.some((d) => d.code === "P002"));
  const pulled = await c.sendRequest(rpc.DocumentDiagnosticRequest.type,
                                     { textDocument: document });
  check("pull", pulled.items.length === findings.diagnostics.length);
  const actions = await features(c);
  const edit = actions[0].edit.changes[uri][0];
  pushed = next();
  await c.sendNotification(rpc.DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range: edit.range, text: edit.newText }] });
  await pushed;
  check("fix", !findings.diagnostics.some((d) => d.severity === 1));
  const options = { tabSize: 2, insertSpaces: true };
  check("format", Array.isArray(
    await c.sendRequest(rpc.DocumentFormattingRequest.type,
                        { textDocument: document, options })));
  check("format range", Array.isArray(
    await c.sendRequest(rpc.DocumentRangeFormattingRequest.type,
                        { textDocument: document, range, options })));
  await c.sendRequest(rpc.ShutdownRequest.type);
  await c.sendNotification(rpc.ExitNotification.type);
  check("exit", (await ended) === 0);
}

main().then(() => console.log(`${passed} passed, 0 failed`), (error) => {
  console.log(`FAILED: ${error.stack}\n${passed} passed, 1 failed`);
  process.exit(1);
});
