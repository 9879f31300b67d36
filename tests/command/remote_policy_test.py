# SPDX-License-Identifier: Apache-2.0
"""Policies of a service: put, read back, compared, kept and rolled back."""
import json
import os

from check_test import CLEAN, ERROR
from harness import (INPUT, NO, OK, SYSTEM, USAGE, b64url, policy_token, read,
                     sha256_b64url)
from remote_fixture import OTHER, RemoteTest
from remote_server import CLIENT, DEFAULT, EMPTY


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
