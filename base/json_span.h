/* SPDX-License-Identifier: Apache-2.0 */
/* Where things stand in a JSON text. Values (base/value.h) know no places;
 * signatures are over the very text of a member, and messages and editors
 * point at one:
 *
 *   json_place place;
 *   json_step steps[] = {{.name = "tests"}, {.number = 2}, {.name = "expect"}};
 *   if (json_find_place(text, steps, 3, &place))
 *     underline(place.name.data - text.data, place.name.length);
 *
 * Nothing is read but what is passed over, and no memory is taken. Any text
 * may be given: of one that is no JSON or ends too early (as while somebody
 * types) each function says what can be told up to there, and never reads
 * beyond its end. Whether it is JSON, only json_read says.
 *
 * Names are compared as they are written: one with escapes is not found by its
 * name, only by its number.
 */
#ifndef BASE_JSON_SPAN_H
#define BASE_JSON_SPAN_H

#include "base/slice.h"

/* Parts of the text that was given, without white space around them. */
typedef struct json_place {
  slice name;  /* of a member, with its quotes; empty for all else */
  slice value; /* empty if none stands there */
} json_place;

/* The text of the value of that member; empty if there is none. object: a text
 * that begins with an object; the first member of that name counts. */
slice json_span(slice object, const char *name);

/* Whether a text begins as an object that has a member of that name at its top
 * level. */
bool json_has_member(slice text, const char *name);

/* Whether that name, in quotes and in any case of ASCII, stands anywhere in a
 * text, be it as a name or as a value: for a first guess what a text may be. */
bool json_mentions(slice text, const char *name);

/* --- paths ---------------------------------------------------------------- */

/* One step inwards: to the member of a name, or with a name of NULL to the item
 * or member of that number, from 0. */
typedef struct json_step {
  const char *name;
  size_t number;
} json_step;

/* Goes that many steps inwards; with none, to the whole value of the text.
 * False: there is no such place, and *result is of the last one that there is,
 * the nearest to point at. */
bool json_find_place(slice text, const json_step *steps, size_t count,
                     json_place *result);

/* --- one after the other -------------------------------------------------- */

/* Stands in an array or object; made by json_enter, its members are its own. */
typedef struct json_cursor {
  const char *at, *end;
  bool is_object;
} json_cursor;

/* Before the first member or item of a value's text; there are none unless it
 * begins with an object or array. */
json_cursor json_enter(slice value);

/* The next member or item; false at the end, or where the text is broken. */
bool json_next(json_cursor *cursor, json_place *child);

#endif
