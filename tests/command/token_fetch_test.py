# SPDX-License-Identifier: Apache-2.0
"""maapol token verify with keys that are fetched: over TLS under a private CA,
by discovery, from the cache, and everything that must not be believed."""
import os

from harness import CommandTest, NO, OK, SYSTEM
from remote_server import Service


class FetchTest(CommandTest):
    def serve(self, **options):
        service = Service(self.directory, **options)
        self.addCleanup(service.close)
        os.makedirs(self.path("cache"), exist_ok=True)
        return service

    def verify(self, status, service, *words, cached=False, **claims):
        """Each with a cache of its own unless `cached`."""
        token = service.token({"x-ms-ver": "1.0", **claims})[1]["token"]
        cache = "cache" if cached else "cache-%d" % len(service.requests)
        os.makedirs(self.path(cache), exist_ok=True)
        return self.expect(status, "token", "verify", "-", *words,
                           stdin=token,
                           env={"XDG_CACHE_HOME": self.path(cache)})


class OverTls(FetchTest):
    def test_certs_and_discovery(self):
        service = self.serve()
        for words in (("--certs", service.url + "/certs"),
                      ("--discover", service.url),
                      ("--discover", service.url + "/")):
            with self.subTest(words):
                result = self.verify(OK, service, *words, "--ca", service.ca,
                                     "--issuer", service.url)
                self.assertIn("verified by RSA 2048", result.out)

    def test_a_ca_that_is_not_known(self):
        service = self.serve()
        for words in (("--certs", service.url + "/certs"),
                      ("--discover", service.url)):
            result = self.verify(SYSTEM, service, *words)
            self.assertEqual("", result.out)
        self.assertEqual([], service.requests)

    def test_the_server_of_another_name(self):
        service = self.serve()
        other = service.url.replace("localhost", "127.0.0.2")
        self.verify(SYSTEM, service, "--certs", other + "/certs", "--ca",
                    service.ca)
        self.assertEqual([], service.requests)

    def test_a_token_of_another_key(self):
        service = self.serve()
        service.tamper["key"] = True
        result = self.verify(NO, service, "--discover", service.url, "--ca",
                             service.ca)
        self.assertIn("refused: wrong-signature", result.out)

    def test_metadata_that_leads_elsewhere(self):
        service, other = self.serve(), self.serve()
        service.tamper["jwks_uri"] = other.url + "/certs"
        self.verify(SYSTEM, service, "--discover", service.url, "--ca",
                    service.ca)
        self.assertEqual([], other.requests)

    def test_a_redirect_is_not_followed(self):
        service, other = self.serve(), self.serve()
        service.fault("GET", "/certs", "status", 302,
                      headers={"Location": other.url + "/certs"})
        self.verify(SYSTEM, service, "--certs", service.url + "/certs",
                    "--ca", service.ca)
        self.assertEqual([], other.requests)

    def test_answers_that_are_no_keys(self):
        service = self.serve()
        for body in ("", "hello", "[]", "<html></html>", '{"keys":7}'):
            with self.subTest(body):
                service.fault("GET", "/certs", "status", 200, body=body)
                self.verify(SYSTEM, service, "--certs",
                            service.url + "/certs", "--ca", service.ca)

    def test_keys_are_kept_until_an_unknown_kid(self):
        service = self.serve()
        words = ("--certs", service.url + "/certs", "--ca", service.ca)
        for _ in range(3):
            self.verify(OK, service, *words, cached=True)
        self.assertEqual(1, len(service.seen("GET", "/certs")))
        service.tamper["kid"] = "made-up"  # the key is right: all are tried
        for _ in range(3):
            self.verify(OK, service, *words, cached=True)
        self.assertLessEqual(len(service.seen("GET", "/certs")), 2)


class Plain(FetchTest):
    def test_only_when_told_and_from_here(self):
        service = self.serve(tls=False)
        words = ("--certs", service.plain_url + "/certs")
        self.verify(SYSTEM, service, *words)
        self.assertEqual([], service.requests)
        self.verify(OK, service, *words, "--http")
        self.verify(OK, service, "--discover", service.url, "--http")
        result = self.verify(SYSTEM, service, "--certs",
                             "http://attest.example/certs", "--http")
        self.assertIn("https alone", result.err)
