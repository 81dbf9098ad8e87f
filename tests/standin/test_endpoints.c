/*
** What every endpoint has in common, by the table of endpoints below: which keys it takes, which limits, what filters may name, what
** stands in the result, and which codes a task gives.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "test_client.h"
#include "test_groups.h"

/* key: a bit of one endpoint's keys, with a value that is right wherever the key is accepted. */
enum {
  LIMIT = 1,
  OFFSET = 2,
  FILTERS = 4,
  TAG = 8,
  ORDER = 16,
  TOKEN = 32,
  URL = 64,
  PAGE_FILTERS = 128,
  TYPE = 256,
  ACCUMULATOR = 512,
  PATHS = 1024,
  RANGE = 2048,
  SORT = 4096,
  METADATA = 8192
};

static const struct {
  unsigned key;
  const char *name;
  const char *member;
} keys[] = {
    {LIMIT, "limit", "\"limit\":1000"},
    {OFFSET, "offset", "\"offset\":2000000"},
    {TAG, "tag", "\"tag\":\"x\""},
    {URL, "url", "\"url\":\"https://a.example/\""},
    {PAGE_FILTERS, "relevant_pages_filters", "\"relevant_pages_filters\":[\"meta.title\",\"=\",\"A\"]"},
    {ACCUMULATOR, "accumulator", "\"accumulator\":\"A\""},
    {PATHS, "page_from", "\"page_from\":\"/\""},
    {PATHS, "page_to", "\"page_to\":\"/\""},
    {SORT, "sort", "\"sort\":\"asc\""},
    {METADATA, "include_metadata", "\"include_metadata\":true"},
    {0, "ids", "\"ids\":1"},
    {0, "similarity", "\"similarity\":6"},
    {0, "keyword_length", "\"keyword_length\":1"},
    {0, "filter", "\"filter\":[]"},
};

static const struct endpoint {
  const char *name;
  unsigned keys;
  const char *required; /* members beside id */
  const char *field;    /* a string that a filter may name */
} endpoints[] = {
    {"links", LIMIT | OFFSET | FILTERS | TAG | TOKEN | PATHS, "", "link_to"},
    {"pages", LIMIT | OFFSET | FILTERS | TAG | ORDER | TOKEN, "", "meta.title"},
    {"resources", LIMIT | OFFSET | FILTERS | TAG | ORDER | TOKEN | URL | PAGE_FILTERS, "", "meta.alternative_text"},
    {"non_indexable", LIMIT | OFFSET | FILTERS, "", "reason"},
    {"redirect_chains", LIMIT | OFFSET | FILTERS | TAG | URL, "", NULL},
    {"duplicate_tags", LIMIT | OFFSET | TAG | TYPE | ACCUMULATOR, "\"type\":\"duplicate_title\"", NULL},
    {"id_list", LIMIT | OFFSET | RANGE | SORT | METADATA,
     "\"datetime_from\":\"2026-01-01 00:00:00\",\"datetime_to\":\"2026-01-02 00:00:00 +00:00\"", NULL},
};
enum { KEYS = sizeof keys / sizeof *keys, ENDPOINTS = sizeof endpoints / sizeof *endpoints };

static const char page[] = "{\"url\":\"https://a.example/\",\"resource_type\":\"html\",\"meta\":{\"title\":\"A\"}}\n"
                           "{\"url\":\"https://a.example/b\",\"resource_type\":\"html\",\"meta\":{\"title\":\"A\"}}\n";

static void expect(struct fixture *fixture, const struct endpoint *endpoint, const char *member, int code) {
  char members[512];
  bool both = *endpoint->required && *member;
  snprintf(members, sizeof members, "%s%s%s", endpoint->required, both ? "," : "", member);
  expect_code_at(fixture, endpoint->name, members, code);
}

static void test_keys(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  add_rows(fixture, STANDIN_PAGES, page);
  for (size_t i = 0; i < ENDPOINTS; i++) {
    expect(fixture, &endpoints[i], "", 20000);
    for (size_t j = 0; j < KEYS; j++)
      expect(fixture, &endpoints[i], keys[j].member, endpoints[i].keys & keys[j].key ? 20000 : 40506);
    expect(fixture, &endpoints[i], "\"search_after_token\":\"x\"", endpoints[i].keys & TOKEN ? 40501 : 40506);
  }
}

static void test_bounds(void **state) {
  struct fixture *fixture = *state;
  static const struct {
    unsigned key;
    const char *member;
  } wrong[] = {
      {LIMIT, "\"limit\":0"},
      {LIMIT, "\"limit\":1001"},
      {LIMIT, "\"limit\":\"5\""},
      {OFFSET, "\"offset\":2000001"},
      {OFFSET, "\"offset\":-1"},
      {OFFSET, "\"offset\":null"},
      {TAG, "\"tag\":1"},
      {URL, "\"url\":\"/\""},
      {URL, "\"url\":null"},
      {PAGE_FILTERS, "\"relevant_pages_filters\":[\"x\",\"=\",\"A\"]"},
      {ACCUMULATOR, "\"accumulator\":7"},
      {SORT, "\"sort\":\"up\""},
      {METADATA, "\"include_metadata\":1"},
      {ORDER, "\"order_by\":[]"},
      {ORDER, "\"order_by\":[\"url\"]"},
      {ORDER, "\"order_by\":[\"url,up\"]"},
      {ORDER, "\"order_by\":[\"nowhere,asc\"]"},
      {ORDER, "\"order_by\":\"url,asc\""},
      {ORDER, "\"order_by\":[\"url,asc\",\"size,asc\",\"server,asc\",\"status_code,asc\"]"},
  };
  add_items(fixture, five_items);
  for (size_t i = 0; i < ENDPOINTS; i++)
    for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++)
      expect(fixture, &endpoints[i], wrong[j].member, endpoints[i].keys & wrong[j].key ? 40501 : 40506);
}

static void test_required(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  static const struct {
    const char *endpoint;
    const char *members;
  } cases[] = {
      {"duplicate_tags", ""},
      {"duplicate_tags", "\"type\":\"duplicate_content\""},
      {"duplicate_tags", "\"type\":null"},
      {"id_list", ""},
      {"id_list", "\"datetime_from\":\"2026-01-01 00:00:00\""},
      {"id_list", "\"datetime_to\":\"2026-01-01 00:00:00\""},
      {"id_list", "\"datetime_from\":\"2026-01-01\",\"datetime_to\":\"2026-01-02 00:00:00\""},
      {"id_list", "\"datetime_from\":\"2026-01-01T00:00:00\",\"datetime_to\":\"2026-01-02 00:00:00\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) expect_code_at(fixture, cases[i].endpoint, cases[i].members, 40501);
  for (size_t i = 0; i < ENDPOINTS; i++) {
    char path[128];
    struct received received;
    if (endpoints[i].keys & RANGE) continue;
    snprintf(path, sizeof path, "/apis/v1/dataforseo/on_page/%s", endpoints[i].name);
    exchange(fixture, &(struct sent){.path = path, .body = "{}"}, &received);
    assert_int_equal(number_at(received.json, "tasks.0.status_code"), 40501);
    assert_string_equal(string_at(received.json, "tasks.0.data.function"), endpoints[i].name);
    assert_string_equal(string_at(received.json, "tasks.0.path.2"), endpoints[i].name);
    received_release(&received);
  }
}

static void test_filters(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  for (size_t i = 0; i < ENDPOINTS; i++) {
    const struct endpoint *endpoint = &endpoints[i];
    char eight[700] = "\"filters\":[", nine[900], member[256];
    if (!(endpoint->keys & FILTERS)) {
      expect(fixture, endpoint, "\"filters\":[[\"url\",\"=\",\"x\"]]", 40506);
      continue;
    }
    expect(fixture, endpoint, "\"filters\":[\"nowhere\",\"=\",\"x\"]", 40501);
    expect(fixture, endpoint, "\"filters\":[]", 40501);
    if (!endpoint->field) continue;
    for (int j = 0; j < 8; j++) {
      snprintf(member, sizeof member, "%s[\"%s\",\"like\",\"%%\"]", j ? ",\"and\"," : "", endpoint->field);
      strcat(eight, member);
    }
    snprintf(nine, sizeof nine, "%s,\"and\",[\"%s\",\"=\",\"x\"]]", eight, endpoint->field);
    strcat(eight, "]");
    expect_code_at(fixture, endpoint->name, eight, 20000);
    expect_code_at(fixture, endpoint->name, nine, 40501);
    snprintf(member, sizeof member, "\"filters\":[\"%s\",\">\",\"x\"]", endpoint->field);
    expect(fixture, endpoint, member, 40501);
    snprintf(member, sizeof member, "\"filters\":[\"%s\",\"=\",null]", endpoint->field);
    expect(fixture, endpoint, member, 40501);
    snprintf(member, sizeof member, "\"filters\":[\"%s\",\"match\",\"x\"]", endpoint->field);
    expect(fixture, endpoint, member, 40501);
  }
  /* The one filter of redirect_chains, once. */
  expect_code_at(fixture, "redirect_chains", "\"filters\":[\"is_redirect_loop\",\"=\",true]", 20000);
  expect_code_at(fixture, "redirect_chains", "\"filters\":[[\"is_redirect_loop\",\"<>\",true]]", 20000);
  expect_code_at(fixture, "redirect_chains",
                 "\"filters\":[[\"is_redirect_loop\",\"=\",true],\"or\",[\"is_redirect_loop\",\"=\",false]]", 40501);
  expect_code_at(fixture, "redirect_chains", "\"filters\":[\"chain\",\"has\",\"x\"]", 40501);
}

/* Fields that the documents name, with a value of their type; and some that they don't. */
static void test_fields(void **state) {
  struct fixture *fixture = *state;
  static const struct {
    const char *endpoint;
    const char *filter;
    int code;
  } cases[] = {
      {"pages", "[\"meta.content.plain_text_rate\",\">\",0.25]", 20000},
      {"pages", "[\"meta.follow\",\"=\",true]", 20000},
      {"pages", "[\"meta.follow\",\"=\",\"true\"]", 40501},
      {"pages", "[\"meta.duplicate_meta_tags\",\"has\",\"viewport\"]", 20000},
      {"pages", "[\"meta.duplicate_meta_tags\",\"=\",\"viewport\"]", 40501},
      {"pages", "[\"fetch_time\",\">=\",\"2026-01-01 00:00:00\"]", 20000},
      {"pages", "[\"fetch_time\",\"in\",[\"2026-01-01 00:00:00 +00:00\"]]", 20000},
      {"pages", "[\"fetch_time\",\">=\",\"2026-01-01\"]", 40501},
      {"pages", "[\"fetch_time\",\"like\",\"2026%\"]", 40501},
      {"pages", "[\"fetch_time\",\">=\",20260101000000]", 40501},
      {"pages", "[\"checks.canonical\",\"=\",false]", 20000},
      {"pages", "[\"checks.no_h1_tags\",\"=\",true]", 20000},
      {"pages", "[\"checks.no_h1_tag\",\"=\",true]", 40501},
      {"pages", "[\"checks.has_meta_title\",\"=\",true]", 40501},
      {"pages", "[\"checks\",\"=\",true]", 40501},
      {"pages", "[\"title\",\"=\",\"A\"]", 40501},
      {"pages", "[\"meta.htags.h1\",\"has\",\"A\"]", 40501},
      {"pages", "[\"page_timing.time_to_interactive\",\"<\",100]", 20000},
      {"pages", "[\"fetch_timing.duration_time\",\"<\",100]", 40501},
      {"pages", "[\"cache_control.ttl\",\"not_in\",[0,1]]", 20000},
      {"resources", "[\"fetch_timing.duration_time\",\"<\",100]", 20000},
      {"resources", "[\"meta.original_width\",\"=\",12.5]", 20000},
      {"resources", "[\"checks.is_minified\",\"=\",true]", 20000},
      {"resources", "[\"checks.original_size_displayed\",\"=\",true]", 40501},
      {"resources", "[\"onpage_score\",\">\",1]", 40501},
      {"non_indexable", "[\"reason\",\"in\",[\"meta_tag\",\"robots_txt\"]]", 20000},
      {"non_indexable", "[\"status_code\",\"=\",200]", 40501},
  };
  add_items(fixture, five_items);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char members[256];
    snprintf(members, sizeof members, "\"filters\":%s", cases[i].filter);
    expect_code_at(fixture, cases[i].endpoint, members, cases[i].code);
  }
}

static void test_available(void **state) {
  struct fixture *fixture = *state;
  struct json_object *json = get(fixture, "available_filters"), *all = look(json, PAGE "links");
  static const struct {
    const char *name;
    int fields;
  } lists[] = {{"links", 13}, {"pages", 129}, {"resources", 36}, {"non_indexable", 2}, {"redirect_chains", 1}};
  assert_non_null(all);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    char path[64];
    snprintf(path, sizeof path, PAGE "%s", lists[i].name);
    assert_int_equal(json_object_object_length(look(json, path)), lists[i].fields);
  }
  assert_null(look(json, PAGE "duplicate_tags"));
  struct json_object *pages = look(json, PAGE "pages"), *type = NULL;
  static const char *const types[][2] = {
      {"meta.title", "str"},  {"meta.content.plain_text_rate", "num"},   {"meta.follow", "bool"},
      {"fetch_time", "time"}, {"meta.duplicate_meta_tags", "array.str"}, {"checks.no_h1_tags", "bool"}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    assert_true(json_object_object_get_ex(pages, types[i][0], &type));
    assert_string_equal(json_object_get_string(type), types[i][1]);
  }
  json_object_put(json);
}

/* The states of a crawl, an unknown task, and a crawl without rows. */
static void test_states(void **state) {
  struct fixture *fixture = *state;
  static const struct {
    enum standin_crawl crawl;
    int code;
  } states[] = {{STANDIN_QUEUED, 40602}, {STANDIN_EXPIRED, 40403}, {STANDIN_NO_RESULTS, 40102}, {STANDIN_IN_PROGRESS, 20000}};
  for (size_t i = 0; i < ENDPOINTS; i++) {
    if (endpoints[i].keys & RANGE) continue;
    struct fixture *own = fixture;
    add_items(own, "");
    for (size_t j = 0; j < sizeof states / sizeof *states; j++) {
      standin_set_crawl(own->standin, TASK, states[j].crawl);
      expect(own, &endpoints[i], "", states[j].code);
    }
    read_as(own, (struct standin_readings){.no_rows_code = 40102});
    expect(own, &endpoints[i], "", 40102);
    read_as(own, (struct standin_readings){.items_null_when_none = true});
    struct json_object *json = ask_at(own, endpoints[i].name, endpoints[i].required);
    assert_true(is_null_at(json, PAGE "items"));
    assert_int_equal(number_at(json, PAGE "items_count"), 0);
    json_object_put(json);
    read_as(own, (struct standin_readings){0});
  }
}

/* What the head of a result has. */
static void test_heads(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  add_rows(fixture, STANDIN_PAGES, page);
  for (size_t i = 0; i < ENDPOINTS; i++) {
    if (endpoints[i].keys & RANGE) continue;
    struct json_object *json = ask_at(fixture, endpoints[i].name, endpoints[i].required),
                       *head = look(json, "tasks.0.result.0");
    bool has_token = endpoints[i].keys & TOKEN, groups = endpoints[i].keys & TYPE;
    struct json_object *ignored = NULL;
    assert_int_equal(json_object_object_get_ex(head, "search_after_token", &ignored), has_token);
    assert_int_equal(json_object_object_get_ex(head, "current_offset", &ignored), has_token);
    assert_int_equal(json_object_object_get_ex(head, "total_items_count", &ignored), !groups);
    assert_int_equal(json_object_object_get_ex(head, "total_pages_count", &ignored), groups);
    assert_string_equal(string_at(head, "crawl_progress"), "finished");
    assert_int_equal(number_at(head, "crawl_status.pages_crawled"), 5);
    json_object_put(json);
  }
}

static void test_not_offered(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  struct sent at_gateway = {.path = "/apis/v1/dataforseo/on_page/redirect_chains", .body = "{\"id\":\"" TASK "\"}"};
  struct sent at_api = {.path = "/v3/on_page/redirect_chains",
                        .body = "[{\"id\":\"" TASK "\"}]",
                        .authorization = "Basic dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk"};
  add_items(fixture, five_items);
  unsigned not_offered = 1U << STANDIN_ON_REDIRECT_CHAINS;
  read_as(fixture, (struct standin_readings){.not_offered = not_offered, .body = STANDIN_BODY_BOTH});
  exchange(fixture, &at_gateway, &received);
  assert_int_equal(received.http_status, 404);
  assert_int_equal(number_at(received.json, "status_code"), 40400);
  received_release(&received);
  exchange(fixture, &at_api, &received);
  assert_int_equal(received.http_status, 200);
  assert_int_equal(number_at(received.json, "tasks.0.status_code"), 20000);
  received_release(&received);
  expect_code_at(fixture, "pages", "", 20000);
  read_as(fixture, (struct standin_readings){.not_offered = not_offered, .not_offered_as_html = true});
  exchange(fixture, &at_gateway, &received);
  assert_int_equal(received.http_status, 404);
  assert_null(received.json);
  assert_non_null(strstr(received.headers.data, "Content-Type: text/html"));
  received_release(&received);
}

/* A fault may be for the requests of some endpoints. */
static void test_faults_of_endpoints(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  struct standin_fault fault = {.kind = STANDIN_FAULT_TASK, .code = 20100, .endpoints = 1U << STANDIN_ON_PAGES};
  standin_plant(fixture->standin, 2, &fault);
  expect_code_at(fixture, "pages", "", 20000);
  expect_code_at(fixture, "links", "", 20000);
  expect_code_at(fixture, "pages", "", 20100);
  expect_code_at(fixture, "pages", "", 20000);
  fault.endpoints = 0;
  standin_plant(fixture->standin, 2, &fault);
  expect_code_at(fixture, "non_indexable", "", 20000);
  expect_code_at(fixture, "resources", "", 20100);
  fault.endpoints = 1U << STANDIN_ON_SUMMARY;
  standin_plant(fixture->standin, 1, &fault);
  expect_code_at(fixture, "links", "", 20000);
  struct json_object *json = get(fixture, "summary/" TASK);
  assert_int_equal(number_at(json, "tasks.0.status_code"), 20100);
  assert_string_equal(string_at(json, "tasks.0.id"), TASK);
  json_object_put(json);
}

int run_endpoint_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_keys, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_bounds, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_required, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_filters, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_fields, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_available, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_states, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_heads, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_not_offered, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_faults_of_endpoints, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in endpoints", tests, NULL, NULL);
}
