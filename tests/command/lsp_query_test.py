# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: queries of JMESPath inside of strings, and constants."""
import base64
import json
import re
import unittest

from harness import OK
from lsp_client import Client, offset
from lsp_test import ENCODINGS, LspTest

QUERY = '''version=1.2;
issuancerules
{
  c:[type=="events", issuer=="AttestationService"]
    => issue(type="a", value=JmesPath(c.value, "Events[?PcrIndex == `7` && \
EventTypeString == 'é𝄞'].ProcessedData.\\"UnicodeName\\" | length(@)"));
  p:[type=="pcrs"] => add(type="b", value=JmesPath(p.value, "%s"));
};
'''
POLICY = QUERY % "PCRs[0].Digests.SHA256"


class QueryTest(LspTest):
    def text_of(self, text, where, encoding="utf-16"):
        return text[offset(text, where["start"], encoding):
                    offset(text, where["end"], encoding)]

    def place_in(self, text, part, inside, encoding="utf-16"):
        """Line and character, whatever stands before."""
        i = text.index(part) + inside
        start = max(text.rfind("\n", 0, i), text.rfind("\r", 0, i)) + 1
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le",
                "utf-32": "utf-32-le"}[encoding]
        unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        before = text[:i].replace("\r\n", "\n").replace("\r", "\n")
        return (before.count("\n"), len(text[start:i].encode(name)) // unit)

    def hover(self, client, text, part, inside=0, encoding="utf-16"):
        got = client.at("hover", *self.place_in(text, part, inside, encoding))
        if not got:
            return None, None
        return (got["contents"]["value"],
                self.text_of(text, got["range"], encoding))


class Hover(QueryTest):
    def test_parts_of_a_query(self):
        client = self.opened(POLICY)
        for part, inside, where, wanted in (
                ("Events[", 2, "Events", "the events of the log"),
                ("PcrIndex", 1, "PcrIndex", "integer"),
                ("[?", 1, "[?", "filter"), ("`7`", 1, "`7`", "a number"),
                ("== `7`", 0, "==", "equal"), ("&&", 1, "&&", "and"),
                ("'é𝄞'", 2, "'é𝄞'", "each character"),
                (".ProcessedData", 3, "ProcessedData", "object"),
                ('\\"UnicodeName', 4, '\\"UnicodeName\\"',
                 "name of a UEFI variable"),
                ("| length", 0, "|", "pipe"),
                ("length(@)", 3, "length", "length(subject): number"),
                ("(@)", 1, "@", "the value at hand"),
                ("[0]", 1, "0", "position"),
                ("SHA256", 1, "SHA256", "64 lower-case")):
            with self.subTest(part):
                text, place = self.hover(client, POLICY, part, inside)
                self.assertIn(wanted, text)
                self.assertEqual(where, place)

    def test_a_member_is_that_of_its_parent(self):
        client = self.opened(POLICY)
        text = self.hover(client, POLICY, ".Digests", 2)[0]
        self.assertIn("what the PCR holds", text)
        other = POLICY.replace("PCRs[0]", "Events[0]")
        client = self.opened(other)
        self.assertIn("the event's digests",
                      self.hover(client, other, ".Digests", 2)[0])

    def test_names_that_look_like_literals(self):
        text = QUERY % "a == true"
        self.assertIn("the *field* of that name",
                      self.hover(self.opened(text), text, "true", 1)[0])

    def test_the_first_argument_is_no_query(self):
        text = QUERY % "a"
        text = text.replace("p.value", '"length(@)"')
        client = self.opened(text)
        self.assertNotIn("length(subject)",
                         self.hover(client, text, '"length(@)"', 3)[0] or "")

    def test_every_encoding_and_line_end(self):
        for encoding in ENCODINGS:
            for end in ("\n", "\r\n", "\r"):
                text = POLICY.replace("\n", end).replace("  p:", "\tp:")
                client = self.start(encoding)
                client.open(text)
                got, place = self.hover(client, text, "length(@)", 2, encoding)
                self.assertIn("length(subject)", got)
                self.assertEqual("length", place)

    def test_functions_give_what_their_pages_say(self):
        rows = open("grammar/jmespath_functions.h").read()
        names = re.findall(r"  F\((\w+),", rows)
        self.assertGreater(len(names), 20)
        client = self.opened()
        for name in names:
            text = QUERY % (name + "(")
            client.change({"text": text})
            page = self.hover(client, text, '"' + name, 2)[0]
            with self.subTest(name):
                example = re.search(r"gives\n\n```json\n(.*)\n```", page)
                query = re.findall(r"```jmespath\n(.*)\n```", page)
                self.assertTrue(query[0].startswith(name + "("))
                got = self.expect(OK, "query", "--compact", query[1], "-",
                                  stdin="{}").out
                self.assertEqual(example.group(1), got.strip())


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Constants(QueryTest):
    CONDITION = ('// maapol: type=SgxEnclave\nversion=1.0;\n'
                 'authorizationrules { [%s] => permit(); };\n')

    def about(self, tests, part, inside=1):
        text = self.CONDITION % tests
        return self.hover(self.opened(text), text, part, inside)[0]

    def test_hex(self):
        got = self.about('type=="x-ms-sgx-mrenclave", value=="%s"' %
                         ("4d" * 32), '"4d4d')
        self.assertIn("32 bytes, all of them 0x4d", got)
        self.assertIn(encoded(b"M" * 32), got)
        self.assertIn("M" * 32, got)
        self.assertIn("MRENCLAVE", got)
        self.assertNotIn("never", got)

    def test_a_value_that_the_claim_never_has(self):
        for value in ('"4D4D"', '"%s"' % ("4D" * 32), "12", "true"):
            got = self.about('type=="x-ms-sgx-mrenclave", value==' + value,
                             "value==" + value, 7)
            self.assertIn("never has this value", got)
            self.assertIn("64 lower-case hex digits", got)
        self.assertIn("never", self.about(
            'type=="x-ms-sgx-svn", value=="3"', '"3"'))
        self.assertNotIn("never", self.about(
            'type=="x-ms-sgx-svn", value==3', "==3", 2))
        self.assertNotIn("never", self.about(
            'type=="x-ms-sgx-mrenclave", value!="x"', '"x"'))

    def test_the_type_may_stand_behind(self):
        got = self.about('value==true, type=="x-ms-sgx-is-debuggable"',
                         "true", 2)
        self.assertIn("whether the enclave can be debugged", got)

    def test_another_condition_says_nothing(self):
        text = self.CONDITION.replace("=> permit", "&& [value==true] => permit")
        text %= 'type=="x-ms-sgx-is-debuggable", value==false'
        self.assertIsNone(self.hover(self.opened(text), text, "value==true",
                                     8)[0])

    def test_tokens(self):
        token = ".".join([encoded({"alg": "RS256"}),
                          encoded({"iss": "https://a", "x": "```\nend"}),
                          "c2ln"])
        got = self.about('type=="a", value=="%s"' % token, token)
        self.assertIn("Nothing of it was verified", got)
        self.assertIn('"alg": "RS256"', got)
        self.assertIn("https://a", got)
        self.assertIn("````json", got)  # the text cannot end its fence
        for other in ("a.b.c", token.replace(".", ":"), "..."):
            self.assertNotIn("JWT", self.about(
                'type=="a", value=="%s"' % other, other) or "")

    def test_base64(self):
        self.assertIn('"a": 1', self.about(
            'type=="x", value=="%s"' % encoded({"a": 1}), "eyJ"))
        self.assertIsNone(self.about('type=="x", value=="ordinary"',
                                     "ordinary"))

    def test_numbers(self):
        for number, wanted in (("1700000000", "2023-11-14T22:13:20Z"),
                               ("0x1f", "decimal: 31"),
                               ("255", "hexadecimal: 0xff")):
            self.assertIn(wanted, self.about('type=="a", value>' + number,
                                             number))
        self.assertIsNone(self.about('type=="a", value>7', ">7", 1))
        self.assertIsNone(self.about(
            'type=="a", value>99999999999999999999', "9999"))

    def test_properties(self):
        text = ('version=1.2;\nconfigurationrules { => issueproperty('
                'type="required_pcr_mask", value=0x85); };\nissuancerules {'
                ' => issueproperty(type="report_validity_in_minutes", '
                'value=1500); };\n')
        client = self.opened(text)
        self.assertIn("PCRs 0, 2, 7", self.hover(client, text, "0x85", 1)[0])
        self.assertIn("1 days, 1 hours, 0 minutes",
                      self.hover(client, text, "1500", 1)[0])

    def test_issuers(self):
        self.assertIn("the client sends", self.about(
            'type=="a", issuer=="CustomClaim"', "CustomClaim"))


class Colours(QueryTest):
    def words(self, text, encoding):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        legend = client.initialize(encoding)["capabilities"][
            "semanticTokensProvider"]["legend"]["tokenTypes"]
        client.open(text)
        line = at = 0
        data = client.of("semanticTokens/full")["data"]
        for i in range(0, len(data), 5):
            down, right, length, kind, _ = data[i:i + 5]
            at = right if down else at + right
            line += down
            yield (legend[kind], self.text_of(text, {
                "start": {"line": line, "character": at},
                "end": {"line": line, "character": at + length}}, encoding))

    def test_words_of_queries(self):
        for encoding in ENCODINGS:
            words = list(self.words(POLICY, encoding))
            for word in (("property", "PcrIndex"), ("function", "length"),
                         ("number", "`7`"), ("string", "'é𝄞'"),
                         ("property", '\\"UnicodeName\\"'),
                         ("operator", "[?"), ("string", '"'),
                         ("number", "0")):
                self.assertIn(word, words)


class Signatures(QueryTest):
    def active(self, query, inside):
        text = QUERY % query
        got = self.opened(text).at(
            "signatureHelp", *self.place_in(text, query, inside))
        return (got["signatures"][0]["label"], got["activeParameter"],
                len(got["signatures"][0]["parameters"]))

    def test_functions_of_queries(self):
        self.assertEqual(("contains(subject, search): boolean", 1, 2),
                         self.active("contains(a, b)", 12))
        self.assertEqual(("length(subject): number", 0, 1),
                         self.active("contains(length(a", 17))
        self.assertEqual(("merge(object, ..): object", 1, 2),
                         self.active("merge(a, b, c", 13))
        self.assertEqual(1, self.active("a.b", 2)[1])  # JmesPath itself
        self.assertTrue(self.active("a.b", 2)[0].startswith("JmesPath("))


class Selection(QueryTest):
    def test_brackets_of_queries(self):
        client = self.opened(POLICY)
        line, character = self.place_in(POLICY, "PcrIndex", 2)
        level = client.of("selectionRange", positions=[
            {"line": line, "character": character}])[0]
        texts = []
        while level:
            texts.append(self.text_of(POLICY, level["range"]))
            level = level.get("parent")
        self.assertEqual("PcrIndex", texts[0])
        self.assertEqual("PcrIndex == `7` && EventTypeString == 'é𝄞'",
                         texts[1])
        self.assertEqual("[?%s]" % texts[1], texts[2])
        self.assertTrue(texts[3].startswith("Events["))
        self.assertEqual('"%s"' % texts[3], texts[4])


if __name__ == "__main__":
    unittest.main()
