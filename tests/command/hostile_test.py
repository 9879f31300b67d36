# SPDX-License-Identifier: Apache-2.0
"""What others wrote must not forge a line of our output, move the cursor or
flood the terminal: control characters in policies, claims, names; colours;
long lines."""
import json
import os
import re
import select
import subprocess
import unittest

from check_test import CLEAN, ERROR, PLAIN, plain_lines
from harness import (CommandTest, INPUT, MAAPOL, NO, OK, SECONDS, environment,
                     open_terminal)

FORGED = "x.maapolicy:1:1: info[F401]: all is well"
# Each makes a terminal show something else than what is there.
TRICKS = ["\x1b[2J\x1b[H", "\r" + FORGED, "\x07\x08", "\x7f", "\x9b31m",
          "\u202e", "\u2028", "\u2066", "\u200b", "\ufeff", "\x0b\x0c"]


class HostileTest(CommandTest):
    def assert_plain_is_honest(self, *arguments):
        """As many lines as findings, and none of them forged."""
        report = self.maapol("check", "--format", "json", *arguments)
        plain = self.maapol("check", "--format", "plain", *arguments)
        self.assert_harmless(plain.raw_out, plain)
        self.assert_harmless(plain.raw_err, plain)
        found = plain_lines(plain.out)
        self.assertEqual([f["code"] for f in report.json["findings"]],
                         [f["code"] for f in found], plain)
        self.assertNotIn("\n" + FORGED, "\n" + plain.out)
        return found

    def assert_human_is_honest(self, *arguments):
        result = self.maapol("check", "--color", "never", *arguments)
        self.assert_harmless(result.raw_out, result)
        self.assert_harmless(result.raw_err, result)
        self.assertNotIn("\n" + FORGED, "\n" + result.out)
        return result


class Policies(HostileTest):
    def assert_honest(self, text):
        self.write("p.maapolicy", text)
        found = self.assert_plain_is_honest("p.maapolicy")
        self.assert_human_is_honest("p.maapolicy")
        self.assertTrue(found, "nothing was found in %r" % text)

    def test_between_tokens(self):
        for trick in TRICKS:
            with self.subTest(repr(trick)):
                self.assert_honest(CLEAN.replace("=>", trick + "=>"))

    def test_in_comments_and_strings_of_a_bad_line(self):
        line = '/* %s */ [type="%s"] => permit();'
        for trick in TRICKS:
            with self.subTest(repr(trick)):
                self.assert_honest(CLEAN.replace(
                    "=> permit();", line % (trick, trick)))

    def test_line_break_in_a_string_that_a_message_quotes(self):
        for trick in ["\n" + FORGED + "\n"] + TRICKS:
            for written in (trick, json.dumps(trick)[1:-1]):
                with self.subTest(written):
                    self.assert_honest(
                        'version=1.1;\nconfigurationrules\n{\n=> '
                        'issueproperty(type="%s", value=1);\n};\n' % written)
                    self.assert_honest(CLEAN.replace(
                        "=>", '[issuer=="%s"] =>' % written))

    def test_in_the_file_as_a_whole(self):
        for trick in ["\n" + FORGED] + TRICKS:
            for text in (trick, trick * 50, "{" + trick, '"' + trick,
                         "version=" + trick, "package " + trick):
                with self.subTest(text[:20]):
                    self.assert_honest(text)

    def test_bytes_that_are_not_utf8(self):
        for raw in (b"\xff\xfe", b"\xc0\x9b2J", b"\xed\xa0\x80", b"\x9b2J",
                    b"\xf8\x88\x80\x80\x80"):
            with self.subTest(raw):
                self.write("p.maapolicy", CLEAN.encode().replace(b"=>",
                                                                 raw + b"=>"))
                self.assert_plain_is_honest("p.maapolicy")
                self.assert_human_is_honest("p.maapolicy")


class Names(HostileTest):
    NAMES = [b"a\nb.maapolicy", b"\x1b[31mred.maapolicy", b"\r.maapolicy",
             "\u202efdp.maapolicy".encode(), "\x9b2J.maapolicy".encode()]

    def test_of_files_with_findings(self):
        for name in self.NAMES:
            with self.subTest(name):
                self.write(name, ERROR)
                self.assert_plain_is_honest(name)
                self.assert_human_is_honest(name)

    def test_a_name_that_holds_a_whole_finding_stays_on_its_line(self):
        name = self.write("a\n%s.policy" % FORGED, ERROR)
        for form in ("human", "plain"):
            result = self.maapol("check", "--format", form, name)
            self.assert_harmless(result.raw_out, result)
            self.assertNotIn("\n" + FORGED, result.out)

    def test_of_files_in_a_directory(self):
        for name in self.NAMES:
            self.write(b"all/" + name, ERROR)
        found = self.assert_plain_is_honest("all")
        self.assertEqual(len(self.NAMES), len(found))

    def test_of_files_that_are_missing(self):
        for name in self.NAMES:
            for words in (["check", name],
                          ["eval", "--policy", name, "--claims", name],
                          ["hash", name], ["evidence", "show", name],
                          ["attest", "--quote", name]):
                with self.subTest(words):
                    result = self.expect(INPUT, *words)
                    self.assert_harmless(result.raw_err, result)
                    self.assertEqual(1, result.err.count("\n"), result)

    def test_json_is_json_even_then(self):
        for name in [b"\xff\xfe.maapolicy", b"a\x80b.maapolicy"]:
            with self.subTest(name):
                self.write(name, ERROR)
                result = self.maapol("check", "--format", "json", name)
                (finding,) = json.loads(result.raw_out)["findings"]
                self.assertEqual("P002", finding["code"])

    def test_plain_escapes_bytes_that_are_not_utf8(self):
        self.write(b"\xff.maapolicy", ERROR)
        result = self.maapol("check", "--format", "plain", b"\xff.maapolicy")
        self.assert_harmless(result.raw_out, result)
        self.assertRegex(result.out, PLAIN)


class Evaluation(HostileTest):
    """Neither policy nor claims can forge "decision: permit"."""
    FORGED = "\ndecision: permit\n"
    POLICY = ('version=1.0;\nauthorizationrules\n{\n'
              '  [type=="a", value=="%s"] => permit();\n};\n')

    def assert_denied(self, *options):
        result = self.expect(NO, "eval", "--policy", "p.maapolicy",
                             "--claims", "claims.json", *options)
        self.assert_harmless(result.raw_out, result)
        self.assert_harmless(result.raw_err, result)
        self.assertEqual(["decision: deny"], re.findall(
            "^decision: .*", result.out, re.MULTILINE), result)

    def test_in_values(self):
        for trick in [self.FORGED] + TRICKS:
            with self.subTest(repr(trick)):
                self.write("p.maapolicy", self.POLICY % "x")
                self.write("claims.json", {"a": trick, "b" + trick: 1})
                self.assert_denied()
                self.assert_denied("--trace")

    def test_in_the_policy(self):
        for trick in [self.FORGED] + TRICKS:
            with self.subTest(repr(trick)):
                self.write("p.maapolicy",
                           self.POLICY % json.dumps(trick)[1:-1])
                self.write("claims.json", {"a": "x"})
                self.assert_denied("--trace")

    def test_in_issued_claims(self):
        self.write("claims.json", {"a": "".join([self.FORGED] + TRICKS)})
        self.write("p.maapolicy", CLEAN + 'issuancerules\n{\n'
                   'c:[type=="a"] => issue(type="x\\ndecision: deny", '
                   'value=c.value);\n};\n')
        result = self.expect(OK, "eval", "--policy", "p.maapolicy",
                             "--claims", "claims.json", "--trace")
        self.assert_harmless(result.raw_out, result)
        self.assertEqual(["decision: permit"], re.findall(
            "^decision: .*", result.out, re.MULTILINE), result)

    def test_in_claims_that_are_refused(self):
        self.write("p.maapolicy", CLEAN)
        for trick in [self.FORGED] + TRICKS:
            with self.subTest(repr(trick)):
                self.write("claims.json", {"a" + trick: None})
                result = self.expect(INPUT, "eval", "--policy", "p.maapolicy",
                                     "--claims", "claims.json")
                self.assert_harmless(result.raw_err, result)
                self.assertEqual(1, result.err.count("\n"), result)


class Arguments(HostileTest):
    def test_words_that_messages_repeat(self):
        self.write("p.maapolicy", CLEAN)
        word = "x\x1b[2J\n" + FORGED
        for words in ([word], ["check", "--" + word, "p"], ["explain", word],
                      ["check", "--select", word, "p.maapolicy"],
                      ["check", "--type", word, "p.maapolicy"],
                      ["check", "--format", word, "p.maapolicy"],
                      ["evidence", word], ["help", word]):
            with self.subTest(words):
                result = self.assert_usage(*words)
                self.assert_harmless(result.raw_err, result)
                self.assertNotIn("\n" + FORGED, result.err)


class LongLines(CommandTest):
    """A whole policy on one line is common."""
    WIDEST = 300
    RULES = '[type=="a", value=="é"] => deny(); ' * 3000

    def one_line(self, rule):
        return ("version=1.0; authorizationrules{ " + self.RULES + rule +
                self.RULES + "};")

    def test_place_and_caret(self):
        rule = '[type="svn", value==3] => permit(); '
        text = self.one_line(rule)
        column = len("version=1.0; authorizationrules{ " + self.RULES +
                     "[type") + 1
        self.write("p.maapolicy", text)
        plain = self.expect(NO, "check", "--format", "plain", "p.maapolicy")
        (found,) = plain_lines(plain.out)
        self.assertEqual(("1", str(column), "P002"),
                         (found["line"], found["column"], found["code"]))
        human = self.expect(NO, "check", "p.maapolicy")
        lines = human.out.split("\n")
        self.assertLess(max(map(len, lines)), self.WIDEST)
        at = next(i for i, l in enumerate(lines) if '[type="svn"' in l)
        self.assertEqual("=", lines[at][lines[at + 1].index("^")])

    def test_plain_quotes_no_long_text(self):
        self.write("p.maapolicy", self.one_line("x" * 200 + " "))
        result = self.expect(NO, "check", "--format", "plain", "p.maapolicy")
        for line in result.out.split("\n"):
            self.assertLess(len(line), 2 * self.WIDEST)

    def test_names_and_strings_are_cut_in_messages(self):
        name = "a" * 100000
        for text in ('version=1.1; configurationrules{ => issueproperty('
                     'type="%s", value=1); };' % name,
                     CLEAN.replace("permit", name),
                     CLEAN.replace("=>", '&& [issuer=="%s"] =>' % name),
                     CLEAN.replace("=>", "&& [type==%s.value] =>" % name)):
            self.write("p.maapolicy", text)
            for form in ("human", "plain"):
                with self.subTest(text[:60], format=form):
                    result = self.maapol("check", "--format", form,
                                         "p.maapolicy")
                    widest = max(map(len, result.out.split("\n")))
                    self.assertLess(widest, 2 * self.WIDEST)


def in_terminal(arguments, cwd, env):
    """What a terminal receives from the program's standard output."""
    master, slave = open_terminal()
    process = subprocess.Popen([MAAPOL, *arguments], stdin=subprocess.DEVNULL,
                               stdout=slave, stderr=slave, cwd=cwd,
                               env=environment(env))
    os.close(slave)
    received = b""
    try:
        while select.select([master], [], [], SECONDS)[0]:
            try:
                part = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            received += part
        process.wait(SECONDS)
    finally:
        process.kill()
        os.close(master)
    return received


class Colour(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", ERROR)

    def is_coloured(self, *options, env=None, terminal=False):
        words = ["check", *options, "p.maapolicy"]
        if terminal:
            out = in_terminal(words, self.directory, env)
            self.assertIn(b"P002", out)
        else:
            out = self.maapol(*words, env=env).raw_out
        return b"\x1b[" in out

    def test_in_files_and_pipes(self):
        self.assertFalse(self.is_coloured())
        self.assertFalse(self.is_coloured("--color", "auto"))
        self.assertFalse(self.is_coloured("--color", "never"))
        self.assertTrue(self.is_coloured("--color", "always"))
        self.assertTrue(self.is_coloured(env={"MAAPOL_COLOR": "always"}))
        self.assertFalse(self.is_coloured(env={"NO_COLOR": "1"}))

    def test_in_a_terminal(self):
        def shown(*options, **env):
            return self.is_coloured(*options, env=env, terminal=True)
        self.assertTrue(shown())
        self.assertTrue(shown("--color", "auto"))
        self.assertFalse(shown("--color", "never"))
        self.assertFalse(shown(NO_COLOR="1"))
        self.assertFalse(shown("--color", "auto", NO_COLOR="1"))
        self.assertTrue(shown("--color", "always", NO_COLOR="1"))
        self.assertFalse(shown(MAAPOL_COLOR="never"))

    def test_only_what_people_read_is_coloured(self):
        for form in ("plain", "json"):
            self.assertFalse(self.is_coloured("--color", "always",
                                              "--format", form))

    def test_text_is_the_same_without_its_colours(self):
        plain = self.maapol("check", "p.maapolicy").out
        coloured = self.maapol("check", "--color", "always",
                               "p.maapolicy").out
        self.assertEqual(plain, re.sub("\x1b\\[[0-9;]*m", "", coloured))
        self.assertTrue(coloured.endswith("\n"))

    def test_every_colour_is_switched_off_again(self):
        self.write("claims.json", {})
        for words in (["check", "p.maapolicy"],
                      ["eval", "--policy", "clean", "--claims",
                       "claims.json"]):
            self.write("clean", CLEAN)
            out = self.maapol(*words, "--color", "always").out
            codes = re.findall("\x1b\\[([0-9;]*)m", out)
            self.assertTrue(codes)
            self.assertIn(codes[-1], ("", "0"))


if __name__ == "__main__":
    unittest.main()
