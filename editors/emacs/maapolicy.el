;;; maapolicy.el --- Attestation policies  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: Apache-2.0
;; Needs eglot, which Emacs 29 has.
(define-derived-mode maapolicy-mode prog-mode "MAA policy"
  "Major mode for attestation policies."
  (setq-local comment-start "// ")
  (modify-syntax-entry ?/ ". 124" maapolicy-mode-syntax-table)
  (modify-syntax-entry ?* ". 23b" maapolicy-mode-syntax-table)
  (modify-syntax-entry ?\n ">" maapolicy-mode-syntax-table))
(add-to-list 'auto-mode-alist '("\\.\\(maapolicy\\|policy\\)\\'" . maapolicy-mode))
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(maapolicy-mode "maapol" "lsp")))
(add-hook 'maapolicy-mode-hook #'eglot-ensure)
(provide 'maapolicy)
;;; maapolicy.el ends here
