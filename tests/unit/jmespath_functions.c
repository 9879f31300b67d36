/* SPDX-License-Identifier: Apache-2.0 */
/* Edges of the functions that the compliance suite leaves alone. */
#include "eval/jmespath.h"
#include "tests/unit/jmespath_fixture.h"

Test(jmespath_functions, ignores_case_of_ascii_alone) {
  static const search rows[] = {
      {"equals_ignore_case(@, '\\WINDOWS\\x')", "\"\\\\windows\\\\X\"", "true"},
      {"equals_ignore_case(@, 'b')", "\"a\"", "false"},
      {"equals_ignore_case(@, 'ab')", "\"a\"", "false"},
      {"equals_ignore_case(@, '')", "\"\"", "true"},
      {"equals_ignore_case(@, '[')", "\"{\"", "false"},
      {"equals_ignore_case(@, '@')", "\"`\"", "false"},
      {"equals_ignore_case(@, '{')", "\"[\"", "false"},
      {"equals_ignore_case('@', @)", "\"`\"", "false"},
      {"equals_ignore_case(@, '\xc3\x84')", "\"\xc3\xa4\"", "false"},
      {"equals_ignore_case(@, '\xc3\xa4')", "\"\xc3\xa4\"", "true"},
      {"equals_ignore_case(a, b)", "{}", "false"},
      {"equals_ignore_case(a, 'x')", "{}", "false"},
      {"equals_ignore_case(a, a)", "{\"a\":1}", "false"},
      {"equals_ignore_case('x', a)", "{\"a\":[\"x\"]}", "false"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath_functions, keep_integers_exact) {
  static const search rows[] = {
      {"abs(@)", "-9223372036854775807", "9223372036854775807"},
      {"abs(@)", "-9223372036854775808", "9223372036854776000"},
      {"abs(@)", "-1.5", "1.5"},
      {"sum(@)", "[9007199254740993,1]", "9007199254740994"},
      {"sum(@)", "[9223372036854775807,1]", "9223372036854776000"},
      {"sum(@)", "[0.5,0.5]", "1"},
      {"avg(@)", "[9007199254740993,9007199254740993]", "9007199254740993"},
      {"avg(@)", "[1,2]", "1.5"},
      {"avg(@)", "[-3,-4]", "-3.5"},
      {"ceil(@)", "9007199254740993", "9007199254740993"},
      {"ceil(@)", "-1.5", "-1"},
      {"ceil(@)", "-0.5", "0"},
      {"ceil(@)", "0.1", "1"},
      {"floor(@)", "-0.1", "-1"},
      {"floor(@)", "1e300", "1e+300"},
      {"floor(@)", "4503599627370495.5", "4503599627370495"},
      {"to_number(@)", "\"9007199254740993\"", "9007199254740993"},
      {"to_number(@)", "\" 1\"", "null"},
      {"to_number(@)", "\"1e999\"", "null"},
      {"to_number(@)", "\"0x10\"", "null"},
      {"to_number(@)", "\"\"", "null"},
      {"max(@)", "[9007199254740992,9007199254740993]", "9007199254740993"},
      {"to_string(@)", "1.0", "\"1\""},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath_functions, count_and_turn_code_points) {
  static const search rows[] = {
      {"length(@)", "\"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", "4"},
      {"reverse(@)", "\"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
       "\"\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa4"
       "a\""},
      {"length(@)", "{\"a\":1,\"b\":2}", "2"},
      {"reverse(@)", "[]", "[]"},
      {"sort(@)", "[\"\xf0\x9f\x98\x80\",\"\xef\xbf\xbf\",\"a\",\"\",\"ab\"]",
       "[\"\",\"a\",\"ab\",\"\xef\xbf\xbf\",\"\xf0\x9f\x98\x80\"]"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath_functions, search_in_strings_and_arrays) {
  static const search rows[] = {
      {"contains(@, '')", "\"\"", "true"},
      {"contains(@, '')", "\"a\"", "true"},
      {"contains(@, 'aab')", "\"aaaab\"", "true"},
      {"contains(@, 'aab')", "\"aaaa\"", "false"},
      {"contains(@, 'ab')", "\"a\"", "false"},
      {"contains(@, 'b')", "\"ab\"", "true"},
      {"contains(@, `1`)", "\"1\"", "false"},
      {"contains(@, `null`)", "[null]", "true"},
      {"contains(@, `[1]`)", "[[1.0]]", "true"},
      {"contains(@, `{\"a\":1,\"b\":2}`)", "[{\"b\":2,\"a\":1}]", "true"},
      {"contains(@, '')", "[]", "false"},
      {"starts_with(@, '')", "\"\"", "true"},
      {"ends_with(@, 'ab')", "\"b\"", "false"},
      {"ends_with(@, '')", "\"b\"", "true"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath_functions, sort_stably_and_take_the_first_extreme) {
  static const search rows[] = {
      {"sort_by(@, &k)[*].n",
       "[{\"k\":2,\"n\":0},{\"k\":1,\"n\":1},{\"k\":2,\"n\":2},"
       "{\"k\":1.0,\"n\":3},{\"k\":1,\"n\":4}]",
       "[1,3,4,0,2]"},
      {"max_by(@, &k).n",
       "[{\"k\":1,\"n\":0},{\"k\":2,\"n\":1},{\"k\":2,\"n\":2}]", "1"},
      {"min_by(@, &k).n",
       "[{\"k\":2,\"n\":0},{\"k\":1,\"n\":1},{\"k\":1,\"n\":2}]", "1"},
      {"min(@)", "[\"b\",\"a\"]", "\"a\""},
      {"sort(@)", "[3,1,2]", "[1,2,3]"},
      {"sort_by(@, &@)", "[3]", "[3]"},
      {"map(&sort(@), @)", "[[2,1],[4,3]]", "[[1,2],[3,4]]"},
      {"sort_by(@, &max(@))[0]", "[[5],[1,2],[3]]", "[1,2]"},
      {"map(&[0], @)", "[[1],[],null]", "[1,null,null]"},
  };
  check_searches(rows, COUNT_OF(rows));
}

Test(jmespath_functions, order_names_bytewise) {
  static const search rows[] = {
      {"keys(@)", "{\"b\":1,\"a\":2,\"B\":3,\"\":4}",
       "[\"\",\"B\",\"a\",\"b\"]"},
      {"values(@)", "{\"b\":1,\"a\":null,\"B\":3}", "[3,null,1]"},
      {"merge(@, `{\"a\":9}`, `{\"c\":1}`)", "{\"b\":1,\"a\":2}",
       "{\"a\":9,\"b\":1,\"c\":1}"},
      {"to_string(@)", "{\"b\":[1, 2],\"a\":\"x\"}",
       "\"{\\\"a\\\":\\\"x\\\",\\\"b\\\":[1,2]}\""},
      {"not_null(a, b, 'c', d)", "{\"b\":false}", "false"},
      {"type(@)", "1.5", "\"number\""},
      {"to_array(a)", "{}", "[null]"},
      {"join('', @)", "[]", "\"\""},
      {"join('-', @)", "[\"a\"]", "\"a\""},
  };
  check_searches(rows, COUNT_OF(rows));
}
