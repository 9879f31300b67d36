/* SPDX-License-Identifier: Apache-2.0 */
/* The two round trips of /attest/Tpm: the client asks for a challenge
 * (recorded), and sends what its TPM signed with it ("TPM and Virtualization
 * based Security (VBS) enclave attestation protocol"). */
#ifndef SERVE_TPM_CHALLENGE_H
#define SERVE_TPM_CHALLENGE_H

#include "serve/call.h"
#include "token/request.h"

/* Answers a message {"payload":{"type":"aikcert"}}, or refuses where no Tpm
 * policy is set. False: it is another message. */
bool tpm_challenge_answer(call *c, const attest_request *request);

/* Whether the instance gave out the message's challenge with its context, at
 * most ten minutes ago, and nobody has sent it back since; refuses otherwise.
 * A challenge counts once, whatever comes of the message. */
bool tpm_challenge_holds(call *c, const attest_request *request);

/* The second answer: {"data": base64url of {"report": token}}. */
void tpm_challenge_answer_report(call *c, slice token);

#endif
