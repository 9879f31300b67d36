/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the verbs that speak to the service. */
#ifndef CLI_REMOTE_REMOTE_OPTIONS_H
#define CLI_REMOTE_REMOTE_OPTIONS_H

/* Rows for the table of options of a verb that fetches something. */
#define TRANSPORT_OPTIONS                                                      \
  {"ca", 0, "FILE", "certificates to trust instead of the system's"},          \
      {"http", 0, NULL, "allow plain http to this machine"},                   \
      {"timeout", 0, "SECONDS", "how long one answer may take (60)"},          \
      {"retries", 0, "N", "how often to try again (4)"},                       \
  {                                                                            \
    "retry-delay", 0, "MS", "before the first retry; doubled each time (800)"  \
  }

/* Of one that speaks to an instance. */
#define REMOTE_OPTIONS                                                         \
  {"endpoint", 'e', "URL", "the instance, https://NAME.attest.azure.net"},     \
      {"api-version", 0, "VERSION", "of the service's REST interface "         \
                                    "(2020-10-01)"},                           \
      {"auth", 0, "KIND", "credential to use; else the first that is "         \
                          "configured"},                                       \
      {"token-file", 0, "FILE", "file that holds an access token"},            \
      {"cloud", 0, "NAME", "public, usgov or china (public)"},                 \
      {"allow-endpoint", 0, NULL,                                              \
       "send the access token to a host that is not the service's"},           \
      {"dry-run", 0, NULL, "show the request and send nothing"},               \
      TRANSPORT_OPTIONS

#endif
