/* SPDX-License-Identifier: Apache-2.0 */
/* What the form of the status page sends. */
#ifndef SERVE_FORM_H
#define SERVE_FORM_H

#include "base/buffer.h"

/* The field of a form (application/x-www-form-urlencoded), CR LF as LF, with a
 * NUL behind it; empty if there is none. False: a wrong %xx. */
bool form_field(arena *a, slice form, const char *name, slice *result);

#endif
