# SPDX-License-Identifier: Apache-2.0
"""What somebody tries who wants more of the emulator than he may have: paths
that end early, texts that are none, chains that name somebody else."""
import base64
import json
import tempfile

from serve_fixture import (PERMIT, RESET, ServeTest, make_signer, pem_der,
                           signed_policy)
from server import policy_token


class UrlTest(ServeTest):
    options = ("--oauth", "off")

    def test_no_part_of_a_path_goes_unseen(self):
        for path in ("/policies/SgxEnclave%00", "/policies/SgxEnclave%00:reset",
                     "/policies/SgxEnclave%00/x", "/%00/policies/SgxEnclave",
                     "/policies/SgxEnclave/%ff", "/policies/%c0%ae",
                     "/policies/%ed%a0%80", "/%ff"):
            for method, body in (("GET", None), ("PUT", policy_token(PERMIT))):
                with self.subTest(path, method=method):
                    self.refused(self.server.api(method, path, body),
                                 "Bad request", "no text in UTF-8")
        self.good(self.server.api("GET", "/policies/Sgx%45nclave"))

    def test_arguments_are_text(self):
        for query in ("api-version=%ff", "api-version=2020-10-01%00x",
                      "api-version=2020-10-01&x=%ff",
                      "api-version=2020-10-01&%ff=x"):
            with self.subTest(query):
                answer = self.server.api("GET", "/policies/SgxEnclave",
                                         version=query)
                self.refused(answer, "Bad request", "no text in UTF-8")
        self.good(self.server.api("GET", "/policies/SgxEnclave",
                                  version="api-version=2020-10-01&x=%c3%a4"))

    def test_clients_have_names_in_utf_8(self):
        form = ("grant_type=client_credentials&client_secret=s&scope=%s&"
                "client_id=%s")
        for scope, client, status in (("a", "%c3%a4", 200), ("a", "%ff", 400),
                                      ("%ff", "a", 400)):
            answer = self.server.request("POST", "/t/oauth2/v2.0/token",
                                         form % (scope, client))
            self.assertEqual(status, answer.status, answer)
            json.loads(answer.body.decode())  # strict about UTF-8


class BearerTest(ServeTest):
    def test_blanks_are_no_token(self):
        for text in ("Bearer", "Bearer ", "Bearer   ", "Bearer \t", " "):
            with self.subTest(text):
                self.refused(
                    self.server.api("GET", "/policies/SgxEnclave",
                                    headers={"Authorization": text}),
                    "Unauthorized", status=401)


class ChainTest(ServeTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="maapol-serve-attack-")
        cls.owner = make_signer(cls.folder.name, "owner")
        cls.thief = make_signer(cls.folder.name, "thief")
        cls.options = ("--mode", "isolated", "--signer-certificate",
                       cls.owner[1])
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def tearDown(self):
        pass  # nothing was set

    def chain(self, *texts):
        return {"alg": "RS256", "x5c": list(texts)}

    def test_the_owners_certificate_helps_no_other_key(self):
        owner, thief = (base64.b64encode(pem_der(signer[1])).decode()
                        for signer in (self.owner, self.thief))
        padded = base64.b64encode(pem_der(self.thief[1]) + b"\0").decode()
        with open(self.thief[1]) as file:
            pem = file.read()
        headers = [self.chain(*chain) for chain in (
            (owner,), (thief,), (thief, owner), (owner, thief),
            (thief + "\n", owner), (padded, owner), (pem, owner),
            ("", owner), (thief.rstrip("="), owner))]
        headers += [{**self.chain(owner), "jwk": {"x5c": [thief]}},
                    {**self.chain(thief), "jwk": {"x5c": [owner]}},
                    {**self.chain(thief), "X5C": [owner]},
                    {**self.chain(owner), "alg": "HS256"},
                    {**self.chain(owner), "alg": "none"},
                    {**self.chain(owner), "alg": "NONE"}]
        before = self.good(self.server.api("GET", "/policies/SgxEnclave"))
        for header in headers:
            with self.subTest(header["alg"], chain=header["x5c"][0][-8:]):
                answer = self.put("SgxEnclave", signed_policy(
                    PERMIT, self.thief, header=header))
                self.assertEqual(400, answer.status, answer)
        after = self.good(self.server.api("GET", "/policies/SgxEnclave"))
        self.assertEqual(before.claims["x-ms-policy"],
                         after.claims["x-ms-policy"])
        self.assertEqual(400, self.server.api(
            "POST", "/policies/SgxEnclave:reset", RESET).status)
