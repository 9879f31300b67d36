/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

struct state {
  sqlite3 *database;
};

/* History is a table that is only added to; the row with the highest id of an
 * instance and a type is in force. */
static const char schema[] =
    "PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA trusted_schema=OFF;"
    "CREATE TABLE IF NOT EXISTS keys("
    "  name TEXT PRIMARY KEY, content BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS instances("
    "  name TEXT PRIMARY KEY, mode TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS policies("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL,"
    "  type TEXT NOT NULL, token TEXT, set_at INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS policies_in_force"
    "  ON policies(instance, type, id);"
    "CREATE TABLE IF NOT EXISTS signers("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL,"
    "  certificate BLOB NOT NULL, UNIQUE(instance, certificate));"
    "PRAGMA user_version=1;";

static void close_database(void *object) {
  sqlite3_close_v2(((state *)object)->database);
}

static bool failed(state *s, const char **reason) {
  *reason = sqlite3_errcode(s->database) == SQLITE_BUSY
                ? "another process uses this state"
                : sqlite3_errmsg(s->database);
  return false;
}

/* The file is made before SQLite sees it: it must never be readable by
 * others, since keys lie in it. */
static const char *make_file(arena *a, const char *directory,
                             const char **reason) {
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s/maapol.sqlite", directory);
  if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
    *reason = "the directory cannot be made";
    return NULL;
  }
  int file = open(buffer_slice(&path).data,
                  O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    *reason = "its file maapol.sqlite cannot be opened for writing";
    return NULL;
  }
  close(file);
  return buffer_slice(&path).data;
}

state *state_open(arena *a, const char *directory, const char **reason) {
  state *s = ARENA_NEW(a, state);
  const char *path = ":memory:";
  if (directory && !(path = make_file(a, directory, reason)))
    return NULL;
  int opened = sqlite3_open_v2(path, &s->database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                   SQLITE_OPEN_FULLMUTEX,
                               NULL);
  if (!s->database)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, close_database, s);
  sqlite3_busy_timeout(s->database, 2000);
  if (opened == SQLITE_OK &&
      sqlite3_exec(s->database, schema, NULL, NULL, NULL) == SQLITE_OK)
    return s;
  failed(s, reason);
  return NULL;
}

/* --- statements ----------------------------------------------------------- */

typedef enum parameter_kind {
  PARAMETER_TEXT,
  PARAMETER_BLOB,
  PARAMETER_INTEGER,
  PARAMETER_NULL
} parameter_kind;

typedef struct parameter {
  parameter_kind kind;
  slice text;
  int64_t integer;
} parameter;

static parameter text_parameter(const char *text) {
  return (parameter){PARAMETER_TEXT, slice_from(text), 0};
}

static parameter blob_parameter(bytes data) {
  return (parameter){PARAMETER_BLOB, slice_from_bytes(data), 0};
}

static parameter slice_parameter(slice text) {
  return (parameter){text.length ? PARAMETER_TEXT : PARAMETER_NULL, text, 0};
}

static parameter integer_parameter(int64_t integer) {
  return (parameter){PARAMETER_INTEGER, SLICE_EMPTY, integer};
}

static int bind(sqlite3_stmt *statement, int index, const parameter *p) {
  switch (p->kind) {
  case PARAMETER_TEXT:
    return sqlite3_bind_text64(statement, index, p->text.data, p->text.length,
                               SQLITE_STATIC, SQLITE_UTF8);
  case PARAMETER_BLOB:
    return sqlite3_bind_blob64(statement, index, p->text.data, p->text.length,
                               SQLITE_STATIC);
  case PARAMETER_INTEGER:
    return sqlite3_bind_int64(statement, index, p->integer);
  default:
    return sqlite3_bind_null(statement, index);
  }
}

/* NULL if SQLite fails. */
static sqlite3_stmt *prepare(state *s, const char *sql,
                             const parameter *parameters, size_t count) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(s->database, sql, -1, &statement, NULL) != SQLITE_OK)
    return NULL;
  for (size_t i = 0; i < count; i++)
    if (bind(statement, (int)i + 1, &parameters[i]) != SQLITE_OK) {
      sqlite3_finalize(statement);
      return NULL;
    }
  return statement;
}

/* A statement without rows is a transaction of its own. */
static bool run(state *s, const char *sql, const parameter *parameters,
                size_t count, const char **reason) {
  sqlite3_stmt *statement = prepare(s, sql, parameters, count);
  bool done = statement && sqlite3_step(statement) == SQLITE_DONE;
  done = sqlite3_finalize(statement) == SQLITE_OK && done;
  return done || failed(s, reason);
}

/* The first columns of up to `most` rows. A copy is made through a guard, so
 * that no statement is left behind when memory runs out. */
static bool query(state *s, arena *a, const char *sql,
                  const parameter *parameters, size_t parameter_count,
                  bytes *rows, size_t *count, size_t most,
                  const char **reason) {
  jmp_buf *outer = a->guard, failure;
  sqlite3_stmt *statement = prepare(s, sql, parameters, parameter_count);
  *count = 0;
  if (!statement)
    return failed(s, reason);
  if (ARENA_GUARD(a, failure)) {
    a->guard = outer;
    sqlite3_finalize(statement);
    arena_fail(a, a->failure);
  }
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW && *count < most; step = sqlite3_step(statement)) {
    const char *data = sqlite3_column_blob(statement, 0);
    int length = sqlite3_column_bytes(statement, 0);
    rows[(*count)++] = bytes_from_slice(
        arena_copy(a, (slice){data, data ? (size_t)length : 0}));
  }
  a->guard = outer;
  sqlite3_finalize(statement);
  return step == SQLITE_DONE || step == SQLITE_ROW || failed(s, reason);
}

/* The first column of the first row; empty if there is none. */
static bool query_one(state *s, arena *a, const char *sql,
                      const parameter *parameters, size_t parameter_count,
                      bytes *result, const char **reason) {
  size_t count;
  *result = (bytes){0};
  return query(s, a, sql, parameters, parameter_count, result, &count, 1,
               reason);
}

/* --- keys and instances --------------------------------------------------- */

bool state_get_key(state *s, arena *a, const char *name, bytes *content,
                   const char **reason) {
  parameter p[] = {text_parameter(name)};
  return query_one(s, a, "SELECT content FROM keys WHERE name = ?", p, 1,
                   content, reason);
}

bool state_put_key(state *s, const char *name, bytes content,
                   const char **reason) {
  parameter p[] = {text_parameter(name), blob_parameter(content)};
  return run(s, "INSERT OR REPLACE INTO keys(name, content) VALUES(?, ?)", p,
             2, reason);
}

bool state_get_instance(state *s, arena *a, const char *name,
                        const char **mode, const char **reason) {
  parameter p[] = {text_parameter(name)};
  bytes text;
  bool read = query_one(s, a, "SELECT mode FROM instances WHERE name = ?", p,
                        1, &text, reason);
  *mode = read && text.length ? (const char *)text.data : NULL;
  return read;
}

bool state_put_instance(state *s, const char *name, const char *mode,
                        const char **reason) {
  parameter p[] = {text_parameter(name), text_parameter(mode)};
  return run(s, "INSERT OR REPLACE INTO instances(name, mode) VALUES(?, ?)", p,
             2, reason);
}

/* --- policies ------------------------------------------------------------- */

bool state_get_policy(state *s, arena *a, const char *instance,
                      attestation_type type, slice *token,
                      const char **reason) {
  parameter p[] = {text_parameter(instance),
                   text_parameter(attestation_type_name(type))};
  bytes text;
  bool read = query_one(s, a,
                        "SELECT token FROM policies WHERE instance = ? AND "
                        "type = ? ORDER BY id DESC LIMIT 1",
                        p, 2, &text, reason);
  *token = slice_from_bytes(text);
  return read;
}

bool state_put_policy(state *s, const char *instance, attestation_type type,
                      slice token, int64_t now, const char **reason) {
  parameter p[] = {text_parameter(instance),
                   text_parameter(attestation_type_name(type)),
                   slice_parameter(token), integer_parameter(now)};
  return run(s,
             "INSERT INTO policies(instance, type, token, set_at) "
             "VALUES(?, ?, ?, ?)",
             p, 4, reason);
}

/* --- signers -------------------------------------------------------------- */

bool state_get_signers(state *s, arena *a, const char *instance, bytes *list,
                       size_t *count, size_t most, const char **reason) {
  parameter p[] = {text_parameter(instance)};
  return query(s, a,
               "SELECT certificate FROM signers WHERE instance = ? "
               "ORDER BY id",
               p, 1, list, count, most, reason);
}

bool state_put_signer(state *s, const char *instance, bytes certificate,
                      const char **reason) {
  parameter p[] = {text_parameter(instance), blob_parameter(certificate)};
  return run(s,
             "INSERT OR IGNORE INTO signers(instance, certificate) "
             "VALUES(?, ?)",
             p, 2, reason);
}

bool state_drop_signer(state *s, const char *instance, bytes certificate,
                       const char **reason) {
  parameter p[] = {text_parameter(instance), blob_parameter(certificate)};
  return run(s, "DELETE FROM signers WHERE instance = ? AND certificate = ?",
             p, 2, reason);
}
