/* SPDX-License-Identifier: Apache-2.0 */
#include "base/junit.h"
#include "tests/unit/unit.h"

/* A path of somebody else begins neither a line nor an element. */
Test(junit, says_that_a_file_cannot_be_used) {
  TEST_ARENA(a, 1 << 20);
  buffer out = buffer_in(&a);
  junit_suite_unusable(&out, "a\"\n<b>", "read", "no 'file'\t&");
  cr_expect_str_eq(
      buffer_slice(&out).data,
      "  <testsuite name=\"a&quot;\\x0A&lt;b&gt;\" tests=\"1\" failures=\"0\" "
      "errors=\"1\" skipped=\"0\">\n"
      "    <testcase classname=\"a&quot;\\x0A&lt;b&gt;\" name=\"read\">"
      "<error message=\"no &#39;file&#39;\\x09&amp;\"/></testcase>\n"
      "  </testsuite>\n");
  arena_free(&a);
}
