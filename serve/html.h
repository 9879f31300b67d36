/* SPDX-License-Identifier: Apache-2.0 */
/* HTML for the status page, and what its form sends. */
#ifndef SERVE_HTML_H
#define SERVE_HTML_H

#include "base/buffer.h"

/* Text as content of an element or of an attribute in double quotes: markup
 * becomes entities; line feeds and tabs stay, other control characters and
 * those that change the direction of text become visible. */
void html_text(buffer *out, slice text);

/* The field of a form (application/x-www-form-urlencoded), CR LF as LF, with a
 * NUL behind it; empty if there is none. False: a wrong %xx. */
bool html_form_field(arena *a, slice form, const char *name, slice *result);

#endif
