/* SPDX-License-Identifier: Apache-2.0 */
/* One line of JSON for every request. Tokens and bodies are never written. */
#ifndef SERVE_ACCESS_LOG_H
#define SERVE_ACCESS_LOG_H

#include "serve/call.h"

void access_log_write(const call *c, slice request_id, int64_t microseconds);

#endif
