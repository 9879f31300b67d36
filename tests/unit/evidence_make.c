/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/make.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/certificate.h"
#include "evidence/fields.h"
#include "evidence/pck_extension.h"
#include "evidence/sgx_quote.h"
#include "tests/unit/evidence_fixture.h"

/* Where a setting must be found in the quote. */
Test(evidence_make, puts_every_field_where_it_belongs) {
  static const struct {
    const char *setting;
    size_t offset, length;
    const char *expected; /* hex */
  } rows[] = {
      {"qe-svn=258", 8, 2, "0201"},
      {"qe-svn=258", 564 + 258, 2, "0201"},
      {"pce-svn=0x0d0e", 10, 2, "0e0d"},
      {"user-data=000102030405060708090a0b0c0d0e0f10111213", 28, 20,
       "000102030405060708090a0b0c0d0e0f10111213"},
      {"cpusvn=0f0e0d0c0b0a09080706050403020100", 48, 16,
       "0f0e0d0c0b0a09080706050403020100"},
      {"cpusvn=0f0e0d0c0b0a09080706050403020100", 564, 16,
       "0f0e0d0c0b0a09080706050403020100"},
      {"misc-select=1", 64, 4, "01000000"},
      {"isv-extended-product-id=000102030405060708090A0B0C0D0E0F", 80, 16,
       "000102030405060708090a0b0c0d0e0f"},
      {"isv-extended-product-id=000102030405060708090A0B0C0D0E0F", 96, 8,
       "8500000000000000"},
      {"debug=true", 96, 8, "0700000000000000"},
      {"kss=true", 96, 8, "8500000000000000"},
      {"attributes=0x8000000000000011", 96, 8, "1100000000000080"},
      {"attributes=18446744073709551615", 96, 8, "ffffffffffffffff"},
      {"xfrm=0xe7", 104, 8, "e700000000000000"},
      {"config-svn=65535", 308, 2, "ffff"},
      {"product-id=9999", 304, 2, "0f27"},
      {"svn=8888", 306, 2, "b822"},
      {"isv-family-id=f00102030405060708090a0b0c0d0e0f", 352, 16,
       "f00102030405060708090a0b0c0d0e0f"},
      {"runtime-data=abc", 368, 34,
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0000"},
      {"init-data=abc", 240, 34,
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0000"},
      {"qe-product-id=3", 564 + 256, 2, "0300"},
      {"qe-attributes=0x13", 564 + 48, 8, "1300000000000000"},
      {"auth-data=0a0b0c", 1012, 5, "03000a0b0c"},
      {"auth-data=", 1012, 4, "00000500"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *const settings[] = {rows[i].setting, NULL};
    evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
    buffer hex = buffer_in(&a);
    buffer_hex(&hex, (bytes){made.raw.data + rows[i].offset, rows[i].length});
    cr_expect(slice_is(buffer_slice(&hex), rows[i].expected), "%s: %.*s",
              rows[i].setting, SLICE_ARGS(buffer_slice(&hex)));
  }
  arena_free(&a);
}

static bool platform_of(arena *a, bytes raw, pck_extension *platform) {
  evidence e = parsed_evidence(a, ATTESTATION_SGX_ENCLAVE, raw);
  const sgx_quote *quote = e.detail;
  certificate_chain chain;
  const char *reason;
  return certificate_chain_read(a, quote->signature.certification_data, &chain,
                                &reason) &&
         pck_extension_read(
             certificate_extension(chain.items[0], PCK_EXTENSION_OID),
             platform);
}

Test(evidence_make, certifies_the_platform) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {
      "fmspc=00a067110000",
      "pce-id=0102",
      "pce-svn=300",
      "sgx-type=1",
      "ppid=ff0102030405060708090a0b0c0d0e0f",
      "cpusvn=0b0b02807fff00000000000000000001",
      NULL};
  pck_extension platform;
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  cr_assert(platform_of(&a, made.raw, &platform));
  static const uint8_t svn[16] = {0x0b, 0x0b, 0x02, 0x80, 0x7f, 0xff, 0, 0,
                                  0,    0,    0,    0,    0,    0,    0, 1};
  static const uint8_t fmspc[6] = {0x00, 0xa0, 0x67, 0x11, 0x00, 0x00};
  static const uint8_t pce_id[2] = {1, 2};
  cr_expect_arr_eq(platform.cpu_svn, svn, sizeof svn);
  cr_expect_arr_eq(platform.components, svn, sizeof svn);
  cr_expect_arr_eq(platform.fmspc, fmspc, sizeof fmspc);
  cr_expect_arr_eq(platform.pce_id, pce_id, sizeof pce_id);
  cr_expect_eq(platform.pce_svn, 300);
  cr_expect_eq(platform.sgx_type, 1);
  cr_expect_eq(platform.ppid[0], 0xff);
  arena_free(&a);
}

/* A certificate that contradicts the quote, for tests of verifiers. */
Test(evidence_make, lets_the_certificate_say_otherwise) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {
      "pck-pce-svn=2", "pck-cpusvn=ffffffffffffffffffffffffffffffff",
      "tcb-components=00010203040506070809f00b0c0d0e0f", NULL};
  pck_extension platform;
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  cr_assert(platform_of(&a, made.raw, &platform));
  cr_expect_eq(platform.pce_svn, 2);
  cr_expect_eq(platform.cpu_svn[15], 0xff);
  cr_expect_eq(platform.components[10], 0xf0);
  cr_expect_eq(little_endian((bytes){made.raw.data + 10, 2}), 14u);
  arena_free(&a);
}

Test(evidence_make, says_which_field_or_value_is_wanted) {
  static const struct {
    const char *setting;
    evidence_code code;
    const char *message;
  } rows[] = {
      {"mrenclav=00", EVIDENCE_FIELD, "did you mean mrenclave?"},
      {"Product-Id=1", EVIDENCE_FIELD, "did you mean product-id?"},
      {"zzz=1", EVIDENCE_FIELD, "Fields are cpusvn, misc-select"},
      {"=1", EVIDENCE_FIELD, "there is no field \"\""},
      {"svn", EVIDENCE_FIELD, "FIELD=VALUE is wanted, not \"svn\""},
      {"", EVIDENCE_FIELD, "FIELD=VALUE is wanted"},
      {"qe-report-data=00", EVIDENCE_FIELD, "no field"},
      {"mrenclave=00", EVIDENCE_VALUE, "32 bytes as 64 hex digits"},
      {"mrenclave=", EVIDENCE_VALUE, "32 bytes"},
      {"fmspc=00906ed5000", EVIDENCE_VALUE, "6 bytes as 12 hex digits"},
      {"product-id=65536", EVIDENCE_VALUE, "from 0 to 65535 is wanted"},
      {"product-id=-1", EVIDENCE_VALUE, "not \"-1\""},
      {"product-id=0x", EVIDENCE_VALUE, "from 0 to 65535"},
      {"product-id=", EVIDENCE_VALUE, "from 0 to 65535"},
      {"product-id=1 ", EVIDENCE_VALUE, "from 0 to 65535"},
      {"misc-select=4294967296", EVIDENCE_VALUE, "to 4294967295"},
      {"attributes=18446744073709551616", EVIDENCE_VALUE,
       "to 18446744073709551615"},
      {"attributes=0x1ffffffffffffffff", EVIDENCE_VALUE, "wanted"},
      {"sgx-type=256", EVIDENCE_VALUE, "from 0 to 255"},
      {"debug=yes", EVIDENCE_VALUE, "true or false is wanted"},
      {"runtime-type=json", EVIDENCE_VALUE, "JSON or Binary is wanted"},
      {"runtime-data=@/nonexistent/file", EVIDENCE_UNREADABLE,
       "/nonexistent/file: no such file"},
      {"auth-data=0", EVIDENCE_VALUE, "up to 1024 bytes"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice setting = slice_from(rows[i].setting);
    evidence_recipe recipe = {.type = ATTESTATION_OPEN_ENCLAVE,
                              .settings = &setting,
                              .setting_count = 1};
    evidence_made made;
    evidence_error error = {0};
    cr_assert_not(evidence_make(&a, &recipe, &made, &error), "%s",
                  rows[i].setting);
    cr_expect_eq(error.code, rows[i].code, "%s", rows[i].setting);
    cr_expect_not_null(strstr(error.message, rows[i].message), "%s: %s",
                       rows[i].setting, error.message);
  }
  arena_free(&a);
}

Test(evidence_make, lists_fields_that_all_exist) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  const char *const *names = evidence_make_fields(&a, ATTESTATION_SGX_ENCLAVE);
  cr_assert_not_null(names);
  size_t count = 0;
  for (; names[count]; count++) {
    buffer text = buffer_in(&a);
    buffer_printf(&text, "%s=?", names[count]);
    slice setting = buffer_slice(&text);
    evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                              .settings = &setting,
                              .setting_count = 1};
    evidence_made made;
    evidence_error error = {0};
    bool good = evidence_make(&a, &recipe, &made, &error);
    cr_expect(good || error.code == EVIDENCE_VALUE, "%s", names[count]);
  }
  cr_expect(count > 40, "%zu", count);
  cr_expect_null(evidence_make_fields(&a, ATTESTATION_TYPE_UNKNOWN));
  arena_free(&a);
}

/* Later settings win, and the binding leaves nothing of earlier ones. */
Test(evidence_make, applies_settings_in_order) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  char dirty[13 + 128 + 1] = "report-data=";
  memset(dirty + 12, 'f', 128);
  const char *const settings[] = {dirty, "runtime-data=abc", "svn=1", "svn=2",
                                  NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  cr_expect_eq(evidence_check_runtime_data(&e, made.runtime_data.data),
               BINDING_HOLDS);
  cr_expect_eq(value_member(&e.claims, SLICE("x-ms-sgx-svn"))->integer, 2);
  arena_free(&a);
}

/* A type that is explicit wins over a guess from the data, in either order. */
Test(evidence_make, writes_the_request_of_a_client) {
  static const struct {
    attestation_type type;
    const char *settings[3];
    bool is_given, is_json;
    const char *data;
  } rows[] = {
      {ATTESTATION_SGX_ENCLAVE, {NULL}, false, false, ""},
      {ATTESTATION_SGX_ENCLAVE,
       {"runtime-data={\"a\":1}"},
       true,
       true,
       "{\"a\":1}"},
      {ATTESTATION_OPEN_ENCLAVE, {"runtime-data=abc"}, true, false, "abc"},
      {ATTESTATION_OPEN_ENCLAVE, {"runtime-data=[1]"}, true, false, "[1]"},
      {ATTESTATION_OPEN_ENCLAVE,
       {"runtime-type=Binary", "runtime-data={}"},
       true,
       false,
       "{}"},
      {ATTESTATION_OPEN_ENCLAVE,
       {"runtime-data={}", "runtime-type=Binary"},
       true,
       false,
       "{}"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence_made made = made_evidence(&a, rows[i].type, rows[i].settings);
    evidence_input input = {0};
    evidence_error error = {0};
    slice request = evidence_make_request(&a, &made);
    cr_assert(evidence_decode(&a, request, &input, &error), "%s",
              error.message);
    cr_expect(bytes_equal(input.raw, made.raw), "row %zu", i);
    cr_expect_eq(input.type, rows[i].type);
    cr_expect_eq(input.runtime_data.is_given, rows[i].is_given, "row %zu", i);
    cr_expect_eq(input.runtime_data.is_json, rows[i].is_json, "row %zu", i);
    cr_expect(
        slice_is(slice_from_bytes(input.runtime_data.data), rows[i].data));
    evidence e = parsed_evidence(&a, rows[i].type, input.raw);
    cr_expect_eq(evidence_check_runtime_data(&e, input.runtime_data.data),
                 rows[i].is_given ? BINDING_HOLDS : BINDING_MISMATCH);
  }
  arena_free(&a);
}

Test(evidence_make, refuses_kinds_that_it_cannot_make) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_recipe recipe = {.type = ATTESTATION_TYPE_UNKNOWN};
  evidence_made made;
  evidence_error error = {0};
  cr_expect_not(evidence_make(&a, &recipe, &made, &error));
  cr_expect_eq(error.code, EVIDENCE_TYPE);
  arena_free(&a);
}

/* A directory for one test; the names in it are removed with it. */
static const char *const pki_files[] = {"root-ca.pem",      "root-ca.key",
                                        "processor-ca.pem", "processor-ca.key",
                                        "pck.pem",          "pck.key"};

static const char *in_directory(arena *a, const char *directory,
                                const char *name) {
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s/%s", directory, name);
  return buffer_slice(&path).data;
}

static void remove_pki(arena *a, const char *directory) {
  for (size_t i = 0; i < COUNT_OF(pki_files); i++)
    unlink(in_directory(a, directory, pki_files[i]));
  cr_expect_eq(rmdir(directory), 0);
}

static bool make_in(arena *a, const char *directory, evidence_made *made,
                    evidence_error *error) {
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                            .pki_directory = directory};
  return evidence_make(a, &recipe, made, error);
}

static slice content(arena *a, const char *directory, const char *name) {
  slice text = SLICE_EMPTY;
  const char *reason;
  file_read(a, in_directory(a, directory, name), 1 << 20, &text, &reason);
  return text;
}

Test(test_pki, is_kept_and_used_again) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  char parent[] = "/tmp/maapol-pki-XXXXXX";
  cr_assert_not_null(mkdtemp(parent));
  const char *directory = in_directory(&a, parent, "new");
  evidence_made first, second;
  evidence_error error = {0};
  cr_assert(make_in(&a, directory, &first, &error), "%s", error.message);
  slice root = content(&a, directory, "root-ca.pem");
  slice key = content(&a, directory, "pck.key");
  cr_assert(make_in(&a, directory, &second, &error), "%s", error.message);
  cr_expect(slice_equal(root, content(&a, directory, "root-ca.pem")));
  cr_expect(slice_equal(key, content(&a, directory, "pck.key")));
  cr_expect(slice_starts_with(key, "-----BEGIN PRIVATE KEY-----"));
  /* The chain in the quote ends with that root. */
  bytes tail = {second.raw.data + second.raw.length - 1 - root.length,
                root.length};
  cr_expect(slice_equal(slice_from_bytes(tail), root));
  cr_expect_not(bytes_equal(first.raw, second.raw));
  remove_pki(&a, directory);
  rmdir(parent);
  arena_free(&a);
}

Test(test_pki, keeps_keys_from_others) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  char directory[] = "/tmp/maapol-pki-XXXXXX";
  cr_assert_not_null(mkdtemp(directory));
  evidence_made made;
  evidence_error error = {0};
  mode_t mask = umask(0);
  bool good = make_in(&a, directory, &made, &error);
  umask(mask);
  cr_assert(good, "%s", error.message);
  for (size_t i = 0; i < COUNT_OF(pki_files); i++) {
    struct stat status;
    const char *name = pki_files[i];
    cr_assert_eq(stat(in_directory(&a, directory, name), &status), 0);
    cr_expect_eq(status.st_mode & 0777, strstr(name, ".key") ? 0600 : 0644,
                 "%s", name);
  }
  remove_pki(&a, directory);
  arena_free(&a);
}

static void write_text(const char *path, const char *text) {
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  fputs(text, file);
  cr_assert_eq(fclose(file), 0);
}

/* One file of a good directory replaced. */
Test(test_pki, refuses_files_that_do_not_belong_together) {
  static const struct {
    const char *file, *text; /* text NULL: the file is removed */
    const char *message;
  } rows[] = {
      {"root-ca.key", "", "it is empty"},
      {"root-ca.key", NULL, "not issued by the authority above"},
      {"root-ca.pem", NULL, "no such file"},
      {"root-ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n", "broken"},
      {"processor-ca.pem", "no certificate", "no certificate in PEM form"},
      {"processor-ca.key",
       "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
       "-----END ENCRYPTED PRIVATE KEY-----\n",
       "no private key"},
      {"processor-ca.key", NULL, NULL},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    char directory[] = "/tmp/maapol-pki-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    evidence_made made;
    evidence_error error = {0};
    cr_assert(make_in(&a, directory, &made, &error), "%s", error.message);
    const char *path = in_directory(&a, directory, rows[i].file);
    if (rows[i].text)
      write_text(path, rows[i].text);
    else
      cr_assert_eq(unlink(path), 0);
    bool good = make_in(&a, directory, &made, &error);
    cr_expect_eq(good, rows[i].message == NULL, "row %zu", i);
    if (!good) {
      cr_expect_eq(error.code, EVIDENCE_FILE);
      cr_expect_not_null(strstr(error.message, rows[i].message), "row %zu: %s",
                         i, error.message);
    }
    remove_pki(&a, directory);
  }
  arena_free(&a);
}

Test(test_pki, says_when_the_directory_cannot_be_made) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made;
  evidence_error error = {0};
  cr_expect_not(make_in(&a, "/dev/null/pki", &made, &error));
  cr_expect_eq(error.code, EVIDENCE_FILE);
  cr_expect_not_null(strstr(error.message, "/dev/null/pki"));
  arena_free(&a);
}
