/* SPDX-License-Identifier: Apache-2.0 */
/* A limit on everything, each with its reason. Exceeding one is a clear error
 * (P018 in a policy, an evaluation error at run time), never a crash or a
 * hang. The user's page is docs/limits.md. -DMAAPOL_TINY_LIMITS makes them
 * small for tests. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>

#ifdef MAAPOL_TINY_LIMITS
#define LIMIT(name, normal, tiny) enum { name = (tiny) }
#else
#define LIMIT(name, normal, tiny) enum { name = (normal) }
#endif

/* Positions are 32 bits; 100,000 generated rules of 300 bytes fit. */
LIMIT(LIMIT_POLICY_BYTES, 64 << 20, 64 << 10);
/* Ten times the largest generated policy that anybody showed. */
LIMIT(LIMIT_RULES, 1000000, 100);
/* A person cannot read more; the parser's stack stays small. */
LIMIT(LIMIT_CALL_DEPTH, 32, 4);
LIMIT(LIMIT_CONDITIONS, 1000, 10);      /* in one rule */
LIMIT(LIMIT_TESTS, 1000, 10);           /* in one condition */
LIMIT(LIMIT_ARGUMENTS, 64, 8);          /* of one function or action */
LIMIT(LIMIT_IDENTIFIER_BYTES, 256, 32); /* a name that a person types */
LIMIT(LIMIT_STRING_BYTES, 1 << 20, 4096); /* one literal in a policy */
/* After this many a person stops reading; the rest is counted. */
LIMIT(LIMIT_DIAGNOSTICS, 1000, 20);
/* A fix of more places is not offered. */
LIMIT(LIMIT_FIX_EDITS, 100000, 100);
/* Conditions of one rule that are compared with each other, and with those of
 * another rule; and trials that decide one question about them. */
LIMIT(LIMIT_LOGIC_CONDITIONS, 32, 8);
LIMIT(LIMIT_LOGIC_STEPS, 20000, 2000);
/* Each applies up to LIMIT_DIAGNOSTICS fixes; people's texts need three. */
LIMIT(LIMIT_FIX_ROUNDS, 100, 8);
/* Texts that are compiled to find the fixes that would add an error. */
LIMIT(LIMIT_FIX_TRIES, 300, 32);

LIMIT(LIMIT_CONFIGURATION_BYTES, 1 << 20, 4096); /* .maapol.json */
LIMIT(LIMIT_PATTERNS, 1000, 8); /* in one configuration */
LIMIT(LIMIT_BASELINE_BYTES, 64 << 20, 64 << 10); /* 10,000 policies: 1 MB */

/* Event logs of a long-running server reach 8 MB as JSON. */
LIMIT(LIMIT_JSON_BYTES, 64 << 20, 64 << 10);
LIMIT(LIMIT_JSON_DEPTH, 64, 8);         /* recursion is avoided all the same */
LIMIT(LIMIT_CLAIMS, 100000, 64);        /* in one claim set */
/* Values in one set, from an identifier or JsonToClaimValue. */
LIMIT(LIMIT_SET_VALUES, 100000, 64);
/* What AppendString and JmesPath may build, so that a policy which doubles a
 * string in every rule ends with an error. */
LIMIT(LIMIT_RESULT_BYTES, 16 << 20, 4096);

/* The largest real request (AzureGuest with a Windows log) has 400 kB. */
LIMIT(LIMIT_REQUEST_BYTES, 16 << 20, 64 << 10);
LIMIT(LIMIT_EVIDENCE_BYTES, 8 << 20, 32 << 10);
LIMIT(LIMIT_CERTIFICATES, 16, 4); /* in one chain; real ones have 3 */
/* A token of a TPM's event log has some megabytes of claims. */
LIMIT(LIMIT_TOKEN_BYTES, 16 << 20, 64 << 10);
/* A chain of long RSA keys in x5c takes 20 kB. */
LIMIT(LIMIT_TOKEN_HEADER_BYTES, 256 << 10, 16 << 10);
LIMIT(LIMIT_KEY_SET_BYTES, 4 << 20, 64 << 10);
LIMIT(LIMIT_KEYS, 256, 8); /* in one set; the service had 9 at most */
/* In the logs of one machine; a boot has a few hundred, IMA adds one for each
 * file that runs. */
LIMIT(LIMIT_EVENTS, 100000, 64);
LIMIT(LIMIT_EVENT_DEPTH, 8, 2); /* Windows nests 2 groups */

/* A PKCS #12 file with a chain of 16 and an RSA key of 8192 bits has 40 kB. */
LIMIT(LIMIT_KEY_BYTES, 256 << 10, 64 << 10);
LIMIT(LIMIT_PASSPHRASE_BYTES, 1024, 64); /* OpenSSL takes no longer one */
/* Hashing rounds that an encrypted key may ask for: ten seconds of them. */
LIMIT(LIMIT_KEY_ROUNDS, 10000000, 1000000);
LIMIT(LIMIT_SIGNATURE_BYTES, 16 << 10, 4096); /* 8192 bits, and as text */

/* Policy tests (suite/). A suite of 10,000 rows has 3 MB. */
LIMIT(LIMIT_SUITE_BYTES, 8 << 20, 64 << 10);
LIMIT(LIMIT_SUITE_CASES, 10000, 64); /* rows of all tests of a suite */
LIMIT(LIMIT_SUITES, 10000, 64);      /* of one run */
LIMIT(LIMIT_MUTANTS, 10000, 64);     /* of one policy; more are left out */
LIMIT(LIMIT_JOBS, 256, 8);           /* threads that run tests */

/* The emulator of the service (serve/). */
LIMIT(LIMIT_SERVE_CONNECTIONS, 1024, 8); /* at one time; more wait */
/* Request line and headers; tokens of a tenant with many groups reach 8 kB. The
 * library clears so much memory for every request. */
LIMIT(LIMIT_SERVE_HEADER_BYTES, 32 << 10, 8 << 10);
LIMIT(LIMIT_SERVE_FIELDS, 100, 20);        /* headers, query arguments */
LIMIT(LIMIT_SERVE_IDLE_SECONDS, 60, 2);    /* a connection that says nothing */
LIMIT(LIMIT_SERVE_REQUEST_SECONDS, 60, 2); /* until a request is read */
LIMIT(LIMIT_SERVE_INSTANCES, 64, 4);
LIMIT(LIMIT_SERVE_SIGNERS, 100, 4); /* certificates of one instance */
LIMIT(LIMIT_SERVE_TRIES, 9, 2); /* of a change, while signers are removed */
LIMIT(LIMIT_SERVE_CHALLENGES, 16384, 16); /* used ones that are remembered */
/* Memory of one request: its body, decoded twice, as a tree, and a token. */
LIMIT(LIMIT_SERVE_ARENA_BYTES, 512 << 20, 16 << 20);

/* Open in one editor (lsp/). */
LIMIT(LIMIT_LSP_DOCUMENTS, 10000, 8);
/* What is known of them beside their texts: of a policy of 1,000 rules 1.5 to
 * 5 MB, found out again in 1 to 5 ms. */
LIMIT(LIMIT_LSP_KNOWN_BYTES, 8 << 20, 16 << 10);
/* Samples of one policy: nobody reads more beside each other. */
LIMIT(LIMIT_LSP_SAMPLES, 8, 2);
/* A sample is evaluated after each change: claims of a long event log. */
LIMIT(LIMIT_LSP_SAMPLE_BYTES, 4 << 20, 4096);
LIMIT(LIMIT_LSP_BOOKS, 32, 2);    /* policies whose samples are remembered */
LIMIT(LIMIT_LSP_EVIDENCE, 64, 2); /* verified pieces of it, the same */
/* Of a folder of roots or collateral, which are looked at again each time. */
LIMIT(LIMIT_LSP_FOLDER_FILES, 10000, 64);
LIMIT(LIMIT_LSP_HINTS, 10000, 20); /* hints, lenses of rules in one answer */
LIMIT(LIMIT_LSP_FINDINGS, 200, 4); /* of a schema in one text */
/* Of the folders that the editor has open: policies and suites (200 bytes
 * each), folders that are looked into, and how large a file may be that is
 * looked at while somebody types: 1,000 rules take 2 ms. */
LIMIT(LIMIT_LSP_ROOTS, 1000, 4);
LIMIT(LIMIT_LSP_FILES, 50000, 16);
LIMIT(LIMIT_LSP_FOLDERS, 200000, 16);
LIMIT(LIMIT_LSP_SCAN_BYTES, 128 << 10, 4096);
/* Programs that it starts: at once, waiting, what one writes, how long it
 * takes. A suite of 10,000 rows takes seconds. */
LIMIT(LIMIT_LSP_JOBS, 2, 1);
LIMIT(LIMIT_LSP_WAITING, 100, 4);
LIMIT(LIMIT_LSP_JOB_BYTES, 16 << 20, 64 << 10);
LIMIT(LIMIT_LSP_JOB_SECONDS, 60, 1);

/* An answer of the service: a token as large as any, and its frame. */
LIMIT(LIMIT_ANSWER_BYTES, 24 << 20, 128 << 10);
LIMIT(LIMIT_ANSWER_HEADER_BYTES, 48 << 10, 4096);
LIMIT(LIMIT_CREDENTIAL_BYTES, 32 << 10, 8192); /* access tokens have 2 kB */
LIMIT(LIMIT_SIGNERS, 100, 8); /* certificates that /certificates lists */

/* Memory of one document or request: 20 times the largest text, and room. */
#ifdef MAAPOL_TINY_LIMITS
#define LIMIT_ARENA_BYTES ((size_t)16 << 20)
#else
#define LIMIT_ARENA_BYTES ((size_t)2 << 30)
#endif

#undef LIMIT
#endif
