/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit from both sides: what reaches it works, one more is refused
 * with a clear error. The tiny limits of this build keep the texts short. */
#include "base/limits.h"

#include <stdio.h>

#include "base/buffer.h"
#include "tests/memory/check.h"

/* head, `open` and `close` as often as asked for, tail; `#` in `open` stands
 * for a number that counts up. */
typedef struct pattern {
  const char *head, *open, *separator, *middle, *close, *tail;
} pattern;

static void add_numbered(buffer *b, const char *text, size_t number) {
  for (const char *c = text; *c; c++)
    if (*c == '#')
      buffer_printf(b, "%zu", number);
    else
      buffer_char(b, *c);
}

static slice repeat(arena *a, const pattern *p, size_t count) {
  buffer b = buffer_in(a);
  buffer_text(&b, p->head);
  for (size_t i = 0; i < count; i++) {
    if (i && p->separator)
      buffer_text(&b, p->separator);
    add_numbered(&b, p->open, i);
  }
  buffer_text(&b, p->middle);
  for (size_t i = 0; i < count && p->close; i++)
    buffer_text(&b, p->close);
  buffer_text(&b, p->tail);
  return buffer_slice(&b);
}

typedef struct limit_row {
  const char *name;
  pattern policy, claims;
  size_t count;       /* as often as is allowed */
  run_outcome within; /* what comes of that many */
  run_outcome beyond; /* and of one more; a refusal says P018 */
} limit_row;

#define RULES "version=1.2;authorizationrules{"
#define PERMIT "=>permit();};"
#define FIXED(text)                                                            \
  { .head = (text) }
#define LENGTH(literal) (sizeof(literal) - 1)

static const limit_row rows[] = {
    {"rules",
     {.head = RULES, .open = "=>permit();", .tail = "};"},
     FIXED("{}"),
     LIMIT_RULES,
     RUN_PERMITTED,
     RUN_REFUSED},
    {"conditions",
     {RULES, "[type==\"a\"]", "&&", NULL, NULL, PERMIT},
     FIXED("{\"a\":1}"),
     LIMIT_CONDITIONS,
     RUN_PERMITTED,
     RUN_REFUSED},
    {"tests",
     {RULES "[", "value>#", ",", NULL, NULL, "]" PERMIT},
     FIXED("{\"a\":1000}"),
     LIMIT_TESTS,
     RUN_PERMITTED,
     RUN_REFUSED},
    {"arguments: also too many for the function",
     {RULES "=>add(type=\"a\",value=IsSubsetOf(", "\"x\"", ",", NULL, NULL,
      "));" PERMIT},
     FIXED("{}"),
     LIMIT_ARGUMENTS,
     RUN_REFUSED,
     RUN_REFUSED},
    {"calls inside calls",
     {RULES "=>add(type=\"a\",value=", "NegateBool(", NULL, "true", ")",
      ");" PERMIT},
     FIXED("{}"),
     LIMIT_CALL_DEPTH,
     RUN_PERMITTED,
     RUN_REFUSED},
    {"bytes of an identifier",
     {.head = RULES, .open = "c", .tail = ":[type==\"a\"]" PERMIT},
     FIXED("{\"a\":1}"),
     LIMIT_IDENTIFIER_BYTES,
     RUN_PERMITTED,
     RUN_REFUSED},
    {"bytes of a string",
     {.head = RULES "[type==\"", .open = "x", .tail = "\"]" PERMIT},
     FIXED("{}"),
     LIMIT_STRING_BYTES,
     RUN_DENIED,
     RUN_REFUSED},
    {"bytes of a policy",
     {.head = RULES, .open = " ", .tail = PERMIT},
     FIXED("{}"),
     LIMIT_POLICY_BYTES - LENGTH(RULES PERMIT),
     RUN_PERMITTED,
     RUN_REFUSED},
    {"claims of a file",
     FIXED(RULES PERMIT),
     {"{\"a\":[", "#", ",", NULL, NULL, "]}"},
     LIMIT_CLAIMS,
     RUN_PERMITTED,
     RUN_BAD_CLAIMS},
    {"claims that rules add",
     {.head = RULES, .open = "=>add(type=\"t#\",value=1);", .tail = PERMIT},
     FIXED("{}"),
     LIMIT_CLAIMS,
     RUN_PERMITTED,
     RUN_ERROR},
    {"values of a set",
     {RULES "=>add(type=\"t\",value=JsonToClaimValue(\"[", "#", ",", NULL, NULL,
      "]\"));" PERMIT},
     FIXED("{}"),
     LIMIT_SET_VALUES,
     RUN_PERMITTED,
     RUN_ERROR},
    {"bytes that AppendString makes",
     FIXED(RULES "c:[type==\"a\"]=>add(type=\"b\",value=AppendString(c.value,"
                 "c.value));" PERMIT),
     {.head = "{\"a\":\"", .open = "x", .tail = "\"}"},
     LIMIT_RESULT_BYTES / 2,
     RUN_PERMITTED,
     RUN_ERROR},
    {"bytes that JmesPath makes",
     FIXED(RULES "c:[type==\"a\"]=>add(type=\"b\",value=JmesPath(c.value,"
                 "\"[@,@]\"));" PERMIT),
     {.head = "{\"a\":\"\\\"", .open = "x", .tail = "\\\"\"}"},
     (LIMIT_RESULT_BYTES - LENGTH("[\"\",\"\"]")) / 2,
     RUN_PERMITTED,
     RUN_ERROR},
    {"arrays inside arrays",
     FIXED(RULES PERMIT),
     {"{\"a\":", "[", NULL, "1", "]", "}"},
     LIMIT_JSON_DEPTH - 1,
     RUN_PERMITTED,
     RUN_BAD_CLAIMS},
    {"bytes of JSON",
     FIXED(RULES PERMIT),
     {.head = "{", .open = " ", .tail = "}"},
     LIMIT_JSON_BYTES - LENGTH("{}"),
     RUN_PERMITTED,
     RUN_BAD_CLAIMS},
};

static void expect(tally *t, arena *a, const limit_row *row, bool beyond) {
  size_t count = row->count + beyond;
  run_outcome expected = beyond ? row->beyond : row->within;
  run r = run_policy(repeat(a, &row->policy, row->policy.open ? count : 0),
                     repeat(a, &row->claims, row->claims.open ? count : 0), -1);
  check(t, r.outcome == expected, row->name, "%zu times: %s, not %s", count,
        run_outcome_names[r.outcome], run_outcome_names[expected]);
  bool refused = beyond && expected == RUN_REFUSED;
  check(t, r.has_p018 == refused, row->name, "%zu times: %s P018", count,
        refused ? "no" : "a");
}

/* A text with more mistakes than anybody reads: some are kept. */
static void many_findings(tally *t, arena *a) {
  static const pattern mistakes = {
      .head = RULES, .open = "=>premit();\n", .tail = "};"};
  for (size_t count = 1; count <= LIMIT_RULES; count += 11) {
    run r = run_policy(repeat(a, &mistakes, count), SLICE("{}"), -1);
    size_t kept = count < LIMIT_DIAGNOSTICS ? count : LIMIT_DIAGNOSTICS;
    check(t, r.outcome == RUN_REFUSED, "findings", "%zu mistakes: %s", count,
          run_outcome_names[r.outcome]);
    check(t, r.findings >= kept && r.findings <= LIMIT_DIAGNOSTICS, "findings",
          "%zu of %zu mistakes kept", r.findings, count);
  }
}

void tiny_limits(tally *t) {
  arena a;
  jmp_buf out_of_memory;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, out_of_memory)) {
    check(t, false, "limits", "the test itself ran out of memory");
  } else {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
      expect(t, &a, &rows[i], false);
      expect(t, &a, &rows[i], true);
    }
    many_findings(t, &a);
  }
  arena_free(&a);
}
