# SPDX-License-Identifier: Apache-2.0
"""maapol fmt: what it prints, changes and leaves alone."""
import os
import stat
import subprocess
import unittest

from harness import (CommandTest, INPUT, NO, OK, SYSTEM, b64url, policy_token,
                     read, sha256_b64url)

LOOSE = 'version= 1.0 ;authorizationrules{[type=="a"]=>permit();};'
NEAT = ('version=1.0;\nauthorizationrules\n{\n'
        '  [type=="a"] => permit();\n};\n')
BROKEN = 'version=1.0;\nauthorizationrules{ [type="a"] => permit(); };\n'


def policy_hash(text):
    return sha256_b64url(b64url(text))


class Printing(CommandTest):
    def test_prints_the_layout_and_changes_nothing(self):
        path = self.write("a.maapolicy", LOOSE)
        self.assertEqual(NEAT, self.expect(OK, "fmt", path).out)
        self.assertEqual(LOOSE, read(self.path(path)))

    def test_reads_standard_input(self):
        self.assertEqual(NEAT, self.expect(OK, "fmt", "-", stdin=LOOSE).out)

    def test_line_ends_become_line_feeds(self):
        text = NEAT.replace("\n", "\r\n")
        self.assertEqual(NEAT, self.expect(OK, "fmt", "-", stdin=text).out)

    def test_width(self):
        text = self.expect(OK, "fmt", "-", "--width", "20", stdin=LOOSE).out
        self.assertIn('  [type=="a"]\n    => permit();\n', text)
        for width in ("19", "1001", "x", "-1", ""):
            self.assert_usage("fmt", "-", "--width", width, stdin=LOOSE,
                              mentions="width")

    def test_semantic_errors_do_not_hinder(self):
        text = LOOSE.replace("1.0", "9.9")
        self.assertIn("version=9.9;\n",
                      self.expect(OK, "fmt", "-", stdin=text).out)


class LeftAlone(CommandTest):
    def test_a_text_with_syntax_errors(self):
        path = self.write("a.maapolicy", BROKEN)
        for mode in ([], ["-w"], ["--check"], ["--diff"]):
            result = self.assert_unusable("fmt", *mode, path, mentions="P002")
            self.assertEqual("", result.out)
            self.assertEqual(BROKEN, read(self.path(path)))

    def test_a_token_and_base64url(self):
        for name, text in (("t.jwt", policy_token(LOOSE)),
                           ("t.b64", b64url(LOOSE))):
            path = self.write(name, text)
            self.assert_unusable("fmt", "-w", path, mentions="token")
            self.assertEqual(text, read(self.path(path)))

    def test_what_holds_no_policy(self):
        for text in ("", "\n", "// only a comment\n"):
            self.assert_unusable("fmt", "-", stdin=text, mentions="no policy")
        self.assert_unusable("fmt", "missing.maapolicy", mentions="missing")

    def test_the_others_are_done_all_the_same(self):
        self.write("p/a.maapolicy", BROKEN)
        self.write("p/b.maapolicy", LOOSE)
        self.expect(INPUT, "fmt", "-w", "p")
        self.assertEqual(BROKEN, read(self.path("p/a.maapolicy")))
        self.assertEqual(NEAT, read(self.path("p/b.maapolicy")))


class Check(CommandTest):
    def test_names_the_files(self):
        self.write("p/loose.maapolicy", LOOSE)
        self.write("p/neat.maapolicy", NEAT)
        result = self.expect(NO, "fmt", "--check", "p")
        self.assertEqual("p/loose.maapolicy\n", result.out)
        self.expect(OK, "fmt", "--check", "p/neat.maapolicy")

    def test_a_name_cannot_forge_a_line(self):
        path = self.write("a\nb.maapolicy", LOOSE)
        result = self.expect(NO, "fmt", "--check", path)
        self.assertEqual(1, result.out.count("\n"), result)


class Diff(CommandTest):
    def patched(self, text):
        path = self.write("a.maapolicy", text)
        result = self.expect(NO, "fmt", "--diff", path)
        subprocess.run(["git", "apply", "-"], input=result.raw_out,
                       cwd=self.directory, check=True)
        return read(self.path(path), "rb").decode()

    def test_git_applies_it(self):
        try:
            subprocess.run(["git", "init", "-q", self.directory], check=True)
        except FileNotFoundError:
            self.skipTest("git is not installed")
        self.assertEqual(NEAT, self.patched(LOOSE))
        self.assertEqual(NEAT, self.patched(NEAT.rstrip("\n")))
        rules = "".join('  [type=="%d"] => permit();\n' % i
                        for i in range(60))
        many = NEAT.replace('  [type=="a"] => permit();\n', rules)
        crooked = many
        for i in (0, 7, 8, 30, 59):
            crooked = crooked.replace('  [type=="%d"] ' % i,
                                      ' [ type=="%d" ]' % i)
        self.assertEqual(many, self.patched(crooked))

    def test_is_empty_without_a_difference(self):
        path = self.write("a.maapolicy", NEAT)
        self.assertEqual("", self.expect(OK, "fmt", "--diff", path).out)

    def test_of_a_whole_generated_file(self):
        """More lines than the search for the least difference takes."""
        rules = '[type=="a"]=>permit();\n' * 5000
        text = NEAT.replace('  [type=="a"] => permit();\n', rules)
        result = self.expect(NO, "fmt", "--diff", "-", stdin=text)
        self.assertEqual(5000, result.out.count("\n-[type"))
        self.assertEqual(5000, result.out.count("\n+  [type"))


class Write(CommandTest):
    def test_says_both_hashes(self):
        path = self.write("a.maapolicy", LOOSE)
        result = self.expect(OK, "fmt", "-w", path)
        self.assertEqual("a.maapolicy: policy hash %s -> %s\n" % (
            policy_hash(LOOSE), policy_hash(NEAT)), result.out)
        self.assertEqual(NEAT, read(self.path(path)))

    def test_touches_no_formatted_file(self):
        path = self.path(self.write("a.maapolicy", NEAT))
        before = os.stat(path)
        self.assertEqual("", self.expect(OK, "fmt", "-w", path).out)
        after = os.stat(path)
        self.assertEqual((before.st_ino, before.st_mtime_ns),
                         (after.st_ino, after.st_mtime_ns))

    def test_keeps_the_mode(self):
        path = self.path(self.write("a.maapolicy", LOOSE))
        os.chmod(path, 0o640)
        self.expect(OK, "fmt", "-w", path)
        self.assertEqual(0o640, stat.S_IMODE(os.stat(path).st_mode))

    def test_keeps_a_symbolic_link(self):
        self.write("real/a.maapolicy", LOOSE)
        os.symlink("real/a.maapolicy", self.path("link"))
        self.expect(OK, "fmt", "-w", "link")
        self.assertTrue(os.path.islink(self.path("link")))
        self.assertEqual(NEAT, read(self.path("real/a.maapolicy")))

    def test_leaves_nothing_behind_where_it_cannot_write(self):
        self.write("locked/a.maapolicy", LOOSE)
        os.chmod(self.path("locked"), 0o555)
        self.addCleanup(os.chmod, self.path("locked"), 0o755)
        if os.access(self.path("locked"), os.W_OK):
            self.skipTest("this user may write everywhere")
        self.expect(SYSTEM, "fmt", "-w", "locked/a.maapolicy")
        self.assertEqual(["a.maapolicy"], os.listdir(self.path("locked")))
        self.assertEqual(LOOSE, read(self.path("locked/a.maapolicy")))

    def test_wrong_usage(self):
        self.write("a.maapolicy", LOOSE)
        self.assert_usage("fmt", "-w", "-", stdin=LOOSE, mentions="-")
        self.assert_usage("fmt", "-w", "--check", "a.maapolicy",
                          mentions="exclude")
        self.assert_usage("fmt", mentions="which policy")


if __name__ == "__main__":
    unittest.main()
