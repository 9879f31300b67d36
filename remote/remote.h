/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the client shares: the arena, the secrets that must not
 * show, the log, and why something failed.
 *
 *   remote r;
 *   remote_init(&r, a);
 *   r.log = ..;                      // optional
 *   if (!service_policy_get(..))
 *     report(r.failure.message, r.failure.advice);
 *
 * Functions of this folder return false when they fail, and then r->failure
 * says why. No secret that was registered is in it, nor in the log.
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

#include "base/arena.h"
#include "base/buffer.h"

typedef enum remote_status {
  REMOTE_OK,
  REMOTE_REFUSED,   /* the service understood, and the answer is no */
  REMOTE_UNTRUSTED, /* an answer that does not verify, or not what was asked */
  REMOTE_INPUT,     /* what was to be sent cannot be used */
  REMOTE_DENIED,    /* 401, 403, or no credential */
  REMOTE_UNAVAILABLE /* network, time-out, the service failed */
} remote_status;

typedef struct remote_failure {
  remote_status status;
  const char *message; /* one line, no full stop */
  const char *advice;  /* what to do about it, or NULL */
  long http_status;    /* 0: there was no answer */
  slice code;          /* of the service's error body; may be empty */
  slice text;          /* its message, as it came */
  bool is_ambiguous;   /* it may have been done all the same */
} remote_failure;

typedef struct secret_list {
  slice *items;
  size_t count, capacity;
} secret_list;

typedef struct remote {
  arena *arena;
  secret_list secrets;
  remote_failure failure;
  /* Takes one line about a step, without secrets; NULL: nobody listens. */
  void (*log)(void *context, const char *line);
  void *log_context;
  /* Both may be replaced by tests; never NULL. */
  const char *(*environment)(const char *name);
  void (*sleep)(void *context, unsigned milliseconds);
  void *sleep_context;
} remote;

/* The system's environment and clock, no log. */
void remote_init(remote *r, arena *a);

/* Registers a text that must never be shown: it is replaced by "***" wherever
 * it would, and its bytes, which must be writable and live as long as the
 * arena, are cleansed with the arena. Empty ones are passed over. */
void remote_secret(remote *r, slice secret);

/* A copy of the text that is registered as a secret. */
slice remote_secret_copy(remote *r, slice text);

/* The text with each secret in it replaced. */
slice remote_redacted(const remote *r, slice text);

/* A variable of the environment; NULL if it is not set or empty. */
const char *remote_variable(const remote *r, const char *name);

/* Sets r->failure (without advice, code and text) and returns false. */
bool remote_fail(remote *r, remote_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds what to do about it; static or in the arena. Returns false. */
bool remote_advise(remote *r, const char *advice);

void remote_log(remote *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
