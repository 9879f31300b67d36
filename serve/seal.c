/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/seal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "evidence/tpm_keys.h"

enum { KEY_BYTES = 32, IV_BYTES = 12, TAG_BYTES = 16 };

/* The client gives these bytes as additional data. */
static const slice additional = {"Transport Key", 13};

typedef struct sealing {
  arena *arena;
  uint8_t key[KEY_BYTES], iv[IV_BYTES], tag[TAG_BYTES];
  bytes text, encrypted_key;
} sealing;

/* Nothing but want of memory or of randomness makes OpenSSL fail here. */
static void need(arena *a, bool worked) {
  if (worked)
    return;
  ERR_clear_error();
  arena_fail(a, ARENA_NO_MEMORY);
}

static void cleanse(void *object) {
  sealing *s = object;
  OPENSSL_cleanse(s->key, sizeof s->key);
}

static void free_cipher(void *context) { EVP_CIPHER_CTX_free(context); }

static void encrypt_text(sealing *s, slice token) {
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  need(s->arena, c != NULL);
  arena_defer(s->arena, free_cipher, c);
  int length = 0, rest = 0;
  uint8_t *out = arena_alloc(s->arena, token.length + TAG_BYTES);
  need(s->arena, RAND_bytes(s->iv, IV_BYTES) == 1);
  need(s->arena,
       EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, s->key, s->iv) == 1);
  need(s->arena, EVP_EncryptUpdate(c, NULL, &length,
                                   bytes_from_slice(additional).data,
                                   (int)additional.length) == 1);
  need(s->arena,
       EVP_EncryptUpdate(c, out, &length, bytes_from_slice(token).data,
                         (int)token.length) == 1);
  need(s->arena, EVP_EncryptFinal_ex(c, out + length, &rest) == 1);
  need(s->arena, EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                                     s->tag) == 1);
  s->text = (bytes){out, (size_t)(length + rest)};
}

/* --- the key -------------------------------------------------------------- */

static const EVP_MD *hash_of(uint16_t algorithm) {
  switch (algorithm) {
  case TPM_ALG_SHA1:
    return EVP_sha1();
  case TPM_ALG_SHA384:
    return EVP_sha384();
  case TPM_ALG_SHA512:
    return EVP_sha512();
  default:
    return EVP_sha256();
  }
}

static bool set_padding(EVP_PKEY_CTX *c, const tpm_public *key) {
  if (key->scheme != TPM_ALG_OAEP)
    return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(c, hash_of(key->scheme_hash)) == 1;
}

static void free_context(void *context) { EVP_PKEY_CTX_free(context); }

static bool encrypt_key(sealing *s, const tpm_public *key,
                        const char **reason) {
  size_t length = 0;
  *reason = "the VM's encryption key is no RSA key that can encrypt";
  if (key->type != TPM_ALG_RSA ||
      (key->scheme != TPM_ALG_RSAES && key->scheme != TPM_ALG_OAEP &&
       key->scheme != TPM_ALG_NULL))
    return false;
  public_key *public = tpm_key_from_public(s->arena, key, reason);
  if (!public)
    return false;
  EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(public_key_handle(public), NULL);
  need(s->arena, c != NULL);
  arena_defer(s->arena, free_context, c);
  bool good = EVP_PKEY_encrypt_init(c) == 1 && set_padding(c, key) &&
              EVP_PKEY_encrypt(c, NULL, &length, s->key, KEY_BYTES) == 1;
  uint8_t *out = arena_alloc(s->arena, length);
  good = good && EVP_PKEY_encrypt(c, out, &length, s->key, KEY_BYTES) == 1;
  ERR_clear_error();
  s->encrypted_key = (bytes){out, length};
  return good;
}

/* --- the answer ----------------------------------------------------------- */

static value encoded(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static value parameters(const sealing *s) {
  object_builder o = object_in(s->arena);
  object_set(&o, SLICE("BlockMode"), value_text(SLICE("ChainingModeGCM")));
  object_set(&o, SLICE("BlockPadding"), value_text(SLICE("PKCS7")));
  object_set(&o, SLICE("Cipher"), value_text(SLICE("AES")));
  object_set(&o, SLICE("KeySizeInBits"), value_integer((int64_t)KEY_BYTES * 8));
  object_set(&o, SLICE("Iv"),
             encoded(s->arena, (bytes){s->iv, sizeof s->iv}));
  return object_value(&o);
}

static slice answer_of(const sealing *s) {
  object_builder o = object_in(s->arena);
  object_set(&o, SLICE("Jwt"), encoded(s->arena, s->text));
  object_set(&o, SLICE("EncryptedInnerKey"),
             encoded(s->arena, s->encrypted_key));
  object_set(&o, SLICE("EncryptionParams"), parameters(s));
  object_set(&o, SLICE("AuthenticationData"),
             encoded(s->arena, (bytes){s->tag, sizeof s->tag}));
  value v = object_value(&o);
  buffer json = buffer_in(s->arena), text = buffer_in(s->arena);
  json_write(&json, &v);
  base64url_encode(&text, bytes_from_slice(buffer_slice(&json)));
  return buffer_slice(&text);
}

bool seal_token(arena *a, const guest_evidence *guest, slice token,
                slice *sealed, const char **reason) {
  sealing *s = ARENA_NEW(a, sealing);
  s->arena = a;
  arena_defer(a, cleanse, s);
  need(a, RAND_bytes(s->key, sizeof s->key) == 1);
  if (!encrypt_key(s, &guest->key, reason))
    return false;
  encrypt_text(s, token);
  *sealed = answer_of(s);
  return true;
}
