# SPDX-License-Identifier: Apache-2.0
"""maapol test: coverage, mutation, and a first suite from the policy."""
import json
import re
import subprocess
import unittest

from harness import NO, OK, read
from suite_fixture import PERMIT, POLICY, SuiteTest, TESTS


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


if __name__ == "__main__":
    unittest.main()
