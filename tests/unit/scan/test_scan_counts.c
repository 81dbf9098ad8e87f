/* Rows that are not read: counts from one small request, and OFFSET, which must skip what SQLite would have skipped. */
#include "fixture_scan.h"

/* ---- Counts ---- */

static void test_counts_take_one_small_request(void **state) {
  static const struct {
    long long links, offset, total, rows;
    size_t requests;
    const char *body;
  } cases[] = {
      {5000, 0, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {0, 0, 0, 0, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {5000, 100, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {5000, 2500, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {5000, 9999, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    api_begin(&(struct api){.links = cases[i].links, .total = cases[i].total});
    struct query query = dofollow();
    query.count = true;
    query.offset = cases[i].offset;
    assert_int_equal(count_rows(&query), cases[i].rows);
    assert_int_equal(api.requests, cases[i].requests);
    check_request(0, cases[i].body);
    api_end();
  }
}

static void test_counts_that_have_to_read(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 3000, .total = NO_TOTAL});
  struct query query = dofollow();
  query.count = true;
  assert_int_equal(count_rows(&query), 1500);
  api_end();

  api_begin(&(struct api){.links = 50, .nth = 1, .fault = FAULT_NO_RESULTS});
  query = dofollow();
  query.count = true;
  assert_int_equal(count_rows(&query), 0);
  assert_int_equal(api.requests, 1);
  api_end();

  /* The term is not exact: the rows are needed. */
  api_begin(&(struct api){.links = 50});
  query = everything();
  add_term(&query, "link_to", OPERATOR_LIKE, (struct value)TEXT("/%"));
  query.count = true;
  assert_int_equal(count_rows(&query), 50);
  check_request(0, "{\"id\":\"T-1\",\"limit\":1000,\"filters\":[\"link_to\",\"regex\",\"(?is)^/.*$\"]}");
  api_end();
}

/* Columns fixed by exact terms need no rows; reading another column fetches them, from the current row on. */
static void test_a_count_that_is_read_after_all(void **state) {
  static const int first_reads[] = {1, 2, 700, 1250};
  (void)state;
  for (size_t i = 0; i < LENGTH(first_reads); i++)
    for (long long offset = 0; offset <= 10; offset += 10) {
      int fixed = endpoint_column(&endpoint_links, "dofollow");
      int total = endpoint_column(&endpoint_links, "total_items_count");
      char body[128], place[32] = "";
      struct value value;
      api_begin(&(struct api){.links = 2520});
      struct query query = dofollow();
      query.count = true;
      query.offset = offset;
      struct scan *scan = open_scan(&query);
      for (int row = 1; row <= 1260; row++) {
        assert_true(go_on(scan));
        assert_int_equal(scan_value(scan, fixed, &value, &failure), 0);
        assert_true(value.type == VALUE_INTEGER && value.integer == 1);
        assert_int_equal(scan_value(scan, total, &value, &failure), 0);
        assert_true(value.type == VALUE_INTEGER && value.integer == 1260);
        if (row < first_reads[i]) assert_int_equal(api.requests, 1);
        if (row >= first_reads[i]) assert_true(link_at(scan) == 2 * (row - 1));
      }
      assert_false(go_on(scan));
      scan_close(scan);
      if (first_reads[i] > 1) snprintf(place, sizeof place, "\"offset\":%d,", first_reads[i] - 1);
      snprintf(body, sizeof body, "{\"id\":\"T-1\",\"limit\":1000,%s\"filters\":[\"dofollow\",\"=\",true]}", place);
      check_request(1, body);
      api_end();
    }
}

/* ---- OFFSET ---- */

static void test_offset(void **state) {
  static const struct {
    long long offset, limit, links, rows;
    const char *body;
  } cases[] = {
      {30, -1, 100, 20, "{\"id\":\"T-1\",\"limit\":1000,\"offset\":30,\"filters\":[\"dofollow\",\"=\",true]}"},
      {30, 5, 100, 20, "{\"id\":\"T-1\",\"limit\":5,\"offset\":30,\"filters\":[\"dofollow\",\"=\",true]}"},
      {100, 5, 100, 0, "{\"id\":\"T-1\",\"limit\":5,\"offset\":100,\"filters\":[\"dofollow\",\"=\",true]}"},
      {2000000, 5, 100, 0, "{\"id\":\"T-1\",\"limit\":5,\"offset\":2000000,\"filters\":[\"dofollow\",\"=\",true]}"},
      /* More than the API takes: the total shows it. */
      {2000001, 5, 100, 0, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {2000001, INT64_MAX, 100, 0, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    api_begin(&(struct api){.links = cases[i].links});
    struct query query = dofollow();
    query.offset = cases[i].offset;
    query.limit = cases[i].limit;
    query.terms[0].checked_here = true;
    assert_int_equal(read_all(&query, 2 * cases[i].offset, 2), cases[i].rows);
    check_request(0, cases[i].body);
    if (cases[i].rows == 0) assert_int_equal(api.requests, 1);
    api_end();
  }
}

/* `OFFSET 50000 LIMIT 10` is one request. */
static void test_deep_offset(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 60000});
  struct query query = everything();
  query.offset = 50000;
  query.limit = 10;
  struct scan *scan = open_scan(&query);
  for (int i = 0; i < 50000; i++) assert_true(go_on(scan));
  for (int i = 0; i < 10; i++) {
    assert_true(go_on(scan));
    assert_true(link_at(scan) == 50000 + i);
  }
  scan_close(scan);
  assert_int_equal(api.requests, 1);
  api_end();
}

/* Rows to be skipped are read after all: SQLite offers a compound's OFFSET to each of its arms. */
static void test_an_offset_that_is_less(void **state) {
  (void)state;
  for (int reads = 1; reads <= 30; reads += 29) {
    api_begin(&(struct api){.links = 60});
    struct query query = everything();
    query.offset = 40;
    query.limit = 5;
    struct scan *scan = open_scan(&query);
    for (int row = 1; row <= 60; row++) {
      assert_true(go_on(scan));
      if (row >= reads) assert_true(link_at(scan) == row - 1);
    }
    assert_false(go_on(scan));
    scan_close(scan);
    assert_int_equal(api.requests, 2);
    api_end();
  }
  /* Without a total, what the API skipped is not known. */
  api_begin(&(struct api){.links = 30, .total = NO_TOTAL});
  struct query query = everything();
  query.offset = 40;
  assert_int_equal(count_rows(&query), 30);
  api_end();
}

/* If the API returns more than the terms keep, all rows are read. */
static void test_offset_with_a_superset(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 3000});
  struct query query = dofollow();
  /* The API of this test ignores <>. */
  add_term(&query, "page_to_status_code", OPERATOR_NE, (struct value)INT(404));
  query.terms[0].checked_here = query.terms[1].checked_here = true;
  query.offset = 1;
  struct scan *scan = open_scan(&query);
  for (long long link = 2; link < 3000; link += 2) {
    if (link % 5 == 0) continue;
    assert_true(go_on(scan));
    assert_true(link_at(scan) == link);
  }
  assert_false(go_on(scan));
  scan_close(scan);
  assert_null(strstr(api.bodies[0], "offset"));
  api_end();
}

static void test_a_row_that_should_not_be_there(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 100, .nth = 1, .fault = FAULT_TYPE});
  struct query query = dofollow();
  query.offset = 5;
  query.terms[0].checked_here = true;
  assert_int_equal(read_all(&query, 10, 2), -1);
  assert_non_null(strstr(failure.message, "doesn't fit the filters"));
  api_end();
  /* Without an OFFSET it does no harm: it is left out. */
  api_begin(&(struct api){.links = 100, .nth = 1, .fault = FAULT_TYPE});
  query = dofollow();
  query.terms[0].checked_here = true;
  assert_int_equal(read_all(&query, 0, 1), 0);
  api_end();
}

/* What a scan has shown of a query is known to the next one of the same conditions, task and table. */
static void test_known_totals(void **state) {
  struct endpoint other = endpoint_links;
  other.path = "/on_page/other";
  (void)state;
  api_begin(&(struct api){.links = 50, .remembers = true});
  struct query before = dofollow(), read = dofollow(), same = dofollow(), all = everything(), elsewhere = dofollow();
  elsewhere.endpoint = &other;
  assert_int_equal(known_total(&before), -1);
  assert_int_equal(read_all(&read, 0, 2), 25);
  assert_int_equal(known_total(&same), 25);
  assert_int_equal(known_total(&all), -1);
  assert_int_equal(known_total(&elsewhere), -1);
  api_end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts_take_one_small_request),
      cmocka_unit_test(test_counts_that_have_to_read),
      cmocka_unit_test(test_a_count_that_is_read_after_all),
      cmocka_unit_test(test_offset),
      cmocka_unit_test(test_deep_offset),
      cmocka_unit_test(test_an_offset_that_is_less),
      cmocka_unit_test(test_offset_with_a_superset),
      cmocka_unit_test(test_a_row_that_should_not_be_there),
      cmocka_unit_test(test_known_totals),
  };
  return cmocka_run_group_tests_name("scan counts", tests, NULL, NULL);
}
