/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/jmespath_fixture.h"

void check_searches(const search *rows, size_t count) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < count; i++) {
    value given;
    json_error bad;
    jmespath_error error;
    slice text = SLICE_EMPTY;
    cr_assert(json_read(&a, slice_from(rows[i].given), 0, &given, &bad));
    const jmespath_query *query =
        jmespath_compile(&a, slice_from(rows[i].query), &error);
    bool done = query && jmespath_search_text(query, &a, &given, &text, &error);
    cr_expect(done, "%s: %s", rows[i].query, error.message);
    if (done)
      cr_expect_str_eq(text.data, rows[i].expected, "%s gave %s", rows[i].query,
                       text.data);
  }
  arena_free(&a);
}
