/* SPDX-License-Identifier: Apache-2.0 */
/* libmaapol: the tokens in which owners of policies send them to the service.
 * What maapol.h says of errors, ownership, texts and structures holds here
 * too.
 *
 *   maapol_signer *signer = NULL;
 *   char *token = NULL;
 *   maapol_signer_options options = {0};
 *   options.size = sizeof options;
 *   options.key = pem;
 *   options.key_length = strlen(pem);
 *   options.certificates = certificates;
 *   options.certificates_length = strlen(certificates);
 *   options.now = time(NULL);
 *   maapol_status status = maapol_signer_new(&options, &signer);
 *   if (status == MAAPOL_OK)
 *     status = maapol_sign(signer, MAAPOL_SIGN_POLICY, text, strlen(text),
 *                          &token);
 *   if (status != MAAPOL_OK)
 *     printf("%s: %s\n", maapol_status_text(status),
 *            maapol_signer_error(signer));
 *   maapol_string_free(token);
 *   maapol_signer_free(signer);
 *
 * A signer does not change once it is made: any threads may sign with it.
 * OpenSSL overwrites a key when the signer is freed; copies that its decoders
 * leave in freed memory stay, unless the program gives OpenSSL an allocator
 * that overwrites (CRYPTO_set_mem_functions).
 */
#ifndef MAAPOL_SIGN_H
#define MAAPOL_SIGN_H

#include "maapol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whose certificate and key sign. */
typedef struct maapol_signer maapol_signer;

typedef struct maapol_signer_options {
  size_t size; /* sizeof(maapol_signer_options) */
  /* The private key: PEM or DER of PKCS #8, PKCS #1, SEC 1, or PKCS #12.
   * NULL: it is elsewhere; see maapol_signing_input. Not kept. */
  const void *key;
  size_t key_length;
  bool is_pkcs12; /* its certificates count like those below */
  /* Of the key, if it is encrypted. May hold NUL. NULL: none. Not kept. */
  const char *passphrase;
  size_t passphrase_length;
  /* PEM: the signer's certificate, and those above it; in any order if the
   * key is here, else the signer's first. */
  const char *certificates;
  size_t certificates_length;
  const char *algorithm; /* "RS256", "ES256" ..; NULL: what suits the key */
  bool whole_chain;      /* send them all, not the signer's alone */
  int64_t now; /* certificates must be valid then; seconds since 1970 */
} maapol_signer_options;

/* *signer: set unless memory runs out or an argument is wrong, so that its
 * error can be read.
 * Result: MAAPOL_OK; MAAPOL_INVALID_KEY if key or certificates cannot be used;
 * MAAPOL_NO_PASSPHRASE; MAAPOL_WRONG_PASSPHRASE, also for a damaged file;
 * MAAPOL_NO_MEMORY, MAAPOL_LIMIT, MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_signer_new(const maapol_signer_options *options,
                                           maapol_signer **signer);

MAAPOL_API void maapol_signer_free(maapol_signer *signer);

/* Why it cannot sign, in one line; NULL if it can. */
MAAPOL_API const char *maapol_signer_error(const maapol_signer *signer);

/* What the service may refuse: algorithms that it does not document, roots
 * without CA:TRUE .. */
MAAPOL_API const maapol_note *
maapol_signer_warnings(const maapol_signer *signer);

typedef enum maapol_signed_content {
  MAAPOL_SIGN_POLICY = 0, /* content: the policy's text, whatever it is */
  MAAPOL_SIGN_RESET = 1,  /* no content: length is 0 */
  /* content: PEM; the payload that certificates:add and :remove take */
  MAAPOL_SIGN_CERTIFICATE = 2
} maapol_signed_content;

/* The token without a signature, byte for byte as the service's clients send
 * it: of a policy or a reset.
 * Result: MAAPOL_OK, MAAPOL_LIMIT, MAAPOL_NO_MEMORY,
 * MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_unsecured_token(maapol_signed_content what,
                                                const char *content,
                                                size_t length, char **token);

/* The signed token. Results as above; MAAPOL_INVALID_KEY if the signer cannot
 * sign, has no key, or content is no certificate. */
MAAPOL_API maapol_status maapol_sign(const maapol_signer *signer,
                                     maapol_signed_content what,
                                     const char *content, size_t length,
                                     char **token);

/* For keys that are elsewhere: what is to be signed (RFC 7515 section 5.1).
 * Results as maapol_sign. */
MAAPOL_API maapol_status maapol_signing_input(const maapol_signer *signer,
                                              maapol_signed_content what,
                                              const char *content,
                                              size_t length, char **input);

/* The token of such an input and its signature: raw, DER of EC, or either as
 * base64, base64url or hex.
 * Result: MAAPOL_OK; MAAPOL_WRONG_SIGNATURE if it does not verify under the
 * certificate in the input; MAAPOL_INVALID_ARGUMENT also if the input is
 * none; MAAPOL_NO_MEMORY, MAAPOL_LIMIT. */
MAAPOL_API maapol_status maapol_signing_complete(const char *input,
                                                 const void *signature,
                                                 size_t length, char **token);

#ifdef __cplusplus
}
#endif

#endif
