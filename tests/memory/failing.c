/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of a run fails once: the run must say that memory ran out,
 * leak nothing and never permit. */
#include <stdio.h>

#include "tests/memory/check.h"

typedef struct failing_row {
  const char *name;
  const char *policy;
  const char *claims;
  run_outcome outcome; /* once nothing fails */
} failing_row;

#define SGX_CLAIMS                                                             \
  "{\"x-ms-sgx-is-debuggable\":false,\"x-ms-sgx-product-id\":1,"               \
  "\"x-ms-sgx-svn\":3,\"x-ms-sgx-mrsigner\":\"a1b2\",\"tags\":[\"x\",\"y\"],"  \
  "\"report\":{\"items\":[{\"n\":1},{\"n\":2}]}}"

static const failing_row rows[] = {
    {"smallest permit", "version=1.0;authorizationrules{=>permit();};", "{}",
     RUN_PERMITTED},
    {"no permit", "version=1.0;authorizationrules{};", "{}", RUN_DENIED},
    {"deny ends it",
     "version=1.0;authorizationrules{=>permit();"
     "[type==\"x-ms-sgx-svn\",value>=3]=>deny();};",
     SGX_CLAIMS, RUN_DENIED},
    {"enclave with issuance",
     "version= 1.0;\n"
     "authorizationrules {\n"
     "  [type==\"x-ms-sgx-is-debuggable\", value==false] &&\n"
     "  [type==\"x-ms-sgx-product-id\", value==1] &&\n"
     "  s:[type==\"x-ms-sgx-svn\", value>=1] &&\n"
     "  [type==\"x-ms-sgx-mrsigner\", value==\"a1b2\"] => permit();\n"
     "};\n"
     "issuancerules {\n"
     "  c:[type==\"x-ms-sgx-mrsigner\"] => issue(type=\"signer\","
     " value=c.value);\n"
     "  c:[type==\"tags\"] => add(type=\"tag\", value=c.value);\n"
     "  c:[type==\"tag\"] => issue(claim=c);\n"
     "};\n",
     SGX_CLAIMS, RUN_PERMITTED},
    {"functions and queries",
     "version= 1.2;\n"
     "configurationrules {\n"
     "  => issueproperty(type=\"require_valid_aik_cert\", value=false);\n"
     "};\n"
     "authorizationrules {\n"
     "  ![type==\"absent\"] && c:[type==\"report\"] =>"
     " add(type=\"found\", value=JsonToClaimValue("
     "JmesPath(c.value, \"items[?n > `1`].n | [0]\")));\n"
     "  [type==\"found\", value==2] => permit();\n"
     "};\n"
     "issuancerules {\n"
     "  c:[type==\"tags\"] => issue(type=\"subset\","
     " value=IsSubsetOf(c.value, c.value));\n"
     "  c:[type==\"x-ms-sgx-mrsigner\"] => issue(type=\"long\","
     " value=AppendString(c.value, AppendString(\"-\", c.value)));\n"
     "  => issue(type=\"not\", value=NegateBool(true));\n"
     "};\n",
     SGX_CLAIMS, RUN_PERMITTED},
    {"evaluation error",
     "version=1.2;authorizationrules{=>permit();"
     "=>add(type=\"a\",value=JsonToClaimValue(\"{}\"));};",
     "{}", RUN_ERROR},
    {"many findings",
     "version= 1.0;\nauthorizationrules {\n"
     "  [type=\"a\" => premit();\n  c:[tipe==\"a\"] = > permit()\n"
     "  [type==\xe2\x80\x9cx\xe2\x80\x9d] => permit();\n"
     "  \"unfinished\n}\nissuancerule { => issue(\"a\", value=1); };",
     "{}", RUN_REFUSED},
    {"typed by hand, wrapped as a token",
     "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExq"
     "QTdZWFYwYUc5eWFYcGhkR2x2Ym5KMWJHVnplejAtY0dWeWJXbDBLQ2s3ZlRzIn0.",
     "{}", RUN_PERMITTED},
    {"claims of an array",
     "version=1.0;authorizationrules{[type==\"a\",issuer==\"CustomClaim\"]"
     "=>permit();};",
     "[{\"type\":\"a\",\"value\":\"\\u00e9\\n\",\"issuer\":\"CustomClaim\"}]",
     RUN_PERMITTED},
    {"claims that are no JSON", "version=1.0;authorizationrules{=>permit();};",
     "{\"a\":[1,2", RUN_BAD_CLAIMS},
};

/* Far more than any row needs: a run that never ends is a failure. */
enum { ALLOCATIONS_MAX = 100000 };

static void fail_each(tally *t, const failing_row *row) {
  slice policy = slice_from(row->policy), claims = slice_from(row->claims);
  run all = run_policy(policy, claims, -1);
  check(t, all.outcome == row->outcome, row->name, "%s, not %s",
        run_outcome_names[all.outcome], run_outcome_names[row->outcome]);
  check(t, all.allocations > 0 && all.allocations < ALLOCATIONS_MAX, row->name,
        "%ld allocations", all.allocations);
  for (long n = 0; n < all.allocations && n < ALLOCATIONS_MAX; n++) {
    run r = run_policy(policy, claims, n);
    check(t, r.outcome == RUN_NO_MEMORY, row->name, "after %ld: %s", n,
          run_outcome_names[r.outcome]);
  }
  run enough = run_policy(policy, claims, all.allocations);
  check(t, enough.outcome == row->outcome, row->name, "with enough: %s",
        run_outcome_names[enough.outcome]);
}

void failing_allocations(tally *t) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    fail_each(t, &rows[i]);
}
