/* SPDX-License-Identifier: Apache-2.0 */
/* The request message of TPM and VBS attestation, versions 1 and 2 (article
 * "TPM and Virtualization based Security (VBS) enclave attestation protocol").
 *
 * What a client sends is {"request": JWS}, in real traffic inside
 * {"payload": ..}; the JWS alone, and its payload alone (which then nobody
 * signed), are read too. Strings in base64url are decoded; structures of the
 * TPM are read, logs too. Nothing is verified here.
 */
#ifndef EVIDENCE_TPM_REQUEST_H
#define EVIDENCE_TPM_REQUEST_H

#include "evidence/event_claims.h"
#include "evidence/show.h"
#include "evidence/tpm_structs.h"
#include "evidence/vbs_report.h"
#include "evidence/verify.h"

enum {
  TPM_LOGS_MAX = 16, /* of one state; real machines have 1 to 3 */
  TPM_OTHER_KEYS_MAX = 2,
  TPM_CUSTOM_CLAIMS_MAX = 256
};

/* How the TPM vouches for a key of the client. */
typedef enum tpm_key_binding {
  TPM_KEY_UNBOUND,
  TPM_KEY_QUOTED,   /* the quote's extra data is a hash of it */
  TPM_KEY_CERTIFIED /* the AIK certified it to be in the TPM */
} tpm_key_binding;

typedef struct tpm_client_key {
  value jwk;
  slice jwk_text; /* as on the wire: what is hashed */
  tpm_key_binding binding;
  /* Of TPM_KEY_QUOTED. */
  digest_algorithm hash;
  slice hash_name;
  /* Of TPM_KEY_CERTIFIED. */
  tpm_public public;
  bytes certification_raw;
  tpm_attest certification;
  tpm_signature signature;
} tpm_client_key;

/* The PCRs of a bank as the message tells them. */
typedef struct tpm_bank {
  uint16_t algorithm;
  uint32_t mask; /* bit n: PCR n is told */
  bytes values[TCG_PCR_COUNT];
} tpm_bank;

/* A state of the machine: now, or before it hibernated. */
typedef struct tpm_state {
  const char *name; /* of the member: "current_attestation"; static */
  size_t log_count;
  tcg_log tcg; /* all boot logs, as one; no events: there is none */
  ima_log ima;
  event_logs logs;       /* points to both */
  bytes aik_certificate; /* DER; may be empty */
  value aik;             /* JWK */
  tpm_bank banks[TPM_SELECTIONS_MAX];
  size_t bank_count;
  bytes quote_raw;
  tpm_attest quote;
  tpm_signature signature;
} tpm_state;

typedef struct tpm_request {
  unsigned version; /* 1 or 2 */
  bool is_signed;   /* it came as a JWS */
  slice algorithm;  /* of the JWS header */
  bytes signing_input, signature;
  slice payload; /* text of the JWS payload */
  bool is_vbs;
  slice report_signed; /* the text that the enclave vouches for */
  slice relying_party; /* rp_id */
  bool has_rp_data;
  slice rp_data; /* base64url, as sent */
  slice service_context;
  bytes challenge;
  tpm_state current, boot;
  bool has_boot;
  tpm_client_key key; /* request_key; attest_key of version 1 */
  tpm_client_key other_keys[TPM_OTHER_KEYS_MAX];
  size_t other_key_count;
  value custom_claims; /* an array of {name, value, value_type} */
  vbs_report vbs;
} tpm_request;

/* --- rows of the table of kinds ------------------------------------------- */

bool tpm_request_detect(bytes raw);
bool tpm_request_parse(arena *a, bytes raw, evidence *result,
                       evidence_error *error);
void tpm_request_show(const evidence *e, shown *out);
void tpm_request_verify(verifier *v);

/* Sets aikValidated, which only a certificate that was verified gives. */
void tpm_add_verified_claims(arena *a, evidence *e);

/* --- inside of the kind --------------------------------------------------- */

/* Reads the message itself. */
bool tpm_request_read(arena *a, bytes raw, tpm_request *result,
                      evidence_error *error);

/* A state as version 2 has it. */
bool tpm_state_read(arena *a, const value *object, tpm_state *result,
                    evidence_error *error);

/* What NCryptCreateClaim makes of a state (version 1): the PCRs, the quote and
 * its signature. Microsoft has published the layout in the TPM platform
 * crypto provider toolkit (PCP_PLATFORM_ATTESTATION_BLOB). */
bool tpm_claim_blob_read(arena *a, bytes raw, tpm_state *result,
                         evidence_error *error);

/* A key object with its text. */
bool tpm_client_key_read(arena *a, const value *object, slice text,
                         tpm_client_key *result, evidence_error *error);

/* Adds a log, which goes on where the one before it ended. */
bool tpm_state_add_log(arena *a, tpm_state *state, bytes raw, bool is_ima,
                       evidence_error *error);

/* Reads quote and signature (TPMT_SIGNATURE, or an RSA signature alone, which
 * is taken for RSASSA with SHA-256). */
bool tpm_state_read_quote(arena *a, tpm_state *state, bytes quote,
                          bytes signature, evidence_error *error);

/* Members of messages. Each is false with *error filled in. */

/* A member in base64url; *is_there (may be NULL: then it must be) tells of a
 * missing one. */
bool tpm_member_bytes(arena *a, const value *object, const char *name,
                      bytes *result, bool *is_there, evidence_error *error);

/* A string; empty if there is none. */
bool tpm_member_text(arena *a, const value *object, const char *name,
                     slice *result, evidence_error *error);

/* A member of that kind; must be there. */
const value *tpm_member_of(arena *a, const value *object, const char *name,
                           value_kind kind, evidence_error *error);

/* Puts "WHERE: " before the error's message; false. */
bool tpm_within(arena *a, evidence_error *error, const char *where);

/* The logs of a state with the events alone whose PCRs are quoted: of the
 * others, nothing is proven. They live in the arena. */
event_logs tpm_quoted_logs(arena *a, const tpm_state *state);

/* What the claims are made of. */
void tpm_describe(arena *a, const tpm_request *request, evidence *e);

#endif
