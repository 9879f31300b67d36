/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence_guest_fixture.h"

#include "base/base64.h"

/* Under all certificates of the fixture's authority. */
void guest_fixture_start(verify_fixture *f, arena *a,
                         const char *const *settings) {
  const char *reason;
  verify_fixture_start(f, a, ATTESTATION_AZURE_GUEST, settings);
  f->options.roots = (trust_roots){0};
  cr_assert(roots_add_directory(a, &f->options.roots, f->directory, &reason),
            "%s", reason);
}

bytes guest_made(const verify_fixture *f, const char *const *settings) {
  slice list[8];
  evidence_made made;
  evidence_error error = {0};
  evidence_recipe recipe = {.type = ATTESTATION_AZURE_GUEST,
                            .pki_directory = f->directory,
                            .settings = list};
  for (; *settings; settings++)
    list[recipe.setting_count++] = slice_from(*settings);
  cr_assert(evidence_make(f->arena, &recipe, &made, &error), "%s",
            error.message);
  return made.raw;
}

/* --- JSON that is changed ------------------------------------------------- */

value guest_json(arena *a, bytes raw) {
  value v;
  json_error error;
  cr_assert(json_read(a, slice_from_bytes(raw), 0, &v, &error));
  return v;
}

bytes guest_written(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return bytes_from_slice(buffer_slice(&text));
}

/* The object with another value, or without the member (NULL). */
value guest_with(arena *a, const value *object, const char *name,
                 const value *v) {
  object_builder o = object_in(a);
  for (uint32_t i = 0; i < object->count; i++)
    if (!slice_is(member_name(&object->members[i]), name))
      object_set(&o, member_name(&object->members[i]),
                 object->members[i].value);
  if (v)
    object_set(&o, slice_from(name), *v);
  return object_value(&o);
}

const value *guest_member(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  cr_assert(v, "%s", name);
  return v;
}

/* attestationInfo with a member changed; outer: "" or "TpmInfo" .. */
bytes guest_changed(arena *a, bytes raw, const char *outer, const char *name,
                    const value *v) {
  value info = guest_json(a, raw);
  if (*outer) {
    value inner = guest_with(a, guest_member(&info, outer), name, v);
    info = guest_with(a, &info, outer, &inner);
  } else {
    info = guest_with(a, &info, name, v);
  }
  return guest_written(a, &info);
}

value guest_base64(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64_encode(&text, data);
  return value_text(buffer_slice(&text));
}

value guest_json_text(arena *a, const char *text) {
  return guest_json(a, bytes_from_slice(slice_from(text)));
}

value guest_taken(arena *a, bytes raw, const char *outer, const char *name) {
  value info = guest_json(a, raw);
  return *guest_member(guest_member(&info, outer), name);
}
