# SPDX-License-Identifier: Apache-2.0
"""docs/limits.md holds: up to each limit all is well, one more is a clear
error."""
import unittest

from harness import CommandTest, INPUT, NO, OK

POLICY = "version=1.2;\nauthorizationrules\n{\n  %s => permit();\n};\n"
ECHO = ('version=1.2;\nauthorizationrules { => permit(); };\nissuancerules '
        '{ %s };\n')


class OfPolicies(CommandTest):
    def check(self, text):
        self.write("p", text)
        result = self.maapol("check", "--format", "json", "p")
        return result.status, [f["code"] for f in result.json["findings"]]

    def assert_limit(self, make, limit):
        """make(n): a policy that has n of it."""
        self.assertEqual((OK, []), self.check(make(limit)))
        status, codes = self.check(make(limit + 1))
        self.assertEqual((NO, {"P018"}), (status, set(codes)))

    def test_conditions(self):
        self.assert_limit(lambda n: POLICY % " && ".join(
            '[type=="t%d"]' % i for i in range(n)), 1000)

    def test_tests(self):
        self.assert_limit(lambda n: POLICY % (
            '[type=="t", ' + ", ".join("value>%d" % i for i in range(n - 1)) +
            "]"), 1000)

    def test_nesting_of_calls(self):
        self.assert_limit(lambda n: POLICY % (
            "[value==" + "NegateBool(" * n + "true" + ")" * n + "]"), 32)

    def test_names(self):
        self.assert_limit(lambda n: POLICY % (
            '{0}:[type=="t"] && [value=={0}.value]'.format("n" * n)), 256)

    def test_strings(self):
        self.assert_limit(lambda n: POLICY % ('[type=="%s"]' % ("s" * n)),
                          1 << 20)

    def test_arguments(self):
        """65 are too many even to be counted as a wrong number."""
        text = "[value==IsSubsetOf(%s)]"
        for count, code in ((64, "S009"), (65, "P018")):
            status, codes = self.check(POLICY % (text % ",".join(
                ["1"] * count)))
            self.assertEqual(NO, status)
            self.assertIn(code, codes)

    def test_text(self):
        limit = 64 << 20
        policy = POLICY % ""
        self.write("p", policy + " " * (limit - len(policy)))
        self.expect(OK, "check", "p")
        self.write("p", policy + " " * (limit - len(policy) + 1))
        result = self.maapol("check", "p")
        self.assertIn(result.status, (NO, INPUT), result)
        self.assertRegex(result.out + result.err, "67108864|64 MiB")


class OfClaims(CommandTest):
    def decide(self, policy, claims):
        self.write("p", policy)
        self.write("c", claims)
        return self.maapol("eval", "--policy", "p", "--claims", "c",
                           "--format", "json")

    def test_nesting_of_json(self):
        for depth, status in ((63, OK), (65, INPUT)):
            with self.subTest(depth):
                result = self.decide(ECHO % "", '{"a":' + "[" * depth +
                                     "]" * depth + "}")
                self.assertEqual(status, result.status, result)

    def test_number_of_claims(self):
        for count, status in ((100000, OK), (100001, INPUT)):
            with self.subTest(count):
                result = self.decide(ECHO % "", '{"a":[%s]}' % ",".join(
                    map(str, range(count))))
                self.assertEqual(status, result.status)

    def test_strings_that_functions_make(self):
        """A policy that doubles a string in each rule ends with an error."""
        double = 'c%d:[type=="t%d"] => add(type="t%d", value=AppendString(' \
            'c%d.value, c%d.value));\n'
        rules = "".join(double % (i, i, i + 1, i, i) for i in range(60))
        result = self.decide(ECHO % rules, {"t0": "0123456789abcdef"})
        self.assertEqual(NO, result.status)
        report = result.json
        self.assertEqual(("error", {}), (report["decision"],
                                         report["issued"]))
        # 16 bytes doubled 20 times are 16 MiB; the next is too much.
        self.assertEqual(1 + 21, report["rule"]["number"])


if __name__ == "__main__":
    unittest.main()
