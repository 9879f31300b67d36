/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of an Azure VM (type AzureGuest): the `attestationInfo` that the
 * guest attestation client sends, a JSON object whose binary members are
 * base64.
 *
 *   AttestationProtocolVersion  "1.0" or "2.0"
 *   OSType, OSDistro, OSBuild   texts of the client, in base64
 *   OSVersionMajor, ..Minor     numbers of the client
 *   ClientPayload               {NAME: base64}
 *   TcgLogs                     event log of measured boot
 *   TpmInfo                     what the VM's virtual TPM says
 *     AikCert, AikPub             certificate and TPM2B_PUBLIC of its key
 *     PcrQuote, PcrSignature      TPMS_ATTEST and the key's signature
 *     PcrSet, PCRs                [0, 1, ..], [{Index, Digest}, ..]
 *     EncKeyPub                   TPM2B_PUBLIC of the key that the token is
 *     EncKeyCertifyInfo(Signature)  sealed to, certified by the first
 *   IsolationInfo               {Type, Evidence: {Proof, RunTimeData}}
 *
 * Names are compared in any case, as the service does. What vouches for the
 * TPM's key depends on the isolation: of a confidential VM it is the
 * hardware's report, which holds the hash of RunTimeData, which has the key
 * (HCLAkPub); of a trusted launch VM it is the key's certificate.
 */
#ifndef EVIDENCE_GUEST_INFO_H
#define EVIDENCE_GUEST_INFO_H

#include "evidence/guest_boot.h"
#include "evidence/show.h"
#include "evidence/verify.h"

typedef enum guest_isolation {
  GUEST_TRUSTED_LAUNCH, /* also of protocol 1.0, which does not say */
  GUEST_SEV_SNP,
  GUEST_TDX
} guest_isolation;

typedef struct guest_pcr {
  uint32_t index;
  bytes digest;
} guest_pcr;

typedef struct guest_evidence {
  slice protocol;
  slice os_type, os_distro, os_build; /* data NULL: not given */
  const value *os_major, *os_minor;   /* integers, or NULL */
  const value *client_payload;        /* an object with members, or NULL */
  bytes log_bytes;
  tcg_log log;
  bytes aik_certificate; /* DER or PEM; may be empty */
  tpm_public aik;
  bytes quote_bytes, quote_signature;
  tpm_attest quote;
  tpm_public key; /* that the token is sealed to */
  bytes certify_bytes, certify_signature;
  tpm_attest certify;
  uint32_t pcr_set; /* bit n: PCR n */
  guest_pcr pcrs[TCG_PCR_COUNT];
  size_t pcr_count;
  guest_isolation isolation;
  const evidence *hardware; /* SNP report or TD quote; NULL: trusted launch */
  bytes runtime;            /* RunTimeData, JSON */
  value runtime_json;       /* an object */
  guest_boot boot;
} guest_evidence;

/* "TrustedLaunch", "SevSnp", "Tdx"; static. */
const char *guest_isolation_name(guest_isolation isolation);

/* Whether the hardware's report is made for the runtime data. */
bool guest_runtime_is_bound(const guest_evidence *guest);

/* Fills in the claims of e, whose detail is set. */
void guest_describe(arena *a, const guest_evidence *guest, evidence *e);

/* Every claim of the kind but x-ms-attestation-type; ends with NULL. */
extern const char *const guest_claim_names[];

/* What goes into the table of kinds. */
bool guest_detect(bytes raw);
bool guest_parse(arena *a, bytes raw, evidence *result, evidence_error *error);
void guest_show(const evidence *e, shown *out);
void guest_verify(verifier *v);

/* Adds to x-ms-isolation-tee what only verified hardware evidence gives. */
void guest_add_verified_claims(arena *a, evidence *e);

#endif
