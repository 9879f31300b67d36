# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: the indent while somebody types, and links."""
import json
import os
import unittest

from harness import NO, OK, CommandTest, policy_token
from lsp_client import Client, apply

LONG = "l{;o(n]g" * 6
LAID_OUT = '''// a { comment
version=1.2;
authorizationrules
{
  c:[type=="%s", value==1] &&
  [type=="%s"]
    => add(
      type="x",
      value=AppendString(
        "%s",
        "b%s"
      )
    );
  => permit();
};
issuancerules
{
  => issue(type="t", value=1);
};
''' % (LONG, LONG, LONG, LONG)


class TypingTest(CommandTest):
    """A client, and what becomes of a text."""

    def start(self, text, uri="untitled:a"):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        client.initialize()
        client.open(text, uri)
        return client

    def finish(self, client):
        client.tell("exit")
        self.assertIn(client.end(), (OK, NO), client.error)

    def typed(self, text, ch, client=None):
        """The text, where "|" stands for the caret, after `ch` was typed."""
        client = client or self.start("")
        line = text[:text.index("|")].count("\n")
        column = len(text[:text.index("|")].rsplit("\n", 1)[-1])
        text = text.replace("|", "")
        client.change({"text": text})
        edits = client.at("onTypeFormatting", line, column, ch=ch, options={
            "tabSize": 8, "insertSpaces": False})
        for edit in edits or []:
            where = edit["range"]
            self.assertEqual((line, 0), (where["start"]["line"],
                                         where["start"]["character"]))
            self.assertEqual(line, where["end"]["line"])
            text = apply(text, {"range": where, "text": edit["newText"]},
                         "utf-16")
        return text


class Indents(TypingTest):
    def test_every_line_of_a_text_that_is_laid_out(self):
        """Whatever a line's indent was, the new one is that of the layout."""
        self.write("p.maapolicy", LAID_OUT)
        self.expect(OK, "fmt", "--check", "p.maapolicy")
        client = self.start("")
        lines = LAID_OUT.split("\n")
        for i, line in enumerate(lines):
            for indent in ("", "\t  ", " " * 30):
                caret = indent + "|" + line.lstrip(" ")
                text = "\n".join(lines[:i] + [caret] + lines[i + 1:])
                with self.subTest(line=line, indent=indent):
                    self.assertEqual(LAID_OUT, self.typed(text, "\n", client))

    def test_the_statement_that_ends(self):
        for end in (";|", "}|", "};|"):
            text = "authorizationrules\n{\n" + "        => permit()" + end
            want = "authorizationrules\n{\n  => permit()" + end
            if "}" in end:
                text = "authorizationrules\n{\n" + " " * 8 + end
                want = "authorizationrules\n{\n" + end
            self.assertEqual(want.replace("|", ""),
                             self.typed(text, end[-2]).replace("|", ""))

    def test_an_empty_line(self):
        client = self.start("")
        for before, indent in (("authorizationrules\n{", 2),
                               ("authorizationrules\n{\n  => permit();", 2),
                               ('authorizationrules\n{\n  [type=="a"]', 4),
                               ('authorizationrules\n{\n  [type=="a"] &&', 2),
                               ('authorizationrules\n{\n  [type=="a",', 4),
                               ("authorizationrules\n{\n  => add(", 6),
                               ("authorizationrules\n{\n};", 0),
                               ("version=1.2;", 0), ("", 0), ("}}}}", 0)):
            with self.subTest(before):
                self.assertEqual(before + "\n" + " " * indent,
                                 self.typed(before + "\n|", "\n", client))

    def test_strings_and_comments_are_left_alone(self):
        client = self.start("")
        head = "authorizationrules\n{\n"
        for inside in ('        [type=="a;|"]', "        // ;|",
                       "        /* ;| */", '        [type=="a}|'):
            self.assertEqual((head + inside).replace("|", ""),
                             self.typed(head + inside, inside[
                                 inside.index("|") - 1], client))
        inside = head + "/* a\n       |b\n*/"
        self.assertEqual(inside.replace("|", ""),
                         self.typed(inside, "\n", client))

    def test_a_token_is_not_changed(self):
        text = policy_token("version=1.0;\nauthorizationrules {};") + "\n  |"
        self.assertEqual(text.replace("|", ""), self.typed(text, "\n"))


class Links(TypingTest):
    def links(self, text, name="p.maapolicy"):
        self.write(name, text)
        uri = "file://" + os.path.join(self.directory, name)
        client = self.start(text, uri)
        found = []
        lines = text.split("\n")
        for link in client.of("documentLink", uri=uri):
            begin, end = link["range"]["start"], link["range"]["end"]
            self.assertEqual(begin["line"], end["line"])
            found.append((lines[begin["line"]][begin["character"]:
                                               end["character"]],
                          link["target"]))
        return found

    def file(self, name):
        return "file://" + os.path.join(os.path.realpath(self.directory),
                                        name).replace(" ", "%20")

    def test_of_comments(self):
        self.write("é.json", "{}")
        found = self.links(
            "// see (https://example.org/a?b=c#d), http://example.org/.\n"
            "// maapol: sample=é.json ignore=L202,C102 sample=missing.json\n"
            "/* \"https://example.org/x\" https:// L202 sample=é.json */\n"
            'version=1.2; authorizationrules { [type=="https://a.b/c"] => '
            "permit(); };\n")
        self.assertEqual(["https://example.org/a?b=c#d", "http://example.org/",
                          "é.json", "C102", "https://example.org/x"],
                         [w for w, _ in found if w != "ignore=L202"])
        targets = dict(found)
        self.assertEqual("https://example.org/a?b=c#d",
                         targets["https://example.org/a?b=c#d"])
        self.assertTrue(targets["é.json"].endswith("/%C3%A9.json"))
        self.assertRegex(targets["C102"], r"^https://.*/C102\.md$")

    def test_of_suites_and_configurations(self):
        os.makedirs(self.path("a b"))
        self.write("a b/p.maapolicy", "version=1.2;")
        self.write("claims.json", "{}")
        text = json.dumps({"policy": "a b/p.maapolicy", "tests": [
            {"claims": "./claims.json", "claims.json": "no.json",
             "name": "https://example.org/", "escaped": "claim\\u0073.json",
             "folder": "a b/", "up": "../", "open": "a.b"}]}, indent=1)
        want = [("a b/p.maapolicy", self.file("a b/p.maapolicy")),
                ("./claims.json", self.file("claims.json")),
                ("https://example.org/", "https://example.org/")]
        for name in ("s.maatest.json", ".maapol.json"):
            self.assertEqual(want, self.links(text, name))
        self.assertEqual([], self.links('["', "t.maatest.json"))
        self.assertEqual([], self.links('["\\', "t.maatest.json"))


if __name__ == "__main__":
    unittest.main()
