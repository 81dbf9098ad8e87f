/*
** Push-down beyond single terms: parameters of the request, lists, terms that can't hold, the budget of eight conditions, filters
** written by hand, and what is learnt from a rejection.
*/
#include "checks.h"
#include "dataset.h"
#include "reference.h"

static void pages_use_the_parameters_of_the_request(void **state) {
  struct harness *harness = *state;
  check_same(harness, harness->db, "page_from = '/about'");
  check_body_key(harness, 0, "page_from", "\"/about\"");
  check_body_key(harness, 0, "page_to", NULL);
  harness_forget(harness);
  /* The parameter page_to leaves external links out, so alone it is a filter. */
  check_same(harness, harness->db, "page_to = '/about'");
  check_body_key(harness, 0, "page_to", NULL);
  harness_forget(harness);
  check_same(harness, harness->db, "page_to = '/about' AND direction = 'internal'");
  check_body_key(harness, 0, "page_to", "\"/about\"");
  harness_forget(harness);
  check_same(harness, harness->db, "page_to = '/about' AND direction = 'external'");
  check_body_key(harness, 0, "page_to", NULL);
  harness_forget(harness);
  check_same(harness, harness->db, "page_from = '/about' AND is_broken = 1");
  check_body_key(harness, 0, "page_from", "\"/about\"");
  check_conditions(harness, 0, "[[\"is_broken\",\"=\",true]]");
}

/* A list is one request if SQLite passes it as a whole. */
static void lists(void **state) {
  static const struct reference_cell cells[] = {
      {"page_to_status_code IN (404, 500)", "[[\"page_to_status_code\",\"in\",[404,500]]]"},
      {"page_to_status_code IN (404, '500', NULL, 'x', 1.5)", "[[\"page_to_status_code\",\"in\",[404,500]]]"},
      {"page_to_status_code IN (SELECT page_to_status_code FROM reference WHERE page_to_status_code > 300)",
       "[[\"page_to_status_code\",\"in\",[301,404,500,4294967297]]]"},
      {"direction IN ('external', 'internal')", "[[\"direction\",\"in\",[\"external\",\"internal\"]]]"},
      {"link_to IN ('https://a.example/a', 'https://a.example/it''s')",
       "[[\"link_to\",\"in\",[\"https://a.example/a\",\"https://a.example/it's\"]]]"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cells); i++) {
    harness_forget(harness);
    check_case(cells[i].where);
    check_same(harness, harness->db, cells[i].where);
    if (sqlite3_libversion_number() < 3038000) continue;
    check_conditions(harness, 0, cells[i].conditions);
    check_requests(harness, 1);
  }
}

static void impossible_terms_make_no_request(void **state) {
  static const char *const terms[] = {
      "is_broken = NULL",
      "is_broken = 2",
      "is_broken = 'abc'",
      "is_broken = 0.5",
      "is_broken = x'31'",
      "is_broken > 1",
      "is_broken < 0",
      "is_broken <> NULL",
      "is_broken > 'x'",
      "is_broken IN ()",
      "is_broken IN (2, 3)",
      "is_broken IN (NULL)",
      "page_to_status_code = NULL",
      "page_to_status_code = 'abc'",
      "page_to_status_code = 1.5",
      "page_to_status_code = ''",
      "page_to_status_code = x'343034'",
      "page_to_status_code > 'abc'",
      "page_to_status_code < NULL",
      "page_to_status_code > x''",
      "page_to_status_code = 1e300",
      "direction = NULL",
      "link_to = NULL",
      "link_to = x'61'",
      "link_to <> NULL",
      "link_to LIKE NULL",
      "link_to IN ()",
      "text = NULL",
      "is_broken = 1 AND link_to = NULL",
      "link_attribute = NULL",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(terms); i++) {
    check_case(terms[i]);
    check_same(harness, harness->db, terms[i]);
    check_requests(harness, 0);
  }
}

static void parameters_are_pushed(void **state) {
  struct harness *harness = *state;
  const struct bound bounds[] = {
      {.type = SQLITE_TEXT, .bytes = "404", .size = -1},
      {.type = SQLITE_INTEGER, .integer = 1},
      {.type = SQLITE_TEXT, .bytes = "https://shop.example/logo", .size = -1},
  };
  check_rows_with(harness,
                  "SELECT page_to FROM onpage_links('" TASK
                  "') WHERE page_to_status_code = ?1 AND is_broken = ?2 AND link_to = ?3",
                  bounds, 3, "'/logo'");
  check_conditions(harness, 0,
                   "[[\"page_to_status_code\",\"=\",404],[\"is_broken\",\"=\",true],"
                   "[\"link_to\",\"=\",\"https://shop.example/logo\"]]");
  const struct bound nothing = {.type = SQLITE_NULL};
  harness_forget(harness);
  check_rows_with(harness, "SELECT page_to FROM onpage_links('" TASK "') WHERE is_broken = ?1", &nothing, 1, "");
  check_requests(harness, 0);
}

static void at_most_eight_conditions(void **state) {
  struct harness *harness = *state;
  check_same(harness, harness->db,
             "type = 'image' AND domain_from = 'shop.example' AND domain_to = 'shop.example' AND link_from = "
             "'https://shop.example/about' AND link_to = 'https://shop.example/logo' AND dofollow = 1 AND is_broken = 1 AND "
             "page_from_scheme = 'https' AND page_to_scheme = 'https' AND direction = 'internal' AND page_to_status_code = 404 "
             "AND page_to_status_code >= 400 AND page_to_status_code < 500");
  check_requests(harness, 1);
  assert_int_equal(harness_condition_count(harness, 0), 8);
  /* Those that find the fewest rows go. */
  char *filters = harness_body_key(harness, 0, "filters");
  assert_true(harness_contains(filters, "https://shop.example/logo") ||
              harness_contains(filters, "https:\\/\\/shop.example\\/logo"));
  sqlite3_free(filters);
}

static void own_filters_share_the_eight(void **state) {
  struct harness *harness = *state;
  check_rows(harness,
             "SELECT page_to FROM onpage_links('" TASK "', "
             "'[[[\"type\",\"=\",\"image\"],\"or\",[\"type\",\"=\",\"anchor\"]],\"and\",[\"dofollow\",\"=\",true]]') "
             "WHERE domain_from = 'shop.example' AND domain_to = 'shop.example' AND link_from = 'https://shop.example/about' "
             "AND link_to = 'https://shop.example/logo' AND is_broken = 1 AND page_from_scheme = 'https' AND "
             "page_to_scheme = 'https' AND direction = 'internal' AND page_to_status_code = 404",
             "'/logo'");
  check_requests(harness, 1);
  assert_int_equal(harness_condition_count(harness, 0), 8);
}

static void own_filters_can_say_or(void **state) {
  struct harness *harness = *state;
  check_rows(harness,
             "SELECT page_to FROM onpage_links WHERE task_id = '" TASK "' AND filters = "
             "'[[\"page_to_status_code\",\"=\",301],\"or\",[\"type\",\"=\",\"image\"]]' AND link_from IS NOT NULL ORDER BY 1",
             "'/about'\n'/logo'");
  check_conditions(harness, 0, "[[[\"page_to_status_code\",\"=\",301],\"or\",[\"type\",\"=\",\"image\"]]]");
  harness_forget(harness);
  check_rows(harness,
             "SELECT page_to FROM onpage_links('" TASK
             "', '[[\"page_to_status_code\",\"=\",301],\"or\",[\"type\",\"=\",\"image\"]]')"
             " WHERE is_broken = 0",
             "'/about'");
  check_conditions(harness, 0,
                   "[[[\"page_to_status_code\",\"=\",301],\"or\",[\"type\",\"=\",\"image\"]],[\"is_broken\",\"=\",false]]");
}

static void bad_filters_are_explained(void **state) {
  static const char *const filters[] = {
      "[",  "nonsense", "{\"a\":1}", "\"is_broken\"", "[1,2,3]", "[\"is_broken\",\"=\",true", "[\"is_broken\",\"=\",true] x",
      "17",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(filters); i++) {
    char *sql = sqlite3_mprintf("SELECT * FROM onpage_links('" TASK "', %Q)", filters[i]);
    check_error(harness, sql, "filters");
    sqlite3_free(sql);
  }
  check_requests(harness, 0);
  check_error(harness, "SELECT * FROM onpage_links('" TASK "', '[\"nothing\",\"=\",true]')", "40501", "nothing");
  check_error(harness,
              "SELECT * FROM onpage_links('" TASK "', '[[\"dofollow\",\"=\",true],\"and\",[\"dofollow\",\"=\",true],\"and\","
              "[\"dofollow\",\"=\",true],\"and\",[\"dofollow\",\"=\",true],\"and\",[\"dofollow\",\"=\",true],\"and\","
              "[\"dofollow\",\"=\",true],\"and\",[\"dofollow\",\"=\",true],\"and\",[\"dofollow\",\"=\",true],\"and\","
              "[\"dofollow\",\"=\",true]]')",
              "8");
}

static void long_tag_is_explained(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(type) > 0 FROM onpage_links WHERE task_id = '" TASK "' AND tag = printf('%.*c', 255, 'x')",
             "1");
  check_error(harness, "SELECT count(type) FROM onpage_links WHERE task_id = '" TASK "' AND tag = printf('%.*c', 256, 'x')",
              "255");
  check_requests(harness, 1);
}

static void pushdown_can_be_switched_off(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "pushdown", "off");
  check_same(harness, harness->db, "is_broken = 1 AND page_from = '/about' AND page_to_status_code IN (404, 500)");
  check_conditions(harness, 0, "[]");
  check_body_key(harness, 0, "page_from", NULL);
  harness_forget(harness);
  harness_config(harness->db, "pushdown", "on");
  check_same(harness, harness->db, "is_broken = 1");
  check_conditions(harness, 0, "[[\"is_broken\",\"=\",true]]");
}

static void fields_of_unknown_use_wait_for_the_list(void **state) {
  struct harness *harness = *state;
  /* Not asked for nothing. */
  check_same(harness, harness->db, "is_broken = 1");
  assert_int_equal(harness_request_count(harness->standin, "/on_page/available_filters"), 0);
  harness_forget(harness);
  check_same(harness, harness->db, "text = 'Cart'");
  check_conditions(harness, 0, "[]");
  check_same(harness, harness->db, "image_alt = 'Logo' AND is_valid_hreflang = 1");
  assert_int_equal(harness_request_count(harness->standin, "/on_page/available_filters"), 1);

  standin_set_readings(harness->standin, &(struct standin_readings){.more_fields = true});
  sqlite3 *db = harness_connect(harness->standin);
  harness_forget(harness);
  check_same(harness, db, "text = 'Cart' AND is_link_relation_conflict = 0");
  check_conditions(harness, 0, "[[\"text\",\"=\",\"Cart\"],[\"is_link_relation_conflict\",\"=\",false]]");
  check_same(harness, db, "is_valid_hreflang = 1");
  check_conditions(harness, 1, "[[\"is_valid_hreflang\",\"=\",true]]");
  assert_int_equal(harness_request_count(harness->standin, "/on_page/available_filters"), 1);
  assert_true(harness_close(db));

  standin_set_readings(harness->standin, &(struct standin_readings){.more_fields = true, .available_fails = true});
  db = harness_connect(harness->standin);
  harness_config(db, "max_retries", "0");
  harness_forget(harness);
  check_same(harness, db, "text = 'Cart' AND is_broken = 0");
  check_conditions(harness, 0, "[[\"is_broken\",\"=\",false]]");
  assert_true(harness_close(db));
}

/* A rejection is learnt once, and the rows are always right. */
static void rejected_filters_are_remembered(void **state) {
  static const struct {
    struct standin_readings readings;
    const char *where, *rejected;
  } cases[] = {
      {{.is_broken_rejected = true}, "is_broken = 1 AND dofollow = 1", "is_broken"},
      {{.string_in_rejected = true}, "link_to IN ('5', '05') AND dofollow = 1", "\"in\""},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    standin_set_readings(harness->standin, &cases[i].readings);
    sqlite3 *db = harness_connect(harness->standin);
    harness_config(db, "cache_mb", "0");
    check_same(harness, db, cases[i].where);
    harness_forget(harness);
    check_same(harness, db, cases[i].where);
    size_t requests = harness_request_count(harness->standin, "/on_page/links");
    assert_true(requests > 0);
    for (size_t k = 0; k < requests; k++) {
      char *filters = harness_body_key(harness, k, "filters");
      assert_false(harness_contains(filters, cases[i].rejected));
      assert_true(harness_contains(filters, "dofollow"));
      sqlite3_free(filters);
    }
    assert_true(harness_close(db));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      reference_test(pages_use_the_parameters_of_the_request),
      reference_test(lists),
      reference_test(impossible_terms_make_no_request),
      reference_test(parameters_are_pushed),
      reference_test(at_most_eight_conditions),
      reference_test(own_filters_share_the_eight),
      reference_test(own_filters_can_say_or),
      reference_test(bad_filters_are_explained),
      reference_test(long_tag_is_explained),
      reference_test(pushdown_can_be_switched_off),
      reference_test(fields_of_unknown_use_wait_for_the_list),
      reference_test(rejected_filters_are_remembered),
  };
  return cmocka_run_group_tests_name("pushdown", tests, NULL, NULL);
}
