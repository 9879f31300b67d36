/* SPDX-License-Identifier: Apache-2.0 */
/* What the service itself says of evidence and of the data bound to it: to
 * the policy, and in the token. */
#ifndef TOKEN_SERVICE_CLAIMS_H
#define TOKEN_SERVICE_CLAIMS_H

#include "evidence/evidence.h"
#include "token/request.h"

/* Refuses data that the evidence was not made for, or that its type does not
 * fit. False: *error holds the refusal. */
bool service_check_bindings(arena *a, const evidence *e,
                            const attest_request *request,
                            service_error *error);

/* Claims that the policy sees and the token repeats: of the evidence, of
 * runtime data (x-ms-runtime; for binary data x-ms-sgx-ehd and its older
 * names) and of init-time data (x-ms-inittime). An object. The bindings must
 * have been checked. False: data said to be JSON is not; *error holds the
 * refusal. */
bool service_claims_build(arena *a, const evidence *e,
                          const attest_request *request, value *claims,
                          service_error *error);

#endif
