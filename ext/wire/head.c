/* The text that precedes the items, with the brackets closed that are open there. */
#include "wire/head.h"

#include <json-c/json.h>
#include <string.h>

#include "wire/items.h"
#include "wire/json_read.h"

enum {
  TEXT_MAX = 1 << 17, /* bytes of a head: a token has no more than half as many */
  DEPTH_MAX = 32
};

/* From the items outwards: items, result[0], result, tasks[0], tasks, the response. */
static const char closing[] = "]}]}]}";

void head_append(struct head *head, const char *bytes, size_t size) {
  head->text.max = TEXT_MAX;
  buffer_append(&head->text, bytes, size);
}

static struct json_object *parse(const struct buffer *text) {
  struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
  if (tokener == NULL) return NULL;
  struct json_parse parse = json_read_parse(tokener, text->data, text->size);
  json_tokener_free(tokener);
  return parse.object;
}

void head_end(struct head *head, const struct endpoint *endpoint, size_t *held) {
  buffer_append(&head->text, closing, strlen(closing));
  struct json_object *root = head->text.failed ? NULL : parse(&head->text);
  struct items *items = root != NULL ? items_new(endpoint, 0) : NULL;
  if (items != NULL) head->page = page_new(endpoint, root, items, head->text.size, held);
  if (head->page == NULL) {
    json_object_put(root);
    items_free(items);
  }
  buffer_release(&head->text);
}

void head_release(struct head *head) {
  buffer_release(&head->text);
  page_free(head->page);
  *head = (struct head){0};
}
