/*
** The options of one connection. Everything iterates over the table of option.h.
**
** Two options need more than their rows: base_url decides who gets the credentials (the rule is in config.h, drop_credentials()
** keeps to it), and key_file sets them.
*/
#include "client/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/excerpt.h"
#include "client/file.h"
#include "client/secret.h"

struct config {
  struct setting settings[OPTION_COUNT];
  bool dropped; /* credentials were dropped, and none has been set since: for the message */
  unsigned generation;
  char *environment_origin; /* of the environment's base URL, or NULL */
  char *default_key_file;   /* its path, whether it exists or not; or NULL */
  char *key_file_fault;     /* why the default key file can't be used: for the message; or NULL */
};

/* The host that is used while no base URL is set. */
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

/* ---- Who gets the credentials ---- */

/* The origin that a credential is for under a base URL. */
static const char *owner(const struct rule *rule, const struct setting *base_url) {
  return base_url->origin != NULL ? base_url->origin : rule->home->origin;
}

/* Drops the credentials that would be for another origin under the new base URL. Returns whether there were any. */
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

/* Replaces the value of an option; *new is taken over. The generation changes only if base URL or credentials differ from those
** in force. */
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

static bool has_file_credentials(const struct config *config) {
  for (int option = 0; option < OPTION_COUNT; option++)
    if (config->settings[option].from_file) return true;
  return false;
}

/* Drops the key file's credentials. */
static void forget_key_file(struct config *config) {
  const struct setting nothing = {0};
  for (int option = 0; option < OPTION_COUNT; option++)
    if (config->settings[option].from_file) put(config, option, &nothing);
  put(config, OPTION_KEY_FILE, &nothing);
}

/* Naming a key file in SQL must not allow sending the content of the user's files to any host. */
static int check_key_file_host(const struct config *config, const char *label, struct error *error) {
  const char *origin = config->settings[OPTION_BASE_URL].origin;
  bool is_local = origin != NULL && strncmp(origin, "http://", strlen("http://")) == 0; /* allowed for loopback hosts only */
  if (origin == NULL || is_local || config_is_dataforseo(config) || strcmp(origin, option_aisa.origin) == 0 ||
      is_same(origin, config->environment_origin))
    return 0;
  return error_set(
      error,
      "%s: the content of a key file is sent only to the hosts of AIsa and DataForSEO, to this machine, and to the base_url of "
      "the environment (ONPAGE_BASE_URL), not to %s: set api_key, or login and password",
      label, origin);
}

/* Reads KEY or LOGIN:PASSWORD into the settings of the credentials. */
static int read_credentials(const char *label, char *text, struct setting credentials[OPTION_COUNT], struct error *error) {
  char *colon = strchr(text, ':');
  if (colon != NULL) *colon = '\0';
  const struct {
    int option;
    const char *value;
  } parts[] = {{colon != NULL ? OPTION_LOGIN : OPTION_API_KEY, text}, {OPTION_PASSWORD, colon != NULL ? colon + 1 : NULL}};
  int result = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts && result == 0 && parts[i].value != NULL; i++) {
    const struct rule *rule = &option_rules[parts[i].option];
    struct setting *setting = &credentials[parts[i].option];
    result = rule->read(rule, label, parts[i].value, setting, error);
    setting->from_file = result == 0;
  }
  if (colon != NULL) secret_wipe(colon + 1);
  secret_wipe(text);
  return result;
}

static int read_key_file(const char *label, const char *path, struct setting credentials[OPTION_COUNT], struct error *error) {
  char *text = NULL;
  char shown[200];
  char place[256];
  excerpt_text(shown, sizeof shown, path, strlen(path));
  snprintf(place, sizeof place, "%s: the key in %s", label, shown);
  if (file_read_private(path, (size_t)2 * OPTION_TEXT_MAX, &text, error) != 0) {
    if (error->kind == ERROR_FAILED) error_prefix(error, "%s", label);
    return -1;
  }
  size_t size = strlen(text);
  while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r')) text[--size] = '\0';
  int result = read_credentials(place, text, credentials, error);
  free(text);
  return result;
}

/* Replaces all credentials by the file's. Without a path it is the default file, if it exists; else the credentials of the
** previous file are dropped. */
static int set_key_file(struct config *config, const char *label, const char *path, struct error *error) {
  const struct rule *rule = &option_rules[OPTION_KEY_FILE];
  struct setting found[OPTION_COUNT] = {{0}};
  if (path == NULL && config->default_key_file != NULL && file_is_there(config->default_key_file))
    path = config->default_key_file;
  if (path == NULL) {
    forget_key_file(config);
    return 0;
  }
  int result = check_key_file_host(config, label, error);
  if (result == 0) result = rule->read(rule, label, path, &found[OPTION_KEY_FILE], error);
  if (result == 0) result = read_key_file(label, path, found, error);
  for (int option = 0; option < OPTION_COUNT; option++) {
    bool given = option == OPTION_KEY_FILE || option_rules[option].home != NULL;
    if (given && result == 0)
      put(config, option, &found[option]);
    else
      setting_release(&found[option]);
  }
  return result;
}

/* Sets an option; the label names it in messages. */
static int set(struct config *config, int option, const char *label, const char *value, struct error *error) {
  const struct rule *rule = &option_rules[option];
  struct setting new = {0};
  if (value == NULL || *value == '\0') value = rule->default_text;
  if (option == OPTION_KEY_FILE) return set_key_file(config, label, value, error);
  if (value != NULL && rule->read(rule, label, value, &new, error) != 0) return -1;
  put(config, option, &new);
  /* Its credentials are not mixed with others, and it isn't in force any more once a base URL has dropped them. */
  if (rule->home != NULL || (option == OPTION_BASE_URL && !has_file_credentials(config))) forget_key_file(config);
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
  free(config->environment_origin);
  free(config->default_key_file);
  free(config->key_file_fault);
  free(config);
}

/* ---- The environment ---- */

/* The value of a variable; NULL if it is not set, or empty. */
static const char *find_variable(const char *const *variables, const char *name) {
  size_t size = strlen(name);
  for (; *variables != NULL; variables++)
    if (strncmp(*variables, name, size) == 0 && (*variables)[size] == '=')
      return (*variables)[size + 1] != '\0' ? *variables + size + 1 : NULL;
  return NULL;
}

/* Refuses variables that seem to be meant for an option: ignored, they would leave it unset without notice. */
static int check_variables(const char *const *variables, struct error *error) {
  for (; *variables != NULL; variables++) {
    char name[OPTION_VARIABLE_SIZE];
    bool known = false;
    size_t size = strcspn(*variables, "=");
    if (strncmp(*variables, OPTION_VARIABLE_PREFIX, strlen(OPTION_VARIABLE_PREFIX)) != 0 || (*variables)[size] == '\0' ||
        (*variables)[size + 1] == '\0')
      continue;
    for (int option = 0; option < OPTION_COUNT && !known; option++) {
      option_variable(option, name);
      known = strlen(name) == size && memcmp(*variables, name, size) == 0;
    }
    snprintf(name, sizeof name, "%.*s", (int)size, *variables);
    if (!known) return option_refuse_variable(name, error);
  }
  return 0;
}

/* Sets one option from its own variable, else from its customary one. */
static int read_variable(struct config *config, int option, const char *const *variables, struct error *error) {
  char name[OPTION_VARIABLE_SIZE];
  option_variable(option, name);
  const char *const names[] = {name, option_rules[option].variable};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = names[i] != NULL ? find_variable(variables, names[i]) : NULL;
    if (value != NULL) return set(config, option, names[i], value, error);
  }
  return 0;
}

static int read_base_url(struct config *config, const char *const *variables, struct error *error) {
  if (read_variable(config, OPTION_BASE_URL, variables, error) != 0) return -1;
  const char *origin = config->settings[OPTION_BASE_URL].origin;
  if (origin == NULL) return 0;
  config->environment_origin = strdup(origin);
  return config->environment_origin != NULL ? 0 : error_no_memory(error);
}

/* onpage/key in the user's configuration folder; *path is unchanged without a home. */
static int find_default_key_file(const char *const *variables, char **path, struct error *error) {
  const char *folder = find_variable(variables, "XDG_CONFIG_HOME");
  const char *home = find_variable(variables, "HOME");
  struct buffer text = {0};
  if (folder != NULL && *folder == '/')
    buffer_append_format(&text, "%s/onpage/key", folder);
  else if (home != NULL && *home == '/')
    buffer_append_format(&text, "%s/.config/onpage/key", home);
  else
    return 0;
  *path = buffer_take(&text);
  return *path != NULL ? 0 : error_no_memory(error);
}

/* A named file must be valid. The default one may be another program's, so what is wrong with it is reported only when
** credentials are missing. */
static int read_key_file_variable(struct config *config, const char *const *variables, struct error *error) {
  char name[OPTION_VARIABLE_SIZE];
  struct error fault;
  option_variable(OPTION_KEY_FILE, name);
  if (find_default_key_file(variables, &config->default_key_file, error) != 0) return -1;
  if (find_variable(variables, name) != NULL) return read_variable(config, OPTION_KEY_FILE, variables, error);
  if (set_key_file(config, option_rules[OPTION_KEY_FILE].name, NULL, &fault) == 0) return 0;
  config->key_file_fault = fault.kind == ERROR_FAILED ? strdup(fault.message) : NULL;
  return config->key_file_fault != NULL ? 0 : error_no_memory(error);
}

int config_read_environment(struct config *config, const char *const *variables, struct error *error) {
  if (check_variables(variables, error) != 0) return -1;
  /* The base URL first, since it decides who gets the credentials; then the key file, since other credentials replace its own. */
  if (read_base_url(config, variables, error) != 0) return -1;
  if (read_key_file_variable(config, variables, error) != 0) return -1;
  for (int option = 0; option < OPTION_COUNT; option++) {
    bool is_read = option == OPTION_BASE_URL || option == OPTION_KEY_FILE;
    if (!is_read && read_variable(config, option, variables, error) != 0) return -1;
  }
  return 0;
}

/* ---- Setting and reading ---- */

/* Fails if SQL may not set the option. */
static int check_allowed(const struct config *config, int option, struct error *error) {
  char variable[OPTION_VARIABLE_SIZE];
  const char *name = option_rules[option].name;
  option_variable(option, variable);
  if (option_rules[option].environment_only)
    return error_set(error, "%s is read from the environment only (%s), when the extension is loaded", name, variable);
  option_variable(OPTION_LOCKED, variable);
  if (config_number(config, OPTION_LOCKED) != 0)
    return error_set(error, "the environment locks the options (%s): onpage_config can read them, but can't set %s", variable,
                     name);
  return 0;
}

int config_set(struct config *config, const char *name, const char *value, struct error *error) {
  int option = option_find(name, error);
  if (option < 0 || check_allowed(config, option, error) != 0) return -1;
  return set(config, option, name, value, error);
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

int config_check_ca_file(const struct config *config, struct error *error) {
  const char *path = config->settings[OPTION_CA_FILE].text;
  if (path == NULL || file_check(path, error) == 0) return 0;
  error_prefix(error, "%s", option_rules[OPTION_CA_FILE].name);
  return -1;
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
  char file[200] = "named by ONPAGE_KEY_FILE";
  const char *fault = config->key_file_fault;
  if (config->default_key_file != NULL)
    excerpt_text(file, sizeof file, config->default_key_file, strlen(config->default_key_file));
  return error_set(
      error,
      "no credentials for %s: set %s in the environment before loading, put %s into a file of mode 600, %s, or call %s%s%s%s",
      origin_in_force(config),
      basic_only ? "DATAFORSEO_LOGIN and DATAFORSEO_PASSWORD" : "AISA_API_KEY (or DATAFORSEO_LOGIN and DATAFORSEO_PASSWORD)",
      basic_only ? "login:password" : "the key (or login:password)", file,
      basic_only ? "onpage_config('login', ...) and onpage_config('password', ...)" : "onpage_config('api_key', ...)",
      config->dropped ? "; those set before were dropped when base_url went to another origin" : "", fault != NULL ? "; " : "",
      fault != NULL ? fault : "");
}

/* Masks the secret as it is, and as excerpt.h makes one line of it, with and without anything that looks like a tag. */
static void mask(char *text, const char *secret) {
  enum { TELLING_MIN = 4 }; /* characters: fewer could be anything */
  char line[OPTION_TEXT_MAX + 1];
  if (secret == NULL) return;
  excerpt_text(line, sizeof line, secret, strlen(secret));
  secret_mask(text, secret);
  secret_mask(text, line);
  if (excerpt_html(line, sizeof line, secret, strlen(secret)) >= TELLING_MIN) secret_mask(text, line);
  secret_wipe(line);
}

void config_mask(const struct config *config, char *text) {
  const char *login = config->settings[OPTION_LOGIN].text;
  const char *password = config->settings[OPTION_PASSWORD].text;
  char basic[SECRET_BASIC_SIZE(OPTION_TEXT_MAX)] = "";
  if (login != NULL && password != NULL) secret_basic(login, password, basic, sizeof basic);
  secret_mask(text, basic);
  secret_wipe(basic);
  for (int option = 0; option < OPTION_COUNT; option++)
    if (option_rules[option].secret) mask(text, config->settings[option].text);
}

unsigned config_generation(const struct config *config) {
  return config->generation;
}
