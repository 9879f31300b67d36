# SPDX-License-Identifier: Apache-2.0
"""Evidence of Azure VMs on the command line: make, show, verify, attest."""
import base64
import json
import os
import unittest

from harness import (CommandTest, INPUT, NO, OK, ROOT, USAGE, b64url, read)

GUEST = ["--type", "AzureGuest"]
PERMIT_SECURE = """version=1.0;
authorizationrules {
  [type=="secureboot", value==true]
    && [type=="x-ms-azurevm-attested-pcrs", value==12]
    && [type=="x-ms-azurevm-debuggersdisabled", value==true]
    && [type=="x-ms-azurevm-signingdisabled", value==true] => permit();
};
"""


def sample(name):
    return os.path.join(ROOT, "examples", "azureguest", name)


class GuestTest(CommandTest):
    def make(self, *settings, name="info.json"):
        words = [w for s in settings for w in ("--set", s)]
        self.expect(OK, "evidence", "make", *GUEST, "--pki", "pki", *words,
                    "-o", name, "--request", "request.json")
        return name

    def claims(self, *arguments):
        return self.expect(OK, "attest", *GUEST, *arguments, "--format",
                           "claims").json


class Attest(GuestTest):
    def test_every_isolation_is_permitted_under_its_root_only(self):
        for isolation in ("TrustedLaunch", "SevSnp", "Tdx"):
            with self.subTest(isolation):
                self.make("isolation=" + isolation)
                claims = self.claims("--request", "request.json", "--roots",
                                     "pki")
                self.assertEqual("azurevm", claims["x-ms-attestation-type"])
                self.assertEqual(isolation != "TrustedLaunch",
                                 "x-ms-isolation-tee" in claims)
                result = self.expect(NO, "attest", *GUEST, "--request",
                                     "request.json")
                self.assertTrue(result.err.startswith("InvalidParameter: "))
                self.assertNotIn("permit", result.out)

    def test_the_file_and_the_request_say_the_same(self):
        self.make("nonce=n", "os-type=Windows")
        raw = read(self.path("info.json"), "rb")
        self.write("info.txt", base64.b64encode(raw).decode())
        self.write("upper.json", json.dumps({"AttestationInfo": b64url(raw)}))
        self.write("twice.json", json.dumps(
            {"AttestationInfo": b64url(raw), "attestationInfo": "e30"}))
        roots = ("--roots", "pki", "--now", "1700000000")
        seen = [self.claims(*options, *roots) for options in (
            ("--request", "request.json"), ("--request", "upper.json"),
            ("--attestation-info", "info.json"),
            ("--attestation-info", "info.txt"),
            ("--attestation-info", "request.json"))]
        for claims in seen:
            claims.pop("jti")
            self.assertEqual(seen[0], claims)
        self.expect(INPUT, "attest", *GUEST, "--request", "twice.json", *roots)

    def test_policies_see_how_the_vm_was_booted(self):
        self.write("secure.maapolicy", PERMIT_SECURE)
        for setting, status in (("elam=true", OK), ("secure-boot=false", NO),
                                ("kernel-debug=true", NO),
                                ("test-signing=true", NO), ("pcrs=0,7", NO)):
            with self.subTest(setting):
                self.make("isolation=TrustedLaunch", "os-type=Windows",
                          setting)
                self.expect(status, "attest", *GUEST, "--policy",
                            "secure.maapolicy", "--attestation-info",
                            "info.json", "--roots", "pki")

    def test_claims_of_runtime_data_are_not_taken_from_beside(self):
        self.make()
        self.write("data.json", "{}")
        self.expect(NO, "attest", *GUEST, "--attestation-info", "info.json",
                    "--roots", "pki", "--runtime-data", "data.json")

    def test_one_source_of_evidence(self):
        self.assert_usage("attest", *GUEST, "--attestation-info", "a",
                          "--quote", "b", mentions=("attestation-info",))
        self.assert_usage("attest", *GUEST, mentions=("attestation-info",))


class Verify(GuestTest):
    def verify(self, status, *options):
        return self.expect(status, "evidence", "verify", "--format", "json",
                           *options).json

    def test_samples(self):
        roots = ("--roots", sample("."), "--now", "1750000000")
        for name in ("attestation-info.json", "trusted-launch.json",
                     "request.json"):
            report = self.verify(OK, *roots, sample(name))
            self.assertTrue(report["verified"])
        report = self.verify(NO, sample("trusted-launch.json"))
        self.assertEqual("not verified", report["status"])
        self.assertIn("TPM certificate chain", report["reason"])

    def test_lies_are_named(self):
        for lie, step in (("key", "TPM key in the runtime data"),
                          ("runtime-data", "runtime data of the VM"),
                          ("pcr", "PCR values"), ("log", "event log"),
                          ("encryption-key", "encryption key")):
            with self.subTest(lie):
                self.make("lie=" + lie)
                report = self.verify(NO, "--roots", "pki", "info.json")
                self.assertEqual("failed", report["status"])
                self.assertEqual([step], [s["what"] for s in report["steps"]
                                          if s["result"] == "failed"])
                result = self.expect(NO, "attest", *GUEST, "--roots", "pki",
                                     "--attestation-info", "info.json")
                self.assertIn(step, result.err)


class Broken(GuestTest):
    def test_broken_files(self):
        info = json.loads(read(sample("attestation-info.json")))
        def without(name):
            return json.dumps({k: v for k, v in info.items() if k != name})
        def with_tpm(**members):
            return json.dumps(dict(info, TpmInfo=dict(info["TpmInfo"],
                                                      **members)))
        for text, words in (
                (without("TpmInfo"), ["TpmInfo"]),
                (without("TcgLogs"), ["TcgLogs"]),
                (with_tpm(PcrQuote="AAAA"), ["PcrQuote"]),
                (with_tpm(AikPub=7), ["AikPub"]),
                (with_tpm(PcrSet=[99]), ["PcrSet"]),
                (json.dumps(dict(info, AttestationProtocolVersion="9")),
                 ["protocol version"]),
                ("{", ["JSON"]), ("{}", []), ("", ["empty"])):
            self.write("broken.json", text)
            with self.subTest(text[:60]):
                for command in (("evidence", "show"), ("evidence", "verify")):
                    self.assert_unusable(*command, *GUEST, "broken.json",
                                         mentions=words)
                self.assert_unusable("attest", *GUEST, "--attestation-info",
                                     "broken.json", mentions=words)

    def test_wrong_fields(self):
        self.assert_usage("evidence", "make", *GUEST, "--set", "lie=big",
                          "-o", "x", mentions=("lie",))
        self.assert_usage("evidence", "make", *GUEST, "--set",
                          "secureboot=true", "-o", "x",
                          mentions=("secure-boot",))
        self.assert_usage("evidence", "make", *GUEST, "--set",
                          "kernel-debug=true", "-o", "x",
                          mentions=("Windows",))


class Show(GuestTest):
    def test_fields(self):
        dump = self.expect(OK, "evidence", "show", "--format", "json",
                           sample("attestation-info.json")).json
        fields = dump["fields"]
        self.assertEqual("AzureGuest", dump["type"])
        self.assertEqual("Ubuntu", fields["client"]["os-distro"]["value"])
        self.assertEqual({"nonce": base64.b64encode(b"2f81d4a0").decode()},
                         fields["client"]["client-payload"]["value"])
        self.assertEqual(list(range(8)), fields["quote"]["pcrs"]["value"])
        self.assertEqual("SecureBoot",
                         fields["event-log"]["event-2"]["meaning"])
        # Of the hardware's report, counted from its start.
        self.assertEqual(0x50, fields["report"]["report-data"]["offset"])
        self.assertEqual(json.loads(read(sample("claims.json"))),
                         dump["claims"])

    def test_text_is_harmless(self):
        self.make("os-distro=a\x1b[31mb\nc", "vm-id=\u202e",
                  "payload.\u202e=x")
        result = self.expect(OK, "evidence", "show", "info.json")
        self.assertIn("os-distro                a\\", result.out)
        self.assert_harmless(result.raw_out, result)
        info = json.loads(read(self.path("info.json")))
        info["AttestationProtocolVersion"] = "\x1b[2J"
        self.write("broken.json", info)
        for command in (("evidence", "show"), ("evidence", "verify")):
            result = self.expect(INPUT, *command, "broken.json")
            self.assert_harmless(result.raw_err, result)
        result = self.expect(INPUT, "attest", *GUEST, "--attestation-info",
                             "broken.json")
        self.assert_harmless(result.raw_err, result)


if __name__ == "__main__":
    unittest.main()
