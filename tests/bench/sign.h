/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_SIGN_H
#define TESTS_BENCH_SIGN_H

/* Tokens signed in a second beside the bare signature of OpenSSL. */
void bench_sign(void);

#endif
