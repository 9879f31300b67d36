# SPDX-License-Identifier: Apache-2.0
"""maapol sign with keys that it never sees: of a PKCS #11 token, behind a
command, and in two steps."""
import base64
import glob
import json
import os
import shutil
import subprocess
import unittest

import signing
from check_test import CLEAN
from harness import (INPUT, NO, OK, ROOT, SYSTEM, b64url, leaks_of_others,
                     policy_token, read)
from sign_fixture import CA, SignTest
from signing import openssl

SOFTHSM = next((path for path in (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
    if os.path.exists(path)), None)
ENGINE = glob.glob("/usr/lib/*/engines-3/pkcs11.so")


@unittest.skipUnless(SOFTHSM and shutil.which("softhsm2-util"),
                     "softhsm2 is not installed")
class Tokens(SignTest):
    """Keys that lie in a PKCS #11 token."""
    @classmethod
    def make_keys(cls):
        super().make_keys()
        signing.make_key(cls.keys, "ec", "EC", "P-256")
        signing.make_certificate(cls.keys, "ec", CA)
        os.mkdir(os.path.join(cls.keys, "tokens"))
        with open(os.path.join(cls.keys, "softhsm2.conf"), "w") as file:
            file.write("directories.tokendir = %s\nobjectstore.backend = file\n"
                       % os.path.join(cls.keys, "tokens"))
        cls.env = {"SOFTHSM2_CONF": os.path.join(cls.keys, "softhsm2.conf"),
                   "PKCS11_PIN": "1234", "PATH": "/usr/bin:/bin"}
        cls.softhsm("--init-token", "--free", "--label", "policy",
                    "--so-pin", "5678")
        for identity, name in (("01", "rsa"), ("02", "ec")):
            cls.softhsm("--import", os.path.join(cls.keys, name + ".key"),
                        "--token", "policy", "--label", name, "--id",
                        identity)

    @classmethod
    def softhsm(cls, *words):
        subprocess.run(["softhsm2-util", *words, "--pin", "1234"],
                       env=cls.env, check=True, stdout=subprocess.DEVNULL)

    def by_uri(self, status, uri, cert, *words, env=None):
        result = self.expect(
            status, "sign", "-p", "p", "--key", "pkcs11:" + uri, "--cert",
            cert, *words, start_new_session=True,
            env=dict(self.env, **leaks_of_others(), **(env or {})))
        self.assertNotIn("1234", result.err)
        self.assertNotIn("7777", result.err)
        return result

    @unittest.skipUnless(ENGINE, "OpenSSL has no engine for PKCS #11")
    def test_uri(self):
        pin = ["--passphrase-env", "PKCS11_PIN"]
        for name, alg in (("rsa", "RS256"), ("rsa", "PS384"),
                          ("ec", "ES256")):
            with self.subTest(alg):
                self.check(self.by_uri(
                    OK, "token=policy;object=" + name, name + ".pem", "--alg",
                    alg, *pin).out.strip(), [name], alg)
        self.check(self.by_uri(OK, "token=policy;object=rsa?pin-value=1234",
                               "rsa.pem").out.strip())

    @unittest.skipUnless(ENGINE, "OpenSSL has no engine for PKCS #11")
    def test_uri_that_gives_no_key(self):
        """Nor does the engine say on its own what PIN it was given."""
        for uri, pin, word in (
                ("token=policy;object=no", "1234", "no token has"),
                ("token=no;object=rsa", "1234", "no token has"),
                ("token=policy;object=rsa?pin-value=7777", "", "PIN is wrong"),
                ("token=policy;object=rsa", "7777", "PIN is wrong"),
                ("%%%", "1234", "no token has")):
            with self.subTest(uri):
                result = self.by_uri(INPUT, uri, "rsa.pem",
                                     "--passphrase-env", "PKCS11_PIN",
                                     env={"PKCS11_PIN": pin})
                self.assertIn(word, result.err)
                self.assertEqual(1, result.err.count("\n"))
        result = self.by_uri(INPUT, "token=policy;object=rsa", "rsa.pem")
        self.assertIn("wants a PIN", result.err)
        self.by_uri(INPUT, "token=policy;object=ec?pin-value=1234", "rsa.pem")

    def test_without_an_engine(self):
        result = self.by_uri(INPUT, "token=policy;object=rsa", "rsa.pem",
                             env={"OPENSSL_ENGINES": self.directory})
        for word in ("libengine-pkcs11-openssl", "--signer-command",
                     "pkcs11-tool"):
            self.assertIn(word, result.err)

    def by_tool(self, status, identity, cert, **env):
        tool = os.path.join(ROOT, "examples", "sign", "pkcs11-signer")
        return self.expect(
            status, "sign", "-p", "p", "--cert", cert, "--signer-digest",
            "--signer-command", "'%s' %s policy %s" % (tool, SOFTHSM, identity),
            env=dict(self.env, **env))

    @unittest.skipUnless(shutil.which("pkcs11-tool"),
                         "opensc is not installed")
    def test_by_pkcs11_tool(self):
        self.check(self.by_tool(OK, "01", "rsa.pem").out.strip())
        self.check(self.by_tool(OK, "02", "ec.pem").out.strip(), ["ec"],
                   "ES256")
        self.by_tool(NO, "02", "rsa.pem")  # the other key
        self.assertIn("no private key", self.by_tool(SYSTEM, "03",
                                                     "rsa.pem").err)
        self.assertIn("PIN", self.by_tool(SYSTEM, "01", "rsa.pem",
                                          PKCS11_PIN="7777").err)


class Commands(SignTest):
    @classmethod
    def make_keys(cls):
        super().make_keys()
        signing.make_key(cls.keys, "ec", "EC", "P-384")
        signing.make_certificate(cls.keys, "ec", CA)

    def command(self, text, *words, status=OK, cert="rsa.pem"):
        return self.expect(status, "sign", "-p", "p", "--cert", cert,
                           "--signer-command", text, *words)

    def test_gets_the_input(self):
        token = self.command("openssl dgst -sha256 -sign rsa.key").out
        self.check(token.strip())

    def test_gets_the_digest(self):
        token = self.command("openssl pkeyutl -sign -inkey rsa.key -pkeyopt "
                             "digest:sha256", "--signer-digest").out
        self.check(token.strip())

    def test_der_becomes_raw(self):
        for words in (("openssl dgst -sha384 -sign ec.key",),
                      ("openssl pkeyutl -sign -inkey ec.key",
                       "--signer-digest")):
            self.check(self.command(*words, cert="ec.pem").out.strip(),
                       ["ec"], "ES384")

    def test_signature_as_text(self):
        for tool in ("openssl base64", "xxd -p", "openssl base64 -A"):
            if not shutil.which(tool.split()[0]):
                continue
            self.write("tool", "#!/bin/sh\nopenssl dgst -sha256 -sign "
                               "rsa.key | %s\n" % tool)
            os.chmod(self.path("tool"), 0o755)
            self.check(self.command("./tool").out.strip())

    def test_no_shell_and_quotes(self):
        self.write("a tool", "#!/bin/sh\nprintf '%s\\n' \"$@\" >words\n"
                             "exec openssl dgst -sha256 -sign rsa.key\n")
        os.chmod(self.path("a tool"), 0o755)
        self.command("'./a tool' $HOME `id` ; | > x \"two \\\"words\" "
                     "a\\ b 'c\\d' \"\" *")
        self.assertEqual(["$HOME", "`id`", ";", "|", ">", "x",
                          'two "words', "a b", "c\\d", "", "*"],
                         read(self.path("words")).split("\n")[:-1])
        self.assertFalse(os.path.exists(self.path("x")))

    def test_a_wrong_signature_is_never_written(self):
        signing.make_key(self.directory, "other")
        for text in ("openssl dgst -sha256 -sign other.key",
                     "openssl dgst -sha1 -sign rsa.key", "cat rsa.pem",
                     "head -c 256 /dev/zero", "cat"):
            with self.subTest(text):
                result = self.command(text, "-o", "token", status=NO)
                self.assertEqual("", result.out)
                self.assertFalse(os.path.exists(self.path("token")))

    def test_failures(self):
        for text in ("false", "/nonexistent/tool", ".", "true", "yes",
                     "sh -c 'kill $$'",
                     "sh -c 'openssl dgst -sha256 -sign rsa.key; exit 3'"):
            with self.subTest(text):
                result = self.command(text, status=SYSTEM)
                self.assertEqual("", result.out)
                self.assertTrue(result.err)

    def test_takes_no_longer_than_it_may(self):
        for text in ("sleep 30", "sh -c 'exec >&-; exec sleep 30'"):
            self.command(text, "--signer-timeout", "1", status=SYSTEM)

    def test_that_does_not_read_its_input(self):
        """A pipe that nobody reads neither hangs nor kills."""
        self.write("p", CLEAN + "//" + "x" * 300000 + "\n")
        self.command("head -c 256 /dev/zero", status=NO)

    def test_usage(self):
        for text in ("", "  ", "'open", "\"open", "x\\"):
            self.assert_usage("sign", "-p", "p", "--cert", "rsa.pem",
                              "--signer-command", text)
        for seconds in ("0", "-1", "x", "99999999999"):
            self.assert_usage("sign", "-p", "p", "--cert", "rsa.pem",
                              "--signer-command", "x", "--signer-timeout",
                              seconds)


class TwoSteps(SignTest):
    @classmethod
    def make_keys(cls):
        super().make_keys()
        signing.make_key(cls.keys, "ec", "EC", "P-521")
        signing.make_certificate(cls.keys, "ec", CA)

    def prepare(self, name, *words):
        return self.maapol("sign", "-p", "p", "--prepare", "--cert",
                           name + ".pem", *words)

    def test_the_input_and_back(self):
        for name, alg in (("rsa", "RS256"), ("ec", "ES512")):
            out = self.prepare(name, "-o", "input").out
            self.assertEqual("", out)
            openssl(self.directory, "dgst", "-sha" + alg[2:], "-sign",
                    name + ".key", "-out", "sig", "input")
            token = self.sign("--attach", "sig", "--state", "input")
            self.check(token, [name], alg)
            self.assertEqual(read(self.path("input")),
                             token.rpartition(".")[0])

    def test_the_digest_and_back(self):
        result = self.prepare("ec", "--signer-digest", "--state", "state")
        self.assertEqual(64, len(result.raw_out))
        self.write("digest", result.raw_out)
        openssl(self.directory, "pkeyutl", "-sign", "-inkey", "ec.key", "-in",
                "digest", "-out", "sig")
        self.check(self.sign("--attach", "sig", "--state", "state"), ["ec"],
                   "ES512")

    def test_signatures_that_are_not_over_it(self):
        self.prepare("rsa", "-o", "input")
        self.write("p", CLEAN + "\n")
        self.prepare("rsa", "-o", "other")
        openssl(self.directory, "dgst", "-sha256", "-sign", "rsa.key", "-out",
                "sig", "other")
        self.write("empty", "")
        for name in ("sig", "empty", "p", "rsa.key"):
            result = self.expect(NO, "sign", "--attach", name, "--state",
                                 "input", "-o", "token")
            self.assertFalse(os.path.exists(self.path("token")), result)

    def test_states_that_are_none(self):
        self.write("sig", b"x" * 256)
        x5c = base64.b64encode(signing.der(self.directory, "rsa.pem"))
        good = {"alg": "RS256", "x5c": [x5c.decode()]}
        for state in ("", ".", "a", "e30.e30", policy_token(CLEAN),
                      b64url(json.dumps({**good, "alg": "none"})) + ".e30",
                      b64url(json.dumps({**good, "alg": "HS256"})) + ".e30",
                      b64url(json.dumps({**good, "x5c": []})) + ".e30",
                      b64url(json.dumps({**good, "x5c": "x"})) + ".e30",
                      b64url(json.dumps({**good, "x5c": ["AAAA"]})) + ".",
                      b64url(json.dumps(good)) + ".e30.e30",
                      b64url(json.dumps(good)) + ".!"):
            with self.subTest(state):
                self.write("state", state)
                self.assert_unusable("sign", "--attach", "sig", "--state",
                                     "state")
        self.assert_unusable("sign", "--attach", "missing", "--state",
                             "state")
        self.assert_unusable("sign", "--attach", "sig", "--state", "missing")


del SignTest
if __name__ == "__main__":
    unittest.main()
