/*
** Bodies byte by byte, since equal requests must have equal bodies; and the check of filters written by hand, whose
** messages must name the fault and its place.
*/
#include "wire/request.h"

#include "../unit.h"
#include "base/buffer.h"

static struct error error;

static int column_of(const char *name) {
  return endpoint_column(&endpoint_links, name);
}

static void check_body(const struct query *query, const struct condition *conditions, size_t count,
                       const struct position *position, const char *expected) {
  char *body = NULL;
  assert_int_equal(request_body(query, conditions, count, position, &body, &error), 0);
  assert_string_equal(body, expected);
  free(body);
}

/* ---- Bodies ---- */

static void test_keys_and_their_order(void **state) {
  static const struct value from = TEXT("/a b"), to = TEXT("/");
  static const struct {
    struct query query;
    struct position position;
    const char *body;
  } cases[] = {
      {{.inputs[INPUT_TASK] = (char *)"t"}, {.limit = 1}, "{\"id\":\"t\",\"limit\":1}"},
      {{.inputs[INPUT_TASK] = (char *)"t"},
       {.limit = 1000, .offset = 2000000},
       "{\"id\":\"t\",\"limit\":1000,\"offset\":2000000}"},
      {{.inputs[INPUT_TASK] = (char *)"t"},
       {.limit = 5, .token = "x/y+z=="},
       "{\"id\":\"t\",\"limit\":5,\"search_after_token\":\"x/y+z==\"}"},
      {{.inputs[INPUT_TASK] = (char *)"t", .inputs[INPUT_TAG] = (char *)"note"},
       {.limit = 5},
       "{\"id\":\"t\",\"limit\":5,\"tag\":\"note\"}"},
      {{.inputs[INPUT_TASK] = (char *)"t", .inputs[INPUT_TAG] = (char *)""},
       {.limit = 5},
       "{\"id\":\"t\",\"limit\":5,\"tag\":\"\"}"},
      {{.inputs[INPUT_TASK] = (char *)"t", .inputs[INPUT_FILTERS] = (char *)"[]"}, {.limit = 5}, "{\"id\":\"t\",\"limit\":5}"},
      {{.inputs[INPUT_TASK] = (char *)"t",
        .inputs[INPUT_TAG] = (char *)"n",
        .inputs[INPUT_FILTERS] = (char *)"[ \"type\", \"=\", \"a\" ]",
        .raw_conditions = 1,
        .resolved = {.parameters = {{"page_from", &from}, {"page_to", &to}}, .parameter_count = 2}},
       {.limit = 7, .offset = 14, .token = "k"},
       "{\"id\":\"t\",\"page_from\":\"/a b\",\"page_to\":\"/\",\"limit\":7,\"offset\":14,\"filters\":[\"type\",\"=\",\"a\"],"
       "\"tag\":\"n\",\"search_after_token\":\"k\"}"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct query query = cases[i].query;
    query.endpoint = &endpoint_links;
    check_body(&query, NULL, 0, &cases[i].position, cases[i].body);
  }
}

static void test_operands(void **state) {
  struct value numbers[] = {INT(404), INT(-1)}, texts[] = {TEXT("a"), TEXT("\"")};
  static const struct query query = {.endpoint = &endpoint_links, .inputs[INPUT_TASK] = (char *)"t"};
  static const struct position position = {.limit = 1};
  const struct {
    struct condition condition;
    const char *filters;
  } cases[] = {
      {{.op = API_EQ, .operand = OPERAND_BOOLEAN, .integer = 1}, "[\"type\",\"=\",true]"},
      {{.op = API_NE, .operand = OPERAND_BOOLEAN, .integer = 0}, "[\"type\",\"<>\",false]"},
      {{.op = API_LT, .operand = OPERAND_INTEGER, .integer = INT64_C(-9007199254740992)}, "[\"type\",\"<\",-9007199254740992]"},
      {{.op = API_LE, .operand = OPERAND_INTEGER, .integer = 0}, "[\"type\",\"<=\",0]"},
      {{.op = API_GT, .operand = OPERAND_INTEGER, .integer = 1}, "[\"type\",\">\",1]"},
      {{.op = API_GE, .operand = OPERAND_INTEGER, .integer = 1}, "[\"type\",\">=\",1]"},
      {{.op = API_IN, .operand = OPERAND_INTEGERS, .list = numbers, .list_size = 2}, "[\"type\",\"in\",[404,-1]]"},
      {{.op = API_IN, .operand = OPERAND_TEXTS, .list = texts, .list_size = 2}, "[\"type\",\"in\",[\"a\",\"\\\"\"]]"},
      {{.op = API_IN, .operand = OPERAND_TEXTS, .list = texts, .list_size = 1}, "[\"type\",\"in\",[\"a\"]]"},
      {{.op = API_REGEX, .operand = OPERAND_TEXT, .text = (char *)"^\\x00$"}, "[\"type\",\"regex\",\"^\\\\x00$\"]"},
      {{.op = API_NOT_REGEX, .operand = OPERAND_TEXT, .text = (char *)""}, "[\"type\",\"not_regex\",\"\"]"},
      {{.op = API_HAS, .operand = OPERAND_TEXT, .text = (char *)"/"}, "[\"type\",\"has\",\"/\"]"},
      {{.op = API_EQ, .operand = OPERAND_TEXT, .text = (char *)"\x01\n\t\"\\\x7F\xC3\xA9\xF0\x9F\x98\x80</script>"},
       "[\"type\",\"=\",\"\\u0001\\n\\t\\\"\\\\\x7F\xC3\xA9\xF0\x9F\x98\x80</script>\"]"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char expected[256];
    struct condition condition = cases[i].condition;
    condition.column = column_of("type");
    snprintf(expected, sizeof expected, "{\"id\":\"t\",\"limit\":1,\"filters\":%s}", cases[i].filters);
    check_body(&query, &condition, 1, &position, expected);
  }
}

/* One condition stands by itself; what the user wrote keeps brackets of its own, for it may be an OR. */
static void test_conjunctions(void **state) {
#define C1 "[\"dofollow\",\"=\",true]"
#define C2 "[\"is_broken\",\"=\",false]"
  const struct condition conditions[] = {{.column = column_of("dofollow"), .op = API_EQ, .integer = 1},
                                         {.column = column_of("is_broken"), .op = API_EQ, .integer = 0}};
  static const struct {
    const char *raw;
    size_t raw_conditions;
    size_t count;
    const char *filters;
  } cases[] = {
      {NULL, 0, 1, C1},
      {NULL, 0, 2, "[" C1 ",\"and\"," C2 "]"},
      {"[]", 0, 1, C1},
      {"[\"type\",\"=\",\"a\"]", 1, 0, "[\"type\",\"=\",\"a\"]"},
      {"[\"type\",\"=\",\"a\"]", 1, 1, "[[\"type\",\"=\",\"a\"],\"and\"," C1 "]"},
      {"[[\"type\",\"=\",\"a\"]]", 1, 1, "[[[\"type\",\"=\",\"a\"]],\"and\"," C1 "]"},
      {"[[\"a\",\"=\",1],\"or\",[\"b\",\"=\",2]]", 2, 0, "[[\"a\",\"=\",1],\"or\",[\"b\",\"=\",2]]"},
      {"[[\"a\",\"=\",1],\"or\",[\"b\",\"=\",2]]", 2, 2,
       "[[[\"a\",\"=\",1],\"or\",[\"b\",\"=\",2]],\"and\"," C1 ",\"and\"," C2 "]"},
      {"[\"a\",\"in\",[1.50,1e2,null,{\"k\":true}]]", 1, 0, "[\"a\",\"in\",[1.50,1e2,null,{\"k\":true}]]"},
      {"[\"a\",\"=\",\"\\u00e9\\/\\ud83d\\ude00\"]", 1, 0, "[\"a\",\"=\",\"\xC3\xA9/\xF0\x9F\x98\x80\"]"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct query query = {.endpoint = &endpoint_links,
                                .inputs[INPUT_TASK] = (char *)"t",
                                .inputs[INPUT_FILTERS] = (char *)cases[i].raw,
                                .raw_conditions = cases[i].raw_conditions};
    static const struct position position = {.limit = 1};
    char expected[256];
    snprintf(expected, sizeof expected, "{\"id\":\"t\",\"limit\":1,\"filters\":%s}", cases[i].filters);
    check_body(&query, conditions, cases[i].count, &position, expected);
  }
}

/* ---- Filters written by hand ---- */

static void test_good_filters(void **state) {
  static const struct {
    const char *filters;
    size_t conditions;
  } cases[] = {
      {"[]", 0},
      {" [ ] ", 0},
      {"[\"a\",\"=\",1]", 1},
      {"[\"a\",\"=\",null]", 1},
      {"[\"and\",\"=\",1]", 1}, /* a field of that name, for all that is known */
      {"[\"a\",\"in\",[1,2,3]]", 1},
      {"[\"a\",\"in\",[]]", 1},
      {"[\"a\",\"no such operator\",{}]", 1}, /* the API has the better message */
      {"[[\"a\",\"=\",1]]", 1},
      {"[[[[\"a\",\"=\",1]]]]", 1},
      {"[[\"a\",\"=\",1],\"and\",[\"b\",\"=\",1]]", 2},
      {"[[\"a\",\"=\",1],\"and\",[\"b\",\"=\",1],\"or\",[\"c\",\"=\",1]]", 3},
      {"[[\"a\",\"=\",1],\"and\",[[\"b\",\"=\",1],\"or\",[\"c\",\"=\",1]]]", 3},
      {"[[[\"a\",\"=\",1],\"or\",[\"b\",\"=\",1]],\"and\",[[\"c\",\"=\",1],\"or\",[\"d\",\"=\",1]]]", 4},
      {"\n[\t\"a\" , \"=\" , \"\\u00e9\" ]\r\n", 1},
      {"[[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\","
       "[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1]]",
       9},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    size_t conditions = 99;
    if (request_check_filters(cases[i].filters, &conditions, &error) != 0) fail_msg("%s: %s", cases[i].filters, error.message);
    assert_int_equal(conditions, cases[i].conditions);
  }
}

static void test_bad_filters(void **state) {
  static const struct {
    const char *filters;
    const char *message; /* a part of it */
  } cases[] = {
      {"", "not valid JSON"},
      {"   ", "not valid JSON"},
      {"is_broken = 1", "not valid JSON at character 1"},
      {"[\"a\",\"=\",1", "not valid JSON"},
      {"[\"a\",\"=\",tru]", "not valid JSON at character"},
      {"[\"a\",\"=\",1,]", "not valid JSON"},
      {"['a','=',1]", "not valid JSON at character 2"},
      {"[\"a\",\"=\",1]]", "at character 12"},
      {"[\"a\",\"=\",1] and", "at character"},
      {"[\"a\",\"=\",NaN]", "is not JSON"},
      {"[\"a\",\"=\",01]", "not valid JSON"},
      {"[\"a\",\"=\",1] // all", "at character"},
      {"null", "expected a JSON array"},
      {"{}", "expected a JSON array"},
      {"\"a\"", "expected a JSON array"},
      {"1", "expected a JSON array"},
      {"true", "expected a JSON array"},
      {"[\"a\"]", "[\"a\"] is not a condition"},
      {"[\"a\",\"=\"]", "[\"a\",\"=\"] is not a condition"},
      {"[\"a\",\"=\",1,2]", "[\"a\",\"=\",1,2] is not a condition"},
      {"[\"a\",1,\"=\"]", "[\"a\",1,\"=\"] is not a condition"},
      {"[\"a\",\"=\",1,\"and\",[\"b\",\"=\",2]]", "is not a condition"},
      {"[[]]", "an empty list"},
      {"[[\"a\",\"=\",1],\"and\",[]]", "an empty list"},
      {"[1]", "element 1"},
      {"[null]", "element 1"},
      {"[{}]", "element 1"},
      {"[[\"a\",\"=\",1],\"and\",2]", "element 3"},
      {"[[\"a\",\"=\",1],[\"b\",\"=\",1]]", "element 2"},
      {"[[\"a\",\"=\",1],\"xor\",[\"b\",\"=\",1]]", "element 2"},
      {"[[\"a\",\"=\",1],\"AND\",[\"b\",\"=\",1]]", "element 2"},
      {"[[\"a\",\"=\",1],\"and\"]", "ends with"},
      {"[[\"a\",\"=\",1],\"and\",[[\"b\",\"=\"]]]", "[\"b\",\"=\"] is not a condition"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    size_t conditions = 99;
    if (request_check_filters(cases[i].filters, &conditions, &error) != -1) fail_msg("%s passes", cases[i].filters);
    assert_int_equal(error.kind, ERROR_FAILED);
    assert_memory_equal(error.message, "filters: ", 9);
    if (strstr(error.message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].filters, error.message);
    assert_int_equal(conditions, 99);
  }
}

/* Brackets in brackets: a limit, not a crash. */
static void test_deep_filters(void **state) {
  static const int depths[] = {16, 17, 33, 5000};
  (void)state;
  for (size_t i = 0; i < LENGTH(depths); i++) {
    struct buffer filters = {0};
    size_t conditions;
    for (int depth = 1; depth < depths[i]; depth++) buffer_append_text(&filters, "[");
    buffer_append_text(&filters, "[\"a\",\"=\",1]");
    for (int depth = 1; depth < depths[i]; depth++) buffer_append_text(&filters, "]");
    assert_int_equal(request_check_filters(filters.data, &conditions, &error), depths[i] <= 16 ? 0 : -1);
    buffer_release(&filters);
  }
}

/* A long condition is shown in part, cut between two characters wherever the limit falls. */
static void test_long_fault(void **state) {
  (void)state;
  for (int shift = 0; shift < 2; shift++) {
    struct buffer filters = {0};
    size_t conditions;
    buffer_append_text(&filters, shift == 0 ? "[\"a\",\"" : "[\"ab\",\"");
    for (int i = 0; i < 5000; i++) buffer_append_text(&filters, "\xC3\xA9");
    buffer_append_text(&filters, "\"]");
    assert_int_equal(request_check_filters(filters.data, &conditions, &error), -1);
    assert_non_null(strstr(error.message, "is not a condition: it takes the form"));
    struct value message = {.type = VALUE_TEXT, .text = error.message, .size = strlen(error.message)};
    assert_true(value_is_plain_text(&message));
    buffer_release(&filters);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys_and_their_order), cmocka_unit_test(test_operands),    cmocka_unit_test(test_conjunctions),
      cmocka_unit_test(test_good_filters),         cmocka_unit_test(test_bad_filters), cmocka_unit_test(test_deep_filters),
      cmocka_unit_test(test_long_fault),
  };
  return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
