/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the TDX module counts in the TCB status, with collateral of ours. */
#include "tests/unit/evidence_verify_fixture.h"

#define SGX_HEAD                                                               \
  "{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2025-06-19T10:56:11Z\","      \
  "\"nextUpdate\":\"2025-07-19T10:56:11Z\",\"fmspc\":\"00906ED50000\","        \
  "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,"           \
  "\"tcbLevels\":["
#define ZEROS_48                                                               \
  "000000000000000000000000000000000000000000000000"                          \
  "000000000000000000000000000000000000000000000000"
#define SVN_0 "{\"svn\":0}"
#define SVN_0_13                                                               \
  SVN_0 "," SVN_0 "," SVN_0 "," SVN_0 "," SVN_0 "," SVN_0 "," SVN_0 "," SVN_0  \
        "," SVN_0 "," SVN_0 "," SVN_0 "," SVN_0 "," SVN_0
#define COMPONENTS(third)                                                      \
  "[" SVN_0 "," SVN_0 ",{\"svn\":" third "}," SVN_0_13 "]"

/* What follows, SGX levels, has no meaning in TCB info of TDX. */
#define TDX_HEAD(microcode, status, module)                                    \
  "{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"2025-06-19T10:56:11Z\","      \
  "\"nextUpdate\":\"2025-07-19T10:56:11Z\",\"fmspc\":\"B0C06F000000\","        \
  "\"pceId\":\"0000\",\"tdxModuleIdentities\":[{\"id\":\"TDX_01\","            \
  "\"mrsigner\":\"" ZEROS_48 "\",\"attributes\":\"0000000000000000\","         \
  "\"attributesMask\":\"FFFFFFFFFFFFFFFF\",\"tcbLevels\":[{\"tcb\":"           \
  "{\"isvsvn\":6},\"tcbStatus\":\"" module "\"}]}],\"tcbLevels\":[{\"tcb\":"   \
  "{\"sgxtcbcomponents\":" COMPONENTS("2") ",\"pcesvn\":14,"                   \
  "\"tdxtcbcomponents\":" COMPONENTS(microcode) "},\"tcbStatus\":\"" status    \
  "\"}],\"unused\":["

#define QE_FROM(id)                                                            \
  "{\"id\":\"" id "\",\"version\":2,\"issueDate\":\"2025-06-19T10:01:18Z\","   \
  "\"nextUpdate\":\"2025-07-19T10:01:18Z\",\"tcbEvaluationDataNumber\":17,"    \
  "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","               \
  "\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":"    \
  "\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\""
#define SGX_QE                                                                 \
  QE_FROM("QE")                                                                \
  "8C4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF"           \
  "\",\"isvprodid\":1"
#define TD_QE                                                                  \
  QE_FROM("TD_QE")                                                             \
  "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5"           \
  "\",\"isvprodid\":2"

static const struct {
  const char *tcb_info;
  const char *status; /* NULL: not evaluated */
  bool holds;
} rows[] = {
    {TDX_HEAD("3", "UpToDate", "UpToDate"), "UpToDate", true},
    {TDX_HEAD("3", "SWHardeningNeeded", "UpToDate"), "SWHardeningNeeded",
     true},
    {TDX_HEAD("3", "UpToDate", "OutOfDate"), "OutOfDate", false},
    {TDX_HEAD("3", "UpToDate", "Revoked"), "Revoked", false},
    {TDX_HEAD("3", "OutOfDate", "UpToDate"), "OutOfDate", false},
    {TDX_HEAD("3", "ConfigurationNeeded", "OutOfDate"),
     "OutOfDateConfigurationNeeded", false},
    /* The microcode of the TD's platform is behind. */
    {TDX_HEAD("4", "UpToDate", "UpToDate"), NULL, false},
};

Test(tdx_collateral, counts_the_module) {
  static const char *const settings[] = {"qe-svn=9", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_TDX_VM, settings);
  verify_fixture_add_collateral(&f);
  f.options.level = VERIFY_FULL;
  f.collateral.qe_identity = fixture_qe_identity(&f, SGX_QE, TD_QE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.collateral.tcb_info = fixture_tcb_info(&f, SGX_HEAD, rows[i].tcb_info);
    evidence e = verified_evidence(&f, f.made.raw);
    const evidence_verification *v = &e.verification;
    cr_expect_eq(v->status == VERIFICATION_FULL, rows[i].holds, "row %zu: %s",
                 i, v->reason ? v->reason : "");
    cr_expect_str_eq(v->tcb_status ? v->tcb_status : "",
                     rows[i].status ? rows[i].status : "", "row %zu", i);
    cr_expect_eq(
        value_member(&e.claims, SLICE("attester_tcb_status")) != NULL,
        rows[i].holds, "row %zu", i);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}
