/*
** What links has not: nested fields and times in filters, orders, rows of one page, groups of pages that share a tag, lists of tasks,
** and the summary.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "test_client.h"
#include "test_groups.h"

/* Each page is known by the letter at the end of its url. */
static const char pages[] =
    "{\"url\":\"https://a.example/a\",\"resource_type\":\"html\",\"status_code\":200,\"onpage_score\":91.5,\"fetch_time\":"
    "\"2026-01-02 10:00:00 +00:00\",\"meta\":{\"title\":\"Home\",\"description\":\"\",\"follow\":true,\"content\":{"
    "\"plain_text_rate\":0.25},\"duplicate_meta_tags\":[\"viewport\"]},\"checks\":{\"no_h1_tag\":true,\"canonical\":true}}\n"
    "{\"url\":\"https://a.example/b\",\"resource_type\":\"html\",\"status_code\":200,\"onpage_score\":40,\"fetch_time\":"
    "\"2026-01-02 10:00:01 +00:00\",\"meta\":{\"title\":\"Twice\",\"description\":\"\",\"content\":null},\"checks\":{"
    "\"no_h1_tag\":false}}\n"
    "{\"url\":\"https://a.example/c\",\"resource_type\":\"redirect\",\"status_code\":301,\"location\":\"https://a.example/a\","
    "\"meta\":null,\"title\":\"Home\"}\n"
    "{\"url\":\"https://a.example/d\",\"resource_type\":\"html\",\"onpage_score\":91.5,\"meta\":{\"title\":\"Twice\","
    "\"description\":\"One\"},\"checks\":{}}\n"
    "{\"url\":\"https://a.example/e\",\"resource_type\":\"broken\",\"status_code\":404,\"meta\":{\"title\":\"Twice\"}}\n"
    "{\"url\":\"https://a.example/f\",\"resource_type\":\"html\",\"meta\":{\"title\":\"Home\",\"description\":\"One\"}}\n"
    "{\"url\":\"https://a.example/g\",\"resource_type\":\"html\",\"meta\":{\"title\":\"Twice\"}}\n";

static const char links[] =
    "{\"type\":\"image\",\"domain_from\":\"a.example\",\"link_from\":\"https://a.example/a\",\"page_from\":\"/a\",\"link_to\":"
    "\"https://a.example/b\",\"image_src\":\"https://a.example/1.png\",\"image_alt\":\"On a\",\"direction\":\"internal\"}\n"
    "{\"type\":\"link\",\"domain_from\":\"a.example\",\"link_from\":\"https://a.example/a\",\"page_from\":\"/a\",\"link_to\":"
    "\"https://a.example/2.css\",\"direction\":\"internal\"}\n"
    "{\"type\":\"anchor\",\"domain_from\":\"a.example\",\"link_from\":\"https://a.example/b\",\"page_from\":\"/b\",\"link_to\":"
    "\"https://a.example/3.png\",\"direction\":\"external\"}\n"
    "{\"type\":\"image\",\"domain_from\":\"a.example\",\"link_from\":\"https://a.example/b\",\"page_from\":\"/b\",\"image_src\":"
    "\"https://a.example/1.png\",\"image_alt\":null,\"direction\":\"internal\"}\n";

static const char resources[] = "{\"url\":\"https://a.example/1.png\",\"meta\":{\"alternative_text\":\"One\",\"width\":12.5}}\n"
                                "{\"url\":\"https://a.example/2.css\",\"meta\":null}\n"
                                "{\"url\":\"https://a.example/3.png\"}\n";

static const char chains[] =
    "{\"is_redirect_loop\":false,\"chain\":[{\"link_from\":\"https://a.example/1\",\"link_to\":\"https://a.example/2\"},"
    "{\"link_from\":\"https://a.example/2\",\"link_to\":\"https://a.example/3\"}]}\n"
    "{\"is_redirect_loop\":true,\"chain\":[{\"link_from\":\"https://a.example/4\",\"link_to\":\"https:\\/\\/a.example\\/2\"},"
    "{\"link_from\":\"https://a.example/2\",\"link_to\":\"https://a.example/4\"}]}\n";

static void add_crawl(struct fixture *fixture) {
  add_items(fixture, links);
  add_rows(fixture, STANDIN_PAGES, pages);
  add_rows(fixture, STANDIN_RESOURCES, resources);
  add_rows(fixture, STANDIN_REDIRECT_CHAINS, chains);
  add_rows(fixture, STANDIN_NON_INDEXABLE,
           "{\"url\":\"https://a.example/a\",\"reason\":\"meta_tag\"}\n"
           "{\"url\":\"https://a.example/x\",\"reason\":\"robots_txt\"}\n");
}

/* The letters of the urls of the items, in order. */
static void expect_letters(struct fixture *fixture, const char *endpoint, const char *members, const char *letters) {
  char found[32] = "";
  struct json_object *json = ask_at(fixture, endpoint, members), *items = look(json, PAGE "items");
  if (!items) fail_msg("%s, %s: %s", endpoint, members, json_object_to_json_string(json));
  size_t count = json_object_array_length(items);
  for (size_t i = 0; i < count; i++) {
    const char *url = string_at(json_object_array_get_idx(items, i), "url");
    found[i] = url[strlen("https://a.example/")];
  }
  if (strcmp(found, letters) != 0) fail_msg("%s, %s: \"%s\" instead of \"%s\"", endpoint, members, found, letters);
  json_object_put(json);
}

static void test_nested_fields(void **state) {
  struct fixture *fixture = *state;
  static const struct {
    const char *filter;
    const char *letters;
  } cases[] = {
      {"[\"meta.title\",\"=\",\"Home\"]", "af"},
      {"[\"meta.title\",\"like\",\"T%\"]", "bdeg"},
      {"[\"meta.title\",\"<>\",\"Home\"]", "bdeg"},
      {"[[\"meta.title\",\"=\",\"Home\"],\"and\",[\"checks.no_h1_tags\",\"=\",true]]", "a"},
      {"[\"checks.no_h1_tags\",\"=\",false]", "b"},
      {"[\"meta.content.plain_text_rate\",\"=\",0.25]", "a"},
      {"[\"meta.duplicate_meta_tags\",\"has\",\"viewport\"]", "a"},
      {"[\"onpage_score\",\">\",40.5]", "ad"},
      {"[\"onpage_score\",\"in\",[40,91.5]]", "abd"},
      {"[\"fetch_time\",\">\",\"2026-01-02 10:00:00\"]", "b"},
      {"[\"fetch_time\",\"<=\",\"2026-01-02 10:00:00 +00:00\"]", "a"},
      {"[\"fetch_time\",\"not_in\",[\"2026-01-02 10:00:00\"]]", "b"},
      {"[\"location\",\"regex\",\"/a$\"]", "c"},
  };
  add_crawl(fixture);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char members[256];
    snprintf(members, sizeof members, "\"filters\":%s", cases[i].filter);
    expect_letters(fixture, "pages", members, cases[i].letters);
  }
  read_as(fixture, (struct standin_readings){.not_keeps_null = true});
  expect_letters(fixture, "pages", "\"filters\":[\"meta.title\",\"<>\",\"Home\"]", "bcdeg");
  read_as(fixture, (struct standin_readings){.ignore_case = true});
  expect_letters(fixture, "pages", "\"filters\":[\"meta.title\",\"=\",\"hOME\"]", "af");
  read_as(fixture, (struct standin_readings){.string_in_rejected = true});
  expect_code_at(fixture, "pages", "\"filters\":[\"meta.title\",\"in\",[\"Home\"]]", 40501);
  expect_code_at(fixture, "pages", "\"filters\":[\"onpage_score\",\"in\",[40]]", 20000);
}

static void test_order(void **state) {
  struct fixture *fixture = *state;
  add_crawl(fixture);
  expect_letters(fixture, "pages", "\"order_by\":[\"url,desc\"]", "gfedcba");
  expect_letters(fixture, "pages", "\"order_by\":[\"onpage_score,asc\"]", "badcefg");
  expect_letters(fixture, "pages", "\"order_by\":[\"meta.title,asc\",\"url,desc\"]", "fagedbc");
  expect_letters(fixture, "pages", "\"order_by\":[\"url,desc\"],\"filters\":[\"meta.title\",\"=\",\"Home\"],\"limit\":1", "f");
  expect_code_at(fixture, "pages", "\"order_by\":[\"checks.has_meta_title,asc\"]", 40501);
}

/* Tokens belong to their endpoint. */
static void test_tokens(void **state) {
  struct fixture *fixture = *state;
  char members[256];
  add_crawl(fixture);
  struct json_object *json = ask_at(fixture, "pages", "\"limit\":3");
  snprintf(members, sizeof members, "\"limit\":3,\"search_after_token\":\"%s\"", string_at(json, PAGE "search_after_token"));
  json_object_put(json);
  expect_letters(fixture, "pages", members, "def");
  expect_code_at(fixture, "resources", members, 40501);
  expect_code_at(fixture, "links", members, 40501);
  expect_code_at(fixture, "non_indexable", members, 40506);
  read_as(fixture, (struct standin_readings){.page_cap = 2});
  expect_letters(fixture, "pages", "\"limit\":3,\"offset\":4", "ef");
  read_as(fixture, (struct standin_readings){.offset_most = 3});
  expect_code_at(fixture, "pages", "\"offset\":4", 40501);
  expect_code_at(fixture, "duplicate_tags", "\"type\":\"duplicate_title\",\"offset\":4", 40501);
}

static void test_rows_of_a_page(void **state) {
  struct fixture *fixture = *state;
  add_crawl(fixture);
  expect_letters(fixture, "resources", "", "123");
  expect_letters(fixture, "resources", "\"url\":\"https://a.example/a\"", "12");
  expect_letters(fixture, "resources", "\"url\":\"https://a.example/b\"", "1");
  expect_letters(fixture, "resources", "\"url\":\"https://a.example/c\"", "");
  expect_letters(fixture, "resources", "\"url\":\"https://a.example/a\",\"filters\":[\"meta.width\",\"=\",12.5]", "1");
  expect_letters(fixture, "resources", "\"relevant_pages_filters\":[\"meta.title\",\"=\",\"Home\"]", "12");
  expect_letters(fixture, "resources",
                 "\"url\":\"https://a.example/a\",\"relevant_pages_filters\":[\"meta.title\",\"=\",\"Twice\"]", "");
  expect_letters(fixture, "resources", "\"url\":\"https://elsewhere.example/\"", "");
  /* With a page, an image has that page's alternative text, for filters as well. */
  struct json_object *json = ask_at(fixture, "resources", "\"url\":\"https://a.example/a\"");
  assert_string_equal(string_at(json, PAGE "items.0.meta.alternative_text"), "On a");
  assert_true(json_object_get_double(look(json, PAGE "items.0.meta.width")) == 12.5);
  assert_true(is_null_at(json, PAGE "items.1.meta"));
  json_object_put(json);
  json = ask_at(fixture, "resources", "\"url\":\"https://a.example/b\"");
  assert_true(is_null_at(json, PAGE "items.0.meta.alternative_text"));
  json_object_put(json);
  json = ask_at(fixture, "resources", "\"relevant_pages_filters\":[\"meta.title\",\"=\",\"Home\"]");
  assert_string_equal(string_at(json, PAGE "items.0.meta.alternative_text"), "One");
  json_object_put(json);
  static const char named[] = "\"filters\":[\"meta.alternative_text\",\"=\",\"On a\"]";
  char members[256];
  expect_letters(fixture, "resources", named, "");
  snprintf(members, sizeof members, "%s,\"url\":\"https://a.example/a\"", named);
  expect_letters(fixture, "resources", members, "1");
  read_as(fixture, (struct standin_readings){.unknown_page_code = 40406});
  expect_code_at(fixture, "resources", "\"url\":\"https://elsewhere.example/\"", 40406);
  expect_code_at(fixture, "resources", "\"url\":\"https://a.example/c\"", 20000);
}

static void expect_chains(struct fixture *fixture, const char *members, const char *letters) {
  char found[8] = "";
  struct json_object *json = ask_at(fixture, "redirect_chains", members), *items = look(json, PAGE "items");
  assert_non_null(items);
  for (size_t i = 0; i < json_object_array_length(items); i++)
    found[i] = string_at(json_object_array_get_idx(items, i), "chain.0.link_from")[strlen("https://a.example/")];
  assert_string_equal(found, letters);
  json_object_put(json);
}

static void test_chains(void **state) {
  struct fixture *fixture = *state;
  add_crawl(fixture);
  expect_chains(fixture, "", "14");
  expect_chains(fixture, "\"filters\":[\"is_redirect_loop\",\"=\",true]", "4");
  expect_chains(fixture, "\"filters\":[\"is_redirect_loop\",\"<>\",true]", "1");
  expect_chains(fixture, "\"url\":\"https://a.example/2\"", "14");
  expect_chains(fixture, "\"url\":\"https://a.example/3\"", "1");
  expect_chains(fixture, "\"url\":\"https://a.example/2\",\"filters\":[\"is_redirect_loop\",\"=\",true]", "4");
  expect_chains(fixture, "\"url\":\"https://a.example/\"", "");
}

/* A text as "A:ab B:c": each group's accumulator, and the letters of its pages. */
static void expect_groups(struct fixture *fixture, const char *members, const char *text, long long total) {
  struct standin_text found = {0};
  struct json_object *json = ask_at(fixture, "duplicate_tags", members), *items = look(json, PAGE "items");
  if (!items) fail_msg("%s: %s", members, json_object_to_json_string(json));
  long long rows = 0;
  for (size_t i = 0; i < json_object_array_length(items); i++) {
    struct json_object *group = json_object_array_get_idx(items, i), *list = look(group, "pages");
    standin_text_print(&found, "%s%s:", i ? " " : "", string_at(group, "accumulator"));
    for (size_t j = 0; j < json_object_array_length(list); j++, rows++)
      standin_text_print(&found, "%c", string_at(json_object_array_get_idx(list, j), "url")[strlen("https://a.example/")]);
    standin_text_print(&found, "/%lld", number_at(group, "total_count"));
  }
  standin_text_add(&found, "", 1);
  assert_string_equal(found.data, text);
  assert_int_equal(number_at(json, PAGE "total_pages_count"), total);
  assert_int_equal(number_at(json, PAGE "pages_count"), rows);
  assert_int_equal(number_at(json, PAGE "items_count"), json_object_array_length(items));
  standin_text_release(&found);
  json_object_put(json);
}

static void test_groups(void **state) {
  struct fixture *fixture = *state;
  add_crawl(fixture);
  expect_groups(fixture, "\"type\":\"duplicate_title\"", "Home:af/2 Twice:bdg/3", 5);
  expect_groups(fixture, "\"type\":\"duplicate_description\"", "One:df/2", 2);
  expect_groups(fixture, "\"type\":\"duplicate_title\",\"limit\":3", "Home:af/2 Twice:b/3", 5);
  expect_groups(fixture, "\"type\":\"duplicate_title\",\"limit\":3,\"offset\":3", "Twice:dg/3", 5);
  expect_groups(fixture, "\"type\":\"duplicate_title\",\"offset\":9", "", 5);
  expect_groups(fixture, "\"type\":\"duplicate_title\",\"accumulator\":\"Twice\"", "Twice:bdg/3", 3);
  expect_groups(fixture, "\"type\":\"duplicate_title\",\"accumulator\":\"twice\"", "", 0);
  expect_groups(fixture, "\"type\":\"duplicate_title\",\"accumulator\":\"\"", "", 0);
}

static void test_lists(void **state) {
  struct fixture *fixture = *state;
  static const char range[] = "\"datetime_from\":\"2026-01-01 00:00:00\",\"datetime_to\":\"2026-02-01 00:00:00\"";
  char members[256];
  struct standin *standin = fixture->standin;
  add_crawl(fixture);
  assert_int_equal(standin_add_task(standin, "second", STANDIN_QUEUED, "", 0), 0);
  assert_int_equal(standin_add_task(standin, "third", STANDIN_FINISHED, "", 0), 0);
  standin_set_listing(
      standin, TASK,
      &(struct standin_listing){
          .posted = "2026-01-05 00:00:00 +00:00", .done = "2026-01-05 00:30:00 +00:00", .tag = "weekly", .cost = 0.125});
  standin_set_listing(standin, "second",
                      &(struct standin_listing){.posted = "2026-02-01 00:00:00 +00:00", .target = "b.example"});
  struct json_object *json = ask_at(fixture, "id_list", range);
  assert_int_equal(number_at(json, "tasks.0.result_count"), 2);
  assert_string_equal(string_at(json, "tasks.0.result.0.id"), "second");
  assert_true(is_null_at(json, "tasks.0.result.0.datetime_done"));
  assert_string_equal(string_at(json, "tasks.0.result.1.id"), TASK);
  assert_string_equal(string_at(json, "tasks.0.result.1.datetime_posted"), "2026-01-05 00:00:00 +00:00");
  assert_true(json_object_get_double(look(json, "tasks.0.result.1.cost")) == 0.125);
  assert_null(look(json, "tasks.0.result.1.metadata"));
  json_object_put(json);

  snprintf(members, sizeof members, "%s,\"sort\":\"asc\",\"limit\":1,\"include_metadata\":true", range);
  json = ask_at(fixture, "id_list", members);
  assert_int_equal(number_at(json, "tasks.0.result_count"), 1);
  assert_string_equal(string_at(json, "tasks.0.result.0.metadata.target"), "a.example");
  assert_string_equal(string_at(json, "tasks.0.result.0.metadata.tag"), "weekly");
  json_object_put(json);
  snprintf(members, sizeof members, "%s,\"offset\":2", range);
  json = ask_at(fixture, "id_list", members);
  assert_int_equal(number_at(json, "tasks.0.result_count"), 0);
  json_object_put(json);

  json = get(fixture, "tasks_ready"); /* the third was posted now */
  assert_int_equal(number_at(json, "tasks.0.result_count"), 2);
  assert_string_equal(string_at(json, "tasks.0.result.0.id"), "third");
  assert_true(is_null_at(json, "tasks.0.result.0.target"));
  assert_string_equal(string_at(json, "tasks.0.result.1.id"), TASK);
  assert_string_equal(string_at(json, "tasks.0.result.1.target"), "a.example");
  assert_string_equal(string_at(json, "tasks.0.result.1.tag"), "weekly");
  json_object_put(json);
  standin_set_listing(standin, TASK, &(struct standin_listing){.collected = true});
  json = get(fixture, "tasks_ready");
  assert_int_equal(number_at(json, "tasks.0.result_count"), 1);
  json_object_put(json);
}

/* A range of more than six months, or of one month with metadata, and one that ends before it starts. */
static void test_ranges(void **state) {
  struct fixture *fixture = *state;
  static const struct {
    const char *from, *to, *more;
    int code;
  } cases[] = {
      {"2026-01-01 00:00:00", "2026-07-01 00:00:00", "", 20000},
      {"2026-01-01 00:00:00", "2026-08-01 00:00:00", "", 40501},
      {"2026-01-01 00:00:00", "2026-02-01 00:00:00", ",\"include_metadata\":true", 20000},
      {"2026-01-01 00:00:00", "2026-02-03 00:00:00", ",\"include_metadata\":true", 40501},
      {"2026-01-01 00:00:00", "2026-02-03 00:00:00", ",\"include_metadata\":false", 20000},
      {"2026-01-02 00:00:00", "2026-01-01 00:00:00", "", 40501},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char members[256];
    snprintf(members, sizeof members, "\"datetime_from\":\"%s\",\"datetime_to\":\"%s\"%s", cases[i].from, cases[i].to,
             cases[i].more);
    expect_code_at(fixture, "id_list", members, cases[i].code);
  }
}

static void test_summary(void **state) {
  struct fixture *fixture = *state;
  add_crawl(fixture);
  struct json_object *json = get(fixture, "summary/" TASK);
  assert_string_equal(string_at(json, "tasks.0.id"), TASK);
  assert_string_equal(string_at(json, PAGE "crawl_progress"), "finished");
  assert_string_equal(string_at(json, PAGE "crawl_stop_reason"), "empty_queue");
  assert_string_equal(string_at(json, PAGE "domain_info.name"), "a.example");
  assert_string_equal(string_at(json, PAGE "domain_info.extended_crawl_status"), "no_errors");
  assert_int_equal(number_at(json, PAGE "domain_info.total_pages"), 7);
  assert_int_equal(number_at(json, PAGE "page_metrics.links_internal"), 3);
  assert_int_equal(number_at(json, PAGE "page_metrics.links_external"), 1);
  assert_int_equal(number_at(json, PAGE "page_metrics.non_indexable"), 2);
  assert_int_equal(number_at(json, PAGE "page_metrics.redirect_loop"), 1);
  assert_int_equal(number_at(json, PAGE "page_metrics.checks.no_h1_tag"), 1);
  assert_int_equal(json_object_object_length(look(json, PAGE "page_metrics.checks")), 61);
  json_object_put(json);

  static const struct {
    enum standin_crawl crawl;
    int code;
  } states[] = {{STANDIN_QUEUED, 40602}, {STANDIN_HANDED, 40601}, {STANDIN_EXPIRED, 40403}, {STANDIN_NO_RESULTS, 20000}};
  for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
    standin_set_crawl(fixture->standin, TASK, states[i].crawl);
    json = get(fixture, "summary/" TASK);
    assert_int_equal(number_at(json, "tasks.0.status_code"), states[i].code);
    if (states[i].code == 20000) {
      assert_string_equal(string_at(json, PAGE "domain_info.extended_crawl_status"), "forbidden_http_header");
      assert_int_equal(number_at(json, PAGE "crawl_status.pages_crawled"), 0);
      assert_true(is_null_at(json, PAGE "page_metrics"));
    }
    json_object_put(json);
  }
  struct standin_fault fault = {.kind = STANDIN_FAULT_FOREIGN, .text = "other"};
  assert_int_equal(standin_add_task(fixture->standin, "other", STANDIN_FINISHED, "", 0), 0);
  standin_plant(fixture->standin, 1, &fault);
  json = get(fixture, "summary/" TASK);
  assert_string_equal(string_at(json, "tasks.0.id"), "other");
  json_object_put(json);
  json = get(fixture, "summary/none");
  assert_int_equal(number_at(json, "tasks.0.status_code"), 40401);
  json_object_put(json);
  json = get(fixture, "summary");
  assert_int_equal(number_at(json, "status_code"), 40400);
  json_object_put(json);
}

int run_sibling_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_nested_fields, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_order, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_tokens, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_rows_of_a_page, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_chains, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_groups, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_lists, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_ranges, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_summary, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in siblings", tests, NULL, NULL);
}
