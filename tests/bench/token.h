/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_TOKEN_H
#define TESTS_BENCH_TOKEN_H

void bench_token(void);

#endif
