/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/render.h"
#include "evidence/tpm_keys.h"
#include "evidence/tpm_request.h"

static const bytes nowhere = {NULL, 0};

/* Everything lies in base64url inside of the message: nothing has a place. */
static void show_hex(shown *out, const char *name, bytes data,
                     const char *meaning) {
  buffer text = buffer_in(out->arena);
  buffer_hex(&text, data);
  shown_add(out, name, nowhere, value_text(buffer_slice(&text)), meaning);
}

static void show_text(shown *out, const char *name, slice text,
                      const char *meaning) {
  buffer escaped = buffer_in(out->arena);
  render_escaped(&escaped, text);
  if (text.length)
    shown_add(out, name, nowhere, value_text(buffer_slice(&escaped)), meaning);
}

static void show_number(shown *out, const char *name, uint64_t number,
                        const char *meaning) {
  shown_add(out, name, nowhere, value_integer((int64_t)number), meaning);
}

static const char *in_arena(shown *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *in_arena(shown *out, const char *format, ...) {
  va_list arguments;
  buffer text = buffer_in(out->arena);
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  return buffer_slice(&text).data;
}

static const char *algorithm_name(uint16_t id) {
  const char *name = tpm_algorithm_name(id);
  return name ? name : "unknown";
}

/* --- keys ----------------------------------------------------------------- */

static void show_jwk(shown *out, const char *name, const value *jwk) {
  const char *reason;
  public_key *key = tpm_key_from_jwk(out->arena, jwk, &reason);
  buffer text = buffer_in(out->arena), escaped = buffer_in(out->arena);
  json_write(&text, jwk);
  render_escaped(&escaped, buffer_slice(&text));
  shown_add(out, name, nowhere, value_text(buffer_slice(&escaped)),
            key ? public_key_description(out->arena, key) : reason);
}

static void show_certified(shown *out, const tpm_client_key *key) {
  const tpm_attest *c = &key->certification;
  show_number(out, "name-algorithm", key->public.name_algorithm,
              algorithm_name(key->public.name_algorithm));
  show_number(out, "attributes", key->public.attributes, "TPMA_OBJECT");
  show_hex(out, "auth-policy", key->public.auth_policy, NULL);
  show_hex(out, "certified-name", c->name, NULL);
  show_hex(out, "extra-data", c->extra_data, "should be the challenge");
  show_number(out, "signature-algorithm", key->signature.algorithm,
              algorithm_name(key->signature.algorithm));
}

static void show_key(shown *out, const char *section,
                     const tpm_client_key *key) {
  shown_begin(out, section);
  show_jwk(out, "jwk", &key->jwk);
  switch (key->binding) {
  case TPM_KEY_QUOTED:
    show_text(out, "hash-alg", key->hash_name,
              "the quote's extra data is a hash of it");
    break;
  case TPM_KEY_CERTIFIED:
    show_certified(out, key);
    break;
  case TPM_KEY_UNBOUND:
    show_text(out, "binding", SLICE("none"), "the TPM does not vouch for it");
    break;
  }
}

/* --- states --------------------------------------------------------------- */

static void show_quote(shown *out, const tpm_state *state) {
  const tpm_attest *quote = &state->quote;
  show_hex(out, "qualified-signer", quote->qualified_signer, NULL);
  show_hex(out, "extra-data", quote->extra_data,
           "the challenge, or a hash of key and challenge");
  show_number(out, "clock", quote->clock, "milliseconds");
  show_number(out, "reset-count", quote->reset_count, "starts of the TPM");
  show_number(out, "restart-count", quote->restart_count,
              "resumes since the last start");
  shown_add(out, "safe", nowhere, value_boolean(quote->safe),
            "the clock never went back");
  show_number(out, "firmware-version", quote->firmware_version, NULL);
  for (size_t i = 0; i < quote->selection_count; i++)
    show_text(out, in_arena(out, "selection-%zu", i + 1),
              slice_from(
                  in_arena(out, "0x%06x", (unsigned)quote->selections[i].mask)),
              algorithm_name(quote->selections[i].algorithm));
  show_hex(out, "pcr-digest", quote->pcr_digest, NULL);
  show_number(out, "signature-algorithm", state->signature.algorithm,
              algorithm_name(state->signature.algorithm));
  show_number(out, "signature-hash", state->signature.hash,
              algorithm_name(state->signature.hash));
}

static void show_pcrs(shown *out, const tpm_state *state) {
  for (size_t i = 0; i < state->bank_count; i++) {
    const tpm_bank *bank = &state->banks[i];
    shown_begin(out, in_arena(out, "%s: PCRs of %s", state->name,
                              algorithm_name(bank->algorithm)));
    for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
      if (bank->mask >> pcr & 1)
        show_hex(out, in_arena(out, "pcr-%zu", pcr), bank->values[pcr], NULL);
  }
}

static void show_logs(shown *out, const tpm_state *state) {
  show_number(out, "logs", state->log_count, NULL);
  if (state->logs.boot)
    show_number(out, "boot-events", state->logs.boot->event_count, NULL);
  if (state->logs.ima)
    show_number(out, "ima-events", state->logs.ima->event_count, NULL);
}

static void show_certificate(shown *out, const tpm_state *state,
                             size_t number) {
  const unsigned char *at = state->aik_certificate.data;
  if (state->aik_certificate.length == 0)
    return;
  X509 *certificate = d2i_X509(NULL, &at, (long)state->aik_certificate.length);
  ERR_clear_error();
  if (certificate) {
    certificate_keep(out->arena, certificate);
    shown_certificate(out, certificate, number);
  } else {
    shown_begin(out, "certificate");
    show_text(out, "problem", SLICE("aik_cert is no X.509 certificate"), NULL);
  }
}

static void show_state(shown *out, const tpm_state *state, size_t number) {
  shown_begin(out, state->name);
  show_jwk(out, "aik", &state->aik);
  show_logs(out, state);
  show_quote(out, state);
  show_pcrs(out, state);
  show_certificate(out, state, number);
}

/* --- all ------------------------------------------------------------------ */

static void show_message(shown *out, const tpm_request *request) {
  shown_begin(out, "message");
  show_number(out, "version", request->version,
              request->version == 1 ? "attReq" : "attReqV2");
  show_text(out, "type", request->is_vbs ? SLICE("vbs") : SLICE("basic"), NULL);
  show_text(out, "algorithm", request->algorithm, "of the JWS");
  if (!request->is_signed)
    show_text(out, "signature", SLICE("none"), "it came without its JWS");
  show_text(out, "relying-party", request->relying_party, "rp_id");
  show_text(out, "rp-data", request->rp_data, "becomes the token's nonce");
  show_hex(out, "challenge", request->challenge, NULL);
  show_text(out, "service-context", request->service_context,
            "for the service alone");
}

static void show_custom_claims(shown *out, const value *claims) {
  if (claims->count == 0)
    return;
  shown_begin(out, "custom-claims");
  for (uint32_t i = 0; i < claims->count; i++) {
    const value *claim = &claims->items[i];
    buffer name = buffer_in(out->arena);
    render_escaped(&name, value_string(value_member(claim, SLICE("name"))));
    show_text(out, buffer_slice(&name).data,
              value_string(value_member(claim, SLICE("value"))), NULL);
  }
}

void tpm_request_show(const evidence *e, shown *out) {
  const tpm_request *request = e->detail;
  show_message(out, request);
  show_state(out, &request->current, 1);
  if (request->has_boot)
    show_state(out, &request->boot, 2);
  show_key(out, request->version == 1 ? "attest_key" : "request_key",
           &request->key);
  for (size_t i = 0; i < request->other_key_count; i++)
    show_key(out, in_arena(out, "other_key-%zu", i + 1),
             &request->other_keys[i]);
  show_custom_claims(out, &request->custom_claims);
  if (request->vbs.raw.length)
    vbs_report_show(&request->vbs, out);
}
