/* SPDX-License-Identifier: Apache-2.0 */
#include "base/glob.h"
#include "tests/unit/unit.h"

static const struct {
  const char *pattern, *path;
  bool matches;
} rows[] = {
    {"a.policy", "a.policy", true},
    {"a.policy", "b.policy", false},
    {"a.policy", "a.policyx", false},
    {"a.policy", "xa.policy", false},
    {"*.policy", "a.policy", true},
    {"*.policy", "sub/deep/a.policy", true}, /* the last name */
    {"*.policy", "a.policy/b", false},
    {"/*.policy", "a.policy", true},
    {"/*.policy", "sub/a.policy", false},
    {"sub/*.policy", "sub/a.policy", true},
    {"sub/*.policy", "sub/deep/a.policy", false},
    {"sub/*", "sub/", true},
    {"sub/**", "sub/deep/a.policy", true},
    {"sub/**", "subx/a.policy", false},
    {"sub/**", "sub", false},
    {"**/a.policy", "a.policy", true},
    {"**/a.policy", "x/y/a.policy", true},
    {"**/a.policy", "xa.policy", false},
    {"sub/**/a.policy", "sub/a.policy", true},
    {"sub/**/a.policy", "sub/x/y/a.policy", true},
    {"sub/**/a.policy", "sub/xa.policy", false},
    {"sub/**/x/*.policy", "sub/1/x/2/x/a.policy", true},
    {"?.policy", "a.policy", true},
    {"?.policy", "ab.policy", false},
    {"/a?b", "a/b", false},
    {"a*b*c", "a-b-b-c", true},
    {"a*b*c", "a-b-b-d", false},
    {"***", "x/y", true},
    {"**", "x/y", true},
    {"", "", false},
    {"", "a", false},
};

Test(glob, patterns_match_as_gitignore_does) {
  TEST_ARENA(a, 1 << 20);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(glob_matches(&a, slice_from(rows[i].pattern),
                           slice_from(rows[i].path)) == rows[i].matches,
              "%s against %s", rows[i].pattern, rows[i].path);
  arena_free(&a);
}

Test(glob, stars_without_end_take_no_time) {
  TEST_ARENA(a, 1 << 20);
  char pattern[2001], path[2001];
  for (int i = 0; i < 2000; i++) {
    pattern[i] = i % 2 ? 'a' : '*';
    path[i] = 'a';
  }
  path[1999] = 'b';
  cr_expect(!glob_matches(&a, (slice){pattern, 2000}, (slice){path, 2000}));
  arena_free(&a);
}
