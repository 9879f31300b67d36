/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/collateral_make.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/collateral.h"
#include "evidence/reader.h"
#include "evidence/settings.h"
#include "evidence/tdx_quote.h"
#include "sign/ec_key.h"

/* As long as the certificates: evidence made today is to be verified at any
 * time that a test asks for. */
void collateral_recipe_start(collateral_recipe *recipe) {
  *recipe = (collateral_recipe){.tcb_status = SLICE("UpToDate"),
                                .qe_status = SLICE("UpToDate"),
                                .module_status = SLICE("UpToDate"),
                                .evaluation_number = {17},
                                .issued = SLICE("2018-05-21T00:00:00Z"),
                                .until = SLICE("2049-12-31T23:59:59Z"),
                                .revoked = SLICE("none")};
}

const char *const collateral_revocable_intel[] = {"pck", "processor-ca",
                                                  "tcb-signing", NULL};

/* --- fields --------------------------------------------------------------- */

static bool is_one_of(slice text, const char *const *names) {
  while (*names && !slice_is(text, *names))
    names++;
  return *names != NULL;
}

static bool refuse_unless_one_of(const setting *s, const char *const *names) {
  buffer wanted = buffer_in(s->arena);
  if (is_one_of(s->text, names))
    return true;
  for (size_t i = 0; names[i]; i++)
    buffer_printf(&wanted, "%s%s",
                  i == 0         ? ""
                  : names[i + 1] ? ", "
                                 : " or ",
                  names[i]);
  buffer_text(&wanted, " is wanted");
  return setting_refuse(s, buffer_slice(&wanted).data);
}

bool collateral_set_status(const setting *s, collateral_recipe *recipe,
                           slice *status) {
  static const char *const names[] = {"UpToDate",
                                      "SWHardeningNeeded",
                                      "ConfigurationNeeded",
                                      "ConfigurationAndSWHardeningNeeded",
                                      "OutOfDate",
                                      "OutOfDateConfigurationNeeded",
                                      "Revoked",
                                      NULL};
  recipe->is_given = true;
  *status = s->text;
  return refuse_unless_one_of(s, names);
}

bool collateral_set_number(const setting *s, collateral_recipe *recipe) {
  recipe->is_given = true;
  return setting_number(s, recipe->evaluation_number,
                        sizeof recipe->evaluation_number);
}

bool collateral_set_date(const setting *s, collateral_recipe *recipe,
                         slice *date) {
  recipe->is_given = true;
  *date = s->text;
  return document_is_date(arena_string(s->arena, s->text)) ||
         setting_refuse(s, "a time like 2026-01-31T12:00:00Z is wanted");
}

bool collateral_set_revoked(const setting *s, collateral_recipe *recipe,
                            const char *const *revocable) {
  const char *names[8] = {"none"};
  for (size_t i = 0; revocable[i] && i + 2 < sizeof names / sizeof *names; i++)
    names[i + 1] = revocable[i];
  recipe->is_given = true;
  recipe->revoked = s->text;
  return refuse_unless_one_of(s, names);
}

/* --- revocation lists ----------------------------------------------------- */

static void free_list(void *list) { X509_CRL_free(list); }

/* "2018-05-21T00:00:00Z" as X.509 writes it. */
static const char *time_digits(arena *a, slice date) {
  buffer digits = buffer_in(a);
  for (size_t i = 0; i < date.length; i++)
    if (!strchr("-:T", date.data[i]))
      buffer_char(&digits, date.data[i]);
  return buffer_slice(&digits).data;
}

static bool add_revoked(X509_CRL *list, const X509 *certificate,
                        ASN1_TIME *when) {
  ASN1_INTEGER *serial =
      ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
  X509_REVOKED *entry = X509_REVOKED_new();
  bool good = entry && serial &&
              X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
              X509_REVOKED_set_revocationDate(entry, when) == 1 &&
              X509_CRL_add0_revoked(list, entry) == 1;
  ASN1_INTEGER_free(serial);
  if (!good)
    X509_REVOKED_free(entry);
  return good;
}

typedef struct list_order {
  X509 *issuer;
  EVP_PKEY *key;
  const X509 *revoked; /* or NULL */
} list_order;

static bool fill_list(X509_CRL *list, const list_order *order,
                      const char *from_text, const char *to_text) {
  ASN1_TIME *from = ASN1_TIME_new(), *to = ASN1_TIME_new();
  bool good = from && to && ASN1_TIME_set_string_X509(from, from_text) == 1 &&
              ASN1_TIME_set_string_X509(to, to_text) == 1 &&
              X509_CRL_set_version(list, 1) == 1 &&
              X509_CRL_set_issuer_name(
                  list, X509_get_subject_name(order->issuer)) == 1 &&
              X509_CRL_set1_lastUpdate(list, from) == 1 &&
              X509_CRL_set1_nextUpdate(list, to) == 1 &&
              (!order->revoked || add_revoked(list, order->revoked, from)) &&
              X509_CRL_sort(list) == 1 &&
              X509_CRL_sign(list, order->key, EVP_sha256()) > 0;
  ASN1_TIME_free(from);
  ASN1_TIME_free(to);
  return good;
}

/* NULL after a failure. */
static X509_CRL *make_list(arena *a, const list_order *order,
                           const collateral_recipe *recipe,
                           evidence_error *error) {
  const char *from = time_digits(a, recipe->issued);
  const char *to = time_digits(a, recipe->until);
  X509_CRL *list = X509_CRL_new();
  if (!list)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_list, list);
  if (fill_list(list, order, from, to))
    return list;
  ERR_clear_error();
  evidence_fail(a, error, EVIDENCE_CRYPTO, 0,
                "a revocation list cannot be signed");
  return NULL;
}

static bool write_pem_list(arena *a, const list_order *order,
                           const collateral_recipe *recipe, const char *name,
                           evidence_error *error) {
  X509_CRL *list = make_list(a, order, recipe, error);
  buffer text = buffer_in(a);
  if (!list)
    return false;
  crl_write(&text, list);
  return test_pki_write(a, recipe->directory, name, buffer_slice(&text), error);
}

/* --- documents ------------------------------------------------------------ */

static void add_head(buffer *out, const char *id, int version,
                     const collateral_recipe *recipe) {
  buffer_printf(out,
                "{\"id\":\"%s\",\"version\":%d,\"issueDate\":\"%.*s\","
                "\"nextUpdate\":\"%.*s\"",
                id, version, SLICE_ARGS(recipe->issued),
                SLICE_ARGS(recipe->until));
}

static void add_hex(buffer *out, const char *name, bytes data) {
  buffer_printf(out, ",\"%s\":\"", name);
  buffer_hex(out, data);
  buffer_char(out, '"');
}

static void add_evaluation(buffer *out, const collateral_recipe *recipe) {
  bytes number = {recipe->evaluation_number, sizeof recipe->evaluation_number};
  buffer_printf(out, ",\"tcbEvaluationDataNumber\":%llu",
                (unsigned long long)little_endian(number));
}

static void add_components(buffer *out, const char *name, const uint8_t *svn) {
  buffer_printf(out, "\"%s\":[", name);
  for (size_t i = 0; i < PCK_COMPONENTS; i++)
    buffer_printf(out, "%s{\"svn\":%u}", i ? "," : "", (unsigned)svn[i]);
  buffer_char(out, ']');
}

static void add_status(buffer *out, slice status,
                       const collateral_recipe *recipe) {
  buffer_printf(out, "},\"tcbDate\":\"%.*s\",\"tcbStatus\":\"%.*s\"}",
                SLICE_ARGS(recipe->issued), SLICE_ARGS(status));
}

static void add_level(buffer *out, const uint8_t *components, unsigned pce_svn,
                      const uint8_t *tdx) {
  buffer_text(out, "{\"tcb\":{");
  add_components(out, "sgxtcbcomponents", components);
  buffer_printf(out, ",\"pcesvn\":%u", pce_svn);
  if (tdx) {
    buffer_char(out, ',');
    add_components(out, "tdxtcbcomponents", tdx);
  }
}

/* The platform's own level, and below it one that everything reaches. */
static void add_levels(buffer *out, const collateral_recipe *recipe,
                       const collateral_subject *subject) {
  static const uint8_t lowest[PCK_COMPONENTS] = {0};
  bool is_tdx = subject->tdx_body.length > 0;
  const pck_extension *platform = subject->platform;
  const uint8_t *tdx =
      is_tdx ? tdx_bytes(subject->tdx_body, TDX_TEE_TCB_SVN).data : NULL;
  buffer_text(out, ",\"tcbLevels\":[");
  add_level(out, platform->components, platform->pce_svn, tdx);
  add_status(out, recipe->tcb_status, recipe);
  buffer_char(out, ',');
  add_level(out, lowest, 0, is_tdx ? lowest : NULL);
  add_status(out, SLICE("OutOfDate"), recipe);
  buffer_char(out, ']');
}

static void add_module(buffer *out, bytes body) {
  static const uint8_t all[8] = {0xff, 0xff, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff};
  add_hex(out, "mrsigner", tdx_bytes(body, TDX_MRSIGNERSEAM));
  add_hex(out, "attributes", tdx_bytes(body, TDX_SEAM_ATTRIBUTES));
  add_hex(out, "attributesMask", (bytes){all, sizeof all});
}

/* The module of the TD's generation (the second byte of TEE_TCB_SVN). */
static void add_modules(buffer *out, const collateral_recipe *recipe,
                        bytes body) {
  const uint8_t *svn = tdx_bytes(body, TDX_TEE_TCB_SVN).data;
  buffer_text(out, ",\"tdxModule\":{\"id\":\"TDX\"");
  add_module(out, body);
  buffer_printf(out,
                "},\"tdxModuleIdentities\":[{\"id\":\"TDX_%02X\"",
                (unsigned)svn[1]);
  add_module(out, body);
  buffer_printf(out, ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":%u",
                (unsigned)svn[0]);
  add_status(out, recipe->module_status, recipe);
  buffer_text(out, "]}]");
}

static slice tcb_info_text(arena *a, const collateral_recipe *recipe,
                           const collateral_subject *subject) {
  const pck_extension *platform = subject->platform;
  bool is_tdx = subject->tdx_body.length > 0;
  buffer out = buffer_in(a);
  add_head(&out, is_tdx ? "TDX" : "SGX", 3, recipe);
  add_hex(&out, "fmspc", (bytes){platform->fmspc, sizeof platform->fmspc});
  add_hex(&out, "pceId", (bytes){platform->pce_id, sizeof platform->pce_id});
  buffer_text(&out, ",\"tcbType\":0");
  add_evaluation(&out, recipe);
  if (is_tdx)
    add_modules(&out, recipe, subject->tdx_body);
  add_levels(&out, recipe, subject);
  buffer_char(&out, '}');
  return buffer_slice(&out);
}

static slice qe_identity_text(arena *a, const collateral_recipe *recipe,
                              const collateral_subject *subject) {
  static const uint8_t all[4] = {0xff, 0xff, 0xff, 0xff};
  /* As Intel has it: all flags but MODE64BIT, nothing of XFRM. */
  static const uint8_t mask[16] = {0xfb, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff};
  bytes report = subject->qe_report;
  uint8_t attributes[sizeof mask];
  for (size_t i = 0; i < sizeof mask; i++)
    attributes[i] = mask[i] & sgx_report_bytes(report, SGX_ATTRIBUTES).data[i];
  buffer out = buffer_in(a);
  add_head(&out, subject->tdx_body.length ? "TD_QE" : "QE", 2, recipe);
  add_evaluation(&out, recipe);
  add_hex(&out, "miscselect", sgx_report_bytes(report, SGX_MISC_SELECT));
  add_hex(&out, "miscselectMask", (bytes){all, sizeof all});
  add_hex(&out, "attributes", (bytes){attributes, sizeof attributes});
  add_hex(&out, "attributesMask", (bytes){mask, sizeof mask});
  add_hex(&out, "mrsigner", sgx_report_bytes(report, SGX_MRSIGNER));
  buffer_printf(&out, ",\"isvprodid\":%u,\"tcbLevels\":[{\"tcb\":{",
                (unsigned)sgx_report_number(report, SGX_PRODUCT_ID));
  buffer_printf(&out, "\"isvsvn\":%u",
                (unsigned)sgx_report_number(report, SGX_SVN));
  add_status(&out, recipe->qe_status, recipe);
  if (sgx_report_number(report, SGX_SVN) > 0) {
    buffer_text(&out, ",{\"tcb\":{\"isvsvn\":0");
    add_status(&out, SLICE("OutOfDate"), recipe);
  }
  buffer_text(&out, "]}");
  return buffer_slice(&out);
}

/* --- all of Intel's ------------------------------------------------------- */

typedef struct intel_files {
  arena *arena;
  const test_pki *pki;
  const collateral_recipe *recipe;
  evidence_error *error;
  EVP_PKEY *signer_key;
  X509 *signer;
} intel_files;

static bool write_document(const intel_files *f, const char *name,
                           const char *name_inside, slice inner) {
  uint8_t signature[EC_SIGNATURE_BYTES];
  buffer out = buffer_in(f->arena);
  if (!ec_sign(f->signer_key, bytes_from_slice(inner), signature))
    return evidence_fail(f->arena, f->error, EVIDENCE_CRYPTO, 0,
                         "%s cannot be signed", name);
  buffer_printf(&out, "{\"%s\":", name_inside);
  buffer_add(&out, inner);
  buffer_text(&out, ",\"signature\":\"");
  buffer_hex(&out, (bytes){signature, sizeof signature});
  buffer_text(&out, "\"}\n");
  return test_pki_write(f->arena, f->recipe->directory, name,
                        buffer_slice(&out), f->error);
}

static bool make_signer(intel_files *f) {
  buffer chain = buffer_in(f->arena);
  f->signer_key = ec_key_make(f->arena);
  test_certificate what = {.issuer = f->pki->root,
                           .issuer_key = f->pki->root_key,
                           .name = "maapol test SGX TCB Signing",
                           .key = f->signer_key};
  if (!test_pki_certify(f->arena, &what, &f->signer, f->error))
    return false;
  certificate_write(&chain, f->signer);
  certificate_write(&chain, f->pki->root);
  return test_pki_write(f->arena, f->recipe->directory, "tcb_signing_chain.pem",
                        buffer_slice(&chain), f->error);
}

static bool write_lists(const intel_files *f) {
  const test_pki *pki = f->pki;
  slice revoked = f->recipe->revoked;
  list_order of_root = {pki->root, pki->root_key,
                        slice_is(revoked, "processor-ca")  ? pki->ca
                        : slice_is(revoked, "tcb-signing") ? f->signer
                                                           : NULL};
  list_order of_ca = {pki->ca, pki->ca_key,
                      slice_is(revoked, "pck") ? pki->pck : NULL};
  return write_pem_list(f->arena, &of_root, f->recipe, "root_ca_crl.pem",
                        f->error) &&
         write_pem_list(f->arena, &of_ca, f->recipe, "pck_crl.pem", f->error);
}

static bool is_set_in_vain(arena *a, const collateral_recipe *recipe,
                           evidence_error *error) {
  if (!recipe->is_given)
    return false;
  evidence_fail(a, error, EVIDENCE_VALUE, 0,
                "a field of collateral is set, but no directory for collateral "
                "is given");
  return true;
}

bool collateral_make_intel(arena *a, const test_pki *pki,
                           const collateral_recipe *recipe,
                           const collateral_subject *subject,
                           evidence_error *error) {
  intel_files f = {
      .arena = a, .pki = pki, .recipe = recipe, .error = error};
  if (!recipe->directory)
    return !is_set_in_vain(a, recipe, error);
  return make_signer(&f) && write_lists(&f) &&
         write_document(&f, "tcbinfo.json", "tcbInfo",
                        tcb_info_text(a, recipe, subject)) &&
         write_document(&f, "qe_identity.json", "enclaveIdentity",
                        qe_identity_text(a, recipe, subject));
}

/* --- AMD's ---------------------------------------------------------------- */

bool collateral_make_amd(arena *a, const test_pki *pki,
                         const collateral_recipe *recipe, X509 *authority,
                         const char *file_name, evidence_error *error) {
  if (!recipe->directory)
    return !is_set_in_vain(a, recipe, error);
  list_order order = {pki->root, pki->root_key,
                      slice_is(recipe->revoked, "none") ? NULL : authority};
  X509_CRL *list = make_list(a, &order, recipe, error);
  if (!list)
    return false;
  int length = i2d_X509_CRL(list, NULL);
  if (length <= 0)
    arena_fail(a, ARENA_NO_MEMORY);
  uint8_t *der = arena_alloc(a, (size_t)length), *at = der;
  i2d_X509_CRL(list, &at);
  return test_pki_write(a, recipe->directory, file_name,
                        slice_from_bytes((bytes){der, (size_t)length}), error);
}
