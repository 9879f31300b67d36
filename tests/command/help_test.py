# SPDX-License-Identifier: Apache-2.0
"""Help, version, and what is said of words that are misspelt."""
import os
import re
import shlex
import unittest

from harness import CommandTest, OK, ROOT, USAGE, example, read
from remote_server import make_certificate, make_key, pem

COMMON = {"help", "color", "verbose"}
EVENTS = '{"Events":[{"PcrIndex":7,"EventTypeString":"EV_SEPARATOR"}]}'


class HelpTest(CommandTest):
    def verbs(self):
        """Names by the overview: "check", "evidence show", .."""
        out = self.expect(OK, "--help").out
        table = out.split("\n\n")[2]
        return [re.match(r"  ([a-z]+(?: [a-z]+)?)  +\S", line).group(1)
                for line in table.split("\n")]

    def help(self, verb):
        return self.expect(OK, *verb.split(), "--help").out

    def options(self, verb):
        """Long names, and whether a value follows."""
        text = self.help(verb).split("options:\n")[1].split("\nexample")[0]
        return {name: bool(value) for name, value in re.findall(
            r"^  (?:-\w, |    )--([a-zA-Z-]+)( \S+)?", text, re.MULTILINE)}

    def examples(self, verb):
        text = self.help(verb).split("example:\n")[1]
        return [line.strip() for line in text.strip().split("\n")]


class Help(HelpTest):
    def test_overview(self):
        verbs = self.verbs()
        for verb in ("check", "eval", "attest", "evidence show",
                     "evidence make", "hash", "explain", "version"):
            self.assertIn(verb, verbs)
        out = self.expect(OK, "--help").out
        self.assertEqual(out, self.expect(OK, "-h").out)
        self.assertEqual(out, self.expect(OK, "help").out)

    def test_without_a_word_it_is_wrong_usage(self):
        result = self.assert_usage()
        self.assertIn("usage: maapol", result.err)

    def test_every_verb_has_usage_options_and_an_example(self):
        for verb in self.verbs():
            with self.subTest(verb):
                text = self.help(verb)
                self.assertTrue(text.startswith("usage: maapol " + verb))
                self.assertLessEqual(COMMON, set(self.options(verb)))
                for line in self.examples(verb):
                    self.assertTrue(line.startswith("maapol " + verb), line)

    def test_short_form_and_verb_help(self):
        for verb in self.verbs():
            with self.subTest(verb):
                text = self.help(verb)
                self.assertEqual(text, self.expect(OK, *verb.split(),
                                                   "-h").out)
                self.assertEqual(text, self.expect(OK, "help",
                                                   *verb.split()).out)

    def test_help_wins_over_what_is_missing(self):
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertEqual(self.help(verb),
                                 self.expect(OK, *verb.split(), "x",
                                             "--help").out)

    def test_no_line_is_blank_at_its_end(self):
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertNotRegex(self.help(verb), "[ \t]\n")

    def test_the_first_word_of_two(self):
        for words in (["evidence"], ["evidence", "--help"],
                      ["help", "evidence"]):
            with self.subTest(words):
                result = self.maapol(*words)
                self.assertIn(result.status, (OK, USAGE))
                self.assertIn("evidence show", result.out + result.err)

    def test_examples_run(self):
        self.make_files()
        for name in ("attestation.jwt", "certs.json"):
            self.write(name, read(os.path.join(ROOT, "examples", "token",
                                               name)))
        for verb in self.verbs():
            for line in self.examples(verb):
                words = shlex.split(line)
                self.assertEqual("maapol", words.pop(0))
                if "--collateral" in words:
                    continue  # Intel's, of which there are no samples
                if verb == "serve":
                    continue  # it does not end
                if "--endpoint" in words:
                    words += ["--dry-run"]  # nobody is there
                if "--roots" in self.help(verb) and verb != "token verify":
                    words += ["--roots", "pki"]
                with self.subTest(line):
                    result = self.expect(OK, *words)
                    for remark in result.err.splitlines():
                        self.assertTrue(remark.startswith("note: "), result)

    def make_files(self):
        """The files that the examples speak of."""
        policy = read(example("policy.maapolicy"))
        for name in ("policy.maapolicy", "release.maapolicy",
                     "policies/a.maapolicy", "policies/b.policy"):
            self.write(name, policy)
        self.write("claims.json", read(example("claims.json")))
        self.write("events.json", EVENTS)
        for name in ("key.json", "key.pem"):
            self.write(name, read(example("root-ca.pem")))
        for name in ("signer", "old", "new"):
            key = make_key()
            self.write(name + ".key", pem(key))
            self.write(name + ".pem", pem(make_certificate(name, key,
                                                           ca=True)))
        self.write("policies.audit", {
            "result": "done", "type": "SgxEnclave",
            "endpoint": "https://contoso.eus.attest.azure.net",
            "before": {"default": True}, "after": {}})
        self.expect(OK, "evidence", "make", "--type", "SgxEnclave", "--set",
                    "runtime-data=@key.pem", "--pki", "pki", "-o",
                    "enclave.quote")


class Documentation(HelpTest):
    """docs/cli.md and the help speak of the same verbs and options."""

    def setUp(self):
        super().setUp()
        self.page = read(os.path.join(ROOT, "docs", "cli.md"))

    def section(self, verb):
        found = re.search(r"^## %s\n(.*?)(?=^## |\Z)" % verb, self.page,
                          re.MULTILINE | re.DOTALL)
        self.assertIsNotNone(found, "no section about " + verb)
        return found.group(1)

    def test_verbs(self):
        table = set(re.findall(r"^\| \[([a-z ]+)\]\(", self.page,
                               re.MULTILINE))
        self.assertEqual(set(self.verbs()), table)

    def test_options_of_the_help_are_documented(self):
        for verb in self.verbs():
            section = self.section(verb)
            options = set(self.options(verb)) - COMMON
            # What many verbs have is explained once.
            if "endpoint" in options:
                section += self.section("options of the service")
            if "key" in options:
                section += self.section("sign")
            for option in options:
                with self.subTest(verb, option=option):
                    short = {"output": "-o"}.get(option, "--" + option)
                    self.assertRegex(section,
                                     re.escape(short) + r"(?![a-z-])")

    def test_documented_options_are_in_the_help(self):
        for verb in self.verbs():
            usage = re.search(r"```\n(.*?)```", self.section(verb), re.DOTALL)
            named = set(re.findall(r"--([a-zA-Z-]+)", usage.group(1)))
            with self.subTest(verb):
                self.assertLessEqual(
                    named - {"version"}, set(self.options(verb)))


class Version(CommandTest):
    def test_version(self):
        version = read(os.path.join(ROOT, "VERSION")).strip()
        for words in (["--version"], ["version"]):
            out = self.expect(OK, *words).out
            self.assertRegex(out, r"^maapol %s\b" % re.escape(version))
            self.assertEqual(1, out.count("\n"))

    def test_more_words_are_wrong(self):
        self.assert_usage("version", "please")


class Misspelt(HelpTest):
    def test_verbs(self):
        for given, meant in (("chek", "check"), ("evla", "eval"),
                             ("atest", "attest"), ("hsh", "hash"),
                             ("explian", "explain"), ("CHECK", "check"),
                             ("verison", "version")):
            with self.subTest(given):
                self.assert_usage(given, "x", mentions="`%s`" % meant)
        self.assert_usage("evidence", "shw", mentions="`evidence show`")
        self.assert_usage("evidnece", "show", mentions="evidence show")

    def test_no_guess_where_nothing_is_near(self):
        result = self.assert_usage("zzzzzzzz")
        self.assertNotIn("did you mean", result.err)

    def test_options(self):
        """Of every option of every verb, one letter is left out."""
        for verb in self.verbs():
            for option in self.options(verb):
                given = option[:2] + option[3:]
                if len(option) < 4 or given in self.options(verb):
                    continue
                with self.subTest(verb, option=option):
                    self.assert_usage(*verb.split(), "--" + given,
                                      mentions="--" + option)

    def test_options_that_lack_their_value(self):
        for verb in self.verbs():
            for option, takes_value in self.options(verb).items():
                if takes_value:
                    with self.subTest(verb, option=option):
                        self.assert_usage(*verb.split(), "--" + option,
                                          mentions="--" + option)


if __name__ == "__main__":
    unittest.main()
