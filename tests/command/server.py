# SPDX-License-Identifier: Apache-2.0
"""A running emulator, and requests to it."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from harness import (BUILD, MAAPOL, SECONDS, b64url, b64url_decode,
                     environment, is_sanitized)

VERSION = "api-version=2020-10-01"
BEARER = {"Authorization": "Bearer anything"}
SERVE = os.path.join(BUILD, "maapol-serve")


def unsecured(payload):
    """The token of that payload without a signature, as the SDKs send it."""
    header = b64url('{"alg":"none"}')
    return "%s.%s." % (header, b64url(json.dumps(payload)) if payload else "")


def policy_token(text):
    return unsecured({"AttestationPolicy": b64url(text)})


def token_part(token, part):
    return json.loads(b64url_decode(token.split(".")[part]))


class Answer:
    """Status, headers and body of one response."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    @property
    def token(self):
        return self.json["token"]

    @property
    def claims(self):
        return token_part(self.token, 1)

    def __str__(self):
        return "%d %s\n%s" % (self.status, dict(self.headers),
                              self.body[:2000].decode(errors="replace"))


class Server:
    """Started on a free port, ended by its own process id."""

    def __init__(self, *options, state=None, env=None, below=()):
        """below: a program that starts it, with its options."""
        self.folder = None
        if state is None:
            self.folder = state = tempfile.mkdtemp(prefix="maapol-serve-test-")
        self.state = state
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*below, MAAPOL, "serve", "--state", state, *options],
            stdout=subprocess.PIPE, stderr=self.log,
            env=environment(env or {}))
        self.url = None
        self.instances = {}
        self.read_ready()

    def read_ready(self):
        """The lines that say where it listens; the last one names the CA."""
        lines = []
        while True:
            line = self.process.stdout.readline().decode()
            if not line:
                raise RuntimeError("no start: " + self.errors())
            lines.append(line)
            found = re.match(r"maapol serve is ready at (\S+)$", line)
            if found:
                self.url = found[1]
            found = re.match(r"instance (\S+): (\S+)$", line)
            if found:
                self.instances[found[1]] = found[2]
            if "SSL_CERT_FILE" in line or (self.url and
                                           self.url.startswith("http:")):
                break
        self.lines = lines
        self.host, port = self.url.split("://")[1].rsplit(":", 1)
        self.port = int(port.split("/")[0])

    def errors(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    @property
    def ca(self):
        return os.path.join(self.state, "ca-certificate.pem")

    def context(self):
        return ssl.create_default_context(cafile=self.ca)

    def connect(self, host=None):
        connection = self.connection(host or self.host)
        # Whatever name is asked for, without a look at the machine's hosts.
        connection._create_connection = lambda address, *more: (
            socket.create_connection((self.host, self.port), *more))
        return connection

    def connection(self, host):
        if self.url.startswith("http:"):
            return http.client.HTTPConnection(host, self.port,
                                              timeout=SECONDS)
        return http.client.HTTPSConnection(host, self.port, timeout=SECONDS,
                                           context=self.context())

    def socket(self):
        """For requests that no client library would send."""
        plain = socket.create_connection((self.host, self.port), SECONDS)
        if self.url.startswith("http:"):
            return plain
        return self.context().wrap_socket(plain, server_hostname=self.host)

    def raw(self, data, seconds=1):
        """Everything that comes back until the server is silent."""
        parts = []
        with self.socket() as connection:
            connection.settimeout(seconds)
            try:
                connection.sendall(data)
            except OSError:
                pass  # refused before its end; the answer may be there
            while True:
                try:
                    part = connection.recv(65536)
                except (ConnectionResetError, ssl.SSLError, TimeoutError):
                    break  # no answer, or one that keeps the connection
                if not part:
                    break
                parts.append(part)
        return b"".join(parts)

    def request(self, method, path, body=None, headers=None, host=None):
        connection = self.connect(host)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def api(self, method, path, body=None, version=VERSION, headers=None,
            prefix=""):
        """An operation of the service, with a bearer token."""
        sign = "&" if "?" in path else "?"
        return self.request(method, prefix + path + sign + version, body,
                            BEARER if headers is None else headers)

    def stop(self):
        """The exit status after a request to end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(SECONDS)
        self.close()
        return status

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        self.close()

    def close(self):
        self.process.stdout.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def is_built():
    return os.path.exists(SERVE)


def wait_for(condition, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


__all__ = ["Answer", "BEARER", "Server", "VERSION", "is_built",
           "is_sanitized", "policy_token", "token_part", "unsecured",
           "wait_for"]
