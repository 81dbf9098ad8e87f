/*
** Stand-in, connection and rows: see harness.h. The path of the library comes from TEST_LIBRARY, so that the same
** programs test the plain build and the sanitizers' build.
*/
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"

static _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "harness: %s: %s\n", what, why);
  exit(1);
}

const char *harness_present_case;

int harness_set_up(void **state) {
  harness_present_case = NULL;
  harness_clean_environment();
  struct harness *harness = calloc(1, sizeof *harness);
  if (!harness) give_up("set-up", "out of memory");
  harness->standin = standin_start(0);
  if (!harness->standin) give_up("set-up", "the stand-in API does not start");
  harness->db = harness_connect(harness->standin);
  *state = harness;
  return 0;
}

int harness_tear_down(void **state) {
  struct harness *harness = *state;
  bool closed = harness_close(harness->db);
  standin_stop(harness->standin);
  free(harness);
  if (!closed) fprintf(stderr, "harness: a statement or table of the connection was left open\n");
  return closed ? 0 : -1;
}

int harness_add_numbered(struct harness *harness, const char *task_id, enum standin_crawl crawl, size_t count,
                         size_t broken_every) {
  char *items = dataset_numbered(count, broken_every);
  int failed = standin_add_task(harness->standin, task_id, crawl, items, strlen(items));
  sqlite3_free(items);
  return failed;
}

extern char **environ;

void harness_clean_environment(void) {
  static const char prefix[] = "ONPAGE_";
  static const char *const others[] = {
      "AISA_API_KEY", "DATAFORSEO_LOGIN", "DATAFORSEO_PASSWORD", "http_proxy", "https_proxy",
      "HTTPS_PROXY",  "all_proxy",        "ALL_PROXY",           "no_proxy",   "NO_PROXY",
  };
  for (char **variable = environ; *variable != NULL;) {
    char name[64];
    size_t size = strcspn(*variable, "=");
    if (strncmp(*variable, prefix, strlen(prefix)) != 0 || size >= sizeof name) {
      variable++;
      continue;
    }
    memcpy(name, *variable, size);
    name[size] = '\0';
    unsetenv(name); /* the next one is in its place */
  }
  for (size_t i = 0; i < LENGTH(others); i++) unsetenv(others[i]);
  setenv("XDG_CONFIG_HOME", "/nonexistent", 1); /* no key file of the user's */
}

int harness_load_into(sqlite3 *db, char **message) {
  const char *library = getenv("TEST_LIBRARY");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  char *error = NULL;
  int code = sqlite3_load_extension(db, library ? library : "build/onpage", NULL, &error);
  if (message)
    *message = error;
  else
    sqlite3_free(error);
  return code;
}

sqlite3 *harness_load(void) {
  sqlite3 *db = NULL;
  char *error = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) give_up("opening a database", sqlite3_errmsg(db));
  if (harness_load_into(db, &error) != SQLITE_OK) give_up("loading the extension", error ? error : "no reason given");
  return db;
}

sqlite3 *harness_connect(struct standin *standin) {
  sqlite3 *db = harness_load();
  harness_config(db, "base_url", standin_url(standin));
  harness_config(db, "api_key", "test-key");
  harness_config(db, "cache_mb", "0");
  return db;
}

bool harness_close(sqlite3 *db) {
  if (sqlite3_close(db) == SQLITE_OK) return true;
  sqlite3_close_v2(db);
  return false;
}

void harness_bind(sqlite3_stmt *statement, int position, const struct bound *bound) {
  switch (bound->type) {
    case SQLITE_INTEGER: sqlite3_bind_int64(statement, position, bound->integer); break;
    case SQLITE_FLOAT: sqlite3_bind_double(statement, position, bound->real); break;
    case SQLITE_TEXT: sqlite3_bind_text(statement, position, bound->bytes, bound->size, SQLITE_TRANSIENT); break;
    case SQLITE_BLOB: sqlite3_bind_blob(statement, position, bound->bytes, bound->size, SQLITE_TRANSIENT); break;
    default: sqlite3_bind_null(statement, position);
  }
}

static void write_text(sqlite3_str *out, const unsigned char *bytes, int size) {
  sqlite3_str_appendchar(out, 1, '\'');
  for (int i = 0; i < size; i++) {
    if (bytes[i] < 0x20 || bytes[i] == 0x7f) {
      sqlite3_str_appendf(out, "\\x%02x", bytes[i]);
    } else {
      if (bytes[i] == '\'' || bytes[i] == '\\') sqlite3_str_appendchar(out, 1, (char)bytes[i]);
      sqlite3_str_appendchar(out, 1, (char)bytes[i]);
    }
  }
  sqlite3_str_appendchar(out, 1, '\'');
}

static void write_cell(sqlite3_str *out, sqlite3_stmt *statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: sqlite3_str_appendf(out, "%lld", sqlite3_column_int64(statement, column)); break;
    case SQLITE_FLOAT: sqlite3_str_appendf(out, "%!.17g", sqlite3_column_double(statement, column)); break;
    case SQLITE_NULL: sqlite3_str_appendall(out, "NULL"); break;
    case SQLITE_TEXT: {
      const unsigned char *text = sqlite3_column_text(statement, column);
      write_text(out, text, sqlite3_column_bytes(statement, column));
      break;
    }
    default: {
      const unsigned char *blob = sqlite3_column_blob(statement, column);
      int size = sqlite3_column_bytes(statement, column);
      sqlite3_str_appendall(out, "x'");
      for (int i = 0; i < size; i++) sqlite3_str_appendf(out, "%02x", blob[i]);
      sqlite3_str_appendall(out, "'");
    }
  }
}

static char *row_of(sqlite3_stmt *statement) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  int columns = sqlite3_column_count(statement);
  for (int i = 0; i < columns; i++) {
    if (i > 0) sqlite3_str_appendchar(out, 1, '|');
    write_cell(out, statement, i);
  }
  char *row = sqlite3_str_finish(out);
  if (!row && columns > 0) give_up("reading a row", "out of memory");
  return row;
}

static struct rows *failed(struct rows *rows, sqlite3 *db) {
  rows->code = sqlite3_extended_errcode(db);
  rows->error = sqlite3_mprintf("%s", sqlite3_errmsg(db));
  return rows;
}

struct rows *harness_query(sqlite3 *db, const char *sql, const struct bound *bounds, size_t bound_count) {
  struct rows *rows = calloc(1, sizeof *rows);
  if (!rows) give_up("a query", "out of memory");
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return failed(rows, db);
  for (size_t i = 0; i < bound_count; i++) harness_bind(statement, (int)i + 1, &bounds[i]);
  size_t capacity = 0;
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (rows->count == capacity) {
      capacity = capacity ? 2 * capacity : 64;
      char **grown = realloc(rows->row, capacity * sizeof *grown);
      if (!grown) give_up("a query", "out of memory");
      rows->row = grown;
    }
    rows->row[rows->count++] = row_of(statement);
  }
  rows->code = code;
  if (code != SQLITE_DONE) failed(rows, db);
  sqlite3_finalize(statement);
  return rows;
}

void rows_free(struct rows *rows) {
  for (size_t i = 0; i < rows->count; i++) sqlite3_free(rows->row[i]);
  free(rows->row);
  sqlite3_free(rows->error);
  free(rows);
}

static int compare_rows(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

void rows_sort(struct rows *rows) {
  if (rows->count > 1) qsort(rows->row, rows->count, sizeof *rows->row, compare_rows);
}

char *rows_text(const struct rows *rows) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  for (size_t i = 0; i < rows->count; i++) {
    if (i > 0) sqlite3_str_appendchar(out, 1, '\n');
    sqlite3_str_appendall(out, rows->row[i]);
  }
  char *text = sqlite3_str_finish(out);
  return text ? text : sqlite3_mprintf("");
}

char *harness_plan(sqlite3 *db, const char *sql, const struct bound *bounds, size_t bound_count) {
  char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
  sqlite3_str *out = sqlite3_str_new(NULL);
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, explain, -1, &statement, NULL);
  if (code == SQLITE_OK) {
    for (size_t i = 0; i < bound_count; i++) harness_bind(statement, (int)i + 1, &bounds[i]);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
      sqlite3_str_appendf(out, "%s\n", (const char *)sqlite3_column_text(statement, 3));
  }
  if (code != SQLITE_DONE) sqlite3_str_appendf(out, "error: %s\n", sqlite3_errmsg(db));
  sqlite3_finalize(statement);
  sqlite3_free(explain);
  char *plan = sqlite3_str_finish(out);
  return plan ? plan : sqlite3_mprintf("");
}

void harness_run(sqlite3 *db, const char *sql) {
  char *error = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
    fprintf(stderr, "harness: %s\n", sql);
    give_up("a statement that must succeed", error);
  }
}

void harness_config(sqlite3 *db, const char *name, const char *value) {
  char *sql = sqlite3_mprintf("SELECT onpage_config(%Q, %Q)", name, value);
  harness_run(db, sql);
  sqlite3_free(sql);
}

void harness_set_url(sqlite3 *db, const char *scheme, const char *host, unsigned port) {
  char *url = sqlite3_mprintf("%s://%s:%u/apis/v1/dataforseo", scheme, host, port);
  harness_config(db, "base_url", url);
  harness_config(db, "api_key", "test-key");
  sqlite3_free(url);
}

static bool ends_with(const char *text, const char *end) {
  size_t text_size = strlen(text), end_size = strlen(end);
  return text_size >= end_size && !strcmp(text + text_size - end_size, end);
}

const struct standin_request *harness_request(struct standin *standin, const char *path_end, size_t n) {
  size_t count = standin_log_count(standin);
  for (size_t i = 0; i < count; i++) {
    const struct standin_request *request = standin_log_get(standin, i);
    if (request && ends_with(request->path, path_end) && n-- == 0) return request;
  }
  return NULL;
}

size_t harness_request_count(struct standin *standin, const char *path_end) {
  size_t found = 0, count = standin_log_count(standin);
  for (size_t i = 0; i < count; i++) {
    const struct standin_request *request = standin_log_get(standin, i);
    if (request && ends_with(request->path, path_end)) found++;
  }
  return found;
}

size_t harness_most_in_flight(struct standin *standin) {
  size_t most = 0, count = harness_request_count(standin, "/on_page/links");
  for (size_t i = 0; i < count; i++) {
    size_t in_flight = harness_request(standin, "/on_page/links", i)->in_flight;
    if (in_flight > most) most = in_flight;
  }
  return most;
}
