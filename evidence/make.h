/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic evidence for tests: structures with chosen fields, signed under a
 * test authority (evidence/test_pki.h) that nothing else trusts.
 *
 *   slice settings[] = {SLICE("product-id=7"), SLICE("debug=true")};
 *   evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
 *                             .settings = settings,
 *                             .setting_count = 2};
 *   evidence_made made;
 *   if (evidence_make(a, &recipe, &made, &error))
 *     write(made.raw), write(evidence_make_request(a, &made));
 */
#ifndef EVIDENCE_MAKE_H
#define EVIDENCE_MAKE_H

#include "evidence/decode.h"

/* The way to a TPM 2.0 outside of this program, which starts with zeroed PCRs.
 * `ask` sends a command and receives the response, of `size` bytes at most; the
 * number of its bytes, or 0 if there is none. */
typedef struct tpm_channel {
  size_t (*ask)(void *context, bytes command, uint8_t *response, size_t size);
  void *context;
} tpm_channel;

/* Starts a TPM that ends with the arena. False: *error says why. The library
 * starts no programs and opens no sockets; who wants a TPM brings this. */
typedef bool tpm_starter(arena *a, tpm_channel *result, evidence_error *error);

typedef struct evidence_recipe {
  attestation_type type;
  const char *pki_directory; /* NULL: keys for this once */
  const slice *settings;     /* "FIELD=VALUE", applied in order */
  size_t setting_count;
  /* Where to write collateral for the evidence, as collateral_read reads it;
   * NULL: nowhere. */
  const char *collateral_directory;
  tpm_starter *start_tpm; /* of type Tpm: for source=swtpm; may be NULL */
} evidence_recipe;

typedef struct evidence_made {
  attestation_type type;
  bytes raw;
  evidence_data runtime_data; /* as field runtime-data gave them */
  evidence_data init_data;
} evidence_made;

/* Makes evidence. Its signatures verify under the authority's root. False:
 * *error says which field is unknown or which value is wanted. */
bool evidence_make(arena *a, const evidence_recipe *recipe,
                   evidence_made *result, evidence_error *error);

/* The fields that a type takes, ending with NULL; NULL if evidence of the type
 * cannot be made. */
const char *const *evidence_make_fields(arena *a, attestation_type type);

/* The JSON body with which a client would send it to the service. */
slice evidence_make_request(arena *a, const evidence_made *made);

#endif
