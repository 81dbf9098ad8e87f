/*
** Strict reading of a request's body: its form, its keys, each key's type and bounds, the filters, and last the token, which
** is bound to all the rest. The order decides which of several faults is reported, as one response names one fault.
*/
#include "request.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "standin.h"
#include "token.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000, OFFSET_MOST = 2000000, TAG_MOST = 255 };

/* Each takes a member that is there; false refuses it. */
static bool take_id(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);
static bool take_path(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);
static bool take_limit(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);
static bool take_offset(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);
static bool take_filters(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);
static bool take_tag(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);
static bool take_token(struct standin_links *links, struct json_object *value, const struct standin_readings *readings);

/* In the order in which they are checked. selects: the key has a part in which rows match. */
static const struct key {
  const char *name;
  bool (*take)(struct standin_links *, struct json_object *, const struct standin_readings *);
  bool required;
  bool selects;
} keys[] = {
    {"id", take_id, true, false},          {"page_from", take_path, false, true},
    {"page_to", take_path, false, true},   {"limit", take_limit, false, false},
    {"offset", take_offset, false, false}, {"filters", take_filters, false, true},
    {"tag", take_tag, false, false},       {"search_after_token", take_token, false, false},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys, KEY_TOKEN = KEY_COUNT - 1 };

static bool take_id(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  (void)readings;
  if (!json_object_is_type(value, json_type_string)) return false;
  links->id = json_object_get_string(value);
  return *links->id && strlen(links->id) == (size_t)json_object_get_string_len(value);
}

static bool take_path(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  (void)links, (void)readings;
  return json_object_is_type(value, json_type_string) && json_object_get_string(value)[0] == '/';
}

static bool take_integer(struct json_object *value, int64_t least, int64_t most, size_t *taken) {
  if (!json_object_is_type(value, json_type_int)) return false;
  int64_t number = json_object_get_int64(value);
  if (number < least || number > most) return false;
  *taken = (size_t)number;
  return true;
}

static bool take_limit(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  (void)readings;
  return take_integer(value, 1, LIMIT_MOST, &links->limit);
}

static bool take_offset(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  (void)readings;
  return take_integer(value, 0, OFFSET_MOST, &links->offset);
}

static bool take_filters(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  return !standin_filter_read(&links->filter, value, readings);
}

static bool take_tag(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  (void)links, (void)readings;
  return json_object_is_type(value, json_type_string) &&
         standin_count_characters(json_object_get_string(value), (size_t)json_object_get_string_len(value)) <= TAG_MOST;
}

static bool take_token(struct standin_links *links, struct json_object *value, const struct standin_readings *readings) {
  (void)readings;
  links->has_token = json_object_is_type(value, json_type_string) &&
                     !standin_token_read(json_object_get_string(value), links->fingerprint, &links->token);
  return links->has_token;
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
static int find_data(struct standin_links *links, const char *body, size_t length, const struct standin_readings *readings,
                     struct standin_failure *failure) {
  if (readings->body_most && length > readings->body_most) return refuse(failure, STANDIN_AT_GATEWAY, 413, 0);
  struct json_tokener *tokener = json_tokener_new();
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  if (length && length <= INT32_MAX) links->body = json_tokener_parse_ex(tokener, body, (int)length);
  bool whole = links->body && json_tokener_get_error(tokener) == json_tokener_success;
  for (size_t i = json_tokener_get_parse_end(tokener); i < length; i++) whole = whole && strchr(" \t\r\n", body[i]);
  json_tokener_free(tokener);
  if (!length) return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40502);
  if (!whole) return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40503);

  bool is_array = json_object_is_type(links->body, json_type_array);
  struct json_object *data = links->body;
  if (is_array) data = json_object_array_length(data) == 1 ? json_object_array_get_idx(data, 0) : NULL;
  if (!json_object_is_type(data, json_type_object)) return refuse(failure, STANDIN_AT_ENVELOPE, 0, 40503);
  if (readings->body == (is_array ? STANDIN_BODY_OBJECT : STANDIN_BODY_ARRAY)) return refuse_form(failure, readings);
  links->data = data;
  return 0;
}

static bool is_known(const char *name) {
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (!strcmp(keys[i].name, name)) return true;
  return false;
}

static int check_names(struct standin_links *links, struct standin_failure *failure) {
  json_object_object_foreach(links->data, name, value) {
    (void)value;
    if (is_known(name)) continue;
    refuse(failure, STANDIN_AT_TASK, 0, 40506);
    standin_text_print(&failure->message, "Unknown Fields in POST Data: '%s'.", name);
    return -1;
  }
  return 0;
}

/* Canonical text of a member: key and compact JSON. Absent and default are different texts, hence different requests. */
static void add_member(struct standin_text *text, const struct key *key, struct json_object *value) {
  standin_text_print(text, "%s:%s\n", key->name, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
}

/* The readings that change the meaning of a filter are part of what selects rows. */
static void begin_selection(struct standin_text *selection, const struct standin_readings *readings) {
  standin_text_print(selection, "%d%d%d%d\n", readings->ignore_case, readings->not_keeps_null, readings->like_underscore,
                     readings->regex_whole);
}

static void require_path(struct standin_links *links, const char *name, enum standin_field_index field) {
  struct json_object *value = NULL;
  if (!json_object_object_get_ex(links->data, name, &value)) return;
  standin_filter_require(&links->filter, field, json_object_get_string(value), (size_t)json_object_get_string_len(value));
  if (field == STANDIN_FIELD_PAGE_TO) standin_filter_require(&links->filter, STANDIN_FIELD_DIRECTION, "internal", 8);
}

int standin_links_read(struct standin_links *links, const char *body, size_t length, const struct standin_readings *readings,
                       struct standin_failure *failure) {
  links->limit = LIMIT_DEFAULT;
  if (find_data(links, body, length, readings, failure)) return -1;
  struct json_object *id = NULL;
  if (json_object_object_get_ex(links->data, "id", &id) && json_object_is_type(id, json_type_string))
    links->id = json_object_get_string(id);
  if (check_names(links, failure)) return -1;

  begin_selection(&links->selection, readings);
  struct standin_text canonical = {0};
  for (size_t i = 0; i < KEY_COUNT; i++) {
    struct json_object *value = NULL;
    bool present = json_object_object_get_ex(links->data, keys[i].name, &value);
    if (i == KEY_TOKEN) links->fingerprint = standin_hash(0, canonical.data, canonical.length);
    if (present ? !keys[i].take(links, value, readings) : keys[i].required) {
      standin_refuse_field(failure, keys[i].name);
      break;
    }
    if (present) add_member(&canonical, &keys[i], value);
    if (present && keys[i].selects) add_member(&links->selection, &keys[i], value);
  }
  standin_text_release(&canonical);
  if (failure->code) return -1;
  links->start = links->has_token ? links->token.place : (struct standin_place){.position = links->offset};
  require_path(links, "page_from", STANDIN_FIELD_PAGE_FROM);
  require_path(links, "page_to", STANDIN_FIELD_PAGE_TO);
  return 0;
}

void standin_links_release(struct standin_links *links) {
  standin_filter_release(&links->filter);
  standin_text_release(&links->selection);
  json_object_put(links->body);
  *links = (struct standin_links){0};
}
