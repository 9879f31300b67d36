/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of documents, and when it is forgotten. */
#include "base/limits.h"
#include "lsp/server.h"
#include "tests/unit/unit.h"

static const char text[] =
    "version=1.2;\n// maapol: type=SgxEnclave\nauthorizationrules{\n"
    "c:[type==\"x-ms-sgx-svn\"] => add(type=\"a\", value=c.value);\n"
    "[type==\"a\", value>=2] => permit(); => permit();\n};issuancerules{};\n";

static void close_all(void *all) { documents_free(all); }

static void open_some(documents *all, arena *a, document **found,
                      size_t count) {
  *all = (documents){.arena = a};
  arena_defer(a, close_all, all);
  for (size_t i = 0; i < count; i++) {
    buffer uri = buffer_in(a);
    buffer_printf(&uri, "d%zu", i);
    found[i] = documents_open(all, buffer_slice(&uri), slice_from(text),
                              a->guard);
    document_policy(found[i]);
  }
}

static bool is_known(const document *d) { return d->now->policy != NULL; }

static size_t bytes_of(const document *d) {
  return d->now->memory.used + d->now->kept.used + d->sent_memory.used;
}

/* As a row of digits: those that something is known of. */
static void expect_known(document **d, size_t count, const char *wanted) {
  char known[16] = "";
  for (size_t i = 0; i < count; i++)
    if (is_known(d[i]))
      known[strlen(known)] = (char)('0' + i);
  cr_expect_str_eq(known, wanted);
}

Test(lsp_documents, those_that_were_used_last_stay) {
  enum { COUNT = 5 };
  TEST_ARENA(a, (size_t)16 << 20);
  documents all;
  document *d[COUNT];
  open_some(&all, &a, d, COUNT);
  size_t one = bytes_of(d[0]);
  documents_trim(&all, COUNT * one);
  expect_known(d, COUNT, "01234");
  document_tokens(d[1]);
  documents_trim(&all, bytes_of(d[1]) + 2 * one);
  expect_known(d, COUNT, "134");
  documents_close(&all, d[3]);
  documents_trim(&all, 0);
  cr_expect(is_known(d[1]), "the last one stays, however large");
  cr_expect(!is_known(d[4]));
  documents_close(&all, d[1]);
  document_policy(d[4]);
  document_policy(d[0]);
  documents_trim(&all, 2 * one);
  cr_expect(is_known(d[4]) && is_known(d[0]) && !is_known(d[2]));
  arena_free(&a);
}

/* Those that are small need not make room for a large one. */
Test(lsp_documents, a_large_one_is_forgotten_first) {
  TEST_ARENA(a, (size_t)16 << 20);
  documents all;
  document *d[3];
  open_some(&all, &a, d, 3);
  size_t one = bytes_of(d[0]);
  buffer large = buffer_in(&a);
  buffer_text(&large, "version=1.0;authorizationrules{");
  for (int i = 0; i < 200; i++)
    buffer_printf(&large, "[type==\"a\", value==%d] => permit();\n", i);
  buffer_text(&large, "};");
  document_set_text(&all, d[1], buffer_slice(&large), &a_failure);
  document_policy(d[1]);
  document_policy(d[2]);
  documents_trim(&all, 2 * one);
  expect_known(d, 3, "02");
  arena_free(&a);
}

Test(lsp_documents, only_the_text_and_its_lines_are_left) {
  TEST_ARENA(a, (size_t)16 << 20);
  documents all;
  document *d;
  open_some(&all, &a, &d, 1);
  uint64_t revision = d->revision, analyses = d->analyses;
  size_t lines = d->now->lines.count;
  size_t findings = document_policy(d)->findings.count;
  document_forget(d);
  cr_expect(!all.recent && bytes_of(d) <= 4096, "%zu", bytes_of(d));
  cr_expect_str_eq(d->now->text.data, text);
  cr_expect_eq(d->now->lines.count, lines);
  cr_expect_eq(d->revision, revision, "the text is the same");
  cr_expect_eq(document_policy(d)->findings.count, findings);
  cr_expect_gt(d->analyses, analyses, "what points into it holds no more");
  arena_free(&a);
}

/* --- of the server -------------------------------------------------------- */

typedef struct client {
  arena *arena;
  lsp_server *server;
  slice answer; /* the last message */
} client;

static void take(void *context, slice message) {
  client *c = context;
  c->answer = arena_copy(c->arena, message);
}

static slice say(client *c, const char *format, const char *uri) {
  buffer b = buffer_in(c->arena);
  for (const char *at = format; *at; at++)
    if (*at == '%')
      buffer_text(&b, uri);
    else
      buffer_char(&b, *at);
  lsp_server_receive(c->server, buffer_slice(&b));
  return c->answer;
}

static void open_policy(client *c, const char *uri, size_t rules) {
  buffer whole = buffer_in(c->arena), b = buffer_in(c->arena);
  buffer_text(&whole, text);
  whole.length -= sizeof "};issuancerules{};\n" - 1;
  for (size_t i = 0; i < rules; i++)
    buffer_printf(&whole, "[type==\"a\", value==%zu] => permit();\n", i);
  buffer_text(&whole, "};issuancerules{};\n");
  value v = value_text(buffer_slice(&whole));
  buffer_printf(&b,
                "{\"method\":\"textDocument/didOpen\",\"params\":{"
                "\"textDocument\":{\"uri\":\"%s\",\"version\":1,\"text\":",
                uri);
  json_write(&b, &v);
  buffer_text(&b, "}}}");
  lsp_server_receive(c->server, buffer_slice(&b));
}

static size_t known_to(const lsp_server *s) {
  size_t sum = 0;
  for (size_t i = 0; i < s->documents.count; i++)
    if (is_known(s->documents.items[i]))
      sum += bytes_of(s->documents.items[i]);
  return sum;
}

static lsp_server *begin(client *c, lsp_host *host, arena *a) {
  *c = (client){.arena = a};
  *host = (lsp_host){.send = take, .context = c, .version = "0"};
  lsp_server *s = c->server = lsp_server_new(a, host);
  say(c, "{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
         "\"textDocument\":{\"publishDiagnostics\":{\"relatedInformation\":"
         "true}}}}}",
      "");
  return s;
}

static const char *const asked[] = {
    "{\"id\":2,\"method\":\"textDocument/diagnostic\",\"params\":{"
    "\"textDocument\":{\"uri\":\"%\"}}}",
    "{\"id\":2,\"method\":\"textDocument/hover\",\"params\":{"
    "\"textDocument\":{\"uri\":\"%\"},"
    "\"position\":{\"line\":3,\"character\":12}}}",
    "{\"id\":2,\"method\":\"textDocument/documentSymbol\",\"params\":{"
    "\"textDocument\":{\"uri\":\"%\"}}}",
    "{\"id\":2,\"method\":\"workspace/diagnostic\",\"params\":{}}",
    "{\"id\":2,\"method\":\"workspace/symbol\",\"params\":{\"query\":\"a\"}}",
};

/* Whatever was forgotten meanwhile, every answer is the same. */
Test(lsp_documents, the_server_forgets_and_answers) {
  enum { OTHERS = 6, RULES = 1000 };
  TEST_ARENA(a, (size_t)256 << 20);
  client c;
  lsp_host host;
  lsp_server *s = begin(&c, &host, &a);
  open_policy(&c, "first", 3);
  for (size_t i = 0; i < OTHERS; i++)
    open_policy(&c, (const char[]){(char)('A' + i), 0}, RULES);
  slice before[COUNT_OF(asked)];
  for (size_t i = 0; i < COUNT_OF(asked); i++)
    before[i] = say(&c, asked[i], "first");
  cr_expect(strstr(before[0].data, "relatedInformation"));
  for (size_t i = 0; i < COUNT_OF(asked); i++) {
    for (size_t n = 0; n < s->documents.count; n++)
      document_forget(s->documents.items[n]);
    slice answer = say(&c, asked[i], "first");
    cr_expect(slice_equal(answer, before[i]), "%s", asked[i]);
    cr_expect_leq(known_to(s), LIMIT_LSP_KNOWN_BYTES, "%s", asked[i]);
  }
  lsp_server_free(s);
  arena_free(&a);
}

/* The client has colours of a text of which nothing is known any more. */
Test(lsp_documents, colours_come_whole_after_that) {
  TEST_ARENA(a, (size_t)16 << 20);
  client c;
  lsp_host host;
  lsp_server *s = begin(&c, &host, &a);
  static const char full[] =
      "{\"id\":2,\"method\":\"textDocument/semanticTokens/full\",\"params\":{"
      "\"textDocument\":{\"uri\":\"%\"}}}";
  static const char delta[] =
      "{\"id\":2,\"method\":\"textDocument/semanticTokens/full/delta\","
      "\"params\":{\"previousResultId\":\"1\","
      "\"textDocument\":{\"uri\":\"%\"}}}";
  open_policy(&c, "first", 3);
  slice colours = say(&c, full, "first");
  document_forget(s->documents.items[0]);
  slice answer = say(&c, delta, "first");
  cr_expect(strstr(colours.data, "\"resultId\":\"1\""));
  cr_expect(!strstr(answer.data, "edits") &&
                strstr(answer.data, "\"resultId\":\"2\""),
            "%s", answer.data);
  lsp_server_free(s);
  arena_free(&a);
}
