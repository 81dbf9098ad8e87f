/*
** Partitions of a query: pieces of a list that leave no member out, and conditions by character such that every row satisfies those
** of exactly one partition. A row that no partition has would be lost, one that two have would come twice.
*/
#include "scan/partition.h"

#include "../unit.h"
#include "base/buffer.h"
#include "wire/parser.h"

static struct error error;

enum { LINK_TO = 6, PAGE_FROM = 3 };

/* A page whose rows have these values of link_to, and page_from if it isn't NULL; a value is JSON. */
static struct page *page_of_two(const char *const *values, const char *const *sources, size_t count) {
  struct buffer json = {0};
  struct page *page;
  buffer_append_text(&json, "{\"status_code\":20000,\"tasks\":[{\"result\":[{\"items\":[");
  for (size_t i = 0; i < count; i++)
    buffer_append_format(&json, "%s{\"link_to\":%s,\"page_from\":%s}", i > 0 ? "," : "", values[i],
                         sources != NULL ? sources[i] : "null");
  buffer_append_text(&json, "]}]}]}");
  struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
  page_parser_feed(parser, json.data, json.size);
  assert_int_equal(page_parser_finish(parser, &page, &error), 0);
  page_parser_free(parser);
  buffer_release(&json);
  return page;
}

static struct page *page_of(const char *const *values, size_t count) {
  return page_of_two(values, NULL, count);
}

static struct query query_with(size_t conditions) {
  struct query query = {.endpoint = &endpoint_links};
  query.resolved.long_list = -1;
  for (size_t i = 0; i < conditions; i++)
    query.resolved.conditions[i] = (struct condition){.column = (int)i, .op = API_EQ, .operand = OPERAND_TEXT, .text = "x"};
  query.resolved.condition_count = conditions;
  return query;
}

/* Whether a row satisfies the condition: ^(?s:.*)[\xHH…](?s:.{distance})$, or its negation, which null satisfies, too. */
static bool satisfies(const struct condition *condition, const struct value *value) {
  const char *class = strchr(condition->text, '[') + 1;
  const char *end = strchr(class, ']');
  size_t before = (size_t)strtoul(end + strlen("](?s:.{"), NULL, 10) + 1;
  bool found = false;
  bool ascii = true;
  assert_memory_equal(condition->text, "^(?s:.*)[", strlen("^(?s:.*)["));
  for (size_t j = 1; value->type == VALUE_TEXT && j <= before && j <= value->size; j++)
    if ((unsigned char)value->text[value->size - j] >= 128) ascii = false;
  for (const char *at = class; at < end; at += 4)
    if (ascii && value->type == VALUE_TEXT && value->size >= before &&
        (char)strtoul(at + 2, NULL, 16) == value->text[value->size - before])
      found = true;
  return condition->op == API_REGEX ? found : !found;
}

/* How many of the page's rows each partition has. Every row has to be in exactly one. */
static void count_rows(const struct partition_set *set, struct page *page, size_t own, size_t *rows) {
  for (size_t i = 0; i < set->count; i++) rows[i] = 0;
  for (size_t row = 0; row < page_item_count(page); row++) {
    size_t in = 0;
    for (size_t i = 0; i < set->count; i++) {
      const struct partition *partition = set->partitions[i];
      struct value value;
      bool all = true;
      for (size_t j = own; j < partition->condition_count; j++) {
        assert_int_equal(page_value(page, row, partition->conditions[j].column, &value, &error), 0);
        all = all && satisfies(&partition->conditions[j], &value);
      }
      rows[i] += all;
      in += all;
    }
    if (in != 1) fail_msg("row %zu is in %zu partitions", row, in);
  }
}

/* ---- The whole ---- */

static void test_whole(void **state) {
  struct partition_set set;
  (void)state;
  for (size_t conditions = 0; conditions <= ENDPOINT_CONDITIONS_MAX; conditions++) {
    const struct query query = query_with(conditions);
    assert_int_equal(partition_whole(&query, &set, &error), 0);
    assert_int_equal(set.count, 1);
    const struct partition *whole = set.partitions[0];
    assert_int_equal(whole->condition_count, conditions);
    for (size_t i = 0; i < conditions; i++) assert_ptr_equal(whole->conditions[i].text, query.resolved.conditions[i].text);
    assert_int_equal(whole->expression_count, 0);
    assert_null(whole->list);
    partition_set_release(&set);
    assert_int_equal(set.count, 0);
  }
}

/* ---- By list ---- */

static void test_list(void **state) {
  static const struct {
    size_t size;
    size_t values; /* of the list in one request */
    size_t pieces[5];
  } cases[] = {
      {1, 3, {1}}, {3, 3, {3}}, {4, 3, {3, 1}}, {6, 3, {3, 3}}, {7, 3, {3, 3, 1}}, {5, 1, {1, 1, 1, 1, 1}}, {5, 100, {5}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct extent extent = {.list_values = cases[i].values, .list_bytes = 1 << 20, .value_bytes = 1 << 20};
    struct value members[8];
    struct partition_set set;
    struct query query = query_with(3);
    for (size_t j = 0; j < cases[i].size; j++) members[j] = (struct value)INT((int64_t)j);
    query.resolved.extent = &extent;
    query.resolved.long_list = 1;
    query.resolved.conditions[1] =
        (struct condition){.column = 1, .op = API_IN, .operand = OPERAND_INTEGERS, .list = members, .list_size = cases[i].size};
    assert_int_equal(partition_by_list(&query, &set, &error), 0);
    size_t before = 0;
    for (size_t j = 0; j < set.count; j++) {
      const struct partition *partition = set.partitions[j];
      if (partition->conditions[1].list_size != cases[i].pieces[j]) fail_msg("case %zu, piece %zu", i, j);
      assert_ptr_equal(partition->conditions[1].list, members + before);
      assert_ptr_equal(partition->list, &partition->conditions[1]);
      assert_int_equal(partition->condition_count, 3);
      assert_ptr_equal(partition->conditions[2].text, query.resolved.conditions[2].text);
      before += partition->conditions[1].list_size;
    }
    assert_int_equal(before, cases[i].size);
    assert_int_equal(query.resolved.conditions[1].list_size, cases[i].size);
    partition_set_release(&set);
  }
}

/* ---- By character ---- */

#define FOUR_ENDS "\"/a\"", "\"/b\"", "\"/c\"", "\"/d\""

static void test_character(void **state) {
  static const struct {
    const char *title;
    const char *values[13];
    int wanted;
    size_t largest; /* rows of the largest partition; 0: there are no partitions */
    size_t count;
  } cases[] = {
      {"each row its own", {FOUR_ENDS}, 4, 1, 4},
      {"pairs", {FOUR_ENDS}, 2, 2, 2},
      {"as even as possible", {FOUR_ENDS, "\"/e\""}, 2, 0, 0}, /* 3 of 5 are more than half */
      {"more than characters: the empty ones go, the last stays", {FOUR_ENDS}, 8, 1, 5},
      {"one is not a partition", {FOUR_ENDS}, 1, 0, 0},
      {"none is not, either", {FOUR_ENDS}, 0, 0, 0},
      {"no rows", {NULL}, 4, 0, 0},
      {"all alike", {"\"/a\"", "\"/a\"", "\"/a\"", "\"/a\""}, 4, 0, 0},
      {"only the last but one differs", {"\"/ax\"", "\"/bx\"", "\"/cx\"", "\"/dx\""}, 4, 1, 4},
      {"the 21st from the end differs",
       {"\"a12345678901234567890\"", "\"b12345678901234567890\"", "\"c12345678901234567890\"", "\"d12345678901234567890\""},
       4,
       1,
       4},
      {"the 22nd is too far",
       {"\"a123456789012345678901\"", "\"b123456789012345678901\"", "\"c123456789012345678901\""},
       4,
       0,
       0},
      {"null goes to the last", {"null", FOUR_ENDS, "null"}, 5, 2, 5},
      {"so do short texts", {"\"\"", FOUR_ENDS, "\"\""}, 5, 2, 5},
      {"spaces and controls do", {"\"/ \"", FOUR_ENDS, "\"/\\u0001\""}, 5, 2, 5},
      {"other characters than ASCII do", {"\"/\\u00e4\"", FOUR_ENDS, "\"/\\u4e2d\""}, 5, 2, 5},
      {"null in more than half", {"null", "null", "null", "\"/a\"", "\"/b\""}, 4, 0, 0},
      {"a frequent character has a class to itself", {"\"/a\"", "\"/a\"", "\"/a\"", "\"/b\"", "\"/c\"", "\"/d\""}, 2, 3, 2},
      {"characters with a meaning in a class", {"\"/]\"", "\"/^\"", "\"/-\"", "\"/\\\\\""}, 4, 1, 4},
  };
  const struct query query = query_with(2);
  struct partition_set whole;
  (void)state;
  assert_int_equal(partition_whole(&query, &whole, &error), 0);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct partition_set set;
    size_t rows[32] = {0};
    size_t largest = 0;
    size_t count = 0;
    while (count < LENGTH(cases[i].values) && cases[i].values[count] != NULL) count++;
    struct page *page = page_of(cases[i].values, count);
    assert_int_equal(partition_by_character(&query, whole.partitions[0], page, cases[i].wanted, &set, &error), 0);
    if (set.count > 0) count_rows(&set, page, 2, rows);
    for (size_t j = 0; j < set.count; j++)
      if (rows[j] > largest) largest = rows[j];
    if (set.count != cases[i].count || largest != cases[i].largest)
      fail_msg("%s: %zu partitions, the largest has %zu rows", cases[i].title, set.count, largest);
    for (size_t j = 0; j < set.count; j++) {
      const struct partition *partition = set.partitions[j];
      assert_int_equal(partition->condition_count, 3);
      assert_int_equal(partition->expression_count, 1);
      assert_ptr_equal(partition->conditions[0].text, query.resolved.conditions[0].text);
      assert_ptr_equal(partition->conditions[2].text, partition->expressions[0]);
      assert_int_equal(partition->conditions[2].op, j + 1 < set.count ? API_REGEX : API_NOT_REGEX);
    }
    partition_set_release(&set);
    page_free(page);
  }
  partition_set_release(&whole);
}

/* Of several columns it is the one that tells rows apart most evenly, and the first of two that do it as well. Whatever the other
** column has, each row is in one partition. */
static void test_columns(void **state) {
  static const struct {
    const char *title;
    const char *targets[6];
    const char *sources[6];
    int column; /* -1: there are no partitions */
    size_t largest;
  } cases[] = {
      {"one target", {"\"/t\"", "\"/t\"", "\"/t\"", "\"/t\""}, {FOUR_ENDS}, PAGE_FROM, 1},
      {"one source", {FOUR_ENDS}, {"\"/s\"", "\"/s\"", "\"/s\"", "\"/s\""}, LINK_TO, 1},
      {"both as even", {FOUR_ENDS}, {FOUR_ENDS}, LINK_TO, 1},
      {"sources more even", {"\"/a\"", "\"/a\"", "\"/b\"", "\"/c\""}, {FOUR_ENDS}, PAGE_FROM, 1},
      {"sources less even", {FOUR_ENDS}, {"\"/a\"", "\"/a\"", "\"/b\"", "\"/c\""}, LINK_TO, 1},
      {"some without a source",
       {"\"/t\"", "\"/t\"", "\"/t\"", "\"/t\"", "null", "\"\""},
       {"null", "\"\"", "\"/a\"", "\"/b\"", "\"/c\"", "\"/\\u00e4\""},
       PAGE_FROM,
       3},
      {"neither", {"\"/t\"", "\"/t\"", "null"}, {"\"/s\"", "\"/s\"", "null"}, -1, 0},
  };
  const struct query query = query_with(1);
  struct partition_set whole;
  (void)state;
  assert_int_equal(endpoint_column(&endpoint_links, "link_to"), LINK_TO);
  assert_int_equal(endpoint_column(&endpoint_links, "page_from"), PAGE_FROM);
  assert_int_equal(partition_whole(&query, &whole, &error), 0);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct partition_set set;
    size_t rows[32] = {0};
    size_t largest = 0;
    size_t count = 0;
    while (count < LENGTH(cases[i].targets) && cases[i].targets[count] != NULL) count++;
    struct page *page = page_of_two(cases[i].targets, cases[i].sources, count);
    assert_int_equal(partition_by_character(&query, whole.partitions[0], page, 5, &set, &error), 0);
    if (set.count > 0) count_rows(&set, page, 1, rows);
    for (size_t j = 0; j < set.count; j++)
      if (rows[j] > largest) largest = rows[j];
    int column = set.count > 0 ? set.partitions[0]->conditions[1].column : -1;
    if (column != cases[i].column || largest != cases[i].largest)
      fail_msg("%s: by column %d, the largest has %zu rows", cases[i].title, column, largest);
    partition_set_release(&set);
    page_free(page);
  }
  partition_set_release(&whole);
}

/* A partition by one column is partitioned by another. */
static void test_columns_in_turn(void **state) {
  const char *targets[64], *sources[64];
  char texts[2][64][8];
  const struct query query = query_with(0);
  struct partition_set whole, set;
  size_t rows[64];
  (void)state;
  for (size_t i = 0; i < LENGTH(targets); i++) {
    snprintf(texts[0][i], sizeof texts[0][i], "\"/%c\"", (char)('a' + i / 16));
    snprintf(texts[1][i], sizeof texts[1][i], "\"/%c\"", (char)('a' + i % 8));
    targets[i] = texts[0][i];
    sources[i] = texts[1][i];
  }
  struct page *page = page_of_two(targets, NULL, LENGTH(targets));
  struct page *again = page_of_two(targets, sources, LENGTH(targets));
  assert_int_equal(partition_whole(&query, &whole, &error), 0);
  assert_int_equal(partition_by_character(&query, whole.partitions[0], page, 4, &set, &error), 0);
  assert_int_equal(set.count, 4);
  for (size_t i = 0; i < 4; i++) {
    struct partition_set smaller;
    set.partitions[i]->too_large = true;
    assert_int_equal(partition_by_character(&query, set.partitions[i], again, 8, &smaller, &error), 0);
    assert_int_equal(smaller.count, 8);
    for (size_t j = 0; j < 8; j++) {
      assert_int_equal(smaller.partitions[j]->conditions[0].column, LINK_TO);
      assert_int_equal(smaller.partitions[j]->conditions[1].column, PAGE_FROM);
      assert_false(smaller.partitions[j]->too_large);
    }
    assert_int_equal(partition_set_replace(&set, i, &smaller, &error), 0);
  }
  assert_int_equal(set.count, 32);
  count_rows(&set, again, 0, rows);
  for (size_t i = 0; i < 32; i++) assert_int_equal(rows[i], 2);
  partition_set_release(&set);
  partition_set_release(&whole);
  page_free(again);
  page_free(page);
}

/* A request has a bounded number of conditions, the user's filters included. */
static void test_room_for_a_condition(void **state) {
  static const char *const values[] = {FOUR_ENDS};
  struct page *page = page_of(values, LENGTH(values));
  (void)state;
  for (size_t raw = 0; raw <= 2; raw++)
    for (size_t own = 0; own + raw <= (size_t)endpoint_links.conditions_max; own++) {
      struct partition_set whole, set;
      struct query query = query_with(own);
      query.raw_conditions = raw;
      assert_int_equal(partition_whole(&query, &whole, &error), 0);
      assert_int_equal(partition_by_character(&query, whole.partitions[0], page, 4, &set, &error), 0);
      assert_int_equal(set.count, own + raw < (size_t)endpoint_links.conditions_max ? 4 : 0);
      partition_set_release(&set);
      partition_set_release(&whole);
    }
  page_free(page);
}

/* More than can be in flight are not made. */
static void test_many(void **state) {
  char texts[90][8];
  const char *values[90];
  const struct query query = query_with(0);
  struct partition_set whole, set;
  size_t rows[64];
  (void)state;
  for (size_t i = 0; i < LENGTH(texts); i++) {
    char c = (char)('!' + i);
    snprintf(texts[i], sizeof texts[i], c == '"' || c == '\\' ? "\"/\\%c\"" : "\"/%c\"", c);
    values[i] = texts[i];
  }
  struct page *page = page_of(values, LENGTH(values));
  assert_int_equal(partition_whole(&query, &whole, &error), 0);
  for (int wanted = 2; wanted <= 64; wanted++) {
    assert_int_equal(partition_by_character(&query, whole.partitions[0], page, wanted, &set, &error), 0);
    assert_int_equal(set.count, wanted < 32 ? wanted : 32);
    count_rows(&set, page, 0, rows);
    for (size_t i = 0; i < set.count; i++)
      if (rows[i] < 90 / set.count || rows[i] > 90 / set.count + 1) fail_msg("%d wanted: %zu rows", wanted, rows[i]);
    partition_set_release(&set);
  }
  partition_set_release(&whole);
  page_free(page);
}

/* ---- Partitions of partitions ---- */

static void test_replace(void **state) {
  static const char *const first[] = {"\"/ax\"", "\"/bx\"", "\"/ay\"", "\"/by\"", "\"/az\"", "\"/bz\""};
  const struct query query = query_with(1);
  struct page *page = page_of(first, LENGTH(first));
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    struct partition_set set, smaller, whole;
    const struct partition *others[3];
    const struct partition *made[2];
    size_t rows[8];
    assert_int_equal(partition_whole(&query, &whole, &error), 0);
    assert_int_equal(partition_by_character(&query, whole.partitions[0], page, 3, &set, &error), 0);
    assert_int_equal(set.count, 3);
    memcpy(others, set.partitions, sizeof others);
    assert_int_equal(partition_by_character(&query, set.partitions[i], page, 2, &smaller, &error), 0);
    assert_int_equal(smaller.count, 2);
    memcpy(made, smaller.partitions, sizeof made);
    for (size_t j = 0; j < 2; j++) {
      assert_int_equal(made[j]->expression_count, 2);
      assert_int_equal(made[j]->condition_count, 3);
      assert_string_equal(made[j]->expressions[0], set.partitions[i]->expressions[0]);
      assert_ptr_not_equal(made[j]->expressions[0], set.partitions[i]->expressions[0]);
      assert_ptr_equal(made[j]->conditions[1].text, made[j]->expressions[0]);
      assert_ptr_equal(made[j]->conditions[2].text, made[j]->expressions[1]);
    }
    assert_int_equal(partition_set_replace(&set, i, &smaller, &error), 0);
    assert_int_equal(smaller.count, 0);
    assert_null(smaller.partitions);
    assert_int_equal(set.count, 4);
    for (size_t j = 0; j < 3; j++) assert_ptr_equal(set.partitions[j], j == i ? made[0] : others[j]);
    assert_ptr_equal(set.partitions[3], made[1]);
    count_rows(&set, page, 1, rows);
    partition_set_release(&set);
    partition_set_release(&whole);
  }
  page_free(page);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_whole),     cmocka_unit_test(test_list),
      cmocka_unit_test(test_character), cmocka_unit_test(test_room_for_a_condition),
      cmocka_unit_test(test_many),      cmocka_unit_test(test_replace),
      cmocka_unit_test(test_columns),   cmocka_unit_test(test_columns_in_turn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
