/*
** How responses are written: verbatim, in the notations that the readings ask for, and compressed.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "test_client.h"
#include "test_groups.h"

/* The items come as they were given: nulls, missing fields, floats and unknown members included. */
static void test_items_verbatim(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, five_items);
  exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\"}"}, &received);
  const char *line = five_items;
  for (const char *end; line; line = end ? end + 1 : NULL) {
    end = strchr(line, '\n');
    char *item = standin_copy(line, end ? (size_t)(end - line) : strlen(line));
    assert_non_null(strstr(received.body.data, item));
    free(item);
  }
  received_release(&received);
}

/* … and what json-c would change, in any notation: half a surrogate pair, digits beyond 64 bits, bytes that aren't UTF-8. */
static void test_values_kept(void **state) {
  static const struct {
    struct standin_readings readings;
    const char *item;
  } cases[] = {
      {{.latency_ms = 0}, "{\"link_to\":\"\\ud800\\/\xFF\",\"text\":18446744073709551616}"},
      {{.floats = true}, "{\"link_to\":\"\\ud800/\xFF\",\"text\":18446744073709551616.0}"},
      {{.escaped = true}, "{\"link_to\":\"\\ud800\\/\xFF\",\"text\":18446744073709551616}"},
  };
  struct fixture *fixture = *state;
  add_items(fixture, cases[0].item);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct received received;
    read_as(fixture, cases[i].readings);
    exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\"}"}, &received);
    assert_non_null(strstr(received.body.data, cases[i].item));
    received_release(&received);
  }
}

static void test_readings_of_responses(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.no_current_offset = true, .total_cap = 3, .items_null_when_none = true});
  struct json_object *json = ask(fixture, "\"limit\":4");
  assert_true(is_null_at(json, PAGE "current_offset"));
  assert_int_equal(number_at(json, PAGE "total_items_count"), 3);
  assert_int_equal(number_at(json, PAGE "items_count"), 4);
  assert_non_null(look(json, PAGE "search_after_token"));
  json_object_put(json);
  json = ask(fixture, "\"offset\":5");
  assert_true(is_null_at(json, PAGE "items"));
  json_object_put(json);
}

/* How many numbers without a fraction there are in the value. */
static size_t count_integers(struct json_object *value) {
  size_t count = json_object_is_type(value, json_type_int);
  if (json_object_is_type(value, json_type_array))
    for (size_t i = 0; i < json_object_array_length(value); i++) count += count_integers(json_object_array_get_idx(value, i));
  if (json_object_is_type(value, json_type_object)) {
    json_object_object_foreach(value, key, member) {
      (void)key;
      count += count_integers(member);
    }
  }
  return count;
}

static void test_floats(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.floats = true});
  exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\",\"limit\":3}"}, &received);
  assert_int_equal(count_integers(received.json), 0);
  assert_non_null(strstr(received.body.data, "\"page_to_status_code\":404.0,"));
  assert_non_null(strstr(received.body.data, "\"page_to_status_code\":200.0}"));
  assert_non_null(strstr(received.body.data, "\"status_code\":20000.0,"));
  assert_non_null(strstr(received.body.data, "\"limit\":3.0}"));
  assert_int_equal(number_at(received.json, PAGE "total_items_count"), 5);
  received_release(&received);
}

static void test_escaped(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  struct json_object *plain;
  add_items(fixture, five_items);
  plain = ask(fixture, "");
  read_as(fixture, (struct standin_readings){.escaped = true});
  exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\"}"}, &received);
  assert_non_null(strstr(received.body.data, "\"a\\/b \\\"\\u00e9\\ud83d\\ude00\\u0001\""));
  assert_non_null(strstr(received.body.data, "\"no\\/follow\""));
  for (const char *byte = received.body.data; *byte; byte++) {
    assert_true((unsigned char)*byte < 0x80);
    assert_true(*byte != '/' || byte[-1] == '\\');
  }
  assert_true(json_object_equal(plain, received.json));
  json_object_put(plain);
  received_release(&received);
}

static void test_unknown_keys(void **state) {
  struct fixture *fixture = *state;
  static const char *const objects[] = {"",
                                        "tasks.0.",
                                        "tasks.0.data.",
                                        "tasks.0.result.0.",
                                        "tasks.0.result.0.crawl_status.",
                                        "tasks.0.result.0.items.0.",
                                        "tasks.0.result.0.items.1."};
  static const struct {
    const char *key;
    json_type type;
  } keys[] = {{"x_text", json_type_string}, {"x_number", json_type_double}, {"x_true", json_type_boolean},
              {"x_null", json_type_null},   {"x_list", json_type_array},    {"x_object", json_type_object},
              {"x_last", json_type_object}};
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.unknown_keys = true});
  struct json_object *json = ask(fixture, "");
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
    for (size_t j = 0; j < sizeof keys / sizeof *keys; j++) {
      char path[128];
      snprintf(path, sizeof path, "%s%s", objects[i], keys[j].key);
      assert_int_equal(json_object_get_type(look(json, path)), keys[j].type);
      assert_true(look(json, path) || is_null_at(json, path));
    }
  assert_int_equal(number_at(json, PAGE "items_count"), 5);
  assert_int_equal(number_at(json, PAGE "items.1.page_to_status_code"), 404);
  json_object_put(json);
}

/* All notations at once still say the same. */
static void test_notations_together(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  struct json_object *plain = ask(fixture, "");
  read_as(fixture, (struct standin_readings){.floats = true, .escaped = true, .unknown_keys = true});
  struct json_object *strange = ask(fixture, "");
  for (size_t i = 0; i < 5; i++) {
    struct json_object *left = json_object_array_get_idx(look(plain, PAGE "items"), i);
    struct json_object *right = json_object_array_get_idx(look(strange, PAGE "items"), i);
    json_object_object_foreach(left, key, value) {
      struct json_object *other = NULL;
      assert_true(json_object_object_get_ex(right, key, &other));
      if (json_object_is_type(value, json_type_int))
        assert_int_equal(json_object_get_int64(value), json_object_get_int64(other));
      else if (!json_object_is_type(value, json_type_object))
        assert_true(json_object_equal(value, other));
    }
  }
  json_object_put(plain);
  json_object_put(strange);
}

static void test_gzip(void **state) {
  struct fixture *fixture = *state;
  struct received plain, packed;
  static const char body[] = "{\"id\":\"" TASK "\",\"limit\":1000}";
  assert_int_equal(standin_add_file(fixture->standin, TASK, STANDIN_FINISHED, SAMPLE, 1), 0);
  exchange(fixture, &(struct sent){.body = body}, &plain);
  assert_null(strstr(plain.headers.data, "Content-Encoding"));
  exchange(fixture, &(struct sent){.body = body, .gzip = true}, &packed);
  assert_non_null(strstr(packed.headers.data, "Content-Encoding: gzip"));
  assert_true(packed.body.length * 4 < plain.body.length);

  char *unpacked = malloc(plain.body.length);
  z_stream stream = {.next_in = (Bytef *)packed.body.data,
                     .avail_in = (uInt)packed.body.length - 1,
                     .next_out = (Bytef *)unpacked,
                     .avail_out = (uInt)plain.body.length};
  assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
  assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
  assert_int_equal(stream.total_out, plain.body.length - 1);
  assert_memory_equal(unpacked, plain.body.data, plain.body.length - 1);
  inflateEnd(&stream);
  free(unpacked);
  received_release(&packed);

  read_as(fixture, (struct standin_readings){.no_gzip = true});
  exchange(fixture, &(struct sent){.body = body, .gzip = true}, &packed);
  assert_null(strstr(packed.headers.data, "Content-Encoding"));
  assert_string_equal(packed.body.data, plain.body.data);
  received_release(&packed);
  received_release(&plain);
}

int run_notation_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_items_verbatim, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_values_kept, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_readings_of_responses, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_floats, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_escaped, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_unknown_keys, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_notations_together, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_gzip, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in notations", tests, NULL, NULL);
}
