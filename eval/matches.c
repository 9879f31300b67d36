/* SPDX-License-Identifier: Apache-2.0 */
/* Which claims each condition of a rule selects, for people who write it. Runs
 * only when that is wanted. */
#include "eval/engine.h"

static bool is_candidate(const engine *e, const program_condition *c,
                         uint32_t index) {
  return !c->type || e->items[index].type == c->type;
}

static bool passes_literals(const engine *e, const program_condition *c,
                            uint32_t index) {
  const program_test *tests = &e->program->tests[c->first_test];
  for (uint32_t i = 0; i < c->literal_tests; i++)
    if (!engine_literal_test(e, index, &tests[i]))
      return false;
  return true;
}

/* Those of the condition's type that literal tests leave; of the others, the
 * type's claims that do not fit. */
static void match_literals(const engine *e, const program_condition *c,
                           condition_match *m) {
  for (uint32_t i = 0; i < e->count; i++) {
    if (!is_candidate(e, c, i))
      continue;
    m->candidates++;
    m->count += passes_literals(e, c, i);
  }
  for (uint32_t i = 0; i < e->count && m->shown_count < MATCHES_SHOWN; i++)
    if (is_candidate(e, c, i) && (!m->count || passes_literals(e, c, i)))
      m->shown[m->shown_count++] = e->claims[i];
}

static void match_selection(const engine *e, const selection *found,
                            condition_match *m) {
  m->count = found->count;
  if (found->count)
    m->shown_count = 0;
  for (uint32_t i = 0; i < found->count && m->shown_count < MATCHES_SHOWN; i++)
    m->shown[m->shown_count++] = e->claims[found->items[i]];
}

/* Tests against expressions cannot be asked about once an earlier condition
 * did not hold: what they mention may be bound to nothing. */
static bool match_condition(engine *e, const program_condition *c,
                            bool was_asked, condition_match *m) {
  selection found;
  m->is_known = was_asked || c->literal_tests == c->test_count;
  if (!m->is_known)
    return true;
  match_literals(e, c, m);
  if (c->literal_tests == c->test_count)
    return true;
  if (!engine_select(e, c, &found))
    return false;
  match_selection(e, &found, m);
  return true;
}

static bool match_conditions(engine *e, bool holds) {
  const program_rule *rule = &e->program->rules[e->rule];
  const program_condition *c =
      &e->program->conditions[rule->first_condition];
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    condition_match *m = ARENA_NEW(e->arena, condition_match);
    m->rule = e->rule;
    m->condition = i;
    m->is_negated = c[i].negated;
    m->type = symbols_text(&e->program->symbols, c[i].type);
    *e->match_end = m;
    e->match_end = &m->next;
    if (!match_condition(e, &c[i], holds || i <= e->condition, m))
      return false;
  }
  return true;
}

/* Functions are asked a second time: what they remarked is not said twice. */
bool engine_matches(engine *e, bool holds) {
  evaluation_note **notes = e->note_end;
  query_record **queries = e->query_end;
  bool went_well = match_conditions(e, holds);
  *notes = NULL;
  *queries = NULL;
  e->note_end = notes;
  e->query_end = queries;
  return went_well;
}
