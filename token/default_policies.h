/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that the service applies where nobody has set one. */
#ifndef TOKEN_DEFAULT_POLICIES_H
#define TOKEN_DEFAULT_POLICIES_H

#include "compiler/attestation_type.h"

/* The default policy of that type, static, with a NUL behind it. Empty for
 * Tpm, which has none and where attestation is refused, and for an unknown
 * type.
 *
 * SgxEnclave and OpenEnclave: recorded from service 1.11.02134 (November
 * 2022), byte for byte, since relying parties pin its hash. SevSnpVm: the text
 * whose hash a token of 2025 shows. TdxVm and AzureGuest: the service's text
 * is not public, and this one is our choice. */
slice default_policy(attestation_type type);

#endif
