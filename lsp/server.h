/* SPDX-License-Identifier: Apache-2.0 */
/* The language server: takes messages, answers them.
 *
 *   lsp_host host = {.send = my_send, .context = me};
 *   lsp_server *s = lsp_server_new(a, &host);
 *   while (!lsp_server_is_over(s))
 *     lsp_server_receive(s, next_message());
 *   status = lsp_server_status(s);
 *   lsp_server_free(s);
 *
 * Source: Language Server Protocol 3.17, JSON-RPC 2.0. */
#ifndef LSP_SERVER_H
#define LSP_SERVER_H

#include "base/value.h"
#include "lsp/document.h"

typedef struct lsp_server lsp_server;

typedef struct lsp_host {
  void *context;
  /* Takes one message, without its header. */
  void (*send)(void *context, slice message);
  /* What configuration says of the file at `path` (never empty); NULL: nothing
   * is ever said. What *settings points to must stay. */
  void (*settings)(void *context, const char *path,
                   document_settings *settings);
  /* Whether the client took that request back meanwhile; NULL: never. */
  bool (*is_cancelled)(void *context, const value *id);
  const char *version;   /* of the program */
  const char *rules_url; /* CODE.md is appended; NULL: no links */
} lsp_host;

/* The host must stay. */
lsp_server *lsp_server_new(arena *a, const lsp_host *host);
void lsp_server_free(lsp_server *s);

/* Handles one message, whatever it is. The text must stay for the call. */
void lsp_server_receive(lsp_server *s, slice message);

/* A message that could not be taken out of the stream. */
void lsp_server_bad_frame(lsp_server *s, const char *why);

/* `exit` came. The status is 0 if `shutdown` came before or nothing was ever
 * begun, else 1. */
bool lsp_server_is_over(const lsp_server *s);
int lsp_server_status(const lsp_server *s);

/* The text of an open document as the server has it; NULL data: not open. For
 * tests. */
slice lsp_server_text(const lsp_server *s, slice uri);

/* --- for the features ----------------------------------------------------- */

enum {
  LSP_PARSE_ERROR = -32700,
  LSP_INVALID_REQUEST = -32600,
  LSP_METHOD_NOT_FOUND = -32601,
  LSP_INVALID_PARAMS = -32602,
  LSP_INTERNAL_ERROR = -32603,
  LSP_NOT_INITIALIZED = -32002,
  LSP_REQUEST_CANCELLED = -32800,
  LSP_REQUEST_FAILED = -32803
};

struct lsp_server {
  arena *arena;
  const lsp_host *host;
  arena scratch; /* of the present message */
  documents documents;
  position_encoding encoding;
  position_memo memo; /* of the present message */
  bool is_initialized, is_shut_down, is_over;
  bool pulls_diagnostics; /* the client asks, so that nothing is pushed */
  bool shows_related;     /* places of findings */
  bool creates_literals;  /* it knows CodeAction; else none are offered */
};

/* One request while it is answered. */
typedef struct lsp_request {
  lsp_server *server;
  arena *arena; /* for the answer */
  const value *params;
  document *document; /* if the method is about one */
  uint32_t offset;    /* of `position`, if it has one */
  int error;          /* 0, or a code, and why */
  const char *why;
} lsp_request;

typedef value (*lsp_handler)(lsp_request *r);

void lsp_notify(lsp_server *s, const char *method, value params);

value lsp_position(const lsp_request *r, const document *d, uint32_t offset);
value lsp_range(const lsp_request *r, const document *d, span where);
value lsp_location(const lsp_request *r, const document *d, span where);
/* {range, newText} */
value lsp_edit(const lsp_request *r, span where, slice text);
/* {changes: {uri: edits}} */
value lsp_workspace_edit(const lsp_request *r, value edits);
/* {kind: "markdown", value} */
value lsp_markdown(arena *a, slice text);

/* Members of the parameters. False, empty or 0 if they are not as they should
 * be. */
bool lsp_read_place(const value *v, editor_place *place);
bool lsp_read_range(const lsp_request *r, const value *v, span *where);
slice lsp_text_member(const value *object, const char *name);
const value *lsp_at(const value *object, const char *first,
                    const char *second);

/* Says why the request cannot be answered; the answer is an error. */
value lsp_refuse(lsp_request *r, int code, const char *why);

/* diagnostics.c */
void lsp_publish(lsp_server *s, document *d);
void lsp_publish_nothing(lsp_server *s, slice uri);
value lsp_finding(const lsp_request *r, document *d, const diagnostic *f);
value lsp_pull(lsp_request *r);
value lsp_pull_workspace(lsp_request *r);
/* edits.c */
value lsp_format(lsp_request *r);
value lsp_format_range(lsp_request *r);
/* actions.c */
value lsp_code_actions(lsp_request *r);
/* hover.c, signature.c, completion.c */
value lsp_hover(lsp_request *r);
value lsp_signature(lsp_request *r);
value lsp_complete(lsp_request *r);
value lsp_resolve(lsp_request *r);
/* names.c, rename.c */
value lsp_definition(lsp_request *r);
value lsp_references(lsp_request *r);
value lsp_highlight(lsp_request *r);
value lsp_prepare_rename(lsp_request *r);
value lsp_rename(lsp_request *r);
/* outline.c */
value lsp_symbols(lsp_request *r);
value lsp_workspace_symbols(lsp_request *r);
value lsp_folding(lsp_request *r);
value lsp_selection(lsp_request *r);
/* semantic.c */
value lsp_semantic_legend(arena *a);
value lsp_semantic_full(lsp_request *r);
value lsp_semantic_range(lsp_request *r);
value lsp_semantic_delta(lsp_request *r);

/* capabilities.c: the answer to `initialize`. */
value lsp_initialize(lsp_request *r);

/* Builders of JSON, short to write. */
static inline void set(object_builder *o, const char *name, value v) {
  object_set(o, slice_from(name), v);
}
static inline void set_text(object_builder *o, const char *name,
                            const char *text) {
  object_set(o, slice_from(name), value_text(slice_from(text)));
}
static inline void set_number(object_builder *o, const char *name,
                              int64_t number) {
  object_set(o, slice_from(name), value_integer(number));
}
static inline void set_flag(object_builder *o, const char *name, bool is_on) {
  object_set(o, slice_from(name), value_boolean(is_on));
}

#endif
