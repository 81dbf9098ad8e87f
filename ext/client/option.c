/* The options: each is a row of the table below, and everything else iterates over it. */
#include "client/option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/endpoint.h"
#include "client/file.h"
#include "client/secret.h"
#include "client/url.h"

enum { SHOWN_MAX = 40 };

const struct option_host option_aisa = {"https://api.aisa.one/apis/v1/dataforseo", "https://api.aisa.one:443"};
const struct option_host option_dataforseo = {"https://api.dataforseo.com/v3", "https://api.dataforseo.com:443"};

static int read_number(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_switch(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_text(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_url(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_credential(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_file_name(const struct rule *, const char *, const char *, struct setting *, struct error *);

enum { HOUR_MS = 3600000, DAY_S = 86400, MANY = 2147483647 };

const struct rule option_rules[OPTION_COUNT] = {
    [OPTION_API_KEY] = {"api_key", read_credential, .variable = "AISA_API_KEY", .home = &option_aisa, .secret = true},
    [OPTION_LOGIN] = {"login", read_credential, .variable = "DATAFORSEO_LOGIN", .home = &option_dataforseo},
    [OPTION_PASSWORD] = {"password", read_credential, .variable = "DATAFORSEO_PASSWORD", .home = &option_dataforseo,
                         .secret = true},
    [OPTION_BASE_URL] = {"base_url", read_url, .home = NULL},
    [OPTION_PAGE_SIZE] = {"page_size", read_number, .min = 1, .max = ENDPOINT_LIMIT_MAX, .default_text = "1000"},
    [OPTION_MAX_IN_FLIGHT] = {"max_in_flight", read_number, .min = 1, .max = IN_FLIGHT_MAX, .automatic = true,
                              .default_text = OPTION_AUTOMATIC},
    [OPTION_TIMEOUT_MS] = {"timeout_ms", read_number, .min = 1, .max = HOUR_MS, .default_text = "150000"},
    [OPTION_CONNECT_TIMEOUT_MS] = {"connect_timeout_ms", read_number, .min = 1, .max = HOUR_MS, .default_text = "10000"},
    [OPTION_MAX_RESPONSE_MB] = {"max_response_mb", read_number, .min = 1, .max = 1024, .default_text = "64"},
    [OPTION_MAX_RETRIES] = {"max_retries", read_number, .min = 0, .max = 100, .default_text = "5"},
    [OPTION_RATE_LIMIT] = {"rate_limit", read_number, .min = 0, .max = 100000, .default_text = "0"},
    [OPTION_MAX_REQUESTS] = {"max_requests", read_number, .min = 0, .max = MANY, .default_text = "0"},
    [OPTION_CACHE_MB] = {"cache_mb", read_number, .min = 0, .max = 65536, .default_text = "64"},
    [OPTION_CACHE_TTL_S] = {"cache_ttl_s", read_number, .min = 0, .max = MANY, .default_text = "3600"},
    [OPTION_PUSHDOWN] = {"pushdown", read_switch, .default_text = "on"},
    [OPTION_COUNT_PUSHDOWN] = {"count_pushdown", read_switch, .default_text = "on"},
    [OPTION_QUERY_TIMEOUT_S] = {"query_timeout_s", read_number, .min = 0, .max = MANY, .default_text = "0"},
    [OPTION_WAIT_S] = {"wait_s", read_number, .min = 0, .max = DAY_S, .default_text = "0"},
    [OPTION_PROGRESS] = {"progress", read_switch, .default_text = "off"},
    [OPTION_TRACE] = {"trace", read_switch, .default_text = "off"},
    [OPTION_CA_FILE] = {"ca_file", read_file_name, .home = NULL},
    [OPTION_KEY_FILE] = {"key_file", read_text, .home = NULL},
    [OPTION_LOCKED] = {"locked", read_switch, .default_text = "off", .environment_only = true},
};

void setting_release(struct setting *setting) {
  secret_wipe(setting->text);
  free(setting->text);
  free(setting->origin);
  *setting = (struct setting){0};
}

/* The beginning of a value in plain ASCII, for a message. Never for a credential or a URL. */
static const char *shown(const char *value, char buffer[SHOWN_MAX + 4]) {
  size_t size = strnlen(value, SHOWN_MAX);
  for (size_t i = 0; i < size; i++) buffer[i] = value[i] >= ' ' && value[i] <= '~' ? value[i] : '?';
  snprintf(buffer + size, 4, "%s", value[size] != '\0' ? "..." : "");
  return buffer;
}

static int keep_word(const char *word, int64_t number, struct setting *setting, struct error *error) {
  setting->number = number;
  setting->text = strdup(word);
  return setting->text != NULL ? 0 : error_no_memory(error);
}

static int read_number(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                       struct error *error) {
  if (rule->automatic && strcmp(value, OPTION_AUTOMATIC) == 0) return keep_word(value, 0, setting, error);
  char buffer[SHOWN_MAX + 4];
  char *end = NULL;
  errno = 0;
  long long number = strtoll(value, &end, 10);
  /* strtoll also accepts leading spaces and signs. */
  if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number < rule->min || number > rule->max)
    return error_set(error, "%s must be a whole number from %" PRId64 " to %" PRId64 "%s, not \"%s\"", label, rule->min,
                     rule->max, rule->automatic ? " or " OPTION_AUTOMATIC : "", shown(value, buffer));
  snprintf(buffer, sizeof buffer, "%lld", number);
  return keep_word(buffer, number, setting, error);
}

static int read_switch(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                       struct error *error) {
  static const char *const words[][2] = {{"off", "on"}, {"0", "1"}, {"false", "true"}};
  char buffer[SHOWN_MAX + 4];
  (void)rule;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    for (int number = 0; number < 2; number++) {
      if (strcmp(value, words[i][number]) == 0) return keep_word(words[0][number], number, setting, error);
    }
  }
  return error_set(error, "%s must be on or off, not \"%s\"", label, shown(value, buffer));
}

/* Credentials and file names: they get into headers and messages, where a line end would start another line. */
static int keep_text(const char *label, const char *value, size_t size, struct setting *setting, struct error *error) {
  if (size > OPTION_TEXT_MAX) return error_set(error, "%s must be a text of at most %d bytes", label, OPTION_TEXT_MAX);
  for (size_t i = 0; i < size; i++) {
    if ((unsigned char)value[i] < ' ' || value[i] == 0x7F)
      return error_set(error, "%s must be a text without control characters (is there a line end in it?)", label);
  }
  setting->text = strndup(value, size);
  return setting->text != NULL ? 0 : error_no_memory(error);
}

static int read_text(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                     struct error *error) {
  (void)rule;
  return keep_text(label, value, strlen(value), setting, error);
}

/* The size in bytes of the blank that the text begins with, or ends in; 0: none. Invisible ones come along when text is copied
** from a web page, or are at the beginning of a file. */
static size_t blank_at(const char *text, size_t size, bool at_end) {
  static const char *const blanks[] = {" ", "\u00A0" /* no-break space */, "\u200B" /* zero width */,
                                       "\uFEFF" /* byte order mark */};
  for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
    size_t length = strlen(blanks[i]);
    if (length <= size && memcmp(at_end ? text + size - length : text, blanks[i], length) == 0) return length;
  }
  return 0;
}

/* Skips what people paste around a key: blanks, quotes, the word Bearer. Moves *text to the key; returns its size. */
static size_t trim_credential(const char **text) {
  static const char scheme[] = "Bearer";
  const size_t scheme_size = strlen(scheme);
  const char *start = *text;
  size_t size = strlen(start);
  for (size_t before = size + 1; size < before;) {
    before = size;
    size_t blank;
    for (; (blank = blank_at(start, size, false)) > 0; size -= blank) start += blank;
    while ((blank = blank_at(start, size, true)) > 0) size -= blank;
    bool is_quoted = size > 1 && (*start == '\'' || *start == '"') && start[size - 1] == *start;
    bool has_scheme = size >= scheme_size && strncasecmp(start, scheme, scheme_size) == 0 &&
                      (size == scheme_size || start[scheme_size] == ' ');
    size_t skipped = is_quoted ? 1 : has_scheme ? scheme_size : 0;
    start += skipped;
    size -= is_quoted ? 2 : skipped;
  }
  *text = start;
  return size;
}

static int read_credential(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                           struct error *error) {
  (void)rule;
  size_t size = trim_credential(&value);
  if (size == 0) return error_set(error, "%s has only blanks and quotes in it", label);
  return keep_text(label, value, size, setting, error);
}

/* A missing file isn't an error: it may be there when it is needed. */
static int read_file_name(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                          struct error *error) {
  if (read_text(rule, label, value, setting, error) != 0) return -1;
  if (file_check(value, error) == 0) return 0;
  error_prefix(error, "%s", label);
  setting_release(setting);
  return -1;
}

static int read_url(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                    struct error *error) {
  (void)rule;
  if (url_check_base(value, &setting->text, &setting->origin, error) == 0) return 0;
  error_prefix(error, "%s", label);
  return -1;
}

/* The number of letters to insert, delete or replace to turn one text into the other. */
static size_t distance(const char *left, const char *right) {
  enum { LONGEST = 64 };
  size_t row[LONGEST + 1];
  size_t size = strlen(right);
  if (size > LONGEST || strlen(left) > LONGEST) return LONGEST;
  for (size_t i = 0; i <= size; i++) row[i] = i;
  for (; *left != '\0'; left++) {
    size_t diagonal = row[0]++;
    for (size_t i = 1; i <= size; i++) {
      size_t replaced = diagonal + (*left != right[i - 1]);
      size_t other = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;
      diagonal = row[i];
      row[i] = replaced < other ? replaced : other;
    }
  }
  return row[size];
}

/* Whether the name may be meant: one is a part of the other, or at most half of the letters are wrong. */
static bool is_like(const char *text, const char *name, size_t letters) {
  if (text[0] == '\0') return false;
  return strstr(text, name) != NULL || strstr(name, text) != NULL || 2 * letters <= strlen(name);
}

/* The option whose name is most similar to the text; -1: none is similar enough. */
static int nearest(const char *text) {
  int found = -1;
  size_t least = SIZE_MAX;
  for (int option = 0; option < OPTION_COUNT; option++) {
    const char *name = option_rules[option].name;
    size_t letters = distance(text, name);
    if (letters >= least || !is_like(text, name, letters)) continue;
    least = letters;
    found = option;
  }
  return found;
}

/* Writes the end of a message: the option that may be meant, and all there are. */
static void write_names(int meant, const char *meant_name, char *names, size_t size) {
  size_t written = 0;
  if (meant >= 0) written = (size_t)snprintf(names, size, "did you mean %s? ", meant_name);
  written += (size_t)snprintf(names + written, size - written, "the options are ");
  for (int option = 0; option < OPTION_COUNT && written < size; option++)
    written += (size_t)snprintf(names + written, size - written, "%s%s", option > 0 ? ", " : "", option_rules[option].name);
}

enum { NAMES_SIZE = 640 };

int option_find(const char *name, struct error *error) {
  char buffer[SHOWN_MAX + 4];
  char names[NAMES_SIZE];
  for (int option = 0; name != NULL && option < OPTION_COUNT; option++) {
    if (strcmp(name, option_rules[option].name) == 0) return option;
  }
  int meant = name != NULL ? nearest(name) : -1;
  write_names(meant, meant >= 0 ? option_rules[meant].name : "", names, sizeof names);
  return error_set(error, "unknown option \"%s\": %s", shown(name != NULL ? name : "NULL", buffer), names);
}

static void change_case(char *text, char from, char to) {
  for (; *text != '\0'; text++)
    if (*text >= from && *text <= from + 25) *text = (char)(*text - from + to);
}

void option_variable(int option, char variable[OPTION_VARIABLE_SIZE]) {
  snprintf(variable, OPTION_VARIABLE_SIZE, OPTION_VARIABLE_PREFIX "%s", option_rules[option].name);
  change_case(variable, 'a', 'A');
}

int option_refuse_variable(const char *variable, struct error *error) {
  char name[OPTION_VARIABLE_SIZE];
  char meant_name[OPTION_VARIABLE_SIZE] = "";
  char names[NAMES_SIZE];
  snprintf(name, sizeof name, "%s", variable + strlen(OPTION_VARIABLE_PREFIX));
  change_case(name, 'A', 'a');
  int meant = nearest(name);
  if (meant >= 0) option_variable(meant, meant_name);
  write_names(meant, meant_name, names, sizeof names);
  char buffer[SHOWN_MAX + 4];
  return error_set(error, "the environment sets %s, which is not an option: %s", shown(variable, buffer), names);
}
