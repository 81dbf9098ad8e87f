/*
** baseline [--filters JSON] [--page-from PATH] [--limit N] [--pages N] [--ca-file FILE] URL TASK: what a scan takes at least when
** its pages are fetched one after another. Fetches them over one connection (gzip, keep-alive) by offset up to 20,000 rows and by
** token beyond, parses them with json-c as they arrive, counts their items, and throws them away. Prints
** {"rows":items,"value":total_items_count}.
*/
#include <curl/curl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  OFFSET_ROWS = 20000,     /* beyond, the documents ask for the token */
  BUFFER_SIZE = 512 * 1024 /* of libcurl, as the extension has it */
};

struct settings {
  const char *filters;
  const char *page_from;
  const char *ca_file; /* NULL: the system's authorities */
  long limit;          /* rows of a request */
  long pages;          /* requests at most; 0: all there are */
  const char *url;
  const char *task;
};

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "baseline: %s: %s\n", what, why);
  exit(1);
}

/* A response while it arrives. */
struct response {
  struct json_tokener *tokener;
  struct json_object *root; /* NULL until complete */
};

static size_t on_bytes(char *bytes, size_t unit, size_t count, void *context) {
  struct response *response = context;
  size_t size = unit * count;
  response->root = json_tokener_parse_ex(response->tokener, bytes, (int)size);
  enum json_tokener_error error = json_tokener_get_error(response->tokener);
  return error == json_tokener_success || error == json_tokener_continue ? size : 0;
}

static struct json_object *member(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  if (json_object_is_type(object, json_type_object)) json_object_object_get_ex(object, key, &value);
  return value;
}

static struct json_object *first(struct json_object *array) {
  bool has_first = json_object_is_type(array, json_type_array) && json_object_array_length(array) > 0;
  return has_first ? json_object_array_get_idx(array, 0) : NULL;
}

/* The request's body; to be given back by json_object_put. */
static struct json_object *new_body(const struct settings *settings, long offset) {
  struct json_object *body = json_object_new_object();
  json_object_object_add(body, "id", json_object_new_string(settings->task));
  json_object_object_add(body, "limit", json_object_new_int64(settings->limit));
  json_object_object_add(body, "offset", json_object_new_int64(offset));
  if (settings->filters != NULL) json_object_object_add(body, "filters", json_tokener_parse(settings->filters));
  if (settings->page_from != NULL) json_object_object_add(body, "page_from", json_object_new_string(settings->page_from));
  return body;
}

static CURL *connect_to(const char *url, const char *ca_file, struct curl_slist *headers, struct response *response) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) fail("libcurl", "no handle");
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER_SIZE);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  if (ca_file != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, response);
  return easy;
}

/* Fetches a page into response->root. */
static void fetch(CURL *easy, struct json_object *body, struct response *response) {
  response->root = NULL;
  json_tokener_reset(response->tokener);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN));
  CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) fail("a request", curl_easy_strerror(code));
  if (response->root == NULL) fail("a response", "its JSON is not complete");
}

static void read_all(const struct settings *settings, CURL *easy, struct response *response) {
  long rows = 0;
  long total = 0;
  struct json_object *body = new_body(settings, 0);
  for (long page = 0; settings->pages == 0 || page < settings->pages; page++) {
    fetch(easy, body, response);
    struct json_object *result = first(member(first(member(response->root, "tasks")), "result"));
    struct json_object *items = member(result, "items");
    if (result == NULL) fail("a response", json_object_to_json_string_ext(response->root, JSON_C_TO_STRING_PLAIN));
    rows += json_object_is_type(items, json_type_array) ? (long)json_object_array_length(items) : 0;
    total = (long)json_object_get_int64(member(result, "total_items_count"));
    if (rows < total && rows < OFFSET_ROWS) {
      json_object_put(body);
      body = new_body(settings, rows);
    } else if (rows < total) { /* all else must stay as it was */
      json_object_object_add(body, "search_after_token", json_object_get(member(result, "search_after_token")));
    }
    json_object_put(response->root);
    if (rows >= total) break;
  }
  json_object_put(body);
  printf("{\"rows\":%ld,\"value\":%ld}\n", rows, total);
}

static int read_arguments(int count, char **arguments, struct settings *settings) {
  static const struct option options[] = {
      {"filters", required_argument, NULL, 'f'}, {"page-from", required_argument, NULL, 'p'},
      {"limit", required_argument, NULL, 'l'},   {"pages", required_argument, NULL, 'n'},
      {"ca-file", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
  int option;
  while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
    switch (option) {
      case 'f': settings->filters = optarg; break;
      case 'p': settings->page_from = optarg; break;
      case 'l': settings->limit = strtol(optarg, NULL, 10); break;
      case 'c': settings->ca_file = optarg; break;
      case 'n': settings->pages = strtol(optarg, NULL, 10); break;
      default: return -1;
    }
  }
  if (count - optind != 2) return -1;
  settings->url = arguments[optind];
  settings->task = arguments[optind + 1];
  return 0;
}

int main(int count, char **arguments) {
  struct settings settings = {.limit = 1000};
  struct response response = {0};
  if (read_arguments(count, arguments, &settings) != 0) {
    fputs("usage: baseline [--filters JSON] [--page-from PATH] [--limit N] [--pages N] [--ca-file FILE] URL TASK\n", stderr);
    return 2;
  }
  char url[512];
  int length = snprintf(url, sizeof url, "%s/on_page/links", settings.url);
  if (length < 0 || (size_t)length >= sizeof url) fail("the URL", "too long");
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Authorization: Bearer test-key");
  response.tokener = json_tokener_new();
  CURL *easy = connect_to(url, settings.ca_file, headers, &response);
  read_all(&settings, easy, &response);
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  json_tokener_free(response.tokener);
  curl_global_cleanup();
  return 0;
}
