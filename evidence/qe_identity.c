/* SPDX-License-Identifier: Apache-2.0 */
/* QE identity: which quoting enclaves Intel stands behind. */
#include "evidence/collateral.h"
#include "evidence/sgx_quote.h"

enum { IDENTITY_VERSION = 2 };

/* Whether the field, under its mask, is what the identity says; both are hex
 * of the bytes in memory order. */
static bool matches(arena *a, const value *body, const char *name,
                    const char *mask_name, bytes field) {
  const uint8_t *wanted = document_hex(a, body, name, field.length);
  const uint8_t *mask = document_hex(a, body, mask_name, field.length);
  if (!wanted || !mask)
    return false;
  for (size_t i = 0; i < field.length; i++)
    if ((field.data[i] & mask[i]) != wanted[i])
      return false;
  return true;
}

static bool is_for(const value *body, const char *qe_id) {
  const value *id = value_member(body, SLICE("id"));
  return id && id->kind == VALUE_STRING &&
         slice_is(value_string(id), qe_id) &&
         document_number(body, "version", IDENTITY_VERSION) ==
             IDENTITY_VERSION;
}

/* ATTRIBUTES are flags and XFRM: 16 bytes in one. */
static const char *mismatch(arena *a, const value *body, bytes report) {
  bytes flags = sgx_report_bytes(report, SGX_ATTRIBUTES);
  bytes signer = sgx_report_bytes(report, SGX_MRSIGNER);
  const uint8_t *mrsigner =
      document_hex(a, body, "mrsigner", signer.length);
  if (!mrsigner || memcmp(mrsigner, signer.data, signer.length) != 0)
    return "another MRSIGNER";
  if (document_number(body, "isvprodid", UINT16_MAX) !=
      (int64_t)sgx_report_number(report, SGX_PRODUCT_ID))
    return "another product id";
  if (!matches(a, body, "miscselect", "miscselectMask",
               sgx_report_bytes(report, SGX_MISC_SELECT)))
    return "another MISCSELECT";
  if (!matches(a, body, "attributes", "attributesMask",
               (bytes){flags.data, 16}))
    return "other ATTRIBUTES";
  return NULL;
}

static const value *find_level(const value *body, uint64_t svn) {
  const value *levels = value_member(body, SLICE("tcbLevels"));
  if (!levels || levels->kind != VALUE_ARRAY)
    return NULL;
  for (uint32_t i = 0; i < levels->count; i++) {
    const value *tcb = value_member(&levels->items[i], SLICE("tcb"));
    int64_t wanted = tcb ? document_number(tcb, "isvsvn", UINT16_MAX) : -1;
    if (wanted >= 0 && svn >= (uint64_t)wanted)
      return &levels->items[i];
  }
  return NULL;
}

bool qe_identity_verify(verifier *v, const signed_document *d,
                        const collateral_query *query, tcb_level *level) {
  if (!is_for(&d->body, query->qe_id))
    return verify_step(v, false, d->what, NULL,
                       verify_text(v, "not of version 2 and type %s",
                                   query->qe_id));
  const char *problem = mismatch(v->arena, &d->body, query->qe_report);
  if (!verify_step(v, !problem, "QE report against its identity", NULL,
                   problem ? problem
                           : "MRSIGNER, product id, MISCSELECT, ATTRIBUTES"))
    return false;
  uint64_t svn = sgx_report_number(query->qe_report, SGX_SVN);
  const value *row = find_level(&d->body, svn);
  if (!row || !document_level(v->arena, row, level))
    return verify_step(v, false, "QE level", NULL,
                       verify_text(v, "no level is as low as SVN %u",
                                   (unsigned)svn));
  return verify_step(v, true, "QE level", NULL,
                     verify_text(v, "%s with SVN %u", level->status,
                                 (unsigned)svn));
}
