/*
** What the planner makes of a statement where SQLite, the application or the API has a word of its own to say: rows on every
** release, and requests.
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
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
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

/* From this version on SQLite tells a table of LIMIT and OFFSET. */
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
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
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
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_rows_with(harness, cases[i].sql, &cases[i].bound, cases[i].bound.type ? 1 : 0, cases[i].expected);
}

/* ---- Words ---- */

/* No text of the API's is one of a closed set, whatever the documents name. */
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      char *sql = sqlite3_mprintf("SELECT count(*) FROM onpage_links('" OTHER_TASK "') WHERE %s", cases[i].where);
      harness_forget(harness);
      check_rows(harness, sql, cases[i].expected);
      if (offset_is_offered()) check_requests(harness, 1);
      sqlite3_free(sql);
    }
  }
}

#define site_test(function) cmocka_unit_test_setup_teardown(function, set_up_site, harness_tear_down)
#define shop_test(function) cmocka_unit_test_setup_teardown(function, set_up_shop, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      shop_test(offset_of_a_compound_is_not_an_arms),
      site_test(skipped_rows_are_not_fetched),
      e2e_test(numbers_meet_texts),
      e2e_test(words_differ_by_case),
  };
  return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}
