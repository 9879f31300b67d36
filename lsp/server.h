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

/* A program for the host to run: this one, with a verb and its options. */
typedef struct lsp_order {
  uint64_t id;
  const char *const *words; /* a verb first; ends with NULL */
  slice input;              /* of its standard input */
} lsp_order;

typedef enum lsp_job_status {
  LSP_JOB_ENDED,     /* by itself, with an exit status */
  LSP_JOB_FAILED,    /* it could not be started, or a signal ended it */
  LSP_JOB_TOO_LONG,  /* over LIMIT_LSP_JOB_SECONDS */
  LSP_JOB_TOO_LARGE, /* it wrote more than LIMIT_LSP_JOB_BYTES */
  LSP_JOB_STOPPED    /* its request was cancelled, its document closed, ... */
} lsp_job_status;

/* Files that configuration names, from its folder. */
typedef struct lsp_named_files {
  const char *folder; /* resolved */
  const slice *items;
  size_t count;
} lsp_named_files;

typedef struct lsp_host {
  void *context;
  /* Takes one message, without its header. */
  void (*send)(void *context, slice message);
  /* What configuration says of the file at `path` (never empty); NULL: nothing
   * is ever said. What *settings points to must stay. */
  void (*settings)(void *context, const char *path,
                   document_settings *settings);
  /* The samples that configuration names for the policy at `path`, in the
   * arena; NULL: it names none. */
  void (*samples)(void *context, arena *a, const char *path,
                  lsp_named_files *files);
  /* Whether the client took that request back meanwhile; NULL: never. */
  bool (*is_cancelled)(void *context, const value *id);
  /* Starts a program without waiting for it. False: it cannot be. Its end is
   * told by lsp_server_job_ended, after this has returned. The order lasts for
   * the call. NULL: nothing can be started. */
  bool (*start_job)(void *context, const lsp_order *order);
  /* Ends it; no end of that job need be told any more. */
  void (*stop_job)(void *context, uint64_t id);
  /* The process that the client names as its own: the server is to end when
   * that is gone. NULL: nobody looks. */
  void (*watch_process)(void *context, int64_t process);
  /* Seconds since 1970; NULL: by the clock of the machine. For tests. */
  int64_t (*now)(void *context);
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

/* A program that start_job was asked for has ended; exit_status counts for
 * LSP_JOB_ENDED. The texts must stay for the call. */
void lsp_server_job_ended(lsp_server *s, uint64_t id, lsp_job_status status,
                          int exit_status, slice output, slice errors);

/* Does a millisecond of what can wait: call it when no message does. False:
 * nothing is left. */
bool lsp_server_idle(lsp_server *s);

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
  LSP_CONTENT_MODIFIED = -32801,
  LSP_REQUEST_FAILED = -32803
};

/* What the client takes, of the features of the language: abilities.c. */
typedef struct lsp_language {
  bool takes_snippets;
  bool takes_commit_characters;
  bool shows_disabled; /* actions that cannot be done, and why */
  bool resolves_edits; /* of actions */
  bool creates_files;  /* by workspace edits */
} lsp_language;

/* What the client says it can do: capabilities.c reads it. */
typedef struct lsp_abilities {
  bool applies_edits;     /* workspace/applyEdit */
  bool watches_files;     /* client/registerCapability of watched files */
  bool shows_progress;    /* that the server begins */
  bool refreshes_lenses, refreshes_hints, refreshes_tokens,
      refreshes_diagnostics;
} lsp_abilities;

/* What the user wants to see or to allow: commands.c reads it. */
typedef struct lsp_wishes {
  bool no_type_hints, no_match_hints, no_lenses;
  bool is_untrusted; /* the workspace: nothing is signed, run or written */
} lsp_wishes;

typedef struct lsp_task lsp_task;
typedef bool (*lsp_idle_step)(lsp_server *s);

enum { LSP_IDLE_STEPS = 16 };

struct lsp_server {
  arena *arena; /* of the host; better an arena of your own */
  const lsp_host *host;
  /* Where every arena of the server jumps to when memory runs out: give yours
   * `guard = &s->failure` once and for all. */
  jmp_buf failure;
  arena scratch; /* of the present message, answer, end of a job, idle step */
  documents documents;
  struct documents decoded; /* decoded.c: the one that was asked for last */
  position_encoding encoding;
  position_memo memo; /* of the present message */
  bool is_initialized, is_shut_down, is_over;
  bool pulls_diagnostics; /* the client asks, so that nothing is pushed */
  bool shows_related;     /* places of findings */
  lsp_language language;
  bool creates_literals;  /* it knows CodeAction; else none are offered */
  lsp_abilities client;
  /* tasks.c: what was asked of others, and what is to be answered later. */
  lsp_task *tasks, *ended;
  arena task_memory; /* of the one that is being made */
  uint64_t last_task;
  lsp_idle_step idle_steps[LSP_IDLE_STEPS];
  size_t idle_count, idle_next;
  /* State of features, one pointer each; NULL until it is needed. */
  struct lsp_workspace *workspace;
  struct lsp_samples *samples;
  struct lsp_evidence *evidence;
  struct lsp_test_results *test_results;
  lsp_wishes wishes;
};

/* One request while it is answered. */
typedef struct lsp_request {
  lsp_server *server;
  arena *arena; /* for the answer */
  const value *params;
  document *document; /* if the method is about one */
  uint32_t offset;    /* of `position`, if it has one */
  const value *id;
  bool is_later; /* it is answered later: see lsp_later */
  int error;          /* 0, or a code, and why */
  const char *why;
} lsp_request;

typedef value (*lsp_handler)(lsp_request *r);

void lsp_notify(lsp_server *s, const char *method, value params);
/* In the editor's log: 1 is an error, 2 a warning, 3 information. */
void lsp_log(lsp_server *s, int kind, const char *text);

/* --- questions to the client ---------------------------------------------- */

/* What became of a question. */
typedef struct lsp_answer {
  const value *result; /* NULL: the client refused */
  int error;           /* its code, else 0 */
  slice why;
  const value *keep; /* as it was given to lsp_ask */
} lsp_answer;

typedef void (*lsp_on_answer)(lsp_server *s, const lsp_answer *answer);

/* Asks the client; on_answer (or NULL) is called when it answers, with a copy
 * of `keep`. False, and nothing is asked, if the client has not said that it
 * knows the method: workspace/applyEdit, client/registerCapability,
 * window/workDoneProgress/create, workspace/{codeLens,inlayHint,
 * semanticTokens,diagnostic}/refresh. */
bool lsp_ask(lsp_server *s, const char *method, value params,
             lsp_on_answer on_answer, value keep);

/* --- answers that come later ---------------------------------------------- */

/* Called by a handler (which then returns anything): the request is answered
 * by lsp_answer_later or lsp_refuse_later with the number that this gives. If
 * the client cancels it meanwhile (the request, or its progress), it is
 * answered with LSP_REQUEST_CANCELLED, its jobs are stopped, and later calls
 * with the number do nothing. */
uint64_t lsp_later(lsp_request *r);
bool lsp_is_awaited(const lsp_server *s, uint64_t later);
void lsp_answer_later(lsp_server *s, uint64_t later, value result);
void lsp_refuse_later(lsp_server *s, uint64_t later, int code,
                      const char *why);

/* --- progress ------------------------------------------------------------- */

/* "$/progress" of a request that is answered later, if its parameters have a
 * workDoneToken; the end is told with the answer. percent: 0 to 100, or -1. */
void lsp_progress(lsp_server *s, uint64_t later, const char *title,
                  const char *message, int percent);
/* Part of its result, if it has a partialResultToken; else false. */
bool lsp_partial_later(lsp_server *s, uint64_t later, value part);

/* --- jobs ----------------------------------------------------------------- */

typedef struct lsp_job_result lsp_job_result;

/* A verb of maapol that is run as a process of its own: what needs
 * cryptography or takes long. */
typedef struct lsp_job {
  const char *const *words; /* {"test", "--format", "json", path, NULL} */
  slice input;              /* of its standard input */
  slice uri;      /* a document whose closing stops it; empty: none */
  uint64_t later; /* the request that waits for it; 0: none */
  void (*on_end)(lsp_server *s, const lsp_job_result *result);
  value keep; /* handed to on_end */
} lsp_job;

struct lsp_job_result {
  uint64_t id;
  lsp_job_status status;
  int exit_status; /* of LSP_JOB_ENDED: that of the verb, 0 to 4 */
  slice output, errors;
  const char *why; /* words for any other status, else NULL */
  slice uri;
  uint64_t later;
  const value *keep;
};

/* Everything in *job is copied. LIMIT_LSP_JOBS run at once, the others wait;
 * of more than LIMIT_LSP_WAITING the last fails. on_end is called once,
 * whatever happens (but not when the server ends), and never before this
 * returns. The number is never 0. */
uint64_t lsp_start_job(lsp_server *s, const lsp_job *job);
/* on_end is told LSP_JOB_STOPPED after the present message. */
void lsp_stop_job(lsp_server *s, uint64_t id);

/* --- what can wait -------------------------------------------------------- */

/* `step` is called when no message waits, again and again until it returns
 * false (nothing is left). A call takes at most a millisecond. Asking twice is
 * as once. */
void lsp_when_idle(lsp_server *s, lsp_idle_step step);

/* --- features that live longer than a request ----------------------------- */

typedef enum lsp_file_change {
  LSP_FILE_CREATED = 1,
  LSP_FILE_CHANGED,
  LSP_FILE_DELETED
} lsp_file_change;

/* What is told to a feature; any may be NULL. A row in features.c. */
typedef struct lsp_feature {
  void (*started)(lsp_server *s); /* `initialized` came */
  void (*opened)(lsp_server *s, document *d);
  void (*changed)(lsp_server *s, document *d);
  void (*closed)(lsp_server *s, slice uri); /* it is closed already */
  /* Another program changed a file that is watched. path: with a NUL behind
   * it; empty if the URI is of no file. */
  void (*file_changed)(lsp_server *s, slice uri, slice path,
                       lsp_file_change change);
  /* Settings of all documents may have changed (.maapol.json). */
  void (*configured)(lsp_server *s);
  /* Memory ran out: drop what may be half made, and answer nothing. */
  void (*failed)(lsp_server *s);
  void (*freed)(lsp_server *s);
} lsp_feature;

extern const lsp_feature *const lsp_features[]; /* ends with NULL */

/* --- parameters and results ----------------------------------------------- */

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
void lsp_open_reports(const lsp_request *r, array_builder *list);
/* workspace_answers.c */
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
/* on_type.c, links.c */
value lsp_on_type(lsp_request *r);
value lsp_links(lsp_request *r);
/* outline.c */
value lsp_symbols(lsp_request *r);
value lsp_workspace_symbols(lsp_request *r);
enum { LSP_SYMBOLS_MAX = 1000 }; /* in one answer */
void lsp_claims_made(const lsp_request *r, document *d, slice query,
                     array_builder *list);
bool lsp_holds(slice text, slice part); /* whatever the case */
value lsp_folding(lsp_request *r);
value lsp_selection(lsp_request *r);
/* semantic.c */
value lsp_semantic_legend(arena *a);
value lsp_semantic_full(lsp_request *r);
value lsp_semantic_range(lsp_request *r);
value lsp_semantic_delta(lsp_request *r);

/* lenses.c, inlay.c, commands.c */
value lsp_code_lenses(lsp_request *r);
value lsp_inlay_hints(lsp_request *r);
value lsp_execute(lsp_request *r);
value lsp_command_options(arena *a);
/* initializationOptions, or the section "maapol" of the client's settings. */
void lsp_read_wishes(lsp_server *s, const value *options);
/* abilities.c */
void lsp_language_read(lsp_server *s, const value *capabilities);

/* tasks.c, for server.c */
void lsp_task_answered(lsp_server *s, const value *message);
void lsp_task_cancel(lsp_server *s, const value *id);
void lsp_task_cancel_progress(lsp_server *s, const value *token);
void lsp_tasks_of_document(lsp_server *s, slice uri); /* it is closed */
void lsp_task_job_ended(lsp_server *s, uint64_t id, lsp_job_result *result);
void lsp_tasks_settle(lsp_server *s); /* after each message */
void lsp_tasks_refuse_ended(lsp_server *s);
void lsp_tasks_stop(lsp_server *s); /* all of them */
void lsp_tasks_free_ended(lsp_server *s);
void lsp_tasks_free(lsp_server *s);
void lsp_respond(lsp_server *s, const value *id, value result);
void lsp_fail(lsp_server *s, const value *id, int code, const char *why);
void lsp_send_question(lsp_server *s, uint64_t id, const char *name,
                       value params);
/* capabilities.c: whether the client knows that method of the server's. */
bool lsp_client_knows(const lsp_server *s, const char *method);
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
