/*
** Any bytes anywhere: as crawl, filters, tag, option, variable of the environment, argument of CREATE VIRTUAL TABLE and of the
** functions, and in conditions. The result is the right rows or a printable error, and the connection works on.
*/
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"

enum { LONG = 1 << 20, MESSAGE_MAX = 2048 };

#define TEXT(literal)                                                                                                          \
  { .type = SQLITE_TEXT, .bytes = (literal), .size = sizeof(literal) - 1 }

static struct bound pool[] = {
    TEXT(""),
    TEXT("\0"),
    TEXT(TASK "\0"),
    TEXT("shop\0" TASK),
    TEXT("\xff"),
    TEXT("\xc0\x80"),         /* an overlong zero */
    TEXT("\xed\xa0\x80"),     /* half of a surrogate pair */
    TEXT("\xf4\x90\x80\x80"), /* beyond Unicode */
    TEXT("caf\xc3"),          /* cut off */
    TEXT("'"),
    TEXT("\""),
    TEXT("\\"),
    TEXT("'; DROP TABLE ordinary; --"),
    TEXT("\",\"limit\":1000000,\"x\":\""),
    TEXT("\r\nAuthorization: Bearer mine\r\n\r\n"),
    TEXT("\x1b[2J\x07\x08\x7f"),
    TEXT("%s%n%d%1000000d"),
    TEXT("../../../etc/passwd"),
    TEXT("\xef\xbb\xbf\xd7\x90\xf0\x9f\x92\xa3"), /* a byte order mark, an alef, a bomb */
    TEXT("%_%_%"),
    TEXT("[[[["),
    TEXT("[]]*?[^]"),
    TEXT("(((a*)*)*)*b"),
    TEXT("null"),
    TEXT("-1e999"),
    TEXT("9223372036854775808"),
    {.type = SQLITE_BLOB, .bytes = "\x00\xff'", .size = 3},
    {.type = SQLITE_BLOB, .bytes = "", .size = 0},
    {.type = SQLITE_NULL},
    {.type = SQLITE_INTEGER, .integer = INT64_MIN},
    {.type = SQLITE_FLOAT, .real = 1e308 * 10},
    {.type = SQLITE_FLOAT, .real = -0.0},
    {.type = SQLITE_TEXT, .bytes = "a", .size = LONG}, /* a megabyte of each; see group_set_up */
    {.type = SQLITE_TEXT, .bytes = "[", .size = LONG},
    {.type = SQLITE_TEXT, .bytes = "\"", .size = LONG},
};
enum { POOL_COUNT = LENGTH(pool), LONG_COUNT = 3 };

static int group_set_up(void **state) {
  (void)state;
  for (size_t i = POOL_COUNT - LONG_COUNT; i < POOL_COUNT; i++) {
    char *text = sqlite3_malloc(LONG);
    if (!text) return -1;
    memset(text, pool[i].bytes[0], LONG);
    pool[i].bytes = text;
  }
  return 0;
}

static int group_tear_down(void **state) {
  (void)state;
  for (size_t i = POOL_COUNT - LONG_COUNT; i < POOL_COUNT; i++) sqlite3_free((void *)pool[i].bytes);
  return 0;
}

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  char *tricky = dataset_read(TRICKY_FILE);
  int failed = standin_add_task(harness->standin, TASK, STANDIN_FINISHED, tricky, strlen(tricky)) ||
               dataset_create_table(harness->db, "ordinary") || dataset_load(harness->db, "ordinary", TASK, tricky);
  sqlite3_free(tricky);
  harness_config(harness->db, "max_retries", "0");
  return failed;
}

/* ---- Printable errors ---- */

/* Length of the well-formed character that the bytes begin with, 0 if there is none or it is a control character. */
static size_t printable(const unsigned char *bytes) {
  static const struct {
    unsigned char mask, lead;
    unsigned least;
  } forms[] = {{0x80, 0x00, 0x20}, {0xe0, 0xc0, 0xa0}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
  for (size_t form = 0; form < 4; form++) {
    if ((bytes[0] & forms[form].mask) != forms[form].lead) continue;
    unsigned code = bytes[0] & (unsigned char)~forms[form].mask;
    for (size_t i = 1; i <= form; i++) {
      if ((bytes[i] & 0xc0) != 0x80) return 0;
      code = code << 6 | (bytes[i] & 0x3f);
    }
    bool good = code >= forms[form].least && code != 0x7f && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return good ? form + 1 : 0;
  }
  return 0;
}

static void check_message(const char *message) {
  size_t size = strlen(message);
  assert_in_range(size, 1, MESSAGE_MAX);
  for (size_t at = 0, length; at < size; at += length) {
    length = printable((const unsigned char *)message + at);
    if (length == 0) print_error("byte %zu of: %s\n", at, message);
    assert_int_not_equal(length, 0);
  }
}

static void check_harmless(sqlite3 *db, const char *sql, const struct bound *bounds, size_t count) {
  struct rows *rows = harness_query(db, sql, bounds, count);
  check_case(sql);
  if (rows->error) check_message(rows->error);
  rows_free(rows);
}

static void check_usable(struct harness *harness) {
  check_rows(harness, "SELECT (SELECT count(type) FROM onpage_links('" TASK "')) = count(*) FROM ordinary WHERE type NOT NULL",
             "1");
}

/* ---- Inputs ---- */

static void inputs_of_any_bytes(void **state) {
  static const char *const sqls[] = {
      "SELECT link_to, task_id, filters, tag FROM onpage_links(?)",
      "SELECT count(*) FROM onpage_links WHERE task_id IN (?, 'x')",
      "SELECT link_to FROM onpage_links('" TASK "', ?)",
      "SELECT count(*) FROM onpage_links('" TASK "', ?) WHERE is_broken = 1",
      "SELECT link_to, tag FROM onpage_links WHERE task_id = '" TASK "' AND tag = ?",
      "SELECT * FROM onpage_crawl(?)",
      "SELECT link_to FROM onpage_links('" TASK "') WHERE not_like(link_to, ?)",
      "SELECT link_to FROM onpage_links('" TASK "') WHERE regex(text, ?)",
      "SELECT link_to FROM onpage_links('" TASK "') WHERE regex(link_to, ?)",
      "SELECT link_to FROM onpage_links('" TASK "') WHERE not_regex(link_to, ?)",
      "SELECT link_to FROM onpage_links('" TASK "') WHERE has(link_attribute, ?)",
      "SELECT link_to FROM onpage_links('" TASK "') LIMIT 2 OFFSET CASE WHEN typeof(?1) = 'integer' THEN ?1 ELSE 1 END",
      "SELECT onpage_config(?)",
      "SELECT onpage_config(?, '1')",
      "SELECT body, error FROM onpage_requests WHERE task_id = ?",
      "SELECT * FROM onpage_columns WHERE column_name = ?",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(sqls); i++) {
    for (size_t k = 0; k < POOL_COUNT; k++) check_harmless(harness->db, sqls[i], &pool[k], 1);
    check_usable(harness);
  }
}

/* What can't be the text of a JSON string is refused before it costs a request. */
static void impossible_inputs_make_no_request(void **state) {
  static const char *const inputs[] = {"T\0", "\xff", "\xc0\x80", "\xed\xa0\x80", "caf\xc3"};
  static const struct {
    const char *sql, *column;
  } places[] = {
      {"SELECT * FROM onpage_links(?)", "task_id"},
      {"SELECT * FROM onpage_links('" TASK "', ?)", "filters"},
      {"SELECT * FROM onpage_links WHERE task_id = '" TASK "' AND tag = ?", "tag"},
      {"SELECT * FROM onpage_crawl(?)", "task_id"},
  };
  struct harness *harness = *state;
  harness_forget(harness);
  for (size_t i = 0; i < LENGTH(inputs); i++) {
    struct bound bound = {.type = SQLITE_TEXT, .bytes = inputs[i], .size = i == 0 ? 2 : -1};
    for (size_t k = 0; k < LENGTH(places); k++) {
      struct rows *rows = harness_query(harness->db, places[k].sql, &bound, 1);
      assert_non_null(rows->error);
      assert_true(harness_contains(rows->error, places[k].column));
      assert_true(harness_contains(rows->error, "the value"));
      rows_free(rows);
    }
  }
  assert_int_equal(standin_log_count(harness->standin), 0);
}

static void arguments_of_any_bytes(void **state) {
  static const char *const formats[] = {
      "%s",     "task_id=%s", "task_id='%s'",           "task_id='" TASK "', filters=%Q", "tag=%Q, task_id=T",
      "%s='x'", "\"%w\"",     "task_id = '" TASK "' %s"};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(formats); i++) {
    for (size_t k = 0; k < POOL_COUNT; k++) {
      if (pool[k].type != SQLITE_TEXT || memchr(pool[k].bytes, '\0', (size_t)pool[k].size)) continue;
      char *text = sqlite3_mprintf("%.*s", pool[k].size, pool[k].bytes);
      char *arguments = sqlite3_mprintf(formats[i], text);
      char *sql = sqlite3_mprintf("CREATE VIRTUAL TABLE temp.bound USING onpage_links(%s)", arguments);
      struct rows *rows = harness_query(harness->db, sql, NULL, 0);
      /* SQLite's own messages repeat what they don't like; ours begin with the table. */
      if (rows->error && strncmp(rows->error, "onpage_links", strlen("onpage_links")) == 0) check_message(rows->error);
      if (!rows->error) {
        check_harmless(harness->db, "SELECT * FROM bound", NULL, 0);
        harness_run(harness->db, "DROP TABLE bound");
      }
      rows_free(rows);
      sqlite3_free(sql);
      sqlite3_free(arguments);
      sqlite3_free(text);
    }
  }
  check_usable(harness);
}

/* ---- Options ---- */

static const char *const options[] = {
    "api_key",      "login",      "password", "base_url",       "page_size",          "max_in_flight", "timeout_ms",
    "pushdown",     "rate_limit", "wait_s",   "cache_mb",       "connect_timeout_ms", "max_retries",   "cache_ttl_s",
    "max_requests", "ca_file",    "progress", "count_pushdown", "key_file",           "locked",        "trace"};
enum { OPTION_COUNT = LENGTH(options) };

static void options_of_any_bytes(void **state) {
  struct harness *harness = *state;
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    for (size_t k = 0; k < POOL_COUNT; k++) {
      sqlite3 *db = harness_connect(harness->standin);
      harness_config(db, "max_retries", "0");
      char *sql = sqlite3_mprintf("SELECT onpage_config(%Q, ?)", options[i]);
      check_harmless(db, sql, &pool[k], 1);
      sqlite3_free(sql);
      if (strcmp(options[i], "base_url") != 0) /* of the pool, NULL and '' are the real one */
        check_harmless(db, "SELECT link_to FROM onpage_links('" TASK "') LIMIT 1", NULL, 0);
      assert_true(harness_close(db));
    }
  }
}

static void zeros_end_no_option(void **state) {
  struct harness *harness = *state;
  check_error(harness, "SELECT onpage_config('page_size' || char(0) || 'x', '7')", "zero byte");
  check_error(harness, "SELECT onpage_config('page_size', '7' || char(0) || '0')", "zero byte");
  check_error(harness, "SELECT onpage_config('api_key', 'test-key' || char(0))", "zero byte");
  check_rows(harness, "SELECT onpage_config('page_size')", "'1000'");
  check_usable(harness);
}

static void environment_of_any_bytes(void **state) {
  (void)state;
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    for (size_t k = 0; k < POOL_COUNT; k++) {
      if (pool[k].type != SQLITE_TEXT || pool[k].size == LONG) continue;
      char *name = sqlite3_mprintf("ONPAGE_%s", options[i]);
      for (char *c = name; *c; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
      setenv(name, pool[k].bytes, 1);
      sqlite3 *db = NULL;
      char *message = NULL;
      assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
      if (harness_load_into(db, &message) != SQLITE_OK) {
        assert_non_null(message);
        assert_true(harness_contains(message, name));
        check_message(message);
      }
      sqlite3_free(message);
      unsetenv(name);
      sqlite3_free(name);
      assert_true(harness_close(db));
    }
  }
}

/* ---- Conditions ---- */

/* Each value, or each one after several, in each condition gives the rows of an ordinary table. What that refuses, such as a
** pattern that is too long, is only looked at for harm. */
static void compare_conditions(sqlite3 *db, size_t stride) {
  static const char *const columns[] = {"link_to", "text", "direction", "page_to_status_code", "is_broken", "link_attribute"};
  static const char *const conditions[] = {
      "= ?1", "<> ?1", "< ?1", ">= ?1", "LIKE ?1", "GLOB ?1", "IN (?1, 'anchor', 404)", "IS ?1", "IS NOT ?1", "= ?1 || ''"};
  for (size_t i = 0; i < LENGTH(columns); i++)
    for (size_t k = 0; k < LENGTH(conditions); k++)
      for (size_t p = 0; p < POOL_COUNT - LONG_COUNT; p += stride) {
        char *sql[2];
        struct rows *rows[2];
        for (int table = 0; table < 2; table++) {
          sql[table] =
              sqlite3_mprintf("SELECT count(quote(type)), total(length(item_text)) FROM (SELECT type, quote(link_to) || "
                              "quote(text) AS item_text FROM %s WHERE task_id = '" TASK "' AND %s %s)",
                              table ? "onpage_links" : "ordinary", columns[i], conditions[k]);
          rows[table] = harness_query(db, sql[table], &pool[p], 1);
        }
        check_case(sql[1]);
        if (rows[1]->error) check_message(rows[1]->error);
        if (!rows[0]->error) {
          if (rows[1]->error) print_error("value %zu: %s\n", p, rows[1]->error);
          assert_null(rows[1]->error);
          assert_string_equal(rows[1]->row[0], rows[0]->row[0]);
        }
        for (int table = 0; table < 2; table++) {
          rows_free(rows[table]);
          sqlite3_free(sql[table]);
        }
      }
}

static void conditions_of_any_bytes(void **state) {
  struct harness *harness = *state;
  compare_conditions(harness->db, 1);
}

/* The host's texts are UTF-16: each value is converted on its way. */
static void database_in_utf16(void **state) {
  struct harness *harness = *state;
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
  harness_run(db, "PRAGMA encoding = 'UTF-16be'; CREATE TABLE t(x)");
  assert_int_equal(harness_load_into(db, NULL), SQLITE_OK);
  harness_config(db, "base_url", standin_url(harness->standin));
  harness_config(db, "api_key", "test-key");
  char *tricky = dataset_read(TRICKY_FILE);
  assert_int_equal(dataset_create_table(db, "ordinary"), SQLITE_OK);
  assert_int_equal(dataset_load(db, "ordinary", TASK, tricky), SQLITE_OK);
  sqlite3_free(tricky);
  compare_conditions(db, 3);
  check_rows_on(db,
                "SELECT count(*) FROM ordinary AS o JOIN onpage_links AS l ON o.link_to = l.link_to AND o.text IS l.text AND "
                "l.task_id = '" TASK "' WHERE typeof(l.text) <> typeof(o.text) OR quote(l.item) IS NULL",
                "0");
  harness_run(db, "CREATE VIRTUAL TABLE bound USING onpage_links(task_id='" TASK "')");
  check_rows_on(db, "SELECT (SELECT count(type) FROM bound) = count(type) FROM ordinary", "1");
  assert_true(harness_close(db));
}

#define value_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      value_test(inputs_of_any_bytes),     value_test(impossible_inputs_make_no_request),
      value_test(arguments_of_any_bytes),  value_test(options_of_any_bytes),
      value_test(zeros_end_no_option),     value_test(environment_of_any_bytes),
      value_test(conditions_of_any_bytes), value_test(database_in_utf16),
  };
  return cmocka_run_group_tests_name("hostile values", tests, group_set_up, group_tear_down);
}
