/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/key_rounds.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/limits.h"

/* --- one algorithm -------------------------------------------------------- */

static bool number_is_affordable(const ASN1_INTEGER *number) {
  int64_t rounds;
  return ASN1_INTEGER_get_int64(&rounds, number) == 1 && rounds >= 0 &&
         rounds <= LIMIT_KEY_ROUNDS;
}

/* RFC 7914 section 7. OpenSSL itself bounds the memory, N * r. */
static bool scrypt_is_affordable(const SCRYPT_PARAMS *p) {
  const ASN1_INTEGER *factors[] = {p->costParameter, p->blockSize,
                                   p->parallelizationParameter};
  int64_t work = 1;
  for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
    int64_t factor;
    if (!number_is_affordable(factors[i]) ||
        ASN1_INTEGER_get_int64(&factor, factors[i]) != 1 ||
        (factor && work > LIMIT_KEY_ROUNDS / factor))
      return false;
    work *= factor;
  }
  return true;
}

/* Of a key derivation; one that is not known is OpenSSL's to refuse. */
static bool derivation_is_affordable(const X509_ALGOR *derivation) {
  const ASN1_OBJECT *object;
  const void *parameter;
  int type;
  bool affordable = true;
  X509_ALGOR_get0(&object, &type, &parameter, derivation);
  if (type != V_ASN1_SEQUENCE)
    return true;
  if (OBJ_obj2nid(object) == NID_id_pbkdf2) {
    PBKDF2PARAM *p =
        ASN1_item_unpack(parameter, ASN1_ITEM_rptr(PBKDF2PARAM));
    affordable = !p || number_is_affordable(p->iter);
    PBKDF2PARAM_free(p);
  } else if (OBJ_obj2nid(object) == NID_id_scrypt) {
    SCRYPT_PARAMS *p =
        ASN1_item_unpack(parameter, ASN1_ITEM_rptr(SCRYPT_PARAMS));
    affordable = !p || scrypt_is_affordable(p);
    SCRYPT_PARAMS_free(p);
  }
  return affordable;
}

/* PBES2, else what has a salt and a number: PBES1 (RFC 8018 appendix A.3) and
 * PKCS #12's own (RFC 7292 appendix C). */
static bool is_affordable(const X509_ALGOR *encryption) {
  const ASN1_OBJECT *object;
  const void *parameter;
  int type;
  bool affordable = true;
  X509_ALGOR_get0(&object, &type, &parameter, encryption);
  if (type != V_ASN1_SEQUENCE)
    return true;
  if (OBJ_obj2nid(object) == NID_pbes2) {
    PBE2PARAM *p = ASN1_item_unpack(parameter, ASN1_ITEM_rptr(PBE2PARAM));
    affordable = !p || derivation_is_affordable(p->keyfunc);
    PBE2PARAM_free(p);
  } else {
    PBEPARAM *p = ASN1_item_unpack(parameter, ASN1_ITEM_rptr(PBEPARAM));
    affordable = !p || number_is_affordable(p->iter);
    PBEPARAM_free(p);
  }
  return affordable;
}

static bool key_is_affordable(const X509_SIG *key) {
  const X509_ALGOR *encryption;
  X509_SIG_get0(key, &encryption, NULL);
  return is_affordable(encryption);
}

/* --- keys ----------------------------------------------------------------- */

bool key_rounds_of_der(bytes der) {
  const unsigned char *at = der.data;
  X509_SIG *key = d2i_X509_SIG(NULL, &at, (long)der.length);
  bool affordable = !key || key_is_affordable(key);
  X509_SIG_free(key);
  ERR_clear_error();
  return affordable;
}

/* Other keys of the file pass by in memory that is cleansed. */
bool key_rounds_of_pem(bytes text) {
  enum { FLAGS = PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE };
  BIO *in = BIO_new_mem_buf(text.data, (int)text.length);
  char *label = NULL, *header = NULL;
  unsigned char *data = NULL;
  long length = 0;
  bool affordable = true;
  while (in && affordable &&
         PEM_read_bio_ex(in, &label, &header, &data, &length, FLAGS) == 1) {
    if (strcmp(label, PEM_STRING_PKCS8) == 0)
      affordable = key_rounds_of_der((bytes){data, (size_t)length});
    OPENSSL_secure_free(label);
    OPENSSL_secure_free(header);
    OPENSSL_secure_clear_free(data, (size_t)length);
  }
  BIO_free(in);
  ERR_clear_error();
  return affordable;
}

/* --- PKCS #12 ------------------------------------------------------------- */

static bool bags_are_affordable(const STACK_OF(PKCS12_SAFEBAG) *bags,
                                int depth) {
  enum { DEPTH_MAX = 4 }; /* nobody nests them at all */
  if (depth > DEPTH_MAX)
    return false;
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
    const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
    int kind = PKCS12_SAFEBAG_get_nid(bag);
    if (kind == NID_pkcs8ShroudedKeyBag &&
        !key_is_affordable(PKCS12_SAFEBAG_get0_pkcs8(bag)))
      return false;
    if (kind == NID_safeContentsBag &&
        !bags_are_affordable(PKCS12_SAFEBAG_get0_safes(bag), depth + 1))
      return false;
  }
  return true;
}

/* Does not keep the bags. */
static bool judge_bags(STACK_OF(PKCS12_SAFEBAG) *bags) {
  bool affordable = bags_are_affordable(bags, 0);
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  return affordable;
}

static bool part_is_affordable(PKCS7 *part) {
  if (PKCS7_type_is_data(part))
    return judge_bags(PKCS12_unpack_p7data(part));
  return !PKCS7_type_is_encrypted(part) || !part->d.encrypted ||
         is_affordable(part->d.encrypted->enc_data->algorithm);
}

static bool content_is_affordable(PKCS7 *part, const char *passphrase) {
  if (!PKCS7_type_is_encrypted(part))
    return true;
  return judge_bags(PKCS12_unpack_p7encdata(part, passphrase, -1));
}

bool key_rounds_of_pkcs12(const PKCS12 *store) {
  const ASN1_INTEGER *rounds = NULL;
  PKCS12_get0_mac(NULL, NULL, NULL, &rounds, store);
  STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(store);
  bool affordable = !rounds || number_is_affordable(rounds);
  for (int i = 0; affordable && i < sk_PKCS7_num(parts); i++)
    affordable = part_is_affordable(sk_PKCS7_value(parts, i));
  sk_PKCS7_pop_free(parts, PKCS7_free);
  ERR_clear_error();
  return affordable;
}

bool key_rounds_in_pkcs12(const PKCS12 *store, const char *passphrase) {
  STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(store);
  bool affordable = true;
  for (int i = 0; affordable && i < sk_PKCS7_num(parts); i++)
    affordable = content_is_affordable(sk_PKCS7_value(parts, i), passphrase);
  sk_PKCS7_pop_free(parts, PKCS7_free);
  ERR_clear_error();
  return affordable;
}
