/*
** Strict reading of a request's body: its form, its keys, each key's type and bounds, the filters, and last the token, which
** is bound to all the rest. The order decides which of several faults is reported, as one response names one fault.
*/
#include "query.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "standin.h"
#include "token.h"

enum { LIMIT_MOST = 1000, OFFSET_MOST = 2000000, TAG_MOST = 255 };

static bool take_id(struct standin_query *query, struct json_object *value) {
  if (!json_object_is_type(value, json_type_string)) return false;
  query->id = json_object_get_string(value);
  return *query->id && strlen(query->id) == (size_t)json_object_get_string_len(value);
}

static bool take_path(struct json_object *value) {
  return json_object_is_type(value, json_type_string) && json_object_get_string(value)[0] == '/';
}

static bool take_url(struct standin_query *query, struct json_object *value) {
  if (!json_object_is_type(value, json_type_string)) return false;
  query->url = json_object_get_string(value);
  return !strncmp(query->url, "http://", 7) || !strncmp(query->url, "https://", 8);
}

static bool take_integer(struct json_object *value, int64_t least, int64_t most, size_t *taken) {
  if (!json_object_is_type(value, json_type_int)) return false;
  int64_t number = json_object_get_int64(value);
  if (number < least || number > most) return false;
  *taken = (size_t)number;
  return true;
}

static bool take_filters(struct standin_filter *filter, enum standin_table table, size_t conditions, struct json_object *value,
                         const struct standin_readings *readings) {
  struct standin_grammar grammar = {&standin_schemas[table], conditions, readings};
  return !standin_filter_read(filter, value, &grammar);
}

/* "field,asc" or "field,desc", of a field that a filter may name. */
static bool take_order(struct standin_query *query, struct json_object *value, const struct standin_readings *readings) {
  const struct standin_schema *schema = &standin_schemas[query->endpoint->table];
  if (!json_object_is_type(value, json_type_array)) return false;
  size_t count = json_object_array_length(value);
  if (!count || count > STANDIN_ORDERS) return false;
  for (size_t i = 0; i < count; i++) {
    struct json_object *element = json_object_array_get_idx(value, i);
    const char *text = json_object_is_type(element, json_type_string) ? json_object_get_string(element) : "";
    const char *comma = strrchr(text, ',');
    if (!comma || (strcmp(comma, ",asc") != 0 && strcmp(comma, ",desc") != 0)) return false;
    char *name = standin_copy(text, (size_t)(comma - text));
    size_t field = standin_field_find(schema, name);
    free(name);
    if (field == STANDIN_NO_FIELD || !standin_field_filterable(&schema->fields[field], readings)) return false;
    query->order[query->order_count++] = (struct standin_order){field, comma[1] == 'd'};
  }
  return true;
}

static bool take_word(struct standin_query *query, const struct standin_key *key, struct json_object *value) {
  const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
  for (const char *const *word = key->words; *word && !query->word; word++)
    if (!strcmp(*word, text)) query->word = *word;
  return query->word != NULL;
}

static bool take_text(struct standin_query *query, struct json_object *value) {
  if (!json_object_is_type(value, json_type_string)) return false;
  query->text = json_object_get_string(value);
  query->text_length = (size_t)json_object_get_string_len(value);
  return true;
}

static bool take_time(double *time, struct json_object *value) {
  return json_object_is_type(value, json_type_string) &&
         standin_read_time(json_object_get_string(value), (size_t)json_object_get_string_len(value), time);
}

static bool take_tag(struct json_object *value) {
  return json_object_is_type(value, json_type_string) &&
         standin_count_characters(json_object_get_string(value), (size_t)json_object_get_string_len(value)) <= TAG_MOST;
}

static bool take_token(struct standin_query *query, struct json_object *value) {
  query->has_token = json_object_is_type(value, json_type_string) &&
                     !standin_token_read(json_object_get_string(value), query->fingerprint, &query->token);
  return query->has_token;
}

/* Takes a member that is there; false refuses it. */
static bool take(struct standin_query *query, const struct standin_key *key, struct json_object *value,
                 const struct standin_readings *readings) {
  const struct standin_descriptor *endpoint = query->endpoint;
  switch (key->kind) {
    case STANDIN_KEY_ID: return take_id(query, value);
    case STANDIN_KEY_PATH: return take_path(value);
    case STANDIN_KEY_URL: return take_url(query, value);
    case STANDIN_KEY_LIMIT: return take_integer(value, 1, LIMIT_MOST, &query->limit);
    case STANDIN_KEY_OFFSET: return take_integer(value, 0, OFFSET_MOST, &query->offset);
    case STANDIN_KEY_FILTERS: return take_filters(&query->filter, endpoint->table, endpoint->conditions, value, readings);
    case STANDIN_KEY_PAGE_FILTERS: return take_filters(&query->page_filter, STANDIN_PAGES, STANDIN_CONDITIONS, value, readings);
    case STANDIN_KEY_ORDER: return take_order(query, value, readings);
    case STANDIN_KEY_WORD: return take_word(query, key, value);
    case STANDIN_KEY_TEXT: return take_text(query, value);
    case STANDIN_KEY_BOOLEAN:
      query->flag = json_object_get_boolean(value);
      return json_object_is_type(value, json_type_boolean);
    case STANDIN_KEY_FROM: return take_time(&query->from, value);
    case STANDIN_KEY_TO: return take_time(&query->to, value);
    case STANDIN_KEY_TAG: return take_tag(value);
    case STANDIN_KEY_TOKEN: return take_token(query, value);
  }
  return false;
}

/* Whether the key has a part in which rows match. */
static bool selects(const struct standin_key *key) {
  switch (key->kind) {
    case STANDIN_KEY_PATH:
    case STANDIN_KEY_URL:
    case STANDIN_KEY_FILTERS:
    case STANDIN_KEY_PAGE_FILTERS: return true;
    default: return false;
  }
}

static int refuse(struct standin_failure *failure, enum standin_level level, int http_status, int code) {
  *failure = (struct standin_failure){.level = level, .http_status = http_status, .code = code};
  return -1;
}

static int refuse_form(struct standin_failure *failure, const struct standin_readings *readings) {
  switch (readings->refusal) {
    case STANDIN_REFUSE_HTTP_400: return refuse(failure, STANDIN_AT_GATEWAY, 400, 40503);
    case STANDIN_REFUSE_HTTP_422: return refuse(failure, STANDIN_AT_GATEWAY, 422, 40503);
    case STANDIN_REFUSE_40503: break;
  }
  return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40503);
}

/* Finds the request's object in a body of the accepted form. */
static int find_data(struct standin_query *query, const char *body, size_t length, const struct standin_readings *readings,
                     struct standin_failure *failure) {
  if (readings->body_most && length > readings->body_most) return refuse(failure, STANDIN_AT_GATEWAY, 413, 0);
  struct json_tokener *tokener = json_tokener_new();
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  if (length && length <= INT32_MAX) query->body = json_tokener_parse_ex(tokener, body, (int)length);
  bool whole = query->body && json_tokener_get_error(tokener) == json_tokener_success;
  for (size_t i = json_tokener_get_parse_end(tokener); i < length; i++) whole = whole && strchr(" \t\r\n", body[i]);
  json_tokener_free(tokener);
  if (!length) return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40502);
  if (!whole) return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40503);

  bool is_array = json_object_is_type(query->body, json_type_array);
  struct json_object *data = query->body;
  if (is_array) data = json_object_array_length(data) == 1 ? json_object_array_get_idx(data, 0) : NULL;
  if (!json_object_is_type(data, json_type_object)) return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40503);
  if (readings->body == (is_array ? STANDIN_BODY_OBJECT : STANDIN_BODY_ARRAY)) return refuse_form(failure, readings);
  query->data = data;
  return 0;
}

static bool is_known(const struct standin_descriptor *endpoint, const char *name) {
  for (size_t i = 0; i < endpoint->key_count; i++)
    if (!strcmp(endpoint->keys[i].name, name)) return true;
  return false;
}

static int check_names(struct standin_query *query, struct standin_failure *failure) {
  json_object_object_foreach(query->data, name, value) {
    (void)value;
    if (is_known(query->endpoint, name)) continue;
    refuse(failure, STANDIN_AT_TASK, 0, 40506);
    standin_text_print(&failure->message, "Unknown Fields in POST Data: '%s'.", name);
    return -1;
  }
  return 0;
}

/* Canonical text of a member: key and compact JSON. Absent and default are different texts, hence different requests. */
static void add_member(struct standin_text *text, const struct standin_key *key, struct json_object *value) {
  standin_text_print(text, "%s:%s\n", key->name, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
}

/* The readings that change the meaning of a filter are part of what selects rows. */
static void begin_selection(struct standin_text *selection, const struct standin_readings *readings) {
  standin_text_print(selection, "%d%d%d%d\n", readings->ignore_case, readings->not_keeps_null, readings->like_underscore,
                     readings->regex_whole);
}

static void require_equal(struct standin_query *query, size_t field, const char *bytes, size_t length) {
  struct standin_condition *condition = standin_condition_among(&standin_schemas[query->endpoint->table], field);
  standin_condition_allow(condition, bytes, length);
  standin_filter_require(&query->filter, condition);
}

/* page_from and page_to are fields of the same name; links to a page are internal ones. */
static void require_paths(struct standin_query *query) {
  const struct standin_schema *schema = &standin_schemas[query->endpoint->table];
  for (size_t i = 0; i < query->endpoint->key_count; i++) {
    const struct standin_key *key = &query->endpoint->keys[i];
    struct json_object *value = NULL;
    if (key->kind != STANDIN_KEY_PATH || !json_object_object_get_ex(query->data, key->name, &value)) continue;
    size_t field = standin_field_find(schema, key->name);
    require_equal(query, field, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    if (field == STANDIN_FIELD_PAGE_TO) require_equal(query, standin_field_find(schema, "direction"), "internal", 8);
  }
}

/* Seconds of a time as the number yyyymmddhhmmss, with 31 days for every month: half a year is six of them. */
static int64_t seconds_of(double time) {
  int64_t number = (int64_t)time, date = number / 1000000, clock = number % 1000000;
  int64_t days = date / 10000 * 372 + date / 100 % 100 * 31 + date % 100;
  return ((days * 24 + clock / 10000) * 60 + clock / 100 % 100) * 60 + clock % 100;
}

/* A range of times is at most six months long, one month with the metadata. */
static bool is_short_range(const struct standin_query *query) {
  const int64_t month_s = 31 * 24 * 3600;
  int64_t length = seconds_of(query->to) - seconds_of(query->from);
  return length >= 0 && length <= (query->flag ? 1 : 6) * month_s;
}

int standin_query_read(struct standin_query *query, enum standin_endpoint endpoint, const char *body, size_t length,
                       const struct standin_readings *readings, struct standin_failure *failure) {
  query->endpoint = &standin_descriptors[endpoint];
  query->limit = query->endpoint->limit;
  if (find_data(query, body, length, readings, failure)) return -1;
  struct json_object *id = NULL;
  if (json_object_object_get_ex(query->data, "id", &id) && json_object_is_type(id, json_type_string))
    query->id = json_object_get_string(id);
  if (check_names(query, failure)) return -1;

  begin_selection(&query->selection, readings);
  struct standin_text canonical = {0};
  standin_text_print(&canonical, "%s\n", query->endpoint->name);
  for (size_t i = 0; i < query->endpoint->key_count; i++) {
    const struct standin_key *key = &query->endpoint->keys[i];
    struct json_object *value = NULL;
    bool present = json_object_object_get_ex(query->data, key->name, &value);
    query->fingerprint = standin_hash(0, canonical.data, canonical.length);
    if (present ? !take(query, key, value, readings) : key->required) {
      standin_refuse_field(failure, key->name);
      break;
    }
    if (present) add_member(&canonical, key, value);
    if (present && selects(key)) add_member(&query->selection, key, value);
  }
  standin_text_release(&canonical);
  if (failure->code) return -1;
  if (!is_short_range(query)) {
    standin_refuse_field(failure, "datetime_to");
    return -1;
  }
  query->start = query->has_token ? query->token.place : (struct standin_place){.position = query->offset};
  require_paths(query);
  return 0;
}

void standin_query_release(struct standin_query *query) {
  standin_filter_release(&query->filter);
  standin_filter_release(&query->page_filter);
  standin_text_release(&query->selection);
  json_object_put(query->body);
  *query = (struct standin_query){0};
}
