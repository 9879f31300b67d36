/* SPDX-License-Identifier: Apache-2.0 */
#include "token/notes.h"

void note_add(notes *list, const char *format, ...) {
  buffer text = buffer_in(list->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  list->items = arena_grow(list->arena, list->items, list->count,
                           &list->capacity, sizeof *list->items);
  list->items[list->count++] = buffer_slice(&text).data;
}

value notes_value(const notes *list) {
  array_builder all = array_in(list->arena);
  for (size_t i = 0; i < list->count; i++)
    array_add(&all, value_text(slice_from(list->items[i])));
  return array_value(&all);
}
