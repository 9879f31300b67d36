# SPDX-License-Identifier: Apache-2.0
"""Calls of the program, and what every call must keep to."""
import base64
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
MAAPOL = os.path.abspath(os.environ.get("MAAPOL",
                                        os.path.join(BUILD, "maapol")))
EXAMPLES = os.path.join(ROOT, "examples", "sgx")

OK, NO, USAGE, INPUT, SYSTEM = range(5)
SECONDS = 20        # more is a hang
# The samples are signed under a root that nobody trusts.
UNVERIFIED = ("--verify", "none")
SANITIZER = 99      # exit status of a sanitizer's report

# C0 but line feed, DEL, C1, zero-width and bidirectional marks, separators.
DANGEROUS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f"
                       "\u2028-\u202e\u2066-\u2069\ufeff]")


@functools.lru_cache(None)
def is_sanitized():
    """Sanitized programs start slowly; long series then take bigger steps."""
    with open(MAAPOL, "rb") as file:
        return b"__asan_init" in file.read()


def stride(step):
    return step * 7 if is_sanitized() else step


def environment(extra=None):
    """Nothing of the caller's settings reaches the program."""
    # No directory can be made there, not even by root.
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
           "HOME": "/dev/null/home"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        given = os.environ.get(name)
        env[name] = (given + ":" if given else "") + "exitcode=%d" % SANITIZER
    env.update(extra or {})
    return env


def open_terminal():
    """A pseudo-terminal's two descriptors; a bare root may have none."""
    try:
        return os.openpty()
    except OSError as error:
        raise unittest.SkipTest("no pseudo-terminal: %s" % error)


def leaks_of_others():
    """Settings for a run in which a library that is not ours leaks."""
    return {"ASAN_OPTIONS": environment()["ASAN_OPTIONS"] +
            ":detect_leaks=0"}


class Result:
    """Exit status, standard output and standard error of one call."""

    def __init__(self, command, status, out, err):
        self.command = command
        self.status = status
        self.raw_out, self.raw_err = out, err

    @property
    def out(self):
        return self.raw_out.decode()

    @property
    def err(self):
        return self.raw_err.decode()

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        words = [w.decode(errors="backslashreplace") if isinstance(w, bytes)
                 else w for w in self.command]
        return "%s\nstatus %d\n-- stdout:\n%s\n-- stderr:\n%s" % (
            " ".join(words), self.status,
            self.raw_out[:3000].decode(errors="backslashreplace"),
            self.raw_err[:3000].decode(errors="backslashreplace"))


def b64url(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64url_decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256_b64url(data):
    if isinstance(data, str):
        data = data.encode()
    return b64url(hashlib.sha256(data).digest())


def policy_token(text):
    """The unsecured token in which clients upload a policy."""
    payload = json.dumps({"AttestationPolicy": b64url(text)},
                         separators=(",", ":"))
    return b64url('{"alg":"none"}') + "." + b64url(payload) + "."


def token_payload(token):
    return json.loads(b64url_decode(token.split(".")[1]))


def example(name):
    return os.path.join(EXAMPLES, name)


def read(path, mode="r"):
    with open(path, mode) as file:
        return file.read()


class CommandTest(unittest.TestCase):
    """A test with a directory of its own, in which the program runs."""
    maxDiff = 4000

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="maapol-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def write(self, name, content):
        """A file in the test's directory; its name, as arguments take it."""
        directory = self.directory
        if isinstance(name, bytes):
            directory = os.fsencode(directory)
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        elif not isinstance(content, bytes):
            content = json.dumps(content).encode()
        with open(path, "wb") as file:
            file.write(content)
        return name

    def path(self, name):
        return os.path.join(self.directory, name)

    def maapol(self, *arguments, stdin=None, env=None, program=MAAPOL,
               **options):
        """Runs the program. A signal, a hang, a sanitizer's report and a
        status that is not in the contract fail every test."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        if isinstance(stdin, bytes):
            options["input"] = stdin
        else:
            options["stdin"] = stdin or subprocess.DEVNULL
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("cwd", self.directory)
        command = [program, *arguments]
        try:
            done = subprocess.run(command, env=environment(env),
                                  timeout=SECONDS, close_fds=False, **options)
        except subprocess.TimeoutExpired:
            self.fail("no end after %d s: %s" % (SECONDS, command))
        result = Result(command, done.returncode, done.stdout or b"",
                        done.stderr or b"")
        if result.status not in (OK, NO, USAGE, INPUT, SYSTEM):
            self.fail("status %d: %s" % (result.status, result))
        return result

    def expect(self, status, *arguments, **options):
        """As maapol(), with the exit status that must come of it."""
        result = self.maapol(*arguments, **options)
        if result.status != status:
            self.fail("wanted status %d: %s" % (status, result))
        return result

    def assert_usage(self, *arguments, mentions=(), **options):
        """Wrong usage: status 2, a message on standard error, no output."""
        result = self.expect(USAGE, *arguments, **options)
        self.assertEqual("", result.out, result)
        self.assertTrue(result.err.strip(), result)
        self.assert_mentions(result.err, mentions, result)
        return result

    def assert_unusable(self, *arguments, mentions=(), **options):
        """Input that cannot be used: status 3 and a message that says why."""
        result = self.expect(INPUT, *arguments, **options)
        self.assertTrue(result.err.strip(), result)
        self.assert_mentions(result.err, mentions, result)
        return result

    def assert_mentions(self, text, words, result):
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, text, result)

    def assert_harmless(self, raw, result):
        """Text that goes to a terminal: UTF-8 without control characters."""
        found = DANGEROUS.search(raw.decode())
        self.assertIsNone(found, result)
