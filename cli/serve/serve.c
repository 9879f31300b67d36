/* SPDX-License-Identifier: Apache-2.0 */
/* maapol serve: the emulator, until a signal ends it. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/serve/serve_input.h"
#include "cli/verbs.h"
#include "serve/tls.h"

enum { STOP_SECONDS = 5 }; /* for requests that are being answered */

/* --- the socket ----------------------------------------------------------- */

static void close_descriptor(void *object) { close(*(int *)object); }

static void free_addresses(void *list) { freeaddrinfo(list); }

static bool listen_at(const struct addrinfo *address, int descriptor) {
  int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
         listen(descriptor, SOMAXCONN) == 0;
}

/* A listening socket, closed with the arena. */
static int open_socket(cli *c, const serve_input *input, int *result) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *list;
  /* RFC 6761, section 6.3: loopback, also where no file of hosts says so. */
  const char *host =
      slice_is(input->host, "localhost") ? "127.0.0.1" : input->host.data;
  int problem = getaddrinfo(host, input->port, &hints, &list);
  if (problem != 0)
    return cli_error(c, CLI_SYSTEM, "--listen: %s: %s", input->host.data,
                     gai_strerror(problem));
  arena_defer(c->arena, free_addresses, list);
  int *descriptor = ARENA_NEW(c->arena, int);
  *descriptor = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (*descriptor < 0)
    return cli_error(c, CLI_SYSTEM, "--listen: %s", strerror(errno));
  arena_defer(c->arena, close_descriptor, descriptor);
  if (!listen_at(list, *descriptor))
    return cli_error(c, CLI_SYSTEM, "--listen %s:%s: %s", input->host.data,
                     input->port, strerror(errno));
  *result = *descriptor;
  return CLI_OK;
}

static unsigned port_of(int descriptor) {
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  getsockname(descriptor, (struct sockaddr *)&address, &length);
  in_port_t port = address.ss_family == AF_INET6
                       ? ((struct sockaddr_in6 *)&address)->sin6_port
                       : ((struct sockaddr_in *)&address)->sin_port;
  return ntohs(port);
}

/* --- names ---------------------------------------------------------------- */

static const char *origin(cli *c, const serve_input *input, slice host,
                          unsigned port) {
  buffer text = buffer_in(c->arena);
  bool is_ipv6 = memchr(host.data, ':', host.length) != NULL;
  unsigned usual = input->is_plain ? 80 : 443;
  buffer_printf(&text, is_ipv6 ? "%s://[%.*s]" : "%s://%.*s",
                input->is_plain ? "http" : "https", SLICE_ARGS(host));
  if (port != usual)
    buffer_printf(&text, ":%u", port);
  return buffer_slice(&text).data;
}

static bool is_any_address(slice host) {
  return slice_is(host, "0.0.0.0") || slice_is(host, "::");
}

/* Where clients find it: first as it was told, then the other names of this
 * machine, which its certificate has too. */
static const char *const *list_origins(cli *c, const serve_input *input,
                                       unsigned port) {
  const slice names[] = {SLICE("127.0.0.1"), SLICE("localhost"),
                         SLICE("::1")};
  const char **list =
      ARENA_ARRAY(c->arena, ISSUER_NAMES_MAX + 1, const char *);
  size_t count = 0;
  if (input->issuer.length)
    list[count++] = input->issuer.data;
  else if (!is_any_address(input->host))
    list[count++] = origin(c, input, input->host, port);
  for (size_t i = 0; i < 3 && !input->issuer.length; i++)
    if (!slice_equal(names[i], input->host))
      list[count++] = origin(c, input, names[i], port);
  list[count] = NULL;
  return list;
}

static bool is_loopback(slice host) {
  return slice_is(host, "localhost") || slice_is(host, "::1") ||
         slice_starts_with(host, "127.");
}

/* --- TLS ------------------------------------------------------------------ */

static void remove_directory(void *path) {
  char file[512];
  size_t length = strlen(path);
  static const char name[] = "/ca-certificate.pem";
  if (length + sizeof name <= sizeof file) {
    memcpy(file, path, length);
    memcpy(file + length, name, sizeof name);
    unlink(file);
  }
  rmdir(path);
}

/* Without a state the CA certificate still has to lie somewhere. */
static const char *temporary_directory(cli *c) {
  const char *parent = getenv("TMPDIR");
  buffer text = buffer_in(c->arena);
  buffer_printf(&text, "%s/maapol-serve-XXXXXX",
                parent && *parent ? parent : "/tmp");
  char *path = arena_string(c->arena, buffer_slice(&text));
  if (!mkdtemp(path))
    return NULL;
  arena_defer(c->arena, remove_directory, path);
  return path;
}

/* *trust: the file that clients are to trust, or NULL. */
static int prepare_tls(cli *c, const serve_input *input, service *s,
                       http_options *http, const char **trust) {
  *trust = NULL;
  if (input->is_plain)
    return CLI_OK;
  if (input->tls_key.data) {
    http->tls_key = input->tls_key.data;
    http->tls_certificate = input->tls_certificate.data;
    return CLI_OK;
  }
  tls_identity identity;
  const char *reason, *directory = input->service.state_directory;
  slice host = is_any_address(input->host) ? SLICE_EMPTY : input->host;
  if (!tls_prepare(c->arena, s->state, host, &identity, &reason))
    return cli_error(c, CLI_INPUT, "--state: %s", reason);
  if (!directory)
    directory = temporary_directory(c);
  if (!directory ||
      !tls_write_authority(c->arena, directory, identity.authority, trust,
                           &reason))
    return cli_error(c, CLI_SYSTEM, "the CA certificate cannot be written");
  http->tls_key = identity.key.data;
  http->tls_certificate = identity.certificate.data;
  return CLI_OK;
}

/* --- running -------------------------------------------------------------- */

static void print_ready(cli *c, const service *s, const char *trust) {
  const instance *root = &s->instances[0];
  cli_print(c, "maapol serve is ready at %.*s\n",
            SLICE_ARGS(root->issuers[0].url));
  for (size_t i = 1; i < s->instance_count; i++)
    cli_print(c, "instance %s: %.*s\n", s->instances[i].name,
              SLICE_ARGS(s->instances[i].issuers[0].url));
  if (trust)
    cli_print(c,
              "to trust it: export NODE_EXTRA_CA_CERTS=%s\n"
              "         or: export SSL_CERT_FILE=%s\n",
              trust, trust);
  cli_flush(c);
}

static void warn(cli *c, const serve_input *input) {
  if (!is_loopback(input->host))
    cli_error(c, CLI_OK,
              "note: others than this machine can connect; the emulator is "
              "for tests, and whoever has a bearer token sets policies");
  if (input->service.verify.level == VERIFY_NONE)
    cli_error(c, CLI_OK,
              "note: evidence is not verified; tokens of this emulator prove "
              "nothing");
}

/* Blocked before any thread starts, so that only sigwait gets them. */
static void block_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, set, NULL);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
}

/* Keys must not end up in a file that a crash leaves behind. */
static void forbid_core_files(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

static int serve_until_signal(cli *c, const http_options *http,
                              const service *s, const char *trust) {
  sigset_t signals;
  int received;
  const char *reason;
  block_signals(&signals);
  http_server *server = http_server_start(c->arena, http, &reason);
  if (!server)
    return cli_error(c, CLI_SYSTEM, "%s", reason);
  print_ready(c, s, trust);
  while (sigwait(&signals, &received) != 0)
    continue;
  cli_verbose(c, "signal %d: stopping", received);
  http_server_stop(server, STOP_SECONDS);
  return CLI_OK;
}

static int run(cli *c) {
  serve_input input;
  int socket = -1, status = serve_input_read(c, &input);
  if (status == CLI_OK)
    status = open_socket(c, &input, &socket);
  if (status != CLI_OK)
    return status;
  forbid_core_files();
  const char *reason, *trust;
  input.service.origins = list_origins(c, &input, port_of(socket));
  input.service.has_issuer = input.issuer.length > 0;
  service *s = service_open(c->arena, &input.service, &reason);
  if (!s)
    return cli_error(c, CLI_INPUT, "%s%s%s",
                     input.service.state_directory
                         ? input.service.state_directory
                         : "",
                     input.service.state_directory ? ": " : "", reason);
  http_options http = {.socket = socket,
                       .threads = (unsigned)input.threads,
                       .seconds = (unsigned)input.seconds,
                       .handle = service_handle,
                       .context = s};
  status = prepare_tls(c, &input, s, &http, &trust);
  if (status != CLI_OK)
    return status;
  warn(c, &input);
  return serve_until_signal(c, &http, s, trust);
}

const cli_verb verb_serve = {
    "serve",
    "an emulator of the service, for tests",
    "[--listen HOST:PORT] [--state DIR | --memory] [--mode MODE] ..",
    "maapol serve --listen 127.0.0.1:8443 --state ~/.maapol-serve",
    serve_options_table,
    run,
};
