// SPDX-License-Identifier: Apache-2.0
// One run of `maapol lsp` and the client library of VS Code before it. Keeps
// every message of the server, for types.cjs.
"use strict";
const { spawn } = require("child_process");
const { pathToFileURL } = require("url");
const rpc = require("vscode-languageserver-protocol/node");
const { wrongRanges } = require("./types.cjs");

const SECONDS = 30;

// By method: the name under which the library exports request or notification.
const names = {};
for (const [name, value] of Object.entries(rpc))
  if (value && value.type && value.type.method)
    names[value.type.method] = name;

// What the client can do: all that the protocol has, so that the server shows
// all that it has.
const capabilities = {
  general: { positionEncodings: ["utf-16"] },
  window: { workDoneProgress: true, showMessage: {},
            showDocument: { support: true } },
  workspace: {
    applyEdit: true, workspaceFolders: true, configuration: true,
    workspaceEdit: { documentChanges: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    didChangeConfiguration: { dynamicRegistration: true },
    executeCommand: {}, codeLens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    diagnostics: { refreshSupport: true },
    semanticTokens: { refreshSupport: true },
    symbol: { resolveSupport: { properties: ["location.range"] } },
  },
  textDocument: {
    synchronization: { didSave: true }, hover: {
      contentFormat: ["markdown", "plaintext"] },
    completion: { completionItem: {
      snippetSupport: true, documentationFormat: ["markdown", "plaintext"],
      resolveSupport: { properties: ["documentation", "detail"] } } },
    signatureHelp: {}, definition: {}, references: {}, documentHighlight: {},
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    codeAction: { isPreferredSupport: true, disabledSupport: true,
      dataSupport: true, resolveSupport: { properties: ["edit"] },
      codeActionLiteralSupport: { codeActionKind: {
        valueSet: ["quickfix", "refactor", "refactor.extract",
                   "refactor.rewrite", "source", "source.fixAll"] } } },
    codeLens: {}, documentLink: { tooltipSupport: true }, formatting: {},
    rangeFormatting: {}, onTypeFormatting: {},
    rename: { prepareSupport: true }, foldingRange: {}, selectionRange: {},
    publishDiagnostics: { relatedInformation: true, versionSupport: true,
      codeDescriptionSupport: true, tagSupport: { valueSet: [1, 2] } },
    callHierarchy: {}, inlayHint: { resolveSupport: {
      properties: ["tooltip"] } },
    semanticTokens: { requests: { full: { delta: true }, range: true },
      tokenTypes: [], tokenModifiers: [], formats: ["relative"] },
  },
};

class Session {
  constructor(program, folder) {
    this.folder = pathToFileURL(folder).href;
    this.seen = []; // {name, method, kind, value}
    this.wrong = []; // ranges
    this.pushed = new Map(); // findings by URI
    this.waiting = [];
    this.texts = new Map(); // by URI, as the server has them
    this.server = spawn(program, ["lsp", "--stdio"],
                        { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((done) => this.server.on("exit", done));
    this.connection = rpc.createProtocolConnection(
      new rpc.StreamMessageReader(this.server.stdout),
      new rpc.StreamMessageWriter(this.server.stdin));
    this.connection.onNotification((m, p) => this.noticed(m, p));
    this.connection.onRequest((m, p) => this.asked(m, p));
    this.progress = []; // of the token "w"
    this.connection.onProgress(rpc.WorkDoneProgress.type, "w", (value) => {
      this.progress.push(value);
      this.wake();
    });
    this.connection.listen();
  }

  // `uri`: of the document that was asked about. Ranges are held against the
  // text of this moment.
  keep(method, kind, value, uri) {
    this.seen.push({ name: names[method], method, kind, value });
    for (const wrong of wrongRanges(value, uri, this.texts))
      this.wrong.push(`${method}: ${wrong}`);
  }

  noticed(method, params) {
    this.keep(method, "params", params);
    if (method === "textDocument/publishDiagnostics")
      this.pushed.set(params.uri, params);
    this.wake();
  }

  // What the server asks of an editor that agrees to all.
  asked(method, params) {
    this.keep(method, "params", params);
    this.wake();
    switch (method) {
    case "workspace/applyEdit":
      return { applied: true };
    case "workspace/configuration":
      return params.items.map(() => null);
    case "window/showDocument":
      return { success: true };
    default:
      return null;
    }
  }

  wake() {
    for (const w of this.waiting.splice(0)) w();
  }

  // Until `holds` gives something; what it gave.
  async until(what, holds) {
    const end = Date.now() + SECONDS * 1000;
    for (;;) {
      const got = holds();
      if (got) return got;
      if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
      await new Promise((done) => {
        const timer = setTimeout(done, 100);
        this.waiting.push(() => (clearTimeout(timer), done()));
      });
    }
  }

  async ask(name, params, token) {
    const { type } = rpc[name + "Request"] || rpc[name];
    const result = await this.connection.sendRequest(type, params, token);
    this.keep(type.method, "result", result,
              params && params.textDocument && params.textDocument.uri);
    return result;
  }

  tell(name, params) {
    return this.connection.sendNotification(rpc[name + "Notification"].type,
                                            params);
  }

  uri(name) {
    return `${this.folder}/${name}`;
  }

  open(name, languageId, text) {
    const uri = this.uri(name);
    this.texts.set(uri, text);
    return this.tell("DidOpenTextDocument", {
      textDocument: { uri, languageId, version: 1, text } });
  }

  // Findings of the next push after this change of the whole text or a part.
  async change(name, version, changes, text) {
    const uri = this.uri(name);
    this.texts.set(uri, text);
    this.pushed.delete(uri);
    await this.tell("DidChangeTextDocument", {
      textDocument: { uri, version }, contentChanges: changes });
    return this.findings(name);
  }

  async findings(name) {
    const pushed = await this.until(
      `findings of ${name}`, () => this.pushed.get(this.uri(name)));
    return pushed.diagnostics;
  }

  initialize(more = {}) {
    return this.ask("Initialize", {
      processId: process.pid, rootUri: this.folder, capabilities,
      workspaceFolders: [{ uri: this.folder, name: "w" }], ...more });
  }

  async end() {
    await this.ask("Shutdown");
    await this.tell("Exit");
    return this.ended;
  }
}

module.exports = { Session, names };
