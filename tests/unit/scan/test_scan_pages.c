/*
** A scan's pages: how much is asked for and when, where a scan ends, and that one that breaks off is an error, never a shorter
** table.
*/
#include "fixture_scan.h"

/* ---- Paging and ends ---- */

/* The requests beyond the last page that show it to be the last. A full page with a token may be followed by another. A
** total of whole thousands may be a cap, unless a chain of tokens ended there. Without a total the end is an empty page, two
** if they have tokens, or a short page of an odd size. */
static size_t looks_behind(long long links, enum last_token token, bool has_total) {
  if (!has_total && token == TOKEN_PRESENT) return links == 0 ? 1 : 2;
  if (!has_total) return links > 0 && links % 10 == 0;
  if (links == 0 || links % 1000 != 0) return 0;
  return token == TOKEN_PRESENT ? 2 : links == 1000;
}

static void test_every_size_and_every_end(void **state) {
  static const long long sizes[] = {0, 1, 999, 1000, 1001, 2000, 2500};
  (void)state;
  for (size_t i = 0; i < LENGTH(sizes); i++)
    for (int token = TOKEN_NULL; token <= TOKEN_PRESENT; token++)
      for (int total = 0; total >= NO_TOTAL; total += NO_TOTAL)
        for (int newest_first = 0; newest_first < 2; newest_first++) {
          api_begin(&(struct api){
              .links = sizes[i], .last_token = (enum last_token)token, .total = total, .newest_first = newest_first != 0});
          struct query query = everything();
          assert_int_equal(read_all(&query, 0, 1), sizes[i]);
          size_t pages = sizes[i] == 0 ? 1 : (size_t)(sizes[i] + 999) / 1000;
          size_t more = looks_behind(sizes[i], (enum last_token)token, total != NO_TOTAL);
          if (api.requests != pages + more) fail_msg("%lld links: %zu requests", sizes[i], api.requests);
          api_end();
        }
}

/* Where the total is capped, tokens lead on. */
static void test_capped_total(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 3500, .total = 1000});
  struct query query = everything();
  assert_int_equal(read_all(&query, 0, 1), 3500);
  api_end();
}

static void test_a_shorter_table_is_an_error(void **state) {
  static const struct {
    struct api api;
    const char *message; /* NULL: no error */
  } cases[] = {
      {{.links = 2500, .total = 3000}, "promised 3000 links but ended after 2500"},
      {{.links = 2000, .total = 3000}, "promised 3000 links but ended after 2000"},
      {{.links = 0, .total = 1}, "promised 1 links but ended after 0"},
      {{.links = 2500, .total = 3000, .in_progress = true}, "promised 3000 links but ended after 2500"},
      {{.links = 2500, .nth = 2, .fault = FAULT_ERROR}, "the API returned 50000"},
      {{.links = 2500, .nth = 1, .fault = FAULT_TOO_LONG}, "1001 links where 1000 were asked for"},
      /* The first page promised more than the last one does. */
      {{.links = 2500, .nth = 2, .fault = FAULT_NO_RESULTS}, "2500"},
      {{.links = 1500, .total = 3000, .nth = 2, .fault = FAULT_NO_TOTAL}, "3000"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    api_begin(&cases[i].api);
    struct query query = everything();
    long long rows = read_all(&query, 0, 1);
    if ((rows == -1) != (cases[i].message != NULL)) fail_msg("case %zu: %lld rows", i, rows);
    if (rows == -1 && strstr(failure.message, cases[i].message) == NULL) fail_msg("case %zu: %s", i, failure.message);
    api_end();
  }
}

static void test_errors_say_where(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 2500, .nth = 2, .fault = FAULT_ERROR});
  struct query query = everything();
  assert_int_equal(read_all(&query, 0, 1), -1);
  assert_memory_equal(failure.message, "onpage_links: ", 14);
  assert_non_null(strstr(failure.message, "T-1"));
  assert_non_null(strstr(failure.message, "after 1000 rows"));
  api_end();
}

/* Offsets up to 20,000 rows, then the chain: the fake checks that a token comes with the parameters it belongs to. */
static void test_chain_of_tokens(void **state) {
  (void)state;
  for (int newest_first = 0; newest_first < 2; newest_first++) {
    api_begin(&(struct api){.links = 23500, .newest_first = newest_first != 0});
    struct query query = everything();
    assert_int_equal(read_all(&query, 0, 1), 23500);
    assert_int_equal(api.requests, 24);
    for (size_t i = 0; i < api.requests; i++) {
      bool token = strstr(api.bodies[i], "search_after_token") != NULL;
      assert_int_equal(token, i >= 20);
    }
    check_request(0, "{\"id\":\"T-1\",\"limit\":1000}");
    check_request(23, "{\"id\":\"T-1\",\"limit\":1000,\"offset\":19000,\"search_after_token\":\"23/23000\"}");
    api_end();
  }
}

static void test_no_tokens_at_all(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 21500, .no_tokens = true});
  struct query query = everything();
  assert_int_equal(read_all(&query, 0, 1), 21500);
  assert_int_equal(api.requests, 22);
  check_request(21, "{\"id\":\"T-1\",\"limit\":1000,\"offset\":21000}");
  api_end();
}

/* ---- How much is asked for ---- */

static void test_limit_sizes_the_first_request(void **state) {
  static const struct {
    long long limit, rows; /* rows that the reader takes */
    const char *body;
    size_t requests;
  } cases[] = {
      {10, 10, "{\"id\":\"T-1\",\"limit\":10}", 1},
      {1, 1, "{\"id\":\"T-1\",\"limit\":1}", 1},
      {1000, 1000, "{\"id\":\"T-1\",\"limit\":1000}", 1},
      {1500, 1500, "{\"id\":\"T-1\",\"limit\":1000}", 2},
      {0, 0, "{\"id\":\"T-1\",\"limit\":1}", 1},
      {10, 25, "{\"id\":\"T-1\",\"limit\":10}", 2}, /* what SQLite drops is to be replaced */
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    api_begin(&(struct api){.links = 5000});
    struct query query = everything();
    query.limit = cases[i].limit;
    struct scan *scan = open_scan(&query);
    for (long long row = 0; row < cases[i].rows; row++) {
      assert_true(go_on(scan));
      assert_true(link_at(scan) == row);
    }
    if (cases[i].rows == 0) assert_true(go_on(scan));
    scan_close(scan);
    check_request(0, cases[i].body);
    if (api.requests != cases[i].requests) fail_msg("case %zu: %zu requests", i, api.requests);
    api_end();
  }
}

static void test_nothing_before_the_first_row_and_after_the_last(void **state) {
  (void)state;
  api_begin(&(struct api){.links = 5000});
  struct query query = everything();
  struct scan *scan = open_scan(&query);
  assert_int_equal(api.requests, 0);
  assert_true(go_on(scan));
  assert_int_equal(api.requests, 1);
  for (int i = 0; i < 100; i++) assert_true(go_on(scan));
  assert_true(api.requests <= 2); /* one ahead */
  scan_close(scan);               /* what is under way is ended: see api_end() */
  api_end();

  api_begin(&(struct api){.links = 1500});
  query = everything();
  scan = open_scan(&query);
  for (int i = 0; i < 1500; i++) assert_true(go_on(scan));
  for (int i = 0; i < 3; i++) assert_false(go_on(scan));
  assert_int_equal(api.requests, 2);
  scan_close(scan);
  scan_close(NULL);
  api_end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_size_and_every_end),
      cmocka_unit_test(test_capped_total),
      cmocka_unit_test(test_a_shorter_table_is_an_error),
      cmocka_unit_test(test_errors_say_where),
      cmocka_unit_test(test_chain_of_tokens),
      cmocka_unit_test(test_no_tokens_at_all),
      cmocka_unit_test(test_limit_sizes_the_first_request),
      cmocka_unit_test(test_nothing_before_the_first_row_and_after_the_last),
  };
  return cmocka_run_group_tests_name("scan pages", tests, NULL, NULL);
}
