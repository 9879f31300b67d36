/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/server.h"

#include "base/memory.h"
#include "tests/unit/unit.h"

#define DOCUMENT "\"textDocument\":{\"uri\":\"a\""

static const char *const session[] = {
    "{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
    "\"textDocument\":{\"codeAction\":{\"codeActionLiteralSupport\":{}}}}}}",
    "{\"method\":\"textDocument/didOpen\",\"params\":{" DOCUMENT
    ",\"version\":1,\"text\":\"version=1.0;authorizationrules{"
    "[type=\\\"a\\\"]=>permit();};\"}}}",
    "{\"method\":\"textDocument/didChange\",\"params\":{" DOCUMENT
    "},\"contentChanges\":[{\"text\":\"x\",\"range\":{\"start\":{\"line\":0,"
    "\"character\":0},\"end\":{\"line\":0,\"character\":0}}}]}}",
    "{\"id\":2,\"method\":\"textDocument/codeAction\",\"params\":{" DOCUMENT
    "},\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{\"line\":0,"
    "\"character\":99}}}}",
    "{\"id\":3,\"method\":\"textDocument/semanticTokens/full\",\"params\":{"
    DOCUMENT "}}}",
};

static void count_answer(void *context, slice message) {
  cr_expect(message.length && message.data[0] == '{');
  ++*(int *)context;
}

static void release(void *server) { lsp_server_free(server); }

/* What the server has of the document in the end, as its length; 0: it gave
 * the document up. */
static size_t run(arena *a, int *answers) {
  lsp_host host = {.send = count_answer, .context = answers, .version = "0"};
  lsp_server *s = lsp_server_new(a, &host);
  arena_defer(a, release, s);
  for (size_t i = 0; i < COUNT_OF(session); i++)
    lsp_server_receive(s, slice_from(session[i]));
  return lsp_server_text(s, SLICE("a")).length;
}

/* Whichever allocation fails: every request is answered, and the text is the
 * right one or none. Without a leak: the sanitizers look. */
Test(lsp_server, any_allocation_may_fail) {
  volatile size_t whole = 0;
  for (volatile long n = 200; n >= 0; n--) {
    arena a;
    jmp_buf failure;
    volatile int answers = 0;
    arena_init(&a, 1 << 24);
    memory_fail_after(n);
    if (!ARENA_GUARD(&a, failure)) {
      size_t length = run(&a, (int *)&answers);
      whole = whole ? whole : length;
      cr_expect(length == whole || length == 0, "%ld: %zu", n, length);
      cr_expect(answers >= 3, "%ld: %d answers", n, answers);
    }
    memory_fail_after(-1);
    arena_free(&a);
  }
  cr_expect(whole > 40, "%zu", whole);
}
