# SPDX-License-Identifier: Apache-2.0
"""The installed library, as programs of others build with it and call it.

Installs what is in $BUILD into a directory of its own, and builds
examples/embed and other programs against that through pkg-config.
"""
import base64
import glob
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", "build")
HEADER = os.path.join(ROOT, "include", "maapol.h")
CC = os.environ.get("CC", "cc")
SECONDS = 120

PERMIT = "version= 1.0;authorizationrules{=> permit();};"
SVN = ('version= 1.0;authorizationrules{[type=="svn", value>=3] => permit();'
       '[type=="debug", value==true] => deny();};')
FAILS = ('version= 1.2;authorizationrules{=> permit();=> add(type="x", '
         'value=JsonToClaimValue("{}"));};')

THREADS = r"""
#include <maapol.h>
#include <pthread.h>
#include <string.h>

enum { THREADS = 4, ROUNDS = 2000 };
static maapol_policy *policy;
static maapol_result *shared;

static int round_of(maapol_claims *claims, int i) {
  maapol_decision decision, wanted = i >= 3 ? MAAPOL_PERMIT : MAAPOL_DENY;
  maapol_result *result = NULL;
  char *json = NULL;
  int bad = maapol_claims_add_integer(claims, "svn", i, NULL, false) ||
            maapol_decide(policy, claims, &decision) || decision != wanted ||
            maapol_evaluate(policy, claims, MAAPOL_TRACE, &result) ||
            maapol_result_decision(result) != wanted ||
            maapol_result_claims_json(shared, &json) ||
            strcmp(json, "{\"svn\":7}") != 0;
  maapol_string_free(json);
  maapol_result_free(result);
  return bad;
}

static void *work(void *bad) {
  for (int round = 0; round < ROUNDS / 8; round++) {
    maapol_claims *claims = NULL;
    *(int *)bad |= maapol_claims_new(&claims);
    for (int i = 0; i < 8; i++)
      *(int *)bad |= round_of(claims, i);
    maapol_claims_free(claims);
  }
  return NULL;
}

int main(void) {
  static const char text[] =
      "version= 1.0;authorizationrules{[type==\"svn\", value>=3] => permit();"
      "};";
  pthread_t threads[THREADS];
  int bad[THREADS] = {0}, all = 0;
  maapol_claims *claims = NULL;
  if (maapol_policy_compile(text, strlen(text), &policy) ||
      maapol_claims_new(&claims) ||
      maapol_claims_add_integer(claims, "svn", 7, NULL, false) ||
      maapol_evaluate(policy, claims, 0, &shared))
    return 2;
  maapol_claims_free(claims);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, work, &bad[i]))
      return 2;
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    all |= bad[i];
  }
  maapol_result_free(shared);
  maapol_policy_free(policy);
  return all;
}
"""


def sanitizer(path):
    """Flags with which a program must be linked to use this library."""
    with open(path, "rb") as file:
        content = file.read()
    for mark, flags in ((b"__asan_init", "address,undefined"),
                        (b"__tsan_init", "thread")):
        if mark in content:
            return ["-fsanitize=" + flags]
    return []


def make(*arguments):
    """make for the build that is tested: with the variables of the make that
    runs the tests, if one does."""
    env = dict(os.environ)
    variables = env.pop("MAKEFLAGS", "").partition("-- ")[2]
    if variables:
        env["MAKEFLAGS"] = " -- " + variables
    is_default = os.path.abspath(os.path.join(ROOT, BUILD)) == \
        os.path.join(ROOT, "build")
    if not is_default and not re.search(r"\bBUILD=", variables):
        arguments += ("BUILD=" + BUILD,)
    return subprocess.run(["make", "-s", "-C", ROOT, *arguments], env=env,
                          check=True, timeout=SECONDS, encoding="utf-8",
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout


def install(tree):
    """Installs what was built; never builds it anew with other flags."""
    with open(os.path.join(ROOT, BUILD, "flags")) as file:
        built_with = file.read().strip()
    if built_with not in make("-n", "all"):
        raise unittest.SkipTest("built with flags that only its make knows")
    make("install", "DESTDIR=" + tree)


def policy_token(text):
    def b64url(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    payload = '{"AttestationPolicy":"%s"}' % b64url(text.encode())
    return b64url(b'{"alg":"none"}') + "." + b64url(payload.encode()) + "."


def declared_names():
    """What the public headers declare with MAAPOL_API."""
    text = ""
    for path in sorted(glob.glob(os.path.join(ROOT, "include", "*.h"))):
        with open(path) as file:
            text += re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return set(re.findall(r"MAAPOL_API[^;]*?\b(maapol_\w+)\(", text))


def worked_example():
    """The program in the comment at the top of the header."""
    with open(HEADER) as file:
        text = file.read()
    match = re.search(r"( \*   #include <maapol.h>\n.*?\n \*   }\n)", text,
                      re.S)
    return re.sub(r"^ \*(   )?", "", match.group(1), flags=re.M)


@unittest.skipUnless(shutil.which("pkg-config"), "pkg-config is not installed")
class Embed(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.tree = tempfile.mkdtemp(prefix="maapol-embed-")
        cls.addClassCleanup(shutil.rmtree, cls.tree, ignore_errors=True)
        install(cls.tree)
        with open(os.path.join(ROOT, BUILD, "maapol.pc")) as file:
            places = dict(re.findall(r"^(\w+)=(.*)$", file.read(), re.M))
        cls.lib = cls.tree + places["libdir"]
        cls.shared = os.path.join(cls.lib, "libmaapol.so.0")
        cls.archive = os.path.join(cls.lib, "libmaapol.a")
        cls.sanitizer = sanitizer(cls.shared)
        cls.env = dict(os.environ, LC_ALL="C",
                       PKG_CONFIG_PATH=os.path.join(cls.lib, "pkgconfig"),
                       PKG_CONFIG_SYSROOT_DIR=cls.tree)
        cls.env.pop("MAKEFLAGS", None)

    def setUp(self):
        self.directory = tempfile.mkdtemp(dir=self.tree)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def run_command(self, command, status=0, **env):
        done = subprocess.run(command, cwd=self.directory,
                              env=dict(self.env, **env), timeout=SECONDS,
                              stdin=subprocess.DEVNULL, encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(status, done.returncode,
                         "%s\n%s%s" % (command, done.stdout, done.stderr))
        return done

    def run_program(self, command, status=0):
        return self.run_command(command, status, LD_LIBRARY_PATH=self.lib)

    def compile(self, name, source, *flags):
        """Builds a program of one file against the shared library."""
        packaged = self.run_command(["pkg-config", "--cflags", "--libs",
                                     "maapol"]).stdout.split()
        self.run_command(shlex.split(CC) + [
            "-std=c17", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra",
            "-Wpedantic", "-Werror", "-o", self.path(name),
            self.write(name + ".c", source), *flags, *packaged,
            *self.sanitizer])
        return self.path(name)

    # --- examples/embed -----------------------------------------------------

    def make_example(self, *variables):
        source = os.path.join(ROOT, "examples", "embed")
        for name in ("Makefile", "decide.c"):
            shutil.copy(os.path.join(source, name), self.directory)
        self.run_command(["make", "-s", "CC=" + CC,
                          "LDFLAGS=" + " ".join(self.sanitizer), *variables])
        return self.path("decide")

    def needed_libraries(self, program):
        dynamic = self.run_command(["readelf", "-d", program]).stdout
        return re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)

    def check_decisions(self, decide):
        rows = [
            (PERMIT, "{}", 0, "permit: ", ""),
            (policy_token(PERMIT), "{}", 0, "permit: ", ""),
            (SVN, '{"svn": 3}', 0, "permit: ", ""),
            (SVN, '{"svn": 2}', 1, "deny: no permit() ran", ""),
            (SVN, '{"svn": 3, "debug": true}', 1, "deny: rule 2 in ", ""),
            (FAILS, "{}", 1, "error: ", ""),
            (PERMIT, '{"a": null}', 2, "", "claim a: null"),
            (PERMIT, "", 2, "", "empty"),
            (PERMIT[:-1], "{}", 2, "", "error[P004]"),
        ]
        for policy, claims, status, out, err in rows:
            with self.subTest(policy=policy, claims=claims):
                done = self.run_program(
                    [decide, self.write("policy", policy),
                     self.write("claims", claims)], status)
                self.assertTrue(done.stdout.startswith(out), done.stdout)
                self.assertEqual(bool(out), bool(done.stdout), done.stdout)
                self.assertIn(err, done.stderr)
        self.run_program([decide, self.path("policy"), "missing"], 2)
        self.run_program([decide], 2)

    def test_example_with_the_shared_library(self):
        decide = self.make_example()
        self.assertIn("libmaapol.so.0", self.needed_libraries(decide))
        self.check_decisions(decide)

    def test_example_with_the_archive(self):
        decide = self.make_example("STATIC=1")
        self.assertNotIn("libmaapol.so.0", self.needed_libraries(decide))
        self.check_decisions(decide)

    def test_example_is_short(self):
        with open(os.path.join(ROOT, "examples", "embed", "decide.c")) as file:
            self.assertLess(len(file.readlines()), 60)

    # --- the header ---------------------------------------------------------

    def test_header_alone(self):
        """In C and C++, old and new, without a warning."""
        include = self.run_command(["pkg-config", "--cflags",
                                    "maapol"]).stdout.split()
        languages = [("c", CC, s) for s in ("c99", "c11", "c17")]
        if shutil.which("c++"):
            languages += [("c++", "c++", s) for s in ("c++11", "c++17")]
        for language, compiler, standard in languages:
            with self.subTest(standard=standard):
                flags = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
                         "-Wshadow", "-Wundef", "-Werror", "-fsyntax-only"]
                source = self.write("one." + language, "#include <maapol.h>\n"
                                    "#include <maapol.h>\nint unused;\n")
                self.run_command(shlex.split(compiler) + [
                    "-x", language, "-std=" + standard, *flags, *include,
                    source])

    def test_header_stands_alone(self):
        with open(HEADER) as file:
            lines = file.readlines()
        self.assertLess(len(lines), 600)
        included = re.findall(r'^#include (\S+)', "".join(lines), re.M)
        self.assertEqual(["<stdbool.h>", "<stddef.h>", "<stdint.h>"],
                         included)

    def test_worked_example(self):
        main = ('\nint main(int count, char **texts) {\n'
                '  return count == 3 && admits(texts[1], texts[2]) ? 0 : 1;\n'
                '}\n')
        source = "#include <stdio.h>\n#include <string.h>\n"
        program = self.compile("worked", source + worked_example() + main)
        rows = [(SVN, '{"svn": 3}', 0, "permit: "),
                (SVN, '{"svn": 2}', 1, "deny: "),
                (SVN, "[", 1, "the claims cannot be read"),
                ("version", "{}", 1, "the policy has errors")]
        for policy, claims, status, out in rows:
            with self.subTest(policy=policy, claims=claims):
                done = self.run_program([program, policy, claims], status)
                self.assertIn(out, done.stdout)

    def test_code_of_the_manual(self):
        with open(os.path.join(ROOT, "docs", "api.md")) as file:
            blocks = re.findall(r"^```c\n(.*?)^```$", file.read(),
                                re.M | re.S)
        self.assertTrue(blocks)
        for number, block in enumerate(blocks):
            self.compile("block%d" % number,
                         block + "\nint main(void) { return 0; }\n")

    # --- the library --------------------------------------------------------

    def exported(self, *arguments):
        lines = self.run_command(["nm", *arguments]).stdout.splitlines()
        return {line.split()[2] for line in lines if len(line.split()) == 3}

    def test_exports_what_the_header_declares(self):
        names = declared_names()
        self.assertIn("maapol_evaluate", names)
        self.assertEqual(names, self.exported("-D", "--defined-only",
                                              self.shared))
        if not self.sanitizer:  # which add names of their own
            self.assertEqual(names, self.exported("-g", "--defined-only",
                                                  self.archive))

    def test_has_no_mutable_globals(self):
        if self.sanitizer:
            self.skipTest("sanitizers have some")
        sizes = self.run_command(["size", "-A", self.archive]).stdout
        found = dict(re.findall(r"^(\.\S+)\s+(\d+)", sizes, re.M))
        self.assertIn(".text", found)
        for section, size in found.items():
            if section.startswith((".data", ".bss", ".tdata", ".tbss")):
                if not section.startswith(".data.rel.ro"):
                    self.assertEqual("0", size, section)

    def test_neither_prints_nor_exits(self):
        names = self.run_command(["nm", "-u", self.archive]).stdout.split()
        self.assertIn("malloc", names)
        forbidden = {"printf", "__printf_chk", "puts", "putchar", "fputs",
                     "fprintf", "__fprintf_chk", "vfprintf", "stdout",
                     "stderr", "perror", "exit", "_exit", "abort", "system",
                     "execv", "fork", "socket", "connect", "setlocale"}
        self.assertEqual(set(), forbidden & set(names))

    def test_threads_share_a_policy_and_a_result(self):
        program = self.compile("threads", THREADS, "-pthread")
        self.run_program([program])


if __name__ == "__main__":
    unittest.main()
