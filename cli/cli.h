/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: verbs and options are rows of tables, which also print the
 * help. A verb is one file:
 *
 *   static const cli_option options[] = {
 *       {"claims", 'c', "FILE", "the claims to decide over"},
 *       {"trace", 0, NULL, "say of every rule whether it fired"},
 *       {0}};
 *   static int run(cli *c) {
 *     const char *path = cli_value(c, "claims");
 *     if (!path) return cli_usage(c, "--claims is missing");
 *     ...
 *     cli_print(c, "decision: %s\n", ..);   // standard output
 *     return CLI_OK;
 *   }
 *   const cli_verb verb_eval = {"eval", "decide ..", "--policy P ..",
 *       "maapol eval --policy p.maapolicy --claims c.json", options, run};
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "base/buffer.h"
#include "compiler/attestation_type.h"

/* Exit status of every verb. */
enum {
  CLI_OK = 0,    /* done, permitted, clean */
  CLI_NO = 1,    /* the answer is no: denied, findings, not equal .. */
  CLI_USAGE = 2, /* wrong usage */
  CLI_INPUT = 3, /* input cannot be used */
  CLI_SYSTEM = 4 /* a remote service, the network or the system failed */
};

typedef struct cli_option {
  const char *name; /* without the dashes */
  char letter;      /* short form, or 0 */
  const char *argument; /* its name in the help; NULL: a flag */
  const char *help;
} cli_option;

typedef struct cli cli;

typedef struct cli_verb {
  const char *name;    /* "check", or two words: "evidence show" */
  const char *summary; /* one line; NULL: not listed */
  const char *usage;   /* behind the name, without common options; NULL: run
                          gets no options, a sibling reads them */
  const char *example; /* one or more whole command lines */
  const cli_option *options; /* ends with a row without name */
  int (*run)(cli *c);
} cli_verb;

struct cli {
  arena *arena; /* for the whole run; guarded by main */
  const cli_verb *verb;
  buffer out; /* standard output; written when the verb ends */
  const char **values;  /* of options, in the order given */
  const cli_option **given; /* the option of values[i] */
  size_t value_count;
  const char **arguments; /* that are not options */
  size_t argument_count;
  bool colour_out, colour_err;
  bool verbose;
  char **argv; /* as main got it, for the sibling */
};

/* The last value given for an option that takes one, else the environment's
 * MAAPOL_<OPTION> where that is allowed (type, format, color), else NULL. */
const char *cli_value(const cli *c, const char *option);
/* The value number `index` of an option that may be repeated, or NULL. */
const char *cli_value_at(const cli *c, const char *option, size_t index);
bool cli_flag(const cli *c, const char *option);

/* Reports wrong usage on standard error and returns CLI_USAGE. */
int cli_usage(cli *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "maapol VERB: text" on standard error; control characters are escaped.
 * Returns `status`. */
int cli_error(cli *c, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A step, shown with --verbose on standard error. */
void cli_verbose(cli *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* To standard output, through c->out. */
void cli_print(cli *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* To standard error as it is. */
void cli_print_error(cli *c, slice text);

/* Writes what c->out holds; false (and a message) if that fails. */
bool cli_flush(cli *c);

/* Writes all of the text; false: errno says why not. */
bool cli_write_all(int file, slice text);

/* Reads a file ("-": standard input) with at most `limit` bytes and a NUL
 * behind it. On failure a message is printed; return CLI_INPUT then. */
bool cli_read(cli *c, const char *path, size_t limit, slice *text);

/* The value of --type, or UNKNOWN if there is none; *status is CLI_OK, or
 * CLI_USAGE after a message about a type that is not known. */
attestation_type cli_type(cli *c, int *status);

/* Index of the value of `option` among `choices` (ends with NULL); the first
 * if it is not given; -1 after a message. */
int cli_choice(cli *c, const char *option, const char *const *choices);

/* A time as RFC 3339 (2021-07-16T18:33:30Z, an offset is allowed) or whole
 * seconds since the epoch. False if it is neither. */
bool cli_parse_time(const char *text, int64_t *seconds);

/* A count, decimal, at most `most`. */
bool cli_parse_count(const char *text, size_t most, size_t *count);

/* Replaces this process by the sibling program; returns only on failure,
 * with a message: return CLI_SYSTEM. */
int cli_exec_sibling(cli *c, const char *program);

/* The path of this program, or NULL if the system does not tell. */
const char *cli_own_path(cli *c);

/* verbs.c: all verbs, ends with NULL. */
extern const cli_verb *const cli_verbs[];

#endif
