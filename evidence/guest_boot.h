/* SPDX-License-Identifier: Apache-2.0 */
/* What the event log of an Azure VM says of how it was booted.
 *
 * Whoever controls the VM sends the log, and can extend PCRs after the boot.
 * The replay of a log proves its digests and nothing else: neither the types of
 * events nor data that is not what was hashed. Hence only PCRs that are quoted
 * count, data counts only if it hashes to the event's digest, separators are
 * known by their digests, and what firmware or boot loader measured ends at
 * the PCR's first separator. What cannot be told is told for the worst. Logs
 * that event_logs_check (evidence/event_claims.h) refuses fail verification
 * besides.
 */
#ifndef EVIDENCE_GUEST_BOOT_H
#define EVIDENCE_GUEST_BOOT_H

#include "evidence/tcg_log.h"

typedef struct guest_boot {
  bool secure_boot; /* the variable SecureBoot was 1 */
  /* Variables of secure boot hold Microsoft's keys and no others: db; PK, KEK
   * and db; and dbx is a list with entries. */
  bool db_validated, default_keys_validated, dbx_validated;
  /* Of the Windows boot loader ("SIPA" events). */
  bool boot_debug, kernel_debug, hypervisor_debug;
  bool test_signing, flight_signing;
  bool elam; /* an early-launch antimalware driver was measured */
  int64_t hvci_policy;
} guest_boot;

/* log: of an algorithm that it has a bank for; quoted: bit n for PCR n;
 * is_windows: the VM is said to run Windows, so that what its boot loader did
 * not say, or said to no quoted PCR, is assumed for the worst. */
guest_boot guest_boot_read(arena *a, const tcg_log *log, uint16_t algorithm,
                           uint32_t quoted, bool is_windows);

/* --- variables of secure boot --------------------------------------------- */

extern const uint8_t efi_global_guid[16];   /* SecureBoot, PK, KEK */
extern const uint8_t efi_security_guid[16]; /* db, dbx */

extern const uint8_t efi_list_of_certificates[16]; /* EFI_CERT_X509_GUID */
extern const uint8_t efi_list_of_hashes[16];       /* EFI_CERT_SHA256_GUID */

#endif
