/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/show.h"

#include "evidence/td_report.h"

static const char *header_meaning(const field_row *row, bytes header) {
  if (row == &tdx_header_fields[TDX_KEY_TYPE])
    return "ECDSA-256 with P-256";
  if (row == &tdx_header_fields[TDX_TEE])
    return field_number(header, row) == TDX_TEE_TYPE ? "TDX" : NULL;
  if (row == &tdx_header_fields[TDX_VENDOR_ID])
    return "Intel";
  if (row == &tdx_header_fields[TDX_USER_DATA])
    return "first 16 bytes: id of the platform's quoting enclave";
  return NULL;
}

static const char *const meanings[TDX_FIELD_COUNT] = {
    [TDX_TEE_TCB_SVN] = "security versions: TDX module, generation, ..",
    [TDX_MRSEAM] = "measurement of the TDX module",
    [TDX_MRSIGNERSEAM] = "signer of the TDX module; zero: Intel",
    [TDX_MRTD] = "measurement of the TD as it was built",
    [TDX_MRCONFIGID] = "configuration that the host gave; init-time data",
    [TDX_MROWNER] = "owner, as the host gave it",
    [TDX_MROWNERCONFIG] = "owner's configuration, as the host gave it",
    [TDX_RTMR0] = "extended at run time: firmware and its configuration",
    [TDX_RTMR1] = "extended at run time: boot loader, kernel",
    [TDX_RTMR2] = "extended at run time: command line, initrd, applications",
    [TDX_RTMR3] = "extended at run time: free to use",
    [TDX_REPORT_DATA] = "runtime data: SHA-256, then zeros",
    [TDX_TEE_TCB_SVN_2] = "security versions of the TDX module that runs now",
    [TDX_MRSERVICETD] = "measurement of the service TD that is bound to it",
};

const char *tdx_body_meaning(const field_row *row, bytes body) {
  (void)body;
  return meanings[row - tdx_fields]; /* always a row of that table */
}

static void show_descriptor(shown *out, bytes descriptor) {
  if (descriptor.length == 0)
    return;
  bytes type = {descriptor.data, 2}, size = {descriptor.data + 2, 4};
  uint64_t number = little_endian(type);
  shown_begin(out, "body");
  shown_add(out, "type", type, value_integer((int64_t)number),
            number == TDX_BODY_15 ? "TDX 1.5" : "TDX 1.0");
  shown_add(out, "size", size, value_integer((int64_t)little_endian(size)),
            "bytes of the report");
}

static void show_hcl(shown *out, const tdx_quote *quote) {
  hcl_report_show(out, quote->hcl, tdx_bytes(quote->body, TDX_REPORT_DATA));
  td_report_show(out, quote->td_report);
}

void tdx_show(const evidence *e, shown *out) {
  const tdx_quote *quote = e->detail;
  if (quote->hcl) {
    show_hcl(out, quote);
    return;
  }
  shown_begin(out, "header");
  shown_table(out, quote->header, tdx_header_fields, TDX_HEADER_FIELD_COUNT,
              header_meaning);
  show_descriptor(out, quote->descriptor);
  shown_begin(out, "report");
  shown_table(out, quote->body, tdx_fields, tdx_field_count(quote->body),
              tdx_body_meaning);
  sgx_signature_show(out, &quote->signature);
  sgx_trailing_show(out, quote->trailing,
                    "behind the quote; not signed, without meaning");
}
