/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to the client and has not gone yet: a client that does not read
 * while it writes must not hold up the server, nor the server it. */
#ifndef CLI_LSP_STREAM_H
#define CLI_LSP_STREAM_H

#include "base/buffer.h"

typedef struct lsp_stream {
  int file;
  bool is_broken; /* nobody reads it */
  arena memory;   /* its guard is the caller's */
  buffer waiting;
  size_t begin; /* of what was not written yet */
} lsp_stream;

void lsp_stream_init(lsp_stream *s, int file, jmp_buf *guard);
void lsp_stream_free(lsp_stream *s);

/* Sends a message with its header, or keeps what the client has no room for. */
void lsp_stream_send(lsp_stream *s, slice message);
/* Writes what can be written now. */
void lsp_stream_flush(lsp_stream *s);
/* Bytes that wait. */
size_t lsp_stream_waiting(const lsp_stream *s);
/* Writes the rest; gives up on a client that takes nothing for some seconds. */
void lsp_stream_end(lsp_stream *s);

#endif
