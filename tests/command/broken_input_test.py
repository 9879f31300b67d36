# SPDX-License-Identifier: Apache-2.0
"""Broken input for every verb: cut, flipped, huge, nested, of another kind,
unreadable; output that cannot be written. Whatever comes, the program ends in
time with a status of the contract and a word why, and never permits."""
import json
import os
import random
import signal
import socket
import subprocess
import unittest

from harness import (CommandTest, INPUT, MAAPOL, NO, OK, SECONDS, SYSTEM,
                     UNVERIFIED, environment, example, policy_token, read,
                     stride)

# Every byte matters: any beginning is an error, but where a section ends.
POLICY = ('version=1.1; configurationrules{ => issueproperty(type="omit",'
          ' value=1); }; authorizationrules{ /* c */ c:[type=="svn",'
          ' value>=3, value<0x10] && [type=="debug", value==false] => '
          'permit(); }; issuancerules{ c:[type=="svn"] => '
          'issue(type="\\u00e9ü", value=c.value); };')
CLAIMS = '{"svn": 3, "debug": false, "other": ["a", {"b": [null, 1e2]}]}'
DEEP = 100000


class BrokenTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("good.policy", POLICY)
        self.write("good.claims", CLAIMS)
        attest = ["attest", *UNVERIFIED, "--type"]
        sgx = [*attest, "SgxEnclave"]
        self.uses = {  # words before the file, and what may come of it
            "check": (["check"], (NO, INPUT)),
            "eval policy": (["eval", "--claims", "good.claims", "--policy"],
                            (INPUT,)),
            "eval claims": (["eval", "--policy", "good.policy", "--claims"],
                            (INPUT,)),
            "hash": (["hash"], (OK, INPUT)),
            "hash compare": (["hash", "--compare", "good.policy"],
                             (NO, INPUT)),
            "attest policy": ([*sgx, "--request", example("request.json"),
                               "--policy"], (INPUT,)),
            "attest request": ([*sgx, "--request"], (NO, INPUT)),
            "attest quote": ([*sgx, "--quote"], (INPUT,)),
            "attest report": ([*attest, "OpenEnclave", "--report"], (INPUT,)),
            "attest runtime data": ([*sgx, "--quote", example("quote.bin"),
                                     "--runtime-data"], (NO, INPUT)),
            "evidence show": (["evidence", "show"], (INPUT,)),
            "evidence verify": (["evidence", "verify"], (NO, INPUT)),
        }

    def use(self, name, path, **options):
        """Hands the file to one use of a verb; what must always hold."""
        before, allowed = self.uses[name]
        result = self.maapol(*before, path, **options)
        self.assertIn(result.status, allowed, result)
        self.assertTrue(result.raw_out + result.raw_err, result)
        self.assertNotIn(b"decision: permit", result.raw_out, result)
        self.assertNotIn(b'"permit"', result.raw_out, result)
        self.assert_harmless(result.raw_err, result)
        self.assert_harmless(result.raw_out, result)
        return result

    def use_everywhere(self, path, but=()):
        for name in self.uses:
            if name not in but:
                with self.subTest(name):
                    self.use(name, path)


class Cut(BrokenTest):
    """The first N bytes, for every N."""
    slow = True

    def assert_every_cut_is_refused(self, name, data, step=1):
        for length in range(0, len(data), stride(step)):
            if data[:length].rstrip().endswith(b"};"):
                continue  # a policy of fewer sections
            with self.subTest(name, length=length):
                self.write("cut", data[:length])
                self.use(name, "cut")

    def test_the_whole_samples_are_good(self):
        self.expect(OK, "check", "good.policy")
        self.expect(OK, "eval", "--policy", "good.policy", "--claims",
                    "good.claims")

    def test_policies(self):
        for name in ("check", "eval policy", "hash", "hash compare"):
            self.assert_every_cut_is_refused(name, POLICY.encode())

    def test_a_policy_of_attest(self):
        self.assert_every_cut_is_refused("attest policy", POLICY.encode(), 5)

    def test_policy_tokens(self):
        token = policy_token("version=1.0;authorizationrules{=>permit();};")
        data = token[:-1].encode()  # without its last dot it is none
        self.assert_every_cut_is_refused("eval policy", data)

    def test_claims(self):
        self.assert_every_cut_is_refused("eval claims", CLAIMS.encode())

    def test_requests(self):
        data = read(example("request.json"), "rb").rstrip()
        self.assert_every_cut_is_refused("attest request", data, 61)

    def test_quotes(self):
        data = read(example("quote.bin"), "rb")
        for name in ("attest quote", "evidence show"):
            self.assert_every_cut_is_refused(name, data, 37)
        for length in range(len(data) - 3, len(data)):
            self.write("cut", data[:length])
            self.use("evidence show", "cut")

    def test_reports(self):
        data = read(example("report.bin"), "rb")
        for name in ("attest report", "evidence show"):
            self.assert_every_cut_is_refused(name, data, 53)


class Flipped(BrokenTest):
    """One bit is another. What is still right is judged by other code."""
    slow = True

    def flips(self, data, step):
        for bit in range(0, len(data) * 8, stride(step)):
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            yield bit, bytes(changed)

    def assert_sound(self, result, allowed):
        self.assertIn(result.status, allowed, result)
        self.assertTrue(result.raw_out + result.raw_err, result)
        self.assert_harmless(result.raw_err, result)

    def test_policies(self):
        """A text that check refuses is never evaluated, and the reverse."""
        for bit, data in self.flips(POLICY.encode(), 5):
            with self.subTest(bit):
                self.write("flipped", data)
                checked = self.maapol("check", "flipped")
                self.assert_sound(checked, (OK, NO))
                decided = self.maapol("eval", "--policy", "flipped",
                                      "--claims", "good.claims")
                self.assert_sound(decided, (OK, NO, INPUT))
                self.assertEqual(checked.status != OK,
                                 decided.status == INPUT, decided)

    @staticmethod
    def permits(data):
        """What the policy says of the claims, by another JSON reader."""
        def once(pairs):
            if len(dict(pairs)) != len(pairs):
                raise ValueError("twice")
            return dict(pairs)
        claims = json.loads(data.decode(), object_pairs_hook=once)
        svn = claims.get("svn")
        svn = svn if isinstance(svn, list) else [svn]
        debug = claims.get("debug")
        return (debug is False and any(
            type(s) in (int, float) and 3 <= s < 16 for s in svn))

    def test_claims(self):
        for bit, data in self.flips(CLAIMS.encode(), 1):
            with self.subTest(bit, data=data):
                self.write("flipped", data)
                result = self.maapol("eval", "--policy", "good.policy",
                                     "--claims", "flipped")
                self.assert_sound(result, (OK, NO, INPUT))
                if result.status != INPUT:
                    self.assertEqual(self.permits(data), result.status == OK)

    def test_policy_tokens(self):
        token = policy_token("version=1.0;authorizationrules{=>deny();};")
        for bit, data in self.flips(token.encode(), 5):
            with self.subTest(bit):
                self.write("flipped", data)
                self.assert_sound(self.maapol("check", "flipped"), (OK, NO))
                result = self.maapol("eval", "--policy", "flipped",
                                     "--claims", "good.claims")
                self.assert_sound(result, (NO, INPUT))

    def test_what_the_policy_demands_of_a_quote(self):
        """MRSIGNER, product id, report data (SGX report body at 48)."""
        self.write("policy", read(example("policy.maapolicy")))
        quote = read(example("quote.bin"), "rb")
        for place, length in ((48 + 128, 32), (48 + 256, 2), (48 + 320, 32)):
            for bit in range(place * 8, (place + length) * 8, stride(23)):
                with self.subTest(bit):
                    changed = bytearray(quote)
                    changed[bit // 8] ^= 1 << bit % 8
                    self.write("flipped", bytes(changed))
                    result = self.maapol(
                        "attest", *UNVERIFIED, "--quote", "flipped",
                        "--policy", "policy", "--runtime-data",
                        example("runtime.json"))
                    self.assert_sound(result, (NO, INPUT))

    def test_quotes(self):
        """Unverified evidence may still be admitted, but it is said."""
        for bit, data in self.flips(read(example("quote.bin"), "rb"), 173):
            with self.subTest(bit):
                self.write("flipped", data)
                self.assert_sound(self.maapol("evidence", "show", "flipped"),
                                  (OK, INPUT))
                result = self.maapol("attest", *UNVERIFIED, "--type",
                                     "SgxEnclave", "--quote", "flipped")
                self.assert_sound(result, (OK, NO, INPUT))
                if result.status == OK:
                    self.assertIn("not verified", result.out)

    def test_requests(self):
        data = read(example("request.json"), "rb")
        for bit, data in self.flips(data, 331):
            with self.subTest(bit):
                self.write("flipped", data)
                result = self.maapol("attest", *UNVERIFIED, "--type",
                                     "SgxEnclave", "--request", "flipped")
                self.assert_sound(result, (OK, NO, INPUT))


class OtherKinds(BrokenTest):
    def test_empty(self):
        for content in ("", "\n", " \t\r\n" * 100):
            self.write("x", content)
            self.use_everywhere("x", but=["hash"])
        self.write("x", "")
        self.assert_unusable("hash", "x")

    def test_random_bytes(self):
        source = random.Random(20)
        for length in (1, 7, 100, 4000, 100000):
            self.write("x", source.randbytes(length))
            with self.subTest(length):
                self.use_everywhere("x")

    def test_files_of_other_programs(self):
        for content in (read("/bin/true", "rb")[:20000],
                        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\x14\0\0\0",
                        b"\x1f\x8b\x08\0\0\0\0\0", b"%PDF-1.7\n%\xe2\xe3\n",
                        b"<!DOCTYPE html>\n<html></html>\n",
                        b"-----BEGIN CERTIFICATE-----\nMIIB\n"
                        b"-----END CERTIFICATE-----\n", b"#!/bin/sh\n"):
            self.write("x", content)
            with self.subTest(content[:8]):
                self.use_everywhere("x")

    def test_zero_bytes(self):
        for count in (1, 48, 432, 4096, 65536):
            self.write("x", bytes(count))
            with self.subTest(count):
                self.use_everywhere("x")

    def test_a_zero_byte_within(self):
        at = POLICY.index("=> permit")
        for place in (0, at, len(POLICY)):
            text = POLICY[:place] + "\0" + POLICY[place:]
            self.write("x", text)
            for name in ("check", "eval policy", "attest policy"):
                with self.subTest(name, place=place):
                    self.use(name, "x")
        for place in range(len(CLAIMS) + 1):
            self.write("x", CLAIMS[:place] + "\0" + CLAIMS[place:])
            with self.subTest("claims", place=place):
                self.use("eval claims", "x")

    def test_other_encodings(self):
        """UTF-16 in its forms, UTF-8 with a mark, Latin-1, EBCDIC."""
        for code in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig",
                     "cp1140"):
            for name, text in (("check", POLICY), ("eval policy", POLICY),
                               ("attest policy", POLICY),
                               ("eval claims", CLAIMS)):
                with self.subTest(name, code=code):
                    self.write("x", text.encode(code, "replace"))
                    self.use(name, "x")
            self.write("x", read(example("request.json")).encode(code))
            with self.subTest("attest request", code=code):
                self.use("attest request", "x")
        self.write("x", POLICY.encode("latin-1"))
        self.use("eval policy", "x")

    def test_what_is_meant_for_another_option(self):
        for name in ("eval policy", "eval claims", "attest policy",
                     "attest request", "attest quote", "evidence show"):
            own = {"eval policy": "good.policy", "attest policy":
                   "good.policy", "eval claims": "good.claims"}.get(name)
            for path in ("good.policy", "good.claims",
                         example("runtime.json"), example("root-ca.pem")):
                if path == own or (name == "eval claims" and
                                   path.endswith("runtime.json")):
                    continue
                with self.subTest(name, path=path):
                    self.use(name, path)


class Large(BrokenTest):
    slow = True

    def test_a_file_of_100_megabytes(self):
        with open(self.path("zero"), "wb") as file:
            file.truncate(100 << 20)  # sparse
        self.use_everywhere("zero", but=["hash"])
        self.assert_unusable("hash", "zero")

    def test_a_pipe_of_100_megabytes(self):
        for words in (["check", "-"], ["hash", "-"], ["evidence", "show", "-"],
                      ["eval", "--policy", "good.policy", "--claims", "-"]):
            with self.subTest(words):
                source = subprocess.Popen(["head", "-c", "100M", "/dev/zero"],
                                          stdout=subprocess.PIPE)
                result = self.maapol(*words, stdin=source.stdout)
                source.stdout.close()
                source.wait()
                self.assertIn(result.status, (NO, INPUT), result)
                self.assertTrue(result.raw_out + result.raw_err)

    def test_a_source_without_end(self):
        """/dev/zero never ends; the limit does."""
        self.use("attest quote", "/dev/zero")
        self.use("evidence show", "/dev/zero")
        self.use("attest request", "/dev/zero")

    def test_the_message_says_how_much_is_allowed(self):
        with open(self.path("zero"), "wb") as file:
            file.truncate(100 << 20)
        for name in ("eval policy", "eval claims"):
            result = self.use(name, "zero")
            self.assertRegex(result.err, "67108864|64 MiB")

    def test_a_million_of_everything(self):
        count = 1000000
        for piece in ("(", ")", "[", "{", "}", ";", "=", "=>", '"', "\\", "!",
                      "&&", "/*", "//", "a", "1", ".", ",", "-", "permit()"):
            with self.subTest(piece):
                self.write("x", "version=1.2;authorizationrules{" +
                           piece * (count // len(piece)))
                self.use("check", "x")


class Deep(BrokenTest):
    def test_policies(self):
        head = "version=1.2; authorizationrules { "
        for text in (
                "(" * DEEP, "[" * DEEP, "{" * DEEP, "![" * DEEP,
                head + "[" * DEEP, head + "[type==" * DEEP,
                head + "[value==" + "NegateBool(" * DEEP,
                head + "[value==" + "NegateBool(" * DEEP + "true" +
                ")" * DEEP + "] => permit(); };",
                head + "=> add(type=" + "AppendString(\"a\"," * DEEP,
                "version=1.2; " + "authorizationrules{" * DEEP,
                "/*" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP):
            with self.subTest(text[30:60]):
                self.write("x", text)
                for name in ("check", "eval policy", "attest policy"):
                    self.use(name, "x")

    def test_json(self):
        for opening, inner, closing in (("[", "", "]"), ('{"a":', "1", "}"),
                                        ('[{"a":', "", "")):
            text = opening * DEEP + inner + closing * DEEP
            self.write("x", text)
            self.write("y", '{"t": ' + text + "}")
            self.write("z", '{"quote": ' + text + "}")
            with self.subTest(opening):
                for path in ("x", "y"):
                    self.use("eval claims", path)
                for path in ("x", "y", "z"):
                    self.use("attest request", path)
                self.use("evidence show", "x")

    def test_json_in_json(self):
        """Strings in strings are unwrapped a bounded number of times."""
        text = POLICY
        for _ in range(8):
            text = policy_token(text)
        self.write("x", text)
        self.use("check", "x")
        self.use("eval policy", "x")


class Unreadable(BrokenTest):
    def paths(self):
        os.symlink("nowhere", self.path("dangling"))
        os.symlink("circle", self.path("circle"))
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path("socket"))
        return ["missing", "dangling", "circle", "socket", "good.policy/x",
                "/proc/self/mem", "/dev/null", "n" * 300, "d/" * 3000]

    def test_paths(self):
        for path in self.paths():
            with self.subTest(path[:20]):
                self.use_everywhere(path)

    def test_a_directory(self):
        os.mkdir(self.path("directory"))
        self.use_everywhere("directory")
        self.use_everywhere(".", but=["check"])

    def test_the_message_names_the_file(self):
        os.symlink("nowhere", self.path("dangling"))
        os.mkdir(self.path("directory"))
        for path in ("missing", "dangling", "directory"):
            for name in self.uses:
                with self.subTest(name, path=path):
                    self.assertIn(path, self.use(name, path).err)

    def test_standard_input_that_is_closed(self):
        for name in self.uses:
            with self.subTest(name):
                self.use(name, "-",
                         preexec_fn=lambda: os.close(0))

    def test_standard_input_that_is_a_directory(self):
        for name in ("check", "eval claims", "hash", "evidence show"):
            with self.subTest(name):
                directory = os.open(self.directory, os.O_RDONLY)
                try:
                    self.use(name, "-", stdin=directory)
                finally:
                    os.close(directory)


class Output(CommandTest):
    """Standard output that cannot be written: status 4 and a message, above
    all where the status would else say yes."""

    def setUp(self):
        super().setUp()
        self.write("good.policy", POLICY)
        self.write("good.claims", CLAIMS)
        evidence = [*UNVERIFIED, "--type", "SgxEnclave", "--request",
                    example("request.json")]
        self.commands = [
            ["check", "good.policy"],
            ["check", "--format", "json", "good.policy"],
            ["eval", "--policy", "good.policy", "--claims", "good.claims"],
            ["eval", "--policy", "good.policy", "--claims", "good.claims",
             "--format", "json"],
            ["attest", *evidence],
            ["attest", *evidence, "--format", "claims"],
            ["attest", *evidence, "--format", "token"],
            ["attest", *evidence, "--format", "json"],
            ["evidence", "show", example("quote.bin")],
            ["evidence", "show", "--format", "json", example("quote.bin")],
            ["evidence", "make", "--type", "SgxEnclave", "-o", "-"],
            ["evidence", "make", "--type", "SgxEnclave", "--fields"],
            ["hash", "good.policy"],
            ["hash", "--compare", "good.policy", "good.policy"],
            ["explain"], ["explain", "P001"], ["version"], ["--version"],
            ["--help"], ["help"], ["check", "--help"], ["help", "attest"],
        ]

    def test_the_commands_are_good(self):
        for words in self.commands:
            with self.subTest(words):
                self.expect(OK, *words)

    def test_full(self):
        for words in self.commands:
            with self.subTest(words), open("/dev/full", "wb") as full:
                result = self.expect(SYSTEM, *words, stdout=full)
                self.assertTrue(result.err, result)

    def test_closed(self):
        for words in self.commands:
            with self.subTest(words):
                result = self.expect(SYSTEM, *words,
                                     preexec_fn=lambda: os.close(1))
                self.assertTrue(result.err, result)

    def test_nobody_reads_it(self):
        """A reader that goes away: status 4, or the usual signal."""
        for words in self.commands:
            with self.subTest(words):
                read_end, write_end = os.pipe()
                os.close(read_end)
                try:
                    done = subprocess.run(
                        [MAAPOL, *words], stdout=write_end,
                        stderr=subprocess.PIPE, cwd=self.directory,
                        stdin=subprocess.DEVNULL, env=environment(),
                        timeout=SECONDS)
                finally:
                    os.close(write_end)
                self.assertIn(done.returncode, (SYSTEM, -signal.SIGPIPE))

    def test_no_standard_error(self):
        """Messages are lost then; the answer is not."""
        for words, status in (
                (["check", "good.policy"], OK), (["check", "missing"], INPUT),
                (["eval", "--policy", "good.policy", "--claims",
                  "good.claims"], OK),
                (["eval", "--policy", "good.policy", "--claims", "missing"],
                 INPUT), (["nonsense"], 2)):
            with self.subTest(words):
                with_it = self.maapol(*words)
                without = self.expect(status, *words,
                                      preexec_fn=lambda: os.close(2))
                self.assertEqual(with_it.out, without.out)

    def test_files_that_cannot_be_written(self):
        for path in ("/dev/full", "missing/quote", ".", ""):
            for option in ("-o", "--request"):
                with self.subTest(path, option=option):
                    result = self.expect(SYSTEM, "evidence", "make", "--type",
                                         "SgxEnclave", option, path)
                    self.assertIn(path, result.err)


if __name__ == "__main__":
    unittest.main()
