/*
** The test's client. A failed expectation ends the running test by cmocka's longjmp; what it leaves allocated then is
** reported beside the failure and is of no concern.
*/
#include "test_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <json-c/json.h>

const char five_items[] =
    "{\"page_from\":\"/1\",\"direction\":\"internal\"}\n"
    "{\"page_from\":\"/2\",\"text\":\"a/b \\\"\\u00e9\xF0\x9F\x98\x80\\u0001\",\"page_to_status_code\":404,"
    "\"link_attribute\":[\"no/follow\"],\"image_alt\":null,\"x\":{\"y\":[1,2.5]}}\n"
    "{\"page_from\":\"/3\",\"page_to_status_code\":200.0}\n"
    "{\"page_from\":\"/4\"}\n"
    "{\"page_from\":\"/5\"}";

struct client {
  CURL *curl;
  struct curl_slist *headers;
};

int fixture_open(void **state) {
  struct fixture *fixture = standin_allocate(1, sizeof *fixture);
  fixture->standin = standin_start(0);
  fixture->curl = curl_easy_init();
  *state = fixture;
  return fixture->standin && fixture->curl ? 0 : -1;
}

int fixture_close(void **state) {
  struct fixture *fixture = *state;
  curl_easy_cleanup(fixture->curl);
  standin_stop(fixture->standin);
  free(fixture);
  return 0;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *text) {
  standin_text_add(text, bytes, size * count);
  return size * count;
}

struct client *client_new(struct fixture *fixture, CURL *curl, const struct sent *sent, struct received *received) {
  struct client *client = standin_allocate(1, sizeof *client);
  char url[256], line[256];
  const char *type = sent->content_type ? sent->content_type : "application/json";
  const char *authorization = sent->authorization ? sent->authorization : "Bearer test-key";
  snprintf(url, sizeof url, "http://127.0.0.1:%u%s", standin_port(fixture->standin),
           sent->path ? sent->path : "/apis/v1/dataforseo/on_page/links");
  *received = (struct received){0};
  client->curl = curl;
  snprintf(line, sizeof line, "Content-Type:%s%s", *type ? " " : "", type);
  client->headers = curl_slist_append(client->headers, line);
  snprintf(line, sizeof line, "Authorization:%s%s", *authorization ? " " : "", authorization);
  client->headers = curl_slist_append(client->headers, line);
  if (sent->gzip) client->headers = curl_slist_append(client->headers, "Accept-Encoding: gzip");
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "stand-in test");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received->body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_bytes);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &received->headers);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, sent->fresh ? 1L : 0L);
  if (sent->body) curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, sent->body);
  if (sent->method) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, sent->method);
  return client;
}

void client_free(struct client *client) {
  curl_slist_free_all(client->headers);
  free(client);
}

double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void calls_begin(struct fixture *fixture, struct calls *calls, const char *body) {
  size_t i = calls->count++;
  if (!calls->multi) calls->multi = curl_multi_init();
  calls->handles[i] = curl_easy_init();
  calls->clients[i] = client_new(fixture, calls->handles[i], &(struct sent){.body = body}, &calls->received[i]);
  curl_multi_add_handle(calls->multi, calls->handles[i]);
}

void calls_drive(struct fixture *fixture, struct calls *calls, size_t logged) {
  int running = 1;
  double end = seconds() + 60;
  while (running && (!logged || standin_log_count(fixture->standin) < logged)) {
    assert_int_equal(curl_multi_perform(calls->multi, &running), CURLM_OK);
    if (running) curl_multi_poll(calls->multi, NULL, 0, 10, NULL);
    assert_true(seconds() < end);
  }
}

void calls_end(struct calls *calls) {
  for (size_t i = 0; i < calls->count; i++) {
    curl_multi_remove_handle(calls->multi, calls->handles[i]);
    curl_easy_cleanup(calls->handles[i]);
    client_free(calls->clients[i]);
    received_release(&calls->received[i]);
  }
  curl_multi_cleanup(calls->multi);
  *calls = (struct calls){0};
}

void exchange(struct fixture *fixture, const struct sent *sent, struct received *received) {
  struct client *client = client_new(fixture, fixture->curl, sent, received);
  received->result = curl_easy_perform(client->curl);
  curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &received->http_status);
  client_free(client);
  standin_text_add(&received->headers, "", 1);
  standin_text_add(&received->body, "", 1);
  received->json = json_tokener_parse(received->body.data);
}

void received_release(struct received *received) {
  json_object_put(received->json);
  standin_text_release(&received->headers);
  standin_text_release(&received->body);
}

static struct json_object *receive(struct fixture *fixture, const struct sent *sent) {
  struct received received;
  exchange(fixture, sent, &received);
  assert_int_equal(received.result, CURLE_OK);
  assert_non_null(received.json);
  struct json_object *json = json_object_get(received.json);
  received_release(&received);
  return json;
}

struct json_object *post(struct fixture *fixture, const char *body) {
  return receive(fixture, &(struct sent){.body = body});
}

struct json_object *ask_at(struct fixture *fixture, const char *endpoint, const char *members) {
  struct standin_text body = {0};
  char path[128];
  bool has_id = strcmp(endpoint, "id_list") != 0;
  snprintf(path, sizeof path, "/apis/v1/dataforseo/on_page/%s", endpoint);
  standin_text_print(&body, "{%s%s%s}", has_id ? "\"id\":\"" TASK "\"" : "", has_id && *members ? "," : "", members);
  standin_text_add(&body, "", 1);
  struct json_object *json = receive(fixture, &(struct sent){.path = path, .body = body.data});
  standin_text_release(&body);
  return json;
}

struct json_object *get(struct fixture *fixture, const char *name) {
  char path[128];
  snprintf(path, sizeof path, "/apis/v1/dataforseo/on_page/%s", name);
  return receive(fixture, &(struct sent){.method = "GET", .path = path});
}

struct json_object *ask(struct fixture *fixture, const char *members) {
  return ask_at(fixture, "links", members);
}

/* False when the path leads nowhere; *found may be NULL for null. */
static bool follow(struct json_object *json, const char *path, struct json_object **found) {
  char names[128];
  snprintf(names, sizeof names, "%s", path);
  char *rest = names;
  *found = json;
  for (char *name; (name = strsep(&rest, "."));) {
    if (json_object_is_type(*found, json_type_array)) {
      size_t index = strtoul(name, NULL, 10);
      if (index >= json_object_array_length(*found)) return false;
      *found = json_object_array_get_idx(*found, index);
    } else if (!json_object_is_type(*found, json_type_object) || !json_object_object_get_ex(*found, name, found)) {
      return false;
    }
  }
  return true;
}

struct json_object *look(struct json_object *json, const char *path) {
  struct json_object *found = NULL;
  return follow(json, path, &found) ? found : NULL;
}

long long number_at(struct json_object *json, const char *path) {
  struct json_object *found = look(json, path);
  if (!json_object_is_type(found, json_type_int) && !json_object_is_type(found, json_type_double))
    fail_msg("no number at %s of %s", path, json_object_to_json_string(json));
  return json_object_get_int64(found);
}

const char *string_at(struct json_object *json, const char *path) {
  struct json_object *found = look(json, path);
  if (!json_object_is_type(found, json_type_string)) fail_msg("no string at %s of %s", path, json_object_to_json_string(json));
  return json_object_get_string(found);
}

bool is_null_at(struct json_object *json, const char *path) {
  struct json_object *found = NULL;
  return follow(json, path, &found) && !found;
}

void expect_task_code(struct fixture *fixture, const char *members, int code) {
  expect_code_at(fixture, "links", members, code);
}

void expect_code_at(struct fixture *fixture, const char *endpoint, const char *members, int code) {
  struct json_object *json = ask_at(fixture, endpoint, members);
  long long found = number_at(json, "tasks.0.status_code");
  if (found != code) fail_msg("%s, %s: %lld instead of %d", endpoint, members, found, code);
  assert_int_equal(number_at(json, "status_code"), 20000);
  if (code != 20000) assert_true(is_null_at(json, "tasks.0.result"));
  json_object_put(json);
}

void expect_envelope_code(struct fixture *fixture, const char *body, int code) {
  struct json_object *json = post(fixture, body);
  long long found = number_at(json, "status_code");
  if (found != code) fail_msg("%s: %lld instead of %d", body, found, code);
  assert_true(is_null_at(json, "tasks"));
  assert_int_equal(number_at(json, "tasks_count"), 0);
  json_object_put(json);
}

void add_items(struct fixture *fixture, const char *ndjson) {
  assert_int_equal(standin_add_task(fixture->standin, TASK, STANDIN_FINISHED, ndjson, strlen(ndjson)), 0);
}

void add_rows(struct fixture *fixture, enum standin_table table, const char *ndjson) {
  assert_int_equal(standin_add_rows(fixture->standin, TASK, table, ndjson, strlen(ndjson)), 0);
}

void read_as(struct fixture *fixture, struct standin_readings readings) {
  standin_set_readings(fixture->standin, &readings);
}
