# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates by the openssl program, and tokens checked by
programs that are not ours."""
import base64
import json
import os
import shutil
import subprocess

from harness import b64url_decode

OPENSSL = shutil.which("openssl")
JOSE = shutil.which("jose")
PYTHON = "/usr/bin/python3"  # Debian's has jwcrypto where it is installed
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

CHECK_BY_JWCRYPTO = """
import json, sys
from jwcrypto import jwk, jws
token, pem = json.load(sys.stdin)
key = jwk.JWK.from_pem(pem.encode())
found = jws.JWS()
found.deserialize(token)
found.allowed_algs = [json.loads(found.objects["protected"])["alg"]]
found.verify(key)
"""


def openssl(directory, *words, stdin=None):
    done = subprocess.run(["openssl", *words], cwd=directory, input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError("openssl %s: %s" % (" ".join(words),
                                               done.stderr.decode()))
    return done.stdout


def make_key(directory, name, kind="RSA", size="2048"):
    """NAME.key, PKCS #8 in PEM. kind: RSA, EC or ED25519; size: bits, curve."""
    option = {"RSA": ["-pkeyopt", "rsa_keygen_bits:" + size],
              "EC": ["-pkeyopt", "ec_paramgen_curve:" + size]}.get(kind, [])
    openssl(directory, "genpkey", "-algorithm", kind, *option, "-out",
            name + ".key")


def make_certificate(directory, name, *extensions, issuer=None, subject=None,
                     days="30"):
    """NAME.pem for NAME.key, self-signed or by ISSUER.pem."""
    subject = "/CN=" + (subject or name)
    openssl(directory, "req", "-new", "-key", name + ".key", "-subj", subject,
            "-out", name + ".csr")
    with open(os.path.join(directory, name + ".ext"), "w") as file:
        file.write("\n".join(extensions) + "\n")
    by = ["-CA", issuer + ".pem", "-CAkey", issuer + ".key",
          "-CAcreateserial"] if issuer else ["-signkey", name + ".key"]
    openssl(directory, "x509", "-req", "-in", name + ".csr", *by, "-days",
            days, "-extfile", name + ".ext", "-out", name + ".pem")


def der(directory, name):
    return openssl(directory, "x509", "-in", name, "-outform", "DER")


def header(token):
    return json.loads(b64url_decode(token.split(".")[0]))


def payload(token):
    return b64url_decode(token.split(".")[1])


def public_key(token):
    """PEM of the key in the token's first certificate."""
    leaf = base64.b64decode(header(token)["x5c"][0], validate=True)
    return openssl("/", "x509", "-inform", "DER", "-pubkey", "-noout",
                   stdin=leaf).decode()


def has_jwcrypto():
    return os.path.exists(PYTHON) and subprocess.run(
        [PYTHON, "-c", "import jwcrypto"],
        stderr=subprocess.DEVNULL).returncode == 0


def verify_by_jwcrypto(token, pem=None):
    done = subprocess.run(
        [PYTHON, "-c", CHECK_BY_JWCRYPTO], stderr=subprocess.PIPE,
        input=json.dumps([token, pem or public_key(token)]).encode())
    if done.returncode:
        raise AssertionError(done.stderr.decode())


def verify_by_jose(directory, token):
    """latchset/jose takes JWK only; jwcrypto's neighbour makes one of PEM."""
    code = ("import sys; from jwcrypto import jwk; "
            "print(jwk.JWK.from_pem(sys.stdin.buffer.read()).export())")
    key = subprocess.run([PYTHON, "-c", code], stdout=subprocess.PIPE,
                         input=public_key(token).encode(), check=True).stdout
    with open(os.path.join(directory, "verify.jwk"), "wb") as file:
        file.write(key)
    done = subprocess.run(["jose", "jws", "ver", "-i", "-", "-k",
                           "verify.jwk"], cwd=directory,
                          input=token.encode(), stderr=subprocess.PIPE)
    if done.returncode:
        raise AssertionError("jose: " + done.stderr.decode())
