/* SPDX-License-Identifier: Apache-2.0 */
#include "base/render_sarif.h"

#include "base/text.h"

static const char base_id[] = "%SRCROOT%";

typedef struct source_writer {
  sarif *sarif;
  arena *arena; /* scratch */
  const render_source *source;
  line_index lines;
  value artifact; /* artifactLocation */
} source_writer;

static value text(const char *s) { return value_text(slice_from(s)); }

/* JSON is UTF-8; texts of a policy may not be. */
static value safe_text(arena *a, slice s) {
  if (utf8_error(s) == s.length)
    return value_text(s);
  buffer b = buffer_in(a);
  render_escaped(&b, s);
  return value_text(buffer_slice(&b));
}

static value message(arena *a, slice s) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("text"), safe_text(a, s));
  return object_value(&o);
}

/* Places. */

/* RFC 3986: unreserved characters and "/" as they are. */
static slice path_uri(arena *a, const char *path) {
  static const char plain[] = "-._~/";
  buffer b = buffer_in(a);
  buffer_text(&b, *path == '/' ? "file://" : "");
  for (; *path; path++) {
    char c = *path;
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9');
    if (is_letter || strchr(plain, c))
      buffer_char(&b, c);
    else
      buffer_printf(&b, "%%%02X", (unsigned char)c);
  }
  return buffer_slice(&b);
}

static value artifact(arena *a, const char *path) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("uri"), value_text(path_uri(a, path)));
  if (*path != '/')
    object_set(&o, SLICE("uriBaseId"), text(base_id));
  return object_value(&o);
}

static value region(const source_writer *w, span where) {
  object_builder o = object_in(w->arena);
  position begin = line_index_position(&w->lines, where.begin);
  position end = line_index_position(&w->lines, where.end);
  object_set(&o, SLICE("startLine"), value_integer(begin.line));
  object_set(&o, SLICE("startColumn"), value_integer(begin.column));
  object_set(&o, SLICE("endLine"), value_integer(end.line));
  object_set(&o, SLICE("endColumn"), value_integer(end.column));
  return object_value(&o);
}

static void set_place(const source_writer *w, object_builder *location,
                      span where) {
  object_builder o = object_in(w->arena);
  object_set(&o, SLICE("artifactLocation"), w->artifact);
  if (!w->source->was_wrapped)
    object_set(&o, SLICE("region"), region(w, where));
  object_set(location, SLICE("physicalLocation"), object_value(&o));
}

static value locations(const source_writer *w, const diagnostic *d) {
  object_builder o = object_in(w->arena);
  array_builder list = array_in(w->arena);
  set_place(w, &o, d->where);
  array_add(&list, object_value(&o));
  return array_value(&list);
}

static value related(const source_writer *w, const diagnostic *d) {
  array_builder list = array_in(w->arena);
  int64_t id = 0;
  for (const diagnostic_label *l = d->labels; l; l = l->next) {
    object_builder o = object_in(w->arena);
    object_set(&o, SLICE("id"), value_integer(++id));
    set_place(w, &o, l->where);
    object_set(&o, SLICE("message"), message(w->arena, slice_from(l->text)));
    array_add(&list, object_value(&o));
  }
  return array_value(&list);
}

/* Fixes. */

static value replacement(const source_writer *w, const text_edit *e) {
  object_builder o = object_in(w->arena), inserted = object_in(w->arena);
  object_set(&o, SLICE("deletedRegion"), region(w, e->where));
  object_set(&inserted, SLICE("text"), safe_text(w->arena, e->text));
  object_set(&o, SLICE("insertedContent"), object_value(&inserted));
  return object_value(&o);
}

static value fix_value(const source_writer *w, const fix *f) {
  object_builder o = object_in(w->arena), change = object_in(w->arena);
  array_builder replacements = array_in(w->arena),
                changes = array_in(w->arena);
  buffer title = buffer_in(w->arena);
  for (const text_edit *e = f->edits; e; e = e->next)
    array_add(&replacements, replacement(w, e));
  object_set(&change, SLICE("artifactLocation"), w->artifact);
  object_set(&change, SLICE("replacements"), array_value(&replacements));
  array_add(&changes, object_value(&change));
  buffer_printf(&title, "%s%s", f->title,
                f->applicability == FIX_SAFE ? "" : " (unsafe)");
  object_set(&o, SLICE("description"),
             message(w->arena, buffer_slice(&title)));
  object_set(&o, SLICE("artifactChanges"), array_value(&changes));
  return object_value(&o);
}

static value fixes(const source_writer *w, const diagnostic *d) {
  array_builder list = array_in(w->arena);
  for (const fix *f = d->fixes; f; f = f->next)
    if (f->edits && !w->source->was_wrapped)
      array_add(&list, fix_value(w, f));
  return array_value(&list);
}

/* Fingerprints. */

static uint64_t hash_byte(uint64_t hash, char c) { /* FNV-1a */
  return (hash ^ (unsigned char)c) * 0x100000001B3;
}

/* The code, and the line without its blanks: neither its number nor the way it
 * is indented. */
static uint64_t line_hash(const source_writer *w, const diagnostic *d) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char *c = code_text(d->code); *c; c++)
    hash = hash_byte(hash, *c);
  position p = line_index_position(&w->lines, d->where.begin);
  slice line = line_index_line(&w->lines, p.line);
  for (size_t i = 0; i < line.length; i++)
    if (line.data[i] != ' ' && line.data[i] != '\t')
      hash = hash_byte(hash, line.data[i]);
  return hash;
}

/* The name is the one that code scanning looks for. */
static value fingerprint(const source_writer *w, uint64_t hash,
                         unsigned times) {
  object_builder o = object_in(w->arena);
  buffer b = buffer_in(w->arena);
  buffer_printf(&b, "%016llx:%u", (unsigned long long)hash, times);
  object_set(&o, SLICE("primaryLocationLineHash"),
             value_text(buffer_slice(&b)));
  return object_value(&o);
}

/* Results. */

static unsigned index_of(sarif *s, diagnostic_code code) {
  if (!s->rule_index[code]) {
    s->rules[s->rule_count++] = (uint16_t)code;
    s->rule_index[code] = s->rule_count;
  }
  return s->rule_index[code] - 1u;
}

static slice words(const source_writer *w, const diagnostic *d) {
  buffer b = buffer_in(w->arena);
  buffer_text(&b, d->message);
  if (d->help)
    buffer_printf(&b, "; %s", d->help);
  if (w->source->was_wrapped) {
    position p = line_index_position(&w->lines, d->where.begin);
    buffer_printf(&b, " (line %u, column %u of the text inside)", p.line,
                  p.column);
  }
  return buffer_slice(&b);
}

static const char *level_name(severity s) {
  return s == SEVERITY_INFO ? "note" : severity_name(s);
}

static void set_unless_empty(object_builder *o, slice name, value list) {
  if (list.count)
    object_set(o, name, list);
}

static value result(const source_writer *w, const diagnostic *d, value print) {
  object_builder o = object_in(w->arena);
  object_set(&o, SLICE("ruleId"), text(code_text(d->code)));
  object_set(&o, SLICE("ruleIndex"),
             value_integer(index_of(w->sarif, d->code)));
  object_set(&o, SLICE("level"), text(level_name(d->severity)));
  object_set(&o, SLICE("message"), message(w->arena, words(w, d)));
  object_set(&o, SLICE("locations"), locations(w, d));
  set_unless_empty(&o, SLICE("relatedLocations"), related(w, d));
  set_unless_empty(&o, SLICE("fixes"), fixes(w, d));
  object_set(&o, SLICE("partialFingerprints"), print);
  return object_value(&o);
}

void sarif_init(sarif *s, arena *a) {
  *s = (sarif){.results = buffer_in(a)};
}

void sarif_add(sarif *s, arena *scratch, const render_source *source,
               const diagnostics *findings) {
  source_writer w = {.sarif = s, .arena = scratch, .source = source};
  uint64_t *hashes = ARENA_ARRAY(scratch, findings->count + 1, uint64_t);
  size_t count = 0;
  if (!findings->first)
    return;
  line_index_make(&w.lines, scratch, source->text);
  w.artifact = artifact(scratch, source->path);
  for (const diagnostic *d = findings->first; d; d = d->next) {
    unsigned times = 1;
    hashes[count] = line_hash(&w, d);
    for (size_t i = 0; i < count; i++)
      times += hashes[i] == hashes[count];
    value v = result(&w, d, fingerprint(&w, hashes[count++], times));
    buffer_text(&s->results, s->results.length ? ",\n" : "");
    json_write(&s->results, &v);
  }
}

/* The log. */

static value rule(arena *a, diagnostic_code code, const sarif_tool *tool) {
  object_builder o = object_in(a), level = object_in(a), help = object_in(a);
  buffer link = buffer_in(a);
  buffer_printf(&link, "%s%s.md", tool->rules_url, code_text(code));
  object_set(&o, SLICE("id"), text(code_text(code)));
  object_set(&o, SLICE("name"), text(code_name(code)));
  object_set(&o, SLICE("shortDescription"),
             message(a, slice_from(code_name(code))));
  object_set(&o, SLICE("helpUri"), value_text(buffer_slice(&link)));
  object_set(&level, SLICE("level"), text(level_name(code_severity(code))));
  object_set(&o, SLICE("defaultConfiguration"), object_value(&level));
  const char *page = tool->page(code);
  if (page) {
    object_set(&help, SLICE("text"), text(page));
    object_set(&help, SLICE("markdown"), text(page));
    object_set(&o, SLICE("help"), object_value(&help));
  }
  return object_value(&o);
}

static value driver(arena *a, const sarif *s, const sarif_tool *tool) {
  object_builder o = object_in(a);
  array_builder rules = array_in(a);
  for (unsigned i = 0; i < s->rule_count; i++)
    array_add(&rules, rule(a, (diagnostic_code)s->rules[i], tool));
  object_set(&o, SLICE("name"), text("maapol"));
  object_set(&o, SLICE("version"), text(tool->version));
  object_set(&o, SLICE("semanticVersion"), text(tool->version));
  object_set(&o, SLICE("rules"), array_value(&rules));
  return object_value(&o);
}

void sarif_write(buffer *out, sarif *s, const sarif_tool *tool,
                 bool is_complete) {
  value v = driver(out->arena, s, tool);
  buffer_text(out, "{\"$schema\":\"https://json.schemastore.org/"
                   "sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\n"
                   "\"tool\":{\"driver\":");
  json_write(out, &v);
  buffer_printf(out, "},\n\"invocations\":[{\"executionSuccessful\":%s}],\n",
                is_complete ? "true" : "false");
  buffer_printf(out, "\"columnKind\":\"unicodeCodePoints\",\n"
                     "\"originalUriBaseIds\":{\"%s\":{\"description\":"
                     "{\"text\":\"the root of the repository\"}}},\n"
                     "\"results\":[\n", base_id);
  buffer_add(out, buffer_slice(&s->results));
  buffer_text(out, "\n]}]}\n");
}
