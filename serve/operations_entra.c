/* SPDX-License-Identifier: Apache-2.0 */
/* As much of Microsoft Entra ID as the SDKs' credentials ask for, so that they
 * work without a network: discovery, client credentials, managed identity.
 * Formats: recorded from @azure/identity 4.13. */
#include "serve/entra_client.h"
#include "serve/router.h"

static void set_text(object_builder *o, const char *name, slice text) {
  object_set(o, slice_from(name), value_text(text));
}

static slice tenant_url(call *c, slice tenant, const char *path) {
  buffer text = buffer_in(c->arena);
  buffer_printf(&text, "%.*s/%.*s%s", SLICE_ARGS(c->issuer->url),
                SLICE_ARGS(tenant), path);
  return buffer_slice(&text);
}

static value one_text(arena *a, slice text) {
  array_builder list = array_in(a);
  array_add(&list, value_text(text));
  return array_value(&list);
}

static slice own_host(const call *c) {
  slice url = c->issuer->url;
  const char *slashes = memchr(url.data, '/', url.length);
  return slashes ? slice_between(slashes + 2, url.data + url.length) : url;
}

void operation_entra_instance(call *c) {
  arena *a = c->arena;
  object_builder entry = object_in(a), body = object_in(a);
  set_text(&entry, "preferred_network", own_host(c));
  set_text(&entry, "preferred_cache", own_host(c));
  object_set(&entry, SLICE("aliases"), one_text(a, own_host(c)));
  array_builder metadata = array_in(a);
  array_add(&metadata, object_value(&entry));
  set_text(&body, "tenant_discovery_endpoint",
           tenant_url(c, SLICE("common"),
                      "/v2.0/.well-known/openid-configuration"));
  set_text(&body, "api-version", SLICE("1.1"));
  object_set(&body, SLICE("metadata"), array_value(&metadata));
  value v = object_value(&body);
  answer_json(c, &v);
}

void operation_entra_metadata(call *c) {
  arena *a = c->arena;
  slice tenant = c->type_name;
  object_builder body = object_in(a);
  set_text(&body, "issuer", tenant_url(c, tenant, "/v2.0"));
  set_text(&body, "token_endpoint",
           tenant_url(c, tenant, "/oauth2/v2.0/token"));
  set_text(&body, "authorization_endpoint",
           tenant_url(c, tenant, "/oauth2/v2.0/authorize"));
  set_text(&body, "jwks_uri", tenant_url(c, tenant, "/discovery/v2.0/keys"));
  object_set(&body, SLICE("response_types_supported"),
             one_text(a, SLICE("code")));
  object_set(&body, SLICE("subject_types_supported"),
             one_text(a, SLICE("pairwise")));
  object_set(&body, SLICE("id_token_signing_alg_values_supported"),
             one_text(a, SLICE("RS256")));
  value v = object_value(&body);
  answer_json(c, &v);
}

void operation_entra_keys(call *c) {
  answer_text(c, "application/json; charset=utf-8", c->service->entra_keys);
}

/* --- tokens --------------------------------------------------------------- */

/* "https://attest.azure.net/.default" asks for the resource before it. */
static slice audience_of(slice scope) {
  static const char ending[] = "/.default";
  size_t length = sizeof ending - 1;
  if (scope.length > length &&
      memcmp(scope.data + scope.length - length, ending, length) == 0)
    scope.length -= length;
  while (scope.length && scope.data[scope.length - 1] == '/')
    scope.length--;
  return scope;
}

static void forbid_caching(call *c) {
  http_header(c->response, "Cache-Control", SLICE("no-store"));
}

static void answer_error(call *c, const entra_refusal *why) {
  object_builder body = object_in(c->arena);
  buffer text = buffer_in(c->arena);
  if (why->number) {
    array_builder codes = array_in(c->arena);
    array_add(&codes, value_integer(why->number));
    object_set(&body, SLICE("error_codes"), array_value(&codes));
    buffer_printf(&text, "AADSTS%d: ", why->number);
  }
  buffer_text(&text, why->text);
  set_text(&body, "error", slice_from(why->error));
  set_text(&body, "error_description", buffer_slice(&text));
  value v = object_value(&body);
  answer_json(c, &v);
  c->response->status = why->status;
  c->code = why->error;
  forbid_caching(c);
}

void operation_entra_token(call *c) {
  entra_refusal why;
  entra_request request;
  if (!entra_read_request(c, &request, &why)) {
    answer_error(c, &why);
    return;
  }
  slice token = access_make_token(c, audience_of(request.scope), c->type_name,
                                  request.client, request.role);
  object_builder body = object_in(c->arena);
  set_text(&body, "token_type", SLICE("Bearer"));
  object_set(&body, SLICE("expires_in"), value_integer(ACCESS_TOKEN_SECONDS));
  object_set(&body, SLICE("ext_expires_in"),
             value_integer(ACCESS_TOKEN_SECONDS));
  set_text(&body, "access_token", token);
  value v = object_value(&body);
  answer_json(c, &v);
  forbid_caching(c);
}

static void set_number_text(object_builder *o, const char *name,
                            int64_t number) {
  buffer text = buffer_in(o->arena);
  json_write_integer(&text, number);
  set_text(o, name, buffer_slice(&text));
}

/* The identity that is asked for, or the machine's first; where clients are
 * listed, they alone are. */
static bool find_identity(const service *s, slice asked, slice *client,
                          access_role *role) {
  *client = asked.length ? asked : SLICE("managed-identity");
  *role = ROLE_CONTRIBUTOR;
  for (size_t i = 0; i < s->client_count; i++) {
    const service_client *entry = &s->clients[i];
    if (!entry->is_managed ||
        (asked.length && !slice_equal(asked, entry->id)))
      continue;
    *client = entry->id;
    *role = entry->role;
    return true;
  }
  return !s->clients;
}

/* A header that no browser and no forwarded request brings along: that of
 * virtual machines and Azure Arc, or of App Service. */
static bool is_from_this_machine(const call *c) {
  http_fields headers = c->request->headers;
  return slice_equal_ignore_case(http_field_find(headers, "Metadata"),
                                 SLICE("true")) ||
         http_field_find(headers, "X-IDENTITY-HEADER").length > 0;
}

static void answer_identity(call *c, slice resource, slice client,
                            access_role role) {
  slice token = access_make_token(c, audience_of(resource), SLICE("common"),
                                  client, role);
  object_builder body = object_in(c->arena);
  set_text(&body, "access_token", token);
  set_text(&body, "client_id", client);
  set_number_text(&body, "expires_in", ACCESS_TOKEN_SECONDS);
  set_number_text(&body, "expires_on", c->now + ACCESS_TOKEN_SECONDS);
  set_text(&body, "resource", resource);
  set_text(&body, "token_type", SLICE("Bearer"));
  value v = object_value(&body);
  answer_json(c, &v);
  forbid_caching(c);
}

void operation_entra_imds(call *c) {
  static const entra_refusal no_header = {
      400, "invalid_request", 0, "Required metadata header not specified"};
  static const entra_refusal no_resource = {
      400, "invalid_request", 0, "Required query variable 'resource' is "
                                 "missing"};
  static const entra_refusal unknown = {400, "invalid_request", 0,
                                        "Identity not found"};
  slice client, resource = call_argument(c, "resource");
  access_role role;
  if (!is_from_this_machine(c))
    answer_error(c, &no_header);
  else if (!resource.length)
    answer_error(c, &no_resource);
  else if (!find_identity(c->service, call_argument(c, "client_id"), &client,
                          &role))
    answer_error(c, &unknown);
  else
    answer_identity(c, resource, client, role);
}
