/* SPDX-License-Identifier: Apache-2.0 */
/* The language server: from the message of a keystroke to that of its
 * diagnostics, in policies of 1,000 rules, beside one analysis of the whole
 * text. */
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/value.h"
#include "compiler/lint.h"
#include "lsp/server.h"
#include "tests/bench/bench.h"

enum { RULES = 1000, CHANGES = 200 };

typedef struct typing {
  arena *arena;
  lsp_server *server;
  slice uri;
  size_t sent; /* bytes of the last answer */
} typing;

static void take(void *context, slice message) {
  ((typing *)context)->sent = message.length;
}

static void say_type(void *context, const char *path,
                     document_settings *settings) {
  (void)context;
  (void)path;
  settings->type = ATTESTATION_SGX_ENCLAVE;
}

/* Rules as short as people write them. */
static slice short_policy(arena *a, size_t rules) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version=1.0;\nauthorizationrules\n{\n");
  for (size_t i = 0; i < rules; i++)
    buffer_printf(&b,
                  "  [type==\"x-ms-sgx-product-id\", value==%zu] && "
                  "[type==\"x-ms-sgx-svn\", value>=%zu]\n    => permit();\n",
                  i, 1 + i % 7);
  buffer_text(&b, "};\n");
  return buffer_slice(&b);
}

static void open_policy(typing *t, slice text) {
  buffer b = buffer_in(t->arena);
  value v = value_text(text);
  lsp_server_receive(t->server,
                     SLICE("{\"id\":1,\"method\":\"initialize\",\"params\":{"
                           "\"capabilities\":{}}}"));
  buffer_text(&b, "{\"method\":\"textDocument/didOpen\",\"params\":{"
                  "\"textDocument\":{\"uri\":\"file:///a\",\"version\":1,"
                  "\"text\":");
  json_write(&b, &v);
  buffer_text(&b, "}}}");
  lsp_server_receive(t->server, buffer_slice(&b));
}

/* The message that replaces `length` characters of a line. */
static slice change_message(arena *a, uint32_t line, uint32_t character,
                            uint32_t length, const char *text) {
  buffer b = buffer_in(a);
  buffer_printf(&b,
                "{\"method\":\"textDocument/didChange\",\"params\":{"
                "\"textDocument\":{\"uri\":\"file:///a\",\"version\":2},"
                "\"contentChanges\":[{\"range\":{\"start\":{\"line\":%u,"
                "\"character\":%u},\"end\":{\"line\":%u,\"character\":%u}},"
                "\"text\":\"%s\"}]}}",
                line, character, line, character + length, text);
  return buffer_slice(&b);
}

/* Types the text and takes it away again, and again. */
static void type_at(typing *t, slice text, uint32_t offset, const char *typed,
                    double seconds[2]) {
  double samples[CHANGES];
  line_index lines;
  line_index_make(&lines, t->arena, text);
  position p = line_index_position(&lines, offset);
  slice there = change_message(t->arena, p.line - 1, p.column - 1, 0, typed);
  slice gone = change_message(t->arena, p.line - 1, p.column - 1,
                              (uint32_t)strlen(typed), "");
  for (size_t i = 0; i < CHANGES; i++) {
    double begin = bench_now();
    lsp_server_receive(t->server, i % 2 ? gone : there);
    samples[i] = bench_now() - begin;
  }
  seconds[0] = bench_median(samples, CHANGES);
  seconds[1] = samples[CHANGES - CHANGES / 100 - 1]; /* sorted by now */
}

static double whole_time(slice text) {
  double best = 1;
  for (int i = 0; i < 50; i++) {
    arena a;
    jmp_buf failure;
    double begin = bench_now();
    arena_init(&a, (size_t)1 << 30);
    if (!ARENA_GUARD(&a, failure)) {
      policy *p = policy_compile(&a, text);
      lint_options options = {.type = ATTESTATION_SGX_ENCLAVE};
      policy_lint(&a, p, &options);
    }
    arena_free(&a);
    double spent = bench_now() - begin;
    best = spent < best ? spent : best;
  }
  return best;
}

static void measure(typing *t, const char *what, slice text, uint32_t offset,
                    const char *typed) {
  double seconds[2], whole = whole_time(text);
  char words[80];
  type_at(t, text, offset, typed, seconds);
  snprintf(words, sizeof words, "change, %s, median", what);
  bench_at_most(words, 1e3 * seconds[0], 1e3 * whole, "ms", 1);
  snprintf(words, sizeof words, "  99 of 100, %zu kB sent", t->sent / 1000);
  bench_at_most(words, 1e3 * seconds[1], 1e3 * whole, "ms", 5);
}

/* The last place of `word` before `end`, and what stands behind it. */
static uint32_t behind_last(slice text, size_t end, const char *word) {
  size_t length = strlen(word);
  while (end > length && memcmp(text.data + end - length, word, length) != 0)
    end--;
  return (uint32_t)end;
}

static void measure_places(typing *t, const char *name, slice text,
                           const char *property, const char *keyword) {
  static const struct {
    const char *name;
    size_t eighths;
  } places[] = {{"first", 0}, {"middle", 4}, {"last", 8}};
  char words[64];
  for (size_t i = 0; i < 3; i++) {
    size_t end = text.length * places[i].eighths / 8;
    if (!end)
      end = (size_t)(strstr(text.data, keyword) - text.data);
    snprintf(words, sizeof words, "%s, a value of the %s rule", name,
             places[i].name);
    measure(t, words, text, behind_last(text, end, property), "7");
    snprintf(words, sizeof words, "%s, a bracket of the %s rule", name,
             places[i].name);
    measure(t, words, text, behind_last(text, end, property), "]");
  }
}

static void run(arena *a, const char *name,
                slice (*make)(arena *a, size_t rules), const char *property,
                const char *keyword) {
  typing t = {.arena = a};
  lsp_host host = {.send = take,
                   .context = &t,
                   .settings = say_type,
                   .version = "0"};
  slice text = make(a, RULES);
  text = arena_copy(a, text);
  t.server = lsp_server_new(a, &host);
  open_policy(&t, text);
  measure_places(&t, name, text, property, keyword);
  lsp_server_free(t.server);
}

void bench_lsp_change(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)2 << 30);
  memory_keep(); /* as maapol lsp */
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n");
  } else {
    run(&a, "short rules", short_policy, "value==", "=>");
    run(&a, "long rules", bench_policy, "value==", "=>");
  }
  arena_free(&a);
}
