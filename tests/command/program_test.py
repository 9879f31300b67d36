# SPDX-License-Identifier: Apache-2.0
"""The two programs: maapol without cryptography, and its sibling, which is
found beside it and never through PATH."""
import os
import shutil
import subprocess
import unittest

from harness import CommandTest, MAAPOL, OK, SYSTEM, UNVERIFIED, example

SIBLING = os.path.join(os.path.dirname(os.path.realpath(MAAPOL)),
                       "maapol-crypto")
# Where an installed sibling would be; then a lone maapol finds that one.
INSTALLED = "/usr/local/libexec/maapol/maapol-crypto"
VERBS = (["hash", example("policy.maapolicy")],
         ["evidence", "show", example("quote.bin")],
         ["attest", *UNVERIFIED, "--quote", example("quote.bin")])


class Sibling(CommandTest):
    def place(self, folder, sibling=None):
        """A copy of maapol, and beside it what stands for its sibling."""
        os.makedirs(self.path(folder))
        program = self.path(folder + "/maapol")
        shutil.copy(MAAPOL, program)
        if sibling:
            shutil.copy(SIBLING, self.path(folder + "/maapol-crypto"))
        return program

    def impostor(self, folder):
        """A maapol-crypto that tells when it is run."""
        path = self.path(self.write(
            folder + "/maapol-crypto",
            "#!/bin/sh\necho impostor\ntouch '%s'\n" % self.path("ran")))
        os.chmod(path, 0o755)
        return self.path(folder)

    def assert_not_run(self):
        self.assertFalse(os.path.exists(self.path("ran")), "it was run")

    def test_is_found_beside(self):
        program = self.place("bin", sibling=True)
        for words in VERBS:
            self.expect(OK, *words, program=program)

    def test_is_found_from_any_directory_and_name(self):
        """By a link, by a relative path, through PATH."""
        os.makedirs(self.path("links"))
        os.symlink(MAAPOL, self.path("links/maapol"))
        os.symlink("links/maapol", self.path("maa"))
        for program in (self.path("links/maapol"), "./maa",
                        os.path.relpath(MAAPOL, self.directory)):
            for words in VERBS:
                with self.subTest(program, words=words):
                    self.expect(OK, *words, program=program)
        done = subprocess.run(["maapol", *VERBS[0]], capture_output=True,
                              env={"PATH": self.path("links")},
                              executable=self.path("links/maapol"))
        self.assertEqual(OK, done.returncode, done)

    def test_a_link_does_not_change_where_it_is_looked_for(self):
        folder = self.impostor("links")
        os.symlink(MAAPOL, folder + "/maapol")
        result = self.expect(OK, *VERBS[0], program=folder + "/maapol")
        self.assertIn("policyHash", result.out)
        self.assert_not_run()

    @unittest.skipIf(os.path.exists(INSTALLED), "one is installed")
    def test_is_not_looked_for_in_path(self):
        program = self.place("alone")
        folder = self.impostor("evil")
        for words in VERBS:
            result = self.expect(SYSTEM, *words, program=program,
                                 env={"PATH": folder})
            self.assertEqual("", result.out)
            self.assertIn("maapol-crypto", result.err)
        self.assert_not_run()

    @unittest.skipIf(os.path.exists(INSTALLED), "one is installed")
    def test_is_not_looked_for_in_the_present_directory(self):
        program = self.place("alone")
        folder = self.impostor("here")
        self.expect(SYSTEM, *VERBS[0], program=program, cwd=folder,
                    env={"PATH": "."})
        self.assert_not_run()

    def test_verbs_without_cryptography_do_not_need_it(self):
        program = self.place("alone")
        self.expect(OK, "check", example("policy.maapolicy"), program=program)
        self.expect(OK, "eval", "--policy", example("policy.maapolicy"),
                    "--claims", example("claims.json"), program=program)
        for words in (["version"], ["--help"], ["explain", "P001"]):
            self.expect(OK, *words, program=program)

    def test_a_name_for_the_program_changes_nothing(self):
        """argv[0] is the caller's to choose."""
        for name in ("", "maapol-crypto", "/tmp/evil/maapol", "-x"):
            done = subprocess.run([name, *VERBS[0]], executable=MAAPOL,
                                  capture_output=True)
            self.assertEqual(OK, done.returncode, done)

    def test_both_speak_of_the_same_verbs(self):
        for words in (["--help"], ["version"], ["check", "--help"],
                      ["explain"]):
            light = self.expect(OK, *words).out
            self.assertEqual(light, self.expect(OK, *words,
                                                program=SIBLING).out)


class Linking(CommandTest):
    def libraries(self, program):
        done = subprocess.run(["ldd", program], capture_output=True,
                              text=True)
        self.assertEqual(0, done.returncode, done)
        return done.stdout

    def test_maapol_loads_no_cryptography(self):
        names = self.libraries(MAAPOL)
        for library in ("libcrypto", "libssl", "jansson", "curl"):
            self.assertNotIn(library, names)

    def test_its_sibling_does(self):
        names = self.libraries(SIBLING)
        self.assertIn("libcrypto", names)
        self.assertNotIn("curl", names)

    def test_neither_can_open_a_socket(self):
        for program in (MAAPOL, SIBLING):
            symbols = subprocess.run(["nm", "-D", "--undefined-only",
                                      program], capture_output=True,
                                     text=True).stdout
            if "__asan" in symbols:
                self.skipTest("the sanitizer's runtime has them")
            self.assertIn(" read", symbols)
            for name in ("socket", "connect", "getaddrinfo"):
                self.assertNotRegex(symbols, r"\b%s\b" % name)


if __name__ == "__main__":
    unittest.main()
