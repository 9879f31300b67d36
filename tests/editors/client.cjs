// SPDX-License-Identifier: Apache-2.0
// Drives `maapol lsp` with the client library of VS Code, which nobody here
// wrote: every feature that the server announces, with every message held
// against the protocol. usage: node client.cjs MAAPOL
"use strict";
const assert = require("assert");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { pathToFileURL } = require("url");
const rpc = require("vscode-languageserver-protocol/node");
const { Session } = require("./session.cjs");
const { NAME, OLD, TEXT, features } = require("./features.cjs");
const { commands } = require("./commands.cjs");
const { wrongTypes } = require("./types.cjs");

const RIGHT = TEXT.replace('type="fine", value==', 'type=="fine", value==')
  .replace("  c:[", "     c:[");
const SUITE = JSON.stringify({
  policy: "right.maapolicy",
  tests: [{ name: "release", claims: { "x-ms-sgx-is-debuggable": false },
            expect: { decision: "permit" } },
          { name: "debug", claims: { "x-ms-sgx-is-debuggable": true },
            expect: { decision: "permit" } }] }, null, 2) + "\n";
// Members of a provider that say how, not what.
const DETAILS = ["identifier", "interFileDependencies", "workDoneProgress",
                 "firstTriggerCharacter", "moreTriggerCharacter", "label",
                 "documentSelector", "id"];

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

// Places of all that is announced: "renameProvider.prepareProvider" ..
function announced(capabilities) {
  const found = [];
  const look = (value, at) => {
    if (value === false || value === null) return;
    found.push(at);
    if (typeof value === "object" && !Array.isArray(value) &&
        !at.endsWith(".legend"))
      for (const [k, v] of Object.entries(value)) look(v, `${at}.${k}`);
  };
  for (const [k, v] of Object.entries(capabilities)) look(v, k);
  return found.filter((name) => !DETAILS.includes(
    name.split("Provider.")[1]));
}

// What each place stands for; a provider with parts may be tested by them.
async function everyFeature(h) {
  const all = announced(h.made.capabilities);
  for (const name of all) {
    const isGroup = all.some((other) => other.startsWith(name + "."));
    if (name.startsWith("executeCommandProvider")) continue;
    if (features[name]) await test(name, () => features[name](h));
    else if (!isGroup)
      await test(name, () => assert.fail("announced, but not tested"));
  }
  const { executeCommandProvider } = h.made.capabilities;
  for (const name of executeCommandProvider
         ? executeCommandProvider.commands : [])
    await test(name, () => commands[name]
      ? commands[name](h) : assert.fail("announced, but not tested"));
}

// Answers find their questions, whatever the order.
async function routing(h) {
  const at = (i) => ({ position: { line: i % 9, character: 3 * i % 50 } });
  const one = [];
  for (let i = 0; i < 60; i++) one.push(await h.ask("Hover", at(i)));
  const many = await Promise.all(one.map((_, i) => h.ask("Hover", at(i))));
  assert.deepEqual(many, one);
}

// A request that waits behind others and is cancelled is not answered: the
// server is stopped while they are sent, so that it sees them together.
async function cancelling(h) {
  h.session.server.kill("SIGSTOP");
  const token = new rpc.CancellationTokenSource();
  const params = { textDocument: { uri: h.uri }, position: { line: 4,
                                                             character: 15 } };
  const first = h.session.ask("Hover", params);
  const second = h.session.ask("Hover", params, token.token).then(
    () => "answered", (error) => error.code);
  const third = h.session.ask("Hover", params);
  await new Promise((done) => setTimeout(done, 100));
  token.cancel();
  await new Promise((done) => setTimeout(done, 100));
  h.session.server.kill("SIGCONT");
  assert.deepEqual(await first, await third);
  assert.equal(await second, rpc.LSPErrorCodes.RequestCancelled);
}

// A command that runs a program says when it begins and when it ends.
async function progress(h) {
  await h.session.ask("ExecuteCommand", {
    command: "maapol.test", arguments: [{ uri: h.suite }],
    workDoneToken: "w" });
  const kinds = await h.session.until("the end of the progress", () =>
    h.session.progress.some((p) => p.kind === "end") &&
      h.session.progress.map((p) => p.kind));
  assert.equal(kinds[0], "begin");
  assert.equal(kinds.filter((k) => k !== "report").length, 2);
}

async function unknown(h) {
  const code = await h.session.connection
    .sendRequest("maapol/nothing", {}).then(() => 0, (e) => e.code);
  assert.equal(code, rpc.ErrorCodes.MethodNotFound);
}

function complete(h, folder) {
  const complaints = wrongTypes(h.session.seen, folder);
  assert.deepEqual(complaints, [], complaints.join("\n"));
}

async function main() {
  const folder = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), "maapol-client-")));
  fs.mkdirSync(path.join(folder, ".git"));
  const files = { [NAME]: TEXT, "right.maapolicy": RIGHT, "old.maapolicy": OLD,
                  "right.maatest.json": SUITE };
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(folder, name), text);
  // Not opened, and in a folder of its own.
  const added = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), "maapol-added-")));
  for (const file of [path.join(folder, "unopened.maapolicy"),
                      path.join(added, "b.maapolicy")])
    fs.writeFileSync(file, "version=1.0\n");
  const session = new Session(path.resolve(process.argv[2]), folder);
  const made = await session.initialize();
  await session.tell("Initialized", {});
  for (const [name, text] of Object.entries(files))
    await session.open(name, name.endsWith("json") ? "json" : "maapolicy",
                       text);
  for (const name of [NAME, "right.maapolicy"]) await session.findings(name);
  const asks = (uri) => (name, more) =>
    session.ask(name, { textDocument: { uri }, ...more });
  const uri = session.uri(NAME);
  const askOld = asks(session.uri("old.maapolicy"));
  const rightUri = session.uri("right.maapolicy");
  const h = { session, made, uri, folder, ask: asks(uri), askOld,
              askRight: asks(rightUri),
              right: { uri: rightUri, text: RIGHT },
              suite: session.uri("right.maatest.json"),
              added: pathToFileURL(added).href };
  await everyFeature(h);
  await test("routing", () => routing(h));
  await test("cancelling", () => cancelling(h));
  await test("progress", () => progress(h));
  await test("unknown method", () => unknown(h));
  await test("exit", async () => assert.equal(await session.end(), 0));
  await test("ranges", () => assert.deepEqual(session.wrong, []));
  // The compiler finds the library from the folder of this file.
  await test("types", () => complete(h, __dirname));
  for (const old of [folder, added]) fs.rmSync(old, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main().catch((error) => {
  console.log(`FAILED: ${error.stack}\n${passed} passed, ${failed + 1} failed`);
  process.exit(1);
});
