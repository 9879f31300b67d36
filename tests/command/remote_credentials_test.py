# SPDX-License-Identifier: Apache-2.0
"""Every kind of credential of the uploader at the emulator's own endpoints,
which take nothing that does not verify; and every refusal of the emulator in
the uploader's words."""
import http.server
import json
import os
import threading
import time
import unittest
import urllib.parse

from harness import (CommandTest, INPUT, NO, OK, SYSTEM, b64url, example,
                     policy_token)
from remote_server import (CLIENT, TENANT, make_certificate, make_key, pem,
                           sign)
from serve_fixture import DENY, PERMIT
from server import Server, is_built

ISSUER = "https://ci.example"
AUDIENCE = "api://AzureADTokenExchange"
KIND = ("--type", "SgxEnclave")
JOB = "JOB-s3cr3t"


def number(n):
    return b64url(n.to_bytes((n.bit_length() + 7) // 8, "big"))


def jwks(key, kid):
    numbers = key.public_key().public_numbers()
    return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
                      "n": number(numbers.n), "e": number(numbers.e)}]}


class Provider(http.server.BaseHTTPRequestHandler):
    """What GitHub Actions and Azure Pipelines run for their jobs."""

    def log_message(self, *words):
        pass

    def answer(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        is_github = self.command == "GET" and parts.path == "/github"
        good = self.headers["Authorization"] == "Bearer " + JOB and (
            query.get("audience") == AUDIENCE if is_github else
            query.get("serviceConnectionId") == "conn")
        token = self.server.token(sub=parts.path[1:])
        body = json.dumps({"value" if is_github else "oidcToken": token})
        body = body.encode() if good else b"{}"
        self.send_response(200 if good else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer


@unittest.skipUnless(is_built(), "there is no maapol-serve")
class EmulatorTest(CommandTest):
    """A strict emulator, its clients, and a provider of job identities."""

    @classmethod
    def setUpClass(cls):
        cls.maker = CommandTest()
        cls.maker.setUp()
        cls.folder = cls.maker.directory
        cls.key, cls.stranger, own = make_key(), make_key(), make_key()
        cls.provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                       Provider)
        cls.provider.token = cls.token
        threading.Thread(target=cls.provider.serve_forever, args=(0.02,),
                         daemon=True).start()
        certificate = make_certificate("client", own)
        cls.maker.write("own.pem", pem(certificate) + pem(own))
        cls.maker.write("stranger.pem",
                        pem(make_certificate("client", cls.stranger)) +
                        pem(cls.stranger))
        cls.maker.write("first.pem", pem(make_certificate("first", own,
                                                          ca=True)))
        cls.maker.write("jwks", jwks(cls.key, "k1"))
        entries = [{"client_secret": "CLIENT-s3cr3t/with+signs="},
                   {"certificate": pem(certificate).decode()},
                   {"managed_identity": True}]
        entries += [{"issuer": ISSUER, "subject": s}
                    for s in ("pod", "github", "pipelines")]
        entries = [dict(e, client_id=CLIENT, role="Contributor")
                   for e in entries]
        entries.append({"client_id": "reader", "client_secret":
                        "READER-s3cr3t", "role": "Reader"})
        cls.maker.write("clients", entries)
        cls.server = Server(
            "--verify", "none", "--oauth", "strict", "--clients",
            cls.file("clients"), "--federated-jwks",
            ISSUER + "=" + cls.file("jwks"), "--instance",
            "iso=isolated," + cls.file("first.pem"), "--instance",
            "all=shared")

    @classmethod
    def tearDownClass(cls):
        cls.provider.shutdown()
        cls.provider.server_close()
        status = cls.server.stop()
        cls.maker.tearDown()
        cls.maker.doCleanups()
        if status != 0:
            raise AssertionError("exit status %d" % status)

    @classmethod
    def file(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def token(cls, key=None, kid="k1", **claims):
        """Of the provider, for a job or a pod."""
        given = {"iss": ISSUER, "sub": "pod", "aud": AUDIENCE,
                 "exp": int(time.time()) + 600}
        header = {"alg": "RS256", "kid": kid, "typ": "JWT"}
        return sign(key or cls.key, header, dict(given, **claims))

    def remote(self, status, *words, verbs=2, instance="", auth=(), **env):
        """No secret is shown, whatever becomes of it."""
        given = {"AZURE_AUTHORITY_HOST": self.server.url,
                 "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT}
        given.update(env)
        result = self.expect(
            status, *words[:verbs], "--endpoint", self.server.url + instance,
            "--ca", self.server.ca, "--retry-delay", "1", "--retries", "1",
            *auth, *words[verbs:], "--verbose", env=given)
        self.assertNotIn("s3cr3t", result.out + result.err)
        return result

    def author(self, status, *words, **options):
        return self.remote(status, *words, AZURE_CLIENT_SECRET=
                           "CLIENT-s3cr3t/with+signs=", **options)


class CredentialsTest(EmulatorTest):
    def sets(self, status=OK, auth=(), **env):
        """Only a contributor can."""
        self.write("p", PERMIT)
        return self.remote(status, "policy", "set", "p", *KIND, auth=auth,
                           **env)

    def refused(self, number, advice="", auth=(), **env):
        result = self.sets(SYSTEM, auth, **env)
        self.assertIn("AADSTS%d: " % number, result.err)
        self.assertIn(advice, result.err)
        self.assertEqual("", result.out)

    def test_client_secret(self):
        self.sets(AZURE_CLIENT_SECRET="CLIENT-s3cr3t/with+signs=")
        self.refused(7000215, "not its id", AZURE_CLIENT_SECRET="s3cr3t-x")
        self.refused(700016, "AZURE_CLIENT_ID", AZURE_CLIENT_ID="nobody",
                     AZURE_CLIENT_SECRET="s3cr3t-x")

    def test_client_certificate(self):
        for send in ("", "1"):
            self.sets(AZURE_CLIENT_CERTIFICATE_PATH=self.file("own.pem"),
                      AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=send)
        self.refused(700027, "not registered",
                     AZURE_CLIENT_CERTIFICATE_PATH=self.file("stranger.pem"))

    def workload(self, token):
        self.write("federated", token)
        return {"AZURE_FEDERATED_TOKEN_FILE": "federated"}

    def test_workload_identity(self):
        self.sets(**self.workload(self.token()))
        self.sets(**self.workload(self.token(aud=[AUDIENCE])))
        for changes, number, advice in (
                ({"iss": "https://evil.example"}, 700211, "this issuer"),
                ({"sub": "fork"}, 700213, "issuer and subject"),
                ({"aud": "x"}, 700212, "--cloud"),
                ({"exp": 1}, 700024, "clock"),
                ({"key": self.stranger}, 700027, ""),
                ({"key": self.stranger, "kid": "k2"}, 7000272, "no key")):
            with self.subTest(changes):
                self.refused(number, advice,
                             **self.workload(self.token(**changes)))

    def job(self, name, **env):
        url = "http://127.0.0.1:%d/%s" % (
            self.provider.server_address[1], name)
        if name == "github":
            return dict({"ACTIONS_ID_TOKEN_REQUEST_URL": url,
                         "ACTIONS_ID_TOKEN_REQUEST_TOKEN": JOB}, **env)
        return dict({"SYSTEM_OIDCREQUESTURI": url, "SYSTEM_ACCESSTOKEN": JOB,
                     "AZURESUBSCRIPTION_CLIENT_ID": CLIENT,
                     "AZURESUBSCRIPTION_TENANT_ID": TENANT,
                     "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "conn"}, **env)

    def test_jobs(self):
        for name in ("github", "pipelines"):
            with self.subTest(name):
                self.sets(auth=("--http",), **self.job(name))
        self.refused(700213, "issuer and subject", ("--http",), **{
            k: v.replace("/pipelines", "/fork")
            for k, v in self.job("pipelines").items()})

    def test_managed_identity(self):
        url = self.server.url + "/metadata/identity/oauth2/token"
        for env in ({"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.server.url},
                    {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": "s3cr3t-i"},
                    {"IDENTITY_ENDPOINT": url, "IMDS_ENDPOINT": url}):
            with self.subTest(sorted(env)):
                self.sets(**env)
                result = self.sets(SYSTEM, AZURE_CLIENT_ID="reader", **env)
                self.assertIn("Identity not found", result.err)

    def access_token(self):
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials", "client_id": CLIENT,
            "scope": "https://attest.azure.net/.default",
            "client_secret": "CLIENT-s3cr3t/with+signs="})
        answer = self.server.request("POST", "/t/oauth2/v2.0/token", form)
        return answer.json["access_token"]

    def test_azure_cli(self):
        self.write("bin/az", "#!/bin/sh\ncat answer\n")
        os.chmod(os.path.join(self.directory, "bin", "az"), 0o755)
        self.write("answer", {"accessToken": self.access_token(),
                              "expires_on": int(time.time()) + 3600})
        path = os.path.join(self.directory, "bin") + ":/usr/bin:/bin"
        self.sets(auth=("--auth", "az"), PATH=path)

    def test_token_file(self):
        self.write("token", self.access_token())
        self.sets(auth=("--token-file", "token"))


class RefusalsTest(EmulatorTest):
    """Each code of the emulator; what cannot be reached through the uploader
    (it refuses first) is left to the tests of the emulator."""

    def says(self, result, *words):
        for word in words:
            self.assertIn(word, result.err)
        self.assertEqual("", result.out)

    def test_access(self):
        self.write("p", DENY)
        self.write("token", "eyJ.eyJ.x")
        words = ("policy", "set", "p", *KIND)
        self.says(self.remote(SYSTEM, *words, auth=("--token-file", "token")),
                  "401 Unauthorized", "Attestation")
        self.says(self.remote(SYSTEM, *words, AZURE_CLIENT_ID="reader",
                              AZURE_CLIENT_SECRET="READER-s3cr3t"),
                  "403 Forbidden", "Attestation Contributor")
        self.remote(OK, "policy", "get", *KIND, AZURE_CLIENT_ID="reader",
                    AZURE_CLIENT_SECRET="READER-s3cr3t")

    def test_policies(self):
        self.write("p", DENY)
        words = ("policy", "set", "p", *KIND)
        self.says(self.author(NO, *words, instance="/i/iso"),
                  "InvalidOperation", "Unsigned JWS", "--key")
        self.says(self.author(NO, *words, "--key", self.file("stranger.pem"),
                              "--cert", self.file("stranger.pem"),
                              instance="/i/iso"),
                  "InvalidParameter", "Unable to find issuer certificate",
                  "maapol signer list")
        self.says(self.author(NO, *words, instance="/i/all"),
                  "InvalidOperation", "shared provider")
        self.write("bad", "version= 1.0;\nauthorizationrules {\n=> permitt();"
                          "\n};\n")
        self.says(self.author(INPUT, "policy", "set", "bad", "--no-check",
                              *KIND), "bad:3:", "PolicyParsingError",
                  "maapol check")
        self.write("token", policy_token(DENY).split(".")[0] + ".e30.")
        self.author(INPUT, "policy", "set", "token", "--no-check", *KIND)

    def test_signers(self):
        first = self.file("first.pem")
        self.says(self.author(NO, "signer", "add", first, "--key",
                              self.file("own.pem"), "--cert", first),
                  "InvalidOperation", "AAD mode")
        self.says(self.author(NO, "policy", "reset", *KIND,
                              instance="/i/iso"), "Unsigned JWS")

    def test_place_and_size(self):
        self.write("p", DENY)
        words = ("policy", "set", "p", *KIND)
        self.says(self.author(SYSTEM, *words, instance="/i/nobody"),
                  "404 NotFound", "check --endpoint")
        self.write("large", PERMIT + "//" + "x" * (10 << 20) + "\n")
        self.says(self.author(NO, "policy", "set", "large", "--no-check",
                              *KIND), "413 RequestTooLarge")

    def attest(self, status, kind, request, *words, **options):
        self.write("r.json", request)
        return self.author(status, "attest", "--type", kind, "--request",
                           "r.json", *words, verbs=1, **options)

    def test_attestation(self):
        with open(example("request.json")) as file:
            good = json.load(file)
        self.write("deny", DENY)
        self.says(self.attest(NO, "SgxEnclave", good, "--policy", "deny"),
                  "PolicyEvaluationError", "A Deny claim was issued")
        self.says(self.attest(NO, "SgxEnclave", dict(good, runtimeData={
            "data": b64url("other"), "dataType": "Binary"})),
            "InvalidParameter", "not what the evidence was made for")
        aik = {"data": b64url('{"payload":{"type":"aikcert"}}')}
        self.says(self.attest(NO, "Tpm", aik), "Bad request",
                  "policy has not been set", "maapol policy set")
        self.says(self.attest(NO, "Tpm", aik, instance="/i/all"),
                  "Bad request", "shared providers")
        self.says(self.attest(NO, "SgxEnclave", {"quote": "AAAA"}),
                  "InvalidParameter")


if __name__ == "__main__":
    unittest.main()
