/* SPDX-License-Identifier: Apache-2.0 */
/* Measurement lists of Linux IMA: what the running kernel measured into PCR 10,
 * as /sys/kernel/security/integrity/ima has it in two forms,
 * binary_runtime_measurements and ascii_runtime_measurements.
 *
 *   ima_log log;
 *   if (!ima_log_read(a, raw, &log, error)) return false;
 *   if (!ima_log_extend(&log, TPM_ALG_SHA256, IMA_HASHED, &pcrs)) return false;
 *
 * Source: the kernel's Documentation/security/IMA-templates.rst and
 * security/integrity/ima/ima_fs.c, ima_template.c, ima_template_lib.c.
 *
 * A list proves nothing until its replay gives the PCR that a TPM signed. What
 * it tells of an event is then true as well: reading refuses an event whose
 * template data does not hash to its template digest.
 */
#ifndef EVIDENCE_IMA_LOG_H
#define EVIDENCE_IMA_LOG_H

#include "evidence/tcg_log.h"

typedef struct ima_event {
  uint32_t pcr; /* 10, unless the policy of the kernel says otherwise */
  /* Of the template data, as the list has it: SHA-1 unless the list is one of
   * another bank. All zeros: a violation. */
  bytes template_digest;
  bool is_violation; /* the file changed while it was measured */
  slice template_name; /* "ima-ng" */
  bytes template_data; /* what the banks' digests are of */
  /* Decoded. Absent ones are empty. */
  slice digest_type; /* "ima" or "verity", of d-ngv2 only */
  slice hash_name;   /* "sha256" */
  bytes file_digest;
  slice file_name;   /* or the name of a buffer: a keyring, "kernel_version" */
  bytes signature;   /* of ima-sig */
  bytes data;        /* of ima-buf: what file_digest is of */
  size_t offset;     /* of the event in the list */
} ima_event;

typedef struct ima_log {
  bool is_ascii;
  uint16_t algorithm; /* of the template digests */
  const ima_event *events;
  size_t event_count;
} ima_log;

/* What a kernel extends banks with whose hash is not that of the list: newer
 * ones (5.8 and later) hash the template data, older ones add zeros to the
 * SHA-1 digest. */
typedef enum ima_extension { IMA_HASHED, IMA_PADDED } ima_extension;

/* Whether a file begins as a measurement list of either form does. */
bool ima_log_detect(bytes raw);

/* Reads a list of either form to its end. raw must outlive the result. False:
 * *error says where and why. */
bool ima_log_read(arena *a, bytes raw, ima_log *log, evidence_error *error);

/* Extends the PCRs of a bank with the events of the list; pcrs holds what the
 * boot log gave (tcg_log_replay), or zeros with their length. A violation
 * extends with ff. False: the hash is unknown here, or OpenSSL refuses. */
bool ima_log_extend(const ima_log *log, uint16_t algorithm,
                    ima_extension extension, tcg_pcrs *pcrs);

#endif
