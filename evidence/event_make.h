/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic event logs: of a boot with chosen properties, as firmware, Windows
 * and Linux would measure it.
 *
 *   event_plan plan = event_plan_start();
 *   if (!event_plan_set(&plan, &setting)) return false;  // "test-signing=true"
 *   bytes boot = event_make_boot(a, &plan), ima = event_make_ima(a, &plan);
 */
#ifndef EVIDENCE_EVENT_MAKE_H
#define EVIDENCE_EVENT_MAKE_H

#include "evidence/settings.h"
#include "evidence/tcg_log.h"

/* --- events one by one ---------------------------------------------------- */

/* A crypto-agile log that grows. */
typedef struct event_writer {
  buffer log;
  tcg_bank banks[TCG_BANKS_MAX];
  size_t bank_count;
} event_writer;

/* Writes the first record. algorithms: hashes that are known here. */
event_writer event_write_begin(arena *a, const uint16_t *algorithms,
                               size_t count);

/* Adds an event whose digests are those of its data. */
void event_write(event_writer *w, uint32_t pcr, uint32_t type, bytes data);

/* Adds an event whose digests are of something else, as an image's are. */
void event_write_measured(event_writer *w, uint32_t pcr, uint32_t type,
                          bytes data, bytes measured);

/* UEFI_VARIABLE_DATA. */
bytes event_make_variable(arena *a, const uint8_t guid[16], const char *name,
                          bytes data);

/* Appends a tagged value of Windows (evidence/sipa_events.h). */
void event_tag(buffer *out, uint32_t number, bytes data);
void event_tag_number(buffer *out, uint32_t tag, size_t size,
                      uint64_t number);
void event_tag_text(buffer *out, uint32_t number, slice text);

static inline bytes event_written(event_writer *w) {
  return bytes_from_slice(buffer_slice(&w->log));
}

/* Appends an event of IMA in binary, of the template ima-buf or, without data,
 * ima-ng with the digest of the name. */
void event_write_ima(buffer *list, slice name, bytes data);

/* --- a whole boot --------------------------------------------------------- */

typedef struct event_plan {
  bool secure_boot;
  /* Of Windows; without it a Linux boots. */
  bool windows;
  bool boot_debugging, kernel_debugging, hypervisor_debugging;
  bool test_signing, flight_signing, code_integrity, safe_mode, winpe;
  bool vbs, vbs_mandatory, iommu;
  uint8_t hvci;      /* 1: hypervisor-enforced code integrity */
  uint8_t bitlocker; /* how the volume was unlocked; 0: it was not */
  bool elam;         /* an antimalware driver was loaded early */
  slice module;      /* the path of one more loaded driver, or empty */
  /* Of Linux. */
  slice command_line, kernel_version;
  bytes keyring_certificate; /* DER, added to .builtin_trusted_keys; or empty */
} event_plan;

/* A machine as it should be: secure boot, Windows, VBS with code integrity,
 * BitLocker, nothing for debuggers. */
event_plan event_plan_start(void);

/* The names of the settings, ending with NULL. Static. */
extern const char *const event_plan_fields[];

/* Applies a setting. *known: whether there is one of that name; if not, nothing
 * happens and the result is true. False: *s->error says which value is wanted.
 */
bool event_plan_set(event_plan *plan, const setting *s, bool *known);

/* Applies "FIELD=VALUE" in order. False: *error says which field is unknown or
 * which value is wanted. */
bool event_plan_apply(arena *a, event_plan *plan, const slice *settings,
                      size_t count, evidence_error *error);

/* A boot log with banks of SHA-1 and SHA-256. */
bytes event_make_boot(arena *a, const event_plan *plan);

/* A measurement list of IMA, in binary. */
bytes event_make_ima(arena *a, const event_plan *plan);

#endif
