/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are published at a URL, kept in a cache and fetched anew when a
 * token names a key that is not among them.
 *
 *   key_source source = {.url = url, .directory = dir, .now = now,
 *                        .fetch = fetch, .context = context};
 *   jwk_set keys;
 *   const char *reason;
 *   if (!key_source_read(a, &source, kid, &keys, &reason))
 *     return unreachable(reason);
 *
 * Nothing here opens a socket: whoever can, gives `fetch`. The program
 * maapol-crypto runs its sibling: `maapol-remote fetch-keys URL` (with
 * --discover: the URL of an instance, of which the OpenID metadata names the
 * keys) prints a JWK set on standard output, or says why not and ends with 4.
 */
#ifndef TOKEN_KEY_SOURCE_H
#define TOKEN_KEY_SOURCE_H

#include "sign/jwk.h"

enum {
  KEY_CACHE_SECONDS = 24 * 3600, /* older keys are fetched before use */
  /* Who sends tokens of made-up keys makes at most one fetch of this long. */
  KEY_REFRESH_SECONDS = 60
};

typedef struct key_source {
  slice url;             /* also the key of the cache */
  const char *directory; /* of the cache, made when missing; NULL: no cache */
  int64_t now;           /* of the system's clock */
  /* Fetches the JWK set into the arena. False: *reason says why. */
  bool (*fetch)(void *context, arena *a, slice url, slice *text,
                const char **reason);
  void *context;
} key_source;

/* The keys of the source. From the cache if that is young enough and has the
 * kid; else fetched and cached. kid may be empty (data NULL): any keys do.
 * When the fetch fails, keys of the cache that are young enough still serve;
 * when the kid is unknown after a fetch, the keys come without it. A cache
 * that cannot be written or does not belong to the user alone is not used.
 * False: *reason says why there are no keys. */
bool key_source_read(arena *a, const key_source *source, slice kid,
                     jwk_set *keys, const char **reason);

/* The directory of the cache: $XDG_CACHE_HOME/maapol/keys, else
 * $HOME/.cache/maapol/keys; NULL if neither is an absolute path. */
const char *key_cache_directory(arena *a, const char *xdg_cache_home,
                                const char *home);

#endif
