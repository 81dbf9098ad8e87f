/*
** Random conditions: every operator on every column, in every form that SQL has for it.
*/
#include <string.h>

#include "generate.h"

static const char *local_name(struct generator *generator) {
  return local_columns[LOCAL_TASK + 1 + below(generator, LOCAL_COLUMNS - 1)].name;
}

struct node *links_column(struct generator *generator, int *field) {
  size_t start = generator->visible + below(generator, generator->source_count - generator->visible);
  for (size_t i = 0; i < generator->source_count - generator->visible; i++) {
    size_t at = generator->visible + (start - generator->visible + i) % (generator->source_count - generator->visible);
    const struct source *source = &generator->sources[at];
    if (!source->is_links) continue;
    if (*field < 0) *field = (int)below(generator, FIELD_COUNT);
    return tree_text(generator->tree, "%s.%s", source->alias, dataset_fields[*field].name);
  }
  return NULL;
}

struct node *random_column(struct generator *generator, int *field) {
  *field = -1;
  struct node *column = chance(generator, 85) ? links_column(generator, field) : NULL;
  if (column) return column;
  const struct source *source =
      &generator->sources[generator->visible + below(generator, generator->source_count - generator->visible)];
  if (source->is_links) {
    *field = (int)below(generator, FIELD_COUNT);
    return tree_text(generator->tree, "%s.%s", source->alias, dataset_fields[*field].name);
  }
  return tree_text(generator->tree, "%s.%s", source->alias, local_name(generator));
}

static struct node *value_of(struct generator *generator, int field) {
  struct bound value = random_value(generator, field);
  return value_node(generator, &value);
}

/* The column, at times with something around it that takes it out of the planner's sight. */
static struct node *operand(struct generator *generator, struct node *column, bool text_field) {
  static const char *const any[] = {"+%",        "coalesce(%, 1)",           "(%)",      "CAST(% AS TEXT)",
                                    "(% || '')", "(CASE WHEN 1 THEN % END)", "likely(%)"};
  static const char *const texts[] = {"upper(%)", "lower(%)", "length(%)", "trim(%)", "substr(%, 2)", "hex(%)"};
  static const char *const numbers[] = {"-%", "(% + 0)", "(% * 2)", "(% IS NULL)", "(NOT %)"};
  if (chance(generator, 88)) return column;
  const char *frame = chance(generator, 40) ? PICK(generator, any)
                      : text_field          ? PICK(generator, texts)
                                            : PICK(generator, numbers);
  return tree_frame(generator->tree, NODE_PLAIN, frame, column, NULL);
}

static bool is_text(int field) {
  return field >= 0 && !strcmp(dataset_fields[field].type, "TEXT");
}

static struct node *comparison(struct generator *generator) {
  static const char *const operators[] = {"=", "=", "=", "=", "<>", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "==", "!="};
  static const char *const collations[] = {" COLLATE NOCASE", " COLLATE RTRIM", " COLLATE BINARY"};
  int field;
  struct node *column = random_column(generator, &field);
  struct node *left = operand(generator, column, is_text(field)), *right = value_of(generator, field);
  if (!generator->task_at_risk && chance(generator, 12)) {
    struct node **side = chance(generator, 50) ? &left : &right;
    *side = tree_frame(generator->tree, NODE_PLAIN, "%%", *side, text(generator, PICK(generator, collations)), NULL);
  }
  if (chance(generator, 12)) {
    struct node *swapped = left;
    left = right;
    right = swapped;
  }
  return tree_frame(generator->tree, NODE_CONDITION, chance(generator, 3) ? "unlikely(% % %)" : "% % %", left,
                    text(generator, PICK(generator, operators)), right, NULL);
}

static struct node *between(struct generator *generator) {
  int field;
  struct node *column = random_column(generator, &field);
  struct node *low = value_of(generator, field), *high = value_of(generator, field);
  return tree_frame(generator->tree, NODE_CONDITION, chance(generator, 80) ? "(% BETWEEN % AND %)" : "(% NOT BETWEEN % AND %)",
                    operand(generator, column, is_text(field)), low, high, NULL);
}

/* More values than go into one list, or longer ones than go into one body; some are the items'. */
static struct node *long_list(struct generator *generator, int field) {
  static const char *const values[] = {"'/p/' || i", "'https://a.example/p/' || i", "printf('%0400d', i)", "i", "i / 2"};
  static const int counts[] = {20, 150, 150, 1100};
  return tree_frame(generator->tree, NODE_PLAIN,
                    "WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < %) SELECT % FROM n UNION ALL "
                    "SELECT % UNION ALL SELECT %",
                    tree_text(generator->tree, "%d", PICK(generator, counts)), text(generator, PICK(generator, values)),
                    value_of(generator, field), value_of(generator, field), NULL);
}

static struct node *in_list(struct generator *generator) {
  int field;
  struct tree *tree = generator->tree;
  struct node *column = random_column(generator, &field), *set;
  size_t form = below(generator, 10);
  if (sqlite3_libversion_number() >= 3038000 && !generator->task_at_risk && chance(generator, 4)) {
    set = long_list(generator, field); /* before, each value is a scan */
  } else if (form < 7) {
    set = tree_list(tree, ", ", 0);
    size_t count = !generator->task_at_risk && chance(generator, 5) ? 0 : chance(generator, 5) ? 30 : 1 + below(generator, 5);
    for (size_t i = 0; i < count; i++) tree_list_add(set, value_of(generator, field));
  } else if (form < 9 || generator->nested > 1 || generator->world->linear) {
    /* Before 3.38 SQLite compares such a list's values with a virtual table's text columns as text, whatever their affinity. */
    const char *name = sqlite3_libversion_number() < 3038000 ? "t" : local_name(generator);
    set = tree_text(tree, "SELECT %s FROM local", name);
  } else {
    generator->nested++;
    struct node *from = links_from_where(generator, DEPTH_MAX);
    generator->nested--;
    /* The inner table has the newest alias, whatever stood in its conditions. */
    set = tree_frame(tree, NODE_PLAIN, "SELECT % %",
                     text(generator, dataset_fields[field < 0 ? (int)below(generator, FIELD_COUNT) : field].name), from, NULL);
  }
  return tree_frame(tree, NODE_CONDITION, chance(generator, 75) ? "% IN (%)" : "% NOT IN (%)",
                    operand(generator, column, is_text(field)), set, NULL);
}

static struct node *null_test(struct generator *generator) {
  static const char *const frames[] = {"% IS NULL", "% IS NOT NULL", "% NOTNULL", "% ISNULL"};
  int field;
  struct node *column = random_column(generator, &field);
  return tree_frame(generator->tree, NODE_CONDITION, PICK(generator, frames), operand(generator, column, is_text(field)), NULL);
}

static struct node *pattern(struct generator *generator) {
  int field;
  struct tree *tree = generator->tree;
  struct node *column = random_column(generator, &field);
  bool glob = chance(generator, 45);
  struct node *left = operand(generator, column, is_text(field)), *right;
  struct bound value = random_value(generator, field);
  bool as_it_is = value.type != SQLITE_TEXT || chance(generator, 5);
  right = as_it_is ? literal_or_parameter(generator, &value) : pattern_node(generator, &value, glob);
  if (glob) return tree_frame(tree, NODE_CONDITION, chance(generator, 80) ? "% GLOB %" : "% NOT GLOB %", left, right, NULL);
  if (chance(generator, 12)) return tree_frame(tree, NODE_CONDITION, "% LIKE % ESCAPE '!'", left, right, NULL);
  if (chance(generator, 5)) return tree_frame(tree, NODE_CONDITION, "% LIKE %", right, left, NULL);
  return tree_frame(tree, NODE_CONDITION, chance(generator, 80) ? "% LIKE %" : "% NOT LIKE %", left, right, NULL);
}

static struct node *bare(struct generator *generator) {
  static const char *const frames[] = {
      "%", "NOT %", "% IS TRUE", "% IS FALSE", "% IS NOT TRUE", "% IS NOT FALSE", "CASE % WHEN 1 THEN 1 END", "iif(%, 1, 0)"};
  int field;
  struct node *column = random_column(generator, &field);
  size_t usable = LENGTH(frames) - (sqlite3_libversion_number() < 3032000);
  return tree_frame(generator->tree, NODE_CONDITION, frames[below(generator, usable)], column, NULL);
}

static struct node *columns(struct generator *generator) {
  static const char *const operators[] = {"=", "=", "=", "<>", "<", ">=", "IS", "IS NOT"};
  int left_field, right_field;
  struct node *left = random_column(generator, &left_field), *right = NULL;
  right_field = left_field;
  if (left_field >= 0 && chance(generator, 60)) right = links_column(generator, &right_field);
  if (!right) right = random_column(generator, &right_field);
  return tree_frame(generator->tree, NODE_CONDITION, "% % %", left, text(generator, PICK(generator, operators)), right, NULL);
}

/* Without an affinity of its own: up to 3.46 SQLite forgets that of a row in VALUES where a RIGHT JOIN looks at the list again. */
static struct node *plain_value_of(struct generator *generator, int field) {
  struct bound value = random_value(generator, field);
  return literal_or_parameter(generator, &value);
}

static struct node *row_value(struct generator *generator) {
  static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"};
  int first_field, second_field;
  struct tree *tree = generator->tree;
  struct node *first = random_column(generator, &first_field), *second = random_column(generator, &second_field);
  struct node *a = plain_value_of(generator, first_field), *b = plain_value_of(generator, second_field);
  unsigned kind = below(generator, 4);
  /* Before 3.38 SQLite doesn't check an IN of row values again, whatever a virtual table gives; with values of another type the
  ** extension can't either. */
  if (kind <= 1 && sqlite3_libversion_number() < 3038000) kind = 2;
  switch (kind) {
    case 0:
      return tree_frame(tree, NODE_CONDITION, "(%, %) IN (VALUES (%, %), (%, %))", first, second, a, b,
                        plain_value_of(generator, first_field), plain_value_of(generator, second_field), NULL);
    case 1:
      return tree_frame(tree, NODE_CONDITION, "(%, %) IN (SELECT %, % FROM local)", first, second,
                        text(generator, local_name(generator)), text(generator, local_name(generator)), NULL);
    default:
      return tree_frame(tree, NODE_CONDITION, "(%, %) % (%, %)", first, second, text(generator, PICK(generator, operators)), a,
                        b, NULL);
  }
}

static struct node *sub_query(struct generator *generator) {
  static const char *const aggregates[] = {"count(*)", "count(link_to)", "max(page_to_status_code)", "min(+link_to)",
                                           "sum(dofollow)"};
  struct tree *tree = generator->tree;
  generator->nested++;
  struct node *from = links_from_where(generator, DEPTH_MAX);
  generator->nested--;
  switch (below(generator, 3)) {
    case 0: return tree_frame(tree, NODE_CONDITION, "EXISTS (SELECT 1 %)", from, NULL);
    case 1: return tree_frame(tree, NODE_CONDITION, "NOT EXISTS (SELECT * %)", from, NULL);
    default: {
      int field;
      struct node *column = random_column(generator, &field);
      return tree_frame(tree, NODE_CONDITION, "% < (SELECT % %)", column, text(generator, PICK(generator, aggregates)), from,
                        NULL);
    }
  }
}

/* Another word on the task, true or not; only tasks that exist are named. */
static struct node *task(struct generator *generator) {
  static const char *const frames[] = {"%.task_id = %", "%.task_id <> %", "%.task_id >= %", "%.task_id IS %",
                                       "%.task_id LIKE %"};
  const struct source *source =
      &generator->sources[generator->visible + below(generator, generator->source_count - generator->visible)];
  if (!source->is_links) return bare(generator);
  struct bound value = {.type = SQLITE_TEXT, .bytes = world_tasks[below(generator, TASKS)], .size = -1};
  value.size = (int)strlen(value.bytes);
  return tree_frame(generator->tree, NODE_CONDITION, PICK(generator, frames), text(generator, source->alias),
                    literal_or_parameter(generator, &value), NULL);
}

static struct node *constant(struct generator *generator) {
  static const char *const constants[] = {"1", "0", "NULL", "'1'", "1 = 1", "1 = 0"};
  return tree_frame(generator->tree, NODE_CONDITION, generator->task_at_risk ? "1" : PICK(generator, constants), NULL);
}

static struct node *leaf(struct generator *generator, int depth) {
  size_t kind = below(generator, 100);
  if (kind < 38) return comparison(generator);
  if (kind < 45) return between(generator);
  if (kind < 58) return in_list(generator);
  if (kind < 64) return null_test(generator);
  if (kind < 78) return pattern(generator);
  if (kind < 86) return bare(generator);
  if (kind < 91) return columns(generator);
  if (kind < 95) return row_value(generator);
  if (kind < 96) return task(generator);
  if (kind < 99 && depth < DEPTH_MAX && generator->nested < 2 && !generator->world->linear) return sub_query(generator);
  return constant(generator);
}

struct node *random_condition(struct generator *generator, int depth) {
  struct tree *tree = generator->tree;
  size_t kind = depth >= DEPTH_MAX ? 0 : below(generator, 100);
  if (kind < 62) return leaf(generator, depth);
  if (kind < 75)
    return tree_frame(tree, NODE_CONDITION, "(% AND %)", random_condition(generator, depth + 1),
                      random_condition(generator, depth + 1), NULL);
  if (kind < 94 && !generator->no_or)
    return tree_frame(tree, NODE_CONDITION, "(% OR %)", random_condition(generator, depth + 1),
                      random_condition(generator, depth + 1), NULL);
  return tree_frame(tree, NODE_CONDITION, "NOT (%)", random_condition(generator, depth + 1), NULL);
}
