/*
** Parts of a query.
**
** By class of character: the expression ^.*[…].{n}$ asks for one character at a distance from the end of a text. The classes of all
** parts but the last are disjoint sets of characters; the last part is everything else, by not_regex, be it a text too short,
** another character, or null. An API that drops nulls there, or reads an expression otherwise, shows in the parts' totals,
** which the scan adds up before it believes in them.
*/
#include "split.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "pattern.h"

enum {
  CHARACTERS = 128,  /* ASCII: any other goes to the last part */
  DISTANCE_MAX = 12, /* characters from the end that are looked at */
  PARTS_MAX = 32
};

void parts_release(struct parts *parts) {
  for (size_t i = 0; i < parts->count; i++) free(parts->parts[i].made);
  free(parts->parts);
  *parts = (struct parts){0};
}

/* Makes parts that have the query's conditions. */
static int make_parts(const struct query *query, size_t count, struct parts *parts, struct error *error) {
  struct part *made = calloc(count, sizeof *made);
  if (made == NULL) return error_no_memory(error);
  for (size_t i = 0; i < count; i++) {
    memcpy(made[i].conditions, query->conditions, sizeof query->conditions);
    made[i].condition_count = query->condition_count;
  }
  *parts = (struct parts){made, count};
  return 0;
}

int split_nothing(const struct query *query, struct parts *parts, struct error *error) {
  return make_parts(query, 1, parts, error);
}

int split_list(const struct query *query, struct parts *parts, struct error *error) {
  size_t size = query->conditions[query->long_list].list_size;
  size_t count = (size + query->list_max - 1) / query->list_max;
  if (make_parts(query, count, parts, error) != 0) return -1;
  for (size_t i = 0; i < count; i++) {
    struct condition *list = &parts->parts[i].conditions[query->long_list];
    size_t before = i * query->list_max;
    list->list += before;
    list->list_size = size - before < query->list_max ? size - before : query->list_max;
    /* An API that is blind to case could give a row for members in two pieces: it belongs to the piece that has its value. */
    parts->parts[i].members = list;
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

/* Characters of a part, with how many of the page's rows it takes. */
struct class {
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
static size_t fill_classes(const struct histogram *histogram, struct class *classes, size_t count) {
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

/* ^(?s:.*)[…](?s:.{distance})$ */
static char *class_expression(const char *characters, size_t size, int distance) {
  struct buffer expression = {0};
  buffer_append_text(&expression, "^(?s:.*)[");
  for (size_t i = 0; i < size; i++) buffer_append_format(&expression, "\\x%02X", (unsigned)characters[i]);
  buffer_append_format(&expression, "](?s:.{%d})$", distance);
  return buffer_take(&expression);
}

/* Gives part i its condition. */
static int make_condition(const struct histogram *histogram, const struct class *classes, size_t i, size_t count,
                          struct part *part, struct error *error) {
  char all[CHARACTERS * PARTS_MAX];
  size_t size = 0;
  bool rest = i == count - 1;
  for (size_t j = rest ? 0 : i; j < (rest ? count - 1 : i + 1); j++) {
    memcpy(all + size, classes[j].characters, classes[j].size);
    size += classes[j].size;
  }
  part->made = class_expression(all, size, histogram->distance);
  if (part->made == NULL) return error_no_memory(error);
  part->conditions[part->condition_count++] = (struct condition){
      .column = histogram->column,
      .op = rest ? API_NOT_REGEX : API_REGEX,
      .operand = OPERAND_TEXT,
      .text = part->made,
  };
  return 0;
}

int split_classes(const struct query *query, struct page *page, int wanted, struct parts *parts, struct error *error) {
  const struct endpoint *endpoint = query->endpoint;
  struct class classes[PARTS_MAX];
  struct histogram best = {0};
  size_t best_largest = page_item_count(page);
  size_t count = wanted < PARTS_MAX ? (size_t)wanted : PARTS_MAX;
  *parts = (struct parts){0};
  if (query->condition_count + query->raw_conditions >= (size_t)endpoint->conditions_max || count < 2) return 0;
  for (int distance = 0; distance <= DISTANCE_MAX; distance++) {
    struct histogram histogram = {.column = endpoint->split_column, .distance = distance};
    if (count_characters(page, &histogram, error) != 0) return -1;
    size_t largest = fill_classes(&histogram, classes, count);
    if (largest >= best_largest) continue;
    best_largest = largest;
    best = histogram;
  }
  /* A part that has half of all rows would hold the others up. */
  if (best_largest * 2 > page_item_count(page)) return 0;
  fill_classes(&best, classes, count);
  if (make_parts(query, count, parts, error) != 0) return -1;
  for (size_t i = 0; i < count; i++)
    if (make_condition(&best, classes, i, count, &parts->parts[i], error) != 0) return -1;
  return 0;
}
