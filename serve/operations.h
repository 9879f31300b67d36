/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation that is served: OPERATION(name, method, path, versions,
 * access, summary). The function is operation_NAME. A path is compared in any
 * case; {type} stands for one segment. Routing, /openapi.json, /metrics and
 * the log read this table. */
/* --- of the service: table A of its REST API ------------------------------ */
OPERATION(metadata, "GET", "/.well-known/openid-configuration", API_ANY,
          ACCESS_ANYONE, "OpenID metadata of the instance")
OPERATION(certs, "GET", "/certs", API_ANY, ACCESS_ANYONE,
          "keys that sign tokens, as JWK set")
OPERATION(policy_get, "GET", "/policies/{type}", API_STABLE, ACCESS_READ,
          "the policy in force")
OPERATION(policy_set, "PUT", "/policies/{type}", API_STABLE, ACCESS_WRITE,
          "put a policy in force; body: policy token")
OPERATION(policy_reset, "POST", "/policies/{type}:reset", API_STABLE,
          ACCESS_WRITE, "back to the default policy; body: empty policy token")
OPERATION(certificates_get, "GET", "/certificates", API_STABLE, ACCESS_READ,
          "policy management certificates")
OPERATION(certificates_add, "POST", "/certificates:add", API_STABLE,
          ACCESS_WRITE, "one more; body: token with policyCertificate")
OPERATION(certificates_remove, "POST", "/certificates:remove", API_STABLE,
          ACCESS_WRITE, "one less; body: token with policyCertificate")
OPERATION(attest_preview, "POST", "/attest/Tee/{type}", API_2018,
          ACCESS_ATTEST, "attest; the answer is a bare token")
OPERATION(attest, "POST", "/attest/{type}", API_ALL, ACCESS_ATTEST,
          "evidence to claims to decision to token")
OPERATION(tcb_baselines, "GET", "/tcbbaselines/{type}", API_FROM_2022,
          ACCESS_ANYONE, "TCB baselines that policies can ask for")
OPERATION(preview_policy_get, "GET", "/operations/policy/current", API_2018,
          ACCESS_READ, "the policy in force (?tee=)")
OPERATION(preview_policy_set, "PUT", "/operations/policy/current", API_2018,
          ACCESS_WRITE, "put a policy in force (?tee=)")
OPERATION(preview_policy_reset, "POST", "/operations/policy/current", API_2018,
          ACCESS_WRITE, "back to the default policy (?tee=)")
OPERATION(preview_policy_prepare, "POST", "/operations/policy/updatepolicy",
          API_2018, ACCESS_WRITE, "what a policy would be stored as (?tee=)")
OPERATION(preview_certificates_get, "GET", "/operations/policy/certificates",
          API_2018, ACCESS_READ, "policy management certificates")
OPERATION(preview_certificates_add, "PUT", "/operations/policy/certificates",
          API_2018, ACCESS_WRITE, "one more")
OPERATION(preview_certificates_remove, "POST",
          "/operations/policy/certificates", API_2018, ACCESS_WRITE,
          "one less")
/* --- of this program ------------------------------------------------------ */
OPERATION(health, "GET", "/health", API_ANY, ACCESS_ANYONE,
          "whether the emulator answers")
OPERATION(metrics, "GET", "/metrics", API_ANY, ACCESS_ANYONE,
          "counters for Prometheus")
OPERATION(page, "GET", "/", API_ANY, ACCESS_ANYONE, "status page, in HTML")
OPERATION(page_script, "GET", "/status.js", API_ANY, ACCESS_ANYONE,
          "its script")
OPERATION(page_style, "GET", "/status.css", API_ANY, ACCESS_ANYONE,
          "its style")
OPERATION(page_try, "POST", "/try", API_ANY, ACCESS_ANYONE,
          "its form: what a policy decides on a sample; nothing is stored")
OPERATION(openapi, "GET", "/openapi.json", API_ANY, ACCESS_ANYONE,
          "this table, as OpenAPI 3")
/* --- of Microsoft Entra ID, so that clients get tokens offline ------------ */
OPERATION(entra_instance, "GET", "/common/discovery/instance", API_ANY,
          ACCESS_ANYONE, "instance discovery")
OPERATION(entra_metadata, "GET",
          "/{tenant}/v2.0/.well-known/openid-configuration", API_ANY,
          ACCESS_ANYONE, "OpenID metadata of a tenant")
OPERATION(entra_keys, "GET", "/{tenant}/discovery/v2.0/keys", API_ANY,
          ACCESS_ANYONE, "keys that sign access tokens")
OPERATION(entra_token, "POST", "/{tenant}/oauth2/v2.0/token", API_ANY,
          ACCESS_ANYONE, "access token for a client's credentials")
OPERATION(entra_imds, "GET", "/metadata/identity/oauth2/token", API_ANY,
          ACCESS_ANYONE, "access token of a managed identity")
