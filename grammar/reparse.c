/* SPDX-License-Identifier: Apache-2.0 */
/* Behind `{` and behind each `;` of a section, lexer and parser are in the same
 * state: no bracket is open, no error is being recovered from, and nothing was
 * read ahead. So the rules between two such places can be read by themselves,
 * if the second is met again where it was. It is also met at the `}` of the
 * section, if a `;` stands behind that. */
#include "grammar/reparse.h"

#include "base/limits.h"
#include "grammar/parser.h"
#include "grammar/policy.tab.h"

/* The section `{ rules };` is read as a whole, but only these come from the
 * text. */
enum part_step { STEP_NAME, STEP_BRACE, STEP_RULES, STEP_CLOSE, STEP_SEMICOLON,
                 STEP_END };

typedef struct parser_part {
  enum part_step step;
  span begin;
  const ast_rule *last; /* of the old rules, the first that may be the end */
  uint32_t shift;       /* from old places behind the edit to new ones */
  uint32_t closing;     /* where the section's `}` is now; 0: it does not do */
  bool is_closed;       /* the part ends with it */
  bool has_failed;
} parser_part;

/* The old places of the edit, the first rule that is read again, and the one
 * before it. */
typedef struct revision {
  ast_policy *tree;
  const text_edited *edit;
  ast_section *section;
  ast_rule *before; /* NULL: the part begins with the section */
  uint32_t begin;   /* of the part */
  uint32_t old_end, shift;
  ast_rule *rest; /* the first rule that stays */
} revision;

static bool ends_well(const ast_rule *r) {
  return !(r->mistakes & RULE_MISSING_SEMICOLON);
}

/* --- reading a part ------------------------------------------------------- */

/* Whether the `;` that was just read is the end of an old rule that the edit
 * left alone. */
static bool is_end(parser_part *part, uint32_t offset) {
  const ast_rule *r = part->last;
  while (r && (!ends_well(r) || r->where.end + part->shift < offset))
    r = r->next;
  part->last = r;
  return r && r->where.end + part->shift == offset;
}

/* The part goes on in a way that only the whole text can tell. */
static int give_up(parser_part *part) {
  part->has_failed = true;
  part->step = STEP_END;
  return TOKEN_YYEOF;
}

/* A word alone before the last `}`: prose, which is passed over up to the next
 * section. */
static bool may_be_prose(const parser *p) {
  return p->token == TOKEN_IDENT && (p->previous == '{' || p->previous == ';');
}

static int rules_token(parser *p, union policy_semantic *value, span *where) {
  parser_part *part = p->part;
  int token = lexer_next(&p->lexer, value, where);
  if (token == '}' && part->closing && where->begin == part->closing &&
      !may_be_prose(p)) {
    part->is_closed = true;
    part->step = STEP_SEMICOLON;
  } else if (token == ';' && is_end(part, where->end)) {
    part->step = STEP_CLOSE;
  } else if (token == '{' || token == '}' || token == TOKEN_SECTION ||
             token == TOKEN_VERSION || token == TOKEN_YYEOF) {
    return give_up(part);
  }
  return token;
}

static int step_token(parser *p, union policy_semantic *value, span *where) {
  parser_part *part = p->part;
  *where = part->begin;
  value->where = part->begin;
  switch (part->step) {
  case STEP_NAME:
    part->step = STEP_BRACE;
    return TOKEN_SECTION;
  case STEP_BRACE:
    part->step = STEP_RULES;
    return '{';
  case STEP_RULES:
    return rules_token(p, value, where);
  case STEP_CLOSE:
    part->step = STEP_SEMICOLON;
    return '}';
  case STEP_SEMICOLON:
    part->step = STEP_END;
    return ';';
  case STEP_END:
    break;
  }
  return TOKEN_YYEOF;
}

int parser_part_token(parser *p, union policy_semantic *value, span *where) {
  int token = step_token(p, value, where);
  parser_note_token(p, token, *where);
  return token;
}

/* --- where it begins ------------------------------------------------------ */

/* Sections are in the order of the text. */
static ast_section *section_at(const ast_policy *tree, const text_edited *e) {
  for (ast_section *s = tree->sections; s; s = s->next)
    if (e->begin >= s->body && !s->missing_brace && e->end <= s->closing)
      return s;
  return NULL;
}

static void find_begin(revision *r) {
  r->begin = r->section->body;
  for (ast_rule *at = r->section->rules;
       at && at->where.end <= r->edit->begin; at = at->next)
    if (ends_well(at)) {
      r->before = at;
      r->begin = at->where.end;
    }
}

static const ast_rule *first_end(const revision *r) {
  const ast_rule *at = r->before ? r->before->next : r->section->rules;
  while (at && at->where.end <= r->edit->end) /* its `;` may be gone */
    at = at->next;
  return at;
}

/* --- findings ------------------------------------------------------------- */

/* Codes that lexer and parser give for what stands in one place, whatever
 * follows. The others may depend on any text behind. */
static bool is_local(diagnostic_code code) {
  return code == CODE_P011 || code == CODE_P012 || code == CODE_P014 ||
         code == CODE_P015;
}

static bool is_inside(const revision *r, const diagnostic *d) {
  return d->where.begin >= r->begin && d->where.begin < r->old_end;
}

static void append(diagnostics *list, diagnostic *d) {
  list->count++;
  list->errors += d->severity == SEVERITY_ERROR;
  list->warnings += d->severity == SEVERITY_WARNING;
  *list->end = d;
  list->end = &d->next;
}

/* The new findings take the place of those of the part. */
static bool join_findings(const revision *r, const shift *s, diagnostics *all,
                          diagnostics *made) {
  diagnostic *d = all->first, *next;
  diagnostics_init(all, all->arena);
  for (; d && d->where.begin < r->begin; d = next) {
    next = d->next;
    if (!is_local(d->code))
      return false;
    append(all, d);
  }
  for (diagnostic *m = made->first; m; m = m->next)
    append(all, m);
  for (; d; d = next) {
    next = d->next;
    if (is_inside(r, d))
      continue;
    if (!is_local(d->code) || d->where.begin < r->begin)
      return false;
    shift_finding(s, d);
    append(all, d);
  }
  *all->end = NULL;
  return all->count < LIMIT_DIAGNOSTICS;
}

/* --- comments ------------------------------------------------------------- */

static size_t comments_before(const ast_policy *tree, uint32_t offset) {
  size_t low = 0, high = tree->comment_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (tree->comments[middle].where.begin < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void join_comments(const revision *r, arena *a, const lexer *l) {
  ast_policy *tree = r->tree;
  size_t first = comments_before(tree, r->begin);
  size_t rest = comments_before(tree, r->old_end);
  size_t tail = tree->comment_count - rest;
  size_t count = first + l->comment_count + tail;
  if (count > tree->comment_room) {
    tree->comment_room = count + count / 2 + 16;
    ast_comment *more = ARENA_ARRAY(a, tree->comment_room, ast_comment);
    if (tree->comment_count)
      memcpy(more, tree->comments, tree->comment_count * sizeof *more);
    tree->comments = more;
  }
  tree->comment_count = count;
  if (!count)
    return;
  memmove(tree->comments + first + l->comment_count, tree->comments + rest,
          tail * sizeof *tree->comments);
  if (l->comment_count)
    memcpy(tree->comments + first, l->comments,
           l->comment_count * sizeof *l->comments);
  for (size_t i = count - tail; i < count; i++) {
    tree->comments[i].where.begin += r->shift;
    tree->comments[i].where.end += r->shift;
  }
}

/* --- rules ---------------------------------------------------------------- */

static void join_rules(const revision *r, const shift *s, ast_rule *made) {
  ast_rule **at = r->before ? &r->before->next : &r->section->rules;
  for (const ast_rule *old = *at; old && old != r->rest; old = old->next)
    r->tree->rule_count--;
  *at = made;
  for (; *at; at = &(*at)->next)
    r->tree->rule_count++;
  *at = r->rest;
  shift_rules(s, r->rest);
  shift_sections(s, r->section->next);
  shift_versions(s, r->tree->versions);
  shift_rules(s, r->tree->loose_rules);
  r->section->where.end += r->shift;
  r->section->closing += r->shift;
}

/* --- all of it ------------------------------------------------------------ */

static bool read_part(revision *r, parser *p, parser_part *part) {
  part->begin = (span){r->begin, r->begin};
  part->last = first_end(r);
  part->shift = r->shift;
  part->closing = r->section->missing_semicolon
                      ? 0
                      : r->section->closing + r->shift;
  p->part = part;
  p->lexer.cursor = p->lexer.begin + r->begin;
  p->lexer.seen_token = true;
  p->lexer.last = ';';
  p->lexer.braces = 1;
  policy_yyparse(p);
  if (part->has_failed || p->lexer.open_comment || !p->policy->sections ||
      lexer_spoke_once(&p->lexer) || p->findings->dropped)
    return false;
  r->rest = part->is_closed ? NULL : part->last->next;
  r->old_end =
      part->is_closed ? r->section->closing + 1 : part->last->where.end;
  return true;
}

static bool begin_revision(revision *r, const ast_policy *tree) {
  const text_edited *e = r->edit;
  r->section = section_at(tree, e);
  if (!r->section || tree->spoke_once || tree->has_open_comment)
    return false;
  find_begin(r);
  r->shift = e->length - (e->end - e->begin);
  return tree->text.data[r->begin] != '{'; /* `{{` begins a placeholder */
}

bool reparse_tree(ast_policy *tree, arena *a, const text_edited *edit,
                  size_t new_length, diagnostics *parsed) {
  revision r = {.tree = tree, .edit = edit};
  parser_part part = {.step = STEP_NAME};
  ast_policy piece = {.text = {tree->text.data, new_length}};
  diagnostics made;
  if (parsed->dropped || !begin_revision(&r, tree))
    return false;
  diagnostics_init(&made, a);
  parser p = {.arena = a, .findings = &made, .policy = &piece};
  p.version_end = &piece.versions;
  p.section_end = &piece.sections;
  p.loose_end = &piece.loose_rules;
  lexer_init(&p.lexer, a, piece.text, &made);
  if (!read_part(&r, &p, &part))
    return false;
  shift s = {tree->text.data, r.old_end, r.shift, tree->text.length};
  if (!join_findings(&r, &s, parsed, &made))
    return false;
  join_comments(&r, a, &p.lexer);
  join_rules(&r, &s, piece.sections->rules);
  tree->text.length = new_length;
  tree->has_syntax_errors = piece.has_syntax_errors;
  return tree->rule_count <= LIMIT_RULES;
}
