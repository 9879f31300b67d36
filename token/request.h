/* SPDX-License-Identifier: Apache-2.0 */
/* An attestation request, as a client posts it to /attest/{type} or as the
 * command line puts it together from files. */
#ifndef TOKEN_REQUEST_H
#define TOKEN_REQUEST_H

#include "compiler/attestation_type.h"
#include "token/notes.h"
#include "token/service_error.h"

typedef enum data_kind {
  DATA_ABSENT,
  DATA_BINARY,
  DATA_JSON
} data_kind;

/* Data that the evidence was made for (runtime) or started with (init-time).
 */
typedef struct bound_data {
  data_kind kind;
  bytes bytes;
} bound_data;

typedef enum api_form {
  API_CURRENT, /* 2020-10-01 and later: the answer is {"token":..} */
  API_PREVIEW  /* 2018-09-01-preview: the answer is a bare JSON string */
} api_form;

typedef struct attest_request {
  attestation_type type;
  bytes evidence;
  bound_data runtime, init_time;
  slice draft_policy; /* policy text, or a policy token around it */
  slice nonce;        /* a number stands here as the text that was sent */
  bool has_draft, has_nonce;
  api_form form;
} attest_request;

/* Reads the body of a request. type: from the path that it is posted to.
 *
 * As the service, it compares member names without regard to case, takes
 * base64url with or without padding, a nonce as a string or number, and
 * init-time data without content as absent. It also understands the
 * 2018-09-01-preview form {Quote, EnclaveHeldData, DraftPolicyForAttestation},
 * where EnclaveHeldData is binary runtime data. A member that stands twice is
 * refused; one that no API version knows is noted and ignored.
 *
 * body is copied where needed: *result lives in the arena alone. False: *error
 * holds the refusal. */
bool attest_request_read(arena *a, attestation_type type, slice body,
                         attest_request *result, notes *remarks,
                         service_error *error);

/* "Binary" or "JSON" in any case; false for anything else. */
bool data_kind_from_name(slice name, data_kind *kind);

#endif
