# SPDX-License-Identifier: Apache-2.0
"""maapol eval: decisions, the report, traces, claims files and mistakes in
them, wrong usage."""
import re
import unittest

from check_test import ERROR, WARNING
from harness import (CommandTest, INPUT, NO, OK, SYSTEM, b64url, policy_token)

POLICY = """version=1.0;
authorizationrules
{
  [type=="blocked", value==true] => deny();
  [type=="x-ms-sgx-is-debuggable", value==false]
    && [type=="x-ms-sgx-svn", value>=3]
    => permit();
};
issuancerules
{
  c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value);
  => issue(type="stage", value="release");
  => add(type="inner", value=1);
};
"""
GOOD = {"x-ms-sgx-is-debuggable": False, "x-ms-sgx-svn": 3}
# Issues whatever has the type "t".
ECHO = """version=1.0;
authorizationrules { => permit(); };
issuancerules { c:[type=="t"] => issue(claim=c); };
"""
FAILS = """version=1.2;
authorizationrules
{
  => permit();
  c:[type=="t"] => add(type="x", value=NegateBool(c.value));
};
issuancerules { => issue(type="a", value=1); };
"""


class EvalTest(CommandTest):
    def decide(self, status, policy, claims, *options, **more):
        self.write("p.maapolicy", policy)
        self.write("claims.json", claims)
        return self.expect(status, "eval", "--policy", "p.maapolicy",
                           "--claims", "claims.json", *options, **more)

    def report(self, status, policy, claims, *options):
        result = self.decide(status, policy, claims, "--format", "json",
                             *options)
        self.assertEqual("", result.err)
        return result.json


class Decisions(EvalTest):
    def test_permit(self):
        result = self.decide(OK, POLICY, GOOD)
        self.assertIn("decision: permit", result.out)
        self.assertIn('stage = "release"', result.out)

    def test_deny(self):
        for claims in ({}, {**GOOD, "x-ms-sgx-svn": 2},
                       {**GOOD, "blocked": True},
                       {**GOOD, "x-ms-sgx-svn": "3"}):
            with self.subTest(claims):
                result = self.decide(NO, POLICY, claims)
                self.assertIn("decision: deny", result.out)
                self.assertNotIn("release", result.out)

    def test_evaluation_error(self):
        result = self.decide(NO, FAILS, {"t": 7})
        self.assertIn("decision: error", result.out)
        self.assertIn("NegateBool", result.out)
        self.assertIn("7", result.out)

    def test_a_policy_with_errors_is_not_evaluated(self):
        result = self.decide(INPUT, ERROR, {"svn": 3})
        self.assertNotIn("decision", result.out)
        self.assertIn("P002", result.err)
        self.assertIn("p.maapolicy:4:8", result.err)

    def test_a_policy_with_warnings_is(self):
        result = self.decide(OK, WARNING, {"a": 1})
        self.assertIn("decision: permit", result.out)
        self.assertIn("S006", result.err)
        self.assertNotIn("S006", result.out)

    def test_of_a_wrapped_policy(self):
        for content in (policy_token(POLICY), b64url(POLICY)):
            self.decide(OK, content, GOOD)
            self.decide(NO, content, {})

    def test_the_word_permit_alone_is_no_permit(self):
        self.decide(NO, "version=1.0;\n// => permit();\n"
                    "authorizationrules{\n};\n", GOOD)
        self.decide(NO, "version=1.0;\nissuancerules{ => issue(type=\"a\","
                    " value=1); };\n", GOOD)


class Report(EvalTest):
    MEMBERS = {"decision", "reason", "rule", "error", "issued", "properties",
               "claims", "trace", "notes"}

    def assert_rule(self, rule, policy, number, section):
        self.assertEqual((number, section), (rule["number"], rule["section"]))
        line = policy.split("\n")[rule["line"] - 1]
        self.assertTrue(line[rule["column"] - 1:].startswith(
            rule["text"].split("\n")[0]), rule)
        self.assertIn(rule["text"], policy)

    def test_of_a_permit(self):
        report = self.report(OK, POLICY, GOOD)
        self.assertLessEqual(self.MEMBERS, set(report))
        self.assertEqual("permit", report["decision"])
        self.assertTrue(report["reason"])
        self.assertIsNone(report["error"])
        self.assertEqual({"svn": 3, "stage": "release"}, report["issued"])
        self.assertEqual({}, report["properties"])
        self.assertEqual({**GOOD, "svn": 3, "stage": "release", "inner": 1},
                         report["claims"])
        self.assert_rule(report["rule"], POLICY, 2, "authorizationrules")
        self.assertEqual([], report["notes"])

    def test_of_a_denial_by_rule(self):
        report = self.report(NO, POLICY, {**GOOD, "blocked": True})
        self.assertEqual("deny", report["decision"])
        self.assertIsNone(report["error"])
        self.assertEqual(({}, {}), (report["issued"], report["properties"]))
        self.assert_rule(report["rule"], POLICY, 1, "authorizationrules")

    def test_of_a_denial_for_want_of_a_permit(self):
        report = self.report(NO, POLICY, {})
        self.assertEqual("deny", report["decision"])
        self.assertIsNone(report["rule"])
        self.assertEqual(({}, {}), (report["issued"], report["properties"]))

    def test_of_an_evaluation_error(self):
        report = self.report(NO, FAILS, {"t": 7})
        self.assertEqual("error", report["decision"])
        self.assertTrue(report["error"]["code"])
        self.assertIn("NegateBool", report["error"]["message"])
        self.assertEqual(({}, {}), (report["issued"], report["properties"]))
        self.assert_rule(report["rule"], FAILS, 2, "authorizationrules")

    def test_several_claims_of_a_type_are_an_array(self):
        report = self.report(OK, ECHO, {"t": [3, "x", True, 3]})
        self.assertEqual({"t": [3, "x", True]}, report["issued"])
        report = self.report(OK, ECHO, {"t": ["x"]})
        self.assertEqual({"t": "x"}, report["issued"])

    def test_properties_are_those_set_last(self):
        policy = ('version=1.1;\nconfigurationrules {\n'
                  ' => issueproperty(type="required_pcr_mask", value=1);\n'
                  ' => issueproperty(type="required_pcr_mask", value=15);\n};\n'
                  'authorizationrules { => permit(); };\nissuancerules {\n'
                  ' => issueproperty(type="report_validity_in_minutes", '
                  'value=60);\n};\n')
        report = self.report(OK, policy, {})
        self.assertEqual({"required_pcr_mask": 15,
                          "report_validity_in_minutes": 60},
                         report["properties"])

    def test_of_a_denial_no_property_gets_out(self):
        policy = ('version=1.1;\nconfigurationrules { => issueproperty('
                  'type="required_pcr_mask", value=1); };\n'
                  'authorizationrules { => %s; };\n')
        for action in ("deny()", 'add(type="x", value=1)'):
            report = self.report(NO, policy % action, {})
            self.assertEqual({}, report["properties"])
        report = self.report(OK, policy % "permit()", {})
        self.assertEqual({"required_pcr_mask": 1}, report["properties"])

    def test_the_trace_names_every_rule_that_was_looked_at(self):
        report = self.report(OK, POLICY, GOOD)
        self.assertEqual([(1, False), (2, True), (3, True), (4, True),
                          (5, True)],
                         [(t["rule"]["number"], t["fired"])
                          for t in report["trace"]])
        for entry in report["trace"]:
            self.assertTrue(entry["text"])
            self.assertEqual(entry["fired"], entry["condition"] is None)
            self.assert_rule(entry["rule"], POLICY, entry["rule"]["number"],
                             entry["rule"]["section"])

    def test_the_trace_counts_conditions_from_1(self):
        report = self.report(NO, POLICY, {**GOOD, "x-ms-sgx-svn": 2})
        self.assertEqual([1, 2], [t["condition"] for t in report["trace"]])

    def test_a_warning_of_the_run_is_a_note(self):
        policy = ('version=1.2;\nauthorizationrules { => permit(); };\n'
                  'issuancerules { c:[type=="t"] => issue(type="x", '
                  'value=JsonToClaimValue(c.value)); };\n')
        result = self.decide(OK, policy, {"t": "abc"}, "--format", "json")
        self.assertEqual({"x": "abc"}, result.json["issued"])
        self.assertEqual(1, len(result.json["notes"]))


class Trace(EvalTest):
    def trace(self, claims, policy=POLICY, status=NO):
        out = self.decide(status, policy, claims, "--trace").out
        return out[out.index("trace:"):]

    def test_the_nearest_claim(self):
        self.assertIn("x-ms-sgx-svn is 2, wanted >= 3; no other claim of that "
                      "type", self.trace({**GOOD, "x-ms-sgx-svn": 2}))

    def test_of_several_claims(self):
        text = self.trace({**GOOD, "x-ms-sgx-svn": [1, 2]})
        self.assertRegex(text, r"x-ms-sgx-svn is [12], wanted >= 3")
        self.assertNotIn("no other claim", text)

    def test_no_such_claim(self):
        text = self.trace({"x-ms-sgx-is-debuggable": False})
        self.assertIn("x-ms-sgx-svn", text)
        self.assertNotIn("x-ms-sgx-svn is", text)

    def test_a_similar_name_is_named(self):
        text = self.trace({"x-ms-sgx-is-debuggable": False,
                           "x-ms-sgx-svm": 3})
        self.assertIn("x-ms-sgx-svm", text)

    def test_a_value_of_another_type(self):
        text = self.trace({**GOOD, "x-ms-sgx-is-debuggable": "false"})
        self.assertIn('x-ms-sgx-is-debuggable is "false", wanted == false',
                      text)
        self.assertRegex(text, r"(?i)boolean.*string|string.*boolean")

    def test_another_issuer(self):
        policy = POLICY.replace('[type=="x-ms-sgx-svn", ',
                                '[type=="x-ms-sgx-svn", '
                                'issuer=="AttestationService", ')
        claims = [{"type": "x-ms-sgx-is-debuggable", "value": False},
                  {"type": "x-ms-sgx-svn", "value": 3,
                   "issuer": "CustomClaim"}]
        self.assertIn("CustomClaim", self.trace(claims, policy))

    def test_a_negated_condition(self):
        policy = ('version=1.2;\nauthorizationrules {\n'
                  ' ![type=="blocked", value==7] => permit(); };\n')
        text = self.trace({"blocked": 7}, policy)
        self.assertRegex(text, "blocked is 7")

    def test_what_rules_did(self):
        text = self.trace(GOOD, status=OK)
        for words in ("permit()", "svn = 3", 'stage = "release"'):
            self.assertIn(words, text)
        self.assertEqual(["-", "+", "+", "+", "+"],
                         re.findall(r"^  ([-+]) rule", text, re.MULTILINE))

    def test_only_when_it_is_asked_for(self):
        self.assertNotIn("trace", self.decide(OK, POLICY, GOOD).out)

    def test_rules_behind_a_deny_are_not_looked_at(self):
        text = self.trace({**GOOD, "blocked": True})
        self.assertEqual(["+"],
                         re.findall(r"^  ([-+]) rule", text, re.MULTILINE))


class Claims(EvalTest):
    def echo(self, claims):
        """What `t` has become, as issued."""
        return self.report(OK, ECHO, claims)["issued"].get("t")

    def test_object_form(self):
        for given, issued in (
                (True, True), (0, 0), (-5, -5), ("", ""), ("x", "x"),
                (2**63 - 1, 2**63 - 1), (-2**63, -2**63), ([], None),
                ([1, 2], [1, 2]), ([True, "a"], [True, "a"]),
                ({"b": 1, "a": [1, 2]}, '{"a":[1,2],"b":1}'),
                ([1, {"a": None}], '[1,{"a":null}]'), ([[1]], "[[1]]"),
                ({}, "{}")):
            with self.subTest(given):
                self.assertEqual(issued, self.echo({"t": given}))

    def test_integers_however_they_are_written(self):
        for written in ("3", "3.0", "3e0", "30e-1", "0.3E1"):
            with self.subTest(written):
                self.assertEqual(3, self.echo('{"t": %s}' % written))

    def test_array_form(self):
        claims = [{"type": "t", "value": 1},
                  {"value": "x", "type": "t", "issuer": "CustomClaim"},
                  {"type": "t", "value": [True], "readOnly": False}]
        self.assertEqual([1, "x", True], self.echo(claims))
        self.assertIsNone(self.echo([]))

    def test_issuer_of_array_form(self):
        policy = ('version=1.0;\nauthorizationrules {\n  [type=="t", '
                  'issuer=="%s"] => permit(); };\n')
        for claims, issuer in (
                ([{"type": "t", "value": 1}], "AttestationService"),
                ({"t": 1}, "AttestationService"),
                ([{"type": "t", "value": 1, "issuer": "CustomClaim"}],
                 "CustomClaim")):
            with self.subTest(claims):
                self.decide(OK, policy % issuer, claims)
                self.decide(NO, policy % "AttestationPolicy", claims)

    def test_read_only_claims_are_not_issued(self):
        claims = [{"type": "t", "value": 1, "readOnly": True}]
        report = self.report(NO, ECHO, claims)
        self.assertEqual("error", report["decision"])

    def test_token(self):
        payload = ('{"iss":"https://x","iat":1,"nbf":1,"exp":2,"jti":"j",'
                   '"cnf":{},"t":7,"x-ms-ver":"1.0"}')
        token = b64url('{"alg":"RS256"}') + "." + b64url(payload) + "."
        for given in (token, token + b64url("signature"), token + "\n"):
            report = self.report(OK, ECHO, given)
            self.assertEqual({"t": 7}, report["issued"])
            self.assertEqual({"t": [7, 7], "x-ms-ver": "1.0"},
                             report["claims"])  # the issued copy too

    def test_mistakes_name_the_member(self):
        wrong = [
            ('{"good": 1, "culprit": null}', "culprit"),
            ('{"culprit": 1.5}', "culprit"),
            ('{"culprit": 9223372036854775808}', "culprit"),
            ('{"culprit": -9223372036854775809}', "culprit"),
            ('{"culprit": 1e400}', ""),
            ('{"culprit": [1, null]}', "culprit"),
            ('{"culprit": [0.5]}', "culprit"),
            ('{"culprit": 1, "culprit": 1}', "culprit"),
            ('{"x": {"culprit": 1, "culprit": 2}}', "culprit"),
            ('[{"type": "a", "value": 1, "culprit": 1}]', "culprit"),
            ('[{"type": "a", "value": 1, "Issuer": "x"}]', "Issuer"),
            ('[{"value": 1}]', "type"),
            ('[{"type": "a"}]', "value"),
            ('[{"type": 1, "value": 1}]', "type"),
            ('[{"type": "a", "value": 1, "issuer": 1}]', "issuer"),
            ('[{"type": "a", "value": 1, "readOnly": 1}]', "readOnly"),
            ('[{"type": "a", "value": 1, "type": "a"}]', "type"),
            ('[{"type": "culprit", "value": null}]', "culprit"),
            ('[{"type": "culprit", "value": 1.5}]', "culprit"),
            ('[1]', "1"),
        ]
        self.write("p.maapolicy", ECHO)
        for text, member in wrong:
            with self.subTest(text):
                self.write("claims.json", text)
                self.assert_unusable("eval", "--policy", "p.maapolicy",
                                     "--claims", "claims.json",
                                     mentions=member)

    def test_mistakes_name_the_file_and_the_place(self):
        self.write("p.maapolicy", ECHO)
        self.write("claims.json", '{"t": 1,\n "u": tru}')
        self.assert_unusable("eval", "--policy", "p.maapolicy", "--claims",
                             "claims.json", mentions="claims.json:2:")

    def test_text_that_is_no_claims(self):
        self.write("p.maapolicy", ECHO)
        for text in ("", " \n", "1", '"t"', "true", "null", "{", "[{]", "{}{}",
                     "{'t': 1}", '{"t": 1,}', '{"t": NaN}', '{"t": 01}',
                     '// c\n{}', "\ufeff{}", '{"t": "\\ud800"}',
                     '{"t": "\x01"}', "a.b.c", "eyJh.eyJh.", "...",
                     b64url('{"alg":1}') + "." + b64url("[]") + ".",
                     b64url('{"alg":1}') + "." + b64url('{"t":1') + ".",
                     ECHO, "{" * 70, "[" * 70):
            with self.subTest(text):
                self.write("claims.json", text)
                result = self.assert_unusable(
                    "eval", "--policy", "p.maapolicy", "--claims",
                    "claims.json", mentions="claims.json")
                self.assertEqual("", result.out)

    def test_mistakes_in_tokens(self):
        self.write("p.maapolicy", ECHO)
        for payload in ('{"culprit": null}', '{"culprit": 0.5}',
                        '{"culprit": 1, "culprit": 1}'):
            self.write("claims.jwt", b64url('{"alg":"none"}') + "." +
                       b64url(payload) + ".")
            self.assert_unusable("eval", "--policy", "p.maapolicy", "--claims",
                                 "claims.jwt", mentions="culprit")


class Usage(EvalTest):
    def setUp(self):
        super().setUp()
        self.write("p", POLICY)
        self.write("c", GOOD)

    def test_wrong(self):
        for words in ([], ["--policy", "p"], ["--claims", "c"], ["p", "c"],
                      ["--policy", "p", "--claims", "c", "more"],
                      ["--policy", "-", "--claims", "-"],
                      ["--policy", "p", "--claims", "c", "--format", "plain"],
                      ["--policy", "p", "--claims", "c", "--type", "Toaster"],
                      ["--policy", "p", "--claims", "c", "--trace=yes"],
                      ["--policy", "p", "--claims"],
                      ["--policy", "p", "--claims", "c", "--traces"]):
            with self.subTest(words):
                self.assert_usage("eval", *words)

    def test_a_near_option_is_named(self):
        self.assert_usage("eval", "--polcy", "p", "--claims", "c",
                          mentions="--policy")

    def test_standard_input_for_either(self):
        self.expect(OK, "eval", "--policy", "-", "--claims", "c",
                    stdin=POLICY)
        self.expect(OK, "eval", "--policy", "p", "--claims", "-",
                    stdin='{"x-ms-sgx-is-debuggable":false,'
                    '"x-ms-sgx-svn":4}')
        self.expect(NO, "eval", "--policy", "p", "--claims", "-", stdin="{}")
        self.assert_unusable("eval", "--policy", "p", "--claims", "-")
        self.assert_unusable("eval", "--policy", "-", "--claims", "c")

    def test_short_options(self):
        self.expect(OK, "eval", "-p", "p", "-c", "c")
        self.expect(OK, "eval", "-pp", "-cc")

    def test_missing_files_are_named(self):
        self.assert_unusable("eval", "--policy", "gone", "--claims", "c",
                             mentions="gone")
        self.assert_unusable("eval", "--policy", "p", "--claims", "gone",
                             mentions="gone")

    def test_the_last_value_of_an_option_counts(self):
        self.write("empty", {})
        self.expect(OK, "eval", "--policy", "p", "--claims", "empty",
                    "--claims", "c")

    def test_output_that_cannot_be_written_is_no_permit(self):
        with open("/dev/full", "wb") as full:
            result = self.expect(SYSTEM, "eval", "--policy", "p", "--claims",
                                 "c", stdout=full)
        self.assertTrue(result.err)


if __name__ == "__main__":
    unittest.main()
