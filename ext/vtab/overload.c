/*
** What the overloaded functions do in SQLite itself, which calls them to check rows again: the same as the API does, or an error
** for those that only the API can evaluate.
*/
#include "vtab/overload.h"

#include <sqlite3ext.h>
#include <string.h>

#include "base/buffer.h"

SQLITE_EXTENSION_INIT3

static bool has_null(int count, sqlite3_value **arguments) {
  for (int i = 0; i < count; i++)
    if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return true;
  return false;
}

/* NOT (column LIKE pattern); like SQLite's own LIKE, it ignores the case of ASCII letters. */
static void not_like(sqlite3_context *context, int count, sqlite3_value **arguments) {
  if (has_null(count, arguments)) return;
  const char *text = (const char *)sqlite3_value_text(arguments[0]);
  const char *pattern = (const char *)sqlite3_value_text(arguments[1]);
  if (text == NULL || pattern == NULL)
    sqlite3_result_error_nomem(context);
  else
    sqlite3_result_int(context, sqlite3_strlike(pattern, text, 0) != 0);
}

/* Writes the text as compact JSON writes a string, quotes included. */
static void append_json_string(struct buffer *json, const char *text) {
  static const char *const short_escapes[128] = {
      ['\b'] = "\\b", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t", ['\f'] = "\\f", ['"'] = "\\\"", ['\\'] = "\\\\"};
  buffer_append_text(json, "\"");
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 128 && short_escapes[c] != NULL)
      buffer_append_text(json, short_escapes[c]);
    else if (c < 0x20)
      buffer_append_format(json, "\\u%04x", (unsigned)c);
    else
      buffer_append(json, text, 1);
  }
  buffer_append_text(json, "\"");
}

/*
** Whether a compact JSON array has the string as a member. Inside a JSON string, a quote always follows a backslash; so one that
** follows [ or , begins a member, and the next one without a backslash ends it.
*/
static void has(sqlite3_context *context, int count, sqlite3_value **arguments) {
  if (has_null(count, arguments)) return;
  const char *array = (const char *)sqlite3_value_text(arguments[0]);
  const char *member = (const char *)sqlite3_value_text(arguments[1]);
  struct buffer wanted = {0};
  if (member != NULL) append_json_string(&wanted, member);
  if (array == NULL || member == NULL || wanted.failed) {
    buffer_release(&wanted);
    sqlite3_result_error_nomem(context);
    return;
  }
  bool found = false;
  for (const char *at = array; !found && (at = strstr(at, wanted.data)) != NULL; at++)
    found = at > array && (at[-1] == '[' || at[-1] == ',') && (at[wanted.size] == ',' || at[wanted.size] == ']');
  buffer_release(&wanted);
  sqlite3_result_int(context, found);
}

/* Regular expressions are RE2, which only the API has. */
static void api_only(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  (void)arguments;
  sqlite3_result_error(
      context,
      "onpage: regex() and not_regex() are evaluated by the API: use them on a column that it filters by, joined to "
      "the other conditions by AND, with pushdown on; or use LIKE or GLOB",
      -1);
}

static const struct {
  enum sql_operator op;
  overload_function *function;
} overloads[] = {
    {OPERATOR_NOT_LIKE, not_like},
    {OPERATOR_REGEX, api_only},
    {OPERATOR_NOT_REGEX, api_only},
    {OPERATOR_HAS, has},
};

enum { OVERLOADS = sizeof overloads / sizeof *overloads };

bool overload_find(const char *name, int arguments, enum sql_operator *op, overload_function **function) {
  for (int i = 0; i < OVERLOADS && arguments == 2; i++) {
    if (sqlite3_stricmp(name, operator_text(overloads[i].op)) != 0) continue;
    *op = overloads[i].op;
    *function = overloads[i].function;
    return true;
  }
  return false;
}

int overload_register(struct sqlite3 *db) {
  int code = SQLITE_OK;
  for (int i = 0; i < OVERLOADS && code == SQLITE_OK; i++)
    code = sqlite3_overload_function(db, operator_text(overloads[i].op), 2);
  return code;
}
