/* Filters that can't match, are malformed, or are rejected by the API; and rowids, which must not depend on the filters. */
#include "fixture_scan.h"

static void test_impossible_terms_make_no_request(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 10});
  struct query query = everything();
  add_term(&query, "dofollow", OPERATOR_EQ, (struct value)INT(2));
  assert_int_equal(read_all(&query, 0, 1), 0);
  assert_int_equal(api.requests, 0);
  api_end();
}

static void test_faulty_filters_make_no_request(void **state) {
  static const struct {
    const char *filters, *message;
  } cases[] = {
      {"[\"a\"]", "is not a condition"},
      {"[[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\","
       "[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1]]",
       "9 conditions"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    api_begin(&(struct api){.links = 10});
    struct query query = everything();
    query.inputs[INPUT_FILTERS] = strdup(cases[i].filters);
    assert_int_equal(read_all(&query, 0, 1), -1);
    assert_non_null(strstr(failure.message, cases[i].message));
    assert_int_equal(api.requests, 0);
    api_end();
  }
}

static void test_rejected_filters(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 20, .rejects = "is_broken"});
  struct query query = dofollow();
  add_term(&query, "is_broken", OPERATOR_EQ, (struct value)INT(1));
  assert_int_equal(read_all(&query, 0, 2), 10);
  assert_int_equal(api.requests, 2);
  check_request(1, "{\"id\":\"T-1\",\"limit\":1000,\"filters\":[\"dofollow\",\"=\",true]}");
  /* The next scan knows. */
  query = dofollow();
  add_term(&query, "is_broken", OPERATOR_EQ, (struct value)INT(1));
  assert_int_equal(read_all(&query, 0, 2), 10);
  assert_int_equal(api.requests, 3);
  api_end();

  /* A count must not trust what was not sent. */
  api_begin(&(struct api){.links = 20, .rejects = "is_broken"});
  query = everything();
  add_term(&query, "is_broken", OPERATOR_EQ, (struct value)INT(1));
  query.terms[0].checked_here = true;
  query.count = true;
  assert_int_equal(count_rows(&query), 0); /* is_broken is null in all of them */
  api_end();

  api_begin(&(struct api){.links = 20, .rejects = "filters"});
  query = dofollow();
  assert_int_equal(read_all(&query, 0, 1), 20);
  assert_int_equal(api.requests, 2);
  api_end();

  /* Filters that the user wrote can't be left out. */
  api_begin(&(struct api){.links = 20, .rejects = "nonsense"});
  query = dofollow();
  query.inputs[INPUT_FILTERS] = strdup("[\"nonsense\",\"=\",1]");
  assert_int_equal(read_all(&query, 0, 1), -1);
  assert_non_null(strstr(failure.message, "nonsense"));
  assert_non_null(strstr(failure.message, "40501"));
  api_end();
}

static void test_columns_that_have_to_be_asked_about(void **state) {
  static const struct value text = TEXT("x");
  (void)state;
  for (int named = 0; named < 2; named++) {
    api_begin(&(struct api){.links = 5, .available = named ? 1ULL << endpoint_column(&endpoint_links, "text") : 0});
    struct query query = everything();
    add_term(&query, "text", OPERATOR_EQ, text);
    assert_int_equal(read_all(&query, 0, 1), 5);
    check_request(0, named ? "{\"id\":\"T-1\",\"limit\":1000,\"filters\":[\"text\",\"=\",\"x\"]}"
                           : "{\"id\":\"T-1\",\"limit\":1000}");
    query = everything();
    add_term(&query, "text", OPERATOR_EQ, text);
    assert_int_equal(read_all(&query, 0, 1), 5);
    assert_int_equal(api.asked_available, 1);
    api_end();
  }
}

/* ---- Row identity ---- */

enum { SAME = 3, ROWIDS = 300 };

static void read_rowids(const char *task, bool filtered, int64_t *rowids) {
  struct query query = filtered ? dofollow() : everything();
  free(query.inputs[INPUT_TASK]);
  query.inputs[INPUT_TASK] = strdup(task);
  struct scan *scan = open_scan(&query);
  int n = 0;
  for (; go_on(scan); n++) {
    int64_t again;
    assert_int_equal(scan_rowid(scan, &rowids[n], &failure), 0);
    (void)link_at(scan);
    assert_int_equal(scan_rowid(scan, &again, &failure), 0);
    assert_true(rowids[n] == again && again >= 0);
  }
  assert_int_equal(n, filtered ? ROWIDS / 2 : ROWIDS);
  scan_close(scan);
}

static void test_rowids(void **state) {
  static int64_t all[2 * ROWIDS], again[ROWIDS], some[ROWIDS];
  (void)state;
  api_begin(&(struct api){.links = ROWIDS, .alike = SAME});
  read_rowids("T-1", false, all);
  read_rowids("T-1", false, again);
  read_rowids("T-1", true, some);
  read_rowids("T-2", false, all + ROWIDS);
  assert_memory_equal(all, again, sizeof again);
  for (int i = 0; i < 2 * ROWIDS; i++)
    for (int j = 0; j < i; j++) assert_true(all[i] != all[j]);
  /* A filter keeps all of equal links, or none: every second group of them. */
  for (int i = 0; i < ROWIDS / 2; i++) assert_true(some[i] == all[i / SAME * 2 * SAME + i % SAME]);
  api_end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_impossible_terms_make_no_request),
      cmocka_unit_test(test_faulty_filters_make_no_request),
      cmocka_unit_test(test_rejected_filters),
      cmocka_unit_test(test_columns_that_have_to_be_asked_about),
      cmocka_unit_test(test_rowids),
  };
  return cmocka_run_group_tests_name("scan filters", tests, NULL, NULL);
}
