# SPDX-License-Identifier: Apache-2.0
""".maapol.json: where it is searched, what it says, what it cannot say; and
the baseline of check."""
import json
import os
import unittest

from harness import CommandTest, INPUT, NO, OK, ROOT, read

WARNING = """version=1.1;
configurationrules
{
  => issueproperty(type="unheard-of", value=1);
};
authorizationrules
{
  [type=="a", value==1] => permit();
};
"""  # S022
ERROR = WARNING.replace("type==", "type=")  # P002
LONG = ('version=1.0;\nauthorizationrules\n{\n  [type=="a", value==1] && '
        '[type=="b", value==2] => permit();\n};\n')


class ConfigurationTest(CommandTest):
    def configure(self, content, directory="."):
        self.write(os.path.join(directory, ".maapol.json"), content)

    def plain(self, *arguments, **options):
        out = self.maapol("check", "--format", "plain", *arguments,
                          **options).out
        return [line.split(": ")[1] for line in out.splitlines()]


class Levels(ConfigurationTest):
    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", WARNING)

    def test_change_severities(self):
        for level, wanted, status in (
                ("error", ["error[S022]"], NO), ("off", [], OK),
                ("info", ["info[S022]"], OK),
                ("warning", ["warning[S022]"], OK)):
            for code in ("S022", "s02", "S"):
                with self.subTest(level, code=code):
                    self.configure({"lint": {code: level}})
                    self.assertEqual(wanted, self.plain("p.maapolicy"))
                    self.expect(status, "check", "p.maapolicy")

    def test_later_ones_win(self):
        self.configure('{"lint": {"S": "off", "S022": "error"}}')
        self.assertEqual(["error[S022]"], self.plain("p.maapolicy"))

    def test_of_paths(self):
        os.mkdir(self.path(".git"))
        for name in ("old/a.policy", "old/x/b.policy", "new/a.policy"):
            self.write(name, WARNING)
        self.configure('{"lint": {"S022": "error"}, "files": {'
                       '"old/**": {"lint": {"S022": "off"}},'
                       '"b.policy": {"lint": {"S022": "info"}}}}')
        self.assertEqual([], self.plain("old/a.policy"))
        self.assertEqual(["info[S022]"], self.plain("old/x/b.policy"))
        self.assertEqual(["error[S022]"], self.plain("new/a.policy"))
        self.assertEqual(["info[S022]"], self.plain(
            "b.policy", cwd=self.path("old/x")))

    def test_errors_stay_errors(self):
        self.write("e.maapolicy", ERROR)
        for level in ("off", "info", "warning"):
            self.configure({"lint": {"P": level, "S": level}})
            self.assertIn("error[P002]", self.plain("e.maapolicy"))
            self.expect(NO, "check", "e.maapolicy")
            self.configure({"lint": {"P002": level}})
            self.assert_unusable("check", "e.maapolicy", mentions="P002")

    def test_layout_on_demand(self):
        self.write("p.maapolicy", LONG.replace("  [", " ["))
        self.assertEqual([], self.plain("p.maapolicy"))
        self.configure({"lint": {"F404": "error"}})
        self.assertEqual(["error[F404]"], self.plain("p.maapolicy"))

    def test_options_go_before(self):
        self.configure({"lint": {"S022": "error"}})
        self.expect(OK, "check", "--ignore", "S022", "p.maapolicy")


class Types(ConfigurationTest):
    """C102: a claim of another type's evidence."""
    TEXT = ('version=1.0;\nauthorizationrules\n{\n  [type=="x-ms-sgx-svn", '
            'value==1] => permit();\n};\n')

    def is_foreign(self, *options, text=None, **more):
        self.write("snp/p.maapolicy", text or self.TEXT)
        return "warning[C102]" in self.plain(
            "--select", "C", *options, "snp/p.maapolicy", **more)

    def setUp(self):
        super().setUp()
        if not self.is_foreign("--type", "SevSnpVm"):
            self.skipTest("no rule depends on the type")

    def test_of_paths(self):
        self.assertFalse(self.is_foreign())
        self.configure({"type": "SgxEnclave",
                        "files": {"snp/*": {"type": "SevSnpVm"}}})
        self.assertTrue(self.is_foreign())
        self.configure({"files": {"sgx/*": {"type": "SevSnpVm"}}})
        self.assertFalse(self.is_foreign())

    def test_option_environment_directive_configuration(self):
        self.configure({"type": "SevSnpVm"})
        directive = "// maapol: type=SgxEnclave\n" + self.TEXT
        self.assertTrue(self.is_foreign())
        self.assertFalse(self.is_foreign(text=directive))
        self.assertFalse(self.is_foreign(env={"MAAPOL_TYPE": "SgxEnclave"}))
        self.assertTrue(self.is_foreign("--type", "SevSnpVm", text=directive,
                                        env={"MAAPOL_TYPE": "SgxEnclave"}))


class Width(ConfigurationTest):
    def lines(self, *options, **more):
        self.write("p.maapolicy", LONG)
        return self.maapol("fmt", *options, "p.maapolicy",
                           **more).out.count("\n")

    def test_of_fmt(self):
        self.assertEqual(5, self.lines())
        self.configure({"format": {"width": 40}})
        self.assertEqual(7, self.lines())
        self.assertEqual(5, self.lines("--config", "none"))
        self.assertEqual(5, self.lines(env={"MAAPOL_WIDTH": "100"}))
        self.assertEqual(5, self.lines("--width", "100",
                                       env={"MAAPOL_WIDTH": "40"}))

    def test_wrong_configuration_formats_nothing(self):
        self.configure({"format": {"width": 4}})
        self.write("p.maapolicy", LONG.replace("  [", " ["))
        self.assert_unusable("fmt", "-w", "p.maapolicy", mentions="width")
        self.assertIn("\n [", read(self.path("p.maapolicy")))


class Search(ConfigurationTest):
    OFF = {"lint": {"S022": "off"}}

    def is_heeded(self, name="r/sub/p.maapolicy", **options):
        self.write("r/sub/p.maapolicy", WARNING)
        return self.plain(name, **options) == []

    def test_upward_in_the_repository(self):
        os.makedirs(self.path("r/.git"))
        self.configure(self.OFF, "r")
        self.assertTrue(self.is_heeded())
        self.assertTrue(self.is_heeded("p.maapolicy",
                                       cwd=self.path("r/sub")))

    def test_not_above_the_repository(self):
        os.makedirs(self.path("r/.git"))
        self.configure(self.OFF)
        self.assertFalse(self.is_heeded())

    def test_a_worktree_is_a_repository_too(self):
        self.write("r/.git", "gitdir: elsewhere\n")
        self.configure(self.OFF)
        self.assertFalse(self.is_heeded())

    def test_the_nearest_counts_alone(self):
        os.makedirs(self.path("r/.git"))
        self.configure(self.OFF, "r")
        self.assertTrue(self.is_heeded())
        self.configure({}, "r/sub")
        self.assertFalse(self.is_heeded())

    def test_outside_of_repositories_up_to_the_present_directory(self):
        self.configure(self.OFF)
        self.assertTrue(self.is_heeded())
        self.assertFalse(self.is_heeded("p.maapolicy",
                                        cwd=self.path("r/sub")))
        self.assertFalse(self.is_heeded("../sub/p.maapolicy",
                                        cwd=self.path("r/sub")))

    def test_standard_input(self):
        self.configure(self.OFF)
        self.assertEqual([], self.plain("-", stdin=WARNING))

    def test_a_file_that_is_named(self):
        self.configure({"lint": {"S022": "error"}}, "r")
        self.write("ci.json", {"files": {"r/**": self.OFF}})
        self.assertFalse(self.is_heeded())
        self.assertEqual([], self.plain("--config", "ci.json",
                                        "r/sub/p.maapolicy"))
        self.assertEqual(["warning[S022]"], self.plain(
            "--config", "none", "r/sub/p.maapolicy"))
        self.assert_unusable("check", "--config", "missing.json",
                             "r/sub/p.maapolicy", mentions="missing.json")


class Refused(ConfigurationTest):
    CASES = [
        ("{", "1:2"), ("[]", "object"), ("", "1:1"),
        ('{"type": "Toaster"}', "SgxEnclave"), ('{"type": null}', "type"),
        ('{"types": {}}', "did you mean `type`"),
        ('{"lint": []}', "lint"), ('{"lint": {"Z": "off"}}', "lint.Z"),
        ('{"lint": {"S022": "on"}}', "level"),
        ('{"lint": {"S022": 1}}', "level"),
        ('{"lint": {"": "off"}}', "code"),
        ('{"format": {"width": "100"}}', "width"),
        ('{"format": {"width": 19}}', "width"),
        ('{"format": {"width": 1001}}', "width"),
        ('{"format": {"tabs": true}}', "tabs"),
        ('{"files": []}', "files"), ('{"files": {"": {}}}', "pattern"),
        ('{"files": {"*": []}}', "files.*"),
        ('{"files": {"*": {"tests": []}}}', "files.*.tests"),
        ('{"tests": "a"}', "tests"), ('{"tests": [""]}', "tests"),
        ('{"lint": {}, "lint": {}}', "lint"),
        ('{"$schema": 1}', "$schema"),
    ]
    # A pull request must not weaken the check that judges it.
    FORBIDDEN = ["verify", "roots", "key", "cert", "signer-command",
                 "signer_command", "no-check", "baseline", "max-warnings",
                 "ignore", "select", "endpoint", "command", "accept-tcb",
                 "token-file", "config", "extends"]

    def refuse(self, text, mentions):
        self.write("p.maapolicy", WARNING)
        self.configure(text)
        result = self.assert_unusable("check", "p.maapolicy",
                                      mentions=[".maapol.json", mentions])
        self.assertEqual("", result.out)

    def test_what_is_wrong(self):
        for text, mentions in self.CASES:
            with self.subTest(text):
                self.refuse(text, mentions)

    def test_what_would_weaken_the_check(self):
        for name in self.FORBIDDEN:
            with self.subTest(name):
                self.refuse({name: "none"}, name)

    def test_hostile_names_forge_nothing(self):
        self.write("p.maapolicy", WARNING)
        self.configure({"x\n::error::\x1b[2K\u202e": 1})
        result = self.assert_unusable("check", "p.maapolicy")
        self.assertEqual(1, result.err.count("\n"))
        self.assert_harmless(result.raw_err, result)

    def test_a_configuration_that_cannot_be_read(self):
        self.write("p.maapolicy", WARNING)
        os.mkdir(self.path(".maapol.json"))
        self.assert_unusable("check", "p.maapolicy", mentions=".maapol.json")

    def test_too_many_patterns(self):
        self.refuse({"files": {"p%d" % i: {} for i in range(1001)}}, "files")


class Schema(ConfigurationTest):
    def setUp(self):
        super().setUp()
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        with open(os.path.join(ROOT, "docs/schemas/maapol.schema.json")) as f:
            schema = json.load(f)
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        self.validator = kind(schema)

    def test_agrees_with_the_program(self):
        good = [{}, {"type": "sgxenclave"}, {"type": "SGX-IntelSDK"},
                {"$schema": "x", "lint": {"L": "off", "x3": "error"},
                 "format": {"width": 20}, "tests": ["t/**"],
                 "files": {"a/*": {"type": "Tpm", "lint": {},
                                   "format": {"width": 1000}}}}]
        self.write("p.maapolicy", WARNING)
        for content in good:
            with self.subTest(content):
                self.assertTrue(self.validator.is_valid(content))
                self.configure(content)
                self.assertNotEqual(
                    INPUT, self.maapol("check", "p.maapolicy").status)
        for text, _ in Refused.CASES:
            try:
                content = json.loads(text)
            except ValueError:
                continue
            if text.count('"lint"') > 1 or "Z" in text:
                continue  # what a schema cannot say
            with self.subTest(text):
                self.assertFalse(self.validator.is_valid(content))


class Baseline(ConfigurationTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path(".git"))
        self.write("sub/p.maapolicy", WARNING)

    def write_baseline(self, *options):
        return self.expect(OK, "check", "--write-baseline", "b.json", "sub",
                           *options)

    def check(self, status, *options, **more):
        return self.expect(status, "check", "--max-warnings", "0",
                           "--baseline", "b.json", "sub", *options, **more)

    def test_hides_what_was_there(self):
        self.expect(NO, "check", "--max-warnings", "0", "sub")
        self.write_baseline()
        self.assertEqual({"version": 1,
                          "findings": {"sub/p.maapolicy": {"S022": 1}}},
                         json.loads(read(self.path("b.json"))))
        result = self.check(OK)
        self.assertIn("1 in the baseline", result.out)
        self.assertEqual("", result.err)

    def test_counts_from_the_repository(self):
        self.write_baseline()
        self.expect(OK, "check", "--max-warnings", "0", "--baseline",
                    "../b.json", "p.maapolicy", cwd=self.path("sub"))

    def test_lines_may_move(self):
        self.write_baseline()
        self.write("sub/p.maapolicy", "// x\n\n" + WARNING)
        self.check(OK)

    def test_new_ones_are_reported(self):
        self.write_baseline()
        line = '  => issueproperty(type="unheard-of", value=1);\n'
        self.write("sub/p.maapolicy", WARNING.replace(
            line, line + line.replace("unheard-of", "other")))
        result = self.check(NO)
        self.assertEqual(2, result.out.count("[S022]"))
        self.assertIn("the baseline has 1", result.err)

    def test_other_codes_and_files_are_reported(self):
        self.write_baseline()
        self.write("sub/q.maapolicy", WARNING)
        self.assertIn("q.maapolicy", self.check(NO).out)
        os.remove(self.path("sub/q.maapolicy"))
        self.write("sub/p.maapolicy", ERROR)
        result = self.check(NO)
        self.assertIn("P002", result.out)
        self.assertNotIn("S022", result.out)

    def test_errors_are_never_hidden(self):
        self.write("sub/p.maapolicy", ERROR)
        self.expect(NO, "check", "--write-baseline", "b.json", "sub")
        self.assertNotIn("P002", read(self.path("b.json")))
        self.write("b.json", {"version": 1, "findings": {
            "sub/p.maapolicy": {"P002": 1}}})
        self.assertIn("P002", self.check(NO).out)

    def test_what_is_no_longer_needed_is_said(self):
        self.write("sub/gone.maapolicy", WARNING)
        self.write_baseline()
        os.remove(self.path("sub/gone.maapolicy"))
        self.write("sub/p.maapolicy", WARNING.replace(
            "unheard-of", "required_pcr_mask"))
        result = self.maapol("check", "--baseline", "b.json", "sub")
        self.assertIn("gone.maapolicy", result.err)
        self.assertIn("0 times S022, the baseline has 1", result.err)

    def test_is_not_said_of_what_was_not_looked_for(self):
        self.write("other/q.maapolicy", WARNING)
        self.expect(OK, "check", "--write-baseline", "b.json", "sub", "other")
        self.assertEqual("", self.check(OK).err)
        self.assertEqual("", self.check(OK, "--ignore", "S").err)

    def test_is_written_again(self):
        self.write_baseline()
        self.write("sub/p.maapolicy", WARNING.replace(
            "unheard-of", "required_pcr_mask"))
        self.write_baseline()
        self.assertEqual({}, json.loads(read(self.path("b.json")))["findings"])

    def test_wrong_files(self):
        for text in ("", "{}", "[]", '{"version": 2, "findings": {}}',
                     '{"version": 1}', '{"version": 1, "findings": []}',
                     '{"version": 1, "findings": {"a": 1}}',
                     '{"version": 1, "findings": {"a": {"S022": -1}}}',
                     '{"version": 1, "findings": {"a": {"S022": "1"}}}',
                     '{"version": 1, "findings": {"a": {"Z999": 1}}}'):
            with self.subTest(text):
                self.write("b.json", text)
                self.assert_unusable("check", "--baseline", "b.json", "sub",
                                     mentions="b.json")
        self.assert_unusable("check", "--baseline", "missing", "sub")
        self.assert_usage("check", "--baseline", "b.json",
                          "--write-baseline", "b.json", "sub")
        self.assert_usage("check", "--fix", "--write-baseline", "b.json",
                          "sub")

    def test_nothing_is_written_when_a_file_cannot_be_read(self):
        self.expect(INPUT, "check", "--write-baseline", "b.json", "missing")
        self.assertFalse(os.path.exists(self.path("b.json")))
