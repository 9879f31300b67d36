# SPDX-License-Identifier: Apache-2.0
"""The emulator, spoken to over TLS as its clients do."""
import base64
import hashlib
import json
import os
import time

from harness import b64url, b64url_decode, example, read, sha256_b64url
from serve_fixture import (DENY, ISSUE, PERMIT, RESET, ServeTest, TYPES,
                           make_signer, openssl, pem_der, request_body,
                           signed_policy)
from server import BEARER, policy_token, token_part, unsecured


class MetadataTest(ServeTest):
    def test_keys_have_the_services_form_and_n_and_e(self):
        token = self.good(self.attest()).token
        key = self.verify(token)
        self.assertEqual({"x5c", "kid", "kty", "n", "e"}, set(key))
        modulus = openssl("x509", "-inform", "DER", "-modulus", "-noout",
                          "-in", os.path.join(self.directory, "c.der"))
        self.assertEqual(int(modulus.split(b"=")[1], 16), int.from_bytes(
            b64url_decode(key["n"]), "big"))

    def test_kid_is_the_hash_of_the_pem_with_a_nul(self):
        key = self.verify(self.good(self.attest()).token)
        pem = read(os.path.join(self.directory, "k.pem"), "rb")
        digest = hashlib.sha256(pem + b"\0").digest()
        self.assertEqual(base64.b64encode(digest).decode(), key["kid"])

    def test_certificate_is_the_enclaves(self):
        self.verify(self.good(self.attest()).token)
        text = openssl("x509", "-inform", "DER", "-text", "-noout", "-in",
                       os.path.join(self.directory, "c.der")).decode()
        for line in ("Serial Number: 1 ", "Subject: CN = " + self.server.url,
                     "Issuer: CN = " + self.server.url, "May  1 00:00:00 2019",
                     "Dec 31 23:59:59 2050", "CA:FALSE"):
            self.assertIn(line, text)

    def test_metadata_needs_no_version_and_no_token(self):
        for path in ("/certs", "/.well-known/openid-configuration",
                     "/CERTS?api-version=2025-06-01", "//certs/"):
            self.good(self.server.get(path))

    def test_clients_find_the_name_that_they_used(self):
        for host in ("127.0.0.1", "localhost"):
            url = "https://%s:%d" % (host, self.server.port)
            answer = self.server.get("/.well-known/openid-configuration",
                                     host=host)
            self.assertEqual(url, answer.json["issuer"])
        answer = self.server.get("/.well-known/openid-configuration",
                                 headers={"Host": "evil.example"})
        self.assertEqual(self.server.url, answer.json["issuer"])

    def test_openapi_describes_every_operation(self):
        document = self.good(self.server.get("/openapi.json")).json
        count = 0
        for path, methods in document["paths"].items():
            for method in methods:
                count += 1
                real = path.replace("{type}", "SgxEnclave").replace(
                    "{tenant}", "t")
                answer = self.server.request(method.upper(), real)
                self.assertNotIn(answer.status, (404, 405, 500),
                                 method + " " + path)
        self.assertGreater(count, 25)

    def test_health_and_metrics(self):
        self.assertEqual("healthy",
                         self.server.get("/health").json["status"])
        self.good(self.attest())
        self.attest(body={"quote": "AA"})
        text = self.server.get("/metrics").body.decode()
        for line in text.splitlines():
            self.assertRegex(line, r'^(# .*|\w+(\{[^}]*\})? [0-9.]+)$')
        self.assertRegex(text, r'maapol_requests_total\{operation="attest",'
                               r'status="2xx"\} \d+')
        self.assertRegex(text, r'attestations_total\{result="permitted"\} '
                               r'[1-9]')
        self.assertIn('operation="attest",le="+Inf"', text)

    def test_request_id(self):
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        answer = self.server.get("/certs", headers={"traceparent": trace})
        self.assertEqual(trace, answer.headers["x-ms-request-id"])
        answer = self.server.get("/certs", headers={"traceparent": "00-x"})
        self.assertRegex(answer.headers["x-ms-request-id"],
                         "^00-[0-9a-f]{32}-[0-9a-f]{16}-00$")

    def test_baselines(self):
        answer = self.server.api("GET", "/tcbbaselines/SgxEnclave",
                                 version="api-version=2025-06-01")
        rows = self.good(answer).json["tcbBaselines"]
        self.assertEqual("azuredefault", rows[0]["tcbIdentifier"])


class RoutingTest(ServeTest):
    def test_unknown_paths_and_methods(self):
        for path in ("/nothing", "/policies", "/policies/", "/attest",
                     "/policies/SgxEnclave/x", "/i/none/certs", "/policies/:"):
            self.refused(self.server.api("GET", path), "NotFound",
                         status=404)
        answer = self.refused(self.server.api("DELETE", "/policies/SgxEnclave"),
                              "MethodNotAllowed", status=405)
        self.assertEqual("GET, PUT", answer.headers["Allow"])

    def test_api_versions(self):
        for version in ("2020-10-01", "2022-08-01", "2022-09-01-preview",
                        "2025-06-01", "2026-03-11-preview"):
            self.good(self.server.api("GET", "/policies/SgxEnclave",
                                      version="api-version=" + version))
        self.refused(self.server.request("GET", "/policies/SgxEnclave",
                                         headers=BEARER),
                     "ApiVersionUnspecified")
        for version in ("1999-01-01", "", "2018-09-01"):
            self.refused(self.server.api("GET", "/policies/SgxEnclave",
                                         version="api-version=" + version),
                         "UnsupportedApiVersion")

    def test_paths_are_compared_in_any_case(self):
        self.good(self.server.api("GET", "/POLICIES/sgxenclave"))
        self.good(self.attest("sgxENCLAVE"))
        self.good(self.server.api("GET", "/policies/AzureVM"))
        self.good(self.server.api("GET", "/policies/azureGuest"))

    def test_unknown_types(self):
        self.refused(self.server.api("GET", "/policies/NoSuchTee"),
                     "Bad request", "NoSuchTee")
        self.refused(self.attest("NoSuchTee"), "Bad request")

    def test_bearer_token_is_wanted_where_the_service_wants_it(self):
        for method, path in (("GET", "/policies/SgxEnclave"),
                             ("PUT", "/policies/SgxEnclave"),
                             ("POST", "/policies/SgxEnclave:reset"),
                             ("GET", "/certificates"),
                             ("POST", "/certificates:add"),
                             ("POST", "/certificates:remove")):
            for headers in ({}, {"Authorization": "Bearer "},
                            {"Authorization": "Basic eDp5"}):
                answer = self.server.api(method, path, "", headers=headers)
                self.refused(answer, "Unauthorized", status=401)
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])


class PolicyTest(ServeTest):
    def test_set_get_reset(self):
        for kind in TYPES + ("Tpm",):
            with self.subTest(kind):
                before = self.good(self.server.api("GET",
                                                   "/policies/" + kind))
                token = policy_token(ISSUE % kind)
                claims = self.good(self.put(kind, token)).claims
                self.assertEqual(
                    {"exp", "iat", "iss", "nbf", "x-ms-policy-result",
                     "x-ms-policy-token-hash"}, set(claims))
                self.assertEqual("Updated", claims["x-ms-policy-result"])
                self.assertEqual(sha256_b64url(token),
                                 claims["x-ms-policy-token-hash"])
                self.assertEqual(3600, claims["exp"] - claims["iat"])
                self.assertEqual(claims["nbf"], claims["iat"])
                answer = self.good(self.server.api("GET",
                                                   "/policies/" + kind))
                self.assertEqual(token, answer.claims["x-ms-policy"])
                self.verify(answer.token)
                answer = self.good(self.server.api(
                    "POST", "/policies/%s:reset" % kind, RESET))
                self.assertEqual("Removed",
                                 answer.claims["x-ms-policy-result"])
                self.assertNotIn("x-ms-policy-token-hash", answer.claims)
                after = self.server.api("GET", "/policies/" + kind)
                self.assertEqual(before.claims["x-ms-policy"],
                                 after.claims["x-ms-policy"])

    def test_default_policies(self):
        claims = self.server.api("GET", "/policies/SgxEnclave").claims
        inner = token_part(claims["x-ms-policy"], 1)["AttestationPolicy"]
        self.assertEqual("ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc",
                         sha256_b64url(inner))
        claims = self.server.api("GET", "/policies/Tpm").claims
        self.assertEqual(RESET, claims["x-ms-policy"])

    def test_bodies_in_every_form(self):
        token = policy_token(PERMIT)
        for body in (token, '"%s"' % token, " %s\r\n" % token):
            answer = self.good(self.put("SgxEnclave", body))
            self.assertEqual(sha256_b64url(token),
                             answer.claims["x-ms-policy-token-hash"])
        headers = dict(BEARER, **{"Content-Type": "application/json"})
        self.good(self.put("SgxEnclave", token, headers=headers))

    def test_what_is_no_token(self):
        token = policy_token(PERMIT)
        for body, words in (
                ("", "Could not find first period in the token."),
                ("abc", "Could not find first period in the token."),
                ("abc.def", "Could not find second period"),
                (token + ".", "more than two periods"),
                ("a)b.c.", "Unknown base64 character: 29 (')')"),
                ("AAAA.BBBB.", "header"),
                (b64url("[]") + ".e30.", "header"),
                (b64url('{"alg":"none"}') + ".AAAA.", "payload"),
                (token + "AAAA", "alg is none, but there is a signature"),
                (unsecured({"x": 1}), 'Could not find "AttestationPolicy"'),
                (RESET, 'Could not find "AttestationPolicy"'),
                (b64url('{"alg":"RS256"}') + "." + token.split(".")[1] +
                 ".AAAA", "no usable certificate")):
            with self.subTest(body[:30]):
                answer = self.refused(self.put("SgxEnclave", body),
                                      "InvalidOperation", words)
                self.assertEqual("InvalidOperation",
                                 answer.error["innererror"]["code"])
        answer = self.server.api("GET", "/policies/SgxEnclave")
        self.assertIn("azuredefault", b64url_decode(token_part(
            answer.claims["x-ms-policy"], 1)["AttestationPolicy"]).decode())

    def test_policy_that_does_not_parse(self):
        text = "version= 1.0;\nauthorizationrules{=> permit()"
        answer = self.refused(
            self.put("SgxEnclave", policy_token(text)), "PolicyParsingError",
            "failed with 65526:", "Invalid policy was specified",
            "Policy Parser Exception Thrown: Offending symbol: '", "Line: '2'",
            "Failing rule: 'policy")
        inner = answer.error["innererror"]
        self.assertEqual("PolicyParsingError", inner["code"])
        finding = inner["diagnostics"][0]
        self.assertRegex(finding["code"], "^[A-Z]+[0-9]+$")
        self.assertTrue(finding["message"])

    def test_signed_policies(self):
        for kind, alg in (("rsa", "RS256"), ("ec", "ES256")):
            signer = make_signer(self.directory, kind, kind)
            token = signed_policy(PERMIT, signer)
            claims = self.good(self.put("SgxEnclave", token)).claims
            self.assertEqual(
                {"alg": alg, "kty": alg[0] == "R" and "RSA" or "EC",
                 "use": "sig", "x5c": [base64.b64encode(
                     pem_der(signer[1])).decode()]},
                claims["x-ms-policy-signer"])
            answer = self.attest()
            signer_claim = self.good(answer).claims["x-ms-policy-signer"]
            self.assertEqual({"kty", "x5c"}, set(signer_claim))

    def test_headers_of_other_clients(self):
        signer = make_signer(self.directory, "rsa")
        der = base64.b64encode(pem_der(signer[1])).decode()
        for header in ({"alg": "RSA256", "x5c": [der]},
                       {"alg": "RSA256", "jwk": {"x5c": [der]}}):
            token = signed_policy(PERMIT, signer, header=header)
            answer = self.good(self.put("SgxEnclave", token))
            self.assertIn("x-ms-policy-signer", answer.claims)

    def test_wrong_signatures(self):
        signer = make_signer(self.directory, "rsa")
        other = make_signer(self.directory, "other")
        token = signed_policy(PERMIT, signer)
        head, body, signature = token.split(".")
        changed = policy_token(DENY).split(".")[1]
        mixed = (other[0], signer[1])
        for bad in (".".join((head, changed, signature)),
                    head + "." + body + ".", token[:-8] + "AAAAAAAA",
                    signed_policy(PERMIT, mixed)):
            self.refused(self.put("SgxEnclave", bad), "InvalidOperation",
                         "signature")

    def test_reset_wants_an_empty_payload(self):
        self.good(self.put("SgxEnclave", policy_token(PERMIT)))
        for body in (policy_token(PERMIT), ""):
            self.refused(self.server.api("POST", "/policies/SgxEnclave:reset",
                                         body), "InvalidOperation")
        claims = self.server.api("GET", "/policies/SgxEnclave").claims
        self.assertEqual(policy_token(PERMIT), claims["x-ms-policy"])

    def test_certificates_in_aad_mode(self):
        answer = self.good(self.server.api("GET", "/certificates"))
        self.assertEqual({"keys": []},
                         answer.claims["x-ms-policy-certificates"])
        for name in ("Add", "Remove"):
            answer = self.server.api("POST",
                                     "/certificates:" + name.lower(), '"x"')
            self.refused(answer, "InvalidOperation", "failed with 65530",
                         name + "PolicyManagementCertificate(")
            self.assertEqual(answer.error["message"],
                             answer.error["innererror"]["message"])


class AttestTest(ServeTest):
    def test_token(self):
        answer = self.good(self.attest())
        claims = answer.claims
        self.verify(answer.token)
        self.assertEqual(self.server.url, claims["iss"])
        self.assertEqual(28800, claims["exp"] - claims["iat"])
        self.assertLessEqual(claims["nbf"], time.time())
        self.assertGreater(claims["nbf"], time.time() - 60)
        self.assertEqual("sgx", claims["x-ms-attestation-type"])
        self.assertRegex(claims["jti"], "^[0-9a-f]{64}$")
        raw = b64url_decode(answer.token.split(".")[1]).decode()
        self.assertEqual(json.dumps(json.loads(raw), sort_keys=True,
                                    separators=(",", ":")), raw)

    def test_policy_in_force_decides(self):
        self.good(self.put("SgxEnclave", policy_token(ISSUE % "yes")))
        claims = self.good(self.attest()).claims
        self.assertEqual("yes", claims["probe"])
        self.assertEqual({"probe": "yes"}, claims["x-ms-policy"])
        self.assertEqual(sha256_b64url(b64url(ISSUE % "yes")),
                         claims["x-ms-policy-hash"])
        self.good(self.put("SgxEnclave", policy_token(DENY)))
        self.refused(self.attest(), "PolicyEvaluationError",
                     "A Deny claim was issued")
        none = "version= 1.0;authorizationrules{};"
        self.good(self.put("SgxEnclave", policy_token(none)))
        answer = self.refused(self.attest(), "PolicyEvaluationError",
                              "No Permit claim was issued")
        self.assertEqual(answer.error["message"],
                         answer.error["innererror"]["message"])

    def test_types_have_policies_of_their_own(self):
        self.good(self.put("OpenEnclave", policy_token(DENY)))
        self.good(self.attest())

    def test_draft_policy_is_never_signed(self):
        self.good(self.put("SgxEnclave", policy_token(DENY)))
        for draft in (ISSUE % "draft", policy_token(ISSUE % "draft")):
            body = dict(request_body(), draftPolicyForAttestation=draft)
            token = self.good(self.attest(body=body)).token
            header = token_part(token, 0)
            self.assertEqual("none", header["alg"])
            self.assertEqual(["alg", "jku", "kid", "typ"], list(header))
            self.assertTrue(token.endswith("."))
            self.assertEqual("draft", token_part(token, 1)["probe"])
        body["draftPolicyForAttestation"] = "version= 1.0;authorization"
        answer = self.refused(self.attest(body=body), "PolicyParsingError")
        self.assertTrue(answer.error["innererror"]["diagnostics"])

    def test_tolerance(self):
        """Names in any case, padding, a nonce as a number, empty data."""
        body = request_body()
        quote = body["quote"]
        padded = quote + "=" * (-len(quote) % 4)
        for given in ({"Quote": quote}, {"QUOTE": padded},
                      {"quote": quote, "nonce": 18446744073709551615,
                       "initTimeData": {"data": "", "dataType": ""}},
                      {"quote": quote, "inittimeData": None}):
            claims = self.good(self.attest(body=given)).claims
            if "nonce" in given:
                self.assertEqual("18446744073709551615", claims["nonce"])

    def test_the_standard_alphabet_is_refused(self):
        """A choice: docs/known-differences.md."""
        quote = request_body()["quote"]
        standard = quote.replace("-", "+").replace("_", "/")
        self.assertNotEqual(quote, standard)
        self.refused(self.attest(body={"quote": standard}),
                     "InvalidParameter", "not base64url")

    def test_bad_requests(self):
        body = request_body()
        runtime = {"data": b64url("other"), "dataType": "Binary"}
        for given in ("", "{", "[]", "null", "{}", '{"quote":1}',
                      '{"quote":"!"}', '{"quote":"%s"}' % b64url("garbage"),
                      json.dumps(dict(body, runtimeData=runtime)),
                      "[" * 100000, '{"quote":"AA","quote":"AA"}',
                      '{"report":"AA"}', b"\xff\xfe{}"):
            answer = self.attest(body=given)
            self.assertEqual(400, answer.status, answer)
            self.assertTrue(answer.error["code"])
            self.assertTrue(answer.error["message"])

    def test_preview_form(self):
        body = request_body()
        held = {"Quote": body["quote"],
                "EnclaveHeldData": body["runtimeData"]["data"]}
        old = "api-version=2018-09-01-preview"
        for path in ("/attest/Tee/SgxEnclave", "/attest/SgxEnclave"):
            answer = self.good(self.server.api("POST", path, held, old, {}))
            self.assertIsInstance(answer.json, str)
            self.verify(answer.json)
            self.assertEqual(held["EnclaveHeldData"],
                             token_part(answer.json, 1)["x-ms-sgx-ehd"])

    def test_tpm_challenge(self):
        body = {"data": b64url('{"payload": { "type": "aikcert" } }')}
        self.refused(self.attest("Tpm", body), "Bad request",
                     "A VBS attestation policy has not been set on the "
                     "attestation provider.")
        self.good(self.put("Tpm", policy_token(PERMIT)))
        seen = set()
        for _ in range(2):
            answer = self.good(self.attest("Tpm", body))
            payload = json.loads(b64url_decode(answer.json["data"]))["payload"]
            self.assertEqual(22, len(payload["challenge"]))
            context = json.loads(b64url_decode(payload["service_context"]))
            self.assertEqual({"ProtectionKeyName", "ProtectedContext"},
                             set(context))
            self.assertRegex(context["ProtectionKeyName"], "^[0-9A-F]{64}$")
            seen.add(payload["challenge"])
        self.assertEqual(2, len(seen))


class PreviewTest(ServeTest):
    """2018-09-01-preview: /operations, answers are bare strings."""
    old = "api-version=2018-09-01-preview"

    def call(self, method, path, body=None):
        return self.server.api(method, "/operations/policy/" + path, body,
                               self.old)

    def test_policy(self):
        token = policy_token(PERMIT)
        answer = self.call("PUT", "current?tee=SgxEnclave", token)
        self.assertEqual((200, b""), (answer.status, answer.body))
        answer = self.good(self.call("GET", "current?tee=sgxenclave"))
        self.assertEqual(token, token_part(answer.json["policy"],
                                           1)["x-ms-policy"])
        answer = self.call("POST", "current?tee=SgxEnclave", RESET)
        self.assertEqual(200, answer.status)
        claims = token_part(self.call("GET", "current?tee=SgxEnclave").json[
            "policy"], 1)
        self.assertNotEqual(token, claims["x-ms-policy"])

    def test_prepare_does_not_set(self):
        before = self.server.api("GET", "/policies/SgxEnclave").claims
        answer = self.good(self.call("POST", "updatepolicy?tee=SgxEnclave",
                                     policy_token(DENY)))
        self.assertEqual(sha256_b64url(b64url(DENY)),
                         token_part(answer.json, 1)["x-ms-policy-hash"])
        after = self.server.api("GET", "/policies/SgxEnclave").claims
        self.assertEqual(before["x-ms-policy"], after["x-ms-policy"])

    def test_type_is_wanted(self):
        self.refused(self.call("GET", "current"), "Bad request")

    def test_certificates(self):
        answer = self.good(self.call("GET", "certificates"))
        self.assertEqual({"keys": []}, token_part(answer.json, 1)[
            "x-ms-policy-certificates"])
        self.refused(self.call("PUT", "certificates", '"x"'),
                     "InvalidOperation", "65530")
