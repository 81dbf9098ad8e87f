/*
** The options. An option is a row of the table below; everything else walks over that table.
*/
#include "option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "url.h"

enum { SHOWN_MAX = 40 };

const struct option_host option_aisa = {"https://api.aisa.one/apis/v1/dataforseo", "https://api.aisa.one:443"};
const struct option_host option_dataforseo = {"https://api.dataforseo.com/v3", "https://api.dataforseo.com:443"};

static int read_number(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_switch(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_text(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_url(const struct rule *, const char *, const char *, struct setting *, struct error *);

enum { HOUR_MS = 3600000, DAY_S = 86400, MANY = 2147483647 };

const struct rule option_rules[OPTION_COUNT] = {
    [OPTION_API_KEY] = {"api_key", read_text, .variable = "AISA_API_KEY", .home = &option_aisa, .secret = true},
    [OPTION_LOGIN] = {"login", read_text, .variable = "DATAFORSEO_LOGIN", .home = &option_dataforseo},
    [OPTION_PASSWORD] = {"password", read_text, .variable = "DATAFORSEO_PASSWORD", .home = &option_dataforseo, .secret = true},
    [OPTION_BASE_URL] = {"base_url", read_url, .home = NULL},
    [OPTION_PAGE_SIZE] = {"page_size", read_number, .min = 1, .max = 1000, .standard = "1000"},
    [OPTION_MAX_IN_FLIGHT] = {"max_in_flight", read_number, .min = 1, .max = 30, .standard = "5"},
    [OPTION_TIMEOUT_MS] = {"timeout_ms", read_number, .min = 1, .max = HOUR_MS, .standard = "150000"},
    [OPTION_CONNECT_TIMEOUT_MS] = {"connect_timeout_ms", read_number, .min = 1, .max = HOUR_MS, .standard = "10000"},
    [OPTION_MAX_ANSWER_MB] = {"max_answer_mb", read_number, .min = 1, .max = 1024, .standard = "64"},
    [OPTION_MAX_RETRIES] = {"max_retries", read_number, .min = 0, .max = 100, .standard = "5"},
    [OPTION_RATE_LIMIT] = {"rate_limit", read_number, .min = 0, .max = 100000, .standard = "0"},
    [OPTION_MAX_REQUESTS] = {"max_requests", read_number, .min = 0, .max = MANY, .standard = "0"},
    [OPTION_CACHE_MB] = {"cache_mb", read_number, .min = 0, .max = 65536, .standard = "64"},
    [OPTION_CACHE_TTL_S] = {"cache_ttl_s", read_number, .min = 0, .max = MANY, .standard = "3600"},
    [OPTION_PUSHDOWN] = {"pushdown", read_switch, .standard = "on"},
    [OPTION_COUNT_PUSHDOWN] = {"count_pushdown", read_switch, .standard = "on"},
    [OPTION_WAIT_S] = {"wait_s", read_number, .min = 0, .max = DAY_S, .standard = "0"},
    [OPTION_PROGRESS] = {"progress", read_switch, .standard = "off"},
    [OPTION_CA_FILE] = {"ca_file", read_text, .home = NULL},
};

void setting_release(struct setting *setting) {
  secret_wipe(setting->text);
  free(setting->text);
  free(setting->origin);
  *setting = (struct setting){0};
}

/* A value for a message: its beginning, in plain ASCII. Never for a credential or a URL. */
static const char *shown(const char *value, char buffer[SHOWN_MAX + 4]) {
  size_t size = strnlen(value, SHOWN_MAX);
  for (size_t i = 0; i < size; i++) buffer[i] = value[i] >= ' ' && value[i] <= '~' ? value[i] : '?';
  snprintf(buffer + size, 4, "%s", value[size] != '\0' ? "..." : "");
  return buffer;
}

static int read_number(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                       struct error *error) {
  char buffer[SHOWN_MAX + 4];
  char *end = NULL;
  errno = 0;
  long long number = strtoll(value, &end, 10);
  /* strtoll also takes leading spaces and signs; only digits are meant here. */
  if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number < rule->min || number > rule->max)
    return error_set(error, "%s must be a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"", label, rule->min,
                     rule->max, shown(value, buffer));
  snprintf(buffer, sizeof buffer, "%lld", number);
  setting->number = number;
  setting->text = strdup(buffer);
  return setting->text != NULL ? 0 : error_no_memory(error);
}

static int read_switch(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                       struct error *error) {
  static const char *const words[][2] = {{"off", "on"}, {"0", "1"}, {"false", "true"}};
  char buffer[SHOWN_MAX + 4];
  (void)rule;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    for (int number = 0; number < 2; number++) {
      if (strcmp(value, words[i][number]) != 0) continue;
      setting->number = number;
      setting->text = strdup(words[0][number]);
      return setting->text != NULL ? 0 : error_no_memory(error);
    }
  }
  return error_set(error, "%s must be on or off, not \"%s\"", label, shown(value, buffer));
}

/* Credentials and file names: they end up in headers and messages, where a line end would start something new. */
static int read_text(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                     struct error *error) {
  (void)rule;
  size_t size = strlen(value);
  if (size > OPTION_TEXT_MAX) return error_set(error, "%s must be a text of at most %d bytes", label, OPTION_TEXT_MAX);
  for (size_t i = 0; i < size; i++) {
    if ((unsigned char)value[i] < ' ' || value[i] == 0x7F)
      return error_set(error, "%s must be a text without control characters (is there a line end in it?)", label);
  }
  setting->text = strdup(value);
  return setting->text != NULL ? 0 : error_no_memory(error);
}

static int read_url(const struct rule *rule, const char *label, const char *value, struct setting *setting,
                    struct error *error) {
  (void)rule;
  if (url_check_base(value, &setting->text, &setting->origin, error) == 0) return 0;
  error_prefix(error, "%s", label);
  return -1;
}

int option_find(const char *name, struct error *error) {
  char buffer[SHOWN_MAX + 4];
  char names[512];
  size_t size = 0;
  for (int option = 0; name != NULL && option < OPTION_COUNT; option++) {
    if (strcmp(name, option_rules[option].name) == 0) return option;
  }
  for (int option = 0; option < OPTION_COUNT && size < sizeof names; option++)
    size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", option > 0 ? ", " : "", option_rules[option].name);
  return error_set(error, "unknown option \"%s\": the options are %s", shown(name != NULL ? name : "NULL", buffer), names);
}
