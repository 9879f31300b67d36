/* SPDX-License-Identifier: Apache-2.0 */
/* What the service answers, read without trusting any of it. */
#ifndef REMOTE_ANSWER_H
#define REMOTE_ANSWER_H

#include "base/value.h"

/* The token of {"token":".."}, of {"policy":".."} or of a bare JSON string
 * (2018-09-01-preview), or the data of {"data":".."} (Tpm), which is no token.
 * False if there is none. */
bool reply_token(arena *a, slice body, slice *token, bool *is_data);

typedef struct reply_error {
  slice code, text; /* of {"error":{"code","message"}}; may be empty */
} reply_error;

/* False if the body has another form. */
bool reply_error_read(arena *a, slice body, reply_error *error);

/* Where the service's parser stopped: "Line: '2', Column: '1'" in its message.
 * False if it does not say. */
bool reply_place(slice message, unsigned *line, unsigned *column);

/* What went wrong, out of the frames that the enclave puts around it: the text
 * in "Msg:[..]" of the first frame, else the message's first line. */
slice reply_reason(slice message);

/* A JWS that holds nothing: no policy was set. */
bool reply_is_empty_token(slice token);

#endif
