/* SPDX-License-Identifier: Apache-2.0 */
/* Measurement lists of IMA. Digests and PCRs were computed with Python's
 * hashlib by the kernel's description of the templates. */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "evidence/event_claims.h"
#include "evidence/event_make.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)64 << 20)

#define AGGREGATE                                                              \
  "10 01fb2f8a6d603fd73992768a0d7275c8adb81fda ima-ng sha256:"                 \
  "4509beb0ab401d71fa4a5cd94a55c9a74f13332776ae4019c5bfc4c2005157ff "          \
  "boot_aggregate\n"
#define KERNEL                                                                 \
  "10 3fe3ac51a243130aca17af4a270ff633267f00bc ima-buf sha256:"                \
  "7aa6e18549e5deae137d4313d1588028ccee5bc5328aaed386e5867b916e142c "          \
  "kernel_version 362e312e302d31382d616d643634\n"
#define SIGNED                                                                 \
  "10 2fc7dbb410696444085b4c96899fce4e174d7a4f ima-sig sha256:"                \
  "e0031c189e34e10d9c202fa8d75f72d3296a239164fe6b07e7dc206c7b723d98 "          \
  "/usr/lib/my file 030204\n"
#define VIOLATION                                                              \
  "10 0000000000000000000000000000000000000000 ima-ng sha256:"                 \
  "0000000000000000000000000000000000000000000000000000000000000000 "          \
  "boot_aggregate\n"
#define FIRST                                                                  \
  "10 7f71086d4935ebc1ee95be7605a473506039a6d2 ima "                           \
  "fd62812fbd9ec4c7f99aa4f6253fead2388eb238 /init\n"

static const char list_text[] = AGGREGATE KERNEL SIGNED VIOLATION FIRST;

static bytes text_bytes(const char *text) {
  return bytes_from_slice(slice_from(text));
}

static ima_log read_list(arena *a, bytes raw) {
  ima_log log;
  evidence_error error = {0};
  bool good = ima_log_read(a, raw, &log, &error);
  cr_assert(good, "%s", good ? "" : error.message);
  return log;
}

static void expect_refusal(arena *a, bytes raw, const char *part) {
  ima_log log;
  evidence_error error = {0};
  cr_assert(!ima_log_read(a, raw, &log, &error), "not refused: %s", part);
  cr_expect(strstr(error.message, part) != NULL, "%s", error.message);
  cr_expect(error.offset <= raw.length);
}

static void expect_pcr(arena *a, const ima_log *log, uint16_t algorithm,
                       ima_extension extension, const char *expected) {
  tcg_pcrs pcrs;
  event_logs logs = {NULL, log};
  buffer hex = buffer_in(a);
  cr_assert(event_logs_replay(&logs, algorithm, extension, &pcrs));
  buffer_hex(&hex, (bytes){pcrs.values[10], pcrs.length});
  cr_expect_str_eq(buffer_slice(&hex).data, expected);
  cr_expect_eq(pcrs.measured, 1u << 10);
}

static void expect_data(arena *a, const value *events, size_t index,
                        const char *expected) {
  buffer text = buffer_in(a);
  const value *items = value_member(events, SLICE("Events"));
  cr_assert(items && index < items->count);
  json_write(&text,
             value_member(&items->items[index], SLICE("ProcessedData")));
  cr_expect_str_eq(buffer_slice(&text).data, expected);
}

static value events_of(arena *a, const ima_log *log) {
  value events;
  evidence_error error;
  event_logs logs = {NULL, log};
  cr_assert(event_claims(a, &logs, &events, &error));
  return events;
}

Test(ima_log, reads_the_ascii_form) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  ima_log log = read_list(&a, text_bytes(list_text));
  cr_assert(log.is_ascii && log.event_count == 5);
  cr_expect_eq(log.algorithm, TPM_ALG_SHA1);
  cr_expect(slice_is(log.events[2].file_name, "/usr/lib/my file"));
  cr_expect(log.events[3].is_violation && log.events[3].pcr == 10);
  value events = events_of(&a, &log);
  expect_data(&a, &events, 0,
              "{\"FileDigest\":\"sha256:4509beb0ab401d71fa4a5cd94a55c9a74f13332"
              "776ae4019c5bfc4c2005157ff\",\"FileName\":\"boot_aggregate\"}");
  expect_data(&a, &events, 1, "{\"KernelVersion\":\"6.1.0-18-amd64\"}");
  expect_data(&a, &events, 3, "{\"Violation\":true}");
  expect_data(&a, &events, 4,
              "{\"FileDigest\":\"sha1:fd62812fbd9ec4c7f99aa4f6253fead2388eb238"
              "\",\"FileName\":\"/init\"}");
  arena_free(&a);
}

Test(ima_log, replays_as_new_and_old_kernels_do) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  ima_log log = read_list(&a, text_bytes(list_text));
  expect_pcr(&a, &log, TPM_ALG_SHA1, IMA_HASHED,
             "9b81343749d13f29f756af7117597061c8f88d47");
  expect_pcr(
      &a, &log, TPM_ALG_SHA256, IMA_HASHED,
      "cd0c53ec6ce74010bbb675d9c076e7b87d7c32378e5645212b0659a0a0ab5e9a");
  expect_pcr(
      &a, &log, TPM_ALG_SHA256, IMA_PADDED,
      "8fa39c52a923ef77d401a5c52b9fe26ae9210abd6b9c85775f69ed097aedb265");
  arena_free(&a);
}

Test(ima_log, reads_the_binary_form) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer list = buffer_in(&a);
  event_write_ima(&list, SLICE("kernel_version"),
                  text_bytes("6.1.0-18-amd64"));
  ima_log log = read_list(&a, bytes_from_slice(buffer_slice(&list)));
  cr_assert(!log.is_ascii && log.event_count == 1);
  ima_log text = read_list(&a, text_bytes(KERNEL));
  slice one = slice_from_bytes(log.events[0].template_data);
  slice other = slice_from_bytes(text.events[0].template_data);
  cr_expect(slice_equal(one, other));
  arena_free(&a);
}

/* The digest of a list by bank is longer. */
Test(ima_log, reads_lists_of_other_banks) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  ima_log sha1 = read_list(&a, text_bytes(AGGREGATE));
  bytes data = sha1.events[0].template_data;
  uint8_t hash[DIGEST_BYTES_MAX], number[4] = {10};
  buffer list = buffer_in(&a);
  cr_assert(digest(DIGEST_SHA256, data, hash));
  buffer_add(&list, slice_from_bytes((bytes){number, 4}));
  buffer_add(&list, slice_from_bytes((bytes){hash, SHA256_BYTES}));
  buffer_add(&list, SLICE("\6\0\0\0ima-ng"));
  little_endian_write(number, 4, data.length);
  buffer_add(&list, slice_from_bytes((bytes){number, 4}));
  buffer_add(&list, slice_from_bytes(data));
  ima_log log = read_list(&a, bytes_from_slice(buffer_slice(&list)));
  cr_expect_eq(log.algorithm, TPM_ALG_SHA256);
  cr_expect(slice_is(log.events[0].file_name, "boot_aggregate"));
  arena_free(&a);
}

/* A name or digest other than the measured one. */
Test(ima_log, refuses_data_that_was_not_measured) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  char *copy = arena_string(&a, slice_from(list_text));
  for (size_t i = 0; list_text[i]; i++) {
    ima_log log;
    evidence_error error;
    bool violation = i >= strlen(AGGREGATE KERNEL SIGNED) &&
                     i < strlen(AGGREGATE KERNEL SIGNED VIOLATION);
    if (violation || i % 7 != 0)
      continue;
    copy[i] ^= 1;
    bool same_line = i == 0 || list_text[i - 1] == '\n' ||
                     (i == 1 || list_text[i - 2] == '\n');
    if (!same_line) /* another PCR shows in the replay only */
      cr_expect(!ima_log_read(&a, text_bytes(copy), &log, &error), "byte %zu",
                i);
    copy[i] ^= 1;
  }
  arena_free(&a);
}

Test(ima_log, refuses_what_is_broken) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  expect_refusal(&a, text_bytes(""), "begins like this");
  expect_refusal(&a, text_bytes("99 00 ima-ng"), "begins like this");
  expect_refusal(&a, text_bytes(AGGREGATE "x\n"), "not PCR");
  expect_refusal(&a, text_bytes(AGGREGATE "10 00 ima-ng sha256:00 x\n"),
                 "not PCR");
  expect_refusal(&a, text_bytes(AGGREGATE "\n"), "not PCR");
  expect_refusal(&a,
                 text_bytes("10 01fb2f8a6d603fd73992768a0d7275c8adb81fda "
                            "evm-sig sha256:00 x\n"),
                 "the binary list has them all");
  arena_free(&a);
}

Test(ima_log, refuses_every_truncation) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_plan plan = event_plan_start();
  bytes raw = event_make_ima(&a, &plan);
  ima_log whole = read_list(&a, raw);
  cr_assert_eq(whole.event_count, 3);
  for (size_t length = 1; length < raw.length; length++) {
    ima_log log;
    evidence_error error = {0};
    bool between = length == whole.events[1].offset ||
                   length == whole.events[2].offset;
    cr_expect_eq(ima_log_read(&a, (bytes){raw.data, length}, &log, &error),
                 between, "%zu", length);
  }
  arena_free(&a);
}

static void release_key(void *key) { EVP_PKEY_free(key); }

static bytes certificate_der(arena *a) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  unsigned char *der = NULL;
  arena_defer(a, release_key, key);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             (const unsigned char *)"Build key", -1, -1, 0);
  X509_set_pubkey(certificate, key);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
  X509_sign(certificate, key, EVP_sha256());
  int length = i2d_X509(certificate, &der);
  X509_free(certificate);
  cr_assert(length > 0);
  slice copy = arena_copy(a, (slice){(char *)der, (size_t)length});
  OPENSSL_free(der);
  return bytes_from_slice(copy);
}

Test(ima_log, tells_keys_of_keyrings) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  event_plan plan = event_plan_start();
  plan.keyring_certificate = certificate_der(&a);
  ima_log log = read_list(&a, event_make_ima(&a, &plan));
  value events = events_of(&a, &log);
  expect_data(&a, &events, 2,
              "{\"CertificateSubject\":\"CN=Build key\","
              "\"Keyring\":\".builtin_trusted_keys\"}");
  arena_free(&a);
}

/* The template binds the buffer's digest and the buffer, but not one to the
 * other: only the kernel does. */
Test(ima_log, tells_buffers_only_with_their_digest) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  ima_log log = read_list(&a, text_bytes(KERNEL));
  ima_event forged = log.events[0];
  forged.data = text_bytes("9.9.9");
  log.events = &forged;
  value events = events_of(&a, &log);
  expect_data(&a, &events, 0, "{}");
  arena_free(&a);
}
