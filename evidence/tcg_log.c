/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tcg_log.h"

#include "base/limits.h"

enum {
  SHA1_BYTES = 20,
  SPEC_ID_HEAD_BYTES = 24, /* signature to uintnSize */
  DYNAMIC_FIRST = 17,      /* PCRs of a dynamic launch */
  DYNAMIC_LAST = 22
};

#define DYNAMIC_PCRS                                                           \
  (((uint32_t)1 << (DYNAMIC_LAST + 1)) - ((uint32_t)1 << DYNAMIC_FIRST))

/* Signatures with their NUL. */
static const char spec_id_03[16] = "Spec ID Event03";
static const char startup_locality[16] = "StartupLocality";

static uint32_t read_u32(byte_reader *r, const char *field) {
  return (uint32_t)reader_number(r, 4, field);
}

static uint16_t read_u16(byte_reader *r, const char *field) {
  return (uint16_t)reader_number(r, 2, field);
}

static bool begins_with(bytes data, const char signature[16]) {
  return data.length >= 16 && memcmp(data.data, signature, 16) == 0;
}

size_t tcg_log_bank(const tcg_log *log, uint16_t algorithm) {
  size_t i = 0;
  while (i < log->bank_count && log->banks[i].algorithm != algorithm)
    i++;
  return i;
}

/* Adds a bank. An unknown hash only has to have a length, so that its digests
 * can be passed over. */
static void read_bank(byte_reader *r, tcg_log *log) {
  size_t at = r->position;
  tcg_bank bank;
  bank.algorithm = read_u16(r, "the algorithm of a bank");
  bank.length = read_u16(r, "the digest length of a bank");
  if (tcg_log_bank(log, bank.algorithm) < log->bank_count)
    reader_fail(r, EVIDENCE_FORMAT, at, "bank %04x stands twice",
                bank.algorithm);
  digest_algorithm known;
  bool right = tpm_hash_algorithm(bank.algorithm, &known)
                   ? bank.length == digest_length(known)
                   : bank.length > 0 && bank.length <= DIGEST_BYTES_MAX;
  if (!right)
    reader_fail(r, EVIDENCE_LENGTH, at + 2, "digests of %u bytes in bank %04x",
                bank.length, bank.algorithm);
  if (!r->failed)
    log->banks[log->bank_count++] = bank;
}

/* TCG_EfiSpecIDEvent: the data of the first record of a crypto-agile log. */
static void read_spec_id(byte_reader *r, tcg_log *log) {
  reader_take(r, SPEC_ID_HEAD_BYTES, "the head");
  size_t count_at = r->position;
  uint32_t count = read_u32(r, "the number of banks");
  if (count == 0 || count > TCG_BANKS_MAX)
    reader_fail(r, EVIDENCE_FORMAT, count_at,
                "%u banks, but 1 to %d are wanted", (unsigned)count,
                TCG_BANKS_MAX);
  for (uint32_t i = 0; i < count && !r->failed; i++)
    read_bank(r, log);
  size_t vendor = (size_t)reader_number(r, 1, "the vendor's length");
  reader_take(r, vendor, "the vendor's information");
  if (!r->failed && reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, r->position,
                "%zu bytes lie behind the vendor's information",
                reader_left(r));
}

/* PCR and type. Measurements must be of a PCR that exists; an EV_NO_ACTION may
 * stand with ffffffff (as those of NIST SP 800-155 do). */
static void read_event_head(byte_reader *r, tcg_event *event) {
  event->offset = r->position;
  event->pcr = read_u32(r, "the PCR of an event");
  event->type = read_u32(r, "the type of an event");
  if (event->pcr >= TCG_PCR_COUNT && event->type != TCG_EV_NO_ACTION)
    reader_fail(r, EVIDENCE_FORMAT, event->offset,
                "an event of PCR %u, but %d is the last", (unsigned)event->pcr,
                TCG_PCR_COUNT - 1);
}

static void read_event_data(byte_reader *r, tcg_event *event) {
  size_t length = read_u32(r, "the length of an event");
  event->data = reader_take(r, length, "the data of an event");
}

/* TCG_PCClientPCREvent: one SHA-1 digest without its algorithm. */
static void read_event_sha1(byte_reader *r, tcg_event *event) {
  const uint8_t **digests = ARENA_NEW(r->arena, const uint8_t *);
  read_event_head(r, event);
  digests[0] = reader_take(r, SHA1_BYTES, "the digest of an event").data;
  event->digests = digests;
  read_event_data(r, event);
}

/* One digest of TPML_DIGEST_VALUES, put where its bank has its place. */
static void read_digest(byte_reader *r, const tcg_log *log,
                        const uint8_t **digests) {
  size_t at = r->position;
  uint16_t algorithm = read_u16(r, "the algorithm of a digest");
  size_t bank = tcg_log_bank(log, algorithm);
  if (bank == log->bank_count) {
    reader_fail(r, EVIDENCE_FORMAT, at,
                "a digest of %04x, a bank that the log does not have",
                algorithm);
    return;
  }
  if (digests[bank])
    reader_fail(r, EVIDENCE_FORMAT, at, "two digests of %04x in one event",
                algorithm);
  digests[bank] = reader_take(r, log->banks[bank].length, "a digest").data;
}

/* TCG_PCR_EVENT2. With as many digests as banks and none twice, every bank has
 * one: an event that a bank lacks would make its replay a lie. */
static void read_event_agile(byte_reader *r, const tcg_log *log,
                             tcg_event *event) {
  read_event_head(r, event);
  size_t count_at = r->position;
  uint32_t count = read_u32(r, "the number of digests");
  if (count != log->bank_count)
    reader_fail(r, EVIDENCE_FORMAT, count_at,
                "an event with %u digests in a log of %zu banks",
                (unsigned)count, log->bank_count);
  if (r->failed)
    return;
  const uint8_t **digests =
      arena_zalloc(r->arena, log->bank_count * sizeof *digests);
  for (uint32_t i = 0; i < count && !r->failed; i++)
    read_digest(r, log, digests);
  event->digests = digests;
  read_event_data(r, event);
}

/* The first record has the old form in either log. */
static void read_first(byte_reader *r, tcg_log *log, tcg_event *event) {
  read_event_sha1(r, event);
  log->crypto_agile =
      event->type == TCG_EV_NO_ACTION && begins_with(event->data, spec_id_03);
  if (!log->crypto_agile) {
    log->banks[0] = (tcg_bank){TPM_ALG_SHA1, SHA1_BYTES};
    log->bank_count = 1;
    return;
  }
  byte_reader inner = *r;
  inner.base = r->base + r->position - event->data.length;
  inner.position = 0;
  inner.data = event->data;
  inner.structure = "Spec ID event";
  read_spec_id(&inner, log);
  r->failed = inner.failed;
  event->digests = NULL;
}

/* The locality is part of PCR 0 only if the TPM had it before the first
 * measurement; elsewhere it would be believed without an effect. */
static void note_locality(byte_reader *r, tcg_log *log, uint32_t measured,
                          const tcg_event *event) {
  if (r->failed || event->pcr != 0 || event->type != TCG_EV_NO_ACTION ||
      !begins_with(event->data, startup_locality))
    return;
  if (event->data.length != 17)
    reader_fail(r, EVIDENCE_LENGTH, event->offset,
                "a StartupLocality event of %zu bytes, but 17 are wanted",
                event->data.length);
  else if (measured & 1)
    reader_fail(r, EVIDENCE_FORMAT, event->offset,
                "a StartupLocality event behind a measurement of PCR 0");
  else
    log->startup_locality = event->data.data[16];
}

static void read_events(byte_reader *r, tcg_log *log) {
  tcg_event *events = NULL;
  size_t capacity = 0;
  uint32_t measured = 0;
  do {
    events = arena_grow(r->arena, events, log->event_count, &capacity,
                        sizeof *events);
    tcg_event *event = &events[log->event_count];
    *event = (tcg_event){0};
    if (log->event_count++ == 0)
      read_first(r, log, event);
    else if (log->crypto_agile)
      read_event_agile(r, log, event);
    else
      read_event_sha1(r, event);
    note_locality(r, log, measured, event);
    if (event->type != TCG_EV_NO_ACTION && !r->failed)
      measured |= (uint32_t)1 << event->pcr;
  } while (!r->failed && reader_left(r) > 0);
  log->events = events;
}

bool tcg_log_read(arena *a, bytes raw, tcg_log *log, evidence_error *error) {
  *log = (tcg_log){0};
  if (raw.length > LIMIT_EVIDENCE_BYTES)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0,
                         "an event log of %zu bytes, but %d are the most",
                         raw.length, LIMIT_EVIDENCE_BYTES);
  byte_reader r = reader_over(a, raw, "TCG event log", error);
  read_events(&r, log);
  return !r.failed;
}

static uint32_t measured_pcrs(const tcg_log *log) {
  uint32_t measured = 0;
  for (size_t i = 0; i < log->event_count; i++)
    if (log->events[i].type != TCG_EV_NO_ACTION)
      measured |= (uint32_t)1 << log->events[i].pcr;
  return measured;
}

static void start_pcrs(const tcg_log *log, tcg_pcrs *pcrs) {
  pcrs->measured = measured_pcrs(log);
  if (!(pcrs->measured & DYNAMIC_PCRS))
    for (size_t i = DYNAMIC_FIRST; i <= DYNAMIC_LAST; i++)
      memset(pcrs->values[i], 0xff, pcrs->length);
  pcrs->values[0][pcrs->length - 1] = log->startup_locality;
}

bool tcg_extend(digest_algorithm algorithm, uint8_t *pcr, const uint8_t *hash) {
  uint8_t both[2 * DIGEST_BYTES_MAX];
  size_t length = digest_length(algorithm);
  memcpy(both, pcr, length);
  memcpy(both + length, hash, length);
  return digest(algorithm, (bytes){both, 2 * length}, pcr);
}

bool tcg_log_replay(const tcg_log *log, uint16_t algorithm, tcg_pcrs *pcrs) {
  *pcrs = (tcg_pcrs){0};
  digest_algorithm hash;
  size_t bank = tcg_log_bank(log, algorithm);
  if (bank == log->bank_count || !tpm_hash_algorithm(algorithm, &hash))
    return false;
  pcrs->length = log->banks[bank].length;
  start_pcrs(log, pcrs);
  for (size_t i = 0; i < log->event_count; i++) {
    const tcg_event *event = &log->events[i];
    if (event->type != TCG_EV_NO_ACTION &&
        !tcg_extend(hash, pcrs->values[event->pcr], event->digests[bank]))
      return false;
  }
  return true;
}

const char *tcg_event_type_name(uint32_t type) {
  static const struct {
    uint32_t type;
    const char *name;
  } rows[] = {
#define TYPE(number, name) {number, #name},
      TCG_EVENT_TYPES(TYPE)
#undef TYPE
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].type == type)
      return rows[i].name;
  return NULL;
}
