# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: calls between rules, names, changes that can be made, and
policies inside of tokens."""
import json
import os
import pathlib
import unittest

from harness import policy_token
from lsp_client import Client, apply, offset, span
from lsp_query_test import encoded
from lsp_test import ENCODINGS, LspTest

CALLS = '''version=1.2;
issuancerules
{
  [type=="one"] && [type=="two", value==true] => issue(type="late", value=1);
};
authorizationrules
{
  [type=="one"] => add(type="early", value=1);
  => add(type="one", value=1);
  [type=="one"] => add(type="two", value=true);
  c:[type=="two"] => add(claim=c);
  [type=="two", issuer=="AttestationService"] => deny();
  [value==true] => permit();
};
'''
#: line of the rule: lines of the rules that make what it reads
MAKERS = {3: {8, 9, 10}, 7: set(), 8: set(), 9: {8}, 10: {9}, 11: set(),
          12: {7, 8, 9, 10}}
NAMES = '''version=1.2;
authorizationrules
{
  c:[type=="fine", value=="fine"] => add(type="other", value=c.value);
  [type=="x-ms-sgx-svn"] => add(type="f\\u0069ne", value="fine");
  d:[type=="fine", issuer=="CustomClaim"] => deny();
  => permit();
};
issuancerules
{
  => issueproperty(type="omit_x5c", value=true);
};
'''


class LanguageTest(LspTest):
    FEATURES = {"publishDiagnostics": {}, "codeAction": {
        "codeActionLiteralSupport": {}, "disabledSupport": True}}

    def texts(self, text, ranges, encoding="utf-16"):
        return [text[offset(text, where["start"], encoding):
                     offset(text, where["end"], encoding)]
                for where in ranges]

    def edited(self, text, edits, encoding="utf-16"):
        keyed = sorted(edits, key=lambda e: (e["range"]["start"]["line"],
                                             e["range"]["start"]["character"]))
        for edit in reversed(keyed):
            text = apply(text, {"range": edit["range"],
                                "text": edit["newText"]}, encoding)
        return text


class Calls(LanguageTest):
    def line_of(self, item):
        return item["range"]["start"]["line"]

    def test_each_rule_leads_to_those_that_make_what_it_reads(self):
        client = self.opened(CALLS)
        made = {line: set() for line in MAKERS}
        for line, makers in MAKERS.items():
            at = CALLS.splitlines()[line].index("=>")
            item = client.at("prepareCallHierarchy", line, at)[0]
            self.assertEqual(line, self.line_of(item))
            found = client.ask("callHierarchy/outgoingCalls", {"item": item})
            self.assertEqual(makers, {self.line_of(c["to"]) for c in found})
            for maker in makers:
                made[maker].add(line)
        for line, readers in made.items():
            at = CALLS.splitlines()[line].index("=>")
            item = client.at("prepareCallHierarchy", line, at)[0]
            found = client.ask("callHierarchy/incomingCalls", {"item": item})
            self.assertEqual(readers, {self.line_of(c["from"])
                                       for c in found}, line)

    def test_the_places_are_those_that_read(self):
        for encoding in ENCODINGS:
            text = CALLS.replace("\n", "\r\n").replace(
                "  [type==\"one\"] &&", "\t/*é𝄞*/ [type==\"one\"] &&")
            client = self.start(encoding)
            client.open(text)
            item = client.at("prepareCallHierarchy", 3, 99)[0]
            found = client.ask("callHierarchy/outgoingCalls", {"item": item})
            self.assertEqual(
                [['"one"'], ['"two"'], ['"two"']],
                [self.texts(text, c["fromRanges"], encoding) for c in found])
            self.assertEqual("authorizationrules, rule 2",
                             found[0]["to"]["detail"])
            self.assertEqual('add(type="one", value=1)',
                             found[0]["to"]["name"].rstrip(";"))

    def test_on_a_claim_the_rules_that_make_it(self):
        client = self.opened(CALLS)
        at = CALLS.splitlines()[3].index("two")
        self.assertEqual([9, 10], [self.line_of(i) for i in client.at(
            "prepareCallHierarchy", 3, at)])
        at = CALLS.splitlines()[11].index("two")  # only that of the service
        self.assertEqual([11], [self.line_of(i) for i in client.at(
            "prepareCallHierarchy", 11, at)])

    def test_no_rule(self):
        client = self.opened(CALLS)
        self.assertIsNone(client.at("prepareCallHierarchy", 0, 2))
        self.refused(-32602, client.ask, "callHierarchy/incomingCalls",
                     {"item": {}})
        self.refused(-32602, client.ask, "callHierarchy/outgoingCalls",
                     {"item": {"uri": "untitled:a"}})
        client.open(CALLS + "]] &&")
        self.assertTrue(client.at("prepareCallHierarchy", 9, 20))


class NamesTest(LanguageTest):
    def renamed(self, text, part, inside, name):
        client = self.opened(text)
        edits = self.ask_at(client, "rename", part, inside, text,
                            newName=name)["changes"]["untitled:a"]
        return self.edited(text, edits)

    def test_values_and_claims_from_outside_keep_their_names(self):
        got = self.renamed(NAMES, 'type=="fine", value', 8, "good")
        self.assertEqual(
            NAMES.replace('[type=="fine", value', '[type=="good", value')
            .replace("f\\u0069ne", "good"), got)

    def test_refusals_say_why(self):
        own = NAMES.replace('"other"', '"x-ms-sgx-mrenclave"')
        own = "// maapol: type=SgxEnclave\n" + own
        client = self.opened(own)
        for part, inside, words in (
                ("omit_x5c", 2, "the service knows"),
                ("x-ms-sgx-svn", 2, "no rule of this policy makes"),
                ("x-ms-sgx-mrenclave", 2, "evidence has a claim"),
                ('fine", issuer', 1, "that no rule makes"),
                ("permit", 2, "only identifiers"),
                ('value=="fine"', 9, "only identifiers")):
            with self.subTest(part):
                with self.assertRaisesRegex(Exception, words):
                    self.ask_at(client, "prepareRename", part, inside, own)
        self.refused(-32803, self.ask_at, client, "rename", "f\\u0069ne", 2,
                     own, newName="x-ms-sgx-product-id")

    def test_properties_have_references(self):
        text = NAMES.replace("};\nissu", '  => issueproperty(type='
                             '"omit_x5c", value=false);\n};\nissu')
        got = self.ask_at(self.opened(text), "references", "omit_x5c", 2,
                          text, context={"includeDeclaration": True})
        self.assertEqual(2, len(got))

    def test_linked_editing(self):
        for encoding in ENCODINGS:
            text = NAMES.replace('value=="fine"', 'value=="é𝄞"')
            client = self.start(encoding)
            client.open(text)
            got = client.at("linkedEditingRange", 3, 2)
            self.assertEqual(["c", "c"],
                             self.texts(text, got["ranges"], encoding))
            self.assertIsNone(client.at("linkedEditingRange", 3, 14))
            self.assertIsNone(client.at("linkedEditingRange", 6, 6))

    def test_type_definition(self):
        client = self.opened(NAMES)
        got = self.ask_at(client, "typeDefinition", "c.value", 0, NAMES)
        self.assertEqual(["f\\u0069ne"],
                         self.texts(NAMES, [p["range"] for p in got]))
        text = NAMES.replace("f\\u0069ne", "else")
        client.change({"text": text})
        got = self.ask_at(client, "typeDefinition", "c.value", 0, text)
        self.assertEqual(["fine"], self.texts(text, [p["range"]
                                                     for p in got]))
        self.assertEqual([], self.ask_at(client, "typeDefinition", "permit",
                                         1, text))


class Actions(LanguageTest):
    OLD = '''// maapol: type=SgxEnclave
version=1.0;
authorizationrules
{
  [type=="$is-debuggable", value=false] && [type=="$svn", value=3] &&
    [type=="x-ms-sgx-product-id", value==3] && [type=="$svn", value==3] &&
    [type=="n", value=="é𝄞"]
    => permit();
};
'''

    def actions(self, client, part=None, only=None, text=OLD):
        where = span(0, 0, 0, 0)
        if part:
            line, at = self.place(text, part)
            where = span(line, at, line, at)
        context = {"diagnostics": []}
        if only:
            context["only"] = [only]
        return client.of("codeAction", range=where, context=context)

    def applied(self, text, action):
        return self.edited(text, action["edit"]["changes"]["untitled:a"])

    def titled(self, actions, part):
        return [a for a in actions if part in a["title"]][0]

    def opened(self, text=OLD, **more):
        return super().opened(text, features=dict(self.FEATURES, **more))

    def test_all_of_one_code(self):
        client = self.opened()
        found = self.titled(self.actions(client, "=false"), "fix all 2 of P")
        self.assertEqual("quickfix", found["kind"])
        self.assertEqual(self.OLD.replace("=false", "==false").replace(
            "value=3]", "value==3]"), self.applied(self.OLD, found))
        one = self.OLD.replace("=false", "==false")
        client.change({"text": one})
        self.assertEqual([], [
            a for a in self.actions(client, "=3] ", text=one)
            if "fix all 1" in a["title"] or "of P002" in a["title"]])

    def test_silence_in_the_text(self):
        good = self.OLD.replace("value=f", "value==f").replace(
            "value=3]", "value==3]")
        good = good.replace("\n", "\r\n")
        client = self.opened(good)
        codes = [f["code"] for f in client.findings()]
        self.assertEqual(3, codes.count("C103"))
        found = self.titled(self.actions(client, "$is", text=good),
                            "silence C103 in this text")
        text = self.applied(good, found)
        self.assertTrue(text.startswith("// maapol-ignore-file C103\r\n"))
        client.change({"text": text})
        self.assertNotIn("C103", [f["code"] for f in client.findings()])

    def test_errors_cannot_be_silenced_and_it_is_said(self):
        client = self.opened()
        found = self.titled(self.actions(client, "=false"), "silence P002")
        self.assertIn("never silenced", found["disabled"]["reason"])
        self.assertNotIn("edit", found)
        client = self.opened(codeAction={"codeActionLiteralSupport": {}})
        self.assertFalse([a for a in self.actions(client, "=false")
                          if "disabled" in a or "silence P002" in a["title"]])

    def test_new_names(self):
        client = self.opened()
        found = self.actions(client, "$svn", "refactor.rewrite")
        self.assertEqual(["refactor.rewrite"] * 2, [a["kind"] for a in found])
        self.assertEqual(self.OLD.replace("$svn", "x-ms-sgx-svn", 1),
                         self.applied(self.OLD, found[0]))
        self.assertEqual(
            self.OLD.replace("$svn", "x-ms-sgx-svn").replace(
                "$is-", "x-ms-sgx-is-"), self.applied(self.OLD, found[1]))
        text = self.OLD.replace("=> permit", '=> add(type="$svn", value=1);\n'
                                "  => permit")
        client.change({"text": text})
        self.assertEqual([], self.actions(client, "$svn", "refactor.rewrite",
                                          text))

    def test_placeholders(self):
        client = self.opened()
        found = self.actions(client, "3] &&", "refactor.extract")[0]
        self.assertEqual("refactor.extract", found["kind"])
        text = self.OLD.replace('$svn", value=3', '$svn", value=${SVN}')
        text = text.replace('$svn", value==3', '$svn", value==${SVN}')
        text = text.replace("  [type", "// placeholder SVN: 3\n  [type", 1)
        self.assertEqual(text, self.applied(self.OLD, found))
        client.change({"text": text})
        found = self.actions(client, '"é𝄞', "refactor.extract", text)[0]
        text = self.applied(text, found)
        self.assertIn('[type=="n", value=="${N}"]', text)
        self.assertIn('// placeholder N: "é𝄞"\n', text)
        client.change({"text": text})
        refused = self.actions(client, '"${N}', "refactor", text)[0]
        self.assertIn("no value of a claim", refused["disabled"]["reason"])

    def test_a_placeholder_has_a_name_of_its_own(self):
        text = self.OLD.replace("version", "// ${SVN}\nversion", 1)
        client = self.opened(text)
        found = self.actions(client, "3] &&", "refactor.extract", text)[0]
        self.assertIn("${SVN_2}", found["title"])

    def test_kinds(self):
        client = self.opened()
        kinds = [a["kind"] for a in self.actions(client, "=3] &&")]
        order = ["quickfix", "refactor.extract", "refactor.rewrite",
                 "source.fixAll.maapol"]
        self.assertEqual(sorted(kinds, key=order.index), kinds)
        for only in ("quickfix", "refactor", "refactor.extract", "source",
                     "source.fixAll", "source.fixAll.maapol"):
            for action in self.actions(client, "=3] &&", only):
                self.assertTrue((action["kind"] + ".").startswith(only + "."))
        self.assertEqual([], self.actions(client, "=3] &&", "source.fixAll.x"))
        self.assertEqual([], self.actions(client, "=3] &&", "sour"))

    def test_edits_come_later_for_clients_that_ask(self):
        client = self.opened(codeAction={
            "codeActionLiteralSupport": {}, "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]}})
        found = self.actions(client, only="source.fixAll")[0]
        self.assertNotIn("edit", found)
        text = self.applied(self.OLD, client.ask("codeAction/resolve", found))
        self.assertIn("value==3]", text)
        client.change({"text": text})
        self.refused(-32801, client.ask, "codeAction/resolve", found)

    def configured(self, before, code="L201"):
        """What `.maapol.json` is after the action; None: there is none."""
        self.write("repository/a/p.maapolicy", "version=1.0;\n")
        os.makedirs(self.path("repository/.git"), exist_ok=True)
        root = pathlib.Path(os.path.realpath(self.path("repository")))
        if before is None:
            (root / ".maapol.json").unlink(missing_ok=True)
        else:
            self.write("repository/.maapol.json", before)
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        client.ask("initialize", {"capabilities": {
            "textDocument": self.FEATURES, "workspace": {"workspaceEdit": {
                "documentChanges": True, "resourceOperations": ["create"]}}}})
        uri = (root / "a/p.maapolicy").as_uri()
        client.open("version=1.0;\nauthorizationrules { => deny(); };\n", uri)
        found = [a for a in client.of("codeAction", uri, range=span(
            0, 0, 9, 0), context={"diagnostics": []})
            if a["title"] == "switch %s off in the configuration" % code]
        if not found:
            return None
        edit = found[0]["edit"]
        target = (root / ".maapol.json").as_uri()
        if before is None:
            create, change = edit["documentChanges"]
            self.assertEqual(("create", target, True), (
                create["kind"], create["uri"],
                create["options"]["ignoreIfExists"]))
            self.assertEqual(target, change["textDocument"]["uri"])
            return self.edited("", change["edits"])
        return self.edited(before, edit["changes"][target])

    def test_switch_off_in_the_configuration(self):
        for before in ("{}", '{ "type": "SgxEnclave"\n}', '{"lint": {}}',
                       '{\n  "lint": { "L": "info" }\n}\n',
                       '{"lint": {"L201": "warning", "X": "off"}, "é": 1}',
                       None):
            after = json.loads(self.configured(before))
            wanted = json.loads(before or "{}")
            wanted.setdefault("lint", {})["L201"] = "off"
            self.assertEqual(wanted, after)
            if before and "L201" not in before:
                self.assertEqual("L201", list(after["lint"])[-1])
            if before is None or "é" in before:
                continue
            with open(self.path("repository/.maapol.json"), "w") as f:
                json.dump(after, f)
            got = self.maapol("check", "--format", "plain",
                              "repository/a/p.maapolicy")
            self.assertNotIn("L201", got.out)

    def test_a_broken_configuration_is_left(self):
        for before in ("[]", "{", '{"lint": 1}'):
            self.assertIsNone(self.configured(before))

    def test_nothing_to_fix_is_said(self):
        client = self.opened("version=1.0;\nauthorizationrules { => deny(); "
                             "};\n")
        found = self.actions(client, only="source.fixAll")
        self.assertIn("no finding", found[0]["disabled"]["reason"])
        self.assertEqual([], [a for a in self.actions(client)
                              if a["kind"].startswith("source")])


class Decoded(LanguageTest):
    INSIDE = '''version=1.0;
authorizationrules
{
  c:[type=="é", value=true] => permit();
};
'''
    URI = "file:///tmp/no%20such/p.jws"
    TEXT = "maapol-decoded:" + URI
    OTHERS = ("maapol-decoded:file%3A///tmp/no%20such/p.jws",
              "maapol-decoded:file:///tmp/no%2520such/p.jws".replace(
                  "%2520", "%20"))

    def carriers(self):
        token = policy_token(self.INSIDE)
        yield token
        yield json.dumps({"token": token})
        yield encoded(self.INSIDE.encode())
        yield json.dumps({"AttestationPolicy": encoded(self.INSIDE.encode())})

    def opened(self, text, **more):
        client = self.start(features=dict(self.FEATURES, **more))
        client.open(text, self.URI)
        return client

    def test_the_text_inside(self):
        for carrier in self.carriers():
            with self.subTest(carrier[:20]):
                client = self.opened(carrier)
                got = client.ask("maapol/decoded",
                                 {"textDocument": {"uri": self.URI}})
                self.assertEqual((self.TEXT, self.INSIDE, "maapolicy"),
                                 (got["uri"], got["text"], got["languageId"]))
                self.assertEqual(got, client.ask("workspace/executeCommand", {
                    "command": "maapol.showDecoded",
                    "arguments": [{"uri": self.URI}]}))
                for uri in (self.TEXT,) + self.OTHERS:
                    self.assertEqual({"text": self.INSIDE}, client.ask(
                        "workspace/textDocumentContent", {"uri": uri}))
                self.assertIn("Nothing of it was verified", client.at(
                    "hover", 0, 1, self.URI)["contents"]["value"])

    def test_features_on_it(self):
        client = self.opened(policy_token(self.INSIDE))
        found = client.of("diagnostic", self.TEXT)["items"]
        error = [f for f in found if f["code"] == "P002"][0]
        self.assertEqual(span(3, 21, 3, 22), error["range"])
        self.assertEqual(["authorizationrules"], [
            s["name"] for s in client.of("documentSymbol", self.TEXT)])
        self.assertIn("Permits", client.at("hover", 3, 31, self.TEXT)[
            "contents"]["value"])
        self.assertTrue(client.of("semanticTokens/full", self.TEXT)["data"])
        item = client.at("prepareCallHierarchy", 3, 5, self.TEXT)[0]
        self.assertEqual(self.TEXT, item["uri"])
        self.assertEqual([], client.ask("callHierarchy/incomingCalls",
                                        {"item": item}))

    def test_it_is_another_when_the_token_is(self):
        client = self.opened(policy_token(self.INSIDE))
        first = client.of("diagnostic", self.TEXT)
        other = self.INSIDE.replace("value=true", "value==true")
        client.change({"text": policy_token(other)}, uri=self.URI)
        self.assertEqual(other, client.ask(
            "workspace/textDocumentContent", {"uri": self.TEXT})["text"])
        got = client.of("diagnostic", self.TEXT,
                        previousResultId=first["resultId"])
        self.assertNotIn("P002", [f["code"] for f in got["items"]])
        client.change({"text": other}, uri=self.URI)
        self.refused(-32803, client.ask, "workspace/textDocumentContent",
                     {"uri": self.TEXT})
        self.refused(-32602, client.of, "documentSymbol", self.TEXT)

    def test_nothing_is_changed(self):
        client = self.opened(policy_token(self.INSIDE))
        for uri, words in ((self.URI, "signed"), (self.TEXT, "not be")):
            with self.subTest(uri):
                for call in (lambda: client.of("formatting", uri, options={}),
                             lambda: client.at("prepareRename", 3, 2, uri),
                             lambda: client.at("rename", 3, 2, uri,
                                               newName="d")):
                    with self.assertRaisesRegex(Exception, words):
                        call()
                where = span(0, 0, 99, 0)
                self.assertEqual([], client.of(
                    "codeAction", uri, range=where, context={
                        "diagnostics": []}))
                got = client.of("codeAction", uri, range=where, context={
                    "diagnostics": [], "only": ["source.fixAll"]})
                self.assertIn(words, got[0]["disabled"]["reason"])
                self.assertIsNone(client.at("linkedEditingRange", 3, 2, uri))

    def test_a_client_may_open_it(self):
        client = self.opened(policy_token(self.INSIDE))
        client.findings()
        client.open(self.INSIDE, self.OTHERS[0])
        self.assertIn("P002", [f["code"] for f in client.findings()])
        with self.assertRaisesRegex(Exception, "not be changed"):
            client.of("formatting", self.OTHERS[0], options={})

    def test_no_token(self):
        client = self.opened(self.INSIDE)
        self.refused(-32803, client.ask, "maapol/decoded",
                     {"textDocument": {"uri": self.URI}})
        self.refused(-32602, client.ask, "maapol/decoded", {})
        self.refused(-32602, client.ask, "workspace/textDocumentContent",
                     {"uri": self.URI})
        self.refused(-32602, client.ask, "workspace/textDocumentContent",
                     {"uri": "maapol-decoded:"})

    def test_who_signed(self):
        head = encoded({"alg": "PS256", "kid": "key`1\n", "x5c": ["QUJD"]})
        body = encoded({"AttestationPolicy": encoded(self.INSIDE.encode())})
        client = self.opened("%s.%s.%s" % (head, body, "A" * 342))
        got = client.at("hover", 0, 1, self.URI)["contents"]["value"]
        for words in ("PS256", "signature: 256 bytes", "`key1`",
                      "certificates of the signer: 1; 3 bytes"):
            self.assertIn(words, got)
        client = self.opened(policy_token(self.INSIDE))
        self.assertIn("nobody signed it", client.at(
            "hover", 0, 1, self.URI)["contents"]["value"])


if __name__ == "__main__":
    unittest.main()
