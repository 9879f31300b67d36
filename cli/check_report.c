/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_report.h"

#include <unistd.h>

#include "cli/rule_pages.h"

void check_report_init(check_report *r, cli *c, project *p,
                       check_format format) {
  *r = (check_report){.cli = c, .project = p, .format = format};
  r->out = buffer_in(c->arena);
  r->changes = buffer_in(c->arena);
  r->result = buffer_in(c->arena);
  sarif_init(&r->sarif, c->arena);
}

/* JSON, piece by piece, so that nothing of a file has to be kept. */

static void add_indented(buffer *out, slice text) {
  buffer_text(out, "    ");
  for (size_t i = 0; i < text.length; i++) {
    buffer_char(out, text.data[i]);
    if (text.data[i] == '\n')
      buffer_text(out, "    ");
  }
}

static void add_item(buffer *out, arena *scratch, const value *v) {
  buffer item = buffer_in(scratch);
  json_write_pretty(&item, v);
  buffer_text(out, out->length ? ",\n" : "\n");
  add_indented(out, buffer_slice(&item));
}

static void add_json(check_report *r, arena *scratch,
                     const render_source *source, const diagnostics *list) {
  array_builder items = array_in(scratch);
  render_json(&items, source, list);
  for (size_t i = 0; i < items.count; i++)
    add_item(&r->out, scratch, &items.items[i]);
}

static void set_count(object_builder *o, const char *name, size_t count) {
  object_set(o, slice_from(name), value_integer((int64_t)count));
}

static void end_json(check_report *r) {
  const check_totals *t = &r->totals;
  object_builder o = object_in(r->cli->arena);
  buffer summary = buffer_in(r->cli->arena), *out = &r->cli->out;
  set_count(&o, "errors", t->errors);
  set_count(&o, "warnings", t->warnings);
  set_count(&o, "infos", t->infos);
  set_count(&o, "files", t->files);
  set_count(&o, "notShown", t->dropped);
  set_count(&o, "silenced", t->silenced);
  set_count(&o, "inBaseline", t->baselined);
  set_count(&o, "fixed", t->fixes);
  value v = object_value(&o);
  json_write_pretty(&summary, &v);
  buffer_text(out, "{\n  \"changed\": [");
  buffer_add(out, buffer_slice(&r->changes));
  buffer_printf(out, "%s],\n  \"findings\": [",
                r->changes.length ? "\n  " : "");
  buffer_add(out, buffer_slice(&r->out));
  buffer_printf(out, "%s],\n  \"summary\": ", r->out.length ? "\n  " : "");
  for (size_t i = 0; i < summary.length; i++) {
    buffer_char(out, summary.data[i]);
    if (summary.data[i] == '\n')
      buffer_text(out, "  ");
  }
  buffer_text(out, "\n}\n");
}

/* Files. */

/* Code scanning and annotations look a file up from the repository's root. */
static const char *path_in(const check_report *r, const char *path) {
  return r->format == FORMAT_SARIF || r->format == FORMAT_GITHUB
             ? project_path(r->project, path)
             : path;
}

static void add_junit(check_report *r, buffer *out,
                      const render_source *source, const diagnostics *list) {
  r->tests += render_junit(out, source, list);
  for (const diagnostic *d = list->first; d; d = d->next)
    r->failures += d->severity == SEVERITY_ERROR;
}

static void render(check_report *r, arena *scratch, const char *path,
                   const policy *p) {
  const diagnostics *list = &p->findings;
  render_source source = {path_in(r, path), p->text, p->was_wrapped,
                          r->is_aside ? r->cli->colour_err
                                      : r->cli->colour_out};
  buffer text = buffer_in(scratch);
  switch (r->format) {
  case FORMAT_HUMAN:
    render_human(&text, &source, list);
    break;
  case FORMAT_PLAIN:
    render_plain(&text, &source, list);
    break;
  case FORMAT_JSON:
    add_json(r, scratch, &source, list);
    break;
  case FORMAT_SARIF:
    sarif_add(&r->sarif, scratch, &source, list);
    break;
  case FORMAT_GITHUB:
    render_github(&text, &source, list);
    break;
  case FORMAT_JUNIT:
    add_junit(r, &text, &source, list);
    break;
  }
  buffer_add(&r->out, buffer_slice(&text));
}

void check_report_file(check_report *r, arena *scratch, const char *path,
                       const policy *p) {
  check_totals *t = &r->totals;
  t->files++;
  t->dropped += p->findings.dropped;
  for (const diagnostic *d = p->findings.first; d; d = d->next) {
    t->errors += d->severity == SEVERITY_ERROR;
    t->warnings += d->severity == SEVERITY_WARNING;
    t->infos += d->severity == SEVERITY_INFO;
  }
  bool has_something = p->findings.count || r->format == FORMAT_JUNIT;
  if (!r->is_quiet && has_something)
    render(r, scratch, path, p);
}

void check_report_unusable(check_report *r, const char *path,
                           const char *why) {
  cli_error(r->cli, CLI_INPUT, "%s: %s", path, why);
  r->is_incomplete = true;
  if (r->format != FORMAT_JUNIT)
    return;
  render_junit_unusable(&r->out, path, why);
  r->tests++;
  r->unusable++;
}

/* Changes. */

void check_report_change(check_report *r, const char *path, size_t fixes,
                         slice before, slice after) {
  arena *a = r->cli->arena;
  buffer line = buffer_in(a), shown = buffer_in(a);
  r->totals.fixes += fixes;
  r->totals.changed++;
  render_escaped(&shown, slice_from(path));
  buffer_printf(&line, "%.*s: %zu %s, policy hash %.*s -> %.*s\n",
                SLICE_ARGS(buffer_slice(&shown)), fixes,
                fixes == 1 ? "fix" : "fixes", SLICE_ARGS(before),
                SLICE_ARGS(after));
  if (r->format == FORMAT_HUMAN && !r->is_aside)
    buffer_add(&r->out, buffer_slice(&line));
  else
    cli_print_error(r->cli, buffer_slice(&line));
  object_builder o = object_in(a);
  object_set(&o, SLICE("path"), value_text(buffer_slice(&shown)));
  set_count(&o, "fixes", fixes);
  object_set(&o, SLICE("policyHashBefore"), value_text(before));
  object_set(&o, SLICE("policyHash"), value_text(after));
  value v = object_value(&o);
  add_item(&r->changes, a, &v);
}

/* The end. */

static void count_words(buffer *b, size_t count, const char *what) {
  buffer_printf(b, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void add_remarks(buffer *b, const check_totals *t) {
  if (t->dropped)
    buffer_printf(b, " (%zu more not shown)", t->dropped);
  if (t->silenced)
    buffer_printf(b, "; %zu silenced by comments", t->silenced);
  if (t->baselined)
    buffer_printf(b, "; %zu in the baseline", t->baselined);
  if (t->fixes) {
    buffer_text(b, "; ");
    buffer_printf(b, "%zu %s in ", t->fixes, t->fixes == 1 ? "fix" : "fixes");
    count_words(b, t->changed, "file");
  }
}

static slice summary(const check_report *r) {
  const check_totals *t = &r->totals;
  buffer b = buffer_in(r->cli->arena);
  if (!t->errors && !t->warnings && !t->infos) {
    buffer_text(&b, "no findings");
  } else {
    count_words(&b, t->errors, "error");
    buffer_text(&b, ", ");
    count_words(&b, t->warnings, "warning");
    if (t->infos)
      buffer_printf(&b, ", %zu info", t->infos);
  }
  buffer_text(&b, " in ");
  count_words(&b, t->files, "file");
  add_remarks(&b, t);
  buffer_char(&b, '\n');
  return buffer_slice(&b);
}

static const char *page_of(diagnostic_code code) {
  for (size_t i = 0; i < rule_page_count; i++)
    if (strcmp(rule_pages[i].code, code_text(code)) == 0)
      return rule_pages[i].text;
  return NULL;
}

static void end_sarif(check_report *r) {
  static const sarif_tool tool = {MAAPOL_VERSION, MAAPOL_RULES_URL, page_of};
  sarif_write(&r->cli->out, &r->sarif, &tool, !r->is_incomplete);
}

static void end_junit(check_report *r) {
  buffer *out = &r->cli->out;
  buffer_printf(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites name=\"maapol check\" tests=\"%zu\" "
                "failures=\"%zu\" errors=\"%zu\">\n",
                r->tests, r->failures, r->unusable);
  buffer_add(out, buffer_slice(&r->out));
  buffer_text(out, "</testsuites>\n");
}

static void end_format(check_report *r) {
  if (r->format == FORMAT_JSON)
    end_json(r);
  else if (r->format == FORMAT_SARIF)
    end_sarif(r);
  else if (r->format == FORMAT_JUNIT)
    end_junit(r);
  else
    buffer_add(&r->cli->out, buffer_slice(&r->out));
}

void check_report_end(check_report *r) {
  buffer *out = &r->cli->out;
  end_format(r);
  if (r->totals.files && r->format == FORMAT_HUMAN)
    buffer_add(out, summary(r));
  else if (r->totals.files && isatty(STDERR_FILENO))
    cli_print_error(r->cli, summary(r));
  if (!r->is_aside)
    return;
  cli_print_error(r->cli, buffer_slice(out));
  out->length = 0;
  buffer_add(out, buffer_slice(&r->result));
}
