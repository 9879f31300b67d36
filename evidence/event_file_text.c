/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs for people. */
#include "base/render.h"
#include "evidence/event_file.h"

enum {
  CELLS_MAX = 100,  /* of a value */
  TEXT_DEPTH_MAX = 4 /* of groups that get lines of their own */
};

/* What stands for an object in a list, if it has one of these. */
static const char *const headlines[] = {"EVENT_FILEPATH", "Subject", "Digest",
                                        "Name"};

/* A value on one line, cut. */
static void add_cut(buffer *out, const value *v) {
  buffer json = buffer_in(out->arena);
  json_write(&json, v);
  slice shown = buffer_slice(&json);
  bool whole = shown.length <= CELLS_MAX;
  if (!whole)
    shown.length = CELLS_MAX;
  while (!whole && (shown.data[shown.length] & 0xc0) == 0x80)
    shown.length--;
  render_escaped(out, shown);
  if (!whole)
    buffer_text(out, " ..");
}

static void add_item(buffer *out, const value *item, unsigned depth) {
  const value *shown = NULL;
  for (size_t i = 0; !shown && i < sizeof headlines / sizeof *headlines; i++)
    shown = value_member(item, slice_from(headlines[i]));
  buffer_printf(out, "%*s", (int)(2 * depth) + 12, "");
  add_cut(out, shown ? shown : item);
  buffer_char(out, '\n');
}

static bool is_group(const value *v) {
  return v->kind == VALUE_OBJECT && v->count > 1;
}

static bool is_list_of_groups(const value *v) {
  return v->kind == VALUE_ARRAY && v->count > 0 && is_group(&v->items[0]);
}

static void add_members(buffer *out, const value *object, unsigned depth);

static void add_member(buffer *out, const member *m, unsigned depth) {
  buffer_printf(out, "%*s", (int)(2 * depth) + 10, "");
  render_escaped(out, member_name(m));
  if (depth < TEXT_DEPTH_MAX && is_group(&m->value)) {
    buffer_char(out, '\n');
    add_members(out, &m->value, depth + 1);
    return;
  }
  if (depth < TEXT_DEPTH_MAX && is_list_of_groups(&m->value)) {
    buffer_printf(out, " (%u)\n", m->value.count);
    for (uint32_t i = 0; i < m->value.count; i++)
      add_item(out, &m->value.items[i], depth);
    return;
  }
  buffer_text(out, " = ");
  add_cut(out, &m->value);
  buffer_char(out, '\n');
}

/* Calls itself no deeper than TEXT_DEPTH_MAX. */
static void add_members(buffer *out, const value *object, unsigned depth) {
  for (uint32_t i = 0; object && i < object->count; i++)
    add_member(out, &object->members[i], depth);
}

static void add_event(buffer *out, const value *event) {
  const value *unproven = value_member(event, SLICE("UnprovenData"));
  buffer_printf(
      out, "%5lld %3lld  %.*s\n",
      (long long)value_member(event, SLICE("EventSeq"))->integer,
      (long long)value_member(event, SLICE("PcrIndex"))->integer,
      SLICE_ARGS(value_string(value_member(event, SLICE("EventTypeString")))));
  add_members(out, value_member(event, SLICE("ProcessedData")), 0);
  if (unproven && unproven->count > 0) {
    buffer_printf(out, "%10snot proven by the digest:\n", "");
    add_members(out, unproven, 1);
  }
}

static void add_pcr(buffer *out, const value *pcr) {
  const value *digests = value_member(pcr, SLICE("Digests"));
  for (uint32_t i = 0; i < digests->count; i++)
    buffer_printf(out, "%5s %3lld  %-7.*s%.*s\n", "",
                  (long long)value_member(pcr, SLICE("Index"))->integer,
                  SLICE_ARGS(member_name(&digests->members[i])),
                  SLICE_ARGS(value_string(&digests->members[i].value)));
}

static void add_title(buffer *out, const event_file *f) {
  if (f->has_boot)
    buffer_printf(out, "TCG event log, %s, %zu events\n",
                  f->boot.crypto_agile ? "crypto-agile" : "SHA-1",
                  f->boot.event_count);
  if (f->has_ima)
    buffer_printf(out, "IMA measurement list, %s, %zu events\n",
                  f->ima.is_ascii ? "ASCII" : "binary", f->ima.event_count);
}

bool event_file_show_text(buffer *out, const event_file *f,
                          evidence_error *error) {
  value dump;
  if (!event_file_show(out->arena, f, &dump, error))
    return false;
  const value *events = value_member(&dump, SLICE("Events"));
  const value *pcrs = value_member(&dump, SLICE("PCRs"));
  const value *check = value_member(&dump, SLICE("check"));
  const value *reason = value_member(check, SLICE("reason"));
  add_title(out, f);
  buffer_printf(out, "\n%5s %3s  %s\n", "event", "PCR", "type and data");
  for (uint32_t i = 0; i < events->count; i++)
    add_event(out, &events->items[i]);
  buffer_text(out, "\nPCRs after the logs\n");
  for (uint32_t i = 0; i < pcrs->count; i++)
    add_pcr(out, &pcrs->items[i]);
  buffer_text(out, "\ncheck: ");
  if (reason)
    render_escaped(out, value_string(reason));
  else
    buffer_text(out, "data that policies rely on is what was measured");
  buffer_text(out, "\nsignatures: a log has none; a quote of these PCRs proves "
                   "it\n");
  return true;
}
