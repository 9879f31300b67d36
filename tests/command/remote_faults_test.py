# SPDX-License-Identifier: Apache-2.0
"""The uploader and the emulator with a connection between them that breaks at
every place: nothing is lost, nothing is done twice unseen, and what is said of
the end is true."""
import itertools
import os
import socket
import unittest

from faulty_proxy import AFTER, BEFORE, STAGES, Fault, Proxy
from harness import CommandTest, OK, SYSTEM, example, policy_token
from remote_server import (CLIENT, TENANT, make_certificate, make_key, pem,
                           thumbprint)
from serve_fixture import ISSUE
from server import Server, is_built

KIND = "SgxEnclave"
POLICIES = "/policies/" + KIND


class Behind(Server):
    """An emulator that calls itself as clients call the proxy before it."""

    def __init__(self, *options):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        super().__init__("--http", "--listen", "127.0.0.1:%d" % self.port,
                         *options)

    def read_ready(self):
        while not self.process.stdout.readline().startswith(b"instance "):
            if self.process.poll() is not None:
                raise RuntimeError("no start: " + self.errors())
        self.url, self.host = "http://127.0.0.1:%d" % self.port, "127.0.0.1"


@unittest.skipUnless(is_built(), "there is no maapol-serve")
class FaultyTest(CommandTest):
    """One emulator and one proxy for the tests of a class."""

    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.folder = tempfile.TemporaryDirectory(prefix="maapol-faults-")
        cls.proxy = Proxy(cls.folder.name)
        cls.keys = {}
        for name in ("one", "two"):
            key = make_key()
            cls.keys[name] = make_certificate(name, key, ca=True)
            with open(os.path.join(cls.folder.name, name + ".pem"),
                      "wb") as file:
                file.write(pem(cls.keys[name]) + pem(key))
        cls.server = Behind(
            "--issuer", cls.proxy.url, "--verify", "none", "--oauth",
            "strict", "--instance",
            "iso=isolated," + os.path.join(cls.folder.name, "one.pem"))
        cls.proxy.upstream = (cls.server.host, cls.server.port)
        cls.numbers = itertools.count()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        status = cls.server.stop()
        cls.folder.cleanup()
        if status != 0:
            raise AssertionError("exit status %d" % status)

    def remote(self, status, *words, instance="", retries="4", timeout="15",
               verbs=2):
        """A call through the proxy, whose access token comes through it too."""
        result = self.expect(
            status, *words[:verbs], "--endpoint", self.proxy.url + instance,
            "--ca", self.proxy.ca, "--retry-delay", "1", "--retries", retries,
            "--timeout", timeout, *words[verbs:], env={
                "AZURE_AUTHORITY_HOST": self.proxy.url,
                "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT,
                "AZURE_CLIENT_SECRET": "word-3x"})
        self.assertNotIn("word-3x", result.out + result.err)
        return result

    def directly(self, method, path, body=None):
        """Past the proxy: the truth."""
        form = ("grant_type=client_credentials&client_id=a&client_secret=b&"
                "scope=https%3A%2F%2Fattest.azure.net%2F.default")
        token = self.server.request("POST", "/t/oauth2/v2.0/token",
                                    form).json["access_token"]
        return self.server.api(method, path, body, headers={
            "Authorization": "Bearer " + token})

    def in_force(self):
        return self.directly("GET", POLICIES).claims["x-ms-policy"]

    def fresh(self):
        """A policy that was never set, and its token."""
        text = ISSUE % next(self.numbers)
        self.write("p", text)
        return policy_token(text)

    def set(self, status=OK, **options):
        return self.remote(status, "policy", "set", "p", "--type", KIND,
                           **options)

    def path(self, name):
        return os.path.join(self.folder.name, name)


# What `policy set` asks, in its order.
REQUESTS = (("POST", "/" + TENANT), ("GET", POLICIES), ("GET", "/certs"),
            ("PUT", POLICIES))


class SetTest(FaultyTest):
    slow = True

    def check_once(self, fault, method):
        """One break: the policy is in force, was sent on once, and the proof
        is not claimed where the answer was lost."""
        token = self.fresh()
        self.proxy.begin(fault)
        result = self.set()
        self.assertEqual(0, fault.times, "the fault was not met")
        self.assertEqual(token, self.in_force())
        self.assertEqual(1, self.proxy.count("PUT"))
        lost = method == "PUT" and fault.stage in AFTER
        self.assertIn("in force (the answer was lost; read back)" if lost
                      else "in force and verified", result.out)

    def test_a_connection_that_breaks(self):
        for method, path in REQUESTS:
            for stage in STAGES[2:]:
                for how in ("reset", "cut"):
                    with self.subTest(method=method, path=path, stage=stage,
                                      how=how):
                        self.check_once(Fault(stage, how, method, path),
                                        method)

    def test_no_connection(self):
        """The first or a later one, before or while TLS begins."""
        for stage in ("accept", "handshake"):
            for skip, how in ((0, "reset"), (0, "cut"), (1, "reset")):
                with self.subTest(stage=stage, skip=skip, how=how):
                    self.check_once(Fault(stage, how, skip=skip), None)

    def test_silence(self):
        """An answer that comes later than --timeout. On a slow machine others
        do so too; only the end is certain."""
        for stage, method in (("whole", "PUT"), ("answered", "PUT"),
                              ("answered", "GET")):
            with self.subTest(stage=stage, method=method):
                token = self.fresh()
                self.proxy.begin(Fault(stage, "delay", method, POLICIES,
                                       seconds=3))
                self.assertIn(KIND + " at", self.set(timeout="1").out)
                self.assertEqual(token, self.in_force())

    def test_requests_and_answers_that_come_twice(self):
        for method, path in REQUESTS:
            for stage in ("twice", "more"):
                with self.subTest(method=method, path=path, stage=stage):
                    token = self.fresh()
                    self.proxy.begin(Fault(stage, method=method, path=path))
                    self.assertIn("in force and verified", self.set().out)
                    self.assertEqual(token, self.in_force())

    def test_answers_that_are_no_http(self):
        for method, path in REQUESTS:
            with self.subTest(method=method, path=path):
                token = self.fresh()
                self.proxy.begin(Fault("garbage", method=method, path=path))
                self.assertIn("in force", self.set().out)
                self.assertEqual(token, self.in_force())
                self.assertEqual(1, self.proxy.count("PUT"))

    def test_what_never_gets_through(self):
        """It ends, with a failure, and nothing has changed."""
        before = self.in_force()
        for stage in BEFORE[2:]:
            with self.subTest(stage=stage):
                self.fresh()
                self.proxy.begin(Fault(stage, method="PUT", times=99))
                result = self.set(SYSTEM, retries="1")
                self.assertIn("the old policy is still in force", result.err)
                self.assertEqual("", result.out)
                self.assertEqual(before, self.in_force())
        for method, path in REQUESTS[:3]:
            with self.subTest(method=method, path=path):
                self.proxy.begin(Fault("whole", method=method, path=path,
                                       times=99))
                self.set(SYSTEM, retries="1")
                self.assertEqual(0, self.proxy.count("PUT"))
                self.assertEqual(before, self.in_force())

    def test_what_is_done_and_never_answered(self):
        for stage in AFTER:
            with self.subTest(stage=stage):
                token = self.fresh()
                self.proxy.begin(Fault(stage, method="PUT", times=99))
                self.assertIn("answer was lost", self.set().out)
                self.assertEqual(token, self.in_force())
                self.assertEqual(1, self.proxy.count("PUT"))

    def test_nobody_knows(self):
        """The answer is lost, and so is every look at what is in force. The
        same command again finds out, and changes nothing."""
        token = self.fresh()
        self.proxy.begin(Fault("answered", method="PUT"),
                         Fault("whole", method="GET", path=POLICIES, skip=1,
                               times=99))
        result = self.set(SYSTEM, retries="1")
        self.assertIn("it is not known which policy is in force", result.err)
        self.assertEqual("", result.out)
        self.assertEqual(token, self.in_force())
        self.proxy.begin()
        self.assertIn("already in force", self.set().out)
        self.assertEqual(0, self.proxy.count("PUT"))


class OtherTest(FaultyTest):
    def test_reset(self):
        default = self.in_force()
        for stage in STAGES[2:]:
            with self.subTest(stage=stage):
                answer = self.directly("PUT", POLICIES, self.fresh())
                self.assertEqual(200, answer.status, answer)
                self.proxy.begin(Fault(stage, method="POST", path=POLICIES))
                result = self.remote(OK, "policy", "reset", "--type", KIND)
                self.assertIn("the answer was lost" if stage in AFTER
                              else "and verified", result.out)
                self.assertEqual(default, self.in_force())
                self.assertEqual(1, self.proxy.count("POST", POLICIES))

    def signers(self):
        claims = self.directly("GET", "/i/iso/certificates").claims
        return len(claims["x-ms-policy-certificates"]["keys"])

    def by(self, name, new=""):
        return ("--%skey" % new, self.path(name + ".pem"),
                "--%scert" % new, self.path(name + ".pem"))

    def test_signers(self):
        for stage in ("head", "whole", "answered", "half"):
            for verb, count in (("add", 2), ("remove", 1)):
                with self.subTest(stage=stage, verb=verb):
                    path = "/i/iso/certificates:" + verb
                    self.proxy.begin(Fault(stage, method="POST", path=path))
                    self.remote(OK, "signer", verb, self.path("two.pem"),
                                *self.by("one"), instance="/i/iso")
                    self.assertEqual(count, self.signers())
                    self.assertEqual(1, self.proxy.count("POST", path))

    def test_rotation(self):
        """Every answer to a change is lost, there and back."""
        for old, new in (("one", "two"), ("two", "one")):
            self.proxy.begin(
                Fault("answered", method="POST", path="/i/iso/"),
                Fault("half", method="PUT", path="/i/iso/"),
                Fault("whole", method="POST", path="/i/iso/", skip=1))
            result = self.remote(
                OK, "signer", "rotate", "--type", KIND, *self.by(old),
                *self.by(new, "new-"), instance="/i/iso")
            self.assertIn(thumbprint(self.keys[new]), result.out)
            self.assertNotIn(thumbprint(self.keys[old]), result.out)
            self.assertEqual(1, self.signers())
            self.assertEqual((1, 1, 1), (
                self.proxy.count("POST", "/i/iso/certificates:add"),
                self.proxy.count("PUT", "/i/iso/policies"),
                self.proxy.count("POST", "/i/iso/certificates:remove")))

    def test_attest(self):
        for path in ("/attest/", "/certs"):
            for stage in STAGES[2:]:
                with self.subTest(path=path, stage=stage):
                    self.proxy.begin(Fault(stage, path=path))
                    result = self.remote(
                        OK, "attest", "--type", KIND, "--request",
                        example("request.json"), verbs=1)
                    self.assertIn("verified by the keys", result.out)
        self.proxy.begin(Fault("half", path="/attest/", times=99))
        self.assertEqual("", self.remote(
            SYSTEM, "attest", "--type", KIND, "--request",
            example("request.json"), retries="1", verbs=1).out)
