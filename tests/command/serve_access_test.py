# SPDX-License-Identifier: Apache-2.0
"""Who may do what: isolated instances, verification, access tokens."""
import base64
import hashlib
import json
import os
import time

from harness import OK, b64url, b64url_decode, example, read
from serve_fixture import (DENY, ISSUE, PERMIT, RESET, ServeTest, make_signer,
                           openssl, pem_der, request_body, signed,
                           signed_certificate, signed_policy)
from server import Server, policy_token, token_part, unsecured


class IsolatedTest(ServeTest):
    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.keys = tempfile.mkdtemp(prefix="maapol-keys-")
        cls.first = make_signer(cls.keys, "first")
        cls.second = make_signer(cls.keys, "second")
        cls.leaf = make_signer(cls.keys, "leaf", authority=False)
        cls.server = Server("--verify", "none", "--mode", "isolated",
                            "--signer-certificate", cls.first[1],
                            "--instance", "open=aad",
                            "--instance", "all=shared",
                            "--instance", "no-ca=isolated," + cls.leaf[1])

    @classmethod
    def tearDownClass(cls):
        import shutil
        shutil.rmtree(cls.keys)
        super().tearDownClass()

    def tearDown(self):
        self.server.api("POST", "/policies/SgxEnclave:reset",
                        signed(None, self.first))

    def listed(self):
        answer = self.good(self.server.api("GET", "/certificates"))
        return [base64.b64decode(k["x5c"][0]) for k in answer.claims[
            "x-ms-policy-certificates"]["keys"]]

    def change(self, verb, pem, signer):
        return self.server.api("POST", "/certificates:" + verb,
                               signed_certificate(pem, signer))

    def test_only_signers_set_policies(self):
        self.good(self.put("SgxEnclave", signed_policy(PERMIT, self.first)))
        self.refused(self.put("SgxEnclave", policy_token(DENY)),
                     "InvalidOperation",
                     "Unsigned JWS specified but enclave is configured with "
                     "signing certificates.")
        self.refused(self.put("SgxEnclave", signed_policy(DENY, self.second)),
                     "InvalidParameter", "failed with 65529",
                     "Unable to find issuer certificate CN=second")
        self.refused(self.server.api("POST", "/policies/SgxEnclave:reset",
                                     RESET), "InvalidOperation", "Unsigned")
        self.refused(self.server.api("POST", "/policies/SgxEnclave:reset",
                                     signed(None, self.second)),
                     "InvalidParameter", "CN=second")
        claims = self.server.api("GET", "/policies/SgxEnclave").claims
        self.assertEqual(signed_policy(PERMIT, self.first),
                         claims["x-ms-policy"])
        self.good(self.attest())

    def test_a_signed_policy_is_no_reset(self):
        self.refused(self.server.api("POST", "/policies/SgxEnclave:reset",
                                     signed_policy(PERMIT, self.first)),
                     "InvalidOperation")

    def test_signers_come_and_go(self):
        second = pem_der(self.second[1])
        self.refused(self.change("add", self.second[1], self.second),
                     "InvalidParameter", "CN=second")
        for _ in range(2):
            claims = self.good(self.change("add", self.second[1],
                                           self.first)).claims
            self.assertEqual("IsPresent",
                             claims["x-ms-policycertificates-result"])
            self.assertEqual(hashlib.sha1(second).hexdigest().upper(),
                             claims["x-ms-certificate-thumbprint"])
            self.assertEqual([pem_der(self.first[1]), second], self.listed())
        self.good(self.put("SgxEnclave", signed_policy(PERMIT, self.second)))
        for _ in range(2):
            claims = self.good(self.change("remove", self.second[1],
                                           self.first)).claims
            self.assertEqual("IsAbsent",
                             claims["x-ms-policycertificates-result"])
        self.assertEqual([pem_der(self.first[1])], self.listed())
        self.refused(self.put("SgxEnclave",
                              signed_policy(PERMIT, self.second)),
                     "InvalidParameter")

    def test_last_signer_stays(self):
        self.refused(self.change("remove", self.first[1], self.first),
                     "InvalidOperation", "cannot be removed")
        self.assertEqual(1, len(self.listed()))

    def test_certificate_tokens(self):
        der = base64.b64encode(pem_der(self.second[1])).decode()
        for payload in ({"maa-policyCertificate": {"x5c": [der]}},
                        {"policyCertificate": {"x5c": [der]}}):
            token = signed(payload, self.first)
            for body in (token, json.dumps(token),
                         {"policyCertificateToAdd": token}):
                self.good(self.server.api("POST", "/certificates:add", body))
        self.good(self.change("remove", self.second[1], self.first))
        for payload in ({"x": 1}, {"policyCertificate": {}},
                        {"policyCertificate": {"x5c": ["AAAA"]}},
                        {"policyCertificate": {"x5c": []}},
                        {"policyCertificate": 1}):
            self.refused(self.server.api("POST", "/certificates:add",
                                         signed(payload, self.first)),
                         "InvalidOperation", "ertificate")

    def test_chain_below_a_signer(self):
        """A certificate that the management certificate has issued."""
        name = os.path.join(self.directory, "below")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout",
                name + ".key", "-out", name + ".csr", "-subj", "/CN=below")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", self.first[1],
                "-CAkey", self.first[0], "-set_serial", "7", "-out",
                name + ".pem")
        below = (name + ".key", name + ".pem")
        self.good(self.put("SgxEnclave", signed_policy(PERMIT, below)))

    def test_signer_must_be_an_authority(self):
        answer = self.put("SgxEnclave", signed_policy(PERMIT, self.leaf),
                          prefix="/i/no-ca")
        self.refused(answer, "InvalidParameter",
                     "Unable to find issuer certificate CN=leaf")

    def test_validity_of_signers_is_not_looked_at(self):
        """Which is a choice: docs/known-differences.md."""
        from remote_server import make_certificate, make_key, pem
        signers = {}
        for name, begin, days in (("past", -20, -10), ("future", 10, 20)):
            key = make_key()
            self.write(name + ".key", pem(key))
            self.write(name + ".pem", pem(make_certificate(
                name, key, ca=True, begin=begin, days=days)))
            signers[name] = [os.path.join(self.directory, name + end)
                             for end in (".key", ".pem")]
            self.good(self.change("add", signers[name][1], self.first))
        self.good(self.put("SgxEnclave", signed_policy(PERMIT,
                                                       signers["past"])))
        self.good(self.put("SgxEnclave", signed_policy(PERMIT,
                                                       signers["future"])))
        self.good(self.change("remove", signers["past"][1],
                              signers["future"]))
        self.good(self.change("remove", signers["future"][1], self.first))
        server = Server("--verify", "none", "--mode", "isolated",
                        "--signer-certificate", signers["past"][1])
        try:
            self.good(server.api("PUT", "/policies/SgxEnclave", signed_policy(
                PERMIT, signers["past"])))
        finally:
            self.assertEqual(0, server.stop())

    def test_instances_are_apart(self):
        self.good(self.put("SgxEnclave", policy_token(ISSUE % "x"),
                           prefix="/i/open"))
        answer = self.good(self.attest(prefix="/I/Open"))
        url = self.server.instances["open"]
        self.assertEqual("x", answer.claims["probe"])
        self.assertEqual(url, answer.claims["iss"])
        self.verify(answer.token, url)
        self.assertNotIn("probe", self.good(self.attest()).claims)

    def test_shared_instance(self):
        self.good(self.attest(prefix="/i/all"))
        self.good(self.server.api("GET", "/i/all/policies/SgxEnclave"))
        self.refused(self.put("SgxEnclave", policy_token(PERMIT),
                              prefix="/i/all"), "InvalidOperation", "shared")
        self.refused(self.server.api("POST", "/i/all/policies/Tpm:reset",
                                     RESET), "InvalidOperation", "shared")
        self.refused(self.attest("Tpm", {"data": "e30"}, prefix="/i/all"),
                     "Bad request")


class VerifyTest(ServeTest):
    """By default evidence is verified."""
    options = ()

    def test_samples_under_an_unknown_root_get_no_token(self):
        self.refused(self.attest(), "InvalidParameter")
        body = dict(request_body(), draftPolicyForAttestation=PERMIT)
        self.refused(self.attest(body=body), "InvalidParameter")

    def test_any_changed_byte_is_refused(self):
        server = Server("--roots", os.path.dirname(example("root-ca.pem")))
        try:
            quote = b64url_decode(request_body()["quote"])
            good = server.api("POST", "/attest/SgxEnclave",
                              {"quote": b64url(quote)})
            self.assertEqual(200, good.status, good)
            for at in (48 + 64, 48 + 320, 440, 700):
                bad = bytearray(quote)
                bad[at] ^= 1
                answer = server.api("POST", "/attest/SgxEnclave",
                                    {"quote": b64url(bytes(bad))})
                self.assertEqual(400, answer.status, answer)
        finally:
            self.assertEqual(0, server.stop())

    def test_tcb_status_that_is_accepted(self):
        """--verify full, and what --accept-tcb adds, as for attest."""
        def made(*settings):
            words = [w for s in settings for w in ("--set", s)]
            self.expect(OK, "evidence", "make", "--type", "SgxEnclave",
                        "--pki", "pki", "--collateral", "c", *words, "-o", "q",
                        "--request", "r.json")
            return read(os.path.join(self.directory, "r.json"))
        body = made("tcb-status=OutOfDate")
        for options, status in (((), 400), (("UpToDate",), 400),
                                (("UpToDate,OutOfDate",), 200)):
            with self.subTest(options):
                server = Server(
                    "--roots", os.path.join(self.directory, "pki"),
                    "--verify", "full", "--collateral",
                    os.path.join(self.directory, "c"),
                    *(("--accept-tcb",) + options if options else ()))
                try:
                    answer = server.api("POST", "/attest/SgxEnclave", body)
                    self.assertEqual(status, answer.status, answer)
                    if status == 400:
                        self.assertIn("OutOfDate", answer.error["message"])
                finally:
                    self.assertEqual(0, server.stop())


class StrictTest(ServeTest):
    clients = [
        {"client_id": "reader", "client_secret": "r$ecret", "role": "Reader"},
        {"client_id": "author", "client_secret": "a+b&c", "role":
         "Contributor"},
        {"client_id": "ci", "issuer": "https://ci.example", "subject": "repo",
         "role": "Contributor"},
        {"client_id": "ci", "issuer": "https://k8s.example", "subject": "pod",
         "audience": "api://AzureADTokenExchangeUSGov", "role": "Reader"},
        {"client_id": "vm", "managed_identity": True, "role": "Reader"},
        {"client_id": "other-vm", "managed_identity": True,
         "role": "Contributor"}]

    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.keys = tempfile.mkdtemp(prefix="maapol-clients-")
        cls.certified = make_signer(cls.keys, "certified")
        cls.provider = make_signer(cls.keys, "provider")
        clients = cls.clients + [
            {"client_id": "certified", "role": "Contributor",
             "certificate": read(cls.certified[1])}]
        path = os.path.join(cls.keys, "clients.json")
        with open(path, "w") as file:
            json.dump(clients, file)
        der = base64.b64encode(pem_der(cls.provider[1])).decode()
        jwks = os.path.join(cls.keys, "jwks.json")
        with open(jwks, "w") as file:
            json.dump({"keys": [{"kty": "RSA", "kid": "k1", "use": "sig",
                                 "x5c": [der]}]}, file)
        cls.server = Server("--verify", "none", "--oauth", "strict",
                            "--clients", path, "--federated-jwks",
                            "https://ci.example=" + jwks, "--federated-jwks",
                            "https://k8s.example=" + cls.provider[1])

    @classmethod
    def tearDownClass(cls):
        import shutil
        shutil.rmtree(cls.keys)
        super().tearDownClass()

    def tearDown(self):
        pass

    def ask(self, **form):
        from urllib.parse import urlencode
        form.setdefault("grant_type", "client_credentials")
        form.setdefault("scope", "https://attest.azure.net/.default")
        return self.server.request(
            "POST", "/tenant/oauth2/v2.0/token", urlencode(form),
            {"Content-Type": "application/x-www-form-urlencoded"})

    def token(self, **form):
        answer = self.ask(**form)
        self.assertEqual(200, answer.status, answer)
        return answer.json["access_token"]

    def with_token(self, token, method="GET", path="/policies/SgxEnclave",
                   body=None):
        return self.server.api(method, path, body, headers={
            "Authorization": "Bearer " + token})

    def test_roles(self):
        reader = self.token(client_id="reader", client_secret="r$ecret")
        author = self.token(client_id="author", client_secret="a+b&c")
        self.good(self.with_token(reader))
        self.refused(self.with_token(reader, "PUT",
                                     body=policy_token(PERMIT)),
                     "Forbidden", "Contributor", status=403)
        self.good(self.with_token(author, "PUT", body=policy_token(PERMIT)))

    def test_tokens_that_do_not_count(self):
        good = self.token(client_id="author", client_secret="a+b&c")
        head, body, signature = good.split(".")
        none = b64url('{"alg":"none"}')
        claims = dict(token_part(good, 1), roles=["Attestation Contributor"])
        other = self.token(client_id="author", client_secret="a+b&c",
                           scope="https://graph.example/.default")
        for bad in ("anything", "", none + "." + body + ".",
                    none + "." + body + "." + signature,
                    head + "." + b64url(json.dumps(claims)) + "." + signature,
                    head + "." + body + ".", good + ".x", good[:-4] + "AAAA",
                    other):
            answer = self.with_token(bad)
            self.refused(answer, "Unauthorized", status=401)

    def test_wrong_credentials(self):
        for form, number in (
                ({"client_id": "author", "client_secret": "x"}, 7000215),
                ({"client_id": "author", "client_secret": ""}, 7000218),
                ({"client_id": "nobody", "client_secret": "x"}, 700016),
                ({"client_secret": "x"}, 900144),
                ({"client_id": "ci", "client_assertion": "a.b.c"}, 50027),
                ({"client_id": "author", "client_secret": "a+b&c",
                  "grant_type": "password"}, 70003)):
            answer = self.ask(**form)
            self.assertIn(answer.status, (400, 401), answer)
            self.assertEqual([number], answer.json["error_codes"])
            self.assertIn("AADSTS%d: " % number,
                          answer.json["error_description"])

    def assertion(self, **claims):
        given = {"iss": "certified", "sub": "certified",
                 "aud": self.server.url + "/tenant/oauth2/v2.0/token",
                 "nbf": int(time.time()) - 5, "exp": int(time.time()) + 600}
        given.update(claims)
        return signed(given, self.certified, header={"alg": "RS256"})

    def refuse(self, client, assertion, number):
        answer = self.ask(client_id=client, client_assertion=assertion)
        self.assertEqual(400 if number == 50027 else 401, answer.status,
                         answer)
        self.assertEqual([number], answer.json["error_codes"], answer)
        self.assertIn("AADSTS%d: " % number, answer.json["error_description"])
        self.assertNotIn("access_token", answer.json)

    def test_certificate_assertion(self):
        for path in ("oauth2/v2.0/token", "oauth2/token", "v2.0"):
            self.token(client_id="certified", client_assertion=self.assertion(
                aud="%s/tenant/%s" % (self.server.url, path)))
        head, body, signature = self.assertion().split(".")
        stranger = make_signer(self.directory, "x")
        url = self.server.url + "/tenant/oauth2/v2.0/token"
        for bad, number in (
                (self.assertion(exp=1), 700024),
                (self.assertion(nbf=int(time.time()) + 60), 700024),
                (self.assertion(exp="soon"), 700024),
                (self.assertion(sub="other"), 700021),
                (self.assertion(iss="other"), 700021),
                (self.assertion(aud="https://other.example/"), 700023),
                (self.assertion(aud=url.replace("/tenant", "0/tenant")),
                 700023),
                (self.assertion(aud=url.replace("/tenant", "/other")), 700023),
                (self.assertion(aud=url + "x"), 700023),
                (self.assertion(aud=self.server.url), 700023),
                (head + "." + body + ".", 50027),
                (b64url('{"alg":"none"}') + "." + body + ".", 700027),
                (head + "." + body + "." + signature[:-4] + "AAAA", 700027),
                (signed(token_part(self.assertion(), 1), stranger,
                        header={"alg": "RS256"}), 700027),
                ("a.b.c", 50027), ("x", 50027), (head + ".e30", 50027)):
            with self.subTest(bad[-40:]):
                self.refuse("certified", bad, number)
        # Of a client that has no certificate, it is nobody's.
        self.refuse("author", self.assertion(iss="author", sub="author"),
                    700027)

    def federated(self, signer=None, kid="k1", **changes):
        claims = {"iss": "https://ci.example", "sub": "repo",
                  "aud": "api://AzureADTokenExchange",
                  "exp": int(time.time()) + 60}
        header = {"alg": "RS256"}
        if kid:
            header["kid"] = kid
        return signed(dict(claims, **changes), signer or self.provider,
                      header=header)

    def test_federated_assertion(self):
        audience = "api://AzureADTokenExchange"
        for good in (self.federated(), self.federated(kid=None),
                     self.federated(aud=[audience]),
                     self.federated(aud=["x", audience])):
            self.token(client_id="ci", client_assertion=good)
        # A cluster's: another issuer, keys in PEM, a role and audience of its
        # own.
        pod = {"iss": "https://k8s.example", "sub": "pod",
               "aud": [audience + "USGov"]}
        reader = self.token(client_id="ci",
                            client_assertion=self.federated(**pod))
        self.good(self.with_token(reader))
        self.refused(self.with_token(reader, "PUT",
                                     body=policy_token(PERMIT)),
                     "Forbidden", status=403)
        self.refuse("ci", self.federated(**dict(pod, aud=audience)), 700212)

    def test_federated_assertions_that_do_not_count(self):
        stranger = make_signer(self.directory, "stranger")
        claims = token_part(self.federated(), 1)
        hmac = b64url('{"alg":"HS256"}') + "." + b64url(json.dumps(claims))
        for bad, number in (
                (self.federated(iss="https://evil.example"), 700211),
                (self.federated(sub="fork"), 700213),
                (self.federated(sub="pod"), 700213),
                (self.federated(aud="x"), 700212),
                (self.federated(aud=[]), 700212),
                (self.federated(stranger), 700027),
                (self.federated(stranger, kid="k2"), 7000272),
                (self.federated(stranger, kid=None), 700027),
                (unsecured(claims), 700027),
                (hmac + ".AAAA", 50027),
                (self.federated(exp=1), 700024),
                (self.federated(nbf=int(time.time()) + 60), 700024),
                (self.federated(exp=None), 700024)):
            with self.subTest(number=number, payload=bad[:60]):
                self.refuse("ci", bad, number)
        self.refuse("reader", self.federated(), 700211)

    def test_expired_certificate(self):
        server = Server(
            "--oauth", "strict", "--clients",
            os.path.join(self.keys, "clients.json"), "--federated-jwks",
            "https://ci.example=" + self.provider[1], "--federated-jwks",
            "https://k8s.example=" + self.provider[1],
            "--now", str(int(time.time()) + 40 * 86400))
        then = int(time.time()) + 40 * 86400
        before, self.server = self.server, server
        try:
            type(self).server = server
            self.refuse("certified", self.assertion(
                nbf=then - 5, exp=then + 100), 700027)
        finally:
            type(self).server = before
            self.server = before
            self.assertEqual(0, server.stop())

    def test_discovery(self):
        answer = self.server.get("/tenant/v2.0/.well-known/"
                                 "openid-configuration").json
        self.assertEqual(self.server.url + "/tenant/oauth2/v2.0/token",
                         answer["token_endpoint"])
        answer = self.server.get("/common/discovery/instance?api-version=1.1")
        self.assertIn("tenant_discovery_endpoint", answer.json)
        keys = self.server.get("/tenant/discovery/v2.0/keys").json["keys"]
        token = self.token(client_id="reader", client_secret="r$ecret")
        self.assertEqual(keys[0]["kid"], token_part(token, 0)["kid"])

    def managed(self, arguments="", headers=None):
        return self.server.get(
            "/metadata/identity/oauth2/token/?api-version=2018-02-01" +
            "&resource=https%3A%2F%2Fattest.azure.net" + arguments,
            headers={"Metadata": "true"} if headers is None else headers)

    def test_managed_identity(self):
        """Those of the list alone, each with its role."""
        for arguments, client, status in (("", "vm", 403),
                                          ("&client_id=vm", "vm", 403),
                                          ("&client_id=other-vm", "other-vm",
                                           200)):
            answer = self.managed(arguments).json
            self.assertEqual(("3599", client), (answer["expires_in"],
                                                answer["client_id"]))
            token = answer["access_token"]
            self.good(self.with_token(token))
            self.assertEqual(status, self.with_token(
                token, "PUT", body=policy_token(PERMIT)).status)
        answer = self.managed(headers={"X-IDENTITY-HEADER": "word"})
        self.assertEqual("vm", answer.json["client_id"])
        for answer in (self.managed("&client_id=author"),
                       self.managed("&client_id=nobody"),
                       self.managed(headers={}),
                       self.managed(headers={"Metadata": "false"}),
                       self.server.get("/metadata/identity/oauth2/token",
                                       headers={"Metadata": "true"})):
            self.assertEqual(400, answer.status, answer)
            self.assertNotIn("access_token", answer.json)

    def test_a_managed_identity_is_nothing_to_prove_elsewhere(self):
        for form in ({"client_secret": "x"}, {"client_assertion": "a.b.c"}):
            self.assertIn(self.ask(client_id="vm", **form).status, (400, 401))
