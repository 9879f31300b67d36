/* SPDX-License-Identifier: Apache-2.0 */
/* The cheapest program: what starting a process costs at least. */
int main(void) { return 0; }
