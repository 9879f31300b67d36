/* SPDX-License-Identifier: Apache-2.0 */
/* Boot logs as claims: what is told, what is not, and what a sender of a log
 * cannot hide or forge. */
#include "evidence/event_claims.h"
#include "evidence/event_file.h"
#include "evidence/event_make.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)64 << 20)
#define GLOBAL "8BE4DF61-93CA-11D2-AA0D-00E098032B8C"
#define IMAGES "D719B2CB-3D3A-4596-A3BC-DAD00E67656F"

static const uint8_t global_guid[] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
                                      0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
                                      0x98, 0x03, 0x2b, 0x8c};

static bytes text_bytes(const char *text) {
  return bytes_from_slice(slice_from(text));
}

static event_writer begin(arena *a) {
  static const uint16_t algorithms[] = {TPM_ALG_SHA1, TPM_ALG_SHA256};
  return event_write_begin(a, algorithms, 2);
}

static event_logs logs_of(arena *a, bytes raw) {
  tcg_log *log = ARENA_NEW(a, tcg_log);
  evidence_error error = {0};
  bool good = tcg_log_read(a, raw, log, &error);
  cr_assert(good, "%s", good ? "" : error.message);
  return (event_logs){log, NULL};
}

/* The events of a log; the check has to hold. */
static value claims_of(arena *a, bytes raw) {
  value events;
  evidence_error error = {0};
  event_logs logs = logs_of(a, raw);
  bool good = event_claims(a, &logs, &events, &error);
  cr_assert(good, "%s", good ? "" : error.message);
  return events;
}

static const value *event_at(const value *events, size_t index) {
  const value *items = value_member(events, SLICE("Events"));
  cr_assert(items && index < items->count);
  return &items->items[index];
}

static void expect_json(arena *a, const value *v, const char *expected) {
  buffer text = buffer_in(a);
  cr_assert(v != NULL, "nothing for %s", expected);
  json_write(&text, v);
  cr_expect_str_eq(buffer_slice(&text).data, expected);
}

static void expect_data(arena *a, event_writer *w, const char *expected) {
  value events = claims_of(a, event_written(w));
  expect_json(a, value_member(event_at(&events, 1), SLICE("ProcessedData")),
              expected);
}

static void expect_refusal(arena *a, bytes raw, const char *part) {
  value events;
  evidence_error error = {0};
  event_logs logs = logs_of(a, raw);
  cr_assert(!event_claims(a, &logs, &events, &error), "not refused: %s", part);
  cr_expect(strstr(error.message, part) != NULL, "%s", error.message);
  cr_expect(error.code == EVIDENCE_FORMAT && error.offset < raw.length);
  cr_expect(event_list(a, &logs, &events, &error), "people may look");
}

/* --- members -------------------------------------------------------------- */

Test(event_claims, have_the_members_that_samples_query) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  const uint8_t on = 1;
  event_write(&w, 7, EV_EFI_VARIABLE_DRIVER_CONFIG,
              event_make_variable(&a, global_guid, "SecureBoot",
                                  (bytes){&on, 1}));
  event_write(&w, 7, EV_SEPARATOR, (bytes){(const uint8_t[4]){0}, 4});
  value events = claims_of(&a, event_written(&w));
  const value *event = event_at(&events, 1);
  expect_json(&a, value_member(event, SLICE("EventSeq")), "1");
  expect_json(&a, value_member(event, SLICE("PcrIndex")), "7");
  expect_json(&a, value_member(event, SLICE("EventType")), "2147483649");
  expect_json(&a, value_member(event, SLICE("EventTypeString")),
              "\"EV_EFI_VARIABLE_DRIVER_CONFIG\"");
  expect_json(&a, value_member(event, SLICE("ProcessedData")),
              "{\"UnicodeName\":\"SecureBoot\",\"VariableData\":\"AQ\","
              "\"VariableGuid\":\"" GLOBAL "\"}");
  expect_json(&a, value_member(event_at(&events, 0), SLICE("ProcessedData")),
              "{}");
  arena_free(&a);
}

/* Digests: Python's hashlib over b"Exit Boot Services Invocation". */
Test(event_claims, have_the_digests_of_every_bank) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write(&w, 5, EV_EFI_ACTION,
              text_bytes("Exit Boot Services Invocation"));
  value events = claims_of(&a, event_written(&w));
  expect_json(&a, value_member(event_at(&events, 1), SLICE("Digests")),
              "{\"SHA1\":\"443a6b7b82b7af564f2e393cd9d5a388b7fa4a98\","
              "\"SHA256\":\"d8043d6b7b85ad358eb3b6ae6a873ab7ef23a26352c5dc4fa"
              "a5aeedacf5eb41b\"}");
  expect_data(&a, &w, "{\"String\":\"Exit Boot Services Invocation\"}");
  arena_free(&a);
}

Test(event_claims, tell_an_unknown_type_by_its_number) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write(&w, 5, 0x1234, text_bytes("x"));
  value events = claims_of(&a, event_written(&w));
  expect_json(&a, value_member(event_at(&events, 1), SLICE("EventTypeString")),
              "\"0x00001234\"");
  expect_data(&a, &w, "{\"RawData\":\"eA\"}");
  arena_free(&a);
}

/* --- proof ---------------------------------------------------------------- */

Test(event_claims, tell_nothing_that_no_digest_proves) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write_measured(&w, 4, EV_EFI_ACTION, text_bytes("said"),
                       text_bytes("measured"));
  expect_data(&a, &w, "{}");
  value events;
  evidence_error error;
  event_logs logs = logs_of(&a, event_written(&w));
  cr_assert(event_list(&a, &logs, &events, &error));
  cr_expect(!value_member(event_at(&events, 1), SLICE("UnprovenData")));
  cr_assert(event_list_told(&a, &logs, &events, &error));
  expect_json(&a, value_member(event_at(&events, 1), SLICE("UnprovenData")),
              "{\"String\":\"said\"}");
  arena_free(&a);
}

Test(event_claims, tell_what_grub_measured_of_its_text) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer newer = begin(&a), older = begin(&a), other = begin(&a);
  event_write_measured(&newer, 8, EV_IPL, (bytes){(const uint8_t *)
                       "grub_cmd: ls /\0", 15}, text_bytes("ls /"));
  event_write_measured(&older, 8, EV_IPL, (bytes){(const uint8_t *)
                       "grub_cmd ls /\0", 14},
                       (bytes){(const uint8_t *)"ls /\0", 5});
  event_write_measured(&other, 8, EV_IPL, text_bytes("grub_cmd: ls /"),
                       text_bytes("rm /"));
  expect_data(&a, &newer, "{\"String\":\"ls /\"}");
  expect_data(&a, &older, "{\"String\":\"ls /\"}");
  expect_data(&a, &other, "{}");
  arena_free(&a);
}

Test(event_claims, tell_boot_variables_of_which_the_data_was_measured) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  const uint8_t order[] = {3, 0, 1, 0};
  bytes data = event_make_variable(&a, global_guid, "BootOrder",
                                   (bytes){order, 4});
  event_write_measured(&w, 1, EV_EFI_VARIABLE_BOOT, data, (bytes){order, 4});
  expect_data(&a, &w,
              "{\"BootOrder\":[3,1],\"UnicodeName\":\"BootOrder\","
              "\"VariableData\":\"AwABAA\",\"VariableGuid\":\"" GLOBAL "\"}");
  arena_free(&a);
}

/* shim measures padding behind the variable, and writes a byte more. */
Test(event_claims, tell_authorities_without_what_is_behind_them) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  bytes data = event_make_variable(&a, global_guid, "Shim", text_bytes("ab"));
  buffer longer = buffer_in(&a);
  buffer_add(&longer, slice_from_bytes(data));
  buffer_add(&longer, SLICE("\0\0\0\xaf"));
  bytes all = bytes_from_slice(buffer_slice(&longer));
  event_write_measured(&w, 7, EV_EFI_VARIABLE_AUTHORITY, all,
                       (bytes){all.data, all.length - 1});
  expect_data(&a, &w,
              "{\"UnicodeName\":\"Shim\",\"VariableData\":\"YWI\","
              "\"VariableGuid\":\"" GLOBAL "\"}");
  arena_free(&a);
}

/* Only one of two banks is of the data. */
Test(event_claims, want_every_bank_to_prove) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write(&w, 4, EV_EFI_ACTION, text_bytes("said"));
  bytes raw = event_written(&w);
  uint8_t *copy = arena_alloc(&a, raw.length);
  memcpy(copy, raw.data, raw.length);
  copy[raw.length - 4 - 4 - 1] ^= 1; /* the last byte of the SHA-256 digest */
  value events = claims_of(&a, (bytes){copy, raw.length});
  expect_json(&a, value_member(event_at(&events, 1), SLICE("ProcessedData")),
              "{}");
  arena_free(&a);
}

/* --- attacks -------------------------------------------------------------- */

static bytes secure_boot(arena *a, uint8_t on) {
  uint8_t *data = arena_alloc(a, 1);
  *data = on;
  return event_make_variable(a, global_guid, "SecureBoot", (bytes){data, 1});
}

static const uint8_t zeros[4] = {0};
#define SEPARATOR_DATA ((bytes){zeros, sizeof zeros})

Test(event_check, refuses_secure_boot_that_was_not_measured) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write_measured(&w, 7, EV_EFI_VARIABLE_DRIVER_CONFIG,
                       secure_boot(&a, 1), secure_boot(&a, 0));
  expect_refusal(&a, event_written(&w), "not what was measured");
  arena_free(&a);
}

/* The true event goes by another name, so that a forged one stands alone. */
Test(event_check, refuses_variables_under_other_types) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  const uint32_t types[] = {EV_EFI_ACTION, EV_EFI_VARIABLE_AUTHORITY,
                            EV_EFI_VARIABLE_BOOT, EV_SEPARATOR, 0x1234};
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    event_writer w = begin(&a);
    event_write(&w, 7, types[i], secure_boot(&a, 0));
    expect_refusal(&a, event_written(&w), "under another type");
  }
  arena_free(&a);
}

/* Of the true event's data as a part of another's. */
Test(event_check, refuses_wrapped_events) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  bytes off = secure_boot(&a, 0);
  bytes wrapped = event_make_variable(&a, global_guid, "any", off);
  const uint32_t types[] = {EV_EFI_VARIABLE_AUTHORITY, EV_EFI_VARIABLE_BOOT,
                            EV_EFI_VARIABLE_BOOT2};
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    event_writer w = begin(&a);
    event_write_measured(&w, 7, types[i], wrapped, off);
    expect_refusal(&a, event_written(&w), "not what was measured");
  }
  buffer command = buffer_in(&a), longer = buffer_in(&a);
  buffer_text(&command, "grub_cmd: ");
  buffer_add(&command, slice_from_bytes(off));
  event_writer w = begin(&a), shim = begin(&a), late = begin(&a);
  event_write_measured(&w, 7, EV_IPL,
                       bytes_from_slice(buffer_slice(&command)), off);
  expect_refusal(&a, event_written(&w), "under another type");
  buffer_add(&longer, slice_from_bytes(off));
  buffer_char(&longer, 'x');
  event_write_measured(&shim, 7, EV_EFI_VARIABLE_AUTHORITY,
                       bytes_from_slice(buffer_slice(&longer)), off);
  expect_refusal(&a, event_written(&shim), "under another type");
  event_write_measured(&late, 7, EV_IPL,
                       bytes_from_slice((slice){"x \0\0\0\0", 6}),
                       (bytes){zeros, sizeof zeros});
  expect_refusal(&a, event_written(&late), "separator under another type");
  arena_free(&a);
}

Test(event_check, refuses_other_data_under_other_types) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write_measured(&w, 7, EV_IPL, text_bytes("MokList"),
                       secure_boot(&a, 0));
  expect_refusal(&a, event_written(&w), "not what was measured");
  arena_free(&a);
}

Test(event_check, refuses_secure_boot_behind_the_separator) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a), hidden = begin(&a);
  event_write(&w, 7, EV_SEPARATOR, SEPARATOR_DATA);
  event_write(&w, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot(&a, 1));
  expect_refusal(&a, event_written(&w), "behind the separator");
  event_write(&hidden, 7, EV_EFI_ACTION, SEPARATOR_DATA);
  event_write(&hidden, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot(&a, 1));
  expect_refusal(&a, event_written(&hidden), "separator under another type");
  arena_free(&a);
}

/* Firmware tells it once, and ends what it measures with a separator. */
Test(event_check, refuses_secure_boot_told_twice_or_without_end) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer twice = begin(&a), open = begin(&a), good = begin(&a);
  event_write(&twice, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot(&a, 1));
  event_write(&twice, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot(&a, 1));
  event_write(&twice, 7, EV_SEPARATOR, SEPARATOR_DATA);
  expect_refusal(&a, event_written(&twice), "a second time");
  event_write(&open, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot(&a, 1));
  expect_refusal(&a, event_written(&open), "no separator");
  event_write(&good, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot(&a, 1));
  event_write(&good, 7, EV_SEPARATOR, SEPARATOR_DATA);
  claims_of(&a, event_written(&good));
  arena_free(&a);
}

/* A trust boundary that holds one flag. */
static bytes boundary(arena *a, uint32_t number, uint8_t flag) {
  buffer inner = buffer_in(a), out = buffer_in(a);
  event_tag_number(&inner, number, 1, flag);
  event_tag(&out, 0x40010001, bytes_from_slice(buffer_slice(&inner)));
  return bytes_from_slice(buffer_slice(&out));
}

enum { CODE_INTEGRITY = 0x00050002, TEST_SIGNING = 0x00050003 };

Test(event_check, refuses_events_of_windows_that_hide) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer retyped = begin(&a), changed = begin(&a), late = begin(&a);
  event_write(&retyped, 12, EV_EVENT_TAG, boundary(&a, CODE_INTEGRITY, 1));
  event_write(&retyped, 12, EV_IPL, boundary(&a, TEST_SIGNING, 1));
  expect_refusal(&a, event_written(&retyped), "of Windows under another type");
  event_write(&changed, 12, EV_EVENT_TAG, boundary(&a, CODE_INTEGRITY, 1));
  event_write_measured(&changed, 13, EV_IPL, text_bytes("x"),
                       boundary(&a, TEST_SIGNING, 1));
  expect_refusal(&a, event_written(&changed), "not what was measured");
  event_write(&late, 12, EV_SEPARATOR, text_bytes("WBCL"));
  event_write(&late, 12, EV_EVENT_TAG, boundary(&a, CODE_INTEGRITY, 1));
  expect_refusal(&a, event_written(&late), "behind the separator");
  arena_free(&a);
}

/* Linux measures into PCR 12 and 14 what events do not repeat. */
Test(event_check, leaves_linux_alone) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_writer w = begin(&a);
  event_write_measured(&w, 12, EV_IPL, text_bytes("credentials"),
                       text_bytes("a file"));
  event_write_measured(&w, 14, EV_IPL, text_bytes("MokList"),
                       text_bytes("a list"));
  event_write_measured(&w, 9, EV_EVENT_TAG, text_bytes("Linux initrd"),
                       text_bytes("a file"));
  claims_of(&a, event_written(&w));
  arena_free(&a);
}

/* --- PCRs, questions, plans ----------------------------------------------- */

Test(event_pcrs, are_told_in_hex_by_index) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tcg_pcrs sha1 = {.length = 20}, sha256 = {.length = 32};
  sha1.values[7][0] = 0xab;
  sha256.values[0][31] = 0x01;
  event_bank banks[] = {{TPM_ALG_SHA1, 1u << 7, &sha1},
                        {TPM_ALG_SHA256, 1u | 1u << 7, &sha256}};
  value pcrs = event_pcrs(&a, banks, 2);
  expect_json(
      &a, &pcrs,
      "{\"PCRs\":[{\"Digests\":{\"SHA256\":\"0000000000000000000000000000000000"
      "000000000000000000000000000001\"},\"Index\":0},{\"Digests\":{\"SHA1\":"
      "\"ab00000000000000000000000000000000000000\",\"SHA256\":\"00000000000000"
      "00000000000000000000000000000000000000000000000000\"},\"Index\":7}]}");
  arena_free(&a);
}

static void set(arena *a, event_plan *plan, const char *text) {
  setting s;
  bool known = false;
  evidence_error error;
  cr_assert(setting_split(a, plan, slice_from(text), &s, &error));
  cr_assert(event_plan_set(plan, &s, &known) && known, "%s", text);
}

static void expect_values(arena *a, const value *events, const char *name,
                          const char *expected) {
  value found = event_values(a, events, (uint32_t)3 << 12, slice_from(name));
  expect_json(a, &found, expected);
}

Test(event_plan, makes_boots_that_can_be_asked) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_plan plan = event_plan_start();
  value events = claims_of(&a, event_make_boot(&a, &plan));
  expect_values(&a, &events, "EVENT_TESTSIGNING", "[false,false]");
  expect_values(&a, &events, "EVENT_BITLOCKER_UNLOCK", "[{\"Value\":4}]");
  expect_values(&a, &events, "EVENT_VBS_HVCI_POLICY",
                "[{\"String\":\"HypervisorEnforcedCodeIntegrityEnable\","
                "\"Value\":1}]");
  set(&a, &plan, "test-signing=true");
  set(&a, &plan, "secure-boot=false");
  set(&a, &plan, "hvci=0");
  events = claims_of(&a, event_make_boot(&a, &plan));
  expect_values(&a, &events, "EVENT_TESTSIGNING", "[true,true]");
  expect_values(&a, &events, "EVENT_VBS_HVCI_POLICY", "[{\"Value\":0}]");
  value variables = event_variables(&a, &events, 7, SLICE(GLOBAL),
                                    SLICE("SecureBoot"));
  expect_json(&a, &variables, "[\"AA\"]");
  variables =
      event_variables(&a, &events, 7, SLICE(IMAGES), SLICE("SecureBoot"));
  expect_json(&a, &variables, "[]");
  arena_free(&a);
}

Test(event_plan, knows_its_fields_and_no_others) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_plan plan = event_plan_start();
  evidence_error error = {0};
  setting s;
  bool known = true;
  cr_assert(setting_split(&a, &plan, SLICE("x=1"), &s, &error));
  cr_expect(event_plan_set(&plan, &s, &known) && !known);
  cr_assert(setting_split(&a, &plan, SLICE("vbs=1"), &s, &error));
  cr_expect(!event_plan_set(&plan, &s, &known) && known);
  cr_expect(strstr(error.message, "true or false"));
  for (size_t i = 0; event_plan_fields[i]; i++) {
    s.name = slice_from(event_plan_fields[i]);
    event_plan_set(&plan, &s, &known);
    cr_expect(known, "%s", event_plan_fields[i]);
  }
  arena_free(&a);
}

/* --- files ---------------------------------------------------------------- */

Test(event_file, joins_the_logs_of_one_machine) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_plan plan = event_plan_start();
  plan.windows = false;
  bytes boot = event_make_boot(&a, &plan), ima = event_make_ima(&a, &plan);
  event_file f = {0};
  evidence_error error = {0};
  value dump;
  cr_expect(event_file_detect(boot) && event_file_detect(ima));
  cr_assert(event_file_add(&a, ima, &f, &error));
  cr_assert(event_file_add(&a, boot, &f, &error));
  cr_assert(event_file_show(&a, &f, &dump, &error));
  const value *events = value_member(&dump, SLICE("Events"));
  cr_assert(events && events->count > 3);
  const value *last = &events->items[events->count - 1];
  expect_json(&a, value_member(last, SLICE("EventTypeString")),
              "\"IMA_MEASUREMENT_EVENT\"");
  cr_expect_eq(value_member(last, SLICE("EventSeq"))->integer,
               events->count - 1);
  expect_json(&a, value_member(&dump, SLICE("check")), "{\"holds\":true}");
  cr_expect(!event_file_add(&a, boot, &f, &error));
  cr_expect(strstr(error.message, "second boot log"));
  arena_free(&a);
}

Test(event_file, knows_logs_by_their_first_record) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  static const uint8_t not_logs[][40] = {
      {0}, {24, 0, 0, 0, 8}, {0, 0, 0, 0, 99}};
  for (size_t i = 1; i < COUNT_OF(not_logs); i++)
    cr_expect(!event_file_detect((bytes){not_logs[i], sizeof *not_logs}));
  for (size_t length = 0; length < 32; length++)
    cr_expect(!event_file_detect((bytes){not_logs[0], length}), "%zu", length);
  uint8_t *nothing = arena_zalloc(&a, 100);
  cr_expect(!event_file_detect((bytes){nothing, 100}));
  cr_expect(!event_file_detect(text_bytes("{\"Events\": []}")));
  arena_free(&a);
}
