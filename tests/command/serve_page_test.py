# SPDX-License-Identifier: Apache-2.0
"""The status page: what it shows, what it must not show, in a browser too."""
import json
import os
import re
import unittest
import urllib.parse

import browser
from harness import b64url, b64url_decode, example, read
from serve_fixture import DENY, PERMIT, ServeTest, request_body
from server import Server, policy_token, wait_for

NEEDS = ('version= 1.0;authorizationrules{[type=="x-ms-sgx-svn", value>=9] '
         '=> permit();};issuancerules{};')
HOSTILE = ('version= 1.0;authorizationrules{[type=="</pre><script>'
           'document.title=\'owned\'</script>\u202e&lt;\\"\\"onload=x"] => '
           'permit();};issuancerules{};')
CLAIM = '<img src=x onerror="document.title=\'owned\'">\u202e\x01'


def form(kind="SgxEnclave", policy="", sample="{}"):
    return urllib.parse.urlencode({"type": kind, "policy": policy,
                                   "sample": sample})


class PageFixture(ServeTest):
    def page(self, path="/", **options):
        answer = self.server.get(path, **options)
        self.assertEqual(200, answer.status, answer)
        return answer.body.decode()

    def attempt(self, body, headers=None, prefix=""):
        return self.server.request(
            "POST", prefix + "/try", body, headers or {
                "Content-Type": "application/x-www-form-urlencoded"})

    def outcome(self, **fields):
        answer = self.attempt(form(**fields))
        self.assertEqual(200, answer.status, answer)
        return re.search(r'<div id=result.*?</div>', answer.body.decode(),
                         re.DOTALL)[0]


class PageTest(PageFixture):
    options = ("--verify", "none", "--instance", "tenant=aad")

    def test_headers(self):
        for path, kind in (("/", "text/html"), ("/status.js",
                                                "text/javascript"),
                           ("/status.css", "text/css"), ("/i/tenant",
                                                         "text/html"),
                           ("/i/tenant/status.js", "text/javascript")):
            answer = self.server.get(path)
            self.assertEqual(200, answer.status, path)
            self.assertEqual(kind + "; charset=utf-8",
                             answer.headers["Content-Type"])
            policy = answer.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual("nosniff",
                             answer.headers["X-Content-Type-Options"])
            self.assertEqual("no-store", answer.headers["Cache-Control"])

    def test_nothing_inline_and_nothing_remote(self):
        page = self.page()
        self.assertNotRegex(page, r'<script(?![^>]*\bsrc="/)')
        self.assertNotRegex(page, r'<[^>]*\s(on\w+|style)=')
        for found in re.findall(r'(?:src|href|action)="([^"]*)"', page):
            self.assertTrue(found.startswith("/"), found)

    def test_policies_of_each_instance(self):
        before = self.page()
        self.assertIn("ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc", before)
        self.good(self.put("SgxEnclave", policy_token(NEEDS)))
        self.assertIn("x-ms-sgx-svn&quot;, value&gt;=9", self.page())
        self.assertNotIn("value&gt;=9", self.page("/i/tenant"))

    def test_decisions_say_why(self):
        self.good(self.put("SgxEnclave", policy_token(NEEDS)))
        self.refused(self.attest(), "PolicyEvaluationError")
        page = self.page()
        row = re.search(r'<table id=decisions>.*?</table>', page,
                        re.DOTALL)[0]
        self.assertIn("PolicyEvaluationError", row)
        self.assertIn("x-ms-sgx-svn", row)
        self.assertIn("value&gt;=9", row)
        self.assertNotIn("PolicyEvaluationError", self.page("/i/tenant"))
        self.attest(body={"quote": "AAAA"})
        self.assertIn("InvalidParameter", self.page())

    def test_decisions_are_bounded(self):
        for _ in range(40):
            self.attest(body={"quote": "AAAA"})
        self.assertEqual(32, self.page().count("<td class=deny>"))

    def test_everything_is_escaped(self):
        self.put("SgxEnclave", policy_token(HOSTILE))
        self.attest()
        pages = [self.page(), self.outcome(
            policy=HOSTILE, sample=json.dumps({"a<b": CLAIM})),
            self.outcome(policy="<script>" + CLAIM, sample=CLAIM),
            self.attempt(form(policy="</textarea><script>x",
                              sample="</textarea>" + CLAIM)).body.decode(),
            self.page(headers={"Host": self.server.host,
                               "traceparent": "<script>"})]
        for page in pages:
            self.assertNotIn("\u202e", page)
            self.assertNotIn("\x01", page)
            self.assertNotIn("<img", page)
            self.assertNotRegex(page, r'<script(?! defer src="/)')

    def test_no_secrets(self):
        self.good(self.attest())
        key = self.server.state
        names = os.listdir(key)
        page = self.page()
        self.assertIn("maapol.sqlite", names)
        for secret in ("PRIVATE", "Bearer", "eyJ", request_body()["quote"][:40],
                       key):
            self.assertNotIn(secret, page)

    def test_foreign_names_and_origins(self):
        for host in ("evil.example", "evil.example:%d" % self.server.port,
                     "localhost.evil.example", "127.0.0.1.evil.example"):
            for path in ("/", "/status.js"):
                self.refused(self.server.get(path, headers={"Host": host}),
                             "Forbidden", status=403)
        answer = self.attempt(form(), {"Origin": "https://evil.example"})
        self.refused(answer, "Forbidden", status=403)
        answer = self.attempt(form(), {"Origin": "null"})
        self.refused(answer, "Forbidden", status=403)
        self.assertEqual(200, self.attempt(
            form(), {"Origin": self.server.url}).status)

    def test_forms_that_are_none(self):
        for body in ("", "a=b", "type=%zz", "type=None", "type", "&&&", "%",
                     "type=SgxEnclave%", "type=SgxEnclave&policy=%4"):
            self.refused(self.attempt(body), "Bad request")


class TryTest(PageFixture):
    def test_claims(self):
        sample = json.dumps({"x-ms-sgx-svn": 9})
        self.assertIn("class=permit", self.outcome(policy=NEEDS,
                                                   sample=sample))
        self.assertIn("class=deny", self.outcome(policy=NEEDS))
        self.assertIn("class=deny", self.outcome(policy=DENY, sample=sample))

    def test_requests_are_decided_as_attest_does(self):
        body = json.dumps(request_body())
        self.assertIn("class=permit", self.outcome(policy=PERMIT,
                                                   sample=body))
        denied = self.outcome(policy=NEEDS, sample=body)
        self.assertIn("class=deny", denied)
        self.assertNotIn("eyJ", denied)
        draft = dict(request_body(), draftPolicyForAttestation=PERMIT)
        self.assertIn("class=deny", self.outcome(policy=DENY,
                                                 sample=json.dumps(draft)))

    def test_what_cannot_be_used(self):
        for fields in ({"policy": "version= 1.0;x"}, {"sample": "{"},
                       {"sample": ""}, {"kind": "Tpm"},
                       {"sample": '{"quote":"AAAA"}'},
                       {"sample": '{"quote":"!"}'}):
            with self.subTest(fields):
                self.assertIn("class=unusable", self.outcome(**fields))

    def test_nothing_changes(self):
        self.good(self.put("SgxEnclave", policy_token(NEEDS)))
        self.outcome(policy=PERMIT, sample=json.dumps(request_body()))
        claims = self.server.api("GET", "/policies/SgxEnclave").claims
        self.assertEqual(policy_token(NEEDS), claims["x-ms-policy"])
        self.refused(self.attest(), "PolicyEvaluationError")

    def test_empty_policy_is_the_one_in_force(self):
        self.put("SgxEnclave", policy_token(NEEDS))
        self.assertIn("class=permit", self.outcome(
            sample='{"x-ms-sgx-svn": 10}'))


class VerifiedTryTest(PageFixture):
    options = ()

    def test_evidence_is_verified(self):
        result = self.outcome(policy=PERMIT,
                              sample=json.dumps(request_body()))
        self.assertNotIn("class=permit", result)


class HiddenPageTest(PageFixture):
    options = ("--oauth", "strict")

    def test_strict_access_hides_it(self):
        for path in ("/", "/status.js", "/status.css"):
            self.refused(self.server.get(path), "NotFound", status=404)
        self.refused(self.attempt(form()), "NotFound", status=404)

    def test_it_can_be_shown(self):
        server = Server("--oauth", "strict", "--status-page", "on")
        self.assertEqual(200, server.get("/").status)
        server.stop()
        server = Server("--status-page", "off")
        self.assertEqual(404, server.get("/").status)
        server.stop()


@unittest.skipUnless(browser.is_there(), "chromium-driver is not installed")
class BrowserTest(PageFixture):
    slow = True

    def setUp(self):
        super().setUp()
        self.browser = browser.Browser()
        self.addCleanup(self.browser.close)

    def test_a_user_tries_a_policy(self):
        b = self.browser
        self.put("SgxEnclave", policy_token(HOSTILE))
        self.attest()
        b.go(self.server.url + "/")
        self.assertEqual(self.server.url, b.run("return document.title"))
        self.assertIn("PolicyEvaluationError", b.text("#decisions"))
        sample = json.loads(b.run(
            "return document.getElementById('sample').value"))
        self.assertIn("x-ms-sgx-mrenclave", sample)
        b.run("window.stays = true")
        for policy, outcome in ((NEEDS, "deny"), (PERMIT, "permit"),
                                ("version= 1.0;x", "unusable"),
                                (HOSTILE, "deny")):
            b.run("document.getElementById('result').textContent = ''")
            b.run("document.getElementById('policy').value = arguments[0]",
                  policy)
            b.click("button")
            self.assertTrue(wait_for(lambda: b.text("#result")), policy)
            self.assertEqual(outcome, b.text("#result b"))
        self.assertTrue(b.run("return window.stays"), "the page was left")
        self.assertEqual(self.server.url, b.run("return document.title"))
        self.assertIsNone(b.run("return document.querySelector('img')"))
        if os.environ.get("MAAPOL_PICTURE"):
            with open(os.environ["MAAPOL_PICTURE"], "wb") as file:
                file.write(b.picture())
        self.assertEqual([], [m for m in b.console() if "favicon" not in
                              m["message"]])

    def test_the_sample_follows_the_type(self):
        b = self.browser
        b.go(self.server.url + "/")
        b.run("const t = document.getElementById('type'); t.value = 'TdxVm'; "
              "t.dispatchEvent(new Event('change'))")
        self.assertTrue(wait_for(lambda: "tdx_mrtd" in b.run(
            "return document.getElementById('sample').value")))

    def test_new_decisions_appear(self):
        b = self.browser
        b.go(self.server.url + "/")
        self.put("SgxEnclave", policy_token(DENY))
        self.attest()
        self.assertTrue(wait_for(
            lambda: "PolicyEvaluationError" in b.text("#decisions")))

    def test_content_security_policy_holds(self):
        b = self.browser
        b.go(self.server.url + "/")
        b.run("const s = document.createElement('script'); s.textContent = "
              "'window.owned = 1'; document.body.append(s)")
        self.assertIsNone(b.run("return window.owned ?? null"))
