# SPDX-License-Identifier: Apache-2.0
"""maapol claims: the catalogue as people and programs get it."""
import json
import re
import unittest

from harness import CommandTest, NO, OK

TYPES = ("SgxEnclave", "OpenEnclave", "SevSnpVm", "TdxVm", "AzureGuest",
         "Tpm")
KINDS = {"Boolean": bool, "Integer": int, "String": str}


class Claims(CommandTest):
    def entries(self, *words):
        return self.expect(OK, "claims", "--format", "json",
                           *words).json["claims"]

    def listed(self, *words):
        """(name, type) of every line."""
        out = self.expect(OK, "claims", *words).out
        return [re.match(r"(\S+) +(Boolean|Integer|String) +\S", l).groups()
                for l in out.splitlines()]

    def test_entries_are_whole(self):
        for entry in self.entries():
            with self.subTest(entry["name"]):
                self.assertIs(KINDS[entry["type"]], type(entry["example"]))
                self.assertLessEqual(set(entry["attestationTypes"]),
                                     set(TYPES))
                for member in ("format", "meaning", "source"):
                    self.assertTrue(entry[member])

    def test_list_and_json_say_the_same(self):
        for type_ in TYPES:
            with self.subTest(type_):
                entries = self.entries("--type", type_)
                self.assertEqual([(e["name"], e["type"]) for e in entries],
                                 self.listed("--type", type_))
                self.assertTrue(all(type_ in e["attestationTypes"]
                                    for e in entries))

    def test_whole_list_has_each_name_once(self):
        names = [name for name, _ in self.listed()]
        self.assertEqual(sorted(set(names)), names)
        self.assertEqual({e["name"] for e in self.entries()}, set(names))

    def test_types_differ(self):
        for name, types in (("x-ms-sgx-svn", {"SgxEnclave", "OpenEnclave"}),
                            ("tdx_mrtd", {"TdxVm"}), ("pcrs", {"Tpm"}),
                            ("secureboot", {"AzureGuest"}),
                            ("x-ms-runtime", set(TYPES))):
            for type_ in TYPES:
                with self.subTest(name, type=type_):
                    self.assertEqual(type_ in types, name in
                                     dict(self.listed("--type", type_)))

    def test_types_have_their_values(self):
        out = self.expect(OK, "claims", "x-ms-attestation-type").out
        self.assertEqual(5, out.count("x-ms-attestation-type\n"))
        entry, = self.entries("x-ms-attestation-type", "--type", "sevsnpvm")
        self.assertEqual("sevsnpvm", entry["example"])

    def test_deprecated_names_say_what_to_use(self):
        self.assertRegex(self.expect(OK, "claims").out,
                         r"(?m)^\$svn .*x-ms-sgx-svn$")
        entry, = self.entries("$svn")
        self.assertEqual("x-ms-sgx-svn", entry["deprecatedFor"])
        self.assertTrue(entry["seenByPolicy"])
        self.assertFalse(entry["seenInToken"])

    def test_examples_are_conditions_that_hold(self):
        """A policy of each example permits its value, and no other."""
        for entry in self.entries():
            name = entry["name"]
            page = self.expect(OK, "claims", name, "--type",
                               entry["attestationTypes"][0]).out
            condition = re.search(r"(?m)^  example +(.*)$", page).group(1)
            if not entry["seenByPolicy"] or "value" not in condition:
                continue
            self.write("p.maapolicy", "version= 1.2;authorizationrules"
                       "{%s => permit();};" % condition)
            for value, status in ((entry["example"], OK), ("other", NO)):
                with self.subTest(name, value=value):
                    self.write("c.json", json.dumps({name: value}))
                    self.expect(status, "eval", "--policy", "p.maapolicy",
                                "--claims", "c.json")

    def test_wrong_words(self):
        self.assert_usage("claims", "x-ms-sgx-svm", mentions="x-ms-sgx-svn")
        self.assert_usage("claims", "x-ms-sgx-svn", "--type", "TdxVm",
                          mentions="TdxVm has no claim")
        self.assert_usage("claims", "--type", "Sgx", mentions="SgxEnclave")
        self.assert_usage("claims", "--format", "plain")
        self.assert_usage("claims", "svn", "tee")
        self.assert_usage("claims", "")


if __name__ == "__main__":
    unittest.main()
