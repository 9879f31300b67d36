/* SPDX-License-Identifier: Apache-2.0 */
/* What is believed of an event log, and what whoever sends it can do about it.
 */
#include "evidence/guest_log.h"
#include "tests/unit/evidence_fixture.h"

enum {
  ALL_PCRS = 0xffffff,
  TYPE_AT = 4,         /* in a record */
  STATE_BYTES = 78,    /* of the event of PCR 12 */
  KERNEL_DEBUG_AT = 25 /* its flag in there */
};

static guest_recipe recipe_of(arena *a, const char *const *settings) {
  guest_recipe recipe;
  evidence_error error = {0};
  guest_recipe_start(a, &recipe);
  for (; *settings; settings++)
    cr_assert(guest_recipe_set(a, &recipe, slice_from(*settings), &error), "%s",
              error.message);
  return recipe;
}

static bytes log_of(arena *a, const char *const *settings) {
  guest_recipe recipe = recipe_of(a, settings);
  return guest_log_make(a, &recipe);
}

static tcg_log parsed(arena *a, bytes raw) {
  tcg_log log;
  evidence_error error = {0};
  cr_assert(tcg_log_read(a, raw, &log, &error), "%s", error.message);
  return log;
}

static guest_boot boot_of(arena *a, bytes raw, uint32_t quoted,
                          bool is_windows) {
  tcg_log log = parsed(a, raw);
  return guest_boot_read(a, &log, TPM_ALG_SHA256, quoted, is_windows);
}

static const char *const linux_vm[] = {NULL};
static const char *const no_secure_boot[] = {"secure-boot=false", NULL};
static const char *const windows_vm[] = {"os-type=Windows", NULL};
static const char *const debugged[] = {"os-type=Windows", "kernel-debug=true",
                                       NULL};

/* The record of event `index`, whose bytes may be changed. */
static bytes record_of(arena *a, bytes raw, size_t index) {
  tcg_log log = parsed(a, raw);
  size_t begin = log.events[index].offset;
  size_t end =
      index + 1 < log.event_count ? log.events[index + 1].offset : raw.length;
  return (bytes){raw.data + begin, end - begin};
}

/* The first event of that PCR. */
static size_t event_of(arena *a, bytes raw, uint32_t pcr) {
  tcg_log log = parsed(a, raw);
  size_t i = 0;
  while (log.events[i].pcr != pcr)
    i++;
  return i;
}

static bytes joined(arena *a, bytes one, bytes two) {
  buffer out = buffer_in(a);
  buffer_add(&out, slice_from_bytes(one));
  buffer_add(&out, slice_from_bytes(two));
  return bytes_from_slice(buffer_slice(&out));
}

/* --- what a boot says ----------------------------------------------------- */

Test(evidence_guest_boot, a_release_boot) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  guest_boot boot = boot_of(&a, log_of(&a, linux_vm), 0xff, false);
  cr_expect(boot.secure_boot && boot.db_validated && boot.dbx_validated &&
            boot.default_keys_validated);
  cr_expect(!boot.boot_debug && !boot.kernel_debug && !boot.hypervisor_debug);
  cr_expect(!boot.test_signing && !boot.flight_signing && !boot.elam);
  boot = boot_of(&a, log_of(&a, windows_vm), ALL_PCRS, true);
  cr_expect(boot.secure_boot && boot.db_validated && boot.dbx_validated &&
            boot.default_keys_validated);
  cr_expect(!boot.boot_debug && !boot.kernel_debug && !boot.hypervisor_debug);
  cr_expect(!boot.test_signing && !boot.flight_signing && !boot.elam);
  cr_expect_eq(boot.hvci_policy, 0);
  arena_free(&a);
}

Test(evidence_guest_boot, each_field_is_its_own) {
  static const struct {
    const char *setting;
    size_t offset;
    bool is_set;
  } rows[] = {
      {"secure-boot=false", offsetof(guest_boot, secure_boot), false},
      {"db-validated=false", offsetof(guest_boot, db_validated), false},
      {"dbx-validated=false", offsetof(guest_boot, dbx_validated), false},
      {"default-keys=false", offsetof(guest_boot, default_keys_validated),
       false},
      {"boot-debug=true", offsetof(guest_boot, boot_debug), true},
      {"kernel-debug=true", offsetof(guest_boot, kernel_debug), true},
      {"hypervisor-debug=true", offsetof(guest_boot, hypervisor_debug), true},
      {"test-signing=true", offsetof(guest_boot, test_signing), true},
      {"flight-signing=true", offsetof(guest_boot, flight_signing), true},
      {"elam=true", offsetof(guest_boot, elam), true},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  guest_boot usual = boot_of(&a, log_of(&a, windows_vm), ALL_PCRS, true);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[] = {"os-type=Windows", rows[i].setting, NULL};
    guest_boot boot = boot_of(&a, log_of(&a, settings), ALL_PCRS, true);
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
      bool was = *(bool *)((char *)&usual + rows[k].offset);
      bool is = *(bool *)((char *)&boot + rows[k].offset);
      bool depends = i == 1 && k == 3; /* db is one of the default keys */
      cr_expect_eq(is, k == i || depends ? rows[i].is_set : was, "%s: %s",
                   rows[i].setting, rows[k].setting);
    }
  }
  static const char *const hvci[] = {"os-type=Windows", "hvci-policy=7", NULL};
  cr_expect_eq(boot_of(&a, log_of(&a, hvci), ALL_PCRS, true).hvci_policy, 7);
  arena_free(&a);
}

/* --- what is not proven is not believed ----------------------------------- */

Test(evidence_guest_boot, only_quoted_pcrs_count) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes log = log_of(&a, windows_vm);
  guest_boot boot = boot_of(&a, log, ALL_PCRS & ~(1u << 7), true);
  cr_expect(!boot.secure_boot && !boot.db_validated && !boot.dbx_validated &&
            !boot.default_keys_validated);
  for (uint32_t pcr = 12; pcr <= 13; pcr++) {
    boot = boot_of(&a, log, ALL_PCRS & ~(1u << pcr), true);
    cr_expect(boot.secure_boot);
    cr_expect(boot.boot_debug && boot.kernel_debug && boot.hypervisor_debug &&
                  boot.test_signing && boot.flight_signing,
              "PCR %u", (unsigned)pcr);
  }
  arena_free(&a);
}

Test(evidence_guest_boot, only_the_quoted_bank_counts) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  tcg_log log = parsed(&a, log_of(&a, windows_vm));
  guest_boot boot = guest_boot_read(&a, &log, TPM_ALG_SHA384, ALL_PCRS, true);
  cr_expect(!boot.secure_boot && boot.kernel_debug);
  boot = guest_boot_read(&a, &log, 0, ALL_PCRS, true);
  cr_expect(!boot.secure_boot && boot.kernel_debug);
  arena_free(&a);
}

/* A VM booted without secure boot extends PCR 7 with what it wishes. */
Test(evidence_guest_boot, later_measurements_do_not_count) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes off = log_of(&a, no_secure_boot), on = log_of(&a, linux_vm);
  bytes fake = record_of(&a, on, event_of(&a, on, 7));
  cr_expect(!boot_of(&a, joined(&a, off, fake), 0xff, false).secure_boot);
  cr_expect(boot_of(&a, on, 0xff, false).secure_boot);
  arena_free(&a);
}

/* Types of events are not measured. */
Test(evidence_guest_boot, types_do_not_hide_events) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes off = log_of(&a, no_secure_boot), on = log_of(&a, linux_vm);
  bytes fake = record_of(&a, on, event_of(&a, on, 7));
  uint8_t *raw = copied(&a, off);
  tcg_log log = parsed(&a, off);
  for (size_t i = 1; i < log.event_count; i++)
    if (log.events[i].pcr == 7)
      little_endian_write(raw + log.events[i].offset + TYPE_AT, 4, 1);
  bytes changed = joined(&a, (bytes){raw, off.length}, fake);
  cr_expect(!boot_of(&a, changed, 0xff, false).secure_boot);
  arena_free(&a);
}

/* Digests are measured, data is not. */
Test(evidence_guest_boot, data_must_be_what_was_hashed) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes off = log_of(&a, no_secure_boot);
  bytes record = record_of(&a, off, event_of(&a, off, 7));
  uint8_t *raw = copied(&a, off);
  raw[record.data - off.data + (ptrdiff_t)record.length - 1] = 1;
  guest_boot boot = boot_of(&a, (bytes){raw, off.length}, 0xff, false);
  cr_expect(!boot.secure_boot && !boot.db_validated);

  bytes log = log_of(&a, debugged);
  record = record_of(&a, log, event_of(&a, log, 12));
  raw = copied(&a, log);
  size_t flag_at = (size_t)(record.data - log.data) + record.length -
                   STATE_BYTES + KERNEL_DEBUG_AT;
  cr_assert_eq(raw[flag_at], 1);
  raw[flag_at] = 0;
  boot = boot_of(&a, (bytes){raw, log.length}, ALL_PCRS, true);
  cr_expect(boot.kernel_debug && boot.test_signing, "what is hidden is on");
  arena_free(&a);
}

/* Two variables of a name: one of them is not the firmware's. */
Test(evidence_guest_boot, a_variable_stands_once) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes on = log_of(&a, linux_vm);
  size_t at = event_of(&a, on, 7);
  bytes record = record_of(&a, on, at);
  size_t begin = (size_t)(record.data - on.data);
  bytes head = {on.data, begin}, tail = {on.data + begin, on.length - begin};
  bytes twice = joined(&a, joined(&a, head, record), tail);
  cr_expect(!boot_of(&a, twice, 0xff, false).secure_boot);
  arena_free(&a);
}

/* The measurements of PCR 7 must end: else more might have been left out. */
Test(evidence_guest_boot, a_separator_is_wanted) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes on = log_of(&a, linux_vm);
  tcg_log log = parsed(&a, on);
  size_t last = 0;
  for (size_t i = 1; i < log.event_count; i++)
    if (log.events[i].pcr == 7)
      last = i;
  bytes cut = {on.data, log.events[last].offset};
  cr_expect(!boot_of(&a, cut, 0xff, false).secure_boot);
  arena_free(&a);
}

/* Who runs Windows and says Linux gains nothing as long as the PCRs show. */
Test(evidence_guest_boot, windows_is_known_by_its_events) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes log = log_of(&a, debugged);
  cr_expect(boot_of(&a, log, ALL_PCRS, false).kernel_debug);
  cr_expect(!boot_of(&a, log, 0xff, false).kernel_debug);
  cr_expect(boot_of(&a, log_of(&a, linux_vm), ALL_PCRS, true).kernel_debug,
            "Windows without its events");
  arena_free(&a);
}
