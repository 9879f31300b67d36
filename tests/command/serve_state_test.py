# SPDX-License-Identifier: Apache-2.0
"""What outlives the emulator; bad clients; how it starts and ends."""
import base64
import json
import os
import socket
import ssl
import subprocess
import threading
import time

from harness import CommandTest, INPUT, MAAPOL, OK, SYSTEM, example, read
from serve_fixture import (ISSUE, PERMIT, ServeTest, make_signer, pem_der,
                           request_body, signed, signed_certificate,
                           signed_policy)
from server import Server, is_built, policy_token


class StateTest(CommandTest):
    def setUp(self):
        if not is_built():
            self.skipTest("maapol-serve is not built")
        super().setUp()
        self.state = os.path.join(self.directory, "state")

    def start(self, *options):
        server = Server("--verify", "none", *options, state=self.state)
        self.addCleanup(self.end, server)
        return server

    def end(self, server):
        """It was killed, or ends well."""
        self.assertIn(server.stop(), (0, -9), server.errors())

    def test_access_tokens_end(self):
        server = self.start("--oauth", "strict")
        token = server.request(
            "POST", "/t/oauth2/v2.0/token",
            "grant_type=client_credentials&client_id=a&client_secret=b&"
            "scope=https%3A%2F%2Fattest.azure.net%2F.default")
        headers = {"Authorization": "Bearer " + token.json["access_token"]}
        for later, status in ((0, 200), (3500, 200), (3700, 401), (-60, 401)):
            self.end(server)
            server = self.start("--oauth", "strict", "--now",
                                str(int(time.time()) + later))
            answer = server.api("GET", "/policies/SgxEnclave",
                                headers=headers)
            self.assertEqual(status, answer.status, answer)

    def test_acknowledged_policies_survive_a_kill(self):
        kid = ca = None
        for turn in range(3):
            server = self.start()
            keys = server.get("/certs").json["keys"]
            self.assertIn(kid, (None, keys[0]["kid"]))
            self.assertIn(ca, (None, read(server.ca)))
            kid, ca = keys[0]["kid"], read(server.ca)
            claims = server.api("GET", "/policies/SgxEnclave").claims
            if turn:
                self.assertEqual(token, claims["x-ms-policy"])
            token = policy_token(ISSUE % turn)
            answer = server.api("PUT", "/policies/SgxEnclave", token)
            self.assertEqual(200, answer.status, answer)
            server.kill()

    def test_signers_and_resets_survive(self):
        first = make_signer(self.directory, "first")
        second = make_signer(self.directory, "second")
        options = ("--mode", "isolated", "--signer-certificate")
        server = self.start(*options, first[1])
        for call in (("POST", "/certificates:add",
                      signed_certificate(second[1], first)),
                     ("POST", "/certificates:remove",
                      signed_certificate(first[1], second)),
                     ("PUT", "/policies/SgxEnclave",
                      signed_policy(PERMIT, second)),
                     ("POST", "/policies/SgxEnclave:reset",
                      signed(None, second))):
            self.assertEqual(200, server.api(*call).status)
        server.kill()
        # The first certificate is given again, and does not come back.
        server = self.start(*options, first[1])
        keys = server.api("GET", "/certificates").claims[
            "x-ms-policy-certificates"]["keys"]
        self.assertEqual([base64.b64encode(pem_der(second[1])).decode()],
                         [k["x5c"][0] for k in keys])
        claims = server.api("GET", "/policies/SgxEnclave").claims
        self.assertNotEqual(signed_policy(PERMIT, second),
                            claims["x-ms-policy"])

    def test_secrets_are_the_owners_alone(self):
        self.start()
        self.assertEqual(0o700, os.stat(self.state).st_mode & 0o777)
        for name in os.listdir(self.state):
            if name != "ca-certificate.pem":
                mode = os.stat(os.path.join(self.state, name)).st_mode
                self.assertEqual(0o600, mode & 0o777, name)

    def test_second_server_is_refused(self):
        self.start()
        result = self.expect(INPUT, "serve", "--state", self.state)
        self.assertIn("another process uses this state", result.err)

    def test_mode_cannot_change(self):
        first = make_signer(self.directory, "first")
        self.start("--mode", "isolated", "--signer-certificate",
                   first[1]).stop()
        result = self.expect(INPUT, "serve", "--state", self.state)
        self.assertIn("was made in isolated mode and cannot become aad",
                      result.err)

    def test_broken_state(self):
        os.mkdir(self.state)
        self.write("state/maapol.sqlite", b"not a database" * 100)
        self.expect(INPUT, "serve", "--state", self.state)

    def test_access_log(self):
        log = os.path.join(self.directory, "log")
        server = self.start("--access-log", log)
        server.api("GET", "/policies/SgxEnclave")
        for path in (b"/a%0a%22", b"/a%0a%22%ff"):  # the second is no text
            server.raw(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n"
                       b"Connection: close\r\n\r\n")
        server.api("PUT", "/policies/SgxEnclave", "secret-body", headers={
            "Authorization": "Bearer secret-token"})
        server.stop()
        text = read(log)
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(["policy_get", "none", "none", "policy_set"],
                         [line["operation"] for line in lines])
        self.assertEqual([200, 404, 400, 400],
                         [line["status"] for line in lines])
        self.assertEqual("InvalidOperation", lines[3]["code"])
        self.assertNotIn("secret", text)


class ConnectionTest(ServeTest):
    """Malformed HTTP, and clients that misbehave."""

    def tearDown(self):
        self.assertEqual(200, self.server.get("/health").status)

    def test_malformed_http(self):
        for data in (b"\r\n\r\n", b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n", b"GET /certs HTTP/1.1\r\n\r\n",
                     b"POST /attest/SgxEnclave HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Length: -1\r\n\r\n",
                     b"POST /attest/SgxEnclave HTTP/1.1\r\nHost: x\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\n" +
                     b"X: " + b"a" * 200000 + b"\r\n\r\n",
                     b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\n\r\n"):
            answer = self.server.raw(data)
            self.assertNotIn(b" 200 ", answer.split(b"\r\n")[0], data[:40])
            self.assertEqual(200, self.server.get("/health").status)

    def test_body_that_is_too_large(self):
        answer = self.server.raw(
            b"POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\n"
            b"Host: x\r\nContent-Length: 99999999999\r\n\r\n")
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])
        self.assertIn(b"RequestTooLarge", answer)

    def test_who_sends_too_much_hears_why(self):
        """The answer is not lost with a connection that ends too early."""
        for _ in range(3):
            answer = self.server.api("PUT", "/policies/SgxEnclave",
                                     b"a" * (18 << 20))
            self.assertEqual(413, answer.status, answer)
            self.assertEqual("RequestTooLarge", answer.error["code"])

    def test_who_asks_before_sending_is_told_at_once(self):
        answer = self.server.raw(
            b"PUT /policies/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\n"
            b"Host: x\r\nExpect: 100-continue\r\n"
            b"Content-Length: 18874368\r\n\r\n")
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])

    def test_chunked_body_that_is_too_large(self):
        with self.server.socket() as connection:
            connection.sendall(
                b"POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\n"
                b"Host: x\r\nConnection: close\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
            chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
            for _ in range(17):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
            answer = connection.recv(65536)
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])

    def test_half_open_connections_do_not_block(self):
        held = [self.server.socket() for _ in range(50)]
        try:
            for connection in held:
                connection.sendall(b"POST /attest/SgxEnclave HTTP/1.1\r\nHo")
            self.assertEqual(200, self.attest().status)
        finally:
            for connection in held:
                connection.close()

    def test_connections_that_are_not_tls(self):
        plain = socket.create_connection((self.server.host, self.server.port))
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        plain.close()
        self.assertEqual(200, self.server.get("/health").status)

    def test_old_tls_is_refused(self):
        context = self.server.context()
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, OSError)):
            with socket.create_connection((self.server.host,
                                           self.server.port)) as plain:
                context.wrap_socket(plain, server_hostname="localhost")

    def test_many_at_once(self):
        failures = []
        body = json.dumps(request_body())

        def work(number):
            for turn in range(5):
                text = ISSUE % number
                answer = self.attest(body=dict(
                    request_body(), draftPolicyForAttestation=text))
                if answer.status != 200 or \
                        answer.claims["probe"] != str(number):
                    failures.append(str(answer))
                answer = self.put("SgxEnclave", policy_token(PERMIT))
                if answer.status != 200:
                    failures.append(str(answer))
                if self.attest(body=body).status != 200:
                    failures.append("attest")
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], failures)

    def at_once(self, *works, turns=6):
        """Each in a thread of its own, again and again; what failed."""
        failures = []

        def run(work):
            try:
                for turn in range(turns):
                    work(turn)
            except Exception as error:
                failures.append("%s: %r" % (work.__name__, error))
        threads = [threading.Thread(target=run, args=(w,)) for w in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], failures)

    def test_everything_at_once(self):
        """Readers see whole policies and whole lists, whoever changes them."""
        keys = [make_signer(self.directory, n) for n in ("one", "two")]
        server = Server("--verify", "none", "--instance", "iso=isolated," +
                        keys[0][1], "--oauth", "strict", "--status-page", "on")
        self.addCleanup(server.stop)
        form = ("grant_type=client_credentials&client_id=a&client_secret=b&"
                "scope=https%3A%2F%2Fattest.azure.net%2F.default")

        def token():
            return {"Authorization": "Bearer " + server.request(
                "POST", "/t/oauth2/v2.0/token", form).json["access_token"]}
        bearer = token()
        policies = [signed_policy(ISSUE % n, keys[0]) for n in range(3)]
        change = signed_certificate(keys[1][1], keys[0])
        body = json.dumps(request_body())

        def good(method, path, content=None, headers=bearer):
            answer = server.api(method, path, content, headers=headers)
            self.assertEqual(200, answer.status, answer)
            return answer

        def sets(turn):
            good("PUT", "/i/iso/policies/SgxEnclave", policies[turn % 3])

        def resets(turn):
            good("POST", "/i/iso/policies/SgxEnclave:reset",
                 signed(None, keys[0]))

        def adds(turn):
            good("POST", "/i/iso/certificates:add", change)

        def removes(turn):
            good("POST", "/i/iso/certificates:remove", change)

        def lists(turn):
            listed = good("GET", "/i/iso/certificates").claims[
                "x-ms-policy-certificates"]["keys"]
            self.assertIn(len(listed), (1, 2))

        def reads(turn):
            found = good("GET", "/i/iso/policies/SgxEnclave").claims[
                "x-ms-policy"]
            self.assertTrue(found in policies or
                            found.startswith("eyJhbGciOiJub25lIn0."), found)

        def attests(turn):
            claims = good("POST", "/i/iso/attest/SgxEnclave", body, {}).claims
            self.assertIn(claims.get("probe"), ("0", "1", "2", None))

        def looks(turn):
            for path in ("/i/iso/", "/metrics", "/certs", "/openapi.json",
                         "/i/iso/.well-known/openid-configuration"):
                self.assertEqual(200, server.get(path).status)
            token()

        self.at_once(sets, resets, adds, removes, lists, reads, attests,
                     attests, looks)

    def test_stop_ends_what_was_begun(self):
        server = Server("--verify", "none")
        held = server.socket()
        self.addCleanup(held.close)
        self.assertEqual(0, server.stop())


class StartTest(CommandTest):
    def setUp(self):
        if not is_built():
            self.skipTest("maapol-serve is not built")
        super().setUp()

    def test_wrong_usage(self):
        for options in (("--listen", "nowhere"), ("--listen", "127.0.0.1:x"),
                        ("--listen", "127.0.0.1:70000"), ("--mode", "none"),
                        ("--oauth", "x"), ("--verify", "x"),
                        ("--issuer", "ftp://x"), ("--tls-cert", "x"),
                        ("--state", "x", "--memory"), ("--now", "soon"),
                        ("--instance", "x"), ("--instance", "X=aad"),
                        ("--instance", "a=b"), ("--threads", "0"),
                        ("--instance", "a=aad", "--instance", "a=aad"),
                        ("--instance", "a=aad,x.pem"),
                        ("--signer-certificate", "x"), ("argument",),
                        ("--accept-tcb", "Fine"), ("--accept-tcb", "Revoked"),
                        ("--accept-tcb", "UpToDate,"),
                        ("--federated-jwks", "https://x=f")):
            with self.subTest(options):
                self.assert_usage("serve", *options)

    def test_unusable_input(self):
        self.write("bad.pem", "nothing")
        for options in (("--mode", "isolated"),
                        ("--instance", "a=isolated"),
                        ("--mode", "isolated", "--signer-certificate",
                         "bad.pem"),
                        ("--mode", "isolated", "--signer-certificate",
                         "missing.pem"),
                        ("--roots", "missing"), ("--collateral", "missing"),
                        ("--clients", "bad.pem"),
                        ("--tls-cert", "missing", "--tls-key", "missing"),
                        ("--state", "missing/deeper/state")):
            with self.subTest(options):
                self.assert_unusable("serve", *options)

    def test_keys_of_other_providers(self):
        """Under --oauth strict nothing counts that cannot be checked."""
        self.write("c", [{"client_id": "ci", "issuer": "https://ci.example",
                          "subject": "s", "role": "Reader"}])
        self.write("none", {"keys": []})
        self.write("k", "no keys")
        key, pem = make_signer(self.directory, "provider")
        words = ("serve", "--clients", "c", "--federated-jwks")
        for keys in ("x", "=k", "https://ci.example="):
            self.assert_usage(*words, keys)
        one = "https://ci.example=" + pem
        self.assert_usage(*words, one, "--federated-jwks", one,
                          mentions="twice")
        for keys in ("none", "k", "missing"):
            self.assert_unusable(*words, "https://ci.example=" + keys)
        for more in ((), ("--federated-jwks", "https://other.example=" + pem)):
            result = self.assert_unusable("serve", "--clients", "c", "--oauth",
                                          "strict", *more)
            self.assertIn("client ci: --oauth strict wants the keys of its "
                          "issuer: --federated-jwks https://ci.example=FILE",
                          result.err)

    def test_port_that_is_taken(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        self.expect(SYSTEM, "serve", "--listen",
                    "127.0.0.1:%d" % taken.getsockname()[1])
        self.expect(SYSTEM, "serve", "--listen", "no.such.host.invalid:0")

    def test_given_certificate(self):
        key, pem = make_signer(self.directory, "localhost")
        process = subprocess.Popen(
            [MAAPOL, "serve", "--tls-key",
             key, "--tls-cert", pem, "--memory"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        try:
            url = process.stdout.readline().decode().split()[-1]
            host, port = url.split("//")[1].split(":")
            text = ssl.get_server_certificate((host, int(port)))
            self.assertEqual(pem_der(pem), ssl.PEM_cert_to_DER_cert(text))
        finally:
            process.terminate()
            self.assertEqual(0, process.wait(20))
            process.stdout.close()

    def test_key_and_certificate_that_are_no_pair(self):
        key, _ = make_signer(self.directory, "a")
        _, pem = make_signer(self.directory, "b")
        result = self.expect(SYSTEM, "serve", "--tls-key", key, "--tls-cert",
                             pem, "--memory")
        self.assertIn("TLS key", result.err)

    def test_plain_http_issuer_and_clock(self):
        process = subprocess.Popen(
            [MAAPOL, "serve", "--http", "--now", "2022-11-17T00:00:00Z",
             "--memory", "--listen", "localhost:0", "--issuer",
             "https://mine.example/", "--verify", "none", "--access-log", "-",
             "--verbose"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            line = process.stdout.readline().decode()
            self.assertEqual("maapol serve is ready at https://mine.example\n",
                             line)
        finally:
            process.terminate()
            process.communicate(timeout=20)
        self.assertEqual(OK, process.returncode)

    def test_without_state_nothing_is_left(self):
        process = subprocess.Popen(
            [MAAPOL, "serve"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"TMPDIR": self.directory, "PATH": "/usr/bin"})
        lines = [process.stdout.readline().decode() for _ in range(3)]
        path = lines[1].strip().split("=")[1]
        self.assertTrue(os.path.exists(path))
        self.assertTrue(path.startswith(self.directory))
        process.terminate()
        process.communicate(timeout=20)
        self.assertEqual(OK, process.returncode)
        self.assertEqual([], os.listdir(self.directory))
