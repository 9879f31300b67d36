# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: files of the workspace that are not open."""
import fnmatch
import json
import os
import select
import time
import unittest
from urllib.parse import quote

from harness import CommandTest, NO, OK
from lsp_client import Client, Failed

GOOD = ("version=1.2;\nauthorizationrules\n{\n"
        '  [type=="x-ms-ver", value=="1.0"] => permit();\n};\n')
BAD = GOOD.replace("permit", "prmit")
WRONG = "P007"  # what is said of it
CLAIM = ("version=1.2;\nauthorizationrules\n{\n"
         '  => add(type="%s", value=1);\n  => permit();\n};\n')
PULLS = {"textDocument": {"diagnostic": {}}}
CHANGED, DELETED, CREATED = 2, 3, 1


class WorkspaceTest(CommandTest):
    def start(self, *folders, capabilities=None, **more):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        client.ask("initialize", {
            "processId": None, "capabilities": capabilities or {},
            "workspaceFolders": [self.folder(f) for f in folders], **more})
        client.tell("initialized", {})
        return client

    def finish(self, client):
        if client.process.poll() is None:
            client.tell("exit")
        client.end()
        self.assertIn(client.process.returncode, (OK, NO), client.error)

    def uri(self, path=""):
        return "file://" + quote(os.path.join(self.directory, path)
                                 if path else self.directory)

    def folder(self, path=""):
        return {"uri": self.uri(path), "name": path}

    def put(self, path, text):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        self.write(path, text)

    def changed(self, client, *changes):
        client.tell("workspace/didChangeWatchedFiles", {"changes": [
            {"uri": self.uri(path), "type": kind} for path, kind in changes]})

    def pushed(self, client, path):
        """The findings of the file that are pushed next."""
        while True:
            params = client.wait_for("textDocument/publishDiagnostics")
            if params["uri"] == self.uri(path):
                return [f["code"] for f in params["diagnostics"]]

    def pull(self, client, **more):
        answer = client.ask("workspace/diagnostic",
                            {"previousResultIds": [], **more})
        return {item["uri"]: item for item in answer["items"]}

    def codes(self, item):
        return [f["code"] for f in item["items"]]

    def symbols(self, client, query=""):
        return [s["name"] for s in client.ask("workspace/symbol",
                                              {"query": query})]

    def symbols_in_time(self, client, wanted):
        """Files are looked at after what was asked: it takes a moment."""
        end = time.time() + 20
        while sorted(self.symbols(client)) != wanted:
            self.assertLess(time.time(), end, self.symbols(client))
            time.sleep(0.01)


class Scan(WorkspaceTest):
    def test_what_is_found(self):
        self.put("a b/é.maapolicy", BAD)
        self.put("c/d/e.policy", BAD)
        self.put("good.maapolicy", GOOD)
        for path in (".hidden/x.maapolicy", ".git/x.maapolicy",
                     "node_modules/x.maapolicy", "c/.x.maapolicy", "x.txt",
                     "maapolicy"):
            self.put(path, BAD)
        os.symlink(self.path("a b"), self.path("link"))
        os.symlink(self.path("c/d/e.policy"), self.path("link.maapolicy"))
        client = self.start("", capabilities=PULLS)
        found = self.pull(client)
        self.assertEqual({self.uri(p) for p in ("a b/é.maapolicy",
                                                "c/d/e.policy",
                                                "good.maapolicy")},
                         set(found))
        self.assertEqual([WRONG], self.codes(
            found[self.uri("c/d/e.policy")]))
        self.assertEqual([], self.codes(found[self.uri("good.maapolicy")]))

    def test_findings_are_those_of_check(self):
        self.put("p.maapolicy", BAD + "x")
        told = self.maapol("check", "--format", "json", "p.maapolicy").json
        client = self.start("", capabilities=PULLS)
        found = self.pull(client)[self.uri("p.maapolicy")]
        self.assertEqual([f["code"] for f in told["findings"]],
                         self.codes(found))
        client.tell("textDocument/didOpen", {"textDocument": {
            "uri": self.uri("p.maapolicy"), "languageId": "maapolicy",
            "version": 1, "text": BAD + "x"}})
        opened = client.of("diagnostic", uri=self.uri("p.maapolicy"))
        self.assertEqual(opened["items"], found["items"])

    def test_configuration_counts(self):
        self.put("s/.maapol.json", json.dumps({"lint": {"F4": "info"},
                                               "type": "SgxEnclave"}))
        self.put("s/p.maapolicy", GOOD)
        self.put("p.maapolicy", GOOD)
        client = self.start("", capabilities=PULLS)
        found = self.pull(client)
        self.assertNotIn("C102", self.codes(found[self.uri("s/p.maapolicy")]))
        before = found[self.uri("p.maapolicy")]
        self.put(".maapol.json", json.dumps({"lint": {"F404": "error"}}))
        self.put("p.maapolicy", GOOD.replace("  [", "     ["))
        self.changed(client, (".maapol.json", CREATED))
        after = self.pull(client)[self.uri("p.maapolicy")]
        self.assertNotIn("F404", self.codes(before))
        self.assertIn("F404", self.codes(after))

    def test_unchanged_is_said_shortly(self):
        self.put("a.maapolicy", BAD)
        self.put("b.maapolicy", BAD)
        client = self.start("", capabilities=PULLS)
        known = [{"uri": uri, "value": item["resultId"]}
                 for uri, item in self.pull(client).items()]
        self.put("b.maapolicy", GOOD)
        self.changed(client, ("b.maapolicy", CHANGED))
        # The request waits for the scan, and then says all.
        self.pull(client)
        again = self.pull(client, previousResultIds=known)
        self.assertEqual("unchanged", again[self.uri("a.maapolicy")]["kind"])
        self.assertEqual([], again[self.uri("b.maapolicy")]["items"])
        os.remove(self.path("a.maapolicy"))
        self.changed(client, ("a.maapolicy", DELETED))
        gone = self.pull(client, previousResultIds=known)
        self.assertEqual([], gone[self.uri("a.maapolicy")]["items"])
        self.assertNotIn(self.uri("a.maapolicy"), self.pull(client))

    def test_pushed_to_clients_that_cannot_ask(self):
        self.put("a.maapolicy", BAD)
        self.put("b.maapolicy", GOOD)
        client = self.start("")
        self.assertIn(WRONG, self.pushed(client, "a.maapolicy"))
        self.put("a.maapolicy", GOOD)
        self.changed(client, ("a.maapolicy", CHANGED))
        self.assertEqual([], self.pushed(client, "a.maapolicy"))
        self.put("n.maapolicy", BAD)
        self.changed(client, ("n.maapolicy", CREATED))
        self.assertIn(WRONG, self.pushed(client, "n.maapolicy"))
        self.changed(client, ("n.maapolicy", DELETED))
        self.assertEqual([], self.pushed(client, "n.maapolicy"))
        self.assertNotIn("b.maapolicy", json.dumps(client.seen))

    def test_a_closed_document_is_what_is_on_disk(self):
        self.put("a.maapolicy", BAD)
        client = self.start("")
        self.assertIn(WRONG, self.pushed(client, "a.maapolicy"))
        uri = self.uri("a.maapolicy")
        client.open(GOOD, uri=uri)
        self.assertEqual([], self.pushed(client, "a.maapolicy"))
        client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
        self.assertEqual([], self.pushed(client, "a.maapolicy"))
        self.assertIn(WRONG, self.pushed(client, "a.maapolicy"))

    def test_another_spelling_of_the_uri(self):
        """What was pushed under ours is taken back."""
        self.put("a b.maapolicy", BAD)
        client = self.start("")
        self.assertIn(WRONG, self.pushed(client, "a b.maapolicy"))
        client.open(GOOD, uri=self.uri("a b.maapolicy").replace("b", "%62"))
        self.assertEqual([], self.pushed(client, "a b.maapolicy"))

    def test_too_large_to_be_looked_at(self):
        self.put("a.maapolicy", BAD + "// " + "x" * (128 << 10))
        client = self.start("", capabilities=PULLS)
        self.assertEqual([], self.codes(self.pull(client)[
            self.uri("a.maapolicy")]))

    def test_the_client_asks_again_when_there_is_news(self):
        self.put("a.maapolicy", BAD)
        client = self.start("", capabilities={
            **PULLS, "workspace": {"diagnostics": {"refreshSupport": True}}})
        while True:
            message = client.read()
            if message.get("method") == "workspace/diagnostic/refresh":
                break
        client.send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        self.assertEqual(1, len(self.pull(client)))


class Folders(WorkspaceTest):
    def setUp(self):
        super().setUp()
        for name in "abc":
            self.put("%s/x.maapolicy" % name, CLAIM % name)

    def change(self, client, added=(), removed=()):
        client.tell("workspace/didChangeWorkspaceFolders", {"event": {
            "added": [self.folder(f) for f in added],
            "removed": [self.folder(f) for f in removed]}})

    def test_come_and_go(self):
        client = self.start("a", "b")
        self.symbols_in_time(client, ["a", "b"])
        self.change(client, added=["c"], removed=["a"])
        self.symbols_in_time(client, ["b", "c"])
        self.change(client, added=["a"])
        self.symbols_in_time(client, ["a", "b", "c"])
        self.change(client, removed=["a", "b", "c"])
        self.assertEqual([], self.symbols(client))

    def test_root_of_older_clients(self):
        client = self.start(workspaceFolders=None, rootUri=self.uri("b"))
        self.symbols_in_time(client, ["b"])

    def test_the_query(self):
        self.put("a/y.maapolicy", CLAIM % "Company-Name")
        client = self.start("a")
        self.symbols_in_time(client, ["Company-Name", "a"])
        self.assertEqual(["Company-Name"], self.symbols(client, "NY-n"))
        self.assertEqual([], self.symbols(client, "nothing"))

    def test_a_document_goes_before_its_file(self):
        client = self.start("a")
        self.symbols_in_time(client, ["a"])
        client.open(CLAIM % "typed", uri=self.uri("a/x.maapolicy"))
        self.assertEqual(["typed"], self.symbols(client))

    def test_nonsense(self):
        client = self.start("a", "missing")
        for params in (None, 1, {}, {"event": 1}, {"event": {
                "added": 1, "removed": [1, {}, {"uri": "x:y"}]}}):
            client.tell("workspace/didChangeWorkspaceFolders", params)
        for params in (None, {"changes": 1}, {"changes": [1, {"uri": 1}, {
                "uri": "x:y", "type": 1}, {"uri": self.uri("a/x.maapolicy"),
                                           "type": 9}]}):
            client.tell("workspace/didChangeWatchedFiles", params)
        # A file outside of all folders is none of ours.
        self.changed(client, ("b/x.maapolicy", CREATED))
        self.symbols_in_time(client, ["a"])

    def test_files_are_watched_by_the_client(self):
        client = self.start("a", capabilities={"workspace": {
            "didChangeWatchedFiles": {"dynamicRegistration": True}}})
        message = client.read()
        self.assertEqual("client/registerCapability", message["method"])
        registered = message["params"]["registrations"][0]
        self.assertEqual("workspace/didChangeWatchedFiles",
                         registered["method"])
        globs = [w["globPattern"] for w in
                 registered["registerOptions"]["watchers"]]
        self.assertIn("**/*.maapolicy", globs)
        self.assertIn("**/.maapol.json", globs)
        # What decisions on evidence depend on: quotes and certificates.
        for name in ("q.bin", "root.pem", "root.crt", "root.cer", "root.der",
                     "a.crl", "p.claims.json"):
            self.assertTrue(any(fnmatch.fnmatch("/" + name, glob[2:])
                                for glob in globs), name)
        client.send({"jsonrpc": "2.0", "id": message["id"], "error": {
            "code": -32601, "message": "no"}})
        self.symbols_in_time(client, ["a"])

    def test_files_are_not_watched_by_a_client_that_cannot(self):
        client = self.start("a")
        self.symbols_in_time(client, ["a"])
        self.assertEqual([], [m for m in client.seen if "id" in m])


class Slowness(WorkspaceTest):
    """Many files, which are looked at for seconds."""
    slow = True
    FILES = 20000

    def many(self):
        """Two files under many names, which is quick."""
        self.write("good", GOOD)
        self.write("bad", BAD)
        for i in range(self.FILES):
            if i % 1000 == 0:
                os.makedirs(self.path("f%d" % i))
            os.link(self.path("good" if i % 100 else "bad"),
                    self.path("f%d/%d.maapolicy" % (i - i % 1000, i)))

    def test_typing_is_never_delayed(self):
        self.many()
        client = self.start("", capabilities=PULLS)
        client.open(GOOD)
        client.next_id += 1
        whole = client.next_id
        client.send({"jsonrpc": "2.0", "id": whole, "method":
                     "workspace/diagnostic", "params": {
                         "previousResultIds": [], "workDoneToken": "w",
                         "partialResultToken": 7}})
        times = []
        for i in range(100):
            begin = time.time()
            client.change({"text": GOOD + " " * i}, version=i + 2)
            self.assertIsNotNone(client.at("hover", 3, 12))
            times.append(time.time() - begin)
            time.sleep(0.001)
        still = not any(m.get("id") == whole for m in client.seen)
        self.assertTrue(still, "the scan was over too soon to tell")
        times.sort()
        # Generous, for a machine that does other things as well.
        self.assertLess(times[50], 0.05)
        result = [m for m in client.seen if m.get("id") == whole] or [
            self.whole(client, whole)]
        self.assert_complete(client, result[0])

    def whole(self, client, number):
        while True:
            message = client.read()
            if message.get("id") == number:
                return message
            client.seen.append(message)

    def assert_complete(self, client, message):
        told = [m["params"] for m in client.seen
                if m.get("method") == "$/progress"]
        parts = [p["value"]["items"] for p in told if p["token"] == 7]
        kinds = [p["value"]["kind"] for p in told if p["token"] == "w"]
        self.assertEqual("begin", kinds[0])
        self.assertEqual("end", kinds[-1])
        self.assertEqual({"report"}, set(kinds[1:-1]))
        items = sum(parts, message["result"]["items"])
        files = {i["uri"]: i for i in items if i["uri"].startswith("file:")}
        self.assertEqual(len(files), self.FILES)
        self.assertEqual(len([i for i in items if i["uri"] in files]),
                         self.FILES)
        bad = [u for u, i in files.items() if WRONG in self.codes(i)]
        self.assertEqual(self.FILES / 100, len(bad))

    def test_waiting_can_be_cancelled(self):
        self.FILES = 3000
        self.many()
        client = self.start("", capabilities=PULLS)
        for token in (None, "t"):
            client.next_id += 1
            client.send({"jsonrpc": "2.0", "id": client.next_id, "method":
                         "workspace/diagnostic", "params": {
                             "previousResultIds": [],
                             "workDoneToken": token}})
            if token:
                client.wait_for("$/progress")
                client.tell("window/workDoneProgress/cancel",
                            {"token": token})
            else:
                select.select([], [], [], 0.05)
                client.tell("$/cancelRequest", {"id": client.next_id})
            with self.assertRaises(Failed) as caught:
                client.answer(client.next_id)
            self.assertEqual(-32800, caught.exception.code)


if __name__ == "__main__":
    unittest.main()
