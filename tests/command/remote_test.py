# SPDX-License-Identifier: Apache-2.0
"""The verbs that speak to the service: every way in which the service, the
network or an attacker can fail them; reading, attesting, secrets."""
import json
import os
import subprocess
import time

from check_test import CLEAN
from harness import (INPUT, MAAPOL, NO, OK, SYSTEM, USAGE, b64url, environment,
                     policy_token, read)
from remote_fixture import FAST, OTHER, RemoteTest
from remote_server import SECRETS, make_certificate, pem


class Faults(RemoteTest):
    """Whatever breaks, wherever it does: the end is right, or is said."""

    def test_reading_is_repeated(self):
        for kind, value in (("reset", None), ("status", 500), ("status", 408),
                            ("status", 429), ("status", 503),
                            ("truncate", None), ("reset-after", None)):
            for path in ("/policies", "/certs"):
                with self.subTest(kind=kind, value=value, path=path):
                    self.service.policies.clear()
                    self.service.faults.clear()
                    self.service.fault("GET", path, kind, value, times=2)
                    self.assertIn("in force and verified", self.set().out)

    def test_writing_is_never_done_twice(self):
        """What was done shows when it is read back."""
        for kind, value in (("reset-after", None), ("truncate", None),
                            ("status-after", 500), ("status-after", 502),
                            ("status-after", 504), ("status-after", 408)):
            with self.subTest(kind=kind, value=value):
                self.service.policies.clear()
                self.service.requests.clear()
                self.service.fault("PUT", "/policies", kind, value)
                result = self.set()
                self.assertIn("in force (the answer was lost; read back)",
                              result.out)
                self.assertEqual(1, self.put_by_us())

    def test_writing_is_repeated_if_nothing_was_done(self):
        for kind, value in (("reset", None), ("status", 500), ("status", 408),
                            ("status", 429), ("status", 503)):
            with self.subTest(kind=kind, value=value):
                self.service.policies.clear()
                self.service.requests.clear()
                self.service.fault("PUT", "/policies", kind, value)
                self.assertIn("in force and verified", self.set().out)
                self.assertEqual(2, self.put_by_us())

    def test_it_ends(self):
        self.service.fault("PUT", "/policies", "status", 500, times=99)
        result = self.set(SYSTEM)
        self.assertIn("the old policy is still in force", result.err)
        self.assertLessEqual(self.put_by_us(), 5)
        self.service.fault("GET", "/policies", "status", 503, times=99)
        self.service.requests.clear()
        self.set(SYSTEM, "--retries", "2")
        self.assertEqual(3, len(self.service.seen("GET", "/policies")))

    def test_nothing_is_known(self):
        self.service.fault("GET", "/policies", "status", 200, times=0)
        self.set()
        self.write("o", OTHER)
        # The answer is lost, and so is every reading back.
        self.service.fault("PUT", "/policies", "reset-after")
        self.service.requests.clear()
        original = self.service.serve

        def gone(request):
            if request["method"] == "GET" and self.service.seen("PUT"):
                return 503, "{}", {}
            return original(request)
        self.service.serve = gone
        result = self.set(SYSTEM, "--retries", "1", path="o")
        self.assertIn("not known", result.err)

    def test_retry_after(self):
        self.service.fault("GET", "/policies", "status", 429,
                           headers={"Retry-After": "2"})
        begin = time.monotonic()
        self.assertIn("trying again in 2 seconds", self.set().err)
        self.assertGreaterEqual(time.monotonic() - begin, 2)
        self.service.fault("GET", "/policies", "status", 429, times=9,
                           headers={"Retry-After": "86400"})
        self.assertIn("429", self.set(SYSTEM).err)

    def test_slow(self):
        self.service.fault("GET", "/policies", "slow", 3, times=9)
        result = self.remote(SYSTEM, "policy", "get", "--type", "SgxEnclave",
                             "--timeout", "1", "--retries", "0")
        self.assertIn("--timeout", result.err)

    def test_nobody_there(self):
        self.service.close()
        result = self.set(SYSTEM, "--retries", "1")
        self.assertIn("connect", result.err.lower())

    def test_no_such_host(self):
        result = self.expect(SYSTEM, "policy", "get", "--type", "Tpm",
                             "--endpoint", "https://x.invalid", "--retries",
                             "0", "--allow-endpoint", "--token-file", "token")
        self.assertIn("--endpoint", result.err)

    def test_untrusted_server(self):
        for words in ((), ("--ca", "token"), ("--ca", "missing")):
            result = self.expect(
                SYSTEM, "policy", "get", "--type", "Tpm", "--endpoint",
                self.service.url, "--token-file", "token", *words)
            self.assertIn("--ca", result.err)
        self.assertEqual([], self.service.requests)

    def test_reset_whose_answer_is_lost(self):
        self.set()
        self.service.fault("POST", "/policies", "reset-after")
        self.remote(OK, "policy", "reset", "--type", "SgxEnclave")
        self.assertEqual({}, self.service.policies)

    def reset(self, status=OK):
        return self.remote(status, "policy", "reset", "--type", "SgxEnclave")

    def test_reset_that_did_nothing_is_repeated(self):
        self.set()
        for kind, value in (("reset", None), ("status", 500)):
            self.service.requests.clear()
            self.service.policies["SgxEnclave"] = policy_token(CLEAN)
            self.service.fault("POST", "/policies", kind, value)
            self.assertIn("reset and verified", self.reset().out)
            self.assertEqual({}, self.service.policies)
            self.assertEqual(2, len(self.service.seen("POST")))

    def test_reset_of_the_default_whose_answer_is_lost(self):
        """Reading back shows what was wanted, though nothing has changed."""
        for kind in ("reset", "reset-after"):
            self.service.requests.clear()
            self.service.fault("POST", "/policies", kind)
            self.assertIn("read back", self.reset().out)
            self.assertEqual(1, len(self.service.seen("POST")))

    def test_lost_answer_and_another_policy_in_force(self):
        """What somebody else did is not taken for our own."""
        other = policy_token(OTHER)
        for words in (("set", "p"), ("reset",)):
            self.service.policies["SgxEnclave"] = policy_token("x")
            original = self.service.serve

            def race(request):
                answer = original(request)
                if request["method"] in ("PUT", "POST"):
                    self.service.policies["SgxEnclave"] = other
                return answer
            self.service.serve = race
            self.service.fault("PUT" if words[0] == "set" else "POST",
                               "/policies", "reset-after")
            result = self.remote(SYSTEM, "policy", *words, "--type",
                                 "SgxEnclave")
            self.service.serve = original
            self.assertIn("another policy in force", result.err)
            self.assertEqual("", result.out)


class Refusals(RemoteTest):
    def assert_help(self, words, *mentions, status=NO):
        result = self.remote(status, *words)
        self.assert_mentions(result.err, mentions, result)
        return result

    def test_roles(self):
        for status in (401, 403):
            for words, role in (
                    (("policy", "get"), "Attestation Reader"),
                    (("policy", "set", "p"), "Attestation Contributor"),
                    (("policy", "reset"), "Attestation Contributor")):
                method = {"get": "GET", "set": "PUT", "reset": "POST"}
                self.service.fault(method[words[1]], "/policies", "status",
                                   status)
                self.assert_help((*words, "--type", "Tpm"), role, str(status),
                                 status=SYSTEM)

    def test_signers_of_an_instance_without_any(self):
        self.write("k", pem(self.service.other_key))
        self.write("c", pem(make_certificate("s", self.service.other_key,
                                             ca=True)))
        self.write("n", pem(make_certificate("n", self.service.service_key,
                                             ca=True)))
        self.assert_help(("signer", "add", "n", "--key", "k", "--cert", "c"),
                         "AAD mode")
        self.assertIn("AAD mode", self.remote(OK, "signer", "list").out)

    def test_no_policy_set(self):
        result = self.remote(NO, "policy", "get", "--type", "Tpm")
        self.assertEqual("", result.out)

    def test_type_that_is_not_supported(self):
        self.service.tamper = {"unsupported": ["Tpm"]}
        self.assert_help(("policy", "get", "--type", "Tpm"),
                         "no such attestation type")


class Endpoints(RemoteTest):
    """Where a token may go."""

    def assert_kept(self, url, *words, env=None, status=USAGE):
        result = self.expect(status, "policy", "get", "--type", "Tpm",
                             "--endpoint", url, "--token-file", "token",
                             "--retries", "0", *words, env=env)
        self.assertNotIn(SECRETS["access"], result.err)
        return result

    def test_only_to_the_service(self):
        for host in ("example.com", "attest.azure.net.example.com",
                     "xattest.azure.net", "attest.azure.net",
                     "127.0.0.1.example.com", "localhost.example.com"):
            with self.subTest(host):
                result = self.assert_kept("https://" + host, status=INPUT)
                self.assertIn("--allow-endpoint", result.err)

    def test_urls(self):
        for url in ("", "x", "ftp://localhost", "https://", "http://localhost",
                    "http://a.eus.attest.azure.net", "https://u@localhost",
                    "https://u:p@a.attest.azure.net", "https://localhost/#x",
                    "https://localhost/?x", "https://a b", "file:///etc",
                    "https://a.attest.azure.net\\@x/", "https://[::1"):
            with self.subTest(url):
                self.assert_kept(url)

    def test_plain_http_is_for_this_machine(self):
        self.assert_kept("http://a.eus.attest.azure.net", "--http")
        self.assert_kept(self.service.plain_url)

    def test_proxies(self):
        """Loopback goes around them; all else goes through."""
        env = {"https_proxy": "http://127.0.0.1:1", "HTTPS_PROXY": "x:1",
               "http_proxy": "http://127.0.0.1:1"}
        self.remote(OK, "policy", "get", "--type", "SgxEnclave", env=env)
        result = self.assert_kept("https://a.eus.attest.azure.net",
                                  env=env, status=SYSTEM)
        self.assertIn("127.0.0.1 port 1", result.err)


class Plain(RemoteTest):
    tls = False

    def test_plain_http_to_loopback(self):
        self.assertIn("in force and verified", self.set(OK, "--http").out)
        self.set(USAGE)


class Public(RemoteTest):
    """What needs no credential."""

    def test_metadata(self):
        report = self.remote(OK, "metadata", auth=()).json
        self.assertEqual(self.service.url, report["issuer"])

    def test_certs(self):
        report = self.remote(OK, "certs", "--format", "json", auth=()).json
        self.assertEqual(self.service.kid, report["keys"][0]["kid"])
        result = self.remote(OK, "certs", auth=())
        self.assertIn("RSA 2048", result.out)

    def fetch(self, status, *words):
        return self.expect(status, "fetch-keys", "--ca", self.service.ca,
                           *FAST, *words)

    def test_fetch_keys(self):
        whole = self.fetch(OK, self.service.url + "/certs").json
        self.assertEqual(whole, self.fetch(OK, "--discover",
                                           self.service.url).json)
        self.service.tamper = {"jwks_uri": "https://example.com/certs"}
        self.fetch(SYSTEM, "--discover", self.service.url)
        for url in ("http://example.com/certs", "x", self.service.url + "/x"):
            self.assertEqual("", self.fetch(SYSTEM, url).out)
        self.service.fault("GET", "/certs", "body", "no keys")
        self.assertEqual("", self.fetch(SYSTEM,
                                        self.service.url + "/certs").out)


class Attest(RemoteTest):
    def attest(self, status, *words):
        return self.remote(status, "attest", *words, auth=())

    def setUp(self):
        super().setUp()
        self.write("r.json", {"quote": "AAAA", "nonce": "n1"})

    def request(self, status, *words):
        return self.attest(status, "--type", "SgxEnclave", "--request",
                           "r.json", *words)

    def test_request(self):
        result = self.request(OK)
        self.assertIn("decision: permit", result.out)
        self.assertIn("verified by the keys", result.out)
        post, = self.service.seen("POST")
        self.assertEqual(("/attest/SgxEnclave", {"quote": "AAAA",
                                                 "nonce": "n1"}),
                         (post["path"], json.loads(post["body"])))
        self.assertNotIn("authorization", post["headers"])
        claims = self.request(OK, "--format", "claims").json
        self.assertEqual("n1", claims["nonce"])

    def test_draft(self):
        result = self.request(OK, "--policy", "p")
        self.assertIn("without signature", result.out)
        post, = self.service.seen("POST")
        self.assertEqual(CLEAN, json.loads(post["body"])[
            "draftPolicyForAttestation"])
        self.write("o", OTHER)
        result = self.request(NO, "--policy", "o")
        lines = [line for line in result.err.splitlines()
                 if not line.startswith("maapol attest: ")]  # --verbose
        self.assertEqual("PolicyEvaluationError: Policy Engine Exception: A "
                         "Deny claim was issued, authorization failed.",
                         lines[0])
        self.assertEqual("", result.out)

    def test_lies(self):
        for tamper in ({"key": True}, {"none": True},
                       {"claims": {"nonce": "other"}},
                       {"claims": {"iss": "https://x"}}):
            with self.subTest(tamper):
                self.service.tamper = tamper
                self.assertEqual("", self.request(NO).out)

    def test_a_number_as_nonce_is_compared_too(self):
        self.write("r.json", '{"quote":"AAAA","nonce":18446744073709551615}')
        for nonce, status in (("18446744073709551615", OK), ("7", NO)):
            with self.subTest(nonce):
                self.service.tamper = {"claims": {"nonce": nonce}}
                self.request(status)

    def test_only_machines_get_what_is_not_verified(self):
        for body in ({"data": "AAAA"}, {"data": b64url('{"report":"x"}')}):
            for path, status in (("SgxEnclave", NO), ("AzureGuest", OK),
                                 ("Tpm", OK)):
                with self.subTest(path, body=body):
                    key = "token" if path == "AzureGuest" else "data"
                    self.service.fault("POST", "/attest/", "body",
                                       json.dumps({key: body["data"]}))
                    result = self.remote(status, "attest", "--type", path,
                                         "--request", "r.json")
                    self.assertEqual(status == OK, bool(result.out))

    def test_quote(self):
        quote = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
            os.path.abspath(__file__)))), "examples", "sgx", "quote.bin")
        self.write("data", "hello")
        self.attest(OK, "--quote", quote, "--type", "SgxEnclave",
                    "--runtime-data", "data", "--nonce", "n2")
        body = json.loads(self.service.seen("POST")[0]["body"])
        self.assertEqual({"data": b64url("hello"), "dataType": "Binary"},
                         body["runtimeData"])
        self.assertEqual(b64url(read(quote, "rb")), body["quote"])

    def test_dry_run(self):
        result = self.request(OK, "--dry-run")
        self.assertIn("POST %s/attest/SgxEnclave" % self.service.url,
                      result.out)
        self.assertEqual([], self.service.requests)

    def test_unusable(self):
        self.write("r.json", "[]")
        self.request(INPUT)
        self.attest(INPUT, "--type", "SgxEnclave", "--request", "missing")
        self.attest(USAGE, "--request", "r.json")
        for words in (("--verify", "none"), ("--key", "k"), ("--trace",)):
            self.request(USAGE, *words)
        self.assert_usage("attest", "--type", "SgxEnclave", "--request",
                          "r.json", "--auth", "az", mentions="--endpoint")


class Secrets(RemoteTest):
    def test_no_secret_on_a_command_line(self):
        """What others see in the list of processes."""
        help_text = self.expect(OK, "policy", "set", "--help").out
        for word in ("--client-secret", "--password", "--access-token"):
            self.assertNotIn(word, help_text)

    def test_no_core_file(self):
        """A process that waits for its answer can neither be dumped nor
        traced."""
        self.service.fault("GET", "/policies", "slow", 3)
        command = [MAAPOL, *self.words("policy", "get", "--type", "Tpm")]
        process = subprocess.Popen(command, cwd=self.directory,
                                   env=environment(), stdout=-3, stderr=-3)
        try:
            deadline = time.monotonic() + 5
            while not self.service.requests and time.monotonic() < deadline:
                time.sleep(0.02)
            limits = read("/proc/%d/limits" % process.pid)
            core = next(l for l in limits.splitlines()
                        if l.startswith("Max core"))
            self.assertEqual("0", core.split()[4], core)
        finally:
            process.kill()
            process.wait()
