/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic request messages of TPM and VBS attestation. The quote comes from
 * a key of this program, or from a real TPM in software (swtpm), which then
 * measures the same events.
 */
#ifndef EVIDENCE_TPM_MAKE_H
#define EVIDENCE_TPM_MAKE_H

#include "evidence/event_make.h"
#include "evidence/make.h"
#include "evidence/tpm_request.h"
#include "sign/private_key.h"

typedef enum tpm_form {
  TPM_FORM_WRAPPED, /* {"payload": {"request": JWS}}, as clients send it */
  TPM_FORM_REQUEST, /* {"request": JWS} */
  TPM_FORM_JWS,
  TPM_FORM_PAYLOAD /* what the JWS holds, unsigned */
} tpm_form;

typedef enum tpm_certificate {
  TPM_CERTIFICATE_VALID,
  TPM_CERTIFICATE_NONE,
  TPM_CERTIFICATE_SELF_SIGNED,
  TPM_CERTIFICATE_OTHER_KEY,
  TPM_CERTIFICATE_OTHER_USAGE
} tpm_certificate;

typedef struct tpm_recipe {
  unsigned version;
  tpm_form form;
  bool is_vbs;
  event_plan plan; /* of the boot */
  bool has_ima;
  uint32_t pcr_mask;
  bool has_sha1, has_sha256; /* banks that are quoted */
  bytes challenge;
  bytes quoted_challenge; /* empty: the same */
  slice relying_party, rp_data, service_context;
  jws_algorithm scheme; /* of the AIK: JWS_RS256, JWS_PS256, JWS_ES256 */
  tpm_certificate certificate;
  tpm_key_binding binding;
  bool has_other_key, has_boot;
  uint8_t statement[VBS_STATEMENT_BYTES];
  array_builder custom_claims;
  bool from_swtpm;
} tpm_recipe;

/* A release machine with everything on, and its message of version 2. */
void tpm_recipe_start(arena *a, tpm_recipe *recipe);

/* Applies "FIELD=VALUE". */
bool tpm_recipe_set(arena *a, tpm_recipe *recipe, slice setting,
                    evidence_error *error);

/* Rows for the table of kinds. */
bool tpm_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
              evidence_error *error);
const char *const *tpm_make_fields(arena *a);

/* --- a TPM ---------------------------------------------------------------- */

/* What signs: this program or an outer TPM. Each function is false with *error.
 */
typedef struct tpm_device {
  arena *arena;
  const tpm_recipe *recipe;
  bytes log, ima;          /* what it has measured; ima may be empty */
  EVP_PKEY *aik;           /* of an outer TPM the public half alone */
  private_key aik_key;     /* unless it is the outer TPM's */
  struct outer_tpm *outer; /* or NULL */
} tpm_device;

/* A quote over the chosen PCRs: TPMS_ATTEST and TPMT_SIGNATURE. */
bool tpm_device_quote(tpm_device *d, bytes extra_data, bytes *quote,
                      bytes *signature, evidence_error *error);

/* A certification of a key of this program, as if it lay in the TPM. */
bool tpm_device_certify(tpm_device *d, bytes public_area, bytes extra_data,
                        bytes *attest, bytes *signature, evidence_error *error);

/* Banks that are quoted, in order; returns their number. */
size_t tpm_recipe_banks(const tpm_recipe *recipe, uint16_t banks[2]);

/* --- parts ---------------------------------------------------------------- */

/* What a bank holds after the logs. */
bool tpm_device_pcrs(tpm_device *d, uint16_t bank, tcg_pcrs *pcrs,
                     evidence_error *error);

/* Puts one event more into the boot log, behind the first of Windows: the
 * secure kernel's key (SIPAEVENT_VSM_IDK_INFO_PAYLOAD). False: *error says that
 * it is no log of Windows. */
bool vbs_make_log(arena *a, bytes *log, bytes idks, evidence_error *error);

/* Numbers as TPMs write them. */
void tpm_put(buffer *out, uint64_t number, size_t size);
void tpm_put_sized(buffer *out, bytes data);

/* {"kty", "n", "e"} or {"kty", "crv", "x", "y"}. */
value tpm_make_jwk(arena *a, const EVP_PKEY *key);

/* The TPMT_PUBLIC of a signing key of RSA. */
bytes tpm_make_public(arena *a, const EVP_PKEY *key);

/* The secure kernel's key as the log tells it, and a report signed by it. */
bytes vbs_make_idks(arena *a, const private_key *key);
bool vbs_make_report(arena *a, const tpm_recipe *recipe, slice report_signed,
                     const private_key *key, bytes *report,
                     evidence_error *error);

#endif
