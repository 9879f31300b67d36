/* SPDX-License-Identifier: Apache-2.0 */
#include "token/key_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "sign/digest.h"

/* What lies in the cache: {"url", "fetched", "keys": the set as a text}. */
typedef struct cached_keys {
  bool is_there;
  int64_t fetched;
  jwk_set keys;
} cached_keys;

/* --- files ---------------------------------------------------------------- */

static const char *path_of(arena *a, const key_source *source) {
  uint8_t hash[SHA256_BYTES];
  buffer path = buffer_in(a);
  digest_sha256(a, bytes_from_slice(source->url), hash);
  buffer_printf(&path, "%s/", source->directory);
  buffer_hex(&path, (bytes){hash, sizeof hash});
  buffer_text(&path, ".json");
  return buffer_slice(&path).data;
}

/* Keys that somebody else may write are somebody else's keys. */
static bool is_own(const struct stat *s) {
  return s->st_uid == geteuid() && (s->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool directory_is_own(const char *directory) {
  struct stat s;
  return lstat(directory, &s) == 0 && S_ISDIR(s.st_mode) && is_own(&s);
}

/* Reads exactly size bytes; false if there are fewer. */
static bool read_all(int file, char *to, size_t size) {
  while (size > 0) {
    ssize_t n = read(file, to, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    to += n;
    size -= (size_t)n;
  }
  return true;
}

/* The size of a regular file of the user's own; 0 if it is not one or too
 * large. */
static size_t usable_size(int file) {
  struct stat s;
  bool good = fstat(file, &s) == 0 && S_ISREG(s.st_mode) && is_own(&s) &&
              s.st_size > 0 && s.st_size <= (off_t)2 * LIMIT_KEY_SET_BYTES;
  return good ? (size_t)s.st_size : 0;
}

static bool read_file(arena *a, const char *path, slice *text) {
  /* Room first: an allocation that fails must not leave the file open. */
  struct stat s;
  if (lstat(path, &s) != 0 || s.st_size <= 0 ||
      s.st_size > (off_t)2 * LIMIT_KEY_SET_BYTES)
    return false;
  size_t room = (size_t)s.st_size;
  char *data = arena_alloc(a, room);
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0)
    return false;
  bool good = usable_size(file) == room && read_all(file, data, room);
  close(file);
  *text = (slice){data, room};
  return good;
}

static bool write_all(int file, slice text) {
  while (text.length > 0) {
    ssize_t n = write(file, text.data, text.length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    text = (slice){text.data + n, text.length - (size_t)n};
  }
  return true;
}

/* Every folder above it and itself, as mkdir -p. */
static void make_directory(arena *a, const char *directory) {
  char *path = arena_string(a, slice_from(directory));
  for (char *at = path + 1; *at; at++)
    if (*at == '/') {
      *at = 0;
      mkdir(path, 0700);
      *at = '/';
    }
  mkdir(path, 0700);
}

/* A new file that takes the old one's place, so that nobody reads half. */
static void replace_file(arena *a, const char *path, slice text) {
  buffer name = buffer_in(a);
  buffer_printf(&name, "%s.%ld", path, (long)getpid());
  const char *fresh = buffer_slice(&name).data;
  unlink(fresh);
  int file =
      open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0)
    return;
  bool good = write_all(file, text);
  if (close(file) != 0)
    good = false;
  if (!good || rename(fresh, path) != 0)
    unlink(fresh);
}

/* --- the cache ------------------------------------------------------------ */

static cached_keys read_cache(arena *a, const key_source *source) {
  cached_keys none = {0}, found = {.is_there = true};
  slice text;
  value object;
  json_error error;
  const char *reason;
  if (!source->directory || !directory_is_own(source->directory) ||
      !read_file(a, path_of(a, source), &text) ||
      !json_read(a, text, 0, &object, &error))
    return none;
  const value *url = value_member(&object, SLICE("url"));
  const value *fetched = value_member(&object, SLICE("fetched"));
  const value *keys = value_member(&object, SLICE("keys"));
  if (!url || url->kind != VALUE_STRING || !fetched ||
      fetched->kind != VALUE_INTEGER || !keys || keys->kind != VALUE_STRING ||
      !slice_equal(value_string(url), source->url) ||
      !jwk_set_read(a, value_string(keys), &found.keys, &reason))
    return none;
  found.fetched = fetched->integer;
  return found;
}

static void write_cache(arena *a, const key_source *source, slice keys) {
  if (!source->directory)
    return;
  make_directory(a, source->directory);
  if (!directory_is_own(source->directory))
    return;
  object_builder o = object_in(a);
  object_set(&o, SLICE("url"), value_text(source->url));
  object_set(&o, SLICE("fetched"), value_integer(source->now));
  object_set(&o, SLICE("keys"), value_text(keys));
  value object = object_value(&o);
  buffer text = buffer_in(a);
  json_write(&text, &object);
  replace_file(a, path_of(a, source), buffer_slice(&text));
}

/* Keys from the future are as good as none: a clock was wrong. */
static bool is_younger(const cached_keys *c, const key_source *source,
                       int64_t seconds) {
  return c->is_there && c->fetched <= source->now &&
         source->now - c->fetched < seconds;
}

static bool fetch(arena *a, const key_source *source, jwk_set *keys,
                  const char **reason) {
  slice text;
  if (!source->fetch(source->context, a, source->url, &text, reason) ||
      !jwk_set_read(a, text, keys, reason))
    return false;
  write_cache(a, source, text);
  return true;
}

bool key_source_read(arena *a, const key_source *source, slice kid,
                     jwk_set *keys, const char **reason) {
  cached_keys cached = read_cache(a, source);
  bool is_fresh = is_younger(&cached, source, KEY_CACHE_SECONDS);
  bool has_kid = !kid.data || jwk_set_has(&cached.keys, kid);
  if (is_fresh &&
      (has_kid || is_younger(&cached, source, KEY_REFRESH_SECONDS))) {
    *keys = cached.keys;
    return true;
  }
  if (fetch(a, source, keys, reason))
    return true;
  *keys = cached.keys;
  return is_fresh;
}

const char *key_cache_directory(arena *a, const char *xdg_cache_home,
                                const char *home) {
  bool has_cache = xdg_cache_home && *xdg_cache_home == '/';
  if (!has_cache && !(home && *home == '/'))
    return NULL;
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s%s/maapol/keys", has_cache ? xdg_cache_home : home,
                has_cache ? "" : "/.cache");
  return buffer_slice(&path).data;
}
