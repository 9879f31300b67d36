/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/sgx_quote.h"

const uint8_t sgx_intel_vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c,
                                      0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3,
                                      0x95, 0x7f, 0x06, 0x07};

/* sgx_quote_header_t */
const field_row sgx_header_fields[SGX_HEADER_FIELD_COUNT] = {
    [SGX_VERSION] = {"version", "version", 0, 2, FIELD_NUMBER, NULL},
    [SGX_KEY_TYPE] = {"key-type", "att_key_type", 2, 2, FIELD_NUMBER, NULL},
    [SGX_TEE_TYPE] = {"tee-type", "reserved (TEE type)", 4, 4, FIELD_NUMBER,
                      NULL},
    [SGX_QE_SVN] = {"qe-svn", "qe_svn", 8, 2, FIELD_NUMBER, NULL},
    [SGX_PCE_SVN] = {"pce-svn", "pce_svn", 10, 2, FIELD_NUMBER, NULL},
    [SGX_VENDOR_ID] = {"vendor-id", "vendor_id", 12, 16, FIELD_HEX, NULL},
    [SGX_USER_DATA] = {"user-data", "user_data", 28, 20, FIELD_HEX, NULL},
};

/* Intel SDM volume 3D, table 35-3. */
static const field_bit attribute_bits[] = {
    {0, "INIT"},         {1, "DEBUG"},          {2, "MODE64BIT"},
    {4, "PROVISIONKEY"}, {5, "EINITTOKEN_KEY"}, {6, "CET"},
    {7, "KSS"},          {10, "AEXNOTIFY"},     {0, NULL},
};

/* XCR0, Intel SDM volume 1, section 13.1. */
static const field_bit xfrm_bits[] = {
    {0, "x87"},    {1, "SSE"},      {2, "AVX"},       {3, "BNDREG"},
    {4, "BNDCSR"}, {5, "opmask"},   {6, "ZMM_Hi256"}, {7, "Hi16_ZMM"},
    {9, "PKRU"},   {17, "TILECFG"}, {18, "TILEDATA"}, {0, NULL},
};

static const field_bit misc_bits[] = {{0, "EXINFO"}, {1, "CPINFO"}, {0, NULL}};

/* sgx_report_body_t */
const field_row sgx_report_fields[SGX_REPORT_FIELD_COUNT] = {
    [SGX_CPU_SVN] = {"cpusvn", "CPUSVN", 0, 16, FIELD_HEX, NULL},
    [SGX_MISC_SELECT] = {"misc-select", "MISCSELECT", 16, 4, FIELD_FLAGS,
                         misc_bits},
    [SGX_RESERVED_20] = {"reserved-20", "reserved", 20, 12, FIELD_RESERVED,
                         NULL},
    [SGX_ISV_EXTENDED_PRODUCT_ID] = {"isv-extended-product-id", "ISVEXTPRODID",
                                     32, 16, FIELD_HEX, NULL},
    [SGX_ATTRIBUTES] = {"attributes", "ATTRIBUTES.flags", 48, 8, FIELD_FLAGS,
                        attribute_bits},
    [SGX_XFRM] = {"xfrm", "ATTRIBUTES.xfrm", 56, 8, FIELD_FLAGS, xfrm_bits},
    [SGX_MRENCLAVE] = {"mrenclave", "MRENCLAVE", 64, 32, FIELD_HEX, NULL},
    [SGX_RESERVED_96] = {"reserved-96", "reserved", 96, 32, FIELD_RESERVED,
                         NULL},
    [SGX_MRSIGNER] = {"mrsigner", "MRSIGNER", 128, 32, FIELD_HEX, NULL},
    [SGX_RESERVED_160] = {"reserved-160", "reserved", 160, 32, FIELD_RESERVED,
                          NULL},
    [SGX_CONFIG_ID] = {"config-id", "CONFIGID", 192, 64, FIELD_HEX, NULL},
    [SGX_PRODUCT_ID] = {"product-id", "ISVPRODID", 256, 2, FIELD_NUMBER, NULL},
    [SGX_SVN] = {"svn", "ISVSVN", 258, 2, FIELD_NUMBER, NULL},
    [SGX_CONFIG_SVN] = {"config-svn", "CONFIGSVN", 260, 2, FIELD_NUMBER, NULL},
    [SGX_RESERVED_262] = {"reserved-262", "reserved", 262, 42, FIELD_RESERVED,
                          NULL},
    [SGX_ISV_FAMILY_ID] = {"isv-family-id", "ISVFAMILYID", 304, 16, FIELD_HEX,
                           NULL},
    [SGX_REPORT_DATA] = {"report-data", "REPORTDATA", 320, 64, FIELD_HEX, NULL},
};
