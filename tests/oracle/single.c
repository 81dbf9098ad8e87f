/*
** Queries of one crawl whose requests are counted: numbers, EXISTS, LIMIT and OFFSET under terms that the API decides exactly.
** They take no more requests than the rows that they give take pages.
*/
#include <string.h>

#include "generate.h"

static struct node *given(struct generator *generator, struct bound value) {
  return chance(generator, 40) ? tree_parameter(generator->tree, &value) : literal_or_parameter(generator, &value);
}

static struct bound integer(long long value) {
  return (struct bound){.type = SQLITE_INTEGER, .integer = value};
}

/* A text that many links have. */
static struct node *word_term(struct generator *generator, const char *alias) {
  static const char *const words[2][3] = {{"anchor", "image", "link"}, {"internal", "external", "sideways"}};
  struct tree *tree = generator->tree;
  size_t field = below(generator, 2), at = below(generator, 3);
  struct bound word[2];
  for (size_t i = 0; i < 2; i++) {
    const char *text = words[field][(at + i) % 3];
    word[i] = (struct bound){.type = SQLITE_TEXT, .bytes = text, .size = (int)strlen(text)};
  }
  struct node *column = tree_text(tree, "%s.%s", alias, field ? "direction" : "type");
  if (chance(generator, 30) && !generator->world->readings.in_max)
    return tree_frame(tree, NODE_CONDITION, "% IN (%, %)", column, given(generator, word[0]), given(generator, word[1]), NULL);
  return tree_frame(tree, NODE_CONDITION, chance(generator, 70) ? "% = %" : "% IS %", column, given(generator, word[0]), NULL);
}

/* A term that any API decides exactly: on a documented column, with a value of the column's type that isn't strange in any way. */
static struct node *exact_term(struct generator *generator, const char *alias) {
  static const char *const operators[] = {"=", "IS", "<", "<=", ">", ">="};
  static const char *const texts[] = {"page_to", "link_to", "page_from", "link_from"};
  static const int statuses[] = {200, 301, 404, 500, 0, 999};
  struct tree *tree = generator->tree;
  const char *op = operators[below(generator, 6)];
  if (chance(generator, 40)) {
    struct bound status = integer(statuses[below(generator, 6)]), other = integer(statuses[below(generator, 6)]);
    if (chance(generator, 25) && !generator->world->readings.in_max)
      return tree_frame(tree, NODE_CONDITION, "%.page_to_status_code IN (%, %)", tree_text(tree, "%s", alias),
                        given(generator, status), given(generator, other), NULL);
    return tree_frame(tree, NODE_CONDITION, "%.page_to_status_code % %", tree_text(tree, "%s", alias),
                      tree_text(tree, "%s", op), given(generator, status), NULL);
  }
  if (chance(generator, 30))
    return tree_frame(tree, NODE_CONDITION, "%.dofollow = %", tree_text(tree, "%s", alias),
                      given(generator, integer((long long)below(generator, 2))), NULL);
  if (chance(generator, 40)) return word_term(generator, alias);
  const char *field = texts[below(generator, 4)];
  const struct sample *sample = pool_numbered(dataset_field_of(field), below(generator, generator->world->spread));
  return tree_frame(tree, NODE_CONDITION, "%.% % %", tree_text(tree, "%s", alias), tree_text(tree, "%s", field),
                    tree_text(tree, "%s", chance(generator, 70) ? "=" : "IS"), given(generator, sample->value), NULL);
}

/* Requests for that many rows of a crawl of `count`; a last page with a token costs one more. */
static long pages(const struct generator *generator, long rows, long count) {
  long size = generator->world->page_size, end = generator->world->readings.last_token == STANDIN_TOKEN_PRESENT;
  if (rows >= count) rows = count;
  return (rows > size ? (rows + size - 1) / size : 1) + (rows == count ? end : 0);
}

/* Whether the bounds apply. Before 3.38 SQLite doesn't offer LIMIT; without a true total, rows are counted by reading them. */
static bool can_be_measured(const struct world *world, bool number) {
  bool has_total = world->readings.total == STANDIN_TOTAL_TRUE && world->counts;
  return world->pushdown && sqlite3_libversion_number() >= 3038000 && (has_total || !number);
}

struct node *measured_single(struct generator *generator) {
  static const long limits[] = {0, 1, 3, 10, 40, 100, 1000, -1};
  const struct world *world = generator->world;
  struct tree *tree = generator->tree;
  struct node *term;
  size_t task = below(generator, TASKS), form = below(generator, 10);
  struct node *from = crawl_source(generator, TASK_IN_WHERE, task, &term), *where = tree_list(tree, " AND ", 1);
  const char *alias = generator->sources[generator->source_count - 1].alias;
  if (term) tree_list_add(where, term);
  while (chance(generator, 60)) tree_list_add(where, exact_term(generator, alias));
  bool measured = can_be_measured(world, form < 3);
  if (measured) tree->requests_max = 1;
  if (where->child_count) from = tree_frame(tree, NODE_PLAIN, "% WHERE %", from, where, NULL);
  if (form < 3) return tree_frame(tree, NODE_PLAIN, "SELECT count(*) FROM %", from, NULL);
  if (form < 4) return tree_frame(tree, NODE_PLAIN, "SELECT EXISTS (SELECT 1 FROM %)", from, NULL);
  long limit = limits[below(generator, LENGTH(limits))], count = (long)world->items[task].count;
  long offset = chance(generator, 30) ? 0 : (long)below(generator, (size_t)count + (size_t)count / 4 + 1);
  if (measured) tree->requests_max = pages(generator, limit >= 0 ? limit : count, count);
  struct node *query = tree_frame(tree, NODE_PLAIN, "SELECT %.link_to, %.page_to_status_code FROM %",
                                  tree_text(tree, "%s", alias), tree_text(tree, "%s", alias), from, NULL);
  return limited(generator, query, limit, offset);
}
