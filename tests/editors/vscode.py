#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The extension in VS Code itself: code-server in a headless Chromium.

A policy with an error is opened; what a user sees is looked for in the page,
keys and clicks are those of a user. Pictures are left in PICTURES.

usage: MAAPOL=maapol VSIX=file.vsix CODE_SERVER=.../out/node/entry.js \
    tests/editors/vscode.py [PICTURES [TEST..]]
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "command"))
sys.dont_write_bytecode = True
import browser  # noqa: E402

SECONDS = 60
CONTROL, SHIFT, ENTER, ESCAPE = "\ue009", "\ue008", "\ue007", "\ue00c"
F1, F8 = "\ue031", "\ue038"
POLICY = """// maapol: type=SgxEnclave
version=1.0;
authorizationrules
{
  [type="x-ms-sgx-is-debuggable", value==false] => permit();
};
"""
RIGHT = POLICY.replace('type="x', 'type=="x')
SUITE = {"policy": "right.maapolicy", "tests": [
    {"name": "release", "claims": {"x-ms-sgx-is-debuggable": False},
     "expect": {"decision": "permit"}},
    {"name": "debug", "claims": {"x-ms-sgx-is-debuggable": True},
     "expect": {"decision": "permit"}}]}
SETTINGS = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False, "update.mode": "none",
    "editor.minimap.enabled": False, "editor.hover.delay": 100,
    "workbench.colorTheme": "Default Light Modern",
    "testing.automaticallyOpenTestResults": "neverOpen",
}


class Editor(browser.Browser):
    """VS Code, as the keyboard and the mouse see it."""

    def keys(self, *keys):
        """Pressed together: the first ones are held."""
        actions = [{"type": "keyDown", "value": k} for k in keys]
        actions += [{"type": "keyUp", "value": k} for k in reversed(keys)]
        self.call("POST", self.session + "/actions", {"actions": [
            {"type": "key", "id": "keys", "actions": actions}]})

    def write(self, text):
        for character in text:
            self.keys(character)

    def point(self, selector):
        """Moves the mouse over the middle of an element. The page may put
        another one in the place of one just found."""
        for _ in range(20):
            try:
                return self.point_once(selector)
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
            time.sleep(0.2)
        raise AssertionError("no " + selector)

    def point_once(self, selector):
        place = self.find(selector).rsplit("/", 1)[1]
        move = {"type": "pointerMove", "duration": 50, "x": 0, "y": 0,
                "origin": {browser.ELEMENT: place}}
        nudge = dict(move, x=1)
        self.call("POST", self.session + "/actions", {"actions": [
            {"type": "pointer", "id": "mouse",
             "parameters": {"pointerType": "mouse"},
             "actions": [move, nudge]}]})

    def texts(self, selector):
        return self.run("return Array.from(document.querySelectorAll("
                        "arguments[0])).map(e => e.textContent)", selector)

    def wait(self, what, holds, seconds=SECONDS):
        end = time.monotonic() + seconds
        while True:
            got = holds()
            if got:
                return got
            if time.monotonic() > end:
                raise AssertionError("waited in vain for " + what)
            time.sleep(0.2)

    def see(self, selector, words="", seconds=SECONDS):
        """Until an element holds the words; its text."""
        def look():
            for text in self.texts(selector):
                if words in text.replace("\u00a0", " "):
                    return text.replace("\u00a0", " ") or True
            return None
        return self.wait("%r in %s" % (words, selector), look, seconds)

    def gone(self, selector):
        self.wait("no " + selector, lambda: not self.texts(selector))

    def choose(self, name):
        """Of the list that has just come up, once that one is marked."""
        self.see(".quick-input-widget input", seconds=20)
        self.write(name)
        self.see(".quick-input-list .monaco-list-row.focused", name)
        self.keys(ENTER)

    def command(self, name):
        self.keys(F1)
        self.choose(name)

    def open_file(self, name):
        """A window that comes up late may take the keys: once more, then."""
        for last in (False, False, True):
            self.keys(ESCAPE)
            self.keys(CONTROL, "p")
            try:
                self.choose(name)
                return self.see(".tab.active", name, seconds=20)
            except AssertionError:
                if last:
                    raise

    def line(self, words):
        self.see(".view-line", words)


def squiggle(e):
    e.open_file("wrong.maapolicy")
    e.see(".squiggly-error")
    e.see(".statusbar-item", "SgxEnclave")


def hover(e):
    """Of the claim in a policy without errors: type and meaning."""
    e.open_file("right.maapolicy")
    e.line('[type=="x-ms-sgx-is-debuggable"')
    e.keys(CONTROL, "g")
    e.write("5:14")
    e.keys(ENTER)
    e.command("Show or Focus Hover")
    text = e.see(".monaco-hover", "Boolean")
    assert "x-ms-sgx-is-debuggable" in text, text


def mouse_hover(e):
    """Over the squiggle: the message, the code and its link."""
    e.open_file("wrong.maapolicy")
    e.see(".squiggly-error")
    e.point(".squiggly-error")
    text = e.see(".monaco-hover", "P002")
    assert "==" in text, text
    e.keys(ESCAPE)


def quick_fix(e):
    e.open_file("wrong.maapolicy")
    e.keys(F8)
    e.keys(ESCAPE)
    e.keys(CONTROL, ".")
    e.see(".action-widget", "==")
    e.picture_to("quick-fix")
    e.keys(ENTER)
    e.line('[type=="x-ms-sgx-is-debuggable"')
    e.gone(".squiggly-error")


def completion(e):
    e.open_file("typed.maapolicy")
    e.keys(CONTROL, "g")
    e.write("5:1")
    e.keys(ENTER)
    e.write('c:[type=="x-ms-sgx-s')
    e.keys(CONTROL, " ")
    e.see(".suggest-widget .monaco-list-row", "x-ms-sgx-svn")
    e.keys(ESCAPE)


def attestation_type(e):
    e.open_file("right.maapolicy")
    e.see(".statusbar-item", "SgxEnclave")
    e.click("#maapol\\.maapol\\.maapol\\.type a")
    e.see(".quick-input-list .monaco-list-row", "AzureGuest")
    e.write("OpenEnclave")
    e.keys(ENTER)
    e.line("// maapol: type=OpenEnclave")
    e.see(".statusbar-item", "OpenEnclave")


def decoded(e):
    e.open_file("token.jws")
    e.command("Show token decoded")
    e.line("no signature was verified")
    e.line("authorizationrules")


def decoded_policy(e):
    """A policy file that holds a token: the text inside, as a policy."""
    e.open_file("wrapped.policy")
    e.command("Show token decoded")
    e.line('[type=="x-ms-sgx-is-debuggable"')
    e.see(".statusbar-item", "MAA policy")


def suite_checked(e):
    """What is wrong is said once, by the language server: not by the editor's
    own knowledge of JSON, too."""
    e.open_file("broken.maatest.json")
    e.see(".squiggly-warning, .squiggly-error")
    e.command("Focus on Problems View")
    e.see(".markers-panel .marker-message-details-container", "nmae")
    e.picture_to("problems")
    said = e.texts(".markers-panel .marker-message-details-container")
    assert all("maapol" in text for text in said), said
    assert sum("nmae" in text for text in said) == 1, said


def lenses(e):
    """What the policy decides on the tests beside it, above its rules."""
    e.open_file("right.maapolicy")
    e.see(".contentWidgets .codelens-decoration, .codelens-decoration",
          "permit")


def tests(e):
    e.open_file("right.maatest.json")
    e.command("Focus on Test Explorer View")
    e.see(".test-explorer .monaco-list-row", "right.maatest.json")
    e.command("Test: Run All Tests")
    # The second test expects a permit that the policy does not give; what is
    # wrong stands beside it.
    e.wait("marks of both tests", lambda: all(e.texts(
        ".glyph-margin-widgets .codicon-testing-%s-icon" % state)
        for state in ("passed", "failed")))
    e.see(".contentWidgets .content", "deny != permit")


TESTS = [squiggle, mouse_hover, hover, quick_fix, completion,
         attestation_type, decoded, decoded_policy, suite_checked, lenses,
         tests]


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.port = browser.free_port()
        self.code = ["node", os.environ["CODE_SERVER"], "--user-data-dir",
                     folder + "/data", "--extensions-dir",
                     folder + "/extensions", "--disable-telemetry",
                     "--disable-update-check"]
        self.env = dict(os.environ, HOME=folder)
        self.log = open(folder + "/log", "w+")
        self.prepare()
        self.process = subprocess.Popen(
            self.code + ["--auth", "none", "--bind-addr",
                         "127.0.0.1:%d" % self.port, folder + "/policies"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=self.env)

    def put(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def prepare(self):
        program = os.path.abspath(os.environ["MAAPOL"])
        self.put("data/User/settings.json",
                 json.dumps(dict(SETTINGS, **{"maapol.path": program})))
        self.put("policies/wrong.maapolicy", POLICY)
        right = self.put("policies/right.maapolicy", RIGHT)
        self.put("policies/typed.maapolicy",
                 RIGHT.replace("  [type", "\n  [type"))
        self.put("policies/right.maatest.json", json.dumps(SUITE, indent=2))
        self.put("policies/broken.maatest.json",
                 json.dumps(dict(SUITE, tests=[{"nmae": 1}])))
        self.put("policies/.git/HEAD", "")
        for name in ("token.jws", "wrapped.policy"):
            subprocess.run([program, "sign", "--unsecured", "--policy", right,
                            "-o", self.folder + "/policies/" + name],
                           check=True)
        subprocess.run(self.code + ["--install-extension",
                                    os.environ["VSIX"]],
                       check=True, env=self.env, stdout=self.log,
                       stderr=self.log)

    def close(self):
        self.process.terminate()
        self.process.wait(SECONDS)
        self.log.close()


def main():
    pictures = sys.argv[1] if len(sys.argv) > 1 else None
    folder = tempfile.mkdtemp(prefix="maapol-vscode-")
    server = Server(folder)
    editor = Editor()
    passed = failed = 0

    def picture_to(name):
        if pictures:
            with open(os.path.join(pictures, name + ".png"), "wb") as file:
                file.write(editor.picture())

    editor.picture_to = picture_to
    try:
        editor.wait("code-server", lambda: "HTTP server listening" in
                    open(folder + "/log").read())
        editor.go("http://127.0.0.1:%d/" % server.port)
        editor.see(".monaco-workbench")
        editor.see(".explorer-viewlet .monaco-list-row", "wrong.maapolicy")
        for test in TESTS:
            if sys.argv[2:] and test.__name__ not in sys.argv[2:]:
                continue
            try:
                test(editor)
                passed += 1
                picture_to(test.__name__)
            except Exception:
                failed += 1
                picture_to("FAILED-" + test.__name__)
                print("FAILED: %s\n%s" % (test.__name__,
                                          traceback.format_exc()))
    finally:
        editor.close()
        server.close()
        if failed:
            print("what VS Code logged is in", folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
