/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUITE_MARKUP_H
#define SUITE_MARKUP_H

#include "base/buffer.h"

/* Text inside of an element or a quoted attribute, of XML or HTML. What XML
 * 1.0 does not allow (controls, U+FFFE, U+FFFF, bytes that are no UTF-8)
 * becomes U+FFFD; marks that change the direction of text become [U+202E],
 * so that nobody is shown another order. */
void markup_escape(buffer *out, slice text);

#endif
