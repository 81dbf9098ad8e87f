/*
** What the rest relies on in a descriptor, for each table.
*/
#include "api/endpoint.h"

#include "../unit.h"

static const struct endpoint *const endpoints[] = {&endpoint_links};

static void test_columns_are_found_by_name(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(endpoints); i++) {
    for (int column = 0; column < endpoints[i]->column_count; column++)
      assert_int_equal(endpoint_column(endpoints[i], endpoints[i]->columns[column].name), column); /* no name occurs twice */
    assert_int_equal(endpoint_column(endpoints[i], "no_such_column"), -1);
  }
}

/* Inputs come as arguments in the order of their columns, which are neighbours. */
static void test_inputs_are_hidden_columns_in_order(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(endpoints); i++) {
    int first = endpoint_input_column(endpoints[i], INPUT_TASK);
    assert_true(first > 0);
    for (int input = 0; input < INPUT_COUNT; input++) {
      const struct column *column = &endpoints[i]->columns[first + input];
      assert_int_equal(endpoint_input_column(endpoints[i], (enum input)input), first + input);
      assert_true(column_is_input(column) && column_is_hidden(column) && !column_is_numeric(column));
    }
  }
}

static void test_fields_are_visible_and_filterable(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(endpoints); i++)
    for (int j = 0; j < endpoints[i]->column_count; j++) {
      const struct column *column = &endpoints[i]->columns[j];
      bool is_field = column->role == COLUMN_FIELD;
      assert_int_equal(column_is_hidden(column), !is_field);
      assert_int_equal(column->filterable != FILTER_NEVER, is_field);
      assert_int_equal(column->distinct_values > 0, is_field);
      assert_non_null(column->description);
    }
}

/* The request's own keys are for paths, and depend on columns that exist. */
static void test_parameters(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(endpoints); i++)
    for (int j = 0; j < endpoints[i]->column_count; j++) {
      const struct column *column = &endpoints[i]->columns[j];
      if (column->parameter != NULL) assert_int_equal(column->class, CLASS_TEXT);
      if (column->with_column != NULL) assert_true(endpoint_column(endpoints[i], column->with_column) >= 0);
      assert_int_equal(column->with_column != NULL, column->with_word != NULL);
    }
}

static void test_sql_types(void **state) {
  static const char *const types[CLASS_COUNT] = {
      [CLASS_BOOLEAN] = "BOOLEAN", [CLASS_INTEGER] = "INTEGER", [CLASS_TEXT] = "TEXT", [CLASS_TEXT_ARRAY] = "TEXT"};
  (void)state;
  for (int class = 0; class < CLASS_COUNT; class++) {
    const struct column column = {.class = (enum column_class)class};
    assert_string_equal(column_sql_type(&column), types[class]);
    assert_int_equal(column_is_numeric(&column), strcmp(types[class], "TEXT") != 0);
  }
}

/* The columns that a descriptor points to by number are the ones meant. */
static void test_columns_named_by_number(void **state) {
  (void)state;
  assert_int_equal(endpoint_links.source_column, endpoint_column(&endpoint_links, "page_from"));
  assert_int_equal(endpoint_links.partition_columns[0], endpoint_column(&endpoint_links, "link_to"));
  assert_int_equal(endpoint_links.partition_columns[1], endpoint_column(&endpoint_links, "page_from"));
  for (size_t i = 0; i < LENGTH(endpoints); i++) {
    assert_in_range(endpoints[i]->partition_column_count, 1, ENDPOINT_PARTITION_COLUMNS_MAX);
    for (int j = 0; j < endpoints[i]->partition_column_count; j++) {
      const struct column *partition = &endpoints[i]->columns[endpoints[i]->partition_columns[j]];
      assert_int_equal(partition->class, CLASS_TEXT);
      assert_int_equal(partition->filterable, FILTER_DOCUMENTED);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_columns_are_found_by_name),
      cmocka_unit_test(test_inputs_are_hidden_columns_in_order),
      cmocka_unit_test(test_fields_are_visible_and_filterable),
      cmocka_unit_test(test_parameters),
      cmocka_unit_test(test_sql_types),
      cmocka_unit_test(test_columns_named_by_number),
  };
  return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
