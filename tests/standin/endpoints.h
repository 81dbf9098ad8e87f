/*
** The endpoints of the API as data: where each is, which keys its requests have, and what its responses are like.
*/
#ifndef STANDIN_ENDPOINTS_H
#define STANDIN_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "standin.h"

/* What a key's value must be. */
enum standin_key_kind {
  STANDIN_KEY_ID,
  STANDIN_KEY_PATH, /* of a page on the crawled host: starts with a slash */
  STANDIN_KEY_URL,  /* of a page, with its scheme */
  STANDIN_KEY_LIMIT,
  STANDIN_KEY_OFFSET,
  STANDIN_KEY_FILTERS,
  STANDIN_KEY_PAGE_FILTERS, /* on pages */
  STANDIN_KEY_ORDER,
  STANDIN_KEY_WORD, /* one of the key's words */
  STANDIN_KEY_TEXT,
  STANDIN_KEY_BOOLEAN,
  STANDIN_KEY_FROM, /* a time: the range's start */
  STANDIN_KEY_TO,   /* … and its end */
  STANDIN_KEY_TAG,
  STANDIN_KEY_TOKEN
};

struct standin_key {
  const char *name;
  enum standin_key_kind kind;
  bool required;
  const char *const *words; /* of STANDIN_KEY_WORD, ends with NULL */
};

/* What stands in the response's result. */
enum standin_shape {
  STANDIN_SHAPE_PAGE,    /* one object with items */
  STANDIN_SHAPE_GROUPS,  /* … whose items are groups of pages */
  STANDIN_SHAPE_TASKS,   /* an object for each task */
  STANDIN_SHAPE_READY,   /* … of the finished tasks whose results nobody has collected */
  STANDIN_SHAPE_SUMMARY, /* one object about the crawl */
  STANDIN_SHAPE_FILTERS  /* one object with the filters of every endpoint */
};

struct standin_descriptor {
  const char *method;
  const char *name; /* below on_page/, and in the response's echo */
  bool has_task;    /* the path ends with a slash and a task's id */
  enum standin_shape shape;
  enum standin_table table;       /* whose items it gives */
  const struct standin_key *keys; /* in the order in which they are checked; a token is the last */
  size_t key_count;
  size_t limit;      /* unless the request has one */
  size_t conditions; /* most in a filter; 0: it takes none */
  bool has_token;    /* search_after_token and current_offset are in the result */
};

extern const struct standin_descriptor standin_descriptors[STANDIN_ENDPOINT_COUNT];

/* STANDIN_ENDPOINT_COUNT when the path, which starts with "/on_page/", belongs to none. *task_id: what follows the name, or NULL. */
enum standin_endpoint standin_endpoint_find(const char *method, const char *path, const char **task_id);

#endif
