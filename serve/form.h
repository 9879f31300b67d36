/* SPDX-License-Identifier: Apache-2.0 */
/* What forms send: of the status page, and of clients that want an access
 * token. */
#ifndef SERVE_FORM_H
#define SERVE_FORM_H

#include "base/buffer.h"

/* The first field of that name in a form (application/x-www-form-urlencoded),
 * in the arena with a NUL behind it; empty if there is none. False: it has a
 * percent sign without two digits, which then stands for itself. */
bool form_field(arena *a, slice form, const char *name, slice *result);

#endif
