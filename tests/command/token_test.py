# SPDX-License-Identifier: Apache-2.0
"""maapol token show and verify: tokens of other programs, every option, bad
input. Attacks are in tests/unit/token_attacks.c."""
import json
import os
import re
import subprocess
import unittest

from harness import (CommandTest, INPUT, NO, OK, ROOT, SYSTEM, b64url,
                     b64url_decode, policy_token, read)

SAMPLES = os.path.join(ROOT, "examples", "token")
TOKEN = os.path.join(SAMPLES, "attestation.jwt")
ANSWER = os.path.join(SAMPLES, "policy-answer.jwt")
CERTS = os.path.join(SAMPLES, "certs.json")
ISSUER = "https://tenant.example.attest.azure.net"
THEN = ("--now", "1700000000")


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


class Show(CommandTest):
    def shown(self, *arguments, **options):
        return self.expect(OK, "token", "show", *arguments, "--format",
                           "json", **options).json

    def test_attestation_token(self):
        shown = self.shown(TOKEN)
        claims = json.loads(b64url_decode(read(TOKEN).split(".")[1]))
        self.assertEqual(claims, shown["claims"])
        self.assertEqual("attestation token", shown["kind"])
        self.assertIs(False, shown["verified"])
        self.assertEqual("2023-11-15T06:13:20Z", shown["times"]["exp"])
        self.assertIn("debugged", shown["meanings"]["x-ms-sgx-is-debuggable"])

    def test_policy_is_unwrapped(self):
        shown = self.shown(ANSWER)
        inner = shown["policyToken"]
        self.assertEqual("version= 1.0;authorizationrules{=> permit();};",
                         inner["policy"]["text"])
        # The service's own value for this text.
        self.assertEqual("9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco",
                         inner["policy"]["policyHash"])
        human = self.expect(OK, "token", "show", ANSWER).out
        self.assertIn("unsecured: anybody can make it", human)
        self.assertIn("\n  version= 1.0;authorizationrules{", human)

    def test_wrappings(self):
        token = read(TOKEN).strip()
        for text in (token, "\n\t " + token + "\r\n\n", '"%s"' % token,
                     json.dumps({"token": token})):
            with self.subTest(text[:12]):
                self.assertEqual("attestation token",
                                 self.shown("-", stdin=text)["kind"])
        self.assertEqual("attestation token", self.shown(token)["kind"])

    def test_tokens_that_verification_refuses(self):
        for header, code in (('{"alg":"HS256"}', "symmetric-algorithm"),
                             ('{"alg":"RS256","crit":["x"]}',
                              "critical-header"),
                             ("{}", "missing-algorithm")):
            with self.subTest(header):
                token = ".".join((b64url(header), b64url('{"a":1}'), "c2ln"))
                shown = self.shown("-", stdin=token)
                self.assertEqual(code, shown["refused"]["code"])
                self.assertEqual({"a": 1}, shown["claims"])

    def test_reset(self):
        shown = self.shown("-", stdin="eyJhbGciOiJub25lIn0..")
        self.assertIn("reset", shown["kind"])
        self.assertIsNone(shown["claims"])

    def test_no_token(self):
        for text in ("", "hello", "a.b", "a.b.c", "{}", "[1]",
                     b64url("[]") + ".e30.", policy_token("x")[:-1]):
            with self.subTest(text):
                self.assert_unusable("token", "show", "-", stdin=text)
        self.assert_unusable("token", "show", "missing.jwt",
                             mentions="no such file")
        self.assert_usage("token", "show")
        self.assert_usage("token", "show", "a", "b")

    def test_hostile_text(self):
        nasty = "\x1b[2J\n\u202e" + "x" * 300
        token = ".".join((b64url(json.dumps({"alg": "none", "kid": nasty})),
                          b64url(json.dumps({nasty: nasty, "iss": nasty})),
                          ""))
        for arguments in (("show",), ("verify", "--allow-unsecured"),
                          ("verify", "--issuer", "x", "--allow-unsecured")):
            result = self.maapol("token", arguments[0], *arguments[1:], "-",
                                 stdin=token)
            self.assert_harmless(result.raw_out, result)
            self.assert_harmless(result.raw_err, result)


class Verify(CommandTest):
    def verify(self, status, *arguments, **options):
        return self.expect(status, "token", "verify", *arguments, **options)

    def refused(self, code, *arguments, status=NO, **options):
        """Refused with that code, in both formats, and without claims."""
        human = self.verify(status, *arguments, **options)
        last = human.out.strip().split("\n")[-1]
        self.assertTrue(last.startswith("refused: %s: " % code), human)
        shown = self.verify(status, *arguments, "--format", "json",
                            **options).json
        self.assertEqual((False, code, None),
                         (shown["verified"], shown["code"], shown["claims"]))

    def test_the_sample(self):
        good = (TOKEN, "--certs", CERTS)
        shown = self.verify(OK, *good, *THEN, "--issuer", ISSUER, "--format",
                            "json").json
        self.assertTrue(shown["verified"])
        self.assertEqual(3, shown["claims"]["x-ms-sgx-svn"])
        self.refused("wrong-issuer", *good, *THEN, "--issuer", ISSUER + "/")
        self.refused("expired", *good)
        self.refused("expired", *good, "--now", "1700028800")
        self.verify(OK, *good, "--now", "1700028800", "--leeway", "1")
        self.refused("not-yet-valid", *good, "--now", "2023-11-14T22:13:19Z")
        self.refused("no-service-evidence", *good, *THEN,
                     "--service-evidence")

    def test_keys_in_pem(self):
        x5c = json.loads(read(CERTS))["keys"][0]["x5c"][0]
        lines = re.findall(".{1,64}", x5c)
        pem = "\n".join(["-----BEGIN CERTIFICATE-----", *lines,
                         "-----END CERTIFICATE-----", ""])
        self.write("certificate.pem", pem)
        self.write("key.pem", openssl("x509", "-pubkey", "-noout",
                                      data=pem.encode()))
        for name in ("certificate.pem", "key.pem"):
            self.verify(OK, TOKEN, "--certs", name, *THEN)
        # The header has no x5c: a trusted certificate does not help.
        self.refused("no-certificate", TOKEN, "--trust", "certificate.pem",
                     *THEN)

    def test_another_key(self):
        self.write("other.pem", openssl("genrsa", "2048"))
        self.write("other.pub", openssl("pkey", "-pubout", "-in",
                                        self.path("other.pem")))
        self.refused("wrong-signature", TOKEN, "--certs", "other.pub", *THEN)

    def test_unsecured(self):
        token = policy_token("version= 1.0;")
        self.refused("unsecured", "-", stdin=token)
        self.refused("unsecured", "-", "--certs", CERTS, stdin=token)
        self.refused("no-expiry", "-", "--allow-unsecured", stdin=token)
        result = self.verify(OK, "-", "--allow-unsecured",
                             "--allow-no-expiry", stdin=token)
        self.assertIn("without a signature", result.out)

    def test_draft_of_attest(self):
        """What attest makes without a key is a draft, and refused as one."""
        sgx = os.path.join(ROOT, "examples", "sgx")
        made = self.expect(OK, "attest", "--type", "SgxEnclave", "--request",
                           os.path.join(sgx, "request.json"), "--format",
                           "token", "--verify", "none")
        self.refused("unsecured", "-", stdin=made.out)

    def test_usage(self):
        for arguments in ((TOKEN,), (), (TOKEN, "b", "--certs", CERTS),
                          (TOKEN, "--certs", CERTS, "--discover", ISSUER),
                          (TOKEN, "--discover", "file.json"),
                          (TOKEN, "--certs", CERTS, "--leeway", "-1"),
                          (TOKEN, "--certs", CERTS, "--leeway", "x"),
                          (TOKEN, "--certs", CERTS, "--min-rsa-bits", "0"),
                          (TOKEN, "--certs", CERTS, "--min-rsa-bits", "99999"),
                          (TOKEN, "--certs", CERTS, "--now", "then"),
                          (TOKEN, "--certs", CERTS, "--issuer", ""),
                          (TOKEN, "--certs", CERTS, "--roots", ".")):
            with self.subTest(arguments):
                self.assert_usage("token", "verify", *arguments)

    def test_unusable_input(self):
        self.assert_unusable("token", "verify", "missing.jwt", "--certs",
                             CERTS)
        self.assert_unusable("token", "verify", TOKEN, "--certs", "missing")
        for name, text in (("empty", ""), ("text", "hello"), ("list", "[]"),
                           ("object", "{}"),
                           ("twice", '{"keys":[],"keys":[]}')):
            self.write(name, text)
            self.assert_unusable("token", "verify", TOKEN, "--certs", name)
            self.assert_unusable("token", "verify", TOKEN, "--trust", name)
        self.refused("not-compact", "-", "--certs", CERTS, status=INPUT,
                     stdin="hello")

    def test_keys_that_cannot_be_fetched(self):
        result = self.verify(SYSTEM, TOKEN, "--discover",
                             "https://127.0.0.1:1", *THEN)
        self.assertIn("127.0.0.1", result.err)
        self.assertEqual("", result.out)

    def test_codes_are_documented(self):
        page = read(os.path.join(ROOT, "docs", "token.md"))
        documented = re.findall(r"^\| `([a-z0-9-]+)` \| [^|]*\|$",
                                page.split("## Why a token is refused")[1],
                                re.MULTILINE)
        known = re.findall(r'REFUSAL\(\w+, "([a-z0-9-]+)"\)',
                           read(os.path.join(ROOT, "sign", "refusal.h")))
        self.assertEqual(sorted(set(known) - {"none"}), sorted(documented))


def jwcrypto():
    try:
        from jwcrypto import jwk, jws
        return jwk, jws
    except ImportError:
        return None


@unittest.skipUnless(jwcrypto(), "python3-jwcrypto is not installed")
class Jwcrypto(CommandTest):
    """Tokens and keys that another implementation made."""
    ALGORITHMS = {"RSA": ("RS256", "RS384", "RS512", "PS256", "PS384",
                          "PS512"),
                  "P-256": ("ES256",), "P-384": ("ES384",),
                  "P-521": ("ES512",)}

    def test_every_algorithm(self):
        jwk, jws = jwcrypto()
        for kind, algorithms in self.ALGORITHMS.items():
            key = (jwk.JWK.generate(kty="RSA", size=2048, kid="k")
                   if kind == "RSA" else
                   jwk.JWK.generate(kty="EC", crv=kind, kid="k"))
            self.write("keys.json", '{"keys":[%s]}' % key.export_public())
            for algorithm in algorithms:
                with self.subTest(algorithm):
                    token = jws.JWS(b'{"iss":"us","exp":9999999999}')
                    token.add_signature(key, None, json.dumps(
                        {"alg": algorithm, "kid": "k"}))
                    text = token.serialize(compact=True)
                    self.expect(OK, "token", "verify", "-", "--certs",
                                "keys.json", "--issuer", "us", stdin=text)
                    head, body, signature = text.split(".")
                    forged = ".".join((head, b64url('{"iss":"me"}'),
                                       signature))
                    self.expect(NO, "token", "verify", "-", "--certs",
                                "keys.json", stdin=forged)


if __name__ == "__main__":
    unittest.main()
