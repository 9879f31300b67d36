/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_JSON_H
#define TESTS_BENCH_JSON_H

/* JSON and JMESPath over an event log as large as a machine's start writes. */
void bench_json(void);

#endif
