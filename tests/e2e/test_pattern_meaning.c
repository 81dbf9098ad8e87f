/*
** What LIKE, GLOB and not_like mean once they are expressions: the rows that come through the API, which filters with
** RE2, are those of SQLite's own operators on an ordinary table. Patterns and texts are made at random, from few
** characters, so that they match often; among these are the syntax of both sides, letters whose case folds oddly, a
** line's end and a zero.
**
** The seed is fixed, or SEED of the environment; a failure prints the statement.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "dataset.h"

enum { TEXTS = 250, PATTERNS = 400, PIECES_MAX = 6 };

/* As written in a JSON string, and in SQL with quotes doubled; sql NULL: in JSON only. */
static const struct {
  const char *json;
  const char *sql;
} pieces[] = {
    {"a", "a"},
    {"a", "a"},
    {"b", "b"},
    {"A", "A"},
    {"K", "K"},
    {"k", "k"},
    {"\\u212a", "\xE2\x84\xAA"}, /* the Kelvin sign, a k to Unicode but not to SQLite */
    {"s", "s"},
    {"\\u017f", "\xC5\xBF"}, /* the long s */
    {"\xC3\xA9", "\xC3\xA9"},
    {"\xC3\x89", "\xC3\x89"},
    {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
    {"%", "%"},
    {"_", "_"},
    {"*", "*"},
    {"?", "?"},
    {"[", "["},
    {"]", "]"},
    {"^", "^"},
    {"-", "-"},
    {".", "."},
    {"|", "|"},
    {"$", "$"},
    {"(", "("},
    {"\\\\", "\\"},
    {"{", "{"},
    {"\\n", "\n"},
    {"'", "''"},
    {"\\u0000", NULL},
    {"\\u0000", NULL},
};

/* More of what makes a pattern of GLOB and LIKE. */
static const char *const wild[] = {"%",    "%",    "_",     "*",   "*",     "?",     "[a-c]",
                                   "[^a]", "[]a]", "[^]-]", "[a-", "[Z-a]", "[c-a]", "["};

static uint64_t random_state;

static size_t random_below(size_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (size_t)((random_state >> 11) % limit);
}

/* Items whose link_to are texts at random. */
static char *make_items(void) {
  sqlite3_str *items = sqlite3_str_new(NULL);
  for (int i = 0; i < TEXTS; i++) {
    sqlite3_str_appendf(items, "{\"type\":\"anchor\",\"page_from\":\"/%d\",\"link_to\":\"", i);
    for (size_t n = random_below(PIECES_MAX); n > 0; n--)
      sqlite3_str_appendall(items, pieces[random_below(LENGTH(pieces))].json);
    sqlite3_str_appendall(items, "\"}\n");
  }
  sqlite3_str_appendall(items, "{\"type\":\"anchor\",\"page_from\":\"/null\",\"link_to\":null}\n{\"page_from\":\"/none\"}\n");
  return sqlite3_str_finish(items);
}

static char *make_pattern(void) {
  sqlite3_str *pattern = sqlite3_str_new(NULL);
  for (size_t n = random_below(PIECES_MAX); n > 0; n--) {
    size_t piece = random_below(LENGTH(pieces));
    if (random_below(3) == 0 || pieces[piece].sql == NULL)
      sqlite3_str_appendall(pattern, wild[random_below(LENGTH(wild))]);
    else
      sqlite3_str_appendall(pattern, pieces[piece].sql);
  }
  char *text = sqlite3_str_finish(pattern);
  return text != NULL ? text : sqlite3_mprintf("");
}

static int set_up(void **state) {
  const char *seed = getenv("SEED");
  random_state = seed != NULL && *seed != '\0' ? strtoull(seed, NULL, 10) : 20240707;
  if (random_state == 0) random_state = 1;
  print_message("seed %llu\n", (unsigned long long)random_state);
  harness_set_up(state);
  struct harness *harness = *state;
  char *items = make_items();
  int failed = standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)) ||
               dataset_create_table(harness->db, "reference") || dataset_load(harness->db, "reference", TASK, items);
  sqlite3_free(items);
  return failed;
}

/* The same condition for the table and for the reference; %s is the pattern. */
struct operation {
  const char *table;
  const char *reference;
};

/* The rows of onpage_links, by the number in page_from, are the reference's. True if a filter was sent. */
static bool check_pattern(struct harness *harness, const struct operation *operation, const char *pattern) {
  static const char head[] = "SELECT page_from FROM %s WHERE task_id = '" TASK "' AND ";
  char *table_head = sqlite3_mprintf(head, "onpage_links"), *reference_head = sqlite3_mprintf(head, "reference");
  char *table_where = sqlite3_mprintf(operation->table, pattern),
       *reference_where = sqlite3_mprintf(operation->reference, pattern);
  char *table = sqlite3_mprintf("%s%s", table_head, table_where);
  char *reference = sqlite3_mprintf("%s%s", reference_head, reference_where);
  harness_forget(harness);
  struct rows *got = harness_query(harness->db, table, NULL, 0), *wanted = harness_query(harness->db, reference, NULL, 0);
  rows_sort(got);
  rows_sort(wanted);
  char *got_text = got->error != NULL ? sqlite3_mprintf("%s", got->error) : rows_text(got);
  char *wanted_text = wanted->error != NULL ? sqlite3_mprintf("reference: %s", wanted->error) : rows_text(wanted);
  bool equal = strcmp(got_text, wanted_text) == 0;
  if (!equal) print_error("%s\n--- expected\n%s\n--- but got\n%s\n---\n", table, wanted_text, got_text);
  bool sent = harness_condition_count(harness, 0) > 0;
  rows_free(got);
  rows_free(wanted);
  char *const texts[] = {table_head, reference_head, table_where, reference_where, table, reference, got_text, wanted_text};
  for (size_t i = 0; i < LENGTH(texts); i++) sqlite3_free(texts[i]);
  assert_true(equal);
  return sent;
}

static void check_operation(struct harness *harness, const struct operation *operation, size_t sent_at_least) {
  static const struct standin_readings readings[] = {{.ignore_case = false},
                                                     {.ignore_case = true, .not_keeps_null = true, .regex_whole = true}};
  size_t sent = 0;
  for (size_t i = 0; i < PATTERNS; i++) {
    char *pattern = make_pattern();
    standin_set_readings(harness->standin, &readings[i % LENGTH(readings)]);
    sent += check_pattern(harness, operation, pattern);
    sqlite3_free(pattern);
  }
  if (sent < sent_at_least) fail_msg("only %zu of %d patterns reached the API", sent, PATTERNS);
}

static void like(void **state) {
  static const struct operation operation = {"link_to LIKE '%s'", "link_to LIKE '%s'"};
  check_operation(*state, &operation, PATTERNS);
}

static void glob(void **state) {
  static const struct operation operation = {"link_to GLOB '%s'", "link_to GLOB '%s'"};
  check_operation(*state, &operation, PATTERNS / 2); /* classes without an end and such stay local */
}

static void not_like(void **state) {
  static const struct operation operation = {"not_like(link_to, '%s')", "link_to NOT LIKE '%s'"};
  check_operation(*state, &operation, PATTERNS);
}

/* LIKE reads a text up to its first zero, so what lies beyond must not make the API drop a row that NOT LIKE keeps. */
static void not_like_sees_no_further_than_a_zero(void **state) {
  static const struct operation operation = {"not_like(link_to, '%s')", "link_to NOT LIKE '%s'"};
  static const char *const patterns[] = {"%b", "a_b", "a%b", "%b%", "ab", "a", "a%", "_", "__", "%_b"};
  static const char items[] = "{\"page_from\":\"/0\",\"link_to\":\"a\\u0000b\"}\n{\"page_from\":\"/1\",\"link_to\":\"ab\"}\n"
                              "{\"page_from\":\"/2\",\"link_to\":\"a\"}\n{\"page_from\":\"/3\",\"link_to\":\"\\u0000b\"}\n";
  struct harness *harness = *state;
  harness_run(harness->db, "DELETE FROM reference");
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, sizeof items - 1), 0);
  assert_int_equal(dataset_load(harness->db, "reference", TASK, items), 0);
  for (size_t i = 0; i < LENGTH(patterns); i++) check_pattern(harness, &operation, patterns[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(like, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(glob, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(not_like, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(not_like_sees_no_further_than_a_zero, set_up, harness_tear_down),
  };
  return cmocka_run_group_tests_name("pattern meaning", tests, NULL, NULL);
}
