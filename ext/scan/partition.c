/*
** By character: the expression ^.*[…].{n}$ asks for one character at a distance from the end of a text. All partitions but the
** last have disjoint sets of characters; the last has everything else, by not_regex: texts that are too short, other characters,
** null. An API that drops nulls there, or reads an expression in another way, shows in the partitions' totals, which feed.c
** compares with the whole's before it uses them.
*/
#include "scan/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "client/option.h"
#include "plan/pattern.h"

enum {
  CHARACTERS = 128,  /* ASCII: any other goes to the last partition */
  DISTANCE_MAX = 20, /* characters from the end that are looked at */
  PARTITIONS_MAX = 32
};
_Static_assert((int)PARTITIONS_MAX >= (int)IN_FLIGHT_MAX, "a result is partitioned for as many requests as may be in flight");

static void free_partition(struct partition *partition) {
  if (partition == NULL) return;
  for (size_t i = 0; i < partition->expression_count; i++) free(partition->expressions[i]);
  free(partition);
}

void partition_set_release(struct partition_set *set) {
  for (size_t i = 0; i < set->count; i++) free_partition(set->partitions[i]);
  free(set->partitions);
  *set = (struct partition_set){0};
}

/* A partition with the same conditions, and copies of the expressions. NULL when memory ran out. */
static struct partition *copy_partition(const struct partition *partition) {
  struct partition *copy = malloc(sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *partition;
  copy->too_large = false;
  copy->expression_count = 0;
  for (size_t i = 0; i < partition->expression_count; i++) {
    char *expression = strdup(partition->expressions[i]);
    if (expression == NULL) {
      free_partition(copy);
      return NULL;
    }
    for (size_t j = 0; j < copy->condition_count; j++)
      if (copy->conditions[j].text == partition->expressions[i]) copy->conditions[j].text = expression;
    copy->expressions[copy->expression_count++] = expression;
  }
  if (partition->list != NULL) copy->list = copy->conditions + (partition->list - partition->conditions);
  return copy;
}

/* Fills the set with copies of a partition, for the caller to give each its condition. */
static int make_partitions(const struct partition *whole, size_t count, struct partition_set *set, struct error *error) {
  *set = (struct partition_set){.partitions = calloc(count + 1, sizeof *set->partitions)};
  if (set->partitions == NULL) return error_no_memory(error);
  for (; set->count < count; set->count++) {
    set->partitions[set->count] = copy_partition(whole);
    if (set->partitions[set->count] == NULL) return error_no_memory(error);
  }
  return 0;
}

/* A partition that is all of the query. */
static struct partition partition_of_query(const struct query *query) {
  struct partition partition = {.condition_count = query->resolved.condition_count};
  memcpy(partition.conditions, query->resolved.conditions, sizeof query->resolved.conditions);
  return partition;
}

int partition_set_replace(struct partition_set *set, size_t i, struct partition_set *smaller, struct error *error) {
  size_t count = set->count + smaller->count;
  struct partition **grown = realloc(set->partitions, count * sizeof *grown);
  if (grown == NULL) return error_no_memory(error);
  free_partition(grown[i]);
  grown[i] = smaller->partitions[0];
  memcpy(grown + set->count, smaller->partitions + 1, (smaller->count - 1) * sizeof *grown);
  free(smaller->partitions);
  *smaller = (struct partition_set){0};
  set->partitions = grown;
  set->count = count - 1;
  return 0;
}

int partition_whole(const struct query *query, struct partition_set *set, struct error *error) {
  const struct partition whole = partition_of_query(query);
  return make_partitions(&whole, 1, set, error);
}

int partition_by_list(const struct query *query, struct partition_set *set, struct error *error) {
  const struct condition *whole_list = &query->resolved.conditions[query->resolved.long_list];
  const struct partition whole = partition_of_query(query);
  size_t count = 0;
  size_t before = 0;
  for (size_t i = 0; i < whole_list->list_size; i += query_list_piece(query, i)) count++;
  if (make_partitions(&whole, count, set, error) != 0) return -1;
  for (size_t i = 0; i < count; i++) {
    struct condition *list = &set->partitions[i]->conditions[query->resolved.long_list];
    list->list += before;
    list->list_size = query_list_piece(query, before);
    before += list->list_size;
    /* An API that ignores case could give a row for members of two pieces: it belongs to the piece that has its value. */
    set->partitions[i]->list = list;
  }
  return 0;
}

/* ---- By character ---- */

/* How often each character is found at a distance from the end of a column's texts. */
struct histogram {
  int column;
  int distance;
  size_t counts[CHARACTERS];
  size_t others;
};

/* The characters of one partition, and how many of the page's rows have one of them. */
struct char_class {
  char characters[CHARACTERS];
  size_t size;
  size_t rows;
};

/* Counts the characters of a column of the page at all distances. */
static int count_characters(struct page *page, int column, struct histogram histograms[DISTANCE_MAX + 1], struct error *error) {
  memset(histograms, 0, (DISTANCE_MAX + 1) * sizeof *histograms);
  for (size_t i = 0; i < page_item_count(page); i++) {
    struct value value;
    if (page_value(page, i, column, &value, error) != 0) return -1;
    /* A distance in bytes is one in characters only while all bytes after it are ASCII. */
    bool ascii = value.type == VALUE_TEXT;
    for (size_t distance = 0; distance <= DISTANCE_MAX; distance++) {
      unsigned char c = ascii && value.size > distance ? (unsigned char)value.text[value.size - distance - 1] : CHARACTERS;
      ascii = ascii && c < CHARACTERS;
      if (ascii && c > ' ')
        histograms[distance].counts[c]++;
      else
        histograms[distance].others++;
    }
  }
  for (int distance = 0; distance <= DISTANCE_MAX; distance++) {
    histograms[distance].column = column;
    histograms[distance].distance = distance;
  }
  return 0;
}

/* Distributes characters evenly: the most frequent one left goes to the class with the fewest rows. The last class has `others` as
** well. Returns the rows of the largest class. */
static size_t fill_classes(const struct histogram *histogram, struct char_class *classes, size_t count) {
  size_t counts[CHARACTERS];
  memcpy(counts, histogram->counts, sizeof counts);
  memset(classes, 0, count * sizeof *classes);
  classes[count - 1].rows = histogram->others;
  for (;;) {
    size_t most = 0;
    size_t emptiest = 0;
    for (size_t c = 0; c < CHARACTERS; c++)
      if (counts[c] > counts[most]) most = c;
    if (counts[most] == 0) break;
    for (size_t i = 1; i < count; i++)
      if (classes[i].rows < classes[emptiest].rows) emptiest = i;
    classes[emptiest].characters[classes[emptiest].size++] = (char)most;
    classes[emptiest].rows += counts[most];
    counts[most] = 0;
  }
  size_t largest = 0;
  for (size_t i = 0; i < count; i++)
    if (classes[i].rows > largest) largest = classes[i].rows;
  return largest;
}

/* Removes classes without characters, which there are when characters are fewer than classes; the last class stays. Returns the
** number of classes left. */
static size_t drop_empty(struct char_class *classes, size_t count) {
  size_t left = 0;
  for (size_t i = 0; i < count; i++)
    if (classes[i].size > 0 || i == count - 1) classes[left++] = classes[i];
  return left;
}

/* ^(?s:.*)[…](?s:.{distance})$ */
static char *class_expression(const char *characters, size_t size, int distance) {
  struct buffer expression = {0};
  buffer_append_text(&expression, "^(?s:.*)[");
  for (size_t i = 0; i < size; i++) buffer_append_format(&expression, "\\x%02X", (unsigned)characters[i]);
  buffer_append_format(&expression, "](?s:.{%d})$", distance);
  return buffer_take(&expression);
}

/* Gives the partition the condition of class i. */
static int make_condition(const struct histogram *histogram, const struct char_class *classes, size_t i, size_t count,
                          struct partition *partition, struct error *error) {
  char all[CHARACTERS * PARTITIONS_MAX];
  size_t size = 0;
  bool rest = i == count - 1;
  for (size_t j = rest ? 0 : i; j < (rest ? count - 1 : i + 1); j++) {
    memcpy(all + size, classes[j].characters, classes[j].size);
    size += classes[j].size;
  }
  char *expression = class_expression(all, size, histogram->distance);
  if (expression == NULL) return error_no_memory(error);
  partition->expressions[partition->expression_count++] = expression;
  partition->conditions[partition->condition_count++] = (struct condition){
      .column = histogram->column,
      .op = rest ? API_NOT_REGEX : API_REGEX,
      .operand = OPERAND_TEXT,
      .text = expression,
  };
  return 0;
}

int partition_by_character(const struct query *query, const struct partition *partition, struct page *page, int wanted,
                           struct partition_set *set, struct error *error) {
  const struct endpoint *endpoint = query->endpoint;
  struct char_class classes[PARTITIONS_MAX];
  struct histogram histograms[DISTANCE_MAX + 1];
  struct histogram best = {0};
  size_t best_largest = page_item_count(page);
  size_t count = wanted < PARTITIONS_MAX ? (size_t)wanted : PARTITIONS_MAX;
  *set = (struct partition_set){0};
  if (partition->condition_count + query->raw_conditions >= (size_t)endpoint->conditions_max || count < 2) return 0;
  for (int column = 0; column < endpoint->partition_column_count; column++) {
    if (count_characters(page, endpoint->partition_columns[column], histograms, error) != 0) return -1;
    for (int distance = 0; distance <= DISTANCE_MAX; distance++) {
      size_t largest = fill_classes(&histograms[distance], classes, count);
      if (largest >= best_largest) continue;
      best_largest = largest;
      best = histograms[distance];
    }
  }
  /* The other partitions would wait for one that has more than half of all rows. (A page without rows shows nothing.) */
  if (page_item_count(page) == 0 || best_largest * 2 > page_item_count(page)) return 0;
  fill_classes(&best, classes, count);
  count = drop_empty(classes, count);
  if (make_partitions(partition, count, set, error) != 0) return -1;
  for (size_t i = 0; i < count; i++) {
    set->partitions[i]->sample_rows = classes[i].rows;
    if (make_condition(&best, classes, i, count, set->partitions[i], error) != 0) return -1;
  }
  return 0;
}
