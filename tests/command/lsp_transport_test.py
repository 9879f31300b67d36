# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: how messages come and go, and when the server ends."""
import os
import select
import socket
import subprocess
import time
import unittest

from harness import (BUILD, CommandTest, MAAPOL, NO, OK, SYSTEM, USAGE,
                     environment)
from lsp_client import Client, frame

INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize",
              "params": {"processId": None, "capabilities": {}}}
SHUTDOWN = {"jsonrpc": "2.0", "id": 2, "method": "shutdown"}
EXIT = {"jsonrpc": "2.0", "method": "exit"}
SECONDS = 30


def has_remote():
    return os.path.exists(os.path.join(BUILD, "maapol-remote"))


class Socket(CommandTest):
    def setUp(self):
        super().setUp()
        if not has_remote():
            self.skipTest("maapol-remote was not built")

    def talk(self, host, family, form):
        with socket.create_server((host, 0), family=family) as server:
            server.settimeout(SECONDS)
            port = server.getsockname()[1]
            process = subprocess.Popen(
                [MAAPOL, "lsp", *form(port)], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, env=environment())
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.kill)
            connection, _ = server.accept()
            with connection:
                connection.settimeout(SECONDS)
                for message in (INITIALIZE, SHUTDOWN, EXIT):
                    connection.sendall(frame(message))
                said = b""
                while True:
                    part = connection.recv(1 << 16)
                    if not part:
                        break
                    said += part
            self.assertEqual(OK, process.wait(SECONDS))
        self.assertIn(b'"serverInfo"', said)
        self.assertIn(b'"id":2', said)

    def test_it_connects_to_the_port_of_the_client(self):
        for form in (lambda port: ["--socket=%d" % port],
                     lambda port: ["--socket", "127.0.0.1:%d" % port],
                     lambda port: ["--socket", "localhost:%d" % port]):
            self.talk("127.0.0.1", socket.AF_INET, form)

    def test_version_six(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("the machine has no ::1")
        self.talk("::1", socket.AF_INET6,
                  lambda port: ["--socket", "[::1]:%d" % port])

    def test_other_machines_and_nonsense_are_refused(self):
        for address in ("192.0.2.1:80", "example.org:80", "0.0.0.0:80", "0",
                        "65536", "x", "", ":", "-1", "[::1]", "127.0.0.1:"):
            result = self.maapol("lsp", "--socket=" + address)
            self.assertEqual(USAGE, result.status, address)
        self.expect(USAGE, "lsp", "--stdio", "--socket", "1")

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        result = self.expect(SYSTEM, "lsp", "--socket", str(port))
        self.assertIn("refused", result.err)


class End(CommandTest):
    def start(self, *options):
        process = subprocess.Popen(
            [MAAPOL, "lsp", *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment())
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        self.addCleanup(process.kill)
        return process

    def client_process(self):
        other = subprocess.Popen(["sleep", "100"])
        self.addCleanup(other.kill)
        return other

    def test_with_the_client(self):
        other = self.client_process()
        server = self.start("--clientProcessId=%d" % other.pid)
        with self.assertRaises(subprocess.TimeoutExpired):
            server.wait(3)
        other.kill()
        other.wait()
        server.wait(SECONDS)

    def test_with_the_client_that_initialize_names(self):
        other = self.client_process()
        server = self.start()
        params = dict(INITIALIZE["params"], processId=other.pid)
        server.stdin.write(frame(dict(INITIALIZE, params=params)))
        server.stdin.flush()
        with self.assertRaises(subprocess.TimeoutExpired):
            server.wait(3)
        other.kill()
        other.wait()
        server.wait(SECONDS)

    def test_a_client_that_cannot_be_seen_is_not_watched(self):
        """Its number may be that of another container."""
        other = subprocess.Popen(["true"])
        other.wait()
        server = self.start("--clientProcessId=%d" % other.pid)
        with self.assertRaises(subprocess.TimeoutExpired):
            server.wait(5)

    def test_a_number_that_is_none(self):
        for number in ("x", "-1", "", "99999999999"):
            self.expect(USAGE, "lsp", "--clientProcessId=" + number)

    def test_nobody_reads(self):
        server = self.start()
        server.stdout.close()
        server.stdin.write(frame(INITIALIZE))
        server.stdin.flush()
        self.assertEqual(SYSTEM, server.wait(SECONDS))


class Pipes(CommandTest):
    def start(self):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        client.initialize()
        return client

    def finish(self, client):
        client.tell("exit")
        self.assertEqual(NO, client.end(), client.error)

    def test_a_client_that_writes_and_does_not_read(self):
        """Pipes hold 64 kB; some megabytes of requests and as much of answers
        must not leave both sides waiting for each other."""
        client = self.start()
        client.open("version=1.2;\nauthorizationrules\n{\n" +
                    '  [type=="a"] => permit();\n' * 100 + "};\n")
        ask = b"".join(frame({"jsonrpc": "2.0", "id": i, "method":
                              "textDocument/documentSymbol", "params": {
                                  "textDocument": {"uri": "untitled:a"}}})
                       for i in range(1, 1001))
        os.set_blocking(client.process.stdin.fileno(), False)
        end, sent = time.time() + SECONDS, 0
        while sent < len(ask):
            self.assertLess(time.time(), end, "the server does not read")
            if select.select([], [client.process.stdin], [], 1)[1]:
                sent += os.write(client.process.stdin.fileno(),
                                 ask[sent:sent + 65536])
        os.set_blocking(client.process.stdin.fileno(), True)
        for i in range(1, 1001):
            self.assertEqual(1, len(client.answer(i)))

    def test_nothing_is_done_while_nothing_happens(self):
        client = self.start()
        time.sleep(1)
        with open("/proc/%d/stat" % client.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        self.assertLess(ticks, 0.3 * os.sysconf("SC_CLK_TCK"))

    def test_requests_of_any_number_are_cancelled(self):
        client = self.start()
        for number in (7, -7, "seven", 7.5, 2 ** 53):
            ask = {"jsonrpc": "2.0", "id": number, "method":
                   "workspace/symbol", "params": {"query": ""}}
            back = {"jsonrpc": "2.0", "method": "$/cancelRequest",
                    "params": {"id": number}}
            client.send_raw(frame(ask) + frame(back))
            while True:
                message = client.read()
                if message.get("id") == number:
                    break
            self.assertEqual(-32800, message["error"]["code"], number)

    def test_a_file_as_input(self):
        """It is always readable, and ends."""
        path = self.write("session", frame(INITIALIZE) + frame(SHUTDOWN) +
                          frame(EXIT))
        with open(self.path("session"), "rb") as file:
            done = subprocess.run([MAAPOL, "lsp"], stdin=file,
                                  capture_output=True, env=environment(),
                                  timeout=SECONDS)
        self.assertEqual(OK, done.returncode, path)
        self.assertEqual(2, done.stdout.count(b"Content-Length"))


if __name__ == "__main__":
    unittest.main()
