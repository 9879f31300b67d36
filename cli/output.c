/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* realpath with NULL */
/* Standard output and error, files, the sibling program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/file.h"
#include "base/render.h"
#include "cli/cli.h"

void cli_print(cli *c, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&c->out, format, arguments);
  va_end(arguments);
}

bool cli_write_all(int to, slice text) {
  while (text.length) {
    ssize_t n = write(to, text.data, text.length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    text.data += n;
    text.length -= (size_t)n;
  }
  return true;
}

void cli_print_error(cli *c, slice text) {
  (void)c;
  cli_write_all(STDERR_FILENO, text); /* nowhere is left to complain */
}

bool cli_flush(cli *c) {
  bool written = cli_write_all(STDOUT_FILENO, buffer_slice(&c->out));
  c->out.length = 0;
  if (!written)
    cli_error(c, CLI_SYSTEM, "cannot write to standard output: %s",
              strerror(errno));
  return written;
}

static void message(cli *c, const char *format, va_list arguments) {
  buffer text = buffer_in(c->arena), line = buffer_in(c->arena);
  buffer_vprintf(&text, format, arguments);
  buffer_printf(&line, "maapol %s: ", c->verb->name);
  render_escaped(&line, buffer_slice(&text));
  buffer_char(&line, '\n');
  cli_print_error(c, buffer_slice(&line));
}

int cli_usage(cli *c, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  message(c, format, arguments);
  va_end(arguments);
  buffer line = buffer_in(c->arena);
  buffer_printf(&line, "maapol %s --help shows how it is used\n",
                c->verb->name);
  cli_print_error(c, buffer_slice(&line));
  return CLI_USAGE;
}

int cli_error(cli *c, int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  message(c, format, arguments);
  va_end(arguments);
  return status;
}

void cli_verbose(cli *c, const char *format, ...) {
  if (!c->verbose)
    return;
  va_list arguments;
  va_start(arguments, format);
  message(c, format, arguments);
  va_end(arguments);
}

bool cli_read(cli *c, const char *path, size_t limit, slice *text) {
  const char *reason;
  cli_verbose(c, "reading %s", path);
  if (file_read(c->arena, path, limit, text, &reason) == FILE_OK)
    return true;
  cli_error(c, CLI_INPUT, "%s: %s", path, reason);
  return false;
}

attestation_type cli_type(cli *c, int *status) {
  const char *given = cli_value(c, "type");
  *status = CLI_OK;
  if (!given)
    return ATTESTATION_TYPE_UNKNOWN;
  attestation_type type = attestation_type_from_name(slice_from(given));
  if (type == ATTESTATION_TYPE_UNKNOWN)
    *status = cli_usage(c, "there is no attestation type `%s`; types are %s",
                        given, attestation_type_list());
  return type;
}

bool cli_parse_count(const char *text, size_t most, size_t *count) {
  size_t n = 0;
  if (!*text)
    return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9')
      return false;
    n = n * 10 + (size_t)(*text - '0');
    if (n > most)
      return false;
  }
  *count = n;
  return true;
}

/* AT_EXECFN where there is no /proc. */
const char *cli_own_path(cli *c) {
  char *self = realpath("/proc/self/exe", NULL);
  if (!self)
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): that is its interface */
    self = realpath((const char *)getauxval(AT_EXECFN), NULL);
  if (!self)
    return NULL;
  const char *kept = arena_string(c->arena, slice_from(self));
  free(self);
  return kept;
}

/* The sibling stands beside this program, or where it was installed; PATH is
 * never asked, so that nobody can put another program in between. */
int cli_exec_sibling(cli *c, const char *program) {
  const char *self = cli_own_path(c);
  buffer path = buffer_in(c->arena);
  if (self) {
    const char *slash = strrchr(self, '/');
    buffer_printf(&path, "%.*s/%s", (int)(slash ? slash - self : 0), self,
                  program);
    execv(buffer_slice(&path).data, c->argv);
  }
  path.length = 0;
  buffer_printf(&path, "%s/%s", MAAPOL_LIBEXECDIR, program);
  execv(buffer_slice(&path).data, c->argv);
  return cli_error(c, CLI_SYSTEM, "cannot start %s: %s",
                   buffer_slice(&path).data, strerror(errno));
}
