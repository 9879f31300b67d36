# SPDX-License-Identifier: Apache-2.0
"""A small attestation service with its identity endpoints, that can be told
to fail: over TLS under a CA of its own, or plain."""
import base64
import datetime
import hashlib
import http.server
import ipaddress
import json
import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from harness import b64url, b64url_decode, sha256_b64url

DEFAULT = ("version= 1.1;configurationrules{=> issueproperty("
           "type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");};"
           "authorizationrules{=> permit();};issuancerules{"
           "c:[type==\"x-ms-sgx-is-debuggable\"] => issue("
           "type=\"is-debuggable\", value=c.value);"
           "c:[type==\"x-ms-sgx-mrsigner\"] => issue("
           "type=\"sgx-mrsigner\", value=c.value);"
           "c:[type==\"x-ms-sgx-mrenclave\"] => issue("
           "type=\"sgx-mrenclave\", value=c.value);"
           "c:[type==\"x-ms-sgx-product-id\"] => issue("
           "type=\"product-id\", value=c.value);"
           "c:[type==\"x-ms-sgx-svn\"] => issue("
           "type=\"svn\", value=c.value);"
           "c:[type==\"x-ms-attestation-type\"] => issue("
           "type=\"tee\", value=c.value);};")
EMPTY = "eyJhbGciOiJub25lIn0.."
TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
# Tests search all output for these.
SECRETS = {"access": "eyJ0eXAi.%s.ACCESS-SIGNATURE-s3cr3t" % b64url(
               json.dumps({"appid": CLIENT,
                           "aud": "https://attest.azure.net"})),
           "client": "CLIENT~s3cr3t/with+signs=",
           "federated": "eyJhbGciOiJSUzI1NiJ9.e30.FEDERATED-s3cr3t",
           "job": "JOB-s3cr3t-of-the-runner",
           "identity": "IDENTITY-HEADER-s3cr3t"}


def make_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_certificate(name, key, issuer=None, issuer_key=None, ca=False,
                     names=(), days=3650, begin=-1):
    """Self-signed unless there is an issuer."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(subject)
               .issuer_name(issuer.subject if issuer else subject)
               .public_key(key.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(now + datetime.timedelta(days=begin))
               .not_valid_after(now + datetime.timedelta(days=days))
               .add_extension(x509.BasicConstraints(ca=ca, path_length=None),
                              critical=True))
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(thing):
    if hasattr(thing, "private_bytes"):
        return thing.private_bytes(serialization.Encoding.PEM,
                                   serialization.PrivateFormat.PKCS8,
                                   serialization.NoEncryption())
    return thing.public_bytes(serialization.Encoding.PEM)


def der64(certificate):
    return base64.b64encode(certificate.public_bytes(
        serialization.Encoding.DER)).decode()


def thumbprint(certificate):
    return hashlib.sha1(certificate.public_bytes(
        serialization.Encoding.DER)).hexdigest().upper()


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def sign(key, header, payload):
    signed = b64url(compact(header)) + "." + b64url(compact(payload))
    return signed + "." + b64url(key.sign(signed.encode(), padding.PKCS1v15(),
                                          hashes.SHA256()))


class Fault:
    """What becomes of the next `times` requests that match. kinds:
    reset: the connection breaks before the request is looked at;
    reset-after: it breaks when all is done; truncate: in the middle of the
    answer; slow: no answer for that many seconds; status: that status, nothing
    is done; status-after: that status, but all is done."""

    def __init__(self, method, path, kind, value=None, times=1, headers=(),
                 body=None):
        self.method, self.path, self.kind = method, path, kind
        self.value, self.times = value, times
        self.headers, self.body = dict(headers), body

    def matches(self, method, path):
        return (self.times > 0 and self.method in (method, "*") and
                path.startswith(self.path))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def answer(self, status, body, headers=(), truncated=False):
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if truncated:
            self.wfile.write(body[:len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(body)

    def handle_one(self):
        service = self.server.service
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode() if length else ""
        parts = urllib.parse.urlsplit(self.path)
        request = {"method": self.command, "path": parts.path,
                   "query": dict(urllib.parse.parse_qsl(parts.query)),
                   "headers": {k.lower(): v for k, v in self.headers.items()},
                   "body": body, "time": time.monotonic()}
        with service.lock:
            service.requests.append(request)
            fault = next((f for f in service.faults if f.matches(
                self.command, parts.path)), None)
            if fault:
                fault.times -= 1
            kind = fault.kind if fault else None
            if kind == "reset":
                return self.reset()
            if kind == "status":
                return self.answer(fault.value, fault.body or "{}",
                                   fault.headers)
            if kind != "slow":
                status, answer, headers = service.serve(request)
        if kind == "slow":
            time.sleep(fault.value)
            return self.reset()
        if kind == "reset-after":
            return self.reset()
        if kind == "status-after":
            return self.answer(fault.value, "{}", fault.headers)
        if kind == "body":
            return self.answer(200, fault.value)
        return self.answer(status, answer, headers, kind == "truncate")

    do_GET = do_PUT = do_POST = handle_one


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass  # faults break connections on purpose


class Service:
    """The service and the sources of tokens; `tamper` changes its answers."""
    authority = None

    @classmethod
    def make_pki(cls):
        """Once for all tests: keys take time."""
        if not cls.authority:
            cls.authority_key = make_key()
            cls.authority = make_certificate("Test CA", cls.authority_key,
                                             ca=True)
            cls.tls_key, cls.service_key = make_key(), make_key()
            cls.other_key = make_key()

    def __init__(self, directory, tls=True, isolated=()):
        self.make_pki()
        self.lock = threading.Lock()
        self.requests, self.faults = [], []
        self.policies = {}
        self.signers = list(isolated)
        self.is_isolated = bool(isolated)
        self.tamper = {}
        self.arc_file = None
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.service = self
        port = self.server.server_address[1]
        self.plain_url = "http://127.0.0.1:%d" % port
        self.url = "%s://localhost:%d" % ("https" if tls else "http", port)
        self.ca = os.path.join(directory, "ca.pem")
        with open(self.ca, "wb") as file:
            file.write(pem(self.authority))
        if tls:
            self.use_tls(directory)
        self.certificate = make_certificate(self.url, self.service_key)
        self.kid = "kid-of-the-service"
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def use_tls(self, directory):
        chain = make_certificate(
            "localhost", self.tls_key, self.authority, self.authority_key,
            names=[x509.DNSName("localhost"),
                   x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        path = os.path.join(directory, "tls.pem")
        with open(path, "wb") as file:
            file.write(pem(self.tls_key) + pem(chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True,
            do_handshake_on_connect=False)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fault(self, *words, **named):
        self.faults.append(Fault(*words, **named))

    def seen(self, method, path=""):
        return [r for r in self.requests if r["method"] == method and
                r["path"].startswith(path)]

    # --- tokens -----------------------------------------------------------

    def token(self, claims):
        now = int(time.time())
        payload = {"exp": now + 3600, "iat": now, "nbf": now,
                   "iss": self.url, **claims}
        payload.update(self.tamper.get("claims", {}))
        header = {"alg": "RS256", "jku": self.url + "/certs",
                  "kid": self.tamper.get("kid", self.kid), "typ": "JWT"}
        key = self.other_key if self.tamper.get("key") else self.service_key
        token = sign(key, header, payload)
        if self.tamper.get("none"):
            parts = token.split(".")
            token = b64url('{"alg":"none"}') + "." + parts[1] + "."
        return 200, {"token": token}, {}

    def refuse(self, status, code, message):
        return status, {"error": {"code": code, "message": message}}, {}

    # --- operations -------------------------------------------------------

    def serve(self, request):
        path, method = request["path"], request["method"]
        if path == "/certs":
            return 200, {"keys": [{"x5c": [der64(self.certificate)],
                                   "kid": self.kid, "kty": "RSA"}]}, {}
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.url, "jwks_uri": self.tamper.get(
                "jwks_uri", self.url + "/certs")}, {}
        if path.startswith("/attest/"):
            return self.attest(request)
        if "oauth2" in path or "/oidc" in path or path == "/msi/token":
            return self.identity(request)
        if request["headers"].get("authorization") != (
                "Bearer " + SECRETS["access"]):
            return 401, "", {}
        if path.startswith("/policies/"):
            name = path[len("/policies/"):]
            if name.endswith(":reset") and method == "POST":
                return self.reset(name[:-6], request["body"])
            if method == "PUT":
                return self.set(name, request["body"])
            return self.get(name)
        if path.startswith("/operations/policy/current"):
            return self.preview(method, request)
        return self.certificates(method, path, request["body"])

    def in_force(self, name):
        if name in self.tamper.get("in_force", {}):
            return self.tamper["in_force"][name]
        if name in self.policies:
            return self.policies[name]
        if name == "Tpm":
            return EMPTY
        text = (DEFAULT if name in ("SgxEnclave", "OpenEnclave") else
                "version= 1.0;authorizationrules{=> permit();};")
        return (b64url('{"alg":"none"}') + "." + b64url(compact(
            {"AttestationPolicy": b64url(text)})) + ".")

    def get(self, name):
        if name in self.tamper.get("unsupported", ()):
            return self.refuse(400, "Bad request", "%s attestation is not "
                               "supported in the 'UKSouth' region" % name)
        return self.token({"x-ms-policy": self.in_force(name)})

    def signer(self, token):
        header = json.loads(b64url_decode(token.split(".")[0]))
        return header.get("x5c", [None])[0]

    def may_set(self, token):
        signer = self.signer(token)
        if not self.is_isolated:
            return None
        if not signer:
            return self.refuse(
                400, "InvalidOperation",
                "Native operation failed with 74: ..\\Enclave\\x.cpp(1)"
                "\\(null)!: (caller: ) Exception(0) 83FF004A Bad message    "
                "Msg:[Unsigned JWS specified but enclave is configured with "
                "signing certificates.] \n\r\n")
        if signer not in [der64(s) for s in self.signers]:
            return self.refuse(
                400, "InvalidParameter",
                "Native operation failed with 65529: x Msg:[Unable to find "
                "issuer certificate CN=stranger] \n\r\n")
        return None

    def set(self, name, token):
        token = token.strip('"')
        refusal = self.may_set(token)
        if refusal:
            return refusal
        text = b64url_decode(json.loads(b64url_decode(
            token.split(".")[1]))["AttestationPolicy"]).decode()
        if "nonsense" in text:
            return self.refuse(
                400, "PolicyParsingError",
                "Native operation failed with 65526: x Msg:[Policy Parser "
                "Exception Thrown: Offending\nsymbol: '['\nLine: '2', Column: "
                "'7'\nFailure message: 'mismatched input '[' expecting ';''\n"
                "Failing rule: 'policy > versionInfo'] \n\r\n")
        self.policies[name] = token
        claims = {"x-ms-policy-result": "Updated",
                  "x-ms-policy-token-hash": sha256_b64url(token)}
        if self.signer(token):
            claims["x-ms-policy-signer"] = {"kty": "RSA",
                                            "x5c": [self.signer(token)]}
        return self.token(claims)

    def reset(self, name, token):
        refusal = self.may_set(token)
        if refusal:
            return refusal
        if not self.tamper.get("keep"):
            self.policies.pop(name, None)
        return self.token({"x-ms-policy-result": "Removed"})

    def preview(self, method, request):
        name = request["query"]["tee"]
        if method == "GET":
            return 200, {"policy": self.get(name)[1]["token"]}, {}
        if method == "PUT":
            self.set(name, request["body"])
        else:
            self.reset(name, request["body"])
        return 200, "", {}

    def certificates(self, method, path, body):
        if path == "/certificates":
            return self.token({"x-ms-policy-certificates": {"keys": [
                {"alg": "RS256", "kty": "RSA", "use": "sig",
                 "x5c": [der64(s)]} for s in self.signers]}})
        token = json.loads(body)
        if not self.is_isolated:
            return self.refuse(
                400, "InvalidOperation",
                "Attestation Enclave operation failed with 65530: "
                "RETURN_IF_TRUE('(GetPolicyRootCertificates().empty())') "
                "failed with 0xfffa:The operation is disallowed.\r\n")
        refusal = self.may_set(token)
        if refusal:
            return refusal
        jwk = json.loads(b64url_decode(token.split(".")[1]))[
            "policyCertificate"]
        raw = base64.b64decode(jwk["x5c"][0])
        certificate = x509.load_der_x509_certificate(raw)
        adds = path.endswith(":add")
        self.signers = [s for s in self.signers if der64(s) != jwk["x5c"][0]]
        if adds:
            self.signers.append(certificate)
        return self.token({
            "x-ms-certificate-thumbprint": thumbprint(certificate),
            "x-ms-policycertificates-result":
                "IsPresent" if adds else "IsAbsent"})

    def attest(self, request):
        body = json.loads(request["body"])
        if "deny" in body.get("draftPolicyForAttestation", ""):
            return self.refuse(
                400, "PolicyEvaluationError",
                "Attestation Enclave operation failed with 65518: "
                "Exception(0) 83FFFFEE Policy Evaluation Error has occurred"
                "    Msg:[Policy Engine Exception: A Deny claim was issued, "
                "authorization failed.] \n\r\n")
        claims = {"x-ms-attestation-type": "sgx", "x-ms-ver": "1.0"}
        if "nonce" in body:
            claims["nonce"] = body["nonce"]
        status, answer, headers = self.token(claims)
        if "draftPolicyForAttestation" in body:
            parts = answer["token"].split(".")
            answer["token"] = (b64url('{"alg":"none","typ":"JWT"}') + "." +
                               parts[1] + ".")
        return status, answer, headers

    # --- identity ---------------------------------------------------------

    def identity(self, request):
        path, headers = request["path"], request["headers"]
        form = dict(urllib.parse.parse_qsl(request["body"]))
        granted = {"token_type": "Bearer", "expires_in": 3599,
                   "access_token": SECRETS["access"]}
        if path == "/%s/oauth2/v2.0/token" % TENANT:
            return self.application(form, granted)
        if path == "/oidc/github":
            good = (headers.get("authorization") == "Bearer " + SECRETS["job"]
                    and request["query"].get("audience") ==
                    "api://AzureADTokenExchange" and
                    request["query"].get("keep") == "1")
            return (200, {"value": SECRETS["federated"]}, {}) if good else (
                403, {}, {})
        if path == "/oidc/pipelines" and request["method"] == "POST":
            good = (headers.get("authorization") == "Bearer " + SECRETS["job"]
                    and request["query"].get("serviceConnectionId") == "conn"
                    and request["query"].get("api-version") == "7.1")
            return (200, {"oidcToken": SECRETS["federated"]}, {}) if good \
                else (302, {}, {"Location": "/login"})
        return self.managed(request, {**granted, "expires_in": "86399",
                                      "expires_on": str(int(time.time()) +
                                                        86399)})

    def application(self, form, granted):
        if form.get("scope") != "https://attest.azure.net/.default":
            return 400, {"error": "invalid_scope"}, {}
        if form.get("client_secret") == SECRETS["client"]:
            return 200, granted, {}
        if form.get("client_assertion") == SECRETS["federated"]:
            return 200, granted, {}
        if self.is_good_assertion(form.get("client_assertion", "")):
            return 200, granted, {}
        return 401, {"error": "invalid_client", "error_description":
                     "AADSTS7000215: Invalid client secret provided: %s\r\n"
                     "Trace ID: 1" % form.get("client_secret")}, {}

    def is_good_assertion(self, assertion):
        known = getattr(self, "client_certificate", None)
        if not known or assertion.count(".") != 2:
            return False
        header, payload, signature = assertion.split(".")
        facts = json.loads(b64url_decode(header))
        claims = json.loads(b64url_decode(payload))
        raw = known.public_bytes(serialization.Encoding.DER)
        if (facts["alg"] != "PS256" or facts["x5t#S256"] != sha256_b64url(raw)
                or claims["iss"] != CLIENT or claims["sub"] != CLIENT or
                claims["aud"] != "%s/%s/oauth2/v2.0/token" % (self.url,
                                                              TENANT) or
                not 0 < claims["exp"] - time.time() <= 600):
            return False
        known.public_key().verify(
            b64url_decode(signature), (header + "." + payload).encode(),
            padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        return True

    def managed(self, request, granted):
        headers, query = request["headers"], request["query"]
        if query.get("resource") != "https://attest.azure.net":
            return 400, {"error": "invalid_resource"}, {}
        if request["path"] == "/msi/token":  # App Service
            good = (headers.get("x-identity-header") == SECRETS["identity"] and
                    query["api-version"] == "2019-08-01")
        elif self.arc_file:
            with open(self.arc_file) as file:
                word = file.read()
            if headers.get("authorization") != "Basic " + word:
                return 401, {}, {"WWW-Authenticate":
                                 "Basic realm=" + self.arc_file}
            good = query["api-version"] == "2020-06-01"
        else:
            good = query["api-version"] == "2018-02-01"
        good = good and (request["path"] == "/msi/token" or
                         headers.get("metadata") == "true")
        return (200, granted, {}) if good else (
            400, {"error": "invalid_request", "error_description":
                  "Identity not found"}, {})
