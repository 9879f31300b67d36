/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "evidence/tpm_verify.h"

/* tcg-kp-AIKCertificate (TCG Infrastructure Working Group, EK credential
 * profile, section "Extended Key Usage"). */
#define AIK_USAGE "2.23.133.8.3"

static const char what[] = "AIK certificate";

static X509 *read_certificate(arena *a, bytes der) {
  const unsigned char *at = der.data;
  X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
  ERR_clear_error();
  if (!certificate)
    return NULL;
  certificate_keep(a, certificate);
  return at == der.data + der.length ? certificate : NULL;
}

static void free_usages(void *usages) { EXTENDED_KEY_USAGE_free(usages); }

/* A certificate that is limited to purposes must have this one among them
 * (RFC 5280 section 4.2.1.12). */
static bool may_be_aik(arena *a, const X509 *certificate) {
  int critical = -1;
  EXTENDED_KEY_USAGE *usages =
      X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
  if (!usages)
    return critical == -1;
  arena_defer(a, free_usages, usages);
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
    char oid[64];
    int length =
        OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(usages, i), 1);
    if (length > 0 && (size_t)length < sizeof oid &&
        strcmp(oid, AIK_USAGE) == 0)
      return true;
  }
  return false;
}

/* Adds the steps of the trial behind those there are. */
static void keep_steps(verifier *v, const verifier *trial) {
  *v->end = trial->first;
  if (trial->first)
    v->end = trial->end;
  v->root = trial->root;
}

static const char *why_of(const verifier *trial) {
  const verification_step *step = trial->first;
  while (step && step->result == STEP_PASSED)
    step = step->next;
  return step && step->why ? step->why : "it leads to no root";
}

/* A certificate that is not demanded and does not hold is a remark. */
static bool tell(verifier *v, const char *why) {
  if (!v->options->any_aik_certificate)
    return verify_step(v, false, what, NULL, why);
  return verify_step(v, true, what, NULL,
                     verify_text(v,
                                 "not validated: %s; the policy does not "
                                 "demand it (require_valid_aik_cert)",
                                 why));
}

static bool check_chain(verifier *v, X509 *certificate) {
  verifier trial = *v;
  trial.first = NULL;
  trial.end = &trial.first;
  trial.root = NULL;
  if (verify_chain(&trial, &certificate, 1, what, NULL) ||
      !v->options->any_aik_certificate) {
    bool holds = trial.root != NULL;
    keep_steps(v, &trial);
    return holds;
  }
  return tell(v, why_of(&trial));
}

bool tpm_verify_aik(verifier *v, const tpm_state *state,
                    const public_key *aik) {
  const char *reason = NULL;
  if (state->aik_certificate.length == 0)
    return tell(v, "the message has none");
  X509 *certificate = read_certificate(v->arena, state->aik_certificate);
  if (!certificate)
    return tell(v, "it is not an X.509 certificate");
  public_key *certified =
      public_key_from_certificate(v->arena, certificate, &reason);
  if (!certified || !public_key_equal(certified, aik))
    return verify_step(v, false, what, NULL,
                       certified ? "it certifies another key than aik_pub"
                                 : reason);
  if (!may_be_aik(v->arena, certificate))
    return tell(v, "its extended key usage is not that of an AIK");
  return check_chain(v, certificate);
}
