/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/sgx_verify.h"

#include <openssl/x509v3.h>

#include "evidence/collateral.h"
#include "evidence/issuer_cache.h"
#include "evidence/oe_report.h"
#include "sign/digest.h"
#include "sign/ec_key.h"

/* MRSIGNER is the hash of the key with which Intel signs its enclaves; the QE
 * identity that Intel publishes says the same. */
const quoting_enclave sgx_quoting_enclave = {
    "quoting enclave",
    {0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
     0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
     0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff},
    1};

static bool signed_by(verifier *v, EVP_PKEY *key, bytes data,
                      bytes signature) {
  ec_checks *checks = issuer_cache_checks(v->options->issuers);
  return key && ec_checks_verify(checks, key, data, signature);
}

static bool check_quote_signature(verifier *v, bytes signed_part,
                                  const sgx_signature *s) {
  EVP_PKEY *key =
      issuer_cache_key(v->arena, v->options->issuers, s->attestation_key);
  if (!key)
    return verify_step(v, false, "quote signature", "attestation key",
                       "the attestation key is no point of P-256");
  return verify_step(v, signed_by(v, key, signed_part, s->signature),
                     "quote signature", "attestation key",
                     "ECDSA P-256 with SHA-256 over header and report");
}

/* The QE vouches for the attestation key: its report's data is
 * SHA-256(attestation key || QE authentication data), then zeros. */
static bool check_key_binding(verifier *v, const sgx_signature *s) {
  bytes parts[] = {s->attestation_key, s->auth_data};
  uint8_t hash[SHA256_BYTES];
  digest_sha256_parts(v->arena, parts, 2, hash);
  bytes data = sgx_report_bytes(s->qe_report, SGX_REPORT_DATA);
  bytes rest = {data.data + SHA256_BYTES, data.length - SHA256_BYTES};
  bool holds =
      memcmp(data.data, hash, sizeof hash) == 0 && bytes_are_zero(rest);
  return verify_step(v, holds, "attestation key", "QE report",
                     "report data is SHA-256 of the attestation key and the "
                     "QE authentication data");
}

/* Any enclave that may ask the platform for a certificate could make such a
 * report; only Intel's is trusted to hand out keys rightly. */
static bool check_quoting_enclave(verifier *v, const sgx_signature *s,
                                  const quoting_enclave *wanted) {
  bytes report = s->qe_report;
  bytes signer = sgx_report_bytes(report, SGX_MRSIGNER);
  const char *why = "signed by Intel, not debuggable";
  bool holds = false;
  if (memcmp(signer.data, wanted->mrsigner, sizeof wanted->mrsigner) != 0)
    why = "its signer (MRSIGNER) is not Intel's";
  else if (sgx_report_number(report, SGX_PRODUCT_ID) != wanted->product_id)
    why = verify_text(v, "product id %u, but %u is wanted",
                      (unsigned)sgx_report_number(report, SGX_PRODUCT_ID),
                      (unsigned)wanted->product_id);
  else if (sgx_report_number(report, SGX_ATTRIBUTES) & SGX_FLAG_DEBUG)
    why = "it runs in debug mode";
  else
    holds = true;
  return verify_step(v, holds, wanted->name, "QE report", why);
}

static bool read_chain(verifier *v, const sgx_signature *s,
                       presented_chain *chain) {
  const char *reason;
  if (s->certification_type != SGX_CERTIFICATION_PEM_CHAIN) {
    verify_skipped(v, "PCK certificate",
                   verify_text(v,
                               "certification data of type %u names the "
                               "certificate without holding it",
                               (unsigned)s->certification_type));
    return false;
  }
  return verify_read_chain(v, s->certification_data, false, chain, &reason) ||
         verify_step(v, false, "PCK certificate", NULL, reason);
}

static bool check_qe_signature(verifier *v, const sgx_signature *s,
                               const certificate_chain *chain) {
  X509 *leaf = chain->items[0];
  bool holds = signed_by(v, X509_get0_pubkey(leaf), s->qe_report,
                         s->qe_report_signature);
  return verify_step(v, holds, "QE report signature",
                     verify_subject(v, holds, leaf),
                     "ECDSA P-256 with SHA-256 over the QE report");
}

static const char *platform_text(verifier *v, const pck_extension *pck) {
  buffer fmspc = buffer_in(v->arena);
  buffer_hex(&fmspc, (bytes){pck->fmspc, sizeof pck->fmspc});
  return verify_text(v, "FMSPC %s, PCE SVN %u", buffer_slice(&fmspc).data,
                     (unsigned)pck->pce_svn);
}

static bool check_pck_extension(verifier *v, sgx_platform *platform) {
  X509 *leaf = platform->path.items[0];
  bytes der = certificate_extension(leaf, PCK_EXTENSION_OID);
  const char *why = NULL;
  if (der.length == 0 || !pck_extension_read(der, &platform->pck))
    why = "no extension that describes the platform";
  else if (X509_check_ca(leaf) != 0)
    why = "a certificate of an authority, not of a platform";
  bool holds = why == NULL;
  if (holds && verify_needs_words(v, holds))
    why = platform_text(v, &platform->pck);
  return verify_step(v, holds, "PCK extension", verify_subject(v, holds, leaf),
                     why);
}

bool sgx_verify_signature(verifier *v, bytes signed_part,
                          const sgx_signature *signature,
                          const quoting_enclave *enclave,
                          sgx_platform *platform) {
  *platform = (sgx_platform){0};
  v->vendor = "Intel";
  return check_quote_signature(v, signed_part, signature) &&
         check_key_binding(v, signature) &&
         check_quoting_enclave(v, signature, enclave) &&
         read_chain(v, signature, &platform->chain) &&
         check_qe_signature(v, signature, &platform->chain.certificates) &&
         verify_presented(v, &platform->chain, "PCK certificate chain",
                          &platform->path) &&
         check_pck_extension(v, platform);
}

static void verify_quote(verifier *v, const sgx_quote *quote) {
  sgx_platform *platform = ARENA_NEW(v->arena, sgx_platform);
  collateral_query query = {.tcb_id = "SGX",
                            .qe_id = "QE",
                            .pck = &platform->pck,
                            .pck_path = &platform->path,
                            .qe_report = quote->signature.qe_report};
  if (sgx_verify_signature(v, quote->signed_part, &quote->signature,
                           &sgx_quoting_enclave, platform) &&
      v->options->level == VERIFY_FULL)
    collateral_verify(v, &query);
}

void sgx_quote_verify(verifier *v) { verify_quote(v, v->evidence->detail); }

void oe_report_verify(verifier *v) {
  const oe_report *report = v->evidence->detail;
  bool bound = report->custom_claims.length == 0 || oe_claims_are_bound(report);
  if (report->custom_claims.length &&
      !verify_step(v, bound, "custom claims", NULL,
                   bound ? "report data begins with their SHA-256"
                         : "report data does not begin with their SHA-256"))
    return;
  verify_quote(v, &report->quote);
}
