/*
** Whole queries: single tables, aggregates, joins, OR across tasks, compound selects, common table expressions, sub-queries in
** FROM, LIMIT and OFFSET.
*/
#include <string.h>

#include "generate.h"

/* A SELECT under construction. */
struct select {
  struct node *from;
  struct node *where;  /* list */
  struct node *output; /* list */
  bool aggregate;      /* one row a group */
};

static void add_conditions(struct generator *generator, struct node *list) {
  size_t count = chance(generator, 3) ? 10 : below(generator, 4);
  for (size_t i = 0; i < count; i++)
    tree_list_add(list, chance(generator, 50) ? cell_condition(generator, false)
                                              : random_condition(generator, count > 4 ? DEPTH_MAX : 1));
}

/* A column whose equal values are equal to the byte. */
static struct node *fixed_column(struct generator *generator) {
  const struct source *source =
      &generator->sources[generator->visible + below(generator, generator->source_count - generator->visible)];
  if (source->is_links) {
    if (chance(generator, 5)) return tree_text(generator->tree, "%s.task_id", source->alias);
    return tree_text(generator->tree, "%s.%s", source->alias, dataset_fields[below(generator, FIELD_COUNT)].name);
  }
  size_t column = below(generator, LOCAL_COLUMNS + 1);
  bool usable = column < LOCAL_COLUMNS && local_columns[column].fixed_form;
  return tree_text(generator->tree, "%s.%s", source->alias, usable ? local_columns[column].name : "id");
}

static void choose_output(struct generator *generator, struct select *select) {
  struct tree *tree = generator->tree;
  select->output = tree_list(tree, ", ", 1);
  const struct source *first = &generator->sources[generator->visible];
  if (first->is_links && chance(generator, 15)) {
    for (int i = 0; i < FIELD_COUNT; i++)
      tree_list_add(select->output, tree_text(tree, "%s.%s", first->alias, dataset_fields[i].name));
    tree_list_add(select->output, tree_text(tree, "%s.task_id", first->alias));
    return;
  }
  if (chance(generator, 6)) tree_list_add(select->output, text(generator, "1"));
  for (size_t i = select->output->child_count ? below(generator, 2) : 1 + below(generator, 4); i > 0; i--)
    tree_list_add(select->output, fixed_column(generator));
}

/* The + keeps SQLite before 3.54 from taking the first row of an ordinary table where the column equals a number: '5' and
** '5.0' are not one text, be they equal to 5 both. */
static void choose_aggregates(struct generator *generator, struct select *select, struct node **group) {
  static const char *const frames[] = {"count(*)", "count(%)",          "sum(%)",           "min(+%)",
                                       "max(+%)",  "count(DISTINCT %)", "total(% IS NULL)", "sum(length(%))"};
  struct tree *tree = generator->tree;
  select->output = tree_list(tree, ", ", 1);
  select->aggregate = true;
  *group = NULL;
  if (chance(generator, 45)) {
    struct node *key = fixed_column(generator);
    tree_list_add(select->output, key);
    *group = tree_frame(tree, NODE_PLAIN, chance(generator, 80) ? " GROUP BY 1" : " GROUP BY 1 HAVING count(*) > 1", NULL);
  }
  for (size_t i = chance(generator, 50) ? 1 : 1 + below(generator, 3); i > 0; i--) {
    /* No sums of local numbers: their floats depend on the order, their integers overflow. */
    struct node *column = fixed_column(generator);
    const char *frame = chance(generator, 40) ? "count(*)" : PICK(generator, frames);
    if (column->text[0][0] == 'o' && frame[0] == 's') frame = "count(%)";
    tree_list_add(select->output, tree_frame(tree, NODE_PLAIN, frame, column, NULL));
  }
}

static struct node *finish_plain(struct generator *generator, struct select *select) {
  struct tree *tree = generator->tree;
  struct node *distinct = tree_frame(tree, NODE_OPTIONAL, chance(generator, 12) ? "DISTINCT " : "", NULL);
  struct node *head = tree_frame(tree, NODE_PLAIN, "SELECT %% FROM %", distinct, select->output, select->from, NULL);
  if (!select->where->child_count) return head;
  return tree_frame(tree, NODE_PLAIN, "% WHERE %", head, select->where, NULL);
}

static struct node *finish(struct generator *generator, struct select *select) {
  if (!chance(generator, 30)) {
    choose_output(generator, select);
    return finish_plain(generator, select);
  }
  struct node *group;
  choose_aggregates(generator, select, &group);
  struct node *plain = finish_plain(generator, select);
  return group ? tree_frame(generator->tree, NODE_PLAIN, "%%", plain, group, NULL) : plain;
}

static void one_table(struct generator *generator, struct select *select) {
  struct node *term;
  select->from = links_source(generator, TASK_IN_WHERE, &term);
  select->where = tree_list(generator->tree, " AND ", 1);
  if (term) tree_list_add(select->where, term);
  add_conditions(generator, select->where);
}

/* (task A AND …) OR (task B AND …): rows told apart by rowid. */
static void tasks_by_or(struct generator *generator, struct select *select) {
  struct tree *tree = generator->tree;
  struct node *term, *any = tree_list(tree, " OR ", 1);
  while (true) { /* the form without a task */
    select->from = links_source(generator, TASK_IN_WHERE, &term);
    if (term) break;
    generator->source_count--;
  }
  const char *alias = generator->sources[generator->source_count - 1].alias;
  generator->task_at_risk = true;
  for (size_t i = 2 + below(generator, 2); i > 0; i--) {
    struct node *all = tree_list(tree, " AND ", 1);
    tree_list_add(all, task_term(generator, alias, false));
    for (size_t k = 1 + below(generator, 2); k > 0; k--) tree_list_add(all, random_condition(generator, 2));
    tree_list_add(any, tree_frame(tree, NODE_PLAIN, "(%)", all, NULL));
  }
  generator->task_at_risk = false;
  select->where = tree_list(tree, " AND ", 1);
  tree_list_add(select->where, tree_frame(tree, NODE_PLAIN, "(%)", any, NULL));
  select->where->child[0]->needed = true;
  if (chance(generator, 30)) tree_list_add(select->where, random_condition(generator, 2));
}

/* The condition that ties the newest table to those before it. */
static struct node *tie(struct generator *generator) {
  static const char *const operators[] = {"=", "=", "=", "=", "=", "<", "IS", "<>", "LIKE"};
  struct tree *tree = generator->tree;
  const struct source *right = &generator->sources[generator->source_count - 1];
  const struct source *left =
      &generator->sources[generator->visible + below(generator, generator->source_count - 1 - generator->visible)];
  int field = (int)below(generator, FIELD_COUNT), other = chance(generator, 60) ? field : (int)below(generator, FIELD_COUNT);
  struct node *a = left->is_links ? tree_text(tree, "%s.%s", left->alias, dataset_fields[field].name)
                                  : tree_text(tree, "%s.%s", left->alias,
                                              local_columns[LOCAL_TASK + 1 + below(generator, LOCAL_COLUMNS - 1)].name);
  struct node *b = right->is_links ? tree_text(tree, "%s.%s", right->alias, dataset_fields[other].name)
                                   : tree_text(tree, "%s.%s", right->alias,
                                               local_columns[LOCAL_TASK + 1 + below(generator, LOCAL_COLUMNS - 1)].name);
  struct node *op = text(generator, PICK(generator, operators));
  return chance(generator, 50) ? tree_frame(tree, NODE_CONDITION, "% % %", a, op, b, NULL)
                               : tree_frame(tree, NODE_CONDITION, "% % %", b, op, a, NULL);
}

static void join(struct generator *generator, struct select *select) {
  static const char *const kinds[] = {" JOIN ",       " JOIN ", " JOIN ",       " LEFT JOIN ", " LEFT JOIN ",
                                      " CROSS JOIN ", ", ",     " RIGHT JOIN ", " FULL JOIN "};
  struct tree *tree = generator->tree;
  size_t known = LENGTH(kinds) - (sqlite3_libversion_number() < 3039000 ? 2 : 0);
  size_t count = chance(generator, 85) ? 2 : 3, links = 0;
  const char *kind[3] = {NULL};
  enum task_place place = TASK_IN_WHERE;
  for (size_t i = 1; i < count; i++) {
    kind[i] = kinds[below(generator, known)];
    if (kind[i][1] == 'R' || kind[i][1] == 'F') place = TASK_IN_TABLE; /* such a join scans again, without the terms */
  }
  select->where = tree_list(tree, " AND ", 1);
  for (size_t i = 0; i < count; i++) {
    struct node *term = NULL, *table;
    bool is_links = chance(generator, 60) || (i == count - 1 && links == 0);
    table = is_links ? links_source(generator, place, &term) : local_source(generator);
    links += is_links;
    if (i == 0) {
      if (term) tree_list_add(select->where, term);
      select->from = table;
      continue;
    }
    struct node *on = tree_list(tree, " AND ", 1);
    bool optional = kind[i][1] == 'L';
    if (term) tree_list_add(optional || chance(generator, 60) ? on : select->where, term);
    if (chance(generator, 92)) tree_list_add(on, tie(generator));
    generator->task_at_risk = optional; /* a false ON leaves nothing of the task, but doesn't keep LEFT JOIN from the scan */
    if (chance(generator, 35)) tree_list_add(on, random_condition(generator, 2));
    generator->task_at_risk = false;
    if (kind[i][0] == ',') {
      for (size_t k = 0; k < on->child_count; k++) tree_list_add(select->where, on->child[k]);
      select->from = tree_frame(tree, NODE_PLAIN, "%, %", select->from, table, NULL);
    } else {
      struct node *pair = tree_frame(tree, NODE_PLAIN, "%%%", select->from, text(generator, kind[i]), table, NULL);
      select->from = on->child_count ? tree_frame(tree, NODE_PLAIN, "% ON %", pair, on, NULL) : pair;
      if (!on->child_count && optional) select->from = tree_frame(tree, NODE_PLAIN, "% ON 1", pair, NULL);
    }
  }
  add_conditions(generator, select->where);
}

/* A select of some columns by position, without anything that SQL leaves open; the same number for each call of a query. */
static struct node *part(struct generator *generator, const int *fields, size_t count) {
  struct select select = {0};
  size_t outer = generator->source_count, visible = generator->visible;
  generator->visible = outer;
  one_table(generator, &select);
  select.output = tree_list(generator->tree, ", ", count);
  const char *alias = generator->sources[outer].alias;
  for (size_t i = 0; i < count; i++)
    tree_list_add(select.output, tree_text(generator->tree, "%s.%s AS c%d", alias, dataset_fields[fields[i]].name, (int)i));
  generator->source_count = outer;
  generator->visible = visible;
  return finish_plain(generator, &select);
}

/* An arm of a compound that SQLite reads from elsewhere, or makes up. */
static struct node *local_arm(struct generator *generator, size_t count) {
  static const char *const columns[] = {"id", "t", "task"};
  struct tree *tree = generator->tree;
  struct node *output = tree_list(tree, ", ", count);
  bool made_up = chance(generator, 40);
  for (size_t i = 0; i < count; i++)
    tree_list_add(output,
                  made_up ? tree_text(tree, "%d", (int)below(generator, 3)) : text(generator, PICK(generator, columns)));
  return tree_frame(tree, NODE_PLAIN, made_up ? "SELECT %" : "SELECT % FROM local", output, NULL);
}

static struct node *limit_clause(struct generator *generator, long rows, long offset) {
  struct tree *tree = generator->tree;
  struct bound limit = {.type = SQLITE_INTEGER, .integer = rows}, start = {.type = SQLITE_INTEGER, .integer = offset};
  struct node *first = literal_or_parameter(generator, &limit);
  return offset || chance(generator, 20)
             ? tree_frame(tree, NODE_OPTIONAL, " LIMIT % OFFSET %", first, literal_or_parameter(generator, &start), NULL)
             : tree_frame(tree, NODE_OPTIONAL, " LIMIT %", first, NULL);
}

struct node *limited(struct generator *generator, struct node *query, long rows, long offset) {
  struct tree *tree = generator->tree;
  tree->limit_rows = rows;
  tree->offset_rows = offset;
  tree->limit = limit_clause(generator, rows, offset);
  return tree_frame(tree, NODE_PLAIN, "%%", query, tree->limit, NULL);
}

static long some_limit(struct generator *generator) {
  static const int limits[] = {0, 1, 2, 3, 10, 100, -1};
  return PICK(generator, limits);
}

static long some_offset(struct generator *generator) {
  return (long)below(generator, chance(generator, 80) ? 12 : 100);
}

struct node *ending(struct generator *generator, struct node *query, size_t columns) {
  struct tree *tree = generator->tree;
  if (chance(generator, 25)) {
    struct node *terms = tree_list(tree, ", ", columns);
    for (size_t i = 0; i < columns; i++)
      tree_list_add(terms, tree_text(tree, "%d%s", (int)i + 1, chance(generator, 30) ? " DESC" : ""));
    tree->order = tree_frame(tree, NODE_OPTIONAL, " ORDER BY %", terms, NULL);
    query = tree_frame(tree, NODE_PLAIN, "%%", query, tree->order, NULL);
  }
  if (chance(generator, 35))
    query = limited(generator, query, some_limit(generator), chance(generator, 50) ? some_offset(generator) : 0);
  return query;
}

/* The arms of a compound share one LIMIT and one OFFSET, also where it is the only content of a sub-query. */
static struct node *compound(struct generator *generator) {
  static const char *const operators[] = {" UNION ", " UNION ALL ", " UNION ALL ", " UNION ALL ", " EXCEPT ", " INTERSECT "};
  struct tree *tree = generator->tree;
  int fields[3] = {(int)below(generator, FIELD_COUNT), (int)below(generator, FIELD_COUNT), (int)below(generator, FIELD_COUNT)};
  size_t count = 1 + below(generator, 3);
  bool local_first = chance(generator, 15);
  /* Up to 3.46 at least, SQLite forgets the UNION in A UNION ALL B UNION C … ORDER BY. */
  bool mixes = sqlite3_libversion_number() >= 3054000;
  const char *operator = PICK(generator, operators);
  struct node *query = local_first ? local_arm(generator, count) : part(generator, fields, count);
  for (size_t i = 1 + below(generator, 2); i > 0; i--)
    query =
        tree_frame(tree, NODE_PLAIN, "%%%", query, text(generator, mixes ? PICK(generator, operators) : operator),
                   local_first || chance(generator, 75) ? part(generator, fields, count) : local_arm(generator, count), NULL);
  switch (below(generator, 4)) {
    case 0:
      return tree_frame(tree, NODE_PLAIN, "SELECT count(*) FROM (%%)", query,
                        limit_clause(generator, some_limit(generator), some_offset(generator)), NULL);
    case 1: return ending(generator, tree_frame(tree, NODE_PLAIN, "SELECT * FROM (%)", query, NULL), count);
    default: return ending(generator, query, count);
  }
}

static struct node *around_a_part(struct generator *generator) {
  static const char *const frames[] = {
      "WITH w AS (%) SELECT * FROM w WHERE c0 IS NOT NULL",
      "SELECT count(*), max(c0) FROM (%)",
      "SELECT c0, count(*) FROM (%) GROUP BY 1",
      "SELECT DISTINCT c0 FROM (%) WHERE c0 <> 'a'",
      "SELECT o.id, w.c0 FROM local o LEFT JOIN (%) w ON w.c0 = o.n",
      "SELECT o.id, EXISTS (SELECT 1 FROM (%) w WHERE w.c0 = o.t) FROM local o",
      "WITH w AS (%) SELECT count(*) FROM w a, w b WHERE a.c0 = b.c0",
  };
  /* 3.31 loses a term of a constant on a column that is compared with another. */
  size_t known = LENGTH(frames) - (sqlite3_libversion_number() < 3032000);
  int fields[2] = {(int)below(generator, FIELD_COUNT), (int)below(generator, FIELD_COUNT)};
  const char *frame = frames[below(generator, known)];
  generator->task_at_risk = strstr(frame, "LEFT JOIN") != NULL;
  struct node *inner = part(generator, fields, 2);
  generator->task_at_risk = false;
  return tree_frame(generator->tree, NODE_PLAIN, frame, inner, NULL);
}

/* A value for each row of the local table from the task that the row names. */
static struct node *value_for_each(struct generator *generator) {
  static const char *const aggregates[] = {"count(*)", "count(link_to)", "max(page_to_status_code)", "min(+link_to)",
                                           "sum(is_broken)"};
  struct tree *tree = generator->tree;
  struct node *outer = local_source(generator), *where = tree_list(tree, " AND ", 1);
  const char *alias = generator->sources[0].alias;
  const char *name = generator->world->opponent == OPPONENT_ONPAGE ? "onpage_links" : "copy";
  generator->sources[1] = (struct source){.alias = "i1", .is_links = true};
  generator->source_count = 2;
  char *function = sqlite3_mprintf("%s(%s.task) i1 WHERE 1", name, alias),
       *ordinary = sqlite3_mprintf("reference i1 WHERE i1.task_id = %s.task", alias);
  if (generator->world->opponent != OPPONENT_ONPAGE) {
    sqlite3_free(function);
    function = sqlite3_mprintf("copy i1 WHERE i1.task_id = %s.task", alias);
  }
  struct node *from = tree_sides(tree, function, ordinary);
  sqlite3_free(function);
  sqlite3_free(ordinary);
  tree_list_add(where, random_condition(generator, 1));
  add_conditions(generator, where);
  return tree_frame(tree, NODE_PLAIN, "SELECT %.id, (SELECT % FROM % AND %) FROM %", text(generator, alias),
                    text(generator, PICK(generator, aggregates)), from, where, outer, NULL);
}

/* What the API could evaluate by itself if every term were exact: counts, EXISTS, and rows at an offset. */
static struct node *exact_by_looks(struct generator *generator) {
  struct tree *tree = generator->tree;
  struct select select = {0};
  struct node *term;
  select.from = links_source(generator, TASK_IN_WHERE, &term);
  select.where = tree_list(tree, " AND ", 1);
  if (term) tree_list_add(select.where, term);
  for (size_t i = chance(generator, 60) ? 1 : 2; i > 0; i--) tree_list_add(select.where, cell_condition(generator, false));
  select.output = tree_list(tree, ", ", 1);
  size_t form = below(generator, 10);
  tree_list_add(select.output, form < 5   ? text(generator, "count(*)")
                               : form < 6 ? text(generator, "1")
                                          : fixed_column(generator));
  struct node *query = tree_frame(tree, NODE_PLAIN, "SELECT % FROM % WHERE %", select.output, select.from, select.where, NULL);
  if (form < 5) return query;
  if (form < 6) return tree_frame(tree, NODE_PLAIN, "SELECT EXISTS (%)", query, NULL);
  return limited(generator, query, chance(generator, 50) ? -1 : 3, 1 + (long)below(generator, 10));
}

/* A number that one cell of the matrix decides, or two. */
static struct node *probe(struct generator *generator) {
  static const char *const frames[] = {
      "(SELECT count(*) FROM % WHERE %)", "(SELECT count(*) FROM % WHERE %)",          "(SELECT count(*) FROM % WHERE %)",
      "(SELECT count(*) FROM % WHERE %)", "(SELECT EXISTS (SELECT 1 FROM % WHERE %))",
  };
  static const char *const frames_of_columns[] = {"(SELECT count(%) FROM % WHERE %)", "(SELECT max(+%) FROM % WHERE %)"};
  static const char *const frames_of_offsets[] = {
      "(SELECT count(*) FROM (SELECT % FROM % WHERE % LIMIT -1 OFFSET 1))",
      "(SELECT count(*) FROM (SELECT % FROM % WHERE % LIMIT 4 OFFSET 3))",
      "(SELECT count(*) FROM (SELECT % FROM % WHERE % LIMIT -1 OFFSET 5))",
      "(SELECT count(*) FROM (SELECT % FROM % WHERE % LIMIT -1 OFFSET 2))",
  };
  struct tree *tree = generator->tree;
  struct node *term, *where = tree_list(tree, " AND ", 1);
  struct node *from = links_source(generator, chance(generator, 70) ? TASK_IN_TABLE : TASK_IN_WHERE, &term);
  if (term) tree_list_add(where, term);
  bool offset = chance(generator, 35), compare = chance(generator, offset ? 70 : 30);
  for (size_t i = chance(generator, offset ? 90 : 75) ? 1 : 2; i > 0; i--)
    tree_list_add(where, cell_condition(generator, compare));
  struct node *column = fixed_column(generator);
  generator->source_count = 0;
  if (chance(generator, 70) && !offset) return tree_frame(tree, NODE_PLAIN, PICK(generator, frames), from, where, NULL);
  return tree_frame(tree, NODE_PLAIN, offset ? PICK(generator, frames_of_offsets) : PICK(generator, frames_of_columns), column,
                    from, where, NULL);
}

static struct node *probes(struct generator *generator) {
  struct node *list = tree_list(generator->tree, ", ", 1);
  for (size_t i = 0; i < (generator->world->linear ? 2 : 8); i++) tree_list_add(list, probe(generator));
  return tree_frame(generator->tree, NODE_PLAIN, "SELECT %", list, NULL);
}

void generate_query(struct tree *tree, const struct world *world, uint64_t seed, uint64_t n) {
  struct generator generator = {.random = random_of(seed, 2, n), .world = world, .tree = tree};
  size_t kind = below(&generator, world->linear ? 84 : 100);
  tree->requests_max = -1;
  if (world->spread > 0 && kind >= 8) {
    tree->root = kind < 26 ? measured_single(&generator) : measured_join(&generator);
    return;
  }
  if (chance(&generator, 2)) {
    tree->root = rowid_query(&generator);
    return;
  }
  if (kind < 25) {
    tree->root = probes(&generator);
  } else if (kind < 40) {
    tree->root = exact_by_looks(&generator);
  } else if (kind < 84) {
    struct select select = {0};
    struct node *query;
    size_t shape = below(&generator, 100);
    if (shape < 58 || (world->linear && shape < 92))
      one_table(&generator, &select);
    else if (shape < 90)
      join(&generator, &select);
    else
      tasks_by_or(&generator, &select);
    query = finish(&generator, &select);
    tree->root = ending(&generator, query, select.output->child_count);
  } else if (kind < 91) {
    tree->root = compound(&generator);
  } else if (kind < 96) {
    tree->root = around_a_part(&generator);
  } else {
    tree->root = value_for_each(&generator);
  }
}
