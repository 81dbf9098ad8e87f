/*
** The oracle: random queries over onpage_links and over an ordinary table with the same rows, under every reading of what the
** API's documents leave open. Any difference is a fault of the push-down, of paging, of row identity, or of the plan.
**
** The n-th query of a seed is always the same one. Queries share a world (data, readings, options, connection) in groups, so what
** the extension learns from one is in force for the next.
*/
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare.h"
#include "faults.h"
#include "generate.h"

enum { QUERIES_A_WORLD = 40 };

struct settings {
  uint64_t queries, seed, only, stop_after;
  bool has_only, trace, faults, brief;
  enum opponent opponent;
};

struct tally {
  uint64_t passed, failed, failed_both, refused, pushed, requests, empty, faults, measured;
};

static void usage(void) {
  puts("oracle [--queries N] [--seed S] [--only N] [--stop-after K] [--against-copy | --against-spoiled | --faults] "
       "[--brief] [--trace]\n"
       "  --queries N        how many random queries (or QUERIES; 3000)\n"
       "  --seed S           the same queries again (or SEED)\n"
       "  --only N           one query of the seed, reported in any case; those before it in its world are run first\n"
       "  --stop-after K     ends after K differences (1)\n"
       "  --against-copy     compares two ordinary tables: is the generated SQL valid?\n"
       "  --against-spoiled  the same, with one row changed: is a difference seen?\n"
       "  --faults           transient faults at random among the requests, which must change nothing\n"
       "  --brief            doesn't reduce what differs\n"
       "  --trace            prints each query");
}

static uint64_t number(const char *text, uint64_t otherwise) {
  return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static bool read_settings(struct settings *settings, int count, char **arguments) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *settings = (struct settings){.stop_after = 1};
  settings->queries = number(getenv("QUERIES"), 3000);
  settings->seed = number(getenv("SEED"), (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
    if (!strcmp(name, "--against-copy")) {
      settings->opponent = OPPONENT_COPY;
    } else if (!strcmp(name, "--against-spoiled")) {
      settings->opponent = OPPONENT_SPOILED;
    } else if (!strcmp(name, "--faults")) {
      settings->faults = true;
    } else if (!strcmp(name, "--brief")) {
      settings->brief = true;
    } else if (!strcmp(name, "--trace")) {
      settings->trace = true;
    } else if (!value) {
      return false;
    } else {
      i++;
      if (!strcmp(name, "--queries")) {
        settings->queries = number(value, 0);
      } else if (!strcmp(name, "--seed")) {
        settings->seed = number(value, 0);
      } else if (!strcmp(name, "--only")) {
        settings->only = number(value, 0);
        settings->has_only = true;
      } else if (!strcmp(name, "--stop-after")) {
        settings->stop_after = number(value, 1);
      } else {
        return false;
      }
    }
  }
  return true;
}

static void report(const struct settings *settings, struct world *world, struct tree *tree, uint64_t n, bool differs,
                   const struct cost *cost) {
  char *description = world_describe(world);
  printf("\n=== %s: --seed %" PRIu64 " --only %" PRIu64 "\n", differs ? "difference" : "no difference", settings->seed, n);
  if (cost->dear) printf("%zu requests, %ld at most\n", cost->accepted, tree->requests_max);
  printf("%s\n", description);
  sqlite3_free(description);
  compare_report(world, tree);
  if (!differs || settings->brief || settings->faults)
    return; /* to reduce a query takes requests, and each query has faults of its own */
  reduce(world, tree);
  world_connect(world);
  printf("--- reduced\n");
  compare_report(world, tree);
}

static void run_query(const struct settings *settings, struct world *world, uint64_t n, struct tally *tally) {
  struct tree tree = {0};
  struct cost cost;
  generate_query(&tree, world, settings->seed, n);
  if (settings->trace) {
    char *sql = tree_sql(&tree, SIDE_ONPAGE, true);
    printf("%" PRIu64 ": %s\n", n, sql);
    fflush(stdout);
    sqlite3_free(sql);
  }
  if (settings->faults) tree.requests_max = -1; /* a failing query is run again */
  if (settings->faults) faults_plant(world, settings->seed, n);
  size_t faults = standin_faults_met(world->standin);
  enum verdict verdict = compare(world, &tree, &cost);
  tally->faults += standin_faults_met(world->standin) - faults;
  tally->passed += verdict != VERDICT_DIFFERENT;
  tally->failed += verdict == VERDICT_DIFFERENT;
  tally->failed_both += verdict == VERDICT_FAILED_BOTH;
  tally->pushed += cost.pushed;
  tally->requests += cost.requests;
  tally->empty += cost.requests == 0;
  tally->measured += tree.requests_max >= 0;
  tally->refused += verdict == VERDICT_REFUSED;
  if (verdict == VERDICT_DIFFERENT || verdict == VERDICT_FAILED_BOTH || (settings->has_only && settings->only == n))
    report(settings, world, &tree, n, verdict == VERDICT_DIFFERENT, &cost);
  tree_release(&tree);
}

int main(int count, char **arguments) {
  struct settings settings;
  struct tally tally = {0};
  if (!read_settings(&settings, count, arguments)) {
    usage();
    return 2;
  }
  harness_clean_environment();
  struct standin *standin = standin_start(0);
  if (!standin) return 2;
  if (settings.faults) faults_begin();
  uint64_t first = 0, last = settings.queries;
  if (settings.has_only) {
    first = settings.only - settings.only % QUERIES_A_WORLD;
    last = settings.only + 1;
  }
  printf("oracle: --seed %" PRIu64 ", SQLite %s\n", settings.seed, sqlite3_libversion());
  for (uint64_t n = first; n < last && tally.failed < settings.stop_after; n++) {
    struct world world;
    world_make(&world, standin, settings.opponent, settings.seed, n / QUERIES_A_WORLD);
    if (settings.faults) faults_endure(&world);
    for (; n < last && tally.failed < settings.stop_after; n++) {
      run_query(&settings, &world, n, &tally);
      if (n % QUERIES_A_WORLD == QUERIES_A_WORLD - 1) break;
    }
    world_release(&world);
  }
  standin_stop(standin);
  printf("%" PRIu64 " queries, %" PRIu64 " with something pushed down, %" PRIu64 " without a request, %" PRIu64
         " whose requests were counted, %" PRIu64 " requests, %" PRIu64 " of them with a fault, %" PRIu64
         " failed on both sides, %" PRIu64 " refused since a task or the API is needed\n",
         tally.passed + tally.failed, tally.pushed, tally.empty, tally.measured, tally.requests, tally.faults,
         tally.failed_both, tally.refused);
  printf("%" PRIu64 " passed, %" PRIu64 " failed\n", tally.passed, tally.failed);
  return tally.failed > 0;
}
