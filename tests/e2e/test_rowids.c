/*
** Rowids: the same for a link in every scan, different for every other link, and beyond the influence of the crawled pages'
** authors: FULL JOIN and OR tell rows apart by nothing else.
*/
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "dataset.h"

/* ---- Two anchor texts that had one hash when it was made without a key ---- */

static uint64_t step(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 32;
}

static uint64_t scramble(uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xFF51AFD7ED558CCDu;
  bits ^= bits >> 33;
  bits *= 0xC4CEB9FE1A85EC53u;
  return bits ^ bits >> 33;
}

static bool is_word(uint64_t word) {
  for (int i = 0; i < 64; i += 8) {
    char c = (char)(word >> i);
    if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')) return false;
  }
  return true;
}

static void write_words(char text[17], uint64_t first, uint64_t second) {
  memcpy(text, &first, sizeof first);
  memcpy(text + 8, &second, sizeof second);
  text[16] = '\0';
}

/* The second word undoes what the first one's difference has done. */
static void collide(char one[17], char other[17]) {
  uint64_t first, second, start = scramble((uint64_t)6 * 0x9E3779B97F4A7C15u + 16);
  memcpy(&first, "aaaaaaaa", 8);
  memcpy(&second, "bbbbbbbb", 8);
  for (uint64_t n = 1;; n++) {
    uint64_t another = first, undone;
    for (int i = 0; i < 8; i++) another += (n >> 4 * i & 0xF) << 8 * i;
    undone = second ^ step(start, first) ^ step(start, another);
    if (!is_word(another) || !is_word(undone)) continue;
    write_words(one, first, second);
    write_words(other, another, undone);
    return;
  }
}

static void add_shop(struct harness *harness, const char *one, const char *other) {
  char items[300];
  snprintf(items, sizeof items, "{\"type\":\"anchor\",\"text\":\"%s\"}\n{\"type\":\"anchor\",\"text\":\"%s\"}\n", one, other);
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.more_fields = true});
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
}

/* The second link is looked for first: in the scan that finds it alone it is the first of its hash, in one that has both,
** the second. */
static void test_texts_made_to_collide(void **state) {
  struct harness *harness = *state;
  char one[17], other[17], sql[200], rows[100];
  collide(one, other);
  add_shop(harness, one, other);
  bool smaller = strcmp(one, other) < 0;
  snprintf(rows, sizeof rows, "'%s'\n'%s'", smaller ? one : other, smaller ? other : one);
  snprintf(sql, sizeof sql, "SELECT text FROM shop WHERE text = '%s' OR text LIKE '%s' ORDER BY text", other, one);
  check_rows(harness, sql, rows);
  if (sqlite3_libversion_number() < 3039000) return;
  snprintf(sql, sizeof sql, "CREATE TEMP TABLE k(w); INSERT INTO k VALUES ('%s')", other);
  harness_run(harness->db, sql);
  snprintf(rows, sizeof rows, "NULL|'%s'\n'%s'|'%s'", one, other, other);
  check_rows(harness, "SELECT w, text FROM k FULL JOIN shop ON text = w ORDER BY w", rows);
}

/* ---- The same row in every scan ---- */

/* Keys in another order, a null or none, 404 or 404.0: what a response may write one way and the next another. */
static void test_one_link_written_in_many_ways(void **state) {
  static const char *const ways[] = {
      "{\"type\":\"anchor\",\"page_to_status_code\":404,\"text\":\"caf\xc3\xa9/\"}",
      "{\"text\":\"caf\\u00e9\\/\",\"page_to_status_code\":4.04e2,\"type\":\"anchor\",\"image_alt\":null}",
  };
  struct harness *harness = *state;
  struct rows *rowids[2];
  for (int i = 0; i < 2; i++) {
    assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, ways[i], strlen(ways[i])), 0);
    rowids[i] = harness_query(harness->db,
                              i ? "SELECT rowid, text FROM onpage_links('" TASK "') WHERE type = 'anchor'"
                                : "SELECT rowid, text FROM onpage_links('" TASK "')",
                              NULL, 0);
    assert_int_equal(rowids[i]->count, 1);
  }
  assert_string_equal(rowids[0]->row[0], rowids[1]->row[0]);
  rows_free(rowids[0]);
  rows_free(rowids[1]);
}

/* What JavaScript's numbers hold, and distinct, equal links included; whatever is read beside them. */
static void test_numbers(void **state) {
  struct harness *harness = *state;
  char *items = dataset_read(SHOP_FILE);
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
  sqlite3_free(items);
  check_rows(harness,
             "SELECT count(*) = count(DISTINCT rowid), min(rowid) >= 0, max(rowid) < 9007199254740992 FROM onpage_links('" TASK
             "')",
             "1|1|1");
  check_rows(harness,
             "SELECT count(*) = (SELECT count(*) FROM onpage_links('" TASK "')) FROM onpage_links('" TASK "') AS a "
             "JOIN (SELECT rowid AS id, item FROM onpage_links('" TASK "')) AS b ON a.rowid = b.id AND a.item = b.item",
             "1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(test_texts_made_to_collide),
      e2e_test(test_one_link_written_in_many_ways),
      e2e_test(test_numbers),
  };
  return cmocka_run_group_tests_name("rowids", tests, NULL, NULL);
}
