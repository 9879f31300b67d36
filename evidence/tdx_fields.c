/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tdx_quote.h"

/* sgx_quote4_header_t; version 5 has the same. */
const field_row tdx_header_fields[TDX_HEADER_FIELD_COUNT] = {
    [TDX_VERSION] = {"version", "version", 0, 2, FIELD_NUMBER, NULL},
    [TDX_KEY_TYPE] = {"key-type", "att_key_type", 2, 2, FIELD_NUMBER, NULL},
    [TDX_TEE] = {"tee-type", "tee_type", 4, 4, FIELD_NUMBER, NULL},
    [TDX_RESERVED_8] = {"reserved-8", "reserved", 8, 4, FIELD_RESERVED, NULL},
    [TDX_VENDOR_ID] = {"vendor-id", "vendor_id", 12, 16, FIELD_HEX, NULL},
    [TDX_USER_DATA] = {"user-data", "user_data", 28, 20, FIELD_HEX, NULL},
};

/* Intel, "TDX Module ABI Specification", ATTRIBUTES. */
static const field_bit attribute_bits[] = {
    {TDX_BIT_DEBUG, "DEBUG"},
    {1, "HGS_PLUS_PROF"},
    {2, "PERF_PROF"},
    {3, "PMT_PROF"},
    {4, "ICSSD"},
    {27, "LASS"},
    {TDX_BIT_SEPT_VE_DISABLE, "SEPT_VE_DISABLE"},
    {29, "MIGRATABLE"},
    {TDX_BIT_PROTECTION_KEYS, "PKS"},
    {TDX_BIT_KEY_LOCKER, "KL"},
    {62, "TPA"},
    {TDX_BIT_PERFMON, "PERFMON"},
    {0, NULL},
};

static const field_bit no_bits[] = {{0, NULL}};

/* XCR0 and IA32_XSS together, Intel SDM volume 1, section 13. */
static const field_bit xfam_bits[] = {
    {0, "x87"},       {1, "SSE"},       {2, "AVX"},      {5, "opmask"},
    {6, "ZMM_Hi256"}, {7, "Hi16_ZMM"},  {8, "PT"},       {9, "PKRU"},
    {10, "PASID"},    {11, "CET_U"},    {12, "CET_S"},   {13, "HDC"},
    {14, "UINTR"},    {15, "LBR"},      {16, "HWP"},     {17, "TILECFG"},
    {18, "TILEDATA"}, {19, "APX"},      {0, NULL},
};

#define MEASUREMENT(name, title, offset) \
  { (name), (title), (offset), 48, FIELD_HEX, NULL }

const field_row tdx_fields[TDX_FIELD_COUNT] = {
    [TDX_TEE_TCB_SVN] = {"tee-tcb-svn", "TEE_TCB_SVN", 0, 16, FIELD_HEX, NULL},
    [TDX_MRSEAM] = MEASUREMENT("mrseam", "MRSEAM", 16),
    [TDX_MRSIGNERSEAM] = MEASUREMENT("mrsignerseam", "MRSIGNERSEAM", 64),
    [TDX_SEAM_ATTRIBUTES] = {"seam-attributes", "SEAMATTRIBUTES", 112, 8,
                             FIELD_FLAGS, no_bits},
    [TDX_TD_ATTRIBUTES] = {"td-attributes", "TDATTRIBUTES", 120, 8,
                           FIELD_FLAGS, attribute_bits},
    [TDX_XFAM] = {"xfam", "XFAM", 128, 8, FIELD_FLAGS, xfam_bits},
    [TDX_MRTD] = MEASUREMENT("mrtd", "MRTD", 136),
    [TDX_MRCONFIGID] = MEASUREMENT("mrconfigid", "MRCONFIGID", 184),
    [TDX_MROWNER] = MEASUREMENT("mrowner", "MROWNER", 232),
    [TDX_MROWNERCONFIG] = MEASUREMENT("mrownerconfig", "MROWNERCONFIG", 280),
    [TDX_RTMR0] = MEASUREMENT("rtmr0", "RTMR0", 328),
    [TDX_RTMR1] = MEASUREMENT("rtmr1", "RTMR1", 376),
    [TDX_RTMR2] = MEASUREMENT("rtmr2", "RTMR2", 424),
    [TDX_RTMR3] = MEASUREMENT("rtmr3", "RTMR3", 472),
    [TDX_REPORT_DATA] = {"report-data", "REPORTDATA", 520, 64, FIELD_HEX,
                         NULL},
    [TDX_TEE_TCB_SVN_2] = {"tee-tcb-svn-2", "TEE_TCB_SVN_2", 584, 16,
                           FIELD_HEX, NULL},
    [TDX_MRSERVICETD] = MEASUREMENT("mrservicetd", "MRSERVICETD", 600),
};
