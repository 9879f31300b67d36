/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/event_claims.h"

#include "base/limits.h"
#include "evidence/event_data.h"
#include "evidence/event_proof.h"
#include "evidence/event_text.h"
#include "evidence/ima_claims.h"

/* Names of banks in `Digests`. */
static const struct {
  uint16_t algorithm;
  const char *name;
} banks[] = {{TPM_ALG_SHA1, "SHA1"},
             {TPM_ALG_SHA256, "SHA256"},
             {TPM_ALG_SHA384, "SHA384"},
             {TPM_ALG_SHA512, "SHA512"}};

static slice bank_name(arena *a, uint16_t algorithm) {
  buffer text = buffer_in(a);
  for (size_t i = 0; i < sizeof banks / sizeof *banks; i++)
    if (banks[i].algorithm == algorithm)
      return slice_from(banks[i].name);
  buffer_printf(&text, "0x%04x", algorithm);
  return buffer_slice(&text);
}

/* --- one event ------------------------------------------------------------ */

static value type_string(arena *a, uint32_t type) {
  const char *name = tcg_event_type_name(type);
  buffer text = buffer_in(a);
  if (name)
    return value_text(slice_from(name));
  buffer_printf(&text, "0x%08x", (unsigned)type);
  return value_text(buffer_slice(&text));
}

static value boot_digests(arena *a, const tcg_log *log, const tcg_event *e) {
  object_builder o = object_in(a);
  for (size_t i = 0; e->digests && i < log->bank_count; i++)
    object_set(&o, bank_name(a, log->banks[i].algorithm),
               event_hex(a, (bytes){e->digests[i], log->banks[i].length}));
  return object_value(&o);
}

static value boot_event(arena *a, const tcg_log *log, const tcg_event *e,
                        bool with_unproven) {
  object_builder o = object_in(a);
  event_proof proof = event_prove(a, log, e);
  object_set(&o, SLICE("EventSeq"), value_integer(e - log->events));
  object_set(&o, SLICE("PcrIndex"), value_integer(e->pcr));
  object_set(&o, SLICE("EventType"), value_integer(e->type));
  object_set(&o, SLICE("EventTypeString"), type_string(a, e->type));
  object_set(&o, SLICE("Digests"), boot_digests(a, log, e));
  object_set(&o, SLICE("ProcessedData"), event_proven_data(a, e, &proof));
  if (with_unproven && proof.kind == PROOF_NONE)
    object_set(&o, SLICE("UnprovenData"), event_data(a, e->type, e->data));
  return object_value(&o);
}

static value ima_event_value(arena *a, const ima_log *log, const ima_event *e,
                             int64_t number) {
  object_builder o = object_in(a), digests = object_in(a);
  object_set(&digests, bank_name(a, log->algorithm),
             event_hex(a, e->template_digest));
  object_set(&o, SLICE("EventSeq"), value_integer(number));
  object_set(&o, SLICE("PcrIndex"), value_integer(e->pcr));
  object_set(&o, SLICE("EventTypeString"),
             value_text(SLICE("IMA_MEASUREMENT_EVENT")));
  object_set(&o, SLICE("Digests"), object_value(&digests));
  object_set(&o, SLICE("ProcessedData"), ima_event_data(a, e));
  return object_value(&o);
}

/* --- all ------------------------------------------------------------------ */

static bool list(arena *a, const event_logs *logs, bool with_unproven,
                 value *result, evidence_error *error) {
  size_t boot_count = logs->boot ? logs->boot->event_count : 0;
  size_t ima_count = logs->ima ? logs->ima->event_count : 0;
  array_builder events = array_in(a);
  object_builder o = object_in(a);
  if (boot_count + ima_count > LIMIT_EVENTS)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0,
                         "%zu events, but %d are the most",
                         boot_count + ima_count, LIMIT_EVENTS);
  for (size_t i = 0; i < boot_count; i++)
    array_add(&events, boot_event(a, logs->boot, &logs->boot->events[i],
                                  with_unproven));
  for (size_t i = 0; i < ima_count; i++)
    array_add(&events, ima_event_value(a, logs->ima, &logs->ima->events[i],
                                       (int64_t)(boot_count + i)));
  object_set(&o, SLICE("Events"), array_value(&events));
  *result = object_value(&o);
  return true;
}

bool event_logs_check(arena *a, const event_logs *logs,
                      evidence_error *error) {
  return !logs->boot || event_check_boot(a, logs->boot, error);
}

bool event_claims(arena *a, const event_logs *logs, value *events,
                  evidence_error *error) {
  return event_logs_check(a, logs, error) &&
         list(a, logs, false, events, error);
}

bool event_list(arena *a, const event_logs *logs, value *events,
                evidence_error *error) {
  return list(a, logs, false, events, error);
}

bool event_list_told(arena *a, const event_logs *logs, value *events,
                     evidence_error *error) {
  return list(a, logs, true, events, error);
}

/* --- PCRs ----------------------------------------------------------------- */

bool event_logs_replay(const event_logs *logs, uint16_t algorithm,
                       ima_extension extension, tcg_pcrs *pcrs) {
  digest_algorithm hash;
  static const tcg_log no_events = {0};
  if (!tpm_hash_algorithm(algorithm, &hash))
    return false;
  if (logs->boot) {
    if (!tcg_log_replay(logs->boot, algorithm, pcrs))
      return false;
  } else {
    tcg_log empty = no_events;
    empty.banks[0] = (tcg_bank){algorithm, (uint16_t)digest_length(hash)};
    empty.bank_count = 1;
    if (!tcg_log_replay(&empty, algorithm, pcrs))
      return false;
  }
  return !logs->ima || ima_log_extend(logs->ima, algorithm, extension, pcrs);
}

static value pcr_value(arena *a, const event_bank *told, size_t count,
                       size_t index) {
  object_builder o = object_in(a), digests = object_in(a);
  for (size_t i = 0; i < count; i++)
    if (told[i].mask >> index & 1)
      object_set(&digests, bank_name(a, told[i].algorithm),
                 event_hex(a, (bytes){told[i].pcrs->values[index],
                                      told[i].pcrs->length}));
  object_set(&o, SLICE("Index"), value_integer((int64_t)index));
  object_set(&o, SLICE("Digests"), object_value(&digests));
  return object_value(&o);
}

value event_pcrs(arena *a, const event_bank *told, size_t count) {
  object_builder o = object_in(a);
  array_builder pcrs = array_in(a);
  uint32_t all = 0;
  for (size_t i = 0; i < count; i++)
    all |= told[i].mask;
  for (size_t index = 0; index < TCG_PCR_COUNT; index++)
    if (all >> index & 1)
      array_add(&pcrs, pcr_value(a, told, count, index));
  object_set(&o, SLICE("PCRs"), array_value(&pcrs));
  return object_value(&o);
}

/* --- asking --------------------------------------------------------------- */

/* The PCR of an event of that type with ProcessedData; NULL for another. */
static const value *data_of(const value *event, const char *type,
                            uint32_t mask) {
  const value *pcr = value_member(event, SLICE("PcrIndex"));
  const value *name = value_member(event, SLICE("EventTypeString"));
  if (!pcr || pcr->integer < 0 || pcr->integer >= TCG_PCR_COUNT ||
      !(mask >> pcr->integer & 1) || !name ||
      !slice_is(value_string(name), type))
    return NULL;
  return value_member(event, SLICE("ProcessedData"));
}

/* A value, or each of several (sipa_events.h). */
static void add_values(array_builder *result, const value *v) {
  if (v && v->kind == VALUE_ARRAY)
    for (uint32_t i = 0; i < v->count; i++)
      array_add(result, v->items[i]);
  else if (v)
    array_add(result, *v);
}

value event_values(arena *a, const value *events, uint32_t mask, slice name) {
  array_builder result = array_in(a);
  const value *items = value_member(events, SLICE("Events"));
  for (uint32_t i = 0; items && i < items->count; i++) {
    const value *data = data_of(&items->items[i], "EV_EVENT_TAG", mask);
    if (!data)
      continue;
    add_values(&result, value_member(data, name));
    const value *inner = value_member(data, SLICE("EVENT_TRUSTBOUNDARY"));
    if (inner)
      add_values(&result, value_member(inner, name));
  }
  return array_value(&result);
}

static bool member_is(const value *object, const char *name, slice text) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING && slice_equal(value_string(v), text);
}

value event_variables(arena *a, const value *events, uint32_t pcr, slice guid,
                      slice name) {
  array_builder result = array_in(a);
  const value *items = value_member(events, SLICE("Events"));
  for (uint32_t i = 0; items && i < items->count; i++) {
    const value *data =
        data_of(&items->items[i], "EV_EFI_VARIABLE_DRIVER_CONFIG",
                (uint32_t)1 << pcr);
    if (data && member_is(data, "VariableGuid", guid) &&
        member_is(data, "UnicodeName", name))
      add_values(&result, value_member(data, SLICE("VariableData")));
  }
  return array_value(&result);
}
