/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/roots.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "evidence/certificate.h"
#include "evidence/directory.h"
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

static bool is_certificate_file(slice name) {
  static const char *const endings[] = {".pem", ".crt", ".cer", ".der"};
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
    if (name_ends_with(name, endings[i]) && name.length > 4)
      return true;
  return false;
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

bool roots_add_directory(arena *a, trust_roots *roots, const char *path,
                         const char **reason) {
  const char *const *names =
      directory_list(a, path, is_certificate_file, reason);
  for (; names && *names; names++) {
    const char *why = NULL;
    if (add_file(a, roots, path, *names, &why))
      continue;
    buffer text = buffer_in(a);
    buffer_printf(&text, "%s/%s: %s", path, *names, why);
    *reason = buffer_slice(&text).data;
    return false;
  }
  return names != NULL;
}
