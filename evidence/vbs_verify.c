/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the secure kernel of the machine that the TPM measured signed the
 * report of an enclave, for this message. Its key stands in the log, in the
 * Windows event VSM_IDKS_INFO (wbcl.h, SIPAEVENT_VSM_IDK_INFO_PAYLOAD). */
#include "evidence/tpm_verify.h"
#include "sign/digest.h"

enum {
  EVENT_TAG = 6,
  SIPA_IDKS_INFO = 0x50023,
  SIPA_AGGREGATION = 0x40010000, /* mask of ids that hold other events */
  SIPA_DEPTH_MAX = 8,
  IDK_HEADER_BYTES = 16
};

/* PCRs of Windows' start, and of a dynamic launch. */
#define KEY_PCRS                                                               \
  (UINT32_C(1) << 12 | UINT32_C(1) << 13 | UINT32_C(1) << 14 |                 \
   UINT32_C(1) << 19 | UINT32_C(1) << 20)

typedef struct key_search {
  verifier *v;
  const tpm_request *request;
  size_t key_count; /* keys that were met */
  bool holds;       /* one of them signed the report */
} key_search;

/* {algorithm, bits, length of the exponent, of the modulus, both numbers
 * big-endian}; all in little-endian words of 4 bytes. */
static public_key *read_key(arena *a, bytes info) {
  const char *reason;
  if (info.length < IDK_HEADER_BYTES)
    return NULL;
  uint64_t bits = little_endian((bytes){info.data + 4, 4});
  uint64_t exponent = little_endian((bytes){info.data + 8, 4});
  uint64_t modulus = little_endian((bytes){info.data + 12, 4});
  if (exponent + modulus != info.length - IDK_HEADER_BYTES || modulus == 0 ||
      exponent == 0 || bits < RSA_BITS_SECURE || bits > modulus * 8)
    return NULL;
  const uint8_t *numbers = info.data + IDK_HEADER_BYTES;
  return public_key_from_rsa(a, (bytes){numbers + exponent, (size_t)modulus},
                             (bytes){numbers, (size_t)exponent}, &reason);
}

static void try_key(key_search *s, bytes info) {
  const vbs_report *report = &s->request->vbs;
  public_key *key = read_key(s->v->arena, info);
  if (!key || public_key_bits(key) < RSA_BITS_SECURE)
    return;
  s->key_count++;
  if (public_key_verify_any_salt(key, JWS_PS256, report->statement,
                                 report->signature))
    s->holds = true;
}

/* Tagged events: id, length, data, the next; aggregations hold such a list. */
static void search_list(key_search *s, bytes list, unsigned depth) {
  while (list.length >= 8 && depth < SIPA_DEPTH_MAX) {
    uint64_t id = little_endian((bytes){list.data, 4});
    uint64_t length = little_endian((bytes){list.data + 4, 4});
    if (length > list.length - 8)
      return;
    bytes data = {list.data + 8, (size_t)length};
    if (id == SIPA_IDKS_INFO)
      try_key(s, data);
    else if ((id & SIPA_AGGREGATION) == SIPA_AGGREGATION)
      search_list(s, data, depth + 1);
    list = (bytes){data.data + data.length, list.length - 8 - data.length};
  }
}

/* The data hashes to the digest of each bank: nothing else was measured. */
static bool was_measured(const tcg_log *log, const tcg_event *event) {
  uint8_t hash[DIGEST_BYTES_MAX];
  digest_algorithm algorithm;
  for (size_t i = 0; i < log->bank_count; i++)
    if (!tpm_hash_algorithm(log->banks[i].algorithm, &algorithm) ||
        !digest(algorithm, event->data, hash) ||
        memcmp(hash, event->digests[i], log->banks[i].length) != 0)
      return false;
  return log->bank_count > 0;
}

static void search_log(key_search *s, const tpm_state *state) {
  event_logs logs = tpm_quoted_logs(s->v->arena, state);
  for (size_t i = 0; logs.boot && i < logs.boot->event_count; i++) {
    const tcg_event *event = &logs.boot->events[i];
    if (event->type == EVENT_TAG && KEY_PCRS >> event->pcr & 1 &&
        was_measured(logs.boot, event))
      search_list(s, event->data, 0);
  }
}

static bool check_signature(verifier *v, const tpm_request *request) {
  static const char what[] = "VBS report: signature";
  static const char with[] = "VSM_IDKS_INFO of the log";
  key_search s = {.v = v, .request = request};
  search_log(&s, &request->current);
  if (request->has_boot)
    search_log(&s, &request->boot);
  if (s.key_count == 0)
    return verify_step(v, false, what, NULL,
                       "no measured event tells the secure kernel's key "
                       "(VSM_IDKS_INFO)");
  return verify_step(v, s.holds, what, with,
                     s.holds ? "RSA-PSS with SHA-256 over the statement"
                             : "it is not this key's over the statement");
}

bool vbs_verify(verifier *v, const tpm_request *request) {
  uint8_t hash[DIGEST_BYTES_MAX];
  bool holds =
      digest(DIGEST_SHA512, bytes_from_slice(request->report_signed), hash) &&
      bytes_equal((bytes){hash, VBS_DATA_BYTES},
                  vbs_bytes(&request->vbs, VBS_ENCLAVE_DATA));
  return check_signature(v, request) &&
         verify_step(v, holds, "VBS report: enclave data", NULL,
                     holds ? "SHA-512 of report_signed"
                           : "it is not SHA-512 of report_signed");
}
