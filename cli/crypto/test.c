/* SPDX-License-Identifier: Apache-2.0 */
/* maapol test: suites of policy tests, coverage, mutation. */
#include <errno.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "cli/crypto/output_file.h"
#include "cli/crypto/test_input.h"
#include "cli/verbs.h"

static const cli_option options[] = {
    {"run", 'r', "RE", "only tests whose name matches this extended regular "
                       "expression"},
    {"fail-only", 0, NULL, "show only what did not pass"},
    {"jobs", 'j', "N", "threads (one for each processor)"},
    {"format", 'f', "human|json|junit|tap", "of the report (human)"},
    {"now", 0, "TIME", "where a suite names no time: RFC 3339 or seconds "
                       "since the epoch (the clock)"},
    {"coverage", 0, NULL, "say which rules and conditions were exercised"},
    {"threshold", 0, "N", "fail if a policy is covered less, in per cent"},
    {"lcov", 0, "FILE", "write coverage as a tracefile for genhtml"},
    {"html", 0, "DIR", "write coverage as pages into a directory"},
    {"mutate", 0, NULL, "change the policies a little and list what no test "
                        "notices"},
    {"watch", 'w', NULL, "run again whenever a file changes, until "
                         "interrupted"},
    {"init", 0, "POLICY", "write a suite for a policy: a case for each rule "
                          "and boundary"},
    {"output", 'o', "FILE", "of --init (standard output)"},
    {"config", 0, "FILE", "this configuration and no other; none: no one"},
    {0},
};

/* --- reports -------------------------------------------------------------- */

static void print_report(cli *c, const test_input *input,
                         const suite_run *run, const mutation *mutations) {
  suite_report r = {.run = run,
                    .mutations = mutations,
                    .coverage = input->options.coverage,
                    .fail_only = cli_flag(c, "fail-only"),
                    .colour = c->colour_out};
  void (*const writers[])(buffer *, const suite_report *) = {
      suite_report_human, suite_report_json, suite_report_junit,
      suite_report_tap};
  writers[input->format](&c->out, &r);
}

static int write_html(cli *c, const suite_run *run, const char *folder) {
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    return cli_error(c, CLI_SYSTEM, "cannot make %s: %s", folder,
                     strerror(errno));
  for (size_t i = 0; i <= run->policy_count; i++) {
    bool is_index = i == run->policy_count;
    if (!is_index && run->policies[i]->failure)
      continue;
    buffer page = buffer_in(c->arena), path = buffer_in(c->arena);
    if (is_index)
      suite_html_index(&page, run);
    else
      suite_html_policy(&page, run, i);
    buffer_printf(&path, "%s/%s", folder,
                  is_index ? "index.html" : suite_html_name(c->arena, i));
    int status =
        output_file_write(c, buffer_slice(&path).data, buffer_slice(&page));
    if (status != CLI_OK)
      return status;
  }
  return CLI_OK;
}

static int write_files(cli *c, const suite_run *run) {
  const char *lcov = cli_value(c, "lcov"), *html = cli_value(c, "html");
  if (lcov) {
    buffer text = buffer_in(c->arena);
    suite_report_lcov(&text, run);
    int status = output_file_write(c, lcov, buffer_slice(&text));
    if (status != CLI_OK)
      return status;
  }
  return html ? write_html(c, run, html) : CLI_OK;
}

/* --- the answer ----------------------------------------------------------- */

/* Policies that are covered less than --threshold wants, with what is missing
 * in the form that editors jump to. */
static bool is_covered(cli *c, const test_input *input,
                       const suite_run *run) {
  bool covered = true;
  for (size_t i = 0; input->has_threshold && i < run->policy_count; i++) {
    const suite_policy *p = run->policies[i];
    if (p->failure || coverage_percent(&p->coverage) >= input->threshold)
      continue;
    covered = false;
    cli_error(c, CLI_NO, "%s: %u %% are covered, %zu are wanted", p->path,
              coverage_percent(&p->coverage), input->threshold);
    size_t count;
    coverage_gap *gaps = coverage_gaps(&p->coverage, c->arena, &count);
    for (size_t k = 0; k < count; k++) {
      uint32_t line;
      const char *text = suite_gap_text(c->arena, p, &gaps[k], &line);
      cli_error(c, CLI_NO, "%s:%u: %s", p->path, (unsigned)line, text);
    }
  }
  return covered;
}

static bool has_survivors(const suite_run *run, const mutation *all) {
  for (size_t i = 0; all && i < run->policy_count; i++)
    if (all[i].survived || all[i].not_run)
      return true;
  return false;
}

static int answer(cli *c, const test_input *input, const suite_run *run,
                  const mutation *mutations) {
  if (run->unusable)
    return CLI_INPUT;
  if (!run->passed && !run->failed)
    return cli_error(c, CLI_INPUT, "--run: no test has such a name");
  bool covered = is_covered(c, input, run);
  if (run->failed && cli_flag(c, "mutate"))
    return cli_error(c, CLI_NO,
                     "no mutants were tried: all tests must pass first");
  return run->failed || !covered || has_survivors(run, mutations) ? CLI_NO
                                                                  : CLI_OK;
}

/* --- a run ---------------------------------------------------------------- */

/* A file that cannot be read is a failure of its suite, so that every report
 * names it; the message stands on standard error. */
static int add_suites(cli *c, suite_run *run) {
  path_list paths = {0};
  bool found = true;
  for (size_t i = 0; i < c->argument_count; i++)
    found &= find_suites(c, c->arguments[i], &paths);
  if (!c->argument_count)
    found = find_own_suites(c, &paths);
  if (!found)
    return CLI_INPUT;
  for (size_t i = 0; i < paths.count; i++) {
    slice text;
    if (!cli_read(c, paths.items[i], LIMIT_SUITE_BYTES, &text))
      return CLI_INPUT;
    if (!suite_run_add(run, paths.items[i], text))
      return cli_error(c, CLI_INPUT, "more than %d suites", LIMIT_SUITES);
  }
  return CLI_OK;
}

static void list_files(cli *c, const suite_run *run, path_list *files) {
  for (size_t i = 0; i < run->suite_count + run->file_count; i++) {
    const char *path = i < run->suite_count
                           ? run->suites[i].suite.path
                           : run->files[i - run->suite_count];
    files->items = arena_grow(c->arena, files->items, files->count,
                              &files->capacity, sizeof *files->items);
    files->items[files->count++] = path;
  }
}

static int run_once(cli *c, path_list *files) {
  test_input input;
  int status = test_input_read(c, &input);
  if (status != CLI_OK)
    return status;
  suite_run *run = ARENA_NEW(c->arena, suite_run);
  suite_run_init(run, c->arena, &input.options);
  status = add_suites(c, run);
  list_files(c, run, files);
  if (status != CLI_OK)
    return status;
  suite_run_all(run);
  const mutation *mutations = NULL;
  if (cli_flag(c, "mutate") && !run->failed && !run->unusable)
    mutations = suite_mutate(run);
  print_report(c, &input, run, mutations);
  status = answer(c, &input, run, mutations);
  int written = write_files(c, run);
  return written != CLI_OK ? written : status;
}

static int run(cli *c) {
  if (cli_value(c, "init"))
    return test_init(c);
  if (cli_value(c, "output"))
    return cli_usage(c, "--output goes with --init");
  if (cli_flag(c, "watch"))
    return test_watch(c, run_once);
  path_list files = {0};
  return run_once(c, &files);
}

const cli_verb verb_test = {
    "test",
    "run the tests of policies: *.maatest.json",
    "[--run RE] [--coverage] [--mutate] .. [PATH ..] | --init POLICY [-o FILE]",
    "maapol test --init policy.maapolicy -o policy.maatest.json\n"
    "maapol test --coverage --threshold 100 policy.maatest.json",
    options,
    run,
};
