/* SPDX-License-Identifier: Apache-2.0 */
/* What the compliance suite does not say: choices of this project, and where
 * and how errors are reported. */
#include "eval/jmespath.h"

#include "tests/unit/jmespath_fixture.h"

Test(jmespath, binds_not_weaker_than_steps_and_tighter_than_comparing) {
  static const search rows[] = {
      {"!a.b", "{\"a\":{\"b\":true}}", "false"},
      {"!a.b", "{\"a\":{\"b\":false}}", "true"},
      {"!a[0]", "{\"a\":[false]}", "true"},
      {"!a == b", "{\"a\":false,\"b\":true}", "true"},
      {"!a && b", "{\"a\":false,\"b\":1}", "1"},
      {"!!a", "{\"a\":[0]}", "true"},
      {"!contains(@, 'x')", "[\"y\"]", "true"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath, groups_operators_of_a_level_to_the_left) {
  static const search rows[] = {
      {"a == b == c", "{\"a\":1,\"b\":1,\"c\":true}", "true"},
      {"a == (b == c)", "{\"a\":1,\"b\":1,\"c\":true}", "false"},
      {"a < b == c", "{\"a\":1,\"b\":2,\"c\":true}", "true"},
      {"a || b && c", "{\"a\":1,\"b\":2,\"c\":3}", "1"},
      {"a && b || c", "{\"a\":1,\"b\":0,\"c\":3}", "0"},
      {"a || b | c", "{\"a\":{\"c\":5}}", "5"},
      {"a || (b | c)", "{\"b\":{\"c\":5}}", "5"},
      {"(a || b) || c", "{\"c\":1}", "1"},
      {"a && b && c", "{\"a\":1,\"b\":2,\"c\":3}", "3"},
      {"a && b && c", "{\"a\":1,\"b\":\"\",\"c\":3}", "\"\""},
      {"a || b || c", "{\"a\":null,\"b\":[],\"c\":{}}", "{}"},
      {"a | b | c", "{\"a\":{\"b\":{\"c\":1}}}", "1"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath, ends_projections_where_they_end) {
  static const search rows[] = {
      {"[*][0]", "[[1,2],[3,4]]", "[1,3]"},
      {"([*])[0]", "[[1,2],[3,4]]", "[1,2]"},
      {"[*] | [0]", "[[1,2],[3,4]]", "[1,2]"},
      {"[*].a[*].b", "[{\"a\":[{\"b\":1},{}]},{\"a\":[{\"b\":2}]},{}]",
       "[[1],[2]]"},
      {"[*].a[].b", "[{\"a\":[{\"b\":1},{}]},{\"a\":[{\"b\":2}]},{}]", "[1,2]"},
      {"[*].a[][0]", "[{\"a\":[[1,2],[3]]},{\"a\":[[4]]}]", "[1,3,4]"},
      {"[][]", "[[[1],[2]],[3,null]]", "[1,2,3]"},
      {"[*]", "[1,null,[null],false]", "[1,[null],false]"},
      {"[::-1][*]", "[[1],[2]]", "[[2],[1]]"},
      {"[?@].a", "[{\"a\":1},null,{\"a\":null},{\"b\":1}]", "[1]"},
      {"*.a", "{\"y\":{\"a\":1},\"x\":{\"a\":2}}", "[2,1]"},
      {"*", "{\"b\":1,\"B\":2,\"a\":3,\"n\":null}", "[2,3,1]"},
      {"*.*", "{\"b\":{\"d\":1,\"c\":2},\"a\":[1]}", "[[2,1]]"},
      {"[*].[a, b]", "[{\"a\":1},{}]", "[[1,null],[null,null]]"},
      {"[*].{x: a}", "[{\"a\":1},null]", "[{\"x\":1}]"},
      {"[*].to_string(@)", "[1,null]", "[\"1\",\"null\"]"},
      {"a.to_string(@)", "{}", "\"null\""},
      {"a.[b]", "{}", "null"},
      {"a.{b: c}", "{}", "null"},
      {"[0:3:2]", "[1,2,3,4]", "[1,3]"},
      {"[1:3]", "[1,2,null,4]", "[2]"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath, slices_as_python_does) {
  static const search rows[] = {
      {"[9:0:-1]", "[1,2,3]", "[3,2]"},
      {"[9::-2]", "[1,2,3]", "[3,1]"},
      {"[3::-1]", "[1,2,3]", "[3,2,1]"},
      {"[:-9:-1]", "[1,2,3]", "[3,2,1]"},
      {"[-9:2]", "[1,2,3]", "[1,2]"},
      {"[-1:]", "[1,2,3]", "[3]"},
      {"[:-1]", "[1,2,3]", "[1,2]"},
      {"[::2147483647]", "[1,2,3]", "[1]"},
      {"[::-2147483647]", "[1,2,3]", "[3]"},
      {"[2:1]", "[1,2,3]", "[]"},
      {"[1:2:-1]", "[1,2,3]", "[]"},
      {"[::]", "[]", "[]"},
      {"[::-1]", "[]", "[]"},
      {"[1:]", "[]", "[]"},
      {"[1:]", "\"abc\"", "null"},
      {"[1:].a", "{}", "null"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath, compares_numbers_exactly_and_orders_nothing_else) {
  static const search rows[] = {
      {"a == `9007199254740992`", "{\"a\":9007199254740993}", "false"},
      {"a == `1.0`", "{\"a\":1}", "true"},
      {"a == '1'", "{\"a\":1}", "false"},
      {"a < `9223372036854775808`", "{\"a\":9223372036854775807}", "true"},
      {"a < b", "{\"a\":\"a\",\"b\":\"b\"}", "null"},
      {"a < b", "{\"a\":1,\"b\":\"b\"}", "null"},
      {"[?@ > `1`]", "[0,1,2,\"3\",null,2.5]", "[2,2.5]"},
      {"a == b", "{\"a\":{\"x\":1,\"y\":[2]},\"b\":{\"y\":[2.0],\"x\":1}}",
       "true"},
      {"a != b", "{}", "false"},
      {"a == `null`", "{}", "true"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath, keeps_the_last_entry_of_a_name) {
  static const search rows[] = {
      {"{a: x, b: y, a: z}", "{\"x\":1,\"y\":2,\"z\":3}", "{\"a\":3,\"b\":2}"},
      {"{a: x, \"a\": y}", "{\"x\":1,\"y\":2}", "{\"a\":2}"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath, reads_the_quoted_kinds) {
  static const search rows[] = {
      {"'it\\'s'", "1", "\"it's\""},
      {"'a\\b\\\\'", "1", "\"a\\\\b\\\\\\\\\""},
      {"`\"a\\`b\"`", "1", "\"a`b\""},
      {"`[ 1, {\"a\": null} ] `", "1", "[1,{\"a\":null}]"},
      {"\"a\\u0062\"", "{\"ab\":1}", "1"},
      {"\"\"", "{\"\":1}", "1"},
      {" a . \"b\" [ 0 ] ", "{\"a\":{\"b\":[7]}}", "7"},
      {"a\n.\tb\r", "{\"a\":{\"b\":7}}", "7"},
      {"[ * ]", "[1]", "[1]"},
      {"[ 1 : 2 ]", "[1,2,3]", "[2]"},
      {"true", "{\"true\":5}", "5"},
      {"`true`", "1", "true"},
      {"'\xc3\xa4'", "1", "\"\xc3\xa4\""},
  };
  check_searches(rows, COUNT_OF(rows));
}

/* --- errors --------------------------------------------------------------- */

typedef struct mistake {
  const char *query;
  jmespath_error_kind kind;
  uint32_t begin, end;
  const char *message, *help; /* parts; NULL: no help */
} mistake;

static void check_mistakes(const mistake *rows, size_t count,
                           const char *given_text) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < count; i++) {
    const mistake *row = &rows[i];
    value given, result;
    json_error bad;
    jmespath_error error = {0};
    cr_assert(json_read(&a, slice_from(given_text), 0, &given, &bad));
    const jmespath_query *query =
        jmespath_compile(&a, slice_from(row->query), &error);
    cr_expect_not(query && jmespath_search(query, &a, &given, &result, &error),
                  "%s", row->query);
    if (!error.message)
      continue;
    cr_expect_str_eq(jmespath_error_name(error.kind),
                     jmespath_error_name(row->kind), "%s", row->query);
    cr_expect(error.where.begin == row->begin && error.where.end == row->end,
              "%s: at %u to %u", row->query, error.where.begin,
              error.where.end);
    cr_expect_not_null(strstr(error.message, row->message), "%s: %s",
                       row->query, error.message);
    cr_expect(row->help ? error.help && strstr(error.help, row->help)
                        : !error.help,
              "%s: help is %s", row->query, error.help ? error.help : "none");
  }
  arena_free(&a);
}

Test(jmespath, says_where_the_syntax_is_wrong) {
  static const mistake rows[] = {
      {"", JMESPATH_SYNTAX, 0, 0, "end of the query where an expression", NULL},
      {"a.", JMESPATH_SYNTAX, 2, 2, "the end of the query", NULL},
      {"a.b]", JMESPATH_SYNTAX, 3, 4, "`]` where an operator should stand",
       NULL},
      {"[?a == `1`", JMESPATH_SYNTAX, 10, 10, "`]` or an operator", NULL},
      {"{a: b", JMESPATH_SYNTAX, 5, 5, "`}`, `,` or an operator", NULL},
      {"f(a", JMESPATH_SYNTAX, 3, 3, "`)`, `,` or an operator", NULL},
      {"{a}", JMESPATH_SYNTAX, 2, 3, "`}` where `:`", NULL},
      {"[?PcrIndex == 12]", JMESPATH_SYNTAX, 14, 16, "a number where an expre",
       "a number is written `12`"},
      {"a[b]", JMESPATH_SYNTAX, 2, 3, "a name where a number", "written .b"},
      {"a <> b", JMESPATH_SYNTAX, 3, 4, "`>` where an expression",
       "written !="},
      {"a = b", JMESPATH_SYNTAX, 2, 3, "`=` is no operator", "=="},
      {"a & b", JMESPATH_SYNTAX, 2, 3, "`&` where an operator", NULL},
      {"a-b", JMESPATH_SYNTAX, 1, 2, "without a digit", "\"a-b\""},
      {"$.a", JMESPATH_SYNTAX, 0, 1, "`$`", "\"$name\""},
      {"a + b", JMESPATH_SYNTAX, 2, 3, "arithmetic", NULL},
      {"[ ?a]", JMESPATH_SYNTAX, 2, 3, "only behind `[`", "[?..]"},
      {"#", JMESPATH_SYNTAX, 0, 1, "`#` has no meaning", "double quotes"},
      {"a == \xE2\x80\x9Cx\xE2\x80\x9D", JMESPATH_SYNTAX, 5, 8, "typographic",
       "a string stands in ' '"},
      {"a\xC2\xA0== b", JMESPATH_SYNTAX, 1, 3, "no-break space", "blank"},
      {"a\x01", JMESPATH_SYNTAX, 1, 2, "U+0001", NULL},
      {"a\xff", JMESPATH_SYNTAX, 1, 2, "UTF-8", NULL},
      {"\"a", JMESPATH_SYNTAX, 0, 1, "the name that begins here", NULL},
      {"a.'b", JMESPATH_SYNTAX, 2, 3, "the string that begins here", NULL},
      {"`1", JMESPATH_SYNTAX, 0, 1, "the literal that begins here", NULL},
      {"\"a\\x\"", JMESPATH_SYNTAX, 2, 3, "no escape", NULL},
      {"a == `foo`", JMESPATH_SYNTAX, 6, 7, "JSON", "'foo'"},
      {"`{\"a\" 1}`", JMESPATH_SYNTAX, 6, 7, "JSON", NULL},
      {"``", JMESPATH_SYNTAX, 1, 2, "JSON", NULL},
      {"[99999999999999999999]", JMESPATH_SYNTAX, 1, 21, "so large", NULL},
      {"\"f\"(a)", JMESPATH_SYNTAX, 3, 4, "`(`", NULL},
      {"f(&)", JMESPATH_SYNTAX, 3, 4, "`)` where an expression", NULL},
      {"&a", JMESPATH_SYNTAX, 0, 1, "`&` where an expression", NULL},
  };
  check_mistakes(rows, COUNT_OF(rows), "{}");
}

Test(jmespath, finds_hopeless_queries_without_input) {
  static const mistake rows[] = {
      {"a || lenght(@)", JMESPATH_UNKNOWN_FUNCTION, 5, 11, "no function lenght",
       "did you mean length?"},
      {"no_such_thing(@)", JMESPATH_UNKNOWN_FUNCTION, 0, 13,
       "no function no_such_thing", NULL},
      {"equalsIgnoreCase(a, b)", JMESPATH_UNKNOWN_FUNCTION, 0, 16,
       "no function", "equals_ignore_case"},
      {"a.length()", JMESPATH_INVALID_ARITY, 2, 10,
       "length takes 1 argument, not 0", NULL},
      {"contains('a')", JMESPATH_INVALID_ARITY, 0, 13, "takes 2 arguments",
       NULL},
      {"not_null()", JMESPATH_INVALID_ARITY, 0, 10, "takes at least 1", NULL},
      {"sort_by(@, a.b)", JMESPATH_INVALID_TYPE, 11, 14,
       "argument 2 of sort_by is a value; it takes an expression", NULL},
      {"length(&a)", JMESPATH_INVALID_TYPE, 7, 9,
       "argument 1 of length is an expression", NULL},
      {"[?abs('x') == `1`]", JMESPATH_INVALID_TYPE, 6, 9,
       "argument 1 of abs is a string; it takes a number", NULL},
      {"[?a[::0]]", JMESPATH_INVALID_VALUE, 3, 8, "step", NULL},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    jmespath_error error;
    cr_expect_null(jmespath_compile(&a, slice_from(rows[i].query), &error),
                   "%s", rows[i].query);
  }
  arena_free(&a);
  check_mistakes(rows, COUNT_OF(rows), "[]");
}

Test(jmespath, says_which_argument_is_wrong) {
  static const mistake rows[] = {
      {"abs(s)", JMESPATH_INVALID_TYPE, 4, 5, "argument 1 of abs is a string",
       NULL},
      {"length( missing )", JMESPATH_INVALID_TYPE, 8, 15,
       "argument 1 of length is null; it takes a string, an array or", NULL},
      {"join(', ', mixed[0:])", JMESPATH_INVALID_TYPE, 11, 20,
       "argument 2 of join is an array with other items; it takes an array "
       "of strings",
       NULL},
      {"sort_by(mixed, &@)", JMESPATH_INVALID_TYPE, 16, 17,
       "the expression of sort_by gives a string for item 1", NULL},
      {"sum(big)", JMESPATH_INVALID_VALUE, 0, 8, "beyond the range", NULL},
  };
  check_mistakes(rows, COUNT_OF(rows),
                 "{\"s\":\"x\",\"mixed\":[1,\"a\"],\"big\":[1e308,1e308]}");
}

/* The tree does not lean on the text given. */
Test(jmespath, copies_the_text_it_compiles) {
  TEST_ARENA(a, LIMIT_BYTES);
  char text[] = "abc.'x' || abc.def";
  char good[] = "abc.def || abc.def";
  jmespath_error error;
  cr_expect_null(jmespath_compile(&a, slice_from(text), &error));
  const jmespath_query *query =
      jmespath_compile(&a, (slice){good, sizeof good - 1}, &error);
  cr_assert_not_null(query);
  memset(good, '!', sizeof good);
  value given, result;
  json_error bad;
  json_read(&a, SLICE("{\"abc\":{\"def\":7}}"), 0, &given, &bad);
  cr_expect(jmespath_search(query, &a, &given, &result, &error));
  cr_expect_eq(result.integer, 7);
  arena_free(&a);
}
