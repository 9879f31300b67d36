/* SPDX-License-Identifier: Apache-2.0 */
#include "token/default_policies.h"

#define SGX_POLICY                                                            \
  "version= 1.1;configurationrules{=> issueproperty(type=\"x-ms-sgx-"         \
  "tcbidentifier\", value=\"azuredefault\");};authorizationrules{=> permit()" \
  ";};issuancerules{"                                                         \
  "c:[type==\"x-ms-sgx-is-debuggable\"] => "                                  \
  "issue(type=\"is-debuggable\", value=c.value);"                             \
  "c:[type==\"x-ms-sgx-mrsigner\"] => "                                       \
  "issue(type=\"sgx-mrsigner\", value=c.value);"                              \
  "c:[type==\"x-ms-sgx-mrenclave\"] => "                                      \
  "issue(type=\"sgx-mrenclave\", value=c.value);"                             \
  "c:[type==\"x-ms-sgx-product-id\"] => "                                     \
  "issue(type=\"product-id\", value=c.value);"                                \
  "c:[type==\"x-ms-sgx-svn\"] => issue(type=\"svn\", value=c.value);"         \
  "c:[type==\"x-ms-attestation-type\"] => "                                   \
  "issue(type=\"tee\", value=c.value);};"

#define PERMIT_POLICY "version= 1.0;authorizationrules{=> permit();};"

static const char *const policies[ATTESTATION_TYPE_COUNT] = {
    [ATTESTATION_SGX_ENCLAVE] = SGX_POLICY,
    [ATTESTATION_OPEN_ENCLAVE] = SGX_POLICY,
    [ATTESTATION_SEV_SNP_VM] = PERMIT_POLICY,
    [ATTESTATION_TDX_VM] = PERMIT_POLICY,
    [ATTESTATION_AZURE_GUEST] = PERMIT_POLICY,
};

slice default_policy(attestation_type type) {
  if ((unsigned)type >= ATTESTATION_TYPE_COUNT)
    return SLICE_EMPTY;
  return slice_from(policies[type]);
}
