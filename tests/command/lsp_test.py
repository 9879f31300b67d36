# SPDX-License-Identifier: Apache-2.0
"""maapol lsp, as an editor talks to it."""
import json
import os
import random
import unittest

from harness import CommandTest, NO, OK, USAGE, is_sanitized, policy_token
from lsp_client import Client, Failed, apply, frame, offset, span

POLICY = '''// maapol: type=SgxEnclave
version=1.2;
authorizationrules
{
  // é𝄞
  c:[type=="x-ms-sgx-is-debuggable", value==false]
    => add(type="fine", value=c.value);
  [type=="fine", value==true] && [type=="x-ms-sgx-svn", value>2]
    => permit();
};
issuancerules
{
  c:[type=="fine"] => issue(claim=c);
  => issue(type="n", value=AppendString("a", "b"));
};
'''
ENCODINGS = ("utf-8", "utf-16", "utf-32")


class LspTest(CommandTest):
    def start(self, *arguments, **options):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        client.initialize(*arguments, **options)
        return client

    def finish(self, client):
        if client.process.poll() is None:
            client.tell("exit")
            client.end()
        elif not client.process.stdin.closed:
            client.end()
        self.assertIn(client.process.returncode, (OK, NO), client.error)

    def opened(self, text=POLICY, **options):
        client = self.start(**options)
        client.open(text)
        return client

    def place(self, text, part, inside=0):
        """Line and character (UTF-16, ASCII before it) of a part."""
        i = text.index(part) + inside
        before = text[:i].rsplit("\n", 1)[-1]
        return text[:i].count("\n"), len(before)

    def ask_at(self, client, method, part, inside=0, text=POLICY, **more):
        return client.at(method, *self.place(text, part, inside), **more)

    def refused(self, code, call, *arguments, **options):
        with self.assertRaises(Failed) as caught:
            call(*arguments, **options)
        self.assertEqual(code, caught.exception.code)


class Life(LspTest):
    def test_shutdown_and_exit(self):
        client = self.start()
        self.assertIsNone(client.ask("shutdown"))
        client.tell("exit")
        self.assertEqual(OK, client.end())

    def test_exit_without_shutdown(self):
        client = self.start()
        client.tell("exit")
        self.assertEqual(NO, client.end())

    def test_the_end_of_input_without_exit(self):
        self.assertEqual(NO, self.start().end())

    def test_no_words_are_taken(self):
        self.expect(USAGE, "lsp", "a.maapolicy")
        self.expect(USAGE, "lsp", "--nonsense")

    def test_the_option_that_editors_add(self):
        self.expect(OK, "lsp", "--stdio", stdin="")

    def test_initialize_comes_first_and_once(self):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        self.refused(-32002, client.of, "hover")
        client.initialize()
        self.refused(-32600, client.ask, "initialize", {})
        client.ask("shutdown")
        self.refused(-32600, client.of, "hover")

    def test_encodings(self):
        for encoding in ENCODINGS:
            got = Client(self.directory)
            self.addCleanup(self.finish, got)
            self.assertEqual(encoding, got.initialize(encoding)
                             ["capabilities"]["positionEncoding"])
        got = Client(self.directory)
        self.addCleanup(self.finish, got)
        self.assertEqual("utf-16", got.initialize("utf-7")
                         ["capabilities"]["positionEncoding"])

    def test_cancelled_before_it_was_begun(self):
        client = self.opened()
        ask = {"jsonrpc": "2.0", "id": 70, "method": "shutdown"}
        back = {"jsonrpc": "2.0", "method": "$/cancelRequest",
                "params": {"id": 70}}
        other = dict(back, params={"id": 71})
        client.send_raw(frame(ask) + frame(back))
        self.refused(-32800, client.answer, 70)
        client.send_raw(frame(dict(ask, id=72)) + frame(other))
        self.assertIsNone(client.answer(72))


class Hostile(LspTest):
    def test_messages_that_are_none(self):
        client = self.opened()
        for body, code in ((b"{", -32700), (b"", -32700), (b"[]", -32600),
                           (b"1", -32600), (b"\xff", -32700),
                           (b'{"id":1}', -32600), (b'{"method":7}', -32600),
                           (b'{"id":{},"method":"a"}', -32600),
                           (b"[" * 100, -32700)):
            with self.subTest(body):
                client.send(body)
                self.refused(code, client.answer, None)
        self.assertIsNotNone(client.of("documentSymbol"))

    def test_headers_that_are_none(self):
        client = self.opened()
        for head in (b"Content-Length: x\r\n\r\n", b"A: b\r\n\r\n",
                     b"Content-Length: 3\r\nContent-Length: 3\r\n\r\n",
                     b"\r\n\r\n", b"Content-Length: -1\r\n\r\n",
                     b"Content-Length: 99999999999999999999\r\n\r\n"):
            with self.subTest(head):
                client.send_raw(head)
                self.refused(-32700, client.answer, None)
        client.send_raw(b"x" * 9000)
        client.send_raw(b"content-length : 2\nContent-Type: y\n\n{}")
        self.refused(-32700, client.answer, None)
        self.assertIsNotNone(client.of("documentSymbol"))

    def test_a_message_over_the_limit_is_passed_over(self):
        client = self.opened()
        size = (64 << 20) + 1
        client.send_raw(b"Content-Length: %d\r\n\r\n" % size + b"x" * size)
        self.refused(-32700, client.answer, None)
        self.assertIsNotNone(client.of("documentSymbol"))

    def test_byte_by_byte(self):
        client = self.opened()
        client.next_id += 1
        for byte in frame({"jsonrpc": "2.0", "id": "é", "method": "nothing"}):
            client.send_raw(bytes([byte]))
        self.refused(-32601, client.answer, "é")

    def test_methods_and_documents_that_are_not_there(self):
        client = self.opened()
        self.refused(-32601, client.ask, "textDocument/fly")
        self.refused(-32602, client.of, "hover", uri="untitled:other")
        client.tell("nothing")
        client.tell("$/nothing")
        client.change({"text": "x"}, uri="untitled:other")
        client.tell("textDocument/didClose",
                    {"textDocument": {"uri": "untitled:other"}})
        self.assertEqual(2, len(client.of("documentSymbol")))

    def test_parameters_of_any_kind(self):
        methods = [name for name in (
            "diagnostic formatting rangeFormatting codeAction hover completion"
            " signatureHelp definition references documentHighlight rename"
            " prepareRename documentSymbol foldingRange selectionRange"
            " semanticTokens/full semanticTokens/range"
            " semanticTokens/full/delta").split()]
        client = self.opened()
        here = {"textDocument": {"uri": "untitled:a"}}
        for method in methods:
            for params in (None, 1, [], {}, {"textDocument": 1}, here,
                           dict(here, position=1, range=1, positions=[1]),
                           dict(here, position={"line": -1, "character": 0}),
                           dict(here, position={"line": 1e300,
                                                "character": "x"}),
                           dict(here, position={"line": 2 ** 40,
                                                "character": 2 ** 40})):
                try:
                    client.ask("textDocument/" + method, params)
                except Failed as failed:
                    self.assertIn(failed.code, (-32602, -32803),
                                  (method, params))
        for params in (None, {}, {"data": {"group": 1, "type": 99}}):
            try:
                client.ask("completionItem/resolve", params)
            except Failed as failed:
                self.assertEqual(-32602, failed.code)

    def test_a_change_that_cannot_be_made_ends_the_watch(self):
        client = self.opened()
        client.findings()
        client.change({"range": {"start": 1}, "text": ""})
        self.assertEqual([], client.findings())
        self.refused(-32602, client.of, "hover")
        client.open(POLICY)
        self.assertEqual(2, len(client.of("documentSymbol")))


class Sync(LspTest):
    """The text is not shown by the server; what it says of it is."""

    def text(self, client):
        """The whole text, from the edit that replaces it."""
        edits = client.of("formatting", options={})
        self.assertEqual(1, len(edits))
        return edits[0]

    def test_places_in_every_encoding(self):
        line = 'version=1.0;/*é𝄞*/authorizationrules{=>permit();};'
        for encoding, at in (("utf-8", 12 + 2 + 2 + 4 + 2),
                             ("utf-16", 12 + 2 + 1 + 2 + 2),
                             ("utf-32", 12 + 2 + 1 + 1 + 2)):
            client = self.start(encoding)
            client.open(line)
            symbol = client.of("documentSymbol")[0]
            self.assertEqual(at, symbol["range"]["start"]["character"])
            client.change({"range": span(0, at, 0, at + 5), "text": "Autho"})
            self.assertEqual(["F401"], [f["code"] for f in client.at(
                "hover", 0, at) and client.of("diagnostic")["items"]
                if f["code"] == "F401"])

    def test_places_behind_the_end(self):
        client = self.opened("version=1.0;\r\nauthorizationrules{=>deny();}")
        client.change({"range": span(1, 999, 999, 0), "text": ";"})
        items = client.of("diagnostic")["items"]
        self.assertNotIn("P004", [f["code"] for f in items])

    def test_several_changes_count_from_each_other(self):
        client = self.opened("")
        client.change({"text": "abc"},
                      {"range": span(0, 0, 0, 3), "text": "version=1.0;\n"},
                      {"range": span(1, 0, 1, 0),
                       "text": "authorizationrules{};"})
        self.assertEqual(["authorizationrules"],
                         [s["name"] for s in client.of("documentSymbol")])


class Replay(LspTest):
    """After any edit the answers are those to the whole text."""
    PARTS = ["", "\n", "\r", "\r\n", '"', "é", "𝄞", "{", "}", ";", "[", "]",
             "=>", "permit();", "c:", '[type=="a", value==1]', "// x",
             "/*", "*/", "version=1.0;", "authorizationrules\n{\n", "};\n",
             "issue(type=\"b\", value=c.value)", "\t", "x" * 70]

    def random_change(self, generator):
        def place():
            return {"line": generator.randrange(24),
                    "character": generator.choice((0, 1, 3, 8, 20, 60, 999))}
        text = "".join(generator.choice(self.PARTS)
                       for _ in range(generator.randrange(4)))
        if generator.random() < 0.02:
            return {"text": POLICY}
        start = place()
        end = place() if generator.random() < 0.2 else dict(
            start, character=start["character"] + generator.randrange(4))
        return {"range": {"start": start, "end": end}, "text": text}

    def answers(self, client, uri):
        got = [client.of("diagnostic", uri=uri)["items"]]
        for method in ("documentSymbol", "foldingRange",
                       "semanticTokens/full"):
            result = client.of(method, uri=uri)
            if isinstance(result, dict):
                result = result["data"]
            got.append(result)
        return json.loads(json.dumps(got).replace(uri, ""))

    def test_edits(self):
        steps = 60 if is_sanitized() else 400
        for encoding in ENCODINGS:
            generator = random.Random(encoding)
            client = self.start(encoding, {"diagnostic": {}})
            fresh = self.start(encoding, {"diagnostic": {}})
            client.open(POLICY)
            text = POLICY
            for number in range(steps):
                changes = [self.random_change(generator)
                           for _ in range(generator.choice((1, 1, 3)))]
                client.change(*changes, version=number + 2)
                for change in changes:
                    text = apply(text, change, encoding)
                fresh.open(text, "untitled:b")
                self.assertEqual(self.answers(fresh, "untitled:b"),
                                 self.answers(client, "untitled:a"),
                                 (encoding, number, changes))
                fresh.tell("textDocument/didClose",
                           {"textDocument": {"uri": "untitled:b"}})


class Findings(LspTest):
    BAD = POLICY.replace("value>2", "value=2")

    def test_pushed_with_the_version_and_withdrawn(self):
        client = self.opened(self.BAD)
        got = client.wait_for("textDocument/publishDiagnostics")
        self.assertEqual(1, got["version"])
        finding = [f for f in got["diagnostics"] if f["code"] == "P002"][0]
        self.assertEqual(1, finding["severity"])
        line, character = self.place(self.BAD, "value=2", 5)
        self.assertEqual(span(line, character, line, character + 1),
                         finding["range"])
        self.assertTrue(finding["codeDescription"]["href"]
                        .endswith("/P002.md"))
        client.change({"range": finding["range"], "text": "=="}, version=7)
        got = client.wait_for("textDocument/publishDiagnostics")
        self.assertEqual(7, got["version"])
        self.assertNotIn("P002", [f["code"] for f in got["diagnostics"]])
        client.tell("textDocument/didClose",
                    {"textDocument": {"uri": "untitled:a"}})
        self.assertEqual([], client.findings())

    def test_pulled_and_then_nothing_is_pushed(self):
        client = self.opened(self.BAD, features={"diagnostic": {}})
        got = client.of("diagnostic")
        self.assertEqual("full", got["kind"])
        self.assertIn("P002", [f["code"] for f in got["items"]])
        again = client.of("diagnostic", previousResultId=got["resultId"])
        self.assertEqual({"kind": "unchanged", "resultId": got["resultId"]},
                         again)
        client.change({"text": POLICY})
        again = client.of("diagnostic", previousResultId=got["resultId"])
        self.assertEqual("full", again["kind"])
        whole = client.ask("workspace/diagnostic", {"previousResultIds": [
            {"uri": "untitled:a", "value": again["resultId"]}]})
        self.assertEqual(["unchanged"], [i["kind"] for i in whole["items"]])
        self.assertEqual([], client.seen)

    def test_the_same_as_check(self):
        path = self.write("a.maapolicy", self.BAD)
        wanted = [(f["code"], f["severity"]) for f in self.maapol(
            "check", "--format", "json", path).json["findings"]]
        names = {1: "error", 2: "warning", 3: "info"}
        client = self.opened(self.BAD)
        self.assertEqual(wanted, [(f["code"], names[f["severity"]])
                                  for f in client.findings()])

    def test_second_places(self):
        rule = '  [type=="x"] => permit();\n'
        text = "version=1.0;\nauthorizationrules\n{\n%s%s};\n" % (rule, rule)
        for shows in (True, False):
            client = self.opened(text, features={"publishDiagnostics": {
                "relatedInformation": shows}})
            found = [f for f in client.findings() if f["code"] == "L205"]
            self.assertEqual(1, len(found))
            self.assertEqual([1], found[0]["tags"])
            self.assertEqual(shows, "relatedInformation" in found[0])
            if shows:
                place = found[0]["relatedInformation"][0]["location"]
                self.assertIn(place["range"]["start"]["line"], (3, 4))
                self.assertNotEqual(place["range"], found[0]["range"])

    def test_a_token_has_no_places_of_its_own(self):
        client = self.opened(policy_token(self.BAD))
        found = [f for f in client.findings() if f["code"] == "P002"][0]
        self.assertEqual({"line": 0, "character": 0},
                         found["range"]["start"])
        self.assertIn("line 8", found["message"])
        self.refused(-32803, client.of, "formatting", options={})
        self.assertEqual([], client.of(
            "codeAction", range=span(0, 0, 0, 9), context={"diagnostics": []}))

    def test_configuration(self):
        self.write(".git/x", "")
        self.write(".maapol.json", {"type": "SevSnpVm",
                                    "lint": {"C102": "error"}})
        uri = "file://" + self.path("a%20b.maapolicy")
        client = self.start()
        client.open(POLICY.split("\n", 1)[1], uri)
        found = [f for f in client.findings() if f["code"] == "C102"]
        self.assertTrue(found)
        self.assertEqual({1}, {f["severity"] for f in found})
        self.write(".maapol.json", {"type": "SgxEnclave"})
        client.tell("workspace/didChangeWatchedFiles", {"changes": []})
        self.assertNotIn("C102", [f["code"] for f in client.findings()])
        self.write(".maapol.json", "{")
        client.tell("workspace/didChangeWatchedFiles", {"changes": []})
        self.assertIn(".maapol.json",
                      client.wait_for("window/logMessage")["message"])

    def test_type_and_what_says_so(self):
        self.write(".git/x", "")
        uri = "file://" + self.path("p.maapolicy")
        plain = POLICY.split("\n", 1)[1]
        client = self.start()
        for text, configuration, wanted in (
                (plain, {}, (None, None)),
                (plain, {"type": "Tpm"}, ("Tpm", "configuration")),
                (POLICY, {"type": "Tpm"}, ("SgxEnclave", "text"))):
            with self.subTest(wanted):
                self.write(".maapol.json", configuration)
                client.open(text, uri)
                client.tell("workspace/didChangeWatchedFiles", {"changes": []})
                got = client.ask("maapol/type", {"textDocument": {"uri": uri}})
                self.assertEqual(wanted, (got["type"], got["from"]))


class Edits(LspTest):
    def edited(self, text, edits, encoding="utf-16"):
        for edit in reversed(edits):
            text = apply(text, {"range": edit["range"],
                                "text": edit["newText"]}, encoding)
        return text

    def test_formatting_is_that_of_fmt(self):
        loose = POLICY.replace("  ", "      ").replace("==", " == ")
        for encoding in ENCODINGS:
            client = self.start(encoding)
            client.open(loose)
            got = self.edited(loose, client.of("formatting", options={}),
                              encoding)
            self.assertEqual(self.expect(OK, "fmt", "-", stdin=loose).out, got)
            client.change({"text": got})
            self.assertEqual([], client.of("formatting", options={}))

    def test_a_text_with_errors_is_left(self):
        client = self.opened(POLICY + "}")
        self.refused(-32803, client.of, "formatting", options={})

    def test_range(self):
        text = ('version=1.0;\nauthorizationrules\n{\n'
                ' [type=="a"]=>deny();\n [type=="b"]=>permit();\n};\n')
        client = self.opened(text)
        edits = client.of("rangeFormatting", range=span(4, 3, 4, 4),
                          options={})
        self.assertEqual(text.replace(' [type=="b"]=>', '  [type=="b"] => '),
                         self.edited(text, edits))

    def actions(self, client, where, only=None):
        context = {"diagnostics": []}
        if only:
            context["only"] = [only]
        return client.of("codeAction", range=where, context=context)

    def apply_action(self, text, action):
        return self.edited(text, action["edit"]["changes"]["untitled:a"])

    def test_fixes(self):
        client = self.opened(Findings.BAD)
        line, character = self.place(Findings.BAD, "value=2", 5)
        here = span(line, character, line, character)
        found = self.actions(client, here, "quickfix")
        self.assertEqual(["write `==`"], [a["title"] for a in found])
        self.assertTrue(found[0]["isPreferred"])
        self.assertEqual("P002", found[0]["diagnostics"][0]["code"])
        self.assertIn("value==2", self.apply_action(Findings.BAD, found[0]))
        self.assertEqual([], self.actions(client, span(0, 0, 0, 1),
                                          "quickfix"))
        self.assertEqual([], self.actions(client, here, "refactor"))

    def test_fix_all_is_that_of_check(self):
        bad = Findings.BAD.replace("authorizationrules", "AuthorizationRules")
        client = self.opened(bad)
        found = self.actions(client, span(0, 0, 0, 0), "source")
        self.assertEqual(["source.fixAll.maapol"], [a["kind"] for a in found])
        wanted = self.maapol("check", "--fix", "-", stdin=bad).out
        self.assertNotEqual(bad, wanted)
        self.assertEqual(wanted, self.apply_action(bad, found[0]))
        client.change({"text": wanted})
        self.assertEqual([], self.actions(client, span(0, 0, 0, 0),
                                          "source.fixAll"))

    def test_silence(self):
        client = self.opened()
        finding = [f for f in client.findings() if f["severity"] > 1][0]
        code = finding["code"]
        found = [a for a in self.actions(client, finding["range"])
                 if a["title"] == "silence %s here" % code]
        client.change({"text": self.apply_action(POLICY, found[0])})
        self.assertNotIn(finding["message"],
                         [f["message"] for f in client.findings()])

    def test_errors_are_never_silenced(self):
        client = self.opened(Findings.BAD)
        titles = [a["title"] for a in self.actions(client,
                                                   span(0, 0, 99, 0))]
        self.assertNotIn("silence P002 here", titles)


class Words(LspTest):
    def hover(self, client, part, inside=0, text=POLICY):
        got = self.ask_at(client, "hover", part, inside, text)
        return got and got["contents"]["value"]

    def test_hover(self):
        client = self.opened()
        for part, inside, wanted in (
                ("x-ms-sgx-svn", 3, "Integer"), ("AppendString", 1, "(a, b)"),
                ("permit", 0, "Permits"), ("c.value", 0, "is-debuggable"),
                ("c.value", 3, "64-bit"), ("issuancerules", 2, "After"),
                ("claim=c", 1, "identifier"), ("claim=c", 6, '"fine"')):
            with self.subTest(part):
                self.assertIn(wanted, self.hover(client, part, inside))
        for part in ("1.2", "// é", ";", '"a", "b"'):
            self.assertIsNone(self.hover(client, part))

    def test_hover_of_a_claim_of_another_type(self):
        text = POLICY.replace("SgxEnclave", "SevSnpVm")
        client = self.opened(text)
        self.assertIn("SevSnpVm evidence does not have it",
                      self.hover(client, "x-ms-sgx-svn", 1, text))

    def complete(self, before, after=""):
        """Labels, and the text after the first that `wanted` names."""
        text = POLICY.split("authorizationrules")[0] + before
        client = self.opened(text + after)
        place = self.place(text + "\0", "\0")
        return client, client.at("completion", *place)["items"]

    def labels(self, before, after=""):
        return [i["label"] for i in self.complete(before, after)[1]]

    def test_completion(self):
        inside = "authorizationrules\n{\n  "
        made = inside + '=> add(type="mine", value=1);\n  '
        for before, wanted, unwanted in (
                ("", "issuancerules", "permit"),
                ("auth", "authorizationrules", "type"),
                (inside + "[", "type", "claim"),
                (inside + "[ty", "type", "permit"),
                (inside + '[type=="', "x-ms-sgx-mrsigner", "x-ms-sevsnpvm-"),
                (made + '[type=="', "mine", "permit"),
                (inside + '[type=="a"] => ', "permit", "issue"),
                (inside + "=> pe", "deny", "issueproperty"),
                (inside + "=> add(", "value", "issuer"),
                (inside + 'c:[type=="a"] => add(type="b", value=c.', "issuer",
                 "claim"),
                (inside + 'c:[type=="a"] => add(type="b", value=', "c",
                 "type"),
                (inside + 'c:[type=="a"] => add(type="b", value=',
                 "JmesPath", "permit"),
                (inside + '[type=="x-ms-sgx-is-debuggable", value==', "false",
                 "type"),
                (inside + '[issuer=="', "CustomClaim", "x-ms-sgx-svn"),
                (inside + "};\nissuancerules { => ", "issue", "permit"),
                ('issuancerules { => issueproperty(type="', "omit_x5c",
                 "required_pcr_mask"),
                ("configurationrules { => ", "issueproperty", "add")):
            with self.subTest(before):
                got = self.labels(before)
                self.assertIn(wanted, got)
                self.assertNotIn(unwanted, got)
        for before in ("/* ", inside + "// x", inside + "/* ma"):
            self.assertEqual([], self.labels(before))

    def test_what_is_taken_replaces_what_was_begun(self):
        client, items = self.complete('authorizationrules{ [type=="x-ms',
                                      '"] => permit(); };')
        item = [i for i in items if i["label"] == "x-ms-sgx-svn"][0]
        self.assertEqual(span(2, 28, 2, 32), item["textEdit"]["range"])
        item = client.ask("completionItem/resolve", item)
        self.assertIn("Integer", item["documentation"]["value"])

    def test_functions_are_resolved(self):
        client, items = self.complete(
            'issuancerules{ => issue(type="a", value=')
        item = [i for i in items if i["label"] == "IsSubsetOf"][0]
        self.assertIn("subset", client.ask("completionItem/resolve", item)
                      ["documentation"]["value"])

    def test_signature(self):
        client = self.opened()
        got = self.ask_at(client, "signatureHelp", 'AppendString("a", "b")',
                          18)
        self.assertEqual("AppendString(a, b): string",
                         got["signatures"][0]["label"])
        self.assertEqual(1, got["activeParameter"])
        got = self.ask_at(client, "signatureHelp", 'issue(type="n"', 8)
        self.assertTrue(got["signatures"][0]["label"].startswith("issue("))
        self.assertIsNone(self.ask_at(client, "signatureHelp", "permit", 2))


class Names(LspTest):
    def test_identifiers_belong_to_their_rule(self):
        client = self.opened()
        all_of = self.ask_at(client, "references", "c.value",
                             context={"includeDeclaration": True})
        self.assertEqual([5, 6], [p["range"]["start"]["line"]
                                  for p in all_of])
        uses = self.ask_at(client, "references", "c.value",
                           context={"includeDeclaration": False})
        self.assertEqual([6], [p["range"]["start"]["line"] for p in uses])

    def test_claims_lead_to_the_rule_that_makes_them(self):
        client = self.opened()
        got = self.ask_at(client, "definition", '"fine", value==true', 2)
        self.assertEqual([6], [p["range"]["start"]["line"] for p in got])
        kinds = [h["kind"] for h in self.ask_at(
            client, "documentHighlight", '"fine", value==true', 2)]
        self.assertEqual([3, 2, 2], kinds)
        self.assertEqual([], self.ask_at(client, "definition",
                                         "x-ms-sgx-svn", 1))

    def renamed(self, part, inside, name, text=POLICY):
        client = self.opened(text)
        edits = self.ask_at(client, "rename", part, inside, text,
                            newName=name)["changes"]["untitled:a"]
        for edit in reversed(edits):
            text = apply(text, {"range": edit["range"],
                                "text": edit["newText"]}, "utf-16")
        return text

    def test_rename(self):
        got = self.renamed('"fine", value==true', 3, "good")
        self.assertEqual(POLICY.replace("fine", "good"), got)
        got = self.renamed("claim=c", 6, "selected")
        self.assertIn('selected:[type=="fine"] => issue(claim=selected)', got)
        self.assertIn('c:[type=="x-ms-sgx-is-debuggable"', got)

    def test_rename_refuses(self):
        text = POLICY.replace("=> issue(claim=c)",
                              '&& d:[type=="e"] => issue(claim=c)')
        client = self.opened(text)
        for part, inside, name, code in (
                ("x-ms-sgx-svn", 1, "b", -32803), ("permit", 1, "b", -32803),
                ("claim=c", 6, "d", -32803), ("claim=c", 6, "1", -32602),
                ("claim=c", 6, "true", -32602), ("claim=c", 6, "", -32602),
                ('"fine"', 1, 'a"b', -32602), ('"fine"', 1, "n", -32803)):
            with self.subTest((part, name)):
                self.refused(code, self.ask_at, client, "rename", part,
                             inside, text, newName=name)
        self.refused(-32803, self.ask_at, client, "prepareRename",
                     "x-ms-sgx-svn", 1, text)
        got = self.ask_at(client, "prepareRename", '"fine"', 1, text)
        self.assertEqual("fine", got["placeholder"])


class Shape(LspTest):
    def test_symbols(self):
        client = self.opened()
        got = client.of("documentSymbol")
        self.assertEqual([("authorizationrules", 2), ("issuancerules", 2)],
                         [(s["name"], len(s["children"])) for s in got])
        found = client.ask("workspace/symbol", {"query": "FIN"})
        self.assertEqual(["fine"], [s["name"] for s in found])

    def test_folding(self):
        client = self.opened("// a\n// b\n" + POLICY)
        got = {(f["startLine"], f["endLine"]): f.get("kind")
               for f in client.of("foldingRange")}
        self.assertEqual("comment", got[0, 2])
        self.assertIn((4, 11), got)
        self.assertIn((7, 8), got)

    def test_selection_grows(self):
        client = self.opened()
        line, character = self.place(POLICY, "x-ms-sgx-svn", 2)
        level = client.of("selectionRange", positions=[
            {"line": line, "character": character}])[0]
        texts = []
        while level:
            where = level["range"]
            a = offset(POLICY, where["start"], "utf-16")
            b = offset(POLICY, where["end"], "utf-16")
            texts.append(POLICY[a:b])
            level = level.get("parent")
        self.assertEqual("x-ms-sgx-svn", texts[0])
        self.assertEqual('"x-ms-sgx-svn"', texts[1])
        self.assertEqual('[type=="x-ms-sgx-svn", value>2]', texts[2])
        self.assertEqual(POLICY, texts[-1])
        for inner, outer in zip(texts, texts[1:]):
            self.assertIn(inner, outer)

    def decoded(self, data):
        line = character = 0
        for i in range(0, len(data), 5):
            down, right, length, kind, _ = data[i:i + 5]
            character = right if down else character + right
            line += down
            yield line, character, length, kind

    def test_semantic_tokens(self):
        for encoding in ENCODINGS:
            client = Client(self.directory)
            self.addCleanup(self.finish, client)
            legend = client.initialize(encoding)["capabilities"][
                "semanticTokensProvider"]["legend"]["tokenTypes"]
            client.open(POLICY)
            words = []
            for line, at, length, kind in self.decoded(
                    client.of("semanticTokens/full")["data"]):
                a = offset(POLICY, {"line": line, "character": at}, encoding)
                b = offset(POLICY, {"line": line, "character": at + length},
                           encoding)
                words.append((legend[kind], POLICY[a:b]))
            for word in (("comment", "// é𝄞"), ("keyword", "permit"),
                         ("variable", "c"), ("function", "AppendString"),
                         ("enumMember", '"fine"'), ("number", "1.2"),
                         ("operator", "&&"), ("parameter", "claim"),
                         ("string", '"a"'), ("property", "type")):
                self.assertIn(word, words)

    def test_semantic_delta(self):
        client = self.opened()
        before = client.of("semanticTokens/full")
        same = client.of("semanticTokens/full/delta",
                         previousResultId=before["resultId"])
        self.assertEqual([], same["edits"])
        data = before["data"]
        for change in ({"range": span(7, 2, 7, 2), "text": "// x\n"},
                       {"range": span(1, 0, 3, 0), "text": ""},
                       {"text": POLICY}):
            client.change(change)
            got = client.of("semanticTokens/full/delta",
                            previousResultId=same["resultId"])
            for edit in got["edits"]:
                at = edit["start"]
                data[at:at + edit["deleteCount"]] = edit["data"]
            same = got
            client.next_id += 1
            whole = client.of("semanticTokens/range",
                              range=span(0, 0, 999, 0))
            self.assertEqual(whole["data"], data)
        old = client.of("semanticTokens/full/delta", previousResultId="x")
        self.assertEqual(data, old["data"])


if __name__ == "__main__":
    unittest.main()
