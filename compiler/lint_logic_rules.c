/* SPDX-License-Identifier: Apache-2.0 */
/* Rules against rules: L204, L205, L206, L215.
 *
 * Not every rule is compared with every other. A rule stands in a table under
 * its anchor: what it does, and one of its conditions (the rarest), of which
 * the type and, if there is only one, the value count. Whatever implies that
 * rule has a condition that lies within the anchor, so it finds the rule under
 * the type and value of its own conditions or under fewer of them. Of each
 * place in the table LOOK_MOST rules are looked at. */
#include "compiler/lint_logic.h"

enum { LOOK_MOST = 16, NO_RULE = -1 };

/* What a rule does, as far as two rules can be seen to do the same. */
typedef enum action_form {
  FORM_OTHER, /* it computes: only the very same rule does the same */
  FORM_GATE,  /* permit() or deny() */
  FORM_LITERAL,
  FORM_VALUES, /* type="..", value=c.value */
  FORM_CLAIM   /* claim=c */
} action_form;

typedef struct table {
  int64_t *heads; /* by hash; rule, or NO_RULE */
  int64_t *next;  /* by rule */
  uint64_t *keys; /* by rule */
  uint64_t mask;
} table;

typedef struct comparison {
  logic *l;
  table anchors, copies;
  uint32_t *counts; /* conditions of each key: which anchor is rare */
  uint8_t *overruled;
  bool has_deny; /* among the anchors */
} comparison;

static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash + 1) * UINT64_C(0x9E3779B97F4A7C15) ^ word;
  hash *= UINT64_C(0xC2B2AE3D27D4EB4F);
  return hash ^ hash >> 29;
}

static table make_table(arena *a, uint32_t rules) {
  uint64_t size = 16;
  while (size < 2u * (uint64_t)rules)
    size *= 2;
  table t = {ARENA_ARRAY(a, size, int64_t), ARENA_ARRAY(a, rules, int64_t),
             ARENA_ARRAY(a, rules, uint64_t), size - 1};
  for (uint64_t i = 0; i < size; i++)
    t.heads[i] = NO_RULE;
  return t;
}

static void put(table *t, uint64_t key, uint32_t rule) {
  t->keys[rule] = key;
  t->next[rule] = t->heads[key & t->mask];
  t->heads[key & t->mask] = rule;
}

/* Actions. */

static bool is_value_of_claim(const program_expr *e) {
  return e->kind == PROGRAM_PROPERTY && e->property == PROPERTY_VALUE;
}

static action_form form_of(const program *p, const program_rule *rule) {
  if (rule->action <= ACTION_DENY)
    return FORM_GATE;
  if (rule->claim_slot != PROGRAM_NONE)
    return FORM_CLAIM;
  if (p->exprs[rule->type].kind != PROGRAM_LITERAL)
    return FORM_OTHER;
  const program_expr *given = &p->exprs[rule->value];
  return given->kind == PROGRAM_LITERAL ? FORM_LITERAL
         : is_value_of_claim(given)     ? FORM_VALUES
                                        : FORM_OTHER;
}

static uint64_t group_key(const logic *l, uint32_t rule) {
  const program_rule *r = &l->program->rules[rule];
  action_form form = form_of(l->program, r);
  uint64_t key = mix(r->action, form);
  return form == FORM_GATE ? key : mix(key, logic_made_type(l, rule));
}

static uint64_t deny_key(void) { return mix(ACTION_DENY, FORM_GATE); }

static bool same_literal(const program *p, const program_rule *a,
                         const program_rule *b) {
  const program_expr *x = &p->exprs[a->value], *y = &p->exprs[b->value];
  return x->literal == y->literal && x->symbol == y->symbol &&
         x->integer == y->integer;
}

/* What `a` takes from claims, `b` has taken as well; of a property also the
 * last value is the same. */
static bool takes_less(const logic *l, uint32_t a, uint32_t b,
                       action_form form) {
  const program *p = l->program;
  const program_rule *x = &p->rules[a], *y = &p->rules[b];
  uint32_t from = form == FORM_CLAIM ? x->claim_slot : p->exprs[x->value].slot;
  uint32_t to = form == FORM_CLAIM ? y->claim_slot : p->exprs[y->value].slot;
  uint32_t less = logic_binding(p, x, from), more = logic_binding(p, y, to);
  const program_condition *c = &p->conditions[less];
  if (x->action == ACTION_ISSUEPROPERTY &&
      (c->literal_tests != c->test_count ||
       !region_within(&l->regions[more], &l->regions[less])))
    return false;
  return !c->negated && !p->conditions[more].negated &&
         region_within(&l->regions[less], &l->regions[more]);
}

/* Whether the last value of the property may come from another rule. */
static bool is_set_between(const logic *l, uint32_t a, uint32_t b) {
  uint32_t type = logic_made_type(l, a);
  return l->program->rules[a].section != l->program->rules[b].section ||
         index_between(&l->setters, type, b + 1, a) ||
         (type != SYMBOL_NONE &&
          index_between(&l->setters, SYMBOL_NONE, b + 1, a));
}

static bool fails_between(const logic *l, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to && i < from + LOOK_MOST; i++)
    if (l->flags[i] & RULE_CAN_FAIL)
      return true;
  return to > from + LOOK_MOST;
}

/* Whether `a` does nothing that `b` does not do, if `b` runs when `a` does. */
static bool does_no_more(const logic *l, uint32_t a, uint32_t b) {
  const program *p = l->program;
  const program_rule *x = &p->rules[a], *y = &p->rules[b];
  action_form form = form_of(p, x);
  if (x->action != y->action || form != form_of(p, y))
    return false;
  if (form == FORM_GATE)
    return x->action == ACTION_PERMIT || b < a || !fails_between(l, a + 1, b);
  if (b > a || form == FORM_OTHER ||
      logic_made_type(l, a) != logic_made_type(l, b))
    return false;
  if (x->action == ACTION_ISSUEPROPERTY && is_set_between(l, a, b))
    return false;
  if (form == FORM_LITERAL)
    return same_literal(p, x, y);
  return takes_less(l, a, b, form);
}

/* Anchors. */

static uint64_t condition_key(uint64_t group, const claim_region *r,
                              bool with_type, bool with_value) {
  uint8_t kind;
  int64_t only;
  uint64_t key = mix(group, with_type ? r->type.only : SYMBOL_NONE);
  if (!with_value || !region_value(r, &kind, &only))
    return mix(key, 0);
  return mix(mix(key, 1u + kind), (uint64_t)only);
}

static uint64_t negated_key(uint64_t group, uint32_t type) {
  return mix(mix(group, UINT64_MAX), type);
}

static uint64_t anchor_of(const comparison *c, uint32_t index) {
  const logic *l = c->l;
  const program_rule *rule = &l->program->rules[index];
  uint64_t group = group_key(l, index), best = 0;
  uint32_t fewest = UINT32_MAX;
  if (l->flags[index] & RULE_IS_ALWAYS)
    return group;
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    uint32_t at = rule->first_condition + i;
    const claim_region *r = &l->regions[at];
    if (l->program->conditions[at].negated) {
      if (fewest == UINT32_MAX && !r->is_empty)
        best = negated_key(group, r->type.only);
      continue;
    }
    uint64_t key = condition_key(group, r, true, true);
    if (c->counts[key & c->anchors.mask] < fewest) {
      fewest = c->counts[key & c->anchors.mask];
      best = key;
    }
  }
  return best;
}

static bool is_comparable(const logic *l, uint32_t rule) {
  return !(l->flags[rule] & (RULE_IS_DEAD | RULE_IS_LARGE));
}

static void count_keys(comparison *c) {
  const logic *l = c->l;
  size_t size = c->anchors.mask + 1;
  c->counts = ARENA_ARRAY(l->arena, size, uint32_t);
  memset(c->counts, 0, size * sizeof *c->counts);
  for (uint32_t i = 0; i < l->program->rule_count; i++) {
    const program_rule *rule = &l->program->rules[i];
    uint64_t group = group_key(l, i);
    for (uint32_t k = 0; k < rule->condition_count; k++) {
      uint32_t at = rule->first_condition + k;
      if (!l->program->conditions[at].negated)
        c->counts[condition_key(group, &l->regions[at], true, true) &
                  c->anchors.mask]++;
    }
  }
}

/* Backwards, so that every list begins with its first rule. */
static void fill_anchors(comparison *c) {
  for (uint32_t i = c->l->program->rule_count; i-- > 0;)
    if (is_comparable(c->l, i) && !(c->l->flags[i] & RULE_IS_OPAQUE)) {
      put(&c->anchors, anchor_of(c, i), i);
      c->has_deny |= c->l->program->rules[i].action == ACTION_DENY;
    }
}

/* Calls `visit` for rules of the group that `index` may imply, until it says
 * true. */
typedef bool visitor(comparison *c, uint32_t index, uint32_t other);

static bool look(comparison *c, uint64_t key, uint32_t index,
                 visitor *visit) {
  int64_t at = c->anchors.heads[key & c->anchors.mask];
  for (int n = 0; at != NO_RULE && n < LOOK_MOST;
       n++, at = c->anchors.next[at])
    if (c->anchors.keys[at] == key && (uint32_t)at != index &&
        visit(c, index, (uint32_t)at))
      return true;
  return false;
}

static bool look_for_condition(comparison *c, uint64_t group, uint32_t at,
                               uint32_t index, visitor *visit) {
  const claim_region *r = &c->l->regions[at];
  if (c->l->program->conditions[at].negated)
    return look(c, negated_key(group, r->type.only), index, visit) ||
           (r->type.only != SYMBOL_NONE &&
            look(c, negated_key(group, SYMBOL_NONE), index, visit));
  uint8_t kind;
  int64_t only;
  bool is_one = region_value(r, &kind, &only);
  bool is_typed = r->type.only != SYMBOL_NONE;
  return look(c, condition_key(group, r, true, false), index, visit) ||
         (is_one &&
          look(c, condition_key(group, r, true, true), index, visit)) ||
         (is_typed &&
          look(c, condition_key(group, r, false, false), index, visit)) ||
         (is_typed && is_one &&
          look(c, condition_key(group, r, false, true), index, visit));
}

static bool look_for_implied(comparison *c, uint64_t group, uint32_t index,
                             visitor *visit) {
  const program_rule *rule = &c->l->program->rules[index];
  if (look(c, group, index, visit))
    return true;
  for (uint32_t i = 0; i < rule->condition_count; i++)
    if (look_for_condition(c, group, rule->first_condition + i, index, visit))
      return true;
  return false;
}

/* L204. */

static bool visit_deny(comparison *c, uint32_t index, uint32_t deny) {
  logic *l = c->l;
  if (l->program->rules[deny].action != ACTION_DENY || /* keys may collide */
      !logic_implies(l, index, deny))
    return false;
  c->overruled[index] = true;
  diagnostics *out = l->linter->findings;
  diagnostic *d =
      diagnose(out, CODE_L204, logic_rule_place(l, index),
               "this permit never counts: whenever the rule runs, rule %lu "
               "denies",
               (unsigned long)logic_rule_number(l, deny));
  diagnostic_label_at(out, d, logic_rule_place(l, deny), "this one");
  return true;
}

/* The first deny() that always runs; nothing behind it is reached. */
static void lint_behind_deny(comparison *c) {
  logic *l = c->l;
  uint32_t end = l->program->section_begin[SECTION_AUTHORIZATION + 1];
  uint32_t i = l->program->section_begin[SECTION_AUTHORIZATION];
  while (i < end && !(l->program->rules[i].action == ACTION_DENY &&
                      (l->flags[i] & RULE_IS_ALWAYS)))
    i++;
  if (i + 1 >= end)
    return;
  for (uint32_t k = i + 1; k < end; k++)
    c->overruled[k] = true;
  diagnostics *out = l->linter->findings;
  diagnostic *d = diagnose(
      out, CODE_L204, logic_rule_place(l, i + 1),
      end - i == 2 ? "this rule is never reached: the deny() above always runs"
                   : "this rule and those behind it (%lu) are never reached: "
                     "the deny() above always runs",
      (unsigned long)(end - i - 2));
  diagnostic_label_at(out, d, logic_rule_place(l, i), "evaluation ends here");
  diagnostic_help(out, d, "without a permit() the decision is deny anyway: a "
                          "last `=> deny();` forbids everything");
}

/* L205, L206, L215. */

static void say_same(comparison *c, diagnostic_code code, uint32_t rule,
                     uint32_t other) {
  logic *l = c->l;
  diagnostics *out = l->linter->findings;
  diagnostic *d =
      diagnose(out, code, logic_rule_place(l, rule),
               code == CODE_L205
                   ? "this rule does what rule %lu does under the same "
                     "conditions"
                   : "this rule adds nothing: rule %lu does the same under "
                     "weaker conditions",
               (unsigned long)logic_rule_number(l, other));
  diagnostic_label_at(out, d, logic_rule_place(l, other), "%s",
                      code == CODE_L205 ? "the same" : "this one");
  diagnostic_help(out, d, code == CODE_L205
                              ? "remove one of the two"
                              : "remove it, or make the other one stricter");
}

static void say_twice(comparison *c, uint32_t a, uint32_t b) {
  logic *l = c->l;
  uint32_t first = a < b ? a : b, last = a < b ? b : a;
  slice type = symbols_text(&l->program->symbols, logic_made_type(l, a));
  diagnostics *out = l->linter->findings;
  diagnostic *d = diagnose(
      out, CODE_L215, logic_rule_place(l, last),
      "\"%.*s\" is issued with two values: whenever rule %lu runs, rule %lu "
      "runs too",
      SLICE_ARGS(type), (unsigned long)logic_rule_number(l, a),
      (unsigned long)logic_rule_number(l, b));
  diagnostic_label_at(out, d, logic_rule_place(l, first), "the other value");
  diagnostic_help(out, d, "issue adds a value and replaces none: the token "
                          "gets an array");
}

static bool issues_other_value(const logic *l, uint32_t a, uint32_t b) {
  const program *p = l->program;
  const program_rule *x = &p->rules[a], *y = &p->rules[b];
  return x->action == ACTION_ISSUE && y->action == ACTION_ISSUE &&
         form_of(p, x) == FORM_LITERAL && form_of(p, y) == FORM_LITERAL &&
         logic_made_type(l, a) == logic_made_type(l, b) &&
         !same_literal(p, x, y);
}

static bool visit_same(comparison *c, uint32_t a, uint32_t b) {
  logic *l = c->l;
  bool is_other = issues_other_value(l, a, b);
  if ((!is_other && !does_no_more(l, a, b)) || !logic_implies(l, a, b))
    return false;
  bool mutual = !(l->flags[a] & RULE_IS_OPAQUE) && logic_implies(l, b, a);
  if (mutual && b > a)
    return false; /* the later one is the one too many */
  if (is_other)
    say_twice(c, a, b);
  else
    say_same(c, mutual ? CODE_L205 : CODE_L206, a, b);
  return true;
}

/* Rules outside of the fragment: the very same one again, between which no
 * claim is made that it could see. */

static bool same_expr(const program *p, uint32_t a, uint32_t b) {
  if (a == PROGRAM_NONE || b == PROGRAM_NONE)
    return a == b;
  const program_expr *x = &p->exprs[a], *y = &p->exprs[b];
  if (x->kind != y->kind || x->literal != y->literal ||
      x->property != y->property || x->function != y->function ||
      x->argument_count != y->argument_count || x->integer != y->integer ||
      x->symbol != y->symbol || (x->kind != PROGRAM_CALL && x->slot != y->slot))
    return false;
  for (uint32_t i = 0; x->kind == PROGRAM_CALL && i < x->argument_count; i++)
    if (!same_expr(p, p->arguments[x->first_argument + i],
                   p->arguments[y->first_argument + i]))
      return false; /* at most LIMIT_CALL_DEPTH deep */
  return true;
}

static bool same_condition(const program *p, const program_condition *x,
                           const program_condition *y) {
  if (x->negated != y->negated || x->type != y->type || x->slot != y->slot ||
      x->test_count != y->test_count)
    return false;
  for (uint32_t i = 0; i < x->test_count; i++) {
    const program_test *s = &p->tests[x->first_test + i];
    const program_test *t = &p->tests[y->first_test + i];
    if (s->property != t->property || s->relation != t->relation ||
        s->literal != t->literal || s->key != t->key ||
        !same_expr(p, s->expr, t->expr))
      return false;
  }
  return true;
}

static bool is_copy(const logic *l, uint32_t a, uint32_t b) {
  const program *p = l->program;
  const program_rule *x = &p->rules[a], *y = &p->rules[b];
  if (x->action != y->action || x->section != y->section ||
      x->condition_count != y->condition_count ||
      x->claim_slot != y->claim_slot || !same_expr(p, x->type, y->type) ||
      !same_expr(p, x->value, y->value) ||
      (x->action == ACTION_ISSUEPROPERTY && is_set_between(l, a, b)))
    return false;
  for (uint32_t i = 0; i < x->condition_count; i++) {
    uint32_t s = x->first_condition + i, t = y->first_condition + i;
    if (!same_condition(p, &p->conditions[s], &p->conditions[t]) ||
        logic_made_between(l, &l->regions[s], b, a))
      return false;
  }
  return true;
}

static uint64_t copy_key(const program *p, const program_rule *rule) {
  uint64_t key = mix(rule->action, rule->condition_count);
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    const program_condition *c = &p->conditions[rule->first_condition + i];
    key = mix(mix(key, c->type), c->test_count);
    for (uint32_t t = 0; t < c->test_count; t++)
      key = mix(key, (uint64_t)p->tests[c->first_test + t].key);
  }
  if (rule->type != PROGRAM_NONE)
    key = mix(key, p->exprs[rule->type].symbol);
  if (rule->value == PROGRAM_NONE || p->exprs[rule->value].kind != PROGRAM_CALL)
    return key;
  const program_expr *e = &p->exprs[rule->value];
  for (uint32_t i = 0; i < e->argument_count; i++)
    key = mix(key, p->exprs[p->arguments[e->first_argument + i]].symbol);
  return key;
}

/* An earlier copy; then `index` goes into the table as well. */
static void lint_copy(comparison *c, uint32_t index) {
  const logic *l = c->l;
  uint64_t key = copy_key(l->program, &l->program->rules[index]);
  int64_t at = c->copies.heads[key & c->copies.mask];
  for (int n = 0; at != NO_RULE && n < LOOK_MOST;
       n++, at = c->copies.next[at])
    if (c->copies.keys[at] == key && is_copy(l, index, (uint32_t)at)) {
      say_same(c, CODE_L205, index, (uint32_t)at);
      break;
    }
  put(&c->copies, key, index);
}

static void lint_rule(comparison *c, uint32_t index) {
  const logic *l = c->l;
  const program_rule *rule = &l->program->rules[index];
  if (!is_comparable(l, index) || c->overruled[index])
    return;
  if (rule->action == ACTION_PERMIT && c->has_deny &&
      look_for_implied(c, deny_key(), index, visit_deny))
    return;
  bool computes = form_of(l->program, rule) == FORM_OTHER ||
                  (l->flags[index] & RULE_CALLS);
  if (!computes &&
      look_for_implied(c, group_key(l, index), index, visit_same))
    return;
  if (computes || (l->flags[index] & RULE_IS_OPAQUE))
    lint_copy(c, index);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the comparison writes */
void lint_rules(logic *l, uint8_t *overruled) {
  uint32_t count = l->program->rule_count;
  comparison c = {.l = l, .overruled = overruled};
  c.anchors = make_table(l->arena, count);
  c.copies = make_table(l->arena, count);
  count_keys(&c);
  fill_anchors(&c);
  lint_behind_deny(&c);
  for (uint32_t i = 0; i < count; i++)
    lint_rule(&c, i);
}
