;;; maapolicy.el --- Attestation policies  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: Apache-2.0
;; Package-Requires: ((emacs "26.3") (eglot "1.9"))
;;; Commentary:
;; Colours and the language server of attestation policies.  Needs eglot,
;; which Emacs 29 has; an older one gets it as a package.
;;; Code:
(require 'eglot)

(defgroup maapolicy nil "Attestation policies." :group 'languages)
(defcustom maapolicy-program "maapol"
  "The program maapol."
  :type 'string)

(defconst maapolicy-keywords
  `((,(regexp-opt '("version" "configurationrules" "authorizationrules"
                    "issuancerules") 'symbols) . font-lock-keyword-face)
    (,(concat "=>[ \t\n]*"
              (regexp-opt '("permit" "deny" "add" "issue" "issueproperty")
                          'symbols))
     1 font-lock-builtin-face)
    (,(regexp-opt '("JmesPath" "JsonToClaimValue" "IsSubsetOf" "AppendString"
                    "NegateBool" "ContainsOnlyValue") 'symbols)
     . font-lock-function-name-face)
    (,(regexp-opt '("true" "false") 'symbols) . font-lock-constant-face)
    ("\\_<\\([A-Za-z_][A-Za-z0-9_]*\\)[ \t]*[:.]"
     1 font-lock-variable-name-face)
    (,(regexp-opt '("type" "value" "valueType" "issuer" "claim") 'symbols)
     . font-lock-type-face)))

;;;###autoload
(define-derived-mode maapolicy-mode prog-mode "MAA policy"
  "Major mode for attestation policies."
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "//+[ \t]*\\|/\\*+[ \t]*")
  (setq-local font-lock-defaults '(maapolicy-keywords))
  (modify-syntax-entry ?/ ". 124b" maapolicy-mode-syntax-table)
  (modify-syntax-entry ?* ". 23" maapolicy-mode-syntax-table)
  (modify-syntax-entry ?\n "> b" maapolicy-mode-syntax-table))

;;;###autoload
(add-to-list 'auto-mode-alist
             '("\\.\\(maapolicy\\|policy\\)\\'" . maapolicy-mode))
(add-to-list 'eglot-server-programs
             `(maapolicy-mode . ,(lambda (&rest _)
                                   (list maapolicy-program "lsp"))))
(add-hook 'maapolicy-mode-hook #'eglot-ensure)

(provide 'maapolicy)
;;; maapolicy.el ends here
