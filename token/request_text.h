/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be known of a request's text before a JSON reader may see it.
 */
#ifndef TOKEN_REQUEST_TEXT_H
#define TOKEN_REQUEST_TEXT_H

#include "base/arena.h"

typedef struct request_text {
  bool too_deep; /* arrays and objects nest beyond LIMIT_JSON_DEPTH */
  slice nonce;   /* the number behind a member "nonce" of the outermost object,
                  * as written; empty if there is none */
} request_text;

/* Looks at brackets and strings only; whether the text is JSON is not its
 * business. The result points into text. */
request_text request_text_scan(slice text);

#endif
