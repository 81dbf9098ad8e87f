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

#define shop_test(function) cmocka_unit_test_setup_teardown(function, set_up_shop, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      shop_test(offset_of_a_compound_is_not_an_arms),
  };
  return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}
