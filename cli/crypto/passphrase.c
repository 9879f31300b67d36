/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/render.h"

/* --- the terminal --------------------------------------------------------- */

static volatile sig_atomic_t caught;

static void remember(int signal_number) { caught = signal_number; }

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { SIGNALS = sizeof signals / sizeof *signals };

/* Up to the end of the line, which does not count; -1 if it is too long or
 * cannot be read, or a signal came. */
static int read_line(int terminal, char *to, int room) {
  int length = 0;
  char c = 0;
  while (true) {
    ssize_t got = read(terminal, &c, 1);
    if (got <= 0)
      return got == 0 && length > 0 ? length : -1;
    if (c == '\n')
      return length <= room ? length : -1;
    if (length < room)
      to[length] = c;
    length += length <= room;
  }
}

static void say(int terminal, const char *text) {
  size_t left = strlen(text);
  while (left) {
    ssize_t written = write(terminal, text, left);
    if (written <= 0)
      return;
    text += written;
    left -= (size_t)written;
  }
}

/* The question comes when the terminal echoes no more: what is typed before it
 * is thrown away. */
static int ask_unseen(int terminal, const char *of, char *to, int room) {
  struct termios before, unseen;
  if (tcgetattr(terminal, &before) != 0)
    return -1;
  unseen = before;
  unseen.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
  int length = -1;
  if (tcsetattr(terminal, TCSAFLUSH, &unseen) == 0) {
    say(terminal, "Passphrase of ");
    say(terminal, of);
    say(terminal, ": ");
    length = read_line(terminal, to, room);
  }
  tcsetattr(terminal, TCSAFLUSH, &before);
  say(terminal, "\n");
  return length;
}

/* Whatever ends the reading, the terminal echoes again afterwards. */
static int ask_terminal(const passphrase_input *p, char *to, int room) {
  struct sigaction old[SIGNALS], interrupt = {.sa_handler = remember};
  int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0)
    return -1;
  caught = 0;
  sigemptyset(&interrupt.sa_mask);
  for (int i = 0; i < SIGNALS; i++)
    sigaction(signals[i], &interrupt, &old[i]);
  int length = ask_unseen(terminal, p->of, to, room);
  for (int i = 0; i < SIGNALS; i++)
    sigaction(signals[i], &old[i], NULL);
  close(terminal);
  if (caught)
    raise(caught);
  return length;
}

static int ask(void *context, char *to, int room) {
  const passphrase_input *p = context;
  if (!p->words)
    return ask_terminal(p, to, room);
  if (p->words->length > (size_t)room)
    return -1;
  memcpy(to, p->words->data, p->words->length);
  return (int)p->words->length;
}

/* --- options -------------------------------------------------------------- */

/* The first line, without its end. */
static void cut_line(secret *words) {
  char *end = memchr(words->data, '\n', words->length);
  if (end)
    words->length = (size_t)(end - words->data);
  if (end && words->length && words->data[words->length - 1] == '\r')
    words->length--;
}

static int from_environment(cli *c, arena *secrets, const char *name,
                            passphrase_input *p) {
  char *text = getenv(name);
  if (!text)
    return cli_error(c, CLI_INPUT, "the variable %s is not set", name);
  size_t length = strlen(text);
  secret *words = secret_make(secrets, length);
  memcpy(words->data, text, length);
  words->length = length;
  OPENSSL_cleanse(text, length);
  unsetenv(name);
  p->words = words;
  return CLI_OK;
}

static int from_open(cli *c, arena *secrets, const char *number,
                     passphrase_input *p) {
  enum { DESCRIPTOR_MAX = 1 << 20 };
  size_t descriptor;
  const char *reason;
  if (!cli_parse_count(number, DESCRIPTOR_MAX, &descriptor))
    return cli_usage(c, "--passphrase-fd wants the number of a descriptor");
  secret *words = secret_read(secrets, (int)descriptor,
                              LIMIT_PASSPHRASE_BYTES + 2, &reason);
  if (!words)
    return cli_error(c, CLI_INPUT, "descriptor %zu: %s", descriptor, reason);
  cut_line(words);
  p->words = words;
  return CLI_OK;
}

static int from_file(cli *c, arena *secrets, const char *path,
                     passphrase_input *p) {
  const char *reason;
  secret *words = secret_read_file(secrets, path, LIMIT_PASSPHRASE_BYTES + 2,
                                   &reason);
  if (!words)
    return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
  cut_line(words);
  p->words = words;
  return CLI_OK;
}

static int read_words(cli *c, arena *secrets, passphrase_input *p) {
  const char *name = cli_value(c, "passphrase-env");
  const char *path = cli_value(c, "passphrase-file");
  const char *number = cli_value(c, "passphrase-fd");
  if (!!name + !!path + !!number > 1)
    return cli_usage(c, "of --passphrase-env, --passphrase-file and "
                        "--passphrase-fd one is enough");
  if (name)
    return from_environment(c, secrets, name, p);
  if (path)
    return from_file(c, secrets, path, p);
  return number ? from_open(c, secrets, number, p) : CLI_OK;
}

int passphrase_input_read(cli *c, arena *secrets, const char *of,
                          passphrase_input *p) {
  buffer shown = buffer_in(c->arena);
  render_escaped(&shown, slice_from(of));
  *p = (passphrase_input){.source = {ask, p}, .of = buffer_slice(&shown).data};
  int status = read_words(c, secrets, p);
  if (status == CLI_OK && p->words &&
      p->words->length > LIMIT_PASSPHRASE_BYTES)
    return cli_error(c, CLI_INPUT, "the passphrase is longer than %d bytes",
                     LIMIT_PASSPHRASE_BYTES);
  return status;
}
