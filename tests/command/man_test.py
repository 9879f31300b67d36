# SPDX-License-Identifier: Apache-2.0
"""The manual pages: one for each verb, made from the tables of the help."""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BUILD, OK, ROOT, CommandTest, environment, read

PROGRAMS = ("maapol", "maapol-crypto", "maapol-remote", "maapol-serve")


def make_pages(folder):
    """As the Makefile does it."""
    table = b"".join(
        subprocess.run([os.path.join(BUILD, program), "option-table"],
                       env=environment(), check=True,
                       capture_output=True).stdout
        for program in PROGRAMS
        if os.path.exists(os.path.join(BUILD, program)))
    subprocess.run(
        ["awk", "-v", "out=" + folder, "-v", "texts=" +
         os.path.join(ROOT, "docs", "man"), "-v", "version=1.2.3", "-v",
         "date=2026-01-31", "-f", os.path.join(ROOT, "tools",
                                               "man-pages.awk")],
        input=table, env=environment(), check=True)


class ManualPages(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="maapol-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        make_pages(cls.folder)
        cls.pages = sorted(glob.glob(os.path.join(cls.folder, "*.1")))

    def verbs(self):
        table = self.expect(OK, "--help").out.split("\n\n")[2]
        return re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", table, re.MULTILINE)

    def page(self, verb):
        return read(os.path.join(self.folder, "maapol-%s.1" %
                                 verb.replace(" ", "-")))

    def plain(self, text):
        """What roff's escapes and lines stand for."""
        text = re.sub(r"\\f[BRI]", "", text.replace("\\&", ""))
        for escape, sign in (("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"),
                             ("\\(ha", "^"), ("\\(ti", "~"), ("\\e", "\\")):
            text = text.replace(escape, sign)
        return text

    def test_one_for_each_verb_and_no_other(self):
        self.assertEqual(
            sorted(["maapol.1"] + ["maapol-%s.1" % v.replace(" ", "-")
                                   for v in self.verbs()]),
            [os.path.basename(path) for path in self.pages])

    def test_each_verb_has_its_text(self):
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertRegex(self.page(verb),
                                 r"\n\.SH DESCRIPTION\n[A-Z]")

    def test_every_option_with_its_help(self):
        for verb in self.verbs():
            text = self.expect(OK, *verb.split(), "--help").out
            options = text.split("options:\n")[1].split("\nexample")[0]
            page = self.plain(self.page(verb))
            words = " ".join(page.split())
            with self.subTest(verb):
                for name, help_ in re.findall(
                        r"^  (?:-\w, |    )--([a-zA-Z-]+)(?: \S+)?\s+(.+)$",
                        options, re.MULTILINE):
                    self.assertRegex(page, r"\n(-\w, )?--%s( .*)?\n" % name)
                    self.assertIn(" ".join(help_.split()), words)

    def test_examples(self):
        for verb in self.verbs():
            text = self.expect(OK, *verb.split(), "--help").out
            page = self.plain(self.page(verb))
            for line in text.split("example:\n")[1].strip().split("\n"):
                with self.subTest(verb):
                    self.assertIn("\n" + line.strip() + "\n", page)

    def test_the_same_each_time(self):
        folder = self.path("again")
        os.mkdir(folder)
        make_pages(folder)
        for path in self.pages:
            self.assertEqual(read(path), read(os.path.join(
                folder, os.path.basename(path))))

    def lint(self, *command):
        if not shutil.which(command[0]):
            self.skipTest("there is no %s here" % command[0])
        for path in self.pages:
            with self.subTest(os.path.basename(path)):
                done = subprocess.run([*command, path], env=environment(),
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
                self.assertEqual((0, b""), (done.returncode, done.stdout))

    def test_groff_has_no_warning(self):
        self.lint("groff", "-man", "-ww", "-z")

    def test_mandoc_has_no_warning(self):
        self.lint("mandoc", "-T", "lint", "-W", "warning")


if __name__ == "__main__":
    unittest.main()
