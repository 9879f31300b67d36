# SPDX-License-Identifier: Apache-2.0
"""Every way to sign in, and where a token may go."""
import os
import time

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption, pkcs12)

from harness import INPUT, OK, SYSTEM, USAGE, environment, read
from remote_fixture import RemoteTest
from remote_server import (CLIENT, SECRETS, TENANT, make_certificate, make_key,
                           pem)


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
