/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp_report.h"

/* POLICY, AMD 56860 table "Guest Policy", without its lowest 16 bits. */
static const field_bit policy_bits[] = {
    {SNP_POLICY_SMT, "SMT"},
    {1, "reserved-1"},
    {SNP_POLICY_MIGRATION, "MIGRATE_MA"},
    {SNP_POLICY_DEBUG, "DEBUG"},
    {4, "SINGLE_SOCKET"},
    {5, "CXL_ALLOW"},
    {6, "MEM_AES_256_XTS"},
    {7, "RAPL_DIS"},
    {8, "CIPHERTEXT_HIDING_DRAM"},
    {9, "PAGE_SWAP_DISABLE"},
    {0, NULL},
};

static const field_bit platform_bits[] = {
    {0, "SMT_EN"},
    {1, "TSME_EN"},
    {2, "ECC_EN"},
    {3, "RAPL_DIS"},
    {4, "CIPHERTEXT_HIDING_DRAM_EN"},
    {5, "ALIAS_CHECK_COMPLETE"},
    {7, "TIO_EN"},
    {0, NULL},
};

static const field_bit key_bits[] = {
    {0, "AUTHOR_KEY_EN"},  {1, "MASK_CHIP_KEY"},  {2, "SIGNING_KEY[0]"},
    {3, "SIGNING_KEY[1]"}, {4, "SIGNING_KEY[2]"}, {0, NULL},
};

#define HEX(name, title, offset, size)                                         \
  { name, title, offset, size, FIELD_HEX, NULL }
#define NUMBER(name, title, offset, size)                                      \
  { name, title, offset, size, FIELD_NUMBER, NULL }
#define RESERVED(name, offset, size)                                           \
  { name, "reserved", offset, size, FIELD_RESERVED, NULL }

/* ATTESTATION_REPORT. The mitigation vectors are zero before version 5. */
const field_row snp_fields[SNP_FIELD_COUNT] = {
    [SNP_VERSION] = NUMBER("version", "VERSION", 0x000, 4),
    [SNP_GUEST_SVN] = NUMBER("guest-svn", "GUEST_SVN", 0x004, 4),
    [SNP_ABI_MINOR] = NUMBER("abi-minor", "POLICY[7:0]", 0x008, 1),
    [SNP_ABI_MAJOR] = NUMBER("abi-major", "POLICY[15:8]", 0x009, 1),
    [SNP_POLICY_FLAGS] = {"policy-flags", "POLICY[63:16]", 0x00a, 6,
                          FIELD_FLAGS, policy_bits},
    [SNP_FAMILY_ID] = HEX("family-id", "FAMILY_ID", 0x010, 16),
    [SNP_IMAGE_ID] = HEX("image-id", "IMAGE_ID", 0x020, 16),
    [SNP_VMPL] = NUMBER("vmpl", "VMPL", 0x030, 4),
    [SNP_SIGNATURE_ALGORITHM] =
        NUMBER("signature-algorithm", "SIGNATURE_ALGO", 0x034, 4),
    [SNP_CURRENT_TCB] = HEX("current-tcb", "CURRENT_TCB", 0x038, 8),
    [SNP_PLATFORM_INFO] = {"platform-info", "PLATFORM_INFO", 0x040, 8,
                           FIELD_FLAGS, platform_bits},
    [SNP_KEY_FLAGS] = {"key-flags", "AUTHOR_KEY_EN, MASK_CHIP_KEY, SIGNING_KEY",
                       0x048, 4, FIELD_FLAGS, key_bits},
    [SNP_RESERVED_4C] = RESERVED("reserved-4c", 0x04c, 4),
    [SNP_REPORT_DATA] = HEX("report-data", "REPORT_DATA", 0x050, 64),
    [SNP_MEASUREMENT] = HEX("measurement", "MEASUREMENT", 0x090, 48),
    [SNP_HOST_DATA] = HEX("host-data", "HOST_DATA", 0x0c0, 32),
    [SNP_ID_KEY_DIGEST] = HEX("id-key-digest", "ID_KEY_DIGEST", 0x0e0, 48),
    [SNP_AUTHOR_KEY_DIGEST] =
        HEX("author-key-digest", "AUTHOR_KEY_DIGEST", 0x110, 48),
    [SNP_REPORT_ID] = HEX("report-id", "REPORT_ID", 0x140, 32),
    [SNP_REPORT_ID_MA] = HEX("report-id-ma", "REPORT_ID_MA", 0x160, 32),
    [SNP_REPORTED_TCB] = HEX("reported-tcb", "REPORTED_TCB", 0x180, 8),
    [SNP_CPU_FAMILY] = NUMBER("cpu-family", "CPUID_FAM_ID", 0x188, 1),
    [SNP_CPU_MODEL] = NUMBER("cpu-model", "CPUID_MOD_ID", 0x189, 1),
    [SNP_CPU_STEPPING] = NUMBER("cpu-stepping", "CPUID_STEP", 0x18a, 1),
    [SNP_RESERVED_18B] = RESERVED("reserved-18b", 0x18b, 21),
    [SNP_CHIP_ID] = HEX("chip-id", "CHIP_ID", 0x1a0, 64),
    [SNP_COMMITTED_TCB] = HEX("committed-tcb", "COMMITTED_TCB", 0x1e0, 8),
    [SNP_CURRENT_BUILD] = NUMBER("current-build", "CURRENT_BUILD", 0x1e8, 1),
    [SNP_CURRENT_MINOR] = NUMBER("current-minor", "CURRENT_MINOR", 0x1e9, 1),
    [SNP_CURRENT_MAJOR] = NUMBER("current-major", "CURRENT_MAJOR", 0x1ea, 1),
    [SNP_RESERVED_1EB] = RESERVED("reserved-1eb", 0x1eb, 1),
    [SNP_COMMITTED_BUILD] =
        NUMBER("committed-build", "COMMITTED_BUILD", 0x1ec, 1),
    [SNP_COMMITTED_MINOR] =
        NUMBER("committed-minor", "COMMITTED_MINOR", 0x1ed, 1),
    [SNP_COMMITTED_MAJOR] =
        NUMBER("committed-major", "COMMITTED_MAJOR", 0x1ee, 1),
    [SNP_RESERVED_1EF] = RESERVED("reserved-1ef", 0x1ef, 1),
    [SNP_LAUNCH_TCB] = HEX("launch-tcb", "LAUNCH_TCB", 0x1f0, 8),
    [SNP_LAUNCH_MIT_VECTOR] =
        HEX("launch-mit-vector", "LAUNCH_MIT_VECTOR", 0x1f8, 8),
    [SNP_CURRENT_MIT_VECTOR] =
        HEX("current-mit-vector", "CURRENT_MIT_VECTOR", 0x200, 8),
    [SNP_RESERVED_208] = RESERVED("reserved-208", 0x208, 152),
    [SNP_SIGNATURE_R] = HEX("signature-r", "SIGNATURE.R", 0x2a0, 72),
    [SNP_SIGNATURE_S] = HEX("signature-s", "SIGNATURE.S", 0x2e8, 72),
    [SNP_RESERVED_330] = RESERVED("reserved-330", 0x330, 368),
};

/* AMD 57230, "VCEK Certificate and KDS Interface", table of extensions. */
const snp_component_row snp_components[SNP_COMPONENT_COUNT] = {
    [SNP_BOOTLOADER] = {"bootloader", "1.3.6.1.4.1.3704.1.3.1", {0, 1}},
    [SNP_TEE] = {"tee", "1.3.6.1.4.1.3704.1.3.2", {1, 2}},
    [SNP_FIRMWARE] = {"snp-firmware", "1.3.6.1.4.1.3704.1.3.3", {6, 3}},
    [SNP_MICROCODE] = {"microcode", "1.3.6.1.4.1.3704.1.3.8", {7, 7}},
    [SNP_FMC] = {"fmc", "1.3.6.1.4.1.3704.1.3.9", {-1, 0}},
};
