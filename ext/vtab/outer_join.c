/*
** Names and words are searched for in the texts of SQL, comments and strings included: a false find only leaves out of the request
** a few terms that could have been sent, and nothing is missed. A view counts where a text names it. A trigger isn't named by the
** statement that fires it (a foreign key may do so), so all triggers count, but only while a statement that writes is running.
*/
#include "vtab/outer_join.h"

#include <sqlite3ext.h>
#include <stdlib.h>
#include <string.h>

SQLITE_EXTENSION_INIT3

/* A statement, view or trigger. */
struct text {
  char *name;      /* of a view, or NULL; owned */
  char *sql;       /* owned */
  bool outer_join; /* has the words of one */
  bool runs;       /* is running, or reached from one that is */
  bool uses_table; /* by its name or through views */
};

struct texts {
  struct text *texts;
  size_t count;
  bool unknown; /* a text couldn't be read */
};

static void release(struct texts *texts) {
  for (size_t i = 0; i < texts->count; i++) {
    free(texts->texts[i].name);
    free(texts->texts[i].sql);
  }
  free(texts->texts);
}

static bool names_outer_join(const char *sql) {
  static const char *const patterns[] = {"%left%join%", "%right%join%", "%full%join%"};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
    if (sqlite3_strlike(patterns[i], sql, 0) == 0) return true;
  return false;
}

/* Whether the text has the name, in upper or lower case. True for a name with a quote in it, which can be written in several
** ways. */
static bool mentions(const char *sql, const char *name) {
  size_t size = strlen(name);
  if (size == 0 || strpbrk(name, "\"'`]") != NULL) return true;
  for (; *sql != '\0'; sql++)
    if (sqlite3_strnicmp(sql, name, (int)size) == 0) return true;
  return false;
}

/* NULL stays NULL. */
static bool copy(const char *text, char **copied) {
  *copied = text != NULL ? strdup(text) : NULL;
  return text == NULL || *copied != NULL;
}

static int add(struct texts *texts, const char *name, const char *sql, bool runs, struct error *error) {
  struct text *grown = realloc(texts->texts, (texts->count + 1) * sizeof *grown);
  if (grown == NULL) return error_no_memory(error);
  texts->texts = grown;
  struct text *text = &grown[texts->count++];
  *text = (struct text){.outer_join = names_outer_join(sql), .runs = runs};
  return copy(name, &text->name) && copy(sql, &text->sql) ? 0 : error_no_memory(error);
}

/* The statements that are running. *write: one of them may write. */
static int add_statements(sqlite3 *db, struct texts *texts, bool *write, struct error *error) {
  *write = false;
  for (sqlite3_stmt *statement = NULL; (statement = sqlite3_next_stmt(db, statement)) != NULL;) {
    if (!sqlite3_stmt_busy(statement)) continue;
    const char *sql = sqlite3_sql(statement);
    *write = *write || !sqlite3_stmt_readonly(statement);
    if (sql == NULL)
      texts->unknown = true;
    else if (add(texts, NULL, sql, true, error) != 0)
      return -1;
  }
  return 0;
}

/* The views and triggers of one database. */
static int add_schema(sqlite3 *db, const char *database, bool triggers_run, struct texts *texts, struct error *error) {
  sqlite3_stmt *statement = NULL;
  char *select = sqlite3_mprintf("SELECT CASE type WHEN 'view' THEN name END, sql FROM \"%w\".sqlite_master "
                                 "WHERE type IN ('view', 'trigger') AND sql IS NOT NULL",
                                 database);
  int code = select != NULL ? sqlite3_prepare_v2(db, select, -1, &statement, NULL) : SQLITE_NOMEM;
  int result = 0;
  sqlite3_free(select);
  while (result == 0 && code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    const char *sql = (const char *)sqlite3_column_text(statement, 1);
    code = sql != NULL ? SQLITE_OK : SQLITE_NOMEM;
    if (sql != NULL) result = add(texts, name, sql, name == NULL && triggers_run, error);
  }
  sqlite3_finalize(statement);
  if (code == SQLITE_NOMEM) return error_no_memory(error);
  if (result == 0 && code != SQLITE_DONE) texts->unknown = true;
  return result;
}

static int add_schemas(sqlite3 *db, bool triggers_run, struct texts *texts, struct error *error) {
  sqlite3_stmt *databases = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &databases, NULL);
  int result = 0;
  while (result == 0 && code == SQLITE_OK && (code = sqlite3_step(databases)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(databases, 1);
    code = name != NULL ? SQLITE_OK : SQLITE_NOMEM;
    if (name != NULL) result = add_schema(db, name, triggers_run, texts, error);
  }
  sqlite3_finalize(databases);
  if (code == SQLITE_NOMEM) return error_no_memory(error);
  if (result == 0 && code != SQLITE_DONE) texts->unknown = true;
  return result;
}

/* Marks the views that texts that run name, then the texts that use the table, each until nothing changes. */
static void follow_names(struct texts *texts, const char *table) {
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < texts->count; i++)
      for (size_t j = 0; texts->texts[i].runs && j < texts->count; j++) {
        struct text *view = &texts->texts[j];
        if (view->name == NULL || view->runs || !mentions(texts->texts[i].sql, view->name)) continue;
        view->runs = true;
        changed = true;
      }
  }
  for (size_t i = 0; i < texts->count; i++)
    texts->texts[i].uses_table = texts->texts[i].runs && mentions(texts->texts[i].sql, table);
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < texts->count; i++)
      for (size_t j = 0; texts->texts[i].runs && !texts->texts[i].uses_table && j < texts->count; j++) {
        const struct text *view = &texts->texts[j];
        if (view->name == NULL || !view->uses_table || !mentions(texts->texts[i].sql, view->name)) continue;
        texts->texts[i].uses_table = true;
        changed = true;
      }
  }
}

/* Whether one that runs uses the table and has an outer join. */
static bool finds_outer_join(struct texts *texts, const char *table) {
  bool any = false;
  for (size_t i = 0; i < texts->count && !any; i++) any = texts->texts[i].outer_join;
  if (any) follow_names(texts, table);
  for (size_t i = 0; i < texts->count; i++)
    if (texts->texts[i].outer_join && texts->texts[i].uses_table) return true;
  return false;
}

int outer_join_may_run(struct sqlite3 *db, const char *table, bool *may, struct error *error) {
  struct texts texts = {0};
  bool write;
  bool found = false;
  int result = add_statements(db, &texts, &write, error);
  for (size_t i = 0; i < texts.count && !found; i++) found = texts.texts[i].outer_join && mentions(texts.texts[i].sql, table);
  if (result == 0 && !found) {
    result = add_schemas(db, write, &texts, error);
    if (result == 0) found = finds_outer_join(&texts, table);
  }
  if (result == 0) *may = found || texts.unknown;
  release(&texts);
  return result;
}
