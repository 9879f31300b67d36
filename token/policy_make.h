/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens that policy owners send: policy, reset and certificate tokens
 * (sign/policy_hash.h has the payload of the first; that of the second is
 * empty). They are made in three steps, since the private key may lie anywhere:
 *
 *   slice payload = policy_payload(a, text);
 *   slice input = policy_signing_input(a, &signer, false, payload);
 *   .. somebody signs `input` ..
 *   if (!policy_token_complete(a, input, signature, &token, &reason)) ..
 */
#ifndef TOKEN_POLICY_MAKE_H
#define TOKEN_POLICY_MAKE_H

#include "token/policy_signer.h"

/* Headers without a signature: of the JavaScript, C++ and Go clients, and of
 * the Azure CLI. */
#define POLICY_HEADER_UNSECURED SLICE("{\"alg\":\"none\"}")
#define POLICY_HEADER_AZURE_CLI SLICE("{\"alg\":\"none\",\"typ\":\"JWT\"}")

/* {"policyCertificate":{"kty":"RSA","x5c":[..]}} of the first `count`
 * certificates, for certificates:add and :remove of an isolated instance.
 * False if the first has neither an RSA nor an EC key that can be used. */
bool policy_certificate_payload(arena *a, const certificate_chain *chain,
                                size_t count, slice *payload,
                                const char **reason);

/* What is to be signed. Header {"alg":..,"x5c":[..]}, the leaf alone or the
 * whole chain. */
slice policy_signing_input(arena *a, const policy_signer *signer,
                           bool whole_chain, slice payload);

/* The digest of a signing input that the algorithm of its header signs.
 * False: it is no signing input; *reason says why. */
bool policy_signing_digest(arena *a, slice signing_input, bytes *result,
                           const char **reason);

typedef enum policy_completion {
  POLICY_COMPLETE,
  POLICY_NO_INPUT,       /* the signing input is none of ours */
  POLICY_WRONG_SIGNATURE /* it does not verify under the certificate */
} policy_completion;

/* The token, if the signature verifies under the first certificate of the
 * input's header. The signature is raw (of EC r||s), DER of EC, or either as
 * base64, base64url or hex with white space around. *reason (static) says
 * what is wrong. */
policy_completion policy_token_complete(arena *a, slice signing_input,
                                        bytes signature, slice *token,
                                        const char **reason);

#endif
