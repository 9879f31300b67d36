/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/collateral.h"

#include <openssl/x509.h>

#include "base/file.h"
#include "evidence/directory.h"

/* --- files ---------------------------------------------------------------- */

/* An empty slice where the file is missing. */
static bool read_file(arena *a, const char *directory, const char *name,
                      slice *text, const char **reason) {
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s/%s", directory, name);
  const char *why;
  if (file_read(a, buffer_slice(&path).data, LIMIT_EVIDENCE_BYTES, text,
                &why) == FILE_OK)
    return true;
  *text = SLICE_EMPTY;
  if (strcmp(why, "no such file or directory") == 0)
    return true;
  buffer_printf(&path, ": %s", why);
  *reason = buffer_slice(&path).data;
  return false;
}

static bool has_crl_inside(slice name) {
  for (; name.length >= 3; name.data++, name.length--)
    if (slice_equal_ignore_case((slice){name.data, 3}, SLICE("crl")))
      return true;
  return false;
}

/* "crl" as the service's address ends, "vcek_crl.der", "crl-genoa.pem" .., but
 * none of Intel's. */
static bool is_amd_list(slice name) {
  if (slice_starts_with(name, "pck_crl.") ||
      slice_starts_with(name, "root_ca_crl."))
    return false;
  if (slice_is(name, "crl") || name_ends_with(name, ".crl"))
    return true;
  return has_crl_inside(name) &&
         (name_ends_with(name, ".der") || name_ends_with(name, ".pem"));
}

static bool read_amd_lists(arena *a, const char *directory, collateral *result,
                           const char **reason) {
  const char *const *names = directory_list(a, directory, is_amd_list, reason);
  size_t count = 0;
  while (names && names[count])
    count++;
  amd_crl *lists = ARENA_ARRAY(a, count, amd_crl);
  for (size_t i = 0; i < count; i++) {
    slice text;
    if (!read_file(a, directory, names[i], &text, reason))
      return false;
    lists[i] = (amd_crl){names[i], bytes_from_slice(text)};
  }
  result->amd_crls = lists;
  result->amd_crl_count = count;
  return names != NULL;
}

/* The PEM form where there are both. */
static bool read_intel_list(arena *a, const char *directory,
                            const char *const names[2], bytes *result,
                            const char **reason) {
  slice pem, der;
  if (!read_file(a, directory, names[0], &pem, reason) ||
      !read_file(a, directory, names[1], &der, reason))
    return false;
  *result = bytes_from_slice(pem.length ? pem : der);
  return true;
}

bool collateral_read(arena *a, const char *directory, collateral *result,
                     const char **reason) {
  static const char *const pck[] = {"pck_crl.pem", "pck_crl.der"};
  static const char *const root[] = {"root_ca_crl.pem", "root_ca_crl.der"};
  collateral *c = result;
  *c = (collateral){0};
  if (!read_amd_lists(a, directory, c, reason) ||
      !read_file(a, directory, "tcbinfo.json", &c->tcb_info, reason) ||
      !read_file(a, directory, "qe_identity.json", &c->qe_identity, reason) ||
      !read_file(a, directory, "tcb_signing_chain.pem", &c->tcb_signing_chain,
                 reason) ||
      !read_intel_list(a, directory, pck, &c->pck_crl, reason) ||
      !read_intel_list(a, directory, root, &c->root_ca_crl, reason))
    return false;
  buffer text = buffer_in(a);
  buffer_printf(&text,
                "%s: no collateral there (tcbinfo.json .. of Intel, "
                "vcek_crl.der .. of AMD)",
                directory);
  *reason = buffer_slice(&text).data;
  return c->tcb_info.length || c->qe_identity.length ||
         c->tcb_signing_chain.length || c->pck_crl.length ||
         c->root_ca_crl.length || c->amd_crl_count;
}

/* --- who signs TCB info --------------------------------------------------- */

/* The root signs authorities for platforms too. A platform's own key must not
 * vouch for that platform, hence the name, as Intel's library has it. */
static bool is_tcb_signer(verifier *v, const certificate_chain *path) {
  const char *subject =
      certificate_subject(v->arena, path->items[0]).data;
  const char *common_name = strstr(subject, "CN=");
  bool holds = path->count == 2 && common_name &&
               strstr(common_name, "SGX TCB Signing") &&
               certificate_extension(path->items[0], PCK_EXTENSION_OID)
                       .length == 0;
  return verify_step(v, holds, "TCB signing certificate", subject,
                     holds ? "issued for TCB signing by the root itself"
                           : "not issued for TCB signing by the root itself");
}

static bool verify_signer(verifier *v, slice pem, certificate_chain *path) {
  presented_chain chain;
  const char *reason;
  if (!verify_read_chain(v, bytes_from_slice(pem), true, &chain, &reason))
    return verify_step(v, false, "TCB signing chain", NULL, reason);
  return verify_presented(v, &chain, "TCB signing chain", path) &&
         is_tcb_signer(v, path);
}

/* --- revocation ----------------------------------------------------------- */

static bool verify_revocation(verifier *v, const collateral *given,
                              const certificate_chain *pck,
                              const certificate_chain *signer) {
  if (pck->count != 3)
    return verify_step(v, false, "PCK certificate chain", NULL,
                       "leaf, intermediate and root are wanted for "
                       "revocation");
  X509 *under_root[] = {pck->items[1], signer->items[0]};
  return crl_verify(v, given->root_ca_crl, pck->items[2], under_root, 2,
                    "root CA CRL") &&
         crl_verify(v, given->pck_crl, pck->items[1], pck->items, 1,
                    "PCK CRL");
}

/* --- status --------------------------------------------------------------- */

const char *tcb_status_join(const char *platform, const char *enclave) {
  bool needs_configuration =
      strcmp(platform, "ConfigurationNeeded") == 0 ||
      strcmp(platform, "ConfigurationAndSWHardeningNeeded") == 0 ||
      strcmp(platform, "OutOfDateConfigurationNeeded") == 0;
  if (strcmp(platform, "Revoked") == 0 || strcmp(enclave, "UpToDate") == 0)
    return platform;
  if (strcmp(enclave, "OutOfDate") == 0)
    return needs_configuration ? "OutOfDateConfigurationNeeded" : "OutOfDate";
  return enclave;
}

static bool is_accepted(const verifier *v, const char *status) {
  static const char *const usual[] = {
      "UpToDate", "SWHardeningNeeded", "ConfigurationNeeded",
      "ConfigurationAndSWHardeningNeeded", NULL};
  const char *const *accepted =
      v->options->accepted_tcb ? v->options->accepted_tcb : usual;
  while (*accepted && strcmp(*accepted, status) != 0)
    accepted++;
  return *accepted != NULL;
}

static bool may_be_part(const verifier *v, const char *status) {
  return strcmp(status, "UpToDate") == 0 || is_accepted(v, status);
}

/* module: NULL where there is none. */
static bool verify_status(verifier *v, const tcb_level *platform,
                          const tcb_level *module, const tcb_level *enclave) {
  const char *joined = platform->status;
  if (module)
    joined = tcb_status_join(joined, module->status);
  v->tcb_status = tcb_status_join(joined, enclave->status);
  /* Each by itself too: joining must not hide a status that it ranks low. */
  bool accepted = is_accepted(v, v->tcb_status) &&
                  may_be_part(v, platform->status) &&
                  may_be_part(v, enclave->status) &&
                  (!module || may_be_part(v, module->status));
  return verify_step(v, accepted, "TCB status", NULL,
                     verify_text(v, "%s (platform %s%s%s, quoting enclave %s)",
                                 v->tcb_status, platform->status,
                                 module ? ", TDX module " : "",
                                 module ? module->status : "",
                                 enclave->status));
}

static bool verify_module(verifier *v, const collateral_query *query,
                          const signed_document *tcb, tcb_level *module) {
  return !query->verify_module || query->verify_module(v, &tcb->body, module);
}

/* --- all of it ------------------------------------------------------------ */

static bool is_complete(verifier *v) {
  const collateral *c = v->options->collateral;
  const char *missing = NULL;
  if (!c)
    missing = "no collateral is given";
  else if (!c->tcb_info.length)
    missing = "tcbinfo.json is missing";
  else if (!c->qe_identity.length)
    missing = "qe_identity.json is missing";
  else if (!c->tcb_signing_chain.length)
    missing = "tcb_signing_chain.pem is missing";
  else if (!c->pck_crl.length)
    missing = "pck_crl.pem or .der is missing";
  else if (!c->root_ca_crl.length)
    missing = "root_ca_crl.pem or .der is missing";
  if (missing)
    verify_skipped(v, "collateral", missing);
  return !missing;
}

bool collateral_verify(verifier *v, const collateral_query *query) {
  if (!is_complete(v))
    return false;
  const collateral *given = v->options->collateral;
  certificate_chain *signer = ARENA_NEW(v->arena, certificate_chain);
  signed_document tcb = {.what = "TCB info", .member = "tcbInfo"};
  signed_document qe = {.what = "QE identity", .member = "enclaveIdentity"};
  tcb_level platform, module, enclave;
  if (!verify_signer(v, given->tcb_signing_chain, signer) ||
      !verify_revocation(v, given, query->pck_path, signer) ||
      !document_verify(v, given->tcb_info, signer->items[0], &tcb) ||
      !document_verify(v, given->qe_identity, signer->items[0], &qe) ||
      !qe_identity_verify(v, &qe, query, &enclave) ||
      !tcb_info_verify(v, &tcb, query, &platform) ||
      !verify_module(v, query, &tcb, &module) ||
      !verify_status(v, &platform, query->verify_module ? &module : NULL,
                     &enclave))
    return false;
  verify_is_full(v);
  return true;
}
