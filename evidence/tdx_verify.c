/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tdx_verify.h"

#include "evidence/td_report.h"

/* MRSIGNER as the TD_QE identity that Intel publishes has it. */
const quoting_enclave tdx_quoting_enclave = {
    "TD quoting enclave",
    {0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17, 0x47, 0x4e, 0x34,
     0xa7, 0xfc, 0x43, 0xed, 0x03, 0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba,
     0xbd, 0xdf, 0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5},
    2};

static const char what_module[] = "TDX module";

static bytes body_of(const verifier *v) {
  const tdx_quote *quote = v->evidence->detail;
  return quote->body;
}

/* --- identity ------------------------------------------------------------- */

/* The entry TDX_01, TDX_03 .. of the module's generation. */
static const value *find_identity(verifier *v, const value *tcb_info,
                                  unsigned generation) {
  const char *name = verify_text(v, "TDX_%02X", generation);
  const value *list = value_member(tcb_info, SLICE("tdxModuleIdentities"));
  if (!list || list->kind != VALUE_ARRAY)
    return NULL;
  for (uint32_t i = 0; i < list->count; i++) {
    const value *entry = &list->items[i];
    const value *id =
        entry->kind == VALUE_OBJECT ? value_member(entry, SLICE("id")) : NULL;
    if (id && id->kind == VALUE_STRING &&
        slice_equal_ignore_case(value_string(id), slice_from(name)))
      return entry;
  }
  return NULL;
}

/* What differs, or NULL. */
static const char *mismatch(arena *a, const value *identity, bytes body) {
  bytes signer = tdx_bytes(body, TDX_MRSIGNERSEAM);
  bytes flags = tdx_bytes(body, TDX_SEAM_ATTRIBUTES);
  const uint8_t *wanted_signer =
      document_hex(a, identity, "mrsigner", signer.length);
  const uint8_t *wanted =
      document_hex(a, identity, "attributes", flags.length);
  const uint8_t *mask =
      document_hex(a, identity, "attributesMask", flags.length);
  if (!wanted_signer || !wanted || !mask)
    return "TCB info does not say which module is wanted";
  if (memcmp(wanted_signer, signer.data, signer.length) != 0)
    return "another signer (MRSIGNERSEAM)";
  for (size_t i = 0; i < flags.length; i++)
    if ((flags.data[i] & mask[i]) != wanted[i])
      return "other SEAMATTRIBUTES";
  return NULL;
}

/* --- level ---------------------------------------------------------------- */

static const value *find_level(const value *identity, unsigned svn) {
  const value *levels = value_member(identity, SLICE("tcbLevels"));
  if (!levels || levels->kind != VALUE_ARRAY)
    return NULL;
  for (uint32_t i = 0; i < levels->count; i++) {
    const value *row = &levels->items[i];
    const value *tcb =
        row->kind == VALUE_OBJECT ? value_member(row, SLICE("tcb")) : NULL;
    int64_t wanted = tcb && tcb->kind == VALUE_OBJECT
                         ? document_number(tcb, "isvsvn", UINT8_MAX)
                         : -1;
    if (wanted >= 0 && svn >= wanted)
      return row;
  }
  return NULL;
}

/* Modules have no other statuses; one that is not known must not be taken for
 * a good one when statuses are joined. */
static bool is_known_status(const char *status) {
  return strcmp(status, "UpToDate") == 0 || strcmp(status, "OutOfDate") == 0 ||
         strcmp(status, "Revoked") == 0;
}

static bool check_level(verifier *v, const value *identity, unsigned svn,
                        tcb_level *module) {
  static const char what[] = "TDX module level";
  const value *row = find_level(identity, svn);
  if (!row || !document_level(v->arena, row, module))
    return verify_step(v, false, what, NULL,
                       verify_text(v, "no level is as low as SVN %u", svn));
  if (!is_known_status(module->status))
    return verify_step(v, false, what, NULL,
                       verify_text(v, "unknown status %s", module->status));
  return verify_step(v, true, what, NULL,
                     verify_text(v, "%s with SVN %u%s%s", module->status, svn,
                                 module->advisories[0] ? "; advisories " : "",
                                 module->advisories));
}

/* The first byte of TEE_TCB_SVN is the module's SVN, the second its
 * generation. The first generation's SVN is among the platform's components. */
bool tdx_verify_module(verifier *v, const value *tcb_info,
                       tcb_level *module) {
  const uint8_t *svn = tdx_bytes(body_of(v), TDX_TEE_TCB_SVN).data;
  unsigned generation = svn[1];
  const value *identity =
      generation ? find_identity(v, tcb_info, generation)
                 : value_member(tcb_info, SLICE("tdxModule"));
  if (!identity || identity->kind != VALUE_OBJECT)
    return verify_step(v, false, what_module, NULL,
                       verify_text(v, "TCB info knows no module of generation "
                                      "%u",
                                   generation));
  const char *problem = mismatch(v->arena, identity, body_of(v));
  if (!verify_step(v, !problem, what_module, NULL,
                   problem ? problem
                           : "MRSIGNERSEAM and SEAMATTRIBUTES as TCB info "
                             "wants them"))
    return false;
  *module = (tcb_level){"UpToDate", "", ""};
  return generation == 0 || check_level(v, identity, svn[0], module);
}

/* --- an HCL report -------------------------------------------------------- */

static bool check_part(verifier *v, bytes report, td_mac_field hash,
                       const char *part, size_t offset, size_t size) {
  bool holds = td_report_hash_holds(report, hash, offset, size);
  return verify_step(v, holds, part, "REPORTMACSTRUCT",
                     holds ? "the structure with the MAC has its hash"
                           : "the structure with the MAC has another hash");
}

/* It vouches for the keys of the vTPM, but to the machine itself alone. */
static void verify_hcl(verifier *v, const tdx_quote *quote) {
  bytes report = quote->td_report;
  bool holds = hcl_runtime_is_bound(quote->hcl,
                                    tdx_bytes(quote->body, TDX_REPORT_DATA));
  if (!verify_step(v, holds, "runtime data of the HCL report", NULL,
                   holds ? "REPORTDATA is its hash"
                         : "REPORTDATA is not its hash") ||
      !check_part(v, report, TD_TCB_INFO_HASH, "TEE_TCB_INFO",
                  TD_TCB_INFO_OFFSET, TD_TCB_INFO_BYTES) ||
      !check_part(v, report, TD_INFO_HASH, "TDINFO_STRUCT", TD_INFO_OFFSET,
                  TD_INFO_BYTES))
    return;
  verify_skipped(v, "TDREPORT",
                 "only the processor that made it can check its MAC; have the "
                 "machine turn it into a quote");
}

/* --- all ------------------------------------------------------------------ */

static void verify_quote(verifier *v, const tdx_quote *quote) {
  sgx_platform *platform = ARENA_NEW(v->arena, sgx_platform);
  collateral_query query = {
      .tcb_id = "TDX",
      .qe_id = "TD_QE",
      .pck = &platform->pck,
      .pck_path = &platform->path,
      .qe_report = quote->signature.qe_report,
      .tee_tcb_svn = tdx_bytes(quote->body, TDX_TEE_TCB_SVN).data,
      .verify_module = tdx_verify_module};
  if (sgx_verify_signature(v, quote->signed_part, &quote->signature,
                           &tdx_quoting_enclave, platform) &&
      v->options->level == VERIFY_FULL)
    collateral_verify(v, &query);
}

void tdx_verify(verifier *v) {
  const tdx_quote *quote = v->evidence->detail;
  if (quote->hcl)
    verify_hcl(v, quote);
  else
    verify_quote(v, quote);
}
