/*
** Hostile responses: of any size and depth, with types confused at every place, with false totals and pages, without an end. Each
** gives the right rows or an error that states what was wrong, for a bounded number of requests and in bounded memory.
*/
#include "checks.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "dataset.h"

enum { ROWS = 25, PAGES = 3, MB = 1 << 20 };

#define READ_ALL "SELECT count(link_to), count(DISTINCT link_to), sum(CAST(text AS INTEGER)) FROM onpage_links('" TASK "')"
#define ALL_ROWS "25|25|300"
#define SUCCESS "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"crawl_progress\":\"finished\","

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, ROWS, 0);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_retries", "0");
  harness_config(harness->db, "max_in_flight", "1");
  harness_config(harness->db, "max_response_mb", "1");
  return failed;
}

static void plant(struct harness *harness, size_t nth, struct standin_fault fault, size_t times) {
  fault.times = times;
  standin_clear_faults(harness->standin);
  harness_forget(harness);
  standin_plant(harness->standin, nth, &fault);
}

#define EDIT(old, new)                                                                                                         \
  { .kind = STANDIN_FAULT_EDIT, .text = old, .with = new }
#define FLOOD(start, filler, bytes)                                                                                            \
  { .kind = STANDIN_FAULT_FLOOD, .text = start, .with = filler, .size = bytes }
#define ENDLESS(start, filler)                                                                                                 \
  { .kind = STANDIN_FAULT_ENDLESS, .text = start, .with = filler }

/* A false number of rows, in the responses from the nth on or in that one alone. */
static void totals_and_pages_that_lie(void **state) {
  static const struct {
    const char *name;
    size_t nth, times;
    struct standin_fault fault;
    const char *rows; /* NULL: an error with these words */
    const char *words[2];
    size_t requests;
  } cases[] = {
      {"too big", 1, SIZE_MAX, EDIT("total_items_count\":25", "total_items_count\":40"), NULL, {"promised 40", "after 25"}, 4},
      {"huge", 1, SIZE_MAX, EDIT("count\":25", "count\":9223372036854775807"), ALL_ROWS, {"", ""}, 3},
      {"beyond any",
       1,
       SIZE_MAX,
       EDIT("total_items_count\":25", "total_items_count\":1e300"),
       NULL,
       {"total_items_count", ""},
       1},
      {"too small", 1, SIZE_MAX, EDIT("total_items_count\":25", "total_items_count\":3"), ALL_ROWS, {"", ""}, 3},
      {"none", 1, SIZE_MAX, EDIT("total_items_count\":25", "total_items_count\":0"), ALL_ROWS, {"", ""}, 3},
      {"negative", 1, SIZE_MAX, EDIT("count\":25", "count\":-1"), NULL, {"total_items_count", "negative"}, 1},
      {"missing", 1, SIZE_MAX, EDIT("total_items_count", "x"), ALL_ROWS, {"", ""}, 3},
      {"a float", 1, SIZE_MAX, EDIT("total_items_count\":25", "total_items_count\":25.0"), ALL_ROWS, {"", ""}, 3},
      {"a fraction", 1, SIZE_MAX, EDIT("count\":25", "count\":25.5"), NULL, {"total_items_count", "not a count"}, 1},
      {"a text", 1, SIZE_MAX, EDIT("count\":25", "count\":\"25\""), NULL, {"total_items_count", "not a count"}, 1},
      {"growing", 2, 1, EDIT("total_items_count\":25", "total_items_count\":99"), ALL_ROWS, {"", ""}, 3},
      {"growing at the end",
       3,
       1,
       EDIT("total_items_count\":25", "total_items_count\":99"),
       ALL_ROWS,
       {"", ""},
       4}, /* the following page has the newest total */
      {"shrinking", 2, SIZE_MAX, EDIT("total_items_count\":25", "total_items_count\":5"), ALL_ROWS, {"", ""}, 3},
      {"negative later", 2, 1, EDIT("count\":25", "count\":-25"), NULL, {"negative", "after 10 rows"}, 2},
      {"a page too long", 1, SIZE_MAX, EDIT("\"items\":[", "\"items\":[{},{},"), NULL, {"12 links where 10", ""}, 1},
      {"a page too long later", 2, 1, EDIT("\"items\":[", "\"items\":[{},"), NULL, {"11 links where 10", "after 10 rows"}, 2},
      {"no items", 2, 1, EDIT("\"items\":", "\"x\":"), NULL, {"promises 25 links, but its items are null", "after 10 rows"}, 2},
      {"null for items",
       1,
       1,
       EDIT("\"items\":[", "\"items\":null,\"x\":["),
       NULL,
       {"promises 25 links, but its items are null", ""},
       1},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].name);
    plant(harness, cases[i].nth, cases[i].fault, cases[i].times);
    if (cases[i].rows)
      check_rows(harness, READ_ALL, cases[i].rows);
    else
      check_error(harness, READ_ALL, "onpage_links: task '" TASK "'", cases[i].words[0], cases[i].words[1]);
    check_requests(harness, cases[i].requests);
  }
}

/* The same page without end, with the same token: requested while rows are promised, and a few times more. */
static void a_page_that_repeats_for_ever(void **state) {
  static const struct {
    const char *total;
    size_t requests;
  } cases[] = {
      {"\"total_items_count\":60,", 30 + 16}, {"\"total_items_count\":null,", 17}, {"", 17}, {"\"total_items_count\":0,", 17}};
  struct harness *harness = *state;
  harness_config(harness->db, "page_size", "2");
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *page = sqlite3_mprintf(SUCCESS "%s\"search_after_token\":\"same\",\"items\":[{\"type\":\"a\"},{\"type\":\"b\"}]}]}]}",
                                 cases[i].total);
    check_case(cases[i].total);
    plant(harness, 1, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = page}, SIZE_MAX);
    check_error(harness, "SELECT count(type) FROM onpage_links('" TASK "')", "same page again and again", "rows");
    check_requests(harness, cases[i].requests);
    sqlite3_free(page);
  }
}

/* How far the program's memory has grown at its largest, in MB. */
static long most_memory_mb(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

static void too_large_too_deep_too_many(void **state) {
  static const struct {
    const char *name;
    const char *max_response_mb;
    struct standin_fault fault;
    const char *words[2];
  } cases[] = {
      {"a large response",
       "1",
       FLOOD(SUCCESS "\"x\":\"", "0123456789", 2 * MB),
       {"larger than the 1048576", "max_response_mb"}},
      {"a gzip bomb", "1", FLOOD(SUCCESS "\"x\":\"", "0123456789", 20 * MB), {"larger than the 1048576", "max_response_mb"}},
      {"blanks in front", "1", FLOOD("", " ", 8 * MB), {"larger than the 1048576", "max_response_mb"}},
      {"blanks after it", "1", FLOOD(SUCCESS "\"items\":[]}]}]}", " ", 8 * MB), {"larger than the 1048576", "max_response_mb"}},
      {"an endless text", "2", ENDLESS(SUCCESS "\"x\":\"", "endless "), {"larger than the 2097152", "max_response_mb"}},
      {"endless items", "1", ENDLESS(SUCCESS "\"items\":[{}", ",{}"), {"larger than the 1048576", "max_response_mb"}},
      {"endless arrays", "1", ENDLESS("", "["), {"larger than the 1048576", "max_response_mb"}},
      {"endless garbage", "1", ENDLESS("", "\x01\xff<"), {"larger than the 1048576", "max_response_mb"}},
      {"deep arrays", "64", FLOOD("{\"x\":", "[", 100000), {"not valid JSON", "too deep"}},
      {"deep objects", "64", FLOOD("", "{\"x\":", 100000), {"not valid JSON", "too deep"}},
      {"deep items", "64", FLOOD(SUCCESS "\"items\":[", "{\"x\":[", 100000), {"not valid JSON", "too deep"}},
      {"many empty objects", "64", FLOOD(SUCCESS "\"items\":[{}", ",{}", 4 * MB), {"more values than any page", "page_size"}},
      {"many empty arrays", "64", FLOOD("{\"x\":[[]", ",[]", 4 * MB), {"more values than any page", "page_size"}},
      {"many members", "64", FLOOD("{\"x\":0", ",\"x\":0", 8 * MB), {"more values than any page", "page_size"}},
      {"a long number", "64", FLOOD("{\"status_code\":2", "0", 4 * MB), {"breaks off", ""}},
      {"a long text", "64", FLOOD("{\"status_message\":\"", "words ", 4 * MB), {"breaks off", ""}},
      {"long words", "64", {.kind = STANDIN_FAULT_HTTP, .http_status = 500, .text = "\xc3\xa9"}, {"HTTP 500", ""}},
  };
  struct harness *harness = *state;
  long before = most_memory_mb();
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].name);
    harness_config(harness->db, "max_response_mb", cases[i].max_response_mb);
    plant(harness, 1, cases[i].fault, SIZE_MAX);
    check_error(harness, READ_ALL, "onpage_links: task '" TASK "'", cases[i].words[0], cases[i].words[1]);
    check_requests(harness, 1);
  }
  long grown = most_memory_mb() - before;
  if (grown > 1500)
    fail_msg("%ld MB", grown); /* 500,000 empty objects have 400, and the sanitizers triple it; the stand-in takes 130 */
  /* Packed, a bomb is small: it is the unpacked bytes that count. */
  check_rows(harness, "SELECT bytes < 1000000 FROM onpage_requests WHERE seq = 2", "1");
}

/* Within the bound anything is accepted: one item of nearly a megabyte, and many unknown keys. */
static void large_but_sound(void **state) {
  struct harness *harness = *state;
  enum { SIZE = 900000 };
  char *last = sqlite3_mprintf("\"text\":\"%0*d\"}", SIZE, 7);
  plant(harness, 1, (struct standin_fault)EDIT("\"text\":\"7\"}", last), 1);
  check_rows(harness, "SELECT max(length(text)), count(*) FROM onpage_links('" TASK "')", "900000|25");
  sqlite3_free(last);
  plant(harness, 1, (struct standin_fault)EDIT("{", "{\"unheard_of\":[{\"x\":[1,2.5,null]}],"), SIZE_MAX);
  check_rows(harness, READ_ALL, ALL_ROWS);
}

/* A redirect is not followed, and nothing reaches the other host, above all no credentials. */
static void redirects_are_not_followed(void **state) {
  static const int statuses[] = {301, 302, 303, 307, 308};
  struct harness *harness = *state;
  struct standin *other = standin_start(0);
  assert_non_null(other);
  char *location = sqlite3_mprintf("%s/on_page/links", standin_url(other));
  for (size_t i = 0; i < LENGTH(statuses); i++)
    for (size_t nth = 1; nth <= PAGES; nth += 2) {
      char status[16];
      snprintf(status, sizeof status, "HTTP %d", statuses[i]);
      plant(harness, nth, (struct standin_fault){.kind = STANDIN_FAULT_REDIRECT, .http_status = statuses[i], .text = location},
            SIZE_MAX);
      check_error(harness, READ_ALL, status, "redirect", "base_url", nth > 1 ? "after 20 rows" : "");
      check_requests(harness, nth);
    }
  assert_int_equal(standin_log_count(other), 0);
  sqlite3_free(location);
  standin_stop(other);
}

/* ---- Confused types: each node of a response replaced by each type, one at a time ---- */

static const char response[] =
    "{\"version\":\"0.1\",\"status_code\":20000,\"status_message\":\"Ok.\",\"time\":\"0.1 sec.\",\"cost\":0,\"tasks_count\":1,"
    "\"tasks_error\":0,\"tasks\":[{\"id\":\"x\",\"status_code\":20000,\"status_message\":\"Ok.\",\"cost\":0,\"result_count\":1,"
    "\"path\":[\"v3\"],\"data\":{\"api\":\"on_page\"},\"result\":[{\"crawl_progress\":\"finished\",\"crawl_status\":"
    "{\"max_crawl_pages\":9,\"pages_in_queue\":0,\"pages_crawled\":3},\"search_after_token\":null,\"current_offset\":0,"
    "\"total_items_count\":2,\"items_count\":2,\"items\":[{\"type\":\"anchor\",\"link_to\":\"/1\",\"dofollow\":true,"
    "\"page_to_status_code\":200,\"link_attribute\":[\"a\"],\"text\":\"one\"},{\"link_to\":\"/2\"}]}]}]}";

static const char *const replacements[] = {"null", "true", "-7",   "7.5", "1e300",    "\"word\"",
                                           "\"\"", "[]",   "[[]]", "{}",  "{\"a\":1}"};

/* Replaces node number *count in the order of a walk. */
static bool replace_node(struct json_object *parent, int *count, const char *replacement) {
  if (json_object_is_type(parent, json_type_array)) {
    for (size_t i = 0; i < json_object_array_length(parent); i++) {
      if ((*count)-- == 0) return json_object_array_put_idx(parent, i, json_tokener_parse(replacement)) == 0;
      if (replace_node(json_object_array_get_idx(parent, i), count, replacement)) return true;
    }
  } else if (json_object_is_type(parent, json_type_object)) {
    struct json_object_iter member;
    json_object_object_foreachC(parent, member) {
      if ((*count)-- == 0) return json_object_object_add(parent, member.key, json_tokener_parse(replacement)) == 0;
      if (replace_node(member.val, count, replacement)) return true;
    }
  }
  return false;
}

/* A value of the column's type, or NULL; two rows, one if the response itself has one, or an error with a message. */
static void check_confused(struct harness *harness, const char *text) {
  static const char *const types =
      "SELECT count(*), sum(typeof(link_to) IN ('text', 'null') AND typeof(dofollow) IN ('integer', 'null') AND "
      "typeof(page_to_status_code) IN ('integer', 'null') AND typeof(link_attribute) IN ('text', 'null') AND "
      "typeof(crawl_progress) IN ('text', 'null') AND typeof(max_crawl_pages) IN ('integer', 'null')) "
      "FROM onpage_links('" TASK "')";
  check_case(text);
  plant(harness, 1, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = text}, SIZE_MAX);
  struct rows *rows = harness_query(harness->db, types, NULL, 0);
  if (rows->error) {
    if (!harness_contains(rows->error, "onpage_links: task '" TASK "'")) fail_msg("%s: %s", text, rows->error);
    if (strlen(rows->error) < 80 || strlen(rows->error) > 1100) fail_msg("%s: %s", text, rows->error);
  } else if (strcmp(rows->row[0], "2|2") != 0) {
    /* Fewer only where nothing in the response tells of them. */
    if (strcmp(rows->row[0], "0|NULL") != 0 || harness_contains(text, "total_items_count\":2"))
      fail_msg("%s: %s", text, rows->row[0]);
  }
  assert_in_range(harness_request_count(harness->standin, "/on_page/links"), 1, 2);
  rows_free(rows);
}

static void types_are_confused(void **state) {
  struct harness *harness = *state;
  int nodes = 0;
  check_confused(harness, response);
  for (bool found = true; found; nodes++) {
    for (size_t i = 0; i < LENGTH(replacements); i++) {
      struct json_object *root = json_tokener_parse(response);
      int count = nodes;
      found = replace_node(root, &count, replacements[i]);
      if (found) check_confused(harness, json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN));
      json_object_put(root);
    }
  }
  assert_true(nodes > 35);
}

#define hostile_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      hostile_test(totals_and_pages_that_lie),    hostile_test(too_large_too_deep_too_many), hostile_test(large_but_sound),
      hostile_test(a_page_that_repeats_for_ever), hostile_test(redirects_are_not_followed),  hostile_test(types_are_confused),
  };
  return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
