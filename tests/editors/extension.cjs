// SPDX-License-Identifier: Apache-2.0
// Parts of the VS Code extension, with the real program and a stand-in for the
// editor: which type a policy names, how it is changed, the test view, tokens.
// VS Code itself: vscode.py. usage: node extension.cjs MAAPOL EXTENSION
"use strict";
const assert = require("assert");
const fs = require("fs");
const Module = require("module");
const os = require("os");
const path = require("path");
const { execFileSync } = require("child_process");
const { commands } = require("./commands.cjs");
const { made } = require("./client-stub.cjs");
const stub = require("./editor-stub.cjs");

const [maapol, extension] = process.argv.slice(2).map((p) => path.resolve(p));
const resolve = Module._resolveFilename;
// Libraries of the extension are those of the tests; the editor is ours.
Module._resolveFilename = function (name, parent, ...more) {
  if (name === "vscode") return require.resolve("./editor-stub.cjs");
  if (name === "vscode-languageclient/node")
    return require.resolve("./client-stub.cjs");
  if (!name.startsWith(".") && parent && parent.path.startsWith(extension))
    return require.resolve(name);
  return resolve.call(this, name, parent, ...more);
};
const part = (name) => require(path.join(extension, name));
let passed = 0, failed = 0;

async function test(name, body) {
  try {
    await body();
    passed++;
  } catch (error) {
    failed++;
    console.log(`FAILED: ${name}: ${error.stack || error}`);
  }
}

// The extension and `maapol check` see the same type.
function types() {
  const { find } = part("types.js");
  const name = (text) => (find(text) || { name: null }).name;
  const rest = "\nversion=1.0;authorizationrules{=>permit();};\n";
  const cases = [
    ["// maapol: type=SgxEnclave", "SgxEnclave"],
    ["//maapol:type=Tpm", "Tpm"],
    ["\t// \t maapol: \t type=TdxVm \t", "TdxVm"],
    ["/* // maapol: type=Tpm */", null],
    ['/* " */ // maapol: type=Tpm', "Tpm"],
    ["// see maapol: type=Tpm", null],
    ["// maapol: type=Tpm or so", null],
    ["// maapol: type= Tpm", null],
    ["", null],
  ];
  for (const [text, type] of cases)
    assert.equal(name(text + rest), type, text);
  assert.equal(name('version=1.0;authorizationrules{[value=="\n' +
                    '// maapol: type=Tpm\n"]=>permit();};'), null);
}

async function changing() {
  stub.reset();
  const register = part("types.js").register;
  register(stub.context);
  const uri = stub.Uri.file("/p.maapolicy");
  for (const [before, after] of [
    ["version=1.0;\n", "// maapol: type=TdxVm\nversion=1.0;\n"],
    ["// a\n// maapol: type=Tpm  \nversion", "// a\n// maapol: type=TdxVm" +
     "\nversion"],
  ]) {
    const document = stub.open(uri, before, "maapolicy");
    stub.pick = (items) => items.find((i) => i.label === "TdxVm");
    await stub.run("maapol.chooseType");
    assert.equal(document.getText(), after);
    await stub.settled(() => stub.status.text === "$(shield) TdxVm");
  }
  // What the server says of the type holds: the configuration may name it.
  const server = part("server.js"), ask = server.ask;
  server.ask = async (method) => method === "maapol/type" &&
    { type: "Tpm", from: "configuration" };
  stub.open(uri, "version=1.0;\n", "maapolicy");
  await stub.settled(() => stub.status.text === "$(shield) Tpm");
  assert.match(stub.status.tooltip, /by \.maapol\.json/);
  server.ask = ask;
  stub.open(stub.Uri.file("/a.txt"), "x", "plaintext");
  await stub.settled(() => !stub.status.shown);
}

const SUITE = { policy: "p.maapolicy", tests: [
  { name: "yes", claims: { "x-ms-sgx-svn": 3 },
    expect: { decision: "permit" } },
  { name: "no", claims: { "x-ms-sgx-svn": 3 },
    expect: { decision: "deny" } },
  { name: "row", claims: {}, expect: { decision: "deny" }, rows: [
    { name: "a" }, { name: "b", set: { "x-ms-sgx-svn": 3 } }] }] };
const POLICY = 'version=1.0;authorizationrules{[type=="x-ms-sgx-svn", ' +
  "value>=3]=>permit();};";

function write(folder, name, text) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

async function suites(folder) {
  stub.reset();
  write(folder, "p.maapolicy", POLICY);
  const file = write(folder, "p.maatest.json",
                     JSON.stringify(SUITE, null, 2));
  const broken = write(folder, "b.maatest.json",
                       '{"policy": "p.maapolicy", "tests": [{"name": "x"}]}');
  stub.files = [file, broken].map((f) => stub.Uri.file(f));
  part("suites.js").register(stub.context, stub.output);
  await stub.settled(() => stub.controller.items.size === 2);
  const results = await stub.runAll();
  const of = (name) => results.find((r) => r.label === name);
  assert.equal(of("yes").state, "passed");
  assert.equal(of("row / a").state, "passed");
  assert.equal(of("row / b").state, "failed");
  assert.equal(of("no").state, "failed");
  assert.match(of("no").message.message, /expected deny, got permit/);
  assert.equal(of("no").message.expectedOutput, "deny");
  assert.equal(of("no").message.location.range.line,
               JSON.stringify(SUITE, null, 2).split('"no"')[0]
                 .split("\n").length - 2);
  // A suite that cannot be used is an error, never a test left out.
  assert.equal(of("x").state, "errored");
  assert.ok(!stub.problems.length, stub.problems.join());
}

async function untrusted() {
  stub.trusted = false;
  const results = await stub.runAll();
  stub.trusted = true;
  assert.deepEqual(results, []);
  assert.match(stub.shown.join(), /trusted/);
}

async function missing() {
  stub.settings["maapol.path"] = "/nowhere/maapol";
  const results = await stub.runAll();
  stub.settings["maapol.path"] = maapol;
  assert.ok(results.length && results.every((r) => r.state === "errored"));
}

async function tokens(folder) {
  stub.reset();
  const policy = write(folder, "p.maapolicy", POLICY);
  const token = execFileSync(maapol, ["sign", "--unsecured", "--policy",
                                      policy], { encoding: "utf8" });
  part("decoded.js").register(stub.context);
  const source = stub.Uri.file(path.join(folder, "p.jws"));
  stub.open(source, token, "plaintext");
  await stub.run("maapol.showToken");
  const view = stub.window.activeTextEditor.document;
  assert.equal(view.uri.scheme, "maapol-token");
  assert.match(view.getText(), /no signature was verified/);
  assert.match(view.getText(), /x-ms-sgx-svn/);
  stub.open(stub.Uri.file(path.join(folder, "no.jws")), "nothing", "plaintext");
  await stub.run("maapol.showToken");
  assert.match(stub.window.activeTextEditor.document.getText(),
               /^This is no token/);
}

// A program that is not there is told of, and started when it is named.
async function starting() {
  stub.reset();
  const server = part("server.js");
  stub.settings["maapol.path"] = "/nowhere/maapol";
  await server.register(stub.context, stub.output);
  assert.match(stub.shown.join(), /\/nowhere\/maapol does not start/);
  assert.equal(await server.ask("maapol/decoded", {}), null);
  stub.settings["maapol.path"] = maapol;
  stub.trusted = false;
  await stub.configure("maapol.path");
  stub.trusted = true;
  const [first, second] = made;
  assert.ok(!first.running && second.running);
  assert.deepEqual(second.program, { command: maapol, args: ["lsp"] });
  assert.deepEqual(second.options.initializationOptions, { trusted: false });
  await stub.run("maapol.restart");
  assert.ok(!second.running && made[2].running);
  assert.equal(made[2].options.initializationOptions.trusted, true);
  await server.stop();
  assert.ok(!made[2].running);
}

// Every command of the manifest is one that the code registers, and none that
// the client registers for the server: the second of one name fails.
function manifest() {
  const { contributes } = JSON.parse(
    fs.readFileSync(path.join(extension, "package.json"), "utf8"));
  const code = fs.readdirSync(extension).filter((n) => n.endsWith(".js"))
    .map((n) => fs.readFileSync(path.join(extension, n), "utf8")).join();
  for (const { command } of contributes.commands)
    assert.ok(code.includes(`registerCommand("${command}"`), command);
  for (const { command } of contributes.commands)
    assert.ok(!(command in commands), command);
  for (const name of code.match(/registerCommand\("[^"]+"/g))
    assert.ok(contributes.commands.some((c) => name.includes(c.command)),
              name);
}

async function main() {
  const folder = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), "maapol-extension-")));
  stub.settings["maapol.path"] = maapol;
  await test("types", types);
  await test("changing the type", changing);
  await test("suites", () => suites(folder));
  await test("suites in a workspace that is not trusted", untrusted);
  await test("no program", missing);
  await test("tokens", () => tokens(folder));
  await test("starting", starting);
  await test("manifest", manifest);
  fs.rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main();
