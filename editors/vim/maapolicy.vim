" SPDX-License-Identifier: Apache-2.0
" Attestation policies in Vim and Neovim: file type, colours, and the language
" server by the plugin vim-lsp or ALE. Copy to ~/.vim/plugin/maapolicy.vim.
autocmd BufRead,BufNewFile *.maapolicy,*.policy setfiletype maapolicy
autocmd FileType maapolicy setlocal commentstring=//\ %s
autocmd FileType maapolicy call s:colour()

function! s:colour() abort
  syntax clear
  syntax case ignore
  syntax keyword maapolicySection version configurationrules
  syntax keyword maapolicySection authorizationrules issuancerules
  syntax case match
  syntax match maapolicyAction /\<\(permit\|deny\|add\)\>\ze\s*(/
  syntax match maapolicyAction /\<issue\(property\)\?\>\ze\s*(/
  syntax match maapolicyVariable /\<\h\w*\>\ze\s*[:.]/
  syntax keyword maapolicyFunction JmesPath JsonToClaimValue IsSubsetOf
  syntax keyword maapolicyFunction AppendString NegateBool ContainsOnlyValue
  syntax keyword maapolicyBoolean true false
  syntax keyword maapolicyProperty type value valueType issuer claim
  syntax match maapolicyNumber /-\?\<\(0x\x\+\|\d\+\(\.\d\+\)\?\)\>/
  syntax region maapolicyString start=/"/ skip=/\\./ end=/"/
        \ contains=maapolicyEscape
  syntax match maapolicyEscape /\\\(["\\\/bfnrt]\|u\x\{4}\)/ contained
  syntax match maapolicyComment /\/\/.*/
  syntax region maapolicyComment start=/\/\*/ end=/\*\//
  highlight default link maapolicySection Keyword
  highlight default link maapolicyAction Statement
  highlight default link maapolicyVariable Identifier
  highlight default link maapolicyFunction Function
  highlight default link maapolicyBoolean Boolean
  highlight default link maapolicyProperty Type
  highlight default link maapolicyNumber Number
  highlight default link maapolicyString String
  highlight default link maapolicyEscape SpecialChar
  highlight default link maapolicyComment Comment
endfunction

autocmd User lsp_setup call lsp#register_server({
      \ 'name': 'maapol',
      \ 'cmd': {info -> ['maapol', 'lsp']},
      \ 'allowlist': ['maapolicy'],
      \ })

function! s:ale() abort
  if exists('g:loaded_ale')
    call ale#linter#Define('maapolicy', {
          \ 'name': 'maapol',
          \ 'lsp': 'stdio',
          \ 'executable': 'maapol',
          \ 'command': '%e lsp',
          \ 'project_root': {buffer -> fnamemodify(bufname(buffer), ':p:h')},
          \ })
  endif
endfunction
autocmd VimEnter * call s:ale()
