/*
** Tables of links in a FROM: without a task (the WHERE names it), as a function, as a function with filters, bound by CREATE
** VIRTUAL TABLE. Their ordinary twins are the table of all tasks' rows, or the task's own.
*/
#include <stdio.h>

#include "generate.h"

/* What the twin of a table is called. */
static const char *twin(const struct generator *generator, enum side side) {
  return side == SIDE_REFERENCE || generator->world->opponent == OPPONENT_ONPAGE ? "reference" : "copy";
}

static const char *scope_add(struct generator *generator, const char *letter, bool is_links) {
  struct source *source = &generator->sources[generator->source_count++];
  snprintf(source->alias, sizeof source->alias, "%s%d", letter, ++generator->aliases);
  source->is_links = is_links;
  return source->alias;
}

/* A leaf that names one table on the side of onpage and another on the other; against a copy, both are ordinary. */
static struct node *table(struct generator *generator, const char *onpage, const char *task_name, const char *condition) {
  char *names[SIDE_COUNT];
  for (int side = 0; side < SIDE_COUNT; side++)
    names[side] = sqlite3_mprintf(condition ? "(SELECT * FROM %s%s%s WHERE %s)" : "%s%s%s", twin(generator, (enum side)side),
                                  task_name ? "_" : "", task_name ? task_name : "", condition);
  bool against_onpage = generator->world->opponent == OPPONENT_ONPAGE;
  struct node *node = tree_sides(generator->tree, against_onpage ? onpage : names[SIDE_ONPAGE], names[SIDE_REFERENCE]);
  sqlite3_free(names[0]);
  sqlite3_free(names[1]);
  return node;
}

/* Filters by hand whose meaning is the same under every reading. */
static const struct {
  const char *filters, *condition;
} own_filters[] = {
    {"[\"dofollow\",\"=\",true]", "dofollow = 1"},
    {"[[\"page_to_status_code\",\">=\",300],\"and\",[\"page_to_status_code\",\"<\",500]]",
     "page_to_status_code >= 300 AND page_to_status_code < 500"},
    {"[[\"dofollow\",\"=\",false],\"or\",[\"page_to_status_code\",\"=\",404]]", "dofollow = 0 OR page_to_status_code = 404"},
    {"[[\"page_to_status_code\",\"in\",[200]],\"or\",[[\"dofollow\",\"=\",true],\"and\",[\"page_to_status_code\",\"=\",301]]]",
     "page_to_status_code = 200 OR (dofollow = 1 AND page_to_status_code = 301)"},
};

struct node *links_source(struct generator *generator, enum task_place place, struct node **term) {
  struct random *random = &generator->random;
  struct tree *tree = generator->tree;
  size_t task = random_below(random, TASKS), form = place == TASK_IN_TABLE ? 9 : random_below(random, 10);
  char name[256];
  struct node *node;
  *term = NULL;
  const char *alias = scope_add(generator, "l", true);
  if (form < 5) {
    node = table(generator, "onpage_links", NULL, NULL);
    *term = task_term(generator, alias, true);
  } else if (form < 7) {
    snprintf(name, sizeof name, "onpage_links('%s')", world_tasks[task]);
    node = table(generator, name, world_task_names[task], NULL);
  } else if (form < 8) {
    size_t filter = random_below(random, LENGTH(own_filters));
    snprintf(name, sizeof name, "onpage_links('%s', '%s')", world_tasks[task], own_filters[filter].filters);
    node = table(generator, name, world_task_names[task], own_filters[filter].condition);
  } else {
    snprintf(name, sizeof name, "bound_%s", world_task_names[task]);
    node = table(generator, name, world_task_names[task], NULL);
    if (random_chance(random, 10)) *term = task_term(generator, alias, true);
  }
  return tree_frame(tree, NODE_PLAIN, "% AS %", node, tree_text(tree, "%s", alias), NULL);
}

struct node *crawl_source(struct generator *generator, enum task_place place, size_t task, struct node **term) {
  struct tree *tree = generator->tree;
  const char *alias = scope_add(generator, "l", true);
  size_t form = place == TASK_IN_TABLE ? 0 : random_below(&generator->random, place == TASK_IN_CALL ? 2 : 3);
  char name[64] = "onpage_links";
  *term = NULL;
  if (form == 0) snprintf(name, sizeof name, "bound_%s", world_task_names[task]);
  if (form == 1) snprintf(name, sizeof name, "onpage_links('%s')", world_tasks[task]);
  struct node *node = table(generator, name, form == 2 ? NULL : world_task_names[task], NULL);
  if (form == 2) {
    *term = tree_text(tree, "%s.task_id = '%s'", alias, world_tasks[task]);
    (*term)->needed = true;
  }
  return tree_frame(tree, NODE_PLAIN, "% AS %", node, tree_text(tree, "%s", alias), NULL);
}

struct node *local_source(struct generator *generator) {
  return tree_text(generator->tree, "local AS %s", scope_add(generator, "o", false));
}

static struct node *task_literal(struct generator *generator) {
  struct bound value = {.type = SQLITE_TEXT, .bytes = world_tasks[random_below(&generator->random, TASKS)], .size = -1};
  value.size = 36;
  return literal_or_parameter(generator, &value);
}

/* Another table in scope that knows tasks; NULL when there is none. */
static const struct source *other_source(struct generator *generator, const char *alias) {
  const struct source *source = &generator->sources[random_below(&generator->random, generator->source_count)];
  return source->alias == alias || (size_t)(source - generator->sources) < generator->visible ? NULL : source;
}

static struct node *some_task_term(struct generator *generator, const char *alias, bool from_scope) {
  struct random *random = &generator->random;
  struct tree *tree = generator->tree;
  struct node *column = tree_text(tree, "%s.task_id", alias);
  const struct source *other = from_scope && random_chance(random, 35) ? other_source(generator, alias) : NULL;
  if (other) {
    struct node *task = tree_text(tree, other->is_links ? "%s.task_id" : "%s.task", other->alias);
    return random_chance(random, 70) ? tree_frame(tree, NODE_PLAIN, "% = %", column, task, NULL)
                                     : tree_frame(tree, NODE_PLAIN, "% = %", task, column, NULL);
  }
  size_t form = random_below(random, 12);
  generator->no_or |= (form == 1 || form == 2) && sqlite3_libversion_number() >= 3047000;
  switch (form) {
    case 0: {
      struct node *list = tree_list(tree, ", ", 1);
      for (size_t i = 1 + random_below(random, 3); i > 0; i--) tree_list_add(list, task_literal(generator));
      if (random_chance(random, 20)) tree_list_add(list, tree_text(tree, "NULL"));
      return tree_frame(tree, NODE_PLAIN, "% IN (%)", column, list, NULL);
    }
    case 1: return tree_frame(tree, NODE_PLAIN, "% IN (SELECT task FROM local)", column, NULL);
    case 2: return tree_frame(tree, NODE_PLAIN, "% = (SELECT min(task) FROM local)", column, NULL);
    case 3: return tree_frame(tree, NODE_PLAIN, "% = %", task_literal(generator), column, NULL);
    case 4:
      return tree_frame(tree, NODE_PLAIN, "(% = % OR % = %)", column, task_literal(generator),
                        tree_text(tree, "%s.task_id", alias), task_literal(generator), NULL);
    default: return tree_frame(tree, NODE_PLAIN, "% = %", column, task_literal(generator), NULL);
  }
}

struct node *task_term(struct generator *generator, const char *alias, bool from_scope) {
  struct node *term = some_task_term(generator, alias, from_scope);
  term->needed = true;
  return term;
}

struct node *links_from_where(struct generator *generator, int depth) {
  size_t outer = generator->source_count;
  struct node *term = NULL;
  struct node *from = links_source(generator, TASK_IN_WHERE, &term);
  struct node *where = tree_list(generator->tree, " AND ", 1);
  if (term) tree_list_add(where, term);
  tree_list_add(where, random_condition(generator, depth));
  if (random_chance(&generator->random, 50)) tree_list_add(where, random_condition(generator, depth + 1));
  generator->source_count = outer;
  return tree_frame(generator->tree, NODE_PLAIN, "FROM % WHERE %", from, where, NULL);
}
