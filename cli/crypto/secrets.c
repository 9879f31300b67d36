/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/secrets.h"

#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/limits.h"
#include "base/memory.h"

/* --- memory of OpenSSL ---------------------------------------------------- */

enum {
  HEADER = 16, /* keeps the alignment that malloc promises */
  SECURE_HEAP = 4 << 20,
  SECURE_LEAST = 64
};

static void *wiping_alloc(size_t size, const char *file, int line) {
  (void)file, (void)line;
  if (size == 0 || size > SIZE_MAX - HEADER)
    return NULL;
  char *block = memory_alloc(size + HEADER);
  if (!block)
    return NULL;
  memcpy(block, &size, sizeof size);
  return block + HEADER;
}

static void wiping_free(void *object, const char *file, int line) {
  (void)file, (void)line;
  if (!object)
    return;
  char *block = (char *)object - HEADER;
  size_t size;
  memcpy(&size, block, sizeof size);
  OPENSSL_cleanse(block, size + HEADER);
  memory_free(block);
}

/* Always moves: what realloc leaves behind is out of reach. */
static void *wiping_resize(void *object, size_t size, const char *file,
                           int line) {
  if (size == 0) {
    wiping_free(object, file, line);
    return NULL;
  }
  void *larger = wiping_alloc(size, file, line);
  if (!larger || !object)
    return larger;
  size_t old;
  memcpy(&old, (char *)object - HEADER, sizeof old);
  memcpy(larger, object, old < size ? old : size);
  wiping_free(object, file, line);
  return larger;
}

/* --- process -------------------------------------------------------------- */

/* Each of these may be refused, by a container say; the others still help. */
void secrets_begin(void) {
  struct rlimit none = {0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)CRYPTO_set_mem_functions(wiping_alloc, wiping_resize, wiping_free);
  if (!CRYPTO_secure_malloc_initialized())
    (void)CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST);
}

static void release_arena(void *a) { arena_free(a); }

arena *secrets_arena(cli *c) {
  arena *own = ARENA_NEW(c->arena, arena);
  arena_init(own, LIMIT_ARENA_BYTES);
  own->guard = c->arena->guard;
  arena_defer(c->arena, release_arena, own);
  return own;
}
