/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/page.h"

#include <time.h>

#include "base/markup.h"
#include "compiler/claim_catalogue.h"
#include "serve/decisions.h"
#include "serve/instance.h"
#include "sign/policy_hash.h"

enum { POLICY_SHOWN = 64 << 10 }; /* the rest is for GET /policies */

static void text(buffer *out, slice s) { markup_escape(out, s); }

static void words(buffer *out, const char *s) { text(out, slice_from(s)); }

/* --- sample claims -------------------------------------------------------- */

static value example_of(arena *a, const claim_entry *e) {
  slice example = slice_from(e->example);
  value v;
  json_error error;
  if (e->kind == VALUE_STRING || !json_read(a, example, 0, &v, &error))
    return value_text(example);
  return v;
}

static bool is_sample(const claim_entry *e, attestation_type type) {
  return claim_entry_is_of(e, type) && e->seen != CLAIM_SEEN_IN_TOKEN &&
         !e->is_issued_by_policy && !e->deprecated_for && e->example &&
         e->format != CLAIM_JSON;
}

slice page_sample(arena *a, attestation_type type) {
  object_builder claims = object_in(a);
  for (const claim_entry *e = claim_catalogue; e->name; e++)
    if (is_sample(e, type))
      object_set(&claims, slice_from(e->name), example_of(a, e));
  object_set(&claims, SLICE("x-ms-attestation-type"),
             value_text(slice_from(attestation_type_claim(type))));
  value v = object_value(&claims);
  buffer out = buffer_in(a);
  json_write_pretty(&out, &v);
  return buffer_slice(&out);
}

/* --- policies ------------------------------------------------------------- */

static void write_policy(buffer *out, call *c, attestation_type type) {
  const stored_policy *p =
      instance_policy(c->service, c->instance, c->arena, type);
  buffer_text(out, "<tr><th scope=row>");
  words(out, attestation_type_name(type));
  buffer_text(out, "<td>");
  if (!p) {
    buffer_text(out, "none<td>");
    return;
  }
  bool is_default = p == c->service->defaults[type];
  bool is_signed = p->signer.kind == VALUE_OBJECT;
  buffer_text(out, is_default ? "default" : "set");
  buffer_text(out, is_signed ? ", signed" : ", not signed");
  buffer_text(out, "<td><code>");
  slice source = p->policy->text;
  text(out, policy_hash(c->arena, source));
  buffer_text(out, "</code><details><summary>text</summary><pre>");
  bool is_long = source.length > POLICY_SHOWN;
  text(out, is_long ? (slice){source.data, POLICY_SHOWN} : source);
  buffer_text(out, is_long ? "\n.. (cut)</pre></details>"
                           : "</pre></details>");
}

static void write_policies(buffer *out, call *c) {
  buffer_text(out, "<h2>Policies in force</h2><table id=policies>"
                   "<tr><th>Type<th>Policy<th>x-ms-policy-hash\n");
  for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++)
    write_policy(out, c, (attestation_type)t);
  buffer_text(out, "</table>\n");
}

/* --- decisions ------------------------------------------------------------ */

static void write_time(buffer *out, int64_t seconds) {
  time_t when = (time_t)seconds;
  struct tm parts;
  char shown[40];
  if (!gmtime_r(&when, &parts) ||
      !strftime(shown, sizeof shown, "%Y-%m-%d %H:%M:%SZ", &parts))
    return;
  words(out, shown);
}

static void write_decision(buffer *out, const decision_record *d) {
  bool permitted = d->outcome == ATTEST_PERMITTED;
  buffer_text(out, "<tr><td>");
  write_time(out, d->time);
  buffer_text(out, "<td>");
  words(out, attestation_type_name(d->type));
  buffer_text(out, permitted ? "<td class=permit>permit" : "<td class=deny>");
  if (!permitted)
    words(out, d->code);
  if (d->is_draft)
    buffer_text(out, " <span class=note>(draft policy)</span>");
  buffer_text(out, permitted ? "<td><span class=note>" : "<td><pre>");
  text(out, (slice){d->text, d->length});
  buffer_text(out, permitted ? "</span>\n" : "</pre>\n");
}

static void write_decisions(buffer *out, call *c) {
  const decision_record *list;
  size_t count = decisions_list(c->instance->decisions, c->arena, &list);
  buffer_text(out, "<h2>Recent decisions</h2><table id=decisions>"
                   "<tr><th>Time<th>Type<th>Outcome<th>Why\n");
  for (size_t i = 0; i < count; i++)
    write_decision(out, &list[i]);
  if (count == 0)
    buffer_text(out, "<tr><td colspan=4 class=note>none yet");
  buffer_text(out, "</table>\n");
}

/* --- the form ------------------------------------------------------------- */

static void write_types(buffer *out, attestation_type chosen) {
  buffer_text(out, "<label for=type>Attestation type</label>"
                   "<select id=type name=type>");
  for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++) {
    const char *name = attestation_type_name((attestation_type)t);
    buffer_printf(out, "<option value=\"%s\"%s>%s", name,
                  (attestation_type)t == chosen ? " selected" : "", name);
  }
  buffer_text(out, "</select>\n");
}

/* The first line feed of a textarea is no part of what it holds. */
static void write_area(buffer *out, const char *name, const char *label,
                       slice content) {
  buffer_printf(out,
                "<label for=%s>%s</label>\n<textarea id=%s name=%s rows=12 "
                "spellcheck=false autocomplete=off>\n",
                name, label, name, name);
  text(out, content);
  buffer_text(out, "</textarea>\n");
}

static void write_result(buffer *out, const page_trial *trial) {
  buffer_text(out, "<div id=result role=status>");
  if (trial->is_done) {
    buffer_printf(out, "<p class=%s><b>%s</b><pre>", trial->outcome,
                  trial->outcome);
    text(out, trial->text);
    buffer_text(out, "</pre>");
  }
  if (trial->issued.length) {
    buffer_text(out, "<p>Issued claims<pre>");
    text(out, trial->issued);
    buffer_text(out, "</pre>");
  }
  buffer_text(out, "</div>\n");
}

static void write_form(buffer *out, call *c, const page_trial *trial) {
  buffer_text(out, "<h2>Try a policy</h2><p class=note>Nothing is stored, and "
                   "no token is given out.\n<form method=post action=\"");
  text(out, c->instance->prefix);
  buffer_text(out, "/try\">\n");
  write_types(out, trial->type);
  write_area(out, "policy", "Policy (empty: the one in force)",
             trial->policy);
  write_area(out, "sample",
             "Sample: claims as JSON, or the body of a request to /attest",
             trial->sample);
  buffer_text(out, "<button>Try</button>\n</form>\n");
  write_result(out, trial);
}

static void write_head(buffer *out, call *c) {
  buffer_text(out, "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
                   "<meta name=viewport content=\"width=device-width\">"
                   "<title>");
  text(out, c->issuer->url);
  buffer_text(out, "</title><link rel=stylesheet href=\"");
  text(out, c->instance->prefix);
  buffer_text(out, "/status.css\"><script defer src=\"");
  text(out, c->instance->prefix);
  buffer_text(out, "/status.js\"></script></head>\n<body><h1>");
  text(out, c->issuer->url);
  buffer_printf(out, "</h1><p>An emulated instance in mode <b>%s</b>; see ",
                service_mode_name(c->instance->mode));
  buffer_text(out, "<a href=\"/openapi.json\">what it serves</a> and "
                   "<a href=\"/metrics\">its counters</a>.\n");
}

slice page_write(call *c, const page_trial *trial) {
  buffer out = buffer_in(c->arena);
  write_head(&out, c);
  write_policies(&out, c);
  write_decisions(&out, c);
  write_form(&out, c, trial);
  buffer_text(&out, "</body></html>\n");
  return buffer_slice(&out);
}
