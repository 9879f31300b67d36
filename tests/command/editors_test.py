# SPDX-License-Identifier: Apache-2.0
"""editors/: the set-ups, in the editors that are there, without a screen."""
import glob
import html
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from harness import BUILD, CommandTest, OK, ROOT, environment, read

EDITORS = os.path.join(ROOT, "editors")
SECONDS = 100
POLICY = ('// maapol: type=SgxEnclave\nversion=1.0;\nauthorizationrules\n{\n'
          '  c:[type="x-ms-sgx-svn"] => add(type="fine", value=c.value);\n'
          '  [type=="fine"]   =>   permit();\n};\n')
# As a user: finds the error, takes the fix that is offered, renames the claim,
# lays the text out. Prints JSON.
NEOVIM = '''
local got = { findings = {} }
local function wait(what) return vim.wait(15000, what, 20) end
local function line(n)
  return vim.api.nvim_buf_get_lines(0, n, n + 1, true)[1]
end
wait(function() return #vim.diagnostic.get(0) > 0 end)
for _, d in ipairs(vim.diagnostic.get(0)) do
  table.insert(got.findings, { d.code or d.user_data.lsp.code, d.lnum, d.col })
end
local function ask(method, row, column)
  local params = { textDocument = vim.lsp.util.make_text_document_params(),
                   position = { line = row, character = column } }
  for _, r in pairs(vim.lsp.buf_request_sync(0, method, params, 15000)) do
    return r.result
  end
end
got.hover = ask("textDocument/hover", 4, 14).contents.value
got.items = {}
for _, item in ipairs(ask("textDocument/completion", 4, 14).items) do
  table.insert(got.items, item.label)
end
vim.ui.select = function(items, _, choose) choose(items[1], 1) end
vim.api.nvim_win_set_cursor(0, { 5, 9 })
vim.lsp.buf.code_action()
wait(function() return line(4):find("==") end)
vim.api.nvim_win_set_cursor(0, { 6, 11 })
vim.lsp.buf.rename("good")
wait(function() return line(4):find("good") end)
if vim.lsp.buf.format then
  vim.lsp.buf.format({ timeout_ms = 15000 })
else
  vim.lsp.buf.formatting_sync(nil, 15000)
end
wait(function() return #vim.diagnostic.get(0, { severity = 1 }) == 0 end)
got.left = #vim.diagnostic.get(0, { severity = 1 })
got.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n")
io.stdout:write(vim.fn.json_encode(got))
vim.cmd("qa!")
'''
NEOVIM_SUITE = '''
vim.wait(15000, function() return #vim.diagnostic.get(0) > 0 end, 20)
local got = {}
for _, d in ipairs(vim.diagnostic.get(0)) do
  table.insert(got, { d.lnum, d.message })
end
io.stdout:write(vim.fn.json_encode({ findings = got }))
vim.cmd("qa!")
'''
VIM = '''
doautocmd VimEnter
edit a.maapolicy
ALELint
for i in range(150)
  if len(ale#engine#GetLoclist(bufnr(''))) | break | endif
  sleep 100m
endfor
let got = {'groups': [], 'findings': map(copy(ale#engine#GetLoclist(
      \\ bufnr(''))), '[get(v:val, "code", ""), v:val.lnum, v:val.col]')}
for [row, column] in [[1, 4], [3, 2], [5, 3], [5, 7], [5, 14], [6, 26]]
  call add(got.groups, synIDattr(synID(row, column, 1), 'name'))
endfor
call writefile([json_encode(got)], 'got.json')
qall!
'''
EMACS = '''
(setq vc-handled-backends nil)
(require 'maapolicy)
(require 'json)
(setq eglot-sync-connect 60 flymake-no-changes-timeout nil)
(find-file "a.maapolicy")
(run-hooks 'post-command-hook)
(let ((n 0))
  (while (and (< n 300) (not eglot--diagnostics))
    (setq n (1+ n))
    (accept-process-output nil 0.1)))
(flymake-start)
(let ((found (mapcar (lambda (d) (vector (flymake-diagnostic-text d)
                                         (line-number-at-pos
                                          (flymake-diagnostic-beg d))))
                     (flymake-diagnostics))))
  (goto-char (point-min))
  (search-forward "[type=")
  (eglot--apply-workspace-edit
   (plist-get (car (eglot-code-actions (1- (point)) (1- (point)))) :edit))
  (eglot--signal-textDocument/didChange) ; what a moment without keys does
  (goto-char (point-min))
  (search-forward "fine")
  (eglot-rename "good")
  (eglot--signal-textDocument/didChange)
  (eglot-format-buffer)
  (font-lock-ensure)
  (let ((faces nil))
    (dolist (word '("maapol" "authorizationrules" "x-ms-sgx-svn" "add"))
      (goto-char (point-min))
      (search-forward word)
      (push (symbol-name (or (get-text-property (1- (point)) 'face) 'none))
            faces))
    (princ (json-encode `((findings . ,found) (faces . ,(reverse faces))
                          (mode . ,(symbol-name major-mode))
                          (text . ,(buffer-string)))))))
'''
RESULT = POLICY.replace('type="x', 'type=="x').replace("fine", "good").replace(
    "   =>   ", " => ")


def has_eglot():
    return shutil.which("emacs") and subprocess.run(
        ["emacs", "-q", "--batch", "-f", "package-initialize", "--eval",
         "(require 'eglot)"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class EditorTest(CommandTest):
    def editor(self, words, **more):
        """One that finds maapol, and has a home of its own."""
        env = environment(dict({"HOME": self.directory, "PATH": BUILD + ":" +
                                os.environ["PATH"]}, **more))
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            env.setdefault("XDG_%s_HOME" % name, self.directory)
        return subprocess.run(
            words, cwd=self.directory, env=env, timeout=SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def json_of(self, result):
        output = result.stdout.decode()
        self.assertIn("{", output, result.stderr.decode())
        return json.loads(output[output.index("{"):])


class Editors(EditorTest):
    def test_every_editor_has_a_page_that_the_list_names(self):
        page = read(os.path.join(EDITORS, "README.md"))
        for name in os.listdir(EDITORS):
            if os.path.isdir(os.path.join(EDITORS, name)):
                self.assertIn("(%s/README.md)" % name, page)
                readme = read(os.path.join(EDITORS, name, "README.md"))
                for file in os.listdir(os.path.join(EDITORS, name)):
                    if file.endswith((".lua", ".vim", ".el", ".toml")):
                        self.assertIn(file, readme)

    def test_neovim(self):
        if not shutil.which("nvim"):
            self.skipTest("there is no nvim")
        self.write("a.maapolicy", POLICY)
        self.write("script.lua", NEOVIM)
        plugin = os.path.join(EDITORS, "neovim", "maapolicy.lua")
        got = self.json_of(self.editor(
            ["nvim", "--headless", "-u", plugin, "a.maapolicy", "-c",
             "luafile script.lua"]))
        self.assertIn(["P002", 4, 9], got["findings"])
        self.assertIn("Integer", got["hover"])
        self.assertIn("x-ms-sgx-product-id", got["items"])
        self.assertEqual(RESULT.rstrip("\n"), got["text"])
        self.assertEqual(0, got["left"])

    def test_neovim_suite(self):
        if not shutil.which("nvim"):
            self.skipTest("there is no nvim")
        self.write("a.maatest.json", '{\n"policy": "a.maapolicy",\n'
                   '"tsets": []\n}\n')
        self.write("script.lua", NEOVIM_SUITE)
        plugin = os.path.join(EDITORS, "neovim", "maapolicy.lua")
        got = self.json_of(self.editor(
            ["nvim", "--headless", "-u", plugin, "a.maatest.json", "-c",
             "luafile script.lua"]))
        self.assertTrue([text for line, text in got["findings"]
                         if line == 2 and "tsets" in text], got)

    def test_vim(self):
        ale = "/usr/share/vim-ale"
        if not shutil.which("vim") or not os.path.isdir(ale):
            self.skipTest("there is no vim with ALE")
        self.write("a.maapolicy", POLICY)
        self.write("script.vim", VIM)
        plugin = os.path.join(EDITORS, "vim", "maapolicy.vim")
        self.editor(["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "-T",
                     "dumb", "--not-a-term", "--cmd", "set rtp^=" + ale,
                     "--cmd", "filetype on | syntax on", "-c",
                     "runtime plugin/ale.vim", "-c", "source " + plugin, "-S",
                     "script.vim"])
        got = json.loads(read(self.path("got.json")))
        self.assertIn(["P002", 5, 10], got["findings"])
        self.assertEqual(["maapolicy" + name for name in (
            "Comment", "Section", "Variable", "Property", "String",
            "Action")], got["groups"])

    def test_emacs(self):
        if not has_eglot():
            self.skipTest("there is no emacs with eglot")
        self.write("a.maapolicy", POLICY)
        self.write("script.el", EMACS)
        file = self.write("maapolicy.el", read(os.path.join(
            EDITORS, "emacs", "maapolicy.el")))
        emacs = ["emacs", "-q", "--batch", "-f", "package-initialize"]
        made = self.editor(emacs + [
            "--eval", "(setq byte-compile-error-on-warn t)",
            "-f", "batch-byte-compile", file])
        self.assertEqual(OK, made.returncode, made.stderr.decode())
        got = self.json_of(self.editor(emacs + [
            "-L", self.directory, "-l", "script.el"]))
        self.assertEqual("maapolicy-mode", got["mode"])
        self.assertIn(5, [line for text, line in got["findings"]
                          if "P002" in text])
        self.assertEqual(RESULT, got["text"])
        self.assertEqual(["font-lock-%s-face" % name for name in (
            "comment", "keyword", "string", "builtin")], got["faces"])

    def test_helix(self):
        try:
            import tomllib
        except ImportError:
            self.skipTest("this Python reads no TOML")
        settings = tomllib.loads(read(os.path.join(EDITORS, "helix",
                                                   "languages.toml")))
        server = settings["language-server"]["maapol"]
        self.assertEqual(["maapol", "lsp"],
                         [server["command"]] + server["args"])
        self.assertEqual(["maapol"],
                         settings["language"][0]["language-servers"])
        self.assertEqual(["maapolicy", "policy"],
                         settings["language"][0]["file-types"])


class Kate(EditorTest):
    """The syntax that Kate and its family have, by the library itself."""

    def test_settings_and_contexts(self):
        folder = os.path.join(EDITORS, "kate")
        settings = json.loads(read(os.path.join(folder, "settings.json")))
        server = settings["servers"]["maapolicy"]
        self.assertEqual(["maapol", "lsp"], server["command"])
        tree = xml.etree.ElementTree.parse(
            os.path.join(folder, "maapolicy.xml")).getroot()
        self.assertRegex(tree.get("name"), server["highlightingModeRegex"])
        contexts = {c.get("name") for c in tree.iter("context")}
        styles = {i.get("name") for i in tree.iter("itemData")}
        lists = {i.get("name") for i in tree.iter("list")}
        for rule in tree.find("highlighting/contexts").iter():
            target = rule.get("context", "#stay").replace("#pop!", "")
            self.assertTrue(target[0] == "#" or target in contexts, target)
            if rule.get("attribute"):
                self.assertIn(rule.get("attribute"), styles)
            if rule.tag == "keyword":
                self.assertIn(rule.get("String"), lists)

    def pieces(self, path):
        """Of a policy, as Kate shows it: (style, text)."""
        made = self.editor(["kate-syntax-highlighter", "-s", "MAA Policy",
                            path], QT_QPA_PLATFORM="offscreen")
        text = made.stdout.decode()
        body = re.search(r"<pre>\n(.*?)</pre>", text, re.DOTALL)
        self.assertTrue(body, made.stderr.decode())
        parts = re.findall(r'<span style="([^"]*)">(.*?)</span>|([^<]+)',
                           body.group(1), re.DOTALL)
        return [(style, html.unescape(inner or outer))
                for style, inner, outer in parts]

    def test_policies(self):
        if not shutil.which("kate-syntax-highlighter"):
            self.skipTest("there is no kate-syntax-highlighter")
        place = "org.kde.syntax-highlighting/syntax/maapolicy.xml"
        os.makedirs(os.path.dirname(self.path(place)))
        self.write(place, read(os.path.join(EDITORS, "kate",
                                            "maapolicy.xml")))
        wrong = self.write("a.maapolicy", 'version=1.0;\n[value=="a\\q"]\n')
        error = {style for style, text in self.pieces(wrong) if text == "\\q"}
        self.assertEqual(1, len(error))
        files = sorted(glob.glob(os.path.join(ROOT, "examples", "*",
                                              "*.maapolicy")))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file):
                pieces = self.pieces(file)
                self.assertEqual(read(file).rstrip("\n"), "".join(
                    text for style, text in pieces).rstrip("\n"))
                self.assertFalse([text for style, text in pieces
                                  if style in error])
                styles = {text: style for style, text in pieces}
                self.assertEqual(styles["version"], styles[
                    "authorizationrules"])
                self.assertNotEqual("", styles["permit"])
                self.assertNotEqual(styles["version"], styles["type"])


class Snippets(CommandTest):
    """What a snippet writes is right as it stands, with its first choices."""

    def expanded(self, lines):
        text = "\n".join(lines)
        seen = {}

        def value(match):
            number, choices, default = match.groups()
            if number not in seen:
                seen[number] = (choices.split(",")[0] if choices
                                else default or "")
            return seen[number]
        text = re.sub(r"\$\{(\d)(?:\|([^|]*)\||:([^}]*))\}", value, text)
        return re.sub(r"\$(\d)", lambda m: seen.get(m.group(1), ""), text)

    def policy(self, name, text):
        if text.lstrip().startswith("//"):
            return text
        issues = "issue" in text
        return ('version=1.2;\nauthorizationrules\n{\n%s\n  => permit();\n};'
                '\nissuancerules\n{\n%s\n};\n') % (
                    ("", text) if issues else (text, ""))

    def test_check(self):
        snippets = json.loads(read(os.path.join(
            EDITORS, "vscode", "snippets", "maapolicy.json")))
        page = read(os.path.join(EDITORS, "vscode", "README.md"))
        self.assertEqual(len(snippets),
                         len({s["prefix"] for s in snippets.values()}))
        for name, snippet in snippets.items():
            with self.subTest(name):
                text = self.policy(name, self.expanded(snippet["body"]))
                path = self.write("a.maapolicy", text)
                # An error is no success. What is known of claims is said of
                # policies for one type: there only the value to fill in.
                result = self.expect(OK, "check", "--format", "plain", path)
                if "-" in snippet["prefix"] and text.startswith("//"):
                    self.assertLessEqual(set(re.findall(
                        r"(?:error|warning)\[(\w+)\]", result.out)),
                        {"X305"})
                self.assertIn("`%s`" % snippet["prefix"], page)


if __name__ == "__main__":
    unittest.main()
