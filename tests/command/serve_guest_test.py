# SPDX-License-Identifier: Apache-2.0
"""The emulator's answers to virtual machines: TPM messages, sealed tokens."""
import base64
import json
import os
import tempfile
import threading

from harness import OK, CommandTest, b64url, b64url_decode
from serve_fixture import DENY, PERMIT, ServeTest, openssl
from server import Server, policy_token, token_part

LOOSE = ('version=1.2; configurationrules { => issueproperty(type='
         '"require_valid_aik_cert", value=true); }; authorizationrules { '
         '[type=="aikValidated", value==true] => permit(); };')


class GuestTest(ServeTest):
    """Evidence of a test root that the emulator is told to trust."""

    @classmethod
    def setUpClass(cls):
        cls.pki = tempfile.TemporaryDirectory(prefix="maapol-serve-pki-")
        maker = CommandTest()
        maker.setUp()
        for kind in ("Tpm", "AzureGuest"):
            maker.expect(OK, "evidence", "make", "--type", kind, "--pki",
                         cls.pki.name, "-o", "unused")
        maker.tearDown()
        maker.doCleanups()
        cls.options = ("--roots", cls.pki.name)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.pki.cleanup()

    def make(self, kind, *settings):
        """The body of a request."""
        words = [w for s in settings for w in ("--set", s)]
        self.expect(OK, "evidence", "make", "--type", kind, "--pki",
                    self.pki.name, *words, "-o", "evidence", "--request",
                    "request.json")
        with open(os.path.join(self.directory, "request.json")) as file:
            return json.load(file)


class TpmTest(GuestTest):
    def challenge(self, server=None):
        """Challenge in hex, and context."""
        body = json.dumps({"data": b64url('{"payload":{"type":"aikcert"}}')})
        answer = (server or self.server).api("POST", "/attest/Tpm", body)
        inner = json.loads(b64url_decode(self.good(answer).json["data"]))
        payload = inner["payload"]
        return (b64url_decode(payload["challenge"]).hex(),
                payload["service_context"])

    def message(self, challenge, context, *more):
        return self.make("Tpm", "challenge=" + challenge,
                         "service-context=" + context, *more)

    def report(self, answer):
        self.assertEqual({"data"}, set(self.good(answer).json))
        inner = json.loads(b64url_decode(answer.json["data"]))
        self.assertEqual({"report"}, set(inner))
        return inner["report"]

    def setUp(self):
        super().setUp()
        self.good(self.put("Tpm", policy_token(LOOSE)))

    def test_round_trip(self):
        body = self.message(*self.challenge())
        token = self.report(self.attest("Tpm", body))
        self.verify(token)
        claims = token_part(token, 1)
        self.assertEqual("tpm", claims["x-ms-attestation-type"])
        self.assertEqual("RSA", claims["cnf"]["jwk"]["kty"])

    def test_enclave_and_version_1(self):
        for settings, kind in ((("enclave=true",), "vbs"),
                               (("version=1", "enclave=true"), "vbs")):
            with self.subTest(settings):
                body = self.message(*self.challenge(), *settings)
                token = self.report(self.attest("Tpm", body))
                self.assertEqual(kind, token_part(token, 1)[
                    "x-ms-attestation-type"])

    def test_foreign_challenges_are_refused(self):
        first, second = self.challenge(), self.challenge()
        other = Server("--roots", self.pki.name)
        other.api("PUT", "/policies/Tpm", policy_token(PERMIT))
        foreign = self.challenge(other)
        other.stop()
        inner = json.loads(b64url_decode(first[1]))
        raw = bytearray(b64url_decode(inner["ProtectedContext"]))
        raw[7] ^= 1  # the time
        inner["ProtectedContext"] = b64url(bytes(raw))
        for challenge, context in (
                (first[0], second[1]), foreign, (first[0], "AAAA"),
                (first[0] + "00", first[1]), (first[0], ""),
                (first[0], b64url("{}")), (first[0], b64url("[]")),
                (first[0], b64url('{"ProtectedContext":"AAAA"}')),
                (first[0], b64url(json.dumps(inner)))):
            with self.subTest(context[:30]):
                answer = self.attest("Tpm", self.message(challenge, context))
                self.refused(answer, "InvalidParameter",
                             "The challenge was not given out")

    def assert_used(self, answer):
        self.refused(answer, "InvalidParameter", "or it was used before")

    def test_a_message_counts_once(self):
        body = self.message(*self.challenge())
        self.report(self.attest("Tpm", body))
        self.assert_used(self.attest("Tpm", body))
        self.assert_used(self.attest("Tpm", body,
                                     version="api-version=2025-06-01"))

    def test_a_refused_message_counts_too(self):
        body = self.message(*self.challenge())
        self.good(self.put("Tpm", policy_token(DENY)))
        self.refused(self.attest("Tpm", body), "PolicyEvaluationError")
        self.good(self.put("Tpm", policy_token(LOOSE)))
        self.assert_used(self.attest("Tpm", body))

    def test_one_of_two_connections_gets_a_report(self):
        body = self.message(*self.challenge())
        start = threading.Barrier(4)
        answers = []

        def send():
            start.wait()
            answers.append(self.attest("Tpm", body))
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        good = [a for a in answers if a.status == 200]
        self.assertEqual(1, len(good), [str(a) for a in answers])
        for answer in answers:
            if answer is not good[0]:
                self.assert_used(answer)

    def test_not_after_a_restart(self):
        """Neither a message that counted nor one that was still to come."""
        with tempfile.TemporaryDirectory() as state:
            server = Server("--roots", self.pki.name, state=state)
            server.api("PUT", "/policies/Tpm", policy_token(LOOSE))
            used, fresh = [self.message(*self.challenge(server))
                           for _ in range(2)]
            self.report(server.api("POST", "/attest/Tpm", used))
            server.kill()
            server = Server("--roots", self.pki.name, state=state)
            try:
                for body in (used, fresh):
                    self.refused(server.api("POST", "/attest/Tpm", body),
                                 "InvalidParameter",
                                 "The challenge was not given out")
                self.report(server.api(
                    "POST", "/attest/Tpm",
                    self.message(*self.challenge(server))))
            finally:
                self.assertEqual(0, server.stop())

    def test_what_the_quote_is_not_over_is_refused(self):
        challenge, context = self.challenge()
        body = self.message(challenge, context, "quoted-challenge=00")
        answer = self.attest("Tpm", body)
        self.assertEqual(400, answer.status, answer)
        self.assertIn("challenge", answer.error["message"])

    def test_policy_decides(self):
        body = self.message(*self.challenge())
        self.good(self.put("Tpm", policy_token(DENY)))
        self.refused(self.attest("Tpm", body), "PolicyEvaluationError")


class AzureGuestTest(GuestTest):
    def unseal(self, sealed):
        """As the guest attestation client does, by OpenSSL's command and
        another implementation of AES-GCM."""
        box = json.loads(b64url_decode(sealed))
        self.assertEqual({"Jwt", "EncryptedInnerKey", "EncryptionParams",
                          "AuthenticationData"}, set(box))
        part = box["EncryptionParams"]
        self.assertEqual(("ChainingModeGCM", "PKCS7", "AES", 256),
                         (part["BlockMode"], part["BlockPadding"],
                          part["Cipher"], part["KeySizeInBits"]))
        key = openssl("pkeyutl", "-decrypt", "-inkey",
                      os.path.join(self.pki.name, "guest-encryption.key"),
                      "-pkeyopt", "rsa_padding_mode:pkcs1",
                      data=base64.b64decode(box["EncryptedInnerKey"]))
        self.assertEqual(32, len(key))
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            self.skipTest("python3-cryptography is not installed")
        iv, tag = (base64.b64decode(text) for text in
                   (part["Iv"], box["AuthenticationData"]))
        self.assertEqual((12, 16), (len(iv), len(tag)))
        return AESGCM(key).decrypt(iv, base64.b64decode(box["Jwt"]) + tag,
                                   b"Transport Key").decode()

    def test_token_is_sealed_to_the_machine(self):
        seen = set()
        for isolation in ("SevSnp", "TrustedLaunch", "Tdx"):
            with self.subTest(isolation):
                body = self.make("AzureGuest", "isolation=" + isolation)
                answer = self.good(self.attest("AzureGuest", body))
                self.assertNotIn(".", answer.token)
                token = self.unseal(answer.token)
                self.verify(token)
                self.assertEqual("azurevm", token_part(token, 1)[
                    "x-ms-attestation-type"])
                box = json.loads(b64url_decode(answer.token))
                seen.add(box["EncryptedInnerKey"])
                seen.add(box["EncryptionParams"]["Iv"])
        self.assertEqual(6, len(seen))

    def test_every_version_and_spelling(self):
        body = self.make("AzureGuest")
        upper = {"AttestationInfo": list(body.values())[0]}
        for version in ("2020-10-01", "2025-06-01"):
            for path in ("/attest/AzureGuest", "/attest/azureguest"):
                answer = self.server.api("POST", path, upper,
                                         "api-version=" + version, {})
                self.assertNotIn(".", self.good(answer).token)

    def test_a_key_that_is_not_certified_gets_nothing(self):
        body = self.make("AzureGuest", "lie=encryption-key")
        answer = self.attest("AzureGuest", body)
        self.assertEqual(400, answer.status, answer)
        self.assertNotIn("token", answer.json)
