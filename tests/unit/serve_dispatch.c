/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its instance, issuer, version and access, without a
 * socket. */
#include "serve/access.h"
#include "serve/router.h"
#include "tests/unit/unit.h"

#define ARENA_BYTES ((size_t)16 << 20)

typedef struct fixture {
  arena *arena;
  service service;
  instance instances[3];
  http_response response;
} fixture;

/* Each instance has two names; its metadata says which of them was found. */
static void add_instance(fixture *f, size_t n, const char *prefix) {
  static const char *const hosts[] = {"one:1", "two:2"};
  instance *i = &f->instances[n];
  *i = (instance){.name = prefix, .prefix = slice_from(prefix),
                  .issuer_count = 2};
  pthread_mutex_init(&i->lock, NULL);
  for (size_t h = 0; h < 2; h++) {
    buffer text = buffer_in(f->arena);
    buffer_printf(&text, "%s at %s", prefix, hosts[h]);
    i->issuers[h] = (issuer_name){
        .host = slice_from(hosts[h]),
        .url = buffer_slice(&text),
        .token_header = slice_from("{\"alg\":\"RS256\"}"),
        .metadata = buffer_slice(&text)};
  }
}

static void start(fixture *f, arena *a) {
  *f = (fixture){.arena = a};
  add_instance(f, 0, "");
  add_instance(f, 1, "/i/a");
  add_instance(f, 2, "/i/ab");
  f->service.instances = f->instances;
  f->service.instance_count = 3;
  f->service.options.log = -1;
  f->service.options.fixed_now = 1000;
  private_key_make(a, JWS_RS256, 0, &f->service.signing_key);
}

static void end(fixture *f) {
  for (size_t i = 0; i < 3; i++)
    pthread_mutex_destroy(&f->instances[i].lock);
  arena_free(f->arena);
}

static void ask(fixture *f, const char *path, const char *version,
                const char *header, const char *text) {
  http_field query = {slice_from("api-version"), slice_from(version)};
  http_field fields[] = {{slice_from(header), slice_from(text)}};
  http_request request = {.arena = f->arena,
                          .method = SLICE("GET"),
                          .path = slice_from(path),
                          .query = {&query, version ? 1 : 0},
                          .headers = {fields, 1}};
  f->response = (http_response){.status = 200};
  service_handle(&f->service, &request, &f->response);
}

Test(serve_dispatch, finds_instance_and_issuer) {
  static const char metadata[] = "/.well-known/openid-configuration";
  static const struct {
    const char *prefix, *host, *found; /* NULL: 404 */
  } rows[] = {
      {"", "one:1", " at one:1"},
      {"", "two:2", " at two:2"},
      {"", "TWO:2", " at two:2"},
      {"", "evil:1", " at one:1"},
      {"", "", " at one:1"},
      {"/i/a", "two:2", "/i/a at two:2"},
      {"/I/A", "one:1", "/i/a at one:1"},
      {"//i//a/", "one:1", "/i/a at one:1"},
      {"/i/ab", "one:1", "/i/ab at one:1"},
      {"/i/abc", "one:1", NULL},
      {"/i/", "one:1", NULL},
      {"/i/a/i/ab", "one:1", NULL},
      {"/x", "one:1", NULL},
  };
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  start(&f, &a);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer path = buffer_in(&a);
    buffer_printf(&path, "%s%s", rows[i].prefix, metadata);
    ask(&f, buffer_slice(&path).data, NULL, "Host", rows[i].host);
    cr_expect_eq(f.response.status, rows[i].found ? 200 : 404, "%s: %d",
                 rows[i].prefix, f.response.status);
    if (rows[i].found)
      cr_expect(slice_is(f.response.body, rows[i].found), "%s: %.*s",
                rows[i].prefix, SLICE_ARGS(f.response.body));
  }
  end(&f);
}

/* The token endpoint is one for all instances. */
Test(serve_dispatch, has_one_token_endpoint) {
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  start(&f, &a);
  f.service.entra_keys = SLICE("{}");
  ask(&f, "/t/discovery/v2.0/keys", NULL, "Host", "one:1");
  cr_expect_eq(f.response.status, 200);
  ask(&f, "/i/a/t/discovery/v2.0/keys", NULL, "Host", "one:1");
  cr_expect_eq(f.response.status, 404);
  end(&f);
}

static bool says(const fixture *f, const char *code) {
  buffer wanted = buffer_in(f->arena);
  buffer_printf(&wanted, "\"code\":\"%s\"", code);
  return strstr(f->response.body.data, buffer_slice(&wanted).data) != NULL;
}

Test(serve_dispatch, wants_a_version) {
  static const struct {
    const char *version, *code; /* NULL: answered */
  } rows[] = {
      {"2020-10-01", NULL},
      {"2022-08-01", NULL},
      {"2025-06-01", NULL},
      {NULL, "ApiVersionUnspecified"},
      {"", "UnsupportedApiVersion"},
      {"2019-01-01", "UnsupportedApiVersion"},
      {"2018-09-01-preview", "UnsupportedApiVersion"},
  };
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  start(&f, &a);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    ask(&f, "/policies/Tpm", rows[i].version, "Authorization", "Bearer x");
    cr_expect_eq(f.response.status, rows[i].code ? 400 : 200, "%s",
                 rows[i].version ? rows[i].version : "none");
    if (rows[i].code)
      cr_expect(says(&f, rows[i].code), "%s", f.response.body.data);
  }
  end(&f);
}

Test(serve_dispatch, wants_a_bearer_token) {
  static const struct {
    oauth_level level;
    const char *header, *text;
    int status;
  } rows[] = {
      {OAUTH_OFF, "X", "", 200},
      {OAUTH_OFF, "Authorization", "Basic x", 200},
      {OAUTH_BASIC, "Authorization", "Bearer x", 200},
      {OAUTH_BASIC, "authorization", "bearer x", 200},
      {OAUTH_BASIC, "Authorization", "BEARER x", 200},
      {OAUTH_BASIC, "X", "", 401},
      {OAUTH_BASIC, "Authorization", "", 401},
      {OAUTH_BASIC, "Authorization", "Bearer", 401},
      {OAUTH_BASIC, "Authorization", "Bearer ", 401},
      {OAUTH_BASIC, "Authorization", "Bearerx", 401},
      {OAUTH_BASIC, "Authorization", "Basic eDp5", 401},
      {OAUTH_STRICT, "X", "", 401},
      {OAUTH_STRICT, "Authorization", "Bearer x", 401},
      {OAUTH_STRICT, "Authorization", "Bearer ..", 401},
      {OAUTH_STRICT, "Authorization", "Bearer a.b", 401},
      {OAUTH_STRICT, "Authorization", "Bearer e30.e30.", 401},
      {OAUTH_STRICT, "Authorization", "Bearer e30.e30.AA.AA", 401},
  };
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  start(&f, &a);
  private_key_make(&a, JWS_RS256, 0, &f.service.entra_key);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.service.options.oauth = rows[i].level;
    ask(&f, "/policies/Tpm", "2020-10-01", rows[i].header, rows[i].text);
    cr_expect_eq(f.response.status, rows[i].status, "%d %s: %d",
                 (int)rows[i].level, rows[i].text, f.response.status);
  }
  end(&f);
}

/* One of our own: its audience, time and role. */
Test(serve_dispatch, looks_into_access_tokens) {
  static const struct {
    const char *audience;
    access_role role;
    int64_t now;
    int status;
  } rows[] = {
      {"https://attest.azure.net", ROLE_READER, 1000, 200},
      {"https://attest.azure.net", ROLE_CONTRIBUTOR, 4598, 200},
      {"https://attest.azure.net", ROLE_READER, 4599, 401},
      {"https://attest.azure.net", ROLE_READER, 999, 401},
      {"https://attest.azure.net", ROLE_NONE, 1000, 403},
      {"https://attest.azure.net/", ROLE_READER, 1000, 401},
      {"https://graph.example", ROLE_CONTRIBUTOR, 1000, 401},
  };
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  start(&f, &a);
  f.service.options.oauth = OAUTH_STRICT;
  f.service.entra_kid = SLICE("k");
  private_key_make(&a, JWS_RS256, 0, &f.service.entra_key);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    call c = {.arena = &a, .service = &f.service, .now = 1000,
              .issuer = &f.instances[0].issuers[0]};
    buffer text = buffer_in(&a);
    slice token = access_make_token(&c, slice_from(rows[i].audience),
                                    SLICE("t"), SLICE("c"), rows[i].role);
    buffer_printf(&text, "Bearer %.*s", SLICE_ARGS(token));
    f.service.options.fixed_now = rows[i].now;
    ask(&f, "/policies/Tpm", "2020-10-01", "Authorization",
        buffer_slice(&text).data);
    cr_expect_eq(f.response.status, rows[i].status, "row %zu: %d", i,
                 f.response.status);
  }
  end(&f);
}
