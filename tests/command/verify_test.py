# SPDX-License-Identifier: Apache-2.0
"""maapol evidence verify, and verification in maapol attest."""
import unittest

from harness import (CommandTest, INPUT, NO, OK, USAGE, example, read)

ROOTS = ["--roots", example("")]
QUOTE = example("quote.bin")


class Verify(CommandTest):
    def verify(self, status, *arguments):
        return self.expect(status, "evidence", "verify", *arguments)

    def test_under_its_own_root(self):
        for name in ("quote.bin", "report.bin"):
            result = self.verify(OK, *ROOTS, example(name))
            self.assertTrue(result.out.endswith(
                "signatures verified up to root-ca.pem\n"), result)
            self.assertNotIn("failed", result.out)

    def test_no_root_that_is_trusted(self):
        result = self.verify(NO, QUOTE)
        self.assertIn("not trusted", result.out)

    def test_roots_instead_of_the_built_in_ones(self):
        self.verify(OK, *ROOTS, "--no-builtin-roots", QUOTE)
        result = self.verify(USAGE, "--no-builtin-roots", QUOTE)
        self.assertIn("nothing would be trusted", result.err)
        self.expect(OK, "attest", "--quote", QUOTE, *ROOTS,
                    "--no-builtin-roots")

    def test_at_another_time(self):
        result = self.verify(NO, *ROOTS, "--now", "2017-01-01T00:00:00Z",
                             QUOTE)
        self.assertIn("not yet valid", result.out)

    def test_json(self):
        report = self.verify(OK, *ROOTS, "--format", "json", QUOTE).json
        self.assertIs(True, report["verified"])
        self.assertEqual("signature", report["status"])
        self.assertEqual({"passed"}, {s["result"] for s in report["steps"]})
        report = self.verify(NO, "--format", "json", QUOTE).json
        self.assertIs(False, report["verified"])
        self.assertEqual("failed", report["steps"][-1]["result"])
        self.assertIn("not trusted", report["reason"])

    def test_every_signed_byte(self):
        """Of the header, the enclave's report and the signature data."""
        quote = read(QUOTE, "rb")
        for place in range(0, 1046, 13):
            changed = bytearray(quote)
            changed[place] ^= 1
            self.write("flipped", bytes(changed))
            result = self.maapol("evidence", "verify", "--type", "SgxEnclave",
                                 *ROOTS, "flipped")
            self.assertIn(result.status, (NO, INPUT), place)

    def test_wrong_usage_and_input(self):
        self.write("empty/x.txt", "")
        self.write("broken/root.pem", "no certificate")
        for status, words in (
                (USAGE, []), (USAGE, [QUOTE, QUOTE]),
                (USAGE, ["--now", "soon", QUOTE]),
                (USAGE, ["--accept-tcb", "Fine", QUOTE]),
                (USAGE, ["--accept-tcb", "UpToDate,", QUOTE]),
                (USAGE, ["--accept-tcb", "Revoked", QUOTE]),
                (INPUT, ["--roots", "missing", QUOTE]),
                (INPUT, ["--roots", "broken", QUOTE]),
                (INPUT, ["--collateral", "empty", QUOTE]),
                (INPUT, ["--certs", "missing", QUOTE]),
                (INPUT, ["missing"]), (INPUT, ["empty/x.txt"])):
            with self.subTest(words):
                self.verify(status, *words)


class Attest(CommandTest):
    def attest(self, status, *arguments):
        return self.expect(status, "attest", "--quote", QUOTE, *arguments)

    def test_verified_under_the_samples_root(self):
        result = self.attest(OK, *ROOTS)
        self.assertIn("evidence: signatures verified up to root-ca.pem",
                      result.out)
        report = self.attest(OK, *ROOTS, "--format", "json").json
        self.assertIs(True, report["verification"]["verified"])
        self.assertEqual("root-ca.pem", report["verification"]["root"])

    def test_what_is_not_verified_gets_no_permit(self):
        """Neither decision nor claims, in any format."""
        self.write("none/x.pem", read(example("root-ca.pem")))
        for words in (["--verify", "signature"], ["--verify", "full"],
                      ["--verify", "full", *ROOTS],
                      [*ROOTS, "--now", "2017-01-01T00:00:00Z"]):
            for form in ("human", "claims", "token", "json"):
                with self.subTest(words, format=form):
                    result = self.attest(NO, *words, "--format", form)
                    self.assertTrue(result.err.startswith(
                        "InvalidParameter: the evidence could not be "
                        "verified: "), result)
                    self.assertNotIn("permit", result.out)
                    self.assertNotIn("x-ms-sgx", result.out)

    def test_default_is_to_verify(self):
        result = self.attest(NO)
        self.assertIn("not trusted", result.err)

    def test_levels(self):
        self.attest(USAGE, "--verify", "maybe")
        result = self.attest(OK, "--verify", "none")
        self.assertIn("signatures not verified", result.out)

    def test_collateral_that_is_missing_is_said(self):
        result = self.attest(NO, *ROOTS, "--verify", "full")
        self.assertIn("no collateral is given", result.err)


if __name__ == "__main__":
    unittest.main()
