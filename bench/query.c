/*
** query [--first] [--log FILE] [--requests FILE] LIBRARY DATABASE SQL…: runs SQL with the extension loaded and reads every column
** of every row, as a program would that uses SQLite; the shell's formatting would be measured too. --first: stops the last
** statement after its first row. Prints of the last statement {"rows":…,"value":…,"wall":…,"user":…,"requests":…}: value is the
** first column of its last row as an integer, requests the lines that the log (the stand-in's) grew by. --requests: writes what
** the extension's own log has of all statements' requests, a line of JSON each, when all that has been measured.
*/
#include <getopt.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

struct outcome {
  long long rows;
  long long value;
};

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "query: %s: %s\n", what, why);
  exit(1);
}

static double wall_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double user_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

static long count_lines(const char *path) {
  long lines = 0;
  FILE *file = path != NULL ? fopen(path, "r") : NULL;
  if (file == NULL) return 0;
  for (int c; (c = getc(file)) != EOF;) lines += c == '\n';
  fclose(file);
  return lines;
}

static sqlite3 *open_database(const char *path, const char *library) {
  sqlite3 *db = NULL;
  char *error = NULL;
  /* Without the lock that sqlite3_column_… takes for each value: that would be a cost of this program, not of a scan. */
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) fail(path, sqlite3_errmsg(db));
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (sqlite3_load_extension(db, library, NULL, &error) != SQLITE_OK) fail(library, error != NULL ? error : "not loaded");
  return db;
}

static void read_column(sqlite3_stmt *statement, int column, volatile long long *seen) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: break;
    case SQLITE_INTEGER: *seen += sqlite3_column_int64(statement, column); break;
    default: *seen += sqlite3_column_text(statement, column)[0] + sqlite3_column_bytes(statement, column);
  }
}

static struct outcome run(sqlite3 *db, const char *sql, int only_first) {
  struct outcome outcome = {0, 0};
  volatile long long seen = 0; /* so that no read is optimized away */
  sqlite3_stmt *statement = NULL;
  int code;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql, sqlite3_errmsg(db));
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) read_column(statement, i, &seen);
    outcome.rows++;
    outcome.value = sqlite3_column_int64(statement, 0);
    if (only_first) break;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(sql, sqlite3_errmsg(db));
  sqlite3_finalize(statement);
  return outcome;
}

/* What was sent, oldest first. */
static void write_requests(sqlite3 *db, const char *path) {
  static const char sql[] =
      "SELECT json_object('started_at', started_at, 'duration_ms', duration_ms, 'body', json(body), 'items', items, 'bytes', "
      "bytes, 'error', error) FROM onpage_requests WHERE NOT from_cache ORDER BY seq";
  sqlite3_stmt *statement = NULL;
  FILE *file = fopen(path, "w");
  if (file == NULL) fail(path, "can't be written");
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql, sqlite3_errmsg(db));
  while (sqlite3_step(statement) == SQLITE_ROW) fprintf(file, "%s\n", (const char *)sqlite3_column_text(statement, 0));
  if (sqlite3_finalize(statement) != SQLITE_OK) fail(sql, sqlite3_errmsg(db));
  if (fclose(file) != 0) fail(path, "can't be written");
}

int main(int count, char **arguments) {
  static const struct option options[] = {{"first", no_argument, NULL, 'f'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"requests", required_argument, NULL, 'r'},
                                          {NULL, 0, NULL, 0}};
  const char *log = NULL;
  const char *requests = NULL;
  int only_first = 0;
  int option;
  while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
    if (option == 'f') only_first = 1;
    if (option == 'l') log = optarg;
    if (option == 'r') requests = optarg;
    if (option == '?') optind = count;
  }
  if (count - optind < 3) {
    fputs("usage: query [--first] [--log FILE] [--requests FILE] LIBRARY DATABASE SQL...\n", stderr);
    return 2;
  }
  sqlite3 *db = open_database(arguments[optind + 1], arguments[optind]);
  for (int i = optind + 2; i < count - 1; i++) run(db, arguments[i], 0);
  long lines = count_lines(log);
  double wall = wall_seconds();
  double user = user_seconds();
  struct outcome outcome = run(db, arguments[count - 1], only_first);
  user = user_seconds() - user;
  wall = wall_seconds() - wall;
  printf("{\"rows\":%lld,\"value\":%lld,\"wall\":%.6f,\"user\":%.6f,\"requests\":%ld}\n", outcome.rows, outcome.value, wall,
         user, count_lines(log) - lines);
  if (requests != NULL) write_requests(db, requests);
  return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
