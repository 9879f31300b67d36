# SPDX-License-Identifier: Apache-2.0
"""check --format sarif, github, junit: what other programs read."""
import glob
import json
import os
import re
import unittest
import urllib.parse
import xml.etree.ElementTree

from harness import (CommandTest, INPUT, NO, OK, open_terminal,
                     policy_token)

CLEAN = ('version=1.0;\nauthorizationrules\n{\n'
         '  [type=="a", value==1] => permit();\n};\n')
SLIPS = CLEAN.replace("version", "Version").replace("==\"a", '="a')
TWICE = CLEAN + "authorizationrules\n{\n};\n"
# It would like to end a line, an element, an annotation.
HOSTILE = ('version=1.0;\nauthorizationrules\n{\n  [type=="a"] => per\u2028mit'
           '::error::(); ]]>"&<x>%0A\x1b[2K\x85\ufffe\n};\n')
HOSTILE_NAME = "a%0A::error file=x::,:\n::error::<&\">é.policy"


def unescape(text):
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"),
                       ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


class FormatTest(CommandTest):
    def run_on(self, form, text, name="p.maapolicy", status=NO, options=()):
        self.write(name, text)
        return self.expect(status, "check", "--format", form, *options, name)

    def repository(self):
        os.mkdir(self.path(".git"))


class Sarif(FormatTest):
    def log(self, text, **options):
        return self.run_on("sarif", text, **options).json

    def results(self, text, **options):
        return self.log(text, **options)["runs"][0]["results"]

    def test_is_valid(self):
        """Against the schemas of the standard and of SchemaStore."""
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        data = os.environ.get("MAAPOL_DATA", "../shared/data")
        schemas = glob.glob(os.path.join(data, "suites/sarif-schema/*.json"))
        if not schemas:
            self.skipTest("no SARIF schemas in %s" % data)
        for text, status in ((SLIPS, NO), (TWICE, OK), (HOSTILE, NO),
                             (CLEAN, OK), (policy_token(SLIPS), NO)):
            log = self.log(text, status=status)
            for path in schemas:
                with open(path) as file:
                    schema = json.load(file)
                kind = jsonschema.validators.validator_for(schema)
                with self.subTest(text=text, schema=path):
                    self.assertEqual([], [e.message for e in
                                          kind(schema).iter_errors(log)])

    def test_places_count_characters(self):
        text = SLIPS.replace("  [", "  /* \U0001f512é */ [")
        (found,) = [r for r in self.results(text) if r["ruleId"] == "P002"]
        place = found["locations"][0]["physicalLocation"]
        self.assertEqual({"startLine": 4, "startColumn": 17, "endLine": 4,
                          "endColumn": 18}, place["region"])
        self.assertEqual("unicodeCodePoints",
                         self.log(text)["runs"][0]["columnKind"])

    def test_uri_is_relative_to_the_repository(self):
        self.repository()
        os.mkdir(self.path("sub"))
        self.write("sub/ä b#.policy", SLIPS)
        for cwd, name in ((".", "sub/ä b#.policy"), ("sub", "ä b#.policy"),
                          ("sub", "../sub/ä b#.policy")):
            report = self.maapol("check", "--format", "sarif", name,
                                 cwd=self.path(cwd)).json
            run = report["runs"][0]
            place = run["results"][0]["locations"][0]["physicalLocation"][
                "artifactLocation"]
            self.assertEqual("sub/ä b#.policy",
                             urllib.parse.unquote(place["uri"]))
            self.assertNotRegex(place["uri"], r"[^\x21-\x7e]|#")
            self.assertIn(place["uriBaseId"], run["originalUriBaseIds"])

    def test_outside_of_the_repository_it_is_absolute(self):
        os.makedirs(self.path("r/.git"))
        self.write("p.policy", SLIPS)
        report = self.maapol("check", "--format", "sarif", "../p.policy",
                             cwd=self.path("r")).json
        place = report["runs"][0]["results"][0]["locations"][0][
            "physicalLocation"]["artifactLocation"]
        self.assertTrue(place["uri"].startswith("file:///"), place)
        self.assertNotIn("uriBaseId", place)

    def test_rules_are_those_of_the_results(self):
        run = self.log(SLIPS)["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual({r["ruleId"] for r in run["results"]},
                         {r["id"] for r in rules})
        for result in run["results"]:
            self.assertEqual(result["ruleId"],
                             rules[result["ruleIndex"]]["id"])
        for rule in rules:
            self.assertTrue(rule["helpUri"].endswith(rule["id"] + ".md"))
            self.assertIn("# " + rule["id"], rule["help"]["markdown"])
        self.assertEqual({"F401": "note", "P002": "error"},
                         {r["ruleId"]: r["level"] for r in run["results"]})

    def test_fixes_repair_the_text(self):
        lines = SLIPS.split("\n")
        for result in self.results(SLIPS):
            (fix,) = result["fixes"]
            (change,) = fix["artifactChanges"]
            for edit in change["replacements"]:
                region = edit["deletedRegion"]
                line = lines[region["startLine"] - 1]
                lines[region["startLine"] - 1] = (
                    line[:region["startColumn"] - 1] +
                    edit["insertedContent"]["text"] +
                    line[region["endColumn"] - 1:])
        self.assertEqual(CLEAN, "\n".join(lines))

    def test_second_places(self):
        (found,) = [r for r in self.results(TWICE, status=OK)
                    if r["ruleId"] == "S006"]
        (place,) = found["relatedLocations"]
        self.assertEqual(2, place["physicalLocation"]["region"]["startLine"])
        self.assertTrue(place["message"]["text"])

    def prints(self, text, name="p.maapolicy"):
        return [(r["ruleId"], r["partialFingerprints"])
                for r in self.results(text, name=name)]

    def test_fingerprints_stay_when_lines_move(self):
        before = self.prints(SLIPS)
        self.assertEqual(before, self.prints("\n\n// c\n" + SLIPS))
        self.assertEqual(before, self.prints(SLIPS.replace("  [", "\t[")))
        self.assertEqual(before, self.prints(SLIPS, name="other.policy"))
        changed = self.prints(SLIPS.replace('"a"', '"b"'))
        self.assertEqual(before[0], changed[0])
        self.assertNotEqual(before[1], changed[1])

    def test_fingerprints_of_equal_lines_differ(self):
        rule = '  [type="a", value==1] => permit();\n'
        text = CLEAN.replace("{\n", "{\n" + rule * 3)
        prints = [json.dumps(p) for code, p in self.prints(text)
                  if code == "P002"]
        self.assertEqual(3, len(set(prints)))

    def test_a_token_has_no_region(self):
        for result in self.results(policy_token(SLIPS)):
            self.assertNotIn("region",
                             result["locations"][0]["physicalLocation"])
            self.assertNotIn("fixes", result)
            self.assertRegex(result["message"]["text"], r"line \d+, column")

    def test_says_that_a_file_could_not_be_read(self):
        log = self.expect(INPUT, "check", "--format", "sarif", "missing").json
        (invocation,) = log["runs"][0]["invocations"]
        self.assertFalse(invocation["executionSuccessful"])


class Github(FormatTest):
    LINE = re.compile(r"::(error|warning|notice) file=([^,:]*)"
                      r"(?:,line=(\d+),endLine=(\d+)"
                      r"(?:,col=(\d+),endColumn=(\d+))?)?"
                      r",title=([^,:]*)::(.*)")

    def annotations(self, result):
        lines = result.out.split("\n")
        self.assertEqual("", lines.pop())
        return [self.LINE.fullmatch(line).groups() for line in lines]

    def test_findings(self):
        found = self.annotations(self.run_on("github", SLIPS))
        self.assertEqual(
            [("notice", "p.maapolicy", "1", "1", "1", "8",
              "F401 keyword-case"),
             ("error", "p.maapolicy", "4", "4", "8", "9",
              "P002 assignment-in-condition")], [f[:7] for f in found])

    def test_nothing_can_be_forged(self):
        result = self.run_on("github", HOSTILE, name=HOSTILE_NAME)
        for found in self.annotations(result):
            self.assertNotIn("::", found[7])
            self.assertIn("error file=x", unescape(found[1]))
        self.assert_harmless(result.raw_out, result)

    def test_path_is_that_of_the_repository(self):
        self.repository()
        self.write("sub/p.policy", SLIPS)
        result = self.maapol("check", "--format", "github", "p.policy",
                             cwd=self.path("sub"))
        self.assertEqual({"sub/p.policy"},
                         {f[1] for f in self.annotations(result)})


class Junit(FormatTest):
    def suites(self, result):
        root = xml.etree.ElementTree.fromstring(result.raw_out)
        counts = {"tests": 0, "failures": 0, "errors": 0}
        for suite in root:
            cases = suite.findall("testcase")
            self.assertEqual(
                (len(cases), len(suite.findall("*/failure")),
                 len(suite.findall("*/error"))),
                tuple(int(suite.get(n)) for n in counts))
            for name in counts:
                counts[name] += int(suite.get(name))
        self.assertEqual({n: str(c) for n, c in counts.items()},
                         {n: root.get(n) for n in counts})
        return list(root)

    def test_findings(self):
        (suite,) = self.suites(self.run_on("junit", SLIPS))
        self.assertEqual(("p.maapolicy", "2", "1"), tuple(
            suite.get(n) for n in ("name", "tests", "failures")))
        self.assertEqual("P002", suite.find("*/failure").get("type"))

    def test_a_clean_file_is_a_test_that_passes(self):
        (suite,) = self.suites(self.run_on("junit", CLEAN, status=OK))
        self.assertEqual(["testcase"], [e.tag for e in suite.iter()][1:])

    def test_a_file_that_cannot_be_read_is_an_error(self):
        (suite,) = self.suites(self.expect(INPUT, "check", "--format",
                                           "junit", "missing"))
        self.assertEqual("1", suite.get("errors"))

    def test_any_text_is_xml(self):
        result = self.run_on("junit", HOSTILE, name=HOSTILE_NAME)
        (suite,) = self.suites(result)
        self.assertIn('<&">', suite.get("name"))


class Summary(FormatTest):
    def test_is_not_mixed_into_what_programs_read(self):
        for form in ("plain", "json", "sarif", "github", "junit"):
            self.assertEqual("", self.run_on(form, SLIPS).err)

    def test_is_shown_on_a_terminal(self):
        ours, theirs = open_terminal()
        self.write("p.maapolicy", SLIPS)
        self.maapol("check", "--format", "sarif", "p.maapolicy",
                    stderr=theirs)
        os.close(theirs)
        self.assertIn(b"1 error, 0 warnings, 1 info in 1 file",
                      os.read(ours, 1000))
        os.close(ours)
