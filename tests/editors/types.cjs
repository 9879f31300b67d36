// SPDX-License-Identifier: Apache-2.0
// What the server said, against the protocol: the TypeScript compiler holds
// each message against the type that the library declares for it, a member too
// many included; ranges are in order and within their text.
"use strict";
const fs = require("fs");
const path = require("path");

const LONGEST = 40; // items of an array that are looked at
const HEAD = `import * as rpc from "vscode-languageserver-protocol/node";
type Result<T> =
  T extends rpc.ProtocolRequestType<any, infer R, any, any, any> ? R :
  T extends rpc.ProtocolRequestType0<infer R, any, any, any> ? R : never;
type Params<T> =
  T extends rpc.ProtocolRequestType<infer P, any, any, any, any> ? P :
  T extends rpc.ProtocolNotificationType<infer P, any> ? P : never;
`;

function shortened(value) {
  return JSON.stringify(value, (key, v) =>
    Array.isArray(v) && v.length > LONGEST ? v.slice(0, LONGEST) : v);
}

function source(seen) {
  const lines = new Set();
  for (const { name, kind, value } of seen) {
    if (value === null && name === "ShutdownRequest") continue; // void
    if (value === undefined) continue; // has no parameters
    const type = kind === "result" ? "Result" : "Params";
    lines.add(`{ const m: ${type}<typeof rpc.${name}.type> = ` +
              `${shortened(value)}; void m; }`);
  }
  return HEAD + [...lines].join("\n") + "\n";
}

// Complaints of the compiler, one line each.
exports.wrongTypes = function (seen, folder) {
  const ts = require("typescript");
  const file = path.join(folder, "messages.ts");
  fs.writeFileSync(file, source(seen));
  const program = ts.createProgram([file], {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    lib: ["lib.es2020.d.ts"], target: ts.ScriptTarget.ES2020,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16 });
  return ts.getPreEmitDiagnostics(program).map((d) => {
    const text = ts.flattenDiagnosticMessageText(d.messageText, "\n  ");
    const line = d.file && d.start !== undefined
      ? d.file.text.slice(d.file.text.lastIndexOf("\n", d.start) + 1,
                          d.start + 200).split("\n")[0] : "";
    return `${text}\n    ${line}`;
  });
};

function isRange(v) {
  return v && v.start && v.end && typeof v.start.line === "number";
}

function before(a, b) {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}

function within(place, text) {
  const lines = text.split(/\r\n|\r|\n/);
  return place.line < lines.length &&
    place.character <= lines[place.line].length;
}

// Ranges out of order, beyond their text, or outside of the range that holds
// them. `uri` is that of the document which was asked about; `texts` gives the
// text of each.
exports.wrongRanges = function (value, uri, texts) {
  const wrong = [];
  const look = (v, at) => {
    if (!v || typeof v !== "object") return;
    const here = v.targetUri || v.uri || at;
    if (isRange(v)) {
      const text = texts.get(here);
      if (!before(v.start, v.end) ||
          (text !== undefined &&
           !(within(v.start, text) && within(v.end, text))))
        wrong.push(JSON.stringify(v));
    }
    if (isRange(v.range) && isRange(v.selectionRange) &&
        !(before(v.range.start, v.selectionRange.start) &&
          before(v.selectionRange.end, v.range.end)))
      wrong.push(`selectionRange outside of range: ${JSON.stringify(v)}`);
    if (isRange(v.range) && v.parent && isRange(v.parent.range) &&
        !(before(v.parent.range.start, v.range.start) &&
          before(v.range.end, v.parent.range.end)))
      wrong.push(`range outside of its parent: ${JSON.stringify(v)}`);
    for (const [key, inner] of Object.entries(v))
      look(inner, /^[a-z]+:/.test(key) ? key : here);
  };
  look(value, uri);
  return wrong;
};
