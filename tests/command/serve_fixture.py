# SPDX-License-Identifier: Apache-2.0
"""What tests of the emulator share: policies, signers, a server."""
import base64
import json
import os
import subprocess
import unittest

from harness import CommandTest, b64url, b64url_decode, example, read
from server import Server, is_built, token_part

PERMIT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"
DENY = "version= 1.0;authorizationrules{=> deny();};issuancerules{};"
ISSUE = ('version= 1.0;authorizationrules{=> permit();};issuancerules{'
         '=> issue(type="probe", value="%s");};')
RESET = "eyJhbGciOiJub25lIn0.."
TYPES = ("SgxEnclave", "OpenEnclave", "SevSnpVm", "TdxVm", "AzureGuest")


def request_body():
    return json.loads(read(example("request.json")))


def openssl(*arguments, data=None):
    return subprocess.run(("openssl",) + arguments, input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def make_signer(folder, name, kind="rsa", authority=True):
    """Key and self-signed certificate: their paths."""
    key, pem = (os.path.join(folder, name + end) for end in (".key", ".pem"))
    new = ["rsa:2048"] if kind == "rsa" else [
        "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    openssl("req", "-x509", "-newkey", *new, "-nodes", "-sha256", "-keyout",
            key, "-out", pem, "-subj", "/CN=" + name, "-days", "30", "-addext",
            "basicConstraints=critical,CA:" + ("TRUE" if authority else
                                               "FALSE"))
    return key, pem


def pem_der(path):
    text = read(path).split("-----")[2]
    return base64.b64decode("".join(text.split()))


def signed(payload, signer, header=None):
    key, pem = signer
    head = {"alg": "RS256", "x5c": [base64.b64encode(pem_der(pem)).decode()]}
    if header is not None:
        head = header
    body = "" if payload is None else b64url(json.dumps(payload))
    text = b64url(json.dumps(head)) + "." + body
    signature = openssl("dgst", "-sha256", "-sign", key, data=text.encode())
    return text + "." + b64url(signature)


def signed_policy(text, signer, **options):
    return signed({"AttestationPolicy": b64url(text)}, signer, **options)


def signed_certificate(pem, signer):
    der = base64.b64encode(pem_der(pem)).decode()
    return json.dumps(signed({"policyCertificate": {"kty": "RSA",
                                                    "x5c": [der]}}, signer))


@unittest.skipUnless(is_built(), "maapol-serve is not built")
class ServeTest(CommandTest):
    """One server for the tests of a class, with these options."""
    options = ("--verify", "none")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options)

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        errors = cls.server.errors()
        if status != 0:
            raise AssertionError("exit status %d: %s" % (status, errors))

    def tearDown(self):
        for kind in TYPES + ("Tpm",):
            self.server.api("POST", "/policies/%s:reset" % kind, RESET)

    def good(self, answer):
        self.assertEqual(200, answer.status, answer)
        self.assertEqual("application/json; charset=utf-8",
                         answer.headers["Content-Type"])
        return answer

    def refused(self, answer, code, *words, status=400):
        self.assertEqual(status, answer.status, answer)
        self.assertEqual(code, answer.error["code"], answer)
        for word in words:
            self.assertIn(word, answer.error["message"], answer)
        return answer

    def put(self, kind, token, **options):
        return self.server.api("PUT", "/policies/" + kind, token, **options)

    def attest(self, kind="SgxEnclave", body=None, **options):
        options.setdefault("headers", {})
        return self.server.api("POST", "/attest/" + kind,
                               request_body() if body is None else body,
                               **options)

    def verify(self, token, url=None):
        """By OpenSSL's command, with the first certificate of the key."""
        url = url or self.server.url
        path = url.replace(self.server.url, "") + "/certs"
        header = token_part(token, 0)
        keys = self.server.get(path).json["keys"]
        key = [k for k in keys if k["kid"] == header["kid"]][0]
        self.assertEqual(["alg", "jku", "kid", "typ"], list(header))
        self.assertEqual(url + "/certs", header["jku"])
        self.write("c.der", base64.b64decode(key["x5c"][0]))
        name = os.path.join(self.directory, "c.der")
        public = openssl("x509", "-inform", "DER", "-in", name, "-pubkey",
                         "-noout")
        self.write("k.pem", public)
        head, body, signature = token.split(".")
        self.write("s", b64url_decode(signature))
        openssl("dgst", "-sha256", "-verify",
                os.path.join(self.directory, "k.pem"), "-signature",
                os.path.join(self.directory, "s"),
                data=(head + "." + body).encode())
        return key
