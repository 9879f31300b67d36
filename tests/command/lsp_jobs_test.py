# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: the programs that it runs end when they are to end."""
import json
import os
import time
import unittest

from harness import CommandTest, NO, OK
from lsp_client import Client, Failed

SECONDS = 20


class JobsTest(CommandTest):
    """A suite that waits for ever: its policy is a pipe that nobody fills."""

    def setUp(self):
        super().setUp()
        os.mkfifo(self.path("p.maapolicy"))
        self.write("s.maatest.json", json.dumps({
            "policy": "p.maapolicy", "tests": [{
                "name": "n", "claims": {}, "expect": {"decision": "deny"}}]}))
        self.uri = "file://" + self.path("s.maatest.json")
        self.client = Client(self.directory)
        self.addCleanup(self.finish)
        self.client.initialize()
        self.client.open(self.read_suite(), uri=self.uri)

    def read_suite(self):
        with open(self.path("s.maatest.json")) as file:
            return file.read()

    def finish(self):
        if self.client.process.poll() is None:
            self.client.tell("exit")
        self.client.end()
        self.assertIn(self.client.process.returncode, (OK, NO))

    def ask(self, **more):
        self.client.next_id += 1
        self.client.send({
            "jsonrpc": "2.0", "id": self.client.next_id,
            "method": "workspace/executeCommand", "params": {
                "command": "maapol.test", "arguments": [{"uri": self.uri}],
                **more}})
        return self.client.next_id

    def programs(self):
        """Processes that the server has, by their command lines."""
        pid = self.client.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            return file.read().split()

    def wait_for_programs(self, count):
        end = time.time() + SECONDS
        while len(self.programs()) != count:
            self.assertLess(time.time(), end, self.programs())
            time.sleep(0.01)

    def assert_cancelled(self, number):
        with self.assertRaises(Failed) as caught:
            self.client.answer(number)
        self.assertEqual(-32800, caught.exception.code)

    def test_a_request_that_is_cancelled(self):
        number = self.ask()
        self.wait_for_programs(1)
        self.client.tell("$/cancelRequest", {"id": number})
        self.assert_cancelled(number)
        self.wait_for_programs(0)

    def test_two_run_and_others_wait(self):
        numbers = [self.ask() for _ in range(5)]
        self.wait_for_programs(2)
        self.assertEqual([], self.client.of("foldingRange", uri=self.uri) or [])
        time.sleep(0.2)
        self.assertEqual(2, len(self.programs()))
        for number in numbers:
            self.client.tell("$/cancelRequest", {"id": number})
            self.assert_cancelled(number)
        self.wait_for_programs(0)

    def test_nothing_is_left_behind_the_server(self):
        self.ask()
        self.wait_for_programs(1)
        child = self.programs()[0]
        self.client.tell("exit")
        self.client.process.wait(SECONDS)
        self.assertFalse(os.path.exists("/proc/" + child))

    def test_shutdown_ends_them(self):
        self.ask()
        self.wait_for_programs(1)
        self.client.ask("shutdown")
        self.wait_for_programs(0)

    def test_the_server_works_meanwhile(self):
        self.ask()
        self.wait_for_programs(1)
        self.client.open("version=1.2;")
        for i in range(20):
            self.client.change({"text": "version=1.2;" + " " * i},
                               version=i + 2)
            self.assertIsNotNone(self.client.of("documentSymbol"))


if __name__ == "__main__":
    unittest.main()
