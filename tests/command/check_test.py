# SPDX-License-Identifier: Apache-2.0
"""maapol check: formats, exit status, selection, paths, wrapped policies."""
import base64
import os
import re
import unittest

from harness import (CommandTest, INPUT, NO, OK, SYSTEM, b64url, policy_token)

CLEAN = ('version=1.0;\nauthorizationrules\n{\n'
         '  [type=="a"] => permit();\n};\n')
# P002 at 4:8, behind the one-byte blank of each column.
ERROR = ('version=1.0;\nauthorizationrules\n{\n'
         '  [type="svn", value==3] => permit();\n};\n')
# S006 at 2: issuancerules stand first.
WARNING = ('version=1.0;\nissuancerules\n{\n  // None.\n};\n'
           'authorizationrules\n{\n  [type=="a"] => permit();\n};\n')
INFO = CLEAN.replace("version", "Version")  # F401
TWO_WARNINGS = ('version=1.1;\nconfigurationrules\n{\n'
                '  => issueproperty(type="unheard-of", value=1);\n'
                '  => issueproperty(type="unknown", value=1);\n};\n'
                'authorizationrules\n{\n'
                '  [type=="a"] => permit();\n};\n')  # S022
PLAIN = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): "
                   r"(?P<severity>error|warning|info)\[(?P<code>[A-Z]\d{3})\]:"
                   r" (?P<text>.+)")


def plain_lines(text):
    """Every line of plain output is a finding."""
    lines = text.split("\n")
    assert lines.pop() == "", text
    return [PLAIN.fullmatch(line).groupdict() for line in lines]


def position(text, offset):
    """Line and column, counted in characters, of a byte's place."""
    before = text.encode()[:offset].decode()
    return (before.count("\n") + 1, len(before) - before.rfind("\n"))


def apply_fixes(text, findings):
    """The text after the first fix of every finding."""
    data = text.encode()
    edits = [e for f in findings if f["fixes"] for e in f["fixes"][0]["edits"]]
    places = [(e["range"]["start"]["offset"], e["range"]["end"]["offset"],
               e["text"].encode()) for e in edits]
    for begin, end, new in sorted(places, reverse=True):
        data = data[:begin] + new + data[end:]
    return data.decode()


class CheckTest(CommandTest):
    def codes(self, *arguments, **options):
        report = self.maapol("check", "--format", "json", *arguments,
                             **options).json
        return [f["code"] for f in report["findings"]]

    def assert_place(self, text, place):
        expected = position(text, place["offset"])
        self.assertEqual(expected, (place["line"], place["column"]))

    def assert_range(self, text, range_):
        self.assert_place(text, range_["start"])
        self.assert_place(text, range_["end"])
        self.assertLessEqual(range_["start"]["offset"],
                             range_["end"]["offset"])

    def assert_fix(self, text, fix):
        self.assertIn(fix["applicability"], ("safe", "unsafe"))
        self.assertTrue(fix["title"])
        self.assertTrue(fix["edits"])
        last = 0
        for edit in fix["edits"]:
            self.assert_range(text, edit["range"])
            self.assertIsInstance(edit["text"], str)
            self.assertLessEqual(last, edit["range"]["start"]["offset"])
            last = edit["range"]["end"]["offset"]

    def assert_finding(self, text, finding):
        self.assertRegex(finding["code"], r"^[A-Z]\d{3}$")
        self.assertRegex(finding["name"], r"^[a-z0-9-]+$")
        self.assertIn(finding["severity"], ("error", "warning", "info"))
        self.assertTrue(finding["message"])
        self.assertTrue(finding["help"] is None or finding["help"])
        self.assert_range(text, finding["range"])
        for label in finding["labels"]:
            self.assert_range(text, label["range"])
            self.assertTrue(label["message"])
        for fix in finding["fixes"]:
            self.assert_fix(text, fix)

    def assert_report(self, report, texts):
        """texts: by path. The summary must count what is listed."""
        counts = {"error": 0, "warning": 0, "info": 0}
        for finding in report["findings"]:
            self.assert_finding(texts[finding["path"]], finding)
            counts[finding["severity"]] += 1
        summary = report["summary"]
        self.assertEqual((counts["error"], counts["warning"], counts["info"],
                          len(texts)),
                         (summary["errors"], summary["warnings"],
                          summary["infos"], summary["files"]))


class Formats(CheckTest):
    def test_human_shows_place_and_excerpt(self):
        self.write("p.maapolicy", ERROR)
        result = self.expect(NO, "check", "p.maapolicy")
        self.assertEqual("", result.err)
        self.assertIn("error[P002]: ", result.out)
        self.assertIn("p.maapolicy:4:8", result.out)
        lines = result.out.split("\n")
        at = next(i for i, l in enumerate(lines) if '[type="svn"' in l)
        self.assertEqual("=", lines[at][lines[at + 1].index("^")])

    def test_human_is_the_default_and_says_that_all_is_well(self):
        self.write("p.maapolicy", CLEAN)
        default = self.expect(OK, "check", "p.maapolicy")
        named = self.expect(OK, "check", "--format", "human", "p.maapolicy")
        self.assertEqual(default.out, named.out)
        self.assertTrue(default.out)

    def test_caret_counts_characters(self):
        text = ERROR.replace('  [type', '  /* é ñ */\t[type')
        self.write("p.maapolicy", text)
        result = self.expect(NO, "check", "p.maapolicy")
        lines = result.out.split("\n")
        at = next(i for i, l in enumerate(lines) if '[type="svn"' in l)
        self.assertEqual("=", lines[at][lines[at + 1].index("^")], result)
        self.assertIn("p.maapolicy:4:18", result.out)

    def test_plain_has_one_line_for_each_finding(self):
        self.write("p.maapolicy", ERROR.replace("version=1.0;", "Version=1.0"))
        result = self.expect(NO, "check", "--format", "plain", "p.maapolicy")
        found = plain_lines(result.out)
        self.assertEqual([("p.maapolicy", "1", "1", "info", "F401"),
                          ("p.maapolicy", "1", "12", "error", "P004"),
                          ("p.maapolicy", "4", "8", "error", "P002")],
                         [(f["path"], f["line"], f["column"], f["severity"],
                           f["code"]) for f in found])

    def test_plain_is_silent_about_a_clean_policy(self):
        self.write("p.maapolicy", CLEAN)
        result = self.expect(OK, "check", "--format", "plain", "p.maapolicy")
        self.assertEqual("", result.out + result.err)

    def test_json_of_several_files(self):
        texts = {"a.maapolicy": ERROR, "b.maapolicy": WARNING,
                 "c.maapolicy": INFO, "d.maapolicy": CLEAN}
        for name, text in texts.items():
            self.write(name, text)
        report = self.expect(NO, "check", "--format", "json", *texts).json
        self.assert_report(report, texts)
        self.assertEqual([("a.maapolicy", "P002", "assignment-in-condition"),
                          ("b.maapolicy", "S006", "section-order"),
                          ("c.maapolicy", "F401", "keyword-case")],
                         [(f["path"], f["code"], f["name"])
                          for f in report["findings"]])

    def test_json_of_a_clean_policy(self):
        self.write("p.maapolicy", CLEAN)
        result = self.expect(OK, "check", "--format", "json", "p.maapolicy")
        self.assertEqual([], result.json["findings"])
        self.assert_report(result.json, {"p.maapolicy": CLEAN})
        self.assertEqual("", result.err)

    def test_json_fixes_repair_the_text(self):
        text = ('// äöü 測試 \U0001f512\nVersion=1.0\nauthorizationrules={\n'
                '  [type=“svn”, value=3]\n    && permit();\n};\n'
                'issuancerules\n{\n  => issue("ü", value="ü")\n}\n')
        self.write("p.maapolicy", text)
        report = self.expect(NO, "check", "--format", "json",
                             "p.maapolicy").json
        self.assert_report(report, {"p.maapolicy": text})
        found = [f["code"] for f in report["findings"]]
        for code in ("F401", "P002", "P003", "P004", "P005", "P008", "P009"):
            self.assertIn(code, found)
        self.assertTrue(all(f["fixes"] for f in report["findings"]))
        self.write("fixed.maapolicy", apply_fixes(text, report["findings"]))
        self.expect(OK, "check", "--max-warnings", "0", "fixed.maapolicy")
        self.assertEqual([], self.codes("fixed.maapolicy"))

    def test_a_second_place_is_shown(self):
        text = CLEAN + "authorizationrules\n{\n};\n"
        self.write("p.maapolicy", text)
        report = self.maapol("check", "--format", "json", "p.maapolicy").json
        self.assert_report(report, {"p.maapolicy": text})
        (finding,) = report["findings"]
        self.assertEqual(("S006", 6, [2]), (
            finding["code"], finding["range"]["start"]["line"],
            [l["range"]["start"]["line"] for l in finding["labels"]]))
        lines = self.maapol("check", "p.maapolicy").out.split("\n")
        at = [i for i, l in enumerate(lines) if "authorizationrules" in l and
              " | " in l]
        marks = [re.findall(r"([\^~])\1*", lines[i + 1]) for i in at]
        self.assertEqual([["^"], ["~"]], marks)

    def test_formats_agree(self):
        self.write("p.maapolicy", ERROR + TWO_WARNINGS)
        report = self.maapol("check", "--format", "json", "p.maapolicy").json
        lines = self.maapol("check", "--format", "plain",
                            "p.maapolicy").out
        self.assertEqual(
            [(f["code"], f["severity"], f["range"]["start"]["line"],
              f["range"]["start"]["column"]) for f in report["findings"]],
            [(f["code"], f["severity"], int(f["line"]), int(f["column"]))
             for f in plain_lines(lines)])

    def test_more_findings_than_are_shown_are_counted(self):
        bad = "  [type=\"a\", value==1] => permit();\n" * 1500
        self.write("p.maapolicy",
                   CLEAN.replace("  [type==\"a\"] => permit();\n", bad))
        human = self.expect(NO, "check", "p.maapolicy")
        self.assertRegex(human.out, r"\b(500|1500)\b")
        report = self.expect(NO, "check", "--format", "json",
                             "p.maapolicy").json
        self.assertEqual(1000, len(report["findings"]))
        self.assertTrue({500, 1500} & set(report["summary"].values()),
                        report["summary"])


class Status(CheckTest):
    def check(self, text, *options):
        self.write("p.maapolicy", text)
        return self.maapol("check", *options, "p.maapolicy").status

    def test_of_findings(self):
        cases = [("clean", CLEAN, OK), ("error", ERROR, NO),
                 ("warning", WARNING, OK), ("info", INFO, OK),
                 ("warnings", TWO_WARNINGS, OK)]
        for name, text, status in cases:
            for form in ("human", "plain", "json"):
                with self.subTest(name, format=form):
                    self.assertEqual(status,
                                     self.check(text, "--format", form))

    def test_of_too_many_warnings(self):
        cases = [(WARNING, 0, NO), (WARNING, 1, OK), (TWO_WARNINGS, 1, NO),
                 (TWO_WARNINGS, 2, OK), (CLEAN, 0, OK), (INFO, 0, OK),
                 (ERROR, 5, NO)]
        for text, most, status in cases:
            with self.subTest(text=text, most=most):
                self.assertEqual(
                    status, self.check(text, "--max-warnings", str(most)))

    def test_warnings_of_all_files_count_together(self):
        for name in ("a.maapolicy", "b.maapolicy"):
            self.write(name, WARNING)
        both = ("a.maapolicy", "b.maapolicy")
        self.expect(NO, "check", "--max-warnings", "1", *both)
        self.expect(OK, "check", "--max-warnings", "2", *both)

    def test_of_wrong_usage(self):
        self.write("p.maapolicy", CLEAN)
        for words in (["check"],
                      ["check", "--format", "yaml", "p.maapolicy"],
                      ["check", "--format"],
                      ["check", "--no-such-option", "p.maapolicy"],
                      ["check", "-Z", "p.maapolicy"],
                      ["check", "--max-warnings", "many", "p.maapolicy"],
                      ["check", "--max-warnings", "-1", "p.maapolicy"],
                      ["check", "--max-warnings", "", "p.maapolicy"],
                      ["check", "--select", "Z9", "p.maapolicy"],
                      ["check", "--select", "", "p.maapolicy"],
                      ["check", "--select", ",", "p.maapolicy"],
                      ["check", "--ignore", "P0021", "p.maapolicy"],
                      ["check", "--type", "Toaster", "p.maapolicy"],
                      ["check", "--color", "pink", "p.maapolicy"],
                      ["check", "--verbose=yes", "p.maapolicy"]):
            with self.subTest(words):
                self.assert_usage(*words)

    def test_of_input_that_cannot_be_used(self):
        self.write("empty.maapolicy", "")
        self.write("blank.maapolicy", " \t\r\n\n")
        os.symlink("nowhere", self.path("dangling.maapolicy"))
        os.mkdir(self.path("nothing"))
        for name in ("missing.maapolicy", "empty.maapolicy", "blank.maapolicy",
                     "dangling.maapolicy", "nothing", "p.maapolicy/x"):
            for form in ("human", "plain", "json"):
                with self.subTest(name, format=form):
                    result = self.expect(INPUT, "check", "--format", form,
                                         name)
                    self.assertTrue(result.out + result.err, result)

    def test_one_unusable_file_does_not_hide_the_others(self):
        self.write("bad.maapolicy", ERROR)
        result = self.maapol("check", "--format", "plain", "missing.maapolicy",
                             "bad.maapolicy")
        self.assertEqual(["P002"], [f["code"] for f in plain_lines(result.out)])
        self.assertNotEqual(OK, result.status)
        self.assertIn("missing.maapolicy", result.err)
        self.write("clean.maapolicy", CLEAN)
        self.expect(INPUT, "check", "missing.maapolicy", "clean.maapolicy")

    def test_of_output_that_cannot_be_written(self):
        self.write("p.maapolicy", ERROR)
        with open("/dev/full", "wb") as full:
            result = self.expect(SYSTEM, "check", "p.maapolicy", stdout=full)
        self.assertTrue(result.err)


class Selection(CheckTest):
    """F401 info, P002 error, S006 warning, S015 error."""
    TEXT = ('Version=1.0;\nissuancerules\n{\n  // None.\n};\n'
            'authorizationrules\n{\n'
            '  [type="svn", value>"3"] => permit();\n};\n')

    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", self.TEXT)

    def selected(self, *options):
        return sorted(self.codes(*options, "p.maapolicy"))

    def test_select(self):
        for given, wanted in (
                ("P002", ["P002"]), ("S", ["S006", "S015"]),
                ("S0", ["S006", "S015"]), ("S01", ["S015"]),
                ("F,P", ["F401", "P002"]), ("S006,S015", ["S006", "S015"]),
                ("P001", [])):
            with self.subTest(given):
                self.assertEqual(wanted, self.selected("--select", given))

    def test_ignore(self):
        for given, wanted in (
                ("P002", ["F401", "S006", "S015"]), ("S", ["F401", "P002"]),
                ("P,S0,F4", []), ("P001", ["F401", "P002", "S006", "S015"])):
            with self.subTest(given):
                self.assertEqual(wanted, self.selected("--ignore", given))

    def test_repeated_and_together(self):
        self.assertEqual(["F401", "P002"], self.selected(
            "--select", "P", "--select", "F"))
        self.assertEqual(["S006"], self.selected(
            "--select", "S", "--ignore", "S015"))
        self.assertEqual(["P002"], self.selected(
            "--ignore=F", "--ignore=S"))

    def test_counts_only_what_is_reported(self):
        self.expect(OK, "check", "--select", "S006", "p.maapolicy")
        self.expect(NO, "check", "--select", "S006", "--max-warnings", "0",
                    "p.maapolicy")
        self.expect(OK, "check", "--select", "F", "--max-warnings", "0",
                    "p.maapolicy")
        self.expect(NO, "check", "--select", "S015", "p.maapolicy")
        report = self.maapol("check", "--format", "json", "--select", "S006",
                             "p.maapolicy").json
        self.assertEqual({"errors": 0, "warnings": 1, "infos": 0, "files": 1},
                         {k: report["summary"][k] for k in
                          ("errors", "warnings", "infos", "files")})

    def test_does_not_make_a_policy_valid_for_eval(self):
        self.write("claims.json", {"svn": 4})
        result = self.maapol("eval", "--policy", "p.maapolicy", "--claims",
                             "claims.json", env={"MAAPOL_IGNORE": "P,S"})
        self.assertEqual(INPUT, result.status, result)


class Paths(CheckTest):
    def checked(self, *arguments):
        out = self.maapol("check", "--format", "plain", *arguments).out
        return [f["path"] for f in plain_lines(out)]

    def test_several_in_the_order_given(self):
        for name in ("b.txt", "a.maapolicy", "c"):
            self.write(name, ERROR)
        self.assertEqual(["c", "a.maapolicy", "b.txt"],
                         self.checked("c", "a.maapolicy", "b.txt"))

    def test_directory_is_walked_in_order(self):
        inside = ["a.maapolicy", "b/x.policy", "b/z/deep.maapolicy",
                  "c.policy"]
        for name in inside + ["d.txt", "e.maapolicy.bak", "policy",
                              "maapolicy", "f.json"]:
            self.write("all/" + name, ERROR)
        for given in ("all", "all/"):
            found = self.checked(given)
            self.assertEqual([os.path.normpath("all/" + n) for n in inside],
                             [os.path.normpath(n) for n in found])

    def test_hidden_names_are_passed_over(self):
        self.write("all/seen.maapolicy", ERROR)
        for name in (".git/x.maapolicy", ".hidden.maapolicy", ".policy",
                     "sub/.cache/y.policy"):
            self.write("all/" + name, ERROR)
        self.assertEqual(["all/seen.maapolicy"], self.checked("all"))

    def test_a_hidden_file_is_checked_when_it_is_named(self):
        self.write(".hidden.maapolicy", ERROR)
        self.assertEqual([".hidden.maapolicy"],
                         self.checked(".hidden.maapolicy"))

    def test_the_present_directory(self):
        self.write("p.maapolicy", ERROR)
        self.assertEqual(["p.maapolicy"],
                         [os.path.normpath(p) for p in self.checked(".")])

    def test_a_directory_without_policies_is_unusable(self):
        self.write("all/readme.txt", ERROR)
        self.assert_unusable("check", "all", mentions="all")

    def test_a_circle_of_links_ends(self):
        self.write("all/p.maapolicy", ERROR)
        os.symlink(".", self.path("all/again"))
        os.symlink("loop", self.path("all/loop"))
        self.assertIn("all/p.maapolicy", self.checked("all"))

    def test_a_directory_that_looks_like_a_policy_is_walked(self):
        self.write("all/x.maapolicy/inner.policy", ERROR)
        self.assertEqual(["all/x.maapolicy/inner.policy"],
                         self.checked("all"))

    def test_directories_nested_without_end_are_refused(self):
        deep = "/".join(["d"] * 200)
        self.write("all/" + deep + "/p.maapolicy", CLEAN)
        self.assert_unusable("check", "all", mentions="nested too deeply")

    def test_nothing_is_passed_over_but_hidden_names(self):
        """What a language server may leave out, a check in CI may not."""
        self.write("elsewhere", ERROR)
        self.write("all/node_modules/x.maapolicy", ERROR)
        os.symlink("../elsewhere", self.path("all/link.maapolicy"))
        self.assertEqual(["all/link.maapolicy",
                          "all/node_modules/x.maapolicy"],
                         self.checked("all"))

    def test_a_link_that_leads_nowhere_is_unusable(self):
        self.write("all/a.maapolicy", CLEAN)
        os.symlink("nowhere", self.path("all/link.maapolicy"))
        self.assert_unusable("check", "all", mentions="link.maapolicy")

    def test_standard_input(self):
        result = self.expect(NO, "check", "--format", "plain", "-",
                             stdin=ERROR)
        found = plain_lines(result.out)
        self.assertEqual([("4", "8", "P002")],
                         [(f["line"], f["column"], f["code"]) for f in found])
        self.expect(OK, "check", "-", stdin=CLEAN)
        self.assert_unusable_or_said("check", "-", stdin="")

    def assert_unusable_or_said(self, *words, **options):
        result = self.expect(INPUT, *words, **options)
        self.assertTrue(result.out + result.err, result)

    def test_names_that_look_like_options(self):
        self.write("--format", ERROR)
        self.write("-x", ERROR)
        self.assertEqual(["--format", "-x"],
                         self.checked("--", "--format", "-x"))
        self.assertEqual(["./-x"], self.checked("./-x"))


class Wrapped(CheckTest):
    """A token or base64url is unwrapped; places count in the text inside."""

    def assert_error_found(self, content, text=ERROR):
        self.write("p.jwt", content)
        report = self.expect(NO, "check", "--format", "json", "p.jwt").json
        self.assertEqual([("P002", 4, 8)], [
            (f["code"], f["range"]["start"]["line"],
             f["range"]["start"]["column"]) for f in report["findings"]])
        self.assert_report(report, {"p.jwt": text})

    def test_unsecured_token(self):
        self.assert_error_found(policy_token(ERROR))

    def test_line_end_behind_a_token(self):
        self.assert_error_found(policy_token(ERROR) + "\r\n")

    def test_signed_token(self):
        header = b64url('{"alg":"RS256","x5c":["MIIB"]}')
        payload = policy_token(ERROR).split(".")[1]
        self.assert_error_found(".".join([header, payload, b64url(b"x" * 256)]))

    def test_answer_of_the_service(self):
        inner = policy_token(ERROR)
        outer = ".".join([b64url('{"alg":"RS256","typ":"JWT"}'),
                          b64url('{"x-ms-policy":"%s"}' % inner),
                          b64url(b"x" * 256)])
        self.assert_error_found(outer)
        self.assert_error_found('{"token":"%s"}' % outer)

    def test_base64(self):
        """Of both alphabets, with padding and without, in lines too."""
        text = ERROR + "// ??>~\u07ff>>??~~~"
        usual = base64.b64encode(text.encode()).decode()
        self.assertTrue(set("+/") & set(usual))
        for content in (b64url(text), usual, usual.rstrip("="),
                        b64url(text) + "=" * (-len(b64url(text)) % 4),
                        base64.encodebytes(text.encode())):
            with self.subTest(content):
                self.assert_error_found(content, text)

    def test_clean_ones(self):
        for content in (policy_token(CLEAN), b64url(CLEAN)):
            self.write("p.jwt", content)
            self.expect(OK, "check", "p.jwt")
            self.expect(OK, "check", "-", stdin=content)

    def test_human_output_says_that_the_place_is_inside(self):
        self.write("p.jwt", policy_token(ERROR))
        plain = self.write("p.maapolicy", ERROR)
        outer = self.expect(NO, "check", "p.jwt").out
        inner = self.expect(NO, "check", plain).out
        self.assertIn("4:8", outer)
        self.assertNotEqual(inner.replace(plain, "p.jwt"), outer)

    def test_payload_that_is_plain_text(self):
        payload = b64url('{"AttestationPolicy":"%s"}' % "version=1.0;")
        self.write("p.jwt", b64url('{"alg":"none"}') + "." + payload + ".")
        self.expect(NO, "check", "p.jwt")
        self.assertEqual(["P019"], self.codes("p.jwt"))

    def test_other_tokens_are_no_policy(self):
        self.write("p.jwt", ".".join([b64url('{"alg":"RS256"}'),
                                      b64url('{"iss":"https://x"}'), "AAAA"]))
        self.expect(NO, "check", "p.jwt")
        self.assertEqual(["P017"], self.codes("p.jwt"))


class Settings(CheckTest):
    """Words of the command line and of the environment."""

    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", ERROR)

    def test_a_value_stands_behind_equals_or_next(self):
        one = self.maapol("check", "--format=plain", "p.maapolicy")
        two = self.maapol("check", "p.maapolicy", "--format", "plain")
        self.assertEqual(one.out, two.out)
        self.assertEqual(1, len(plain_lines(one.out)))

    def test_the_environment_stands_for_options(self):
        env = {"MAAPOL_FORMAT": "plain"}
        result = self.maapol("check", "p.maapolicy", env=env)
        self.assertEqual(1, len(plain_lines(result.out)))
        result = self.maapol("check", "--format", "json", "p.maapolicy",
                             env=env)
        self.assertEqual(1, len(result.json["findings"]))
        self.assert_usage("check", "p.maapolicy",
                          env={"MAAPOL_TYPE": "Toaster"})

    def test_the_environment_cannot_weaken_the_check(self):
        for name in ("SELECT", "IGNORE", "MAX_WARNINGS"):
            with self.subTest(name):
                self.expect(NO, "check", "p.maapolicy",
                            env={"MAAPOL_" + name: "F401"})

    def test_types_in_any_case_and_older_names(self):
        self.write("clean.maapolicy", CLEAN)
        for name in ("SgxEnclave", "sgxenclave", "OPENENCLAVE", "SevSnpVm",
                     "TdxVm", "AzureGuest", "Tpm", "SGX-IntelSDK",
                     "SGX-OpenEnclaveSDK", "VSM", "VSMEnclave", "VbsEnclave",
                     "CyResComponent", "AzureVM", "TPM"):
            with self.subTest(name):
                self.expect(OK, "check", "--type", name, "clean.maapolicy")

    def test_verbose_logs_on_standard_error(self):
        quiet = self.maapol("check", "p.maapolicy")
        loud = self.maapol("check", "--verbose", "p.maapolicy")
        self.assertEqual(quiet.out, loud.out)
        self.assertEqual("", quiet.err)
        self.assertIn("p.maapolicy", loud.err)


if __name__ == "__main__":
    unittest.main()
