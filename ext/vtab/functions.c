#include "vtab/functions.h"

#include <sqlite3ext.h>
#include <string.h>

#include "client/client.h"
#include "client/http.h"
#include "wire/json_version.h"

SQLITE_EXTENSION_INIT3

static void version(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  (void)arguments;
  sqlite3_result_text(context, ONPAGE_VERSION, -1, SQLITE_STATIC);
}

static void debug(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  (void)arguments;
  char *text =
      sqlite3_mprintf("onpage/%s SQLite/%s %s json-c/%s", ONPAGE_VERSION, sqlite3_libversion(), http_version(), json_version());
  if (text == NULL)
    sqlite3_result_error_nomem(context);
  else
    sqlite3_result_text(context, text, -1, sqlite3_free);
}

static void fail(sqlite3_context *context, const struct error *error) {
  if (error->kind == ERROR_NO_MEMORY)
    sqlite3_result_error_nomem(context);
  else
    sqlite3_result_error(context, error->message, -1);
}

/* The text of an argument; NULL for NULL. */
static int take_text(sqlite3_value *argument, const char **text, struct error *error) {
  *text = (const char *)sqlite3_value_text(argument);
  if (*text == NULL) return sqlite3_value_type(argument) == SQLITE_NULL ? 0 : error_no_memory(error);
  if (strlen(*text) == (size_t)sqlite3_value_bytes(argument)) return 0;
  return error_set(error, "onpage_config: a name or value has a zero byte in it");
}

/* onpage_config(name) reads an option, onpage_config(name, value) sets it and returns its new value; of a secret, whether it is
** set. */
static void config(sqlite3_context *context, int count, sqlite3_value **arguments) {
  struct session *session = sqlite3_user_data(context);
  struct error error;
  const char *text = NULL;
  const char *name = NULL;
  const char *value = NULL;
  int result = take_text(arguments[0], &name, &error);
  if (result == 0 && count == 2) result = take_text(arguments[1], &value, &error);
  if (name == NULL) name = "";
  if (result == 0 && count == 2) result = config_set(session->config, name, value, &error);
  if (result != 0) {
    fail(context, &error);
    return;
  }
  if (count == 2 && config_is_secret(name))
    sqlite3_result_text(context, value != NULL && *value != '\0' ? "set" : "not set", -1, SQLITE_STATIC);
  else if (config_get(session->config, name, &text, &error) != 0)
    fail(context, &error);
  else
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

/* onpage_cache_clear() returns NULL. */
static void cache_clear(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  (void)arguments;
  struct session *session = sqlite3_user_data(context);
  client_clear_cache(session->client);
}

static const struct {
  const char *name;
  int arguments;
  int flags;
  void (*function)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {
    {"onpage_version", 0, SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, version},
    {"onpage_debug", 0, SQLITE_INNOCUOUS, debug},
    {"onpage_cache_clear", 0, SQLITE_DIRECTONLY, cache_clear},
    {"onpage_config", 1, SQLITE_DIRECTONLY, config},
    {"onpage_config", 2, SQLITE_DIRECTONLY, config},
};

int functions_register(struct session *session) {
  int code = SQLITE_OK;
  for (size_t i = 0; i < sizeof functions / sizeof *functions && code == SQLITE_OK; i++)
    code = sqlite3_create_function_v2(session->db, functions[i].name, functions[i].arguments, SQLITE_UTF8 | functions[i].flags,
                                      session_retain(session), functions[i].function, NULL, NULL, session_release);
  return code;
}
