" SPDX-License-Identifier: Apache-2.0
" Needs the plugin vim-lsp. Copy to ~/.vim/plugin/maapolicy.vim.
autocmd BufRead,BufNewFile *.maapolicy,*.policy setfiletype maapolicy
autocmd FileType maapolicy setlocal commentstring=//\ %s
autocmd User lsp_setup call lsp#register_server({
      \ 'name': 'maapol',
      \ 'cmd': {info -> ['maapol', 'lsp']},
      \ 'allowlist': ['maapolicy'],
      \ })
