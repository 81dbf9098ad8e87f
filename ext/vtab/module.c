#include "vtab/module.h"

#include <stdlib.h>

#include "base/buffer.h"

SQLITE_EXTENSION_INIT3

static void module_free(void *context) {
  struct module *module = context;
  session_release(module->session);
  free(module);
}

int module_register(struct session *session, const char *table, const sqlite3_module *methods, const void *descriptor) {
  struct module *module = malloc(sizeof *module);
  if (module == NULL) return SQLITE_NOMEM;
  *module = (struct module){.session = session_retain(session), .descriptor = descriptor};
  return sqlite3_create_module_v2(session->db, table, methods, module, module_free); /* frees it when it fails, too */
}

int module_declare(sqlite3 *db, const char *table, const void *descriptor, int column_count,
                   struct module_column (*column_at)(const void *descriptor, int i), char **message) {
  struct buffer text = {0};
  buffer_append_text(&text, "CREATE TABLE x(");
  for (int i = 0; i < column_count; i++) {
    struct module_column column = column_at(descriptor, i);
    buffer_append_format(&text, "%s%s %s%s", i > 0 ? ", " : "", column.name, column.type, column.hidden ? " HIDDEN" : "");
  }
  buffer_append_text(&text, ")");
  int code = text.failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, text.data);
  buffer_release(&text);
  if (code != SQLITE_OK && code != SQLITE_NOMEM) *message = sqlite3_mprintf("%s: %s", table, sqlite3_errmsg(db));
  return code;
}
