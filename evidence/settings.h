/* SPDX-License-Identifier: Apache-2.0 */
/* "FIELD=VALUE" of synthetic evidence: what every kind's recipe needs to take
 * values by name. Functions that return bool fill in *s->error on false. */
#ifndef EVIDENCE_SETTINGS_H
#define EVIDENCE_SETTINGS_H

#include "evidence/decode.h"
#include "evidence/fields.h"

typedef struct setting {
  arena *arena;
  void *recipe; /* the kind's own */
  slice name, text;
  evidence_error *error;
} setting;

/* Takes "FIELD=VALUE" apart. */
bool setting_split(arena *a, void *recipe, slice text, setting *result,
                   evidence_error *error);

/* Fails: there is no such field; names (NULL ends them) are those there are. */
bool setting_unknown(const setting *s, const char *const *names);

/* Fails: "field NAME: WANTED, not TEXT". */
bool setting_refuse(const setting *s, const char *wanted);

/* Exactly so many bytes in hex. */
bool setting_hex(const setting *s, uint8_t *to, size_t size);

/* Decimal, or hexadecimal behind 0x; written little-endian. */
bool setting_number(const setting *s, uint8_t *to, size_t size);

bool setting_boolean(const setting *s, bool *result);

/* "true" or "false" as a bit, counted from the lowest one of *flags. */
bool setting_bit(const setting *s, uint8_t *flags, unsigned bit);

/* Text as it stands, or the content of a file behind @. It counts as JSON if
 * it is an object, unless setting_data_type said what it is. */
bool setting_data(const setting *s, evidence_data *to);

/* "JSON" or "Binary". */
bool setting_data_type(const setting *s, evidence_data *to);

/* setting_data, and its SHA-256 with zeros behind it in the field of size bytes
 * at `field`. */
bool setting_bound_data(const setting *s, evidence_data *to, uint8_t *field,
                        size_t size);

/* A field of a structure, as its row says. */
bool setting_field(const setting *s, uint8_t *structure, const field_row *row);

/* A field that is more than one place in one structure, or none. */
typedef struct setting_rule {
  const char *name;
  bool (*apply)(const setting *s);
} setting_rule;

/* The row of that name; NULL if there is none. */
const field_row *setting_row(const field_row *rows, size_t count, slice name);

/* The fields of a kind. */
typedef struct setting_table {
  const setting_rule *rules;
  size_t count;
  /* A field that no rule has; *found: there is one of that name. */
  bool (*apply_other)(const setting *s, bool *found);
  /* All of them, for messages; NULL ends them. */
  const char *const *(*names)(arena *a);
} setting_table;

/* Takes "FIELD=VALUE" into the recipe by the kind's fields; false: *error says
 * what is wrong. */
bool setting_apply(arena *a, const setting_table *table, void *recipe,
                   slice text, evidence_error *error);

#endif
