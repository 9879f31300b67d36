/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/guest_info.h"

#include "base/base64.h"
#include "base/json_span.h"
#include "base/text.h"

typedef struct info_reader {
  arena *arena;
  bytes raw;
  evidence_error *error;
} info_reader;

/* Where a string stands in the text; 0 if it has escapes, or there is none. */
static size_t place_of(const info_reader *r, const value *v) {
  const char *begin = (const char *)r->raw.data;
  bool inside = v && v->kind == VALUE_STRING && v->string >= begin &&
                v->string <= begin + r->raw.length;
  return inside ? (size_t)(v->string - begin) : 0;
}

#define REFUSE(r, code, v, ...)                                                \
  evidence_fail((r)->arena, (r)->error, (code), place_of((r), (v)), __VA_ARGS__)

/* --- members -------------------------------------------------------------- */

/* The member of that name in any case, *found NULL if there is none or it is
 * null. Two of one name would be two answers. */
static bool find(info_reader *r, const value *object, const char *name,
                 const value **found) {
  *found = NULL;
  for (uint32_t i = 0; i < object->count; i++) {
    if (!slice_equal_ignore_case(member_name(&object->members[i]),
                                 slice_from(name)))
      continue;
    if (*found)
      return REFUSE(r, EVIDENCE_JSON, *found, "the member \"%s\" stands twice",
                    name);
    *found = &object->members[i].value;
  }
  if (*found && (*found)->kind == VALUE_NULL)
    *found = NULL;
  return true;
}

static const char *kind_name(value_kind kind) {
  switch (kind) {
  case VALUE_STRING:
    return "a string";
  case VALUE_INTEGER:
    return "an integer";
  case VALUE_ARRAY:
    return "an array";
  default:
    return "an object";
  }
}

static bool find_kind(info_reader *r, const value *object, const char *name,
                      value_kind kind, const value **found) {
  if (!find(r, object, name, found))
    return false;
  return !*found || (*found)->kind == kind ||
         REFUSE(r, EVIDENCE_JSON, *found, "\"%s\" is not %s", name,
                kind_name(kind));
}

static bool require(info_reader *r, const value *object, const char *name,
                    value_kind kind, const value **found) {
  if (!find_kind(r, object, name, kind, found))
    return false;
  if (*found)
    return true;
  REFUSE(r, EVIDENCE_JSON, NULL, "the member \"%s\" is missing", name);
  return false;
}

static bool decode(info_reader *r, const value *v, const char *name,
                   bytes *result) {
  return base64_decode(r->arena, value_string(v), BASE64_EITHER, result) ||
         REFUSE(r, EVIDENCE_ENCODING, v, "\"%s\" is not base64", name);
}

static bool take_bytes(info_reader *r, const value *object, const char *name,
                       bytes *result) {
  const value *v;
  if (!require(r, object, name, VALUE_STRING, &v) ||
      !decode(r, v, name, result))
    return false;
  return result->length > 0 ||
         REFUSE(r, EVIDENCE_TRUNCATED, v, "\"%s\" is empty", name);
}

/* A text in base64, which goes into a claim. */
static bool take_text(info_reader *r, const value *object, const char *name,
                      slice *result) {
  const value *v;
  bytes data;
  if (!find_kind(r, object, name, VALUE_STRING, &v))
    return false;
  if (!v)
    return true;
  if (!decode(r, v, name, &data))
    return false;
  *result = slice_from_bytes(data);
  return utf8_error(*result) == result->length ||
         REFUSE(r, EVIDENCE_ENCODING, v, "\"%s\" is not UTF-8", name);
}

/* Says of which member a structure is, and where that stands. */
static bool blame(info_reader *r, const value *v, const char *name) {
  evidence_error inner = *r->error;
  return REFUSE(r, inner.code, v, "%s: %s", name, inner.message);
}

/* --- the TPM -------------------------------------------------------------- */

static bool take_attest(info_reader *r, const value *tpm, const char *name,
                        uint16_t type, bytes *raw, tpm_attest *result) {
  const value *v;
  if (!take_bytes(r, tpm, name, raw) || !find(r, tpm, name, &v))
    return false;
  if (!tpm_attest_read(r->arena, *raw, result, r->error))
    return blame(r, v, name);
  return result->type == type ||
         REFUSE(r, EVIDENCE_FORMAT, v, "\"%s\" is a TPMS_ATTEST of %s", name,
                type == TPM_ATTEST_QUOTE ? "a certified key, not a quote"
                                         : "a quote, not of a certified key");
}

static bool take_key(info_reader *r, const value *tpm, const char *name,
                     tpm_public *result) {
  const value *v;
  bytes raw;
  if (!take_bytes(r, tpm, name, &raw) || !find(r, tpm, name, &v))
    return false;
  if (!tpm2b_public_read(r->arena, raw, result, r->error))
    return blame(r, v, name);
  return result->type == TPM_ALG_RSA ||
         REFUSE(r, EVIDENCE_KEY_TYPE, v, "\"%s\" is not an RSA key", name);
}

static bool is_index(const value *v) {
  return v && v->kind == VALUE_INTEGER && v->integer >= 0 &&
         v->integer < TCG_PCR_COUNT;
}

static bool take_pcr_set(info_reader *r, const value *tpm,
                         guest_evidence *guest) {
  const value *set;
  if (!require(r, tpm, "PcrSet", VALUE_ARRAY, &set))
    return false;
  for (uint32_t i = 0; i < set->count; i++) {
    const value *v = &set->items[i];
    if (!is_index(v) || guest->pcr_set >> v->integer & 1)
      return REFUSE(r, EVIDENCE_JSON, v,
                    "\"PcrSet\" is not a list of different numbers from 0 to "
                    "%d",
                    TCG_PCR_COUNT - 1);
    guest->pcr_set |= (uint32_t)1 << v->integer;
  }
  return true;
}

static const guest_pcr *find_pcr(const guest_evidence *guest, uint32_t index) {
  for (size_t i = 0; i < guest->pcr_count; i++)
    if (guest->pcrs[i].index == index)
      return &guest->pcrs[i];
  return NULL;
}

static bool take_pcr(info_reader *r, const value *entry,
                     guest_evidence *guest) {
  const value *index;
  guest_pcr pcr;
  if (entry->kind != VALUE_OBJECT)
    return REFUSE(r, EVIDENCE_JSON, entry, "\"PCRs\" is not a list of objects");
  if (!require(r, entry, "Index", VALUE_INTEGER, &index) ||
      !take_bytes(r, entry, "Digest", &pcr.digest))
    return false;
  if (!is_index(index))
    return REFUSE(r, EVIDENCE_JSON, NULL,
                  "PCR %lld in \"PCRs\", but %d is the "
                  "last",
                  (long long)index->integer, TCG_PCR_COUNT - 1);
  pcr.index = (uint32_t)index->integer;
  if (find_pcr(guest, pcr.index))
    return REFUSE(r, EVIDENCE_JSON, NULL, "PCR %u stands twice in \"PCRs\"",
                  (unsigned)pcr.index);
  guest->pcrs[guest->pcr_count++] = pcr;
  return true;
}

static bool take_pcrs(info_reader *r, const value *tpm, guest_evidence *guest) {
  const value *list;
  if (!take_pcr_set(r, tpm, guest) ||
      !require(r, tpm, "PCRs", VALUE_ARRAY, &list))
    return false;
  for (uint32_t i = 0; i < list->count; i++)
    if (!take_pcr(r, &list->items[i], guest))
      return false;
  return true;
}

/* A client without a certificate sends none or an empty one. */
static bool take_certificate(info_reader *r, const value *tpm,
                             guest_evidence *guest) {
  const value *v;
  return find_kind(r, tpm, "AikCert", VALUE_STRING, &v) &&
         (!v || decode(r, v, "AikCert", &guest->aik_certificate));
}

static bool take_tpm(info_reader *r, const value *tpm, guest_evidence *guest) {
  return take_certificate(r, tpm, guest) &&
         take_key(r, tpm, "AikPub", &guest->aik) &&
         take_attest(r, tpm, "PcrQuote", TPM_ATTEST_QUOTE, &guest->quote_bytes,
                     &guest->quote) &&
         take_bytes(r, tpm, "PcrSignature", &guest->quote_signature) &&
         take_key(r, tpm, "EncKeyPub", &guest->key) &&
         take_attest(r, tpm, "EncKeyCertifyInfo", TPM_ATTEST_CERTIFY,
                     &guest->certify_bytes, &guest->certify) &&
         take_bytes(r, tpm, "EncKeyCertifyInfoSignature",
                    &guest->certify_signature) &&
         take_pcrs(r, tpm, guest);
}

/* --- isolation ------------------------------------------------------------ */

static const struct {
  const char *name;
  attestation_type hardware;
} isolations[] = {
    [GUEST_TRUSTED_LAUNCH] = {"TrustedLaunch", ATTESTATION_TYPE_UNKNOWN},
    [GUEST_SEV_SNP] = {"SevSnp", ATTESTATION_SEV_SNP_VM},
    [GUEST_TDX] = {"Tdx", ATTESTATION_TDX_VM},
};

enum { ISOLATION_COUNT = sizeof isolations / sizeof *isolations };

const char *guest_isolation_name(guest_isolation isolation) {
  return isolations[isolation].name;
}

static bool take_isolation_type(info_reader *r, const value *isolation,
                                guest_evidence *guest) {
  const value *type;
  if (!require(r, isolation, "Type", VALUE_STRING, &type))
    return false;
  for (size_t i = 0; i < ISOLATION_COUNT; i++)
    if (slice_equal_ignore_case(value_string(type),
                                slice_from(isolations[i].name))) {
      guest->isolation = (guest_isolation)i;
      return true;
    }
  return REFUSE(r, EVIDENCE_FORMAT, type,
                "the \"Type\" of \"IsolationInfo\" is none of TrustedLaunch, "
                "SevSnp and Tdx");
}

static bool take_hardware(info_reader *r, const value *proof_of,
                          guest_evidence *guest) {
  const value *v;
  bytes proof;
  evidence *hardware = ARENA_NEW(r->arena, evidence);
  if (!take_bytes(r, proof_of, "Proof", &proof) ||
      !find(r, proof_of, "Proof", &v))
    return false;
  if (!evidence_parse(r->arena, isolations[guest->isolation].hardware, proof,
                      hardware, r->error))
    return blame(r, v, "Proof");
  guest->hardware = hardware;
  return true;
}

static bool take_runtime(info_reader *r, const value *proof_of,
                         guest_evidence *guest) {
  const value *v;
  json_error problem;
  if (!take_bytes(r, proof_of, "RunTimeData", &guest->runtime) ||
      !find(r, proof_of, "RunTimeData", &v))
    return false;
  if (!json_read(r->arena, slice_from_bytes(guest->runtime), JSON_TRAILING_NUL,
                 &guest->runtime_json, &problem))
    return REFUSE(r, EVIDENCE_JSON, v, "\"RunTimeData\" is not JSON: %s",
                  problem.message);
  return guest->runtime_json.kind == VALUE_OBJECT ||
         REFUSE(r, EVIDENCE_JSON, v, "\"RunTimeData\" is not an object");
}

static bool take_isolation(info_reader *r, const value *info,
                           guest_evidence *guest) {
  const value *isolation, *proof_of;
  if (!find_kind(r, info, "IsolationInfo", VALUE_OBJECT, &isolation))
    return false;
  if (!isolation)
    return true;
  if (!take_isolation_type(r, isolation, guest))
    return false;
  if (guest->isolation == GUEST_TRUSTED_LAUNCH)
    return true;
  return require(r, isolation, "Evidence", VALUE_OBJECT, &proof_of) &&
         take_hardware(r, proof_of, guest) && take_runtime(r, proof_of, guest);
}

/* --- all ------------------------------------------------------------------ */

static bool take_log(info_reader *r, const value *info, guest_evidence *guest) {
  const value *v;
  if (!take_bytes(r, info, "TcgLogs", &guest->log_bytes) ||
      !find(r, info, "TcgLogs", &v))
    return false;
  return tcg_log_read(r->arena, guest->log_bytes, &guest->log, r->error) ||
         blame(r, v, "TcgLogs");
}

/* Values of the payload stay base64, as the token repeats them. */
static bool take_payload(info_reader *r, const value *info,
                         guest_evidence *guest) {
  const value *payload;
  if (!find_kind(r, info, "ClientPayload", VALUE_OBJECT, &payload))
    return false;
  for (uint32_t i = 0; payload && i < payload->count; i++)
    if (payload->members[i].value.kind != VALUE_STRING)
      return REFUSE(r, EVIDENCE_JSON, NULL,
                    "the member \"%.*s\" of \"ClientPayload\" is not a string",
                    SLICE_ARGS(member_name(&payload->members[i])));
  guest->client_payload = payload && payload->count ? payload : NULL;
  return true;
}

static bool take_system(info_reader *r, const value *info,
                        guest_evidence *guest) {
  const value *protocol;
  if (!require(r, info, "AttestationProtocolVersion", VALUE_STRING, &protocol))
    return false;
  guest->protocol = value_string(protocol);
  if (!slice_is(guest->protocol, "1.0") && !slice_is(guest->protocol, "2.0"))
    return REFUSE(r, EVIDENCE_VERSION, protocol,
                  "protocol version \"%.*s\", but 1.0 and 2.0 are known",
                  SLICE_ARGS(guest->protocol));
  return take_text(r, info, "OSType", &guest->os_type) &&
         take_text(r, info, "OSDistro", &guest->os_distro) &&
         take_text(r, info, "OSBuild", &guest->os_build) &&
         find_kind(r, info, "OSVersionMajor", VALUE_INTEGER,
                   &guest->os_major) &&
         find_kind(r, info, "OSVersionMinor", VALUE_INTEGER, &guest->os_minor);
}

static bool read_info(info_reader *r, const value *info,
                      guest_evidence *guest) {
  const value *tpm;
  return take_system(r, info, guest) && take_payload(r, info, guest) &&
         require(r, info, "TpmInfo", VALUE_OBJECT, &tpm) &&
         take_tpm(r, tpm, guest) && take_log(r, info, guest) &&
         take_isolation(r, info, guest);
}

static slice without_mark(bytes text) {
  slice s = slice_from_bytes(text);
  return slice_starts_with(s, "\xef\xbb\xbf")
             ? (slice){s.data + 3, s.length - 3}
             : s;
}

bool guest_parse(arena *a, bytes raw, evidence *result, evidence_error *error) {
  info_reader r = {a, raw, error};
  value *info = ARENA_NEW(a, value); /* parts of it stay in use */
  json_error problem;
  slice text = without_mark(raw);
  if (!json_read(a, text, JSON_TRAILING_NUL, info, &problem))
    return evidence_fail(a, error, EVIDENCE_JSON,
                         raw.length - text.length + problem.offset,
                         "attestationInfo: invalid JSON: %s", problem.message);
  if (info->kind != VALUE_OBJECT)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "attestationInfo: not an object");
  guest_evidence *guest = ARENA_NEW(a, guest_evidence);
  if (!read_info(&r, info, guest))
    return false;
  const tpm_pcr_selection *quoted = &guest->quote.selections[0];
  guest->boot = guest_boot_read(
      a, &guest->log, quoted->algorithm, quoted->mask,
      slice_equal_ignore_case(guest->os_type, SLICE("Windows")));
  result->detail = guest;
  guest_describe(a, guest, result);
  return true;
}

/* JSON that has one of the members, in any case. */
bool guest_detect(bytes raw) {
  bool is_json = raw.length > 0 && (raw.data[0] == '{' || raw.data[0] == 0xef);
  slice text = slice_from_bytes(raw);
  return is_json &&
         (json_mentions(text, "TpmInfo") || json_mentions(text, "TcgLogs"));
}
