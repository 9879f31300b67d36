/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/roots.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/file.h"
#include "evidence/certificate.h"
#include "evidence/verify.h"

static void add_root(arena *a, trust_roots *roots, X509 *root,
                     const char *name) {
  if (roots->count == roots->capacity) {
    size_t names = roots->capacity;
    roots->items = arena_grow(a, (void *)roots->items, roots->count,
                              &roots->capacity, sizeof *roots->items);
    roots->names = arena_grow(a, (void *)roots->names, roots->count, &names,
                              sizeof *roots->names);
  }
  roots->items[roots->count] = root;
  roots->names[roots->count++] = name;
}

trust_roots roots_builtin(arena *a) {
  trust_roots roots = {0};
  for (const builtin_root *r = builtin_roots; r->name; r++) {
    certificate_chain chain;
    const char *reason;
    bytes pem = bytes_from_slice(slice_from(r->pem));
    /* The texts are the program's own: only memory can be short. */
    if (!certificate_chain_read(a, pem, &chain, &reason))
      arena_fail(a, ARENA_NO_MEMORY);
    add_root(a, &roots, chain.items[0], r->name);
  }
  roots.builtin_count = roots.count;
  return roots;
}

/* --- a directory ---------------------------------------------------------- */

static bool has_ending(slice name) {
  static const char *const endings[] = {".pem", ".crt", ".cer", ".der"};
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
    if (name.length > 4 &&
        slice_equal_ignore_case(
            (slice){name.data + name.length - 4, 4}, slice_from(endings[i])))
      return true;
  return false;
}

static int compare_names(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Names of the directory's certificate files, sorted; NULL ends them. */
static const char **list_files(arena *a, DIR *directory) {
  size_t count = 0, capacity = 0;
  const char **names = NULL;
  for (struct dirent *d = readdir(directory); d; d = readdir(directory)) {
    slice name = slice_from(d->d_name);
    if (!has_ending(name))
      continue;
    if (count == capacity)
      names = arena_grow(a, (void *)names, count, &capacity, sizeof *names);
    names[count++] = arena_string(a, name);
  }
  if (count == capacity)
    names = arena_grow(a, (void *)names, count, &capacity, sizeof *names);
  names[count] = NULL;
  qsort((void *)names, count, sizeof *names, compare_names);
  return names;
}

static bool read_der(arena *a, slice text, certificate_chain *chain) {
  const unsigned char *at = (const unsigned char *)text.data;
  X509 *certificate = d2i_X509(NULL, &at, (long)text.length);
  ERR_clear_error();
  if (!certificate)
    return false;
  chain->items[0] = certificate_keep(a, certificate);
  chain->count = 1;
  return true;
}

static bool add_file(arena *a, trust_roots *roots, const char *path,
                     const char *name, const char **reason) {
  buffer full = buffer_in(a);
  buffer_printf(&full, "%s/%s", path, name);
  slice text;
  certificate_chain chain;
  if (file_read(a, buffer_slice(&full).data, LIMIT_EVIDENCE_BYTES, &text,
                reason) != FILE_OK)
    return false;
  if (!read_der(a, text, &chain) &&
      !certificate_chain_read(a, bytes_from_slice(text), &chain, reason))
    return false;
  for (size_t i = 0; i < chain.count; i++)
    add_root(a, roots, chain.items[i], name);
  return true;
}

static void close_directory(void *directory) { closedir(directory); }

bool roots_add_directory(arena *a, trust_roots *roots, const char *path,
                         const char **reason) {
  buffer text = buffer_in(a);
  DIR *directory = opendir(path);
  if (!directory) {
    buffer_printf(&text, "%s: not a directory that can be read", path);
    *reason = buffer_slice(&text).data;
    return false;
  }
  arena_defer(a, close_directory, directory);
  for (const char **name = list_files(a, directory); *name; name++) {
    const char *why = NULL;
    if (add_file(a, roots, path, *name, &why))
      continue;
    buffer_printf(&text, "%s/%s: %s", path, *name, why);
    *reason = buffer_slice(&text).data;
    return false;
  }
  return true;
}
