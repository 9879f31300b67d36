# SPDX-License-Identifier: Apache-2.0
"""Event logs alone: evidence make, evidence show, and policies over them."""
import base64
import json
import unittest

from harness import CommandTest, INPUT, OK, NO, USAGE, example, read, stride

SECURE_BOOT = ("Events[?EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG' && "
               "ProcessedData.UnicodeName == 'SecureBoot']"
               ".ProcessedData.VariableData")
TEST_SIGNING = ("Events[?EventTypeString == 'EV_EVENT_TAG'].ProcessedData."
                "EVENT_TRUSTBOUNDARY.EVENT_TESTSIGNING")
POLICY = """version= 1.2;
authorizationrules {
  c:[type=="events", issuer=="AttestationService"] =>
    add(type="on", value=JsonToClaimValue(JmesPath(c.value,
        "%s | length(@) == `1` && @[0] == 'AQ'")));
  [type=="on", value==true] => permit();
};
""" % SECURE_BOOT


class LogTest(CommandTest):
    def make(self, name, *settings, kind="TcgLog"):
        words = [w for s in settings for w in ("--set", s)]
        self.expect(OK, "evidence", "make", "--type", kind, *words, "-o", name)
        return name

    def show(self, form, *names, status=OK, **more):
        return self.expect(status, "evidence", "show", "--format", form,
                           *names, **more)

    def query(self, expression, *names):
        events = self.show("events", *names).out
        return self.expect(OK, "query", "--compact", expression,
                           stdin=events).json


class Logs(LogTest):
    def test_queries_see_what_was_set(self):
        for settings, on, signing in (((), "AQ", False),
                                      (("secure-boot=false",), "AA", False),
                                      (("test-signing=true",), "AQ", True)):
            log = self.make("log", *settings)
            with self.subTest(settings):
                self.assertEqual([on], self.query(SECURE_BOOT, log))
                self.assertEqual([signing] * 2,
                                 self.query(TEST_SIGNING, log))

    def test_policies_decide_over_claims(self):
        self.write("p.maapolicy", POLICY)
        for setting, status in (("secure-boot=true", OK),
                                ("secure-boot=false", NO)):
            claims = self.show("claims", self.make("log", setting)).out
            self.write("claims.json", claims)
            self.expect(status, "eval", "--policy", "p.maapolicy", "--claims",
                        "claims.json")

    def test_logs_of_one_machine_are_joined(self):
        boot = self.make("boot", "windows=false")
        ima = self.make("ima", "kernel-version=6.9", kind="ImaLog")
        events = self.show("json", ima, boot).json["Events"]
        self.assertEqual(list(range(len(events))),
                         [e["EventSeq"] for e in events])
        self.assertEqual(["6.9"], self.query("Events[].ProcessedData."
                                             "KernelVersion", boot, ima))

    def test_text_forms(self):
        log = read(self.path(self.make("log")), "rb")
        wanted = self.show("json", "-", stdin=log).json
        for text in (base64.b64encode(log), log.hex().encode()):
            self.assertEqual(wanted, self.show("json", "-", stdin=text).json)

    def test_human_output_has_every_event_and_pcr(self):
        log = self.make("log", "module=\\x.sys")
        text = self.show("human", log).out
        for part in ("TCG event log, crypto-agile", "EV_SEPARATOR",
                     "UnicodeName = \"SecureBoot\"", "\\\\x.sys",
                     "EVENT_TESTSIGNING = false", "PCRs after the logs",
                     "data that policies rely on is what was measured",
                     "a log has none"):
            self.assertIn(part, text)

    def test_names_of_fields(self):
        result = self.expect(OK, "evidence", "make", "--type", "ImaLog",
                             "--fields")
        self.assertIn("kernel-version", result.out.split("\n"))


class BadLogs(LogTest):
    def test_every_cut_is_refused_or_shorter(self):
        whole = read(self.path(self.make("log")), "rb")
        count = len(self.show("json", "log").json["Events"])
        for length in range(1, len(whole), stride(97)):
            result = self.maapol("evidence", "show", "--format", "json",
                                     "-", stdin=whole[:length])
            with self.subTest(length):
                self.assertIn(result.status, (OK, INPUT))
                if result.status == OK:
                    self.assertLess(len(result.json["Events"]), count)

    def test_changed_data_is_no_claim(self):
        log = bytearray(read(self.path(self.make("log", "secure-boot=false")),
                             "rb"))
        at = log.index("SecureBoot".encode("utf-16le")) + 20
        self.assertEqual(0, log[at])
        log[at] = 1
        self.write("forged", bytes(log))
        for form in ("events", "claims"):
            result = self.show(form, "forged", status=INPUT)
            self.assertEqual("", result.out)
            self.assertIn("not what was measured", result.err)
        dump = self.show("json", "forged").json
        self.assertFalse(dump["check"]["holds"])
        self.assertIn("not what was measured", self.show("human",
                                                         "forged").out)

    def test_files_that_do_not_belong_together(self):
        log = self.make("log")
        quote = example("quote.bin")
        self.show("json", log, log, status=INPUT)
        self.show("json", log, quote, status=USAGE)
        self.show("json", quote, log, status=USAGE)
        self.show("json", log, log, log, status=USAGE)
        self.show("events", quote, status=INPUT)
        self.show("claims", quote)
        self.expect(INPUT, "evidence", "show", "--type", "SgxEnclave", log)

    def test_wrong_usage(self):
        for words in (("--set", "x=1", "-o", "f"), ("--set", "vbs=1", "-o",
                                                    "f"),
                      ("-o", "f", "--pki", "p"), (), ("-o", "f", "g")):
            self.expect(USAGE, "evidence", "make", "--type", "TcgLog", *words)


if __name__ == "__main__":
    unittest.main()
