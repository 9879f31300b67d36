/* SPDX-License-Identifier: Apache-2.0 */
#include "base/value.h"
#include "lsp/server.h"
#include "tests/unit/unit.h"

typedef struct answers {
  arena *arena;
  slice pushed, pulled;
} answers;

static void take(void *context, slice message) {
  answers *a = context;
  if (strstr(message.data, "publishDiagnostics"))
    a->pushed = arena_copy(a->arena, message);
  else
    a->pulled = arena_copy(a->arena, message);
}

static const char *const session[] = {
    "{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
    "\"textDocument\":{\"publishDiagnostics\":{\"relatedInformation\":true}}"
    "}}}",
    "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{"
    "\"uri\":\"a \\\"b\\\"\",\"version\":-3,\"text\":\"version=1.2;\\n"
    "// maapol: type=SgxEnclave\\nauthorizationrules{ \\n"
    "[type==\\\"\xc3\xa9\\\"] => permit(); => deny();\\n"
    "[type==\\\"$is-debuggable\\\", value==\\\"x\\ty\\\"] => permit();\\n"
    "[type==\\\"\xf0\x9d\x84\x9e\\\", value=1] => add(type=\\\"a\\\","
    "value=1);\\n[type==\\\"a\\\", value==c.value] && c:[type==\\\"b\\\"]"
    " => permit();\\n};issuancerules{};\"}}}",
    ("{\"id\":2,\"method\":\"textDocument/diagnostic\",\"params\":{"
     "\"textDocument\":{\"uri\":\"a \\\"b\\\"\"}}}"),
};

static slice list_in(arena *a, slice message, const char *outer,
                     const char *inner) {
  value v;
  json_error error;
  buffer b = buffer_in(a);
  cr_assert(json_read(a, message, 0, &v, &error), "%s", error.message);
  const value *list = lsp_at(&v, outer, inner);
  cr_assert(list && list->kind == VALUE_ARRAY && list->count > 4);
  json_write(&b, list);
  return buffer_slice(&b);
}

/* What is pushed is written by hand: it is what is given when asked for. */
Test(lsp_diagnostics, are_the_same_pushed_and_pulled) {
  TEST_ARENA(a, (size_t)16 << 20);
  answers found = {.arena = &a};
  lsp_host host = {.send = take,
                   .context = &found,
                   .version = "0",
                   .rules_url = "https://example.com/\"rules\"/"};
  lsp_server *s = lsp_server_new(&a, &host);
  for (size_t i = 0; i < COUNT_OF(session); i++)
    lsp_server_receive(s, slice_from(session[i]));
  slice pushed = list_in(&a, found.pushed, "params", "diagnostics");
  slice pulled = list_in(&a, found.pulled, "result", "items");
  cr_expect_str_eq(pushed.data, pulled.data);
  cr_expect(strstr(pushed.data, "\"tags\":[2]"));
  cr_expect(strstr(pushed.data, "\"relatedInformation\":[{"));
  cr_expect(strstr(found.pushed.data,
                   "\"uri\":\"a \\\"b\\\"\",\"version\":-3}}"));
  cr_expect(strstr(found.pushed.data, pushed.data), "not in order");
  lsp_server_free(s);
  arena_free(&a);
}
