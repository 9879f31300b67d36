/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what an editor sends: the lines are messages, after one that
 * opens a policy. Every answer is one JSON text, and the text that is open is
 * UTF-8 whatever was done to it. */
#include "base/text.h"
#include "lsp/server.h"
#include "tests/fuzz/fuzz.h"

static void look_at(void *context, slice message) {
  arena a;
  jmp_buf failure;
  value v;
  json_error error;
  (void)context;
  arena_init(&a, (size_t)64 << 20);
  if (!ARENA_GUARD(&a, failure))
    HOLDS(json_read(&a, message, 0, &v, &error));
  arena_free(&a);
}

/* What it orders ends at once, with what it was given. */
static bool order(void *context, const lsp_order *what) {
  *(uint64_t *)context = what->id;
  return what->input.length % 3 != 2;
}

static void stop(void *context, uint64_t id) {
  uint64_t *last = context;
  *last = *last == id ? 0 : *last;
}

static const char begin[] =
    "{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
    "\"textDocument\":{\"codeAction\":{\"codeActionLiteralSupport\":{}}}}}}";
static const char open[] =
    "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{"
    "\"uri\":\"a\",\"version\":1,\"text\":\"version=1.2;authorizationrules{"
    "c:[type==\\\"a\\\"]=>add(type=\\\"b\\\",value=c.value);};\"}}}";

static void serve(arena *a, slice input) {
  uint64_t ordered = 0;
  lsp_host host = {.context = &ordered,
                   .send = look_at,
                   .start_job = order,
                   .stop_job = stop,
                   .version = "0",
                   .rules_url = ""};
  lsp_server *s = lsp_server_new(a, &host);
  lsp_server_receive(s, SLICE(begin));
  lsp_server_receive(s, SLICE(open));
  while (input.length && !lsp_server_is_over(s)) {
    const char *end = memchr(input.data, '\n', input.length);
    size_t length = end ? (size_t)(end - input.data) : input.length;
    lsp_server_receive(s, (slice){input.data, length});
    if (ordered)
      lsp_server_job_ended(s, ordered, LSP_JOB_ENDED, (int)(length % 5),
                           (slice){input.data, length}, SLICE("x"));
    ordered = 0;
    for (int i = 0; i < 4 && lsp_server_idle(s); i++)
      HOLDS(lsp_server_status(s) == 1);
    size_t taken = end ? length + 1 : length;
    input = (slice){input.data + taken, input.length - taken};
    slice text = lsp_server_text(s, SLICE("a"));
    HOLDS(utf8_error(text) == text.length);
  }
  lsp_server_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, serve);
}
