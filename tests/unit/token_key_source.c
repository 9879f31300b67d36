/* SPDX-License-Identifier: Apache-2.0 */
/* When published keys are fetched, and when the cache serves. */
#include "token/key_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/token_fixture.h"

typedef struct source_fixture {
  token_fixture f;
  char root[64];
  const char *directory;
  key_source source;
  /* What the server does. */
  const char *kid;
  bool is_down, is_broken;
  int fetches;
} source_fixture;

static bool fetch(void *context, arena *a, slice url, slice *text,
                  const char **reason) {
  source_fixture *s = context;
  s->fetches++;
  *reason = "the server is down";
  cr_expect(slice_is(url, "https://tenant/certs"));
  *text = s->is_broken ? SLICE("<html>") : jwk_set_text(a, &s->f.rsa, s->kid);
  return !s->is_down;
}

static void source_begin(source_fixture *s) {
  *s = (source_fixture){.kid = "one"};
  fixture_begin(&s->f);
  snprintf(s->root, sizeof s->root, "/tmp/maapol-keys-XXXXXX");
  cr_assert_not_null(mkdtemp(s->root));
  s->directory = key_cache_directory(&s->f.arena, s->root, NULL);
  s->source = (key_source){.url = SLICE("https://tenant/certs"),
                           .directory = s->directory,
                           .now = 1700000000,
                           .fetch = fetch,
                           .context = s};
}

static const char *cache_file(source_fixture *s) {
  buffer path = buffer_in(&s->f.arena);
  buffer command = buffer_in(&s->f.arena);
  buffer_printf(&command, "ls %s/*.json", s->directory);
  FILE *list = popen(buffer_slice(&command).data, "r");
  char line[256] = "";
  cr_assert(list && fgets(line, sizeof line, list));
  pclose(list);
  buffer_printf(&path, "%.*s", (int)strcspn(line, "\n"), line);
  return buffer_slice(&path).data;
}

static void source_end(source_fixture *s) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", s->root);
  cr_expect(system(command) == 0);
  fixture_end(&s->f);
}

/* Reads the keys; whether that fetched, and whether the kid is there. */
static void expect(source_fixture *s, const char *kid, int fetches,
                   bool has_kid) {
  jwk_set keys = {0};
  const char *reason = NULL;
  int before = s->fetches;
  cr_expect(key_source_read(&s->f.arena, &s->source, slice_from(kid), &keys,
                            &reason),
            "%s", reason);
  cr_expect_eq(s->fetches - before, fetches, "%d fetches for %s",
               s->fetches - before, kid);
  cr_expect_eq(jwk_set_has(&keys, slice_from(kid)), has_kid);
}

Test(key_source, fetches_once_a_day) {
  source_fixture s;
  source_begin(&s);
  expect(&s, "one", 1, true);
  expect(&s, "one", 0, true);
  s.source.now += KEY_CACHE_SECONDS - 1;
  expect(&s, "one", 0, true);
  s.source.now += 1;
  expect(&s, "one", 1, true);
  s.source.now -= 3600; /* the clock was set back: the future is no age */
  expect(&s, "one", 1, true);
  source_end(&s);
}

Test(key_source, fetches_anew_for_an_unknown_kid) {
  source_fixture s;
  source_begin(&s);
  expect(&s, "one", 1, true);
  s.kid = "two"; /* the service has a new key */
  expect(&s, "two", 0, false); /* too soon after the last fetch */
  s.source.now += KEY_REFRESH_SECONDS;
  expect(&s, "two", 1, true);
  expect(&s, "two", 0, true);
  /* Tokens of made-up keys cannot make it fetch for each of them. */
  expect(&s, "three", 0, false);
  expect(&s, "four", 0, false);
  source_end(&s);
}

Test(key_source, serves_from_the_cache_when_the_server_is_down) {
  source_fixture s;
  jwk_set keys;
  const char *reason = NULL;
  source_begin(&s);
  expect(&s, "one", 1, true);
  s.is_down = true;
  s.source.now += KEY_REFRESH_SECONDS;
  expect(&s, "other", 1, false);
  s.source.now += KEY_CACHE_SECONDS;
  cr_expect_not(key_source_read(&s.f.arena, &s.source, SLICE("one"), &keys,
                                &reason));
  cr_expect_str_eq(reason, "the server is down");
  source_end(&s);
}

Test(key_source, keeps_nothing_of_an_answer_that_is_no_set) {
  source_fixture s;
  jwk_set keys;
  const char *reason = NULL;
  source_begin(&s);
  s.is_broken = true;
  cr_expect_not(key_source_read(&s.f.arena, &s.source, SLICE("one"), &keys,
                                &reason));
  s.is_broken = false;
  expect(&s, "one", 1, true);
  source_end(&s);
}

/* Another URL's file under this name must not serve. */
Test(key_source, does_not_mix_urls) {
  source_fixture s;
  source_begin(&s);
  expect(&s, "one", 1, true);
  const char *path = cache_file(&s);
  char command[700];
  snprintf(command, sizeof command,
           "sed -i s,https://tenant/certs,https://evil/certs, %s", path);
  cr_assert(system(command) == 0);
  expect(&s, "one", 1, true);
  source_end(&s);
}

Test(key_source, trusts_no_cache_that_others_can_write) {
  source_fixture s;
  source_begin(&s);
  expect(&s, "one", 1, true);
  struct stat file;
  cr_assert(stat(cache_file(&s), &file) == 0);
  cr_expect_eq(file.st_mode & 0777, 0600);
  cr_assert(chmod(cache_file(&s), 0666) == 0);
  expect(&s, "one", 1, true); /* a new file takes its place */
  expect(&s, "one", 0, true);
  cr_assert(chmod(s.directory, 0777) == 0);
  expect(&s, "one", 1, true);
  expect(&s, "one", 1, true);
  source_end(&s);
}

Test(key_source, follows_no_link) {
  source_fixture s;
  source_begin(&s);
  expect(&s, "one", 1, true);
  const char *path = cache_file(&s);
  char other[300];
  snprintf(other, sizeof other, "%s/kept", s.root);
  cr_assert(rename(path, other) == 0 && symlink(other, path) == 0);
  expect(&s, "one", 1, true);
  source_end(&s);
}

Test(key_source, works_without_a_cache) {
  source_fixture s;
  source_begin(&s);
  s.source.directory = NULL;
  expect(&s, "one", 1, true);
  expect(&s, "one", 1, true);
  s.source.directory = "/proc/maapol/keys"; /* cannot be made */
  expect(&s, "one", 1, true);
  expect(&s, "one", 1, true);
  source_end(&s);
}

Test(key_source, finds_its_directory) {
  TEST_ARENA(a, (size_t)1 << 20);
  cr_expect_str_eq(key_cache_directory(&a, "/c", "/h"), "/c/maapol/keys");
  cr_expect_str_eq(key_cache_directory(&a, "rel", "/h"),
                   "/h/.cache/maapol/keys");
  cr_expect_str_eq(key_cache_directory(&a, NULL, "/h"),
                   "/h/.cache/maapol/keys");
  cr_expect_null(key_cache_directory(&a, "", "rel"));
  arena_free(&a);
}
