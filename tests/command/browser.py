# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven over the WebDriver protocol (W3C)."""
import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium")
SECONDS = 40
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def is_there():
    return bool(DRIVER and BROWSER)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """Takes any certificate: whom to trust is tested elsewhere."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="maapol-browser-")
        self.port = free_port()
        self.process = subprocess.Popen(
            [DRIVER, "--port=%d" % self.port], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=self.folder, TMPDIR=self.folder))
        try:
            self.open()
        except Exception:
            self.close()
            raise

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            "http://127.0.0.1:%d%s" % (self.port, path), data,
            {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=SECONDS) as answer:
            return json.load(answer)["value"]

    def open(self):
        end = time.monotonic() + SECONDS
        while True:
            try:
                if self.call("GET", "/status")["ready"]:
                    break
            except OSError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.1)
        arguments = ["--headless", "--no-sandbox", "--disable-gpu",
                     "--disable-quic", "--no-first-run",
                     "--disable-background-networking",
                     "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", "--window-size=1000,1400",
                     "--user-data-dir=" + os.path.join(self.folder, "data")]
        wanted = {"acceptInsecureCerts": True,
                  "goog:loggingPrefs": {"browser": "ALL"},
                  "goog:chromeOptions": {"binary": BROWSER,
                                         "args": arguments}}
        made = self.call("POST", "/session",
                         {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + made["sessionId"]

    def go(self, url):
        self.call("POST", self.session + "/url", {"url": url})

    def run(self, script, *arguments):
        return self.call("POST", self.session + "/execute/sync",
                         {"script": script, "args": list(arguments)})

    def find(self, selector):
        found = self.call("POST", self.session + "/element",
                          {"using": "css selector", "value": selector})
        return self.session + "/element/" + found[ELEMENT]

    def text(self, selector):
        """The page may put another element in the place of one just found."""
        for _ in range(20):
            try:
                return self.call("GET", self.find(selector) + "/text")
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
            time.sleep(0.05)
        return ""

    def click(self, selector):
        self.call("POST", self.find(selector) + "/click", {})

    def type(self, selector, text):
        place = self.find(selector)
        self.call("POST", place + "/clear", {})
        self.call("POST", place + "/value", {"text": text})

    def console(self):
        """What the browser complained of since the last call."""
        return self.call("POST", self.session + "/se/log", {"type": "browser"})

    def picture(self):
        return base64.b64decode(self.call("GET", self.session + "/screenshot"))

    def close(self):
        try:
            if hasattr(self, "session"):
                self.call("DELETE", self.session)
        except OSError:
            pass
        self.process.terminate()
        self.process.wait(SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)
