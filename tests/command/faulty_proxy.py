# SPDX-License-Identifier: Apache-2.0
"""Between the uploader and the emulator: a proxy that ends TLS, passes each
request on, and breaks the connection wherever it is told to."""
import http.client
import os
import socket
import ssl
import struct
import threading
import time

from cryptography import x509

from remote_server import make_certificate, make_key, pem

# Where a connection can break, in the order of time. Up to BEFORE the emulator
# has not seen the request, from AFTER on it has done what it was asked.
BEFORE = ("accept", "handshake", "head", "body", "whole")
AFTER = ("answered", "status", "fields", "half", "last")
STAGES = BEFORE + AFTER


class Fault:
    """times requests from the skip-th on that match. How: reset (RST), cut
    (an end without TLS's own), delay (silence of `seconds`, then an end)."""

    def __init__(self, stage, how="reset", method=None, path="", times=1,
                 seconds=2.0, skip=0):
        self.stage, self.how, self.method, self.path = stage, how, method, path
        self.times, self.seconds, self.skip = times, seconds, skip

    def matches(self, stage, method=None, path=""):
        if (self.stage != stage or self.times <= 0 or
                self.method not in (None, method) or
                not path.startswith(self.path)):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Broken(Exception):
    """The connection is gone, as a fault wanted it."""


class Proxy:
    def __init__(self, directory):
        key = make_key()
        certificate = make_certificate(
            "localhost", key, ca=True, names=[x509.DNSName("localhost")])
        self.ca = os.path.join(directory, "proxy.pem")
        with open(self.ca, "wb") as file:
            file.write(pem(certificate) + pem(key))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.ca)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "https://localhost:%d" % self.listener.getsockname()[1]
        self.upstream = None  # host, port
        self.lock = threading.Lock()
        self.faults, self.passed = [], []
        self.is_open = True
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.is_open = False
        self.listener.close()

    def begin(self, *faults):
        """Only these faults from now on; what was passed on is forgotten."""
        with self.lock:
            self.faults, self.passed = list(faults), []

    def count(self, method, path=""):
        with self.lock:
            return sum(m == method and p.startswith(path)
                       for m, p in self.passed)

    def fault(self, *place):
        with self.lock:
            return next((f for f in self.faults if f.matches(*place)), None)

    def accept(self):
        while self.is_open:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,),
                             daemon=True).start()

    # --- breaking ---------------------------------------------------------

    def end(self, connection, fault):
        """Never returns."""
        if fault.how == "delay":
            time.sleep(fault.seconds)
        if fault.how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
        connection.close()
        raise Broken

    def at(self, stage, connection, request):
        fault = self.fault(stage, *request)
        if fault:
            self.end(connection, fault)

    # --- one connection ---------------------------------------------------

    def serve(self, plain):
        connection = plain
        try:
            plain.settimeout(20)
            self.at("accept", plain, ())
            fault = self.fault("handshake")
            if fault:
                plain.recv(64)  # of the first message
                self.end(plain, fault)
            connection = self.context.wrap_socket(plain, server_side=True)
            while self.exchange(connection):
                pass
        except (Broken, OSError):
            pass
        finally:
            connection.close()

    def exchange(self, connection):
        data = connection.recv(8)
        if not data:
            return False
        method = data.split(b" ")[0].decode()
        first = b""
        while b"\r\n" not in first:  # the path is needed to know the fault
            first += connection.recv(1)
        head = data + first
        path = head.split(b" ")[1].decode()
        self.at("head", connection, (method, path))
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        self.at("body", connection, (method, path))
        fields = [line.split(": ", 1) for line in
                  head.decode().split("\r\n")[1:] if line]
        length = next((int(v) for n, v in fields
                       if n.lower() == "content-length"), 0)
        body = b""
        while len(body) < length:
            body += connection.recv(length - len(body))
        self.at("whole", connection, (method, path))
        self.answer(connection, method, path, fields, body)
        return True

    def forward(self, method, path, fields, body):
        """Status, and the raw answer in two parts."""
        with self.lock:
            self.passed.append((method, path))
        upstream = http.client.HTTPConnection(*self.upstream, timeout=20)
        try:
            upstream.putrequest(method, path, skip_host=True,
                                skip_accept_encoding=True)
            for name, text in fields:
                upstream.putheader(name, text)
            upstream.endheaders(body)
            response = upstream.getresponse()
            content = response.read()
        finally:
            upstream.close()
        lines = ["HTTP/1.1 %d %s" % (response.status, response.reason)]
        lines += ["%s: %s" % (name, text)
                  for name, text in response.getheaders()
                  if name.lower() not in ("connection", "content-length")]
        lines.append("Content-Length: %d" % len(content))
        return "\r\n".join(lines).encode() + b"\r\n\r\n", content

    def answer(self, connection, method, path, fields, body):
        request = (method, path)
        if self.fault("twice", *request):  # as a proxy that tries again
            self.forward(method, path, fields, body)
        head, content = self.forward(method, path, fields, body)
        self.at("answered", connection, request)
        for stage, part in (("status", head[:12]), ("fields", head),
                            ("half", head + content[:len(content) // 2]),
                            ("last", head + content[:-1])):
            fault = self.fault(stage, *request)
            if fault:
                connection.sendall(part)
                self.end(connection, fault)
        if self.fault("garbage", *request):
            head = b"\0\x80 no HTTP\r\n\r\n"
        connection.sendall(head + content)
        if self.fault("more", *request):  # an answer that nobody asked for
            connection.sendall(head + content)
