/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_VERIFY_H
#define TESTS_BENCH_VERIFY_H

/* Verifying an SGX quote beside the sum of what OpenSSL needs for it. */
void bench_verify(void);

#endif
