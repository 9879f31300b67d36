# SPDX-License-Identifier: Apache-2.0
"""Completion, in the shells themselves, at a terminal as a user types."""
import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from harness import (MAAPOL, OK, ROOT, SECONDS, USAGE, CommandTest,
                     environment, open_terminal, read)

# Stands before the program in PATH: completion goes to it, anything else is
# shown as the words that arrived.
SHOW_WORDS = """#!/bin/sh
if [ "$1" = complete ]; then exec '%s' "$@"; fi
printf '<'
for word in "$@"; do printf '[%%s]' "$word"; done
printf '>\\n'
"""


def table_of(text):
    """{candidate: help}"""
    return dict(line.split("\t", 1) if "\t" in line else (line, "")
                for line in text.splitlines())


class Complete(CommandTest):
    """What the program offers to the scripts."""

    def offered(self, *words):
        return table_of(self.expect(OK, "complete", *words).out)

    def verbs(self):
        table = self.expect(OK, "--help").out.split("\n\n")[2]
        return [re.match(r"  ([a-z]+(?: [a-z]+)?)  +(.*)", line).groups()
                for line in table.split("\n")]

    def help_of(self, verb):
        text = self.expect(OK, *verb.split(), "--help").out
        return text.split("options:\n")[1].split("\nexample")[0]

    def test_verbs_with_their_summary(self):
        first = self.offered("")
        for verb, summary in self.verbs():
            words = verb.split()
            with self.subTest(verb):
                self.assertIn(words[0], first)
                if len(words) == 2:
                    self.assertEqual(summary,
                                     self.offered(words[0], "")[words[1]])
                else:
                    self.assertEqual(summary, first[verb])
        self.assertIn("help", first)
        self.assertNotIn("complete", first)
        self.assertNotIn("option-table", first)

    def test_only_what_begins_so(self):
        self.assertEqual({"check", "certs", "claims", "completion"},
                         set(self.offered("c")) & {
                             "check", "certs", "claims", "completion", "eval"})
        self.assertEqual({"verify"}, set(self.offered("evidence", "v")))
        self.assertEqual({}, self.offered("nothing", ""))
        self.assertEqual({}, self.offered("nothing", "more", "-"))

    def test_help_takes_verbs(self):
        self.assertEqual({"evidence", "eval"}, set(self.offered("help", "ev")))
        self.assertIn("show", self.offered("help", "evidence", ""))

    def test_every_option_of_every_verb(self):
        """The sibling programs tell of their own."""
        for verb, _ in self.verbs():
            text = self.help_of(verb)
            listed = set(re.findall(r"^  (?:-\w, |    )(--[a-zA-Z-]+)", text,
                                    re.MULTILINE))
            offered = self.offered(*verb.split(), "-")
            with self.subTest(verb):
                self.assertEqual(listed, set(offered))
                for option, line in offered.items():
                    self.assertIn(line, text, option)

    def test_formats_that_are_offered_are_taken(self):
        for verb, _ in self.verbs():
            if "--format" not in self.offered(*verb.split(), "--format"):
                continue
            with self.subTest(verb):
                values = self.offered(*verb.split(), "--format", "")
                self.assertGreater(len(values), 1)
                refused = self.maapol(*verb.split(), "--format", "nonsense")
                for value in values:
                    if "is one of" in refused.err:
                        self.assertRegex(refused.err, r"\b%s\b" % value)

    def test_values(self):
        types = {"SgxEnclave", "OpenEnclave", "SevSnpVm", "TdxVm",
                 "AzureGuest", "Tpm"}
        for words in (["check", "--type", ""], ["check", "-t", ""],
                      ["attest", "--type", ""], ["check", "--type", "=", ""],
                      ["policy", "set", "x", "--type", ""]):
            with self.subTest(words):
                self.assertEqual(types, set(self.offered(*words)))
        self.assertEqual({"none", "signature", "full"},
                         set(self.offered("attest", "--verify", "")))
        self.assertEqual({"always", "auto"},
                         set(self.offered("eval", "--color", "a")))
        self.assertEqual({"bash"}, set(self.offered("completion", "b")))
        self.assertEqual({":directories"},
                         set(self.offered("attest", "--roots", "")))
        for words in (["eval", "--policy", ""], ["eval", "-p", ""],
                      ["check", ""], ["check", "--", "--"], ["check", "x"],
                      ["token", "verify", ""], ["check", "--type", "T", ""]):
            with self.subTest(words):
                self.assertEqual({":files"}, set(self.offered(*words)))
        self.assertEqual({}, self.offered("metadata", ""))

    def test_a_value_behind_the_sign_keeps_the_option(self):
        self.assertEqual({"--type=SgxEnclave", "--type=SevSnpVm"},
                         set(self.offered("check", "--type=s")))
        self.assertEqual({}, self.offered("check", "--nothing=s"))

    def test_codes(self):
        listed = {line.split()[0]: line.split()[2] for line in
                  self.expect(OK, "explain").out.splitlines()}
        self.assertEqual(listed, self.offered("explain", ""))
        self.assertEqual(set(listed), set(self.offered("check", "--select",
                                                       "")))
        self.assertEqual({"S001,P00%d" % n for n in range(1, 10)},
                         set(self.offered("check", "--ignore", "S001,P00")))
        self.assertEqual({"--ignore=S001,P020"},
                         set(self.offered("check", "--ignore=S001,P02")))

    def test_claims(self):
        listed = {line.split()[0] for line in
                  self.expect(OK, "claims").out.splitlines()}
        self.assertEqual(listed, set(self.offered("claims", "")))

    def test_any_words_do_no_harm(self):
        for words in ([], ["-"], ["--"], ["="], ["check", "=", "="],
                      ["check", "--type"], ["check", "--type", "=", "="],
                      ["help"], ["help", "help", "check", ""], ["\xff"],
                      ["check", "-"], ["check", "-t"], ["check", "-=", "-="],
                      ["complete", ""], ["option-table", ""], ["", "", ""],
                      ["evidence", "nothing", ""], ["evidence", "--", ""],
                      ["check", "--select", ","], ["x" * 5000, ""]):
            with self.subTest(words):
                self.expect(OK, "complete", *words)

    def test_completion_is_used_wrongly(self):
        self.assert_usage("completion", mentions="bash, zsh or fish")
        self.assert_usage("completion", "csh", mentions="csh")
        self.assert_usage("completion", "bash", "zsh")

    def test_scripts_are_those_of_the_source(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertEqual(
                read(os.path.join(ROOT, "completion", "maapol." + shell)),
                self.expect(OK, "completion", shell).out)


class Terminal:
    """An interactive shell, to which keys are sent."""

    def __init__(self, command, directory, env):
        for descriptor in open_terminal():  # else there is nothing to try
            os.close(descriptor)
        self.process, self.descriptor = pty.fork()
        if not self.process:
            os.chdir(directory)
            os.execve(command[0], command, env)
        self.seen = ""

    def wait_for(self, pattern):
        """The match of what is on the screen from now on."""
        end = time.monotonic() + 3 * SECONDS
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found
            if time.monotonic() > end:
                raise AssertionError("%s is not in %r" % (pattern, self.seen))
            if select.select([self.descriptor], [], [], 1)[0]:
                self.seen += os.read(self.descriptor, 65536).decode(
                    errors="replace")

    def type(self, keys):
        os.write(self.descriptor, keys.encode())

    def close(self):
        os.close(self.descriptor)
        os.waitpid(self.process, 0)


# What is typed, with the tabulator key as ~, and the words that must arrive.
# What follows a completed word shows that the shell went on behind it.
TYPED = (
    ("chec~ --max-w~ 3", ["check", "--max-warnings", "3"]),
    ("evid~ver~--roo~sub~", ["evidence", "verify", "--roots", "sub dir/"]),
    ("attest --type sevs~ --veri~ful~", ["attest", "--type", "SevSnpVm",
                                         "--verify", "full"]),
    ("check --type=td~ two~", ["check", "--type=TdxVm", "two words.policy"]),
    ("check --select S001,P02~", ["check", "--select", "S001,P020"]),
    ("eval --policy two~", ["eval", "--policy", "two words.policy"]),
    ("serve --http --mod~isol~", ["serve", "--http", "--mode", "isolated"]),
    ("policy rollb~", ["policy", "rollback"]),
)


class Shell(CommandTest):
    slow = True

    def setUp(self):
        super().setUp()
        self.write("bin/maapol", SHOW_WORDS % MAAPOL)
        os.chmod(self.path("bin/maapol"), 0o755)
        self.write("two words.policy", "")
        self.write("sub dir/file", "")
        self.env = environment({
            "PATH": self.path("bin") + ":/usr/bin:/bin", "TERM": "dumb",
            "HOME": self.directory, "COLUMNS": "200"})

    def script(self, shell, name):
        self.write(name, self.expect(OK, "completion", shell).raw_out)
        return self.path(name)

    def shell(self, *command, before):
        if not shutil.which(command[0]):
            self.skipTest("there is no %s here" % command[0])
        terminal = Terminal([shutil.which(command[0]), *command[1:]],
                            self.directory, self.env)
        self.addCleanup(terminal.close)
        # Typed text is echoed: the mark is not written as it is printed.
        for line in before + ["echo rea''dy; PS1='$ '"]:
            terminal.type(line + "\n")
        terminal.wait_for("ready\r?\n")
        return terminal

    def assert_completes(self, terminal):
        for typed, words in TYPED:
            with self.subTest(typed):
                terminal.type("maapol " + typed.replace("~", "\t") + "\n")
                line = terminal.wait_for(r"<((?:\[[^\]\n]*\])+)>\r?\n")
                arrived = re.findall(r"\[([^\]]*)\]", line.group(1))
                # zsh takes the slash of a directory away again
                self.assertEqual([w.rstrip("/") for w in words],
                                 [w.rstrip("/") for w in arrived])

    def test_bash(self):
        script = self.script("bash", "maapol.bash")
        terminal = self.shell("bash", "--norc", "--noprofile", "-i",
                              before=["source '%s'" % script])
        self.assert_completes(terminal)
        terminal.type("maapol check --\t\t")
        shown = terminal.wait_for(r"(?s)\n(.*)\$ maapol check --").group(1)
        for option in ("--format", "--help", "--select"):
            self.assertIn(option, shown)

    def test_zsh(self):
        self.script("zsh", "functions/_maapol")
        terminal = self.shell("zsh", "-f", "-i", before=[
            "unsetopt beep automenu", "fpath=('%s' $fpath)" %
            self.path("functions"), "autoload -Uz compinit",
            "compinit -u -d '%s'" % self.path("dump")])
        self.assert_completes(terminal)
        terminal.type("maapol check --\t\t")
        terminal.wait_for("exit 1 if there are more warnings")

    def test_zsh_sourced(self):
        script = self.script("zsh", "maapol.zsh")
        terminal = self.shell("zsh", "-f", "-i", before=[
            "autoload -Uz compinit", "compinit -u -d '%s'" %
            self.path("dump"), "source '%s'" % script])
        terminal.type("maapol chec\t--max-w\t3\n")
        terminal.wait_for(r"<\[check\]\[--max-warnings\]\[3\]>")

    def fish(self, line):
        """Candidates for the line, with their help."""
        done = subprocess.run(
            ["fish", "--no-config", "-c",
             "source maapol.fish; complete -C %s" %
             ("'" + line.replace("'", "\\'") + "'")],
            cwd=self.directory, env=self.env, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=3 * SECONDS)
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        return table_of(done.stdout.decode())

    def test_fish(self):
        if not shutil.which("fish"):
            self.skipTest("there is no fish here")
        self.script("fish", "maapol.fish")
        for typed, words in TYPED:
            typed = typed.rstrip("~")
            if "~" in typed:  # one step at a time
                continue
            with self.subTest(typed):
                self.assertEqual([words[-1]], list(self.fish("maapol " +
                                                             typed)))
        verbs = self.fish("maapol ")
        self.assertIn("check", verbs["check"])
        self.assertIn("exit 1 if there are more",
                      self.fish("maapol check --")["--max-warnings"])
        self.assertEqual(["sub dir/"],
                         list(self.fish("maapol attest --roots sub")))
        self.assertEqual(["--policy=two words.policy"],
                         list(self.fish("maapol eval --policy=two")))
        self.assertEqual(["verify"], list(self.fish("maapol evidence v")))


if __name__ == "__main__":
    unittest.main()
