/*
** Task ids: no request is spent on what can't be one, and the message shows it and what one looks like. What could be one is
** asked for.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"

static const struct {
  const char *sql, *table;
} forms[] = {
    {"SELECT count(link_to) FROM onpage_links(?)", "onpage_links: "},
    {"SELECT count(*) FROM onpage_links(?)", "onpage_links: "},
    {"SELECT * FROM onpage_crawl(?)", "onpage_crawl: "},
    {"SELECT link_to FROM onpage_links WHERE task_id = ?", "onpage_links: "},
    {"SELECT link_to FROM (SELECT ? AS t) AS mine JOIN onpage_links AS l ON l.task_id = mine.t", "onpage_links: "},
};
enum { FORMS = LENGTH(forms) };

/* The error that a form gives for an id has each of the texts in it. */
static void check_form(struct harness *harness, size_t form, const char *id, const char *first, const char *second) {
  const struct bound bound = {.type = SQLITE_TEXT, .bytes = id, .size = -1};
  struct rows *rows = harness_query(harness->db, forms[form].sql, &bound, 1);
  if (rows->error == NULL || !harness_contains(rows->error, forms[form].table) || !harness_contains(rows->error, first) ||
      !harness_contains(rows->error, second))
    fail_msg("%s, %s: %s", forms[form].sql, id, rows->error);
  rows_free(rows);
}

static void what_cannot_be_an_id_is_refused(void **state) {
  static const struct {
    const char *id, *reason;
  } cases[] = {
      {"example.com", "'example.com' (it has more than letters, digits and hyphens in it)"},
      {"https://example.com/shop", "more than letters"},
      {"example/shop-2024", "more than letters"},
      {"123", "'123' (it is too short)"},
      {"x", "too short"},
      {TASK " ", "'" TASK "' (it ends with a blank)"},
      {" " TASK, "'" TASK "' (it begins with a blank)"},
      {"\t" TASK, "begins with a blank"},
      {TASK "\n", "ends with a blank"},
      {" ", "begins with a blank"},
      {TASK "\u00A0", "'" TASK "' (it has characters in it that can't be seen)"},
      {"\u200B" TASK, "'" TASK "' (it has characters in it that can't be seen)"},
      {"07131248 1535 0216 1000 17384017ad04", "blank"},
      {"'" TASK "'", "more than letters"},
      {"{" TASK "}", "more than letters"},
      {TASK "," OTHER_TASK, "more than letters"},
      {"07131248\xe2\x80\x93-1535-0216-1000-17384017ad04", "more than letters"}, /* a dash, as text processors write it */
  };
  struct harness *harness = *state;
  for (size_t form = 0; form < FORMS; form++)
    for (size_t i = 0; i < LENGTH(cases); i++) {
      check_form(harness, form, cases[i].id, "no task id looks like '", cases[i].reason);
      check_form(harness, form, cases[i].id, TASK, "on_page/task_post");
    }
  check_error(harness, "SELECT count(*) FROM onpage_links(123)", "no task id looks like '123'");
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.bad USING onpage_links(task_id='example.com')");
  check_error(harness, "SELECT count(*) FROM bad", "no task id looks like 'example.com'");
  harness_run(harness->db, "DROP TABLE bad");
  check_requests(harness, 0);
}

/* Their form is not documented; the stand-in doesn't know these, and returns an error. */
static void what_could_be_an_id_is_asked_for(void **state) {
  static const char *const ids[] = {"07131248-1535-0216-1000-000000000404", "07131248153502161000", "01JD8Q6Z4V7K2M9N",
                                    "a-crawl_2", "F47AC10B-58CC-4372-A567-0E02B2C3D479"};
  struct harness *harness = *state;
  for (size_t form = 0; form < FORMS; form++)
    for (size_t i = 0; i < LENGTH(ids); i++) {
      char *quoted = sqlite3_mprintf("task '%s': the API answered 40401", ids[i]);
      harness_forget(harness);
      check_form(harness, form, ids[i], quoted, "check the task_id");
      check_requests(harness, 1);
      sqlite3_free(quoted);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(what_cannot_be_an_id_is_refused),
      e2e_test(what_could_be_an_id_is_asked_for),
  };
  return cmocka_run_group_tests_name("task_ids", tests, NULL, NULL);
}
