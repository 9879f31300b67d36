# SPDX-License-Identifier: Apache-2.0
"""Comments that silence findings, and those that silence none."""
from harness import CommandTest, NO, OK, read

# Two S022 in lines 5 and 7; comments stand above and behind each.
TEXT = """version=1.1;
configurationrules
{
%s
  => issueproperty(type="unheard-of", value=1);%s
%s
  => issueproperty(type="unknown", value=1);%s
};
authorizationrules
{
  [type=="a", value==1] => permit();
};
"""


class SuppressTest(CommandTest):
    def found(self, text, *options):
        self.write("p.maapolicy", text)
        report = self.maapol("check", "--format", "json", *options,
                             "p.maapolicy").json
        return [(f["range"]["start"]["line"], f["code"])
                for f in report["findings"]]


class Lines(SuppressTest):
    def check(self, wanted, *comments, options=()):
        places = list(comments) + [""] * (4 - len(comments))
        self.assertEqual(wanted, self.found(TEXT % tuple(places), *options))

    def test_without_comment_both_are_found(self):
        self.check([(5, "S022"), (7, "S022")])

    def test_above(self):
        self.check([(7, "S022")], "// maapol-ignore S022")
        self.check([(7, "S022")], "  //maapol-ignore s022 with a reason, twice")

    def test_behind(self):
        self.check([(7, "S022")], "", " // maapol-ignore S022")

    def test_behind_reaches_no_further(self):
        text = (TEXT % ("", "", "", "")).replace(
            "{\n\n", "{ // maapol-ignore S022\n", 1)
        self.assertEqual([(3, "F405"), (4, "S022"), (6, "S022")],
                         self.found(text))

    def test_above_passes_over_comments_and_blank_lines(self):
        text = TEXT.replace("configurationrules\n{\n%s",
                            "configurationrules\n{\n// maapol-ignore S022\n"
                            "\n// more\n%s")
        self.assertEqual([(10, "S022")], self.found(text % ("", "", "", "")))

    def test_prefix_and_list(self):
        self.check([(7, "S022")], "// maapol-ignore S02")
        self.check([(4, "F405"), (7, "S022")],
                   "// maapol-ignore F401, S022 why")

    def test_a_block_comment_is_none(self):
        self.check([(5, "S022"), (7, "S022")], "/* maapol-ignore S022 */")

    def test_another_code(self):
        self.check([(4, "F405"), (5, "S022"), (7, "S022")],
                   "// maapol-ignore S006")

    def test_whole_file(self):
        self.check([], "// maapol-ignore-file S022")
        self.check([], "", "", "", " // maapol-ignore-file S022")
        self.check([(4, "F405"), (5, "S022"), (7, "S022")],
                   "// maapol-ignore-file S006")

    def test_no_suppressions(self):
        self.check([(5, "S022"), (7, "S022")], "// maapol-ignore-file S022",
                   options=["--no-suppressions"])

    def test_how_many_is_said(self):
        self.write("p.maapolicy", TEXT % ("// maapol-ignore-file S022", "",
                                          "", ""))
        self.assertIn("2 silenced by comments",
                      self.expect(OK, "check", "p.maapolicy").out)

    def test_silenced_ones_do_not_count(self):
        self.write("p.maapolicy", TEXT % ("// maapol-ignore-file S022", "",
                                          "", ""))
        self.expect(OK, "check", "--max-warnings", "0", "p.maapolicy")
        self.expect(NO, "check", "--max-warnings", "0", "--no-suppressions",
                    "p.maapolicy")

    def test_many_comments_take_no_time(self):
        """Those of one block all reach to the same line."""
        text = TEXT % ("// maapol-ignore S022\n" * 50000, "", "", "")
        report = [c for _, c in self.found(text)]
        self.assertEqual({"S022"}, set(report))


class Errors(SuppressTest):
    TEXT = ("version=1.0;\nauthorizationrules\n{\n  // maapol-ignore %s\n"
            '  [type="a", value==1] => permit();\n};\n')

    def test_are_never_silenced(self):
        for code in ("P002", "P", "P00"):
            with self.subTest(code):
                self.write("p.maapolicy", self.TEXT % code)
                self.expect(NO, "check", "p.maapolicy")
                self.assertIn((5, "P002"), self.found(self.TEXT % code))
                self.assertIn((4, "F406"), self.found(self.TEXT % code))

    def test_made_by_the_configuration_are_not_silenced_either(self):
        self.write(".maapol.json", {"lint": {"S022": "error"}})
        text = TEXT % ("// maapol-ignore-file S022", "", "", "")
        self.assertEqual([(4, "F406"), (5, "S022"), (7, "S022")],
                         self.found(text))
        self.expect(NO, "check", "p.maapolicy")


class Useless(SuppressTest):
    def test_what_names_nothing(self):
        for comment in ("maapol-ignore", "maapol-ignore ,",
                        "maapol-ignore S999",
                        "maapol-ignore-next-line S022", "maapol-ignores S022",
                        "maapol-ignore because", "maapol-ignore *"):
            with self.subTest(comment):
                text = TEXT % ("// " + comment, "", "", "")
                self.assertEqual([(4, "F406"), (5, "S022"), (7, "S022")],
                                 self.found(text))

    def test_is_not_said_of_what_was_not_looked_for(self):
        text = TEXT % ("// maapol-ignore F401", "", "", "")
        self.assertIn((4, "F405"), self.found(text))
        self.assertNotIn((4, "F405"), self.found(text, "--ignore", "F401"))
        self.assertNotIn((4, "F405"), self.found(text, "--select", "S,F405"))
        self.write(".maapol.json", {"lint": {"F401": "off"}})
        self.assertNotIn((4, "F405"), self.found(text))

    def test_claims_need_the_type(self):
        text = TEXT % ("// maapol-ignore X", "", "", "")
        self.assertNotIn((4, "F405"), self.found(text))

    def fix(self, text):
        self.write("p.maapolicy", text)
        self.maapol("check", "--fix", "--select", "F405,S,F401",
                    "p.maapolicy")
        return read(self.path("p.maapolicy"))

    def test_fix_removes_the_comment_and_its_line(self):
        text = TEXT.replace("%s\n", "  // maapol-ignore F401\r\n", 1)
        self.assertEqual(TEXT.replace("%s\n", "", 1) % ("", "", ""),
                         self.fix(text % ("", "", "")))

    def test_fix_removes_the_comment_behind_a_rule(self):
        text = TEXT % ("", " // maapol-ignore F401", "", "")
        self.assertEqual(TEXT % ("", "", "", ""),
                         self.fix(text))

    def test_fix_removes_one_code(self):
        for given, left in (("S022, F401", "S022"), ("F401, S022", "S022"),
                            ("F401,S022,S006 why", "S022 why"),
                            ("F401, S006, S022", "S022")):
            with self.subTest(given):
                text = TEXT % ("// maapol-ignore " + given, "", "", "")
                self.assertEqual(
                    TEXT % ("// maapol-ignore " + left, "", "", ""),
                    self.fix(text))
