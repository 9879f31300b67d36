# SPDX-License-Identifier: Apache-2.0
"""Policies signed with keys of openssl, and looked at by other programs."""
import base64
import json
import shutil
import tempfile
import unittest

import signing
from check_test import CLEAN
from harness import CommandTest, OK, b64url
from signing import openssl, payload

CA = "basicConstraints=critical,CA:TRUE"
POLICY = json.dumps({"AttestationPolicy": b64url(CLEAN)},
                    separators=(",", ":"))


@unittest.skipUnless(signing.OPENSSL, "there is no openssl program")
class SignTest(CommandTest):
    """Keys are made once for a class, in self.keys."""
    @classmethod
    def setUpClass(cls):
        cls.keys = tempfile.mkdtemp(prefix="maapol-keys-")
        cls.addClassCleanup(shutil.rmtree, cls.keys, ignore_errors=True)
        cls.make_keys()

    @classmethod
    def make_keys(cls):
        signing.make_key(cls.keys, "rsa")
        signing.make_certificate(cls.keys, "rsa", CA)

    def setUp(self):
        super().setUp()
        shutil.copytree(self.keys, self.directory, dirs_exist_ok=True)
        self.write("p", CLEAN)

    def sign(self, *words, **options):
        return self.expect(OK, "sign", *words, **options).out.strip()

    def sign_policy(self, *words, **options):
        return self.sign("--policy", "p", *words, **options)

    def check(self, token, names=("rsa",), alg="RS256", body=POLICY):
        """Header byte for byte, payload, and the signature by others."""
        chain = [base64.b64encode(signing.der(self.directory, n + ".pem"))
                 .decode() for n in names]
        self.assertEqual(json.dumps({"alg": alg, "x5c": chain},
                                    separators=(",", ":")),
                         signing.b64url_decode(token.split(".")[0]).decode())
        self.assertEqual(body, payload(token).decode())
        self.check_rsa(token, alg)
        if signing.has_jwcrypto():
            signing.verify_by_jwcrypto(token)
            # jose of Debian takes no payload of no bytes.
            if signing.JOSE and body:
                signing.verify_by_jose(self.directory, token)

    def check_rsa(self, token, alg):
        if not alg.startswith("RS"):
            return
        signed, _, signature = token.rpartition(".")
        self.write("sig", signing.b64url_decode(signature))
        self.write("pub", signing.public_key(token))
        openssl(self.directory, "dgst", "-sha" + alg[2:], "-verify", "pub",
                "-signature", "sig", stdin=signed.encode())
