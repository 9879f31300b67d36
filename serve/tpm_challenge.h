/* SPDX-License-Identifier: Apache-2.0 */
/* The first round trip of /attest/Tpm: the client asks for a challenge, which
 * its TPM then signs ("Trusted Platform Module attestation protocol", section
 * "init"; recorded). */
#ifndef SERVE_TPM_CHALLENGE_H
#define SERVE_TPM_CHALLENGE_H

#include "serve/call.h"
#include "token/request.h"

/* Answers a message {"payload":{"type":"aikcert"}}, or refuses where no Tpm
 * policy is set. False: it is another message. */
bool tpm_challenge_answer(call *c, const attest_request *request);

/* Whether the service gave out that challenge with that context, at most ten
 * minutes ago. Both as they stand in the client's message. */
bool tpm_challenge_is_ours(call *c, slice challenge, slice service_context);

#endif
