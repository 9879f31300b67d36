/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata, keys, baselines, and what is of this program alone. */
#include "serve/router.h"

static const char json_type[] = "application/json; charset=utf-8";

void operation_metadata(call *c) {
  answer_text(c, json_type, c->issuer->metadata);
}

void operation_certs(call *c) { answer_text(c, json_type, c->issuer->certs); }

void operation_openapi(call *c) {
  answer_text(c, json_type, c->service->openapi);
}

void operation_health(call *c) {
  answer_text(c, json_type, SLICE("{\"status\":\"healthy\"}"));
}

void operation_metrics(call *c) {
  const char *names[OPERATION_COUNT + 1];
  for (size_t i = 0; i < OPERATION_COUNT; i++)
    names[i] = operations[i].name;
  names[OPERATION_COUNT] = "none";
  buffer text = buffer_in(c->arena);
  metrics_write(&text, &c->service->metrics, names, OPERATION_COUNT + 1);
  answer_text(c, "text/plain; version=0.0.4; charset=utf-8",
              buffer_slice(&text));
}

/* The one that is always there; its number is from the service's page on
 * custom baselines of November 2022. What else the service offers changes and
 * was never recorded. */
void operation_tcb_baselines(call *c) {
  attestation_type type = call_type(c);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return;
  array_builder list = array_in(c->arena);
  if (type == ATTESTATION_SGX_ENCLAVE || type == ATTESTATION_OPEN_ENCLAVE) {
    object_builder row = object_in(c->arena);
    object_set(&row, SLICE("tcbIdentifier"),
               value_text(SLICE("azuredefault")));
    object_set(&row, SLICE("tcbEvaluationDataNumber"), value_integer(10));
    object_set(&row, SLICE("isSelectedTcb"), value_boolean(true));
    array_add(&list, object_value(&row));
  }
  object_builder body = object_in(c->arena);
  object_set(&body, SLICE("tcbBaselines"), array_value(&list));
  value v = object_value(&body);
  answer_json(c, &v);
}
