/* SPDX-License-Identifier: Apache-2.0 */
/* What a constant of the policy stands for: hex, base64url, tokens, times. */
#ifndef LSP_CONSTANT_H
#define LSP_CONSTANT_H

#include "base/buffer.h"
#include "compiler/attestation_type.h"
#include "lsp/tokens.h"

/* The token of the type, `"t"` of type=="t", that stands in the same condition
 * or action as token i; count: there is none. */
size_t constant_claim(const word_tokens *t, size_t i);

/* The property or argument that token i is compared with or given to, as it is
 * written (`value`, `issuer`); empty: none. */
slice constant_property(const word_tokens *t, size_t i);

/* Markdown of the string, number or boolean at token i; nothing if there is
 * nothing to say. Nothing is verified. */
void constant_describe(buffer *out, const word_tokens *t, size_t i,
                       attestation_type type);

/* Text between fences that it cannot end; a long one is cut. */
void markdown_fence(buffer *out, const char *language, slice text);

/* One line of text as code: what would end it, and controls, are left out. */
void markdown_code(buffer *out, slice text);

/* Header and payload of a JWT (RFC 7519), pretty; false: it is none. It says
 * that nothing was verified. */
bool constant_describe_token(buffer *out, slice text);

#endif
