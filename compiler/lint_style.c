/* SPDX-License-Identifier: Apache-2.0 */
/* F402: sections without rules. F403: blanks before the end of a line. */
#include "compiler/lint_view.h"

/* --- F402 ----------------------------------------------------------------- */

/* Its fix would take them along. */
static bool has_comment(const ast_policy *p, span where) {
  size_t low = 0, high = p->comment_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (p->comments[middle].where.begin < where.begin)
      low = middle + 1;
    else
      high = middle;
  }
  return low < p->comment_count &&
         p->comments[low].where.begin < where.end;
}

/* An empty authorizationrules says that nothing is permitted, which its
 * absence says less plainly. */
static bool is_redundant(const ast_policy *p, const ast_section *s) {
  section_kind kind = section_from_name(ast_text(p, s->name));
  return !s->rules && (kind == SECTION_CONFIGURATION ||
                       kind == SECTION_ISSUANCE) &&
         !s->missing_brace && !s->missing_semicolon &&
         span_is_empty(s->assignment) && !has_comment(p, s->where);
}

static void report_section(linter *l, const ast_section *s) {
  slice name = ast_text(l->ast, s->name);
  diagnostic *d = diagnose(l->findings, CODE_F402, s->name,
                           "%.*s without rules does nothing",
                           SLICE_ARGS(name));
  fix_edit(l->findings,
           diagnostic_fix(l->findings, d, FIX_SAFE, "remove the section"),
           view_lines(l->ast->text, s->where), SLICE_EMPTY);
}

/* A policy has one section at least. */
static void lint_sections(linter *l) {
  bool one_stays = false;
  for (const ast_section *s = l->ast->sections; s && !one_stays; s = s->next)
    one_stays = !is_redundant(l->ast, s);
  for (const ast_section *s = l->ast->sections; s; s = s->next) {
    if (is_redundant(l->ast, s) && one_stays)
      report_section(l, s);
    one_stays = true;
  }
}

/* --- F403 ----------------------------------------------------------------- */

/* Goes through the text once, so far as somebody asks. */
typedef struct string_scan {
  const ast_policy *policy;
  size_t at, comment;
  bool in_string;
} string_scan;

static void pass_character(string_scan *s) {
  const ast_policy *p = s->policy;
  while (s->comment < p->comment_count &&
         p->comments[s->comment].where.end <= s->at)
    s->comment++;
  if (!s->in_string && s->comment < p->comment_count &&
      p->comments[s->comment].where.begin <= s->at) {
    s->at = p->comments[s->comment].where.end;
    return;
  }
  char c = p->text.data[s->at];
  if (c == '"')
    s->in_string = !s->in_string;
  s->at += c == '\\' && s->in_string ? 2 : 1;
}

/* Whether byte `at`, which is no quote, belongs to a string. */
static bool is_in_string(string_scan *s, size_t at) {
  while (s->at < at)
    pass_character(s);
  return s->in_string && s->at == at;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* The blanks before the end of the line that ends at `end`. */
static span trailing_blanks(slice text, size_t begin, size_t end) {
  if (end > begin && text.data[end - 1] == '\r')
    end--;
  size_t at = end;
  while (at > begin && is_blank(text.data[at - 1]))
    at--;
  return (span){(uint32_t)at, (uint32_t)end};
}

static void lint_line_ends(linter *l) {
  slice text = l->ast->text;
  string_scan scan = {.policy = l->ast};
  for (size_t begin = 0, end; begin < text.length; begin = end + 1) {
    const char *feed =
        memchr(text.data + begin, '\n', text.length - begin);
    end = feed ? (size_t)(feed - text.data) : text.length;
    span blanks = trailing_blanks(text, begin, end);
    if (span_is_empty(blanks) || is_in_string(&scan, blanks.begin))
      continue;
    diagnostic *d = diagnose(l->findings, CODE_F403, blanks,
                             "blanks stand before the end of the line");
    fix_edit(l->findings,
             diagnostic_fix(l->findings, d, FIX_SAFE, "remove them"), blanks,
             SLICE_EMPTY);
  }
}

void lint_style(linter *l) {
  lint_sections(l);
  if (!l->ast->has_syntax_errors)
    lint_line_ends(l);
}
