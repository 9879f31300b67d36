# SPDX-License-Identifier: Apache-2.0
"""maapol lsp: completion at every place of the grammar."""
import unittest

from lsp_client import Client, apply
from lsp_test import ENCODINGS, LspTest

ITEM = {"snippetSupport": True, "commitCharactersSupport": True}
HEAD = "// maapol: type=SgxEnclave\nversion=1.2;\n"
AUTH = HEAD + "authorizationrules\n{\n  "
ISSUE = HEAD + "issuancerules { "
TPM = '// maapol: type=Tpm\nversion=1.2;\nissuancerules { '
MADE = '=> add(type="mine", value=1);\n  '
#: | is the cursor; what is offered there, and what is not
PLACES = (
    ("|", "version authorizationrules", "permit type ["),
    ("version=|", "1.2 1.0", "version authorizationrules"),
    ("version= 1|", "1.1", "issuancerules"),
    (HEAD + "|", "authorizationrules issuancerules", "version permit"),
    (HEAD + "authorizationrules {};\n|", "issuancerules",
     "authorizationrules version"),
    (HEAD + "auth|", "authorizationrules", "type"),
    (AUTH + "|", "[type==..] ![type==..] =>", "permit type ;"),
    (AUTH + "=> deny(); |", "[type==..] =>", "permit &&"),
    (HEAD + "configurationrules { |", "=>", "[type==..]"),
    (AUTH + "[|", "type value valueType issuer", "claim permit"),
    (AUTH + "[ty|", "type", "permit"),
    (AUTH + "[type |", "== !=", "< type"),
    (AUTH + "[value |", "== != < <= > >=", "type"),
    (AUTH + "[type==|", "x-ms-sgx-mrsigner", "true permit JmesPath2 mine"),
    (AUTH + '[type=="|', "x-ms-sgx-mrsigner", "x-ms-sevsnpvm-hostdata"),
    (AUTH + MADE + '[type=="|', "mine x-ms-sgx-svn", "permit"),
    (AUTH + MADE + '[type=="x-ms|"] => permit(); };', "x-ms-sgx-svn mine",
     "permit"),
    (AUTH + '[type=="a" |', ",", "== type"),
    (AUTH + '[type=="a", |', "value", "=="),
    (AUTH + '[issuer=="|', "CustomClaim", "x-ms-sgx-svn true"),
    (AUTH + "[issuer==|", "CustomClaim", "x-ms-sgx-svn true"),
    (AUTH + '[valueType=="|', "Integer", "Tpm"),
    (AUTH + '[type=="x-ms-sgx-is-debuggable", value==|', "false true",
     "type sgx"),
    (AUTH + '[type=="x-ms-sgx-svn", value>|', "JmesPath", "true"),
    (AUTH + '[type=="x-ms-attestation-type", value=="|', "sgx", "true"),
    (AUTH + '[type=="x-ms-attestation-type", value==|', "sgx", "true"),
    (AUTH + '[type=="a"] |', "&& =>", "type permit"),
    (AUTH + '[type=="a"] && |', "[type==..] ![type==..]", "permit"),
    (AUTH + '![|', "type", "permit"),
    (AUTH + 'c:|', "[type==..]", "type"),
    (AUTH + '[type=="a"] => |', "permit deny add", "issue issueproperty"),
    (AUTH + "=> pe|", "permit", "issue"),
    (ISSUE + "=> |", "issue add issueproperty", "permit deny"),
    (HEAD + "configurationrules { => |", "issueproperty", "add issue"),
    (AUTH + "=> permit(|", "", "type value claim"),
    (AUTH + "=> permit() |", ";", "type"),
    (AUTH + "=> add(|", "type value claim", "issuer"),
    (AUTH + '=> add(type="a", |', "value", "type claim"),
    (AUTH + "=> add(type |", "=", "value"),
    (ISSUE + "=> issueproperty(|", "type value", "claim"),
    (ISSUE + '=> issueproperty(type="|', "omit_x5c",
     "required_pcr_mask x-ms-sgx-svn"),
    (ISSUE + '=> issueproperty(type="omit_x5c", value=|', "true", "sgx"),
    (ISSUE + '=> issueproperty(type="report_validity_in_minutes", value=|',
     "JsonToClaimValue", "true"),
    (AUTH + 'c:[type=="a"] => add(claim=|', "c", "type true"),
    (AUTH + 'c:[type=="a"] => add(type="b", value=|', "c JmesPath true",
     "permit"),
    (AUTH + 'c:[type=="a"] => add(type="b", value=c.|', "issuer value",
     "claim"),
    (AUTH + 'c:[type=="a"] && d:[type=="b"] => add(type="b", value='
     'IsSubsetOf(c.value, |', "d c", "permit type"),
    ("// maapol: type=|", "SgxEnclave Tpm", "L201"),
    (HEAD + "// maapol-ignore |\n" + "authorizationrules { => permit(); };"
     "issuancerules {};", "L202", "P001"),
    # queries
    (TPM + 'c:[type=="events"] => add(type="a", value=JmesPath(c.value, "|',
     "Events length", "PCRs PcrIndex"),
    (TPM + 'c:[type=="pcrs"] => add(type="a", value=JmesPath(c.value, "|"));',
     "PCRs", "Events"),
    (TPM + 'c:[type=="events"] => add(type="a", value=JmesPath(c.value, '
     '"Events[?|])', "PcrIndex EventTypeString starts_with", "Events"),
    (TPM + 'c:[type=="events"] => add(type="a", value=JmesPath(c.value, '
     '"Events[?PcrIndex == `1` && Pro|', "ProcessedData", "Events SHA1"),
    (TPM + 'c:[type=="events"] => add(type="a", value=JmesPath(c.value, '
     '"Events[*].ProcessedData.|', "UnicodeName EVENT_WINPE", "Events SHA1"),
    (TPM + 'c:[type=="events"] => add(type="a", value=JmesPath(c.value, '
     '"Events[0].Digests.|', "SHA256", "PcrIndex"),
    (TPM + 'c:[type=="x"] => add(type="a", value=JmesPath(c.value, "|',
     "Events PCRs PcrIndex", "permit"),
    (TPM + "c:[type==\"x\"] => add(type=\"a\", value=JmesPath(c.value, \"'|'",
     "", "Events length"),
    (TPM + 'c:[type=="x"] => add(type="a", value=JmesPath(c.value, "a |"',
     "", "Events length"),
    (TPM + 'c:[type=="x"] => add(type="a", value=JmesPath(c.value, '
     '"a[0] |"', "", "Events length"),
    (TPM + 'c:[type=="x"] => add(type="a", value=JmesPath(c.value, "@|"',
     "", "Events length"),
    (TPM + 'c:[type=="x"] => add(type="a", value=JmesPath("|", "a"));',
     "", "Events length"),
)


class CompleteTest(LspTest):
    def client(self, item=ITEM, encoding="utf-16"):
        return self.start(encoding, features={
            "completion": {"completionItem": item}})

    def items(self, client, marked, encoding="utf-16"):
        before, _, after = marked.partition("|")
        text = before + after
        client.open(text)
        line = before.rsplit("\n", 1)[-1]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le",
                "utf-32": "utf-32-le"}[encoding]
        unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        return text, client.at("completion", before.count("\n"),
                               len(line.encode(name)) // unit)["items"]


class Places(CompleteTest):
    def test_every_place(self):
        client = self.client()
        for marked, wanted, unwanted in PLACES:
            with self.subTest(marked):
                labels = [i["label"] for i in self.items(client, marked)[1]]
                for label in wanted.split():
                    self.assertIn(label, labels)
                for label in unwanted.split():
                    self.assertNotIn(label, labels)
                self.assertEqual(len(labels), len(set(labels)))
                if not wanted:
                    self.assertEqual([], labels)

    def test_every_item_is_as_the_protocol_says(self):
        for item in (ITEM, {}):
            client = self.client(item)
            for marked, _, _ in PLACES:
                for got in self.items(client, marked)[1]:
                    filtered = got.get("filterText", got["label"])
                    where = got["textEdit"]["range"]
                    self.assertEqual(where["start"]["line"],
                                     where["end"]["line"])
                    self.assertTrue(got["sortText"].endswith(got["label"]))
                    self.assertEqual("$" in got["textEdit"]["newText"]
                                     or got.get("insertTextFormat") == 2,
                                     got.get("insertTextFormat") == 2)
                    if not item:
                        self.assertNotIn("insertTextFormat", got)
                        self.assertNotIn("commitCharacters", got)
                        self.assertNotIn("$", got["textEdit"]["newText"])
                        self.assertEqual(filtered, got["textEdit"]["newText"])

    def test_comments_that_maapol_reads(self):
        client = self.client()
        for marked in ("// |", "//|", "// maa|"):
            self.assertEqual(
                ["maapol: type=", "maapol-ignore ", "maapol-ignore-file "],
                [i["label"] for i in self.items(client, marked)[1]])
        for marked in ("// n|", "/* |", "// a maapol |"):
            self.assertEqual([], self.items(client, marked)[1])

    def taken(self, marked, label, item=ITEM, encoding="utf-16"):
        client = self.client(item, encoding)
        text, items = self.items(client, marked, encoding)
        edit = [i for i in items if i["label"] == label][0]["textEdit"]
        return apply(text, {"range": edit["range"], "text": edit["newText"]},
                     encoding)

    def test_what_is_taken_stands_in_its_place(self):
        for marked, label, wanted in (
                ('[type=="x-ms|-sgx"]', "x-ms-sgx-svn",
                 '[type=="x-ms-sgx-svn"]'),
                ("[type==|]", "x-ms-sgx-svn", '[type=="x-ms-sgx-svn"]'),
                ('[type=="é𝄞", ty|', "type", '[type=="é𝄞", type'),
                ('c:[type=="é𝄞", value==JmesPath(c.value, "é.Eve|', "Events",
                 'c:[type=="é𝄞", value==JmesPath(c.value, "é.Events'),
                ('c:[type=="pcrs", value==JmesPath(c.value, "\\"𝄞\\" == PC|"',
                 "PCRs",
                 'c:[type=="pcrs", value==JmesPath(c.value, "\\"𝄞\\" == PCRs"'),
        ):
            for encoding in ENCODINGS:
                with self.subTest((marked, encoding)):
                    self.assertEqual(
                        AUTH + wanted,
                        self.taken(AUTH + marked, label, {}, encoding))

    def test_forms_to_fill_in(self):
        for marked, label, wanted in (
                ("=> add|", "add", '=> add(type="$1", value=$2);'),
                ("=> add|;", "add", '=> add(type="$1", value=$2);'),
                ("=> add|(", "add", "=> add("),
                ("=> per|", "permit", "=> permit();"),
                ("[value==App|", "AppendString",
                 "[value==AppendString(${1:a}, ${2:b})"),
                ("[value==Jm|", "JmesPath",
                 '[value==JmesPath(${1:json}, "${2:query}")'),
                ("[value==Jm|(", "JmesPath", "[value==JmesPath("),
                ('[value==JmesPath(c.value, "len|")', "length",
                 '[value==JmesPath(c.value, "length(${1:subject})")'),
                ("|", "[type==..]", '[type=="$1"$2]')):
            with self.subTest(marked):
                self.assertEqual(AUTH + wanted, self.taken(AUTH + marked,
                                                           label))

    def test_every_page_is_there(self):
        client = self.client()
        seen = set()
        for marked, _, _ in PLACES:
            for item in self.items(client, marked)[1]:
                if "data" in item and item["label"] not in seen:
                    seen.add(item["label"])
                    got = client.ask("completionItem/resolve", item)
                    self.assertTrue(got["documentation"]["value"],
                                    item["label"])
        self.assertTrue({"length", "PcrIndex", "permit", "type", "omit_x5c",
                         "x-ms-sgx-svn", "JmesPath"} <= seen)


if __name__ == "__main__":
    unittest.main()
