/* See items.h. */
#include "items.h"

#include <stdlib.h>
#include <string.h>

#include "world.h"

static void random_row(const struct world *world, struct random *random, const struct sample *row[FIELD_COUNT]) {
  unsigned missing = random_chance(random, 15) ? 60 : 8;
  for (int i = 0; i < FIELD_COUNT; i++) {
    row[i] = NULL;
    if (random_chance(random, missing)) continue;
    row[i] = &world->chosen[i][random_below(random, world->chosen_count[i])];
    if (world->spread == 0 || random_chance(random, 15)) continue;
    const struct sample *numbered = pool_numbered(i, random_below(random, world->spread));
    if (numbered) row[i] = numbered;
  }
}

static void write_item(const struct sample *const row[FIELD_COUNT], sqlite3_str *out) {
  bool first = true;
  sqlite3_str_appendchar(out, 1, '{');
  for (int i = 0; i < FIELD_COUNT; i++) {
    if (!row[i]) continue;
    sqlite3_str_appendf(out, "%s\"%s\":%s", first ? "" : ",", dataset_fields[i].name, row[i]->json);
    first = false;
  }
  sqlite3_str_appendall(out, "}\n");
}

void items_make(struct items *items, const struct world *world, struct random *random, size_t count) {
  enum { KEPT = 16 };
  size_t kept[KEPT], kept_count = 0; /* rows that come again */
  sqlite3_str *out = sqlite3_str_new(NULL);
  items->rows = calloc(count + 1, sizeof *items->rows);
  if (!items->rows) abort();
  items->count = count;
  for (size_t i = 0; i < count; i++) {
    size_t place = random_below(random, KEPT);
    if (place < kept_count && random_chance(random, 34)) {
      memcpy(items->rows[i], items->rows[kept[place]], sizeof items->rows[i]);
    } else {
      random_row(world, random, items->rows[i]);
      if (place >= kept_count) place = kept_count++;
      kept[place] = i;
    }
    write_item(items->rows[i], out);
  }
  items->json = sqlite3_str_finish(out);
  if (!items->json) items->json = sqlite3_mprintf("");
}

void items_release(struct items *items) {
  free(items->rows);
  sqlite3_free(items->json);
}

int items_insert(const struct items *items, sqlite3 *db, const char *table, const char *task_id) {
  sqlite3_stmt *insert = NULL;
  int code = dataset_prepare_insert(db, table, &insert);
  const struct bound missing = {.type = SQLITE_NULL}, task = {.type = SQLITE_TEXT, .bytes = task_id, .size = -1};
  for (size_t i = 0; i < items->count && code == SQLITE_OK; i++) {
    for (int field = 0; field < FIELD_COUNT; field++)
      harness_bind(insert, field + 1, items->rows[i][field] ? &items->rows[i][field]->value : &missing);
    harness_bind(insert, FIELD_COUNT + 1, &task);
    sqlite3_step(insert);
    code = sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  return code;
}
