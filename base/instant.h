/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a time as RFC 3339 section 5.6 writes it (2021-07-16T18:33:30Z, an
 * offset is allowed, fractions of a second are dropped) into seconds since the
 * epoch. False if the text is none, or there is no such day. */
bool instant_parse(const char *text, int64_t *seconds);

#endif
