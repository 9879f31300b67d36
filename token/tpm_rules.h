/* SPDX-License-Identifier: Apache-2.0 */
/* What properties of a policy change for evidence of type Tpm (articles
 * "Policy version 1.2" and "Claim sets"). */
#ifndef TOKEN_TPM_RULES_H
#define TOKEN_TPM_RULES_H

#include "eval/evaluate.h"
#include "evidence/verify.h"
#include "token/notes.h"

/* The options with what configurationrules demand: required_pcr_mask and
 * require_valid_aik_cert. */
verify_options tpm_configured(const verify_options *options,
                              const evaluation *configuration);

/* Seconds that a token is valid: report_validity_in_minutes of the policy, or
 * a day. */
int64_t tpm_token_lifetime(const evaluation *e);

/* Whether a claim of such evidence is the token's too; the others only
 * policies see, and issue as they like. */
bool tpm_claim_is_in_token(slice name);

/* Says what a permit rests on, if not on a certificate. */
void tpm_note_trust(const evidence *e, notes *remarks);

#endif
