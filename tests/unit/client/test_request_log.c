/* The log of requests: the newest are kept, by number and by bytes, and all are counted. */
#include "client/request_log.h"

#include "../unit.h"

/* Appends a record with a body of the size. */
static void append(struct request_log *log, size_t size, bool from_cache) {
  struct request_record record = {.body = malloc(size + 1), .from_cache = from_cache};
  assert_non_null(record.body);
  memset(record.body, 'x', size);
  record.body[size] = '\0';
  request_log_append(log, &record);
  assert_null(record.body); /* the log's by now */
}

static size_t count(const struct request_log *log) {
  size_t records = 0;
  while (request_log_get(log, records) != NULL) records++;
  return records;
}

/* The numbers go up by one to the newest, which is the last that was appended. */
static void check_numbers(const struct request_log *log, int64_t newest) {
  size_t records = count(log);
  for (size_t i = 0; i < records; i++) assert_int_equal(request_log_get(log, i)->seq, newest - (int64_t)(records - 1 - i));
}

static void test_records(void **state) {
  struct request_log *log = request_log_new();
  (void)state;
  assert_null(request_log_get(log, 0));
  for (int i = 1; i <= 2500; i++) {
    append(log, 100, i % 2 == 0);
    check_numbers(log, i);
    assert_int_equal(count(log), i < REQUEST_LOG_MAX ? i : REQUEST_LOG_MAX);
  }
  assert_int_equal(request_log_sent(log), 1250);
  request_log_free(log);
  request_log_free(NULL);
}

/* Long bodies push the oldest records out; short ones after them stay as long as there is room. */
static void test_bytes(void **state) {
  enum { MEGABYTE = 1 << 20, REQUESTS = 100 };
  struct request_log *log = request_log_new();
  (void)state;
  for (int i = 1; i <= REQUESTS; i++) {
    size_t bytes = 0;
    append(log, MEGABYTE, false);
    for (size_t n = 0; n < count(log); n++) bytes += strlen(request_log_get(log, n)->body);
    assert_true(bytes <= REQUEST_LOG_BYTES_MAX);
    check_numbers(log, i);
  }
  assert_int_equal(count(log), REQUEST_LOG_BYTES_MAX / MEGABYTE - 1); /* a record takes some bytes beside its body */
  append(log, 10, false);
  assert_int_equal(count(log), REQUEST_LOG_BYTES_MAX / MEGABYTE);
  assert_int_equal(request_log_sent(log), REQUESTS + 1);
  request_log_free(log);
}

/* The newest is there, whatever its size; it is gone with the next. */
static void test_one_too_many(void **state) {
  struct request_log *log = request_log_new();
  (void)state;
  append(log, 10, false);
  append(log, REQUEST_LOG_BYTES_MAX + 10, false);
  assert_int_equal(count(log), 1);
  assert_int_equal(strlen(request_log_get(log, 0)->body), REQUEST_LOG_BYTES_MAX + 10);
  append(log, 10, false);
  assert_int_equal(count(log), 1);
  check_numbers(log, 3);
  for (int i = 0; i < REQUEST_LOG_MAX + 5; i++) append(log, 10, false);
  assert_int_equal(count(log), REQUEST_LOG_MAX);
  request_log_free(log);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_records),
      cmocka_unit_test(test_bytes),
      cmocka_unit_test(test_one_too_many),
  };
  return cmocka_run_group_tests_name("request_log", tests, NULL, NULL);
}
