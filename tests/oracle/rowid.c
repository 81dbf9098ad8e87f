/*
** Rowids: no two rows of a crawl have the same one, a row has the same one in each scan, whatever is pushed down, and none takes
** more than the 53 bits of a JavaScript number. What they are is the table's own matter.
*/
#include "generate.h"

/* One more scan of the crawl, with conditions of its own. */
struct scan {
  const char *alias;
  struct node *from, *where;
};

static struct scan some_scan(struct generator *generator, size_t task) {
  struct scan scan;
  struct node *term;
  scan.from = crawl_source(generator, TASK_IN_CALL, task, &term);
  scan.alias = generator->sources[generator->source_count - 1].alias;
  scan.where = tree_list(generator->tree, " AND ", 1);
  generator->visible = generator->source_count - 1;
  do
    tree_list_add(scan.where,
                  chance(generator, 50) ? cell_condition(generator, false) : random_condition(generator, DEPTH_MAX));
  while (chance(generator, 30));
  return scan;
}

static struct node *column(struct generator *generator, const struct scan *scan, const char *name) {
  return tree_text(generator->tree, "%s.%s", scan->alias, name);
}

struct node *rowid_query(struct generator *generator) {
  struct tree *tree = generator->tree;
  size_t task = random_below(&generator->random, TASKS);
  struct scan a = some_scan(generator, task), b = some_scan(generator, task);
  switch (random_below(&generator->random, generator->world->linear ? 4 : 6)) {
    case 0:
      return tree_frame(tree, NODE_PLAIN,
                        "SELECT count(*), count(DISTINCT rowid), total(abs(rowid) > 9007199254740991) FROM % WHERE %", a.from,
                        a.where, NULL);
    case 1:
      return tree_frame(tree, NODE_PLAIN, "SELECT %, % FROM % WHERE % AND rowid IN (SELECT rowid FROM % WHERE %)",
                        column(generator, &a, "page_to"), column(generator, &a, "link_to"), a.from, a.where, b.from, b.where,
                        NULL);
    case 2:
      return tree_frame(tree, NODE_PLAIN,
                        "SELECT count(*) FROM (SELECT rowid FROM % WHERE % UNION SELECT rowid FROM % WHERE %)", a.from, a.where,
                        b.from, b.where, NULL);
    case 3:
      return tree_frame(tree, NODE_PLAIN,
                        "SELECT count(*) FROM (SELECT rowid FROM % WHERE % EXCEPT SELECT rowid FROM % WHERE %)", a.from,
                        a.where, b.from, b.where, NULL);
    case 4:
      return tree_frame(tree, NODE_PLAIN, "SELECT count(*), total(% IS %) FROM % JOIN % ON % = % WHERE % AND %",
                        column(generator, &a, "link_to"), column(generator, &b, "link_to"), a.from, b.from,
                        column(generator, &a, "rowid"), column(generator, &b, "rowid"), a.where, b.where, NULL);
    default:
      return tree_frame(tree, NODE_PLAIN, "SELECT %, EXISTS (SELECT 1 FROM % WHERE % = % AND %) FROM % WHERE %",
                        column(generator, &a, "text"), b.from, column(generator, &b, "rowid"), column(generator, &a, "rowid"),
                        b.where, a.from, a.where, NULL);
  }
}
