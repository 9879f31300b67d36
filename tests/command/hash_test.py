# SPDX-License-Identifier: Apache-2.0
"""maapol hash: both hashes of texts and tokens, --expect, --compare."""
import base64
import unittest

from check_test import CLEAN, ERROR
from harness import CommandTest, NO, OK, b64url, policy_token, sha256_b64url


class Hash(CommandTest):
    def hashes(self, content, *options, status=OK):
        self.write("p", content)
        report = self.expect(status, "hash", "p", *options).json
        self.assertEqual({"policyHash", "policyTokenHash"}, set(report))
        return report["policyHash"], report["policyTokenHash"]

    def test_of_a_text(self):
        for text in (CLEAN, CLEAN + "\n", CLEAN.replace("\n", "\r\n"),
                     "// é\n" + CLEAN, ERROR, "x"):
            with self.subTest(text):
                self.assertEqual((sha256_b64url(b64url(text)),
                                  sha256_b64url(policy_token(text))),
                                 self.hashes(text))

    def test_recorded_ones(self):
        """The service's answer to this very token is public."""
        text = ("version=1.0; authorizationrules{=> permit();}; "
                "issuancerules{};")
        self.assertEqual("c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ",
                         self.hashes(text)[1])

    def test_of_a_token_is_that_of_its_bytes(self):
        header = b64url('{"alg":"RS256", "x5c":["MIIB"]}')
        token = ".".join([header, policy_token(CLEAN).split(".")[1],
                          b64url(b"signature")])
        for given in (token, token + "\n", '"%s"' % token):
            self.assertEqual((sha256_b64url(b64url(CLEAN)),
                              sha256_b64url(token)), self.hashes(given))

    def test_wrapped_texts_have_the_hash_of_the_text(self):
        for given in (b64url(CLEAN), base64.b64encode(CLEAN.encode()),
                      policy_token(CLEAN)):
            self.assertEqual(self.hashes(CLEAN), self.hashes(given))

    def test_expect(self):
        policy_hash, token_hash = self.hashes(CLEAN)
        for given in (policy_hash, token_hash):
            self.assertEqual((policy_hash, token_hash),
                             self.hashes(CLEAN, "--expect", given))
        for given in (policy_hash[:-1], policy_hash + "=", "", "x",
                      policy_hash.lower(), sha256_b64url("other")):
            with self.subTest(given):
                self.hashes(CLEAN, "--expect", given, status=NO)
                self.assertTrue(self.maapol("hash", "p", "--expect",
                                            given).err)

    def test_standard_input(self):
        self.write("p", CLEAN)
        self.assertEqual(self.expect(OK, "hash", "p").out,
                         self.expect(OK, "hash", "-", stdin=CLEAN).out)

    def test_unusable(self):
        self.write("empty", "")
        self.write("other", ".".join([b64url('{"alg":"RS256"}'),
                                      b64url('{"iss":"x"}'), "AAAA"]))
        for name in ("empty", "missing", ".", "other"):
            with self.subTest(name):
                result = self.assert_unusable("hash", name)
                self.assertEqual("", result.out)

    def test_usage(self):
        self.write("p", CLEAN)
        for words in ([], ["p", "p"], ["--compare", "p"],
                      ["--compare", "p", "p", "p"], ["--compare"],
                      ["--compare", "p", "p", "--expect", "x"],
                      ["p", "--expect"]):
            with self.subTest(words):
                self.assert_usage("hash", *words)


class Compare(CommandTest):
    BASE = ('version=1.2; authorizationrules { c:[type=="a", value>=3] && '
            '[issuer==c.value] => permit(); }; issuancerules { };')

    def compare(self, status, one, two):
        self.write("one", one)
        self.write("two", two)
        out = self.expect(status, "hash", "--compare", "one", "two").out
        back = self.expect(status, "hash", "--compare", "two", "one").out
        self.assertEqual(out, back)
        return out

    def test_same_text(self):
        self.assertEqual("same text\n", self.compare(OK, CLEAN, CLEAN))
        self.assertEqual("same text\n",
                         self.compare(OK, CLEAN, policy_token(CLEAN)))
        self.assertEqual("same text\n",
                         self.compare(OK, b64url(CLEAN), CLEAN))

    def test_same_meaning(self):
        for other in (self.BASE + "\n", "// c\n" + self.BASE,
                      self.BASE.replace(" ", "\r\n\t"),
                      self.BASE.replace("{ };", "{ /* none */ };"),
                      self.BASE.replace("c:[", "name:[").replace(
                          "c.value", "name.value"),
                      self.BASE.replace(">=3", ">=0x3"),
                      self.BASE.replace('"a"', '"\\u0061"')):
            with self.subTest(other):
                self.assertEqual("same meaning\n",
                                 self.compare(OK, self.BASE, other))

    def test_different(self):
        for old, new in ((">=3", ">=4"), (">=3", ">3"), ('"a"', '"A"'),
                         ("permit", "deny"), ("c.value", "c.type"),
                         (">=3", '=="3"'), ('value>=3', 'value>=3,value<9'),
                         ("&& [", "&& !["), ("{ };", "{ => issue(type=\"a\","
                                             "value=1); };")):
            other = self.BASE.replace(old, new, 1)
            with self.subTest(other):
                self.assertNotEqual(self.BASE, other)
                self.assertEqual("different\n",
                                 self.compare(NO, self.BASE, other))

    def test_order_of_rules_counts(self):
        one = "=> permit();", '[type=="a"] => deny();'
        text = "version=1.0; authorizationrules { %s %s };"
        self.assertEqual("different\n", self.compare(
            NO, text % one, text % one[::-1]))

    def test_a_policy_with_errors_has_no_meaning(self):
        self.write("one", CLEAN)
        self.write("two", ERROR)
        self.assert_unusable("hash", "--compare", "one", "two",
                             mentions="P002")


if __name__ == "__main__":
    unittest.main()
