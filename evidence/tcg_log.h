/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs of measured boot (TCG, "PC Client Platform Firmware Profile",
 * chapter 10): the old form, whose events have a SHA-1 digest each, and the
 * crypto-agile one, whose first record names the banks.
 *
 *   tcg_log log;
 *   tcg_pcrs pcrs;
 *   if (!tcg_log_read(a, raw, &log, error)) return false;
 *   if (!tcg_log_replay(&log, TPM_ALG_SHA256, &pcrs)) return no_such_bank();
 *   same = memcmp(pcrs.values[7], quoted, pcrs.length) == 0;
 *
 * A log proves nothing until its replay gives the PCRs that a TPM signed, and
 * even then only the digests: data of an event may be an attacker's unless it
 * hashes to the event's digest, and events of EV_NO_ACTION are never measured.
 */
#ifndef EVIDENCE_TCG_LOG_H
#define EVIDENCE_TCG_LOG_H

#include "evidence/tpm_structs.h"

/* Types of events (the profile's table "Events"): TYPE(number, name). */
#define TCG_EVENT_TYPES(TYPE)                                                  \
  TYPE(0x00000000, EV_PREBOOT_CERT)                                            \
  TYPE(0x00000001, EV_POST_CODE)                                               \
  TYPE(0x00000003, EV_NO_ACTION)                                               \
  TYPE(0x00000004, EV_SEPARATOR)                                               \
  TYPE(0x00000005, EV_ACTION)                                                  \
  TYPE(0x00000006, EV_EVENT_TAG)                                               \
  TYPE(0x00000007, EV_S_CRTM_CONTENTS)                                         \
  TYPE(0x00000008, EV_S_CRTM_VERSION)                                          \
  TYPE(0x00000009, EV_CPU_MICROCODE)                                           \
  TYPE(0x0000000a, EV_PLATFORM_CONFIG_FLAGS)                                   \
  TYPE(0x0000000b, EV_TABLE_OF_DEVICES)                                        \
  TYPE(0x0000000c, EV_COMPACT_HASH)                                            \
  TYPE(0x0000000d, EV_IPL)                                                     \
  TYPE(0x0000000e, EV_IPL_PARTITION_DATA)                                      \
  TYPE(0x0000000f, EV_NONHOST_CODE)                                            \
  TYPE(0x00000010, EV_NONHOST_CONFIG)                                          \
  TYPE(0x00000011, EV_NONHOST_INFO)                                            \
  TYPE(0x00000012, EV_OMIT_BOOT_DEVICE_EVENTS)                                 \
  TYPE(0x80000001, EV_EFI_VARIABLE_DRIVER_CONFIG)                              \
  TYPE(0x80000002, EV_EFI_VARIABLE_BOOT)                                       \
  TYPE(0x80000003, EV_EFI_BOOT_SERVICES_APPLICATION)                           \
  TYPE(0x80000004, EV_EFI_BOOT_SERVICES_DRIVER)                                \
  TYPE(0x80000005, EV_EFI_RUNTIME_SERVICES_DRIVER)                             \
  TYPE(0x80000006, EV_EFI_GPT_EVENT)                                           \
  TYPE(0x80000007, EV_EFI_ACTION)                                              \
  TYPE(0x80000008, EV_EFI_PLATFORM_FIRMWARE_BLOB)                              \
  TYPE(0x80000009, EV_EFI_HANDOFF_TABLES)                                      \
  TYPE(0x8000000a, EV_EFI_PLATFORM_FIRMWARE_BLOB2)                             \
  TYPE(0x8000000b, EV_EFI_HANDOFF_TABLES2)                                     \
  TYPE(0x8000000c, EV_EFI_VARIABLE_BOOT2)                                      \
  TYPE(0x80000010, EV_EFI_HCRTM_EVENT)                                         \
  TYPE(0x800000e0, EV_EFI_VARIABLE_AUTHORITY)                                  \
  TYPE(0x800000e1, EV_EFI_SPDM_FIRMWARE_BLOB)                                  \
  TYPE(0x800000e2, EV_EFI_SPDM_FIRMWARE_CONFIG)

/* Those that something is done with; enumerators cannot hold them. */
#define EV_POST_CODE UINT32_C(0x00000001)
#define EV_NO_ACTION UINT32_C(0x00000003)
#define EV_SEPARATOR UINT32_C(0x00000004)
#define EV_ACTION UINT32_C(0x00000005)
#define EV_EVENT_TAG UINT32_C(0x00000006)
#define EV_S_CRTM_CONTENTS UINT32_C(0x00000007)
#define EV_S_CRTM_VERSION UINT32_C(0x00000008)
#define EV_PLATFORM_CONFIG_FLAGS UINT32_C(0x0000000a)
#define EV_COMPACT_HASH UINT32_C(0x0000000c)
#define EV_IPL UINT32_C(0x0000000d)
#define EV_NONHOST_INFO UINT32_C(0x00000011)
#define EV_OMIT_BOOT_DEVICE_EVENTS UINT32_C(0x00000012)
#define EV_EFI_VARIABLE_DRIVER_CONFIG UINT32_C(0x80000001)
#define EV_EFI_VARIABLE_BOOT UINT32_C(0x80000002)
#define EV_EFI_BOOT_SERVICES_APPLICATION UINT32_C(0x80000003)
#define EV_EFI_BOOT_SERVICES_DRIVER UINT32_C(0x80000004)
#define EV_EFI_RUNTIME_SERVICES_DRIVER UINT32_C(0x80000005)
#define EV_EFI_GPT_EVENT UINT32_C(0x80000006)
#define EV_EFI_ACTION UINT32_C(0x80000007)
#define EV_EFI_PLATFORM_FIRMWARE_BLOB UINT32_C(0x80000008)
#define EV_EFI_PLATFORM_FIRMWARE_BLOB2 UINT32_C(0x8000000a)
#define EV_EFI_VARIABLE_BOOT2 UINT32_C(0x8000000c)
#define EV_EFI_VARIABLE_AUTHORITY UINT32_C(0x800000e0)

enum {
  TCG_EV_NO_ACTION = 3, /* told, not measured */
  TCG_PCR_COUNT = 24,
  TCG_BANKS_MAX = 8 /* TPM_ALG_IDs of hashes in one log; real ones have 3 */
};

typedef struct tcg_bank {
  uint16_t algorithm; /* TPM_ALG_ID */
  uint16_t length;    /* bytes of a digest */
} tcg_bank;

typedef struct tcg_event {
  uint32_t pcr; /* below TCG_PCR_COUNT, except of EV_NO_ACTION */
  uint32_t type;
  /* One of each bank, in the log's order. NULL of the first record of a
   * crypto-agile log, which has none of the banks that it names. */
  const uint8_t *const *digests;
  bytes data;
  size_t offset; /* of the record in the log */
} tcg_event;

typedef struct tcg_log {
  bool crypto_agile; /* the first record, which says so, is an event too */
  tcg_bank banks[TCG_BANKS_MAX];
  size_t bank_count;
  const tcg_event *events;
  size_t event_count;
  /* From which locality the TPM was started: 0, 3, or 4 (H-CRTM). */
  uint8_t startup_locality;
} tcg_log;

/* Values of one bank. */
typedef struct tcg_pcrs {
  size_t length;     /* of a value */
  uint32_t measured; /* bit n: the log has a measurement of PCR n */
  uint8_t values[TCG_PCR_COUNT][DIGEST_BYTES_MAX];
} tcg_pcrs;

/* Reads a log of either form to its end. raw must outlive the result, which
 * points into it; arrays live in the arena. False: *error says where and why,
 * *log is not usable. */
bool tcg_log_read(arena *a, bytes raw, tcg_log *log, evidence_error *error);

/* Computes what the PCRs of a bank hold after the log's measurements:
 * PCR = H(PCR || digest). They begin with zeros, but
 * - PCR 0 with the startup locality in its last byte (profile, section
 *   "StartupLocality Event");
 * - PCR 17 to 22 with ff (PC Client Platform TPM Profile, table "PCR Initial
 *   and Reset Values"), which a dynamic launch resets to zero; a log that
 *   measures into one of them tells of such a launch.
 * False: the log has no such bank, its hash is unknown here, or OpenSSL
 * refuses. */
bool tcg_log_replay(const tcg_log *log, uint16_t algorithm, tcg_pcrs *pcrs);

/* PCR = H(PCR || hash) (TPM 2.0 Library, part 1, section "Extend"); both have
 * the length of the hash. False if OpenSSL refuses. */
bool tcg_extend(digest_algorithm algorithm, uint8_t *pcr, const uint8_t *hash);

/* The log's bank of an algorithm; bank_count if there is none. */
size_t tcg_log_bank(const tcg_log *log, uint16_t algorithm);

/* "EV_SEPARATOR"; NULL for an unknown type. Static. */
const char *tcg_event_type_name(uint32_t type);

#endif
