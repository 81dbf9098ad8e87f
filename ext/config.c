/*
** The options of one connection. An option is a row of the table below: its name, how its text is read, its bounds, its
** default and where else it may come from. Everything else walks over that table.
**
** Only base_url needs more than its row, since it decides who gets the credentials; see config.h for the rule and
** drop_credentials() for the place that keeps it.
*/
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "url.h"

enum { TEXT_MAX = 4096, SHOWN_MAX = 40 };

/* A host of the API, with its origin as url_check_base writes it. */
struct host {
  const char *base;
  const char *origin;
};

static const struct host aisa = {"https://api.aisa.one/apis/v1/dataforseo", "https://api.aisa.one:443"};
static const struct host dataforseo = {"https://api.dataforseo.com/v3", "https://api.dataforseo.com:443"};

/* What an option is set to. All zero: nothing. */
struct setting {
  char *text;   /* owned; the canonical spelling, for config_get */
  long number;  /* numbers and switches */
  char *origin; /* owned; of a base URL */
};

struct rule {
  const char *name;
  /* Fills *setting, which was all zero, from a value that is not empty. The label names the option in messages. */
  int (*read)(const struct rule *rule, const char *label, const char *value, struct setting *setting, struct error *error);
  long min, max;           /* numbers */
  const char *standard;    /* the default, as text; NULL: nothing is set */
  const char *variable;    /* the customary variable, looked at after ONPAGE_...; or NULL */
  const struct host *home; /* credentials: whose they are while no base URL is set */
  bool secret;             /* can't be read back */
};

static int read_number(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_switch(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_text(const struct rule *, const char *, const char *, struct setting *, struct error *);
static int read_url(const struct rule *, const char *, const char *, struct setting *, struct error *);

enum { HOUR_MS = 3600000, DAY_S = 86400, MANY = 2147483647 };

static const struct rule rules[OPTION_COUNT] = {
    [OPTION_API_KEY] = {"api_key", read_text, .variable = "AISA_API_KEY", .home = &aisa, .secret = true},
    [OPTION_LOGIN] = {"login", read_text, .variable = "DATAFORSEO_LOGIN", .home = &dataforseo},
    [OPTION_PASSWORD] = {"password", read_text, .variable = "DATAFORSEO_PASSWORD", .home = &dataforseo, .secret = true},
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

struct config {
  struct setting settings[OPTION_COUNT];
  bool dropped; /* credentials were dropped and none set since: for the message */
  unsigned generation;
};

static void setting_release(struct setting *setting) {
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
  long number = strtol(value, &end, 10);
  /* strtol also takes leading spaces and signs; only digits are meant here. */
  if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number < rule->min || number > rule->max)
    return error_set(error, "%s must be a whole number from %ld to %ld, not \"%s\"", label, rule->min, rule->max,
                     shown(value, buffer));
  snprintf(buffer, sizeof buffer, "%ld", number);
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
  if (size > TEXT_MAX) return error_set(error, "%s must be a text of at most %d bytes", label, TEXT_MAX);
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

/* Whose a credential is under a base URL. */
static const char *owner(const struct rule *rule, const struct setting *base_url) {
  return base_url->origin != NULL ? base_url->origin : rule->home->origin;
}

/* Drops the credentials that would belong to another origin under the new base URL than under the old. */
static void drop_credentials(struct config *config, const struct setting *old, const struct setting *new) {
  for (int option = 0; option < OPTION_COUNT; option++) {
    const struct rule *rule = &rules[option];
    struct setting *setting = &config->settings[option];
    if (rule->home == NULL || setting->text == NULL || strcmp(owner(rule, old), owner(rule, new)) == 0) continue;
    setting_release(setting);
    config->dropped = true;
  }
}

/* Sets an option; the label names it in messages. */
static int set(struct config *config, int option, const char *label, const char *value, struct error *error) {
  const struct rule *rule = &rules[option];
  struct setting *setting = &config->settings[option];
  struct setting new = {0};
  if (value == NULL || *value == '\0') value = rule->standard;
  if (value != NULL && rule->read(rule, label, value, &new, error) != 0) return -1;
  if (option == OPTION_BASE_URL) drop_credentials(config, setting, &new);
  if (rule->home != NULL) config->dropped = false;
  if (option == OPTION_BASE_URL || rule->home != NULL) config->generation++;
  setting_release(setting);
  *setting = new;
  return 0;
}

struct config *config_new(void) {
  struct error error;
  struct config *config = calloc(1, sizeof *config);
  if (config == NULL) return NULL;
  for (int option = 0; option < OPTION_COUNT; option++) {
    if (set(config, option, rules[option].name, NULL, &error) != 0) {
      config_free(config);
      return NULL;
    }
  }
  return config;
}

void config_free(struct config *config) {
  if (config == NULL) return;
  for (int option = 0; option < OPTION_COUNT; option++) setting_release(&config->settings[option]);
  free(config);
}

/* Sets one option from its own variable, else from its customary one. */
static int read_variable(struct config *config, int option, const char *(*get_variable)(const char *name),
                         struct error *error) {
  char name[64];
  snprintf(name, sizeof name, "ONPAGE_%s", rules[option].name);
  for (char *at = name; *at != '\0'; at++) {
    if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
  }
  const char *const variables[] = {name, rules[option].variable};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    const char *value = variables[i] != NULL ? get_variable(variables[i]) : NULL;
    if (value != NULL && *value != '\0') return set(config, option, variables[i], value, error);
  }
  return 0;
}

int config_read_environment(struct config *config, const char *(*get_variable)(const char *name), struct error *error) {
  /* The base URL first: the credentials are its own. */
  if (read_variable(config, OPTION_BASE_URL, get_variable, error) != 0) return -1;
  for (int option = 0; option < OPTION_COUNT; option++) {
    if (option != OPTION_BASE_URL && read_variable(config, option, get_variable, error) != 0) return -1;
  }
  return 0;
}

/* The option of that name, or -1 with an error that lists them all. */
static int find(const char *name, struct error *error) {
  char buffer[SHOWN_MAX + 4];
  char names[512];
  size_t size = 0;
  for (int option = 0; name != NULL && option < OPTION_COUNT; option++) {
    if (strcmp(name, rules[option].name) == 0) return option;
  }
  for (int option = 0; option < OPTION_COUNT && size < sizeof names; option++)
    size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", option > 0 ? ", " : "", rules[option].name);
  return error_set(error, "unknown option \"%s\": the options are %s", shown(name != NULL ? name : "NULL", buffer), names);
}

int config_set(struct config *config, const char *name, const char *value, struct error *error) {
  int option = find(name, error);
  return option < 0 ? -1 : set(config, option, name, value, error);
}

int config_get(const struct config *config, const char *name, const char **text, struct error *error) {
  int option = find(name, error);
  if (option < 0) return -1;
  if (rules[option].secret) return error_set(error, "%s can be set, but not read", name);
  *text = option == OPTION_BASE_URL ? config_base_url(config) : config->settings[option].text;
  return 0;
}

bool config_is_secret(const char *name) {
  struct error ignored;
  int option = find(name, &ignored);
  return option >= 0 && rules[option].secret;
}

long config_number(const struct config *config, enum option option) {
  return config->settings[option].number;
}

const char *config_text(const struct config *config, enum option option) {
  return config->settings[option].text;
}

/* The host that the credentials imply while no base URL is set. */
static const struct host *implied_host(const struct config *config) {
  const struct setting *settings = config->settings;
  bool only_basic =
      settings[OPTION_API_KEY].text == NULL && settings[OPTION_LOGIN].text != NULL && settings[OPTION_PASSWORD].text != NULL;
  return only_basic ? &dataforseo : &aisa;
}

const char *config_base_url(const struct config *config) {
  const char *base = config->settings[OPTION_BASE_URL].text;
  return base != NULL ? base : implied_host(config)->base;
}

static const char *origin_in_force(const struct config *config) {
  const char *origin = config->settings[OPTION_BASE_URL].origin;
  return origin != NULL ? origin : implied_host(config)->origin;
}

bool config_is_dataforseo(const struct config *config) {
  static const char domain[] = ".dataforseo.com";
  const char *host = strstr(origin_in_force(config), "://") + strlen("://");
  size_t size = (size_t)(strrchr(host, ':') - host); /* an origin always ends with a port */
  size_t domain_size = strlen(domain);
  return size > domain_size && memcmp(host + size - domain_size, domain, domain_size) == 0;
}

int config_credentials(const struct config *config, struct credentials *credentials, struct error *error) {
  const char *key = config->settings[OPTION_API_KEY].text;
  const char *login = config->settings[OPTION_LOGIN].text;
  const char *password = config->settings[OPTION_PASSWORD].text;
  bool basic_only = config_is_dataforseo(config);
  if (key != NULL && !basic_only) {
    *credentials = (struct credentials){.bearer = key};
    return 0;
  }
  if (login != NULL && password != NULL) {
    *credentials = (struct credentials){.login = login, .password = password};
    return 0;
  }
  return error_set(
      error, "no credentials for %s: set %s in the environment before loading, or call %s%s", origin_in_force(config),
      basic_only ? "DATAFORSEO_LOGIN and DATAFORSEO_PASSWORD" : "AISA_API_KEY (or DATAFORSEO_LOGIN and DATAFORSEO_PASSWORD)",
      basic_only ? "onpage_config('login', ...) and onpage_config('password', ...)" : "onpage_config('api_key', ...)",
      config->dropped ? "; those set before were dropped when base_url went to another origin" : "");
}

void config_mask(const struct config *config, char *text) {
  const char *login = config->settings[OPTION_LOGIN].text;
  const char *password = config->settings[OPTION_PASSWORD].text;
  char basic[SECRET_BASIC_SIZE(TEXT_MAX)] = "";
  if (login != NULL && password != NULL) secret_basic(login, password, basic, sizeof basic);
  secret_mask(text, basic);
  secret_wipe(basic);
  for (int option = 0; option < OPTION_COUNT; option++)
    if (rules[option].secret) secret_mask(text, config->settings[option].text);
}

unsigned config_generation(const struct config *config) {
  return config->generation;
}
