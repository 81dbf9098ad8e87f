/*
** The options of one connection. Everything walks over the table of option.h.
**
** Only base_url needs more than its row, since it decides who gets the credentials; see config.h for the rule and
** drop_credentials() for the place that keeps it.
*/
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

struct config {
  struct setting settings[OPTION_COUNT];
  bool dropped; /* credentials were dropped and none set since: for the message */
  unsigned generation;
};

/* The host that the credentials imply while no base URL is set. */
static const struct option_host *implied_host(const struct config *config) {
  const struct setting *settings = config->settings;
  bool only_basic =
      settings[OPTION_API_KEY].text == NULL && settings[OPTION_LOGIN].text != NULL && settings[OPTION_PASSWORD].text != NULL;
  return only_basic ? &option_dataforseo : &option_aisa;
}

const char *config_base_url(const struct config *config) {
  const char *base = config->settings[OPTION_BASE_URL].text;
  return base != NULL ? base : implied_host(config)->base;
}

/* Whose a credential is under a base URL. */
static const char *owner(const struct rule *rule, const struct setting *base_url) {
  return base_url->origin != NULL ? base_url->origin : rule->home->origin;
}

/* Drops the credentials that would belong to another origin under the new base URL than under the old; whether there were any. */
static bool drop_credentials(struct config *config, const struct setting *old, const struct setting *new) {
  bool dropped = false;
  for (int option = 0; option < OPTION_COUNT; option++) {
    const struct rule *rule = &option_rules[option];
    struct setting *setting = &config->settings[option];
    if (rule->home == NULL || setting->text == NULL || strcmp(owner(rule, old), owner(rule, new)) == 0) continue;
    setting_release(setting);
    dropped = true;
  }
  config->dropped = config->dropped || dropped;
  return dropped;
}

static bool is_same(const char *left, const char *right) {
  return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

/* Gives an option what it is set to, which is taken over. Only what differs from what was in force is a change. */
static void put(struct config *config, int option, const struct setting *new) {
  bool is_credential = option_rules[option].home != NULL;
  struct setting old = config->settings[option];
  const char *base = config_base_url(config); /* stays until the old setting is released */
  bool changed = is_credential && !is_same(old.text, new->text);
  if (option == OPTION_BASE_URL) changed = drop_credentials(config, &old, new);
  if (is_credential) config->dropped = false;
  config->settings[option] = *new;
  if (changed || strcmp(base, config_base_url(config)) != 0) config->generation++;
  setting_release(&old);
}

/* Sets an option; the label names it in messages. */
static int set(struct config *config, int option, const char *label, const char *value, struct error *error) {
  const struct rule *rule = &option_rules[option];
  struct setting new = {0};
  if (value == NULL || *value == '\0') value = rule->standard;
  if (value != NULL && rule->read(rule, label, value, &new, error) != 0) return -1;
  put(config, option, &new);
  return 0;
}

struct config *config_new(void) {
  struct error error;
  struct config *config = calloc(1, sizeof *config);
  if (config == NULL) return NULL;
  for (int option = 0; option < OPTION_COUNT; option++) {
    if (set(config, option, option_rules[option].name, NULL, &error) != 0) {
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
  snprintf(name, sizeof name, "ONPAGE_%s", option_rules[option].name);
  for (char *at = name; *at != '\0'; at++) {
    if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
  }
  const char *const variables[] = {name, option_rules[option].variable};
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

int config_set(struct config *config, const char *name, const char *value, struct error *error) {
  int option = option_find(name, error);
  return option < 0 ? -1 : set(config, option, name, value, error);
}

int config_get(const struct config *config, const char *name, const char **text, struct error *error) {
  int option = option_find(name, error);
  if (option < 0) return -1;
  if (option_rules[option].secret) return error_set(error, "%s can be set, but not read", name);
  *text = option == OPTION_BASE_URL ? config_base_url(config) : config->settings[option].text;
  return 0;
}

bool config_is_secret(const char *name) {
  struct error ignored;
  int option = option_find(name, &ignored);
  return option >= 0 && option_rules[option].secret;
}

int64_t config_number(const struct config *config, enum option option) {
  return config->settings[option].number;
}

size_t config_bytes(const struct config *config, enum option option) {
  uint64_t bytes = (uint64_t)config->settings[option].number << 20;
  return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

const char *config_text(const struct config *config, enum option option) {
  return config->settings[option].text;
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
  char basic[SECRET_BASIC_SIZE(OPTION_TEXT_MAX)] = "";
  if (login != NULL && password != NULL) secret_basic(login, password, basic, sizeof basic);
  secret_mask(text, basic);
  secret_wipe(basic);
  for (int option = 0; option < OPTION_COUNT; option++)
    if (option_rules[option].secret) secret_mask(text, config->settings[option].text);
}

unsigned config_generation(const struct config *config) {
  return config->generation;
}
