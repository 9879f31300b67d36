/* SPDX-License-Identifier: Apache-2.0 */
/* workspace/executeCommand. Every command takes one object; a member that it
 * does not know is an error, so that a misspelled one never does less or
 * more than was meant. */
#include <sys/stat.h>

#include "lsp/decision.h"
#include "lsp/json_document.h"
#include "lsp/language.h"

enum { WORDS_MAX = 24 };

typedef struct command {
  const char *name;
  value (*run)(lsp_request *r, const value *arguments);
  const char *members[10]; /* that it may be given */
  bool acts; /* it starts a program: not in a workspace without trust */
} command;

/* --- arguments ------------------------------------------------------------ */

static bool is_set(const value *arguments, const char *name) {
  const value *v = lsp_at(arguments, name, NULL);
  return v && v->kind == VALUE_BOOLEAN && v->boolean;
}

/* A text without NUL; NULL: there is none. */
static const char *word_of(const lsp_request *r, const value *arguments,
                           const char *name) {
  slice text = lsp_text_member(arguments, name);
  return text.length ? arena_string(r->arena, text) : NULL;
}

static value refuse(lsp_request *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static value refuse(lsp_request *r, const char *format, ...) {
  buffer message = buffer_in(r->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&message, format, arguments);
  va_end(arguments);
  return lsp_refuse(r, LSP_INVALID_PARAMS, buffer_slice(&message).data);
}

static document *open_of(lsp_request *r, const value *arguments) {
  document *d = documents_find(&r->server->documents,
                               lsp_text_member(arguments, "uri"));
  if (!d)
    refuse(r, "\"uri\" names no document that is open");
  return d;
}

/* --- maapol.evaluate ------------------------------------------------------ */

static void show(lsp_server *s, const value *result) {
  object_builder o = object_in(&s->scratch);
  slice page = lsp_text_member(result, "text");
  static const char fence[] = "```text\n";
  page.data += sizeof fence - 1;
  page.length -= 2 * (sizeof fence - 1) - 4;
  set_number(&o, "type", 3);
  set(&o, "message", value_text(page));
  lsp_notify(s, "window/showMessage", object_value(&o));
}

static value run_evaluate(lsp_request *r, const value *arguments) {
  document *d = open_of(r, arguments);
  if (!d)
    return value_null();
  slice name = lsp_text_member(arguments, "sample");
  evidence_retry(r->server);
  const sample_book *book = samples_decided(r->server, d);
  const sample_decision *found = samples_find(book, name);
  if (!found && name.length)
    return refuse(r, "the policy has no sample \"%.*s\"", SLICE_ARGS(name));
  if (!found)
    return refuse(r, "the policy has no samples: name one in a comment, "
                     "// maapol: sample=PATH");
  value result = decision_value(r->arena, book,
                                (size_t)(found - book->decisions));
  if (is_set(arguments, "show"))
    show(r->server, &result);
  return result;
}

/* --- maapol.test ---------------------------------------------------------- */

static value run_test(lsp_request *r, const value *arguments) {
  slice uri = lsp_text_member(arguments, "uri");
  document *d = documents_find(&r->server->documents, uri);
  slice path = uri_path(r->arena, uri);
  if (d && document_kind_of(d) == DOCUMENT_POLICY) {
    const sample_book *book = samples_of(r->server, d);
    if (!book || !book->suite_count)
      return refuse(r, "there is no suite NAME.maatest.json beside the policy");
    path = slice_from(book->suites[0]);
    uri = path_uri(r->arena, book->suites[0]);
  }
  if (!path.length)
    return refuse(r, "\"uri\" is not that of a file");
  suite_run_tests(r, uri, path, lsp_text_member(arguments, "test"),
                  is_set(arguments, "show"));
  return value_null();
}

/* --- maapol.hash, maapol.sign --------------------------------------------- */

static const char *said(lsp_server *s, const lsp_job_result *r) {
  slice text = r->errors;
  if (r->why)
    return r->why;
  while (text.length && text.data[text.length - 1] == '\n')
    text.length--;
  return text.length ? arena_string(&s->scratch, text)
                     : "the program said nothing";
}

static bool is_done(lsp_server *s, const lsp_job_result *r) {
  if (r->status == LSP_JOB_ENDED && r->exit_status == 0)
    return true;
  lsp_refuse_later(s, r->later, LSP_REQUEST_FAILED, said(s, r));
  return false;
}

static void hash_ended(lsp_server *s, const lsp_job_result *r) {
  value v;
  json_error error;
  if (!is_done(s, r))
    return;
  if (json_read(&s->scratch, r->output, 0, &v, &error))
    lsp_answer_later(s, r->later, v);
  else
    lsp_refuse_later(s, r->later, LSP_INTERNAL_ERROR, error.message);
}

static value start(lsp_request *r, const char *const *words, slice input,
                   void (*on_end)(lsp_server *, const lsp_job_result *),
                   value keep) {
  lsp_job job = {.words = words,
                 .input = input,
                 .later = lsp_later(r),
                 .on_end = on_end,
                 .keep = keep};
  lsp_start_job(r->server, &job);
  return value_null();
}

static value run_hash(lsp_request *r, const value *arguments) {
  static const char *const words[] = {"hash", "-", NULL};
  document *d = open_of(r, arguments);
  if (!d)
    return value_null();
  return start(r, words, d->now->text, hash_ended, value_null());
}

/* {"token"} or {"output"} */
static void sign_ended(lsp_server *s, const lsp_job_result *r) {
  if (!is_done(s, r))
    return;
  object_builder o = object_in(&s->scratch);
  slice token = r->output;
  while (token.length && token.data[token.length - 1] == '\n')
    token.length--;
  if (r->keep->kind == VALUE_STRING)
    set(&o, "output", *r->keep);
  else
    set(&o, "token", value_text(token));
  lsp_answer_later(s, r->later, object_value(&o));
}

/* From the folder of the policy, as its author sees it. */
static const char *path_from(const lsp_request *r, const document *d,
                             const char *path) {
  slice folder = d->path;
  buffer whole = buffer_in(r->arena);
  if (!path || *path == '/')
    return path;
  while (folder.length && folder.data[folder.length - 1] != '/')
    folder.length--;
  buffer_add(&whole, folder);
  buffer_text(&whole, path);
  return buffer_slice(&whole).data;
}

typedef struct sign_words {
  const char *items[WORDS_MAX + 1];
  size_t count;
} sign_words;

static void add_path(const lsp_request *r, const document *d,
                     const value *arguments, const char *name,
                     const char *option, sign_words *words) {
  const char *path = path_from(r, d, word_of(r, arguments, name));
  if (!path)
    return;
  words->items[words->count++] = option;
  words->items[words->count++] = path;
}

/* What exists is replaced only by who says so. */
static bool may_write(lsp_request *r, const value *arguments,
                      const char *path) {
  struct stat info;
  if (!path || is_set(arguments, "overwrite") || lstat(path, &info) != 0)
    return true;
  refuse(r, "%s exists; \"overwrite\": true replaces it", path);
  return false;
}

static value run_sign(lsp_request *r, const value *arguments) {
  document *d = open_of(r, arguments);
  sign_words words = {.items = {"sign", "--policy", "-"}, .count = 3};
  if (!d)
    return value_null();
  const char *output = path_from(r, d, word_of(r, arguments, "output"));
  const char *alg = word_of(r, arguments, "alg");
  if (!may_write(r, arguments, output))
    return value_null();
  add_path(r, d, arguments, "key", "--key", &words);
  add_path(r, d, arguments, "pfx", "--pfx", &words);
  if (words.count == 3)
    words.items[words.count++] = "--unsecured";
  add_path(r, d, arguments, "cert", "--cert", &words);
  add_path(r, d, arguments, "passphraseFile", "--passphrase-file", &words);
  add_path(r, d, arguments, "output", "--output", &words);
  if (alg) {
    words.items[words.count++] = "--alg";
    words.items[words.count++] = alg;
  }
  return start(r, words.items, d->now->text, sign_ended,
               output ? value_text(slice_from(output)) : value_null());
}

/* --- maapol.showDecoded --------------------------------------------------- */

static value run_show_decoded(lsp_request *r, const value *arguments) {
  return lsp_show_decoded(r, lsp_text_member(arguments, "uri"));
}

/* --- the table ------------------------------------------------------------ */

static const command commands[] = {
    {"maapol.evaluate", run_evaluate, {"uri", "sample", "show"}, false},
    {"maapol.test", run_test, {"uri", "test", "show"}, true},
    {"maapol.showDecoded", run_show_decoded, {"uri"}, false},
    {"maapol.hash", run_hash, {"uri"}, true},
    {"maapol.sign",
     run_sign,
     {"uri", "key", "pfx", "cert", "passphraseFile", "alg", "output",
      "overwrite"},
     true},
    {NULL, NULL, {NULL}, false},
};

value lsp_command_options(arena *a) {
  array_builder names = array_in(a);
  object_builder o = object_in(a);
  for (const command *c = commands; c->name; c++)
    array_add(&names, value_text(slice_from(c->name)));
  set(&o, "commands", array_value(&names));
  set_flag(&o, "workDoneProgress", true);
  return object_value(&o);
}

static bool knows(const command *c, slice name) {
  for (const char *const *m = c->members; *m; m++)
    if (slice_is(name, *m))
      return true;
  return false;
}

static bool is_switch(slice name) {
  return slice_is(name, "show") || slice_is(name, "overwrite");
}

/* A passphrase in an argument would stand in logs of editors. */
static bool check_member(lsp_request *r, const command *c, const member *m) {
  slice name = member_name(m);
  value_kind wanted = is_switch(name) ? VALUE_BOOLEAN : VALUE_STRING;
  if (slice_is(name, "passphrase") || slice_is(name, "password"))
    refuse(r, "%s takes no passphrase, which would stand in logs: "
              "\"passphraseFile\" names a file that holds it", c->name);
  else if (!knows(c, name))
    refuse(r, "%s has no argument \"%.*s\"", c->name, SLICE_ARGS(name));
  else if (m->value.kind != wanted)
    refuse(r, "\"%.*s\" must be %s", SLICE_ARGS(name),
           wanted == VALUE_STRING ? "a text" : "true or false");
  else if (wanted == VALUE_STRING &&
           memchr(m->value.string, '\0', m->value.count))
    refuse(r, "there is a NUL in \"%.*s\"", SLICE_ARGS(name));
  return r->error == 0;
}

value lsp_execute(lsp_request *r) {
  slice name = lsp_text_member(r->params, "command");
  const value *list = lsp_at(r->params, "arguments", NULL);
  const command *c = commands;
  while (c->name && !slice_is(name, c->name))
    c++;
  if (!c->name)
    return refuse(r, "there is no command \"%.*s\"", SLICE_ARGS(name));
  if (!list || list->kind != VALUE_ARRAY || list->count != 1 ||
      list->items[0].kind != VALUE_OBJECT)
    return refuse(r, "%s takes one object: {\"uri\": ..}", c->name);
  const value *arguments = &list->items[0];
  for (uint32_t i = 0; i < arguments->count; i++)
    if (!check_member(r, c, &arguments->members[i]))
      return value_null();
  if (c->acts && r->server->wishes.is_untrusted)
    return lsp_refuse(r, LSP_REQUEST_FAILED,
                      "this workspace is not trusted: nothing is run in it");
  return c->run(r, arguments);
}

/* --- wishes --------------------------------------------------------------- */

static bool is_off(const value *v) {
  return v && v->kind == VALUE_BOOLEAN && !v->boolean;
}

void lsp_read_wishes(lsp_server *s, const value *options) {
  const value *hints = lsp_at(options, "inlayHints", NULL);
  lsp_wishes w = {.no_lenses = is_off(lsp_at(options, "codeLenses", NULL)),
                  /* Trust is given by a new session alone. */
                  .is_untrusted = s->wishes.is_untrusted ||
                                  is_off(lsp_at(options, "trusted", NULL))};
  w.no_type_hints = is_off(hints) || is_off(lsp_at(hints, "types", NULL));
  w.no_match_hints = is_off(hints) || is_off(lsp_at(hints, "matches", NULL));
  s->wishes = w;
}
