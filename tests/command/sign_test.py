# SPDX-License-Identifier: Apache-2.0
"""maapol sign: tokens that other programs verify, every form of key, every
refusal."""
import base64
import hashlib
import json
import os
import select
import stat
import subprocess
import unittest

import signing
from check_test import CLEAN, ERROR
from harness import (CommandTest, INPUT, MAAPOL, NO, OK, SYSTEM, USAGE,
                     b64url, environment, example, leaks_of_others,
                     open_terminal, policy_token, read, sha256_b64url)
from sign_fixture import CA, POLICY, SignTest
from signing import header, openssl, payload


class Unsecured(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("p", CLEAN)

    def test_as_the_clients_send_it(self):
        for text in (CLEAN, CLEAN.replace("\n", "\r\n"), "// é\n" + CLEAN,
                     CLEAN + "\n\n"):
            with self.subTest(text):
                self.write("p", text)
                self.assertEqual(policy_token(text) + "\n", self.expect(
                    OK, "sign", "--unsecured", "--policy", "p").out)

    def test_recorded_one(self):
        """Public: the service answered this very token with this hash."""
        self.write("p", "version=1.0; authorizationrules{=> permit();}; "
                        "issuancerules{};")
        token = self.expect(OK, "sign", "--unsecured", "-p", "p").out.strip()
        self.assertEqual("c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ",
                         sha256_b64url(token))

    def test_as_the_azure_cli_sends_it(self):
        token = self.expect(OK, "sign", "--az-compat", "-p", "p").out.strip()
        self.assertEqual('{"alg":"none","typ":"JWT"}', signing.b64url_decode(
            token.split(".")[0]).decode())
        self.assertEqual(POLICY, payload(token).decode())
        self.assertEqual(token + "\n", self.expect(
            OK, "sign", "--unsecured", "--az-compat", "-p", "p").out)

    def test_reset(self):
        self.assertEqual("eyJhbGciOiJub25lIn0..\n", self.expect(
            OK, "sign", "--unsecured", "--reset").out)

    def test_of_a_token_takes_its_policy(self):
        self.write("t", policy_token(CLEAN))
        self.assertEqual(policy_token(CLEAN) + "\n", self.expect(
            OK, "sign", "--unsecured", "-p", "t").out)

    def test_file_holds_the_bytes_to_send(self):
        self.expect(OK, "sign", "--unsecured", "-p", "p", "-o", "t")
        self.assertEqual(policy_token(CLEAN).encode(),
                         read(self.path("t"), "rb"))
        self.assertEqual(["p", "t"], sorted(os.listdir(self.directory)))
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(0o666 & ~mask, stat.S_IMODE(
            os.stat(self.path("t")).st_mode))

    def test_what_cannot_be_written_leaves_what_was_there(self):
        self.expect(SYSTEM, "sign", "--unsecured", "-p", "p", "-o", "no/t")
        self.write("t", "before")
        os.mkdir(self.path("d"))
        self.expect(SYSTEM, "sign", "--unsecured", "-p", "p", "-o", "d")
        self.write("bad", ERROR)
        self.assert_unusable("sign", "--unsecured", "-p", "bad", "-o", "t")
        self.assertEqual("before", read(self.path("t")))

    def test_a_policy_with_errors_is_refused(self):
        self.write("p", ERROR)
        result = self.assert_unusable("sign", "--unsecured", "-p", "p",
                                      mentions="P002")
        self.assertEqual("", result.out)
        self.assertEqual(policy_token(ERROR) + "\n", self.expect(
            OK, "sign", "--unsecured", "-p", "p", "--no-check").out)

    def test_unusable(self):
        self.write("empty", "")
        for name in ("empty", "missing", "."):
            for more in ([], ["--no-check"]):
                with self.subTest(name):
                    self.assertEqual("", self.assert_unusable(
                        "sign", "--unsecured", "-p", name, *more).out)

    def test_usage(self):
        self.write("c", "x")
        one = ["--unsecured", "-p", "p"]
        key = ["-p", "p", "--key", "k"]
        for words in (
                [], ["--unsecured"], ["-p", "p"], ["--reset"],
                one + ["--reset"], one + ["p"], one + ["--key", "k"],
                one + ["--cert", "c"], one + ["--alg", "RS256"],
                one + ["--chain"], one + ["--attach", "c"],
                one + ["--prepare"], one + ["--signer-command", "x"],
                one + ["--passphrase-env", "X"], one + ["--state", "c"],
                ["--unsecured", "--reset", "--no-check"],
                ["--unsecured", "--add-certificate", "c"],
                ["--az-compat", "--remove-certificate", "c"],
                key, key + ["--cert", "c", "--pfx", "x"],
                key + ["--cert", "c", "--alg", "none"],
                key + ["--cert", "c", "--alg", "HS256"],
                key + ["--cert", "c", "--alg", "rs256"],
                key + ["--cert", "c", "--signer-digest"],
                key + ["--cert", "c", "--signer-timeout", "3"],
                key + ["--cert", "c", "--state", "s"],
                key + ["--cert", "c", "--now", "never"],
                ["-p", "p", "--signer-command", "x"],
                ["-p", "p", "--prepare"],
                ["-p", "p", "--prepare", "--cert", "c", "--signer-digest"],
                ["--attach", "c"], ["--attach", "c", "--state", "c", "-p",
                                    "p"],
                ["--attach", "c", "--state", "c", "--cert", "c"]):
            with self.subTest(words):
                self.assert_usage("sign", *words)


class Algorithms(SignTest):
    @classmethod
    def make_keys(cls):
        super().make_keys()
        for alg, curve in signing.CURVES.items():
            signing.make_key(cls.keys, alg, "EC", curve)
            signing.make_certificate(cls.keys, alg, CA)

    def test_of_rsa(self):
        for alg in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
            with self.subTest(alg):
                result = self.expect(OK, "sign", "-p", "p", "--key",
                                     "rsa.key", "--cert", "rsa.pem", "--alg",
                                     alg)
                self.check(result.out.strip(), alg=alg)
                self.assertEqual(alg != "RS256", "warning" in result.err)

    def test_rs256_is_the_default_without_a_word(self):
        result = self.expect(OK, "sign", "-p", "p", "--key", "rsa.key",
                             "--cert", "rsa.pem")
        self.check(result.out.strip())
        self.assertEqual("", result.err)

    def test_of_ec(self):
        for alg in signing.CURVES:
            with self.subTest(alg):
                result = self.expect(OK, "sign", "-p", "p", "--key",
                                     alg + ".key", "--cert", alg + ".pem")
                self.check(result.out.strip(), [alg], alg)
                self.assertIn("RS256 only", result.err)
                size = {"ES256": 64, "ES384": 96, "ES512": 132}[alg]
                self.assertEqual(size, len(signing.b64url_decode(
                    result.out.strip().split(".")[2])))

    def test_that_do_not_suit_the_key(self):
        for name, alg in (("rsa", "ES256"), ("ES256", "RS256"),
                          ("ES256", "ES384"), ("ES512", "ES256"),
                          ("ES384", "PS256")):
            with self.subTest(alg):
                self.assert_unusable(
                    "sign", "-p", "p", "--key", name + ".key", "--cert",
                    name + ".pem", "--alg", alg, mentions=alg)

    def test_reset_is_over_an_empty_payload(self):
        token = self.sign("--reset", "--key", "rsa.key", "--cert", "rsa.pem")
        self.check(token, body="")
        self.assertEqual("", token.split(".")[1])

    def test_certificate_tokens(self):
        for option in ("--add-certificate", "--remove-certificate"):
            for name, kty in (("ES256", "EC"), ("rsa", "RSA")):
                token = self.sign(option, name + ".pem", "--key", "rsa.key",
                                  "--cert", "rsa.pem")
                x5c = base64.b64encode(
                    signing.der(self.directory, name + ".pem")).decode()
                self.check(token, body='{"policyCertificate":{"kty":"%s",'
                           '"x5c":["%s"]}}' % (kty, x5c))
        self.assert_unusable("sign", "--add-certificate", "p", "--key",
                             "rsa.key", "--cert", "rsa.pem")


class Keys(SignTest):
    FORMS = (  # name, command that makes it of rsa.key
        ("pkcs1", "rsa -in rsa.key -traditional"),
        ("pkcs8der", "pkcs8 -topk8 -nocrypt -in rsa.key -outform DER"),
        ("pkcs1der", "rsa -in rsa.key -traditional -outform DER"))
    ENCRYPTED = (
        ("pkcs8enc", "pkcs8 -topk8 -in rsa.key -v2 aes-256-cbc"),
        ("pkcs8scrypt", "pkcs8 -topk8 -in rsa.key -scrypt"),
        ("pkcs8encder", "pkcs8 -topk8 -in rsa.key -outform DER"),
        ("oldenc", "rsa -in rsa.key -traditional -aes128"))
    WORDS = "correct horse é"

    @classmethod
    def make_keys(cls):
        super().make_keys()
        for name, command in cls.FORMS:
            openssl(cls.keys, *command.split(), "-out", name)
        for name, command in cls.ENCRYPTED:
            openssl(cls.keys, *command.split(), "-out", name, "-passout",
                    "pass:" + cls.WORDS)
        signing.make_key(cls.keys, "ec", "EC", "P-256")
        signing.make_certificate(cls.keys, "ec", CA)
        openssl(cls.keys, "ec", "-in", "ec.key", "-out", "sec1")
        openssl(cls.keys, "ecparam", "-name", "prime256v1", "-out", "par")
        with open(os.path.join(cls.keys, "sec1par"), "wb") as file:
            for part in ("par", "sec1"):
                file.write(read(os.path.join(cls.keys, part), "rb"))
        signing.make_key(cls.keys, "leaf")
        signing.make_certificate(cls.keys, "leaf", "keyUsage="
                                 "digitalSignature", issuer="rsa")
        for name, more in (("full", ["-certfile", "rsa.pem"]),
                           ("alone", [])):
            openssl(cls.keys, "pkcs12", "-export", "-inkey", "leaf.key",
                    "-in", "leaf.pem", *more, "-out", name + ".pfx",
                    "-passout", "pass:" + cls.WORDS)
        openssl(cls.keys, "pkcs12", "-export", "-inkey", "leaf.key", "-in",
                "leaf.pem", "-out", "open.pfx", "-passout", "pass:")
        openssl(cls.keys, "pkcs12", "-export", "-nokeys", "-in", "leaf.pem",
                "-out", "nokey.pfx", "-passout", "pass:")

    def test_every_form(self):
        for name, _ in self.FORMS:
            with self.subTest(name):
                self.check(self.sign_policy("--key", name, "--cert",
                                            "rsa.pem"))
        for name in ("sec1", "sec1par", "ec.key"):
            with self.subTest(name):
                self.check(self.sign_policy("--key", name, "--cert",
                                            "ec.pem"), ["ec"], "ES256")

    def test_a_file_uri(self):
        self.check(self.sign_policy("--key", "file:" + self.path("pkcs1"),
                                    "--cert", "rsa.pem"))
        self.check(self.sign_policy(
            "--key", "file:" + self.path("pkcs8enc"), "--cert", "rsa.pem",
            "--passphrase-env", "P", env={"P": self.WORDS}))

    def test_encrypted_ones_by_every_source(self):
        self.write("words", self.WORDS + "\r\nnot this\n")
        self.write("bare", self.WORDS)
        for name, _ in self.ENCRYPTED:
            with self.subTest(name):
                key = ["--key", name, "--cert", "rsa.pem"]
                token = self.sign_policy(*key, "--passphrase-env", "P",
                                         env={"P": self.WORDS})
                self.check(token)
                for file in ("words", "bare"):
                    self.assertEqual(token, self.sign_policy(
                        *key, "--passphrase-file", file))
                self.assertEqual(token, self.sign_policy(
                    *key, "--passphrase-fd", "0", stdin=self.WORDS + "\n"))

    def test_passphrases_that_are_wrong_or_missing(self):
        self.write("long", "x" * 1100)
        for name, option in [(n, "--key") for n, _ in self.ENCRYPTED] + [
                ("full.pfx", "--pfx")]:
            key = ["sign", "-p", "p", option, name, "--cert", "rsa.pem"]
            with self.subTest(name):
                for words in ("wrong", ""):
                    result = self.assert_unusable(
                        *key, "--passphrase-env", "P", env={"P": words},
                        mentions="passphrase")
                    self.assertEqual("", result.out)
                self.assert_unusable(*key, start_new_session=True,
                                     mentions="no passphrase")
                self.assert_unusable(*key, "--passphrase-env", "P",
                                     mentions="P is not set")
                self.assert_unusable(*key, "--passphrase-file", "missing")
                self.assert_unusable(*key, "--passphrase-file", "long")
                self.assert_unusable(*key, "--passphrase-fd", "77")
                self.assert_usage(*key, "--passphrase-fd", "x")
                self.assert_usage(*key, "--passphrase-fd", "0",
                                  "--passphrase-env", "P")

    def test_never_on_the_command_line(self):
        """An option that took the words themselves would show them to
        everybody on the machine."""
        out = self.expect(OK, "sign", "--help").out
        for option in ("--passphrase ", "--password", "--pin"):
            self.assertNotIn(option, out)
        self.assert_usage("sign", "--passphrase", "x")

    def test_pkcs12(self):
        env = {"P": self.WORDS}
        words = ["--passphrase-env", "P"]
        self.check(self.sign_policy("--pfx", "full.pfx", *words, env=env),
                   ["leaf"])
        self.check(self.sign_policy("--pfx", "full.pfx", "--chain", *words,
                                    env=env), ["leaf", "rsa"])
        self.check(self.sign_policy("--pfx", "alone.pfx", "--chain", "--cert",
                                    "rsa.pem", *words, env=env),
                   ["leaf", "rsa"])
        self.check(self.sign_policy("--pfx", "open.pfx"), ["leaf"])
        self.assert_unusable("sign", "-p", "p", "--pfx", "nokey.pfx",
                             mentions="private key")
        self.assert_unusable("sign", "-p", "p", "--pfx", "rsa.key",
                             mentions="PKCS #12")

    def test_that_are_none(self):
        openssl(self.directory, "rsa", "-in", "rsa.key", "-pubout", "-out",
                "public")
        self.write("empty", "")
        self.write("noise", bytes(range(48, 256)) * 40)
        self.write("cut", read(self.path("rsa.key"))[:600])
        for name in ("public", "empty", "noise", "cut", "rsa.pem", "missing",
                     ".", "p", "nosuch:key", "pkcs11:token=x?pin-value=77"):
            with self.subTest(name):
                result = self.assert_unusable("sign", "-p", "p", "--key",
                                              name, "--cert", "rsa.pem",
                                              env=leaks_of_others())
                self.assertNotIn("77", result.err)

    def test_kinds_that_do_not_suit(self):
        for name, kind, size in (("small", "RSA", "1024"),
                                 ("odd", "RSA", "2040"),
                                 ("p224", "EC", "P-224"),
                                 ("k1", "EC", "secp256k1"),
                                 ("ed", "ED25519", "")):
            with self.subTest(name):
                signing.make_key(self.directory, name, kind, size)
                signing.make_certificate(self.directory, name)
                self.assert_unusable("sign", "-p", "p", "--key",
                                     name + ".key", "--cert", name + ".pem")
                # Nor by a command, which hides the key.
                self.assert_unusable("sign", "-p", "p", "--signer-command",
                                     "false", "--cert", name + ".pem")

    def test_an_unknown_provider(self):
        self.expect(SYSTEM, "sign", "-p", "p", "--key", "rsa.key", "--cert",
                    "rsa.pem", "--provider", "nosuch")
        self.check(self.sign_policy("--key", "rsa.key", "--cert", "rsa.pem",
                                    "--provider", "base"))

    def test_the_terminal_is_asked_without_echo(self):
        master, slave = open_terminal()
        command = ["sign", "-p", "p", "--pfx", "alone.pfx", "-o", "token"]
        # A session of its own, whose terminal that is.
        child = subprocess.Popen(
            ["setsid", "-c", MAAPOL, *command], stdin=slave, stdout=slave,
            stderr=slave, cwd=self.directory, env=environment())
        os.close(slave)
        seen = b""
        while b": " not in seen and select.select([master], [], [], 15)[0]:
            seen += os.read(master, 1000)
        os.write(master, self.WORDS.encode() + b"\n")
        self.assertEqual(0, child.wait(15))
        while select.select([master], [], [], 0.2)[0]:
            try:
                seen += os.read(master, 1000)
            except OSError:
                break
        os.close(master)
        self.assertIn(b"Passphrase of alone.pfx: ", seen)
        self.assertNotIn(b"horse", seen)
        self.check(read(self.path("token")), ["leaf"])


class Certificates(SignTest):
    @classmethod
    def make_keys(cls):
        super().make_keys()
        signing.make_key(cls.keys, "middle", "EC", "P-256")
        signing.make_certificate(cls.keys, "middle", CA, issuer="rsa")
        signing.make_key(cls.keys, "leaf")
        signing.make_certificate(cls.keys, "leaf",
                                 "basicConstraints=CA:FALSE",
                                 "keyUsage=digitalSignature",
                                 issuer="middle")
        signing.make_key(cls.keys, "other")
        signing.make_certificate(cls.keys, "other", CA)
        with open(os.path.join(cls.keys, "all.pem"), "wb") as file:
            for name in ("rsa", "middle", "leaf"):
                file.write(read(os.path.join(cls.keys, name + ".pem"), "rb"))
        openssl(cls.keys, "x509", "-in", "leaf.pem", "-outform", "DER",
                "-out", "leaf.der")

    def test_leaf_alone_or_whole_chain(self):
        key = ["--key", "leaf.key"]
        self.check(self.sign_policy(*key, "--cert", "leaf.pem"), ["leaf"])
        self.check(self.sign_policy(*key, "--cert", "leaf.der"), ["leaf"])
        self.check(self.sign_policy(*key, "--cert", "all.pem"), ["leaf"])
        whole = ["leaf", "middle", "rsa"]
        self.check(self.sign_policy(*key, "--cert", "all.pem", "--chain"),
                   whole)
        self.check(self.sign_policy(*key, "--cert", "leaf.pem", "--cert",
                                    "rsa.pem", "--cert", "middle.pem"), whole)

    def test_that_do_not_belong_there(self):
        result = self.expect(OK, "sign", "-p", "p", "--key", "leaf.key",
                             "--cert", "all.pem", "--cert", "other.pem")
        self.check(result.out.strip(), ["leaf", "middle", "rsa"])
        self.assertIn("CN=other is no part", result.err)

    def test_of_another_key(self):
        for name in ("rsa.pem", "other.pem", "middle.pem"):
            result = self.assert_unusable("sign", "-p", "p", "--key",
                                          "leaf.key", "--cert", name,
                                          mentions="private key")
            self.assertEqual("", result.out)

    def test_out_of_their_time(self):
        key = ["-p", "p", "--key", "rsa.key", "--cert", "rsa.pem"]
        self.assert_unusable("sign", *key, "--now", "2020-01-01T00:00:00Z",
                             mentions="not valid before")
        self.assert_unusable("sign", *key, "--now", "2090-01-01T00:00:00Z",
                             mentions="expired")
        # The leaf outlives its root.
        signing.make_certificate(self.directory, "leaf", issuer="middle",
                                 days="900")
        end = openssl(self.directory, "x509", "-in", "rsa.pem", "-enddate",
                      "-noout", "-dateopt", "iso_8601").decode()
        end = end.strip().split("=")[1].replace(" ", "T")
        self.assert_unusable("sign", "-p", "p", "--key", "leaf.key",
                             "--cert", "leaf.pem", "--cert", "middle.pem",
                             "--cert", "rsa.pem", "--now",
                             end[:2] + "99" + end[4:], mentions="expired")

    def test_roots_without_ca_true_are_warned_of(self):
        for extensions in ([], ["basicConstraints=CA:FALSE"]):
            signing.make_certificate(self.directory, "other", *extensions)
            result = self.expect(OK, "sign", "-p", "p", "--key", "other.key",
                                 "--cert", "other.pem")
            self.assertIn("CA:TRUE", result.err)

    def test_that_are_not_for_signatures_are_warned_of(self):
        signing.make_certificate(self.directory, "other", CA,
                                 "keyUsage=keyEncipherment")
        result = self.expect(OK, "sign", "-p", "p", "--key", "other.key",
                             "--cert", "other.pem")
        self.assertIn("keyUsage", result.err)

    def test_that_are_none(self):
        self.write("empty", "")
        self.write("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n"
                             "-----END CERTIFICATE-----\n")
        self.write("many", read(self.path("rsa.pem")) * 17)
        for name in ("empty", "broken", "many", "missing", "rsa.key", "p"):
            with self.subTest(name):
                self.assert_unusable("sign", "-p", "p", "--key", "rsa.key",
                                     "--cert", name)


class Hash(SignTest):
    def test_of_a_signed_token(self):
        token = self.sign_policy("--key", "rsa.key", "--cert", "rsa.pem",
                                 "-o", "token")
        self.assertEqual("", token)
        token = read(self.path("token"))
        report = self.expect(OK, "hash", "token").json
        self.assertEqual({"policyHash": sha256_b64url(b64url(CLEAN)),
                          "policyTokenHash": sha256_b64url(token)}, report)
        self.assertEqual("same text\n", self.expect(
            OK, "hash", "--compare", "token", "p").out)


class SignedAttestation(SignTest):
    """attest --key: tokens for tests of relying parties."""
    @classmethod
    def make_keys(cls):
        super().make_keys()
        signing.make_key(cls.keys, "ec", "EC", "P-256")

    def attest(self, status, *words, roots=True, **options):
        more = ["--roots", example("")] if roots else []
        return self.expect(status, "attest", "--type", "SgxEnclave",
                           "--policy", example("policy.maapolicy"),
                           "--request", example("request.json"), *more,
                           *words, **options)

    def test_signs_what_is_verified(self):
        fixed = ["--now", "1790000000", "--format", "token", "--issuer",
                 "https://tests.example"]
        for key, alg, more in (("rsa", "RS256", []), ("ec", "ES256", []),
                               ("rsa", "PS256", ["--alg", "PS256"])):
            token = self.attest(OK, *fixed, "--key", key + ".key",
                                *more).out.strip()
            pem = openssl(self.directory, "pkey", "-in", key + ".key",
                          "-pubout")
            kid = base64.b64encode(hashlib.sha256(pem + b"\0").digest())
            self.assertEqual(
                {"alg": alg, "jku": "https://tests.example/certs",
                 "kid": kid.decode(), "typ": "JWT"}, header(token))
            if signing.has_jwcrypto():
                signing.verify_by_jwcrypto(token, pem.decode())
            plain = self.attest(OK, *fixed).out.strip()
            claims = [json.loads(payload(t)) for t in (token, plain)]
            for one in claims:
                one.pop("jti")
            self.assertEqual(*claims)

    def test_never_signs_what_is_not(self):
        for more in (["--verify", "none"], []):
            result = self.attest(NO, *more, "--format", "token", "--key",
                                 "rsa.key", roots=False)
            self.assertEqual("", result.out)
            self.assertTrue(result.err)
        result = self.attest(NO, "--verify", "none", "--format", "token",
                             "--key", "rsa.key")
        self.assertIn("never signed", result.err)
        self.assertEqual("", result.out)

    def test_never_signs_what_is_denied(self):
        result = self.expect(
            NO, "attest", "--type", "SgxEnclave", "--policy",
            example("policy.maapolicy"), "--request",
            example("request-debug.json"), "--roots", example(""), "--format",
            "token", "--key", "rsa.key")
        self.assertEqual("", result.out)

    def test_refusals(self):
        token = ["--format", "token"]
        for words in (["--key", "rsa.key"], ["--alg", "RS256"],
                      ["--passphrase-env", "P"],
                      token + ["--key", "rsa.key", "--pfx", "x"],
                      token + ["--key", "rsa.key", "--alg", "none"],
                      token + ["--key", "rsa.key", "--alg", "HS256"],
                      ["--format", "json", "--key", "rsa.key"]):
            with self.subTest(words):
                self.attest(USAGE, *words)
        self.attest(INPUT, *token, "--key", "rsa.key", "--alg", "ES256")
        self.attest(INPUT, *token, "--key", "missing")
        self.attest(INPUT, *token, "--key", "rsa.pem")


del SignTest
if __name__ == "__main__":
    unittest.main()
