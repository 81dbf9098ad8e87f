/* Growing texts, their cap and their sticky failure; and messages of fixed size that stay valid UTF-8. */
#include "base/buffer.h"

#include "../unit.h"
#include "base/error.h"

/* ---- Buffers ---- */

static void test_appends(void **state) {
  struct buffer buffer = {0};
  (void)state;
  buffer_append(&buffer, "ab\0c", 4);
  buffer_append(&buffer, NULL, 0);
  buffer_append_text(&buffer, "");
  buffer_append_text(&buffer, "de");
  buffer_append_format(&buffer, "%d-%s", 5, "f");
  buffer_append_format(&buffer, "%s", "");
  assert_int_equal(buffer.size, 9);
  assert_memory_equal(buffer.data, "ab\0cde5-f", 10);
  assert_false(buffer.failed);
  buffer_release(&buffer);
  assert_null(buffer.data);
  assert_int_equal(buffer.size, 0);
  buffer_release(&buffer);
}

/* Every size up to a few growths, by each way of appending: content and closing zero. */
static void test_growth(void **state) {
  struct buffer one = {0}, two = {0};
  (void)state;
  for (size_t size = 1; size <= 1000; size++) {
    char letter = (char)('a' + size % 26);
    buffer_append(&one, &letter, 1);
    buffer_append_format(&two, "%c", letter);
    assert_int_equal(one.size, size);
    assert_int_equal(two.size, size);
    assert_int_equal(one.data[size - 1], letter);
    assert_int_equal(one.data[size], '\0');
    assert_string_equal(one.data, two.data);
    assert_true(one.capacity > size);
  }
  buffer_release(&one);
  buffer_release(&two);
}

static void test_take(void **state) {
  struct buffer buffer = {0};
  (void)state;
  char *empty = buffer_take(&buffer);
  assert_string_equal(empty, "");
  free(empty);
  buffer_append_text(&buffer, "text");
  char *text = buffer_take(&buffer);
  assert_string_equal(text, "text");
  assert_null(buffer.data);
  buffer_append_text(&buffer, "more");
  assert_string_equal(text, "text");
  assert_string_equal(buffer.data, "more");
  free(text);
  buffer_release(&buffer);
}

/* A size that can't be had: the failure stays, whatever comes after, until the buffer is released or taken. */
static void test_failure_is_remembered(void **state) {
  static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2, SIZE_MAX / 2 - 3};
  (void)state;
  for (size_t i = 0; i < LENGTH(sizes); i++) {
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "abcd");
    buffer_append(&buffer, "x", sizes[i]);
    assert_true(buffer.failed);
    buffer_append_text(&buffer, "e");
    buffer_append_format(&buffer, "%d", 5);
    assert_true(buffer.failed);
    assert_string_equal(buffer.data, "abcd");
    assert_null(buffer_take(&buffer));
    assert_false(buffer.failed);
    assert_null(buffer.data);
  }
}

/* A cap: what fits exactly is taken, one byte more is not, and the memory taken doesn't exceed it. Release keeps it. */
static void test_cap(void **state) {
  (void)state;
  for (size_t max = 1; max <= 200; max++) {
    struct buffer buffer = {.max = max};
    for (int round = 0; round < 2; round++) {
      for (size_t size = 0; size < max; size++) buffer_append(&buffer, "x", 1);
      assert_false(buffer.failed);
      assert_int_equal(buffer.size, max);
      assert_true(buffer.capacity <= (max < 64 ? 64 : max + 1));
      buffer_append_text(&buffer, "");
      assert_false(buffer.failed);
      if (round == 0)
        assert_null(buffer_extend(&buffer, 1));
      else
        buffer_append_format(&buffer, "%d", 5);
      assert_true(buffer.failed);
      assert_int_equal(buffer.size, max);
      buffer_release(&buffer);
      assert_int_equal(buffer.max, max);
    }
    buffer_append_text(&buffer, "x");
    char *taken = buffer_take(&buffer);
    assert_string_equal(taken, "x");
    free(taken);
    assert_int_equal(buffer.max, max);
    for (size_t size = 0; size <= max; size++) buffer_append(&buffer, "x", 1);
    assert_null(buffer_take(&buffer));
    assert_false(buffer.failed);
  }
  struct buffer buffer = {0};
  buffer_append(&buffer, "x", (size_t)BUFFER_MAX + 1);
  assert_true(buffer.failed);
  buffer_release(&buffer);
}

/* ---- Errors ---- */

static bool is_plain(const char *text) {
  const struct value value = {.type = VALUE_TEXT, .text = text, .size = strlen(text)};
  return value_is_plain_text(&value);
}

static void test_kinds(void **state) {
  struct error error;
  (void)state;
  assert_int_equal(error_set(&error, "%s %d", "a", 5), -1);
  assert_int_equal(error.kind, ERROR_FAILED);
  assert_string_equal(error.message, "a 5");
  assert_int_equal(error_no_memory(&error), -1);
  assert_int_equal(error.kind, ERROR_NO_MEMORY);
  assert_string_equal(error.message, "out of memory");
  assert_int_equal(error_interrupted(&error), -1);
  assert_int_equal(error.kind, ERROR_INTERRUPTED);
  error_prefix(&error, "in %s", "x");
  assert_int_equal(error.kind, ERROR_INTERRUPTED);
  assert_string_equal(error.message, "in x: interrupted");
  assert_int_equal(error_set(&error, "%s", ""), -1);
  assert_string_equal(error.message, "");
}

/* Characters of each length, shifted so that the cut falls on each of their bytes. */
static void test_long_messages_are_cut_between_characters(void **state) {
  static const char *const characters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  (void)state;
  for (size_t i = 0; i < LENGTH(characters); i++)
    for (int shift = 0; shift < 4; shift++) {
      struct buffer text = {0};
      struct error error;
      for (int n = 0; n < shift; n++) buffer_append_text(&text, "-");
      while (text.size < 3 * ERROR_MESSAGE_SIZE) buffer_append_text(&text, characters[i]);
      error_set(&error, "%s", text.data);
      size_t size = strlen(error.message);
      assert_true(size < ERROR_MESSAGE_SIZE && size > ERROR_MESSAGE_SIZE - 1 - strlen(characters[i]));
      assert_true(is_plain(error.message));
      assert_memory_equal(error.message, text.data, size);

      error_prefix(&error, "place %.*s", shift, "1234");
      assert_memory_equal(error.message, "place ", 6);
      assert_true(is_plain(error.message));
      buffer_release(&text);
    }
}

static void test_a_message_that_just_fits_is_whole(void **state) {
  char text[ERROR_MESSAGE_SIZE + 1];
  struct error error;
  (void)state;
  memset(text, 'a', sizeof text);
  memcpy(text + ERROR_MESSAGE_SIZE - 3, "\xC3\xA9", 3);
  error_set(&error, "%s", text);
  assert_string_equal(error.message, text);
  memcpy(text + ERROR_MESSAGE_SIZE - 2, "\xC3\xA9", 3);
  text[ERROR_MESSAGE_SIZE - 3] = 'a';
  error_set(&error, "%s", text);
  assert_int_equal(strlen(error.message), ERROR_MESSAGE_SIZE - 2);
}

/* A message may quote itself. */
static void test_prefix_of_its_own_message(void **state) {
  struct error error;
  (void)state;
  error_set(&error, "x");
  error_prefix(&error, "(%s)", error.message);
  assert_string_equal(error.message, "(x): x");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_appends),
      cmocka_unit_test(test_growth),
      cmocka_unit_test(test_take),
      cmocka_unit_test(test_failure_is_remembered),
      cmocka_unit_test(test_cap),
      cmocka_unit_test(test_kinds),
      cmocka_unit_test(test_long_messages_are_cut_between_characters),
      cmocka_unit_test(test_a_message_that_just_fits_is_whole),
      cmocka_unit_test(test_prefix_of_its_own_message),
  };
  return cmocka_run_group_tests_name("buffer and error", tests, NULL, NULL);
}
