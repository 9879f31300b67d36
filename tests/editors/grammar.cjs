// SPDX-License-Identifier: Apache-2.0
// The TextMate grammar, run by the library of VS Code: words get their scopes,
// and no policy ends inside of a string or comment.
// usage: node grammar.cjs GRAMMAR POLICY..
"use strict";
const fs = require("fs");
const path = require("path");
const tm = require("vscode-textmate");
const onig = require("vscode-oniguruma");

const wanted = [
  ["version=1.2; // x", "// x", "comment.line"],
  ["version=1.2;", "1.2", "constant.numeric"],
  ["AuthorizationRules", "AuthorizationRules", "keyword.control"],
  ['c:[type=="a\\"b"]', '\\"', "constant.character.escape"],
  ['c:[type=="a"]', "c", "variable.other"],
  ['[type=="permit"]', "permit", "string.quoted"],
  ["=> issueproperty(", "issueproperty", "keyword.other.action"],
  ["JmesPath(c.value", "JmesPath", "support.function"],
  ["[value==-0x1F]", "-0x1F", "constant.numeric"],
  ["/* a */ true", "true", "constant.language"],
];
let passed = 0, failed = 0;

function check(name, holds) {
  holds ? passed++ : failed++;
  if (!holds) console.log(`FAILED: ${name}`);
}

function scopeOf(grammar, line, word) {
  for (const t of grammar.tokenizeLine(line, tm.INITIAL).tokens)
    if (line.slice(t.startIndex, t.endIndex).trim() === word)
      return t.scopes.join(" ");
  return "";
}

function readPolicy(grammar, file) {
  let state = tm.INITIAL;
  for (const line of fs.readFileSync(file, "utf8").split(/\r?\n/))
    state = grammar.tokenizeLine(line, state).ruleStack;
  check(`${file} ends outside`, state.depth === 1);
}

async function main() {
  const wasm = path.join(path.dirname(require.resolve("vscode-oniguruma")),
                         "onig.wasm");
  await onig.loadWASM(fs.readFileSync(wasm).buffer);
  const registry = new tm.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (p) => new onig.OnigScanner(p),
      createOnigString: (s) => new onig.OnigString(s),
    }),
    loadGrammar: async () =>
      tm.parseRawGrammar(fs.readFileSync(process.argv[2], "utf8"), "g.json"),
  });
  const grammar = await registry.loadGrammar("source.maapolicy");
  for (const [line, word, scope] of wanted)
    check(`${word} of ${line}: ${scopeOf(grammar, line, word)}`,
          scopeOf(grammar, line, word).includes(scope));
  for (const file of process.argv.slice(3)) readPolicy(grammar, file);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main();
