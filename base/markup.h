/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of strangers inside HTML and XML. */
#ifndef BASE_MARKUP_H
#define BASE_MARKUP_H

#include "base/buffer.h"

/* Text inside of an element or of a quoted attribute, of XML 1.0 or HTML.
 * Markup becomes entities. Line feeds and tabs stay; what else moves a cursor
 * or changes the direction of text becomes visible as render_escaped has it
 * ("\x1B", "\u202E"), and so does what XML does not allow (bytes that are no
 * UTF-8, U+FFFE, U+FFFF): nobody is shown another text than there is. */
void markup_escape(buffer *out, slice text);

#endif
