/*
** The tasks: adding them, holding their tables, and listing them. A table's items are counted by reference, so that they may be
** replaced while a request reads them.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "state.h"
#include "unpack.h"
#include "writer.h"

enum { LIST_MOST = 1000, TIME_LENGTH = 26 };

static void lock(struct standin *standin) {
  pthread_mutex_lock(&standin->mutex);
}

static void unlock(struct standin *standin) {
  pthread_mutex_unlock(&standin->mutex);
}

static void drop_items(struct standin_items *items) {
  if (items && !--items->references) standin_items_free(items);
}

static void release_listing(struct standin_listing *listing) {
  free((char *)listing->target);
  free((char *)listing->posted);
  free((char *)listing->done);
  free((char *)listing->tag);
  *listing = (struct standin_listing){0};
}

void standin_tasks_free(struct standin *standin) {
  while (standin->tasks) {
    struct standin_task *task = standin->tasks;
    standin->tasks = task->next;
    for (size_t i = 0; i < STANDIN_TABLE_COUNT; i++) drop_items(task->tables[i]);
    release_listing(&task->listing);
    free(task->id);
    free(task);
  }
}

static struct standin_task *find_task(struct standin *standin, const char *task_id) {
  for (struct standin_task *task = standin->tasks; task; task = task->next)
    if (!strcmp(task->id, task_id)) return task;
  return NULL;
}

/* Takes over text. NULL after a message. */
static struct standin_items *load(enum standin_table table, struct standin_text *text, unsigned copies) {
  struct standin_items *items = standin_items_new(&standin_schemas[table], text, copies);
  if (items) items->references = 1;
  return items;
}

static char *write_time(time_t at) {
  char text[TIME_LENGTH + 1];
  struct tm parts;
  gmtime_r(&at, &parts);
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S +00:00", &parts);
  return standin_copy(text, strlen(text));
}

static struct standin_task *new_task(const char *task_id) {
  struct standin_task *task = standin_allocate(1, sizeof *task);
  task->id = standin_copy(task_id, strlen(task_id));
  task->listing.posted = write_time(time(NULL));
  task->listing.done = write_time(time(NULL));
  for (int i = 0; i < STANDIN_TABLE_COUNT; i++) {
    struct standin_text none = {0};
    task->tables[i] = load((enum standin_table)i, &none, 1);
  }
  return task;
}

/* Takes over text. */
static int add_task(struct standin *standin, const char *task_id, enum standin_crawl crawl, struct standin_text *text,
                    unsigned copies) {
  struct standin_items *items = load(STANDIN_LINKS, text, copies);
  if (!items) return -1;
  lock(standin);
  struct standin_task *task = find_task(standin, task_id);
  if (!task) {
    task = new_task(task_id);
    task->next = standin->tasks;
    standin->tasks = task;
  }
  drop_items(task->tables[STANDIN_LINKS]);
  task->tables[STANDIN_LINKS] = items;
  task->crawl = crawl;
  unlock(standin);
  return 0;
}

int standin_add_task(struct standin *standin, const char *task_id, enum standin_crawl crawl, const char *items, size_t size) {
  struct standin_text text = {0};
  standin_text_add(&text, items, size);
  return add_task(standin, task_id, crawl, &text, 1);
}

int standin_add_file(struct standin *standin, const char *task_id, enum standin_crawl crawl, const char *path,
                     unsigned copies) {
  struct standin_text text = {0};
  if (!standin_unpack(&text, path)) return add_task(standin, task_id, crawl, &text, copies);
  standin_text_release(&text);
  return -1;
}

/* Takes over text. */
static int add_rows(struct standin *standin, const char *task_id, enum standin_table table, struct standin_text *text) {
  struct standin_items *items = load(table, text, 1);
  if (!items) return -1;
  lock(standin);
  struct standin_task *task = find_task(standin, task_id);
  drop_items(task ? task->tables[table] : items);
  if (task) task->tables[table] = items;
  unlock(standin);
  if (!task) fprintf(stderr, "stand-in API: rows for task %s, which was not added\n", task_id);
  return task ? 0 : -1;
}

int standin_add_rows(struct standin *standin, const char *task_id, enum standin_table table, const char *items, size_t size) {
  struct standin_text text = {0};
  standin_text_add(&text, items, size);
  return add_rows(standin, task_id, table, &text);
}

int standin_add_rows_file(struct standin *standin, const char *task_id, enum standin_table table, const char *path) {
  struct standin_text text = {0};
  if (!standin_unpack(&text, path)) return add_rows(standin, task_id, table, &text);
  standin_text_release(&text);
  return -1;
}

/* Appends the file of one table. */
static int read_table(struct standin_text *text, const char *prefix, const char *table) {
  char path[512];
  snprintf(path, sizeof path, "%s-%s.ndjson.xz", prefix, table);
  return standin_unpack(text, path);
}

int standin_add_site(struct standin *standin, const char *task_id, enum standin_crawl crawl, const char *prefix) {
  static const struct {
    enum standin_table table;
    const char *name;
  } others[] = {{STANDIN_PAGES, "pages"},
                {STANDIN_RESOURCES, "resources"},
                {STANDIN_NON_INDEXABLE, "non-indexable"},
                {STANDIN_REDIRECT_CHAINS, "redirect-chains"}};
  struct standin_text text = {0};
  int failed = read_table(&text, prefix, "links") || read_table(&text, prefix, "more-links") ||
               add_task(standin, task_id, crawl, &text, 1);
  for (size_t i = 0; !failed && i < sizeof others / sizeof *others; i++)
    failed = read_table(&text, prefix, others[i].name) || add_rows(standin, task_id, others[i].table, &text);
  standin_text_release(&text);
  return failed ? -1 : 0;
}

static char *copy_or_null(const char *string) {
  return string ? standin_copy(string, strlen(string)) : NULL;
}

void standin_set_listing(struct standin *standin, const char *task_id, const struct standin_listing *listing) {
  lock(standin);
  struct standin_task *task = find_task(standin, task_id);
  if (task) {
    struct standin_listing copy = *listing;
    copy.target = copy_or_null(listing->target);
    copy.posted = copy_or_null(listing->posted ? listing->posted : task->listing.posted);
    copy.done = copy_or_null(listing->done);
    copy.tag = copy_or_null(listing->tag);
    release_listing(&task->listing);
    task->listing = copy;
  }
  unlock(standin);
}

void standin_set_crawl(struct standin *standin, const char *task_id, enum standin_crawl crawl) {
  lock(standin);
  struct standin_task *task = find_task(standin, task_id);
  if (task) task->crawl = crawl;
  unlock(standin);
}

bool standin_task_hold(struct standin *standin, const char *task_id, struct standin_held *held) {
  lock(standin);
  struct standin_task *task = find_task(standin, task_id);
  for (size_t i = 0; task && i < STANDIN_TABLE_COUNT; i++) {
    held->tables[i] = task->tables[i];
    held->tables[i]->references++;
  }
  if (task) held->crawl = task->crawl;
  unlock(standin);
  return task != NULL;
}

void standin_task_release(struct standin *standin, struct standin_held *held) {
  lock(standin);
  for (size_t i = 0; i < STANDIN_TABLE_COUNT; i++) drop_items(held->tables[i]);
  unlock(standin);
}

static double posted_at(const struct standin_task *task) {
  double at = 0;
  standin_read_time(task->listing.posted, strlen(task->listing.posted), &at);
  return at;
}

static void put_target(struct standin_writer *writer, const struct standin_task *task) {
  const struct standin_items *links = task->tables[STANDIN_LINKS];
  const struct standin_column *domains = &links->columns[standin_field_find(links->schema, "domain_from")];
  standin_put_key(writer, "target");
  if (task->listing.target)
    standin_write_string(writer->text, &writer->notation, task->listing.target, strlen(task->listing.target));
  else if (domains->count)
    standin_write_string(writer->text, &writer->notation, domains->values->bytes, domains->values->length);
  else
    standin_raw(writer, "null");
}

static void put_metadata(struct standin_writer *writer, const struct standin_task *task) {
  standin_put_key(writer, "metadata");
  standin_open(writer);
  standin_put_string(writer, "api", "on_page");
  standin_put_string(writer, "function", "task_post");
  put_target(writer, task);
  standin_put_integer(writer, "max_crawl_pages", 1000);
  standin_put_string(writer, "tag", task->listing.tag);
  standin_close_object(writer);
}

static void put_listed(struct standin_writer *writer, const struct standin_task *task, const struct standin_query *query) {
  standin_open(writer);
  standin_put_string(writer, "id", task->id);
  standin_put_string(writer, "url", "https://api.dataforseo.com/v3/on_page/task_post");
  standin_put_string(writer, "datetime_posted", task->listing.posted);
  standin_put_string(writer, "datetime_done", task->crawl == STANDIN_FINISHED ? task->listing.done : NULL);
  standin_put_string(writer, "status", standin_status_message(standin_crawl_code(task->crawl)));
  standin_put_real(writer, "cost", task->listing.cost);
  if (query->flag) put_metadata(writer, task);
  standin_close_object(writer);
}

static void put_ready(struct standin_writer *writer, const struct standin_task *task) {
  standin_open(writer);
  standin_put_string(writer, "id", task->id);
  put_target(writer, task);
  standin_put_string(writer, "date_posted", task->listing.posted);
  standin_put_string(writer, "tag", task->listing.tag);
  standin_close_object(writer);
}

static bool is_listed(const struct standin_task *task, const struct standin_query *query) {
  if (!query) return task->crawl == STANDIN_FINISHED && !task->listing.collected;
  double at = posted_at(task);
  return at >= query->from && at <= query->to;
}

static int compare_posted(const void *left, const void *right) {
  double a = posted_at(*(struct standin_task *const *)left), b = posted_at(*(struct standin_task *const *)right);
  return (a > b) - (a < b);
}

/* The tasks to be listed, in order; the caller frees them. With the mutex held. */
static const struct standin_task **select_tasks(const struct standin *standin, const struct standin_query *query,
                                                size_t *count) {
  size_t all = 0;
  for (const struct standin_task *task = standin->tasks; task; task = task->next) all++;
  const struct standin_task **tasks = standin_allocate(all + 1, sizeof *tasks);
  *count = 0;
  for (const struct standin_task *task = standin->tasks; task; task = task->next)
    if (is_listed(task, query)) tasks[(*count)++] = task;
  qsort(tasks, *count, sizeof *tasks, compare_posted);
  bool ascending = query && query->word && !strcmp(query->word, "asc");
  for (size_t i = 0; !ascending && i < *count / 2; i++) {
    const struct standin_task *last = tasks[*count - 1 - i];
    tasks[*count - 1 - i] = tasks[i];
    tasks[i] = last;
  }
  return tasks;
}

void standin_response_tasks(struct standin_response *response, struct standin *standin, const struct standin_readings *readings,
                            const struct standin_query *query) {
  struct standin_writer writer = {&response->body, standin_notation_of(readings)};
  size_t count, first = query ? query->offset : 0, limit = query ? query->limit : LIST_MOST;
  lock(standin);
  const struct standin_task **tasks = select_tasks(standin, query, &count);
  if (first > count) first = count;
  size_t end = count - first < limit ? count : first + limit;
  standin_begin_result(&writer, query ? "id_list" : "tasks_ready", query, NULL, end - first);
  standin_raw(&writer, first == end && readings->items_null_when_none ? "null" : "[");
  for (size_t i = first; i < end; i++) {
    if (i > first) standin_raw(&writer, ",");
    if (query)
      put_listed(&writer, tasks[i], query);
    else
      put_ready(&writer, tasks[i]);
  }
  if (first < end || !readings->items_null_when_none) standin_raw(&writer, "]");
  standin_end_task(&writer);
  unlock(standin);
  free(tasks);
  response->items = end - first;
  response->http_status = 200;
  response->code = 20000;
}
