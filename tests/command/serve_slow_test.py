# SPDX-License-Identifier: Apache-2.0
"""Clients that hold connections without getting on, and a stop amid it."""
import json
import select
import signal
import socket
import threading
import time

from harness import OK, USAGE
from serve_fixture import ServeTest, request_body
from server import Server, is_sanitized

LIMIT = 2  # seconds
SLACK = 4 if is_sanitized() else 2


class SlowTest(ServeTest):
    options = ("--verify", "none", "--http", "--time-limit", str(LIMIT))

    def trickle(self, connection, piece, seconds=LIMIT + SLACK):
        """Sends it again and again; how long the server bore with it."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            try:
                connection.sendall(piece)
            except OSError:
                return time.monotonic() - begin
            if select.select([connection], [], [], 0.1)[0]:
                try:
                    if not connection.recv(65536):
                        return time.monotonic() - begin
                except OSError:
                    return time.monotonic() - begin
        self.fail("after %d s it is still open" % seconds)

    def test_slow_headers(self):
        for start, piece in (
                (b"", b"G"), (b"GET / HTTP/1.1\r\n", b"X-a: b\r\n"),
                (b"GET /certs HTTP/1.1\r\nHost: x\r\n\r\n"
                 b"GET /certs HTTP/1.1\r\n", b"X-a: b\r\n")):
            with self.subTest(start):
                with self.server.socket() as connection:
                    connection.sendall(start)
                    time.sleep(0.2)
                    if b"\r\n\r\n" in start:
                        self.assertIn(b"200 OK", connection.recv(65536))
                    waited = self.trickle(connection, piece)
                self.assertGreater(waited, LIMIT / 2)

    def test_slow_body(self):
        with self.server.socket() as connection:
            connection.sendall(
                b"POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\n"
                b"Host: x\r\nContent-Length: 100000\r\n\r\n")
            self.trickle(connection, b" ")

    def test_silence(self):
        with self.server.socket() as connection:
            connection.settimeout(LIMIT + SLACK)
            self.assertEqual(b"", connection.recv(1))

    def test_an_answer_that_nobody_takes(self):
        held = []
        for _ in range(4):
            connection = self.server.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            for _ in range(300):
                try:
                    connection.sendall(b"GET /openapi.json HTTP/1.1\r\n"
                                       b"Host: x\r\n\r\n")
                except OSError:
                    break
            held.append(connection)
        self.assertEqual(200, self.attest().status)
        for connection in held:
            connection.close()

    def test_a_client_that_gets_on_is_kept(self):
        connection = self.server.connect()
        for _ in range(5):
            time.sleep(LIMIT / 2.5)
            connection.request("GET", "/health")
            self.assertEqual(200, connection.getresponse().read() and 200)
        connection.close()

    def test_slow_clients_do_not_crowd_out_others(self):
        held = [self.server.socket() for _ in range(300)]
        for connection in held:
            connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        begin = time.monotonic()
        self.assertEqual(200, self.attest().status)
        self.assertLess(time.monotonic() - begin, LIMIT)
        for connection in held:
            connection.close()

    def test_limits_that_are_none(self):
        for text in ("0", "61", "x", "-1", ""):
            self.expect(USAGE, "serve", "--time-limit", text)


class TlsSlowTest(SlowTest):
    options = ("--verify", "none", "--time-limit", str(LIMIT))

    def test_handshake_that_stops(self):
        with socket.create_connection((self.server.host,
                                       self.server.port)) as plain:
            self.trickle(plain, b"\x16\x03\x01\x20\x00\x01")


class StopTest(ServeTest):
    def test_requests_on_their_way_are_answered(self):
        server = Server("--verify", "none")
        body = json.dumps(request_body()).encode()
        head = (b"POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\n"
                b"Host: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" %
                len(body))
        connection = server.socket()
        connection.sendall(head + body[:100])
        time.sleep(0.2)
        result = []
        stopper = threading.Thread(target=lambda: result.append(
            server.stop()))
        stopper.start()
        time.sleep(0.3)
        connection.sendall(body[100:])
        answer = connection.recv(65536)
        self.assertIn(b"200 OK", answer)
        connection.close()
        stopper.join(20)
        self.assertEqual([OK], result)

    def test_no_more_connections_are_taken(self):
        server = Server("--verify", "none")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
        with self.assertRaises(OSError):
            socket.create_connection((server.host, server.port), 2)
        server.close()

    def test_a_client_that_hangs_does_not_stop_the_end(self):
        server = Server("--verify", "none")
        with server.socket() as connection:
            connection.sendall(b"POST /attest/SgxEnclave HTTP/1.1\r\n"
                               b"Host: x\r\nContent-Length: 9\r\n\r\n")
            time.sleep(0.2)
            begin = time.monotonic()
            self.assertEqual(OK, server.stop())
            self.assertLess(time.monotonic() - begin, 8 + SLACK)
