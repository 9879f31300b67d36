/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM vouches for, and what is refused when a part is another one. */
#include "evidence/tpm_request.h"
#include "tests/unit/evidence_verify_fixture.h"

static void start(verify_fixture *f, arena *a, const char *const *settings) {
  const char *reason = "";
  verify_fixture_start(f, a, ATTESTATION_TPM, settings);
  f->options.roots = (trust_roots){0};
  cr_assert(roots_add_directory(a, &f->options.roots, f->directory, &reason),
            "%s", reason);
}

static bool flag_of(const evidence *e, const char *name) {
  const value *v = value_member(&e->claims, slice_from(name));
  cr_assert(v && v->kind == VALUE_BOOLEAN, "%s", name);
  return v->boolean;
}

/* --- what holds ----------------------------------------------------------- */

static void expect_verified(const char *const *settings) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_SIGNATURE, "%s: %s",
               settings[0] ? settings[0] : "", e.verification.reason);
  cr_expect(flag_of(&e, "aikValidated"));
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(tpm_verify, every_kind_of_message) {
  static const char *const rows[][5] = {
      {NULL},
      {"aik-scheme=RSAPSS", "bank=both", NULL},
      {"aik-scheme=ECDSA", "key-binding=certify", "other-key=true", NULL},
      {"ima=true", "windows=false", NULL},
      {"boot-attestation=true", NULL},
      {"version=1", "boot-attestation=true", NULL},
      {"enclave=true", NULL},
      {"version=1", "enclave=true", NULL},
      {"form=jws", "custom-claim=os:string:linux", "rp-data=x", NULL},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    expect_verified(rows[i]);
}

Test(tpm_verify, claims_follow_the_boot) {
  static const struct {
    const char *setting, *claim;
    bool expected;
  } rows[] = {
      {"secure-boot=true", "secureBootEnabled", true},
      {"secure-boot=false", "secureBootEnabled", false},
      {"boot-debugging=false", "bootDebuggingDisabled", true},
      {"boot-debugging=true", "bootDebuggingDisabled", false},
      {"safe-mode=true", "notSafeMode", false},
      {"winpe=true", "notWinPE", false},
      {"iommu=false", "iommuEnabled", false},
      {"vbs=false", "vbsEnabled", false},
      {"windows=false", "vbsEnabled", false},
      {"windows=false", "notSafeMode", false},
      {"enclave=true", "vbsReportPresent", true},
      {"enclave=false", "vbsReportPresent", false},
      /* Of what is not quoted, nothing is known. */
      {"pcr-mask=0x7f", "secureBootEnabled", false},
      {"pcr-mask=0x80", "secureBootEnabled", true},
      {"pcr-mask=0x80", "bootDebuggingDisabled", false},
      {"pcr-mask=0x3000", "bootDebuggingDisabled", true},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *const settings[] = {rows[i].setting, NULL};
    evidence_made m = made_evidence(&a, ATTESTATION_TPM, settings);
    evidence e = parsed_evidence(&a, ATTESTATION_TPM, m.raw);
    cr_expect_eq(flag_of(&e, rows[i].claim), rows[i].expected, "%s: %s",
                 rows[i].setting, rows[i].claim);
    cr_expect_not(flag_of(&e, "aikValidated"));
  }
  arena_free(&a);
}

/* --- settings that lie ---------------------------------------------------- */

static void expect_step(const char *setting, const char *step) {
  const char *const settings[] = {setting, NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  evidence e = verified_evidence(&f, f.made.raw);
  const char *reason = e.verification.reason; /* NULL if it is verified */
  cr_expect_not(evidence_is_verified(&e.verification), "%s", setting);
  cr_expect(reason && strstr(reason, step), "%s: %s", setting,
            reason ? reason : "no reason");
  cr_expect_not(flag_of(&e, "aikValidated"), "%s", setting);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(tpm_verify, refuses_what_is_made_wrong) {
  expect_step("form=payload", "request signature");
  expect_step("key-binding=none", "request_key");
  expect_step("quoted-challenge=00", "challenge");
  expect_step("pcr-mask=0x7fffff", "required PCRs");
  expect_step("aik-certificate=none", "AIK certificate: the message has none");
  expect_step("aik-certificate=self-signed", "AIK certificate");
  expect_step("aik-certificate=other-key", "another key than aik_pub");
  expect_step("aik-certificate=other-usage", "extended key usage");
}

/* --- configurationrules --------------------------------------------------- */

static void expect_rules(const char *setting, bool any, bool has_mask,
                         uint32_t mask, bool verified) {
  const char *const settings[] = {setting, NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  f.options.any_aik_certificate = any;
  f.options.has_pcr_mask = has_mask;
  f.options.required_pcr_mask = mask;
  evidence e = verified_evidence(&f, f.made.raw);
  const char *reason = e.verification.reason; /* NULL if it is verified */
  cr_expect_eq(evidence_is_verified(&e.verification), verified, "%s: %s",
               setting, reason ? reason : "no reason");
  if (any)
    cr_expect_eq(flag_of(&e, "aikValidated"),
                 strcmp(setting, "aik-certificate=valid") == 0);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(tpm_verify, follows_what_the_policy_demands) {
  expect_rules("aik-certificate=none", true, false, 0, true);
  expect_rules("aik-certificate=self-signed", true, false, 0, true);
  expect_rules("aik-certificate=other-usage", true, false, 0, true);
  expect_rules("aik-certificate=valid", true, false, 0, true);
  /* A certificate of another key is a contradiction, whoever asks. */
  expect_rules("aik-certificate=other-key", true, false, 0, false);
  expect_rules("pcr-mask=0x80", false, true, 0x80, true);
  expect_rules("pcr-mask=0x81", false, true, 0x80, true);
  expect_rules("pcr-mask=0x80", false, true, 0x81, false);
  expect_rules("pcr-mask=0", false, true, 0, true);
  expect_rules("pcr-mask=0", false, false, 0, false);
}

Test(tpm_verify, roots_for_others_vouch_for_no_aik) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, (const char *const[]){NULL});
  f.options.roots.builtin_count = f.options.roots.count;
  for (size_t i = 0; i < f.options.roots.count; i++)
    f.options.roots.names[i] = "Intel SGX Root CA";
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_not(evidence_is_verified(&e.verification));
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(tpm_verify, full_wants_revocation) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, (const char *const[]){NULL});
  f.options.level = VERIFY_FULL;
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect(strstr(e.verification.reason, "revocation"));
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- parts that were changed ---------------------------------------------- */

/* A part of a message that was read, where a test may change it. */
typedef struct changed {
  arena *arena;
  evidence e;
  tpm_request *request;
} changed;

static changed read_again(const verify_fixture *f) {
  changed c = {.arena = f->arena};
  c.e = parsed_evidence(f->arena, ATTESTATION_TPM, f->made.raw);
  c.request = ARENA_NEW(f->arena, tpm_request);
  evidence_error error;
  cr_assert(tpm_request_read(f->arena, f->made.raw, c.request, &error));
  c.e.detail = c.request;
  return c;
}

static void expect_failure(const verify_fixture *f, changed *c,
                           const char *step, size_t place) {
  evidence_verify(f->arena, &c->e, &f->options);
  cr_expect_eq(c->e.verification.status, VERIFICATION_FAILED, "%s, %zu", step,
               place);
  cr_expect(strstr(failed_step(&c->e.verification), step), "%zu: %s, not %s",
            place, failed_step(&c->e.verification), step);
}

/* Flips a bit of each byte in turn. */
static void expect_each_byte(const verify_fixture *f,
                             bytes *(*part)(tpm_request *), const char *step) {
  changed c = read_again(f);
  bytes *where = part(c.request);
  uint8_t *copy = copied(f->arena, *where);
  cr_assert_gt(where->length, 0u);
  where->data = copy;
  for (size_t i = 0; i < where->length; i++) {
    copy[i] ^= 0x10;
    expect_failure(f, &c, step, i);
    copy[i] ^= 0x10;
  }
}

static bytes *signing_input(tpm_request *r) { return &r->signing_input; }
static bytes *quote(tpm_request *r) { return &r->current.quote_raw; }
static bytes *quote_signature(tpm_request *r) {
  return &r->current.signature.rsa;
}
static bytes *pcr(tpm_request *r) { return &r->current.banks[0].values[7]; }
static bytes *challenge(tpm_request *r) { return &r->challenge; }
static bytes *certification(tpm_request *r) {
  return &r->other_keys[0].certification_raw;
}
static bytes *certified_key(tpm_request *r) {
  return &r->other_keys[0].public.area;
}
static bytes *message_signature(tpm_request *r) { return &r->signature; }
static bytes *boot_quote(tpm_request *r) { return &r->boot.quote_raw; }
static bytes *statement(tpm_request *r) { return &r->vbs.statement; }
static bytes *report_signature(tpm_request *r) { return &r->vbs.signature; }

Test(tpm_verify, notices_every_byte) {
  static const char *const settings[] = {"pcr-mask=0xb080", "other-key=true",
                                         "boot-attestation=true", NULL};
  TEST_ARENA(a, (size_t)512 << 20);
  verify_fixture f;
  start(&f, &a, settings);
  f.options.has_pcr_mask = true;
  f.options.required_pcr_mask = 0x80;
  expect_each_byte(&f, message_signature, "request signature");
  expect_each_byte(&f, quote, "quote signature");
  expect_each_byte(&f, quote_signature, "quote signature");
  expect_each_byte(&f, pcr, "PCR digest");
  expect_each_byte(&f, challenge, "challenge");
  expect_each_byte(&f, boot_quote, "boot_attestation: quote signature");
  expect_each_byte(&f, certification, "other_keys[0]");
  expect_each_byte(&f, certified_key, "other_keys[0]");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(tpm_verify, notices_every_byte_of_the_message) {
  static const char *const settings[] = {"pcr-mask=1", "form=jws", NULL};
  TEST_ARENA(a, (size_t)512 << 20);
  verify_fixture f;
  start(&f, &a, settings);
  size_t length = signing_input(read_again(&f).request)->length;
  for (size_t i = 0; i < length; i += 53) {
    changed c = read_again(&f);
    uint8_t *copy = copied(&a, c.request->signing_input);
    copy[i] ^= 1;
    c.request->signing_input.data = copy;
    expect_failure(&f, &c, "request signature", i);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(tpm_verify, notices_every_byte_of_an_enclave_s_report) {
  static const char *const settings[] = {"enclave=true", NULL};
  TEST_ARENA(a, (size_t)512 << 20);
  verify_fixture f;
  start(&f, &a, settings);
  expect_each_byte(&f, statement, "VBS report: signature");
  expect_each_byte(&f, report_signature, "VBS report: signature");
  changed c = read_again(&f);
  c.request->report_signed.length--;
  expect_failure(&f, &c, "enclave data", 0);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- logs that were changed ----------------------------------------------- */

/* A copy of the events that may be changed. */
static tcg_event *events_of(changed *c) {
  tcg_log *log = &c->request->current.tcg;
  tcg_event *events = ARENA_ARRAY(c->arena, log->event_count, tcg_event);
  memcpy(events, log->events, log->event_count * sizeof *events);
  log->events = events;
  return events;
}

Test(tpm_verify, replays_every_event) {
  TEST_ARENA(a, (size_t)512 << 20);
  verify_fixture f;
  start(&f, &a, (const char *const[]){NULL});
  size_t count = read_again(&f).request->current.tcg.event_count;
  for (size_t i = 1; i < count; i++) {
    changed c = read_again(&f);
    tcg_event *events = events_of(&c);
    memmove(events + i, events + i + 1, (count - i - 1) * sizeof *events);
    c.request->current.tcg.event_count--;
    expect_failure(&f, &c, "event log", i);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Secure boot is off, and the log says "on" with the digest of "off". */
Test(tpm_verify, believes_no_data_that_was_not_measured) {
  static const char *const settings[] = {"secure-boot=false", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  changed c = read_again(&f);
  tcg_event *events = events_of(&c);
  size_t i = 0;
  while (events[i].pcr != 7)
    i++;
  uint8_t *data = copied(&a, events[i].data);
  cr_assert_eq(data[events[i].data.length - 1], 0);
  data[events[i].data.length - 1] = 1;
  events[i].data.data = data;
  expect_failure(&f, &c, "data of events", i);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* The event that says "off" under another type does not hide. */
Test(tpm_verify, secure_boot_is_what_the_data_says) {
  static const char *const settings[] = {"secure-boot=false", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  changed c = read_again(&f);
  tcg_event *events = events_of(&c);
  size_t i = 0;
  while (events[i].pcr != 7)
    i++;
  events[i].type = EV_EFI_VARIABLE_AUTHORITY;
  tpm_describe(&a, c.request, &c.e);
  cr_expect_not(flag_of(&c.e, "secureBootEnabled"));
  expect_failure(&f, &c, "data of events", i);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* A key that was not measured proves no enclave. */
Test(tpm_verify, wants_the_kernel_s_key_in_the_log) {
  static const char *const settings[] = {"enclave=true", "pcr-mask=0x80", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  f.options.has_pcr_mask = true;
  f.options.required_pcr_mask = 0x80;
  changed c = read_again(&f);
  expect_failure(&f, &c, "VBS report: signature", 0);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- a TPM outside of the program ---------------------------------------- */

/* What a TPM answers to every command; from nobody, nothing. */
static size_t answer(void *context, bytes command, uint8_t *response,
                     size_t size) {
  const char *what = context;
  static const uint8_t failed[] = {0x80, 1, 0, 0, 0, 10, 0, 0, 1, 0};
  static const uint8_t short_one[] = {0x80, 2, 0, 0, 0, 10, 0, 0, 0, 0};
  cr_expect_geq(command.length, 10);
  cr_expect_geq(size, sizeof failed);
  if (strcmp(what, "nothing") == 0)
    return 0;
  memcpy(response, strcmp(what, "failed") == 0 ? failed : short_one,
         sizeof failed);
  return sizeof failed;
}

static bool start_silent(arena *a, tpm_channel *result,
                         evidence_error *error) {
  (void)a, (void)error;
  *result = (tpm_channel){answer, "nothing"};
  return true;
}

static bool start_failing(arena *a, tpm_channel *result,
                          evidence_error *error) {
  (void)a, (void)error;
  *result = (tpm_channel){answer, "failed"};
  return true;
}

static bool start_short(arena *a, tpm_channel *result, evidence_error *error) {
  (void)a, (void)error;
  *result = (tpm_channel){answer, "short"};
  return true;
}

Test(tpm_make, says_what_a_tpm_outside_did) {
  static const struct {
    tpm_starter *start;
    const char *message;
  } rows[] = {
      {NULL, "no swtpm to start"},
      {start_silent, "no answer to TPM2_CreatePrimary"},
      {start_failing, "fails TPM2_CreatePrimary with 0x100"},
      {start_short, "TPM2_CreatePrimary"},
  };
  const slice setting = SLICE("source=swtpm");
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence_error error;
    evidence_made made;
    evidence_recipe recipe = {.type = ATTESTATION_TPM,
                              .settings = &setting,
                              .setting_count = 1,
                              .start_tpm = rows[i].start};
    cr_assert_not(evidence_make(&a, &recipe, &made, &error));
    cr_expect(strstr(error.message, rows[i].message), "%s", error.message);
  }
  arena_free(&a);
}
