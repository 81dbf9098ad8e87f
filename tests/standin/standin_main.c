/*
** The stand-in API as a program, for the demo and the benchmark. It prints its base URL as the first line on standard output
** and ends on SIGINT, SIGTERM, at a time limit, or when its standard input does, whichever is asked for and comes first.
*/
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "endpoints.h"
#include "standin.h"

struct settings {
  const char *items;
  const char *site;
  const char *task;
  const char *log;
  unsigned long copies;
  unsigned long port;
  unsigned long max_seconds; /* 0: no limit */
  bool until_eof;
  enum standin_crawl crawl;
  struct standin_readings readings;
};

/* A word of an option whose values have names; ends with NULL. */
struct word {
  const char *name;
  int value;
};

static const struct word crawl_words[] = {{"finished", STANDIN_FINISHED},
                                          {"in_progress", STANDIN_IN_PROGRESS},
                                          {"queued", STANDIN_QUEUED},
                                          {"handed", STANDIN_HANDED},
                                          {"expired", STANDIN_EXPIRED},
                                          {"no_results", STANDIN_NO_RESULTS},
                                          {NULL, 0}};
static const struct word body_words[] = {
    {"object", STANDIN_BODY_OBJECT}, {"array", STANDIN_BODY_ARRAY}, {"both", STANDIN_BODY_BOTH}, {NULL, 0}};
static const struct word refusal_words[] = {
    {"40503", STANDIN_REFUSE_40503}, {"400", STANDIN_REFUSE_HTTP_400}, {"422", STANDIN_REFUSE_HTTP_422}, {NULL, 0}};
static const struct word token_words[] = {
    {"null", STANDIN_TOKEN_NULL}, {"absent", STANDIN_TOKEN_ABSENT}, {"present", STANDIN_TOKEN_PRESENT}, {NULL, 0}};
static const struct word progress_words[] = {{"true", STANDIN_PROGRESS_TRUE},
                                             {"null", STANDIN_PROGRESS_NULL},
                                             {"absent", STANDIN_PROGRESS_ABSENT},
                                             {"other", STANDIN_PROGRESS_OTHER},
                                             {NULL, 0}};
static const struct word total_words[] = {
    {"true", STANDIN_TOTAL_TRUE}, {"null", STANDIN_TOTAL_NULL}, {"absent", STANDIN_TOTAL_ABSENT}, {NULL, 0}};
static const struct word offset_words[] = {
    {"40501", STANDIN_OFFSET_40501}, {"50401", STANDIN_OFFSET_50401}, {"504", STANDIN_OFFSET_HTTP_504}, {NULL, 0}};

enum kind { KIND_TEXT, KIND_NUMBER, KIND_SIZE, KIND_UNSIGNED, KIND_REAL, KIND_SWITCH, KIND_WORD, KIND_CODE, KIND_ENDPOINTS };

#define AT(member) offsetof(struct settings, member)
#define READING(member) offsetof(struct settings, readings.member)

static const struct choice {
  const char *name;
  enum kind kind;
  size_t offset; /* in struct settings */
  const struct word *words;
  const char *help;
} choices[] = {
    {"items", KIND_TEXT, AT(items), NULL, "FILE  link items, one JSON object a line; .xz is unpacked"},
    {"site", KIND_TEXT, AT(site), NULL, "PREFIX  instead: PREFIX-links.ndjson.xz and the other tables of tests/data/make-site"},
    {"copies", KIND_NUMBER, AT(copies), NULL, "N  repeat the file's items so often"},
    {"task", KIND_TEXT, AT(task), NULL, "ID,…  the crawl's task id; several: as if crawled every week, the first just now"},
    {"crawl", KIND_WORD, AT(crawl), crawl_words, "STATE  finished, in_progress, queued, handed, expired or no_results"},
    {"port", KIND_NUMBER, AT(port), NULL, "N  default: a free one"},
    {"log", KIND_TEXT, AT(log), NULL, "FILE  a line of JSON for each request"},
    {"until-eof", KIND_SWITCH, AT(until_eof), NULL, "end when standard input does"},
    {"max-seconds", KIND_NUMBER, AT(max_seconds), NULL, "N  end after so long"},
    {"latency", KIND_UNSIGNED, READING(latency_ms), NULL, "MS  before each response"},
    {"latency-sigma", KIND_REAL, READING(latency_sigma), NULL, "X  latencies are lognormal, MS their median"},
    {"latency-seed", KIND_UNSIGNED, READING(latency_seed), NULL, "N  of that chance"},
    {"offset-latency", KIND_UNSIGNED, READING(offset_ms), NULL, "MS  more for each 1,000 rows of offset"},
    {"bandwidth", KIND_SIZE, READING(bandwidth), NULL, "N  bytes a second, of all connections together"},
    {"connection-bandwidth", KIND_SIZE, READING(connection_bandwidth), NULL, "N  bytes a second of each connection"},
    {"body", KIND_WORD, READING(body), body_words, "FORM  object, array or both"},
    {"refusal", KIND_WORD, READING(refusal), refusal_words, "HOW  a body in the wrong form: 40503, 400 or 422"},
    {"last-token", KIND_WORD, READING(last_token), token_words, "HOW  on the last page: null, absent or present"},
    {"in-max", KIND_SIZE, READING(in_max), NULL, "N  longest list of in"},
    {"body-most", KIND_SIZE, READING(body_most), NULL, "N  bytes of a body; a larger one is refused with HTTP 413"},
    {"total-cap", KIND_SIZE, READING(total_cap), NULL, "N  total_items_count says no more"},
    {"page-cap", KIND_SIZE, READING(page_cap), NULL, "N  most items in a page"},
    {"pages-vary", KIND_SWITCH, READING(pages_vary), NULL, "pages are shorter than asked, here and there"},
    {"empty-every", KIND_SIZE, READING(empty_every), NULL, "N  about so often a page has no items, and a token"},
    {"token-same", KIND_SWITCH, READING(token_same), NULL, "a chain has one token"},
    {"token-life", KIND_SIZE, READING(token_life), NULL, "N  a token is refused after N requests"},
    {"offset-most", KIND_SIZE, READING(offset_most), NULL, "N  largest offset that is accepted"},
    {"offset-refusal", KIND_WORD, READING(offset_refusal), offset_words, "HOW  a larger one: 40501, 50401 or (HTTP) 504"},
    {"progress", KIND_WORD, READING(progress), progress_words, "WHAT  crawl_progress is true, null, absent or other"},
    {"total", KIND_WORD, READING(total), total_words, "WHAT  total_items_count is true, null or absent"},
    {"plan-limit", KIND_UNSIGNED, READING(plan_limit), NULL, "N  requests a minute that the responses' headers name"},
    {"plan-header-short", KIND_SWITCH, READING(plan_header_short), NULL, "… in X-RateLimit-Limit"},
    {"ignore-case", KIND_SWITCH, READING(ignore_case), NULL, "strings compare without case"},
    {"not-keeps-null", KIND_SWITCH, READING(not_keeps_null), NULL, "<> and not_ operators keep nulls"},
    {"like-underscore", KIND_SWITCH, READING(like_underscore), NULL, "_ in like is any character"},
    {"regex-whole", KIND_SWITCH, READING(regex_whole), NULL, "regex matches the whole string"},
    {"string-in-rejected", KIND_SWITCH, READING(string_in_rejected), NULL, "in on strings is refused"},
    {"is-broken-rejected", KIND_SWITCH, READING(is_broken_rejected), NULL, "is_broken is not a filter"},
    {"more-fields", KIND_SWITCH, READING(more_fields), NULL, "every field is a filter"},
    {"available-fails", KIND_SWITCH, READING(available_fails), NULL, "available_filters answers 50000"},
    {"no-current-offset", KIND_SWITCH, READING(no_current_offset), NULL, "current_offset is null"},
    {"floats", KIND_SWITCH, READING(floats), NULL, "numbers are floats"},
    {"escaped", KIND_SWITCH, READING(escaped), NULL, "strings are escaped"},
    {"unknown-keys", KIND_SWITCH, READING(unknown_keys), NULL, "undocumented keys everywhere"},
    {"items-null-when-none", KIND_SWITCH, READING(items_null_when_none), NULL, "null instead of an empty list"},
    {"no-rows-code", KIND_CODE, READING(no_rows_code), NULL, "N  the task's code where no row matches"},
    {"unknown-page-code", KIND_CODE, READING(unknown_page_code), NULL, "N  … where a page outside the crawl is asked about"},
    {"not-offered", KIND_ENDPOINTS, READING(not_offered), NULL, "NAME,…  endpoints that the gateway responds to with 404"},
    {"not-offered-as-html", KIND_SWITCH, READING(not_offered_as_html), NULL, "… and an HTML page"},
    {"no-gzip", KIND_SWITCH, READING(no_gzip), NULL, "never compress"},
};
enum { CHOICE_COUNT = sizeof choices / sizeof *choices };

static void print_usage(FILE *stream) {
  fputs("usage: standin --items FILE|--site PREFIX --task ID [options]\n", stream);
  for (size_t i = 0; i < CHOICE_COUNT; i++) fprintf(stream, "  --%s  %s\n", choices[i].name, choices[i].help);
}

static int read_number(const char *text, unsigned long *number) {
  char *end;
  errno = 0;
  *number = strtoul(text, &end, 10);
  return errno || end == text || *end || *text == '-' ? -1 : 0;
}

static int read_real(const char *text, double *number) {
  char *end;
  *number = strtod(text, &end);
  return end == text || *end || !(*number >= 0) ? -1 : 0;
}

static int read_word(const struct word *words, const char *text, int *value) {
  for (; words->name; words++) {
    if (strcmp(words->name, text) != 0) continue;
    *value = words->value;
    return 0;
  }
  return -1;
}

/* Names of endpoints between commas as bits. */
static int read_endpoints(const char *text, unsigned *endpoints) {
  *endpoints = 0;
  for (size_t length; *text; text += length + (text[length] == ',')) {
    enum standin_endpoint endpoint = STANDIN_ENDPOINT_COUNT;
    length = strcspn(text, ",");
    for (int i = 0; i < STANDIN_ENDPOINT_COUNT; i++) {
      const char *name = standin_descriptors[i].name;
      if (strlen(name) == length && !memcmp(name, text, length)) endpoint = (enum standin_endpoint)i;
    }
    if (endpoint == STANDIN_ENDPOINT_COUNT) return -1;
    *endpoints |= 1U << endpoint;
  }
  return 0;
}

static int set_choice(struct settings *settings, const struct choice *choice, const char *text) {
  char *place = (char *)settings + choice->offset;
  unsigned long number = 0;
  double real = 0;
  int value = 0;
  unsigned endpoints = 0;
  bool is_number =
      choice->kind == KIND_CODE || choice->kind == KIND_NUMBER || choice->kind == KIND_SIZE || choice->kind == KIND_UNSIGNED;
  if (is_number && read_number(text, &number)) return -1;
  if (choice->kind == KIND_REAL && read_real(text, &real)) return -1;
  if (choice->kind == KIND_WORD && read_word(choice->words, text, &value)) return -1;
  if (choice->kind == KIND_ENDPOINTS && read_endpoints(text, &endpoints)) return -1;
  switch (choice->kind) {
    case KIND_TEXT: memcpy(place, &text, sizeof text); break;
    case KIND_NUMBER: memcpy(place, &number, sizeof number); break;
    case KIND_SIZE: memcpy(place, &(size_t){number}, sizeof(size_t)); break;
    case KIND_UNSIGNED: memcpy(place, &(unsigned){(unsigned)number}, sizeof(unsigned)); break;
    case KIND_REAL: memcpy(place, &real, sizeof real); break;
    case KIND_CODE: memcpy(place, &(int){(int)number}, sizeof(int)); break;
    case KIND_ENDPOINTS: memcpy(place, &endpoints, sizeof endpoints); break;
    case KIND_SWITCH: memcpy(place, &(bool){true}, sizeof(bool)); break;
    case KIND_WORD: memcpy(place, &value, sizeof value); break; /* the enums have the size of int */
  }
  return 0;
}

_Static_assert(sizeof(enum standin_crawl) == sizeof(int), "set_choice writes enums as int");

static int read_arguments(struct settings *settings, int count, char **arguments) {
  struct option options[CHOICE_COUNT + 1] = {{0}};
  for (size_t i = 0; i < CHOICE_COUNT; i++) {
    options[i].name = choices[i].name;
    options[i].has_arg = choices[i].kind == KIND_SWITCH ? no_argument : required_argument;
  }
  int index = 0, found;
  while ((found = getopt_long(count, arguments, "", options, &index)) == 0) {
    if (!set_choice(settings, &choices[index], optarg)) continue;
    fprintf(stderr, "standin: --%s doesn't take \"%s\"\n", choices[index].name, optarg);
    return -1;
  }
  if (found == -1 && optind == count && !settings->items == (settings->site != NULL) && settings->task &&
      settings->port <= 65535)
    return 0;
  print_usage(stderr);
  return -1;
}

static int wake_up[2]; /* a pipe: the signal handler writes, main waits */

static void on_signal(int number) {
  (void)number;
  int saved = errno;
  ssize_t written = write(wake_up[1], "", 1);
  (void)written;
  errno = saved;
}

static int catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  if (pipe(wake_up)) return -1;
  for (int i = 0; i < 2; i++) fcntl(wake_up[i], F_SETFD, FD_CLOEXEC);
  return sigaction(SIGINT, &action, NULL) || sigaction(SIGTERM, &action, NULL) ? -1 : 0;
}

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False at the end of standard input. What is written there is of no interest. */
static bool skip_input(void) {
  char ignored[512];
  ssize_t got = read(STDIN_FILENO, ignored, sizeof ignored);
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

static void wait_for_end(const struct settings *settings) {
  struct pollfd watched[] = {{.fd = wake_up[0], .events = POLLIN},
                             {.fd = settings->until_eof ? STDIN_FILENO : -1, .events = POLLIN}};
  long end = milliseconds() + (long)settings->max_seconds * 1000;
  for (;;) {
    long left = settings->max_seconds ? end - milliseconds() : -1;
    if (settings->max_seconds && left <= 0) return;
    int ready = poll(watched, 2, left > 1000000 ? 1000000 : (int)left);
    if (ready < 0 && errno != EINTR) return;
    if (ready <= 0) continue;
    if (watched[0].revents || (watched[1].revents && !skip_input())) return;
  }
}

/* The crawl was posted and done so many weeks ago. */
static void set_age(struct standin *standin, const char *task, unsigned weeks) {
  const time_t week_s = 7L * 24 * 3600, crawl_s = 1200;
  time_t done = time(NULL) - (time_t)weeks * week_s, posted = done - crawl_s;
  char posted_text[40], done_text[40];
  struct tm parts;
  strftime(posted_text, sizeof posted_text, "%Y-%m-%d %H:%M:%S +00:00", gmtime_r(&posted, &parts));
  strftime(done_text, sizeof done_text, "%Y-%m-%d %H:%M:%S +00:00", gmtime_r(&done, &parts));
  standin_set_listing(standin, task, &(struct standin_listing){.posted = posted_text, .done = done_text, .cost = 0.125});
}

/* tasks: is taken apart. */
static int add_crawls(struct standin *standin, const struct settings *settings, char *tasks) {
  unsigned weeks = 0, copies = (unsigned)settings->copies;
  int failed = 0;
  for (char *task; !failed && (task = strsep(&tasks, ",")); weeks++) {
    failed = settings->site ? standin_add_site(standin, task, settings->crawl, settings->site)
                            : standin_add_file(standin, task, settings->crawl, settings->items, copies);
    if (!failed) set_age(standin, task, weeks);
  }
  return failed;
}

int main(int count, char **arguments) {
  struct settings settings = {.copies = 1};
  if (read_arguments(&settings, count, arguments)) return 2;
  if (catch_signals()) {
    perror("standin");
    return 1;
  }
  struct standin *standin = standin_start((unsigned)settings.port);
  if (!standin) return 1;
  standin_set_readings(standin, &settings.readings);
  char *tasks = strdup(settings.task);
  int failed = !tasks || standin_log_to_file(standin, settings.log) || add_crawls(standin, &settings, tasks);
  free(tasks);
  if (!failed) {
    printf("%s\n", standin_url(standin));
    fflush(stdout);
    wait_for_end(&settings);
  }
  standin_stop(standin);
  return failed ? 1 : 0;
}
