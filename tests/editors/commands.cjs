// SPDX-License-Identifier: Apache-2.0
// One test for each command that the server announces.
"use strict";
const assert = require("assert");

function execute(h, command, argument) {
  return h.session.ask("ExecuteCommand", { command, arguments: [argument] });
}

exports.commands = {
  async "maapol.evaluate"(h) {
    const found = await execute(h, "maapol.evaluate", { uri: h.right.uri });
    assert.equal(found.decision, "permit");
    assert.match(found.title, /permit/);
    await assert.rejects(execute(h, "maapol.evaluate",
                                 { uri: h.right.uri, sampel: "x" }));
  },

  // Runs as a program of its own; the lenses tell afterwards.
  async "maapol.test"(h) {
    await execute(h, "maapol.test", { uri: h.suite });
    const titles = async () => (await h.session.ask("CodeLens", {
      textDocument: { uri: h.suite } })).map((l) => l.command.title);
    let seen;
    for (let i = 0; i < 100; i++) {
      seen = await titles();
      if (seen.some((t) => t.includes("failed:"))) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert(seen.some((t) => t.startsWith("1 passed, 1 failed")),
           seen.join("; "));
  },

  async "maapol.showDecoded"(h) {
    const part = (v) => Buffer.from(v).toString("base64url");
    const uri = h.session.uri("shown.policy");
    await h.session.open("shown.policy", "maapolicy", part(
      '{"alg":"none"}') + "." + part(JSON.stringify({
      AttestationPolicy: part(h.right.text) })) + ".");
    const found = await execute(h, "maapol.showDecoded", { uri });
    assert.equal(found.text, h.right.text);
    assert.equal(found.uri, "maapol-decoded:" + uri);
  },

  async "maapol.hash"(h) {
    const found = await execute(h, "maapol.hash", { uri: h.right.uri });
    assert.match(JSON.stringify(found), /policyHash/);
  },

  async "maapol.sign"(h) {
    const { token } = await execute(h, "maapol.sign", { uri: h.right.uri });
    const [head, payload] = token.split(".").map(
      (part) => Buffer.from(part, "base64url").toString());
    assert.equal(JSON.parse(head).alg, "none");
    assert.equal(Buffer.from(JSON.parse(payload).AttestationPolicy,
                             "base64url").toString(), h.right.text);
  },
};
