// SPDX-License-Identifier: Apache-2.0
// One test for each feature that a server can announce, by its place in the
// capabilities. A feature that is announced and has no test here is a failure
// (client.cjs).
"use strict";
const assert = require("assert");

exports.NAME = "a.maapolicy";
exports.TEXT = `// maapol: type=SgxEnclave
version=1.2;
authorizationrules
{
  c:[type=="x-ms-sgx-is-debuggable", value==false]
    => add(type="fine", value=c.value);
  [type="fine", value==false] => permit();
};
issuancerules { => issue(type="n", value=AppendString("a", "b")); };
`;
// With an old name, and a value that differs from build to build.
exports.OLD = `// maapol: type=SgxEnclave
version=1.0;
authorizationrules
{
  [type=="$sgx-mrsigner",
   value=="${"ab".repeat(32)}"] => permit();
};
`;
const FIRST = { line: 0, character: 0 };
const LAST = { line: 9, character: 0 };
const ALL = { start: FIRST, end: LAST };
const WRONG = { start: { line: 6, character: 0 },
                end: { line: 6, character: 20 } };
const FINE = { line: 5, character: 17 };  // in "fine" of add
const READ = { line: 6, character: 10 };  // in "fine" of the condition
const CLAIM = { line: 4, character: 15 }; // in "x-ms-sgx-is-debuggable"
const OPTIONS = { tabSize: 2, insertSpaces: true };

// The text after edits, which must not overlap.
exports.applied = function (text, edits) {
  const lines = text.split("\n");
  const at = (p) => lines.slice(0, p.line).join("\n").length +
    (p.line ? 1 : 0) + p.character;
  const places = edits.map((e) => [at(e.range.start), at(e.range.end),
                                   e.newText]);
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let out = "", from = 0;
  for (const [begin, end, newText] of places) {
    assert(begin >= from, "edits overlap");
    out += text.slice(from, begin) + newText;
    from = end;
  }
  return out + text.slice(from);
};

// Of one document, whichever way the server writes them.
exports.editsOf = function (edit, uri) {
  if (edit.changes) return edit.changes[uri] || [];
  return edit.documentChanges.filter((d) => d.textDocument.uri === uri)
    .flatMap((d) => d.edits);
};

// Texts of semantic tokens, with the names of their types.
exports.painted = function (data, legend, text) {
  const lines = text.split("\n");
  const found = [];
  let line = 0, character = 0;
  for (let i = 0; i < data.length; i += 5) {
    character = data[i] ? data[i + 1] : character + data[i + 1];
    line += data[i];
    found.push({ line, character, length: data[i + 2],
                 type: legend.tokenTypes[data[i + 3]],
                 text: lines[line].substr(character, data[i + 2]) });
  }
  return found;
};

// Of a file in the report on the workspace; undefined: it is not in it.
async function workspaceFindings(h, name) {
  const report = await h.session.ask("WorkspaceDiagnostic",
                                     { previousResultIds: [] });
  const mine = report.items.find((i) => i.uri.endsWith("/" + name));
  return mine && mine.items;
}

function hasRange(v) {
  return v.range && v.range.start;
}

// h: {ask(name, more) about the document, session, uri, made}
exports.features = {
  async positionEncoding(h) {
    assert.equal(h.made.capabilities.positionEncoding, "utf-16");
  },

  async "textDocumentSync.openClose"(h) {
    await h.session.open("other.maapolicy", "maapolicy", "version=1.0\n");
    const found = await h.session.findings("other.maapolicy");
    assert(found.some((d) => d.code === "P004"));
    const uri = h.session.uri("other.maapolicy");
    h.session.pushed.delete(uri);
    await h.session.tell("DidCloseTextDocument", { textDocument: { uri } });
    assert.deepEqual(await h.session.findings("other.maapolicy"), []);
  },

  async "textDocumentSync.change"(h) {
    assert.equal(h.made.capabilities.textDocumentSync.change, 2);
    const name = "changed.maapolicy";
    await h.session.open(name, "maapolicy", exports.TEXT);
    await h.session.findings(name);
    const text = exports.TEXT.replace('type="fine", value==', 'type==' +
                                      '"fine", value==');
    const at = { line: 6, character: 8 };
    const found = await h.session.change(
      name, 2, [{ range: { start: at, end: at }, text: "=" }], text);
    assert(!found.some((d) => d.severity === 1), JSON.stringify(found));
  },

  async "textDocumentSync.save"(h) {
    await h.session.tell("DidSaveTextDocument",
                         { textDocument: { uri: h.uri } });
  },

  async hoverProvider(h) {
    const hover = await h.ask("Hover", { position: CLAIM });
    assert.match(hover.contents.value, /Boolean/);
    assert.equal(hover.range.start.line, CLAIM.line);
    assert.equal(await h.ask("Hover", { position: LAST }), null);
  },

  async completionProvider(h) {
    const list = await h.ask("Completion", { position: CLAIM });
    const items = Array.isArray(list) ? list : list.items;
    h.item = items.find((i) => i.label === "x-ms-sgx-svn");
    assert(h.item, "the claim is offered");
    assert(!items.some((i) => i.label === "permit"), "no action is");
  },

  async "completionProvider.resolveProvider"(h) {
    const resolved = await h.session.ask("CompletionResolve", h.item);
    assert.match(resolved.documentation.value, /Integer/);
    assert.equal(resolved.label, h.item.label);
  },

  // Behind each of them something is offered in a text where it fits.
  async "completionProvider.triggerCharacters"(h) {
    const begin = "version=1.2;\nauthorizationrules\n{";
    const before = begin + "\n  ";
    const text = { "[": "c:[", "(": "=> add(", ",": '[type=="a",',
                   '"': '[type=="', "=": 'c:[type=="a"] => add(claim=',
                   ".": 'c:[type=="a"] => add(type="b", value=c.',
                   ">": "=>", ":": "// maapol:" };
    for (const mark of h.made.capabilities.completionProvider
           .triggerCharacters) {
      const name = "trigger.maapolicy";
      const typed = mark === "{" ? begin : before + (text[mark] || mark);
      await h.session.open(name, "maapolicy", typed);
      const lines = typed.split("\n");
      const list = await h.session.ask("Completion", {
        textDocument: { uri: h.session.uri(name) },
        position: { line: lines.length - 1,
                    character: lines[lines.length - 1].length },
        context: { triggerKind: 2, triggerCharacter: mark } });
      const items = Array.isArray(list) ? list : list ? list.items : [];
      assert(items.length, mark);
      await h.session.tell("DidCloseTextDocument", {
        textDocument: { uri: h.session.uri(name) } });
    }
  },

  async signatureHelpProvider(h) {
    const help = await h.ask("SignatureHelp",
                             { position: { line: 8, character: 60 } });
    assert.equal(help.activeParameter, 1);
    assert.match(help.signatures[0].label, /AppendString/);
    assert.equal(help.signatures[0].parameters.length, 2);
  },

  async "signatureHelpProvider.triggerCharacters"(h) {
    for (const mark of h.made.capabilities.signatureHelpProvider
           .triggerCharacters)
      assert(["(", ","].includes(mark), mark);
  },

  async definitionProvider(h) {
    const found = await h.ask("Definition", { position: READ });
    assert.deepEqual([].concat(found).map((l) => (l.range ||
      l.targetSelectionRange).start.line), [5]);
  },

  async referencesProvider(h) {
    const of = async (includeDeclaration) =>
      (await h.ask("References", { position: FINE,
                                   context: { includeDeclaration } }))
        .map((l) => l.range.start.line).sort();
    assert.deepEqual(await of(true), [5, 6]);
    assert.deepEqual(await of(false), [6]);
  },

  async documentHighlightProvider(h) {
    const found = await h.ask("DocumentHighlight", { position: FINE });
    assert.deepEqual(found.map((x) => x.kind).sort(), [2, 3]);
  },

  // Every place of an identifier is edited at once.
  async linkedEditingRangeProvider(h) {
    const text = exports.TEXT.split("\n")[4];
    const found = await h.askRight("LinkedEditingRange", {
      position: { line: 4, character: text.indexOf("c:[") + 3 } });
    const lines = h.right.text.split("\n");
    const words = found.ranges.map((r) => lines[r.start.line]
      .slice(r.start.character, r.end.character));
    assert.deepEqual(words, ["c", "c"]);
  },

  // From the use of an identifier to the claim that it selects.
  async typeDefinitionProvider(h) {
    const lines = h.right.text.split("\n");
    const found = [].concat(await h.askRight("TypeDefinition", {
      position: { line: 5, character: lines[5].indexOf("c.value") } }));
    assert.deepEqual(found.map((l) => (l.range || l.targetRange).start.line),
                     [4]);
  },

  async renameProvider(h) {
    const edit = await h.ask("Rename", { position: FINE, newName: "good" });
    const text = exports.applied(exports.TEXT,
                                 exports.editsOf(edit, h.uri));
    assert.equal(text, exports.TEXT.replaceAll('"fine"', '"good"'));
  },

  async "renameProvider.prepareProvider"(h) {
    const found = await h.ask("PrepareRename", { position: FINE });
    assert.equal(found.placeholder, "fine");
    const no = await h.ask("PrepareRename", { position: FIRST }).catch(
      () => null);
    assert.equal(no, null);
  },

  async documentSymbolProvider(h) {
    const symbols = await h.ask("DocumentSymbol");
    assert.deepEqual(symbols.map((s) => s.name).slice(0, 2),
                     ["authorizationrules", "issuancerules"]);
    assert.equal(symbols[0].children.length, 2);
  },

  async workspaceSymbolProvider(h) {
    const found = await h.session.ask("WorkspaceSymbol", { query: "fine" });
    h.symbol = found.find((s) => s.location.uri === h.uri);
    assert(h.symbol, "the claim of the open document");
    assert((await h.session.ask("WorkspaceSymbol", { query: "zzz" }))
      .length === 0);
  },

  async "workspaceSymbolProvider.resolveProvider"(h) {
    const made = await h.session.ask("WorkspaceSymbolResolve", h.symbol);
    assert(hasRange(made.location));
  },

  async foldingRangeProvider(h) {
    const folds = await h.ask("FoldingRange");
    assert(folds.some((f) => f.startLine <= 3 && f.endLine >= 6));
    assert(folds.every((f) => f.startLine <= f.endLine));
  },

  async selectionRangeProvider(h) {
    const [one, two] = await h.ask("SelectionRange",
                                   { positions: [FINE, READ] });
    let depth = 0;
    for (let r = one; r; r = r.parent) depth++;
    assert(depth >= 4, "word, condition, rule, section");
    assert.equal(two.range.start.line, READ.line);
  },

  async "semanticTokensProvider.full"(h) {
    const full = await h.ask("SemanticTokens");
    const painted = exports.painted(
      full.data, h.made.capabilities.semanticTokensProvider.legend,
      exports.TEXT);
    const type = (text) => painted.find((p) => p.text === text).type;
    assert.equal(type("authorizationrules"), "keyword");
    assert.equal(type("AppendString"), "function");
    assert.equal(type('"fine"'), "enumMember");
    assert.equal(type("c"), "variable");
    h.full = full;
  },

  async "semanticTokensProvider.full.delta"(h) {
    const delta = await h.ask("SemanticTokensDelta",
                              { previousResultId: h.full.resultId });
    assert.deepEqual(delta.edits, []);
  },

  async "semanticTokensProvider.range"(h) {
    const some = await h.ask("SemanticTokensRange", { range: WRONG });
    assert(some.data.length > 0 && some.data.length < h.full.data.length);
  },

  async "semanticTokensProvider.legend"(h) {
    const { tokenTypes } = h.made.capabilities.semanticTokensProvider.legend;
    assert.equal(new Set(tokenTypes).size, tokenTypes.length);
  },

  async diagnosticProvider(h) {
    const report = await h.ask("DocumentDiagnostic");
    assert.equal(report.kind, "full");
    const wrong = report.items.find((d) => d.code === "P002");
    assert.deepEqual(wrong.range.start, { line: 6, character: 7 });
    assert.deepEqual(report.items.map((d) => d.code),
                     (await h.session.findings(exports.NAME))
                       .map((d) => d.code));
    if (report.resultId) {
      const again = await h.ask("DocumentDiagnostic",
                                { previousResultId: report.resultId });
      assert.equal(again.kind, "unchanged");
    }
  },

  async "diagnosticProvider.workspaceDiagnostics"(h) {
    const report = await h.session.ask("WorkspaceDiagnostic",
                                       { previousResultIds: [] });
    const mine = report.items.find((i) => i.uri === h.uri);
    assert(mine.items.some((d) => d.code === "P002"));
  },

  async codeActionProvider(h) {
    const actions = await h.ask("CodeAction", {
      range: WRONG, context: { diagnostics: [] } });
    let fix = actions.find((a) => a.isPreferred);
    if (!fix.edit) fix = await h.session.ask("CodeActionResolve", fix);
    const edits = exports.editsOf(fix.edit, h.uri);
    assert.equal(exports.applied(exports.TEXT, edits),
                 exports.TEXT.replace('[type="', '[type=="'));
  },

  // Each kind that is announced is offered somewhere, and where it is asked
  // for, only that kind.
  async "codeActionProvider.codeActionKinds"(h) {
    const { codeActionKinds } = h.made.capabilities.codeActionProvider;
    for (const kind of codeActionKinds) {
      let offered = 0;
      for (const ask of [h.ask, h.askOld])
        for (let line = 0; line < LAST.line; line++) {
          const at = { line, character: ask === h.ask ? 7 : 15 };
          const actions = await ask("CodeAction", {
            range: { start: at, end: at },
            context: { diagnostics: [], only: [kind] } }) || [];
          assert(actions.every((a) => a.kind === kind ||
                               a.kind.startsWith(kind + ".")), kind);
          offered += actions.filter((a) => !a.disabled).length;
        }
      assert(offered, `${kind} is nowhere offered`);
    }
  },

  async "codeActionProvider.resolveProvider"(h) {
    const actions = await h.ask("CodeAction", {
      range: WRONG, context: { diagnostics: [] } });
    for (const a of actions)
      assert((await h.session.ask("CodeActionResolve", a)).edit ||
             a.command || a.disabled, a.title);
  },

  async documentFormattingProvider(h) {
    const right = h.right.text;
    const edits = await h.askRight("DocumentFormatting", { options: OPTIONS });
    const text = exports.applied(right, edits);
    assert.notEqual(text, right);
    assert.equal(text.replace(/\s/g, ""), right.replace(/\s/g, ""));
  },

  async documentRangeFormattingProvider(h) {
    const range = { start: { line: 4, character: 0 },
                    end: { line: 4, character: 5 } };
    const edits = await h.askRight("DocumentRangeFormatting",
                                   { range, options: OPTIONS });
    const text = exports.applied(h.right.text, edits);
    assert.equal(text.replace(/\s/g, ""),
                 h.right.text.replace(/\s/g, ""));
  },

  async documentOnTypeFormattingProvider(h) {
    const marks = h.made.capabilities.documentOnTypeFormattingProvider;
    for (const ch of [marks.firstTriggerCharacter,
                      ...(marks.moreTriggerCharacter || [])]) {
      const edits = await h.askRight("DocumentOnTypeFormatting", {
        position: { line: 5, character: 0 }, ch, options: OPTIONS });
      const text = exports.applied(h.right.text, edits || []);
      assert.equal(text.replace(/\s/g, ""),
                   h.right.text.replace(/\s/g, ""), ch);
    }
  },

  async inlayHintProvider(h) {
    const hints = await h.askRight("InlayHint", { range: ALL });
    assert(hints.length > 0, "hints over the sample");
    for (const hint of hints)
      assert(hint.position.line <= LAST.line && hint.label.length);
    h.hint = hints[0];
  },

  async "inlayHintProvider.resolveProvider"(h) {
    const hint = await h.session.ask("InlayHintResolve", h.hint);
    assert.deepEqual(hint.position, h.hint.position);
  },

  async codeLensProvider(h) {
    h.lenses = await h.askRight("CodeLens");
    assert(h.lenses.length > 0, "lenses of a policy with a sample");
    const suite = await h.session.ask("CodeLens", {
      textDocument: { uri: h.session.uri("right.maatest.json") } });
    assert(suite.length > 0, "lenses of a suite");
  },

  async "codeLensProvider.resolveProvider"(h) {
    for (const lens of h.lenses)
      assert((await h.session.ask("CodeLensResolve", lens)).command.title);
  },

  async callHierarchyProvider(h) {
    const [item] = await h.askRight("CallHierarchyPrepare", { position: FINE });
    const calls = await h.session.ask("CallHierarchyIncomingCalls", { item });
    const called = await h.session.ask("CallHierarchyOutgoingCalls", { item });
    assert(calls.length + called.length > 0,
           "the rule that makes the claim and the one that reads it");
  },

  async documentLinkProvider(h) {
    const links = await h.session.ask("DocumentLink", {
      textDocument: { uri: h.session.uri("right.maatest.json") } });
    const targets = [];
    for (const link of links)
      targets.push(link.target ? link
                   : await h.session.ask("DocumentLinkResolve", link));
    assert(targets.some((l) => l.target === h.right.uri), "to the policy");
  },

  async "documentLinkProvider.resolveProvider"() {
    // Links without a target are resolved above.
  },

  // The policy inside of a token, read only.
  async "workspace.textDocumentContent.schemes"(h) {
    const schemes = h.made.capabilities.workspace.textDocumentContent.schemes;
    assert.deepEqual(schemes, ["maapol-decoded"]);
    const part = (v) => Buffer.from(v).toString("base64url");
    const name = "token.policy";
    const payload = { AttestationPolicy: part(h.right.text) };
    await h.session.open(name, "maapolicy", part('{"alg":"none"}') + "." +
                         part(JSON.stringify(payload)) + ".");
    const uri = "maapol-decoded:" + h.session.uri(name);
    const { text } = await h.session.ask("TextDocumentContent", { uri });
    assert.equal(text, h.right.text);
    const hover = await h.session.ask("Hover", {
      textDocument: { uri }, position: CLAIM });
    assert.match(hover.contents.value, /x-ms-sgx-is-debuggable|Boolean/);
  },

  // Files of the folder that nobody has opened are looked at, too.
  async "workspace.workspaceFolders.supported"(h) {
    assert((await workspaceFindings(h, "unopened.maapolicy"))
      .some((d) => d.code === "P004"));
  },

  // A folder that is added counts, and one that is removed no longer does.
  async "workspace.workspaceFolders.changeNotifications"(h) {
    const folder = { uri: h.added, name: "added" };
    const change = (added, removed) =>
      h.session.tell("DidChangeWorkspaceFolders", { event: { added,
                                                             removed } });
    await change([folder], []);
    assert((await workspaceFindings(h, "b.maapolicy"))
      .some((d) => d.code === "P004"));
    await change([], [folder]);
    assert.equal(await workspaceFindings(h, "b.maapolicy"), undefined);
  },
};
