/*
** The columns of onpage_links: their names, order and declared types, and the exact type and value of each,
** in whatever notation the response has them.
*/
#include "checks.h"

#include <json-c/json.h>
#include <string.h>

#include "dataset.h"

#define ALL_FIELDS                                                                                                             \
  "type, domain_from, domain_to, page_from, page_to, link_from, link_to, link_attribute, dofollow, page_from_scheme, "         \
  "page_to_scheme, direction, is_broken, text, is_link_relation_conflict, page_to_status_code, image_alt, image_src, "         \
  "is_valid_hreflang, hreflang"

/* Adds the file's items as TASK. */
static void add(struct harness *harness, const char *path) {
  char *items = dataset_read(path);
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
  sqlite3_free(items);
}

static void add_text(struct harness *harness, const char *items) {
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
}

static void schema_is_fixed(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT name, type, hidden FROM pragma_table_xinfo('onpage_links') ORDER BY cid",
             "'type'|'TEXT'|0\n'domain_from'|'TEXT'|0\n'domain_to'|'TEXT'|0\n'page_from'|'TEXT'|0\n'page_to'|'TEXT'|0\n"
             "'link_from'|'TEXT'|0\n'link_to'|'TEXT'|0\n'link_attribute'|'TEXT'|0\n'dofollow'|'BOOLEAN'|0\n"
             "'page_from_scheme'|'TEXT'|0\n'page_to_scheme'|'TEXT'|0\n'direction'|'TEXT'|0\n'is_broken'|'BOOLEAN'|0\n"
             "'text'|'TEXT'|0\n'is_link_relation_conflict'|'BOOLEAN'|0\n'page_to_status_code'|'INTEGER'|0\n"
             "'image_alt'|'TEXT'|0\n'image_src'|'TEXT'|0\n'is_valid_hreflang'|'BOOLEAN'|0\n'hreflang'|'TEXT'|0\n"
             "'task_id'|'TEXT'|1\n'filters'|'TEXT'|1\n'tag'|'TEXT'|1\n'crawl_progress'|'TEXT'|1\n"
             "'max_crawl_pages'|'INTEGER'|1\n'pages_in_queue'|'INTEGER'|1\n'pages_crawled'|'INTEGER'|1\n"
             "'total_items_count'|'INTEGER'|1\n'item'|'TEXT'|1");
  check_requests(harness, 0);
}

static void bound_table_has_the_same_schema(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
  check_rows(harness,
             "SELECT count(*) FROM pragma_table_xinfo('shop') a JOIN pragma_table_xinfo('onpage_links') b "
             "ON a.cid = b.cid AND a.name = b.name AND a.type = b.type AND a.hidden = b.hidden",
             "29");
}

static void star_is_the_visible_columns(void **state) {
  struct harness *harness = *state;
  add(harness, SHOP_FILE);
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "') WHERE type = 'image'",
             "'image'|'shop.example'|'shop.example'|'/about'|'/logo'|'https://shop.example/about'|'https://shop.example/logo'|"
             "NULL|1|'https'|'https'|'internal'|1|''|0|404|'Logo'|'https://shop.example/logo.png'|NULL|NULL");
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "') WHERE direction = 'external'",
             "'anchor'|'shop.example'|'partner.example'|'/about'|'/about'|'https://shop.example/about'|"
             "'http://partner.example/about'|'[\"nofollow\",\"noopener\"]'|0|'https'|'http'|'external'|NULL|'Partner'|0|NULL|"
             "NULL|NULL|NULL|NULL");
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "') WHERE type = 'redirect'",
             "'redirect'|'shop.example'|'shop.example'|'/old'|'/about'|'https://shop.example/old'|"
             "'https://shop.example/about'|NULL|1|'https'|'https'|'internal'|0|NULL|1|301|NULL|NULL|NULL|NULL");
  check_rows(harness,
             "SELECT page_to, is_valid_hreflang, hreflang FROM onpage_links('" TASK "') WHERE type = 'alternate' ORDER BY 1",
             "'/de/'|1|'de-AT'\n'/xx/'|0|'xx'");
}

static void missing_and_null_are_null(void **state) {
  struct harness *harness = *state;
  add_text(harness, "{}\n");
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "')",
             "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
  add_text(harness,
           "{\"type\":null,\"dofollow\":null,\"page_to_status_code\":null,\"link_attribute\":null,\"is_broken\":null}\n");
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "')",
             "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
}

static void booleans_are_integers(void **state) {
  struct harness *harness = *state;
  add_text(harness, "{\"dofollow\":true,\"is_broken\":false,\"is_link_relation_conflict\":true,\"is_valid_hreflang\":false}\n");
  check_rows(
      harness,
      "SELECT dofollow, is_broken, is_link_relation_conflict, is_valid_hreflang, typeof(dofollow) FROM onpage_links('" TASK
      "')",
      "1|0|1|0|'integer'");
}

/* One item's text, whatever escapes it came with. */
static void texts_are_unescaped(void **state) {
  static const struct {
    const char *json;
    const char *expected;
  } cases[] = {
      {"a\\/b", "'a/b'"},
      {"\\u00e9\\u017f\\u212a", "'\xc3\xa9\xc5\xbf\xe2\x84\xaa'"},
      {"\\ud83d\\ude00", "'\xf0\x9f\x98\x80'"},
      {"\xf0\x9f\x98\x80", "'\xf0\x9f\x98\x80'"},
      {"it's \\\"q\\\" \\\\", "'it''s \"q\" \\\\'"},
      {"a\\nb\\t\\u0001", "'a\\x0ab\\x09\\x01'"},
      {"a\\u0000b", "'a\\x00b'"},
      {"\\u0000", "'\\x00'"},
      {"", "''"},
      {"05", "'05'"},
      {"NULL", "'NULL'"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *items = sqlite3_mprintf("{\"type\":\"anchor\",\"text\":\"%s\"}\n", cases[i].json);
    char *task = sqlite3_mprintf("07131248-1535-0216-1000-%012d", (int)i);
    assert_int_equal(standin_add_task(harness->standin, task, STANDIN_FINISHED, items, strlen(items)), 0);
    char *sql = sqlite3_mprintf("SELECT text FROM onpage_links(%Q)", task);
    check_rows(harness, sql, cases[i].expected);
    sqlite3_free(sql);
    sqlite3_free(task);
    sqlite3_free(items);
  }
}

static void link_attribute_is_compact_json(void **state) {
  struct harness *harness = *state;
  add_text(harness, "{\"page_to\":\"1\",\"link_attribute\":[ \"nofollow\" , \"ugc\" ]}\n"
                    "{\"page_to\":\"2\",\"link_attribute\":[]}\n"
                    "{\"page_to\":\"3\",\"link_attribute\":[\"a\\/b\",\"\\u00e9\",\"say \\\"no\\\"\"]}\n"
                    "{\"page_to\":\"4\",\"link_attribute\":null}\n");
  check_rows(harness, "SELECT link_attribute FROM onpage_links('" TASK "') ORDER BY page_to",
             "'[\"nofollow\",\"ugc\"]'\n'[]'\n'[\"a/b\",\"\xc3\xa9\",\"say \\\\\"no\\\\\"\"]'\nNULL");
  check_rows(harness, "SELECT value FROM onpage_links('" TASK "'), json_each(link_attribute) WHERE page_to = '1' ORDER BY 1",
             "'nofollow'\n'ugc'");
}

/* The rows of the table are those of an ordinary table that was filled from the same items. */
static void check_same_as_reference(struct harness *harness, const char *reading) {
  sqlite3 *db = harness_connect(harness->standin);
  char *items = dataset_read(TRICKY_FILE);
  assert_int_equal(dataset_create_table(db, "reference"), SQLITE_OK);
  assert_int_equal(dataset_load(db, "reference", TASK, items), SQLITE_OK);
  sqlite3_free(items);
  struct rows *got = harness_query(db, "SELECT " ALL_FIELDS ", task_id, filters, tag FROM onpage_links('" TASK "')", NULL, 0);
  struct rows *wanted = harness_query(db, "SELECT * FROM reference", NULL, 0);
  rows_sort(got);
  rows_sort(wanted);
  char *got_text = got->error ? sqlite3_mprintf("%s", got->error) : rows_text(got);
  char *wanted_text = rows_text(wanted);
  rows_free(got);
  rows_free(wanted);
  assert_true(harness_close(db));
  if (strcmp(got_text, wanted_text) != 0) print_error("reading: %s\n", reading);
  assert_string_equal(got_text, wanted_text);
  sqlite3_free(got_text);
  sqlite3_free(wanted_text);
}

static void notation_does_not_matter(void **state) {
  static const struct {
    const char *name;
    struct standin_readings readings;
  } cases[] = {
      {"plain", {0}},
      {"floats", {.floats = true}},
      {"escaped", {.escaped = true}},
      {"unknown keys", {.unknown_keys = true}},
      {"no gzip", {.no_gzip = true}},
      {"no current offset", {.no_current_offset = true}},
      {"all", {.floats = true, .escaped = true, .unknown_keys = true, .no_current_offset = true}},
  };
  struct harness *harness = *state;
  add(harness, TRICKY_FILE);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    standin_set_readings(harness->standin, &cases[i].readings);
    check_same_as_reference(harness, cases[i].name);
  }
}

static void floats_become_integers(void **state) {
  struct harness *harness = *state;
  standin_set_readings(harness->standin, &(struct standin_readings){.floats = true});
  add_text(harness, "{\"page_to_status_code\":404}\n");
  check_rows(harness,
             "SELECT page_to_status_code, typeof(page_to_status_code), total_items_count, typeof(total_items_count) "
             "FROM onpage_links('" TASK "') WHERE page_to_status_code = 404",
             "404|'integer'|1|'integer'");
}

static void crawl_columns_come_from_the_response(void **state) {
  struct harness *harness = *state;
  add(harness, SHOP_FILE);
  check_rows(harness, "SELECT DISTINCT crawl_progress, total_items_count FROM onpage_links('" TASK "')", "'finished'|10");
  check_rows(harness,
             "SELECT DISTINCT typeof(max_crawl_pages), typeof(pages_in_queue), typeof(pages_crawled) FROM onpage_links('" TASK
             "')",
             "'integer'|'integer'|'integer'");
  standin_set_crawl(harness->standin, TASK, STANDIN_IN_PROGRESS);
  sqlite3 *db = harness_connect(harness->standin);
  check_rows_on(db, "SELECT DISTINCT crawl_progress FROM onpage_links('" TASK "')", "'in_progress'");
  assert_true(harness_close(db));
}

static void item_is_what_was_sent(void **state) {
  struct harness *harness = *state;
  add(harness, TRICKY_FILE);
  struct rows *rows = harness_query(harness->db, "SELECT typeof(item) FROM onpage_links('" TASK "') GROUP BY 1", NULL, 0);
  assert_null(rows->error);
  assert_int_equal(rows->count, 1);
  assert_string_equal(rows->row[0], "'text'");
  rows_free(rows);

  /* Each line has as many rows whose item is the same JSON as it has equal lines. */
  char *items = dataset_read(TRICKY_FILE);
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT item FROM onpage_links('" TASK "')", -1, &statement, NULL),
                   SQLITE_OK);
  char *line = items;
  size_t count = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    char *end = strchr(line, '\n');
    assert_non_null(end);
    *end = '\0';
    struct json_object *wanted = json_tokener_parse(line);
    struct json_object *got = json_tokener_parse((const char *)sqlite3_column_text(statement, 0));
    if (!json_object_equal(wanted, got))
      print_error("sent: %s\nitem: %s\n", line, (const char *)sqlite3_column_text(statement, 0));
    assert_true(json_object_equal(wanted, got));
    json_object_put(wanted);
    json_object_put(got);
    line = end + 1;
    count++;
  }
  assert_int_equal(*line, '\0');
  assert_int_equal(count, 57);
  sqlite3_finalize(statement);
  sqlite3_free(items);
}

static void item_keeps_unknown_keys(void **state) {
  struct harness *harness = *state;
  add_text(harness, "{\"type\":\"anchor\",\"new_field\":{\"deep\":[1,2]}}\n");
  check_rows(harness, "SELECT type, json_extract(item, '$.new_field.deep[1]') FROM onpage_links('" TASK "')", "'anchor'|2");
}

static void rows_are_read_only(void **state) {
  struct harness *harness = *state;
  add(harness, SHOP_FILE);
  check_error(harness, "DELETE FROM onpage_links WHERE task_id = '" TASK "'", "onpage_links");
  check_error(harness, "INSERT INTO onpage_links(type) VALUES('anchor')", "onpage_links");
  check_error(harness, "UPDATE onpage_links SET type = 'x' WHERE task_id = '" TASK "'", "onpage_links");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(schema_is_fixed),
      e2e_test(bound_table_has_the_same_schema),
      e2e_test(star_is_the_visible_columns),
      e2e_test(missing_and_null_are_null),
      e2e_test(booleans_are_integers),
      e2e_test(texts_are_unescaped),
      e2e_test(link_attribute_is_compact_json),
      e2e_test(notation_does_not_matter),
      e2e_test(floats_become_integers),
      e2e_test(crawl_columns_come_from_the_response),
      e2e_test(item_is_what_was_sent),
      e2e_test(item_keeps_unknown_keys),
      e2e_test(rows_are_read_only),
  };
  return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
