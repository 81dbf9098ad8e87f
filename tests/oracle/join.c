/*
** Joins whose requests are counted: on several columns, between the local table and a crawl, or two, in all forms that SQL has
** for it, correlated sub-queries among them.
**
** A join may cost twice the better of two ways, reading the crawl once or a query for each value of the other table; and the query
** that is being read when that number of requests has been made. Both are counted here from the ordinary tables, and so
** that the bound is never too low: a crawl is always read whole, whatever else restricts it, and asking counts only where one `=`
** alone, on a text that any API takes, gives the table's rows. Where SQLite is free in the order of tables that know nothing of
** each other's sizes, the dearer order counts.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"

enum {
  TABLES_MAX = 3,
  TIMES_THE_BETTER = 2,
  REQUESTS_TO_LEARN = 10 /* for each crawl of a query: before its size is asked for, and that */
};

/* A table of a join. */
struct table {
  struct node *node;
  const char *alias;
  bool is_links;
  size_t task;
  struct node *term; /* on its task, or NULL */
  long pages;        /* requests for all of it; 0 for the local table */
};

/* The conditions between two tables. */
struct ties {
  struct node *list;
  int key; /* field that the first of them compares by `=` with plain texts; -1: none */
};

/* ---- Tables ---- */

static struct table some_table(struct generator *generator, bool is_links, enum task_place place) {
  struct table table = {.is_links = is_links, .task = below(generator, TASKS)};
  table.node = is_links ? crawl_source(generator, place, table.task, &table.term) : local_source(generator);
  table.alias = generator->sources[generator->source_count - 1].alias;
  long rows = (long)generator->world->items[table.task].count, size = generator->world->page_size;
  long end = generator->world->readings.last_token ==
             STANDIN_TOKEN_PRESENT; /* a last page with a token is followed by one more request */
  if (is_links) table.pages = (rows > 0 ? (rows + size - 1) / size : 1) + end;
  return table;
}

/* ---- Conditions between two tables ---- */

/* Fields that links of two crawls are compared by, those with plain texts first. */
static const char *const common_fields[] = {"link_to", "page_to",   "link_from", "page_from",
                                            "text",    "image_alt", "direction", "page_to_status_code"};
enum { PLAIN_FIELDS = 4 };

/* A column of each table that hold alike values, that of links first; *field is the one of links. */
static void partners(struct generator *generator, const struct table *a, const struct table *b, bool plain, int *field,
                     struct node *columns[2]) {
  struct tree *tree = generator->tree;
  if (a->is_links && b->is_links) {
    const char *name = common_fields[below(generator, plain ? PLAIN_FIELDS : LENGTH(common_fields))];
    *field = dataset_field_of(name);
    columns[0] = tree_text(tree, "%s.%s", a->alias, name);
    columns[1] = tree_text(tree, "%s.%s", b->alias, name);
    return;
  }
  const struct local_partner *partner = &local_partners[below(generator, plain ? LOCAL_PLAIN : local_partner_count)];
  *field = dataset_field_of(partner->field);
  columns[0] = tree_text(tree, "%s.%s", (a->is_links ? a : b)->alias, partner->field);
  columns[1] = tree_text(tree, "%s.%s", (a->is_links ? b : a)->alias, partner->column);
}

/* One condition; the first column is one of links. */
static struct node *some_tie(struct generator *generator, struct node *const columns[2]) {
  static const struct {
    const char *frame;
    bool swappable, list;
  } frames[] = {
      {"% = %", true, false},
      {"% = %", true, false},
      {"% = %", true, false},
      {"% IS %", true, false},
      {"% IS %", true, false},
      {"% IS NOT %", true, false},
      {"% <> %", true, false},
      {"% < %", true, false},
      {"% >= %", true, false},
      {"% >= %", true, false},
      {"% LIKE %", false, false},
      {"% LIKE %", false, false},
      {"% GLOB %", false, false},
      {"% = % || ''", false, false},
      {"+% = %", false, false},
      {"lower(%) = lower(%)", true, false},
      {"% = % COLLATE NOCASE", true, false},
      {"% BETWEEN % AND 'https://a.example/p/5'", false, false},
      {"% IN (%, '/p/1')", false, true},
      {"% IN (%, 404)", false, true},
      {"% IN (%, NULL)", false, true},
  };
  size_t at = below(generator, LENGTH(frames));
  /* Before 3.38 SQLite compares a list's values with a virtual table's text columns as text, whatever their affinity. */
  if (frames[at].list && sqlite3_libversion_number() < 3038000) at = 0;
  bool swapped = frames[at].swappable && chance(generator, 40);
  return tree_frame(generator->tree, NODE_CONDITION, frames[at].frame, columns[swapped], columns[!swapped], NULL);
}

static struct ties random_ties(struct generator *generator, const struct table *a, const struct table *b) {
  struct tree *tree = generator->tree;
  struct ties ties = {.list = tree_list(tree, " AND ", 1), .key = -1};
  size_t count = 1 + below(generator, 3);
  struct node *columns[2];
  int field;
  if (chance(generator, 60)) {
    partners(generator, a, b, true, &field, columns);
    bool swapped = chance(generator, 50);
    struct node *tie = tree_frame(tree, NODE_PLAIN, "% = %", columns[swapped], columns[!swapped], NULL);
    tie->needed = true;
    tree_list_add(ties.list, tie);
    if (generator->world->pushdown) ties.key = field;
    count--;
  }
  for (; count > 0; count--) {
    partners(generator, a, b, false, &field, columns);
    tree_list_add(ties.list, some_tie(generator, columns));
  }
  return ties;
}

/* Conditions on the tables in scope, which make nothing dearer. */
static void add_conditions(struct generator *generator, struct node *list) {
  /* Before 3.38 a list of IN is a scan for each member. */
  bool compare = sqlite3_libversion_number() < 3038000;
  while (chance(generator, 20)) tree_list_add(list, cell_condition(generator, compare));
}

/* ---- What it may cost ---- */

/* Requests of lookups. */
struct lookups {
  long all, largest;
};

/* One for each value that the outer table has for the inner one's field; a value that can't be asked for without doubt takes all
** pages. */
static struct lookups lookups(const struct generator *generator, const struct table *outer, const struct table *inner,
                              int field) {
  const char *name = dataset_fields[field].name, *column = name;
  char table[32] = "local";
  if (outer->is_links) snprintf(table, sizeof table, "reference_%s", world_task_names[outer->task]);
  for (size_t i = 0; i < LOCAL_PLAIN && !outer->is_links; i++)
    if (!strcmp(local_partners[i].field, name)) column = local_partners[i].column;
  int size = (int)generator->world->page_size;
  char *sql = sqlite3_mprintf(
      "WITH each(pages) AS (SELECT CASE WHEN %s IS NULL OR %s GLOB '*/p/[0-9]*' OR %s GLOB '*/from/[0-9]*' "
      "THEN max(1, (coalesce(found, 0) + %d - 1) / %d) ELSE %d END "
      "FROM %s LEFT JOIN (SELECT %s AS value, count(*) AS found FROM reference_%s GROUP BY 1) ON value = %s) "
      "SELECT 1000000 * CAST(total(pages) AS INTEGER) + coalesce(max(pages), 0) FROM each",
      column, column, column, size, size, (int)inner->pages, table, name, world_task_names[inner->task], column);
  struct rows *rows = harness_query(generator->world->db, sql, NULL, 0);
  if (rows->error) fprintf(stderr, "oracle: %s: %s\n", sql, rows->error);
  long long both = rows->count > 0 ? atoll(rows->row[0]) : 0;
  rows_free(rows);
  sqlite3_free(sql);
  return (struct lookups){(long)(both / 1000000), (long)(both % 1000000)};
}

/* Reading the inner table once, or asking for each row of the outer one. */
static long inner_most(const struct generator *generator, const struct table *outer, const struct table *inner, int key) {
  long pages = inner->pages;
  struct lookups each = {pages, pages};
  if (inner->is_links && key >= 0) each = lookups(generator, outer, inner, key);
  /* Before 3.38 a number may be one of a list, which SQLite compares otherwise with a text: it is asked for by itself, without the
  ** term. */
  long numbers = sqlite3_libversion_number() < 3038000 ? TIMES_THE_BETTER * pages : 0;
  return TIMES_THE_BETTER * (each.all < pages ? each.all : pages) + each.largest + numbers;
}

static void allow(struct generator *generator, long requests, long crawls) {
  generator->tree->requests_max = requests + REQUESTS_TO_LEARN * crawls;
}

/* The outer table, once, and the inner one. */
static long pair_most(const struct generator *generator, const struct table *outer, const struct table *inner, int key) {
  return TIMES_THE_BETTER * outer->pages + inner_most(generator, outer, inner, key);
}

static long larger(long a, long b) {
  return a > b ? a : b;
}

/* ---- Queries ---- */

/* Results of all pairs are counted, not compared one by one. */
static bool is_small(const struct generator *generator, const struct table *a, const struct table *b) {
  size_t rows[2];
  const struct table *tables[] = {a, b};
  for (int i = 0; i < 2; i++)
    rows[i] = tables[i]->is_links ? generator->world->items[tables[i]->task].count : generator->world->local_count;
  return rows[0] * rows[1] <= 3000;
}

static struct node *output(struct generator *generator, const struct table *tables, size_t count, bool plain) {
  static const char *const fields[] = {"link_to", "page_to", "text", "dofollow", "page_to_status_code"};
  static const char *const aggregates[] = {"count(%)", "min(+%)", "max(+%)", "count(DISTINCT %)"};
  struct tree *tree = generator->tree;
  struct node *list = tree_list(tree, ", ", 1);
  if (!plain) tree_list_add(list, text(generator, "count(*)"));
  for (size_t i = 0; i < count; i++) {
    const struct table *table = &tables[i];
    const char *name = !table->is_links ? "id" : generator->world->heavy ? "image_src" : PICK(generator, fields);
    struct node *column = tree_text(tree, "%s.%s", table->alias, name);
    if (plain)
      tree_list_add(list, column);
    else if (chance(generator, 60) || generator->world->heavy)
      tree_list_add(list, tree_frame(tree, NODE_PLAIN, table->is_links ? PICK(generator, aggregates) : "sum(%)", column, NULL));
  }
  return list;
}

static struct node *select_where(struct generator *generator, struct node *output, struct node *from, struct node *where) {
  struct node *head = tree_frame(generator->tree, NODE_PLAIN, "SELECT % FROM %", output, from, NULL);
  return where->child_count ? tree_frame(generator->tree, NODE_PLAIN, "% WHERE %", head, where, NULL) : head;
}

/* Two tables side by side. */
static struct node *pair(struct generator *generator) {
  static const char *const kinds[] = {" JOIN ",      " JOIN ",       " JOIN ",       ", ",         " LEFT JOIN ",
                                      " LEFT JOIN ", " CROSS JOIN ", " RIGHT JOIN ", " FULL JOIN "};
  struct tree *tree = generator->tree;
  const char *kind = kinds[below(generator, LENGTH(kinds) - (sqlite3_libversion_number() < 3039000 ? 2 : 0))];
  bool outer_right = kind[1] == 'R' || kind[1] == 'F', free_order = kind[1] == 'J' || kind[0] == ',';
  enum task_place place = outer_right ? TASK_IN_TABLE : TASK_IN_WHERE;
  size_t local = below(generator, 5); /* 0, 1: where it stands; beyond: two crawls */
  if (local > 1 && local < 4) local = below(generator, 2);
  struct table tables[2];
  for (size_t i = 0; i < 2; i++) tables[i] = some_table(generator, i != local, place);
  struct node *where = tree_list(tree, " AND ", 1);
  struct ties ties = random_ties(generator, &tables[0], &tables[1]);
  if (tables[0].term) tree_list_add(where, tables[0].term);
  if (tables[1].term) tree_list_add(kind[1] == 'L' || chance(generator, 50) ? ties.list : where, tables[1].term);
  struct node *from;
  if (kind[0] == ',') {
    tree_list_add(where, ties.list);
    from = tree_frame(tree, NODE_PLAIN, "%, %", tables[0].node, tables[1].node, NULL);
  } else {
    from = tree_frame(tree, NODE_PLAIN, "%%% ON %", tables[0].node, text(generator, kind), tables[1].node, ties.list, NULL);
  }
  add_conditions(generator, where);
  long cost = pair_most(generator, &tables[0], &tables[1], ties.key);
  if (free_order) {
    long other = pair_most(generator, &tables[1], &tables[0], ties.key);
    /* The crawl goes inside; which of two does is left open. */
    cost = local == 0 ? cost : local == 1 ? other : larger(cost, other);
  }
  if (outer_right) cost += TIMES_THE_BETTER * tables[1].pages; /* scanned again for rows without a partner */
  allow(generator, cost, (long)(tables[0].is_links + tables[1].is_links + outer_right));
  bool plain = is_small(generator, &tables[0], &tables[1]) && chance(generator, 50);
  struct node *list = output(generator, tables, 2, plain);
  struct node *query = select_where(generator, list, from, where);
  return plain ? ending(generator, query, list->child_count) : query;
}

/* Three tables, the last tied to one of the others. */
static struct node *triple(struct generator *generator) {
  static const char *const kinds[] = {" JOIN ", " JOIN ", " LEFT JOIN ", " CROSS JOIN "};
  struct tree *tree = generator->tree;
  struct table tables[TABLES_MAX];
  size_t local = below(generator, 4);
  struct node *where = tree_list(tree, " AND ", 1), *from = NULL;
  long cost = 0, crawls = 0;
  for (size_t i = 0; i < TABLES_MAX; i++) {
    tables[i] = some_table(generator, i != local, TASK_IN_WHERE);
    cost += (TIMES_THE_BETTER + 1) * tables[i].pages;
    crawls += tables[i].is_links;
    if (i == 0) {
      from = tables[i].node;
      if (tables[i].term) tree_list_add(where, tables[i].term);
      continue;
    }
    struct ties ties;
    do ties = random_ties(generator, &tables[below(generator, i)], &tables[i]);
    while (generator->world->pushdown && ties.key < 0 && chance(generator, 90)); /* all pairs, and these with all, take long */
    if (tables[i].term) tree_list_add(ties.list, tables[i].term);
    from = tree_frame(tree, NODE_PLAIN, "%%% ON %", from, text(generator, PICK(generator, kinds)), tables[i].node, ties.list,
                      NULL);
  }
  allow(generator, cost, crawls);
  return select_where(generator, output(generator, tables, TABLES_MAX, false), from, where);
}

/* A sub-query for each row of the local table, or of another crawl. */
static struct node *correlated(struct generator *generator) {
  static const char *const values[] = {"EXISTS (SELECT 1 %)", "(SELECT count(*) %)", "(SELECT max(+l.link_to) %)"};
  static const char *const conditions[] = {"EXISTS (SELECT 1 %)", "NOT EXISTS (SELECT 1 %)", "NOT EXISTS (SELECT * %)",
                                           "(SELECT count(*) %) > 1"};
  struct tree *tree = generator->tree;
  struct table outer = some_table(generator, chance(generator, 30), TASK_IN_WHERE);
  struct node *where = tree_list(tree, " AND ", 1);
  if (outer.term) tree_list_add(where, outer.term);
  add_conditions(generator, where);
  struct table inner = some_table(generator, true, TASK_IN_WHERE);
  struct ties ties = random_ties(generator, &outer, &inner);
  if (inner.term) tree_list_add(ties.list, inner.term);
  if (chance(generator, 20)) tree_list_add(ties.list, cell_condition(generator, sqlite3_libversion_number() < 3038000));
  struct node *from = tree_frame(tree, NODE_PLAIN, "FROM % WHERE %", inner.node, ties.list, NULL);
  allow(generator, pair_most(generator, &outer, &inner, ties.key), 1 + outer.is_links);
  generator->source_count--;
  if (chance(generator, 50)) {
    tree_list_add(where, tree_frame(tree, NODE_CONDITION, PICK(generator, conditions), from, NULL));
    return select_where(generator, output(generator, &outer, 1, false), outer.node, where);
  }
  const char *frame = PICK(generator, values);
  struct node *value = strstr(frame, "l.link_to") ? tree_frame(tree, NODE_PLAIN, "(SELECT max(+%.link_to) %)",
                                                               text(generator, inner.alias), from, NULL)
                                                  : tree_frame(tree, NODE_PLAIN, frame, from, NULL);
  struct node *list = tree_list(tree, ", ", 1);
  tree_list_add(list, tree_text(tree, "%s.%s", outer.alias, outer.is_links ? "link_to" : "id"));
  tree_list_add(list, value);
  list->child[1]->needed = true;
  return select_where(generator, list, outer.node, where);
}

/* IN of what the other table has, in either direction. */
static struct node *membership(struct generator *generator) {
  struct tree *tree = generator->tree;
  bool links_inside = chance(generator, 50), rows = sqlite3_libversion_number() >= 3038000 && chance(generator, 40);
  struct table outer = some_table(generator, !links_inside, TASK_IN_WHERE);
  struct node *where = tree_list(tree, " AND ", 1);
  if (outer.term) tree_list_add(where, outer.term);
  add_conditions(generator, where);
  struct table inner = some_table(generator, links_inside, TASK_IN_WHERE);
  const struct table *links = links_inside ? &inner : &outer;
  struct node *first[2], *second[2], *inside = inner.node;
  int field;
  partners(generator, &outer, &inner, true, &field, first);
  partners(generator, &outer, &inner, false, &field, second);
  if (inner.term) inside = tree_frame(tree, NODE_PLAIN, "% WHERE %", inner.node, inner.term, NULL);
  int in = links_inside ? 0 : 1; /* columns have those of links first */
  struct node *set =
      rows ? tree_frame(tree, NODE_PLAIN, "(%, %) IN (SELECT %, % FROM %)", first[1 - in], second[1 - in], first[in],
                        second[in], inside, NULL)
           : tree_frame(tree, NODE_PLAIN, chance(generator, 80) ? "% IN (SELECT % FROM %)" : "% NOT IN (SELECT % FROM %)",
                        first[1 - in], first[in], inside, NULL);
  tree_list_add(where, set);
  generator->source_count--;
  allow(generator, (TIMES_THE_BETTER + 1) * links->pages, 1);
  return select_where(generator, output(generator, &outer, 1, false), outer.node, where);
}

/* The crawl in a sub-query of FROM, which SQLite may take apart or not. */
static struct node *wrapped(struct generator *generator) {
  static const char *const frames[] = {
      "SELECT count(*), sum(o.id), min(w.page_to) FROM local o JOIN (SELECT * FROM %) w ON w.link_to = o.t",
      "SELECT count(*), sum(o.id), min(w.page_to) FROM (SELECT * FROM %) w JOIN local o ON w.link_to = o.t AND w.page_to = o.n",
      "SELECT count(*), count(w.c), sum(o.id) FROM local o LEFT JOIN (SELECT link_to AS c, page_to AS d FROM %) w ON w.c = o.t",
      ("SELECT count(*), count(w.c), sum(o.id) FROM local o LEFT JOIN (SELECT link_to AS c, page_to AS d FROM %) w "
       "ON w.c = o.t AND w.d >= o.n"),
      "WITH w AS (SELECT link_to AS c, max(page_to) AS d FROM % GROUP BY 1) SELECT o.id, w.d FROM local o LEFT JOIN w ON w.c = o.t",
      "WITH w AS (SELECT link_to AS c, page_to AS d FROM % LIMIT -1) SELECT count(*), sum(o.id) FROM local o JOIN w ON w.d = o.n",
      "SELECT count(*), sum(o.id) FROM (SELECT DISTINCT link_to AS c FROM %) w, local o WHERE w.c LIKE o.t",
  };
  struct table links = some_table(generator, true, TASK_IN_TABLE);
  allow(generator, (TIMES_THE_BETTER + 1) * links.pages, 1);
  return tree_frame(generator->tree, NODE_PLAIN, PICK(generator, frames), links.node, NULL);
}

struct node *measured_join(struct generator *generator) {
  size_t kind = below(generator, 100);
  bool rare = generator->world->spread >= 100; /* values: else three crawls make millions of rows */
  if (kind < 50 || (kind < 60 && !rare)) return pair(generator);
  if (kind < 60) return triple(generator);
  if (kind < 80) return correlated(generator);
  return kind < 90 ? membership(generator) : wrapped(generator);
}
