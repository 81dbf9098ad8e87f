/*
** Rows are compared as typed values: in order where ORDER BY fixes it, as multisets where nothing does. LIMIT without an order
** leaves open which rows are given, but neither how many nor that each is one of the whole result.
*/
#include "compare.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct sides {
  char *sql[SIDE_COUNT];
  struct rows *rows[SIDE_COUNT];
  bool whole; /* the reference ran without the LIMIT */
};

/* Requests that the API accepted: a refused body is sent again in the other form, once. */
static size_t accepted(struct standin *standin) {
  size_t count = standin_log_count(standin), found = 0;
  for (size_t i = 0; i < count; i++) {
    const struct standin_request *request = standin_log_get(standin, i);
    bool refused = request && (request->code == 40501 || request->code == 40503 || request->http_status != 200);
    if (request && !strcmp(request->method, "POST") && !refused) found++;
  }
  return found;
}

static bool is_dear(const struct world *world, const struct tree *tree) {
  return tree->requests_max >= 0 && accepted(world->standin) > (size_t)tree->requests_max;
}

/* What has begun to be many times too dear is not waited for. */
struct patience {
  struct standin *standin;
  size_t requests;
};

static int is_enough(void *context) {
  const struct patience *patience = context;
  return standin_log_count(patience->standin) > patience->requests;
}

/* The rows of onpage's side. */
static struct rows *query_onpage(struct world *world, const struct tree *tree, const char *sql) {
  enum { OPERATIONS = 500 };
  struct patience patience = {.standin = world->standin, .requests = 3 * (size_t)tree->requests_max + 100};
  if (tree->requests_max >= 0) sqlite3_progress_handler(world->db, OPERATIONS, is_enough, &patience);
  struct rows *rows = harness_query(world->db, sql, tree->bounds, tree->bound_count);
  sqlite3_progress_handler(world->db, 0, NULL, NULL);
  return rows;
}

static void run(struct world *world, const struct tree *tree, struct sides *sides) {
  sides->whole = tree_is_limited(tree) && !tree_is_ordered(tree);
  standin_log_clear(world->standin);
  for (int side = 0; side < SIDE_COUNT; side++) {
    sides->sql[side] = tree_sql(tree, (enum side)side, side == SIDE_ONPAGE || !sides->whole);
    sides->rows[side] = side == SIDE_ONPAGE ? query_onpage(world, tree, sides->sql[side])
                                            : harness_query(world->db, sides->sql[side], tree->bounds, tree->bound_count);
    if (!tree_is_ordered(tree)) rows_sort(sides->rows[side]);
  }
}

static void release(struct sides *sides) {
  for (int side = 0; side < SIDE_COUNT; side++) {
    sqlite3_free(sides->sql[side]);
    rows_free(sides->rows[side]);
  }
}

/* The number of rows that LIMIT and OFFSET leave. */
static size_t limited(const struct tree *tree, size_t count) {
  size_t offset = tree->offset_rows > 0 ? (size_t)tree->offset_rows : 0;
  size_t left = count > offset ? count - offset : 0;
  return tree->limit_rows >= 0 && left > (size_t)tree->limit_rows ? (size_t)tree->limit_rows : left;
}

/* Both sorted: whether each row of the first is one of the second. */
static bool is_partition_of(const struct rows *part, const struct rows *whole) {
  size_t at = 0;
  for (size_t i = 0; i < part->count; i++, at++) {
    while (at < whole->count && strcmp(whole->row[at], part->row[i]) < 0) at++;
    if (at == whole->count || strcmp(whole->row[at], part->row[i]) != 0) return false;
  }
  return true;
}

/* Whether the statement has a list of row values beside a task from IN. Row values don't look like a list to a virtual
** table, so that the rule "no second list beside a task from IN" (plan.c) doesn't see them. */
static bool has_row_values_beside_tasks(const char *sql) {
  bool row_values = strstr(sql, ") IN (SELECT ") != NULL || strstr(sql, ") IN (VALUES ") != NULL;
  return row_values && strstr(sql, "task_id IN (") != NULL;
}

/* What the extension refuses with reason. A second list may make SQLite miss the plan that has a task from IN: lists can't
** be told from = before 3.38, and those of row values never. regex() can't be asked of an API that doesn't filter by the
** column, where SQLite evaluates the term by itself, or for an outer join. */
static bool is_refused(const struct sides *sides) {
  const struct rows *got = sides->rows[SIDE_ONPAGE];
  if (!got->error || sides->rows[SIDE_REFERENCE]->error) return false;
  if (strstr(got->error, "evaluated by the API") || strstr(got->error, "regex() can't be told from")) return true;
  if (!strstr(got->error, "task_id is missing")) return false;
  return sqlite3_libversion_number() < 3038000 || has_row_values_beside_tasks(sides->sql[SIDE_ONPAGE]);
}

/* Whether the API rejected a filter by a rule that is in its documents: what may be rejected is what a reading is about. */
static bool is_rejected_unduly(const struct world *world) {
  const struct standin_readings *readings = &world->readings;
  for (size_t i = 0; i < standin_log_count(world->standin); i++) {
    const struct standin_request *request = standin_log_get(world->standin, i);
    if (!request || request->code != 40501) continue;
    bool may_be = (readings->string_in_rejected && strstr(request->body, "\"in\",[\"")) ||
                  (readings->in_max && strstr(request->body, "\"in\",[")) ||
                  (readings->is_broken_rejected && strstr(request->body, "\"is_broken\"")) ||
                  (readings->token_life && strstr(request->body, "\"search_after_token\"")) ||
                  (readings->offset_most && strstr(request->body, "\"offset\""));
    if (!may_be) return true;
  }
  return false;
}

static enum verdict judge(const struct tree *tree, const struct sides *sides) {
  const struct rows *got = sides->rows[SIDE_ONPAGE], *wanted = sides->rows[SIDE_REFERENCE];
  if (got->error && wanted->error) return VERDICT_FAILED_BOTH;
  if (is_refused(sides)) return VERDICT_REFUSED;
  if (got->error || wanted->error) return VERDICT_DIFFERENT;
  size_t count = sides->whole ? limited(tree, wanted->count) : wanted->count;
  return got->count == count && is_partition_of(got, wanted) ? VERDICT_SAME : VERDICT_DIFFERENT;
}

/* Rows in a fixed order: the same row at the same place. */
static enum verdict judge_in_order(const struct sides *sides) {
  const struct rows *got = sides->rows[SIDE_ONPAGE], *wanted = sides->rows[SIDE_REFERENCE];
  if (got->error && wanted->error) return VERDICT_FAILED_BOTH;
  if (is_refused(sides)) return VERDICT_REFUSED;
  if (got->error || wanted->error || got->count != wanted->count) return VERDICT_DIFFERENT;
  for (size_t i = 0; i < got->count; i++)
    if (strcmp(got->row[i], wanted->row[i]) != 0) return VERDICT_DIFFERENT;
  return VERDICT_SAME;
}

enum verdict compare(struct world *world, const struct tree *tree, struct cost *cost) {
  struct sides sides;
  run(world, tree, &sides);
  if (is_dear(world, tree)) { /* or what the query before had given up was still on its way */
    const struct timespec time_to_arrive = {.tv_nsec = 50 * 1000 * 1000};
    release(&sides);
    nanosleep(&time_to_arrive, NULL);
    world_connect(world);
    run(world, tree, &sides);
  }
  enum verdict verdict = tree_is_ordered(tree) ? judge_in_order(&sides) : judge(tree, &sides);
  bool dear = is_dear(world, tree);
  if (dear || is_rejected_unduly(world)) verdict = VERDICT_DIFFERENT;
  if (cost) {
    *cost = (struct cost){.accepted = accepted(world->standin), .error = sides.rows[SIDE_ONPAGE]->error != NULL, .dear = dear};
    size_t count = standin_log_count(world->standin);
    for (size_t i = 0; i < count; i++) {
      const struct standin_request *request = standin_log_get(world->standin, i);
      if (!request || strcmp(request->method, "POST") != 0) continue;
      cost->requests++;
      cost->pushed |= strstr(request->body, "\"filters\"") || strstr(request->body, "\"page_from\"") ||
                      strstr(request->body, "\"page_to\"");
    }
  }
  release(&sides);
  return verdict;
}

static void print_value(const struct bound *bound) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  if (!world_literal(bound, out)) {
    sqlite3_str_appendall(out, "text x'");
    for (int i = 0; i < bound->size; i++) sqlite3_str_appendf(out, "%02x", (unsigned char)bound->bytes[i]);
    sqlite3_str_appendall(out, "'");
  }
  char *text = sqlite3_str_finish(out);
  printf("%.200s\n", text);
  sqlite3_free(text);
}

/* The first rows of one side that the other lacks; both are sorted. */
static void print_missing(const char *title, const struct rows *rows, const struct rows *others) {
  enum { SHOWN = 5 };
  size_t at = 0, shown = 0;
  printf("%s (%zu rows in all):\n", title, rows->count);
  for (size_t i = 0; i < rows->count && shown < SHOWN; i++) {
    while (at < others->count && strcmp(others->row[at], rows->row[i]) < 0) at++;
    if (at < others->count && strcmp(others->row[at], rows->row[i]) == 0)
      at++;
    else if (++shown <= SHOWN)
      printf("  %.2000s\n", rows->row[i]);
  }
}

static void print_requests(struct standin *standin, const struct tree *tree) {
  enum { SHOWN = 12 };
  size_t count = standin_log_count(standin);
  printf("requests: %zu, %zu of them accepted", count, accepted(standin));
  if (tree->requests_max >= 0)
    printf(", %ld at most%s", tree->requests_max, accepted(standin) > (size_t)tree->requests_max ? ": TOO DEAR" : "");
  printf("\n");
  for (size_t i = 0; i < count && i < SHOWN; i++) {
    const struct standin_request *request = standin_log_get(standin, i);
    printf("  %s %.1500s -> %d %d, %zu items\n", request->method, request->body, request->http_status, request->code,
           request->items);
  }
}

void compare_report(struct world *world, const struct tree *tree) {
  static const char *const titles[] = {"onpage", "reference"};
  struct sides sides;
  run(world, tree, &sides);
  for (int side = 0; side < SIDE_COUNT; side++) printf("%s: %s\n", titles[side], sides.sql[side]);
  for (size_t i = 0; i < tree->bound_count; i++) {
    char name[16];
    snprintf(name, sizeof name, "?%d", (int)i + 1);
    if (!strstr(sides.sql[SIDE_ONPAGE], name)) continue;
    printf("%s = ", name);
    print_value(&tree->bounds[i]);
  }
  print_requests(world->standin, tree);
  if (is_rejected_unduly(world)) printf("a filter was sent that the documents of the API don't allow\n");
  char *plan = harness_plan(world->db, sides.sql[SIDE_ONPAGE], tree->bounds, tree->bound_count);
  printf("plan:\n%s", plan);
  sqlite3_free(plan);
  for (int side = 0; side < SIDE_COUNT; side++)
    if (sides.rows[side]->error) printf("%s failed: %s\n", titles[side], sides.rows[side]->error);
  for (int side = 0; side < SIDE_COUNT; side++) rows_sort(sides.rows[side]);
  print_missing("only onpage has", sides.rows[SIDE_ONPAGE], sides.rows[SIDE_REFERENCE]);
  print_missing(sides.whole ? "only the reference (without LIMIT) has" : "only the reference has", sides.rows[SIDE_REFERENCE],
                sides.rows[SIDE_ONPAGE]);
  fflush(stdout);
  release(&sides);
}
