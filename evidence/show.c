/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/show.h"

#include "base/render.h"
#include "evidence/certificate.h"
#include "evidence/kinds.h"

void shown_begin(shown *out, const char *name) {
  out->sections = arena_grow(out->arena, out->sections, out->count,
                             &out->capacity, sizeof *out->sections);
  out->sections[out->count++] = (shown_section){.name = name};
}

void shown_add(shown *out, const char *name, bytes where, value v,
               const char *meaning) {
  shown_section *section = &out->sections[out->count - 1];
  section->fields = arena_grow(out->arena, section->fields, section->count,
                               &section->capacity, sizeof *section->fields);
  size_t offset = where.length ? (size_t)(where.data - out->raw.data) : 0;
  section->fields[section->count++] =
      (shown_field){name, offset, where.length, v, meaning};
}

static value hex_value(arena *a, bytes data) {
  buffer text = buffer_in(a);
  buffer_hex(&text, data);
  return value_text(buffer_slice(&text));
}

void shown_hex(shown *out, const char *name, bytes where, const char *meaning) {
  shown_add(out, name, where, hex_value(out->arena, where), meaning);
}

/* "INIT MODE64BIT bit11": unknown bits by number. */
static const char *bit_names(arena *a, uint64_t flags, const field_bit *bits) {
  buffer text = buffer_in(a);
  for (unsigned i = 0; i < 64; i++) {
    if (!(flags >> i & 1))
      continue;
    const field_bit *b = bits;
    while (b->name && b->bit != i)
      b++;
    buffer_text(&text, text.length ? " " : "");
    if (b->name)
      buffer_text(&text, b->name);
    else
      buffer_printf(&text, "bit%u", i);
  }
  return text.length ? buffer_slice(&text).data : NULL;
}

static void shown_row(shown *out, bytes where, const field_row *row,
                      const char *meaning) {
  arena *a = out->arena;
  uint64_t number = row->size <= 8 ? little_endian(where) : 0;
  value v = value_integer((int64_t)number);
  if (row->format == FIELD_FLAGS) {
    buffer text = buffer_in(a);
    buffer_printf(&text, "0x%0*llx", 2 * row->size, (unsigned long long)number);
    v = value_text(buffer_slice(&text));
    meaning = bit_names(a, number, row->bits);
  } else if (row->format != FIELD_NUMBER) {
    v = hex_value(a, where);
  }
  if (row->format == FIELD_RESERVED)
    meaning = "reserved, should be zero";
  shown_add(out, row->name, where, v, meaning);
}

void shown_table(shown *out, bytes structure, const field_row *rows,
                 size_t count,
                 const char *(*meaning_of)(const field_row *, bytes)) {
  for (size_t i = 0; i < count; i++) {
    bytes where = field_bytes(structure, &rows[i]);
    if (rows[i].format != FIELD_RESERVED || !bytes_are_zero(where))
      shown_row(out, where, &rows[i],
                meaning_of ? meaning_of(&rows[i], structure) : NULL);
  }
}

void shown_certificate(shown *out, const X509 *certificate, size_t number) {
  const bytes nowhere = {NULL, 0};
  arena *a = out->arena;
  buffer name = buffer_in(a);
  buffer_printf(&name, "certificate-%zu", number);
  shown_begin(out, buffer_slice(&name).data);
  shown_add(out, "subject", nowhere,
            value_text(certificate_subject(a, certificate)), NULL);
  shown_add(out, "issuer", nowhere,
            value_text(certificate_issuer(a, certificate)), NULL);
  shown_add(out, "serial", nowhere,
            value_text(certificate_serial(a, certificate)), NULL);
  shown_add(out, "not-before", nowhere,
            value_text(certificate_not_before(a, certificate)), NULL);
  shown_add(out, "not-after", nowhere,
            value_text(certificate_not_after(a, certificate)), NULL);
}

static shown list_fields(arena *a, const evidence *e) {
  shown list = {.arena = a, .raw = e->raw};
  const evidence_kind *kind = evidence_kind_of(e->type);
  if (kind)
    kind->show(e, &list);
  return list;
}

static const char *structure_name(const evidence *e) {
  const evidence_kind *kind = evidence_kind_of(e->type);
  return kind ? kind->structure : "evidence";
}

static const char *status_text(verification_status status) {
  switch (status) {
  case VERIFICATION_FAILED:
    return "verification failed";
  case VERIFICATION_SIGNATURE:
    return "signatures verified";
  case VERIFICATION_FULL:
    return "fully verified";
  case VERIFICATION_NOT_DONE:
    break;
  }
  return "not verified";
}

static value field_value(arena *a, const shown_field *f) {
  object_builder object = object_in(a);
  if (f->length) {
    object_set(&object, SLICE("offset"), value_integer((int64_t)f->offset));
    object_set(&object, SLICE("length"), value_integer((int64_t)f->length));
  }
  object_set(&object, SLICE("value"), f->value);
  if (f->meaning)
    object_set(&object, SLICE("meaning"), value_text(slice_from(f->meaning)));
  return object_value(&object);
}

static value section_value(arena *a, const shown_section *section) {
  object_builder object = object_in(a);
  for (size_t i = 0; i < section->count; i++)
    object_set(&object, slice_from(section->fields[i].name),
               field_value(a, &section->fields[i]));
  return object_value(&object);
}

static value verification_value(arena *a, const evidence_verification *v) {
  object_builder object = object_in(a);
  object_set(&object, SLICE("status"),
             value_text(slice_from(status_text(v->status))));
  if (v->reason)
    object_set(&object, SLICE("reason"), value_text(slice_from(v->reason)));
  return object_value(&object);
}

value evidence_show(arena *a, const evidence *e) {
  shown list = list_fields(a, e);
  object_builder sections = object_in(a), object = object_in(a);
  for (size_t i = 0; i < list.count; i++)
    object_set(&sections, slice_from(list.sections[i].name),
               section_value(a, &list.sections[i]));
  object_set(&object, SLICE("type"),
             value_text(slice_from(attestation_type_name(e->type))));
  object_set(&object, SLICE("structure"),
             value_text(slice_from(structure_name(e))));
  object_set(&object, SLICE("bytes"), value_integer((int64_t)e->raw.length));
  object_set(&object, SLICE("fields"), object_value(&sections));
  object_set(&object, SLICE("claims"), e->claims);
  object_set(&object, SLICE("verification"),
             verification_value(a, &e->verification));
  return object_value(&object);
}

/* JSON inside of evidence may hold what a terminal would obey. */
static void add_json(buffer *out, const value *v) {
  buffer text = buffer_in(out->arena);
  json_write(&text, v);
  render_escaped(out, buffer_slice(&text));
}

/* Strings without quotes. */
static void add_plain(buffer *out, const value *v) {
  if (v->kind == VALUE_STRING)
    render_escaped(out, value_string(v));
  else
    add_json(out, v);
}

static void add_field(buffer *out, const shown_field *f) {
  if (f->length)
    buffer_printf(out, "%7zu %6zu  %-24s ", f->offset, f->length, f->name);
  else
    buffer_printf(out, "%14s  %-24s ", "", f->name);
  add_plain(out, &f->value);
  if (f->meaning)
    buffer_printf(out, "  (%s)", f->meaning);
  buffer_char(out, '\n');
}

static void add_claims(buffer *out, const value *claims) {
  buffer_text(out, "claims\n");
  for (uint32_t i = 0; i < claims->count; i++) {
    const member *m = &claims->members[i];
    buffer_printf(out, "  %.*s = ", SLICE_ARGS(member_name(m)));
    add_json(out, &m->value);
    buffer_char(out, '\n');
  }
}

void evidence_show_text(buffer *out, const evidence *e) {
  shown list = list_fields(out->arena, e);
  buffer_printf(out, "%s, %zu bytes, type %s\n\n", structure_name(e),
                e->raw.length, attestation_type_name(e->type));
  buffer_printf(out, "%7s %6s  %-24s %s\n", "offset", "bytes", "field",
                "value");
  for (size_t i = 0; i < list.count; i++) {
    buffer_printf(out, "%s\n", list.sections[i].name);
    for (size_t k = 0; k < list.sections[i].count; k++)
      add_field(out, &list.sections[i].fields[k]);
  }
  add_claims(out, &e->claims);
  buffer_printf(out, "signatures: %s", status_text(e->verification.status));
  if (e->verification.reason)
    buffer_printf(out, " (%s)", e->verification.reason);
  buffer_char(out, '\n');
}
