/* Readers of JSON values, whatever type the value turns out to have. */
#include "wire/json_read.h"

#include "../unit.h"

static struct json_object *parse(const char *text) {
  struct json_object *object = json_tokener_parse(text);
  if (object == NULL && strcmp(text, "null") != 0) fail_msg("%s", text);
  return object;
}

/* Every reader on every type: only a value that fits is returned. */
static void test_types(void **state) {
  static const struct {
    const char *text, *type_text;
    enum json_type type;
    int member, first, integer; /* what the readers find; 0: nothing */
  } cases[] = {
      {"null", "null", json_type_null, 0, 0, 0},
      {"true", "a boolean", json_type_boolean, 0, 0, 0},
      {"7", "a number", json_type_int, 0, 0, 7},
      {"7.0", "a number", json_type_double, 0, 0, 7},
      {"7.5", "a number", json_type_double, 0, 0, 0},
      {"\"a\"", "a string", json_type_string, 0, 0, 0},
      {"[]", "an array", json_type_array, 0, 0, 0},
      {"[7]", "an array", json_type_array, 0, 0, 0},
      {"[null,{}]", "an array", json_type_array, 0, 0, 0},
      {"[{\"a\":1}]", "an array", json_type_array, 0, 1, 0},
      {"{}", "an object", json_type_object, 0, 0, 0},
      {"{\"a\":null}", "an object", json_type_object, 0, 0, 0},
      {"{\"b\":1,\"a\":\"x\"}", "an object", json_type_object, 1, 0, 0},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct json_object *object = parse(cases[i].text);
    int64_t integer = 0;
    assert_string_equal(json_read_type_text(object), cases[i].type_text);
    for (enum json_type type = json_type_boolean; type <= json_type_string; type++)
      assert_ptr_equal(json_read_as(object, type), type == cases[i].type ? object : NULL);
    assert_int_equal(json_read_any(object, "a") != NULL, cases[i].member);
    assert_int_equal(json_read_member(object, "a", json_type_string) != NULL, cases[i].member);
    assert_null(json_read_member(object, "a", json_type_int));
    assert_int_equal(json_read_first(object) != NULL, cases[i].first);
    assert_int_equal(json_read_integer(object, &integer), cases[i].integer != 0);
    assert_int_equal(integer, cases[i].integer);
    json_object_put(object);
  }
}

/* json-c cuts what is beyond 64 bits; the ends themselves are numbers like others, as far as can be told. */
static void test_ends_of_64_bits(void **state) {
  static const struct {
    const char *text;
    bool cut, integer;
  } cases[] = {
      {"9223372036854775807", false, true},
      {"9223372036854775808", false, false},
      {"18446744073709551614", false, false},
      {"18446744073709551615", true, false},
      {"99999999999999999999", true, false},
      {"-9223372036854775807", false, true},
      {"-9223372036854775808", true, false},
      {"-9999999999999999999", true, false},
      {"9223372036854775808.0", false, false},
      {"\"99999999999999999999\"", false, false},
      {"null", false, false},
      {"[]", false, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct json_object *object = parse(cases[i].text);
    int64_t integer;
    if (json_read_is_cut(object) != cases[i].cut || json_read_integer(object, &integer) != cases[i].integer)
      fail_msg("%s", cases[i].text);
    json_object_put(object);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_ends_of_64_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
