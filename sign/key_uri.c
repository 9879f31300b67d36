/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's engines are on their way out, but Debian 12 and all that has
 * OpenSSL 3.0 reach PKCS #11 by an engine only. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "sign/key_asking.h"

/* --- providers ------------------------------------------------------------ */

static EVP_PKEY *next_key(OSSL_STORE_CTX *store) {
  EVP_PKEY *pair = NULL;
  while (!pair && !OSSL_STORE_eof(store) && !OSSL_STORE_error(store)) {
    OSSL_STORE_INFO *found = OSSL_STORE_load(store);
    if (found && OSSL_STORE_INFO_get_type(found) == OSSL_STORE_INFO_PKEY)
      pair = OSSL_STORE_INFO_get1_PKEY(found);
    OSSL_STORE_INFO_free(found);
  }
  return pair;
}

static EVP_PKEY *from_providers(const char *uri, UI_METHOD *method,
                                key_asking *q, bool *is_served) {
  EVP_PKEY *pair = NULL;
  OSSL_STORE_CTX *store = OSSL_STORE_open(uri, method, q, NULL, NULL);
  *is_served = store != NULL;
  if (store && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1)
    pair = next_key(store);
  OSSL_STORE_close(store);
  return pair;
}

/* --- the engine of PKCS #11 ----------------------------------------------- */

#ifndef OPENSSL_NO_ENGINE
/* The key holds a reference to the engine. */
static EVP_PKEY *from_engine(const char *uri, UI_METHOD *method,
                             key_asking *q, bool *is_served) {
  EVP_PKEY *pair = NULL;
  ENGINE_load_dynamic();
  ENGINE *engine = ENGINE_by_id("pkcs11");
  /* It would print what goes wrong, the URI with its PIN too. */
  if (engine &&
      ENGINE_ctrl_cmd(engine, "QUIET", 0, NULL, NULL, 1) == 1 &&
      ENGINE_init(engine) == 1) {
    *is_served = true;
    pair = ENGINE_load_private_key(engine, uri, method, q);
    ENGINE_finish(engine);
  }
  ENGINE_free(engine);
  return pair;
}
#else
static EVP_PKEY *from_engine(const char *uri, UI_METHOD *method,
                             key_asking *q, bool *is_served) {
  (void)uri, (void)method, (void)q, (void)is_served;
  return NULL;
}
#endif

/* --- either --------------------------------------------------------------- */

/* Engines tell no reasons, so that these name what may be. */
static private_key_status token_failure(const key_asking *q,
                                        const char **reason) {
  ERR_clear_error();
  if (q->was_asked && !q->was_answered) {
    *reason = "the token wants a PIN, and there is none";
    return PRIVATE_KEY_NO_PASSPHRASE;
  }
  *reason = "no token has a private key of that URI, or its PIN is wrong";
  return q->was_asked ? PRIVATE_KEY_WRONG_PASSPHRASE : PRIVATE_KEY_UNREADABLE;
}

private_key_status key_read_uri(arena *a, const char *uri,
                                const passphrase_source *source,
                                private_key *result, const char **reason) {
  key_asking q = {.source = source};
  *result = (private_key){0};
  bool is_served = false;
  bool is_token = strncmp(uri, "pkcs11:", strlen("pkcs11:")) == 0;
  UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(key_ask, 0);
  if (!method)
    arena_fail(a, ARENA_NO_MEMORY);
  EVP_PKEY *pair = from_providers(uri, method, &q, &is_served);
  if (!pair && !is_served && is_token)
    pair = from_engine(uri, method, &q, &is_served);
  UI_destroy_method(method);
  if (pair)
    return private_key_take(a, pair, result, reason);
  if (is_served && is_token)
    return token_failure(&q, reason);
  if (is_served)
    return key_failure(&q, "there is no private key under that URI", reason);
  return key_failure(
      &q,
      is_token ? "OpenSSL has no provider and no engine for PKCS #11 (install "
                 "libengine-pkcs11-openssl or pkcs11-provider, or sign with "
                 "--signer-command and pkcs11-tool)"
               : "no provider of OpenSSL serves that URI",
      reason);
}
