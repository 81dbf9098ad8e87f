/*
** Parts of a query.
**
** By class of character: the expression ^.*[…].{n}$ asks for one character at a distance from the end of a text. The classes of all
** partitions but the last are disjoint sets of characters; the last partition is everything else, by not_regex, be it a text too short,
** another character, or null. An API that drops nulls there, or reads an expression otherwise, shows in the partitions' totals,
** which the scan adds up before it believes in them.
*/
#include "scan/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "client/option.h"
#include "plan/pattern.h"

enum {
  CHARACTERS = 128,  /* ASCII: any other goes to the last partition */
  DISTANCE_MAX = 12, /* characters from the end that are looked at */
  PARTS_MAX = 32
};
_Static_assert((int)PARTS_MAX >= (int)IN_FLIGHT_MAX, "a result is partitioned for as many requests as may be in flight");

static void free_partition(struct partition *partition) {
  if (partition == NULL) return;
  for (size_t i = 0; i < partition->made_count; i++) free(partition->made[i]);
  free(partition);
}

void partitions_release(struct partitions *partitions) {
  for (size_t i = 0; i < partitions->count; i++) free_partition(partitions->partitions[i]);
  free(partitions->partitions);
  *partitions = (struct partitions){0};
}

/* A partition with the same conditions, and operands of its own where the other owns them. NULL when memory ran out. */
static struct partition *copy_partition(const struct partition *partition) {
  struct partition *copy = malloc(sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *partition;
  copy->made_count = 0;
  for (size_t i = 0; i < partition->made_count; i++) {
    char *made = strdup(partition->made[i]);
    if (made == NULL) {
      free_partition(copy);
      return NULL;
    }
    for (size_t j = 0; j < copy->condition_count; j++)
      if (copy->conditions[j].text == partition->made[i]) copy->conditions[j].text = made;
    copy->made[copy->made_count++] = made;
  }
  if (partition->members != NULL) copy->members = copy->conditions + (partition->members - partition->conditions);
  return copy;
}

static int make_partitions(const struct partition *whole, size_t count, struct partitions *partitions, struct error *error) {
  *partitions = (struct partitions){.partitions = calloc(count + 1, sizeof *partitions->partitions)};
  if (partitions->partitions == NULL) return error_no_memory(error);
  for (; partitions->count < count; partitions->count++) {
    partitions->partitions[partitions->count] = copy_partition(whole);
    if (partitions->partitions[partitions->count] == NULL) return error_no_memory(error);
  }
  return 0;
}

/* A partition that is all of the query. */
static struct partition partition_of_query(const struct query *query) {
  struct partition partition = {.condition_count = query->resolved.condition_count};
  memcpy(partition.conditions, query->resolved.conditions, sizeof query->resolved.conditions);
  return partition;
}

int partitions_replace(struct partitions *partitions, size_t i, struct partitions *smaller, struct error *error) {
  size_t count = partitions->count + smaller->count;
  struct partition **grown = realloc(partitions->partitions, count * sizeof *grown);
  if (grown == NULL) return error_no_memory(error);
  free_partition(grown[i]);
  grown[i] = smaller->partitions[0];
  memcpy(grown + partitions->count, smaller->partitions + 1, (smaller->count - 1) * sizeof *grown);
  free(smaller->partitions);
  *smaller = (struct partitions){0};
  partitions->partitions = grown;
  partitions->count = count - 1;
  return 0;
}

int partition_whole(const struct query *query, struct partitions *partitions, struct error *error) {
  const struct partition whole = partition_of_query(query);
  return make_partitions(&whole, 1, partitions, error);
}

int partition_list(const struct query *query, struct partitions *partitions, struct error *error) {
  const struct condition *whole_list = &query->resolved.conditions[query->resolved.long_list];
  const struct partition whole = partition_of_query(query);
  size_t count = 0;
  size_t before = 0;
  for (size_t i = 0; i < whole_list->list_size; i += query_list_piece(query, i)) count++;
  if (make_partitions(&whole, count, partitions, error) != 0) return -1;
  for (size_t i = 0; i < count; i++) {
    struct condition *list = &partitions->partitions[i]->conditions[query->resolved.long_list];
    list->list += before;
    list->list_size = query_list_piece(query, before);
    before += list->list_size;
    /* An API that is blind to case could give a row for members in two pieces: it belongs to the piece that has its value. */
    partitions->partitions[i]->members = list;
  }
  return 0;
}

/* ---- Classes ---- */

/* How often each character stands at a distance from the end of a column's texts. */
struct histogram {
  int column;
  int distance;
  size_t counts[CHARACTERS];
  size_t others;
};

/* Characters of a partition, with how many of the page's rows it takes. */
struct char_class {
  char characters[CHARACTERS];
  size_t size;
  size_t rows;
};

static int count_characters(struct page *page, struct histogram *histogram, struct error *error) {
  for (size_t i = 0; i < page_item_count(page); i++) {
    struct value value;
    if (page_value(page, i, histogram->column, &value, error) != 0) return -1;
    size_t before = (size_t)histogram->distance + 1;
    unsigned char c = CHARACTERS;
    if (value.type == VALUE_TEXT && value.size >= before) c = (unsigned char)value.text[value.size - before];
    /* Bytes are characters only as long as all behind them are ASCII. */
    for (size_t j = 1; c < CHARACTERS && j < before; j++)
      if ((unsigned char)value.text[value.size - j] >= CHARACTERS) c = CHARACTERS;
    if (c < CHARACTERS && c > ' ')
      histogram->counts[c]++;
    else
      histogram->others++;
  }
  return 0;
}

/* Fills classes evenly: the most frequent character goes to the class that is emptiest. The last class keeps `others`. */
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

/* Where there are fewer characters than classes, some are empty. The last class is kept in any case. Gives the number that is
** left. */
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

/* Gives partition i its condition. */
static int make_condition(const struct histogram *histogram, const struct char_class *classes, size_t i, size_t count,
                          struct partition *partition, struct error *error) {
  char all[CHARACTERS * PARTS_MAX];
  size_t size = 0;
  bool rest = i == count - 1;
  for (size_t j = rest ? 0 : i; j < (rest ? count - 1 : i + 1); j++) {
    memcpy(all + size, classes[j].characters, classes[j].size);
    size += classes[j].size;
  }
  char *expression = class_expression(all, size, histogram->distance);
  if (expression == NULL) return error_no_memory(error);
  partition->made[partition->made_count++] = expression;
  partition->conditions[partition->condition_count++] = (struct condition){
      .column = histogram->column,
      .op = rest ? API_NOT_REGEX : API_REGEX,
      .operand = OPERAND_TEXT,
      .text = expression,
  };
  return 0;
}

int partition_by_character(const struct query *query, const struct partition *partition, struct page *page, int wanted,
                           struct partitions *partitions, struct error *error) {
  const struct endpoint *endpoint = query->endpoint;
  struct char_class classes[PARTS_MAX];
  struct histogram best = {0};
  size_t best_largest = page_item_count(page);
  size_t count = wanted < PARTS_MAX ? (size_t)wanted : PARTS_MAX;
  *partitions = (struct partitions){0};
  if (partition->condition_count + query->raw_conditions >= (size_t)endpoint->conditions_max || count < 2) return 0;
  for (int distance = 0; distance <= DISTANCE_MAX; distance++) {
    struct histogram histogram = {.column = endpoint->partition_column, .distance = distance};
    if (count_characters(page, &histogram, error) != 0) return -1;
    size_t largest = fill_classes(&histogram, classes, count);
    if (largest >= best_largest) continue;
    best_largest = largest;
    best = histogram;
  }
  /* A partition that has more than half of all rows would hold the others up. (A page without rows shows nothing.) */
  if (page_item_count(page) == 0 || best_largest * 2 > page_item_count(page)) return 0;
  fill_classes(&best, classes, count);
  count = drop_empty(classes, count);
  if (make_partitions(partition, count, partitions, error) != 0) return -1;
  for (size_t i = 0; i < count; i++)
    if (make_condition(&best, classes, i, count, partitions->partitions[i], error) != 0) return -1;
  return 0;
}
