/* SPDX-License-Identifier: Apache-2.0 */
/* Client secret, and tokens of other issuers that lie in a file (workload
 * identity of Kubernetes). */
#include "remote/credentials.h"

credential_outcome credential_client_secret(credentials *c, access_token *t) {
  remote *r = c->remote;
  application app;
  const char *given = remote_variable(r, "AZURE_CLIENT_SECRET");
  if (!given || !credential_application(c, "AZURE_TENANT_ID",
                                        "AZURE_CLIENT_ID", &app))
    return CREDENTIAL_ABSENT;
  slice word = remote_secret_copy(r, slice_from(given));
  slice encoded = url_encoded(r->arena, word);
  remote_secret(r, encoded);
  buffer proof = buffer_in(r->arena);
  buffer_reserve(&proof, encoded.length + 32);
  buffer_text(&proof, "client_secret=");
  buffer_add(&proof, encoded);
  slice text = buffer_slice(&proof);
  remote_secret(r, text);
  return credential_exchange(c, &app, text, t);
}

credential_outcome credential_workload(credentials *c, access_token *t) {
  application app;
  const char *path =
      remote_variable(c->remote, "AZURE_FEDERATED_TOKEN_FILE");
  if (!path || !credential_application(c, "AZURE_TENANT_ID",
                                       "AZURE_CLIENT_ID", &app))
    return CREDENTIAL_ABSENT;
  slice assertion;
  if (!credential_read_file(c, path, &assertion))
    return CREDENTIAL_FAILED;
  return credential_exchange_assertion(c, &app, assertion, t);
}
