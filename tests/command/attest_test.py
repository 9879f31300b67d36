# SPDX-License-Identifier: Apache-2.0
"""maapol attest, end to end: evidence to claims to decision to token."""
import hashlib
import json
import time
import unittest

from check_test import ERROR
from eval_test import FAILS
from harness import (CommandTest, INPUT, NO, OK, UNVERIFIED, USAGE, b64url,
                     b64url_decode, example, policy_token, read, sha256_b64url,
                     token_payload)

NOW = 1700000000
NOT_VERIFIED = "signatures not verified"
PERMIT = "version=1.0;\nauthorizationrules { => permit(); };\n"
DENY = "version=1.0;\nauthorizationrules { => deny(); };\n"
# Recorded of the service: the hash of its default policy for SGX.
DEFAULT_HASH = "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc"
DEFAULT_CLAIMS = {"is-debuggable", "product-id", "sgx-mrenclave",
                  "sgx-mrsigner", "svn", "tee"}
SGX = ["--type", "SgxEnclave"]


class AttestTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.runtime = read(example("runtime.json"), "rb")
        self.quote = read(example("quote.bin"), "rb")

    def attest(self, status, *arguments, **options):
        """Of the evidence as it is; verify_test.py is about the rest."""
        return self.expect(status, "attest", *UNVERIFIED, *arguments,
                           **options)

    def claims(self, *arguments, **options):
        """The token's payload, permitted at a fixed time."""
        result = self.attest(OK, *arguments, "--format", "claims", "--now",
                             str(NOW), **options)
        self.assertIn(NOT_VERIFIED, result.err)
        return result.json

    def request(self, **members):
        """An attest request of the sample's quote, in a file."""
        body = {"quote": b64url(self.quote)}
        body.update(members)
        return self.write("request.json", body)

    def runtime_data(self, kind, data=None):
        return {"data": b64url(self.runtime if data is None else data),
                "dataType": kind}

    def assert_refused(self, code, status, *arguments):
        """The service's code is the first word of standard error, and no
        claim or token gets out in any format."""
        for form in ("human", "claims", "token", "json"):
            result = self.attest(status, *arguments, "--format", form)
            self.assertTrue(result.err.startswith(code + ": "), result)
            self.assertNotIn("decision: permit", result.out, result)
            if form in ("claims", "token"):
                self.assertEqual("", result.out, result)
            if form == "json":
                self.assertNotEqual("permit", result.json["decision"])
                self.assertEqual({}, result.json.get("issued", {}))
        return result


class EndToEnd(AttestTest):
    """evidence make, evidence show, attest: three verbs, one enclave."""

    def test_make_show_attest(self):
        self.write("runtime.bin", b"\0data\xff" * 7)
        signer = "5a" * 32
        self.expect(OK, "evidence", "make", *SGX, "--set", "product-id=77",
                    "--set", "svn=9", "--set", "mrsigner=" + signer, "--set",
                    "runtime-data=@runtime.bin", "-o", "quote", "--request",
                    "request.json")
        shown = self.expect(OK, "evidence", "show", "--format", "json",
                            "quote").json
        self.assertEqual(signer, shown["claims"]["x-ms-sgx-mrsigner"])
        self.write("policy", """version=1.0;
authorizationrules
{
  [type=="x-ms-sgx-mrsigner", value=="%s"]
    && [type=="x-ms-sgx-product-id", value==77]
    && [type=="x-ms-sgx-svn", value>=9] => permit();
};
issuancerules { => issue(type="who", value="me"); };
""" % signer)
        claims = self.claims(*SGX, "--policy", "policy", "--request",
                             "request.json")
        self.assertEqual("me", claims["who"])
        for name, value in shown["claims"].items():
            self.assertEqual(value, claims[name], name)
        again = self.claims("--policy", "policy", "--quote", "quote",
                            "--runtime-data", "runtime.bin")
        for each in (claims, again):
            each.pop("jti")
        self.assertEqual(claims, again)

    def test_open_enclave(self):
        self.write("data", "x")
        self.expect(OK, "evidence", "make", "--type", "OpenEnclave", "--set",
                    "runtime-data=@data", "-o", "report", "--request",
                    "request.json")
        one = self.claims("--type", "OpenEnclave", "--report", "report",
                          "--runtime-data", "data")
        two = self.claims("--type", "OpenEnclave", "--request",
                          "request.json")
        self.assertEqual("sgx", one["x-ms-attestation-type"])
        self.assertEqual(one["x-ms-sgx-report-data"],
                         two["x-ms-sgx-report-data"])


class Payload(AttestTest):
    def test_of_the_sample(self):
        claims = self.claims(*SGX, "--policy", example("policy.maapolicy"),
                             "--request", example("request.json"))
        expected = json.loads(read(example("claims.json")))
        expected.update({
            "product": 4639, "security-version": 3, "stage": "release",
            "x-ms-policy": {"product": 4639, "security-version": 3,
                            "stage": "release"},
            "x-ms-policy-hash": sha256_b64url(b64url(read(
                example("policy.maapolicy")))),
            "x-ms-runtime": json.loads(self.runtime),
            "x-ms-ver": "1.0", "iat": NOW, "nbf": NOW, "exp": NOW + 28800,
            "iss": "https://maapol.invalid"})
        for name, value in expected.items():
            self.assertEqual(value, claims.get(name), name)
        self.assertRegex(claims["jti"], "^[0-9a-f]{64}$")
        self.assertEqual(
            hashlib.sha256(self.quote).hexdigest(),
            claims["x-ms-sgx-collateral"]["quotehash"])
        for absent in ("nonce", "x-ms-sgx-ehd", "aas-ehd", "maa-ehd", "tee"):
            self.assertNotIn(absent, claims)

    def test_names_are_sorted_everywhere(self):
        def sorted_pairs(pairs):
            names = [name.encode() for name, _ in pairs]
            self.assertEqual(sorted(names), names)
            return dict(pairs)
        self.write("policy", PERMIT + 'issuancerules { => issue(type="Z", '
                   'value=1); => issue(type="\\u00e9", value=2); '
                   '=> issue(type="_", value="{}"); };')
        result = self.attest(OK, *SGX, "--policy", "policy", "--request",
                             example("request.json"), "--format", "claims")
        claims = json.loads(result.out, object_pairs_hook=sorted_pairs)
        self.assertEqual({"Z": 1, "é": 2, "_": "{}"}, claims["x-ms-policy"])

    def test_jti_differs_each_time(self):
        one, two = (self.claims("--quote", example("quote.bin"))
                    for _ in range(2))
        self.assertNotEqual(one["jti"], two["jti"])

    def test_a_policy_cannot_replace_claims_of_the_service(self):
        names = ["iss", "exp", "jti", "nonce", "x-ms-policy-hash",
                 "x-ms-attestation-type", "x-ms-sgx-svn",
                 "x-ms-sgx-is-debuggable", "x-ms-ver"]
        self.write("policy", PERMIT + "issuancerules {" + "".join(
            '=> issue(type="%s", value="forged");' % n for n in names) + "};")
        claims = self.claims("--quote", example("quote.bin"), "--policy",
                             "policy", "--nonce", "mine")
        for name in names:
            self.assertNotEqual("forged", claims[name], name)

    def test_several_claims_of_a_type(self):
        self.write("policy", PERMIT + 'issuancerules { => issue(type="t", '
                   'value=2); => issue(type="t", value="a"); => '
                   'issue(type="t", value=2); };')
        claims = self.claims("--quote", example("quote.bin"), "--policy",
                             "policy")
        self.assertEqual([2, "a"], claims["t"])
        self.assertEqual({"t": [2, "a"]}, claims["x-ms-policy"])

    def test_without_issued_claims_there_is_no_x_ms_policy(self):
        self.write("policy", PERMIT)
        claims = self.claims("--quote", example("quote.bin"), "--policy",
                             "policy")
        self.assertNotIn("x-ms-policy", claims)


class Policies(AttestTest):
    def test_default_policy(self):
        claims = self.claims("--quote", example("quote.bin"))
        self.assertEqual(DEFAULT_HASH, claims["x-ms-policy-hash"])
        self.assertEqual(DEFAULT_CLAIMS, set(claims["x-ms-policy"]))

    def test_draft_policy_in_the_request(self):
        draft = PERMIT + 'issuancerules { => issue(type="d", value=1); };'
        claims = self.claims(*SGX, "--request", self.request(
            draftPolicyForAttestation=draft))
        self.assertEqual({"d": 1}, claims["x-ms-policy"])
        self.assertEqual(sha256_b64url(b64url(draft)),
                         claims["x-ms-policy-hash"])

    def test_a_given_policy_goes_before_the_draft(self):
        self.write("policy", PERMIT)
        request = self.request(draftPolicyForAttestation=DENY)
        self.attest(NO, *SGX, "--request", request)
        claims = self.claims(*SGX, "--request", request, "--policy", "policy")
        self.assertEqual(sha256_b64url(b64url(PERMIT)),
                         claims["x-ms-policy-hash"])

    def test_policy_token(self):
        self.write("policy.jwt", policy_token(PERMIT))
        claims = self.claims("--quote", example("quote.bin"), "--policy",
                             "policy.jwt")
        self.assertEqual(sha256_b64url(b64url(PERMIT)),
                         claims["x-ms-policy-hash"])

    def test_policy_from_standard_input(self):
        self.attest(NO, "--quote", example("quote.bin"), "--policy", "-",
                    stdin=DENY)
        self.claims("--quote", example("quote.bin"), "--policy", "-",
                    stdin=PERMIT)

    def test_denied(self):
        self.write("policy", DENY)
        result = self.assert_refused(
            "PolicyEvaluationError", NO, "--quote", example("quote.bin"),
            "--policy", "policy")
        self.assertIn("A Deny claim was issued, authorization failed.",
                      result.err)
        self.assertEqual("deny", result.json["decision"])
        result = self.assert_refused(
            "PolicyEvaluationError", NO, *SGX, "--policy",
            example("policy.maapolicy"), "--request",
            example("request-debug.json"))
        self.assertIn("No Permit claim was issued", result.err)
        self.assertEqual("deny", result.json["decision"])

    def test_evaluation_error(self):
        self.write("policy", FAILS.replace('"t"', '"x-ms-sgx-svn"'))
        result = self.assert_refused(
            "PolicyEvaluationError", NO, "--quote", example("quote.bin"),
            "--policy", "policy")
        self.assertEqual("error", result.json["decision"])
        self.assertIn("NegateBool", result.json["error"]["message"])

    def test_a_policy_with_errors(self):
        self.write("policy", ERROR)
        result = self.assert_refused(
            "PolicyParsingError", INPUT, "--quote", example("quote.bin"),
            "--policy", "policy")
        self.assertIn("policy:4:8", result.err)
        self.assert_refused(
            "PolicyParsingError", INPUT, *SGX, "--request",
            self.request(draftPolicyForAttestation=ERROR))


class RuntimeData(AttestTest):
    EHD = ("x-ms-sgx-ehd", "aas-ehd", "maa-ehd")

    def test_binary_is_the_usual(self):
        for more in ([], ["--runtime-type", "Binary"]):
            claims = self.claims("--quote", example("quote.bin"),
                                 "--runtime-data", example("runtime.json"),
                                 *more)
            for name in self.EHD:
                self.assertEqual(self.runtime, b64url_decode(claims[name]))
            self.assertNotIn("x-ms-runtime", claims)

    def test_json(self):
        claims = self.claims("--quote", example("quote.bin"),
                             "--runtime-data", example("runtime.json"),
                             "--runtime-type", "JSON")
        self.assertEqual(json.loads(self.runtime), claims["x-ms-runtime"])
        self.assertFalse(set(self.EHD) & set(claims))

    def test_in_a_request(self):
        claims = self.claims(*SGX, "--request", self.request(
            runtimeData=self.runtime_data("Binary")))
        self.assertEqual(self.runtime, b64url_decode(claims[self.EHD[0]]))
        claims = self.claims(*SGX, "--request", self.request(
            runtimeData=self.runtime_data("JSON")))
        self.assertEqual(json.loads(self.runtime), claims["x-ms-runtime"])

    def test_without_any(self):
        claims = self.claims("--quote", example("quote.bin"))
        self.assertFalse({"x-ms-runtime", *self.EHD} & set(claims))

    def test_wrong_data_are_refused(self):
        self.write("wrong", self.runtime + b" ")
        self.write("empty", b"")
        for name in ("wrong", "empty"):
            for kind in ("Binary", "JSON"):
                with self.subTest(name, kind=kind):
                    self.assert_refused(
                        "InvalidParameter", NO, "--quote",
                        example("quote.bin"), "--runtime-data", name,
                        "--runtime-type", kind)
        self.assert_refused("InvalidParameter", NO, *SGX, "--request",
                            self.request(runtimeData=self.runtime_data(
                                "Binary", b"other")))

    def test_json_that_is_none(self):
        self.write("text", "no JSON")
        self.expect(OK, "evidence", "make", *SGX, "--set",
                    "runtime-data=@text", "-o", "quote")
        result = self.maapol("attest", *UNVERIFIED, "--quote", "quote",
                             "--runtime-data", "text", "--runtime-type",
                             "JSON")
        self.assertIn(result.status, (NO, INPUT), result)
        self.assertTrue(result.err.startswith("InvalidParameter: "), result)

    def test_wrong_data_are_refused_before_the_policy_is_asked(self):
        self.write("policy", PERMIT)
        self.write("wrong", "x")
        result = self.attest(NO, "--quote", example("quote.bin"), "--policy",
                             "policy", "--runtime-data", "wrong")
        self.assertNotIn("decision: permit", result.out)

    def test_usage(self):
        self.assert_usage("attest", "--quote", example("quote.bin"),
                          "--runtime-type", "JSON")
        self.assert_usage("attest", "--quote", example("quote.bin"),
                          "--runtime-data", example("runtime.json"),
                          "--runtime-type", "Text")
        self.assert_usage("attest", *SGX, "--request",
                          example("request.json"), "--runtime-data",
                          example("runtime.json"))


class InitData(AttestTest):
    def test_bound_and_not_bound(self):
        self.write("init", '{"boot": 1}')
        self.write("other", '{"boot": 2}')
        self.expect(OK, "evidence", "make", *SGX, "--set",
                    "init-data=@init", "-o", "quote")
        claims = self.claims("--quote", "quote", "--init-data", "init",
                             "--init-type", "JSON")
        self.assertIn("x-ms-inittime", claims)
        self.assert_refused("InvalidParameter", NO, "--quote", "quote",
                            "--init-data", "other")
        self.assert_refused("InvalidParameter", NO, "--quote",
                            example("quote.bin"), "--init-data", "init")


class Nonce(AttestTest):
    def test_goes_into_the_token_unchanged(self):
        for nonce in ("12345", "é\u2028", '"\\', " x ", "-"):
            with self.subTest(nonce):
                claims = self.claims("--quote", example("quote.bin"),
                                     "--nonce=" + nonce)
                self.assertEqual(nonce, claims["nonce"])

    def test_of_a_request(self):
        for given, told in (("abc", "abc"), (17, "17")):
            claims = self.claims(*SGX, "--request", self.request(nonce=given))
            self.assertEqual(told, claims["nonce"])


class Options(AttestTest):
    def test_now(self):
        for text, seconds in (
                ("0", 0), ("1700000000", NOW),
                ("2023-11-14T22:13:20Z", NOW), ("2023-11-14t22:13:20z", NOW),
                ("2023-11-14T23:13:20+01:00", NOW),
                ("2023-11-14T16:43:20-05:30", NOW),
                ("2023-11-14T22:13:20.999Z", NOW),
                ("2000-02-29T00:00:00Z", 951782400)):
            with self.subTest(text):
                result = self.attest(OK, "--quote", example("quote.bin"),
                                     "--now", text, "--format", "claims")
                claims = result.json
                self.assertEqual([seconds, seconds, seconds + 28800],
                                 [claims[n] for n in ("iat", "nbf", "exp")])

    def test_now_that_is_no_time(self):
        for text in ("", "yesterday", "-1", "1.5", "2023-11-14",
                     "2023-11-14T22:13:20", "2023-02-29T00:00:00Z",
                     "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z",
                     "2023-11-14T22:13:20Zx", "9" * 30, "0x10"):
            with self.subTest(text):
                self.assert_usage("attest", "--quote", example("quote.bin"),
                                  "--now", text)

    def test_the_clock_is_used_without_it(self):
        before = int(time.time())
        claims = self.attest(OK, "--quote", example("quote.bin"), "--format",
                             "claims").json
        self.assertLessEqual(before, claims["iat"])
        self.assertLessEqual(claims["iat"], time.time())

    def test_issuer(self):
        claims = self.claims("--quote", example("quote.bin"), "--issuer",
                             "https://mine.wus.attest.azure.net")
        self.assertEqual("https://mine.wus.attest.azure.net", claims["iss"])

    def test_type(self):
        for name in ("sgxenclave", "SGX-IntelSDK"):
            self.attest(OK, "--type", name, "--request",
                        example("request.json"))
        self.attest(OK, "--type", "SGX-OpenEnclaveSDK", "--report",
                    example("report.bin"))
        self.attest(OK, "--report", example("report.bin"))

    def test_evidence_of_another_type(self):
        for words in (["--type", "OpenEnclave", "--quote",
                       example("quote.bin")],
                      ["--type", "SgxEnclave", "--report",
                       example("report.bin")],
                      ["--type", "TdxVm", "--quote", example("quote.bin")],
                      ["--type", "OpenEnclave", "--request",
                       example("request.json")]):
            with self.subTest(words):
                result = self.maapol("attest", *UNVERIFIED, *words)
                self.assertIn(result.status, (USAGE, INPUT), result)
                self.assertTrue(result.err)

    def test_wrong_usage(self):
        quote = ["--quote", example("quote.bin")]
        request = ["--request", example("request.json")]
        for words in ([], SGX, request, quote + request + SGX,
                      quote + ["--report", example("report.bin")],
                      quote + ["more"], quote + ["--format", "plain"],
                      quote + ["--type", "Toaster"],
                      quote + ["--verify", "maybe"],
                      request + SGX + ["--nonce", "x"],
                      quote + ["--policy"], quote + ["--trace=1"]):
            with self.subTest(words):
                self.assert_usage("attest", *words)

    def test_evidence_from_standard_input(self):
        self.attest(OK, "--type", "SgxEnclave", "--quote", "-",
                    stdin=self.quote)
        self.attest(OK, *SGX, "--request", "-",
                    stdin=read(example("request.json")))

    def test_forms_of_a_quote(self):
        runtime = {"EnclaveHeldDataHex": self.runtime.hex(),
                   "QuoteHex": self.quote.hex()}
        for form in (b64url(self.quote), self.quote.hex(),
                     self.quote.hex().upper(), json.dumps(runtime)):
            self.write("quote", form)
            with self.subTest(form[:20]):
                claims = self.claims("--quote", "quote")
                self.assertEqual(3, claims["x-ms-sgx-svn"])
        self.assertIn("x-ms-sgx-ehd", claims)  # of the samples' JSON

    def test_names_of_a_request_in_any_case(self):
        self.write("request", {"QUOTE": b64url(self.quote), "RuntimeData": {
            "Data": b64url(self.runtime), "DATATYPE": "JSON"}})
        claims = self.claims(*SGX, "--request", "request")
        self.assertEqual(json.loads(self.runtime), claims["x-ms-runtime"])


class BadRequests(AttestTest):
    """Named as the service does: its front end refuses what is no JSON, the
    enclave the rest."""

    def assert_named(self, body, code):
        with self.subTest(body[:60] + body[-40:]):
            self.write("request", body)
            self.assert_refused(code, INPUT, *SGX, "--request", "request")

    def test_what_is_no_json(self):
        for body in ("", "{", '{"quote"', "{'quote': 1}", '{"quote": 1,}',
                     '{"quote": "AAAA"} x', "\ufeff{}"):
            self.assert_named(body, "Bad request")

    def test_wrong_members(self):
        quote = b64url(self.quote)
        for body in ("{}", '{"quote": 1}', '{"quote": ""}',
                     '{"quote": "***"}', '{"quote": "AAAA"}',
                     '{"quote": null}', '{"report": "%s"}' % quote,
                     '{"quote": "%s", "Quote": "%s"}' % (quote, quote),
                     '{"quote": "%s", "runtimeData": 1}' % quote,
                     '{"quote": "%s", "runtimeData": {"data": 1}}' % quote,
                     '{"quote": "%s", "draftPolicyForAttestation": 1}' % quote,
                     '{"quote": "%s", "nonce": []}' % quote):
            self.assert_named(body, "InvalidParameter")

    def test_what_is_no_object_or_says_a_name_twice(self):
        quote = b64url(self.quote)
        for body in ("[]", '"x"', "1", "null",
                     '{"quote": "%s", "quote": "%s"}' % (quote, quote)):
            self.write("request", body)
            result = self.attest(INPUT, *SGX, "--request", "request")
            self.assertRegex(result.err, "^(Bad request|InvalidParameter): ")


class Formats(AttestTest):
    ARGUMENTS = [*SGX, "--policy", example("policy.maapolicy"), "--request",
                 example("request.json"), "--now", str(NOW)]

    def test_human(self):
        result = self.attest(OK, *self.ARGUMENTS)
        self.assertIn("decision: permit", result.out)
        self.assertIn('stage = "release"', result.out)
        self.assertIn(NOT_VERIFIED, result.out)

    def test_token_is_unsecured_and_holds_the_claims(self):
        token = self.attest(OK, *self.ARGUMENTS, "--format", "token")
        self.assertRegex(token.out, r"^[\w-]+\.[\w-]+\.\n$")
        self.assertIn(NOT_VERIFIED, token.err)
        header = json.loads(b64url_decode(token.out.split(".")[0]))
        self.assertEqual("none", header["alg"])
        claims = self.claims(*self.ARGUMENTS[:-2])
        payload = token_payload(token.out)
        for each in (claims, payload):
            each.pop("jti")
        self.assertEqual(claims, payload)

    def test_token_can_be_evaluated_again(self):
        token = self.attest(OK, *self.ARGUMENTS, "--format", "token").out
        self.write("token", token)
        self.expect(OK, "eval", "--policy", example("policy.maapolicy"),
                    "--claims", "token")

    def test_json(self):
        report = self.attest(OK, *self.ARGUMENTS, "--format", "json").json
        self.assertLessEqual({"decision", "reason", "rule", "error", "issued",
                              "properties", "claims", "trace",
                              "verification"}, set(report))
        self.assertEqual("permit", report["decision"])
        self.assertIsNone(report["error"])
        self.assertEqual({"product": 4639, "security-version": 3,
                          "stage": "release"}, report["issued"])
        self.assertIs(False, report["verification"]["verified"])
        self.assertEqual(4639, report["claims"]["x-ms-sgx-product-id"])
        self.assertEqual([True] * 4, [t["fired"] for t in report["trace"]])

    def test_unverified_is_said_whatever_the_decision(self):
        self.write("deny", DENY)
        for more, status in (([], OK), (["--policy", "deny"], NO)):
            for form in ("human", "claims", "token", "json"):
                with self.subTest(more, format=form):
                    result = self.attest(status, "--quote",
                                         example("quote.bin"), *more,
                                         "--format", form)
                    self.assertIn(NOT_VERIFIED, result.out + result.err)

    def test_why_it_was_denied(self):
        result = self.attest(NO, *SGX, "--policy",
                             example("policy.maapolicy"), "--request",
                             example("request-debug.json"), "--trace")
        self.assertIn("x-ms-sgx-is-debuggable is true, wanted == false; no "
                      "other claim of that type", result.out)
        self.assertNotIn("token claims", result.out)
        self.assertNotIn("x-ms-ver", result.out)

    def test_the_claims_file_of_the_sample_is_what_the_policy_sees(self):
        seen = self.attest(OK, *self.ARGUMENTS, "--format", "json"
                           ).json["claims"]
        for name, value in json.loads(read(example("claims.json"))).items():
            self.assertEqual(value, seen[name], name)


class Incoming(AttestTest):
    """What rules saw, for eval and for editors."""

    def incoming(self, status, policy, **options):
        return self.attest(status, *SGX, "--quote", example("quote.bin"),
                           "--runtime-data", example("runtime.json"),
                           "--runtime-type", "JSON", "--policy",
                           self.write("p.maapolicy", policy), "--format",
                           "incoming", **options)

    def test_claims_stand_with_their_issuers(self):
        claims = self.incoming(OK, PERMIT).json
        issuers = {c["type"]: c["issuer"] for c in claims}
        self.assertEqual("AttestationService", issuers["x-ms-sgx-svn"])

    def test_they_stand_whatever_was_decided(self):
        self.assertEqual(self.incoming(OK, PERMIT).json,
                         self.incoming(NO, DENY).json)

    def test_what_rules_add_is_not_among_them(self):
        adds = ("version=1.0;\nauthorizationrules { => add(type=\"made\", "
                "value=1); => permit(); };\n")
        types = [c["type"] for c in self.incoming(OK, adds).json]
        self.assertNotIn("made", types)

    def test_eval_decides_the_same_on_them(self):
        policy = ("version=1.0;\nauthorizationrules { [type=="
                  "\"x-ms-sgx-svn\", value==3, "
                  "issuer==\"AttestationService\"] => permit(); };\n")
        claims = self.write("claims.json", self.incoming(OK, policy).json)
        self.expect(OK, "eval", "--policy", self.write("p", policy),
                    "--claims", claims)

    def test_what_does_not_verify_gives_none(self):
        result = self.expect(NO, "attest", *SGX, "--quote",
                             example("quote.bin"), "--format", "incoming")
        self.assertEqual("", result.out)


if __name__ == "__main__":
    unittest.main()
