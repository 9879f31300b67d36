/* SPDX-License-Identifier: Apache-2.0 */
/* What came of a token's verification, for people and programs. */
#include <time.h>

#include "base/render.h"
#include "token/verify.h"

slice token_time(arena *a, int64_t seconds) {
  static const int64_t first = -62167219200, last = 253402300799;
  time_t time = (time_t)seconds;
  struct tm t;
  buffer text = buffer_in(a);
  if (seconds >= first && seconds <= last && gmtime_r(&time, &t))
    buffer_printf(&text, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900,
                  t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
  else
    json_write_integer(&text, seconds);
  return buffer_slice(&text);
}

static value text_or_null(const char *text) {
  return text ? value_text(slice_from(text)) : value_null();
}

static value slice_or_null(slice text) {
  return text.data ? value_text(text) : value_null();
}

static evidence_verification steps_of(const token_verification *v) {
  return (evidence_verification){.steps = v->steps};
}

static value service_value(arena *a, const token_verification *v) {
  if (!v->service)
    return value_null();
  object_builder o = object_in(a);
  const evidence *e = v->service;
  object_set(&o, SLICE("type"),
             text_or_null(attestation_type_name(e->type)));
  object_set(&o, SLICE("claims"), e->claims);
  object_set(&o, SLICE("verification"),
             verification_report(a, &e->verification));
  return object_value(&o);
}

value token_verification_report(arena *a, const token_verification *v) {
  object_builder o = object_in(a);
  evidence_verification steps = steps_of(v);
  value list = verification_report(a, &steps);
  object_set(&o, SLICE("verified"), value_boolean(v->is_verified));
  object_set(&o, SLICE("code"),
             v->is_verified ? value_null()
                            : text_or_null(token_refusal_name(v->why.code)));
  object_set(&o, SLICE("reason"), text_or_null(v->why.reason));
  object_set(&o, SLICE("algorithm"), slice_or_null(v->token.algorithm_name));
  object_set(&o, SLICE("kid"), slice_or_null(v->token.kid));
  object_set(&o, SLICE("key"), text_or_null(v->key));
  object_set(&o, SLICE("root"), text_or_null(v->root));
  /* Only what is proven, so that no reader takes the rest by mistake. */
  object_set(&o, SLICE("claims"), v->is_verified ? v->claims : value_null());
  object_set(&o, SLICE("service-evidence"), service_value(a, v));
  object_set(&o, SLICE("steps"), *value_member(&list, SLICE("steps")));
  return object_value(&o);
}

void token_verification_write(buffer *out, const token_verification *v) {
  evidence_verification steps = steps_of(v);
  verification_write_steps(out, &steps);
  if (!v->is_verified) {
    buffer_printf(out, "refused: %s: ", token_refusal_name(v->why.code));
    render_escaped(out, slice_from(v->why.reason));
  } else if (!v->key) {
    buffer_text(out, "accepted without a signature");
  } else {
    buffer_printf(out, "verified by %s", v->key);
    if (v->root) {
      buffer_text(out, " up to ");
      render_escaped(out, slice_from(v->root));
    }
  }
  buffer_char(out, '\n');
}
