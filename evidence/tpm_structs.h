/* SPDX-License-Identifier: Apache-2.0 */
/* Structures that a TPM signs and that describe its keys (TCG, "TPM 2.0
 * Library", part 2: Structures). Numbers are big-endian; a TPM2B is a length
 * of two bytes and that many bytes.
 *
 *   tpm_attest quote;
 *   if (!tpm_attest_read(a, raw, &quote, error)) return false;
 *   if (quote.type != TPM_ATTEST_QUOTE) return refuse(..);
 *
 * Reading proves nothing: the signature over the raw bytes is another matter.
 * Every result points into the bytes that were read, which must outlive it.
 * Each reader wants a whole structure; bytes behind it are refused.
 */
#ifndef EVIDENCE_TPM_STRUCTS_H
#define EVIDENCE_TPM_STRUCTS_H

#include "evidence/reader.h"
#include "sign/digest.h"

/* TPM_ALG_ID (part 2, table "Definition of (UINT16) TPM_ALG_ID Constants"). */
enum {
  TPM_ALG_RSA = 0x0001,
  TPM_ALG_SHA1 = 0x0004,
  TPM_ALG_AES = 0x0006,
  TPM_ALG_SHA256 = 0x000b,
  TPM_ALG_SHA384 = 0x000c,
  TPM_ALG_SHA512 = 0x000d,
  TPM_ALG_NULL = 0x0010,
  TPM_ALG_RSASSA = 0x0014,
  TPM_ALG_RSAES = 0x0015,
  TPM_ALG_RSAPSS = 0x0016,
  TPM_ALG_OAEP = 0x0017,
  TPM_ALG_ECDSA = 0x0018,
  TPM_ALG_ECDH = 0x0019,
  TPM_ALG_ECC = 0x0023,
  TPM_ALG_CFB = 0x0043
};

/* TPM_ECC_CURVE: the curves that keys of evidence may have. */
enum { TPM_CURVE_P256 = 3, TPM_CURVE_P384 = 4, TPM_CURVE_P521 = 5 };

/* TPM_ST of what TPM2_Certify and TPM2_Quote make. */
enum { TPM_ATTEST_CERTIFY = 0x8017, TPM_ATTEST_QUOTE = 0x8018 };

enum {
  TPM_SELECTIONS_MAX = 16, /* banks in one quote; real ones have 1 to 3 */
  TPM_SELECT_BYTES_MAX = 4 /* TPM2_PCR_SELECT_MAX; 3 are 24 PCRs */
};

/* TPMS_PCR_SELECTION. */
typedef struct tpm_pcr_selection {
  uint16_t algorithm; /* of the bank */
  uint32_t mask;      /* bit n: PCR n is quoted */
} tpm_pcr_selection;

/* TPMS_ATTEST of a quote or of a certified key. */
typedef struct tpm_attest {
  uint16_t type; /* TPM_ATTEST_QUOTE or TPM_ATTEST_CERTIFY */
  bytes qualified_signer;
  bytes extra_data; /* what the caller wanted bound: nonce or hash */
  uint64_t clock;   /* milliseconds */
  uint32_t reset_count, restart_count;
  bool safe;
  uint64_t firmware_version;
  /* Of a quote. */
  tpm_pcr_selection selections[TPM_SELECTIONS_MAX];
  size_t selection_count;
  bytes pcr_digest; /* of the selected PCRs, bank by bank, ascending */
  /* Of a certified key. */
  bytes name, qualified_name;
} tpm_attest;

/* TPMT_PUBLIC of an RSA or ECC key. */
typedef struct tpm_public {
  bytes area;    /* the TPMT_PUBLIC itself, which the name is a hash of */
  uint16_t type; /* TPM_ALG_RSA or TPM_ALG_ECC */
  uint16_t name_algorithm;
  uint32_t attributes; /* TPMA_OBJECT */
  bytes auth_policy;
  uint16_t symmetric;           /* TPM_ALG_NULL, or of a storage key */
  uint16_t scheme, scheme_hash; /* hash 0 if the scheme has none */
  /* Of RSA. */
  uint16_t key_bits;
  uint32_t exponent; /* 65537 where the structure has the default, 0 */
  bytes modulus;     /* key_bits / 8 bytes */
  /* Of ECC: big-endian, at most as long as the curve's numbers. */
  uint16_t curve;
  bytes x, y;
} tpm_public;

/* TPMT_SIGNATURE. */
typedef struct tpm_signature {
  uint16_t algorithm; /* TPM_ALG_RSASSA, TPM_ALG_RSAPSS or TPM_ALG_ECDSA */
  uint16_t hash;
  bytes rsa;
  bytes r, s; /* of ECDSA, big-endian */
} tpm_signature;

/* Reads a TPMS_ATTEST. False: *error is filled in (wrong magic, another type,
 * a length that does not fit), *result is not usable. */
bool tpm_attest_read(arena *a, bytes raw, tpm_attest *result,
                     evidence_error *error);

/* Reads a TPMT_PUBLIC; refuses other keys than RSA and ECC, and an RSA modulus
 * that has not the length of the key. */
bool tpm_public_read(arena *a, bytes raw, tpm_public *result,
                     evidence_error *error);

/* The same for a TPM2B_PUBLIC, whose length stands before it. */
bool tpm2b_public_read(arena *a, bytes raw, tpm_public *result,
                       evidence_error *error);

/* Reads a TPMT_SIGNATURE. */
bool tpm_signature_read(arena *a, bytes raw, tpm_signature *result,
                        evidence_error *error);

/* The name of a key: its name algorithm and the hash of its area (part 1,
 * section "Names"). False if there is no such hash here, or OpenSSL refuses.
 * The result lives in the arena. */
bool tpm_public_name(arena *a, const tpm_public *key, bytes *name);

/* The hash that a TPM_ALG_ID stands for; false for any other. */
bool tpm_hash_algorithm(uint16_t id, digest_algorithm *result);

/* A TPM_ALG_ID for people: "SHA-256", "RSASSA" ..; "none" of TPM_ALG_NULL,
 * NULL of any that is not above. Static. */
const char *tpm_algorithm_name(uint16_t id);

#endif
