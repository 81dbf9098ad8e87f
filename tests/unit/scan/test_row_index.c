/*
** Rows kept for joins: in memory, and in a spill that is a list here, and may fail.
*/
#include "../unit.h"
#include "api/endpoint.h"
#include "scan/row_index.h"

enum { COUNT = 1000, KEYS = 7 };

/* ---- A spill ---- */

struct row {
  int64_t hash;
  char *bytes;
};

struct list {
  struct row *rows;
  size_t count;
  bool finished;
  int readers;
};

struct list_reader {
  struct list *list;
  bool keyed;
  int64_t hash;
  size_t at;
};

static size_t appends_left = SIZE_MAX;

static int open_list(void **store, struct error *error) {
  (void)error;
  *store = calloc(1, sizeof(struct list));
  return 0;
}

static void close_list(void *store) {
  struct list *list = store;
  assert_int_equal(list->readers, 0);
  for (size_t i = 0; i < list->count; i++) free(list->rows[i].bytes);
  free(list->rows);
  free(list);
}

static int append(void *store, int64_t hash, const char *bytes, size_t size, struct error *error) {
  struct list *list = store;
  if (appends_left-- == 0) return error_set(error, "full");
  list->rows = realloc(list->rows, (list->count + 1) * sizeof *list->rows);
  list->rows[list->count] = (struct row){.hash = hash, .bytes = malloc(size)};
  memcpy(list->rows[list->count++].bytes, bytes, size);
  return 0;
}

static int finish(void *store, bool indexed, struct error *error) {
  (void)indexed, (void)error;
  ((struct list *)store)->finished = true;
  return 0;
}

static int read_list(void *store, const int64_t *hash, void **reader, struct error *error) {
  struct list *list = store;
  (void)error;
  assert_true(list->finished);
  list->readers++;
  struct list_reader *made = malloc(sizeof *made);
  *made = (struct list_reader){.list = list, .keyed = hash != NULL, .hash = hash != NULL ? *hash : 0};
  *reader = made;
  return 0;
}

static int next(void *given, const char **bytes, struct error *error) {
  struct list_reader *reader = given;
  (void)error;
  while (reader->at < reader->list->count && reader->keyed && reader->list->rows[reader->at].hash != reader->hash) reader->at++;
  *bytes = reader->at < reader->list->count ? reader->list->rows[reader->at++].bytes : NULL;
  return 0;
}

static void end(void *given) {
  struct list_reader *reader = given;
  reader->list->readers--;
  free(reader);
}

static const struct spill_methods spill_to_list = {open_list, close_list, append, finish, read_list, next, end};

/* ---- Rows ---- */

static int text_column(void) {
  return endpoint_column(&endpoint_links, "page_to");
}

static int number_column(void) {
  return endpoint_column(&endpoint_links, "page_to_status_code");
}

static int append_numbered(struct row_index *rows, int i, struct error *error) {
  char text[32];
  snprintf(text, sizeof text, "/p/%d", i % KEYS);
  const struct value values[] = {{.type = VALUE_TEXT, .text = text, .size = strlen(text)},
                                 {.type = VALUE_INTEGER, .integer = i}};
  return row_index_append(rows, i + 5, values, error);
}

/* Rows with a text as their key and a number, moved after so many. */
static struct row_index *make_rows(int key, int moved_after) {
  struct error error;
  struct row_index *rows = row_index_new(1ULL << text_column() | 1ULL << number_column(), key);
  assert_non_null(rows);
  for (int i = 0; i < COUNT; i++) {
    if (i == moved_after) assert_int_equal(row_index_spill(rows, &spill_to_list, &error), 0);
    assert_int_equal(append_numbered(rows, i, &error), 0);
  }
  assert_int_equal(row_index_finish(rows, &error), 0);
  assert_int_equal(row_index_count(rows), COUNT);
  return rows;
}

/* How many rows come for the key, each of them once and whole; those of another key don't count. */
static int count_rows(struct row_index *rows, const struct value *key) {
  struct row_index_reader reader;
  struct error error;
  bool seen[COUNT] = {false};
  bool row;
  int count = 0;
  assert_int_equal(row_index_read(rows, key, &reader, &error), 0);
  while (row_index_next(&reader, &row, &error) == 0 && row) {
    char text[32];
    struct value number = row_index_value(&reader, number_column());
    struct value value = row_index_value(&reader, text_column());
    assert_in_range(number.integer, 0, COUNT - 1);
    assert_false(seen[number.integer]);
    seen[number.integer] = true;
    assert_int_equal(row_index_rowid(&reader), number.integer + 5);
    snprintf(text, sizeof text, "/p/%d", (int)number.integer % KEYS);
    assert_true(value_is_text(&value, text, strlen(text)));
    if (key == NULL || value_is_text(&value, key->text, key->size)) count++;
  }
  row_index_end(&reader);
  return count;
}

/* In memory, and moved at the beginning, in the middle and at the end, the same rows come. */
static void rows_come_from_wherever_they_are(void **state) {
  static const int moved_after[] = {-1, 0, 1, COUNT / 2, COUNT - 1};
  const struct value key = value_of_text("/p/3");
  const struct value none = value_of_text("/p/7");
  (void)state;
  for (size_t i = 0; i < LENGTH(moved_after); i++) {
    struct row_index *rows = make_rows(text_column(), moved_after[i]);
    assert_int_equal(row_index_is_spilled(rows), moved_after[i] >= 0);
    assert_int_equal(count_rows(rows, NULL), COUNT);
    assert_int_equal(count_rows(rows, &key), (COUNT + KEYS - 4) / KEYS);
    assert_int_equal(count_rows(rows, &none), 0);
    assert_true(row_index_is_spilled(rows) == (row_index_size(rows) < 1000));
    row_index_free(rows);
  }
}

/* Without a key all rows come for any value. */
static void rows_without_a_key(void **state) {
  const struct value value = value_of_text("/p/3");
  (void)state;
  for (int moved_after = -1; moved_after < 2; moved_after++) {
    struct row_index *rows = make_rows(ROW_INDEX_WITHOUT_KEY, moved_after);
    struct row_index_reader reader;
    struct error error;
    bool row = true;
    int count = -1;
    assert_int_equal(row_index_read(rows, &value, &reader, &error), 0);
    for (; row; count++) assert_int_equal(row_index_next(&reader, &row, &error), 0);
    assert_int_equal(count, COUNT);
    row_index_end(&reader);
    row_index_free(rows);
  }
}

/* A spill that takes no more fails the move or the row. */
static void spills_may_fail(void **state) {
  static const size_t appends[] = {0, 50, 100, 150};
  (void)state;
  for (size_t i = 0; i < LENGTH(appends); i++) {
    struct error error = {.kind = ERROR_NO_MEMORY};
    struct row_index *rows = row_index_new(1ULL << number_column(), text_column());
    bool failed = false;
    appends_left = appends[i];
    for (int k = 0; k < 200 && !failed; k++) {
      if (k == 100) failed = row_index_spill(rows, &spill_to_list, &error) != 0;
      if (!failed) failed = append_numbered(rows, k, &error) != 0;
    }
    assert_true(failed);
    assert_int_equal(error.kind, ERROR_FAILED);
    appends_left = SIZE_MAX;
    row_index_free(rows);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_come_from_wherever_they_are),
      cmocka_unit_test(rows_without_a_key),
      cmocka_unit_test(spills_may_fail),
  };
  return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
