// SPDX-License-Identifier: Apache-2.0
// The TextMate grammar, run by the library of VS Code. Words get their scopes;
// a policy without errors has no `invalid` scope, and everywhere the class
// that the language server gives. usage: node grammar.cjs MAAPOL GRAMMAR
// FILE.. (policies, and folders of them)
"use strict";
const fs = require("fs");
const path = require("path");
const tm = require("vscode-textmate");
const onig = require("vscode-oniguruma");
const { Session } = require("./session.cjs");
const { painted } = require("./features.cjs");

const wanted = [
  ["version=1.2; // x", "// x", "comment.line"],
  ["version=1.2;", "1.2", "constant.numeric"],
  ["AuthorizationRules", "AuthorizationRules", "keyword.control"],
  ['c:[type=="a\\"b"]', '\\"', "constant.character.escape"],
  ['c:[value=="a\\qb"]', "\\q", "invalid.illegal.escape"],
  ["[type==\u201ca\u201d]", "\u201c", "invalid.illegal.character"],
  ['c:[type=="a"]', "c", "variable.other"],
  ['c:[type=="a"]', '"a"', "entity.name.type.claim"],
  ["=> issue(claim=value);", "value", "variable.other"],
  ['[value=="permit"]', "permit", "string.quoted"],
  ["=> issueproperty(", "issueproperty", "keyword.other.action"],
  ["permit ();", "permit", "keyword.other.action"],
  ["JmesPath(c.value", "JmesPath", "support.function"],
  ['JmesPath(c.value, "Events[?a]")', "Events",
   "support.type.property-name"],
  ['JmesPath(c.value, "length(`1`)")', "`1`", "constant.numeric"],
  ['AppendString(c.value, "Events[?a]")', "Events", "string.quoted"],
  ["NegateBol(c.value", "NegateBol", "entity.name.function"],
  ["[value==-0x1F]", "-0x1F", "constant.numeric"],
  ["/* a */ true", "true", "constant.language"],
];
// By the server's types of tokens: the scopes that stand for the same.
const CLASSES = {
  keyword: ["keyword.control", "keyword.other.action", "constant.language"],
  property: ["support.type.property-name"],
  parameter: ["support.type.property-name"],
  variable: ["variable.other"],
  function: ["support.function", "entity.name.function"],
  string: ["string.quoted"],
  enumMember: ["entity.name.type.claim"],
  number: ["constant.numeric"],
  comment: ["comment."],
  operator: ["keyword.operator"],
};
const SCOPED = Object.values(CLASSES).flat();
let passed = 0, failed = 0;

function check(name, holds) {
  holds ? passed++ : failed++;
  if (!holds) console.log(`FAILED: ${name}`);
}

function scopeOf(grammar, line, word) {
  for (const t of grammar.tokenizeLine(line, tm.INITIAL).tokens)
    if (line.slice(t.startIndex, t.endIndex).includes(word))
      return t.scopes.join(" ");
  return "";
}

// Scopes of every character, by line.
function scopesOf(grammar, lines) {
  const all = [];
  let state = tm.INITIAL;
  for (const line of lines) {
    const got = grammar.tokenizeLine(line, state);
    state = got.ruleStack;
    const row = new Array(line.length).fill("");
    for (const t of got.tokens)
      row.fill(t.scopes.join(" "), t.startIndex, t.endIndex);
    all.push(row);
  }
  return { all, depth: state.depth };
}

function colours(tokens, lines, legendClasses) {
  const all = lines.map((line) => new Array(line.length).fill(null));
  for (const t of tokens)
    all[t.line].fill(legendClasses(t.type), t.character,
                     t.character + t.length);
  return all;
}

// The first place where the two differ.
function difference(lines, scopes, tokens) {
  const server = colours(tokens, lines, (type) => type);
  for (let i = 0; i < lines.length; i++)
    for (let j = 0; j < lines[i].length; j++) {
      if (/\s/.test(lines[i][j])) continue;
      const scope = scopes[i][j], type = server[i][j];
      const same = type
        ? (CLASSES[type] || []).some((c) => scope.includes(c))
        : !SCOPED.some((c) => scope.includes(c));
      if (!same || scope.includes("invalid."))
        return `${i + 1}:${j + 1}: ${type} for the server, ${scope} for ` +
          `the grammar: ${lines[i].slice(j, j + 40)}`;
    }
  return null;
}

async function compare(grammar, session, made, file, number) {
  const text = fs.readFileSync(file, "utf8");
  const name = `policy-${number}.maapolicy`;
  const textDocument = { uri: session.uri(name) };
  await session.open(name, "maapolicy", text);
  const isRight = !(await session.findings(name))
    .some((d) => d.severity === 1);
  const { data } = await session.ask("SemanticTokens", { textDocument });
  await session.tell("DidCloseTextDocument", { textDocument });
  if (!isRight || !data.length) return false;
  const lines = text.split(/\r\n|\r|\n/);
  const tokens = painted(
    data, made.capabilities.semanticTokensProvider.legend, lines.join("\n"));
  const { all, depth } = scopesOf(grammar, lines);
  const differs = difference(lines, all, tokens);
  check(`${file}: ${differs}`, !differs);
  check(`${file} ends outside of strings and comments`, depth === 1);
  return true;
}

async function load(file) {
  const wasm = path.join(path.dirname(require.resolve("vscode-oniguruma")),
                         "onig.wasm");
  await onig.loadWASM(fs.readFileSync(wasm).buffer);
  const registry = new tm.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (p) => new onig.OnigScanner(p),
      createOnigString: (s) => new onig.OnigString(s),
    }),
    loadGrammar: async () =>
      tm.parseRawGrammar(fs.readFileSync(file, "utf8"), "g.json"),
  });
  return registry.loadGrammar("source.maapolicy");
}

function policies(names) {
  return names.flatMap((name) => fs.statSync(name).isDirectory()
    ? policies(fs.readdirSync(name).sort().map((n) => path.join(name, n)))
    : /\.(maapolicy|policy)$/.test(name) ? [name] : []);
}

async function main() {
  const [program, file, ...names] = process.argv.slice(2);
  const grammar = await load(file);
  for (const [line, word, scope] of wanted)
    check(`${word} of ${line}: ${scopeOf(grammar, line, word)}`,
          scopeOf(grammar, line, word).includes(scope));
  const session = new Session(path.resolve(program), __dirname);
  const made = await session.initialize();
  await session.tell("Initialized", {});
  const files = policies(names);
  let right = 0;
  for (const [i, policy] of files.entries())
    right += await compare(grammar, session, made, policy, i);
  await session.end();
  check("policies without errors were compared", right > 0);
  console.log(`${right} policies of ${files.length} are without errors`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main();
