/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info: which security versions a platform of a family (FMSPC) must have.
 * Version 2 names sgxtcbcomp01svn .. sgxtcbcomp16svn, version 3 has lists. */
#include "evidence/collateral.h"

enum { TCB_VERSION_MIN = 2, TCB_VERSION_MAX = 3 };

static const value *item(const value *object, const char *name, size_t i) {
  const value *list = value_member(object, slice_from(name));
  if (!list || list->kind != VALUE_ARRAY || list->count != PCK_COMPONENTS)
    return NULL;
  return &list->items[i];
}

/* SVN of a component that a level wants; -1 if the level does not say. */
static int64_t wanted_svn(arena *a, const value *tcb, size_t i) {
  const value *component = item(tcb, "sgxtcbcomponents", i);
  if (component)
    return document_number(component, "svn", UINT8_MAX);
  buffer name = buffer_in(a);
  buffer_printf(&name, "sgxtcbcomp%02zusvn", i + 1);
  return document_number(tcb, buffer_slice(&name).data, UINT8_MAX);
}

static bool reaches_tdx(const value *tcb, const uint8_t *tee_tcb_svn) {
  /* The second byte names the generation of the TDX module; from 1 on, the
   * first two are compared with that module's own identity instead. */
  size_t first = tee_tcb_svn[1] > 0 ? 2 : 0;
  for (size_t i = first; i < PCK_COMPONENTS; i++) {
    const value *component = item(tcb, "tdxtcbcomponents", i);
    int64_t wanted =
        component ? document_number(component, "svn", UINT8_MAX) : -1;
    if (wanted < 0 || tee_tcb_svn[i] < wanted)
      return false;
  }
  return true;
}

static bool reaches(arena *a, const value *tcb,
                    const collateral_query *query) {
  int64_t pce_svn = document_number(tcb, "pcesvn", UINT16_MAX);
  if (pce_svn < 0 || query->pck->pce_svn < pce_svn)
    return false;
  for (size_t i = 0; i < PCK_COMPONENTS; i++) {
    int64_t wanted = wanted_svn(a, tcb, i);
    if (wanted < 0 || query->pck->components[i] < wanted)
      return false;
  }
  return !query->tee_tcb_svn || reaches_tdx(tcb, query->tee_tcb_svn);
}

/* Levels stand in descending order: the first that is reached counts. */
static const value *find_level(arena *a, const value *body,
                               const collateral_query *query) {
  const value *levels = value_member(body, SLICE("tcbLevels"));
  if (!levels || levels->kind != VALUE_ARRAY)
    return NULL;
  for (uint32_t i = 0; i < levels->count; i++) {
    const value *tcb = value_member(&levels->items[i], SLICE("tcb"));
    if (tcb && tcb->kind == VALUE_OBJECT && reaches(a, tcb, query))
      return &levels->items[i];
  }
  return NULL;
}

/* Version 2 has no id, and is of SGX alone. */
static bool is_for(const value *body, const collateral_query *query) {
  int64_t version = document_number(body, "version", TCB_VERSION_MAX);
  const value *id = value_member(body, SLICE("id"));
  if (version < TCB_VERSION_MIN)
    return false;
  if (version == TCB_VERSION_MIN && !id)
    return strcmp(query->tcb_id, "SGX") == 0;
  return id && id->kind == VALUE_STRING &&
         slice_is(value_string(id), query->tcb_id);
}

static bool same_platform(arena *a, const value *body,
                          const pck_extension *pck) {
  const uint8_t *fmspc = document_hex(a, body, "fmspc", sizeof pck->fmspc);
  const uint8_t *pce_id = document_hex(a, body, "pceId", sizeof pck->pce_id);
  return fmspc && pce_id &&
         memcmp(fmspc, pck->fmspc, sizeof pck->fmspc) == 0 &&
         memcmp(pce_id, pck->pce_id, sizeof pck->pce_id) == 0;
}

bool tcb_info_verify(verifier *v, const signed_document *d,
                     const collateral_query *query, tcb_level *level) {
  if (!is_for(&d->body, query))
    return verify_step(v, false, d->what, NULL,
                       verify_text(v, "not a version 2 or 3 of type %s",
                                   query->tcb_id));
  if (!verify_step(v, same_platform(v->arena, &d->body, query->pck),
                   "TCB info platform", NULL,
                   "FMSPC and PCE id of the PCK certificate"))
    return false;
  const value *row = find_level(v->arena, &d->body, query);
  if (!row || !document_level(v->arena, row, level))
    return verify_step(v, false, "TCB level", NULL,
                       "no level is as low as the platform's TCB");
  return verify_step(v, true, "TCB level", NULL,
                     verify_text(v, "%s, of %.10s%s%s", level->status,
                                 level->date,
                                 level->advisories[0] ? "; advisories " : "",
                                 level->advisories));
}
