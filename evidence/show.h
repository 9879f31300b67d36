/* SPDX-License-Identifier: Apache-2.0 */
/* A structure for people and programs: every field with its name, place,
 * value and meaning. A kind lists its fields once; text and JSON are made
 * from that list. */
#ifndef EVIDENCE_SHOW_H
#define EVIDENCE_SHOW_H

#include <openssl/types.h>

#include "evidence/evidence.h"
#include "evidence/fields.h"

typedef struct shown_field {
  const char *name;
  size_t offset, length; /* in the evidence; length 0: derived, no place */
  value value;
  const char *meaning; /* or NULL */
} shown_field;

typedef struct shown_section {
  const char *name; /* of a member in the JSON: "qe-report" */
  shown_field *fields;
  size_t count, capacity;
} shown_section;

typedef struct shown {
  arena *arena;
  bytes raw; /* offsets count from here */
  shown_section *sections;
  size_t count, capacity;
} shown;

/* Later fields belong to this section; the name must stay. */
void shown_begin(shown *out, const char *name);

/* A field that lies at `where` inside the evidence, or, with where empty, one
 * that is derived. meaning may be NULL. */
void shown_add(shown *out, const char *name, bytes where, value v,
               const char *meaning);

/* The same with the bytes themselves as lower-case hex. */
void shown_hex(shown *out, const char *name, bytes where, const char *meaning);

/* Every row of a table over its structure. Reserved bytes only if they are not
 * zero. meaning_of(row, structure) may be NULL, and may return NULL. */
void shown_table(shown *out, bytes structure, const field_row *rows,
                 size_t count,
                 const char *(*meaning_of)(const field_row *, bytes));

/* A section "certificate-NUMBER": names, serial and validity. */
void shown_certificate(shown *out, const X509 *certificate, size_t number);

/* The dump of parsed evidence as an object:
 * {"type", "structure", "bytes", "fields": {SECTION: {FIELD: {"offset",
 * "length", "value", "meaning"}}}, "claims", "verification"}. */
value evidence_show(arena *a, const evidence *e);

/* The same as text; the last line says how far it is verified. */
void evidence_show_text(buffer *out, const evidence *e);

#endif
