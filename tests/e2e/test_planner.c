/*
** Plans that depend on the release of SQLite, on the application's own functions or on the API's columns: their rows on every
** release, and their requests.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"

/* ---- LIMIT and OFFSET of a compound ---- */

static int set_up_shop(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int code = standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1);
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
  return code;
}

/* Its arms share one LIMIT and one OFFSET. */
static void offset_of_a_compound_is_not_an_arms(void **state) {
  static const struct {
    const char *sql;
    int rows; /* without the OFFSET */
  } cases[] = {
      {"SELECT 1 UNION ALL SELECT is_broken FROM shop", 11},
      {"SELECT link_to FROM shop WHERE is_broken = 1 UNION ALL SELECT link_to FROM shop WHERE dofollow = 1", 12},
      {"SELECT link_to FROM shop UNION ALL SELECT 1 UNION ALL SELECT link_to FROM shop", 21},
      {"SELECT link_to FROM shop UNION SELECT 1", 8},
      {"SELECT link_to FROM shop EXCEPT SELECT 1", 7},
      {"SELECT link_to FROM shop INTERSECT SELECT page_to FROM shop", 0},
      {"SELECT * FROM (SELECT link_to FROM shop LIMIT 4 OFFSET 1) UNION ALL SELECT 1", 5},
      {"SELECT link_to FROM twice", 13},
      {"SELECT * FROM (SELECT link_to FROM shop UNION ALL SELECT 1)", 11},
      {"SELECT link_to FROM shop", 10},
  };
  struct harness *harness = *state;
  harness_run(harness->db,
              "CREATE TEMP VIEW twice AS SELECT link_to FROM shop UNION ALL SELECT link_to FROM shop WHERE is_broken = 1");
  for (size_t i = 0; i < LENGTH(cases); i++) {
    for (int offset = 0; offset <= 12; offset += 3) {
      const struct bound bounds[] = {{.type = SQLITE_INTEGER, .integer = 20}, {.type = SQLITE_INTEGER, .integer = offset}};
      char *sql = sqlite3_mprintf("SELECT count(*) FROM (%s LIMIT 20 OFFSET %d)", cases[i].sql, offset);
      char *parameters = sqlite3_mprintf("SELECT count(*) FROM (%s LIMIT ?1 OFFSET ?2)", cases[i].sql);
      int left = cases[i].rows > offset ? cases[i].rows - offset : 0;
      char *expected = sqlite3_mprintf("%d", left < 20 ? left : 20);
      check_rows(harness, sql, expected);
      check_rows_with(harness, parameters, bounds, 2, expected);
      sqlite3_free(sql);
      sqlite3_free(parameters);
      sqlite3_free(expected);
    }
  }
}

/* ---- Rows that are skipped ---- */

/* From this version on SQLite offers LIMIT and OFFSET to a table. */
static bool offset_is_offered(void) {
  return sqlite3_libversion_number() >= 3038000;
}

static int set_up_site(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int code = standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SAMPLE_FILE, 1);
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.site USING onpage_links(task_id='" TASK "')");
  return code;
}

#define TEXT_BOUND(literal)                                                                                                    \
  { .type = SQLITE_TEXT, .bytes = (literal), .size = -1 }
#define INTEGER_BOUND(number)                                                                                                  \
  { .type = SQLITE_INTEGER, .integer = (number) }

/* Whatever the terms' values are and wherever they come from, as long as the API decides them exactly. */
static void skipped_rows_are_not_fetched(void **state) {
  static const struct {
    const char *tail;
    struct bound bounds[2];
    const char *rows, *offset; /* in the request; NULL: no more than the total is asked for */
  } cases[] = {
      {"LIMIT 10 OFFSET 50000", {{0}}, "10", "50000"},
      {"WHERE direction = 'internal' LIMIT 10 OFFSET 50000", {{0}}, "10", "50000"},
      {"WHERE direction = ?1 LIMIT 10 OFFSET 50000", {TEXT_BOUND("internal")}, "10", "50000"},
      {"WHERE direction = 'in' || 'ternal' LIMIT 10 OFFSET 50000", {{0}}, "10", "50000"},
      {"WHERE direction = (SELECT 'internal') LIMIT 10 OFFSET 50000", {{0}}, "10", "50000"},
      {"WHERE direction IS ?1 LIMIT ?2 OFFSET 50000", {TEXT_BOUND("internal"), INTEGER_BOUND(10)}, "10", "50000"},
      {"WHERE type IN ('anchor', 'image') LIMIT 10 OFFSET 50000", {{0}}, "10", "50000"},
      {"WHERE type IN (?1, ?2) LIMIT 10 OFFSET 50000", {TEXT_BOUND("anchor"), TEXT_BOUND("image")}, "10", "50000"},
      {"WHERE type IN (SELECT 'anchor') LIMIT 10 OFFSET 50000", {{0}}, "10", "50000"},
      {"WHERE page_to_status_code IN (200, ?1) LIMIT 10 OFFSET 50000", {INTEGER_BOUND(404)}, "10", "50000"},
      {"WHERE is_broken IN (0) AND page_to_status_code < ?1 LIMIT 10 OFFSET 50000", {INTEGER_BOUND(300)}, "10", "50000"},
      {"WHERE page_to_status_code <= ?1 LIMIT 10 OFFSET 50000", {INTEGER_BOUND(300)}, "10", "50000"},
      {"WHERE (page_to_status_code, direction) = (200, ?1) LIMIT 10 OFFSET 50000", {TEXT_BOUND("internal")}, "10", "50000"},
      {"WHERE dofollow = ?1 LIMIT 10 OFFSET 200000", {INTEGER_BOUND(1)}, "0", "200000"},
      {"LIMIT 10 OFFSET 76140", {{0}}, "0", "76140"},
      {"LIMIT 10 OFFSET 76135", {{0}}, "5", "76135"},
      {"LIMIT 10 OFFSET 2000001", {{0}}, "0", NULL},
      {"WHERE type IN ('none', 'nothing') LIMIT 10 OFFSET 5", {{0}}, "0", "5"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *sql = sqlite3_mprintf("SELECT count(link_to) FROM (SELECT link_to FROM site %s)", cases[i].tail);
    check_case(cases[i].tail);
    harness_forget(harness);
    if (offset_is_offered() || cases[i].offset == NULL || cases[i].rows[0] != '1')
      check_rows_with(harness, sql, cases[i].bounds,
                      cases[i].bounds[1].type   ? 2
                      : cases[i].bounds[0].type ? 1
                                                : 0,
                      cases[i].rows);
    if (offset_is_offered()) {
      check_requests(harness, 1);
      check_body_key(harness, 0, "offset", cases[i].offset);
    }
    sqlite3_free(sql);
  }
  check_case(NULL);
}

/* Texts that a number may equal: as a text, where it is a parameter, or as a number, where it comes from a column of numbers. */
static void numbers_meet_texts(void **state) {
  static const char items[] = "{\"text\":\"404\"}\n{\"text\":\" 404\"}\n{\"text\":\"404.0\"}\n{\"text\":\"a\"}\n"
                              "{\"text\":\"5\"}\n{\"text\":\"5\"}\n{\"text\":\"5\"}\n{}\n";
  static const struct {
    const char *sql;
    struct bound bound;
    const char *expected;
  } cases[] = {
      {"SELECT count(*) FROM texts WHERE text = ?1", INTEGER_BOUND(404), "1"},
      {"SELECT count(*) FROM (SELECT text FROM texts WHERE text = ?1 LIMIT 9 OFFSET 1)", INTEGER_BOUND(404), "0"},
      {"SELECT count(*) FROM (SELECT text FROM texts WHERE text = ?1 LIMIT 9 OFFSET 1)", INTEGER_BOUND(5), "2"},
      {"SELECT count(*) FROM (SELECT text FROM texts WHERE text IN (?1, 'a') LIMIT 9 OFFSET 1)", INTEGER_BOUND(5), "3"},
      {"SELECT count(*) FROM (SELECT text FROM texts WHERE text = (SELECT max(n) FROM numbers) LIMIT 9 OFFSET 1)", {0}, "0"},
      {"SELECT (SELECT count(*) FROM (SELECT text FROM texts WHERE text = n LIMIT 9 OFFSET 1)) FROM numbers ORDER BY n",
       {0},
       "2\n2"},
      {"SELECT count(*) FROM (SELECT text FROM texts WHERE text IN (SELECT n FROM numbers WHERE n < 9) LIMIT 9 OFFSET 1)",
       {0},
       "2"},
      {"SELECT count(*) FROM texts WHERE text IN (SELECT n FROM numbers WHERE n < 9)", {0}, "3"},
      {"SELECT count(*) FROM texts WHERE text IN (SELECT n FROM numbers)", {0}, "6"},
      {"SELECT count(*) FROM texts WHERE +text IN (SELECT n FROM numbers)", {0}, "6"},
  };
  struct harness *harness = *state;
  assert_int_equal(standin_add_task(harness->standin, OTHER_TASK, STANDIN_FINISHED, items, sizeof items - 1), 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.more_fields = true});
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.texts USING onpage_links(task_id='" OTHER_TASK "');"
                           "CREATE TABLE numbers(n INTEGER);INSERT INTO numbers VALUES(404), (5)");
  for (size_t i = 0; i < LENGTH(cases); i++) {
    /* Before 3.38 SQLite compares what is in a list one by one, as texts. */
    if (sqlite3_libversion_number() < 3038000 && strstr(cases[i].sql, " text IN (SELECT")) continue;
    check_rows_with(harness, cases[i].sql, &cases[i].bound, cases[i].bound.type ? 1 : 0, cases[i].expected);
  }
}

/* ---- Columns of words ---- */

/* The words that the documents list for a column are not treated as all there are. */
static void words_differ_by_case(void **state) {
  static const char items[] = "{\"page_to_scheme\":\"http\",\"direction\":\"internal\"}\n{\"page_to_scheme\":\"HTTP\"}\n"
                              "{\"page_from_scheme\":\"HTTPS\",\"direction\":\"Internal\"}\n";
  static const struct {
    const char *where, *expected;
  } cases[] = {
      {"page_to_scheme = 'http'", "1"},        {"page_to_scheme = 'HTTP'", "1"}, {"page_from_scheme = 'https'", "0"},
      {"direction = 'internal'", "1"},         {"direction IS 'Internal'", "1"}, {"page_to_scheme IN ('http', 'https')", "1"},
      {"direction IN ('internal', 'x')", "1"},
  };
  struct harness *harness = *state;
  assert_int_equal(standin_add_task(harness->standin, OTHER_TASK, STANDIN_FINISHED, items, sizeof items - 1), 0);
  for (int ignore_case = 0; ignore_case < 2; ignore_case++) {
    standin_set_readings(harness->standin, &(struct standin_readings){.ignore_case = ignore_case != 0});
    for (size_t i = 0; i < LENGTH(cases); i++) {
      char *sql = sqlite3_mprintf("SELECT count(*) FROM onpage_links('" OTHER_TASK "') WHERE %s", cases[i].where);
      harness_forget(harness);
      check_rows(harness, sql, cases[i].expected);
      if (offset_is_offered()) check_requests(harness, 1);
      sqlite3_free(sql);
    }
  }
}

/* ---- The application's own LIKE ---- */

/* Keeps everything. */
static void keep_all(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count, (void)arguments;
  sqlite3_result_int(context, 1);
}

static void functions_of_the_application_are_not_the_apis(void **state) {
  static const struct {
    const char *function, *where, *filter;
  } cases[] = {
      {"like", "link_to LIKE '%/none'", "[\"link_to\",\"regex\",\"(?is)^.*/none(?:\\\\x00.*)?$\"]"},
      {"GLOB", "link_to GLOB '*/none'", "[\"link_to\",\"regex\",\"(?s)^.*/none(?:\\\\x00.*)?$\"]"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *sql = sqlite3_mprintf("SELECT count(*) FROM shop WHERE %s", cases[i].where);
    check_case(cases[i].where);
    for (int round = 0; round < 2; round++) {
      bool own = round == 1;
      if (own)
        assert_int_equal(sqlite3_create_function(harness->db, cases[i].function, 2, SQLITE_UTF8, NULL, keep_all, NULL, NULL),
                         SQLITE_OK);
      harness_forget(harness);
      check_rows(harness, sql, own ? "10" : "0");
      check_body_key(harness, 0, "filters", own ? NULL : cases[i].filter);
    }
    sqlite3_free(sql);
  }
  check_case(NULL);
  harness_run(harness->db, "PRAGMA case_sensitive_like = ON");
  check_rows(harness, "SELECT count(*) FROM shop WHERE link_to LIKE '%/ABOUT'", "0");
  check_rows(harness, "SELECT count(*) FROM shop WHERE link_to LIKE '%/about'", "4");
}

/* ---- Outer joins of others ---- */

#define BROKEN_LIKE "SELECT count(*) FROM shop WHERE link_to LIKE '%/gone'"
#define GONE "[\"link_to\",\"regex\",\"(?is)^.*/gone(?:\\\\x00.*)?$\"]"

/* Before 3.51 conditions of an outer join look like the table's own; but only where it is joined. */
static void outer_joins_of_others_change_nothing(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *open = NULL;
  harness_run(harness->db,
              "CREATE TABLE a(x);CREATE TABLE b(x);INSERT INTO a VALUES(1), (2);"
              "CREATE VIEW ab AS SELECT a.x FROM a LEFT JOIN b ON a.x = b.x;"
              "CREATE VIEW abab AS SELECT * FROM ab;"
              "CREATE TRIGGER after_a AFTER INSERT ON a BEGIN INSERT INTO b SELECT a.x FROM a LEFT JOIN b ON 0; END;"
              "CREATE TEMP VIEW shop_and_more AS SELECT * FROM shop s LEFT JOIN a ON s.link_to LIKE '%/nothing'");
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT * FROM a LEFT JOIN b ON a.x LIKE 'z'", -1, &open, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(open), SQLITE_ROW);
  static const char *const statements[] = {
      BROKEN_LIKE,
      "SELECT count(*) FROM shop WHERE regex(link_to, '/gone$')",
      "SELECT count(*) FROM shop WHERE link_to LIKE '%/gone' AND 2 = (SELECT count(*) FROM abab)",
      ("INSERT INTO a " BROKEN_LIKE),
  };
  for (size_t i = 0; i < LENGTH(statements); i++) {
    harness_forget(harness);
    if (i < 3)
      check_rows(harness, statements[i], "2");
    else
      harness_run(harness->db, statements[i]);
    char *filters = harness_body_key(harness, 0, "filters");
    if (!harness_contains(filters, "gone")) fail_msg("%s sends %s", statements[i], filters);
    sqlite3_free(filters);
  }
  sqlite3_finalize(open);
}

/* Where it is, whatever the way. */
static void outer_joins_of_the_table_keep_their_rows(void **state) {
  static const char *const froms[] = {
      "shop LEFT JOIN a ON shop.link_to LIKE '%/nothing'",
      "\"SHOP\" s LEFT /* or not */ JOIN a ON s.link_to LIKE '%/nothing'",
      "[shop] s LEFT OUTER JOIN a ON s.link_to <> s.link_to || 'x' AND s.link_to LIKE '%/nothing'",
      "over_shop v LEFT JOIN a ON v.link_to GLOB '*/nothing'",
      "\"over it\" v LEFT JOIN a ON v.link_to GLOB '*/nothing'",
      "joined",
      "over_joined",
      "(SELECT link_to FROM shop) s LEFT JOIN a ON s.link_to LIKE '%/nothing'",
      ("onpage_links('" TASK "') l LEFT JOIN a ON l.type <> l.type || 'x' AND l.type <> 'anchor' AND l.type <> 'image'"),
      "(SELECT 1 WHERE 10 = (SELECT count(*) FROM joined)) JOIN shop",
      "\"it's\" s LEFT JOIN a ON s.link_to LIKE '%/nothing'",
  };
  struct harness *harness = *state;
  harness_run(harness->db,
              "CREATE TABLE a(x);CREATE TABLE log(n);CREATE TABLE written(x);"
              "CREATE VIRTUAL TABLE temp.\"it's\" USING onpage_links(task_id='" TASK "');"
              "CREATE TEMP VIEW over_shop AS SELECT * FROM shop;"
              "CREATE TEMP VIEW \"over it\" AS SELECT * FROM over_shop;"
              "CREATE TEMP VIEW joined AS SELECT s.* FROM over_shop s LEFT JOIN a ON s.link_to LIKE '%/nothing';"
              "CREATE TEMP VIEW over_joined AS SELECT * FROM joined;"
              "CREATE TEMP TRIGGER log_shop AFTER INSERT ON written BEGIN INSERT INTO log SELECT count(*) FROM shop s"
              " LEFT JOIN a ON s.link_to LIKE '%/nothing'; END");
  for (size_t i = 0; i < LENGTH(froms); i++) {
    char *sql = sqlite3_mprintf("SELECT count(*) FROM %s", froms[i]);
    check_rows(harness, sql, "10");
    sqlite3_free(sql);
  }
  harness_run(harness->db, "INSERT INTO written VALUES(1)");
  check_rows(harness, "SELECT n FROM log", "10");
}

/* ---- Long lists and values ---- */

/* "IN (…)" with `count` texts of `size` bytes, the first of them '/p/1'. The caller frees it with sqlite3_free. */
static char *long_list(size_t count, int size) {
  sqlite3_str *list = sqlite3_str_new(NULL);
  sqlite3_str_appendall(list, "IN ('/p/1'");
  for (size_t i = 1; i < count; i++) sqlite3_str_appendf(list, ",'/q/%0*d'", size - 3, (int)i);
  sqlite3_str_appendall(list, ")");
  return sqlite3_str_finish(list);
}

static size_t longest_body(struct harness *harness) {
  size_t longest = 0;
  for (size_t i = 0; i < standin_log_count(harness->standin); i++) {
    const struct standin_request *request = standin_log_get(harness->standin, i);
    if (request->http_status != 413 && strlen(request->body) > longest) longest = strlen(request->body);
  }
  return longest;
}

/* However long a statement's values are, a body stays below what servers usually take; what is too long even then is not
** sent, nor a list of more pieces than there are pages, which are counted first. */
static void bodies_are_bounded(void **state) {
  static const struct {
    size_t values;
    int size;             /* of each */
    size_t body_most;     /* of the API */
    size_t first, second; /* requests of the first query and of the next */
    const char *page_size;
  } cases[] = {
      {1000, 40, 0, 1, 1, NULL},    {1000, 40, 100000, 1, 1, NULL}, {3000, 450, 0, 29, 28, "3"},
      {20, 3000, 0, 2, 2, NULL},    {2, 10000, 0, 1, 1, NULL},      {9000, 450, 0, 1, 1, NULL},
      {3000, 5, 0, 3, 3, NULL},     {1000, 40, 20000, 11, 2, NULL}, {20, 3000, 20000, 2, 1, NULL},
      {1000, 40, 2000, 3, 1, NULL}, {3000, 450, 0, 2, 1, NULL},
  };
  struct harness *harness = *state;
  assert_int_equal(harness_add_numbered(harness, OTHER_TASK, STANDIN_FINISHED, 100, 5), 0);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    if (sqlite3_libversion_number() < 3038000 && cases[i].values > 20) continue; /* one request each */
    char *list = long_list(cases[i].values, cases[i].size);
    char *sql = sqlite3_mprintf("SELECT link_to FROM onpage_links('" OTHER_TASK "') WHERE page_to %s", list);
    standin_set_readings(harness->standin, &(struct standin_readings){.body_most = cases[i].body_most});
    sqlite3 *db = harness_connect(harness->standin);
    if (cases[i].page_size != NULL) harness_config(db, "page_size", cases[i].page_size);
    for (int query = 0; query < 2; query++) {
      harness_forget(harness);
      struct rows *rows = harness_query(db, sql, NULL, 0);
      if (rows->error) fail_msg("case %zu: %s", i, rows->error);
      assert_int_equal(rows->count, 1);
      rows_free(rows);
      assert_true(longest_body(harness) < 100 << 10);
      size_t requests = standin_log_count(harness->standin);
      if (sqlite3_libversion_number() >= 3038000 && requests != (query ? cases[i].second : cases[i].first))
        fail_msg("case %zu, query %d: %zu requests", i, query, requests);
    }
    assert_true(harness_close(db));
    sqlite3_free(sql);
    sqlite3_free(list);
  }
}

static void long_values_are_not_sent(void **state) {
  struct harness *harness = *state;
  assert_int_equal(harness_add_numbered(harness, OTHER_TASK, STANDIN_FINISHED, 100, 5), 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.body_most = 100000});
  char *sql = sqlite3_mprintf("SELECT count(*) FROM onpage_links('" OTHER_TASK "') WHERE page_to <> ?1 AND link_to <> ?1 AND "
                              "link_from <> ?1 AND domain_to <> ?1 AND page_from IN ('/list', ?1) AND type <> ?1 AND "
                              "domain_from <> ?1 AND direction <> ?1");
  static char text[1400000];
  memset(text, '"', sizeof text);
  static const struct {
    int size;
    const char *expected;
  } sizes[] = {{10, "100"}, {900, "100"}, {3000, "100"}, {sizeof text, "100"}};
  for (size_t i = 0; i < LENGTH(sizes); i++) {
    const struct bound bound = {.type = SQLITE_TEXT, .bytes = text, .size = sizes[i].size};
    harness_forget(harness);
    check_rows_with(harness, sql, &bound, 1, sizes[i].expected);
    if (offset_is_offered()) check_requests(harness, 1);
    check_rows_with(harness, "SELECT count(*) FROM onpage_links('" OTHER_TASK "') WHERE link_to = ?1 AND page_from = '/' || ?1",
                    &bound, 1, "0");
  }
  sqlite3_free(sql);
}

/* A body refused in either form is sent again without what is long. */
static void a_refused_body_goes_shorter(void **state) {
  struct harness *harness = *state;
  char *list = long_list(1000, 40);
  char *sql = sqlite3_mprintf("SELECT count(*) FROM onpage_links('" TASK "') WHERE link_to %s", list);
  if (sqlite3_libversion_number() >= 3038000) {
    static const int statuses[] = {400, 413, 414, 422, 431};
    for (size_t i = 0; i < LENGTH(statuses); i++) {
      bool both_forms = statuses[i] == 400 || statuses[i] == 422;
      sqlite3 *db = harness_connect(harness->standin);
      standin_plant(harness->standin, 1,
                    &(struct standin_fault){
                        .kind = STANDIN_FAULT_HTTP, .http_status = statuses[i], .text = "no", .times = both_forms ? 2 : 1});
      check_rows_on(db, sql, "0");
      assert_true(harness_close(db));
    }
  }
  sqlite3_free(sql);
  sqlite3_free(list);
}

/* Terms that a base URL doesn't filter by are planned as terms for SQLite. */
static void refusals_reach_the_planner(void **state) {
  struct harness *harness = *state;
  standin_set_readings(harness->standin, &(struct standin_readings){.is_broken_rejected = true, .in_max = 1});
  check_plan(harness, "SELECT count(*) FROM shop WHERE is_broken = 1", "is_broken");
  check_rows(harness, "SELECT count(*) FROM shop WHERE is_broken = 1", "3");
  check_plan_lacks(harness, "SELECT count(*) FROM shop WHERE is_broken = 1", "is_broken");
  harness_forget(harness);
  check_rows(harness, "SELECT count(*) FROM shop WHERE is_broken = 1", "3");
  check_requests(harness, 1);
  if (sqlite3_libversion_number() < 3038000) return;
  check_rows(harness, "SELECT count(link_to) FROM shop WHERE page_to_status_code IN (200, 404)", "8");
  check_plan_lacks(harness, "SELECT count(link_to) FROM shop WHERE page_to_status_code IN (200, 404)", "page_to_status_code");
  harness_forget(harness);
  check_rows(harness, "SELECT count(link_to) FROM shop WHERE page_to_status_code IN (200, 404)", "8");
  check_requests(harness, 1);
  check_rows(harness, "SELECT count(link_to) FROM shop WHERE text = 'x'", "0");
  check_plan_lacks(harness, "SELECT count(link_to) FROM shop WHERE text = 'x'", "text");
}

#define site_test(function) cmocka_unit_test_setup_teardown(function, set_up_site, harness_tear_down)
#define shop_test(function) cmocka_unit_test_setup_teardown(function, set_up_shop, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      shop_test(offset_of_a_compound_is_not_an_arms),
      site_test(skipped_rows_are_not_fetched),
      e2e_test(numbers_meet_texts),
      e2e_test(words_differ_by_case),
      shop_test(functions_of_the_application_are_not_the_apis),
      shop_test(outer_joins_of_others_change_nothing),
      shop_test(outer_joins_of_the_table_keep_their_rows),
      e2e_test(bodies_are_bounded),
      e2e_test(long_values_are_not_sent),
      shop_test(a_refused_body_goes_shorter),
      shop_test(refusals_reach_the_planner),
  };
  return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}
