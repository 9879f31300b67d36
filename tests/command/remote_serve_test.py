# SPDX-License-Identifier: Apache-2.0
"""The uploader and the emulator against each other."""
import os
import subprocess
import unittest

from check_test import CLEAN
from harness import (CommandTest, EXAMPLES, INPUT, MAAPOL, NO, OK, SYSTEM,
                     environment, policy_token, sha256_b64url)
from remote_server import (CLIENT, TENANT, make_certificate, make_key, pem,
                           thumbprint)

SERVE = os.path.join(os.path.dirname(MAAPOL), "maapol-serve")
TYPES = ("SgxEnclave", "OpenEnclave", "SevSnpVm", "TdxVm", "AzureGuest", "Tpm")


@unittest.skipUnless(os.path.exists(SERVE), "there is no maapol-serve")
class Emulator(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.keys = {"old": make_key(), "new": make_key()}

    def setUp(self):
        super().setUp()
        self.certificates = {}
        for name, key in self.keys.items():
            self.certificates[name] = make_certificate(name, key, ca=True)
            self.write(name + ".key", pem(key))
            self.write(name + ".pem", pem(self.certificates[name]))
        self.write("p", CLEAN)
        self.server = subprocess.Popen(
            [MAAPOL, "serve", "--state", "state", "--instance",
             "iso=isolated,old.pem", "--instance", "all=shared", "--roots",
             EXAMPLES],
            cwd=self.directory, env=environment(), stdout=subprocess.PIPE,
            text=True)
        self.addCleanup(self.stop)
        self.url = self.server.stdout.readline().split()[-1]

    def stop(self):
        self.server.terminate()
        self.server.wait()
        self.server.stdout.close()

    def remote(self, status, *words, instance="", **env):
        env = {"AZURE_AUTHORITY_HOST": self.url, "AZURE_TENANT_ID": TENANT,
               "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": "word-3x",
               **env}
        result = self.expect(status, *words, "--endpoint",
                             self.url + instance, "--ca",
                             "state/ca-certificate.pem", "--retry-delay", "5",
                             env=env)
        self.assertNotIn("word-3x", result.out + result.err)
        return result

    def by(self, name):
        return ("--key", name + ".key", "--cert", name + ".pem")

    def test_every_type_in_every_version(self):
        for version in ("2020-10-01", "2022-08-01", "2025-06-01",
                        "2018-09-01-preview"):
            words = ("--type", "Tpm", "--api-version", version)
            with self.subTest(version):
                self.remote(OK, "policy", "set", "p", *words)
                self.remote(OK, "policy", "diff", "p", *words)
                self.remote(OK, "policy", "reset", *words)
                self.remote(NO, "policy", "get", *words)
        for name in TYPES:
            with self.subTest(name):
                result = self.remote(OK, "policy", "set", "p", "--type", name)
                self.assertIn("in force and verified", result.out)
                self.assertIn(sha256_b64url(policy_token(CLEAN)), result.out)
                self.assertEqual(CLEAN, self.remote(
                    OK, "policy", "get", "--type", name).out)

    def test_audit_and_rollback(self):
        words = ("--type", "SgxEnclave", "--audit", "audit")
        default = self.remote(OK, "policy", "get", "--type", "SgxEnclave").out
        self.remote(OK, "policy", "set", "p", *words)
        self.remote(OK, "policy", "rollback", *words)
        self.assertEqual(default, self.remote(OK, "policy", "get", "--type",
                                              "SgxEnclave").out)

    def test_isolated_instance(self):
        words = ("--type", "SgxEnclave")
        self.remote(NO, "policy", "set", "p", *words, instance="/i/iso")
        self.remote(OK, "policy", "set", "p", *words, *self.by("old"),
                    instance="/i/iso")
        result = self.remote(NO, "signer", "remove", "old.pem",
                             *self.by("old"), instance="/i/iso")
        self.assertIn("last usable", result.err)
        self.remote(OK, "signer", "rotate", *words, *self.by("old"),
                    "--new-key", "new.key", "--new-cert", "new.pem",
                    instance="/i/iso")
        report = self.remote(OK, "signer", "list", "--format", "json",
                             instance="/i/iso").json
        self.assertEqual([thumbprint(self.certificates["new"])],
                         [s["thumbprint"] for s in report["signers"]])
        self.remote(OK, "policy", "reset", *words, *self.by("new"),
                    instance="/i/iso")

    def test_service_finds_the_mistake(self):
        self.write("bad", "version= 1.0;\nauthorizationrules {\n=> permitt();"
                          "\n};\n")
        result = self.remote(INPUT, "policy", "set", "bad", "--no-check",
                             "--type", "Tpm")
        self.assertIn("bad:3:", result.err)

    def test_shared_instance(self):
        result = self.remote(OK, "signer", "list", instance="/i/all")
        self.assertIn("or it is shared", result.out)
        self.remote(NO, "policy", "set", "p", "--type", "Tpm",
                    instance="/i/all")

    def test_nothing_is_said_of_sending_where_nothing_is_sent(self):
        self.write("bad", "version= 1.0;")
        result = self.remote(INPUT, "policy", "diff", "bad", "--type", "Tpm")
        self.assertIn("is not compared", result.err)
        self.assertNotIn("--no-check", result.err)

    def test_attest(self):
        request = os.path.join(EXAMPLES, "request.json")
        words = ("attest", "--type", "SgxEnclave", "--request", request)
        claims = self.remote(OK, *words, "--format", "claims").json
        self.assertEqual("sgx", claims["x-ms-attestation-type"])
        self.write("everyone", CLEAN.replace('[type=="a"] ', ""))
        result = self.remote(OK, *words, "--policy", "everyone")
        self.assertIn("without signature", result.out)
        token = self.remote(OK, *words, "--format", "token").out.strip()
        for keys in (("--discover", self.url),
                     ("--certs", self.url + "/certs")):
            self.expect(OK, "token", "verify", token, *keys, "--ca",
                        "state/ca-certificate.pem")

    def test_without_a_credential(self):
        result = self.expect(
            SYSTEM, "policy", "get", "--type", "Tpm", "--endpoint", self.url,
            "--ca", "state/ca-certificate.pem", "--auth", "workload-identity")
        self.assertIn("AZURE_FEDERATED_TOKEN_FILE", result.err)
