# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged outlives SIGKILL, a hundred times in the middle of
writes; and the system has it on disk before the answer goes out."""
import http.client
import os
import random
import re
import shutil
import signal
import threading
import time

from harness import CommandTest, is_sanitized, read
from serve_fixture import ISSUE
from server import BEARER, Server, VERSION, is_built, policy_token

KILLS = 20 if is_sanitized() else 100
KINDS = ("SgxEnclave", "TdxVm", "SevSnpVm")


class Writer(threading.Thread):
    """Sets policies of one type one after another until the server is gone."""

    def __init__(self, server, kind, turn):
        super().__init__(daemon=True)
        self.server, self.kind, self.turn = server, kind, turn
        self.acknowledged = None
        self.sent = []  # since then, without an answer
        self.problem = None

    def run(self):
        connection = http.client.HTTPConnection(self.server.host,
                                                self.server.port, timeout=20)
        try:
            for number in range(100000):
                token = policy_token(ISSUE % ("%s-%d-%d" % (
                    self.kind, self.turn, number)))
                self.sent = [token]
                connection.request("PUT", "/policies/%s?%s" % (
                    self.kind, VERSION), token, BEARER)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    self.problem = body
                    return
                self.acknowledged, self.sent = token, []
        except (OSError, http.client.HTTPException):
            pass  # killed
        finally:
            connection.close()


class KillTest(CommandTest):
    slow = True

    def setUp(self):
        if not is_built():
            self.skipTest("maapol-serve is not built")
        super().setUp()
        self.state = os.path.join(self.directory, "state")

    def check(self, server, allowed):
        for kind, tokens in allowed.items():
            claims = server.api("GET", "/policies/" + kind).claims
            self.assertIn(claims["x-ms-policy"], tokens, kind)

    def test_acknowledged_writes_survive_a_hundred_kills(self):
        chance = random.Random(4)
        allowed, acknowledged = {}, 0
        for turn in range(KILLS):
            server = Server("--verify", "none", "--http", state=self.state)
            self.check(server, allowed)
            writers = [Writer(server, kind, turn) for kind in KINDS]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.005, 0.06))
            server.kill()
            for writer in writers:
                writer.join(20)
                self.assertIsNone(writer.problem)
                self.assertFalse(writer.is_alive())
                tokens = writer.sent + [writer.acknowledged]
                if writer.acknowledged is None:
                    tokens += allowed.get(writer.kind, [])
                    if writer.kind not in allowed:
                        continue  # the default was in force
                else:
                    acknowledged += 1
                allowed[writer.kind] = [t for t in tokens if t]
        self.assertGreater(acknowledged, KILLS // 4, "hardly any write")
        server = Server("--verify", "none", "--http", state=self.state)
        self.check(server, allowed)
        self.assertEqual(0, server.stop())

    def test_it_is_on_disk_before_the_answer(self):
        if not shutil.which("strace") or is_sanitized():
            self.skipTest("strace is not installed, or a sanitizer is in use")
        log = os.path.join(self.directory, "calls")
        server = Server(
            "--verify", "none", "--http", "--threads", "1", state=self.state,
            below=("strace", "-f", "-s", "40", "-o", log, "-e",
                   "trace=recvfrom,read,sendto,sendmsg,write,writev,fsync,"
                   "fdatasync"))
        token = policy_token(ISSUE % "on disk")
        answer = server.api("PUT", "/policies/SgxEnclave", token)
        self.assertEqual(200, answer.status, answer)
        pid = int(read(log).split()[0])
        os.kill(pid, signal.SIGTERM)
        server.process.wait(20)
        server.close()
        seen = [name for line in read(log).splitlines() for name in [
            re.search(r'(PUT /policies|HTTP/1.1 200|f(?:data)?sync\()', line)]
            if name]
        order = [found[1] for found in seen]
        begin = order.index("PUT /policies")
        end = order.index("HTTP/1.1 200", begin)
        self.assertTrue(any("sync" in name for name in order[begin:end]),
                        order)
