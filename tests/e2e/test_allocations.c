/*
** Memory that runs out: every allocation fails in turn, once or from then on, and each time a statement gives the right rows or
** says that memory ran out. It never gives fewer rows, nothing crashes, the connection works when there is memory again, and
** all is freed once it is closed.
**
** Each failure has a process of its own, forked from this one. The stand-in has one, too: a process that is forked while
** another thread holds a lock of the C library (json-c takes one to change the locale) would wait for it forever. What fails:
** SQLite's allocations, by its own hook; those of the extension, of libcurl and of json-c, by functions that replace libc's and
** look at their caller, except for the few of json-c's that it crashes on (see json_functions). Under the address sanitizer,
** which replaces them itself, only SQLite's fail.
**
** ALL=1 in the environment tries every allocation; otherwise only some of those after the first few hundred.
*/
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): dl_iterate_phdr */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"
#include "dataset.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

#ifdef SANITIZED /* whose processes take long to fork */
enum { EACH = 1, STRIDE = 37, LASTING = 101 };
#else
enum {
  EACH = 150,  /* allocations that fail one after another, */
  STRIDE = 29, /* then one in that many, */
  LASTING = 17 /* or one in that many if all after it fail, too */
};
#endif

enum {
  RUN_LIMIT_S = 30, /* a run that takes so long hangs */
  STATEMENTS_MAX = 4,
  BLOCKS = 1 << 16 /* a power of two, more than twice the blocks that are ever in use */
};

/* ---- Failing ---- */

static bool armed;       /* allocations are counted, and fail */
static bool lasting;     /* not only the one, but all that follow */
static long countdown;   /* to the one that fails */
static bool has_failed;  /* one has */
static bool is_recorded; /* blocks are recorded */

static bool fails(void) {
  if (!armed) return false;
  if (!(has_failed && lasting)) {
    if (has_failed || --countdown > 0) return false;
    has_failed = true;
  }
  errno = ENOMEM;
  return true;
}

/* SQLite's allocator, which fails. */
static sqlite3_mem_methods sqlite;

static void *sqlite_malloc(int size) {
  return fails() ? NULL : sqlite.xMalloc(size);
}

static void *sqlite_realloc(void *block, int size) {
  return fails() ? NULL : sqlite.xRealloc(block, size);
}

static void hook_sqlite(void) {
  assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite), SQLITE_OK);
  sqlite3_mem_methods failing = sqlite;
  failing.xMalloc = sqlite_malloc;
  failing.xRealloc = sqlite_realloc;
  assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing), SQLITE_OK);
}

static bool leaks; /* what failed last was one that json-c loses blocks by */

#ifdef SANITIZED

static void find_libraries(void) {
}

static size_t blocks_in_use(void) {
  return __lsan_do_recoverable_leak_check() ? 1 : 0;
}

#else

enum failing { NEVER_FAILS, FAILS, FAILS_BY_FUNCTION };

/* Code of the libraries whose blocks are recorded, and of those whose allocations fail. */
static struct range {
  uintptr_t start, end;
  enum failing fails;
} ranges[16];
static size_t range_count;

static const struct library {
  const char *name; /* part of the file's name */
  enum failing fails;
} libraries[] = {{"/onpage", FAILS}, {"/libcurl", FAILS}, {"/libjson-c", FAILS_BY_FUNCTION}, {"/libsqlite3", NEVER_FAILS}};

static int note_library(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  (void)context;
  for (size_t i = 0; i < LENGTH(libraries); i++) {
    const char *slash = strrchr(info->dlpi_name, '/');
    if (!slash || strncmp(slash, libraries[i].name, strlen(libraries[i].name)) != 0) continue;
    for (size_t k = 0; k < info->dlpi_phnum; k++) {
      const ElfW(Phdr) *segment = &info->dlpi_phdr[k];
      if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
      uintptr_t start = info->dlpi_addr + segment->p_vaddr;
      assert_true(range_count < LENGTH(ranges));
      ranges[range_count++] = (struct range){start, start + segment->p_memsz, libraries[i].fails};
    }
  }
  return 0;
}

static void find_libraries(void) {
  assert_int_equal((uintptr_t)dlsym(RTLD_DEFAULT, "strndup"), (uintptr_t)strndup); /* the libraries find it here, too */
  dl_iterate_phdr(note_library, NULL);
  assert_int_equal(range_count, LENGTH(libraries));
}

static const struct range *range_of(const void *caller) {
  for (size_t i = 0; i < range_count; i++)
    if ((uintptr_t)caller >= ranges[i].start && (uintptr_t)caller < ranges[i].end) return &ranges[i];
  return NULL;
}

/* The functions of json-c 0.16 that do worse than fail. */
static const struct {
  const char *name;
  bool crashes;
} json_functions[] = {
    {"json_tokener_parse_ex", true},      /* copies a key, and adds a member to the object under NULL */
    {"json_object_object_add_ex", false}, /* the tokener, which calls it, loses the member's value */
    {"lh_table_new", false},              /* likewise, when the object's table grows */
};

/* Whether an allocation made at that address has to fail. */
static bool fails_at(const struct range *range, void *caller) {
  Dl_info place = {0};
  bool loses = false;
  if (!armed || range->fails == NEVER_FAILS) return false;
  if (range->fails == FAILS_BY_FUNCTION && dladdr(caller, &place) != 0 && place.dli_sname) {
    for (size_t i = 0; i < LENGTH(json_functions); i++) {
      if (strcmp(place.dli_sname, json_functions[i].name) != 0) continue;
      if (json_functions[i].crashes) return false;
      loses = true;
    }
  }
  if (!fails()) return false;
  leaks = leaks || loses;
  return true;
}

/* The blocks in use: a table of addresses with open addressing. The place of a freed block holds `left`, and is used again. */
static const void *blocks[BLOCKS];
static size_t block_count;
static const char left;

/* The place with the address, or the first without one. */
static const void **place_of(const void *address, bool free_will_do) {
  size_t at = (size_t)((uintptr_t)address >> 4) * 0x9E3779B1u % BLOCKS;
  while (blocks[at] && blocks[at] != address && !(free_will_do && blocks[at] == &left)) at = (at + 1) % BLOCKS;
  return &blocks[at];
}

static void *record(void *block) {
  if (!block) return NULL;
  *place_of(block, true) = block;
  block_count++;
  return block;
}

static void forget(const void *block) {
  if (!is_recorded || !block) return;
  const void **place = place_of(block, false);
  if (!*place) return;
  *place = &left;
  block_count--;
}

static size_t blocks_in_use(void) {
  return block_count;
}

/* libc's own, under the names that it keeps for programs that replace the others. */
void *__libc_malloc(size_t size);               /* NOLINT(*-reserved-identifier,cert-dcl*) */
void *__libc_calloc(size_t count, size_t size); /* NOLINT(*-reserved-identifier,cert-dcl*) */
void *__libc_realloc(void *block, size_t size); /* NOLINT(*-reserved-identifier,cert-dcl*) */
void __libc_free(void *block);                  /* NOLINT(*-reserved-identifier,cert-dcl*) */

static void *move(void *block, size_t size) {
  void *moved = __libc_realloc(block, size);
  if (moved || size == 0) forget(block);
  return moved;
}

static char *copy(const char *text, size_t size) {
  char *made = __libc_malloc(size + 1);
  if (!made) return NULL;
  memcpy(made, text, size);
  made[size] = '\0';
  return made;
}

/* The result of an allocation, by its caller: NULL, a recorded block, an unrecorded one. */
#define ALLOCATE(allocation)                                                                                                   \
  do {                                                                                                                         \
    if (!is_recorded) return allocation;                                                                                       \
    const struct range *range = range_of(__builtin_return_address(0));                                                         \
    if (range && fails_at(range, __builtin_return_address(0))) return NULL;                                                    \
    return range ? record(allocation) : (allocation);                                                                          \
  } while (0)

#pragma GCC visibility push(default) /* for the libraries to find them */

void *malloc(size_t size) {
  ALLOCATE(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  ALLOCATE(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
  ALLOCATE(move(block, size));
}

void free(void *block) {
  forget(block);
  __libc_free(block);
}

char *strdup(const char *text) {
  ALLOCATE(copy(text, strlen(text)));
}

char *strndup(const char *text, size_t size) {
  ALLOCATE(copy(text, strnlen(text, size)));
}

#pragma GCC visibility pop

#endif

/* ---- Statements ---- */

/* A statement's outcome, compared with its outcome when nothing fails. */
struct outcome {
  int code; /* SQLITE_DONE or the error's */
  size_t rows;
  uint64_t digest; /* of all cells */
  char error[200];
};

struct scenario {
  const char *name;
  bool from_start; /* opening, loading and setting options fail, too */
  const char *set_up[STATEMENTS_MAX];
  const char *statements[STATEMENTS_MAX];
};

static void mix(uint64_t *digest, const void *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) *digest = (*digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3u;
}

/* False when memory ran out for the cell's text. */
static bool mix_cell(uint64_t *digest, sqlite3_stmt *statement, int column) {
  int type = sqlite3_column_type(statement, column);
  mix(digest, &type, sizeof type);
  if (type == SQLITE_INTEGER) {
    sqlite3_int64 number = sqlite3_column_int64(statement, column);
    mix(digest, &number, sizeof number);
  } else if (type != SQLITE_NULL) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    if (!text) return false;
    mix(digest, text, (size_t)sqlite3_column_bytes(statement, column));
  }
  return true;
}

static void run(sqlite3 *db, const char *sql, struct outcome *outcome) {
  sqlite3_stmt *statement = NULL;
  *outcome = (struct outcome){.code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL)};
  bool read = true;
  while (outcome->code == SQLITE_OK && (outcome->code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; read && i < sqlite3_column_count(statement); i++) read = mix_cell(&outcome->digest, statement, i);
    outcome->rows++;
    outcome->code = read ? SQLITE_OK : SQLITE_NOMEM;
  }
  if (outcome->code != SQLITE_DONE) snprintf(outcome->error, sizeof outcome->error, "%s", sqlite3_errmsg(db));
  sqlite3_finalize(statement);
}

static bool says_no_memory(int code, const char *error) {
  return (code & 0xff) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM || (error && strstr(error, "memory"));
}

/* ---- Runs ---- */

/* What a run of a scenario reports to the process that forked it. */
struct report {
  bool has_failed; /* the allocation was reached */
  size_t blocks;   /* in use after the connection was closed */
  struct outcome outcomes[STATEMENTS_MAX];
  char fault[600]; /* what went wrong; empty: nothing */
};

static struct report *report; /* shared with the forked processes */
/* The stand-in's process, which ends when the other end of its pipe is closed. */
static pid_t standin_process;
static int standin_pipe = -1;
static char standin_address[100];

#define fault(...) snprintf(report->fault, sizeof report->fault, __VA_ARGS__)

/* Opens a connection configured for the stand-in; NULL when memory ran out, or with a fault. */
static sqlite3 *connect(const struct scenario *scenario) {
  sqlite3 *db = NULL;
  char *error = NULL;
  char options[2][200];
  struct outcome outcome;
  int code = sqlite3_open(":memory:", &db);
  if (code == SQLITE_OK) code = harness_load_into(db, &error);
  if (code != SQLITE_OK) {
    /* SQLite makes SQLITE_ERROR of any failure to load, and may have had no memory for words. */
    if (error && !says_no_memory(code, error)) fault("loading: %d: %s", code, error);
    sqlite3_free(error);
    sqlite3_close(db);
    return NULL;
  }
  snprintf(options[0], sizeof options[0], "SELECT onpage_config('base_url', '%s')", standin_address);
  snprintf(options[1], sizeof options[1], "SELECT onpage_config('api_key', 'test-key'), onpage_config('page_size', 10)");
  const char *const all[] = {options[0],          options[1],          scenario->set_up[0],
                             scenario->set_up[1], scenario->set_up[2], scenario->set_up[3]};
  for (size_t i = 0; i < LENGTH(all) && all[i]; i++) {
    run(db, all[i], &outcome);
    if (outcome.code == SQLITE_DONE) continue;
    if (!says_no_memory(outcome.code, outcome.error)) fault("%s: %d: %s", all[i], outcome.code, outcome.error);
    if (sqlite3_close(db) != SQLITE_OK) fault("%s: left something open", all[i]);
    return NULL;
  }
  return db;
}

/* Runs the scenario's statements up to the first that memory runs out for. */
static void run_statements(sqlite3 *db, const struct scenario *scenario, const struct outcome *expected) {
  for (size_t i = 0; i < STATEMENTS_MAX && scenario->statements[i]; i++) {
    struct outcome *outcome = &report->outcomes[i];
    run(db, scenario->statements[i], outcome);
    if (outcome->code != SQLITE_DONE) {
      if (!armed || !says_no_memory(outcome->code, outcome->error))
        fault("%s: %d: %s", scenario->statements[i], outcome->code, outcome->error);
      return;
    }
    if (expected && (outcome->rows != expected[i].rows || outcome->digest != expected[i].digest))
      fault("%s: %zu rows, %zu expected%s", scenario->statements[i], outcome->rows, expected[i].rows,
            outcome->rows == expected[i].rows ? ", with other values" : "");
  }
}

/* One run, in a process of its own: the n-th allocation fails, n = 0: none. Once there was a failure, the connection has to work
** again; if failures last, to be closed. */
static void run_scenario(const struct scenario *scenario, long n, const struct outcome *expected) {
  is_recorded = true;
  countdown = n;
  armed = n > 0 && scenario->from_start;
  sqlite3 *db = connect(scenario);
  armed = n > 0;
  if (db) run_statements(db, scenario, expected);
  if (!lasting) armed = false;
  if (!db && !armed) db = connect(scenario);
  if (db && !armed && has_failed && !*report->fault) run_statements(db, scenario, expected);
  if (sqlite3_close(db) != SQLITE_OK) fault("closing: %s", sqlite3_errmsg(db));
  armed = false;
  is_recorded = false;
  report->has_failed = has_failed;
  report->blocks = leaks ? 0 : blocks_in_use();
}

static void run_forked(const struct scenario *scenario, long n, const struct outcome *expected) {
  int status = 0;
  memset(report, 0, sizeof *report);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    alarm(RUN_LIMIT_S);
    run_scenario(scenario, n, expected);
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) fail_msg("%s: allocation %ld: ended by signal %d", scenario->name, n, WTERMSIG(status));
  if (status != 0) fail_msg("%s: allocation %ld: ended with status %d", scenario->name, n, WEXITSTATUS(status));
  if (*report->fault) fail_msg("%s: allocation %ld%s: %s", scenario->name, n, lasting ? " and on" : "", report->fault);
}

static void check_scenario(const struct scenario *scenario) {
  static bool is_warm;
  const bool all = getenv("ALL") != NULL;
  if (!scenario->from_start && !is_warm) { /* what is made once a process is made here, and not in each run */
    is_warm = true;
    assert_int_equal(sqlite3_close(connect(scenario)), SQLITE_OK);
  }
  struct outcome expected[STATEMENTS_MAX];
  run_forked(scenario, 0, NULL);
  memcpy(expected, report->outcomes, sizeof expected);
  size_t kept = report->blocks; /* by libcurl, for the rest of the process, when it was set up in this run */
  assert_true(scenario->from_start || kept == 0);
  for (int mode = 0; mode < 2; mode++) {
    long n = 1;
    long runs = 0;
    lasting = mode == 1;
    for (bool more = true; more; runs++) {
      run_forked(scenario, n, expected);
      if (report->blocks > kept)
        fail_msg("%s: allocation %ld%s: %zu blocks were not freed", scenario->name, n, lasting ? " and on" : "",
                 report->blocks - kept);
      more = report->has_failed;
      if (more) n += all ? 1 : lasting ? LASTING : n < EACH ? 1 : STRIDE;
    }
    print_message("%s: %ld of %ld allocations failed%s\n", scenario->name, runs - 1, n, lasting ? ", and all after them" : "");
    assert_true(runs > 1);
  }
  lasting = false;
}

#define TASKS " WHERE task_id = '" TASK "'"

/* A key file of the test's own. */
static char key_folder[] = "/tmp/onpage-test-XXXXXX";
static char key_file[64];
static char name_key_file[128];

static bool make_key_file(void) {
  if (mkdtemp(key_folder) == NULL) return false;
  snprintf(key_file, sizeof key_file, "%s/key", key_folder);
  snprintf(name_key_file, sizeof name_key_file, "SELECT onpage_config('key_file', '%s')", key_file);
  int file = open(key_file, O_WRONLY | O_CREAT | O_EXCL, 0600);
  bool made = file >= 0 && write(file, "test-key\n", 9) == 9;
  if (file >= 0) close(file);
  return made;
}

static const struct scenario scenarios[] = {
    {"loading", true, {NULL}, {"SELECT link_to FROM onpage_links" TASKS " LIMIT 3", "SELECT onpage_version()"}},
    {"paging", false, {NULL}, {"SELECT *, total_items_count, item FROM onpage_links" TASKS}},
    {"any text", false, {"SELECT onpage_config('page_size', 1000)"}, {"SELECT *, item FROM onpage_links('" OTHER_TASK "')"}},
    {"filters",
     false,
     {NULL},
     {"SELECT link_to FROM onpage_links" TASKS " AND link_to IN ('https://shop.example/p/3', 'https://shop.example/p/7', 'x') "
      "AND page_from LIKE '/LI%' AND page_to_status_code IN (200, 404, '301') AND direction = 'internal' AND is_broken < 1",
      "SELECT link_to FROM onpage_links" TASKS " AND regex(link_to, '[0-4]$') AND link_to <> 'y' AND not_like(page_to, '%2%') "
      "AND page_to GLOB '/p/*[0-9]' AND page_to_status_code > 4.5 AND text = 'a'",
      "SELECT link_to FROM onpage_links('" TASK
      "', '[[\"is_broken\",\"=\",true],\"or\",[\"page_to\",\"like\",\"%1%\"]]', 'tag') "
      "WHERE has(link_attribute, 'nofollow') OR dofollow = 1"}},
    {"rowids",
     false,
     {NULL},
     {"SELECT rowid, link_to FROM onpage_links" TASKS " AND is_broken = 1",
      "SELECT link_to FROM onpage_links WHERE (task_id = '" TASK "' AND is_broken = 1) OR (task_id = '" OTHER_TASK "' AND "
      "type = 'image') OR (task_id = '" TASK "' AND page_to = '/p/7')"}},
    {"counts",
     false,
     {NULL},
     {"SELECT count(*) FROM onpage_links" TASKS " AND is_broken = 1", "SELECT count(link_to) FROM onpage_links" TASKS,
      "SELECT link_to FROM onpage_links" TASKS " AND dofollow = 1 LIMIT 5 OFFSET 13",
      "SELECT EXISTS (SELECT 1 FROM onpage_links" TASKS " AND page_to LIKE '%9')"}},
    {"join",
     false,
     {"CREATE TEMP TABLE pages AS SELECT '/p/' || value AS page FROM json_each('[1,5,9,13,17,99,21,25,29,5]')"},
     {"SELECT page, link_to FROM pages LEFT JOIN onpage_links ON task_id = '" TASK "' AND page_to = page"}},
    {"responses kept",
     false,
     {"SELECT onpage_config('cache_mb', 8)", "SELECT count(text) FROM onpage_links" TASKS " AND is_broken = 1"},
     {"SELECT link_to FROM onpage_links" TASKS " AND is_broken = 1", "SELECT link_to FROM onpage_links" TASKS,
      "SELECT onpage_cache_clear() IS NULL"}},
    {"small tables",
     false,
     {"SELECT count(text) FROM onpage_links" TASKS " AND is_broken = 1"},
     {"SELECT seq, url, body, items, error FROM onpage_requests WHERE table_name = 'onpage_links' AND seq < 3",
      "SELECT * FROM onpage_columns", "SELECT * FROM onpage_crawl('" TASK "')"}},
    {"created table",
     false,
     {NULL},
     {"CREATE VIRTUAL TABLE IF NOT EXISTS temp.shop USING onpage_links(task_id='" TASK "', "
      "filters='[\"is_broken\",\"=\",false]', tag='a ''note''')",
      "SELECT link_to, tag FROM shop WHERE page_to < '/p/3'", "DROP TABLE IF EXISTS shop"}},
    {"options", false, {NULL}, {"SELECT onpage_config('rate_limit', 1000)", "SELECT onpage_config('ca_file', '/none')"}},
    {"credentials",
     false,
     {NULL},
     {"SELECT onpage_config('login', 'a'), onpage_config('password', 'b')", "SELECT onpage_config('login'), onpage_debug()",
      "SELECT link_to FROM onpage_links" TASKS " LIMIT 1"}},
    {"key file", false, {NULL}, {name_key_file, "SELECT link_to FROM onpage_links" TASKS " LIMIT 1"}},
};
enum { SCENARIOS = LENGTH(scenarios) };

static void allocations_fail(void **state) {
  check_scenario(*state);
}

/* Serves until the other end of `alive` is closed. */
static void serve(int url, int alive) {
  char nothing;
  struct standin *standin = standin_start(0);
  char *items = dataset_numbered(35, 3);
  char *others = dataset_read(TRICKY_FILE);
  bool ready = standin && standin_add_task(standin, TASK, STANDIN_FINISHED, items, strlen(items)) == 0 &&
               standin_add_task(standin, OTHER_TASK, STANDIN_FINISHED, others, strlen(others)) == 0;
  if (!ready || write(url, standin_url(standin), strlen(standin_url(standin))) < 0) _exit(1);
  close(url);
  _exit(read(alive, &nothing, 1) == 0 ? 0 : 1);
}

static bool start_standin(void) {
  int url[2], alive[2];
  if (pipe(url) != 0 || pipe(alive) != 0) return false;
  standin_process = fork();
  if (standin_process == 0) {
    close(url[0]);
    close(alive[1]);
    serve(url[1], alive[0]);
  }
  close(url[1]);
  close(alive[0]);
  standin_pipe = alive[1];
  ssize_t size = standin_process > 0 ? read(url[0], standin_address, sizeof standin_address - 1) : -1;
  close(url[0]);
  return size > 0;
}

/* The library in memory: the address of a caller shows which library allocates. */
static int group_set_up(void **state) {
  (void)state;
  harness_clean_environment();
  hook_sqlite();
  report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *library = sqlite3_mprintf("%s.so", getenv("TEST_LIBRARY"));
  bool ready = report != MAP_FAILED && start_standin() && make_key_file() && dlopen(library, RTLD_NOW);
  sqlite3_free(library);
  find_libraries();
  return ready ? 0 : -1;
}

static int group_tear_down(void **state) {
  (void)state;
  int status = 0;
  unlink(key_file);
  rmdir(key_folder);
  close(standin_pipe);
  waitpid(standin_process, &status, 0);
  return status;
}

int main(void) {
  struct CMUnitTest tests[SCENARIOS];
  const char *preloaded = getenv("LD_PRELOAD");
  if (preloaded && strstr(preloaded, "valgrind")) {
    printf("skipped: thousands of processes take too long under valgrind\n");
    return 0;
  }
  for (size_t i = 0; i < SCENARIOS; i++)
    tests[i] = (struct CMUnitTest){scenarios[i].name, allocations_fail, NULL, NULL, (void *)&scenarios[i]};
  return cmocka_run_group_tests_name("allocations", tests, group_set_up, group_tear_down);
}
