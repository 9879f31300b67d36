# SPDX-License-Identifier: Apache-2.0
"""maapol test: suites, reports, coverage, mutation, skeletons."""
import glob
import json
import os
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

from harness import (CommandTest, INPUT, MAAPOL, NO, OK, ROOT, environment,
                     read)

try:
    import jsonschema
except ImportError:
    jsonschema = None

POLICY = """version=1.0;
authorizationrules
{
  [type=="debug", value==true] => deny();
  [type=="svn", value>=3] => permit();
};
issuancerules
{
  c:[type=="svn"] => issue(type="version", value=c.value);
};
"""
PERMIT = {"decision": "permit", "issued": {"version": 3}}
TESTS = [
    {"name": "release", "claims": {"svn": 3, "debug": False},
     "expect": PERMIT},
    {"name": "old", "claims": {"svn": 2}, "expect": {"decision": "deny"}},
    {"name": "debug", "claims": {"svn": 3, "debug": True},
     "expect": {"decision": "deny"}},
]
# What a suite may not say; the message must say this, at this line.
WRONG = [
    ({"tests": TESTS}, "no \"policy\""),
    ({"policy": "p.maapolicy"}, "no \"tests\""),
    ({"policy": "p.maapolicy", "tests": []}, "no \"tests\""),
    ({"policy": "p.maapolicy", "tests": TESTS, "typ": "x"},
     "did you mean \"type\"?"),
    ({"policy": 1, "tests": TESTS}, "a string is wanted"),
    ({"policy": "p.maapolicy", "tests": [{"claims": {}, "expect": PERMIT}]},
     "no \"name\""),
    ({"policy": "p.maapolicy", "tests": [{"name": "a", "expect": PERMIT}]},
     "no input"),
    ({"policy": "p.maapolicy", "tests": [{"name": "a", "claims": {}}]},
     "no \"expect\""),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "quote": "q", "expect": PERMIT}]},
     "exclude each other"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {"b": None}, "expect": PERMIT}]}, "b"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "expect": {"decison": "permit"}}]},
     "did you mean \"decision\"?"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "expect": {"decision": "yes"}}]},
     "a decision is"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "expect": {"issued": {}}}]},
     "needs a \"decision\""),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {},
         "expect": {"decision": "deny", "issued": {"b": 1}}}]},
     "without a permit"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {},
         "expect": {"decision": "permit", "error": "X"}}]}, "no \"error\""),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "rows": [], "expect": PERMIT}]},
     "no rows"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "rows": [{"set": {"b": 1}}]}]},
     "neither the row nor its test"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "verify": "yes", "expect": PERMIT}]},
     "\"verify\" is"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "now": "yesterday", "expect": PERMIT}]},
     "a time is wanted"),
    ({"policy": "p.maapolicy", "tests": [
        {"name": "a", "claims": {}, "init-type": "JSON", "expect": PERMIT}]},
     "without the data"),
]


class SuiteTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", POLICY)

    def suite(self, tests=TESTS, name="s.maatest.json", **members):
        return self.write(name, dict({"policy": "p.maapolicy",
                                      "tests": tests}, **members))

    def one(self, expect, claims=None, status=OK, **members):
        test = dict({"name": "one", "claims": claims or {"svn": 3},
                     "expect": expect}, **members)
        return self.expect(status, "test", self.suite([test]))

    def report(self, *arguments, status=OK):
        return self.expect(status, "test", "--format", "json",
                           *arguments).json


class Suites(SuiteTest):
    def test_all_pass(self):
        result = self.expect(OK, "test", self.suite())
        self.assertIn("3 passed, 0 failed in 1 suite\n", result.out)
        self.assertEqual("", result.err)

    def test_a_wrong_expectation_fails_and_says_why(self):
        result = self.one({"decision": "permit"}, {"svn": 2}, NO)
        for text in ("decision: expected permit", "got      deny",
                     "no permit() ran", "condition 1: svn is 2, wanted >= 3",
                     "FAIL  s.maatest.json:1: one", "0 passed, 1 failed"):
            self.assertIn(text, result.out)

    def test_the_rule_that_denied_is_shown(self):
        result = self.one({"decision": "permit"}, {"svn": 3, "debug": True},
                          NO)
        self.assertIn("rule 1 in authorizationrules (4:3) denied", result.out)
        self.assertIn('[type=="debug", value==true] => deny();', result.out)

    def test_each_expectation(self):
        permit = {"decision": "permit"}
        rows = [  # expectation, holds
            ({"issued": {"version": 3}}, True),
            ({"issued": {"version": [3]}}, True),
            ({"issued": {"version": 4}}, False),
            ({"issued": {"version": "3"}}, False),
            ({"issued": {}}, False),
            ({"issued": {"version": 3, "other": 1}}, False),
            ({"includes": {"version": 3}}, True),
            ({"includes": {}}, True),
            ({"includes": {"version": 4}}, False),
            ({"includes": {"other": 3}}, False),
            ({"absent": ["svn"]}, True),
            ({"absent": ["version"]}, False),
            ({"properties": {}}, True),
            ({"properties": {"omit_x5c": True}}, False),
        ]
        for expect, holds in rows:
            with self.subTest(expect):
                self.one(dict(permit, **expect), status=OK if holds else NO)
        for expect, holds in (({"error": "PolicyEvaluationError"}, False),
                              ({"decision": "deny",
                                "error": "PolicyEvaluationError"}, True),
                              ({"decision": "deny", "error": "Other"}, False),
                              ({"decision": "deny", "issued": {}}, True),
                              ({"decision": "error"}, False)):
            with self.subTest(expect):
                self.one(expect, {"svn": 2}, OK if holds else NO)

    def test_evaluation_errors_and_properties(self):
        self.write("p.maapolicy", 'version=1.2;\nauthorizationrules {\n'
                   'c:[type=="a"] => add(type="b", '
                   'value=NegateBool(c.value));\n=> permit(); };\n'
                   'issuancerules { => issueproperty(type="omit_x5c", '
                   'value=true); };\n')
        self.one({"error": "PolicyEvaluationError"}, {"a": 1})
        self.one({"decision": "permit"}, {"a": 1}, NO)
        self.one({"decision": "permit", "properties": {"omit_x5c": True}},
                 {"a": True})

    def test_json_text_is_expected_as_it_is_claimed(self):
        self.write("p.maapolicy", 'version=1.0;\nauthorizationrules {=> '
                   'permit();};\nissuancerules {c:[type=="a"] => '
                   'issue(type="b", value=c.value);};\n')
        self.one({"decision": "permit", "issued": {"b": {"x": [1]}}},
                 {"a": {"x": [1]}})
        self.one({"decision": "permit", "issued": {"b": {"x": [2]}}},
                 {"a": {"x": [1]}}, NO)

    def test_rows_change_claims(self):
        tests = [{"name": "t", "claims": {"svn": 1, "debug": True},
                  "set": {"svn": 3}, "expect": {"decision": "deny"},
                  "rows": [{"name": "as it is"},
                           {"unset": ["debug"], "expect": PERMIT},
                           {"set": {"debug": False}, "expect": PERMIT},
                           {"set": {"debug": False, "svn": 2}},
                           {"set": [{"type": "debug", "value": True,
                                     "issuer": "CustomClaim"}]}]}]
        report = self.report(self.suite(tests))
        self.assertEqual(["t / as it is", "t / row 2", "t / row 3",
                          "t / row 4", "t / row 5"],
                         [t["name"] for t in report["suites"][0]["tests"]])

    def test_set_takes_the_place_of_every_claim_of_its_type(self):
        self.one({"decision": "permit", "issued": {"version": [4, 5]}},
                 {"svn": [7, 8, 9]}, set={"svn": [4, 5]})

    def test_claims_of_a_file(self):
        self.write("in/c.json", {"svn": 3})
        self.one(PERMIT, "in/c.json")

    def test_suites_are_found_in_directories(self):
        self.write("d/p.maapolicy", POLICY)
        self.suite(name="d/b.maatest.json")
        self.suite(name="d/a.maatest.json")
        self.write("d/.hidden/x.maatest.json", "no JSON")
        self.write("d/other.json", "no JSON")
        for argument in ("d", "."):
            report = self.report(argument)
            self.assertEqual(["d/a.maatest.json", "d/b.maatest.json"],
                             [s["path"] for s in report["suites"]])
        self.assertEqual(6, self.report()["passed"])
        self.write("empty/x", "")
        self.assert_unusable("test", "empty", mentions="no suite")

    def test_the_configuration_says_where_suites_are(self):
        """Only where no path is given."""
        self.write(".git/config", "")
        self.write(".maapol.json", {"tests": ["d/**/*.maatest.json"]})
        for name in ("d/e/a.maatest.json", "other.maatest.json"):
            self.suite(name=name, policy=os.path.relpath(
                "p.maapolicy", os.path.dirname(name) or "."))
        for cwd, paths in ((".", ["d/e/a.maatest.json"]),
                           ("d/e", ["../../d/e/a.maatest.json"])):
            report = self.expect(OK, "test", "--format", "json",
                                 cwd=self.path(cwd)).json
            self.assertEqual(1, len(report["suites"]))
            self.assertIn(report["suites"][0]["path"], paths)
        self.assertEqual(6, self.report(".")["passed"])
        self.assertEqual(6, self.report("--config", "none")["passed"])
        self.write(".maapol.json", {"tests": ["x/*.maatest.json"]})
        self.assert_unusable("test", mentions="no suite matches")
        self.write(".maapol.json", "{")
        self.assert_unusable("test", mentions=".maapol.json")

    def test_run_chooses(self):
        suite = self.suite()
        self.assertEqual((1, 2), (lambda r: (r["passed"], r["left-out"]))(
            self.report("--run", "^ol", suite)))
        self.assertEqual(2, self.report("--run", "old|debug",
                                        suite)["passed"])
        self.assert_unusable("test", "--run", "nothing", suite,
                             mentions="no test has such a name")
        self.assert_usage("test", "--run", "(", suite, mentions="--run")

    def test_inputs_of_tests_that_do_not_run_are_not_read(self):
        tests = TESTS + [{"name": "gone", "claims": "gone.json",
                          "expect": PERMIT}]
        self.expect(OK, "test", "--run", "release", self.suite(tests))
        self.expect(INPUT, "test", self.suite(tests))

    def test_fail_only(self):
        tests = TESTS + [{"name": "wrong", "claims": {}, "expect": PERMIT}]
        result = self.expect(NO, "test", "--fail-only", self.suite(tests))
        self.assertNotIn("release", result.out)
        self.assertIn("wrong", result.out)
        self.assertIn("3 passed, 1 failed", result.out)

    def test_any_number_of_threads_gives_the_same(self):
        tests = [{"name": "t%03d" % i, "claims": {"svn": i},
                  "expect": {"decision": "permit" if i > 4 else "deny"}}
                 for i in range(200)]
        suite = self.suite(tests)
        runs = {self.expect(NO, "test", "--coverage", "--jobs", jobs,
                            suite).out for jobs in ("1", "2", "7", "200")}
        self.assertEqual(1, len(runs))
        for jobs in ("0", "-1", "x", "1000"):
            self.assert_usage("test", "--jobs", jobs, suite)

    def test_hostile_names_forge_no_line(self):
        name = "a\nok    s.maatest.json:1: b\x1b[0m # TODO\u202e"
        tests = [{"name": name, "claims": {"svn": 0}, "expect": PERMIT}]
        suite = self.suite(tests)
        for form in ("human", "tap"):
            result = self.expect(NO, "test", "--format", form, suite)
            self.assert_harmless(result.raw_out, result)
            self.assertNotRegex(result.out, "(?m)^ok")
        out = self.expect(NO, "test", "--format", "junit", suite).raw_out
        ElementTree.fromstring(out)
        self.assertNotIn(b"\x1b", out)


class WrongSuites(SuiteTest):
    def test_each_is_refused(self):
        for suite, text in WRONG:
            with self.subTest(text, suite=suite):
                result = self.expect(
                    INPUT, "test", self.write("w.maatest.json", suite))
                self.assertIn(text, result.out)
                self.assertRegex(result.out, r"w\.maatest\.json:1:\d+: ")

    def test_line_and_column(self):
        self.write("w.maatest.json", '{\n "policy": "p.maapolicy",\n'
                   ' "tests": [\n  {"name": "a",\n   "claims": {},\n'
                   '   "expct": {}}\n ]\n}\n')
        result = self.expect(INPUT, "test", "w.maatest.json")
        self.assertIn('w.maatest.json:6:4: a test has no member "expct"; did '
                      'you mean "expect"?', result.out)

    def test_names_are_unique(self):
        result = self.expect(INPUT, "test",
                             self.suite(TESTS + TESTS[:1]))
        self.assertIn("another test is named \"release\" too", result.out)

    def test_broken_json(self):
        for text in ("", "{", "[]", "null", '{"policy": "p.maapolicy",}',
                     '{"tests": [], "tests": []}'):
            with self.subTest(text):
                self.write("w.maatest.json", text)
                self.expect(INPUT, "test", "w.maatest.json")

    def test_missing_files(self):
        self.assert_unusable("test", "gone.maatest.json",
                             mentions="no such file")
        result = self.expect(INPUT, "test", self.suite(policy="gone"))
        self.assertIn("gone: No such file", result.out)

    def test_a_policy_with_errors(self):
        self.write("p.maapolicy", POLICY.replace("==", "=", 1))
        result = self.expect(INPUT, "test", self.suite())
        self.assertIn("the first is at 4:", result.out)

    def test_one_unusable_suite_does_not_hide_the_others(self):
        self.write("b.maatest.json", "{")
        result = self.expect(INPUT, "test", "b.maatest.json", self.suite())
        self.assertIn("3 passed, 0 failed, 1 unusable", result.out)

    def test_files_outside_of_the_repository_are_not_read(self):
        """Neither by path nor by link."""
        self.write("secret.json", {"svn": 3})
        self.write("repo/.git/config", "")
        self.write("repo/d/p.maapolicy", POLICY)
        self.write("repo/claims.json", {"svn": 3})
        os.symlink("../../secret.json", self.path("repo/d/link.json"))
        test = {"name": "t", "expect": PERMIT}
        for path, status in (("../claims.json", OK),
                             ("../../secret.json", INPUT),
                             ("link.json", INPUT),
                             (self.path("secret.json"), INPUT)):
            with self.subTest(path):
                self.suite([dict(test, claims=path)],
                           "repo/d/s.maatest.json")
                self.expect(status, "test", "repo/d/s.maatest.json")

    def test_an_unusable_input_is_no_failure_and_no_success(self):
        self.write("c.json", "{")
        report = self.report(self.suite(
            [{"name": "t", "claims": "c.json",
              "expect": {"decision": "deny"}}]), status=INPUT)
        self.assertEqual((0, 0, 1), (report["passed"], report["failed"],
                                     report["unusable"]))


class Evidence(CommandTest):
    """Tests of the examples, which have evidence of every kind."""

    def test_the_examples_are_covered_and_no_mutant_survives(self):
        for folder in ("sgx", "tdx", "azureguest", "tpm"):
            with self.subTest(folder):
                result = self.expect(OK, "test", "--threshold", "100",
                                     "--mutate", os.path.join(
                                         ROOT, "examples", folder))
                self.assertIn("coverage of ", result.out)
                self.assertRegex(result.out, r"(\d+) of \1 mutants")

    def test_what_is_not_verified_is_never_permitted(self):
        folder = os.path.join(ROOT, "examples", "sgx")
        for name in ("policy.maapolicy", "request.json"):
            self.write(name, read(os.path.join(folder, name)))
        test = {"name": "t", "request": "request.json",
                "set": {"x-ms-sgx-svn": 9}}
        suite = {"policy": "policy.maapolicy", "type": "SgxEnclave"}
        for verify, expect in (
                ({}, {"decision": "error", "error": "InvalidParameter"}),
                ({"verify": "none"}, {"decision": "permit"})):
            with self.subTest(verify):
                self.write("s.maatest.json", dict(
                    suite, tests=[dict(test, expect=expect, **verify)]))
                self.expect(OK, "test", "s.maatest.json")

    def test_requests_that_the_service_refuses(self):
        self.write("p.maapolicy", POLICY)
        self.write("r.json", {"quote": "AAAA"})
        self.write("s.maatest.json", {
            "policy": "p.maapolicy", "type": "SgxEnclave", "tests": [
                {"name": "t", "request": "r.json",
                 "expect": {"error": "InvalidParameter"}}]})
        self.expect(OK, "test", "s.maatest.json")


class Formats(SuiteTest):
    WRONG = TESTS + [{"name": "<wrong> & \"bad\"", "claims": {"svn": 2},
                      "expect": PERMIT}]

    def test_junit(self):
        self.write("b.maatest.json", "{")
        out = self.expect(INPUT, "test", "--format", "junit",
                          self.suite(self.WRONG), "b.maatest.json").out
        root = ElementTree.fromstring(out)
        self.assertEqual("testsuites", root.tag)
        first, second = root
        self.assertEqual(("4", "1", "0"), tuple(
            first.get(k) for k in ("tests", "failures", "errors")))
        self.assertEqual(("1", "0", "1"), tuple(
            second.get(k) for k in ("tests", "failures", "errors")))
        cases = first.findall("testcase")
        self.assertEqual(["release", "old", "debug", "<wrong> & \"bad\""],
                         [c.get("name") for c in cases])
        failure = cases[3].find("failure")
        self.assertIn("expected permit, got deny", failure.get("message"))
        self.assertIn("svn is 2, wanted >= 3", failure.text)
        self.assertIsNone(cases[0].find("failure"))
        self.assertIsNotNone(second.find("testcase").find("error"))

    def test_tap(self):
        out = self.expect(NO, "test", "--format", "tap",
                          self.suite(self.WRONG)).out
        lines = out.split("\n")
        self.assertEqual(["TAP version 13", "1..4",
                          "ok 1 - s.maatest.json: release"], lines[:3])
        self.assertIn("not ok 4 - s.maatest.json: <wrong> & \"bad\"", lines)
        self.assertIn('  decision: "expected permit, got deny"', lines)

    def test_json(self):
        report = self.report(self.suite(self.WRONG), status=NO)
        self.assertEqual((3, 1), (report["passed"], report["failed"]))
        last = report["suites"][0]["tests"][3]
        self.assertEqual("failed", last["status"])
        self.assertEqual({"what": "decision", "expected": "permit",
                          "got": "deny"}, last["mismatches"][0])
        self.assertIn("svn is 2", last["trace"])


class Coverage(SuiteTest):
    def test_full(self):
        result = self.expect(OK, "test", "--coverage", self.suite())
        self.assertIn("coverage of p.maapolicy: 100 %; 3 of 3 rules ran, "
                      "2 of 2 conditions were decisive for both outcomes\n",
                      result.out)

    def test_what_is_missing_is_listed(self):
        result = self.expect(OK, "test", "--coverage", self.suite(TESTS[:1]))
        self.assertIn("p.maapolicy:4: rule 1 in authorizationrules never ran",
                      result.out)
        self.assertIn("p.maapolicy:5: rule 2 in authorizationrules was never "
                      "kept from running by condition 1 alone", result.out)

    def test_threshold(self):
        suite = self.suite(TESTS[:2])  # 2 of 3 rules, 1 of 2 conditions
        self.expect(OK, "test", "--threshold", "60", suite)
        result = self.expect(NO, "test", "--threshold", "61", suite)
        self.assertIn("p.maapolicy:4: rule 1 in authorizationrules never ran",
                      result.err)
        for value in ("101", "-1", "x"):
            self.assert_usage("test", "--threshold", value, suite)

    def test_a_condition_counts_only_where_it_decides(self):
        """Two that fail together prove nothing of either."""
        self.write("p.maapolicy", 'version=1.0;\nauthorizationrules {\n'
                   '[type=="a", value==1] && [type=="b", value==1] => '
                   'permit();\n};\n')
        claims = [{"a": 1, "b": 1}, {"a": 0, "b": 0}]
        for more, decisive in (([], 0), ([{"a": 0, "b": 1}], 1),
                               ([{"a": 0, "b": 1}, {"a": 1, "b": 0}], 2)):
            tests = [{"name": str(i), "claims": c, "expect": {
                "decision": "permit" if c == claims[0] else "deny"}}
                     for i, c in enumerate(claims + more)]
            report = self.report("--coverage", self.suite(tests))
            self.assertEqual(decisive,
                             report["coverage"][0]["conditions-decisive"])

    def test_suites_of_one_policy_count_together(self):
        names = [self.suite([t], t["name"] + ".maatest.json") for t in TESTS]
        report = self.report("--coverage", *names)
        self.assertEqual([100], [c["percent"] for c in report["coverage"]])

    def test_lcov(self):
        self.expect(OK, "test", "--lcov", "out.info", self.suite(TESTS[:2]))
        text = read(self.path("out.info"))
        self.assertIn("SF:p.maapolicy\n", text)
        self.assertEqual(["4,0", "5,1", "9,1"],
                         re.findall("(?m)^DA:(.*)$", text))
        self.assertEqual(["4,0,0,0", "4,0,1,1", "5,1,0,1", "5,1,1,1"],
                         re.findall("(?m)^BRDA:(.*)$", text))
        self.assertIn("LF:3\nLH:2\nend_of_record\n", text)

    def test_html(self):
        self.write("p.maapolicy", POLICY.replace(
            "authorizationrules", "// <script>alert(1)</script>\n"
            "authorizationrules", 1))
        self.expect(OK, "test", "--html", "out", self.suite(TESTS[:1]))
        index, page = (read(self.path("out/" + n))
                       for n in ("index.html", "policy-1.html"))
        self.assertIn('<a href="policy-1.html">p.maapolicy</a>', index)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        for text in (index, page):
            self.assertNotIn("<script", text)
            self.assertNotRegex(text, "(?i)(src|href)=\"?(https?:)?//")
        shown = re.sub("<[^>]*>", "", page.split("<pre>")[1]
                       .split("</pre>")[0])
        for number, line in enumerate(POLICY.split("\n")[2:], 4):
            self.assertIn("%5d " % number, shown)
        self.assertIn('<span class="no" title="never ran">', page)


class Mutation(SuiteTest):
    def test_good_tests_let_none_survive(self):
        tests = TESTS + [{"name": "newer", "claims": {"svn": 4},
                          "expect": {"decision": "permit",
                                     "issued": {"version": 4}}}]
        result = self.expect(OK, "test", "--mutate", self.suite(tests))
        self.assertRegex(result.out, r"mutation of p\.maapolicy: (\d+) of "
                         r"\1 mutants were noticed\n")

    def test_survivors_are_shown_as_a_diff(self):
        tests = [t for t in TESTS if t["name"] != "old"]
        result = self.expect(NO, "test", "--mutate", self.suite(tests))
        self.assertIn("survivor p.maapolicy:5:24: 3 becomes 2", result.out)
        self.assertIn('\n-  [type=="svn", value>=3] => permit();\n'
                      '+  [type=="svn", value>=2] => permit();\n',
                      result.out)

    def test_each_survivor_is_a_change_that_the_tests_accept(self):
        """The diff applied, the tests still pass; and others fail."""
        suite = self.suite(TESTS[:1])
        survivors = self.report("--mutate", suite, status=NO)["mutation"][0]
        self.assertGreater(survivors["survived"], 2)
        self.assertGreater(survivors["noticed"], 2)
        for survivor in survivors["survivors"]:
            with self.subTest(survivor["what"]):
                self.write("p.maapolicy", POLICY)
                subprocess.run(["patch", "-s", "-p1"], check=True,
                               input=survivor["diff"].encode(),
                               cwd=self.directory)
                self.assertNotEqual(POLICY, read(self.path("p.maapolicy")))
                self.expect(OK, "test", suite)

    def test_the_same_program_is_no_mutant(self):
        """A rule behind an unconditional deny, issuance without permit."""
        self.write("p.maapolicy", 'version=1.0;\nauthorizationrules {\n'
                   '=> deny();\n[type=="a"] => permit();\n};\n'
                   'issuancerules { => issue(type="b", value=1); };\n')
        tests = [{"name": "t", "claims": {"a": 1},
                  "expect": {"decision": "deny"}}]
        report = self.report("--mutate", self.suite(tests), status=OK)
        self.assertEqual(2, report["mutation"][0]["noticed"])

    def test_failing_tests_come_first(self):
        tests = TESTS + [{"name": "wrong", "claims": {}, "expect": PERMIT}]
        result = self.expect(NO, "test", "--mutate", self.suite(tests))
        self.assertIn("all tests must pass first", result.err)
        self.assertNotIn("survivor", result.out)

    def test_the_order_is_the_same_for_any_number_of_threads(self):
        suite = self.suite(TESTS[:1])
        self.assertEqual(1, len({self.expect(
            NO, "test", "--mutate", "--jobs", jobs, suite).out
            for jobs in ("1", "2", "5")}))


class Skeletons(SuiteTest):
    POLICIES = [
        'authorizationrules { [type=="a", value>=3, value<7] => permit(); };',
        'authorizationrules { [type=="a", value!=0] && [type=="b", '
        'value=="x"] => permit(); [type=="a", value<5] => deny(); };',
        'authorizationrules { ![type=="debug", value==true] && '
        '[type=="a"] => permit(); };',
        'authorizationrules { ![type=="a", value==true] => deny(); '
        '=> permit(); };',
        'authorizationrules { c:[type=="a"] && [type=="b", value==c.value] '
        '=> permit(); };',
        'authorizationrules { c:[type=="a"] => add(type="m", value=c.value); '
        '[type=="m", value==5, issuer=="AttestationPolicy"] => permit(); };',
        'authorizationrules { [type=="s", issuer=="CustomClaim", value==true]'
        ' => permit(); }; issuancerules { [type=="a", value>=2] => '
        'issue(type="i", value="new"); [type=="a", value<2] => '
        'issue(type="i", value="old"); };',
        'authorizationrules { [type=="a", value==9223372036854775807] => '
        'permit(); };',
    ]

    def test_they_pass_cover_and_notice(self):
        for text in self.POLICIES:
            with self.subTest(text):
                self.write("q.maapolicy", "version=1.2;\n" + text + "\n")
                made = self.expect(OK, "test", "--init", "q.maapolicy")
                self.assertEqual("", made.err)
                self.write("q.maatest.json", made.out)
                result = self.expect(OK, "test", "--threshold", "100",
                                     "q.maatest.json")
                self.assertIn(" 0 failed", result.out)
                if text != self.POLICIES[1]:  # its deny hides its `!=`
                    self.expect(OK, "test", "--mutate", "q.maatest.json")

    def test_boundaries(self):
        """At least one test on each side of each number."""
        self.write("q.maapolicy", "version=1.2;\n" + self.POLICIES[0])
        suite = self.expect(OK, "test", "--init", "q.maapolicy").json
        decisions = {t["claims"]["a"]: t["expect"]["decision"]
                     for t in suite["tests"]}
        self.assertEqual({2: "deny", 3: "permit", 6: "permit", 7: "deny"},
                         decisions)

    def test_a_deny_rule_is_what_denies(self):
        """Without it the same claims would be permitted."""
        suite = self.expect(OK, "test", "--init", "p.maapolicy").json
        name = "rule 1 (authorizationrules) denies"
        test = next(t for t in suite["tests"] if t["name"] == name)
        self.one({"decision": "deny"}, test["claims"])
        self.write("p.maapolicy", "\n".join(
            line for line in POLICY.split("\n") if "deny" not in line))
        self.one({"decision": "permit"}, test["claims"])

    def test_what_was_not_found_is_said(self):
        self.write("q.maapolicy", 'version=1.2;\nauthorizationrules {\n'
                   '[type=="a", value>5, value<5] => permit();\n};\n')
        result = self.expect(NO, "test", "--init", "q.maapolicy")
        self.assertIn("rule 1 (authorizationrules): no claims were found",
                      result.err)
        self.assertEqual("", result.out)

    def test_output_names_the_policy_from_its_own_folder(self):
        self.write("policies/q.maapolicy", POLICY)
        self.write("tests/.keep", "")
        self.write(".git/config", "")
        self.expect(OK, "test", "--init", "policies/q.maapolicy", "-o",
                    "tests/q.maatest.json")
        self.assertEqual("../policies/q.maapolicy", json.loads(
            read(self.path("tests/q.maatest.json")))["policy"])
        self.expect(OK, "test", "tests")
        self.assert_unusable("test", "--init", "policies/q.maapolicy", "-o",
                             "tests/q.maatest.json", mentions="already")

    def test_usage(self):
        self.assert_usage("test", "--init", "-")
        self.assert_usage("test", "--init", "p.maapolicy", "x")
        self.assert_usage("test", "--init", "p.maapolicy", "--run", "x")
        self.assert_usage("test", "-o", "x")
        self.write("q.maapolicy", "version=1.0")
        self.assert_unusable("test", "--init", "q.maapolicy")


class Watch(SuiteTest):
    def wait_for(self, file, count, text):
        for _ in range(150):
            if read(file).count(text) >= count:
                return
            time.sleep(0.1)
        self.fail("%r did not come %d times: %s" % (text, count, read(file)))

    def test_runs_again_when_the_policy_changes_and_ends_on_sigint(self):
        out = self.path("out")
        with open(out, "wb") as file:
            process = subprocess.Popen(
                [MAAPOL, "test", "--watch", self.suite()],
                cwd=self.directory, stdout=file, env=environment())
        self.addCleanup(process.kill)
        self.wait_for(out, 1, "3 passed, 0 failed")
        self.write("p.maapolicy", POLICY.replace(">=3", ">=4"))
        self.wait_for(out, 1, "2 passed, 1 failed")
        self.write("p.maapolicy", "version")
        self.wait_for(out, 1, "1 unusable")
        self.write("p.maapolicy", POLICY)
        self.wait_for(out, 2, "3 passed, 0 failed")
        process.send_signal(signal.SIGINT)
        self.assertEqual(OK, process.wait(timeout=10))


class Schema(SuiteTest):
    def schema(self):
        return json.loads(read(os.path.join(ROOT, "docs", "schemas",
                                            "maatest.schema.json")))

    def test_it_names_the_members_that_the_program_knows(self):
        """Also where there is no validator."""
        source = "".join(read(os.path.join(ROOT, "suite", name))
                         for name in ("suite.c", "reader.c"))
        tables = {"suite": self.schema()["properties"]}
        for name in ("test", "row", "expect"):
            tables[name] = self.schema()["definitions"][name]["properties"]
        for name, members in tables.items():
            table = source.split("%s_members[] = {" % name)[1].split("};")[0]
            self.assertEqual(set(re.findall('{"([^"]+)"', table)),
                             set(members), name)

    @unittest.skipUnless(jsonschema, "there is no python3-jsonschema")
    def test_suites_validate_exactly_if_they_are_read(self):
        validator = jsonschema.Draft7Validator(self.schema())
        validator.check_schema(self.schema())
        suites = [json.loads(read(path)) for path in glob.glob(
            os.path.join(ROOT, "examples", "*", "*.maatest.json"))]
        self.assertGreaterEqual(len(suites), 4)
        for suite in suites + [{"policy": "p", "tests": TESTS}]:
            validator.validate(suite)
        for suite, text in WRONG:
            with self.subTest(text, suite=suite):
                self.assertFalse(validator.is_valid(suite))


if __name__ == "__main__":
    unittest.main()
