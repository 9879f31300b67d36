# SPDX-License-Identifier: Apache-2.0
"""Attacks on maapol token verify as an attacker makes them: with the openssl
program, from outside. tests/unit/token_attacks.c has those on bytes."""
import base64
import json
import os
import shutil
import tempfile
import unittest

import signing
from harness import CommandTest, INPUT, NO, OK, b64url, read
from signing import openssl

LATER = 4102444800  # 2100, which no certificate of these tests reaches


@unittest.skipUnless(signing.OPENSSL, "there is no openssl program")
class AttackTest(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.keys = tempfile.mkdtemp(prefix="maapol-keys-")
        cls.addClassCleanup(shutil.rmtree, cls.keys, ignore_errors=True)
        for name in ("root", "leaf", "attacker"):
            signing.make_key(cls.keys, name)
        ca = "basicConstraints=critical,CA:TRUE"
        end = "basicConstraints=critical,CA:FALSE"
        signing.make_certificate(cls.keys, "root", ca)
        signing.make_certificate(cls.keys, "leaf", end, issuer="root")
        for name, extensions, issuer in (
                ("sibling", [end], "root"), ("below-leaf", [end], "leaf"),
                ("encipher", [end, "keyUsage=keyEncipherment"], "root"),
                ("false-root", [ca], None)):
            shutil.copy(os.path.join(cls.keys, "attacker.key"),
                        os.path.join(cls.keys, name + ".key"))
            signing.make_certificate(
                cls.keys, name, *extensions, issuer=issuer,
                subject="root" if name == "false-root" else None)
        openssl(cls.keys, "pkey", "-in", "leaf.key", "-pubout", "-out",
                "leaf.pub")

    def token(self, header, payload=None, key="leaf.key", options=()):
        """payload: JSON text or an object; signed by RS256 of openssl."""
        if payload is None:
            payload = {"iss": "us", "exp": LATER}
        texts = [p if isinstance(p, (str, bytes)) else json.dumps(p)
                 for p in (header, payload)]
        signed = ".".join(b64url(text) for text in texts)
        signature = openssl(self.keys, "dgst", "-sha256", "-sign", key,
                            *options, stdin=signed.encode())
        return signed + "." + b64url(signature)

    def verify(self, code, token, *words, status=NO):
        """code None: verified."""
        words = [os.path.join(self.keys, w) if w.endswith((".pem", ".pub"))
                 else w for w in words] or [
                     "--certs", os.path.join(self.keys, "leaf.pub")]
        result = self.expect(status if code else OK, "token", "verify", "-",
                             "--format", "json", *words, stdin=token)
        self.assertEqual((code is None, code), (result.json["verified"],
                                                result.json["code"]))
        if code:
            self.assertIsNone(result.json["claims"])
        return result

    def x5c(self, *names):
        return [base64.b64encode(openssl(self.keys, "x509", "-in", n + ".pem",
                                         "-outform", "DER")).decode()
                for n in names]


class Chains(AttackTest):
    def chain(self, code, names, trusted, key="attacker.key", *words):
        token = self.token({"alg": "RS256", "x5c": self.x5c(*names)}, key=key)
        self.verify(code, token, "--trust", trusted + ".pem", *words)

    def test_good_ones(self):
        self.chain(None, ["leaf"], "root", "leaf.key")
        self.chain(None, ["leaf", "root"], "root", "leaf.key")
        self.chain(None, ["leaf"], "leaf", "leaf.key")

    def test_that_lead_nowhere(self):
        untrusted = "untrusted-certificate"
        self.chain(untrusted, ["false-root"], "root")
        self.chain(untrusted, ["sibling"], "leaf")
        self.chain(untrusted, ["below-leaf", "leaf"], "root")
        self.chain(untrusted, ["below-leaf", "leaf", "root"], "root")
        self.chain(untrusted, ["below-leaf"], "leaf")
        self.chain(untrusted, ["encipher"], "root")

    def test_of_another_key_than_signed(self):
        self.chain("wrong-signature", ["leaf"], "root")
        self.chain("wrong-signature", ["leaf", "sibling"], "root")

    def test_out_of_their_time(self):
        for now in ("2000-01-01T00:00:00Z", str(LATER - 1)):
            self.chain("untrusted-certificate", ["leaf"], "root", "leaf.key",
                       "--now", now)

    def test_of_the_token_are_nothing_to_known_keys(self):
        token = self.token({"alg": "RS256", "x5c": self.x5c("sibling"),
                            "kid": "leaf"}, key="attacker.key")
        self.verify("wrong-signature", token)


class Keys(AttackTest):
    def test_rsa_pss_keys(self):
        """id-RSASSA-PSS binds the key to PSS: RS256 is not its algorithm."""
        openssl(self.directory, "genpkey", "-algorithm", "RSA-PSS",
                "-pkeyopt", "rsa_keygen_bits:2048", "-out", "pss.key")
        pub = openssl(self.directory, "pkey", "-in", "pss.key", "-pubout")
        self.write("pss.pem", pub)
        path = self.path("pss.pem")
        for alg in ("RS256", "PS256"):
            token = self.token({"alg": alg})
            result = self.expect(NO, "token", "verify", "-", "--certs", path,
                                 "--format", "json", stdin=token)
            self.assertEqual("unusable-key", result.json["code"])

    def jwks(self, *keys):
        self.write("keys.json", json.dumps({"keys": keys}))
        return "--certs", self.path("keys.json")

    def leaf(self, **more):
        return {"kty": "RSA", "x5c": self.x5c("leaf"), "kid": "k", **more}

    def test_of_a_set(self):
        token = self.token({"alg": "RS256", "kid": "k"})
        attacker = {"kty": "RSA", "x5c": self.x5c("sibling"), "kid": "k"}
        secret = {"kty": "oct", "k": b64url("x" * 32), "kid": "k"}
        for code, keys in (
                (None, [self.leaf()]), (None, [attacker, self.leaf()]),
                (None, [secret, self.leaf()]), ("no-key", []),
                ("unusable-key", [secret]),
                ("unusable-key", [self.leaf(use="enc")]),
                ("unusable-key", [self.leaf(kty="EC")]),
                ("unusable-key", [self.leaf(alg="HS256")]),
                ("unusable-key", [self.leaf(n="AQAB", e="AQAB")]),
                ("algorithm-mismatch", [self.leaf(alg="PS256")]),
                ("wrong-signature", [attacker])):
            with self.subTest(code):
                self.verify(code, token, *self.jwks(*keys))

    def test_the_secret_is_the_public_key(self):
        """HMAC by the text of the public key, in every name of it."""
        public = read(os.path.join(self.keys, "leaf.pub"))
        for alg, code in (("HS256", "symmetric-algorithm"),
                          ("hs256", "unsupported-algorithm"),
                          ("rs256", "unsupported-algorithm"),
                          ("RS256 ", "unsupported-algorithm")):
            signed = b64url(json.dumps({"alg": alg})) + "." + b64url(
                json.dumps({"exp": LATER}))
            mac = openssl(self.keys, "dgst", "-sha256", "-mac", "HMAC",
                          "-macopt", "hexkey:" + public.encode().hex(),
                          "-binary", stdin=signed.encode())
            self.verify(code, signed + "." + b64url(mac))


class Contents(AttackTest):
    def test_times(self):
        for value, code in (
                ('"%d"' % LATER, "bad-time"), ("null", "bad-time"),
                ("true", "bad-time"), ("[%d]" % LATER, "bad-time"),
                ("-1", "expired"), ("0", "expired"), ("-0.0", "expired"),
                ("1e1", "expired"), ("4.1024448e9", None), ("1e300", None),
                ("1e999", "json-limit"), ("NaN", "bad-payload"),
                ("0x7fffffff", "bad-payload"), ("09999999999", "bad-payload")):
            with self.subTest(value):
                self.verify(code, self.token({"alg": "RS256"},
                                             '{"exp":%s}' % value))

    def test_issuers(self):
        for issuer in ("us/", "US", " us", "us\u200b", "u\u0073\u0000",
                       ["us"], None, "https://us"):
            with self.subTest(issuer):
                token = self.token({"alg": "RS256"},
                                   {"iss": issuer, "exp": LATER})
                self.verify("wrong-issuer", token, "--issuer", "us",
                            "--certs", "leaf.pub")

    def test_members_that_stand_twice(self):
        for text in ('{"exp":1,"exp":%d}', '{"exp":1,"\\u0065xp":%d}',
                     '{"x":{"a":1,"a":2},"exp":%d}'):
            self.verify("duplicate-member",
                        self.token({"alg": "RS256"}, text % LATER))

    def test_json_that_readers_take_differently(self):
        for text in ("\ufeff{\"exp\":%d}", '{"exp":%d}x', "{'exp':%d}",
                     '{"exp":%d,}', '{"exp":%d/**/}', '{"exp":%d}\x00'):
            with self.subTest(text):
                code = self.expect(
                    NO, "token", "verify", "-", "--certs",
                    os.path.join(self.keys, "leaf.pub"), "--format", "json",
                    stdin=self.token({"alg": "RS256"}, text % LATER)).json
                self.assertIn(code["code"], ("bad-payload", "no-expiry"))
        token = self.token({"alg": "RS256"}, b'{"exp":%d,"x":"\xff"}' % LATER)
        self.verify("bad-payload", token)

    def test_nested_tokens(self):
        inner = self.token({"alg": "RS256"})
        outer = self.token({"alg": "RS256", "cty": "JWT"}, inner,
                           key="attacker.key")
        self.verify("wrong-signature", outer)
        self.verify("no-expiry", self.token({"alg": "RS256", "cty": "JWT"},
                                            inner))

    def test_two_tokens_at_once(self):
        good = self.token({"alg": "RS256"})
        head, body, signature = good.split(".")
        forged = ".".join((head, b64url('{"exp":%d}' % LATER), signature))
        for text in (forged + "\n" + good, good + "\n" + forged):
            self.verify("encrypted", text)  # five parts
        self.verify("not-compact", good + "." + forged, status=INPUT)
        self.verify("wrong-signature", json.dumps({"token": forged}))


if __name__ == "__main__":
    unittest.main()
