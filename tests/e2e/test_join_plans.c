/*
** Where SQLite puts a crawl in a join, and what that costs: for local tables of 1, 2 and 20 rows, as many requests, whatever
** SQLite knows of them and the extension of the crawl. A row of the table of cases is a way to write such a join.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"

/* 7,000 links, on 35 pages, to /p/0, /p/1 …, every third one broken. */
enum { LINKS = 7000, PAGES = 35 };

/* What a case takes instead of a number of requests for each local row. */
enum { ALL_PAGES = -1, TWICE_ALL_PAGES = -2 };

/* What SQLite knows of the local tables. */
enum statistics { NEVER_ANALYSED, ANALYSED, ANALYSED_WHEN_LARGE, STATISTICS };

static const char *const statistics_names[STATISTICS] = {"never analysed", "analysed", "analysed when they were larger"};

/* Local tables: `local` has the paths of that many links in p, their numbers in n; `other` has the same paths, in p, beside
** links in q; `page` has a column named as one of the crawl's; `crawl` has task ids. */
static void make_tables(sqlite3 *db, int rows, enum statistics statistics, bool indexed) {
  char *sql = sqlite3_mprintf(
      "DROP TABLE IF EXISTS local; DROP TABLE IF EXISTS other; DROP TABLE IF EXISTS page; DROP TABLE IF EXISTS crawl;"
      "CREATE TABLE local(n INTEGER, p TEXT, task TEXT); CREATE TABLE other(p TEXT, q TEXT); CREATE TABLE page(page_to TEXT);"
      "CREATE TABLE crawl(id TEXT);"
      "WITH RECURSIVE i(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < %d - 1)"
      " INSERT INTO local SELECT i, '/p/' || (i * 3 + 1), '" TASK "' FROM i;"
      "INSERT INTO other SELECT p, 'https://n.example' || p FROM local;"
      "INSERT INTO page SELECT p FROM local; INSERT INTO crawl VALUES ('" TASK "');",
      rows);
  harness_run(db, sql);
  sqlite3_free(sql);
  if (indexed)
    harness_run(db,
                "CREATE INDEX local_p ON local(p); CREATE INDEX other_p ON other(p); CREATE INDEX page_to ON page(page_to)");
  if (statistics == NEVER_ANALYSED) return;
  harness_run(db, "ANALYZE");
  if (statistics == ANALYSED_WHEN_LARGE)
    harness_run(db, "UPDATE sqlite_stat1 SET stat = '4000000' WHERE idx IS NULL;"
                    "UPDATE sqlite_stat1 SET stat = '4000000 1' WHERE idx IS NOT NULL; ANALYZE sqlite_master");
}

#define V "onpage_links"
#define T "task_id = '" TASK "'"

static const struct {
  const char *sql;
  int times; /* requests for each local row; 0: one for all; below: see above */
} cases[] = {
    {"SELECT l.n, v.link_to FROM local l JOIN " V " v ON v.page_to = l.p WHERE v." T, 1},
    {"SELECT l.n, v.link_to FROM " V " v JOIN local l ON l.p = v.page_to WHERE v." T, 1},
    {"SELECT l.n, v.link_to FROM local l, " V " v WHERE v.page_to = l.p AND v." T, 1},
    {"SELECT l.n, v.link_to FROM " V " v, local l WHERE v.page_to = l.p AND v.task_id = ?1", 1},
    {"SELECT l.n, v.link_to FROM local l CROSS JOIN " V " v WHERE v.page_to = l.p AND v." T, 1},
    {"SELECT l.n, v.link_to FROM local l LEFT JOIN " V " v ON v.page_to = l.p AND v." T, 1},
    {"SELECT l.n, v.link_to FROM local l JOIN " V "('" TASK "') v ON v.page_to = l.p", 1},
    {"SELECT l.n, v.link_to FROM local l JOIN " V " v ON v.page_to = l.p AND v.task_id = l.task", 1},
    {"SELECT c.id, v.link_to FROM crawl c JOIN " V " v ON v.task_id = c.id JOIN local l ON l.p = v.page_to", 1},
    {"SELECT page_to, link_to FROM page NATURAL JOIN " V " WHERE " T, 1},
    {"SELECT page_to, link_to FROM page JOIN " V " USING (page_to) WHERE " T, 1},
    {"SELECT page_to, link_to FROM shop JOIN page USING (page_to)", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p WHERE s.direction = 'internal'", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p WHERE s.direction = ?2", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p WHERE s.is_broken = 0 AND s.type = 'anchor'", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p WHERE s.link_to LIKE '%p%' AND s.dofollow = 1", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p WHERE length(s.text) > 0 AND l.n >= 0", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p WHERE l.p LIKE '/p/%'", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = '/p/' || (l.n * 3 + 1)", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p AND s.is_broken = (l.n < 0)", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p ORDER BY s.link_to", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p ORDER BY l.n, s.text", 1},
    {"SELECT s.link_to, count(*) FROM local l JOIN shop s ON s.page_to = l.p GROUP BY 1", 1},
    {"SELECT DISTINCT s.link_to, s.text FROM local l JOIN shop s ON s.page_to = l.p", 1},
    {"SELECT l.p, max(s.link_to) FROM shop s JOIN local l ON s.page_to = l.p GROUP BY l.p ORDER BY 2", 1},
    {"SELECT count(s.link_to) FROM local l JOIN shop s ON s.page_to = l.p", 1},
    {"SELECT n, link_to FROM joined", 1},
    {"SELECT n, link_to FROM joined WHERE is_broken >= 0 ORDER BY link_to", 1},
    {"SELECT l.n, b.link_to FROM local l JOIN anchors b ON b.page_to = l.p", 1},
    {"WITH c AS (SELECT * FROM shop WHERE type = 'anchor') SELECT l.n, c.link_to FROM local l JOIN c ON c.page_to = l.p", 1},
    {"WITH c AS (SELECT p, count(*) FROM local GROUP BY 1) SELECT c.p, s.link_to FROM c JOIN shop s ON s.page_to = c.p", 1},
    {"WITH c(p) AS (VALUES ('/p/0')) SELECT c.p, s.link_to FROM c JOIN shop s ON s.page_to = c.p", 0},
    {"SELECT d.p, s.link_to FROM (SELECT DISTINCT p FROM local) d JOIN shop s ON s.page_to = d.p", 1},
    {"SELECT d.p, s.link_to FROM (SELECT p FROM local UNION SELECT p FROM other) d JOIN shop s ON s.page_to = d.p", 1},
    {"SELECT j.value, s.link_to FROM json_each('[\"/p/1\"]') j JOIN shop s ON s.page_to = j.value", 0},
    {"SELECT l.n, s.link_to FROM local l JOIN other o ON o.p = l.p JOIN shop s ON s.page_to = l.p", 1},
    {"SELECT l.n, s.link_to FROM shop s JOIN local l ON l.p = s.page_to JOIN other o ON o.p = s.page_to", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p JOIN other o ON o.q = s.link_to", 1},
    {"SELECT l.n, s.link_to FROM other o JOIN shop s ON o.q = s.link_to JOIN local l ON s.page_to = l.p", 1},
    {"SELECT l.n, s.link_to FROM local l LEFT JOIN other o ON o.p = l.p LEFT JOIN shop s ON s.page_to = o.p", 1},
    {"SELECT l.n, a.link_to, b.type FROM local l JOIN shop a ON a.page_to = l.p JOIN shop b ON b.link_to = a.link_to", 2},
    {"SELECT l.n, a.link_to, b.type FROM shop a JOIN shop b ON b.page_to = a.page_to JOIN local l ON b.page_to = l.p", 2},
    {"SELECT a.link_to, b.type FROM shop a JOIN shop b ON b.link_to = a.link_to WHERE a.page_to = '/p/7'", 0},
    {"SELECT l.n FROM local l WHERE EXISTS (SELECT 1 FROM shop s WHERE s.page_to = l.p)", 1},
    {"SELECT l.n FROM local l WHERE l.p IN (SELECT page_to FROM shop s WHERE s.page_to = l.p)", 1},
    {"SELECT (SELECT link_to FROM shop s WHERE s.page_to = l.p LIMIT 1) FROM local l", 1},
    {"SELECT l.n, s.link_to FROM local l JOIN " V " s ON s.page_to = l.p AND s.task_id IN ('" TASK "', '" OTHER_TASK "')", 2},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON lower(s.page_to) = l.p", ALL_PAGES},
    {"SELECT l.n, s.link_to FROM local l JOIN shop s ON s.page_to = l.p COLLATE NOCASE", ALL_PAGES},
    {"SELECT l.n, s.link_to FROM local l LEFT JOIN shop s ON lower(s.page_to) = l.p", TWICE_ALL_PAGES},
    {"SELECT l.n, s.link_to FROM local l CROSS JOIN shop s WHERE s.page_to = l.p COLLATE NOCASE", TWICE_ALL_PAGES},
    {"SELECT l.n FROM local l WHERE EXISTS (SELECT 1 FROM shop s WHERE lower(s.page_to) = l.p)", TWICE_ALL_PAGES},
};

/* A connection of its own knows nothing of the crawl. */
static sqlite3 *connect(struct harness *harness, int rows, enum statistics statistics, bool indexed, bool known) {
  sqlite3 *db = harness_connect(harness->standin);
  harness_config(db, "page_size", "200");
  make_tables(db, rows, statistics, indexed);
  harness_run(db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "');"
                  "CREATE TEMP VIEW joined AS SELECT l.n, s.link_to, s.is_broken FROM local l JOIN shop s ON s.page_to = l.p;"
                  "CREATE TEMP VIEW anchors AS SELECT link_to, page_to FROM shop WHERE type = 'anchor'");
  if (known) harness_run(db, "SELECT count(*) FROM shop; SELECT count(*) FROM shop WHERE is_broken = 1");
  harness_forget(harness);
  return db;
}

/* Whether the case takes no more requests than it may; if not, it is shown. */
static bool check_join(struct harness *harness, sqlite3 *db, size_t number, int rows, const char *with) {
  static const struct bound bounds[] = {{.type = SQLITE_TEXT, .bytes = TASK, .size = -1},
                                        {.type = SQLITE_TEXT, .bytes = "internal", .size = -1}};
  const char *sql = cases[number].sql;
  size_t count = strstr(sql, "?2") != NULL ? 2 : strstr(sql, "?1") != NULL ? 1 : 0;
  struct rows *got = harness_query(db, sql, bounds, count);
  size_t requests = harness_request_count(harness->standin, "/on_page/links");
  int times = cases[number].times;
  size_t most = times == 0 ? 2 : (size_t)(times > 0 ? times * rows + (rows > 2 ? 2 : 0) : -times * PAGES);
  bool right = got->error == NULL && got->count > 0 && requests <= most;
  if (!right) {
    char *plan = harness_plan(db, sql, bounds, count);
    print_error("%s\n%d local rows %s: %s, %zu rows for %zu requests, at most %zu\n%s\n", sql, rows, with,
                got->error != NULL ? got->error : "", got->count, requests, most, plan);
    sqlite3_free(plan);
  }
  rows_free(got);
  return right;
}

static void check_joins(struct harness *harness, enum statistics statistics) {
  static const int local_rows[] = {1, 2, 20};
  int wrong = 0;
  for (size_t number = 0; number < LENGTH(cases); number++)
    for (size_t i = 0; i < 6; i++) {
      bool known = i % 2 == 1;
      bool indexed = (number + i / 2) % 2 == 1;
      int rows = local_rows[i / 2];
      char *with = sqlite3_mprintf("%s, %s, the crawl %s", statistics_names[statistics], indexed ? "indexed" : "without index",
                                   known ? "known" : "unknown");
      sqlite3 *db = connect(harness, rows, statistics, indexed, known);
      if (!check_join(harness, db, number, rows, with)) wrong++;
      sqlite3_free(with);
      assert_true(harness_close(db));
    }
  assert_int_equal(wrong, 0);
}

static void tables_that_were_never_analysed(void **state) {
  check_joins(*state, NEVER_ANALYSED);
}

static void tables_that_were_analysed(void **state) {
  check_joins(*state, ANALYSED);
}

static void tables_that_were_larger_when_analysed(void **state) {
  check_joins(*state, ANALYSED_WHEN_LARGE);
}

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, LINKS, 3), 0);
  return harness_add_numbered(harness, OTHER_TASK, STANDIN_FINISHED, LINKS, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tables_that_were_never_analysed, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(tables_that_were_analysed, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(tables_that_were_larger_when_analysed, set_up, harness_tear_down),
  };
  return cmocka_run_group_tests_name("join plans", tests, NULL, NULL);
}
