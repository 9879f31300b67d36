# SPDX-License-Identifier: Apache-2.0
"""A service that answers as told, and calls of the verbs that speak to it."""
from check_test import CLEAN
from harness import CommandTest, OK
from remote_server import SECRETS, Service

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
