# SPDX-License-Identifier: Apache-2.0
"""A client of the language server: JSON-RPC over its standard streams."""
import json
import os
import select
import subprocess
import time

from harness import MAAPOL, environment

SECONDS = 30


def frame(message):
    body = message if isinstance(message, bytes) else json.dumps(
        message, ensure_ascii=False).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Failed(Exception):
    """The server answered with an error."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class Client:
    def __init__(self, directory=None):
        self.process = subprocess.Popen(
            [MAAPOL, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=directory, env=environment())
        self.input = b""
        self.next_id = 0
        self.seen = []  # notifications

    def send_raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_raw(frame(message))

    def read(self):
        """The next message; None at the end of the stream."""
        end = time.time() + SECONDS
        while True:
            head, blank, rest = self.input.partition(b"\r\n\r\n")
            if blank:
                length = int(head.split(b":")[1])
                if len(rest) >= length:
                    self.input = rest[length:]
                    return json.loads(rest[:length])
            if not select.select([self.process.stdout], [], [],
                                 max(0, end - time.time()))[0]:
                raise AssertionError("the server says nothing")
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                return None
            self.input += data

    def answer(self, number):
        while True:
            message = self.read()
            if message is None:
                raise AssertionError("the server ended")
            # The server's own questions have numbers, too.
            if "method" not in message and message.get("id") == number:
                if "error" in message:
                    raise Failed(message["error"])
                return message["result"]
            self.seen.append(message)

    def ask(self, method, params=None):
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method,
                   "params": params})
        return self.answer(self.next_id)

    def tell(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def wait_for(self, method):
        for i, message in enumerate(self.seen):
            if message.get("method") == method:
                return self.seen.pop(i).get("params")
        while True:
            message = self.read()
            if message is None:
                raise AssertionError("the server ended")
            if message.get("method") == method:
                return message.get("params")
            self.seen.append(message)

    def findings(self):
        """Those that are pushed next."""
        return self.wait_for("textDocument/publishDiagnostics")["diagnostics"]

    def initialize(self, encoding="utf-16", features=None, **more):
        text = features if features is not None else {
            "publishDiagnostics": {"relatedInformation": True},
            "codeAction": {"codeActionLiteralSupport": {}}}
        result = self.ask("initialize", {"processId": None, "rootUri": None,
                          "capabilities": {
                              "general": {"positionEncodings": [encoding]},
                              "textDocument": text}, **more})
        self.tell("initialized", {})
        return result

    def open(self, text, uri="untitled:a"):
        self.tell("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": "maapolicy", "version": 1,
            "text": text}})

    def change(self, *changes, uri="untitled:a", version=2):
        self.tell("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": list(changes)})

    def at(self, method, line, character, uri="untitled:a", **more):
        return self.ask("textDocument/" + method, {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character}, **more})

    def of(self, method, uri="untitled:a", **more):
        return self.ask("textDocument/" + method,
                        {"textDocument": {"uri": uri}, **more})

    def end(self):
        """Closes the input; the exit status."""
        self.process.stdin.close()
        try:
            status = self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.error = self.process.stderr.read()
            self.process.stderr.close()
        return status


def span(line, begin, end_line, end):
    return {"start": {"line": line, "character": begin},
            "end": {"line": end_line, "character": end}}


def offset(text, place, encoding):
    """As the specification counts; lines end with LF, CR LF or CR."""
    unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    name = encoding if unit == 1 else encoding + "-le"
    lines, begin = [], 0
    i = 0
    while i < len(text):
        if text[i] in "\r\n":
            stop = i
            i += 2 if text[i:i + 2] == "\r\n" else 1
            lines.append((begin, stop))
            begin = i
        else:
            i += 1
    lines.append((begin, len(text)))
    if place["line"] >= len(lines):
        return len(text)
    begin, stop = lines[place["line"]]
    units = 0
    for i in range(begin, stop):
        units += len(text[i].encode(name)) // unit
        if units > place["character"]:
            return i
    return stop


def apply(text, change, encoding):
    if "range" not in change:
        return change["text"]
    a = offset(text, change["range"]["start"], encoding)
    b = offset(text, change["range"]["end"], encoding)
    a, b = min(a, b), max(a, b)
    return text[:a] + change["text"] + text[b:]
