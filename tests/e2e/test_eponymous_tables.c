/*
** The eponymous tables: onpage_columns lists what the tables really have and push down, onpage_requests what was really sent, while
** the log grows during the scan, and onpage_crawl the state of a crawl, in whatever way the crawl is named.
*/
#include "checks.h"

#include <stdint.h>
#include <string.h>

#include "dataset.h"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  harness_config(harness->db, "max_retries", "0");
  return standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1) ||
         harness_add_numbered(harness, OTHER_TASK, STANDIN_IN_PROGRESS, 3, 0) ||
         standin_add_task(harness->standin, THIRD_TASK, STANDIN_FINISHED, "", 0);
}

static void plant(struct harness *harness, struct standin_fault fault) {
  standin_clear_faults(harness->standin);
  standin_plant(harness->standin, 1, &fault);
}

/* Both statements give the same rows in the same order, and at least one. */
static void check_same_rows(struct harness *harness, const char *sql, const char *like) {
  struct rows *rows = harness_query(harness->db, like, NULL, 0);
  if (rows->error) print_error("%s\n%s\n", like, rows->error);
  assert_null(rows->error);
  assert_true(rows->count > 0);
  char *expected = rows_text(rows);
  check_rows(harness, sql, expected);
  sqlite3_free(expected);
  rows_free(rows);
}

/* ---- onpage_columns ---- */

static const char *const tables[] = {"onpage_links", "onpage_columns", "onpage_requests", "onpage_crawl"};

static void columns_are_those_of_the_tables(void **state) {
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(tables); i++) {
    char *listed =
        sqlite3_mprintf("SELECT column_name, column_type, hidden FROM onpage_columns WHERE table_name = %Q", tables[i]);
    char *declared = sqlite3_mprintf("SELECT name, type, hidden FROM pragma_table_xinfo(%Q) ORDER BY cid", tables[i]);
    check_same_rows(harness, listed, declared);
    sqlite3_free(listed);
    sqlite3_free(declared);
  }
}

static void every_table_is_listed(void **state) {
  struct harness *harness = *state;
  check_same_rows(harness, "SELECT DISTINCT table_name FROM onpage_columns ORDER BY 1",
                  "SELECT name FROM pragma_module_list WHERE name LIKE 'onpage\\_%' ESCAPE '\\' ORDER BY 1");
  check_rows(harness, "SELECT count(*) = count(DISTINCT rowid) FROM onpage_columns", "1");
  check_rows(harness, "SELECT column_name FROM onpage_columns WHERE description IS NULL OR description = ''", "");
  check_requests(harness, 0);
}

static void pushdown_of_some_columns(void **state) {
  struct harness *harness = *state;
  check_rows(harness,
             "SELECT column_name, pushdown FROM onpage_columns WHERE table_name = 'onpage_links' AND column_name IN "
             "('link_to', 'is_broken', 'page_to_status_code', 'link_attribute', 'text', 'is_valid_hreflang', 'task_id', "
             "'filters', 'tag', 'total_items_count', 'item')",
             "'link_to'|'= <> IN IS LIKE GLOB not_like() regex() not_regex()'\n"
             "'link_attribute'|'= IS has()'\n"
             "'is_broken'|'= <> < <= > >= IN IS'\n"
             "'text'|'= <> IN IS LIKE GLOB not_like() regex() not_regex() (when available_filters names it)'\n"
             "'page_to_status_code'|'= <> < <= > >= IN IS'\n"
             "'is_valid_hreflang'|'= <> < <= > >= IN IS (when available_filters names it)'\n"
             "'task_id'|'='\n'filters'|'='\n'tag'|'='\n'total_items_count'|NULL\n'item'|NULL");
  check_rows(harness,
             "SELECT table_name, column_name, hidden, pushdown FROM onpage_columns "
             "WHERE table_name <> 'onpage_links' AND pushdown IS NOT NULL",
             "'onpage_crawl'|'task_id'|0|'='\n'onpage_crawl'|'task'|1|'='");
}

/* A listed operator is in the plan, any other is not. */
static void pushdown_is_what_plans_say(void **state) {
  static const struct {
    const char *listed, *term, *planned;
    int version; /* of the host, from which it is so */
  } operators[] = {
      {"=", "%s = ?1", "%s = ?", 0},
      {"<>", "%s <> ?1", "%s <> ?", 0},
      {"<", "%s < ?1", "%s < ?", 0},
      {"<=", "%s <= ?1", "%s <= ?", 0},
      {">", "%s > ?1", "%s > ?", 0},
      {">=", "%s >= ?1", "%s >= ?", 0},
      {"IN", "%s IN (?1, ?2)", "%s IN ?", 3038000},
      {"IS", "%s IS ?1", "%s IS ?", 0},
      {"IS NOT", "%s IS NOT ?1", "%s IS NOT ?", 0},
      {"LIKE", "%s LIKE ?1", "%s LIKE ?", 0},
      {"GLOB", "%s GLOB ?1", "%s GLOB ?", 0},
      {"not_like()", "not_like(%s, ?1)", "%s not_like ?", 0},
      {"regex()", "regex(%s, ?1)", "%s regex ?", 0},
      {"not_regex()", "not_regex(%s, ?1)", "%s not_regex ?", 0},
      {"has()", "has(%s, ?1)", "%s has ?", 0},
  };
  struct harness *harness = *state;
  for (size_t c = 0; c < FIELD_COUNT; c++)
    for (size_t i = 0; i < LENGTH(operators); i++) {
      if (sqlite3_libversion_number() < operators[i].version) continue;
      const char *column = dataset_fields[c].name;
      char *term = sqlite3_mprintf(operators[i].term, column), *planned = sqlite3_mprintf(operators[i].planned, column);
      char *sql = sqlite3_mprintf("SELECT item FROM onpage_links('" TASK "') WHERE %s", term);
      char *plan = harness_plan(harness->db, sql, NULL, 0);
      char *listed = sqlite3_mprintf("SELECT instr(' ' || pushdown || ' ', ' %s ') > 0 FROM onpage_columns "
                                     "WHERE table_name = 'onpage_links' AND column_name = '%s'",
                                     operators[i].listed, column);
      check_case(plan);
      check_rows(harness, listed, harness_contains(plan, planned) ? "1" : "0");
      check_case(NULL);
      sqlite3_free(term);
      sqlite3_free(planned);
      sqlite3_free(sql);
      sqlite3_free(plan);
      sqlite3_free(listed);
    }
}

/* ---- onpage_requests ---- */

/* Makes that many requests for TASK, in one statement and with SELECTs that don't end up in each other's way. */
static void make_requests(struct harness *harness, int count) {
  char *sql = sqlite3_mprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
                              "SELECT count(c.task_id) FROM n, onpage_crawl(substr('" TASK "', 1, 99 + i)) c",
                              count);
  char *expected = sqlite3_mprintf("%d", count);
  check_rows(harness, sql, expected);
  sqlite3_free(sql);
  sqlite3_free(expected);
}

static void requests_have_their_columns(void **state) {
  struct harness *harness = *state;
  check_rows(harness,
             "SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info('onpage_requests') ORDER BY cid)",
             "'seq started_at table_name task_id method url body attempt http_status status_code status_message items "
             "total_items_count bytes duration_ms cost from_cache error'");
}

static void requests_are_logged(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT * FROM onpage_requests", "");
  check_rows(harness, "SELECT count(type) FROM onpage_links('" TASK "') WHERE is_broken = 1", "3");
  char *expected =
      sqlite3_mprintf("1|'onpage_links'|'" TASK "'|'POST'|'%s/on_page/links'|'%s'|1|200|20000|'Ok.'|3|3|1|1|0|NULL",
                      standin_url(harness->standin), standin_log_get(harness->standin, 0)->body);
  check_rows(harness,
             "SELECT seq, table_name, task_id, method, url, body, attempt, http_status, status_code, status_message, items, "
             "total_items_count, bytes > 0, duration_ms >= 0, from_cache, error FROM onpage_requests",
             expected);
  sqlite3_free(expected);
  check_rows(harness, "SELECT json_extract(body, '$.id'), typeof(bytes), typeof(duration_ms), cost FROM onpage_requests",
             "'" TASK "'|'integer'|'integer'|0.0");
  check_rows(harness,
             "SELECT started_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9]"
             "[0-9]Z', abs(julianday('now') - julianday(started_at)) < 1.0 / 1440 FROM onpage_requests",
             "1|1");
  /* Reading the log makes no request. */
  check_rows(harness, "SELECT count(*), max(rowid) FROM onpage_requests", "1|1");
  check_requests(harness, 1);
}

static void failures_are_logged(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_retries", "1");
  plant(harness, (struct standin_fault){.kind = STANDIN_FAULT_RESET});
  check_rows(harness, "SELECT count(type) FROM onpage_links('" TASK "')", "10");
  harness_config(harness->db, "max_retries", "0");
  plant(harness, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 500, .text = "Something broke"});
  check_error(harness, "SELECT type FROM onpage_links('" TASK "')", "Something broke");
  plant(harness, (struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 40401});
  check_error(harness, "SELECT * FROM onpage_crawl('" OTHER_TASK "')", "40401");
  check_rows(harness,
             "SELECT seq, table_name, task_id, attempt, http_status, status_code, status_message IS NULL, items, "
             "total_items_count, cost, error IS NOT NULL FROM onpage_requests",
             "1|'onpage_links'|'" TASK "'|1|NULL|NULL|1|NULL|NULL|NULL|1\n"
             "2|'onpage_links'|'" TASK "'|2|200|20000|0|10|10|0.0|0\n"
             "3|'onpage_links'|'" TASK "'|1|500|NULL|0|NULL|NULL|NULL|1\n"
             "4|'onpage_crawl'|'" OTHER_TASK "'|1|200|40401|0|NULL|NULL|0.0|1");
  check_rows(harness, "SELECT error FROM onpage_requests WHERE seq = 3", "'Something broke'");
}

/* A request without a crawl and a body. */
static void requests_without_a_task(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(*) FROM onpage_links('" TASK "') WHERE text = 'none has it'", "0");
  check_rows(harness, "SELECT method, task_id, body, url LIKE '%/on_page/available_filters' FROM onpage_requests WHERE seq = 1",
             "'GET'|NULL|NULL|1");
}

static void the_last_thousand_are_kept(void **state) {
  struct harness *harness = *state;
  make_requests(harness, 1003);
  check_rows(harness, "SELECT count(*), min(seq), max(seq) FROM onpage_requests", "1000|4|1003");
  check_rows(harness, "SELECT count(*) FROM (SELECT seq, row_number() OVER () AS n FROM onpage_requests) WHERE seq = n + 3",
             "1000");
}

/* Each row makes more requests: those are not among the rows. */
static void log_may_grow_while_it_is_read(void **state) {
  struct harness *harness = *state;
  make_requests(harness, 3);
  harness_forget(harness);
  check_rows(harness,
             "SELECT r.seq, r.table_name, count(l.type) FROM onpage_requests r JOIN onpage_links l ON l.task_id = r.task_id "
             "AND l.tag = 'for request ' || r.seq GROUP BY 1, 2",
             "1|'onpage_crawl'|10\n2|'onpage_crawl'|10\n3|'onpage_crawl'|10");
  check_requests(harness, 3);
  check_rows(harness, "SELECT count(*) FROM onpage_requests", "6");
}

/* The current row stays whole though the log drops it; of the others, those left in the log follow. */
static void log_may_drop_records_while_it_is_read(void **state) {
  struct harness *harness = *state;
  make_requests(harness, 5);
  check_rows(
      harness,
      "SELECT r.seq, CASE WHEN r.seq = 1 THEN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998) "
      "SELECT count(c.task_id) FROM n, onpage_crawl(substr(r.task_id, 1, 99 + i)) c) ELSE 0 END, r.table_name, r.task_id, "
      "json_extract(r.body, '$.id'), r.status_message FROM onpage_requests r",
      "1|998|'onpage_crawl'|'" TASK "'|'" TASK "'|'Ok.'\n"
      "4|0|'onpage_crawl'|'" TASK "'|'" TASK "'|'Ok.'\n"
      "5|0|'onpage_crawl'|'" TASK "'|'" TASK "'|'Ok.'");
}

static void no_credential_is_logged(void **state) {
  static const char *const secrets[] = {"test-key", "test-password", "dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk"};
  struct harness *harness = *state;
  sqlite3 *other = harness_load();
  char *url = sqlite3_mprintf("http://127.0.0.1:%u/v3", standin_port(harness->standin));
  harness_config(other, "base_url", url);
  harness_config(other, "login", "test-login");
  harness_config(other, "password", "test-password");
  harness_config(other, "max_retries", "0");
  sqlite3_free(url);
  sqlite3 *const connections[] = {harness->db, other};
  for (size_t c = 0; c < 2; c++) {
    harness_config(connections[c], "cache_mb", "0");
    check_rows_on(connections[c], "SELECT total_items_count FROM onpage_crawl('" TASK "')", "10");
    plant(harness,
          (struct standin_fault){.kind = STANDIN_FAULT_HTTP,
                                 .http_status = 401,
                                 .text = "{\"message\":\"Bearer test-key and test-login:test-password are unknown\"}"});
    struct rows *failed = harness_query(connections[c], "SELECT * FROM onpage_crawl('" TASK "')", NULL, 0);
    assert_non_null(failed->error);
    struct rows *rows = harness_query(connections[c], "SELECT * FROM onpage_requests", NULL, 0);
    assert_int_equal(rows->count, 2);
    char *text = rows_text(rows);
    assert_true(harness_contains(text, "401"));
    assert_false(harness_contains(text, secrets[c]));
    assert_false(harness_contains(text, secrets[2]));
    assert_false(harness_contains(failed->error, secrets[c]));
    sqlite3_free(text);
    rows_free(rows);
    rows_free(failed);
  }
  assert_true(harness_close(other));
}

static void connections_have_logs_of_their_own(void **state) {
  struct harness *harness = *state;
  sqlite3 *other = harness_connect(harness->standin);
  make_requests(harness, 2);
  check_rows_on(other, "SELECT * FROM onpage_requests", "");
  check_rows_on(other, "SELECT total_items_count FROM onpage_crawl('" TASK "')", "10");
  check_rows_on(other, "SELECT seq FROM onpage_requests", "1");
  check_rows(harness, "SELECT seq FROM onpage_requests", "1\n2");
  assert_true(harness_close(other));
  check_rows(harness, "SELECT seq FROM onpage_requests", "1\n2");
}

/* ---- onpage_crawl ---- */

#define ALL "SELECT * FROM onpage_crawl"
#define SHOP_STATE "'" TASK "'|'finished'|103|0|3|10"
#define OTHER_STATE "'" OTHER_TASK "'|'in_progress'|101|7|1|3"
#define EMPTY_STATE "'" THIRD_TASK "'|'finished'|100|0|0|0"

static void state_of_a_crawl(void **state) {
  struct harness *harness = *state;
  check_rows(harness, ALL "('" TASK "')", SHOP_STATE);
  check_requests(harness, 1);
  check_body(harness, 0, "{\"id\": \"" TASK "\", \"limit\": 1}");
  check_rows(harness, ALL " WHERE task_id = '" TASK "'", SHOP_STATE);
  check_body(harness, 1, "{\"id\": \"" TASK "\", \"limit\": 1}");
  check_rows(harness, ALL "('" OTHER_TASK "')", OTHER_STATE);
  check_rows(harness, ALL "('" THIRD_TASK "')", EMPTY_STATE);
  check_rows(harness, "SELECT task, task_id, total_items_count FROM onpage_crawl('" TASK "')", "'" TASK "'|'" TASK "'|10");
  check_rows(harness, "SELECT DISTINCT table_name FROM onpage_requests", "'onpage_crawl'");
  check_same_rows(harness, ALL "('" TASK "')",
                  "SELECT DISTINCT task_id, crawl_progress, max_crawl_pages, pages_in_queue, pages_crawled, total_items_count "
                  "FROM onpage_links('" TASK "')");
}

/* Each way to name the crawl, and its number of requests. */
static void ways_to_name_the_crawl(void **state) {
  static const struct {
    const char *sql, *expected;
    size_t requests;
  } cases[] = {
      {ALL " WHERE task = '" TASK "'", SHOP_STATE, 1},
      {ALL " WHERE task_id IS '" TASK "'", SHOP_STATE, 1},
      {ALL "('" TASK "') WHERE task_id = '" TASK "'", SHOP_STATE, 1},
      {ALL "('" TASK "') WHERE task_id = '" OTHER_TASK "'", "", 0},
      {ALL " WHERE task_id = '" TASK "' AND task_id = '" OTHER_TASK "'", "", 0},
      {ALL "('" TASK "') WHERE task_id > '08'", "", 1},
      {ALL "('" TASK "') WHERE crawl_progress = 'finished' AND pages_crawled > 2", SHOP_STATE, 1},
      {ALL "('" TASK "') WHERE total_items_count = 11", "", 1},
      {ALL "(NULL)", "", 0},
      {ALL "(x'3037')", "", 0},
      {ALL " WHERE task_id = NULL", "", 0},
      {ALL " WHERE task_id IN ('" TASK "', NULL, '" OTHER_TASK "') ORDER BY 1", OTHER_STATE "\n" SHOP_STATE, 2},
      {ALL " WHERE task_id IN ('" TASK "', '" TASK "')", SHOP_STATE, 1},
      {ALL " WHERE task_id IN ()", "", 0},
      {ALL " WHERE task IN (SELECT '" TASK "' UNION ALL SELECT '" OTHER_TASK "') ORDER BY 1", OTHER_STATE "\n" SHOP_STATE, 2},
      {ALL " WHERE task_id = '" TASK "' OR task_id = '" OTHER_TASK "' ORDER BY 1", OTHER_STATE "\n" SHOP_STATE, 2},
      {ALL " WHERE (task_id = '" TASK "' AND pages_in_queue = 0) OR (task = '" OTHER_TASK
           "' AND pages_in_queue = 7) ORDER BY 1",
       OTHER_STATE "\n" SHOP_STATE, 2},
      {ALL " WHERE (task_id = '" TASK "' AND pages_in_queue = 0) OR (task = '" TASK "' AND pages_crawled = 3)", SHOP_STATE, 2},
      {ALL "('" TASK "') UNION ALL " ALL "('" OTHER_TASK "')", SHOP_STATE "\n" OTHER_STATE, 2},
      {"SELECT count(*) FROM onpage_crawl('" TASK "')", "1", 1},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].sql);
    harness_forget(harness);
    check_rows(harness, cases[i].sql, cases[i].expected);
    check_requests(harness, cases[i].requests);
  }
}

static void crawls_from_a_join(void **state) {
  static const struct {
    const char *sql, *expected;
  } cases[] = {
      {"SELECT name, total_items_count FROM crawls t JOIN onpage_crawl(t.id) ORDER BY 1", "'empty'|0\n'numbers'|3\n'shop'|10"},
      {"SELECT name, total_items_count FROM onpage_crawl c, crawls t WHERE c.task_id = t.id ORDER BY 1",
       "'empty'|0\n'numbers'|3\n'shop'|10"},
      {"SELECT name, total_items_count FROM crawls t LEFT JOIN onpage_crawl(t.id) ORDER BY 1",
       "'empty'|0\n'none'|NULL\n'numbers'|3\n'shop'|10"},
      {"SELECT name, total_items_count FROM crawls t LEFT JOIN onpage_crawl c ON c.task_id = t.id ORDER BY 1",
       "'empty'|0\n'none'|NULL\n'numbers'|3\n'shop'|10"},
      {"SELECT name, (SELECT crawl_progress FROM onpage_crawl(id)) FROM crawls ORDER BY 1",
       "'empty'|'finished'\n'none'|NULL\n'numbers'|'in_progress'\n'shop'|'finished'"},
      {"SELECT c.total_items_count, count(l.type) FROM crawls t JOIN onpage_crawl(t.id) c JOIN onpage_links(c.task_id) l "
       "GROUP BY c.task_id ORDER BY 1",
       "3|3\n10|10"},
      {"SELECT count(*) FROM crawls t JOIN onpage_crawl('" TASK "') c ON c.task_id = t.id", "1"},
      {"SELECT total_items_count FROM onpage_crawl WHERE task_id IN (SELECT id FROM crawls) ORDER BY 1", "0\n3\n10"},
  };
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE TABLE crawls(id TEXT, name TEXT)");
  harness_run(harness->db, "INSERT INTO crawls VALUES('" TASK "', 'shop'), ('" OTHER_TASK "', 'numbers'), ('" THIRD_TASK
                           "', 'empty'), (NULL, 'none')");
  for (size_t i = 0; i < LENGTH(cases); i++) check_rows(harness, cases[i].sql, cases[i].expected);
}

static void statement_can_be_run_again(void **state) {
  static const struct {
    const char *task;
    int total;
  } runs[] = {{TASK, 10}, {OTHER_TASK, 3}, {THIRD_TASK, 0}, {TASK, 10}};
  struct harness *harness = *state;
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(harness->db, "SELECT total_items_count FROM onpage_crawl(?1)", -1, &statement, NULL);
  assert_int_equal(code, SQLITE_OK);
  for (size_t i = 0; i < LENGTH(runs); i++) {
    sqlite3_bind_text(statement, 1, runs[i].task, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), runs[i].total);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    assert_int_equal(sqlite3_reset(statement), SQLITE_OK);
  }
  sqlite3_finalize(statement);
}

static void missing_task_is_friendly(void **state) {
  static const char *const statements[] = {
      ALL,
      ALL " WHERE pages_crawled > 0",
      ALL " WHERE task_id > '0'",
      ALL " WHERE task_id LIKE '07%'",
      ALL " WHERE task_id = '" TASK "' OR pages_crawled = 1",
      ALL "('')",
      "SELECT count(*) FROM onpage_crawl a JOIN onpage_crawl b ON a.pages_crawled = b.pages_crawled",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(statements); i++)
    check_error(harness, statements[i], "onpage_crawl", "task_id", "WHERE task_id = '");
  struct bound zero = {.type = SQLITE_TEXT, .bytes = "a\0b", .size = 3};
  struct rows *rows = harness_query(harness->db, ALL "(?1)", &zero, 1);
  assert_true(rows->error != NULL && harness_contains(rows->error, "onpage_crawl: task_id"));
  rows_free(rows);
  check_requests(harness, 0);
}

static void errors_name_table_and_task(void **state) {
  static const struct {
    enum standin_crawl crawl;
    const char *code, *words;
  } cases[] = {
      {STANDIN_QUEUED, "40602", "begun"},
      {STANDIN_HANDED, "40601", "begun"},
      {STANDIN_EXPIRED, "40403", "expired"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    standin_set_crawl(harness->standin, TASK, cases[i].crawl);
    check_error(harness, ALL "('" TASK "')", "onpage_crawl: task '" TASK "': ", cases[i].code, cases[i].words);
  }
  check_error(harness, ALL "('1234-5678')", "onpage_crawl: task '1234-5678': ", "40401");
  /* libcurl itself tries once more when a connection that it had kept is closed. */
  plant(harness, (struct standin_fault){.kind = STANDIN_FAULT_RESET, .times = SIZE_MAX});
  check_error(harness, ALL "('" OTHER_TASK "')", "onpage_crawl: task '" OTHER_TASK "': no response");
  plant(harness, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = "{\"status_code\":20000,\"tasks\":null}"});
  check_error(harness, ALL "('" OTHER_TASK "')", "onpage_crawl: task '" OTHER_TASK "': ", "result");
  sqlite3 *keyless = harness_load();
  harness_config(keyless, "base_url", standin_url(harness->standin));
  harness_forget(harness);
  check_error_on(keyless, ALL "('" TASK "')", "onpage_crawl", "api_key");
  check_requests(harness, 0);
  assert_true(harness_close(keyless));
}

#define RESPONSE(members) "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{" members "}]}]}"

/* No results: no links, and nothing is known of the rest. What a response lacks is NULL. */
static void responses_that_say_little(void **state) {
  static const struct {
    const char *response, *expected;
  } cases[] = {
      {RESPONSE(""), "NULL|NULL|NULL|NULL|NULL"},
      {RESPONSE("\"crawl_progress\":null,\"crawl_status\":null,\"items\":null"), "NULL|NULL|NULL|NULL|NULL"},
      {RESPONSE("\"crawl_progress\":\"finished\",\"crawl_status\":{\"pages_crawled\":2.0},\"total_items_count\":7"),
       "'finished'|NULL|NULL|2|7"},
      {RESPONSE("\"crawl_progress\":17,\"crawl_status\":{\"max_crawl_pages\":\"many\",\"pages_in_queue\":0}"),
       "NULL|NULL|0|NULL|NULL"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].response);
    plant(harness, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = cases[i].response});
    char *expected = sqlite3_mprintf("'" TASK "'|%s", cases[i].expected);
    check_rows(harness, ALL "('" TASK "')", expected);
    sqlite3_free(expected);
  }
  standin_set_crawl(harness->standin, TASK, STANDIN_NO_RESULTS);
  check_rows(harness, ALL "('" TASK "')", "'" TASK "'|NULL|NULL|NULL|NULL|0");
}

static void plans_are_in_words(void **state) {
  struct harness *harness = *state;
  check_plan(harness, ALL "('" TASK "')", ":task = ?");
  check_plan(harness, ALL "('" TASK "') WHERE task_id = 'x'", "task_id = ?");
  check_plan(harness, ALL, ":no task_id");
  check_requests(harness, 0);
}

/* ---- All of them ---- */

static void tables_are_read_only(void **state) {
  struct harness *harness = *state;
  for (size_t i = 1; i < LENGTH(tables); i++) {
    char *sql[] = {
        sqlite3_mprintf("DELETE FROM %s", tables[i]),
        sqlite3_mprintf("INSERT INTO %s DEFAULT VALUES", tables[i]),
        sqlite3_mprintf("CREATE VIRTUAL TABLE temp.made USING %s", tables[i]),
        sqlite3_mprintf("SELECT * FROM %s('a', 'b')", tables[i]),
    };
    for (size_t k = 0; k < LENGTH(sql); k++) {
      check_error(harness, sql[k], tables[i]);
      sqlite3_free(sql[k]);
    }
  }
  check_requests(harness, 0);
}

/* A statement over the tables may be open when its connection is closed, and the extension be loaded once more. */
static void tables_live_as_long_as_they_are_read(void **state) {
  struct harness *harness = *state;
  sqlite3 *db = harness_connect(harness->standin);
  sqlite3_stmt *statement = NULL;
  check_rows_on(db, "SELECT count(*) FROM onpage_crawl WHERE task_id IN ('" TASK "', '" OTHER_TASK "')", "2");
  const char *sql = "SELECT r.seq, c.total_items_count FROM onpage_requests r, onpage_crawl(r.task_id) c";
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_close_v2(db), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_column_int(statement, 0), 2);
  assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  make_requests(harness, 1);
  assert_int_equal(harness_load_into(harness->db, NULL), SQLITE_OK);
  check_rows(harness, "SELECT count(*) FROM onpage_requests", "1");
  check_rows(harness, "SELECT count(*) > 0 FROM onpage_columns", "1");
}

#define small_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      small_test(columns_are_those_of_the_tables),
      small_test(every_table_is_listed),
      small_test(pushdown_of_some_columns),
      small_test(pushdown_is_what_plans_say),
      small_test(requests_have_their_columns),
      small_test(requests_are_logged),
      small_test(failures_are_logged),
      small_test(requests_without_a_task),
      small_test(the_last_thousand_are_kept),
      small_test(log_may_grow_while_it_is_read),
      small_test(log_may_drop_records_while_it_is_read),
      small_test(no_credential_is_logged),
      small_test(connections_have_logs_of_their_own),
      small_test(state_of_a_crawl),
      small_test(ways_to_name_the_crawl),
      small_test(crawls_from_a_join),
      small_test(statement_can_be_run_again),
      small_test(missing_task_is_friendly),
      small_test(errors_name_table_and_task),
      small_test(responses_that_say_little),
      small_test(plans_are_in_words),
      small_test(tables_are_read_only),
      small_test(tables_live_as_long_as_they_are_read),
  };
  return cmocka_run_group_tests_name("eponymous tables", tests, NULL, NULL);
}
