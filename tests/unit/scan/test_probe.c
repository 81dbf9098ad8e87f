/*
** Probes: which of the kept rows a query gets, which columns have to be kept for it, and by which term they are looked up.
*/
#include "../unit.h"

#include "scan/probe.h"

enum { ROWS = 12 };

static int path_column(void) {
  return endpoint_column(&endpoint_links, "page_to");
}

static int status_column(void) {
  return endpoint_column(&endpoint_links, "page_to_status_code");
}

/* Row i has the path /p/(i % 3), the status 200 + i % 4, and the rowid i. */
static struct row_index *make_rows(int key) {
  struct error error;
  struct row_index *rows = row_index_new(1ULL << path_column() | 1ULL << status_column(), key);
  assert_non_null(rows);
  for (int i = 0; i < ROWS; i++) {
    char path[] = {'/', 'p', '/', (char)('0' + i % 3), '\0'};
    const struct value values[] = {value_of_text(path), INT(200 + i % 4)};
    assert_int_equal(row_index_append(rows, i, values, &error), 0);
  }
  assert_int_equal(row_index_finish(rows, &error), 0);
  return rows;
}

static void add_term(struct query *query, int column, enum sql_operator op, struct value value) {
  struct term *terms = realloc(query->terms, (query->term_count + 1) * sizeof *terms);
  assert_non_null(terms);
  query->terms = terms;
  const struct term term = {.column = column, .op = op, .values = &value, .value_count = 1};
  struct error error;
  assert_int_equal(term_copy(&term, &terms[query->term_count++], &error), 0);
}

static struct query make_query(void) {
  return (struct query){
      .endpoint = &endpoint_links, .inputs = {[INPUT_TASK] = strdup("t")}, .limit = -1, .columns = 1ULL << status_column()};
}

/* Bits of the rowids that come. Takes the query over. */
static unsigned probe_rows(struct query *query, uint64_t varying, int key_term) {
  struct row_index *rows = make_rows(key_term >= 0 ? query->terms[key_term].column : ROW_INDEX_WITHOUT_KEY);
  struct probe *probe;
  struct error error;
  unsigned found = 0;
  bool row;
  assert_int_equal(probe_open(rows, query, varying, key_term, &probe, &error), 0);
  while (probe_next(probe, &row, &error) == 0 && row) {
    struct value value;
    assert_int_equal(probe_value(probe, status_column(), &value, &error), 0);
    assert_int_equal(value.integer, 200 + probe_rowid(probe) % 4);
    found |= 1U << probe_rowid(probe);
  }
  probe_close(probe);
  row_index_free(rows);
  return found;
}

/* Only varying terms are evaluated; the others hold for all rows that were kept. */
static void varying_terms_choose_the_rows(void **state) {
  static const struct {
    struct value path, status;
    uint64_t varying;
    unsigned rows;
  } cases[] = {
      {TEXT("/p/1"), INT(201), 3, 1U << 1},
      {TEXT("/p/1"), INT(201), 1, 1U << 1 | 1U << 4 | 1U << 7 | 1U << 10},
      {TEXT("/p/1"), INT(201), 2, 1U << 1 | 1U << 5 | 1U << 9},
      {TEXT("/p/1"), INT(201), 0, (1U << ROWS) - 1},
      {TEXT("/p/4"), INT(201), 1, 0},
      {NONE, INT(201), 1, 0}, /* NULL equals nothing */
      {TEXT("/p/1"), REAL(201.0), 2, 1U << 1 | 1U << 5 | 1U << 9},
      {TEXT("/p/1"), REAL(201.5), 2, 0},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (int key_term = -1; key_term < 2; key_term++) {
      if (key_term >= 0 && (cases[i].varying & 1ULL << key_term) == 0) continue;
      struct query query = make_query();
      add_term(&query, path_column(), OPERATOR_EQ, cases[i].path);
      add_term(&query, status_column(), OPERATOR_EQ, cases[i].status);
      unsigned rows = probe_rows(&query, cases[i].varying, key_term);
      if (rows != cases[i].rows) fail_msg("case %zu, key %d: rows %x", i, key_term, rows);
    }
}

/* What is read is kept, and what varying terms compare; inputs come from the query. */
static void what_is_kept(void **state) {
  struct query query = make_query();
  (void)state;
  query.columns |= 1ULL << endpoint_input_column(&endpoint_links, INPUT_TASK);
  add_term(&query, path_column(), OPERATOR_EQ, (struct value)TEXT("/p/1"));
  assert_true(probe_columns(&query, 0) == 1ULL << status_column());
  assert_true(probe_columns(&query, 1) == (1ULL << status_column() | 1ULL << path_column()));
  query_release(&query);
}

/* Rows are looked up by the equality that keeps the fewest. */
static void the_key_keeps_the_fewest_rows(void **state) {
  struct query query = make_query();
  (void)state;
  add_term(&query, status_column(), OPERATOR_EQ, (struct value)INT(200));
  add_term(&query, path_column(), OPERATOR_LIKE, (struct value)TEXT("/p%"));
  add_term(&query, path_column(), OPERATOR_EQ, (struct value)TEXT("/p/1"));
  assert_int_equal(probe_key(&query, 7), 2);
  assert_int_equal(probe_key(&query, 3), 0);
  assert_int_equal(probe_key(&query, 2), -1);
  assert_int_equal(probe_key(&query, 0), -1);
  query_release(&query);
}

static void a_column_that_was_not_kept_is_an_error(void **state) {
  struct row_index *rows = make_rows(ROW_INDEX_WITHOUT_KEY);
  struct query query = make_query();
  struct probe *probe;
  struct value value;
  struct error error;
  bool row;
  (void)state;
  assert_int_equal(probe_open(rows, &query, 0, -1, &probe, &error), 0);
  assert_int_equal(probe_next(probe, &row, &error), 0);
  assert_true(row);
  assert_int_equal(probe_value(probe, endpoint_column(&endpoint_links, "text"), &value, &error), -1);
  assert_non_null(strstr(error.message, "SQLite reads text"));
  assert_int_equal(probe_value(probe, endpoint_input_column(&endpoint_links, INPUT_TASK), &value, &error), 0);
  assert_true(value_is_text(&value, "t", 1));
  probe_close(probe);
  row_index_free(rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(varying_terms_choose_the_rows),
      cmocka_unit_test(what_is_kept),
      cmocka_unit_test(the_key_keeps_the_fewest_rows),
      cmocka_unit_test(a_column_that_was_not_kept_is_an_error),
  };
  return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
