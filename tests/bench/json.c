/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON beside a pass over its text that only counts its quotes (as
 * memchr finds them), and a filter over events beside the same in C. */
#include "tests/bench/json.h"

#include <stdio.h>

#include "base/buffer.h"
#include "eval/jmespath.h"
#include "tests/bench/bench.h"

enum { EVENTS = 200, LOG_BYTES = 52000, CLAIMS_BYTES = 1250 };

/* --- texts ---------------------------------------------------------------- */

static void add_data(buffer *out, int i) {
  switch (i % 4) {
  case 0:
    buffer_printf(out,
                  "{\"EVENT_TRUSTBOUNDARY\":{\"EVENT_BOOTCOUNTER\":%d,"
                  "\"EVENT_BOOTDEBUGGING\":false}}",
                  i * 37);
    break;
  case 1:
    buffer_text(out, "{\"EVENT_TRUSTBOUNDARY\":{\"EVENT_FILEPATH\":"
                     "\"\\\\windows\\\\system32\\\\drivers\\\\wdboot.sys\"}}");
    break;
  case 2:
    buffer_text(out, "{\"UnicodeName\":\"SecureBoot\",\"VariableGuid\":"
                     "\"8BE4DF61-93CA-11D2-AA0D-00E098032B8C\","
                     "\"VariableData\":\"AQ\"}");
    break;
  default:
    buffer_text(out, "{\"DevicePath\":\"PciRoot(0x0)/Pci(0x1,0x1)\"}");
    break;
  }
}

/* 260 bytes an event, as real ones have. */
static slice event_log(arena *a) {
  static const char *const types[] = {"EV_EVENT_TAG", "EV_EVENT_TAG",
                                      "EV_EFI_VARIABLE_DRIVER_CONFIG",
                                      "EV_EFI_BOOT_SERVICES_APPLICATION"};
  static const int pcrs[] = {12, 13, 7, 4, 11, 14, 7, 2};
  buffer out = buffer_in(a);
  buffer_text(&out, "{\"Events\":[");
  for (int i = 0; i < EVENTS; i++) {
    buffer_printf(&out,
                  "%s{\"EventSeq\":%d,\"EventType\":%d,"
                  "\"EventTypeString\":\"%s\",\"PcrIndex\":%d,",
                  i ? "," : "", i, 2147483 + i, types[i % 4], pcrs[i % 8]);
    buffer_printf(&out, "\"Digests\":[\"%043d\"],\"ProcessedData\":", i);
    add_data(&out, i);
    buffer_char(&out, '}');
  }
  buffer_text(&out, "],\"Padding\":\"");
  while (out.length < LOG_BYTES - 2)
    buffer_char(&out, 'x');
  buffer_text(&out, "\"}");
  return buffer_slice(&out);
}

static slice claims(arena *a) {
  buffer out = buffer_in(a);
  buffer_text(&out, "{\"x-ms-sgx-is-debuggable\":false");
  for (int i = 0; out.length < CLAIMS_BYTES - 90; i++) {
    if (i % 5 == 0)
      buffer_printf(&out, ",\"x-ms-sgx-mrenclave-%d\":\"%064d\"", i, i);
    else
      buffer_printf(&out, ",\"x-ms-attestation-claim-%d\":%d", i, i * 77);
  }
  buffer_char(&out, '}');
  return buffer_slice(&out);
}

/* --- reading -------------------------------------------------------------- */

typedef struct json_bench {
  slice text;
  arena run;
  const jmespath_query *query;
  value input, result;
} json_bench;

static volatile size_t counted;

static void count_quotes(void *context) {
  const json_bench *b = context;
  const char *p = b->text.data, *end = p + b->text.length;
  size_t count = 0;
  while ((p = memchr(p, '"', (size_t)(end - p)))) {
    count++;
    p++;
  }
  counted = count;
}

static void read_once(void *context) {
  json_bench *b = context;
  json_error error;
  arena_reset(&b->run);
  if (!json_read(&b->run, b->text, 0, &b->result, &error))
    printf("not read: %s\n", error.message);
}

static void write_once(void *context) {
  json_bench *b = context;
  arena_reset(&b->run);
  buffer out = buffer_in(&b->run);
  json_write(&out, &b->input);
  counted = out.length;
}

static void measure_reading(json_bench *b, arena *a) {
  b->text = event_log(a);
  double floor = 1e6 * bench_time(count_quotes, b);
  bench_at_most("JSON of 52 kB, 200 events, read",
                1e6 * bench_time(read_once, b), floor, "us", 75);
  json_error error;
  if (json_read(a, b->text, 0, &b->input, &error))
    bench_at_most("the same written", 1e6 * bench_time(write_once, b), floor,
                  "us", 150);
  b->text = claims(a);
  floor = 1e6 * bench_time(count_quotes, b);
  bench_at_most("JSON of 1.25 kB, claims, read", 1e6 * bench_time(read_once, b),
                floor, "us", 1.5);
}

/* --- searching ------------------------------------------------------------ */

static const char filter[] =
    "Events[?EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || "
    "PcrIndex == `13`)].ProcessedData.EVENT_TRUSTBOUNDARY";

static void search_once(void *context) {
  json_bench *b = context;
  jmespath_error error;
  arena_reset(&b->run);
  if (!jmespath_search(b->query, &b->run, &b->input, &b->result, &error))
    printf("not found: %s\n", error.message);
}

static void compile_once(void *context) {
  json_bench *b = context;
  jmespath_error error;
  arena_reset(&b->run);
  if (!jmespath_compile(&b->run, SLICE(filter), &error))
    printf("not compiled: %s\n", error.message);
}

static bool is_wanted(const value *event) {
  const value *type = value_member(event, SLICE("EventTypeString"));
  const value *pcr = value_member(event, SLICE("PcrIndex"));
  return type && type->kind == VALUE_STRING &&
         slice_is(value_string(type), "EV_EVENT_TAG") && pcr &&
         pcr->kind == VALUE_INTEGER &&
         (pcr->integer == 12 || pcr->integer == 13);
}

static void search_in_c(void *context) {
  json_bench *b = context;
  const value *events = value_member(&b->input, SLICE("Events"));
  size_t count = 0;
  for (uint32_t i = 0; i < events->count; i++) {
    if (!is_wanted(&events->items[i]))
      continue;
    const value *data = value_member(&events->items[i], SLICE("ProcessedData"));
    count += value_member(data, SLICE("EVENT_TRUSTBOUNDARY")) != NULL;
  }
  counted = count;
}

static void measure_searching(json_bench *b, arena *a) {
  jmespath_error error;
  b->query = jmespath_compile(a, SLICE(filter), &error);
  if (!b->query)
    return;
  double floor = 1e6 * bench_time(search_in_c, b);
  bench_at_most("JMESPath filter over 200 events",
                1e6 * bench_time(search_once, b), floor, "us", 10);
  if (b->result.count != counted || !counted)
    printf("the filter found %u events, not %zu\n", b->result.count, counted);
  bench_at_most("the same query compiled", 1e6 * bench_time(compile_once, b),
                floor, "us", 5);
}

void bench_json(void) {
  arena a;
  jmp_buf failure;
  json_bench b = {.query = NULL};
  arena_init(&a, (size_t)1 << 30);
  arena_init(&b.run, (size_t)1 << 30);
  b.run.guard = &failure;
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n");
  } else {
    measure_reading(&b, &a);
    measure_searching(&b, &a);
  }
  arena_free(&b.run);
  arena_free(&a);
}
