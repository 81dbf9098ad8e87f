/*
** Items and their loader: see dataset.h.
*/
#include "dataset.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct dataset_field dataset_fields[FIELD_COUNT] = {
    {"type", "TEXT"},
    {"domain_from", "TEXT"},
    {"domain_to", "TEXT"},
    {"page_from", "TEXT"},
    {"page_to", "TEXT"},
    {"link_from", "TEXT"},
    {"link_to", "TEXT"},
    {"link_attribute", "TEXT"},
    {"dofollow", "BOOLEAN"},
    {"page_from_scheme", "TEXT"},
    {"page_to_scheme", "TEXT"},
    {"direction", "TEXT"},
    {"is_broken", "BOOLEAN"},
    {"text", "TEXT"},
    {"is_link_relation_conflict", "BOOLEAN"},
    {"page_to_status_code", "INTEGER"},
    {"image_alt", "TEXT"},
    {"image_src", "TEXT"},
    {"is_valid_hreflang", "BOOLEAN"},
    {"hreflang", "TEXT"},
};

int dataset_field_of(const char *name) {
  int field = 0;
  while (strcmp(dataset_fields[field].name, name) != 0) field++;
  return field;
}

char *dataset_read(const char *path) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "dataset: can't read %s (tests run in the repository's top folder)\n", path);
    exit(1);
  }
  char chunk[4096];
  for (size_t size; (size = fread(chunk, 1, sizeof chunk, file)) > 0;) sqlite3_str_append(out, chunk, (int)size);
  fclose(file);
  char *text = sqlite3_str_finish(out);
  return text ? text : sqlite3_mprintf("");
}

char *dataset_numbered(size_t count, size_t broken_every) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  for (size_t i = 0; i < count; i++) {
    int broken = broken_every && i % broken_every == 0;
    sqlite3_str_appendf(
        out,
        "{\"type\":\"anchor\",\"domain_from\":\"n.example\",\"domain_to\":\"n.example\",\"page_from\":\"/list\","
        "\"page_to\":\"/p/%d\",\"link_from\":\"https://n.example/list\",\"link_to\":\"https://n.example/p/%d\","
        "\"dofollow\":true,\"page_from_scheme\":\"https\",\"page_to_scheme\":\"https\",\"direction\":\"internal\","
        "\"is_broken\":%s,\"is_link_relation_conflict\":false,\"page_to_status_code\":%d,\"text\":\"%d\"}\n",
        (int)i, (int)i, broken ? "true" : "false", broken ? 404 : 200, (int)i);
  }
  char *text = sqlite3_str_finish(out);
  return text ? text : sqlite3_mprintf("");
}

int dataset_create_table(sqlite3 *db, const char *name) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendf(sql, "CREATE TABLE \"%w\"(", name);
  for (int i = 0; i < FIELD_COUNT; i++) sqlite3_str_appendf(sql, "%s %s, ", dataset_fields[i].name, dataset_fields[i].type);
  sqlite3_str_appendall(sql, "task_id TEXT, filters TEXT, tag TEXT)");
  char *text = sqlite3_str_finish(sql);
  int code = sqlite3_exec(db, text, NULL, NULL, NULL);
  sqlite3_free(text);
  return code;
}

static void bind_field(sqlite3_stmt *insert, int position, struct json_object *value) {
  switch (json_object_get_type(value)) {
    case json_type_boolean: sqlite3_bind_int(insert, position, json_object_get_boolean(value)); break;
    case json_type_int: sqlite3_bind_int64(insert, position, json_object_get_int64(value)); break;
    case json_type_string:
      sqlite3_bind_text(insert, position, json_object_get_string(value), json_object_get_string_len(value), SQLITE_TRANSIENT);
      break;
    case json_type_array: {
      const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
      sqlite3_bind_text(insert, position, text, -1, SQLITE_TRANSIENT);
      break;
    }
    default: sqlite3_bind_null(insert, position);
  }
}

static int insert_item(sqlite3_stmt *insert, struct json_object *item, const char *task_id) {
  for (int i = 0; i < FIELD_COUNT; i++) {
    struct json_object *value = NULL;
    json_object_object_get_ex(item, dataset_fields[i].name, &value);
    bind_field(insert, i + 1, value);
  }
  sqlite3_bind_text(insert, FIELD_COUNT + 1, task_id, -1, SQLITE_TRANSIENT);
  int code = sqlite3_step(insert);
  sqlite3_reset(insert);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int dataset_prepare_insert(sqlite3 *db, const char *table, sqlite3_stmt **insert) {
  sqlite3_str *sql = sqlite3_str_new(db);
  sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES(", table);
  for (int i = 0; i < FIELD_COUNT; i++) sqlite3_str_appendall(sql, "?, ");
  sqlite3_str_appendall(sql, "?, NULL, NULL)");
  char *text = sqlite3_str_finish(sql);
  int code = sqlite3_prepare_v2(db, text, -1, insert, NULL);
  sqlite3_free(text);
  return code;
}

int dataset_load(sqlite3 *db, const char *table, const char *task_id, const char *ndjson) {
  sqlite3_stmt *insert = NULL;
  int code = dataset_prepare_insert(db, table, &insert);
  struct json_tokener *tokener = json_tokener_new();
  for (const char *line = ndjson; code == SQLITE_OK && *line;) {
    const char *end = strchr(line, '\n');
    size_t size = end ? (size_t)(end - line) : strlen(line);
    json_tokener_reset(tokener);
    struct json_object *item = json_tokener_parse_ex(tokener, line, (int)size);
    code = json_object_is_type(item, json_type_object) ? insert_item(insert, item, task_id) : SQLITE_MISMATCH;
    json_object_put(item);
    line = end ? end + 1 : line + size;
  }
  json_tokener_free(tokener);
  sqlite3_finalize(insert);
  return code;
}
