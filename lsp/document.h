/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that an editor has open, and what is known of each. */
#ifndef LSP_DOCUMENT_H
#define LSP_DOCUMENT_H

#include "compiler/levels.h"
#include "compiler/lint.h"
#include "lsp/position.h"
#include "lsp/tokens.h"

/* What configuration says of a document. */
typedef struct document_settings {
  attestation_type type; /* UNKNOWN: nothing is said */
  size_t width;          /* of lines; 0: nothing is said */
  lint_levels levels;
  const char *problem; /* the configuration is not valid; NULL: all is well */
} document_settings;

/* The text and all that was made of it. What follows edits lives in `kept`,
 * what is made anew of each text in `memory`. */
typedef struct document_state {
  arena memory, kept;
  arena texts[2];
  bool text_at; /* which of them has the text */
  char *room;     /* for the text, which is edited where it lies */
  size_t capacity;
  slice text; /* a NUL stands behind it */
  line_index lines;
  ast_policy *tree; /* NULL: the text has to be parsed */
  diagnostics parsed; /* what the parser found in it */
  size_t kept_least;  /* size of `kept` when all of it was in use */
  policy *policy;     /* NULL: not looked at yet */
  word_tokens tokens;
  bool has_tokens;
} document_state;

typedef struct document {
  struct documents *all;
  struct document *newer, *older; /* of those that something is known of */
  slice uri; /* empty: the place is free */
  slice path; /* of a file: URI, with a NUL behind it; else empty */
  arena identity; /* for both */
  document_state state;
  document_state *now; /* &state */
  int64_t version;
  uint64_t revision; /* another for each text that the server ever had */
  uint64_t analyses; /* times that `policy` was made: what points into it
                        holds for one of them */
  document_settings settings;
  /* The semantic tokens that were sent last, to tell what changed. */
  arena sent_memory;
  const uint32_t *sent;
  size_t sent_count;
  uint64_t sent_id;
} document;

typedef struct documents {
  arena *arena;
  document **items; /* closed ones are used again */
  size_t count, capacity, open;
  document *recent; /* what was asked about last; the others are older */
  uint64_t revision;
} documents;

/* The document of that URI, or NULL. */
document *documents_find(const documents *all, slice uri);

/* Opens a document, or gives an open one another text. NULL: there are
 * LIMIT_LSP_DOCUMENTS already. guard: where failed allocations jump to. */
document *documents_open(documents *all, slice uri, slice text,
                         jmp_buf *guard);
void documents_close(documents *all, document *d);

/* Whether an allocation failed, so that nothing of the document can be relied
 * on. */
bool document_failed(const document *d);

void documents_free(documents *all);

/* Replaces the bytes of `where`. False: the text would grow beyond
 * LIMIT_POLICY_BYTES. */
bool document_edit(documents *all, document *d, span where, slice text,
                   jmp_buf *guard);
bool document_set_text(documents *all, document *d, slice text,
                       jmp_buf *guard);

/* After a change of the settings. */
void document_judge_again(document *d);

/* Forgets all but the text: it is found out again when somebody asks. Nothing
 * that the functions below gave may be in use. */
void document_forget(document *d);

/* Forgets documents that nobody asked about for longest until what is known of
 * all takes at most bytes_max; never the one that was asked about last,
 * however large: somebody types there. */
void documents_trim(documents *all, size_t bytes_max);

/* Compiled and linted, once for each text. */
policy *document_policy(document *d);
const word_tokens *document_tokens(document *d);

/* Of the directive in the text, else of the configuration. */
attestation_type document_type(document *d);

/* Whether positions of findings are those of the document: not if the policy
 * stands inside of a token. */
bool document_is_plain(document *d);

/* The path of a file: URI (RFC 8089), percent-decoded; empty if it is none. */
slice uri_path(arena *a, slice uri);

#endif
