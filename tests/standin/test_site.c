/*
** The crawl that tests/data/make-site made: every documented field occurs, and its tables agree with each other; and rows that are hard
** to read.
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

#include "condition.h"
#include "items.h"
#include "test_client.h"
#include "test_groups.h"
#include "unpack.h"

#define SITE "tests/data/sqlite-docs"

static struct standin_items *load(enum standin_table table, const char *path) {
  struct standin_text text = {0};
  assert_int_equal(standin_unpack(&text, path), 0);
  struct standin_items *items = standin_items_new(&standin_schemas[table], &text, 1);
  assert_non_null(items);
  return items;
}

static const struct {
  enum standin_table table;
  const char *endpoint;
  const char *path;
  const char *tricky;
  size_t rows;
} tables[] = {
    {STANDIN_PAGES, "pages", SITE "-pages.ndjson.xz", "tests/data/tricky/pages.ndjson", 1894},
    {STANDIN_RESOURCES, "resources", SITE "-resources.ndjson.xz", "tests/data/tricky/resources.ndjson", 111},
    {STANDIN_NON_INDEXABLE, "non_indexable", SITE "-non-indexable.ndjson.xz", "tests/data/tricky/non_indexable.ndjson", 68},
    {STANDIN_REDIRECT_CHAINS, "redirect_chains", SITE "-redirect-chains.ndjson.xz", "tests/data/tricky/redirect_chains.ndjson",
     36},
};
enum { TABLES = sizeof tables / sizeof *tables };

/* Dates in a sitemap or a meta tag are the only fields that no row has. */
static void test_every_field(void **state) {
  (void)state;
  for (size_t i = 0; i < TABLES; i++) {
    struct standin_items *items = load(tables[i].table, tables[i].path);
    assert_int_equal(standin_items_count(items), tables[i].rows);
    for (size_t field = 0; field < items->schema->count; field++) {
      const char *name = items->schema->fields[field].name;
      bool absent = !strcmp(name, "last_modified.sitemap") || !strcmp(name, "last_modified.meta_tag");
      if (!items->columns[field].count != absent)
        fail_msg("%s: %zu values of %s", tables[i].path, items->columns[field].count, name);
    }
    standin_items_free(items);
  }
}

static long long count(struct fixture *fixture, const char *endpoint, const char *filter) {
  char members[512];
  snprintf(members, sizeof members, "\"limit\":1%s%s", *filter ? ",\"filters\":" : "", filter);
  struct json_object *json = ask_at(fixture, endpoint, members);
  long long total = number_at(json, PAGE "total_items_count");
  json_object_put(json);
  return total;
}

/* Rows of one table whose value is among those of another's field. */
static size_t count_common(const struct standin_items *left, const char *name, const struct standin_items *right,
                           const char *other) {
  size_t field = standin_field_find(left->schema, name), rows = 0;
  const struct standin_column *column = &right->columns[standin_field_find(right->schema, other)];
  struct standin_condition *condition = standin_condition_among(left->schema, field);
  for (size_t i = 0; i < column->count; i++)
    standin_condition_allow(condition, column->values[i].bytes, column->values[i].length);
  bool *kept = standin_allocate(left->columns[field].count + 1, sizeof *kept);
  for (size_t i = 0; i < left->columns[field].count; i++)
    kept[i + 1] = standin_condition_keeps(condition, &left->columns[field].values[i]);
  for (size_t row = 0; row < left->file_rows; row++) rows += kept[left->columns[field].numbers[row]];
  free(kept);
  standin_condition_free(condition);
  return rows;
}

static void test_joins(void **state) {
  (void)state;
  struct standin_items *links = load(STANDIN_LINKS, SAMPLE), *more = load(STANDIN_LINKS, SITE "-more-links.ndjson.xz");
  struct standin_items *pages = load(STANDIN_PAGES, tables[0].path), *resources = load(STANDIN_RESOURCES, tables[1].path);
  struct standin_items *closed = load(STANDIN_NON_INDEXABLE, tables[2].path);
  assert_int_equal(count_common(links, "link_from", pages, "url"), 76140); /* every page that a link is on */
  assert_int_equal(count_common(more, "link_from", pages, "url"), more->file_rows);
  assert_true(count_common(links, "link_to", pages, "url") > 74000); /* the rest are files, and other sites */
  assert_true(count_common(links, "link_to", closed, "url") > 1000);
  assert_true(count_common(closed, "url", pages, "url") > 50);
  assert_int_equal(count_common(links, "image_src", resources, "url"), 893);
  assert_true(count_common(resources, "url", links, "link_to") >= 1);
  standin_items_free(links);
  standin_items_free(more);
  standin_items_free(pages);
  standin_items_free(resources);
  standin_items_free(closed);
}

static void test_served(void **state) {
  struct fixture *fixture = *state;
  assert_int_equal(standin_add_site(fixture->standin, TASK, STANDIN_FINISHED, SITE), 0);
  assert_int_equal(count(fixture, "links", ""), 76140 + 1050);
  assert_true(count(fixture, "links", "[\"type\",\"=\",\"redirect\"]") > 100);
  assert_true(count(fixture, "links", "[\"type\",\"=\",\"canonical\"]") > 700);
  assert_true(count(fixture, "links", "[\"type\",\"=\",\"alternate\"]") > 50);
  for (size_t i = 0; i < TABLES; i++) assert_int_equal(count(fixture, tables[i].endpoint, ""), tables[i].rows);
  assert_int_equal(count(fixture, "pages", "[\"resource_type\",\"=\",\"html\"]"), 764);
  assert_true(count(fixture, "pages", "[\"duplicate_title\",\"=\",true]") > 50);
  assert_int_equal(count(fixture, "redirect_chains", "[\"is_redirect_loop\",\"=\",true]"), 4);

  struct json_object *json = ask_at(fixture, "duplicate_tags", "\"type\":\"duplicate_title\",\"limit\":1000");
  assert_int_equal(number_at(json, PAGE "total_pages_count"), count(fixture, "pages", "[\"duplicate_title\",\"=\",true]"));
  json_object_put(json);
  json = ask_at(fixture, "resources", "\"url\":\"https://www.sqlite.org/index.html\"");
  assert_true(number_at(json, PAGE "total_items_count") >= 2);
  json_object_put(json);
  json = get(fixture, "summary/" TASK);
  assert_int_equal(number_at(json, PAGE "page_metrics.non_indexable"), 68);
  assert_int_equal(number_at(json, PAGE "domain_info.total_pages"), 1894);
  json_object_put(json);
}

/* What is hard to read is sent as it is, in every notation. */
static void test_tricky(void **state) {
  struct fixture *fixture = *state;
  const struct standin_readings notations[] = {{0}, {.floats = true, .escaped = true, .unknown_keys = true}};
  assert_int_equal(standin_add_file(fixture->standin, TASK, STANDIN_FINISHED, "tests/e2e/tricky.ndjson", 1), 0);
  for (size_t i = 0; i < TABLES; i++) {
    struct standin_text file = {0};
    assert_int_equal(standin_add_rows_file(fixture->standin, TASK, tables[i].table, tables[i].tricky), 0);
    assert_int_equal(standin_unpack(&file, tables[i].tricky), 0);
    standin_text_add(&file, "", 1);
    for (size_t j = 0; j < sizeof notations / sizeof *notations; j++) {
      read_as(fixture, notations[j]);
      struct json_object *json = ask_at(fixture, tables[i].endpoint, "\"limit\":1000"), *items = look(json, PAGE "items");
      long long lines = 0;
      for (const char *at = file.data; (at = strchr(at, '\n')); at++) lines++;
      assert_int_equal(json_object_array_length(items), lines);
      json_object_put(json);
    }
    standin_text_release(&file);
  }
  read_as(fixture, (struct standin_readings){0});
  static const struct {
    const char *endpoint, *filter;
    long long rows;
  } cases[] = {
      {"pages", "[\"status_code\",\"=\",200]", 6}, /* of which one is in quotes */
      {"pages", "[\"meta.title\",\"=\",\"not a path\"]", 0},
      {"pages", "[\"meta.title\",\"=\",\"a path\"]", 1},
      {"pages", "[\"meta.title\",\"in\",[\"top\",\"other\",\"deep\"]]", 0},
      {"pages", "[\"fetch_time\",\"=\",\"2026-01-02 10:00:00\"]", 5},
      {"pages", "[\"checks.no_h1_tags\",\"=\",true]", 5},
      {"resources", "[\"meta.width\",\"=\",16]", 11},
      {"non_indexable", "[\"reason\",\"=\",\"meta_tag\"]", 14},
      {"redirect_chains", "[\"is_redirect_loop\",\"=\",true]", 6},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    long long rows = count(fixture, cases[i].endpoint, cases[i].filter);
    if (rows != cases[i].rows) fail_msg("%s %s: %lld rows", cases[i].endpoint, cases[i].filter, rows);
  }
}

int run_site_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_field),
      cmocka_unit_test(test_joins),
      cmocka_unit_test_setup_teardown(test_served, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_tricky, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in site", tests, NULL, NULL);
}
