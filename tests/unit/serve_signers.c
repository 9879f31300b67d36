/* SPDX-License-Identifier: Apache-2.0 */
/* A change whose signer was trusted before another one was removed: it must not
 * be stored behind the answer to the removal. */
#include "serve/service.h"
#include "tests/unit/unit.h"

#define ARENA_BYTES ((size_t)16 << 20)

static const bytes certificates[] = {{(const uint8_t *)"one", 3},
                                     {(const uint8_t *)"two", 3},
                                     {(const uint8_t *)"three", 5}};

typedef struct fixture {
  service service;
  instance instance;
} fixture;

static void start(fixture *f, arena *a) {
  const char *reason;
  *f = (fixture){.instance = {.name = "i", .mode = MODE_ISOLATED}};
  f->service.options.fixed_now = 1000;
  f->service.state = state_open(a, NULL, &reason);
  cr_assert(f->service.state, "%s", reason);
  pthread_mutex_init(&f->service.write_lock, NULL);
  pthread_mutex_init(&f->instance.lock, NULL);
  arena_init(&f->instance.kept, ARENA_BYTES);
  for (size_t i = 0; i < 2; i++)
    cr_assert_eq(instance_add_signer(&f->service, &f->instance,
                                     certificates[i], 0, &reason),
                 SIGNER_CHANGED, "%s", reason);
}

static void end(fixture *f, arena *a) {
  pthread_mutex_destroy(&f->service.write_lock);
  pthread_mutex_destroy(&f->instance.lock);
  arena_free(&f->instance.kept);
  arena_free(a);
}

Test(serve_signers, removal_stops_what_was_on_its_way) {
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  bytes *list;
  unsigned before, after;
  const char *reason = "";
  start(&f, &a);
  service *s = &f.service;
  instance *i = &f.instance;
  cr_assert_eq(instance_signers(i, &a, &list, &before), 2);
  cr_expect(instance_set_policy(s, i, ATTESTATION_TPM, NULL, before, &reason));
  cr_expect_eq(instance_remove_signer(s, i, certificates[0], before, &reason),
               SIGNER_CHANGED);
  cr_expect_not(
      instance_set_policy(s, i, ATTESTATION_TPM, NULL, before, &reason));
  cr_expect(strstr(reason, "removed meanwhile"), "%s", reason);
  cr_expect_eq(instance_add_signer(s, i, certificates[2], before, &reason),
               SIGNER_NOT_STORED);
  cr_expect_eq(instance_remove_signer(s, i, certificates[1], before, &reason),
               SIGNER_NOT_STORED);
  cr_expect_eq(instance_signers(i, &a, &list, &after), 1);
  cr_expect(instance_set_policy(s, i, ATTESTATION_TPM, NULL, after, &reason));
  cr_expect_eq(instance_add_signer(s, i, certificates[2], after, &reason),
               SIGNER_CHANGED);
  end(&f, &a);
}

/* What is removed already is no removal, and stops nobody. */
Test(serve_signers, only_removals_count) {
  TEST_ARENA(a, ARENA_BYTES);
  fixture f;
  const char *reason = "";
  start(&f, &a);
  service *s = &f.service;
  instance *i = &f.instance;
  cr_expect_eq(instance_remove_signer(s, i, certificates[2], 0, &reason),
               SIGNER_CHANGED);
  cr_expect_eq(instance_add_signer(s, i, certificates[2], 0, &reason),
               SIGNER_CHANGED);
  cr_expect(instance_set_policy(s, i, ATTESTATION_TPM, NULL, 0, &reason));
  end(&f, &a);
}
