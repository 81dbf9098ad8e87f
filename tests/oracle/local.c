/*
** The local table: a column of each affinity, with values that the tables of links hold, too.
*/
#include <string.h>

#include "world.h"

const struct local_column local_columns[LOCAL_COLUMNS] = {
    {"task", "TEXT", true},
    {"i", "INTEGER", true},
    {"t", "TEXT", true},
    {"n", "", false},
    {"nc", "TEXT COLLATE NOCASE", false},
    {"r", "REAL", false},
    {"m", "NUMERIC", false},
};

const struct local_partner local_partners[] = {
    {"t", "link_to"},
    {"t", "link_from"},
    {"n", "page_to"},
    {"n", "page_to_status_code"},
    {"n", "direction"},
    {"nc", "text"},
    {"nc", "image_alt"},
    {"nc", "page_from"},
    {"i", "page_to_status_code"},
    {"i", "dofollow"},
    {"m", "page_to_status_code"},
    {"r", "page_to_status_code"},
};
const size_t local_partner_count = LENGTH(local_partners);

/* A value that some column of links holds, or a trap. */
static struct bound any_value(const struct world *world, struct random *random) {
  if (random_chance(random, 25)) return pool_traps[random_below(random, pool_trap_count)];
  size_t field = random_below(random, FIELD_COUNT);
  return world->chosen[field][random_below(random, world->chosen_count[field])].value;
}

/* What the columns hold in a world of joins, most of the time; see local_partners. */
static struct bound partner_value(const struct world *world, struct random *random, int column) {
  const char *name = local_columns[column].name;
  for (size_t i = 0; i < local_partner_count; i++) {
    int field = dataset_field_of(local_partners[i].field);
    if (strcmp(local_partners[i].column, name) != 0 || random_chance(random, 40)) continue;
    const struct sample *numbered = pool_numbered(field, 0);
    /* Some that no link has. */
    if (numbered) return pool_numbered(field, random_below(random, world->spread + world->spread / 4 + 1))->value;
    return world->chosen[field][random_below(random, world->chosen_count[field])].value;
  }
  return any_value(world, random);
}

static void insert_row(const struct world *world, struct random *random, size_t id, sqlite3_str *out) {
  size_t task = random_below(random, TASKS + 1);
  sqlite3_str_appendf(out, "INSERT INTO local VALUES(%d, %Q", (int)id, task < TASKS ? world_tasks[task] : NULL);
  for (int k = LOCAL_TASK + 1; k < LOCAL_COLUMNS; k++) {
    struct bound value;
    sqlite3_str_appendall(out, ", ");
    do value = world->spread > 0 ? partner_value(world, random, k) : any_value(world, random);
    while (!world_literal(&value, out));
  }
  sqlite3_str_appendall(out, ");");
}

char *local_make(const struct world *world, struct random *random, size_t count) {
  static const char *const indexes[] = {
      "CREATE INDEX local_n ON local(n);CREATE INDEX local_t ON local(t);",
      "CREATE INDEX local_tn ON local(t, n);",
      "CREATE INDEX local_nc ON local(nc, i);CREATE UNIQUE INDEX local_id ON local(t, id);",
  };
  sqlite3_str *out = sqlite3_str_new(NULL);
  sqlite3_str_appendall(out, "CREATE TABLE local(id INTEGER PRIMARY KEY");
  for (int i = 0; i < LOCAL_COLUMNS; i++)
    sqlite3_str_appendf(out, ", %s %s", local_columns[i].name, local_columns[i].declaration);
  sqlite3_str_appendall(out, ");");
  if (random_chance(random, 40)) sqlite3_str_appendall(out, indexes[random_below(random, LENGTH(indexes))]);
  for (size_t i = 0; i < count; i++) insert_row(world, random, i + 1, out);
  if (random_chance(random, world->spread > 0 ? 50 : 10)) sqlite3_str_appendall(out, "ANALYZE local;");
  return sqlite3_str_finish(out);
}
