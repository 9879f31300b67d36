/* SPDX-License-Identifier: Apache-2.0 */
/* Every code of a finding: CODE(id, severity, fix, name). The page of a code
 * is docs/rules/ID.md. Codes never change meaning.
 * severity: what it is unless configured; fix: SAFE, UNSAFE, NONE. */
#ifndef BASE_CODES_H
#define BASE_CODES_H

#define DIAGNOSTIC_CODES(CODE)                                 \
  CODE(P001, ERROR, NONE, "unexpected-token")                  \
  CODE(P002, ERROR, SAFE, "assignment-in-condition")           \
  CODE(P003, ERROR, SAFE, "typographic-quote")                 \
  CODE(P004, ERROR, SAFE, "missing-semicolon")                 \
  CODE(P005, ERROR, SAFE, "missing-arrow")                     \
  CODE(P006, ERROR, SAFE, "unknown-section")                   \
  CODE(P007, ERROR, UNSAFE, "unknown-action")                  \
  CODE(P008, ERROR, SAFE, "section-assignment")                \
  CODE(P009, ERROR, SAFE, "positional-claim-argument")         \
  CODE(P010, ERROR, NONE, "unterminated-string")               \
  CODE(P011, ERROR, NONE, "invalid-escape")                    \
  CODE(P012, ERROR, NONE, "integer-out-of-range")              \
  CODE(P013, ERROR, NONE, "invalid-utf8")                      \
  CODE(P014, ERROR, NONE, "control-character")                 \
  CODE(P015, ERROR, NONE, "unquoted-placeholder")              \
  CODE(P016, ERROR, UNSAFE, "escaped-text")                    \
  CODE(P017, ERROR, NONE, "not-policy-text")                   \
  CODE(P018, ERROR, NONE, "limit-exceeded")                    \
  CODE(P019, ERROR, NONE, "wrapped-wrongly")                   \
  CODE(P020, ERROR, SAFE, "byte-order-mark")                   \
  CODE(S001, ERROR, NONE, "missing-version")                   \
  CODE(S002, ERROR, NONE, "unknown-version")                   \
  CODE(S003, ERROR, NONE, "section-needs-version")             \
  CODE(S004, ERROR, NONE, "function-needs-version")            \
  CODE(S005, ERROR, NONE, "negation-needs-version")            \
  CODE(S006, WARNING, NONE, "section-order")                   \
  CODE(S007, ERROR, NONE, "action-not-allowed-here")           \
  CODE(S008, ERROR, SAFE, "unknown-function")                  \
  CODE(S009, ERROR, NONE, "wrong-argument-count")              \
  CODE(S010, ERROR, NONE, "wrong-argument-type")               \
  CODE(S011, ERROR, NONE, "unbound-identifier")                \
  CODE(S012, WARNING, NONE, "identifier-bound-twice")          \
  CODE(S013, WARNING, NONE, "identifier-in-negated-condition") \
  CODE(S014, ERROR, NONE, "unknown-property")                  \
  CODE(S015, ERROR, NONE, "operator-needs-integer")            \
  CODE(S016, ERROR, NONE, "literal-type-mismatch")             \
  CODE(S017, ERROR, NONE, "missing-type-or-value")             \
  CODE(S018, ERROR, NONE, "argument-to-permit-or-deny")        \
  CODE(S019, ERROR, NONE, "invalid-jmespath")                  \
  CODE(S020, ERROR, NONE, "issue-of-read-only")                \
  CODE(S021, WARNING, NONE, "unknown-issuer")                  \
  CODE(S022, WARNING, NONE, "unknown-configuration-property")  \
  CODE(S023, ERROR, NONE, "configuration-value-type")          \
  CODE(S024, ERROR, NONE, "value-out-of-range")                \
  CODE(S025, WARNING, NONE, "condition-in-configurationrules") \
  CODE(C101, WARNING, NONE, "unknown-claim")                   \
  CODE(C102, WARNING, NONE, "claim-of-other-type")             \
  CODE(C103, WARNING, SAFE, "deprecated-claim")                \
  CODE(C104, WARNING, NONE, "value-type-mismatch")             \
  CODE(C105, WARNING, NONE, "hex-length")                      \
  CODE(C106, WARNING, UNSAFE, "hex-case")                      \
  CODE(C107, WARNING, NONE, "unknown-value")                   \
  CODE(C108, WARNING, NONE, "reserved-claim-name")             \
  CODE(C109, WARNING, NONE, "wrong-issuer")                    \
  CODE(C110, WARNING, NONE, "multi-valued-comparison")         \
  CODE(L201, WARNING, NONE, "never-permits")                   \
  CODE(L202, WARNING, NONE, "always-permits")                  \
  CODE(L203, WARNING, NONE, "unreachable-rule")                \
  CODE(L204, WARNING, NONE, "shadowed-by-deny")                \
  CODE(L205, WARNING, NONE, "duplicate-rule")                  \
  CODE(L206, WARNING, NONE, "subsumed-rule")                   \
  CODE(L207, WARNING, NONE, "added-claim-never-read")          \
  CODE(L208, WARNING, NONE, "claim-read-before-added")         \
  CODE(L209, INFO, SAFE, "unused-identifier")                  \
  CODE(L210, WARNING, NONE, "gate-in-issuancerules")           \
  CODE(L211, WARNING, NONE, "jmespath-type-trap")              \
  CODE(L212, WARNING, NONE, "jmespath-raw-string-space")       \
  CODE(L213, WARNING, NONE, "jmespath-unknown-root")           \
  CODE(L214, WARNING, NONE, "constant-condition")              \
  CODE(L215, WARNING, NONE, "issue-same-claim-twice")          \
  CODE(L216, WARNING, NONE, "jmespath-constant")               \
  CODE(L217, WARNING, NONE, "deny-slips-by-type")              \
  CODE(X301, WARNING, NONE, "debuggable-allowed")              \
  CODE(X302, WARNING, NONE, "no-identity-pin")                 \
  CODE(X303, WARNING, NONE, "no-svn-floor")                    \
  CODE(X304, WARNING, NONE, "secure-boot-not-required")        \
  CODE(X305, WARNING, NONE, "placeholder-measurement")         \
  CODE(X306, WARNING, NONE, "aik-not-validated")               \
  CODE(F401, INFO, SAFE, "keyword-case")                       \
  CODE(F402, INFO, SAFE, "redundant-empty-section")            \
  CODE(F403, INFO, SAFE, "trailing-whitespace")                \
  CODE(F404, INFO, SAFE, "needs-format")                       \
  CODE(F405, WARNING, SAFE, "unused-suppression")              \
  CODE(F406, WARNING, NONE, "invalid-suppression")             \
  CODE(F407, WARNING, NONE, "unknown-directive")

typedef enum diagnostic_code {
#define CODE(id, severity, fix, name) CODE_##id,
  DIAGNOSTIC_CODES(CODE)
#undef CODE
      CODE_COUNT
} diagnostic_code;

#endif
