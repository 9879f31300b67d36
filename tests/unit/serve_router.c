/* SPDX-License-Identifier: Apache-2.0 */
/* Which operation a method and a path are for, and which versions there are. */
#include "serve/router.h"
#include "tests/unit/unit.h"

enum { ARENA_BYTES = 1 << 20 };

Test(serve_router, finds_operations) {
  static const struct {
    const char *method, *path, *name, *parameter;
  } rows[] = {
      {"GET", "/certs", "certs", ""},
      {"HEAD", "/certs", "certs", ""},
      {"GET", "/CERTS", "certs", ""},
      {"GET", "/.Well-Known/OpenId-Configuration", "metadata", ""},
      {"GET", "/policies/SgxEnclave", "policy_get", "SgxEnclave"},
      {"PUT", "/Policies/sgxenclave", "policy_set", "sgxenclave"},
      {"POST", "/policies/Tpm:reset", "policy_reset", "Tpm"},
      {"POST", "/policies/Tpm:RESET", "policy_reset", "Tpm"},
      {"POST", "/certificates:add", "certificates_add", ""},
      {"POST", "/certificates:remove", "certificates_remove", ""},
      {"POST", "/attest/SevSnpVM", "attest", "SevSnpVM"},
      {"POST", "/attest/Tee/OpenEnclave", "attest_preview", "OpenEnclave"},
      {"POST", "/attest/tee", "attest", "tee"},
      {"GET", "/tcbbaselines/x y", "tcb_baselines", "x y"},
      {"PUT", "/operations/policy/current", "preview_policy_set", ""},
      {"POST", "/contoso/oauth2/v2.0/token", "entra_token", "contoso"},
      {"GET", "/", "page", ""},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    route r = route_find(slice_from(rows[i].method), slice_from(rows[i].path));
    cr_assert(r.operation, "%s %s", rows[i].method, rows[i].path);
    cr_expect_str_eq(r.operation->name, rows[i].name, "%s", rows[i].path);
    cr_expect(slice_is(r.parameter, rows[i].parameter), "%s", rows[i].path);
  }
}

Test(serve_router, finds_nothing_elsewhere) {
  static const struct {
    const char *method, *path, *allowed;
  } rows[] = {
      {"GET", "", NULL},
      {"GET", "/cert", NULL},
      {"GET", "/certs/", NULL}, /* route_clean_path takes the slash away */
      {"GET", "/certsx", NULL},
      {"GET", "/policies/", NULL},
      {"GET", "/policies/a/b", NULL},
      {"GET", "/policies/:reset", NULL},
      {"POST", "/policies/Tpm:resets", NULL},
      {"POST", "/policies/Tpm:reset:reset", NULL},
      {"POST", "/attest/Tee/", NULL},
      {"POST", "/attest/a/b", NULL},
      {"DELETE", "/policies/Tpm", "GET, PUT"},
      {"get", "/certs", "GET"}, /* methods are compared to the letter */
      {"HEAD", "/certificates:add", "POST"},
      {"GET", "/attest/Tpm", "POST"},
      {"DELETE", "/operations/policy/current", "GET, PUT, POST"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    route r = route_find(slice_from(rows[i].method), slice_from(rows[i].path));
    cr_expect_null(r.operation, "%s %s", rows[i].method, rows[i].path);
    if (!rows[i].allowed)
      cr_expect_null(r.allowed, "%s", rows[i].path);
    else
      cr_expect(r.allowed && !strcmp(r.allowed, rows[i].allowed), "%s: %s",
                rows[i].path, r.allowed ? r.allowed : "none");
  }
}

Test(serve_router, cleans_paths) {
  static const char *const rows[][2] = {
      {"/", "/"},           {"//", "/"},       {"///certs//", "/certs"},
      {"/certs", "/certs"}, {"/a/b/", "/a/b"}, {"", ""},
      {"a//b", "a/b"},
  };
  TEST_ARENA(a, ARENA_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(slice_is(route_clean_path(&a, slice_from(rows[i][0])),
                       rows[i][1]),
              "%s", rows[i][0]);
  arena_free(&a);
}

Test(serve_router, knows_versions) {
  static const struct {
    const char *name;
    unsigned bit;
  } rows[] = {
      {"2018-09-01-preview", API_2018}, {"2018-09-01", API_2018},
      {"2020-10-01", API_2020},         {"2022-08-01", API_2022},
      {"2022-09-01", API_2022},         {"2022-09-01-PREVIEW", API_2022},
      {"2025-06-01", API_2025},         {"2026-03-11-preview", API_2026},
      {"2020-10-02", 0},                {"2020-10-01 ", 0},
      {"2020-10-01-preview", 0},        {"", 0},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_eq(api_version_bit(slice_from(rows[i].name)), rows[i].bit, "%s",
                 rows[i].name);
}

/* The forms of 2018 are served in that version alone, those of today in all
 * others; who attests with either path may say so in any. */
Test(serve_router, operations_have_versions) {
  for (size_t i = 0; i < OPERATION_COUNT; i++) {
    const operation *o = &operations[i];
    if (strncmp(o->name, "preview_", 8) == 0)
      cr_expect_eq(o->versions, API_2018, "%s", o->name);
    if (strncmp(o->path, "/policies", 9) == 0 ||
        strncmp(o->path, "/certificates", 13) == 0)
      cr_expect_eq(o->versions, API_STABLE, "%s", o->name);
    if (o->access >= ACCESS_READ)
      cr_expect_neq(o->versions, API_ANY, "%s", o->name);
    bool changes = strstr(o->name, "_set") || strstr(o->name, "_reset") ||
                   strstr(o->name, "_add") || strstr(o->name, "_remove");
    if (changes)
      cr_expect_eq(o->access, ACCESS_WRITE, "%s", o->name);
  }
}
