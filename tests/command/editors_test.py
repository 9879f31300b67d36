# SPDX-License-Identifier: Apache-2.0
"""editors/: what can be tried without a screen."""
import json
import os
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from harness import BUILD, CommandTest, ROOT, environment, read

EDITORS = os.path.join(ROOT, "editors")
BAD = ('// maapol: type=SgxEnclave\nversion=1.0;\nauthorizationrules\n{\n'
       '  [type="x-ms-sgx-svn"] => permit();\n};\n')
# Opens the policy, waits for findings, asks at their place; prints JSON.
SCRIPT = '''
local got = {}
local function wait(what) return vim.wait(15000, what, 20) end
wait(function() return #vim.diagnostic.get(0) > 0 end)
for _, d in ipairs(vim.diagnostic.get(0)) do
  table.insert(got, { d.code or d.user_data.lsp.code, d.lnum, d.col })
end
local function ask(method, more)
  local params = vim.tbl_extend("force", {
    textDocument = vim.lsp.util.make_text_document_params(),
    position = { line = 4, character = 11 } }, more or {})
  for _, r in pairs(vim.lsp.buf_request_sync(0, method, params, 15000)) do
    return r.result
  end
end
local hover = ask("textDocument/hover")
local items = ask("textDocument/completion").items
local range = { start = { line = 4, character = 0 },
                ["end"] = { line = 4, character = 30 } }
local action = ask("textDocument/codeAction",
  { range = range, context = { diagnostics = {} } })[1]
vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
wait(function()
  for _, d in ipairs(vim.diagnostic.get(0)) do
    if d.severity == 1 then return false end
  end
  return true
end)
local left = 0
for _, d in ipairs(vim.diagnostic.get(0)) do
  if d.severity == 1 then left = left + 1 end
end
io.stdout:write(vim.fn.json_encode({ findings = got, left = left,
  hover = hover.contents.value, items = #items,
  lines = vim.api.nvim_buf_get_lines(0, 0, -1, false) }))
vim.cmd("qa!")
'''


class Editors(CommandTest):
    def test_every_editor_has_a_page_that_the_list_names(self):
        page = read(os.path.join(EDITORS, "README.md"))
        for name in os.listdir(EDITORS):
            if os.path.isdir(os.path.join(EDITORS, name)):
                self.assertIn("(%s/README.md)" % name, page)
                readme = read(os.path.join(EDITORS, name, "README.md"))
                for file in os.listdir(os.path.join(EDITORS, name)):
                    if file.endswith((".lua", ".vim", ".el", ".toml")):
                        self.assertIn(file, readme)

    def test_files_are_well_formed(self):
        kate = os.path.join(EDITORS, "kate")
        xml.etree.ElementTree.parse(os.path.join(kate, "maapolicy.xml"))
        settings = json.loads(read(os.path.join(kate, "settings.json")))
        self.assertEqual(["maapol", "lsp"],
                         settings["servers"]["maapolicy"]["command"])

    @unittest.skipUnless(shutil.which("nvim"), "there is no nvim")
    def test_neovim(self):
        self.write("a.maapolicy", BAD)
        self.write("script.lua", SCRIPT)
        plugin = os.path.join(EDITORS, "neovim", "maapolicy.lua")
        env = environment({"HOME": self.directory, "PATH": BUILD + ":" +
                           os.environ["PATH"]})
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            env["XDG_%s_HOME" % name] = self.directory
        result = subprocess.run(
            ["nvim", "--headless", "-u", plugin, "a.maapolicy", "-c",
             "luafile script.lua"], cwd=self.directory, env=env, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        output = result.stdout.decode()
        self.assertIn("{", output, result.stderr.decode())
        got = json.loads(output[output.index("{"):])
        self.assertIn(["P002", 4, 7], got["findings"])
        self.assertIn("Integer", got["hover"])
        self.assertGreater(got["items"], 10)
        self.assertEqual('  [type=="x-ms-sgx-svn"] => permit();',
                         got["lines"][4])
        self.assertEqual(0, got["left"])


if __name__ == "__main__":
    unittest.main()
