// SPDX-License-Identifier: Apache-2.0
// Of the module `vscode`: what the extension uses, as far as its parts can be
// tried without an editor.
"use strict";
const fs = require("fs");
const { fileURLToPath, pathToFileURL } = require("url");

class Uri {
  constructor(parts) {
    Object.assign(this, { scheme: "file", path: "", query: "" }, parts);
  }

  get fsPath() {
    return this.path;
  }

  toString() {
    return this.scheme === "file" ? pathToFileURL(this.path).href
      : `${this.scheme}:${this.path}?${this.query}`;
  }

  static file(path) {
    return new Uri({ path });
  }

  static from(parts) {
    return new Uri(parts);
  }

  static parse(text) {
    return Uri.file(fileURLToPath(text));
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end) {
    Object.assign(this, { start, end });
  }
}

class TestMessage {
  constructor(message) {
    this.message = message;
  }
}

class Location {
  constructor(uri, range) {
    Object.assign(this, { uri, range });
  }
}

class EventEmitter {
  constructor() {
    this.event = () => ({});
  }

  fire() {}
}

class Document {
  constructor(uri, text, languageId) {
    Object.assign(this, { uri, text, languageId });
  }

  getText() {
    return this.text;
  }

  positionAt(offset) {
    const lines = this.text.slice(0, offset).split("\n");
    return new Position(lines.length - 1, lines[lines.length - 1].length);
  }

  offsetAt({ line, character }) {
    return this.text.split("\n").slice(0, line)
      .reduce((sum, l) => sum + l.length + 1, 0) + character;
  }

  replace(range, text) {
    this.text = this.text.slice(0, this.offsetAt(range.start)) + text +
      this.text.slice(this.offsetAt(range.end));
  }
}

// The children of a test, or all suites.
class Items {
  constructor() {
    this.map = new Map();
  }

  get size() {
    return this.map.size;
  }

  get(id) {
    return this.map.get(id);
  }

  add(item) {
    this.map.set(item.id, item);
  }

  delete(id) {
    this.map.delete(id);
  }

  replace(items) {
    this.map = new Map(items.map((i) => [i.id, i]));
  }

  forEach(f) {
    this.map.forEach((item) => f(item));
  }
}

const commands = new Map();
const providers = new Map();
const listeners = { active: [], changed: [], configured: [] };
const stub = module.exports = {
  Uri, Position, Range, TestMessage, Location, EventEmitter,
  StatusBarAlignment: { Right: 2 }, ViewColumn: { Beside: -2 },
  TestRunProfileKind: { Run: 1 },
  settings: {}, trusted: true, shown: [], problems: [], files: [],
  context: { subscriptions: [] },
  output: { error: (e) => stub.problems.push(String(e)) },
};

stub.reset = function () {
  commands.clear();
  Object.assign(stub, { shown: [], problems: [], files: [] });
  stub.workspace.textDocuments = [];
  listeners.active = [];
  listeners.changed = [];
};

stub.run = (name) => commands.get(name)();

// Tells of a setting that was changed.
stub.configure = (name) => Promise.all(listeners.configured.map(
  (f) => f({ affectsConfiguration: (other) => other === name })));

stub.open = function (uri, text, languageId) {
  const document = new Document(uri, text, languageId);
  stub.workspace.textDocuments.push(document);
  stub.window.activeTextEditor = {
    document,
    async edit(make) {
      make({ replace: (range, t) => document.replace(range, t),
             insert: (at, t) => document.replace(new Range(at, at), t) });
      listeners.changed.forEach((f) => f({ document }));
      return true;
    },
  };
  listeners.active.forEach((f) => f());
  return document;
};

stub.settled = async function (holds) {
  for (let i = 0; i < 500 && !holds(); i++)
    await new Promise((done) => setTimeout(done, 10));
};

// Runs every test; what became of each.
stub.runAll = async function () {
  const results = [];
  const put = (state) => (item, message) =>
    results.push({ label: item.label, state, message });
  stub.testRun = { started() {}, appendOutput() {}, end() {},
                   passed: put("passed"), failed: put("failed"),
                   errored: put("errored") };
  await stub.profile({}, { isCancellationRequested: false,
                           onCancellationRequested() {} });
  return results;
};

stub.status = { shown: false, show() { this.shown = true; },
                hide() { this.shown = false; } };

stub.window = {
  activeTextEditor: undefined,
  createStatusBarItem: () => stub.status,
  onDidChangeActiveTextEditor: (f) => listeners.active.push(f),
  showQuickPick: async (items) => stub.pick(items),
  showTextDocument: async (document) => {
    stub.window.activeTextEditor = { document };
  },
  showWarningMessage: (text) => stub.shown.push(text),
  showErrorMessage: async (text) => { stub.shown.push(text); },
};

stub.workspace = {
  textDocuments: [],
  get isTrusted() {
    return stub.trusted;
  },
  getConfiguration: (group) => ({
    get: (name) => stub.settings[`${group}.${name}`] }),
  asRelativePath: (uri) => uri.path,
  createFileSystemWatcher: () => ({ onDidCreate() {}, onDidChange() {},
                                    onDidDelete() {} }),
  findFiles: async () => stub.files,
  onDidOpenTextDocument() {},
  onDidSaveTextDocument() {},
  onDidChangeTextDocument: (f) => listeners.changed.push(f),
  onDidGrantWorkspaceTrust() {},
  onDidChangeConfiguration: (f) => listeners.configured.push(f),
  saveAll: async () => true,
  registerTextDocumentContentProvider: (scheme, provider) =>
    providers.set(scheme, provider),
  async openTextDocument(uri) {
    const name = uri.toString();
    const open = stub.workspace.textDocuments.find(
      (d) => d.uri.toString() === name);
    if (open) return open;
    const text = providers.has(uri.scheme)
      ? await providers.get(uri.scheme).provideTextDocumentContent(uri)
      : fs.readFileSync(uri.path, "utf8");
    return new Document(uri, text, "plaintext");
  },
};

stub.commands = {
  registerCommand: (name, body) => commands.set(name, body),
};

stub.tests = {
  createTestController() {
    stub.controller = {
      items: new Items(),
      createTestItem: (id, label, uri) =>
        ({ id, label, uri, children: new Items() }),
      createRunProfile: (name, kind, run) => { stub.profile = run; },
      createTestRun: () => stub.testRun,
    };
    return stub.controller;
  },
};
