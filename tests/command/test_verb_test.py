# SPDX-License-Identifier: Apache-2.0
"""maapol test: suites, reports, watching, and the schema."""
import glob
import json
import os
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

from harness import CommandTest, INPUT, MAAPOL, NO, OK, ROOT, environment, read
from suite_fixture import PERMIT, POLICY, SuiteTest, TESTS

try:
    import jsonschema
except ImportError:
    jsonschema = None

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
