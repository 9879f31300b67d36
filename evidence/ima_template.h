/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of IMA: which fields an event of a measurement list has. */
#ifndef EVIDENCE_IMA_TEMPLATE_H
#define EVIDENCE_IMA_TEMPLATE_H

#include "evidence/ima_log.h"

/* Fields of a template by its name ("d-ng|n-ng" of "ima-ng"); a name with a
 * bar lists them itself. An empty slice if it is unknown. */
slice ima_template_fields(slice name);

/* Takes the first field off *fields; false if there is none. */
bool ima_next_field(slice *fields, slice *field);

static inline bool ima_is_first_template(slice name) {
  return slice_is(name, "ima");
}

enum {
  IMA_FILE_DIGEST_BYTES = 20,
  IMA_NAME_BYTES = 256 /* of the first template, with zeros behind the name */
};

/* Decodes e->template_data. False: it has not the fields of its template. Of
 * an unknown template nothing is decoded. */
bool ima_decode(arena *a, ima_event *e);

/* Encodes a line's fields (what stands behind the template's name) into
 * e->template_data. False: they cannot be told apart. */
bool ima_encode_line(arena *a, slice text, ima_event *e);

#endif
