/*
** See reference.h.
*/
#include "reference.h"

#include <string.h>

#include "checks.h"
#include "dataset.h"

int reference_set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  char *shop = dataset_read(SHOP_FILE), *tricky = dataset_read(TRICKY_FILE);
  char *items = sqlite3_mprintf("%s%s", shop, tricky);
  int failed = standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)) ||
               dataset_create_table(harness->db, "reference") || dataset_load(harness->db, "reference", TASK, items);
  sqlite3_free(shop);
  sqlite3_free(tricky);
  sqlite3_free(items);
  return failed;
}

void check_same(struct harness *harness, sqlite3 *db, const char *where) {
  char *sql = sqlite3_mprintf("SELECT * FROM onpage_links WHERE task_id = '" TASK "' AND %s", where);
  char *reference = sqlite3_mprintf("SELECT %s FROM reference WHERE task_id = '" TASK "' AND %s",
                                    "type, domain_from, domain_to, page_from, page_to, link_from, link_to, link_attribute, "
                                    "dofollow, page_from_scheme, page_to_scheme, direction, is_broken, text, "
                                    "is_link_relation_conflict, page_to_status_code, image_alt, image_src, is_valid_hreflang, "
                                    "hreflang",
                                    where);
  struct rows *got = harness_query(db, sql, NULL, 0), *wanted = harness_query(harness->db, reference, NULL, 0);
  rows_sort(got);
  rows_sort(wanted);
  char *got_text = got->error ? sqlite3_mprintf("%s", got->error) : rows_text(got);
  char *wanted_text = wanted->error ? sqlite3_mprintf("reference: %s", wanted->error) : rows_text(wanted);
  bool equal = strcmp(got_text, wanted_text) == 0;
  if (!equal) print_error("%s\n--- expected\n%s\n--- but got\n%s\n---\n", where, wanted_text, got_text);
  rows_free(got);
  rows_free(wanted);
  sqlite3_free(sql);
  sqlite3_free(reference);
  sqlite3_free(got_text);
  sqlite3_free(wanted_text);
  assert_true(equal);
}

void check_cells(struct harness *harness, const struct reference_cell *cells, size_t count) {
  for (size_t i = 0; i < count; i++) {
    harness_forget(harness);
    check_case(cells[i].where);
    check_same(harness, harness->db, cells[i].where);
    if (cells[i].conditions) check_conditions(harness, 0, cells[i].conditions);
  }
}
