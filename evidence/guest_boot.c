/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/guest_boot.h"

#include "base/limits.h"
#include "evidence/efi_data.h"
#include "evidence/efi_signatures.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"
#include "evidence/sipa_events.h"

/* 8be4df61-93ca-11d2-aa0d-00e098032b8c (UEFI, "Globally Defined Variables")
 */
const uint8_t efi_global_guid[16] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
                                     0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
                                     0x98, 0x03, 0x2b, 0x8c};

/* d719b2cb-3d3a-4596-a3bc-dad00e67656f (UEFI, "Signature Database") */
const uint8_t efi_security_guid[16] = {0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d,
                                       0x96, 0x45, 0xa3, 0xbc, 0xda, 0xd0,
                                       0x0e, 0x67, 0x65, 0x6f};

const uint8_t efi_list_of_certificates[16] = {
    0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
    0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72};

const uint8_t efi_list_of_hashes[16] = {0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50,
                                        0x92, 0x40, 0xac, 0xa9, 0x41, 0xf9,
                                        0x36, 0x93, 0x43, 0x28};

enum {
  FIRMWARE_PCR = 7,       /* policy of secure boot */
  LOADER_PCR_STATE = 12,  /* events of what may change from boot to boot */
  LOADER_PCR_MODULE = 13, /* and of what is loaded */
  LOADER_PCR_LAST = 14    /* authorities */
};

/* --- events --------------------------------------------------------------- */

/* One PCR's events in a bank, up to its first separator. */
typedef struct boot_reader {
  arena *arena;
  const tcg_log *log;
  digest_algorithm hash;
  size_t bank, length;
  uint32_t quoted;
} boot_reader;

static bool digest_is(const boot_reader *r, const tcg_event *event,
                      bytes data) {
  uint8_t hash[DIGEST_BYTES_MAX];
  return digest(r->hash, data, hash) &&
         memcmp(hash, event->digests[r->bank], r->length) == 0;
}

/* Firmware ends its measurements with zeros, or with ones after an error; the
 * Windows boot loader with its own name (the types of events are anybody's).
 */
static bool is_separator(const boot_reader *r, const tcg_event *event) {
  static const uint8_t texts[][4] = {
      {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {'W', 'B', 'C', 'L'}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (digest_is(r, event, (bytes){texts[i], sizeof texts[i]}))
      return true;
  return false;
}

/* The next event of the PCR behind index *at that was measured before the
 * separator; NULL at the end, *separated if that was the separator. */
static const tcg_event *next_event(const boot_reader *r, uint32_t pcr,
                                   size_t *at, bool *separated) {
  while (*at < r->log->event_count) {
    const tcg_event *event = &r->log->events[(*at)++];
    if (event->type == TCG_EV_NO_ACTION || event->pcr != pcr)
      continue;
    *separated = is_separator(r, event);
    return *separated ? NULL : event;
  }
  return NULL;
}

/* --- variables ------------------------------------------------------------ */

static bool variable_is(const efi_variable_data *v, const uint8_t guid[16],
                        const char *name) {
  return memcmp(v->guid, guid, GUID_BYTES) == 0 && slice_is(v->name, name);
}

/* SHA-256 of certificates that Microsoft puts into the variables of its VMs'
 * firmware. */
static const uint8_t hyper_v_platform_key[SHA256_BYTES] = {
    0xb3, 0xbd, 0x98, 0xf4, 0x77, 0x72, 0x41, 0xd7, 0x21, 0xa9, 0x6c,
    0xd5, 0x84, 0xdc, 0xb9, 0xd4, 0xb2, 0x09, 0x8b, 0xeb, 0x26, 0x9c,
    0x44, 0x44, 0x2b, 0xdf, 0x60, 0x9a, 0xdc, 0xe3, 0xb6, 0xc0};
static const uint8_t kek_2011[SHA256_BYTES] = {
    0xa1, 0x11, 0x7f, 0x51, 0x6a, 0x32, 0xce, 0xfc, 0xba, 0x3f, 0x2d,
    0x1a, 0xce, 0x10, 0xa8, 0x79, 0x72, 0xfd, 0x6b, 0xbe, 0x8f, 0xe0,
    0xd0, 0xb9, 0x96, 0xe0, 0x9e, 0x65, 0xd8, 0x02, 0xa5, 0x03};
static const uint8_t uefi_ca_2011[SHA256_BYTES] = {
    0x48, 0xe9, 0x9b, 0x99, 0x1f, 0x57, 0xfc, 0x52, 0xf7, 0x61, 0x49,
    0x59, 0x9b, 0xff, 0x0a, 0x58, 0xc4, 0x71, 0x54, 0x22, 0x9b, 0x9f,
    0x8d, 0x60, 0x3a, 0xc4, 0x0d, 0x35, 0x00, 0x24, 0x85, 0x07};
static const uint8_t windows_pca_2011[SHA256_BYTES] = {
    0xe8, 0xe9, 0x5f, 0x07, 0x33, 0xa5, 0x5e, 0x8b, 0xad, 0x7b, 0xe0,
    0xa1, 0x41, 0x3e, 0xe2, 0x3c, 0x51, 0xfc, 0xea, 0x64, 0xb3, 0xc8,
    0xfa, 0x6a, 0x78, 0x69, 0x35, 0xfd, 0xdc, 0xc7, 0x19, 0x61};

typedef enum secure_boot_variable {
  VARIABLE_SECURE_BOOT,
  VARIABLE_PK,
  VARIABLE_KEK,
  VARIABLE_DB,
  VARIABLE_DBX,
  VARIABLE_COUNT
} secure_boot_variable;

static const struct {
  const char *name;
  const uint8_t *guid;
  const uint8_t *known[3]; /* certificates; NULL ends them */
} variables[VARIABLE_COUNT] = {
    [VARIABLE_SECURE_BOOT] = {"SecureBoot", efi_global_guid, {NULL}},
    [VARIABLE_PK] = {"PK", efi_global_guid, {hyper_v_platform_key, NULL}},
    [VARIABLE_KEK] = {"KEK", efi_global_guid, {kek_2011, NULL}},
    [VARIABLE_DB] = {"db",
                     efi_security_guid,
                     {uefi_ca_2011, windows_pca_2011, NULL}},
    [VARIABLE_DBX] = {"dbx", efi_security_guid, {NULL}},
};

static bool is_known(bytes certificate, const uint8_t *const *known) {
  uint8_t hash[DIGEST_BYTES_MAX];
  if (!digest(DIGEST_SHA256, certificate, hash))
    return false;
  for (; *known; known++)
    if (memcmp(hash, *known, SHA256_BYTES) == 0)
      return true;
  return false;
}

/* At least one entry, and each a certificate that is known. */
static bool has_known_keys_only(bytes content, const uint8_t *const *known) {
  efi_signature_list list;
  bool found = false;
  while (content.length > 0) {
    if (!efi_next_signature_list(&content, &list) ||
        memcmp(list.type, efi_list_of_certificates, GUID_BYTES) != 0)
      return false;
    for (size_t i = 0; i < list.entries.length; i += list.each) {
      bytes certificate = {list.entries.data + i + GUID_BYTES,
                           list.each - GUID_BYTES};
      if (!is_known(certificate, known))
        return false;
      found = true;
    }
  }
  return found;
}

static bool has_entries(bytes content) {
  efi_signature_list list;
  bool found = false;
  while (content.length > 0) {
    if (!efi_next_signature_list(&content, &list))
      return false;
    found = found || list.entries.length > 0;
  }
  return found;
}

/* --- the firmware's part -------------------------------------------------- */

/* Sorts the variables of PCR 7. False: something is not readable, stands
 * twice, or the measurements do not end. */
static bool find_variables(const boot_reader *r,
                           efi_variable_data found[VARIABLE_COUNT]) {
  size_t at = 0;
  bool separated = false;
  const tcg_event *event;
  while ((event = next_event(r, FIRMWARE_PCR, &at, &separated))) {
    efi_variable_data v;
    if (!digest_is(r, event, event->data))
      return false;
    if (!efi_read_variable(r->arena, event->data, &v))
      continue;
    for (int i = 0; i < VARIABLE_COUNT; i++) {
      if (!variable_is(&v, variables[i].guid, variables[i].name))
        continue;
      if (found[i].guid)
        return false;
      found[i] = v;
    }
  }
  return separated;
}

static void read_firmware(const boot_reader *r, guest_boot *boot) {
  efi_variable_data found[VARIABLE_COUNT] = {0};
  bool known[VARIABLE_COUNT] = {false};
  if (!(r->quoted >> FIRMWARE_PCR & 1) || !find_variables(r, found))
    return;
  bytes on = found[VARIABLE_SECURE_BOOT].data;
  boot->secure_boot = on.length == 1 && on.data[0] == 1;
  for (int i = VARIABLE_PK; i <= VARIABLE_DB; i++)
    known[i] = has_known_keys_only(found[i].data, variables[i].known);
  boot->db_validated = known[VARIABLE_DB];
  boot->default_keys_validated =
      known[VARIABLE_PK] && known[VARIABLE_KEK] && known[VARIABLE_DB];
  boot->dbx_validated = has_entries(found[VARIABLE_DBX].data);
}

/* --- the Windows boot loader's part --------------------------------------- */

/* Numbers of the events that claims are made of (evidence/sipa_events.h). */
enum {
  SIPA_AGGREGATION = 0x40000000,
  SIPA_TRUSTBOUNDARY = 0x40010001,
  SIPA_ELAM_AGGREGATION = 0x40010002,
  SIPA_BOOTDEBUGGING = 0x00040001,
  SIPA_OSKERNELDEBUG = 0x00050001,
  SIPA_TESTSIGNING = 0x00050003,
  SIPA_HYPERVISOR_DEBUG = 0x0005000d,
  SIPA_FLIGHTSIGNING = 0x00050021,
  SIPA_VBS_HVCI_POLICY = 0x000a0007
};

typedef struct loader_facts {
  guest_boot boot;
  bool has_boundary; /* there is an event at all */
} loader_facts;

static void take_fact(loader_facts *facts, uint32_t id, bytes data) {
  guest_boot *boot = &facts->boot;
  bool set = !bytes_are_zero(data);
  bool is_number = data.length == 4 || data.length == 8;
  facts->has_boundary = facts->has_boundary || id == SIPA_TRUSTBOUNDARY;
  boot->elam = boot->elam || id == SIPA_ELAM_AGGREGATION;
  boot->boot_debug = boot->boot_debug || (id == SIPA_BOOTDEBUGGING && set);
  boot->kernel_debug = boot->kernel_debug || (id == SIPA_OSKERNELDEBUG && set);
  boot->test_signing = boot->test_signing || (id == SIPA_TESTSIGNING && set);
  boot->flight_signing =
      boot->flight_signing || (id == SIPA_FLIGHTSIGNING && set);
  boot->hypervisor_debug =
      boot->hypervisor_debug || (id == SIPA_HYPERVISOR_DEBUG && set);
  if (id == SIPA_VBS_HVCI_POLICY && is_number)
    boot->hvci_policy = (int64_t)(little_endian(data) & INT64_MAX);
}

/* False: the data is no list of such events. Recursion ends at
 * LIMIT_EVENT_DEPTH. */
static bool take_facts(loader_facts *facts, bytes data, unsigned depth) {
  sipa_tagged t;
  if (depth == LIMIT_EVENT_DEPTH)
    return data.length == 0;
  while (sipa_next(&data, &t)) {
    take_fact(facts, t.number, t.data);
    if (t.number & SIPA_AGGREGATION && !take_facts(facts, t.data, depth + 1))
      return false;
  }
  return data.length == 0;
}

/* The events of one PCR. False: what was measured cannot be read to the end.
 */
static bool read_loader_pcr(const boot_reader *r, uint32_t pcr,
                            loader_facts *facts) {
  size_t at = 0;
  bool separated = false;
  const tcg_event *event;
  while ((event = next_event(r, pcr, &at, &separated)))
    if (!digest_is(r, event, event->data) || !take_facts(facts, event->data, 0))
      return false;
  return separated;
}

/* What is not known is assumed for the worst. */
static void take_loader(guest_boot *boot, loader_facts *facts, bool known) {
  if (known) {
    boot->elam = facts->boot.elam;
    boot->hvci_policy = facts->boot.hvci_policy;
  } else {
    facts->boot.boot_debug = facts->boot.kernel_debug = true;
    facts->boot.test_signing = facts->boot.flight_signing = true;
    facts->boot.hypervisor_debug = true;
  }
  boot->boot_debug = facts->boot.boot_debug;
  boot->kernel_debug = facts->boot.kernel_debug;
  boot->hypervisor_debug = facts->boot.hypervisor_debug;
  boot->test_signing = facts->boot.test_signing;
  boot->flight_signing = facts->boot.flight_signing;
}

/* Linux has nothing of the kind, and the service says that nothing is on. A VM
 * whose quoted events are those of Windows is one, whatever the client says. */
static void read_loader(const boot_reader *r, bool is_windows,
                        guest_boot *boot) {
  const uint32_t needed = 1u << LOADER_PCR_STATE | 1u << LOADER_PCR_MODULE;
  loader_facts facts = {0};
  bool known = (r->quoted & needed) == needed;
  for (uint32_t pcr = LOADER_PCR_STATE; pcr <= LOADER_PCR_LAST; pcr++)
    if (r->quoted >> pcr & 1 && !read_loader_pcr(r, pcr, &facts))
      known = false;
  if (is_windows || facts.has_boundary)
    take_loader(boot, &facts, known && facts.has_boundary);
}

guest_boot guest_boot_read(arena *a, const tcg_log *log, uint16_t algorithm,
                           uint32_t quoted, bool is_windows) {
  guest_boot boot = {0};
  boot_reader r = {.arena = a, .log = log, .quoted = quoted};
  while (r.bank < log->bank_count && log->banks[r.bank].algorithm != algorithm)
    r.bank++;
  if (r.bank == log->bank_count || !tpm_hash_algorithm(algorithm, &r.hash))
    r.quoted = 0;
  else
    r.length = log->banks[r.bank].length;
  read_firmware(&r, &boot);
  read_loader(&r, is_windows, &boot);
  return boot;
}
