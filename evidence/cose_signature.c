/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of COSE_Sign1 (RFC 9052 section 4.4; RFC 8230 for RSASSA-PSS with
 * a salt as long as the hash; RFC 9053 for ECDSA). */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "evidence/cose_sign1.h"
#include "sign/ec_key.h"

typedef struct algorithm_row {
  int64_t id;
  const char *name;
  const EVP_MD *(*hash)(void); /* NULL: not RSA */
} algorithm_row;

static const algorithm_row algorithms[] = {
    {COSE_ES384, "ES384", NULL},
    {COSE_PS256, "PS256", EVP_sha256},
    {COSE_PS384, "PS384", EVP_sha384},
    {COSE_PS512, "PS512", EVP_sha512},
};

static const algorithm_row *algorithm_of(int64_t id) {
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (algorithms[i].id == id)
      return &algorithms[i];
  return NULL;
}

const char *cose_algorithm_name(int64_t algorithm) {
  const algorithm_row *row = algorithm_of(algorithm);
  return row ? row->name : "unknown";
}

/* Sig_structure: ["Signature1", protected header, external data, payload]. */
static bytes signed_bytes(arena *a, const cose_sign1 *m) {
  buffer text = buffer_in(a);
  cbor_add(&text, CBOR_ARRAY, 4);
  cbor_add_text(&text, SLICE("Signature1"));
  cbor_add_bytes(&text, m->protected_header);
  cbor_add_bytes(&text, (bytes){NULL, 0});
  cbor_add_bytes(&text, m->payload);
  return bytes_from_slice(buffer_slice(&text));
}

static bool set_padding(EVP_PKEY_CTX *context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool pss_verify(EVP_PKEY *key, const EVP_MD *hash, bytes data,
                       bytes signature) {
  EVP_PKEY_CTX *parameters = NULL; /* the context's own */
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good =
      EVP_PKEY_is_a(key, "RSA") && context &&
      EVP_DigestVerifyInit(context, &parameters, hash, NULL, key) == 1 &&
      set_padding(parameters) &&
      EVP_DigestVerify(context, signature.data, signature.length, data.data,
                       data.length) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  return good;
}

bool cose_sign1_verify(arena *a, const cose_sign1 *message, EVP_PKEY *key) {
  const algorithm_row *row = algorithm_of(message->algorithm);
  if (!row || !key)
    return false;
  bytes data = signed_bytes(a, message);
  if (row->hash)
    return pss_verify(key, row->hash(), data, message->signature);
  return ec384_verify(key, data, message->signature);
}

/* --- signing -------------------------------------------------------------- */

static bool pss_sign(buffer *out, EVP_PKEY *key, const EVP_MD *hash,
                     bytes data) {
  size_t length = (size_t)EVP_PKEY_get_size(key);
  uint8_t *signature = arena_alloc(out->arena, length);
  EVP_PKEY_CTX *parameters = NULL;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good =
      context &&
      EVP_DigestSignInit(context, &parameters, hash, NULL, key) == 1 &&
      set_padding(parameters) &&
      EVP_DigestSign(context, signature, &length, data.data, data.length) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  if (good)
    cbor_add_bytes(out, (bytes){signature, length});
  return good;
}

static bool add_signature(buffer *out, const cose_sign1 *m, EVP_PKEY *key) {
  const algorithm_row *row = algorithm_of(m->algorithm);
  uint8_t signature[EC384_SIGNATURE_BYTES];
  bytes data = signed_bytes(out->arena, m);
  if (!row)
    return false;
  if (row->hash)
    return pss_sign(out, key, row->hash(), data);
  if (!ec384_sign(key, data, signature))
    return false;
  cbor_add_bytes(out, (bytes){signature, sizeof signature});
  return true;
}

static void free_der(void *der) { OPENSSL_free(der); }

static void add_certificate(buffer *out, X509 *certificate) {
  unsigned char *der = NULL;
  int length = i2d_X509(certificate, &der);
  if (length <= 0)
    arena_fail(out->arena, ARENA_NO_MEMORY);
  arena_defer(out->arena, free_der, der);
  cbor_add_bytes(out, (bytes){der, (size_t)length});
}

static slice write_header(arena *a, const cose_sign1 *m,
                          const certificate_chain *chain) {
  buffer header = buffer_in(a);
  cbor_add(&header, CBOR_MAP, m->has_time ? 6 : 5);
  cbor_add_integer(&header, 1);
  cbor_add_integer(&header, m->algorithm);
  cbor_add_integer(&header, 3);
  cbor_add_text(&header, m->content_type);
  cbor_add_integer(&header, 33);
  cbor_add(&header, CBOR_ARRAY, chain->count);
  for (size_t i = 0; i < chain->count; i++)
    add_certificate(&header, chain->items[i]);
  cbor_add_text(&header, SLICE("iss"));
  cbor_add_text(&header, m->issuer);
  cbor_add_text(&header, SLICE("feed"));
  cbor_add_text(&header, m->feed);
  if (m->has_time) {
    cbor_add_text(&header, SLICE("signingtime"));
    cbor_add(&header, CBOR_TAG, 1);
    cbor_add_integer(&header, m->time);
  }
  return buffer_slice(&header);
}

bool cose_sign1_write(buffer *out, const cose_sign1 *message,
                      const certificate_chain *chain, EVP_PKEY *key) {
  cose_sign1 m = *message;
  m.protected_header =
      bytes_from_slice(write_header(out->arena, message, chain));
  cbor_add(out, CBOR_TAG, COSE_SIGN1_TAG);
  cbor_add(out, CBOR_ARRAY, 4);
  cbor_add_bytes(out, m.protected_header);
  cbor_add(out, CBOR_MAP, 0);
  cbor_add_bytes(out, m.payload);
  return add_signature(out, &m, key);
}
