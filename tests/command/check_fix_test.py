# SPDX-License-Identifier: Apache-2.0
"""check --fix, --unsafe-fixes, --diff."""
import os
import stat
import subprocess

from harness import (CommandTest, INPUT, NO, OK, SYSTEM, policy_token, read,
                     sha256_b64url, b64url)

CLEAN = ('version=1.0;\nauthorizationrules\n{\n'
         '  [type=="a", value==1] => permit();\n};\n')
SLIPS = CLEAN.replace("version", "Version").replace("1.0;", "1.0").replace(
    'type==', 'type=').replace("=> permit", "&& permit")
UNSAFE = CLEAN.replace("permit", "premit")


def policy_hash(text):
    return sha256_b64url(b64url(text))


class Fix(CommandTest):
    def fixed(self, text, *options, status=OK):
        self.write("p.maapolicy", text)
        self.expect(status, "check", *options, "p.maapolicy")
        return read(self.path("p.maapolicy"))

    def test_safe_fixes_are_written(self):
        self.assertEqual(CLEAN, self.fixed(SLIPS, "--fix"))

    def test_old_and_new_hash_are_said(self):
        self.write("p.maapolicy", SLIPS)
        out = self.expect(OK, "check", "--fix", "p.maapolicy").out
        self.assertIn("policy hash %s -> %s" % (
            policy_hash(SLIPS), policy_hash(CLEAN)), out)

    def test_hashes_do_not_disturb_other_formats(self):
        for form in ("json", "sarif", "plain", "github", "junit"):
            self.write("p.maapolicy", SLIPS)
            result = self.expect(OK, "check", "--fix", "--format", form,
                                 "p.maapolicy")
            self.assertIn(policy_hash(SLIPS), result.err)
            if form == "json":
                (change,) = result.json["changed"]
                self.assertEqual(
                    ("p.maapolicy", policy_hash(SLIPS), policy_hash(CLEAN)),
                    (change["path"], change["policyHashBefore"],
                     change["policyHash"]))
                self.assertEqual(4, result.json["summary"]["fixed"])
            elif form == "plain":
                self.assertEqual("", result.out)

    def test_unsafe_fixes_are_left_unless_asked_for(self):
        self.assertEqual(UNSAFE, self.fixed(UNSAFE, "--fix", status=NO))
        self.assertEqual(CLEAN, self.fixed(UNSAFE, "--unsafe-fixes"))
        self.assertEqual(CLEAN, self.fixed(UNSAFE, "--fix", "--unsafe-fixes"))

    def test_what_cannot_be_fixed_is_reported(self):
        self.write("p.maapolicy", SLIPS.replace("value==1", "value>\"1\""))
        result = self.expect(NO, "check", "--fix", "p.maapolicy")
        self.assertIn("S015", result.out)
        self.assertNotIn("P002", result.out)

    def test_only_what_is_selected_is_fixed(self):
        self.assertEqual(SLIPS.replace("Version", "version"),
                         self.fixed(SLIPS, "--fix", "--select", "F401"))
        self.assertEqual(CLEAN.replace("version", "Version"),
                         self.fixed(SLIPS, "--fix", "--ignore", "F401"))

    def test_what_a_comment_silences_is_not_fixed(self):
        text = "// maapol-ignore F401 as published\n" + SLIPS
        self.assertEqual(text.split("\n")[1].replace("1.0", "1.0;"),
                         self.fixed(text, "--fix").split("\n")[1])

    def test_a_clean_file_is_not_touched(self):
        self.write("p.maapolicy", CLEAN)
        os.utime(self.path("p.maapolicy"), (1, 1))
        self.expect(OK, "check", "--fix", "p.maapolicy")
        self.assertEqual(1, os.stat(self.path("p.maapolicy")).st_mtime)

    def test_mode_and_link_stay(self):
        self.write("real", SLIPS)
        os.chmod(self.path("real"), 0o640)
        os.symlink("real", self.path("p.maapolicy"))
        self.expect(OK, "check", "--fix", "p.maapolicy")
        self.assertTrue(os.path.islink(self.path("p.maapolicy")))
        self.assertEqual(CLEAN, read(self.path("real")))
        mode = os.stat(self.path("real")).st_mode
        self.assertEqual(0o640, stat.S_IMODE(mode))
        self.assertEqual(["p.maapolicy", "real"],
                         sorted(os.listdir(self.directory)))

    def test_fixing_twice_changes_nothing_more(self):
        text = ('Version=1.0\nissuancerules\n{\n  => issue("a", value="b")\n}\n'
                'authorizationrules={\n  [type=“svn”, value=3]\n'
                '    && permit();\n}\n')
        once = self.fixed(text, "--fix")
        self.assertEqual(once, self.fixed(once, "--fix"))

    def test_layout_comes_last(self):
        self.assertEqual(CLEAN, self.fixed(
            SLIPS.replace("  [", "[ "), "--fix", "--select",
            "P,F401,F404"))

    def test_more_fixes_than_findings_are_kept(self):
        rules = "  [type=\"a%d\", value==1] => permit();\n"
        many = "".join(rules % i for i in range(2500))
        text = CLEAN.replace('  [type=="a", value==1] => permit();\n', many)
        self.assertEqual(text.replace("type=", "type=="),
                         self.fixed(text, "--fix"))

    def test_a_signed_policy_is_left_alone(self):
        token = policy_token(SLIPS)
        self.write("p.maapolicy", token)
        result = self.expect(NO, "check", "--fix", "p.maapolicy")
        self.assertIn("signed", result.err)
        self.assertEqual(token, read(self.path("p.maapolicy")))

    def test_what_cannot_be_written_stays(self):
        """The name of the new file beside it would be too long."""
        name = "n" * 245 + ".policy"
        self.write(name, SLIPS)
        self.expect(SYSTEM, "check", "--fix", name)
        self.assertEqual(SLIPS, read(self.path(name)))
        self.assertEqual([name], os.listdir(self.directory))

    def test_a_wrong_configuration_changes_nothing(self):
        self.write("a.maapolicy", SLIPS)
        self.write("b/c.maapolicy", SLIPS)
        self.write("b/.maapol.json", "{")
        self.expect(INPUT, "check", "--fix", "a.maapolicy", "b")
        self.assertEqual(SLIPS, read(self.path("a.maapolicy")))


class StandardInput(CommandTest):
    def test_text_to_standard_output_findings_to_standard_error(self):
        result = self.expect(NO, "check", "--fix", "-",
                             stdin=SLIPS.replace("value==1", 'value>"1"'))
        self.assertEqual(CLEAN.replace("value==1", 'value>"1"'), result.out)
        self.assertIn("S015", result.err)

    def test_what_is_clean_or_a_token_passes_through(self):
        for text in (CLEAN, policy_token(SLIPS)):
            self.assertEqual(text, self.maapol("check", "--fix", "-",
                                               stdin=text).out)

    def test_is_fixed_alone(self):
        self.write("p.maapolicy", SLIPS)
        self.assert_usage("check", "--fix", "-", "p.maapolicy")


class Diff(CommandTest):
    def test_shows_and_changes_nothing(self):
        self.write("p.maapolicy", SLIPS)
        result = self.expect(NO, "check", "--diff", "p.maapolicy")
        self.assertEqual(SLIPS, read(self.path("p.maapolicy")))
        self.write("patch", result.out)
        subprocess.run(["patch", "-p1", "-s", "-i", "patch"], check=True,
                       cwd=self.directory)
        self.assertEqual(CLEAN, read(self.path("p.maapolicy")))

    def test_with_fix_still_changes_nothing(self):
        self.write("p.maapolicy", UNSAFE)
        self.expect(NO, "check", "--fix", "--unsafe-fixes", "--diff",
                    "p.maapolicy")
        self.assertEqual(UNSAFE, read(self.path("p.maapolicy")))

    def test_nothing_to_change(self):
        self.write("p.maapolicy", CLEAN)
        self.assertEqual("", self.expect(OK, "check", "--diff",
                                         "p.maapolicy").out)
        self.write("p.maapolicy", UNSAFE)
        self.assertEqual("", self.expect(NO, "check", "--diff",
                                         "p.maapolicy").out)

    def test_has_no_other_format(self):
        self.write("p.maapolicy", CLEAN)
        self.assert_usage("check", "--diff", "--format", "json",
                          "p.maapolicy")
