# SPDX-License-Identifier: Apache-2.0
"""Signers of an isolated instance: listed, added, removed, rotated."""
import os

from check_test import CLEAN
from harness import NO, OK, SYSTEM, USAGE, policy_token, read
from remote_fixture import RemoteTest
from remote_server import Service, make_certificate, pem, thumbprint


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
