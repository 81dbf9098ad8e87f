/*
** Filtering by columns: each condition is tried on each distinct value of its field, which leaves one look-up per condition
** for a row. Only the fields that differ between copies are tried again for each copy.
*/
#include "matches.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"

enum { KEPT = 128 }; /* more than the partitions in which a client may read a crawl side by side */

/* Guards itself: requests for one crawl run side by side. */
struct standin_matches {
  pthread_mutex_t mutex;
  struct entry {
    struct standin_text selection;
    struct standin_rows *rows; /* NULL: free */
  } entries[KEPT];
  size_t next; /* entry to be replaced */
};

/* For each condition, by number of the value: is it kept. */
struct verdicts {
  bool *of[STANDIN_CONDITIONS + STANDIN_PARAMETERS];
  const uint32_t *numbers[STANDIN_CONDITIONS + STANDIN_PARAMETERS];
};

struct standin_matches *standin_matches_new(void) {
  struct standin_matches *matches = standin_allocate(1, sizeof *matches);
  pthread_mutex_init(&matches->mutex, NULL);
  return matches;
}

static void drop(struct standin_rows *rows) {
  if (!rows || --rows->references) return;
  free(rows->rows);
  free(rows);
}

void standin_matches_free(struct standin_matches *matches) {
  for (size_t i = 0; i < KEPT; i++) {
    drop(matches->entries[i].rows);
    standin_text_release(&matches->entries[i].selection);
  }
  pthread_mutex_destroy(&matches->mutex);
  free(matches);
}

static void judge(struct verdicts *verdicts, const struct standin_items *items, const struct standin_filter *filter,
                  size_t copy) {
  struct standin_text scratch = {0};
  for (size_t i = 0; i < filter->count; i++) {
    const struct standin_condition *condition = filter->conditions[i];
    size_t field = standin_condition_field(condition);
    const struct standin_column *column = &items->columns[field];
    bool varies = standin_field_varies(field);
    if (copy && !varies) continue;
    if (!copy) verdicts->of[i] = standin_allocate(column->count + 1, sizeof(bool));
    verdicts->numbers[i] = column->numbers;
    verdicts->of[i][0] = standin_condition_keeps(condition, NULL);
    for (size_t value = 0; value < column->count; value++) {
      struct standin_value here = standin_value_in_copy(&column->values[value], varies ? copy : 0, &scratch);
      verdicts->of[i][value + 1] = standin_condition_keeps(condition, &here);
    }
  }
  standin_text_release(&scratch);
}

static bool keeps(const struct verdicts *verdicts, const struct standin_node *node, size_t row) {
  if (node->join == STANDIN_LEAF) return verdicts->of[node->condition][verdicts->numbers[node->condition][row]];
  bool all = node->join == STANDIN_AND;
  for (const struct standin_node *part = node->first; part; part = part->next)
    if (keeps(verdicts, part, row) != all) return !all;
  return all;
}

static bool row_matches(const struct verdicts *verdicts, const struct standin_filter *filter, size_t row) {
  for (size_t i = filter->tree_count; i < filter->count; i++)
    if (!verdicts->of[i][verdicts->numbers[i][row]]) return false;
  return !filter->tree || keeps(verdicts, filter->tree, row);
}

static struct standin_rows *select_rows(const struct standin_items *items, const struct standin_filter *filter) {
  struct standin_rows *rows = standin_allocate(1, sizeof *rows);
  rows->references = 1;
  if (!filter->count) {
    rows->count = standin_items_count(items);
    return rows;
  }
  rows->rows = standin_allocate(standin_items_count(items), sizeof *rows->rows);
  struct verdicts verdicts = {{0}, {0}};
  for (size_t copy = 0; copy < items->copies; copy++) {
    judge(&verdicts, items, filter, copy);
    for (size_t row = 0; row < items->file_rows; row++)
      if (row_matches(&verdicts, filter, row)) rows->rows[rows->count++] = (uint32_t)(copy * items->file_rows + row);
  }
  for (size_t i = 0; i < filter->count; i++) free(verdicts.of[i]);
  rows->rows = standin_resize(rows->rows, rows->count, sizeof *rows->rows);
  return rows;
}

/* With the mutex held. */
static struct standin_rows *look_up(struct standin_matches *matches, const struct standin_text *selection) {
  for (size_t i = 0; i < KEPT; i++) {
    struct entry *entry = &matches->entries[i];
    if (!entry->rows || entry->selection.length != selection->length) continue;
    if (memcmp(entry->selection.data, selection->data, selection->length)) continue;
    entry->rows->references++;
    return entry->rows;
  }
  return NULL;
}

static void keep(struct standin_matches *matches, const struct standin_text *selection, struct standin_rows *rows) {
  struct entry *entry = &matches->entries[matches->next];
  matches->next = (matches->next + 1) % KEPT;
  drop(entry->rows);
  entry->selection.length = 0;
  standin_text_add(&entry->selection, selection->data, selection->length);
  entry->rows = rows;
  rows->references++;
}

struct standin_rows *standin_matches_find(const struct standin_items *items, const struct standin_filter *filter,
                                          const struct standin_text *selection) {
  struct standin_matches *matches = items->matches;
  pthread_mutex_lock(&matches->mutex);
  struct standin_rows *rows = look_up(matches, selection);
  pthread_mutex_unlock(&matches->mutex);
  if (rows) return rows;
  rows = select_rows(items, filter); /* two requests may do this at once; both results are right, and both are kept */
  pthread_mutex_lock(&matches->mutex);
  keep(matches, selection, rows);
  pthread_mutex_unlock(&matches->mutex);
  return rows;
}

void standin_rows_release(const struct standin_items *items, struct standin_rows *rows) {
  pthread_mutex_lock(&items->matches->mutex);
  drop(rows);
  pthread_mutex_unlock(&items->matches->mutex);
}
