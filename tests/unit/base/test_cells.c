/* Values packed and read back: every type, sizes and texts at their ends, and that a failed buffer stays as it is. */
#include "base/cells.h"

#include "../unit.h"

static const struct value values[] = {
    NONE,     INT(0),    INT(-1),      INT(INT64_MAX), INT(INT64_MIN),   REAL(0.1), REAL(-0.0), REAL(1e308),
    TEXT(""), TEXT("a"), TEXT("a\0b"), TEXT("\0"),     TEXT("\xF0\x9F"), NONE,      BLOB,       INT(TWO_53 + 1),
};

static void check_equal(const struct value *read, const struct value *packed, size_t i) {
  if (read->type != packed->type) fail_msg("value %zu has type %d", i, (int)read->type);
  if (packed->type == VALUE_INTEGER && read->integer != packed->integer) fail_msg("value %zu is %" PRId64, i, read->integer);
  if (packed->type == VALUE_REAL) assert_memory_equal(&read->real, &packed->real, sizeof read->real);
  if (packed->type != VALUE_TEXT && packed->type != VALUE_BLOB) return;
  assert_int_equal(read->size, packed->size);
  if (packed->size > 0) assert_memory_equal(read->text, packed->text, packed->size);
  assert_int_equal(read->text[read->size], '\0');
}

/* One after another, from every start: so numbers lie at every alignment. */
static void test_round_trip(void **state) {
  (void)state;
  for (size_t shift = 0; shift < 9; shift++) {
    struct buffer cells = {0};
    buffer_append(&cells, "12345678", shift);
    for (size_t i = 0; i < LENGTH(values); i++) cells_append(&cells, &values[i]);
    assert_false(cells.failed);
    const char *at = cells.data + shift;
    for (size_t i = 0; i < LENGTH(values); i++) {
      const struct value read = cells_read(&at);
      check_equal(&read, &values[i], i);
    }
    assert_ptr_equal(at, cells.data + cells.size);
    buffer_release(&cells);
  }
}

static void test_long_texts(void **state) {
  static char text[5000];
  struct buffer cells = {0};
  (void)state;
  memset(text, 'x', sizeof text);
  for (size_t size = 0; size <= sizeof text; size += 499) {
    const struct value value = {.type = VALUE_TEXT, .text = text, .size = size};
    cells_append(&cells, &value);
  }
  const char *at = cells.data;
  for (size_t size = 0; size <= sizeof text; size += 499) {
    const struct value expected = {.type = VALUE_TEXT, .text = text, .size = size};
    const struct value read = cells_read(&at);
    check_equal(&read, &expected, size);
  }
  buffer_release(&cells);
}

/* A value that doesn't fit is left out as a whole. */
static void test_full(void **state) {
  const struct value number = INT(5);
  const struct value text = TEXT("a text that is too long");
  (void)state;
  struct buffer cells = {.max = 20};
  cells_append(&cells, &number);
  size_t size = cells.size;
  cells_append(&cells, &text);
  assert_true(cells.failed);
  assert_int_equal(cells.size, size);
  cells_append(&cells, &number);
  assert_int_equal(cells.size, size);
  buffer_release(&cells);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_long_texts),
      cmocka_unit_test(test_full),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
