-- SPDX-License-Identifier: Apache-2.0
-- Copy to ~/.config/nvim/plugin/maapolicy.lua. Neovim 0.7 and later.
local client

-- One server for all policies, their tests and configurations.
local function attach(buffer)
  if client == nil then
    client = vim.lsp.start_client({
      name = "maapol",
      cmd = { "maapol", "lsp" },
      root_dir = vim.fn.getcwd(),
      on_exit = function() client = nil end,
    })
  end
  if client then vim.lsp.buf_attach_client(buffer, client) end
end

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = { "*.maapolicy", "*.policy" },
  callback = function() vim.bo.filetype = "maapolicy" end,
})
vim.api.nvim_create_autocmd("FileType", {
  pattern = "maapolicy",
  callback = function(event)
    vim.bo[event.buf].commentstring = "// %s"
    vim.bo[event.buf].omnifunc = "v:lua.vim.lsp.omnifunc"
    attach(event.buf)
  end,
})
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = { "*.maatest.json", ".maapol.json" },
  callback = function(event) attach(event.buf) end,
})
