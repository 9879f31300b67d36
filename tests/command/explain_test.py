# SPDX-License-Identifier: Apache-2.0
"""maapol explain, and the pages of the rules: what they advise against is
found, what they advise is clean, what they promise of fixes is kept."""
import glob
import os
import re
import unittest

from check_test import apply_fixes
from harness import CommandTest, NO, OK, ROOT, read

RULES = os.path.join(ROOT, "docs", "rules")
LINE = re.compile(r"([A-Z]\d{3})\s+(error|warning|info)\s+([a-z0-9-]+)")
# What a page of UTF-8 text cannot show: other encodings, control characters
# and marks that an editor would drop, texts of hundreds of bytes.
WITHOUT_AVOID = {"P013", "P014", "P019", "P020"}


def blocks(page, kind):
    return re.findall(r"^```maapolicy %s\n(.*?)^```$" % kind, page,
                      re.MULTILINE | re.DOTALL)


class ExplainTest(CommandTest):
    def listed(self):
        """(code, severity, name) of every line."""
        out = self.expect(OK, "explain").out
        return [LINE.fullmatch(l).groups() for l in out.splitlines()]

    def pages(self):
        for path in sorted(glob.glob(os.path.join(RULES, "*.md"))):
            yield os.path.basename(path)[:-3], read(path)

    def findings(self, text):
        self.write("p.maapolicy", text)
        groups = ",".join(sorted({code[0] for code, _ in self.pages()}))
        result = self.maapol("check", "--format", "json", "--select", groups,
                             "p.maapolicy")  # those that are off as well
        self.assertIn(result.status, (OK, NO), result)
        return result.json["findings"]


class Explain(ExplainTest):
    def test_list(self):
        listed = self.listed()
        self.assertGreater(len(listed), 40)
        self.assertEqual(len(listed), len({code for code, _, _ in listed}))
        self.assertEqual(len(listed), len({name for _, _, name in listed}))

    def test_every_code_has_its_page(self):
        for code, _, name in self.listed():
            with self.subTest(code):
                out = self.expect(OK, "explain", code).out
                self.assertEqual("# %s %s" % (code, name),
                                 out.split("\n")[0])

    def test_pages_are_those_of_the_documentation(self):
        self.assertEqual({code for code, _, _ in self.listed()},
                         {code for code, _ in self.pages()})
        for code, page in self.pages():
            with self.subTest(code):
                self.assertEqual(page, self.expect(OK, "explain", code).out)

    def test_unknown_codes(self):
        for code in ("P999", "X", "", "P00", "P0022", "assignment"):
            with self.subTest(code):
                self.assert_usage("explain", code)
        self.assert_usage("explain", "P0O2", mentions="P002")
        self.assert_usage("explain", "P001", "P002")


class Pages(ExplainTest):
    def test_severity_is_that_of_the_list(self):
        severities = {code: s for code, s, _ in self.listed()}
        for code, page in self.pages():
            with self.subTest(code):
                said = re.search(r"^Severity: (\w+)", page, re.MULTILINE)
                self.assertEqual(severities[code], said.group(1))

    def test_sections(self):
        for code, page in self.pages():
            with self.subTest(code):
                found = re.findall(r"^## (\w+)", page, re.MULTILINE)
                self.assertEqual(["Avoid", "Prefer", "Why", "Source"], found)

    def test_what_is_preferred_is_clean(self):
        for code, page in self.pages():
            with self.subTest(code):
                examples = blocks(page, "prefer")
                self.assertTrue(examples, "no example of what is right")
                for text in examples:
                    found = self.findings(text)
                    self.assertEqual([], [f["code"] for f in found
                                          if f["severity"] == "error" or
                                          f["code"] == code])

    def test_what_is_to_be_avoided_is_found(self):
        for code, page in self.pages():
            with self.subTest(code):
                examples = blocks(page, "avoid")
                self.assertTrue(examples or code in WITHOUT_AVOID,
                                "no example of what is wrong")
                for text in examples:
                    found = self.findings(text)
                    self.assertIn(code, [f["code"] for f in found])
                    self.assertLessEqual(
                        {f["code"] for f in found
                         if f["severity"] == "error"}, {code})

    def test_fixes_are_as_said(self):
        """"Fix: none" means none, "safe" and "unsafe" that one is there, and
        that the text is then without this finding."""
        for code, page in self.pages():
            said = re.search(r"Fix: (none|safe|unsafe)", page).group(1)
            for text in blocks(page, "avoid"):
                with self.subTest(code):
                    found = [f for f in self.findings(text)
                             if f["code"] == code]
                    kinds = {x["applicability"] for f in found
                             for x in f["fixes"]}
                    self.assertEqual(set() if said == "none" else {said},
                                     kinds)
                    if kinds:
                        fixed = self.findings(apply_fixes(text, found))
                        self.assertNotIn(code, [f["code"] for f in fixed])

    def test_a_safe_fix_leaves_no_error(self):
        for code, page in self.pages():
            for text in blocks(page, "avoid"):
                found = self.findings(text)
                if not all(f["fixes"] for f in found if
                           f["severity"] == "error"):
                    continue
                with self.subTest(code):
                    fixed = self.findings(apply_fixes(text, found))
                    self.assertEqual([], [f for f in fixed
                                          if f["severity"] == "error"])


if __name__ == "__main__":
    unittest.main()
