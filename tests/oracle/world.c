/*
** See world.h. Few values a field and many equal items: joins find partners, and duplicates are the rule.
*/
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const world_tasks[TASKS] = {TASK, OTHER_TASK, THIRD_TASK};
const char *const world_task_names[TASKS] = {"a", "b", "c"};

static _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "oracle: %s: %s\n", what, why);
  exit(2);
}

static void choose_values(struct world *world, struct random *random) {
  for (int i = 0; i < FIELD_COUNT; i++) {
    const struct pool *pool = pool_of(i);
    size_t plain = pool->count[STRANGE_NOT], any = pool->count[world->strangeness];
    size_t count = 2 + random_below(random, CHOSEN_MAX - 2);
    size_t at = 0;
    for (size_t k = 0; k < count; k++) {
      size_t start = any > plain && random_chance(random, 30) ? plain : 0;
      /* Neighbours in a pool look alike to some implementations: they should meet. */
      at = k > 0 && random_chance(random, 60) ? (at + 1) % any : start + random_below(random, any - start);
      world->chosen[i][k] = pool->samples[at];
    }
    /* Too long for what makes `=` of a text exact. */
    if (world->lengthy && pool->samples[plain - 1].value.size > 1000)
      for (size_t k = 0; k < LONG_TEXTS; k++) world->chosen[i][k] = pool->samples[plain - 1 - k];
    world->chosen_count[i] = world->lengthy && count > LONG_TEXTS + 1 ? LONG_TEXTS + 1 : count;
  }
  if (!world->heavy) return;
  int heavy = dataset_field_of("image_src");
  world->chosen[heavy][0] = *pool_heavy();
  world->chosen_count[heavy] = 1;
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

/* How pages may come. Left out are readings that together make rows unreachable, since they come after an offset that is refused
** and a token that has expired, or after a page without items whose token has; and those in which nothing shows the end: there is
** no total, the last page has a token, and that has expired. */
static void random_paging(const struct world *world, struct standin_readings *readings, struct random *random) {
  readings->progress = random_chance(random, 60) ? STANDIN_PROGRESS_TRUE : (enum standin_progress)random_below(random, 4);
  readings->total_cap = world->large && random_chance(random, 40) ? 1000 : 0; /* which is as round as caps are */
  if (world->spread > 0) return; /* pages can't be counted, or take more requests than one each */
  readings->total = random_chance(random, 75) ? STANDIN_TOTAL_TRUE : (enum standin_total)random_below(random, 3);
  if (random_chance(random, 50)) return;
  readings->page_cap = random_chance(random, 30) ? 1 + random_below(random, world->large ? 200 : 6) : 0;
  readings->pages_vary = random_chance(random, 30);
  readings->token_same = random_chance(random, 25);
  bool ends = readings->total == STANDIN_TOTAL_TRUE || readings->last_token != STANDIN_TOKEN_PRESENT;
  if (ends && random_chance(random, 25)) {
    readings->token_life = 1 + random_below(random, 4);
    return;
  }
  /* Whether rows follow a round number of them is shown only by a total or by the next response. */
  if (readings->total == STANDIN_TOTAL_TRUE && random_chance(random, 40)) {
    readings->offset_most = world->large ? 250 + random_below(random, 500) : random_below(random, 20);
    readings->offset_refusal = (enum standin_offset_refusal)random_below(random, 3);
  }
  readings->empty_every = random_chance(random, 30) ? 1 + random_below(random, 8) : 0;
  if (readings->empty_every) readings->items_null_when_none = false; /* where a token promises more: garbled */
}

static long random_page_size(const struct world *world, struct random *random) {
  static const long sizes[] = {1, 2, 3, 5, 7, 50, 1000}, sizes_of_joins[] = {5, 5, 10, 25};
  if (world->large) return 250;
  return world->spread > 0 ? sizes_of_joins[random_below(random, LENGTH(sizes_of_joins))]
                           : sizes[random_below(random, LENGTH(sizes))];
}

static char *random_options(struct world *world, struct random *random) {
  static const int in_flight[] = {1, 2, 3, 5, 5, 16};
  bool cache = random_chance(random, 50);
  world->counts = random_chance(random, 85);
  world->page_size = random_page_size(world, random);
  return sqlite3_mprintf(
      "SELECT onpage_config('page_size', %d), onpage_config('pushdown', '%s'), "
      "onpage_config('count_pushdown', '%s'), onpage_config('cache_mb', %d), onpage_config('max_in_flight', %d), "
      "onpage_config('max_retries', 0)",
      (int)world->page_size, world->pushdown ? "on" : "off", world->counts ? "on" : "off",
      !cache         ? 0
      : world->heavy ? 1
                     : 64,
      in_flight[random_below(random, LENGTH(in_flight))]);
}

static size_t random_item_count(const struct world *world, struct random *random) {
  if (world->large) return 500 + random_below(random, 1500);
  if (random_chance(random, 10)) return 0;
  if (world->spread > 0) return random_chance(random, 40) ? random_below(random, 60) : 100 + random_below(random, 500);
  return random_below(random, random_chance(random, 20) ? 61 : 21);
}

static size_t random_local_count(const struct world *world, struct random *random) {
  static const size_t counts[] = {0, 1, 1, 2, 3, 8, 20, 20, 60, 400};
  return world->spread > 0 ? counts[random_below(random, LENGTH(counts))] : random_below(random, 9);
}

/* What the world is for, beside everything. */
static void choose_kind(struct world *world, struct random *random) {
  static const size_t spreads[] = {3, 20, 100, 450};
  world->pushdown = random_chance(random, 90);
  world->strangeness = !world->pushdown ? STRANGE_ANY : random_chance(random, 20) ? STRANGE_HALVES : STRANGE_NOT;
  world->large = random_chance(random, 2);
  world->lengthy = random_chance(random, 15);
  world->linear = world->large;
  if (world->large || world->lengthy || !random_chance(random, 20)) return;
  world->linear = true;
  world->spread = spreads[random_below(random, LENGTH(spreads))];
  world->heavy = random_chance(random, 10);
}

void world_make(struct world *world, struct standin *standin, enum opponent opponent, uint64_t seed, uint64_t n) {
  struct random random = random_of(seed, 1, n);
  memset(world, 0, sizeof *world);
  world->standin = standin;
  world->opponent = opponent;
  choose_kind(world, &random);
  choose_values(world, &random);
  random_readings(&world->readings, &random);
  random_paging(world, &world->readings, &random);
  if (random_chance(&random, 15)) world->readings.body_most = 700 + random_below(&random, 4000);
  if (world->strangeness == STRANGE_ANY) world->readings.floats = false;        /* it changes numbers in the place of texts */
  if (world->lengthy) world->readings.ignore_case = random_chance(&random, 90); /* may any other part confuse them? */
  world->options = random_options(world, &random);
  standin_set_readings(standin, &world->readings);
  for (int i = 0; i < TASKS; i++) {
    size_t count = random_item_count(world, &random);
    enum standin_crawl crawl = random_chance(&random, 20) ? STANDIN_IN_PROGRESS : STANDIN_FINISHED;
    if (count == 0 && random_chance(&random, 50)) crawl = STANDIN_NO_RESULTS;
    items_make(&world->items[i], world, &random, count);
    if (standin_add_task(standin, world_tasks[i], crawl, world->items[i].json, strlen(world->items[i].json)))
      give_up("a crawl", "the stand-in API does not take it");
  }
  world->local_count = random_local_count(world, &random);
  world->local = local_make(world, &random, world->local_count);
  world_connect(world);
}

/* Ordinary tables with this prefix: all tasks' rows in one, and each task's in its own. */
static void make_ordinary(const struct world *world, const char *name) {
  int code = dataset_create_table(world->db, name);
  for (int i = 0; code == SQLITE_OK && i < TASKS; i++) {
    char *own = sqlite3_mprintf("%s_%s", name, world_task_names[i]);
    code = items_insert(&world->items[i], world->db, name, world_tasks[i]);
    if (code == SQLITE_OK) code = dataset_create_table(world->db, own);
    if (code == SQLITE_OK) code = items_insert(&world->items[i], world->db, own, world_tasks[i]);
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
  /* Before 3.39 a false ON of another join can make an automatic index of an ordinary table partial, and lose rows. */
  if (sqlite3_libversion_number() < 3039000) harness_run(world->db, "PRAGMA automatic_index = off");
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
  for (int i = 0; i < TASKS; i++) items_release(&world->items[i]);
}

char *world_describe(const struct world *world) {
  const struct standin_readings *r = &world->readings;
  return sqlite3_mprintf(
      "ignore_case=%d not_keeps_null=%d like_underscore=%d regex_whole=%d string_in_rejected=%d is_broken_rejected=%d "
      "more_fields=%d available_fails=%d no_current_offset=%d floats=%d escaped=%d unknown_keys=%d items_null_when_none=%d "
      "no_gzip=%d in_max=%d body=%d refusal=%d last_token=%d body_most=%d latency_ms=%u\n"
      "page_cap=%d pages_vary=%d empty_every=%d token_same=%d token_life=%d offset_most=%d offset_refusal=%d progress=%d "
      "total=%d total_cap=%d\n"
      "%s\nrows: %d %d %d, local %d",
      r->ignore_case, r->not_keeps_null, r->like_underscore, r->regex_whole, r->string_in_rejected, r->is_broken_rejected,
      r->more_fields, r->available_fails, r->no_current_offset, r->floats, r->escaped, r->unknown_keys, r->items_null_when_none,
      r->no_gzip, (int)r->in_max, (int)r->body, (int)r->refusal, (int)r->last_token, (int)r->body_most, r->latency_ms,
      (int)r->page_cap, r->pages_vary, (int)r->empty_every, r->token_same, (int)r->token_life, (int)r->offset_most,
      (int)r->offset_refusal, (int)r->progress, (int)r->total, (int)r->total_cap, world->options, (int)world->items[0].count,
      (int)world->items[1].count, (int)world->items[2].count, (int)world->local_count);
}
