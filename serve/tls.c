/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/tls.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "evidence/certificate.h"
#include "serve/keys.h"
#include "sign/ec_key.h"

static void cleanse(void *object) {
  slice *secret = object;
  OPENSSL_cleanse((void *)secret->data, secret->length);
}

static slice secret_key_pem(arena *a, EVP_PKEY *key) {
  slice *secret = ARENA_NEW(a, slice);
  *secret = key_pem(a, key);
  arena_defer(a, cleanse, secret);
  return *secret;
}

typedef struct authority {
  EVP_PKEY *key;
  X509 *certificate;
} authority;

/* The certificate is stored last: without it the key is made again. */
static bool make_authority(arena *a, state *s, authority *result,
                           const char **reason) {
  result->key = ec_key_make(a);
  result->certificate = authority_make(a, result->key);
  return state_put_key(s, "authority", key_encode(a, result->key), reason) &&
         state_put_key(s, "authority-certificate",
                       certificate_der(a, result->certificate), reason);
}

static void free_key(void *key) { EVP_PKEY_free(key); }

static bool open_authority(arena *a, state *s, authority *result,
                           const char **reason) {
  bytes key, der;
  if (!state_get_key(s, a, "authority", &key, reason) ||
      !state_get_key(s, a, "authority-certificate", &der, reason))
    return false;
  if (key.length == 0 || der.length == 0)
    return make_authority(a, s, result, reason);
  const unsigned char *at = der.data;
  X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
  *reason = "the stored authority cannot be read";
  if (!certificate)
    return false;
  result->certificate = certificate_keep(a, certificate);
  result->key = key_decode(key);
  if (result->key)
    arena_defer(a, free_key, result->key);
  return result->key != NULL;
}

bool tls_prepare(arena *a, state *s, slice host, tls_identity *result,
                 const char **reason) {
  authority ca;
  if (!open_authority(a, s, &ca, reason))
    return false;
  EVP_PKEY *key = ec_key_make(a);
  result->key = secret_key_pem(a, key);
  result->certificate = authority_issue(a, ca.certificate, ca.key, key, host);
  result->authority = certificate_pem(a, ca.certificate);
  return true;
}

bool tls_write_authority(arena *a, const char *directory, slice pem,
                         const char **path, const char **reason) {
  buffer name = buffer_in(a), temporary = buffer_in(a);
  buffer_printf(&name, "%s/ca-certificate.pem", directory);
  *path = buffer_slice(&name).data;
  buffer_printf(&temporary, "%s.new", *path);
  const char *new_path = buffer_slice(&temporary).data;
  int file = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool good = file >= 0 &&
              write(file, pem.data, pem.length) == (ssize_t)pem.length;
  if (file >= 0 && close(file) != 0)
    good = false;
  *reason = "ca-certificate.pem cannot be written";
  return good && rename(new_path, *path) == 0;
}
