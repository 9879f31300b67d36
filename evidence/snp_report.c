/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp_report.h"

#include "base/base64.h"
#include "base/json_span.h"

bool snp_is_turin(bytes report) {
  return snp_number(report, SNP_VERSION) >= 3 &&
         snp_number(report, SNP_CPU_FAMILY) >= SNP_FAMILY_TURIN;
}

bytes snp_component_bytes(bytes report, snp_field tcb, snp_component which) {
  int place = snp_components[which].place[snp_is_turin(report) ? 1 : 0];
  if (place < 0)
    return (bytes){NULL, 0};
  return (bytes){snp_bytes(report, tcb).data + place, 1};
}

unsigned snp_signing_key(bytes report) {
  return (unsigned)(snp_number(report, SNP_KEY_FLAGS) >> 2 & 7);
}

/* --- the report ----------------------------------------------------------- */

static bool is_json(bytes raw) {
  return raw.length > 0 && (raw.data[0] == '{' || raw.data[0] == 0xef);
}

/* A bare report is known by its exact length, and by a version and an
 * algorithm that exist; JSON by a member's name, in any case. */
bool snp_detect(bytes raw) {
  if (is_json(raw))
    return json_mentions(slice_from_bytes(raw), "SnpReport");
  if (hcl_report_detect(raw))
    return hcl_report_type(raw) != HCL_TYPE_TDX;
  return raw.length == SNP_REPORT_BYTES && snp_number(raw, SNP_VERSION) >= 1 &&
         snp_number(raw, SNP_VERSION) <= SNP_VERSION_MAX &&
         snp_number(raw, SNP_SIGNATURE_ALGORITHM) == SNP_ALGORITHM_ECDSA_P384;
}

bool snp_report_read(byte_reader *r, bytes *report) {
  size_t begin = r->position;
  *report = reader_take(r, SNP_REPORT_BYTES, "the SNP report");
  if (r->failed)
    return false;
  uint64_t version = snp_number(*report, SNP_VERSION);
  if (version < 1 || version > SNP_VERSION_MAX)
    reader_fail(r, EVIDENCE_VERSION, begin,
                "SNP report version %u, but 1 to %d are known",
                (unsigned)version, (int)SNP_VERSION_MAX);
  uint64_t algorithm = snp_number(*report, SNP_SIGNATURE_ALGORITHM);
  if (algorithm != SNP_ALGORITHM_ECDSA_P384)
    reader_fail(r, EVIDENCE_KEY_TYPE,
                begin + snp_fields[SNP_SIGNATURE_ALGORITHM].offset,
                "signature algorithm %u, but 1 (ECDSA P-384 with SHA-384) is "
                "wanted",
                (unsigned)algorithm);
  return !r->failed;
}

/* Nothing may stand behind a report that came by itself. */
static bool read_alone(byte_reader *r, bytes *report) {
  if (!snp_report_read(r, report))
    return false;
  if (reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, r->position,
                "%zu bytes lie behind the SNP report of 1184 bytes",
                reader_left(r));
  return !r->failed;
}

/* --- an HCL report -------------------------------------------------------- */

static bool read_hcl(arena *a, bytes raw, snp_evidence *snp,
                     evidence_error *error) {
  byte_reader r = reader_over(a, raw, "HCL report", error);
  hcl_report *h = ARENA_NEW(a, hcl_report);
  if (!hcl_report_read_type(&r, HCL_TYPE_SNP, h))
    return false;
  snp->hcl = h;
  byte_reader inner = reader_over(a, h->hardware, "HCL report", error);
  inner.base = HCL_HEADER_BYTES;
  return snp_report_read(&inner, &snp->report);
}

/* --- the service's JSON --------------------------------------------------- */

/* Decodes a member in base64url; leaves *result as it is if there is none. */
/* The member of that name in any case, as the service matches names; NULL if
 * there is none. Two would be two answers. */
static bool find_member(arena *a, const value *object, const char *name,
                        const value **found, evidence_error *error) {
  *found = NULL;
  for (uint32_t i = 0; i < object->count; i++) {
    if (!slice_equal_ignore_case(member_name(&object->members[i]),
                                 slice_from(name)))
      continue;
    if (*found)
      return evidence_fail(a, error, EVIDENCE_JSON, 0,
                           "the member \"%s\" stands twice", name);
    *found = &object->members[i].value;
  }
  return true;
}

static bool take_member(arena *a, const value *object, const char *name,
                        bytes *result, evidence_error *error) {
  const value *v;
  if (!find_member(a, object, name, &v, error))
    return false;
  if (!v || v->kind == VALUE_NULL)
    return true;
  if (v->kind != VALUE_STRING)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "member \"%s\" is not a string", name);
  if (base64_decode(a, value_string(v), BASE64_EITHER, result))
    return true;
  return evidence_fail(a, error, EVIDENCE_ENCODING, 0,
                       "member \"%s\" is not base64url", name);
}

/* Editors and .NET put a byte order mark before UTF-8. */
static slice without_mark(bytes text) {
  slice s = slice_from_bytes(text);
  if (slice_starts_with(s, "\xef\xbb\xbf"))
    s = (slice){s.data + 3, s.length - 3};
  return s;
}

static bool take_json(arena *a, bytes text, const char *what, value *result,
                      evidence_error *error) {
  json_error problem;
  if (!json_read(a, without_mark(text), 0, result, &problem))
    return evidence_fail(a, error, EVIDENCE_JSON, 0, "%s: invalid JSON: %s",
                         what, problem.message);
  if (result->kind == VALUE_OBJECT)
    return true;
  return evidence_fail(a, error, EVIDENCE_JSON, 0, "%s: not an object", what);
}

static bool take_endorsement(arena *a, const value *v, snp_evidence *snp,
                             evidence_error *error) {
  if (snp->endorsement_count == SNP_ENDORSEMENTS_MAX)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0,
                         "more than %d UVM endorsements",
                         (int)SNP_ENDORSEMENTS_MAX);
  bytes *to = &snp->endorsements[snp->endorsement_count];
  if (v->kind != VALUE_STRING ||
      !base64_decode(a, value_string(v), BASE64_EITHER, to))
    return evidence_fail(a, error, EVIDENCE_ENCODING, 0,
                         "UVM endorsement %zu is not a base64url string",
                         snp->endorsement_count + 1);
  snp->endorsement_count++;
  return true;
}

/* {"Uvm": [COSE_Sign1 in base64url, ..]} */
static bool take_endorsements(arena *a, bytes text, snp_evidence *snp,
                              evidence_error *error) {
  value object;
  const value *uvm;
  if (text.length == 0)
    return true;
  if (!take_json(a, text, "Endorsements", &object, error) ||
      !find_member(a, &object, "Uvm", &uvm, error))
    return false;
  if (!uvm || uvm->kind != VALUE_ARRAY)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "Endorsements: no array \"Uvm\"");
  for (uint32_t i = 0; i < uvm->count; i++)
    if (!take_endorsement(a, &uvm->items[i], snp, error))
      return false;
  return true;
}

static bool read_json(arena *a, bytes raw, snp_evidence *snp,
                      evidence_error *error) {
  value object;
  bytes report = {NULL, 0}, endorsements = {NULL, 0};
  if (!take_json(a, raw, "SNP evidence", &object, error) ||
      !take_member(a, &object, "SnpReport", &report, error) ||
      !take_member(a, &object, "VcekCertChain", &snp->certificates, error) ||
      !take_member(a, &object, "Endorsements", &endorsements, error) ||
      !take_endorsements(a, endorsements, snp, error))
    return false;
  if (!report.data)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "SNP evidence: no member \"SnpReport\"");
  byte_reader r = reader_over(a, report, "SnpReport", error);
  return read_alone(&r, &snp->report);
}

bool snp_parse(arena *a, bytes raw, evidence *result, evidence_error *error) {
  snp_evidence *snp = ARENA_NEW(a, snp_evidence);
  byte_reader r = reader_over(a, raw, "SNP report", error);
  bool good = is_json(raw)             ? read_json(a, raw, snp, error)
              : hcl_report_detect(raw) ? read_hcl(a, raw, snp, error)
                                       : read_alone(&r, &snp->report);
  if (!good)
    return false;
  result->detail = snp;
  snp_describe(a, snp, result);
  return true;
}
