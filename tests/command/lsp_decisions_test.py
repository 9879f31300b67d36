# SPDX-License-Identifier: Apache-2.0
"""Decisions on samples, tests and commands in editors."""
import json
import os
import shutil
import time
import unittest

from harness import INPUT, NO, OK, CommandTest, example, read
from lsp_client import Client, Failed, span

POLICY = '''// maapol: type=SgxEnclave
version=1.2;
authorizationrules
{
  [type=="x-ms-sgx-is-debuggable", value==true] => deny();
  c:[type=="x-ms-sgx-svn", value>=3] && [type=="tag"]
    => permit();
};
issuancerules
{
  => issue(type="stage", value="release");
};
'''
GOOD = {"x-ms-sgx-is-debuggable": False, "x-ms-sgx-svn": 3, "tag": "a"}
SECONDS = 20


class DecisionTest(CommandTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path(".git"))

    def start(self, **options):
        client = Client(self.directory)
        self.addCleanup(self.finish, client)
        client.initialize(**options)
        return client

    def finish(self, client):
        if client.process.poll() is None:
            client.tell("exit")
            client.end()
        elif not client.process.stdin.closed:
            client.end()
        self.assertIn(client.process.returncode, (OK, NO), client.error)

    def uri(self, name):
        return "file://" + os.path.realpath(self.path(name))

    def opened(self, text=POLICY, name="p.maapolicy", **options):
        self.write(name, text)
        client = self.start(**options)
        client.open(text, uri=self.uri(name))
        return client

    def lenses(self, client, name="p.maapolicy"):
        """Titles by line; evidence that is being verified is waited for."""
        end = time.time() + SECONDS
        while True:
            found = client.of("codeLens", uri=self.uri(name))
            titles = [(l["range"]["start"]["line"], l["command"]["title"])
                      for l in found]
            if not any("being verified" in t for _, t in titles):
                return titles
            self.assertLess(time.time(), end, titles)
            time.sleep(0.05)

    def decisions(self, client, text=POLICY, name="p.maapolicy"):
        line = text[:text.index("authorizationrules")].count("\n")
        return [t for at, t in self.lenses(client, name) if at == line]

    def run_command(self, client, command, **arguments):
        return client.ask("workspace/executeCommand", {
            "command": command, "arguments": [arguments]})

    def refusal(self, client, command, **arguments):
        with self.assertRaises(Failed) as caught:
            self.run_command(client, command, **arguments)
        return str(caught.exception)


class Samples(DecisionTest):
    def test_beside_the_policy(self):
        self.write("p.claims.json", GOOD)
        self.write("p.sample.json", dict(GOOD, **{"x-ms-sgx-svn": 2}))
        self.assertEqual(
            ["deny on the claims of p.sample.json: rule 2, condition 1: "
             "x-ms-sgx-svn is 2, wanted >= 3; no other claim of that type",
             "permit on the claims of p.claims.json"],
            self.decisions(self.opened()))

    def test_a_rule_that_denies(self):
        self.write("p.claims.json",
                   dict(GOOD, **{"x-ms-sgx-is-debuggable": True}))
        self.assertEqual(["deny on the claims of p.claims.json: rule 1"],
                         self.decisions(self.opened()))

    def test_none(self):
        self.assertEqual([], self.lenses(self.opened()))

    def test_named_in_a_comment(self):
        self.write("data/good.json", GOOD)
        text = "// maapol: sample=data/good.json\n" + POLICY
        client = self.opened(text)
        self.assertEqual(["permit on the claims of data/good.json"],
                         self.decisions(client, text))
        self.assertNotIn("F407", [f["code"] for f in client.findings()])

    def test_a_name_that_leads_nowhere(self):
        text = "// maapol: sample=none.json\n" + POLICY
        client = self.opened(text)
        self.assertEqual(
            ["no decision on none.json: No such file or directory"],
            self.decisions(client, text))
        self.write("none.json", GOOD)
        self.assertEqual(["permit on the claims of none.json"],
                         self.decisions(client, text))

    def test_files_outside_of_the_repository_are_not_read(self):
        self.write("above.json", GOOD)
        os.rmdir(self.path(".git"))
        os.makedirs(self.path("inside/.git"))
        os.symlink("../above.json", self.path("inside/link.json"))
        text = ("// maapol: sample=../above.json\n"
                "// maapol: sample=link.json\n"
                "// maapol: sample=/etc/hostname\n" + POLICY)
        found = self.decisions(self.opened(text, "inside/p.maapolicy"), text,
                               "inside/p.maapolicy")
        self.assertEqual(3, len(found), found)
        for title in found[:2]:
            self.assertIn("lies outside of the repository", title)
        self.assertIn("the path is absolute", found[2])

    def test_named_by_the_configuration(self):
        self.write("s/a.json", GOOD)
        self.write("s/b.json", {})
        self.write(".maapol.json", {
            "samples": ["s/a.json"],
            "files": {"q.maapolicy": {"samples": ["s/b.json"]}}})
        client = self.opened()
        self.assertEqual(["permit on the claims of s/a.json"],
                         self.decisions(client))
        self.write("q.maapolicy", POLICY)
        client.open(POLICY, uri=self.uri("q.maapolicy"))
        self.assertEqual(
            ["deny on the claims of s/b.json: rule 2, condition 1: there is "
             "no claim x-ms-sgx-svn"],
            self.decisions(client, name="q.maapolicy"))

    def test_a_configuration_that_changes(self):
        self.write("a.json", GOOD)
        client = self.opened()
        self.assertEqual([], self.decisions(client))
        self.write(".maapol.json", {"samples": ["a.json"]})
        client.tell("workspace/didChangeWatchedFiles", {"changes": [
            {"uri": self.uri(".maapol.json"), "type": 1}]})
        self.assertEqual(["permit on the claims of a.json"],
                         self.decisions(client))

    def test_tests_of_the_suite_if_there_is_nothing_else(self):
        self.write("p.maatest.json", {"policy": "p.maapolicy", "tests": [
            {"name": "new", "claims": GOOD, "expect": {"decision": "permit"}},
            {"name": "old", "claims": GOOD, "set": {"x-ms-sgx-svn": 1},
             "unset": ["tag"], "expect": {"decision": "deny"}}]})
        client = self.opened()
        found = self.decisions(client)
        self.assertEqual("permit on the claims of new", found[0])
        self.assertIn("deny on the claims of old: rule 2, condition 1: "
                      "x-ms-sgx-svn is 1", found[1])
        self.assertEqual("run tests of p.maatest.json", found[2])
        self.write("p.claims.json", GOOD)
        self.assertEqual(["permit on the claims of p.claims.json",
                          "run tests of p.maatest.json"],
                         self.decisions(client))

    def test_a_suite_of_another_policy_gives_none(self):
        self.write("other.maapolicy", POLICY)
        self.write("p.maatest.json", {"policy": "other.maapolicy", "tests": [
            {"name": "n", "claims": GOOD, "expect": {"decision": "permit"}}]})
        self.assertEqual(["run tests of p.maatest.json"],
                         self.decisions(self.opened()))

    def test_the_text_of_the_editor_goes_before_the_disk(self):
        self.write("p.claims.json", GOOD)
        client = self.opened()
        self.assertIn("permit", self.decisions(client)[0])
        uri = self.uri("p.claims.json")
        client.open('{"tag": 1}', uri=uri)
        self.assertIn("there is no claim x-ms-sgx-svn",
                      self.decisions(client)[0])
        client.change({"text": json.dumps(GOOD)}, uri=uri)
        self.assertIn("permit", self.decisions(client)[0])
        client.change({"text": "{"}, uri=uri, version=3)
        self.assertIn("no decision on p.claims.json",
                      self.decisions(client)[0])
        client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
        self.assertIn("permit", self.decisions(client)[0])

    def test_a_file_that_changes_on_the_disk(self):
        self.write("p.claims.json", GOOD)
        client = self.opened()
        self.assertIn("permit", self.decisions(client)[0])
        self.write("p.claims.json", {})
        self.assertIn("deny", self.decisions(client)[0])
        os.unlink(self.path("p.claims.json"))
        self.assertEqual([], self.decisions(client))

    def test_each_change_of_the_policy_counts(self):
        self.write("p.claims.json", GOOD)
        client = self.opened()
        for wanted, word in (("4", "deny"), ("2", "permit"), ("9", "deny")):
            client.change({"text": POLICY.replace(">=3", ">=" + wanted)},
                          uri=self.uri("p.maapolicy"))
            self.assertTrue(self.decisions(client)[0].startswith(word + " "))

    def test_edits_within_a_rule_count(self):
        self.write("p.claims.json", GOOD)
        client = self.opened()
        uri, line = self.uri("p.maapolicy"), 5
        at = POLICY.split("\n")[line].index(">=3") + 2
        for digit, word in (("4", "deny"), ("3", "permit"), ("x", "no"),
                            ("1", "permit")):
            client.change({"range": span(line, at, line, at + 1),
                           "text": digit}, uri=uri)
            self.assertTrue(self.decisions(client)[0].startswith(word + " "),
                            digit)

    def test_a_comment_that_is_edited(self):
        self.write("good.json", GOOD)
        self.write("bad.json", {})
        text = "// maapol: sample=good.json\n" + POLICY
        client = self.opened(text)
        self.assertIn("permit", self.decisions(client, text)[0])
        client.change({"range": span(0, 18, 0, 22), "text": "bad"},
                      uri=self.uri("p.maapolicy"))
        self.assertIn("deny on the claims of bad.json",
                      self.decisions(client, text)[0])

    def test_a_policy_with_errors_decides_nothing(self):
        self.write("p.claims.json", GOOD)
        text = POLICY.replace("permit()", "prmit()")
        self.assertEqual(
            ["no decision on p.claims.json: the policy has errors"],
            self.decisions(self.opened(text), text))

    def test_claims_cannot_forge_lines(self):
        self.write("p.claims.json", dict(GOOD, **{
            "x-ms-sgx-svn": "\n\u001b[1mpermit on everything\u202e"}))
        for _, title in self.lenses(self.opened()):
            self.assertNotRegex(title, "[\\x00-\\x1f\u202e]")

    def test_pipes_are_not_waited_for(self):
        for name in ("p.claims.json", "p.maatest.json", ".maapol.json"):
            with self.subTest(name):
                os.mkfifo(self.path(name))
                client = self.opened()
                for title in self.decisions(client):
                    self.assertNotIn("permit", title)
                client.tell("exit")
                client.end()
                os.unlink(self.path(name))

    def test_only_the_first_are_shown(self):
        names = ["s%d.json" % i for i in range(10)]
        for name in names:
            self.write(name, GOOD)
        text = "".join("// maapol: sample=%s\n" % n for n in names) + POLICY
        found = self.decisions(self.opened(text), text)
        self.assertEqual(9, len(found))
        self.assertEqual("2 more samples", found[-1])

    def test_a_new_file_and_another_scheme_have_none(self):
        client = self.start()
        client.open(POLICY)
        self.assertEqual([], client.of("codeLens"))


class Evidence(DecisionTest):
    """Of examples/sgx, whose root nobody knows unless a suite names it."""

    def bring(self, *names):
        for name in names:
            shutil.copy(example(name), self.path(name))

    def suite(self, **more):
        self.write("p.maatest.json", {
            "policy": "p.maapolicy", "type": "SgxEnclave", "roots": ".",
            "now": "2026-01-31T12:00:00Z", "tests": [
                {"name": "real", "request": "request.json",
                 "expect": {"decision": "permit"}, **more}]})

    def change_suite(self, **members):
        suite = json.loads(read(self.path("p.maatest.json")))
        self.write("p.maatest.json", dict(suite, **members))

    def opened_real(self, **options):
        return self.opened(read(example("policy.maapolicy")), **options)

    def decision(self, client):
        return self.decisions(client, read(example("policy.maapolicy")))[0]

    def test_what_does_not_verify_is_no_permit(self):
        self.bring("request.json")
        os.rename(self.path("request.json"), self.path("p.request.json"))
        client = self.opened_real()
        title = self.decision(client)
        self.assertTrue(title.startswith(
            "deny on p.request.json: the evidence is refused: "
            "InvalidParameter: "), title)
        # and nothing is said of rules
        self.assertEqual(1, len(self.lenses(client)))
        result = self.run_command(client, "maapol.evaluate",
                                  uri=self.uri("p.maapolicy"))
        self.assertIsNone(result["decision"])
        self.assertEqual("refused", result["state"])

    def test_what_verifies_under_the_roots_of_a_suite(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened_real()
        self.assertEqual("permit on real", self.decision(client))
        result = self.run_command(client, "maapol.evaluate",
                                  uri=self.uri("p.maapolicy"))
        self.assertEqual("permit", result["decision"])
        self.assertEqual("verified evidence", result["source"])

    def test_without_its_root_it_is_refused(self):
        self.bring("request.json")
        self.suite()
        self.assertTrue(self.decision(self.opened_real()).startswith(
            "deny on real: the evidence is refused"))

    def test_a_workspace_without_trust_verifies_nothing(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened(read(example("policy.maapolicy")),
                             initializationOptions={"trusted": False})
        self.assertEqual("no decision on real: evidence is not verified in a "
                         "workspace without trust", self.decision(client))

    def test_a_suite_that_verifies_nothing_says_so(self):
        self.bring("request.json")
        self.suite(verify="none")
        self.assertEqual("permit on unverified evidence: real",
                         self.decision(self.opened_real()))

    def test_changes_of_a_test(self):
        self.bring("request.json", "root-ca.pem")
        self.suite(set={"x-ms-sgx-svn": 2})
        self.assertIn("deny on the changed claims of real: rule 1, condition "
                      "4: x-ms-sgx-svn is 2",
                      self.decision(self.opened_real()))

    def test_what_a_test_changes_was_not_verified(self):
        self.bring("request-debug.json", "root-ca.pem")
        os.rename(self.path("request-debug.json"), self.path("request.json"))
        for more in ({"set": {"x-ms-sgx-is-debuggable": False}},
                     {"rows": [{"name": "row", "set": {
                         "x-ms-sgx-is-debuggable": False}}]}):
            self.suite(**more)
            client = self.opened_real()
            titles = [t for _, t in self.lenses(client)
                      if "permit" in t and "no decision" not in t]
            self.assertTrue(titles)
            for title in titles:
                self.assertIn("the changed claims of real", title)
            result = self.run_command(client, "maapol.evaluate",
                                      uri=self.uri("p.maapolicy"))
            self.assertEqual(("permit", "changed claims"),
                             (result["decision"], result["source"]))

    def test_rules_say_what_they_saw_too(self):
        self.bring("request.json")
        self.suite(verify="none")
        for _, title in self.lenses(self.opened_real()):
            self.assertRegex(title, "unverified evidence: real|run tests")

    def test_a_name_is_no_verdict(self):
        self.bring("request.json", "root-ca.pem")
        self.suite(name="permit on q.bin")
        client = self.opened_real()
        first = client.of("codeLens", uri=self.uri("p.maapolicy"))
        self.assertRegex(first[0]["command"]["title"], "^no decision yet on ")

    def test_a_root_that_is_written_over(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened_real()
        self.assertEqual("permit on real", self.decision(client))
        with open(self.path("root-ca.pem"), "w") as file:
            file.write("no root any more\n")
        self.assertNotIn("permit", self.decision(client))

    def test_another_content_of_the_same_size_and_time(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened_real()
        self.assertEqual("permit on real", self.decision(client))
        path = self.path("request.json")
        before, text = os.stat(path), read(path)
        at = text.index('"quote"') + 200
        other = "B" if text[at] == "A" else "A"
        with open(path, "w") as file:
            file.write(text[:at] + other + text[at + 1:])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertNotIn("permit", self.decision(client))

    def test_the_editor_is_told_when_a_root_changes(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened_real(capabilities={
            "workspace": {"codeLens": {"refreshSupport": True}},
            "textDocument": {"publishDiagnostics": {}}})
        self.assertEqual("permit on real", self.decision(client))
        client.seen = []
        os.unlink(self.path("root-ca.pem"))
        client.tell("workspace/didChangeWatchedFiles", {"changes": [
            {"uri": self.uri("root-ca.pem"), "type": 3}]})
        client.wait_for("workspace/codeLens/refresh")
        self.assertIn("deny on real: the evidence is refused",
                      self.decision(client))

    def test_too_many_files_beside_the_roots(self):
        self.bring("request.json", "root-ca.pem")
        os.mkdir(self.path("many"))
        for i in range(10001):
            os.link(self.path("root-ca.pem"), self.path("many/%d" % i))
        self.suite()
        self.change_suite(roots="many")
        self.assertRegex(self.decision(self.opened_real()),
                         "^no decision on real: .* too many files")

    def test_a_quote_and_its_data(self):
        self.bring("quote.bin", "runtime.json", "root-ca.pem")
        self.write("p.maatest.json", {
            "policy": "p.maapolicy", "roots": ".", "tests": [
                {"name": "q", "quote": "quote.bin",
                 "now": "2026-01-31T12:00:00Z",
                 "runtime-data": "runtime.json", "runtime-type": "JSON",
                 "nonce": "--nonce", "expect": {"decision": "permit"}}]})
        self.assertEqual("permit on q", self.decision(self.opened_real()))

    def test_evidence_that_is_broken(self):
        self.write("p.request.json", {"quote": "AAAA"})
        title = self.decision(self.opened_real())
        self.assertRegex(title, "^(no decision|deny) on p.request.json: ")

    def test_another_file_is_verified_anew(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened_real()
        self.assertEqual("permit on real", self.decision(client))
        shutil.copy(example("request-debug.json"), self.path("request.json"))
        self.assertIn("deny on real: rule 1, condition 1: "
                      "x-ms-sgx-is-debuggable is true", self.decision(client))

    def test_nobody_waits_for_it(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        client = self.opened_real()
        first = client.of("codeLens", uri=self.uri("p.maapolicy"))
        self.assertEqual("no decision yet on real: the evidence is being "
                         "verified",
                         first[0]["command"]["title"])
        self.assertEqual("permit on real", self.decision(client))

    def test_the_editor_is_told_when_it_is_done(self):
        self.bring("request.json", "root-ca.pem")
        self.suite()
        text = read(example("policy.maapolicy"))
        client = self.opened(text, capabilities={
            "workspace": {"codeLens": {"refreshSupport": True}},
            "textDocument": {"publishDiagnostics": {}}})
        client.of("codeLens", uri=self.uri("p.maapolicy"))
        client.wait_for("workspace/codeLens/refresh")
        found = client.of("codeLens", uri=self.uri("p.maapolicy"))
        self.assertEqual("permit on real", found[0]["command"]["title"])


class Rules(DecisionTest):
    def test_what_became_of_each(self):
        self.write("p.claims.json", GOOD)
        self.assertEqual(
            [(4, "the claims of p.claims.json: did not run, condition 1: "
              "x-ms-sgx-is-debuggable is false, wanted == true; no other "
              "claim of that type"),
             (5, "the claims of p.claims.json: ran: permit()"),
             (10, "the claims of p.claims.json: ran: "
              "issued stage = \"release\"")],
            self.lenses(self.opened())[1:])

    def test_rules_behind_a_deny(self):
        self.write("p.claims.json",
                   dict(GOOD, **{"x-ms-sgx-is-debuggable": True}))
        self.assertEqual(
            [(4, "the claims of p.claims.json: ran: deny()"),
             (5, "the claims of p.claims.json: was not reached"),
             (10, "the claims of p.claims.json: was not reached")],
            self.lenses(self.opened())[1:])

    def test_lenses_can_be_switched_off(self):
        self.write("p.claims.json", GOOD)
        client = self.opened(initializationOptions={"codeLenses": False})
        self.assertEqual([], self.lenses(client))


class Hints(DecisionTest):
    ALL = span(0, 0, 99, 0)

    def hints(self, client, where=ALL):
        found = client.of("inlayHint", uri=self.uri("p.maapolicy"),
                          range=where)
        return [(h["position"]["line"], h["position"]["character"],
                 h["label"]) for h in found]

    def test_types_and_matches(self):
        self.write("p.claims.json", dict(GOOD, tag=["a", "b", "c", "d"]))
        found = self.hints(self.opened())
        self.assertEqual([(4, 33, ": Boolean"), (5, 25, ": Integer"),
                          (10, 23, ": String")],
                         [h for h in found if h[2].startswith(":")])
        self.assertEqual([(4, 47, "matches none of: false"),
                          (5, 36, "matches 1: 3"),
                          (5, 53, 'matches 4: "a", "b", "c", ..')],
                         [h for h in found if not h[2].startswith(":")])

    def test_a_claim_that_is_not_there(self):
        self.write("p.claims.json", {"tag": 1})
        labels = [h[2] for h in self.hints(self.opened())]
        self.assertIn("no claim x-ms-sgx-svn", labels)
        self.assertIn("matches 1: 1", labels)

    def test_without_samples_there_are_types(self):
        self.assertEqual({": Boolean", ": Integer", ": String"},
                         {h[2] for h in self.hints(self.opened())})

    def test_only_those_of_the_range(self):
        self.write("p.claims.json", GOOD)
        found = self.hints(self.opened(), span(4, 0, 4, 99))
        self.assertEqual([4, 4], [h[0] for h in found])

    def test_places_are_counted_as_agreed_on(self):
        self.write("p.claims.json", GOOD)
        text = POLICY.replace("  c:[", "/*é𝄞*/c:[")
        for encoding, at in (("utf-8", 44), ("utf-16", 41), ("utf-32", 40)):
            client = self.opened(text, encoding=encoding)
            self.assertIn((5, at, "matches 1: 3"), self.hints(client))

    def test_they_can_be_switched_off(self):
        self.write("p.claims.json", GOOD)
        for options, types, matches in (
                (False, False, False), (True, True, True),
                ({"types": False}, False, True),
                ({"matches": False}, True, False)):
            client = self.opened(initializationOptions={
                "inlayHints": options})
            labels = [h[2] for h in self.hints(client)]
            self.assertEqual(types, ": Integer" in labels, options)
            self.assertEqual(matches, "matches 1: 3" in labels, options)

    def test_settings_change_while_it_runs(self):
        client = self.opened()
        self.assertTrue(self.hints(client))
        client.tell("workspace/didChangeConfiguration", {
            "settings": {"maapol": {"inlayHints": False}}})
        self.assertEqual([], self.hints(client))
        client.tell("workspace/didChangeConfiguration", {"settings": None})
        self.assertEqual([], self.hints(client))

    def test_a_range_is_needed(self):
        client = self.opened()
        with self.assertRaises(Failed):
            client.of("inlayHint", uri=self.uri("p.maapolicy"))


class Evaluate(DecisionTest):
    def test_it_is_what_eval_says(self):
        self.write("p.claims.json", GOOD)
        client = self.opened()
        result = self.run_command(client, "maapol.evaluate",
                                  uri=self.uri("p.maapolicy"))
        said = self.expect(OK, "eval", "--policy", "p.maapolicy", "--claims",
                           "p.claims.json", "--format", "json").json
        for name in said:
            self.assertEqual(said[name], result[name], name)
        self.assertEqual("claims", result["source"])
        human = self.expect(OK, "eval", "--policy", "p.maapolicy", "--claims",
                            "p.claims.json", "--trace").out
        self.assertIn(human[human.index("trace:"):], result["text"])

    def test_it_can_be_shown(self):
        self.write("p.claims.json", GOOD)
        client = self.opened()
        self.run_command(client, "maapol.evaluate", show=True,
                         uri=self.uri("p.maapolicy"))
        shown = client.wait_for("window/showMessage")["message"]
        self.assertTrue(shown.startswith(
            "permit on the claims of p.claims.json\nreason:"), shown)
        self.assertNotIn("```", shown)

    def test_a_sample_by_name(self):
        self.write("p.sample.json", GOOD)
        self.write("p.claims.json", {})
        client = self.opened()
        for name, decision in (("p.sample.json", "permit"),
                               ("p.claims.json", "deny")):
            result = self.run_command(client, "maapol.evaluate", sample=name,
                                      uri=self.uri("p.maapolicy"))
            self.assertEqual(decision, result["decision"])

    def test_wrong_arguments(self):
        client = self.opened()
        uri = self.uri("p.maapolicy")
        for arguments, words in (
                ({"uri": "file:///none"}, "names no document"),
                ({"uri": uri}, "has no samples"),
                ({"uri": uri, "sample": "x"}, 'has no sample "x"'),
                ({"uri": uri, "smple": "x"}, 'has no argument "smple"'),
                ({"uri": 1}, '"uri" must be a text'),
                ({"uri": uri, "show": "yes"}, '"show" must be true or false'),
                ({"uri": uri, "sample": "a\0b"}, "NUL")):
            self.assertIn(words, self.refusal(client, "maapol.evaluate",
                                              **arguments))
        self.assertIn("no command", self.refusal(client, "maapol.nothing"))
        for bad in (None, [], [1], [{}, {}], {}):
            with self.assertRaises(Failed):
                client.ask("workspace/executeCommand", {
                    "command": "maapol.evaluate", "arguments": bad})


class Completion(DecisionTest):
    """Values and fields that samples have."""

    def offered(self, text, part, **claims):
        """Labels behind the part, and their details."""
        self.write("p.claims.json", claims)
        client = self.opened(text)
        at = text.index(part) + len(part)
        answer = client.at("completion", text[:at].count("\n"),
                           len(text[:at].rsplit("\n", 1)[-1]),
                           uri=self.uri("p.maapolicy"))
        items = answer["items"] if isinstance(answer, dict) else answer
        return {i["label"]: i.get("detail") for i in items}

    def policy(self, condition):
        return POLICY.replace('[type=="tag"]', condition)

    def test_measurements(self):
        text = self.policy('[type=="x-ms-sgx-mrsigner", value==""]')
        self.assertEqual("p.claims.json", self.offered(
            text, 'mrsigner", value=="',
            **{"x-ms-sgx-mrsigner": "ab" * 32}).get("ab" * 32))

    def test_values_of_another_claim_are_not_offered(self):
        text = self.policy('[type=="x-ms-sgx-mrsigner", value==""]')
        self.assertNotIn("cd" * 32, self.offered(
            text, 'mrsigner", value=="',
            **{"x-ms-sgx-mrenclave": "cd" * 32}))

    def test_numbers_stand_without_quotes(self):
        text = self.policy('[type=="x-ms-sgx-product-id", value==]')
        self.assertIn("4639", self.offered(
            text, 'product-id", value==', **{"x-ms-sgx-product-id": 4639}))
        text = self.policy('[type=="x-ms-sgx-product-id", value==""]')
        self.assertNotIn("4639", self.offered(
            text, 'product-id", value=="', **{"x-ms-sgx-product-id": 4639}))

    def test_a_text_that_would_need_escapes_is_not_offered(self):
        text = self.policy('[type=="tag", value==""]')
        self.assertFalse({'a"b', "a\\b", "a\nb"} & set(self.offered(
            text, 'tag", value=="', tag=['a"b', "a\\b", "a\nb"])))

    def test_fields_of_logs(self):
        text = self.policy('c:[type=="log"] && '
                           '[type=="tag", value==JmesPath(c.value, "ev")]')
        found = self.offered(text, 'c.value, "',
                             log={"vendorField": [{"inner": 1, "a-b": 2}]})
        self.assertEqual("seen in a sample", found.get("vendorField"))
        self.assertIn("inner", found)
        self.assertNotIn("a-b", found)


class Tests(DecisionTest):
    def setUp(self):
        super().setUp()
        self.write("p.maapolicy", POLICY)
        self.text = json.dumps({"policy": "p.maapolicy", "tests": [
            {"name": "good (a+b)", "claims": GOOD,
             "expect": {"decision": "permit"}},
            {"name": "wrong", "claims": {}, "expect":
             {"decision": "permit"}}]}, indent=1) + "\n"
        self.name = "p.maatest.json"
        self.write(self.name, self.text)
        self.client = self.start()
        self.client.open(self.text, uri=self.uri(self.name))
        self.assertEqual([], self.client.findings())

    def titles(self):
        return [t for _, t in self.lenses(self.client, self.name)]

    def test_results_stand_at_the_cases(self):
        self.assertEqual(["run all tests", "run", "run"], self.titles())
        result = self.run_command(self.client, "maapol.test", show=True,
                                  uri=self.uri(self.name))
        self.assertEqual((1, 1), (result["passed"], result["failed"]))
        found = self.client.findings()
        self.assertEqual(1, len(found))
        line = self.text[:self.text.index('"name": "wrong"')].count("\n")
        self.assertEqual(line, found[0]["range"]["start"]["line"])
        self.assertIn('the test "wrong" failed\ndecision: expected permit, '
                      "got deny", found[0]["message"])
        self.assertIn("1 passed, 1 failed", self.client.wait_for(
            "window/showMessage")["message"])
        self.assertEqual(["1 passed, 1 failed: run all tests",
                          "passed: run again", "failed: run again"],
                         self.titles())

    def test_they_go_with_the_next_change(self):
        self.run_command(self.client, "maapol.test", uri=self.uri(self.name))
        self.assertEqual(1, len(self.client.findings()))
        self.client.change({"text": self.text + "\n"},
                           uri=self.uri(self.name))
        self.assertEqual([], self.client.findings())
        self.assertEqual(["run all tests", "run", "run"], self.titles())

    def test_one_case_by_its_very_name(self):
        result = self.run_command(self.client, "maapol.test",
                                  uri=self.uri(self.name), test="good (a+b)")
        self.assertEqual((1, 0), (result["passed"], result["failed"]))
        self.assertEqual([], self.client.findings())
        self.assertEqual(["run all tests", "passed: run again", "run"],
                         self.titles())
        self.assertIn("no test has such a name",
                      self.refusal(self.client, "maapol.test", test="good",
                                   uri=self.uri(self.name)))

    def test_what_is_not_saved_is_not_run(self):
        self.client.change({"text": self.text + "\n"},
                           uri=self.uri(self.name))
        self.assertIn("not saved", self.refusal(
            self.client, "maapol.test", uri=self.uri(self.name)))

    def test_from_the_policy(self):
        self.client.open(POLICY, uri=self.uri("p.maapolicy"))
        result = self.run_command(self.client, "maapol.test",
                                  uri=self.uri("p.maapolicy"))
        self.assertEqual(1, result["passed"])

    def test_a_suite_that_is_not_there(self):
        self.assertIn("none.maatest.json", self.refusal(
            self.client, "maapol.test", uri=self.uri("none.maatest.json")))


class HashAndSign(DecisionTest):
    def test_hash(self):
        client = self.opened()
        self.assertEqual(
            self.expect(OK, "hash", "p.maapolicy").json,
            self.run_command(client, "maapol.hash",
                             uri=self.uri("p.maapolicy")))

    def test_the_text_of_the_editor_counts(self):
        client = self.opened()
        before = self.run_command(client, "maapol.hash",
                                  uri=self.uri("p.maapolicy"))
        client.change({"text": POLICY + "\n"}, uri=self.uri("p.maapolicy"))
        self.assertNotEqual(before, self.run_command(
            client, "maapol.hash", uri=self.uri("p.maapolicy")))

    def test_an_unsecured_token(self):
        client = self.opened()
        token = self.expect(OK, "sign", "--unsecured", "--policy",
                            "p.maapolicy").out.strip()
        self.assertEqual({"token": token}, self.run_command(
            client, "maapol.sign", uri=self.uri("p.maapolicy")))

    def test_a_file_is_not_overwritten_unasked(self):
        client = self.opened()
        self.write("out.jwt", "mine")
        arguments = {"uri": self.uri("p.maapolicy"), "output": "out.jwt"}
        self.assertIn("overwrite", self.refusal(client, "maapol.sign",
                                                **arguments))
        self.assertEqual("mine", read(self.path("out.jwt")))
        self.run_command(client, "maapol.sign", overwrite=True, **arguments)
        self.assertTrue(read(self.path("out.jwt")).startswith("eyJ"))

    def test_a_policy_with_errors_is_not_signed(self):
        client = self.opened(POLICY.replace("permit()", "prmit()"))
        self.refusal(client, "maapol.sign", uri=self.uri("p.maapolicy"))

    def test_no_passphrase_in_arguments(self):
        client = self.opened()
        self.assertIn("passphraseFile", self.refusal(
            client, "maapol.sign", uri=self.uri("p.maapolicy"), key="k",
            passphrase="secret"))

    def test_a_key_that_is_not_there(self):
        client = self.opened()
        self.assertIn("none.pem", self.refusal(
            client, "maapol.sign", uri=self.uri("p.maapolicy"),
            key="none.pem", cert="none.crt"))

    def test_a_workspace_without_trust_runs_nothing(self):
        self.write("p.claims.json", GOOD)
        client = self.opened(initializationOptions={"trusted": False})
        client.tell("workspace/didChangeConfiguration", {
            "settings": {"maapol": {"trusted": True}}})
        for command in ("maapol.sign", "maapol.hash", "maapol.test"):
            self.assertIn("not trusted", self.refusal(
                client, command, uri=self.uri("p.maapolicy")))
        self.run_command(client, "maapol.evaluate",
                         uri=self.uri("p.maapolicy"))


class Json(DecisionTest):
    def findings(self, name, text):
        client = self.start()
        client.open(text, uri=self.uri(name))
        lines = text.split("\n")
        found = []
        for f in client.findings():
            begin, end = f["range"]["start"], f["range"]["end"]
            self.assertEqual(begin["line"], end["line"])
            found.append((lines[begin["line"]][begin["character"]:
                                               end["character"]],
                          f["message"]))
        return found

    def test_a_suite_and_its_schema(self):
        found = self.findings("a.maatest.json", '''{
  "policy": "p", "tests": [
    {"name": "ü", "claims": {}, "expect": {"decision": "permt"}},
    {"nme": "x", "claims": {}, "expect": {"decision": "deny"}}
  ]}''')
        self.assertEqual(
            [('"permt"', 'one of "permit", "deny", "error" is wanted here'),
             ("{", '"name" is missing'),
             ('"nme"', 'there is no member "nme" here; did you mean '
              '"name"?')], found)

    def test_what_no_schema_says(self):
        case = '{"name": "n", "claims": {}, "expect": {"decision": "deny"}}'
        found = self.findings("a.maatest.json",
                              '{"policy": "p", "tests": [\n%s,\n%s]}'
                              % (case, case))
        self.assertEqual(['another test is named "n" too'],
                         [m for _, m in found])

    def test_the_configuration(self):
        self.assertEqual(
            [("19", "a number of at least 20 is wanted here")],
            self.findings(".maapol.json", '{"format": {"width": 19}}'))

    def test_text_that_is_no_json(self):
        found = self.findings("a.maatest.json", '{"policy": "p",\n  oops}')
        self.assertEqual("o", found[0][0])

    def test_other_json_is_left_alone(self):
        self.assertEqual([], self.findings("claims.json", '{"a": oops'))

    def test_a_good_suite(self):
        self.assertEqual([], self.findings(
            "a.maatest.json", read(example("policy.maatest.json"))))

    def labels(self, text, name="a.maatest.json"):
        """| is where the cursor stands."""
        at = text.index("|")
        client = self.start()
        client.open(text.replace("|", ""), uri=self.uri(name))
        found = client.at("completion", text[:at].count("\n"),
                          len(text[:at].rsplit("\n", 1)[-1]),
                          uri=self.uri(name))
        return {i["label"] for i in found}

    def test_completion(self):
        for text, there, not_there in (
                ('{|', {"policy", "tests", "now"}, {"decision"}),
                ('{"policy": "p", |', {"tests"}, {"policy"}),
                ('{"tests": [{"name": "n", "exp|', {"expect", "claims"},
                 {"name", "tests"}),
                ('{"tests": [{"expect": {"|": 1, "error": "e"}}]}',
                 {"decision", "issued"}, {"error", "name"}),
                ('{"tests": [{"expect": {"decision": |',
                 {"permit", "deny", "error"}, {"policy"}),
                ('{"tests": [{"expect": {"decision": "pe|"}}]}',
                 {"permit"}, {"policy"}),
                ('{"tests": [{"rows": [{"|', {"set", "expect"}, {"claims"}),
                ('{"tests": [{"claims": [{"readOnly": |', {"true", "false"},
                 {"policy"})):
            found = self.labels(text)
            self.assertLessEqual(there, found, text)
            self.assertFalse(not_there & found, text)

    def test_completion_of_the_configuration(self):
        found = self.labels('{"files": {"*": {"|', "x/.maapol.json")
        self.assertEqual({"type", "lint", "format", "samples"}, found)
        self.assertIn("TdxVm", self.labels('{"type": "|"}', ".maapol.json"))

    def test_what_is_put_in(self):
        client = self.start()
        uri = self.uri("a.maatest.json")
        client.open('{"pol', uri=uri)
        edit = [i for i in client.at("completion", 0, 5, uri=uri)
                if i["label"] == "policy"][0]["textEdit"]
        self.assertEqual('"policy": ', edit["newText"])
        self.assertEqual(span(0, 1, 0, 5), edit["range"])

    def test_hover(self):
        client = self.start()
        uri = self.uri("a.maatest.json")
        client.open('{"policy": "p", "tests": [{"expect": {"issued": {}}}]}',
                    uri=uri)
        self.assertIn("The policy, text or token", client.at(
            "hover", 0, 3, uri=uri)["contents"]["value"])
        self.assertIn("Exactly these claims are issued", client.at(
            "hover", 0, 40, uri=uri)["contents"]["value"])
        self.assertIsNone(client.at("hover", 0, 0, uri=uri))

    def test_features_of_policies_say_nothing_there(self):
        client = self.start()
        uri = self.uri("a.maatest.json")
        client.open("{}", uri=uri)
        self.assertIsNone(client.at("definition", 0, 1, uri=uri))
        self.assertIsNone(client.of("formatting", uri=uri, options={
            "tabSize": 2, "insertSpaces": True}))


if __name__ == "__main__":
    unittest.main()
