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
import traceback

from harness import CommandTest, is_sanitized, read
from serve_fixture import ISSUE
from server import BEARER, Server, VERSION, is_built, policy_token

KILLS = 20 if is_sanitized() else 100
LANES = 4
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


class Lane(threading.Thread):
    """A state whose server is killed again and again. Starting one is mostly
    waiting, so that several lanes take hardly longer than one."""

    def __init__(self, state, seed):
        super().__init__(daemon=True)
        self.state, self.chance = state, random.Random(seed)
        self.allowed = {}  # tokens of each type that may be in force
        self.kills = self.acknowledged = 0
        self.problem = None

    def run(self):
        try:
            for turn in range(KILLS // LANES):
                self.kill_once(turn)
            server = self.start_server()
            if server.stop() != 0:
                raise AssertionError(server.errors())
        except Exception:
            self.problem = traceback.format_exc()

    def start_server(self):
        """What it comes back with was acknowledged, or was on its way."""
        server = Server("--verify", "none", "--http", state=self.state)
        for kind, tokens in self.allowed.items():
            claims = server.api("GET", "/policies/" + kind).claims
            if claims["x-ms-policy"] not in tokens:
                server.stop()
                raise AssertionError("%s: %s is in force, and none of %s" % (
                    kind, claims["x-ms-policy"], tokens))
        return server

    def kill_once(self, turn):
        server = self.start_server()
        writers = [Writer(server, kind, turn) for kind in KINDS]
        for writer in writers:
            writer.start()
        time.sleep(self.chance.uniform(0.005, 0.06))
        server.kill()
        self.kills += 1
        for writer in writers:
            writer.join(20)
            if writer.problem or writer.is_alive():
                raise AssertionError("a writer: %s" % writer.problem)
            self.note(writer)

    def note(self, writer):
        tokens = writer.sent + [writer.acknowledged]
        if writer.acknowledged is None:
            tokens += self.allowed.get(writer.kind, [])
            if writer.kind not in self.allowed:
                return  # the default was in force
        else:
            self.acknowledged += 1
        self.allowed[writer.kind] = [t for t in tokens if t]


class KillTest(CommandTest):
    slow = True

    def setUp(self):
        if not is_built():
            self.skipTest("maapol-serve is not built")
        super().setUp()
        self.state = os.path.join(self.directory, "state")

    def test_acknowledged_writes_survive_a_hundred_kills(self):
        lanes = [Lane(os.path.join(self.directory, "state%d" % n), n)
                 for n in range(LANES)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        self.assertEqual([], [lane.problem for lane in lanes if lane.problem])
        self.assertEqual(KILLS, sum(lane.kills for lane in lanes))
        self.assertGreater(sum(lane.acknowledged for lane in lanes),
                           KILLS // 4, "hardly any write")

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
