/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "cli/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/remote/loopback.h"

/* Names are not looked up: what answers might be another machine. */
static bool read_address(const char *address, bool *is_six, size_t *port) {
  static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
  const char *colon = strrchr(address, ':');
  const char *digits = colon ? colon + 1 : address;
  slice host = slice_between(address, colon ? colon : address);
  bool is_known = !colon;
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
    is_known |= slice_is(host, hosts[i]);
  *is_six = slice_is(host, "[::1]");
  return is_known && cli_parse_count(digits, 65535, port) && *port;
}

static int connect_to(bool is_six, uint16_t port) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                             .sin6_port = htons(port),
                             .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int made = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0)
    return made;
  int result = is_six ? connect(made, (struct sockaddr *)&six, sizeof six)
                      : connect(made, (struct sockaddr *)&four, sizeof four);
  if (result == 0) {
    int on = 1; /* short answers are not to wait for each other */
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return made;
  }
  int why = errno;
  close(made);
  errno = why;
  return -1;
}

int connect_loopback(cli *c, const char *address, int *status) {
  bool is_six;
  size_t port;
  if (!read_address(address, &is_six, &port)) {
    *status = cli_usage(c, "`%s` is no port of this machine: PORT, "
                           "127.0.0.1:PORT, [::1]:PORT", address);
    return -1;
  }
  int made = connect_to(is_six, (uint16_t)port);
  if (made < 0)
    *status = cli_error(c, CLI_SYSTEM, "%s: %s", address, strerror(errno));
  return made;
}
