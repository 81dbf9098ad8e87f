/*
** See world.h. Few values a field and many equal items: joins find partners, and duplicates are the rule.
*/
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const world_tasks[TASKS] = {TASK, OTHER_TASK, THIRD_TASK};
const char *const world_task_names[TASKS] = {"a", "b", "c"};

const struct local_column local_columns[LOCAL_COLUMNS] = {
    {"task", "TEXT", true},
    {"i", "INTEGER", true},
    {"t", "TEXT", true},
    {"n", "", false},
    {"nc", "TEXT COLLATE NOCASE", false},
    {"r", "REAL", false},
    {"m", "NUMERIC", false},
};

static _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "oracle: %s: %s\n", what, why);
  exit(2);
}

static void choose_values(struct world *world, struct random *random) {
  for (int i = 0; i < FIELD_COUNT; i++) {
    const struct pool *pool = pool_of(i);
    size_t count = 2 + random_below(random, CHOSEN_MAX - 2);
    size_t at = 0;
    for (size_t k = 0; k < count; k++) {
      /* Neighbours in a pool look alike to somebody: they are to meet. */
      at = k > 0 && random_chance(random, 60) ? (at + 1) % pool->count : random_below(random, pool->count);
      world->chosen[i][k] = pool->values[at];
    }
    /* Too long for what makes `=` of a text exact. */
    if (world->lengthy && pool->values[pool->count - 1].size > 1000)
      for (size_t k = 0; k < LONG_TEXTS; k++) world->chosen[i][k] = pool->values[pool->count - 1 - k];
    world->chosen_count[i] = world->lengthy && count > LONG_TEXTS + 1 ? LONG_TEXTS + 1 : count;
  }
}

static const char *json_of(int field, const struct bound *value) {
  const struct pool *pool = pool_of(field);
  for (size_t i = 0; i < pool->count; i++)
    if (pool->values[i].type == value->type && pool->values[i].bytes == value->bytes && pool->values[i].size == value->size &&
        pool->values[i].integer == value->integer)
      return pool->json[i];
  return "null";
}

static char *random_item(const struct world *world, struct random *random) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  unsigned missing = random_chance(random, 15) ? 60 : 8;
  sqlite3_str_appendchar(out, 1, '{');
  bool first = true;
  for (int i = 0; i < FIELD_COUNT; i++) {
    if (random_chance(random, missing)) continue;
    const struct bound *value = &world->chosen[i][random_below(random, world->chosen_count[i])];
    sqlite3_str_appendf(out, "%s\"%s\":%s", first ? "" : ",", dataset_fields[i].name, json_of(i, value));
    first = false;
  }
  sqlite3_str_appendall(out, "}\n");
  return sqlite3_str_finish(out);
}

/* Items, about a third of them equal to an earlier one. */
static char *random_items(const struct world *world, struct random *random, size_t count) {
  enum { KEPT = 16 };
  char *kept[KEPT] = {NULL};
  sqlite3_str *out = sqlite3_str_new(NULL);
  for (size_t i = 0; i < count; i++) {
    char **item = &kept[random_below(random, KEPT)];
    if (!*item || random_chance(random, 66)) {
      sqlite3_free(*item);
      *item = random_item(world, random);
    }
    sqlite3_str_appendall(out, *item);
  }
  for (size_t i = 0; i < KEPT; i++) sqlite3_free(kept[i]);
  char *items = sqlite3_str_finish(out);
  return items ? items : sqlite3_mprintf("");
}

bool world_literal(const struct bound *value, sqlite3_str *out) {
  switch (value->type) {
    case SQLITE_INTEGER: sqlite3_str_appendf(out, "%lld", value->integer); return true;
    case SQLITE_FLOAT: sqlite3_str_appendf(out, "%!.17g", value->real); return true;
    case SQLITE_TEXT:
      for (int i = 0; i < value->size; i++)
        if (!value->bytes[i]) return false;
      sqlite3_str_appendf(out, "'%.*q'", value->size, value->bytes);
      return true;
    case SQLITE_BLOB:
      sqlite3_str_appendall(out, "x'");
      for (int i = 0; i < value->size; i++) sqlite3_str_appendf(out, "%02x", (unsigned char)value->bytes[i]);
      sqlite3_str_appendall(out, "'");
      return true;
    default: sqlite3_str_appendall(out, "NULL"); return true;
  }
}

/* A value that some column of links holds, or a trap. */
static struct bound any_value(const struct world *world, struct random *random) {
  if (random_chance(random, 25)) return pool_traps[random_below(random, pool_trap_count)];
  size_t field = random_below(random, FIELD_COUNT);
  return world->chosen[field][random_below(random, world->chosen_count[field])];
}

static char *random_local(const struct world *world, struct random *random) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  sqlite3_str_appendall(out, "CREATE TABLE local(id INTEGER PRIMARY KEY");
  for (int i = 0; i < LOCAL_COLUMNS; i++)
    sqlite3_str_appendf(out, ", %s %s", local_columns[i].name, local_columns[i].declaration);
  sqlite3_str_appendall(out, ");");
  if (random_chance(random, 30))
    sqlite3_str_appendall(out, "CREATE INDEX local_n ON local(n);CREATE INDEX local_t ON local(t);");
  size_t count = random_below(random, 9);
  for (size_t i = 0; i < count; i++) {
    size_t task = random_below(random, TASKS + 1);
    sqlite3_str_appendf(out, "INSERT INTO local VALUES(%d, %Q", (int)i + 1, task < TASKS ? world_tasks[task] : NULL);
    for (int k = 1; k < LOCAL_COLUMNS; k++) {
      sqlite3_str_appendall(out, ", ");
      struct bound value = any_value(world, random);
      while (!world_literal(&value, out)) value = any_value(world, random);
    }
    sqlite3_str_appendall(out, ");");
  }
  return sqlite3_str_finish(out);
}

static void random_readings(struct standin_readings *readings, struct random *random) {
  memset(readings, 0, sizeof *readings);
  readings->latency_ms = random_chance(random, 10); /* without any, requests hardly meet on their way */
  if (random_chance(random, 10)) return;
  readings->ignore_case = random_chance(random, 50);
  readings->not_keeps_null = random_chance(random, 50);
  readings->like_underscore = random_chance(random, 50);
  readings->regex_whole = random_chance(random, 50);
  readings->string_in_rejected = random_chance(random, 30);
  readings->is_broken_rejected = random_chance(random, 30);
  readings->more_fields = random_chance(random, 60);
  readings->available_fails = random_chance(random, 15);
  readings->no_current_offset = random_chance(random, 30);
  readings->floats = random_chance(random, 30);
  readings->escaped = random_chance(random, 30);
  readings->unknown_keys = random_chance(random, 20);
  readings->items_null_when_none = random_chance(random, 30);
  readings->no_gzip = random_chance(random, 50);
  readings->in_max = random_chance(random, 30) ? 1 + random_below(random, 4) : 0;
  readings->body = (enum standin_body)random_below(random, 3);
  readings->refusal = (enum standin_refusal)random_below(random, 3);
  readings->last_token = (enum standin_last_token)random_below(random, 3);
}

static char *random_options(struct world *world, struct random *random) {
  static const int sizes[] = {1, 2, 3, 5, 7, 50, 1000};
  int size = world->large ? 250 : sizes[random_below(random, sizeof sizes / sizeof *sizes)];
  static const int in_flight[] = {1, 2, 3, 5, 5, 16};
  bool count = random_chance(random, 85), cache = random_chance(random, 50);
  world->pushdown = random_chance(random, 90);
  return sqlite3_mprintf(
      "SELECT onpage_config('page_size', %d), onpage_config('pushdown', '%s'), "
      "onpage_config('count_pushdown', '%s'), onpage_config('cache_mb', %d), onpage_config('max_in_flight', %d), "
      "onpage_config('max_retries', 0)",
      size, world->pushdown ? "on" : "off", count ? "on" : "off", cache ? 64 : 0,
      in_flight[random_below(random, sizeof in_flight / sizeof *in_flight)]);
}

void world_make(struct world *world, struct standin *standin, enum opponent opponent, uint64_t seed, uint64_t n) {
  struct random random = random_of(seed, 1, n);
  memset(world, 0, sizeof *world);
  world->standin = standin;
  world->opponent = opponent;
  world->large = random_chance(&random, 2);
  world->lengthy = random_chance(&random, 15);
  choose_values(world, &random);
  random_readings(&world->readings, &random);
  if (world->lengthy) world->readings.ignore_case = random_chance(&random, 90); /* who else takes one for the other? */
  world->options = random_options(world, &random);
  standin_set_readings(standin, &world->readings);
  for (int i = 0; i < TASKS; i++) {
    size_t most = random_chance(&random, 20) ? 61 : 21;
    size_t count = world->large                 ? 500 + random_below(&random, 1500)
                   : random_chance(&random, 10) ? 0
                                                : random_below(&random, most);
    enum standin_crawl crawl = random_chance(&random, 20) ? STANDIN_IN_PROGRESS : STANDIN_FINISHED;
    if (count == 0 && random_chance(&random, 50)) crawl = STANDIN_NO_RESULTS;
    world->items[i] = random_items(world, &random, count);
    world->item_count[i] = count;
    if (standin_add_task(standin, world_tasks[i], crawl, world->items[i], strlen(world->items[i])))
      give_up("a crawl", "the stand-in API does not take it");
  }
  world->local = random_local(world, &random);
  world_connect(world);
}

/* Ordinary tables with this prefix: all tasks' rows in one, and each task's in its own. */
static void make_ordinary(const struct world *world, const char *name) {
  int code = dataset_create_table(world->db, name);
  for (int i = 0; code == SQLITE_OK && i < TASKS; i++) {
    char *own = sqlite3_mprintf("%s_%s", name, world_task_names[i]);
    code = dataset_load(world->db, name, world_tasks[i], world->items[i]);
    if (code == SQLITE_OK) code = dataset_create_table(world->db, own);
    if (code == SQLITE_OK) code = dataset_load(world->db, own, world_tasks[i], world->items[i]);
    sqlite3_free(own);
  }
  if (code != SQLITE_OK) give_up("an ordinary table", sqlite3_errmsg(world->db));
}

void world_connect(struct world *world) {
  if (world->db) harness_close(world->db);
  if (world->opponent == OPPONENT_ONPAGE) {
    world->db = harness_connect(world->standin);
    harness_run(world->db, world->options);
    for (int i = 0; i < TASKS; i++) {
      char *sql = sqlite3_mprintf("CREATE VIRTUAL TABLE temp.bound_%s USING onpage_links(task_id='%s')", world_task_names[i],
                                  world_tasks[i]);
      harness_run(world->db, sql);
      sqlite3_free(sql);
    }
  } else {
    sqlite3_open(":memory:", &world->db);
  }
  harness_run(world->db, "BEGIN");
  make_ordinary(world, "reference");
  if (world->opponent != OPPONENT_ONPAGE) make_ordinary(world, "copy");
  if (world->opponent == OPPONENT_SPOILED)
    harness_run(world->db, "UPDATE copy SET page_to_status_code = 418, dofollow = 1 - dofollow WHERE rowid = 1;"
                           "UPDATE copy_a SET page_to_status_code = 418, dofollow = 1 - dofollow WHERE rowid = 1");
  harness_run(world->db, world->local);
  harness_run(world->db, "COMMIT");
}

void world_release(struct world *world) {
  if (!harness_close(world->db)) give_up("closing", "a statement or table of the connection was left open");
  sqlite3_free(world->options);
  sqlite3_free(world->local);
  for (int i = 0; i < TASKS; i++) sqlite3_free(world->items[i]);
}

char *world_describe(const struct world *world) {
  const struct standin_readings *r = &world->readings;
  return sqlite3_mprintf(
      "ignore_case=%d not_keeps_null=%d like_underscore=%d regex_whole=%d string_in_rejected=%d is_broken_rejected=%d more_fields=%d "
      "available_fails=%d no_current_offset=%d floats=%d escaped=%d unknown_keys=%d items_null_when_none=%d no_gzip=%d in_max=%d body=%d "
      "refusal=%d last_token=%d latency_ms=%u\n%s\nrows: %d %d %d",
      r->ignore_case, r->not_keeps_null, r->like_underscore, r->regex_whole, r->string_in_rejected, r->is_broken_rejected,
      r->more_fields, r->available_fails, r->no_current_offset, r->floats, r->escaped, r->unknown_keys, r->items_null_when_none,
      r->no_gzip, (int)r->in_max, (int)r->body, (int)r->refusal, (int)r->last_token, r->latency_ms, world->options,
      (int)world->item_count[0], (int)world->item_count[1], (int)world->item_count[2]);
}
