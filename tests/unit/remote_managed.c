/* SPDX-License-Identifier: Apache-2.0 */
/* Managed identity of Azure Arc, whose secret lies in a file of its agent: a
 * small server answers in a process of its own. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remote/credentials.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

static char base_url[64], challenge[256];

static const char *fake_environment(const char *name) {
  if (strcmp(name, "IDENTITY_ENDPOINT") == 0)
    return base_url;
  return strcmp(name, "IMDS_ENDPOINT") == 0 ? "http://127.0.0.1" : NULL;
}

static void write_text(int to, const char *text) {
  ssize_t n = write(to, text, strlen(text));
  if (n != (ssize_t)strlen(text))
    _exit(1);
}

/* 401 with the challenge to who has no secret, a token to who has it. */
static void answer(int connection) {
  char request[4096] = "", reply[1024];
  size_t length = 0;
  while (!strstr(request, "\r\n\r\n") && length < sizeof request - 1) {
    ssize_t n = read(connection, request + length,
                     sizeof request - 1 - length);
    if (n <= 0)
      return;
    length += (size_t)n;
  }
  bool good = strstr(request, "Authorization: Basic the-secret\r\n") &&
              strstr(request, "Metadata: true\r\n") &&
              strstr(request, "api-version=2020-06-01");
  const char *body = "{\"access_token\":\"granted\",\"expires_on\":\"99\"}";
  if (good)
    snprintf(reply, sizeof reply,
             "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
             "Connection: close\r\n\r\n%s", strlen(body), body);
  else
    snprintf(reply, sizeof reply,
             "HTTP/1.1 401 No\r\nContent-Length: 0\r\n"
             "WWW-Authenticate: Basic realm=%s\r\n"
             "Connection: close\r\n\r\n", challenge);
  write_text(connection, reply);
}

static pid_t start_server(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  cr_assert(bind(listener, (struct sockaddr *)&address, size) == 0);
  cr_assert(listen(listener, 4) == 0);
  cr_assert(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
  snprintf(base_url, sizeof base_url, "http://127.0.0.1:%d/oauth2/token",
           ntohs(address.sin_port));
  pid_t child = fork();
  while (child == 0) {
    int connection = accept(listener, NULL, NULL);
    answer(connection);
    close(connection);
  }
  close(listener);
  return child;
}

static bool ask(arena *a, const char *folder, access_token *token,
                const char **message) {
  remote r;
  http_client *http;
  credentials c;
  credential_settings settings = {.kind = "managed-identity",
                                  .arc_directory = folder};
  pid_t server = start_server();
  remote_init(&r, a);
  r.environment = fake_environment;
  cr_assert(http_client_make(&r, &http_default, &http));
  cr_assert(credentials_init(&c, &r, http, &settings));
  bool good = credentials_token(&c, token);
  *message = good ? "" : r.failure.message;
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  return good;
}

static void write_file(const char *path, const char *content) {
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  fputs(content, file);
  fclose(file);
}

Test(remote_managed, arc_gives_a_token_to_who_can_read_its_file) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  char folder[] = "/tmp/maapol-arc-XXXXXX", inside[64];
  access_token token;
  const char *message;
  cr_assert_not_null(mkdtemp(folder));
  snprintf(inside, sizeof inside, "%s/x.key", folder);
  snprintf(challenge, sizeof challenge, "%s", inside);
  write_file(inside, "the-secret");
  cr_expect(ask(&a, folder, &token, &message), "%s", message);
  cr_expect(slice_is(token.text, "granted") && token.expires_at == 99);
  unlink(inside);
  cr_expect_not(ask(&a, folder, &token, &message));
  rmdir(folder);
  arena_free(&a);
}

Test(remote_managed, arc_gets_no_other_file) {
  static const char *const paths[] = {
      "/etc/hostname",  "/tmp/arc/x",       "/tmp/arc/../x.key",
      "/tmp/arc/.key/", "/tmp/arc/a/b.key", "/tmp/arcx/y.key",
      "/tmp/arc/.key",  "x.key",            ""};
  for (size_t i = 0; i < COUNT_OF(paths); i++) {
    TEST_ARENA(a, ARENA_LIMIT_BYTES);
    access_token token;
    const char *message;
    snprintf(challenge, sizeof challenge, "%s", paths[i]);
    cr_expect_not(ask(&a, "/tmp/arc", &token, &message), "%s", paths[i]);
    cr_expect(strstr(message, "not the agent's") != NULL, "%s: %s", paths[i],
              message);
    arena_free(&a);
  }
}
