# SPDX-License-Identifier: Apache-2.0
"""The verbs that speak to the service: every credential, every operation,
every way in which the service, the network or an attacker can fail them."""
import json
import os
import subprocess
import time

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption, pkcs12)

from check_test import CLEAN, ERROR
from harness import (CommandTest, INPUT, MAAPOL, NO, OK, SYSTEM, USAGE, b64url,
                     environment, policy_token, read, sha256_b64url)
from remote_server import (CLIENT, DEFAULT, EMPTY, SECRETS, TENANT, Service,
                           make_certificate, make_key, pem, thumbprint)

FAST = ("--retry-delay", "5", "--timeout", "5")
OTHER = "version= 1.0;\nauthorizationrules {\n=> deny();\n};\n"


class RemoteTest(CommandTest):
    """With a service in AAD mode, and an access token in a file."""
    tls = True

    def setUp(self):
        super().setUp()
        self.service = self.start()
        self.write("token", SECRETS["access"] + "\n")
        self.write("p", CLEAN)

    def start(self, **options):
        service = Service(self.directory, self.tls, **options)
        self.addCleanup(service.close)
        return service

    def words(self, *words, auth=("--token-file", "token")):
        verb = 1 if words[0] in ("attest", "metadata", "certs") else 2
        return (*words[:verb], "--endpoint", self.service.url, "--ca",
                self.service.ca, *FAST, *auth, *words[verb:])

    def remote(self, status, *words, auth=("--token-file", "token"),
               env=None):
        """No call shows a secret, whatever becomes of it."""
        result = self.expect(status, *self.words(*words, auth=auth),
                             "--verbose", env=env)
        for name, text in SECRETS.items():
            self.assertNotIn(text, result.out + result.err, name)
        self.assertNotIn("s3cr3t", result.out + result.err)
        self.assert_harmless(result.raw_err, result)
        return result

    def set(self, status=OK, *words, path="p", **options):
        return self.remote(status, "policy", "set", path, "--type",
                           "SgxEnclave", *words, **options)

    def put_by_us(self):
        return len(self.service.seen("PUT"))


class Set(RemoteTest):
    def test_in_force_and_verified(self):
        result = self.set()
        token = policy_token(CLEAN)
        self.assertEqual(token, self.service.policies["SgxEnclave"])
        self.assertIn("in force and verified", result.out)
        self.assertIn(sha256_b64url(token), result.out)
        self.assertIn(sha256_b64url(b64url(CLEAN)), result.out)
        put, = self.service.seen("PUT")
        self.assertEqual(("/policies/SgxEnclave", {"api-version":
                          "2020-10-01"}, token, "text/plain"),
                         (put["path"], put["query"], put["body"],
                          put["headers"]["content-type"]))
        self.assertEqual(2, len(self.service.seen("GET", "/policies")))

    def test_again_sends_nothing(self):
        self.set()
        result = self.set()
        self.assertIn("already in force", result.out)
        self.assertEqual(1, self.put_by_us())

    def test_json(self):
        report = self.set(OK, "--format", "json").json
        self.assertEqual(("in force", True, "SgxEnclave", True),
                         (report["result"], report["answerProven"],
                          report["type"], report["before"]["default"]))
        self.assertEqual(sha256_b64url(policy_token(CLEAN)),
                         report["after"]["policyTokenHash"])

    def test_token_goes_as_it_is(self):
        token = b64url('{"alg":"none","typ":"JWT"}') + "." + \
            policy_token(CLEAN).split(".")[1] + "."
        for given in (token, token + "\n", '"%s"' % token):
            self.service.policies.clear()
            self.write("t", given)
            self.set(path="t")
            self.assertEqual(token, self.service.policies["SgxEnclave"])

    def test_policy_with_errors_is_not_sent(self):
        self.write("e", ERROR)
        result = self.set(INPUT, path="e")
        self.assertIn("--no-check", result.err)
        self.assertEqual([], self.service.requests)
        self.set(OK, "--no-check", path="e")
        self.assertEqual(1, self.put_by_us())

    def test_type_from_the_policy_itself(self):
        self.write("d", "// maapol: type=TPM\n" + CLEAN)
        self.remote(OK, "policy", "set", "d")
        self.assertEqual(["Tpm"], list(self.service.policies))
        result = self.set(INPUT, path="d")
        self.assertIn("Tpm", result.err)
        self.write("SevSnpVm.maapolicy", CLEAN)
        self.remote(OK, "policy", "set", "SevSnpVm.maapolicy")
        self.assertIn("SevSnpVm", self.service.policies)
        self.remote(USAGE, "policy", "set", "p")
        self.write("quoted", CLEAN.replace(
            "=> permit", '&& [type=="// maapol: type=OpenEnclave"] => permit'))
        self.remote(USAGE, "policy", "set", "quoted")  # that is a string

    def test_place_of_the_services_error(self):
        self.write("n", "version= 1.0;\nauthorizationrules{=> permit();};\n"
                        "// nonsense\n")
        result = self.set(INPUT, path="n")
        self.assertIn("n:2:7: ", result.err)
        self.assertIn("mismatched input", result.err)
        self.assertNotIn("SgxEnclave", self.service.policies)

    def test_dry_run_sends_nothing(self):
        result = self.set(OK, "--dry-run")
        self.assertIn("PUT %s/policies/SgxEnclave?api-version=2020-10-01" %
                      self.service.url, result.out)
        self.assertIn("Authorization: Bearer ***\n", result.out)
        self.assertIn(policy_token(CLEAN), result.out)
        self.assertEqual([], self.service.requests)

    def test_api_versions(self):
        for version in ("2022-08-01", "2025-06-01", "2026-03-11-preview"):
            self.service.policies.clear()
            self.set(OK, "--api-version", version)
            self.assertEqual({"api-version": version},
                             self.service.seen("PUT")[-1]["query"])
        result = self.set(USAGE, "--api-version", "2019-01-01")
        self.assertIn("2025-06-01", result.err)

    def test_preview(self):
        result = self.set(OK, "--api-version", "2018-09-01-preview")
        put, = self.service.seen("PUT")
        self.assertEqual(("/operations/policy/current", "SgxEnclave"),
                         (put["path"], put["query"]["tee"]))
        self.assertIn("read back", result.out)
        self.assertNotIn("and verified", result.out)

    def test_directory(self):
        self.write("d/SgxEnclave.maapolicy", CLEAN)
        self.write("d/x.maapolicy", "// maapol: type=tpm\n" + CLEAN)
        self.remote(OK, "policy", "set", "d")
        self.assertEqual({"SgxEnclave", "Tpm"}, set(self.service.policies))
        self.write("d/x.maapolicy", "// maapol: type=tpm\n" + OTHER)
        reports = self.remote(OK, "policy", "set", "d", "--format",
                              "json").json
        self.assertEqual(["already in force", "in force"],
                         [r["result"] for r in reports])
        self.assertEqual(3, self.put_by_us())

    def test_directory_is_read_before_anything_is_sent(self):
        self.write("d/SgxEnclave.maapolicy", CLEAN)
        for name, text in (("Tpm.maapolicy", ERROR), ("x.maapolicy", CLEAN),
                           ("b.maapolicy", "// maapol: type=SgxEnclave\n" +
                            CLEAN)):
            self.write("d/" + name, text)
            with self.subTest(name):
                self.remote(INPUT, "policy", "set", "d")
                self.assertEqual([], self.service.requests)
            os.unlink(self.path("d/" + name))

    def test_usage(self):
        for words in (["p"], ["p", "p", "--endpoint", self.service.url],
                      ["--endpoint", self.service.url],
                      ["p", "--endpoint", self.service.url, "--auth", "x"],
                      ["p", "--endpoint", self.service.url, "--cloud", "x"],
                      ["p", "--endpoint", self.service.url, "--timeout", "0"],
                      ["p", "--endpoint", self.service.url, "--retries", "x"],
                      ["p", "--endpoint", self.service.url, "--cert", "p"],
                      ["p", "--endpoint", self.service.url, "--key", "p"],
                      ["p", "--endpoint", self.service.url, "--auth", "az",
                       "--token-file", "token"]):
            with self.subTest(words):
                self.assert_usage("policy", "set", *words)

    def path(self, name):
        return os.path.join(self.directory, name)


class Lies(RemoteTest):
    """Answers that are not what they seem. None counts as success."""

    def assert_untrusted(self, *mentions, **tamper):
        self.service.tamper = tamper
        self.service.policies.clear()
        result = self.set(NO)
        self.assert_mentions(result.err, mentions, result)
        self.assertNotIn("in force and verified", result.out)
        self.assertEqual("", result.out)

    def test_wrong_signature(self):
        self.assert_untrusted("wrong-signature", key=True)

    def test_no_signature(self):
        self.assert_untrusted("unsecured", none=True)

    def test_unknown_key_is_fetched_once_more(self):
        self.assert_untrusted("wrong-signature", kid="other", key=True)
        self.assertEqual(2, len(self.service.seen("GET", "/certs")))

    def test_other_issuer(self):
        self.assert_untrusted("wrong-issuer", "maapol metadata", claims={
            "iss": "https://other.eus.attest.azure.net"})

    def test_expired(self):
        self.assert_untrusted("expired", claims={"exp": 1000000000})

    def test_wrong_hash(self):
        wrong = sha256_b64url("x")
        self.assert_untrusted(
            "policy token hash differs", wrong,
            sha256_b64url(policy_token(CLEAN)),
            claims={"x-ms-policy-token-hash": wrong})

    def test_wrong_result(self):
        self.assert_untrusted("result differs", "Removed", claims={
            "x-ms-policy-result": "Removed"})

    def test_other_policy_in_force(self):
        other = policy_token(OTHER)
        self.assert_untrusted("policy in force differs",
                              sha256_b64url(other),
                              in_force={"SgxEnclave": other})

    def test_answers_without_a_token(self):
        for body in ("", "{}", "[]", "x", '{"token":1}', '{"token":"x"}',
                     '{"token":"a.b.c"}', '{"token":""}', "\0" * 10):
            for method in ("GET", "PUT"):
                with self.subTest(body, method=method):
                    self.service.policies.clear()
                    self.service.faults.clear()
                    self.service.fault(method, "/policies", "body", body)
                    result = self.set(NO)
                    self.assertEqual("", result.out)

    def test_keys_that_are_none(self):
        for body, status in (("x", NO), ('{"keys":[]}', NO), ("{}", NO)):
            with self.subTest(body):
                self.service.faults.clear()
                self.service.fault("GET", "/certs", "body", body, times=9)
                self.set(status)

    def test_redirects_are_not_followed(self):
        for method in ("GET", "PUT"):
            self.service.fault(method, "/policies", "status", 307, headers={
                "Location": self.service.url + "/policies/Tpm"})
            result = self.set(SYSTEM)
            self.assertIn("redirects are not followed", result.err)
            self.assertFalse(self.service.seen(method, "/policies/Tpm"))

    def test_endless_answer(self):
        self.service.fault("GET", "/policies", "body", "x" * (25 << 20))
        result = self.set(SYSTEM)
        self.assertIn("longer than is allowed", result.err)

    def test_text_of_the_service_moves_no_cursor(self):
        self.service.fault("PUT", "/policies", "status", 400, body=json.dumps(
            {"error": {"code": "X\x1b[2J", "message": "\x1b]0;x\x07\r\n\u202e"}
             }))
        result = self.set(NO)
        self.assertIn("\\x1b", result.err.lower())

    def test_reset_that_does_nothing(self):
        self.set()
        self.service.tamper = {"keep": True}
        result = self.remote(NO, "policy", "reset", "--type", "SgxEnclave")
        self.assertIn("still", result.err)


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


class Get(RemoteTest):
    def get(self, *words, status=OK):
        return self.remote(status, "policy", "get", "--type", "SgxEnclave",
                           *words)

    def test_forms(self):
        self.assertEqual(DEFAULT, self.get().out)
        self.set()
        self.assertEqual(CLEAN, self.get().out)
        self.assertEqual(policy_token(CLEAN) + "\n",
                         self.get("--format", "token").out)
        report = self.get("--format", "json").json
        self.assertEqual((CLEAN, False), (report["policy"],
                                          report["default"]))

    def test_output(self):
        self.assertEqual("", self.get("-o", "out").out)
        self.assertEqual(DEFAULT, read(os.path.join(self.directory, "out")))


class Diff(RemoteTest):
    def diff(self, status, *words):
        return self.remote(status, "policy", "diff", *words)

    def test_one(self):
        self.set()
        result = self.diff(OK, "p", "--type", "SgxEnclave")
        self.assertIn("SgxEnclave: same\n", result.out)
        self.write("o", OTHER)
        result = self.diff(NO, "o", "--type", "SgxEnclave")
        self.assertIn("SgxEnclave: different\n", result.out)
        self.assertIn("\n+=> deny();", result.out)
        self.write("s", "// a comment\n" + CLEAN)
        result = self.diff(NO, "s", "--type", "SgxEnclave")
        self.assertIn("same meaning", result.out)

    def test_all(self):
        self.set()
        self.write("d/SgxEnclave.maapolicy", CLEAN)
        self.diff(OK, "--all", "--baseline", "d")
        self.service.policies["Tpm"] = policy_token(OTHER)
        self.service.tamper = {"unsupported": ["TdxVm"]}
        report = self.diff(NO, "--all", "--baseline", "d", "--format",
                           "json").json
        self.assertEqual(1, report["differences"])
        results = {t["type"]: t["result"] for t in report["types"]}
        self.assertEqual({"SgxEnclave": "same", "OpenEnclave": "default",
                          "SevSnpVm": "default",
                          "TdxVm": "not supported by the instance",
                          "AzureGuest": "default",
                          "Tpm": "not in the baseline"}, results)

    def test_failures_are_no_difference(self):
        self.write("d/SgxEnclave.maapolicy", CLEAN)
        self.service.fault("GET", "/policies/Tpm", "status", 401)
        self.diff(SYSTEM, "--all", "--baseline", "d")
        self.diff(USAGE, "--all")
        self.diff(USAGE, "p", "--type", "Tpm", "--baseline", "d")

    def test_hostile_policy(self):
        self.service.policies["SgxEnclave"] = policy_token(
            "version=1.0;\n// \x1b[2J\u202e\nauthorizationrules{};\n")
        result = self.diff(NO, "p", "--type", "SgxEnclave")
        self.assert_harmless(result.raw_out, result)


class Audit(RemoteTest):
    def lines(self):
        return [json.loads(line) for line in read(os.path.join(
            self.directory, "audit")).splitlines()]

    def test_set_and_roll_back(self):
        self.set(OK, "--audit", "audit")
        self.write("p", OTHER)
        self.set(OK, "--audit", "audit")
        first, second = self.lines()
        self.assertEqual(("set", "done", "app " + CLIENT, "token-file"),
                         (second["action"], second["result"], second["who"],
                          second["auth"]))
        self.assertEqual(sha256_b64url(policy_token(CLEAN)),
                         second["before"]["policyTokenHash"])
        self.assertEqual(sha256_b64url(policy_token(OTHER)),
                         second["after"]["policyTokenHash"])
        self.assertTrue(first["before"]["default"])
        self.assertEqual(policy_token(CLEAN), read(os.path.join(
            self.directory, second["before"]["file"])))
        result = self.remote(OK, "policy", "rollback", "--type", "SgxEnclave",
                             "--audit", "audit")
        self.assertIn("in force and verified", result.out)
        self.assertEqual(policy_token(CLEAN),
                         self.service.policies["SgxEnclave"])
        self.assertEqual("rollback", self.lines()[-1]["action"])

    def test_back_to_the_default(self):
        self.set(OK, "--audit", "audit")
        self.remote(OK, "policy", "rollback", "--type", "SgxEnclave",
                    "--audit", "audit")
        self.assertEqual({}, self.service.policies)
        self.assertEqual(EMPTY, self.service.seen("POST")[-1]["body"])

    def test_what_somebody_else_set_stays(self):
        self.set(OK, "--audit", "audit")
        other = policy_token(OTHER)
        self.service.policies["SgxEnclave"] = other
        words = ("policy", "rollback", "--type", "SgxEnclave", "--audit",
                 "audit")
        result = self.remote(NO, *words)
        self.assertIn(sha256_b64url(other), result.err)
        self.assertEqual(other, self.service.policies["SgxEnclave"])
        self.remote(OK, *words, "--force")
        self.assertEqual({}, self.service.policies)

    def test_kept_policy_that_was_changed(self):
        self.set()
        self.write("p", OTHER)
        self.set(OK, "--audit", "audit")
        self.write(self.lines()[-1]["before"]["file"],
                   policy_token("version=1.0;"))
        self.remote(INPUT, "policy", "rollback", "--type", "SgxEnclave",
                    "--audit", "audit")

    def test_failures_are_recorded(self):
        self.service.fault("PUT", "/policies", "status", 403)
        self.set(SYSTEM, "--audit", "audit")
        line, = self.lines()
        self.assertEqual("failed", line["result"])
        self.assertIn("403", line["detail"])
        self.remote(INPUT, "policy", "rollback", "--type", "SgxEnclave",
                    "--audit", "audit")

    def test_without_a_record_nothing_is_changed(self):
        self.set(SYSTEM, "--audit", "missing/audit")
        self.assertEqual([], self.service.seen("PUT"))
        self.remote(USAGE, "policy", "rollback", "--type", "SgxEnclave")


class Isolated(RemoteTest):
    def setUp(self):
        Service.make_pki()
        super().setUp()

    def start(self):
        self.keys = {"old": Service.other_key, "new": Service.service_key}
        self.certificates = {}
        for name, key in self.keys.items():
            self.certificates[name] = make_certificate(name, key, ca=True)
            self.write(name + ".key", pem(key))
            self.write(name + ".pem", pem(self.certificates[name]))
        return super().start(isolated=[self.certificates["old"]])

    def by(self, name):
        return ("--key", name + ".key", "--cert", name + ".pem")

    def thumbprints(self):
        return [thumbprint(s) for s in self.service.signers]

    def test_policies_must_be_signed(self):
        result = self.set(NO)
        self.assertIn("--key", result.err)
        result = self.set(NO, *self.by("new"))
        self.assertIn("maapol signer list", result.err)
        result = self.set(OK, *self.by("old"))
        self.assertIn(thumbprint(self.certificates["old"]), result.out)
        self.remote(NO, "policy", "reset", "--type", "SgxEnclave")
        self.remote(OK, "policy", "reset", "--type", "SgxEnclave",
                    *self.by("old"))
        self.assertEqual({}, self.service.policies)

    def test_list_add_remove(self):
        result = self.remote(OK, "signer", "list")
        self.assertIn(thumbprint(self.certificates["old"]), result.out)
        self.remote(OK, "signer", "add", "new.pem", *self.by("old"),
                    "--audit", "audit")
        report = self.remote(OK, "signer", "list", "--format", "json").json
        self.assertEqual([True, True], [s["valid"] for s in
                                        report["signers"]])
        self.remote(OK, "signer", "remove", "old.pem", *self.by("new"))
        self.assertEqual([thumbprint(self.certificates["new"])],
                         self.thumbprints())
        self.assertIn("signer add", read(os.path.join(self.directory,
                                                      "audit")))

    def test_last_usable_signer_stays(self):
        result = self.remote(NO, "signer", "remove", "old.pem",
                             *self.by("old"))
        self.assertIn("last usable", result.err)
        self.assertEqual([], self.service.seen("POST"))
        # One that has expired is of no use.
        self.service.signers.append(make_certificate(
            "gone", self.service.tls_key, ca=True, begin=-9, days=-1))
        self.remote(NO, "signer", "remove", "old.pem", *self.by("old"))
        self.assertEqual(2, len(self.service.signers))

    def test_rotate(self):
        self.set(OK, *self.by("old"))
        words = ("signer", "rotate", *self.by("old"), "--new-key", "new.key",
                 "--new-cert", "new.pem", "--type", "SgxEnclave")
        result = self.remote(OK, *words, "--audit", "audit")
        self.assertEqual([thumbprint(self.certificates["new"])],
                         self.thumbprints())
        self.assertIn("3 of 3", result.out)
        self.assertEqual(self.service.policies["SgxEnclave"].split(".")[1],
                         policy_token(CLEAN).split(".")[1])

    def test_rotate_stops_if_the_new_one_cannot_sign(self):
        self.service.fault("PUT", "/policies", "status", 400)
        result = self.remote(NO, "signer", "rotate", *self.by("old"),
                             "--new-key", "new.key", "--new-cert", "new.pem",
                             "--type", "SgxEnclave")
        self.assertIn("both signers stay", result.err)
        self.assertEqual(2, len(self.service.signers))
        self.assertFalse(self.service.seen("POST", "/certificates:remove"))

    def test_change_whose_answer_is_lost(self):
        self.service.fault("POST", "/certificates:add", "reset-after")
        self.remote(OK, "signer", "add", "new.pem", *self.by("old"))
        self.assertEqual(2, len(self.service.signers))
        self.assertEqual(1, len(self.service.seen("POST")))

    def test_change_that_was_not_done_is_repeated(self):
        self.service.fault("POST", "/certificates:add", "status", 500)
        self.remote(OK, "signer", "add", "new.pem", *self.by("old"))
        self.assertEqual(2, len(self.service.signers))
        self.assertEqual(2, len(self.service.seen("POST")))
        self.service.requests.clear()
        self.service.fault("POST", "/certificates:remove", "status", 500,
                           times=9)
        result = self.remote(SYSTEM, "signer", "remove", "new.pem",
                             *self.by("old"))
        self.assertIn("nothing has changed", result.err)
        self.assertEqual(3, len(self.service.seen("POST")))

    def test_change_of_which_nothing_is_known(self):
        original = self.service.serve

        def gone(request):
            if request["method"] == "GET" and self.service.seen("POST"):
                return 503, "{}", {}
            return original(request)
        self.service.serve = gone
        self.service.fault("POST", "/certificates:add", "reset-after")
        result = self.remote(SYSTEM, "signer", "add", "new.pem",
                             *self.by("old"), "--retries", "1")
        self.assertIn("it is not known who may sign", result.err)

    def test_usage(self):
        for words in (("add", "new.pem"), ("remove", "old.pem"), ("add",),
                      ("rotate", *self.by("old")),
                      ("rotate", *self.by("old"), "--new-key", "old.key",
                       "--new-cert", "old.pem", "--type", "Tpm")):
            with self.subTest(words):
                self.remote(USAGE, "signer", *words)


class Credentials(RemoteTest):
    """Every kind, by the environment variables of the SDKs."""

    def get(self, status=OK, auth=(), **env):
        env.setdefault("AZURE_TENANT_ID", TENANT)
        env.setdefault("AZURE_CLIENT_ID", CLIENT)
        env.setdefault("AZURE_AUTHORITY_HOST", self.service.url)
        self.service.requests.clear()
        return self.remote(status, "policy", "get", "--type", "SgxEnclave",
                           auth=auth, env=env)

    def test_client_secret(self):
        self.get(AZURE_CLIENT_SECRET=SECRETS["client"])
        post, = self.service.seen("POST")
        self.assertEqual("/%s/oauth2/v2.0/token" % TENANT, post["path"])
        self.assertIn("scope=https%3A%2F%2Fattest.azure.net%2F.default&"
                      "grant_type=client_credentials&client_secret=",
                      post["body"])

    def test_wrong_client_secret(self):
        result = self.get(SYSTEM, AZURE_CLIENT_SECRET="WRONG-s3cr3t-value")
        self.assertIn("AADSTS7000215", result.err)
        self.assertIn("not its id", result.err)
        self.assertIn("***", result.err)

    def test_client_certificate(self):
        key = make_key()
        certificate = make_certificate("client", key)
        self.service.client_certificate = certificate
        self.write("c.pem", pem(certificate) + pem(key))
        self.get(AZURE_CLIENT_CERTIFICATE_PATH="c.pem")
        self.write("c.pfx", pkcs12.serialize_key_and_certificates(
            b"c", key, certificate, None, BestAvailableEncryption(b"word")))
        self.get(AZURE_CLIENT_CERTIFICATE_PATH="c.pfx",
                 AZURE_CLIENT_CERTIFICATE_PASSWORD="word")
        for word in ("", "wrong"):
            self.get(INPUT, AZURE_CLIENT_CERTIFICATE_PATH="c.pfx",
                     AZURE_CLIENT_CERTIFICATE_PASSWORD=word)
        self.write("other.pem", pem(self.service.authority) + pem(key))
        self.get(INPUT, AZURE_CLIENT_CERTIFICATE_PATH="other.pem")
        self.get(INPUT, AZURE_CLIENT_CERTIFICATE_PATH="missing")

    def test_workload_identity(self):
        self.write("f", SECRETS["federated"])
        self.get(AZURE_FEDERATED_TOKEN_FILE="f")
        self.get(INPUT, AZURE_FEDERATED_TOKEN_FILE="missing")

    def test_github(self):
        job = {"ACTIONS_ID_TOKEN_REQUEST_URL": self.service.url +
               "/oidc/github?keep=1",
               "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRETS["job"]}
        self.get(**job)
        job["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "WRONG-s3cr3t"
        result = self.get(SYSTEM, **job)
        self.assertIn("id-token: write", result.err)

    def test_azure_pipelines(self):
        job = {"SYSTEM_OIDCREQUESTURI": self.service.url + "/oidc/pipelines",
               "SYSTEM_ACCESSTOKEN": SECRETS["job"],
               "AZURESUBSCRIPTION_CLIENT_ID": CLIENT,
               "AZURESUBSCRIPTION_TENANT_ID": TENANT,
               "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "conn"}
        self.get(**job)
        job["SYSTEM_ACCESSTOKEN"] = "WRONG-s3cr3t"
        result = self.get(SYSTEM, **job)
        self.assertIn("SYSTEM_ACCESSTOKEN", result.err)

    def test_app_service(self):
        self.get(IDENTITY_ENDPOINT=self.service.url + "/msi/token",
                 IDENTITY_HEADER=SECRETS["identity"])
        self.get(SYSTEM, IDENTITY_ENDPOINT=self.service.url + "/msi/token",
                 IDENTITY_HEADER="WRONG-s3cr3t")
        self.get(INPUT, IDENTITY_ENDPOINT=self.service.url + "/msi/token",
                 IDENTITY_HEADER="x\r\nInjected: s3cr3t")
        # The header is a secret: plain http takes it no further than the link.
        result = self.get(INPUT, IDENTITY_ENDPOINT="http://example.com/msi",
                          IDENTITY_HEADER=SECRETS["identity"])
        self.assertIn("example.com", result.err)

    def test_virtual_machine(self):
        self.get(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.service.url)
        first = self.service.requests[0]
        self.assertEqual(("/metadata/identity/oauth2/token", "true", CLIENT),
                         (first["path"], first["headers"]["metadata"],
                          first["query"]["client_id"]))
        self.service.fault("GET", "/metadata", "status", 400)
        self.get(SYSTEM, AZURE_POD_IDENTITY_AUTHORITY_HOST=self.service.url)

    def test_arc_may_not_have_any_file(self):
        self.write("secret.key", "FILE-s3cr3t")
        self.service.arc_file = os.path.join(self.directory, "secret.key")
        result = self.get(
            SYSTEM, IMDS_ENDPOINT=self.service.url, IDENTITY_ENDPOINT=
            self.service.url + "/metadata/identity/oauth2/token")
        self.assertIn("not the agent's", result.err)
        self.assertEqual(1, len(self.service.requests))

    def fake_az(self, script):
        path = os.path.join(self.directory, "bin", "az")
        self.write("bin/az", "#!/bin/sh\n" + script)
        os.chmod(path, 0o755)
        return {"PATH": os.path.dirname(path) + ":/usr/bin:/bin"}

    def test_azure_cli(self):
        env = self.fake_az('echo "$@" >args\ncat answer\n')
        self.write("answer", {"accessToken": SECRETS["access"],
                              "expires_on": int(time.time()) + 3600})
        self.get(auth=("--auth", "az"), **env)
        self.assertEqual("account get-access-token --output json --resource "
                         "https://attest.azure.net --tenant %s\n" % TENANT,
                         read(os.path.join(self.directory, "args")))
        env = self.fake_az("echo 'Please run az login' >&2; exit 1\n")
        result = self.get(SYSTEM, auth=("--auth", "az"), **env)
        self.assertIn("Please run az login", result.err)
        self.get(SYSTEM, auth=("--auth", "az"), **self.fake_az("echo x\n"))
        self.get(SYSTEM, auth=("--auth", "az"), PATH="/nonexistent")

    def test_token_file(self):
        self.get(auth=("--token-file", "token"))
        for content in ("", "two words", "a\r\nInjected: x", "x" * 40000):
            self.write("bad", content)
            with self.subTest(content[:20]):
                self.get(INPUT, auth=("--token-file", "bad"))

    def test_order(self):
        """The first that is configured counts, and its failure ends it."""
        self.write("f", SECRETS["federated"])
        self.get(SYSTEM, AZURE_CLIENT_SECRET="WRONG-s3cr3t-value",
                 AZURE_FEDERATED_TOKEN_FILE="f")
        self.get(auth=("--auth", "workload-identity"),
                 AZURE_CLIENT_SECRET="WRONG-s3cr3t-value",
                 AZURE_FEDERATED_TOKEN_FILE="f")
        self.get(AZURE_CLIENT_SECRET="WRONG-s3cr3t-value",
                 AZURE_FEDERATED_TOKEN_FILE="f",
                 AZURE_TOKEN_CREDENTIALS="WorkloadIdentityCredential")

    def test_none(self):
        result = self.get(SYSTEM, auth=("--auth", "client-secret"))
        self.assertIn("AZURE_CLIENT_SECRET", result.err)

    def test_authority(self):
        for host in ("http://example.com", "ftp://x", "https://u@x", "a b"):
            self.get(USAGE, AZURE_AUTHORITY_HOST=host,
                     AZURE_CLIENT_SECRET=SECRETS["client"])
        self.get(INPUT, AZURE_CLIENT_SECRET=SECRETS["client"],
                 AZURE_TENANT_ID="../../x")

    def test_one_token_for_all_requests(self):
        self.service.requests.clear()
        self.set(auth=(), env={
            "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT,
            "AZURE_AUTHORITY_HOST": self.service.url,
            "AZURE_CLIENT_SECRET": SECRETS["client"]})
        self.assertEqual(1, len(self.service.seen("POST", "/" + TENANT)))

    def test_faults_of_the_authority(self):
        for kind, value, status in (("reset", None, OK), ("status", 503, OK),
                                    ("body", "{}", SYSTEM),
                                    ("body", "x", SYSTEM),
                                    ("body", '{"access_token":"a b"}', SYSTEM),
                                    ("status", 302, SYSTEM)):
            with self.subTest(kind, value=value):
                self.service.faults.clear()
                self.service.fault("POST", "/" + TENANT, kind, value)
                self.get(status, AZURE_CLIENT_SECRET=SECRETS["client"])


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
