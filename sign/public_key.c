/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>

enum {
  NUMBER_BYTES_MAX = 66,   /* of P-521 */
  EXPONENT_BITS_MAX = 64   /* OpenSSL's own limit for long keys */
};

struct public_key {
  EVP_PKEY *handle;
  char description[16];
  jws_key_type type;
  unsigned bits;
  jws_algorithm ecdsa; /* of the curve; JWS_UNKNOWN of RSA */
  uint8_t order[NUMBER_BYTES_MAX]; /* of the curve's group, number_bytes */
  /* Ready to verify by `prepared`; setting it up anew for every signature
   * would cost a tenth of an RSA verification. */
  EVP_PKEY_CTX *context;
  EVP_MD_CTX *hashing;
  jws_algorithm prepared;
  bool any_salt;
};

static void free_handle(void *handle) { EVP_PKEY_free(handle); }

static void free_contexts(void *object) {
  public_key *key = object;
  EVP_PKEY_CTX_free(key->context);
  EVP_MD_CTX_free(key->hashing);
}

static void free_bio(void *bio) { BIO_free(bio); }

static void *refuse(const char **reason, const char *why) {
  ERR_clear_error();
  *reason = why;
  return NULL;
}

/* --- making a key --------------------------------------------------------- */

static bool number_is_odd(const BIGNUM *n) { return n && BN_is_odd(n); }

static bool rsa_is_sound(const EVP_PKEY *handle, const char **reason) {
  BIGNUM *modulus = NULL, *exponent = NULL;
  int bits = EVP_PKEY_get_bits(handle);
  bool found =
      EVP_PKEY_get_bn_param(handle, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
      EVP_PKEY_get_bn_param(handle, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  *reason = NULL;
  if (!found || !number_is_odd(modulus))
    *reason = "the RSA modulus is even or missing";
  else if (bits < RSA_BITS_SMALLEST || bits > RSA_BITS_LARGEST)
    *reason = "the RSA modulus is shorter or longer than any that is used";
  else if (!number_is_odd(exponent) || BN_is_one(exponent) ||
           BN_num_bits(exponent) > EXPONENT_BITS_MAX)
    *reason = "the RSA exponent is even, 1 or longer than 64 bits";
  BN_free(modulus);
  BN_free(exponent);
  return *reason == NULL;
}

static bool curve_is(const jws_algorithm_facts *facts, const char *group) {
  return strcmp(group, facts->curve) == 0 || strcmp(group, facts->group) == 0;
}

/* The ES algorithm of the key's curve. One whose curve is written out instead
 * of named is refused: whoever chooses the generator can sign for any point
 * (CVE-2020-0601). */
static jws_algorithm ecdsa_of(const EVP_PKEY *handle) {
  char group[64];
  size_t length = 0;
  int written_out = 0;
  if (EVP_PKEY_get_int_param(
          handle, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
          &written_out) == 1 &&
      written_out)
    return JWS_UNKNOWN;
  if (EVP_PKEY_get_group_name(handle, group, sizeof group, &length) != 1)
    return JWS_UNKNOWN;
  for (jws_algorithm i = JWS_ES256; i <= JWS_ES512; i++)
    if (curve_is(jws_algorithm_of(i), group))
      return i;
  return JWS_UNKNOWN;
}

static bool ec_is_sound(public_key *key, const char **reason) {
  BIGNUM *order = NULL;
  key->ecdsa = ecdsa_of(key->handle);
  *reason = "the key's curve is not P-256, P-384 or P-521 by name";
  if (key->ecdsa == JWS_UNKNOWN)
    return false;
  size_t size = jws_algorithm_of(key->ecdsa)->number_bytes;
  bool good = EVP_PKEY_get_bn_param(key->handle, OSSL_PKEY_PARAM_EC_ORDER,
                                    &order) == 1 &&
              BN_bn2binpad(order, key->order, (int)size) == (int)size;
  BN_free(order);
  return good;
}

/* Takes the handle over. */
static public_key *make_key(arena *a, EVP_PKEY *handle, const char **reason) {
  if (!handle)
    return refuse(reason, "no public key that can be read");
  arena_defer(a, free_handle, handle);
  public_key *key = ARENA_NEW(a, public_key);
  *key = (public_key){.handle = handle,
                      .ecdsa = JWS_UNKNOWN,
                      .prepared = JWS_UNKNOWN};
  arena_defer(a, free_contexts, key);
  key->bits = (unsigned)EVP_PKEY_get_bits(handle);
  if (EVP_PKEY_is_a(handle, "RSA")) {
    key->type = JWS_KEY_RSA;
    snprintf(key->description, sizeof key->description, "RSA %u", key->bits);
    return rsa_is_sound(handle, reason) ? key : refuse(reason, *reason);
  }
  key->type = JWS_KEY_EC;
  if (!EVP_PKEY_is_a(handle, "EC"))
    return refuse(reason, "the key is neither RSA nor of an elliptic curve");
  if (!ec_is_sound(key, reason))
    return refuse(reason, *reason);
  snprintf(key->description, sizeof key->description, "EC %s",
           public_key_curve(key));
  return key;
}

/* NULL if these are no key. */
static EVP_PKEY *handle_from(const char *type, OSSL_PARAM *parameters) {
  EVP_PKEY *handle = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
  if (context && parameters && EVP_PKEY_fromdata_init(context) == 1 &&
      EVP_PKEY_fromdata(context, &handle, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    handle = NULL;
  EVP_PKEY_CTX_free(context);
  return handle;
}

static EVP_PKEY *rsa_handle(const BIGNUM *modulus, const BIGNUM *exponent) {
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM *parameters = NULL;
  if (builder && modulus && exponent &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
    parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY *handle = handle_from("RSA", parameters);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return handle;
}

public_key *public_key_from_rsa(arena *a, bytes modulus, bytes exponent,
                                const char **reason) {
  enum { MODULUS_BYTES = RSA_BITS_LARGEST / 8 + 8 };
  if (modulus.length == 0 || exponent.length == 0)
    return refuse(reason, "the RSA modulus or exponent is empty");
  if (modulus.length > MODULUS_BYTES || exponent.length > MODULUS_BYTES)
    return refuse(reason, "the RSA modulus or exponent is too long");
  BIGNUM *n = BN_bin2bn(modulus.data, (int)modulus.length, NULL);
  BIGNUM *e = BN_bin2bn(exponent.data, (int)exponent.length, NULL);
  EVP_PKEY *handle = rsa_handle(n, e);
  BN_free(n);
  BN_free(e);
  return make_key(a, handle, reason);
}

static const jws_algorithm_facts *curve_named(slice name) {
  for (jws_algorithm i = JWS_ES256; i <= JWS_ES512; i++)
    if (slice_is(name, jws_algorithm_of(i)->curve))
      return jws_algorithm_of(i);
  return NULL;
}

public_key *public_key_from_point(arena *a, slice curve, bytes x, bytes y,
                                  const char **reason) {
  uint8_t point[1 + 2 * NUMBER_BYTES_MAX] = {4}; /* SEC 1 section 2.3.3 */
  char group[16];
  const jws_algorithm_facts *facts = curve_named(curve);
  if (!facts)
    return refuse(reason, "the curve is not P-256, P-384 or P-521");
  size_t size = facts->number_bytes;
  if (x.length != size || y.length != size)
    return refuse(reason, "the coordinates are not as long as the curve's");
  memcpy(point + 1, x.data, size);
  memcpy(point + 1 + size, y.data, size);
  memcpy(group, facts->curve, strlen(facts->curve) + 1);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                        1 + 2 * size),
      OSSL_PARAM_construct_end()};
  EVP_PKEY *handle = handle_from("EC", parameters);
  return handle ? make_key(a, handle, reason)
                : refuse(reason, "the point does not lie on the curve");
}

public_key *public_key_from_certificate(arena *a, X509 *certificate,
                                        const char **reason) {
  return make_key(a, X509_get_pubkey(certificate), reason);
}

public_key *public_key_from_spki(arena *a, bytes der, const char **reason) {
  const uint8_t *at = der.data;
  enum { SPKI_BYTES_MAX = 2 * RSA_BITS_LARGEST / 8 };
  if (der.length == 0 || der.length > SPKI_BYTES_MAX)
    return refuse(reason, "the public key is empty or too long");
  EVP_PKEY *handle = d2i_PUBKEY(NULL, &at, (long)der.length);
  if (handle && at != der.data + der.length) {
    EVP_PKEY_free(handle);
    return refuse(reason, "something stands behind the public key");
  }
  return make_key(a, handle, reason);
}

public_key *public_key_from_handle(arena *a, EVP_PKEY *handle,
                                   const char **reason) {
  if (!handle || EVP_PKEY_up_ref(handle) != 1)
    return refuse(reason, "there is no public key");
  return make_key(a, handle, reason);
}

/* --- what a key is -------------------------------------------------------- */

jws_key_type public_key_type(const public_key *key) { return key->type; }

unsigned public_key_bits(const public_key *key) { return key->bits; }

EVP_PKEY *public_key_handle(const public_key *key) { return key->handle; }

const char *public_key_curve(const public_key *key) {
  return key->type == JWS_KEY_EC ? jws_algorithm_of(key->ecdsa)->curve : NULL;
}

const char *public_key_description(arena *a, const public_key *key) {
  return arena_string(a, slice_from(key->description));
}

bool public_key_equal(const public_key *left, const public_key *right) {
  bool equal = EVP_PKEY_eq(left->handle, right->handle) == 1;
  ERR_clear_error();
  return equal;
}

slice public_key_pem(arena *a, const public_key *key) {
  char *text = NULL;
  BIO *out = BIO_new(BIO_s_mem());
  if (!out)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_bio, out);
  if (PEM_write_bio_PUBKEY(out, key->handle) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  long length = BIO_get_mem_data(out, &text);
  return (slice){text, (size_t)length};
}

bool public_key_allows(const public_key *key, jws_algorithm algorithm) {
  if (algorithm <= JWS_NONE || algorithm >= JWS_UNKNOWN)
    return false;
  return key->type == JWS_KEY_EC
             ? algorithm == key->ecdsa
             : jws_algorithm_of(algorithm)->key_type == JWS_KEY_RSA;
}

/* --- verifying ------------------------------------------------------------ */

static const EVP_MD *hash_of(digest_algorithm algorithm) {
  return algorithm == DIGEST_SHA512   ? EVP_sha512()
         : algorithm == DIGEST_SHA384 ? EVP_sha384()
                                      : EVP_sha256();
}

static bool prepare_padding(EVP_PKEY_CTX *context,
                            const jws_algorithm_facts *facts, bool any_salt) {
  if (facts->key_type != JWS_KEY_RSA)
    return true;
  if (!facts->is_pss)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  int salt = any_salt ? RSA_PSS_SALTLEN_AUTO : RSA_PSS_SALTLEN_DIGEST;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1;
}

static bool prepare(public_key *key, jws_algorithm algorithm, bool any_salt) {
  const jws_algorithm_facts *facts = jws_algorithm_of(algorithm);
  if (key->context && key->prepared == algorithm && key->any_salt == any_salt)
    return true;
  EVP_PKEY_CTX_free(key->context);
  key->context = EVP_PKEY_CTX_new(key->handle, NULL);
  if (!key->hashing)
    key->hashing = EVP_MD_CTX_new();
  key->prepared = algorithm;
  key->any_salt = any_salt;
  bool good =
      key->context && key->hashing &&
      EVP_PKEY_verify_init(key->context) == 1 &&
      EVP_DigestInit_ex(key->hashing, hash_of(facts->digest), NULL) == 1 &&
      prepare_padding(key->context, facts, any_salt) &&
      EVP_PKEY_CTX_set_signature_md(key->context, hash_of(facts->digest)) == 1;
  if (!good)
    key->prepared = JWS_UNKNOWN;
  return good;
}

/* By the digest that prepare() has chosen. */
static bool hash_message(public_key *key, bytes message,
                         uint8_t hash[DIGEST_BYTES_MAX]) {
  return EVP_DigestInit_ex(key->hashing, NULL, NULL) == 1 &&
         EVP_DigestUpdate(key->hashing, message.data, message.length) == 1 &&
         EVP_DigestFinal_ex(key->hashing, hash, NULL) == 1;
}

/* From 1 to below the order. */
static bool number_is_in_range(const uint8_t *number, const uint8_t *order,
                               size_t size) {
  uint8_t any = 0;
  for (size_t i = 0; i < size; i++)
    any |= number[i];
  return any != 0 && memcmp(number, order, size) < 0;
}

/* INTEGER in its shortest form (X.690 section 8.3); the end of it. */
static uint8_t *put_number(uint8_t *to, const uint8_t *number, size_t size) {
  while (size > 1 && *number == 0)
    number++, size--;
  size_t sign = *number >> 7; /* a zero before what would be negative */
  *to++ = 0x02;
  *to++ = (uint8_t)(size + sign);
  if (sign)
    *to++ = 0;
  memcpy(to, number, size);
  return to + size;
}

/* By hand, as it is read: OpenSSL takes a hundredth of a check for it. */
size_t ecdsa_der_from_raw(const uint8_t *raw, size_t size,
                          uint8_t der[ECDSA_DER_MAX]) {
  enum { LONG_FORM = 0x80, ONE_BYTE = 0x81 };
  uint8_t numbers[ECDSA_DER_MAX], *to = der;
  if (size == 0 || size > NUMBER_BYTES_MAX)
    return 0;
  uint8_t *end = put_number(put_number(numbers, raw, size), raw + size, size);
  size_t length = (size_t)(end - numbers);
  *to++ = 0x30;
  if (length >= LONG_FORM)
    *to++ = ONE_BYTE;
  *to++ = (uint8_t)length;
  memcpy(to, numbers, length);
  return (size_t)(to - der) + length;
}

/* What OpenSSL takes as a signature, maybe in `der`; empty if it is none. */
static bytes encoded_signature(const public_key *key, bytes signature,
                               uint8_t der[ECDSA_DER_MAX]) {
  const bytes none = {NULL, 0};
  if (key->type == JWS_KEY_RSA)
    return signature.length == (key->bits + 7) / 8 ? signature : none;
  size_t size = jws_algorithm_of(key->ecdsa)->number_bytes;
  if (signature.length != 2 * size ||
      !number_is_in_range(signature.data, key->order, size) ||
      !number_is_in_range(signature.data + size, key->order, size))
    return none;
  return (bytes){der, ecdsa_der_from_raw(signature.data, size, der)};
}

static bool verify(public_key *key, jws_algorithm algorithm, bytes message,
                   bytes signature, bool any_salt) {
  uint8_t der[ECDSA_DER_MAX], hash[DIGEST_BYTES_MAX];
  if (!public_key_allows(key, algorithm))
    return false;
  digest_algorithm d = jws_algorithm_of(algorithm)->digest;
  bytes encoded = encoded_signature(key, signature, der);
  bool holds =
      encoded.length > 0 && prepare(key, algorithm, any_salt) &&
      hash_message(key, message, hash) &&
      EVP_PKEY_verify(key->context, encoded.data, encoded.length, hash,
                      digest_length(d)) == 1;
  if (!holds)
    ERR_clear_error();
  return holds;
}

bool public_key_verify(public_key *key, jws_algorithm algorithm, bytes message,
                       bytes signature) {
  return verify(key, algorithm, message, signature, false);
}

bool public_key_verify_any_salt(public_key *key, jws_algorithm algorithm,
                                bytes message, bytes signature) {
  return verify(key, algorithm, message, signature, true);
}

/* The content of an element of DER in front of *rest, which is cut off. Only
 * the shortest form of a length counts (X.690 section 10.1); two bytes of it
 * are never needed here. */
static bool take_element(bytes *rest, uint8_t tag, bytes *content) {
  enum { LONG_FORM = 0x80, ONE_BYTE = 0x81 };
  size_t header = 2;
  if (rest->length < header || rest->data[0] != tag)
    return false;
  size_t length = rest->data[1];
  if (length == ONE_BYTE && rest->length > header) {
    length = rest->data[header++];
    if (length < LONG_FORM)
      return false;
  } else if (length >= LONG_FORM) {
    return false;
  }
  if (length > rest->length - header)
    return false;
  *content = (bytes){rest->data + header, length};
  *rest = (bytes){content->data + length, rest->length - header - length};
  return true;
}

/* INTEGER, not negative, in its shortest form (X.690 section 8.3). */
static bool take_number(bytes *rest, size_t size, uint8_t *to) {
  bytes n;
  if (!take_element(rest, 0x02, &n) || !n.length || n.data[0] & 0x80)
    return false;
  if (n.data[0] == 0 && n.length > 1) {
    n = (bytes){n.data + 1, n.length - 1};
    if (!(n.data[0] & 0x80))
      return false;
  }
  if (n.length > size)
    return false;
  memset(to, 0, size - n.length);
  memcpy(to + size - n.length, n.data, n.length);
  return true;
}

/* By hand: OpenSSL reads BER, so that its result would have to be written
 * again and compared, which costs a twentieth of a P-256 signature. */
bool ecdsa_raw_from_der(bytes der, size_t size, uint8_t *raw) {
  bytes numbers;
  return take_element(&der, 0x30, &numbers) && der.length == 0 &&
         take_number(&numbers, size, raw) &&
         take_number(&numbers, size, raw + size) && numbers.length == 0;
}

bool ecdsa_signature_from_der(arena *a, bytes der, size_t number_bytes,
                              bytes *raw) {
  if (der.length == 0 || der.length > ECDSA_DER_MAX ||
      number_bytes > NUMBER_BYTES_MAX)
    return false;
  uint8_t *to = arena_alloc(a, 2 * number_bytes);
  *raw = (bytes){to, 2 * number_bytes};
  return ecdsa_raw_from_der(der, number_bytes, to);
}

bool public_key_verify_either(arena *a, public_key *key,
                              jws_algorithm algorithm, bytes message,
                              bytes signature, bytes *raw) {
  size_t size = jws_algorithm_of(algorithm)->number_bytes;
  *raw = signature;
  return public_key_verify(key, algorithm, message, signature) ||
         (size && ecdsa_signature_from_der(a, signature, size, raw) &&
          public_key_verify(key, algorithm, message, *raw));
}
