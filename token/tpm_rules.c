/* SPDX-License-Identifier: Apache-2.0 */
#include "token/tpm_rules.h"

enum { MINUTES_OF_A_DAY = 24 * 60, SECONDS_OF_A_MINUTE = 60 };

verify_options tpm_configured(const verify_options *options,
                              const evaluation *configuration) {
  verify_options result = *options;
  const claim *mask =
      evaluation_property(configuration, SLICE("required_pcr_mask"));
  const claim *certificate =
      evaluation_property(configuration, SLICE("require_valid_aik_cert"));
  if (mask) {
    value v = claim_json(mask);
    result.has_pcr_mask = v.kind == VALUE_INTEGER;
    result.required_pcr_mask = (uint32_t)v.integer;
  }
  if (certificate) {
    value v = claim_json(certificate);
    result.any_aik_certificate = v.kind == VALUE_BOOLEAN && !v.boolean;
  }
  return result;
}

int64_t tpm_token_lifetime(const evaluation *e) {
  int64_t minutes = MINUTES_OF_A_DAY;
  const claim *property =
      evaluation_property(e, SLICE("report_validity_in_minutes"));
  if (property) {
    value v = claim_json(property);
    if (v.kind == VALUE_INTEGER)
      minutes = v.integer;
  }
  return minutes * SECONDS_OF_A_MINUTE;
}

bool tpm_claim_is_in_token(slice name) {
  return slice_is(name, "x-ms-attestation-type");
}

void tpm_note_trust(const evidence *e, notes *remarks) {
  if (e->type == ATTESTATION_TPM && evidence_is_verified(&e->verification) &&
      !e->verification.root)
    note_add(remarks,
             "the AIK's certificate was not validated, as the policy says "
             "(require_valid_aik_cert): whose TPM this is, if it is one, is "
             "not known");
}
