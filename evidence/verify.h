/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of evidence, step by step: what was checked, with which key or
 * certificate, what came of it, and why. OpenSSL does the cryptography;
 * sign/ec_key.h has ECDSA over raw r || s.
 *
 *   verify_options o = {.level = VERIFY_SIGNATURE, .now = now, .roots = roots};
 *   evidence_verify(a, &e, &o);
 *   if (!evidence_is_verified(&e.verification))
 *     say(e.verification.reason);
 *   for (const verification_step *s = e.verification.steps; s; s = s->next) ..
 *
 * A kind (evidence/kinds.h) has a function `verify` which adds steps. Evidence
 * is verified only if there is at least one step and every required step
 * passed: what a kind forgets to check cannot make it trusted, and what could
 * not be checked for want of a root or of collateral is "not verified".
 */
#ifndef EVIDENCE_VERIFY_H
#define EVIDENCE_VERIFY_H

#include <openssl/types.h>

#include "evidence/certificate.h"
#include "evidence/evidence.h"
#include "evidence/issuer_cache.h"

typedef enum verify_level {
  VERIFY_NONE,      /* look at nothing */
  VERIFY_SIGNATURE, /* every signature and chain that roots allow */
  VERIFY_FULL       /* and collateral, revocation, TCB status */
} verify_level;

/* Certificates that are trusted by themselves. */
typedef struct trust_roots {
  X509 **items;
  const char **names; /* "Intel SGX Root CA", or the file's name */
  size_t count;
  size_t builtin_count; /* the first ones came with the program */
  size_t capacity;
} trust_roots;

/* The roots that the program knows, released with the arena. They stand in
 * evidence/roots; the first line of each file is its name, which begins with
 * the vendor's. */
trust_roots roots_builtin(arena *a);

/* Adds every certificate of every *.pem, *.crt, *.cer and *.der of the
 * directory, in the order of the files' names. False: *reason says which file
 * cannot be used and why. */
bool roots_add_directory(arena *a, trust_roots *roots, const char *path,
                         const char **reason);

/* A revocation list of AMD's, and the file that it stands in. */
typedef struct amd_crl {
  const char *name;
  bytes data; /* PEM or DER */
} amd_crl;

/* Files in a directory. Of Intel's or Azure's caching service: tcbinfo.json,
 * qe_identity.json, tcb_signing_chain.pem, and pck_crl and root_ca_crl as .pem
 * or .der. Of AMD's key distribution service, whose addresses end with "crl"
 * for every product: "crl", *.crl, and every other *.pem and *.der with "crl"
 * in its name. Texts as they are, empty where a file is missing. */
typedef struct collateral {
  slice tcb_info;          /* {"tcbInfo":{..},"signature":".."} */
  slice qe_identity;       /* {"enclaveIdentity":{..},"signature":".."} */
  slice tcb_signing_chain; /* PEM */
  bytes pck_crl, root_ca_crl; /* PEM or DER */
  const amd_crl *amd_crls;
  size_t amd_crl_count;
} collateral;

/* False: *reason says which file cannot be read and why, or that there is none
 * at all. */
bool collateral_read(arena *a, const char *directory, collateral *result,
                     const char **reason);

typedef struct verify_options {
  verify_level level;
  int64_t now; /* seconds since the epoch: certificates are valid then */
  trust_roots roots;
  const collateral *collateral; /* or NULL */
  /* TCB statuses that VERIFY_FULL accepts, ending with NULL; NULL: UpToDate,
   * SWHardeningNeeded, ConfigurationNeeded and
   * ConfigurationAndSWHardeningNeeded. */
  const char *const *accepted_tcb;
  /* Certificates that a raw SEV-SNP report comes without: PEM; or empty. */
  bytes certificates;
  issuer_cache *issuers; /* or NULL: nothing is remembered */
  /* Nobody reads the steps: what holds may go without words, which take as long
   * as a quarter of a signature's check. What does not hold has them. */
  bool no_words;
  /* "azure-compliant-cvm": what the service, which knows its hosts, would say
   * of a confidential VM in x-ms-compliance-status. Nothing in the evidence
   * proves it. NULL: it says nothing. */
  const char *compliance;
  /* Of TPM evidence, as configurationrules say (required_pcr_mask,
   * require_valid_aik_cert); zero demands all 24 PCRs and a valid AIK
   * certificate. */
  bool has_pcr_mask;
  uint32_t required_pcr_mask; /* bit n: PCR n must be quoted */
  bool any_aik_certificate;   /* also none, or one that leads to no root */
} verify_options;

/* Sets e->verification: status, reason, steps. */
void evidence_verify(arena *a, evidence *e, const verify_options *options);

/* "not verified", "failed", "signature" or "full"; static. */
const char *verification_name(verification_status status);

/* {"status", "verified", "reason", "root", "tcb-status", "steps": [{"result",
 * "what", "with", "why"}]}; null where there is nothing to say. */
value verification_report(arena *a, const evidence_verification *v);

/* The steps, one line each, for people. */
void verification_write_steps(buffer *out, const evidence_verification *v);

/* "signatures verified up to Intel SGX Root CA", in one line. */
void verification_write_result(buffer *out, const evidence_verification *v);

/* --- for the kinds -------------------------------------------------------- */

typedef struct verifier {
  arena *arena;
  const evidence *evidence;
  const verify_options *options;
  verification_step *first, **end;
  const char *tcb_status; /* "UpToDate" .., or NULL: not evaluated */
  /* "Intel", "AMD" ..: of the built-in roots, only those whose name begins so
   * count for verify_chain. NULL: all. */
  const char *vendor;
  bool is_full; /* verify_is_full was called */
  const char *root; /* of the first chain that was verified, or NULL */
} verifier;

/* Adds a step and returns whether it passed, so that a kind can stop:
 *   if (!verify_step(v, holds, "quote signature", key_name, "ECDSA P-256 .."))
 *     return;
 * what: the thing checked; with: key or certificate used, or NULL; why: one
 * line about the result, in the arena or static, or NULL. */
bool verify_step(verifier *v, bool passed, const char *what, const char *with,
                 const char *why);

/* For VERIFY_FULL: every check of revocation and of the TCB status was done.
 * Without this call no evidence gets VERIFICATION_FULL. */
void verify_is_full(verifier *v);

/* A step that could not be done: evidence is then not verified. */
void verify_skipped(verifier *v, const char *what, const char *why);

/* Whether a step with that outcome needs its words (verify_options.no_words).
 */
bool verify_needs_words(const verifier *v, bool passed);

/* The certificate's subject, or NULL where no words are needed. */
const char *verify_subject(verifier *v, bool passed, const X509 *certificate);

/* One line in the arena. */
const char *verify_text(verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Builds a path from certificates[0] to a root over the others (RFC 5280
 * section 6: signatures, validity at options->now, basic constraints, path
 * length, key usage; keys and digests of 112 bits at least) and adds a step per
 * certificate. A root counts by its name and key, so that another certificate
 * of the same key at the end of the chain is as good. *root_name (may be NULL)
 * gets the root's name. False after a step that failed or, where no
 * certificate of the issuer is known, that was skipped. */
bool verify_chain(verifier *v, X509 *const *certificates, size_t count,
                  const char *what, const char **root_name);

/* The same, and the path itself: leaf first, root last. What else must hold of
 * issuers is to be asked of these, not of the certificates that came along. */
bool verify_path(verifier *v, X509 *const *certificates, size_t count,
                 const char *what, certificate_chain *path,
                 const char **root_name);

/* A chain in PEM, leaf first, as it is presented. */
typedef struct presented_chain {
  bytes pem;
  certificate_chain certificates;
  bool whole;    /* the leaf is remembered like an issuer */
  bool is_known; /* all but the leaf, or all, was verified before */
  bool has_key;  /* may be remembered */
  issuer_digest key;
} presented_chain;

/* Reads a chain; issuers that options->issuers knows are not read again. whole:
 * one leaf comes again and again. False: *reason says why. */
bool verify_read_chain(verifier *v, bytes pem, bool whole,
                       presented_chain *chain, const char **reason);

/* verify_path of a chain so read, with the same steps. What was remembered
 * counts only as far as evidence/issuer_cache.h says. */
bool verify_presented(verifier *v, const presented_chain *chain,
                      const char *what, certificate_chain *path);

#endif
