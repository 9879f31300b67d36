# SPDX-License-Identifier: Apache-2.0
"""The documentation does not lie: commands give what it shows, links lead
somewhere, every limit is listed."""
import os
import re
import shlex
import shutil
import subprocess
import unittest

from harness import (BUILD, CommandTest, NO, OK, ROOT, SECONDS, environment,
                     read)

# Names of files that the next block holds: `draft.maapolicy`
FILE_NAME = re.compile(r"`([\w-]+\.(?:maapolicy|json))`")


def documents():
    """Every page of the project; build folders are left out. Needs no git."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and
                            f != "build" and not f.startswith("build-"))
        found += [os.path.relpath(os.path.join(folder, f), ROOT)
                  for f in files if f.endswith(".md")]
    return sorted(found)


def without_code(text):
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE |
                  re.DOTALL)
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def links(name):
    """Where a page's links inside the project lead."""
    if not name.endswith(".md"):
        return []
    text = without_code(read(os.path.join(ROOT, name)))
    return [t for t in re.findall(r"\]\(([^)\s]+)\)", text)
            if not re.match(r"[a-z]+:", t)]


def anchors(text):
    """The names that GitHub gives to headings."""
    found = set()
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for title in re.findall(r"^#+ +(.*?)\s*$", text, re.MULTILINE):
        title = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        copies = 0
        while name + ("-%d" % copies if copies else "") in found:
            copies += 1
        found.add(name + ("-%d" % copies if copies else ""))
    return found


class Blocks:
    """The page as it is read: files are written, commands run."""

    def __init__(self, text):
        self.parts = re.split(r"^```(\w*)[^\n]*\n(.*?)^```$", text,
                              flags=re.MULTILINE | re.DOTALL)

    def __iter__(self):
        """(prose before, language, content)"""
        for i in range(0, len(self.parts) - 2, 3):
            yield self.parts[i], self.parts[i + 1], self.parts[i + 2]


def shown_commands(block):
    """(command, output) of a console block."""
    block = block.replace("\\\n", " ")
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def blur(text):
    """What differs at each run: ids and times of tokens."""
    text = re.sub(r'("?jti"?\s*[:=]\s*)"[0-9a-f]{64}"', r"\1JTI", text)
    return re.sub(r'("?(?:iat|nbf|exp)"?\s*[:=]\s*)\d{10}', r"\1TIME", text)


class Readme(CommandTest):
    def setUp(self):
        super().setUp()
        os.symlink(os.path.join(ROOT, "examples"), self.path("examples"))
        os.symlink(BUILD, self.path("build"))

    def shell(self, command):
        done = subprocess.run(command, shell=True, cwd=self.directory,
                              env=environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=SECONDS,
                              stderr=subprocess.STDOUT)
        self.assertIn(done.returncode, (OK, NO), command)
        return done.stdout.decode()

    def test_commands_give_the_output_shown(self):
        self.follow("README.md", least=5)

    def test_commands_of_other_pages(self):
        for name in documents():
            if name != "README.md":
                self.follow(name, least=0)

    def follow(self, page, least):
        """Does what the page says, from top to bottom."""
        name, count = None, 0
        for prose, language, content in Blocks(read(
                os.path.join(ROOT, page))):
            name = (FILE_NAME.findall(prose) or [name])[-1]
            if language == "" and content.startswith("version") and name:
                self.write(name, content)
            if language != "console":
                continue
            for command, output in shown_commands(content):
                count += 1
                with self.subTest(page, command=command):
                    self.assertEqual(blur(output.rstrip("\n")),
                                     blur(self.shell(command).rstrip("\n")))
        self.assertGreaterEqual(count, least, page)

    def test_plain_commands_run(self):
        """`maapol ..` in sh blocks of the examples; the page says which one
        is denied."""
        page = read(os.path.join(ROOT, "examples", "sgx", "README.md"))
        block = next(c for p, l, c in Blocks(page) if l == "sh" and
                     p.rstrip().endswith("Try them:"))
        lines = block.replace("\\\n", " ").strip().split("\n")
        wanted = [OK] * len(lines)
        wanted[2] = NO  # "The third one is denied"
        self.assertIn("The third one is denied", page)
        for line, status in zip(lines, wanted):
            words = shlex.split(line)
            self.assertEqual("maapol", words[0])
            with self.subTest(line):
                self.expect(status, *words[1:],
                            cwd=os.path.join(ROOT, "examples", "sgx"))

    def test_what_the_examples_readme_lists_is_there(self):
        folder = os.path.join(ROOT, "examples", "sgx")
        page = read(os.path.join(folder, "README.md"))
        listed = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
        there = set(os.listdir(folder)) - {"README.md", "make-samples"}
        self.assertEqual(there, listed)

    def test_the_script_makes_the_samples_anew(self):
        folder = self.path("sgx")
        shutil.copytree(os.path.join(ROOT, "examples", "sgx"), folder)
        quote = read(os.path.join(folder, "quote.bin"), "rb")
        done = subprocess.run(["sh", "sgx/make-samples", "build/maapol"],
                              cwd=self.directory, env=environment(),
                              capture_output=True, timeout=SECONDS)
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        self.assertNotEqual(quote, read(os.path.join(folder, "quote.bin"),
                                        "rb"))
        for name, status in (("request", OK), ("request-debug", NO)):
            self.expect(status, "attest", "--type", "SgxEnclave", "--policy",
                        "sgx/policy.maapolicy", "--request",
                        "sgx/%s.json" % name, "--roots", "sgx")


class Links(unittest.TestCase):
    def test_links_between_pages_lead_somewhere(self):
        for name in documents():
            for target in links(name):
                with self.subTest(name, target=target):
                    self.assert_leads(os.path.join(ROOT, name), target)

    def assert_leads(self, page, target):
        path, _, anchor = target.partition("#")
        to = os.path.normpath(os.path.join(os.path.dirname(page), path)
                              ) if path else page
        self.assertTrue(os.path.exists(to), "there is no " + to)
        if anchor:
            self.assertIn(anchor, anchors(read(to)))

    def test_every_page_of_the_manual_can_be_reached(self):
        """From the README, over links."""
        seen, next_ = set(), ["README.md"]
        while next_:
            name = next_.pop()
            if name in seen or not os.path.isfile(os.path.join(ROOT, name)):
                continue
            seen.add(name)
            for target in links(name):
                next_.append(os.path.normpath(os.path.join(
                    os.path.dirname(name), target.partition("#")[0])))
        self.assertEqual([], [n for n in documents() if n not in seen and
                              os.path.dirname(n) == "docs"])

    def test_choices_are_listed(self):
        """Every [choice N] of the reference has its entry."""
        language = read(os.path.join(ROOT, "docs", "language.md"))
        listed = read(os.path.join(ROOT, "docs", "known-differences.md"))
        numbers = {int(n) for n in re.findall(r"\[choice (\d+)\]", language)}
        self.assertGreater(len(numbers), 10)
        self.assertEqual(set(range(1, len(numbers) + 1)), numbers)
        entries = {int(n) for n in re.findall(
            r"(?m)^(?:#+ |\| *)(?:choice )?(\d+)\b", listed)}
        self.assertLessEqual(numbers, entries)


class Limits(unittest.TestCase):
    """Each limit of base/limits.h stands in docs/limits.md as often as its
    value is a limit."""

    UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))

    def limits(self):
        text = read(os.path.join(ROOT, "base", "limits.h"))
        found = dict(re.findall(r"^LIMIT\((\w+), ([^,]+),", text,
                                re.MULTILINE))
        found.update(re.findall(r"^#define (LIMIT_\w+) \(+size_t\)(.*)\)$",
                                text.split("#else")[-1], re.MULTILINE))
        return {name: eval(value, {}) for name, value in found.items()}

    def written(self, name, value):
        """As people write it; a few bytes stay bytes."""
        for size, unit in self.UNITS:
            if name.endswith("BYTES") and value % size == 0:
                return "%d %s" % (value // size, unit)
        return format(value, ",") + (" bytes" if name.endswith("BYTES")
                                     else "")

    def test_are_documented(self):
        page = read(os.path.join(ROOT, "docs", "limits.md"))
        limits = self.limits()
        self.assertGreater(len(limits), 15)
        texts = [self.written(n, v) for n, v in limits.items()]
        for name, value in limits.items():
            with self.subTest(name):
                text = self.written(name, value)
                shown = re.findall(r"(?<![\d,])%s\b" % re.escape(text), page)
                self.assertGreaterEqual(len(shown), texts.count(text),
                                        "%s stands too rarely" % text)


if __name__ == "__main__":
    unittest.main()
