# SPDX-License-Identifier: Apache-2.0
"""Nothing of a key or passphrase is left in the process once it has signed,
none of it is ever printed, and no core file is written."""
import os
import re
import resource
import signal
import subprocess
import time
import unittest

import signing
from check_test import CLEAN
from harness import (CommandTest, INPUT, MAAPOL, OK, environment,
                     is_sanitized, read)
from signing import openssl

WORDS = "a passphrase that nobody else has 4711"


def can_read_memory():
    """As root; others are kept out by the program itself."""
    return os.geteuid() == 0 and os.path.exists("/proc/self/mem")


def memory_of(pid):
    """Every byte that the process can write."""
    with open("/proc/%d/maps" % pid) as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            begin, end, mode = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            begin, end = int(begin, 16), int(end, 16)
            if "w" not in mode or end - begin > 1 << 30:
                continue
            try:
                memory.seek(begin)
                yield memory.read(end - begin)
            except OSError:  # not mapped in fact
                continue


def find_in(pid, secrets):
    found = set()
    for block in memory_of(pid):
        found.update(name for name, text in secrets.items() if text in block)
    return found


@unittest.skipUnless(signing.OPENSSL, "there is no openssl program")
@unittest.skipIf(is_sanitized(), "the sanitizer keeps freed memory and stacks")
class Secrets(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("p", CLEAN)
        signing.make_key(self.directory, "rsa")
        signing.make_certificate(self.directory, "rsa",
                                 "basicConstraints=critical,CA:TRUE")
        words = ["-passout", "pass:" + WORDS]
        openssl(self.directory, "pkcs8", "-topk8", "-in", "rsa.key", "-out",
                "encrypted", *words)
        openssl(self.directory, "pkcs12", "-export", "-inkey", "rsa.key",
                "-in", "rsa.pem", "-out", "pfx", *words)
        self.write("words", WORDS + "\n")
        os.mkfifo(self.path("pipe"))

    def secrets(self):
        """What must not be found: numbers of the key in both byte orders,
        the file's text, its DER, the passphrase."""
        text = openssl(self.directory, "rsa", "-in", "rsa.key", "-noout",
                       "-text").decode()
        secrets = {"passphrase": WORDS.encode(),
                   "PEM": read(self.path("rsa.key"), "rb")[100:160]}
        for name in ("privateExponent", "prime1", "prime2", "exponent1",
                     "exponent2", "coefficient"):
            digits = re.search(name + r":\n((?: +[0-9a-f:]+\n)+)",
                               text).group(1)
            number = bytes.fromhex(re.sub(r"[:\s]", "", digits)).lstrip(
                b"\0")
            secrets[name] = number[-48:]
            secrets[name + ", reversed"] = number[-48:][::-1]
        return secrets

    def start(self, *words, env=None):
        """A run that hangs where it opens the pipe to write its token."""
        child = subprocess.Popen(
            [MAAPOL, "sign", "-p", "p", "--cert", "rsa.pem", "-o", "pipe",
             *words], cwd=self.directory, env=environment(env),
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_CORE, resource.getrlimit(
                    resource.RLIMIT_CORE)[1:] * 2))
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        for _ in range(1000):
            if self.is_at_pipe(child.pid):
                return child
            self.assertIsNone(child.poll(), child)
            time.sleep(0.01)
        self.fail("it never came to its output")

    def is_at_pipe(self, pid):
        try:
            with open("/proc/%d/wchan" % pid) as wchan, \
                    open("/proc/%d/syscall" % pid) as call:
                return "fifo" in wchan.read() or self.is_open(call.read())
        except OSError:
            return False

    def is_open(self, call):
        """openat for writing, not ready since there is no reader; 257 is its
        number on x86-64, 56 on arm64."""
        words = call.split()
        return words[0] in ("257", "56") and int(words[3], 16) & 1 == 1

    def finish(self, child):
        with open(self.path("pipe"), "rb") as pipe:
            token = pipe.read()
        self.assertEqual(0, child.wait(10))
        self.assertEqual(2, token.count(b"."))

    WAYS = (
        (("--key", "rsa.key"), None),
        (("--key", "encrypted", "--passphrase-env", "P"), {"P": WORDS}),
        (("--key", "encrypted", "--passphrase-file", "words"), None),
        (("--pfx", "pfx", "--passphrase-env", "P"), {"P": WORDS}),
        (("--pfx", "pfx", "--passphrase-file", "words"), None))

    @unittest.skipUnless(can_read_memory(), "only root may read the memory")
    def test_are_gone_from_memory(self):
        secrets = self.secrets()
        for words, env in self.WAYS:
            with self.subTest(words):
                child = self.start(*words, env=env)
                self.assertEqual(set(), find_in(child.pid, secrets))
                # What does lie there is found, so the search works.
                self.assertEqual({"policy"}, find_in(
                    child.pid, {"policy": CLEAN.encode()[:40]}))
                self.finish(child)

    def test_no_core_file_and_no_debugger(self):
        child = self.start("--key", "rsa.key")
        with open("/proc/%d/limits" % child.pid) as limits:
            core = re.search(r"Max core file size\s+(\S+)\s+(\S+)",
                             limits.read())
        self.assertEqual(("0", "0"), core.groups())
        # What cannot be dumped belongs to root, whoever runs it.
        self.assertEqual(0, os.stat("/proc/%d/mem" % child.pid).st_uid)
        child.send_signal(signal.SIGABRT)
        _, status = os.waitpid(child.pid, 0)
        child.returncode = -signal.SIGABRT
        self.assertTrue(os.WIFSIGNALED(status))
        self.assertFalse(os.WCOREDUMP(status))

    def test_are_never_printed(self):
        for words, env in self.WAYS:
            for more in ((), ("--alg", "ES256"), ("--now", "2000-01-01T"
                                                  "00:00:00Z")):
                result = self.maapol("sign", "--verbose", "-p", "p", "--cert",
                                     "rsa.pem", *words, *more, env=env)
                self.assertEqual(INPUT if more else OK, result.status)
                self.assertNotIn(WORDS, result.out + result.err)
                self.assertNotIn("PRIVATE", result.out + result.err)
        result = self.expect(INPUT, "sign", "-p", "p", "--pfx", "pfx",
                             "--passphrase-env", "P",
                             env={"P": WORDS + "x"})
        self.assertNotIn(WORDS, result.err)


if __name__ == "__main__":
    unittest.main()
