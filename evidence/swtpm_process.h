/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a TPM in software, and the way to it. */
#ifndef EVIDENCE_SWTPM_PROCESS_H
#define EVIDENCE_SWTPM_PROCESS_H

#include <sys/types.h>

#include "evidence/evidence.h"

typedef struct swtpm_process {
  char directory[64];
  char socket_path[96];
  pid_t pid;  /* 0: not started */
  int socket; /* -1: not connected */
} swtpm_process;

/* Starts swtpm and connects to it. It is ended, and its directory removed,
 * with the arena. NULL: *error says why. */
swtpm_process *swtpm_process_start(arena *a, evidence_error *error);

/* Sends a command and receives the response, of `size` bytes at most; the
 * number of its bytes, or 0 where the connection failed. */
size_t swtpm_process_ask(swtpm_process *p, bytes command, uint8_t *response,
                         size_t size);

#endif
