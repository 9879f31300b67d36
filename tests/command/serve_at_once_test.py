# SPDX-License-Identifier: Apache-2.0
"""A policy that was acknowledged decides every later request, of whatever
connection, hence of whatever thread, and its hash stands in their tokens."""
import json
import unittest

from harness import b64url, sha256_b64url
from serve_fixture import ISSUE, request_body
from server import BEARER, Server, is_built, policy_token, token_part

CONNECTIONS = 8  # more than there are threads
TURNS = 4


class AtOnceTest(unittest.TestCase):
    def setUp(self):
        if not is_built():
            self.skipTest("maapol-serve is not built")
        self.server = Server("--verify", "none", "--http")
        self.addCleanup(self.server.stop)

    def attest(self, connection):
        connection.request("POST",
                           "/attest/SgxEnclave?api-version=2020-10-01",
                           json.dumps(request_body()),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        self.assertEqual(200, answer.status, body)
        return token_part(json.loads(body)["token"], 1)

    def test_policy(self):
        connections = [self.server.connect() for _ in range(CONNECTIONS)]
        for connection in connections:
            self.addCleanup(connection.close)
            self.attest(connection)
        for turn in range(TURNS):
            text = ISSUE % turn
            answer = self.server.api("PUT", "/policies/SgxEnclave",
                                     policy_token(text), headers=BEARER)
            self.assertEqual(200, answer.status, answer)
            for connection in connections:
                claims = self.attest(connection)
                self.assertEqual(str(turn), claims["probe"])
                self.assertEqual(sha256_b64url(b64url(text)),
                                 claims["x-ms-policy-hash"])


if __name__ == "__main__":
    unittest.main()
