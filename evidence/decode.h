/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as people keep it in files: raw bytes; base64, base64url or hex
 * with any white space between; a request body of the REST interface
 * ({"quote": .., "runtimeData": {"data": .., "dataType": ..}}) or a file of
 * Microsoft's samples ({"QuoteHex": .., "EnclaveHeldDataHex": ..}).
 */
#ifndef EVIDENCE_DECODE_H
#define EVIDENCE_DECODE_H

#include "evidence/evidence.h"

/* Data that the evidence holds the hash of. */
typedef struct evidence_data {
  bool is_given;
  bool is_json; /* the service's dataType is "JSON", not "Binary" */
  bytes data;
  bool is_typed; /* is_json was given, not guessed from the data */
} evidence_data;

typedef struct evidence_input {
  bytes raw;             /* what the service would get */
  attestation_type type; /* as its first bytes say; may be unknown */
  evidence_data runtime_data;
  evidence_data init_data;
} evidence_input;

/* Decodes a file's content. The result points into text and the arena. False:
 * *error says what is wrong at which byte of the text. */
bool evidence_decode(arena *a, slice text, evidence_input *result,
                     evidence_error *error);

/* Reads and decodes a file; "-" is standard input. */
bool evidence_decode_file(arena *a, const char *path, evidence_input *result,
                          evidence_error *error);

#endif
