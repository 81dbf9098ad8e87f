/* The bytes of a response: in order, however they come and go, and counted as long as they are there. */
#include "client/inbox.h"

#include "../unit.h"

enum { PIECE = 1000, PIECES = 1000, TAKEN = 1700 };

static char byte_at(size_t i) {
  return (char)('a' + i % 23);
}

static void append(struct inbox *inbox, struct memory_budget *memory, size_t *end) {
  char piece[PIECE];
  for (size_t i = 0; i < PIECE; i++) piece[i] = byte_at(*end + i);
  assert_true(inbox_append(inbox, memory, piece, PIECE));
  *end += PIECE;
}

/* Parses up to `most` bytes, from the place *at of the response on. */
static void parse(struct inbox *inbox, struct memory_budget *memory, size_t *at, size_t most) {
  size_t size;
  const char *bytes = inbox_unparsed(inbox, &size);
  if (size > most) size = most;
  for (size_t i = 0; i < size; i++) assert_int_equal(bytes[i], byte_at(*at + i));
  inbox_pass(inbox, memory, size);
  *at += size;
}

/* What is parsed is given back; what is not parsed counts twice, in all that is held and alone. */
static void test_order(void **state) {
  (void)state;
  struct memory_budget memory = {.held = 7};
  struct inbox inbox = {0};
  size_t end = 0;
  size_t at = 0;
  while (end < (size_t)PIECE * PIECES) {
    append(&inbox, &memory, &end);
    append(&inbox, &memory, &end);
    parse(&inbox, &memory, &at, TAKEN);
    assert_int_equal(memory.unparsed, end - at);
    assert_in_range(memory.held, 7 + end - at, 7 + end);
  }
  size_t left = end - at;
  parse(&inbox, &memory, &at, SIZE_MAX);
  assert_int_equal(at, end);
  assert_int_equal(memory.unparsed, 0);
  assert_int_equal(memory.held, 7);
  assert_in_range(inbox.peak, left, end);
  inbox_release(&inbox, &memory);
  assert_int_equal(memory.held, 7);
}

/* Given up in the middle. */
static void test_release(void **state) {
  struct memory_budget memory = {0};
  struct inbox inbox = {0};
  size_t end = 0;
  size_t at = 0;
  (void)state;
  append(&inbox, &memory, &end);
  parse(&inbox, &memory, &at, 300);
  inbox_release(&inbox, &memory);
  assert_int_equal(memory.held, 0);
  assert_int_equal(memory.unparsed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_release),
  };
  return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
