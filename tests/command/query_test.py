# SPDX-License-Identifier: Apache-2.0
"""maapol query: JMESPath on JSON, and the queries of a policy's rule."""
import unittest

from harness import CommandTest, NO, OK

DATA = ('{"Events":[{"PcrIndex":7,"Name":"b"},{"PcrIndex":13,"Name":"a"},'
        '{"PcrIndex":7,"Name":"é"}],"one":1.0,"half":0.5,"no":null}')
POLICY = """version=1.2;
authorizationrules { => permit(); };
issuancerules
{
  => issue(type="plain", value=1);
  c:[type=="events"] => issue(type="names", value=JsonToClaimValue(
      JmesPath(c.value, "Events[?PcrIndex == `7`].Name")));
  c:[type=="absent"] => issue(type="x", value=JmesPath(c.value, "a"));
};
"""


class Query(CommandTest):
    def query(self, expression, data=DATA, *options, status=OK):
        self.write("data.json", data)
        return self.expect(status, "query", *options, expression, "data.json")

    def test_results(self):
        for expression, result in (
                ("Events[?PcrIndex == `7`].Name", ["b", "é"]),
                ("length(Events)", 3), ("one", 1), ("half", 0.5),
                ("Events[].PcrIndex | sum(@)", 27),
                ("sort_by(Events, &Name)[0]", {"PcrIndex": 13, "Name": "a"}),
                ("Events[0].Name == 'b'", True), ("'raw'", "raw"),
                ("equals_ignore_case('aB', 'Ab')", True),
                ("equals_ignore_case(absent, 'Ab')", False),
                ("Events[?PcrIndex == `1`]", []), ("@.one", 1)):
            with self.subTest(expression):
                self.assertEqual(result, self.query(expression).json)
                compact = self.query(expression, DATA, "--compact")
                self.assertEqual(result, compact.json)
                self.assertEqual(1, compact.out.count("\n"))

    def test_null_is_an_answer(self):
        for expression in ("absent", "no", "Events[9]", "Events.a.b.c"):
            with self.subTest(expression):
                self.assertEqual("null\n", self.query(expression).out)

    def test_compact_is_as_a_policy_sees_it(self):
        self.assertEqual('{"a":[1,"é/"],"b":null}\n', self.query(
            "@", ' {"b": null, "a": [1.0, "\\u00e9\\/"]} ',
            "--compact").out)

    def test_errors_begin_with_their_kind(self):
        for expression, kind in (
                ("Events[", "syntax"), ("", "syntax"), ("a b", "syntax"),
                ("abs('x')", "invalid-type"), ("abs()", "invalid-arity"),
                ("length(one)", "invalid-type"), ("nope(@)",
                                                  "unknown-function"),
                ("Events[::0]", "invalid-value")):
            with self.subTest(expression):
                result = self.query(expression, status=NO)
                self.assertTrue(result.err.startswith(kind), result)
                self.assertEqual("", result.out)

    def test_standard_input(self):
        for words in (["one"], ["one", "-"]):
            self.assertEqual("1\n", self.expect(OK, "query", *words,
                                                stdin=DATA).out)

    def test_input_that_cannot_be_used(self):
        for data in ("", "{", "{} {}", '{"a": 1, "a": 2}', "\xff", "NaN",
                     "[" * 100000, "\ufeff{}"):
            with self.subTest(data[:20]):
                self.write("data.json", data.encode("latin-1") if
                           data == "\xff" else data)
                result = self.assert_unusable("query", "a", "data.json",
                                              mentions="data.json")
                self.assertEqual("", result.out)
        self.assert_unusable("query", "a", "missing", mentions="missing")

    def test_hostile_text_stays_on_its_line(self):
        trick = "\x1b[2J\r\nfalse"
        for expression in ("a" + trick, "'" + trick, '"' + trick, trick):
            result = self.maapol("query", expression, stdin=DATA)
            self.assert_harmless(result.raw_err, result)
            self.assertNotIn("\nfalse", result.err)

    def test_queries_without_bound_are_refused(self):
        most = 130000  # bytes of a word, for the system
        for piece, end in (("[", ""), ("(", ""), ("!", ""), ("a.", "a"),
                           ("a[", ""), ("abs(", ""), ("a||", "a"),
                           ("[*]", ""), ("a", ""), ("`[", ""), ("@|", "@"),
                           ("a==", "a"), ("[?", ""), ("{a:", "")):
            expression = piece * (most // len(piece)) + end
            with self.subTest(piece):
                self.write("data.json", DATA)
                result = self.maapol("query", expression, "data.json")
                self.assertIn(result.status, (OK, NO), result)
                self.assertTrue(result.out or result.err)

    def test_usage(self):
        self.write("p", POLICY)
        self.write("c", "{}")
        for words in ([], ["a", "c", "more"],
                      ["--policy", "p", "--claims", "c"],
                      ["--policy", "p", "--rule", "1"],
                      ["--rule", "1", "--claims", "c"],
                      ["--policy", "p", "--rule", "none", "--claims", "c"],
                      ["--policy", "p", "--rule", "0", "--claims", "c"],
                      ["a", "--policy", "p", "--rule", "1", "--claims", "c"]):
            with self.subTest(words):
                self.assert_usage("query", *words)


class OfARule(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("p", POLICY)
        self.write("c", {"events": DATA})

    def ask(self, rule, *options):
        return self.maapol("query", "--policy", "p", "--claims", "c",
                           "--rule", str(rule), *options)

    def test_the_query_and_its_answer_are_shown(self):
        result = self.ask(3)
        self.assertEqual(OK, result.status, result)
        self.assertIn("Events[?PcrIndex == `7`].Name", result.out)
        self.assertIn('"é"', result.out)
        self.assertNotIn('"a"', result.out[result.out.index("result:"):])

    def test_rules_that_ask_nothing(self):
        for rule in (1, 2, 4):
            with self.subTest(rule):
                result = self.ask(rule)
                self.assertEqual(NO, result.status, result)
                self.assertIn("rule %d" % rule, result.err)

    def test_rules_that_are_not_there(self):
        result = self.ask(5)
        self.assertNotEqual(OK, result.status)
        self.assertTrue(result.err)


if __name__ == "__main__":
    unittest.main()
