/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a TPM vouches for a request message, and for the key that signed it:
 * article "TPM and Virtualization based Security (VBS) enclave attestation
 * protocol". The challenge is the message's own: that the service gave it out,
 * and when, only the service can see. */
#include "evidence/tpm_verify.h"

#include "sign/digest.h"

/* --- the message ---------------------------------------------------------- */

static bool check_message(verifier *v, const tpm_request *request) {
  static const char what[] = "request signature";
  const char *reason = NULL;
  if (!request->is_signed) {
    verify_skipped(v, what,
                   "the message came without its JWS: nobody signed "
                   "it");
    return false;
  }
  public_key *key = tpm_key_from_jwk(v->arena, &request->key.jwk, &reason);
  const char *name = request->version == 1 ? "attest_key" : "request_key";
  if (!key)
    return verify_step(v, false, what, name, reason);
  if (!slice_is(request->algorithm, "PS256"))
    return verify_step(v, false, what, name,
                       verify_text(v, "alg is \"%.*s\", but PS256 is wanted",
                                   SLICE_ARGS(request->algorithm)));
  bool holds = public_key_verify(key, JWS_PS256, request->signing_input,
                                 request->signature);
  return verify_step(v, holds, what, name,
                     holds ? "PS256 over header and payload"
                           : "it is not this key's over header and payload");
}

/* --- keys ----------------------------------------------------------------- */

/* TPM2_Certify: the AIK says that a key of this name lies in its TPM. */
static bool check_certified(verifier *v, const tpm_request *request,
                            const tpm_client_key *key, const char *what,
                            public_key *aik) {
  const char *reason = NULL, *scheme;
  bytes name;
  public_key *jwk = tpm_key_from_jwk(v->arena, &key->jwk, &reason);
  public_key *inside =
      jwk ? tpm_key_from_public(v->arena, &key->public, &reason) : NULL;
  if (!inside)
    return verify_step(v, false, what, NULL, reason);
  if (!public_key_equal(jwk, inside))
    return verify_step(v, false, what, NULL,
                       "the TPMT_PUBLIC is of another key than the JWK");
  if (!tpm_public_name(v->arena, &key->public, &name) ||
      !bytes_equal(name, key->certification.name))
    return verify_step(v, false, what, NULL,
                       "the certified name is not this key's");
  if (!bytes_equal(key->certification.extra_data, request->challenge))
    return verify_step(v, false, what, NULL,
                       "the certification is not over the challenge");
  bool holds = tpm_signature_holds(v->arena, aik, &key->signature,
                                   key->certification_raw, &scheme);
  return verify_step(
      v, holds, what, "AIK",
      holds ? verify_text(v, "certified to be in the TPM; %s", scheme)
            : scheme);
}

static bool check_keys(verifier *v, const tpm_request *request,
                       public_key *aik) {
  if (request->key.binding == TPM_KEY_CERTIFIED &&
      !check_certified(v, request, &request->key, "request_key", aik))
    return false;
  for (size_t i = 0; i < request->other_key_count; i++) {
    const tpm_client_key *key = &request->other_keys[i];
    const char *what = verify_text(v, "other_keys[%zu]", i);
    const char *reason = NULL;
    if (key->binding == TPM_KEY_CERTIFIED) {
      if (!check_certified(v, request, key, what, aik))
        return false;
    } else if (!tpm_key_from_jwk(v->arena, &key->jwk, &reason)) {
      return verify_step(v, false, what, NULL, reason);
    } else {
      verify_step(v, true, what, NULL, "the TPM does not vouch for it");
    }
  }
  return true;
}

/* What the quote's extra data has to be: the challenge, or a hash of the key
 * as it was sent, a zero byte and the challenge. */
static bool wanted_extra_data(verifier *v, const tpm_request *request,
                              bytes *wanted) {
  const tpm_client_key *key = &request->key;
  *wanted = request->challenge;
  if (request->version == 1 || key->binding == TPM_KEY_CERTIFIED)
    return true;
  if (key->binding == TPM_KEY_UNBOUND)
    return verify_step(v, false, "request_key", NULL,
                       "the TPM does not vouch for it: info has neither "
                       "tpm_quote nor tpm_certify");
  buffer text = buffer_in(v->arena);
  uint8_t *hash = arena_alloc(v->arena, DIGEST_BYTES_MAX);
  buffer_add(&text, key->jwk_text);
  buffer_char(&text, 0);
  buffer_add(&text, slice_from_bytes(request->challenge));
  if (!digest(key->hash, bytes_from_slice(buffer_slice(&text)), hash))
    return verify_step(v, false, "request_key", NULL,
                       "OpenSSL cannot compute its hash");
  *wanted = (bytes){hash, digest_length(key->hash)};
  return true;
}

/* --- the state before hibernation ----------------------------------------- */

/* The same TPM, in the same start of the machine: resumes leave the reset
 * count as it is (TPM 2.0 Library, part 1, section "TPM Restart"). */
static bool check_boot(verifier *v, const tpm_request *request,
                       public_key *aik) {
  const tpm_state *boot = &request->boot;
  const char *reason = NULL;
  const bytes anything = {NULL, 0};
  if (!request->has_boot)
    return true;
  const char *what = tpm_step_name(v, boot, "same machine");
  public_key *key = tpm_key_from_jwk(v->arena, &boot->aik, &reason);
  if (!key || !public_key_equal(key, aik))
    return verify_step(v, false, what, NULL,
                       key ? "its AIK is another one" : reason);
  if (!tpm_verify_state(v, boot, aik, anything))
    return false;
  bool same = boot->quote.reset_count == request->current.quote.reset_count &&
              boot->quote.clock <= request->current.quote.clock;
  return verify_step(v, same, what, "AIK",
                     same ? "the same AIK, reset count and an earlier clock"
                          : "its quote is of another start of the TPM");
}

/* --- all ------------------------------------------------------------------ */

static bool check_all(verifier *v, const tpm_request *request) {
  const char *reason = NULL;
  bytes extra_data;
  if (!check_message(v, request))
    return false;
  public_key *aik = tpm_key_from_jwk(v->arena, &request->current.aik, &reason);
  if (!aik)
    return verify_step(v, false, "AIK", NULL, reason);
  return tpm_verify_aik(v, &request->current, aik) &&
         wanted_extra_data(v, request, &extra_data) &&
         tpm_verify_state(v, &request->current, aik, extra_data) &&
         check_boot(v, request, aik) && check_keys(v, request, aik) &&
         (!request->is_vbs || vbs_verify(v, request));
}

void tpm_request_verify(verifier *v) {
  const tpm_request *request = v->evidence->detail;
  v->vendor = "TPM"; /* none of the built-in roots vouches for an AIK */
  if (check_all(v, request) && v->options->level == VERIFY_FULL)
    verify_skipped(v, "revocation",
                   "revocation lists of attestation keys are not read");
}
