/* SPDX-License-Identifier: Apache-2.0 */
/* Messages out of a stream of bytes. Source: Language Server Protocol 3.17,
 * "Base Protocol": header fields, an empty line, Content-Length bytes.
 *
 *   frames f;
 *   frames_init(&f);
 *   frames_add(&f, input);
 *   while ((status = frames_next(&f, &message)) != FRAME_NONE) ...
 *   frames_free(&f);
 */
#ifndef LSP_FRAME_H
#define LSP_FRAME_H

#include "base/buffer.h"

typedef enum frame_status {
  FRAME_NONE,      /* more input is needed */
  FRAME_MESSAGE,
  FRAME_BAD,       /* a header that says no usable length; it was passed over */
  FRAME_TOO_LARGE  /* a message over LIMIT_JSON_BYTES; it is passed over */
} frame_status;

typedef struct frames {
  arena memory; /* of what came in; its guard is the caller's */
  buffer data;
  size_t begin; /* of what was not taken yet */
  size_t skip;  /* bytes of a message that is too large, still to come */
} frames;

void frames_init(frames *f);
void frames_free(frames *f);

/* Copies more input. Allocations that fail jump to f->memory.guard. */
void frames_add(frames *f, slice input);

/* The next message; it holds until frames_add is called. */
frame_status frames_next(frames *f, slice *message);

/* What stands behind the message that was taken, as far as it has come. */
slice frames_ahead(const frames *f);

#endif
