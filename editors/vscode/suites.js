// SPDX-License-Identifier: Apache-2.0
// The test view: every *.maatest.json is a suite, `maapol test` runs it.
"use strict";
const path = require("path");
const vscode = require("vscode");
const json = require("jsonc-parser");
const program = require("./program");

const PATTERN = "**/*.maatest.json";

// Tests of a suite with their places. As `maapol test` names them: a test with
// rows is one test for each row, "test / row".
exports.testsOf = function (text) {
  const root = json.parseTree(text);
  const list = root && json.findNodeAtLocation(root, ["tests"]);
  const found = [];
  const nameOf = (node) => {
    const name = json.findNodeAtLocation(node, ["name"]);
    return name && typeof name.value === "string" ? name.value : null;
  };
  for (const test of (list && list.children) || []) {
    const name = nameOf(test);
    const rows = json.findNodeAtLocation(test, ["rows"]);
    if (name === null) continue;
    if (!rows || rows.type !== "array")
      found.push({ name, start: test.offset, end: test.offset + test.length });
    else
      for (const row of rows.children)
        if (nameOf(row) !== null)
          found.push({ name: `${name} / ${nameOf(row)}`, start: row.offset,
                       end: row.offset + row.length });
  }
  return found;
};

// The text of a failure, and what a difference view can show.
exports.explain = function (test) {
  const lines = [];
  for (const m of test.mismatches || [])
    lines.push(`${m.what}: expected ${m.expected}, got ${m.got}`);
  if (test.reason) lines.push(`reason: ${test.reason}`);
  if (test.trace) lines.push(test.trace.trimEnd());
  return lines.join("\n") || test.status;
};

async function read(controller, uri) {
  const document = await vscode.workspace.openTextDocument(uri);
  const id = uri.toString();
  const suite = controller.items.get(id) ||
    controller.createTestItem(id, vscode.workspace.asRelativePath(uri), uri);
  suite.children.replace(exports.testsOf(document.getText()).map((t) => {
    const item = controller.createTestItem(`${id}#${t.name}`, t.name, uri);
    item.range = new vscode.Range(document.positionAt(t.start),
                                  document.positionAt(t.end));
    return item;
  }));
  controller.items.add(suite);
}

function message(item, test) {
  const m = new vscode.TestMessage(exports.explain(test));
  const [first] = test.mismatches || [];
  if (first) {
    m.expectedOutput = String(first.expected);
    m.actualOutput = String(first.got);
  }
  m.location = new vscode.Location(item.uri, item.range.start);
  return m;
}

function report(run, suite, wanted, answer) {
  const [got] = answer.suites;
  suite.children.forEach((item) => {
    if (!wanted(item)) return;
    const test = got.tests.find((t) => t.name === item.label);
    if (!test)
      run.errored(item, new vscode.TestMessage(got.failure ||
        "maapol test does not know this test; save the file"));
    else if (test.status === "passed")
      run.passed(item);
    else
      run.failed(item, message(item, test));
  });
  if (got.failure) {
    const m = new vscode.TestMessage(got.failure);
    m.location = new vscode.Location(
      suite.uri, new vscode.Position(Math.max(0, got.line - 1), 0));
    run.errored(suite, m);
  }
}

async function runSuite(run, suite, wanted, token) {
  const all = [];
  suite.children.forEach((item) => wanted(item) && all.push(item));
  all.forEach((item) => run.started(item));
  try {
    const result = await program.run(
      ["test", "--format", "json", path.basename(suite.uri.fsPath)],
      { cwd: path.dirname(suite.uri.fsPath), token });
    run.appendOutput(result.stderr.replace(/\n/g, "\r\n"));
    report(run, suite, wanted, JSON.parse(result.stdout));
  } catch (error) {
    const m = new vscode.TestMessage(
      token.isCancellationRequested ? "stopped"
                                    : `${program.path()}: ${error.message}`);
    [suite, ...all].forEach((item) => run.errored(item, m));
  }
}

async function runTests(controller, request, token) {
  const run = controller.createTestRun(request);
  const chosen = request.include || [];
  const left = request.exclude || [];
  const wants = (item) => !left.includes(item) &&
    (!chosen.length || chosen.includes(item) || chosen.includes(item.parent));
  const jobs = [];
  controller.items.forEach((suite) => {
    const some = !chosen.length || chosen.includes(suite) ||
      chosen.some((item) => item.parent === suite);
    if (some && !left.includes(suite)) jobs.push(suite);
  });
  // What is run is the file, not the editor's text.
  await vscode.workspace.saveAll(false);
  for (const suite of jobs)
    if (!token.isCancellationRequested)
      await runSuite(run, suite, wants, token);
  run.end();
}

// A first suite for a policy, as a text that is not saved yet.
async function create(uri) {
  const editor = vscode.window.activeTextEditor;
  const source = uri instanceof vscode.Uri ? uri
                                           : editor && editor.document.uri;
  if (!source || source.scheme !== "file") return;
  const result = await program.run(
    ["test", "--init", path.basename(source.fsPath)],
    { cwd: path.dirname(source.fsPath) });
  if (result.status !== 0) {
    vscode.window.showErrorMessage(result.stderr.trim());
    return;
  }
  await vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: "json",
                                              content: result.stdout }));
}

exports.register = function (context, output) {
  const controller = vscode.tests.createTestController(
    "maapol", "Attestation policies");
  const update = (uri) => read(controller, uri).catch((e) => output.error(e));
  const findAll = async () => {
    for (const uri of await vscode.workspace.findFiles(PATTERN))
      await update(uri);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(PATTERN);
  watcher.onDidCreate(update);
  watcher.onDidChange(update);
  watcher.onDidDelete((uri) => controller.items.delete(uri.toString()));
  controller.refreshHandler = findAll;
  const guard = (request, token) => {
    if (vscode.workspace.isTrusted)
      return runTests(controller, request, token);
    vscode.window.showWarningMessage(
      "maapol: tests run only in a workspace that is trusted.");
  };
  controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, guard,
                              true);
  context.subscriptions.push(
    controller, watcher,
    vscode.commands.registerCommand("maapol.createTests", create),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document.uri.path.endsWith(".maatest.json"))
        update(event.document.uri);
    }));
  findAll();
};
