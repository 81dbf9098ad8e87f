/*
** The table of endpoints.
*/
#include "endpoints.h"

#include <string.h>

static const char *const duplicate_types[] = {"duplicate_title", "duplicate_description", NULL};
static const char *const sorts[] = {"asc", "desc", NULL};

#define ID                                                                                                                     \
  { "id", STANDIN_KEY_ID, true, NULL }
#define URL                                                                                                                    \
  { "url", STANDIN_KEY_URL, false, NULL }
#define LIMIT                                                                                                                  \
  { "limit", STANDIN_KEY_LIMIT, false, NULL }
#define OFFSET                                                                                                                 \
  { "offset", STANDIN_KEY_OFFSET, false, NULL }
#define FILTERS                                                                                                                \
  { "filters", STANDIN_KEY_FILTERS, false, NULL }
#define ORDER                                                                                                                  \
  { "order_by", STANDIN_KEY_ORDER, false, NULL }
#define TAG                                                                                                                    \
  { "tag", STANDIN_KEY_TAG, false, NULL }
#define TOKEN                                                                                                                  \
  { "search_after_token", STANDIN_KEY_TOKEN, false, NULL }

static const struct standin_key links[] = {
    ID,
    {"page_from", STANDIN_KEY_PATH, false, NULL},
    {"page_to", STANDIN_KEY_PATH, false, NULL},
    LIMIT,
    OFFSET,
    FILTERS,
    TAG,
    TOKEN,
};
static const struct standin_key pages[] = {ID, LIMIT, OFFSET, FILTERS, ORDER, TAG, TOKEN};
static const struct standin_key resources[] = {
    ID, URL, LIMIT, OFFSET, FILTERS, {"relevant_pages_filters", STANDIN_KEY_PAGE_FILTERS, false, NULL}, ORDER, TAG, TOKEN,
};
static const struct standin_key non_indexable[] = {ID, LIMIT, OFFSET, FILTERS};
static const struct standin_key redirect_chains[] = {ID, URL, LIMIT, OFFSET, FILTERS, TAG};
static const struct standin_key duplicate_tags[] = {
    ID, {"type", STANDIN_KEY_WORD, true, duplicate_types}, {"accumulator", STANDIN_KEY_TEXT, false, NULL}, LIMIT, OFFSET, TAG,
};
static const struct standin_key id_list[] = {
    {"datetime_from", STANDIN_KEY_FROM, true, NULL},
    {"datetime_to", STANDIN_KEY_TO, true, NULL},
    LIMIT,
    OFFSET,
    {"sort", STANDIN_KEY_WORD, false, sorts},
    {"include_metadata", STANDIN_KEY_BOOLEAN, false, NULL},
};

#define KEYS(list) .keys = (list), .key_count = sizeof(list) / sizeof *(list)
#define POST(word) .method = "POST", .name = (word)
#define GET(word) .method = "GET", .name = (word)

enum { LIMIT_DEFAULT = 100, LIMIT_LIST = 1000, CONDITIONS = 8 };

const struct standin_descriptor standin_descriptors[STANDIN_ENDPOINT_COUNT] = {
    [STANDIN_ON_LINKS] = {POST("links"), KEYS(links), .table = STANDIN_LINKS, .limit = LIMIT_DEFAULT, .conditions = CONDITIONS,
                          .has_token = true},
    [STANDIN_ON_PAGES] = {POST("pages"), KEYS(pages), .table = STANDIN_PAGES, .limit = LIMIT_DEFAULT, .conditions = CONDITIONS,
                          .has_token = true},
    [STANDIN_ON_RESOURCES] = {POST("resources"), KEYS(resources), .table = STANDIN_RESOURCES, .limit = LIMIT_DEFAULT,
                              .conditions = CONDITIONS, .has_token = true},
    [STANDIN_ON_NON_INDEXABLE] = {POST("non_indexable"), KEYS(non_indexable), .table = STANDIN_NON_INDEXABLE,
                                  .limit = LIMIT_DEFAULT, .conditions = CONDITIONS},
    [STANDIN_ON_REDIRECT_CHAINS] = {POST("redirect_chains"), KEYS(redirect_chains), .table = STANDIN_REDIRECT_CHAINS,
                                    .limit = LIMIT_DEFAULT, .conditions = 1},
    [STANDIN_ON_DUPLICATE_TAGS] = {POST("duplicate_tags"), KEYS(duplicate_tags), .shape = STANDIN_SHAPE_GROUPS,
                                   .table = STANDIN_PAGES, .limit = LIMIT_DEFAULT},
    [STANDIN_ON_ID_LIST] = {POST("id_list"), KEYS(id_list), .shape = STANDIN_SHAPE_TASKS, .limit = LIMIT_LIST},
    [STANDIN_ON_TASKS_READY] = {GET("tasks_ready"), .shape = STANDIN_SHAPE_READY},
    [STANDIN_ON_SUMMARY] = {GET("summary"), .has_task = true, .shape = STANDIN_SHAPE_SUMMARY},
    [STANDIN_ON_AVAILABLE_FILTERS] = {GET("available_filters"), .shape = STANDIN_SHAPE_FILTERS},
};

enum standin_endpoint standin_endpoint_find(const char *method, const char *path, const char **task_id) {
  static const char folder[] = "/on_page/";
  *task_id = NULL;
  if (strncmp(path, folder, sizeof folder - 1) != 0) return STANDIN_ENDPOINT_COUNT;
  path += sizeof folder - 1;
  for (int i = 0; i < STANDIN_ENDPOINT_COUNT; i++) {
    const struct standin_descriptor *candidate = &standin_descriptors[i];
    size_t length = strlen(candidate->name);
    if (strcmp(candidate->method, method) != 0 || strncmp(candidate->name, path, length) != 0) continue;
    if (path[length] != (candidate->has_task ? '/' : '\0')) continue;
    if (candidate->has_task) *task_id = path + length + 1;
    return (enum standin_endpoint)i;
  }
  return STANDIN_ENDPOINT_COUNT;
}
