/*
** Values that the parser has to change: half a surrogate pair becomes U+FFFD. The API has another value, so the one that
** SQL sees isn't sent: each operator finds the row, in a join with a value read from the crawl, too.
*/
#include <string.h>

#include "checks.h"
#include "dataset.h"

#define REPLACEMENT "char(65533)"

static const char items[] =
    "{\"type\":\"anchor\",\"page_from\":\"/\\ud800\",\"page_to\":\"/\\udfff\",\"link_to\":\"https://s/a\\ud800\","
    "\"direction\":\"internal\",\"link_attribute\":[\"u\\ud800\"],\"text\":\"t\\udfffz\"}\n"
    "{\"type\":\"anchor\",\"page_from\":\"/b\",\"page_to\":\"/c\",\"link_to\":\"https://s/b\",\"direction\":\"internal\","
    "\"link_attribute\":[\"ugc\"],\"text\":\"t\"}\n"
    "{\"type\":\"anchor\",\"page_from\":\"/gr\xFC\",\"page_to\":\"/\\u0000\",\"link_to\":\"https://s/gr\xFC\","
    "\"direction\":\"internal\",\"link_attribute\":[\"gr\xFC\"],\"text\":\"\\uffff\xC0\x80\"}\n";

static int set_up(void **state) {
  if (harness_set_up(state)) return -1;
  struct harness *harness = *state;
  standin_set_readings(harness->standin, &(struct standin_readings){.more_fields = true});
  if (standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, sizeof items - 1)) return -1;
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
  return 0;
}

static void test_operators(void **state) {
  static const struct {
    const char *where, *count;
  } cases[] = {
      {"link_to = 'https://s/a' || " REPLACEMENT, "1"},
      {"link_to IS 'https://s/a' || " REPLACEMENT, "1"},
      {"link_to IN ('https://s/a' || " REPLACEMENT ", 'https://s/b')", "2"},
      {"link_to LIKE '%A' || " REPLACEMENT, "1"},
      {"link_to GLOB '*a' || " REPLACEMENT, "1"},
      {"link_to GLOB '*a[' || " REPLACEMENT " || ']'", "1"},
      {"link_to GLOB '*a[' || char(60000) || '-' || char(70000) || ']'", "1"},
      {"link_to LIKE 'https://s/a%'", "1"},
      {"link_to GLOB 'https://s/a?'", "1"},
      {"link_to <> 'https://s/a' || " REPLACEMENT, "2"},
      {"not_like(link_to, '%a' || " REPLACEMENT ")", "2"},
      {"not_like(link_to, '%b')", "2"},
      {"has(link_attribute, 'u' || " REPLACEMENT ")", "1"},
      {"link_attribute = json_array('u' || " REPLACEMENT ")", "1"},
      {"text = 't' || " REPLACEMENT " || 'z'", "1"},
      {"page_from = '/' || " REPLACEMENT, "1"},
      {"page_to = '/' || " REPLACEMENT " AND direction = 'internal'", "1"},
      {"link_to = CAST(x'68747470733a2f2f732f6772fc' AS TEXT)", "1"},
      {"text = char(65535) || CAST(x'c080' AS TEXT)", "1"},
      {"page_to = '/' || char(0)", "1"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (int counted = 0; counted < 2; counted++) {
      char *sql = sqlite3_mprintf("SELECT count(%s) FROM shop WHERE %s", counted ? "*" : "type", cases[i].where);
      check_rows(harness, sql, cases[i].count);
      sqlite3_free(sql);
    }
}

/* A value of the crawl, sent back by a join. */
static void test_round_trips(void **state) {
  static const char *const columns[] = {"link_to", "page_from", "page_to", "text", "link_attribute"};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(columns); i++)
    for (int inner = 0; inner < 2; inner++) {
      char *sql = sqlite3_mprintf("SELECT count(b.type) FROM shop AS a %s JOIN shop AS b ON a.%s = b.%s",
                                  inner ? "CROSS" : "LEFT", columns[i], columns[i]);
      check_rows(harness, sql, "3");
      sqlite3_free(sql);
    }
  check_rows(harness, "SELECT count(*) FROM shop AS a JOIN shop AS b ON b.link_to LIKE a.link_to", "3");
}

/* For what only the API can evaluate, the API's result counts. */
static void test_what_only_the_api_evaluates(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(type) FROM shop WHERE regex(link_to, 'a' || " REPLACEMENT ")", "0");
  check_rows(harness, "SELECT count(type) FROM shop WHERE not_regex(link_to, 'a' || " REPLACEMENT ")", "3");
}

#define changed_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      changed_test(test_operators),
      changed_test(test_round_trips),
      changed_test(test_what_only_the_api_evaluates),
  };
  return cmocka_run_group_tests_name("changed values", tests, NULL, NULL);
}
