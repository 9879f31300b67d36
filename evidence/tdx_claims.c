/* SPDX-License-Identifier: Apache-2.0 */
/* What the service derives from a TDX quote; names and formats as in the EAT
 * profile of its documentation ("Trust Domain Extensions (TDX) EAT profile")
 * and the one token that was published. */
#include "evidence/tdx_quote.h"
#include "sign/digest.h"

#define ATTRIBUTES "tdx_td_attributes"

const tdx_claim_row tdx_claim_rows[] = {
    {"attester_tcb_status", VALUE_STRING, TDX_FROM_TCB_STATUS, 0, NULL},
    {"dbgstat", VALUE_STRING, TDX_FROM_DEBUG_STATE, 0, NULL},
    {"eat_profile", VALUE_STRING, TDX_FROM_TEXT, 0,
     "https://aka.ms/maa-eat-profile-tdxvm"},
    {"intuse", VALUE_STRING, TDX_FROM_TEXT, 0, "generic"},
    {"tdx_mrconfigid", VALUE_STRING, TDX_FROM_FIELD, TDX_MRCONFIGID, NULL},
    {"tdx_mrowner", VALUE_STRING, TDX_FROM_FIELD, TDX_MROWNER, NULL},
    {"tdx_mrownerconfig", VALUE_STRING, TDX_FROM_FIELD, TDX_MROWNERCONFIG,
     NULL},
    {"tdx_mrseam", VALUE_STRING, TDX_FROM_FIELD, TDX_MRSEAM, NULL},
    {"tdx_mrsignerseam", VALUE_STRING, TDX_FROM_FIELD, TDX_MRSIGNERSEAM, NULL},
    {"tdx_mrtd", VALUE_STRING, TDX_FROM_FIELD, TDX_MRTD, NULL},
    {"tdx_report_data", VALUE_STRING, TDX_FROM_FIELD, TDX_REPORT_DATA, NULL},
    {"tdx_rtmr0", VALUE_STRING, TDX_FROM_FIELD, TDX_RTMR0, NULL},
    {"tdx_rtmr1", VALUE_STRING, TDX_FROM_FIELD, TDX_RTMR1, NULL},
    {"tdx_rtmr2", VALUE_STRING, TDX_FROM_FIELD, TDX_RTMR2, NULL},
    {"tdx_rtmr3", VALUE_STRING, TDX_FROM_FIELD, TDX_RTMR3, NULL},
    {"tdx_seam_attributes", VALUE_STRING, TDX_FROM_FIELD, TDX_SEAM_ATTRIBUTES,
     NULL},
    {"tdx_seamsvn", VALUE_INTEGER, TDX_FROM_SEAM_SVN, 0, NULL},
    {ATTRIBUTES, VALUE_STRING, TDX_FROM_FIELD, TDX_TD_ATTRIBUTES, NULL},
    {ATTRIBUTES "_debug", VALUE_BOOLEAN, TDX_FROM_TD_BIT, TDX_BIT_DEBUG, NULL},
    {ATTRIBUTES "_key_locker", VALUE_BOOLEAN, TDX_FROM_TD_BIT,
     TDX_BIT_KEY_LOCKER, NULL},
    {ATTRIBUTES "_perfmon", VALUE_BOOLEAN, TDX_FROM_TD_BIT, TDX_BIT_PERFMON,
     NULL},
    {ATTRIBUTES "_protection_keys", VALUE_BOOLEAN, TDX_FROM_TD_BIT,
     TDX_BIT_PROTECTION_KEYS, NULL},
    {ATTRIBUTES "_septve_disable", VALUE_BOOLEAN, TDX_FROM_TD_BIT,
     TDX_BIT_SEPT_VE_DISABLE, NULL},
    {"tdx_tee_tcb_svn", VALUE_STRING, TDX_FROM_FIELD, TDX_TEE_TCB_SVN, NULL},
    {"tdx_xfam", VALUE_STRING, TDX_FROM_FIELD, TDX_XFAM, NULL},
    {0},
};

static value text_value(const char *text) {
  return value_text(slice_from(text));
}

static bool bit_of(bytes body, unsigned bit) {
  return (tdx_number(body, TDX_TD_ATTRIBUTES) >> bit & 1) != 0;
}

/* Bytes in memory order, numbers too. */
static value field_value(arena *a, bytes body, tdx_field field) {
  buffer hex = buffer_in(a);
  buffer_hex(&hex, tdx_bytes(body, field));
  return value_text(buffer_slice(&hex));
}

/* The security version of the TDX module: two bytes, of which the second is
 * its generation. One of the two published samples has it 0, hence this is a
 * choice (docs/known-differences.md). */
static value seam_svn(bytes body) {
  bytes svn = {tdx_bytes(body, TDX_TEE_TCB_SVN).data, 2};
  return value_integer((int64_t)little_endian(svn));
}

static value claim_value(arena *a, const tdx_claim_row *row, bytes body) {
  switch (row->from) {
  case TDX_FROM_FIELD:
    return field_value(a, body, row->which);
  case TDX_FROM_TD_BIT:
    return value_boolean(bit_of(body, row->which));
  case TDX_FROM_SEAM_SVN:
    return seam_svn(body);
  case TDX_FROM_DEBUG_STATE: /* EAT, RFC 9711 section 4.2.9 */
    return text_value(bit_of(body, TDX_BIT_DEBUG) ? "enabled" : "disabled");
  case TDX_FROM_TEXT:
    return text_value(row->text);
  case TDX_FROM_TCB_STATUS:
    break;
  }
  return value_null();
}

void tdx_describe(arena *a, const tdx_quote *quote, evidence *e) {
  object_builder claims = object_in(a);
  object_set(&claims, SLICE("x-ms-attestation-type"),
             text_value(attestation_type_claim(e->type)));
  for (const tdx_claim_row *row = tdx_claim_rows; row->name; row++)
    if (row->from != TDX_FROM_TCB_STATUS)
      object_set(&claims, slice_from(row->name),
                 claim_value(a, row, quote->body));
  if (quote->hcl)
    hcl_add_runtime(a, quote->hcl, tdx_bytes(quote->body, TDX_REPORT_DATA),
                    &claims);
  e->claims = object_value(&claims);
  e->report_data = tdx_bytes(quote->body, TDX_REPORT_DATA);
  /* The articles do not name the field; the other kinds have the one that the
   * host sets. */
  e->init_data =
      (bytes){tdx_bytes(quote->body, TDX_MRCONFIGID).data, SHA256_BYTES};
}

void tdx_add_verified_claims(arena *a, evidence *e) {
  const char *status = e->verification.tcb_status;
  if (!status || e->verification.status != VERIFICATION_FULL)
    return;
  object_builder claims = object_in(a);
  for (uint32_t i = 0; i < e->claims.count; i++)
    object_set(&claims, member_name(&e->claims.members[i]),
               e->claims.members[i].value);
  for (const tdx_claim_row *row = tdx_claim_rows; row->name; row++)
    if (row->from == TDX_FROM_TCB_STATUS)
      object_set(&claims, slice_from(row->name), text_value(status));
  e->claims = object_value(&claims);
}
