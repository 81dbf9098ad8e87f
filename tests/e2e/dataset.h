/*
** Link items for the tests, as NDJSON, and a loader of the same items into an ordinary table: implemented
** independently of the extension, so that they don't share mistakes.
*/
#ifndef DATASET_H
#define DATASET_H

#include <sqlite3.h>
#include <stddef.h>

struct json_object;

/* A task id of the customary form. */
#define TASK "07131248-1535-0216-1000-17384017ad04"
#define OTHER_TASK "07131248-1535-0216-1000-0000000000b0"
#define THIRD_TASK "07131248-1535-0216-1000-0000000000c1"

/* The 76,140 links of the sample crawl; the tests run in the repository's top folder. */
#define SAMPLE_FILE "tests/data/sqlite-docs-links.ndjson.xz"

/* The 20 fields of an item in the order of the table's columns. */
enum { FIELD_COUNT = 20 };
struct dataset_field {
  const char *name;
  const char *type; /* declared: TEXT, BOOLEAN, INTEGER */
};
extern const struct dataset_field dataset_fields[FIELD_COUNT];
int dataset_field_of(const char *name); /* its index; the name must be one of them */

/* Ten links of a small shop: each type of link, two that are equal. */
#define SHOP_FILE "tests/e2e/shop.ndjson"
/* Items that go wrong somewhere: none of the fields, all null; words beyond the known ones; upper and lower case of one
** URL, slashes and blanks at its end; letters with surprising cases (long s, Kelvin sign, sharp s, dotless i), composed
** and decomposed, beyond the BMP, escaped; syntax of LIKE, GLOB, SQL, JSON and expressions; texts like numbers, empty
** texts, lines, zeros, control characters; equal items, items equal but for the order of keys or of an array. */
#define TRICKY_FILE "tests/e2e/tricky.ndjson"
/* The file's text. To be freed with sqlite3_free. */
char *dataset_read(const char *path);
/* count internal anchors from /list to /p/0, /p/1 …, broken (404) where the number is a multiple of broken_every (0: none).
** To be freed with sqlite3_free. */
char *dataset_numbered(size_t count, size_t broken_every);

/* CREATE TABLE name with the columns of onpage_links: the fields, then task_id, filters, tag. Code of SQLite. */
int dataset_create_table(sqlite3 *db, const char *name);
/* An INSERT of one row whose parameters are the fields and the task id. Code of SQLite. */
int dataset_prepare_insert(sqlite3 *db, const char *table, sqlite3_stmt **insert);
/* Inserts the items of NDJSON with this task id; filters and tag are NULL. */
int dataset_load(sqlite3 *db, const char *table, const char *task_id, const char *ndjson);

#endif
