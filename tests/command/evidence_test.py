# SPDX-License-Identifier: Apache-2.0
"""maapol evidence make and evidence show."""
import json
import os
import re
import stat
import unittest

from harness import (CommandTest, INPUT, OK, SYSTEM, USAGE, b64url,
                     b64url_decode, example, read)

SGX = ["--type", "SgxEnclave"]
TYPES = ("SgxEnclave", "OpenEnclave")


class EvidenceTest(CommandTest):
    def make(self, *settings, kind="SgxEnclave", name="evidence"):
        words = [w for s in settings for w in ("--set", s)]
        self.expect(OK, "evidence", "make", "--type", kind, *words, "-o", name)
        return name

    def show(self, name, *options, **more):
        return self.expect(OK, "evidence", "show", "--format", "json", name,
                           *options, **more).json

    def leaves(self, fields, path=()):
        """(path, value) of every field that has one."""
        for name, inner in fields.items():
            if isinstance(inner, dict) and "value" in inner:
                yield path + (name,), inner
            elif isinstance(inner, dict):
                yield from self.leaves(inner, path + (name,))


class Show(EvidenceTest):
    def test_fields_have_place_and_size(self):
        """Intel's layout of a quote of version 3: the report body stands
        at 48, MRENCLAVE 64 bytes into it, and so on."""
        report = self.show(example("quote.bin"))
        found = {p[-2:]: (f.get("offset"), f.get("length"))
                 for p, f in self.leaves(report["fields"])}
        for path, place in (
                (("header", "version"), (0, 2)),
                (("header", "user-data"), (28, 20)),
                (("report", "cpusvn"), (48, 16)),
                (("report", "attributes"), (48 + 48, 8)),
                (("report", "mrenclave"), (48 + 64, 32)),
                (("report", "mrsigner"), (48 + 128, 32)),
                (("report", "config-id"), (48 + 192, 64)),
                (("report", "product-id"), (48 + 256, 2)),
                (("report", "svn"), (48 + 258, 2)),
                (("report", "report-data"), (48 + 320, 64))):
            with self.subTest(path):
                self.assertEqual(place, found[path])

    def test_values_are_the_bytes_at_their_place(self):
        raw = read(example("quote.bin"), "rb")
        checked = 0
        for path, field in self.leaves(self.show(
                example("quote.bin"))["fields"]):
            value = field["value"]
            if "offset" not in field or not isinstance(value, str) or \
                    not re.fullmatch("[0-9a-f]{8,}", value):
                continue
            with self.subTest(path):
                begin = field["offset"]
                self.assertEqual(
                    raw[begin:begin + field["length"]].hex(), value)
                checked += 1
        self.assertGreater(checked, 15)

    def test_claims(self):
        claims = self.show(example("quote.bin"))["claims"]
        self.assertEqual(json.loads(read(example("claims.json"))), claims)

    def test_says_that_nothing_is_verified(self):
        for name in ("quote.bin", "report.bin"):
            human = self.expect(OK, "evidence", "show", example(name)).out
            last = human.rstrip("\n").split("\n")[-1]
            self.assertIn("not verified", last)
            report = self.show(example(name))
            self.assertIn("not verified", json.dumps(report["verification"]))

    def test_human_names_attributes_and_certificates(self):
        out = self.expect(OK, "evidence", "show", example("quote.bin")).out
        for words in ("MODE64BIT", "mrenclave", "2049-12-31",
                      "CN=maapol test SGX Root CA", "x-ms-sgx-svn = 3"):
            self.assertIn(words, out)
        self.assert_harmless(out.encode(), out)

    def test_forms_of_a_file(self):
        raw = read(example("quote.bin"), "rb")
        whole = self.show(example("quote.bin"))
        for form in (b64url(raw), b64url(raw) + "\n", raw.hex(),
                     raw.hex().upper(), json.dumps({"QuoteHex": raw.hex()})):
            self.write("quote", form)
            with self.subTest(form[:16]):
                self.assertEqual(whole, self.show("quote"))
        self.assertEqual(whole, self.show("-", stdin=raw))

    def test_type(self):
        self.show(example("quote.bin"), "--type", "sgxenclave")
        self.show(example("report.bin"), "--type", "OpenEnclave")
        for name, kind in (("quote.bin", "TdxVm"), ("quote.bin", "Tpm"),
                           ("quote.bin", "OpenEnclave")):
            with self.subTest(kind):
                self.assert_unusable("evidence", "show", "--type", kind,
                                     example(name))

    def test_usage(self):
        quote = example("quote.bin")
        for words in ([], [quote, quote], [quote, "--type", "Toaster"],
                      [quote, "--format", "plain"]):
            with self.subTest(words):
                self.assert_usage("evidence", "show", *words)


class Make(EvidenceTest):
    def fields(self, kind):
        return self.expect(OK, "evidence", "make", "--type", kind,
                           "--fields").out.split()

    def test_every_named_field_can_be_set_and_seen(self):
        values = {"cpusvn": "11" * 16, "mrenclave": "ab" * 32,
                  "mrsigner": "cd" * 32, "report-data": "ef" * 64,
                  "product-id": "65535", "svn": "1", "user-data": "01" * 20,
                  "isv-family-id": "02" * 16, "config-id": "03" * 64,
                  "isv-extended-product-id": "04" * 16, "config-svn": "7",
                  "qe-svn": "3", "pce-svn": "4", "fmspc": "05" * 6}
        for kind in TYPES:
            known = self.fields(kind)
            for name, value in values.items():
                with self.subTest(kind, field=name):
                    self.assertIn(name, known)
                    report = self.show(self.make("%s=%s" % (name, value),
                                                 kind=kind))
                    seen = [str(f["value"]) for p, f in
                            self.leaves(report["fields"]) if p[-1] == name]
                    self.assertIn(value, seen)

    def test_debug(self):
        for value in (True, False):
            claims = self.show(self.make("debug=" + str(value).lower())
                               )["claims"]
            self.assertIs(value, claims["x-ms-sgx-is-debuggable"])

    def test_runtime_data(self):
        self.write("data", b"\0\1\2")
        digest = ("ae4b3280e56e2faf83f414a6e3dabe9d5fbe18976544c05fed121accb8"
                  "5b53fc")  # SHA-256 of 00 01 02
        claims = self.show(self.make("runtime-data=@data"))["claims"]
        self.assertEqual(digest + "00" * 32, claims["x-ms-sgx-report-data"])

    def test_request_holds_evidence_and_data(self):
        self.write("data", "some data")
        for kind, member in (("SgxEnclave", "quote"),
                             ("OpenEnclave", "report")):
            self.expect(OK, "evidence", "make", "--type", kind, "--set",
                        "runtime-data=@data", "-o", "raw", "--request",
                        "request.json")
            body = json.loads(read(self.path("request.json")))
            self.assertEqual(read(self.path("raw"), "rb"),
                             b64url_decode(body[member]))
            self.assertEqual(b"some data",
                             b64url_decode(body["runtimeData"]["data"]))
            self.assertEqual("Binary", body["runtimeData"]["dataType"])

    def test_to_standard_output(self):
        raw = self.expect(OK, "evidence", "make", *SGX, "-o", "-").raw_out
        self.show("-", stdin=raw)

    def test_authority_is_kept_and_used_again(self):
        def root():
            return read(self.path("pki/root-ca.pem"))
        self.expect(OK, "evidence", "make", *SGX, "--pki", "pki", "-o", "a")
        first = root()
        self.expect(OK, "evidence", "make", *SGX, "--pki", "pki", "-o", "b")
        self.assertEqual(first, root())
        self.expect(OK, "evidence", "make", *SGX, "--pki", "other", "-o", "c")
        self.assertNotEqual(first, read(self.path("other/root-ca.pem")))

    def test_keys_are_their_owners_only(self):
        os.umask(0o022)
        self.expect(OK, "evidence", "make", *SGX, "--pki", "pki", "-o", "a")
        keys = [n for n in os.listdir(self.path("pki")) if n.endswith(".key")]
        self.assertTrue(keys)
        for name in keys:
            mode = stat.S_IMODE(os.stat(self.path("pki/" + name)).st_mode)
            self.assertEqual(0o600, mode, name)

    def test_no_key_is_shown(self):
        result = self.expect(OK, "evidence", "make", *SGX, "--pki", "pki",
                             "-o", "a", "--verbose")
        self.assertNotIn("PRIVATE", result.out + result.err)

    def test_a_broken_authority_is_not_used(self):
        self.expect(OK, "evidence", "make", *SGX, "--pki", "pki", "-o", "a")
        for name in ("root-ca.pem", "root-ca.key"):
            content = read(self.path("pki/" + name))
            for broken in ("", content[:-60], "x" * 100):
                self.write("pki/" + name, broken)
                result = self.maapol("evidence", "make", *SGX, "--pki", "pki",
                                     "-o", "b")
                with self.subTest(name, content=broken[:10]):
                    self.assertIn(result.status, (INPUT, SYSTEM), result)
                    self.assertIn("pki/" + name, result.err)
            self.write("pki/" + name, content)
        self.expect(OK, "evidence", "make", *SGX, "--pki", "pki", "-o", "a")

    def test_wrong_fields(self):
        for setting in ("product-id=65536", "product-id=-1", "svn=x",
                        "mrsigner=abc", "mrsigner=" + "g" * 64,
                        "mrsigner=" + "a" * 66, "debug=maybe", "svn", "=1",
                        "svm=1", "", "runtime-type=Text", "svn="):
            with self.subTest(setting):
                result = self.assert_usage("evidence", "make", *SGX, "--set",
                                           setting, "-o", "x")
                self.assertFalse(os.path.exists(self.path("x")), result)
        self.assert_usage("evidence", "make", *SGX, "--set", "svm=1", "-o",
                          "x", mentions="svm")

    def test_missing_data(self):
        self.assert_unusable_or_system("runtime-data=@missing")

    def assert_unusable_or_system(self, setting):
        result = self.maapol("evidence", "make", *SGX, "--set", setting, "-o",
                             "x")
        self.assertIn(result.status, (USAGE, INPUT, SYSTEM), result)
        self.assertIn("missing", result.err)
        self.assertFalse(os.path.exists(self.path("x")))

    def test_usage(self):
        for words in ([], SGX, ["-o", "x"], ["--type", "Toaster", "-o", "x"],
                      ["--fields"], SGX + ["-o", "x", "y"]):
            with self.subTest(words):
                self.assert_usage("evidence", "make", *words)


if __name__ == "__main__":
    unittest.main()
