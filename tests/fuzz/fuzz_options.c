/*
** Options: what was refused changes nothing, what was taken reads back as itself, no message repeats a secret, and a credential
** is never held under a base URL of another origin than the one it was set for.
**
** The input is lines name=value. A known word is put before each value that is secret, and before the first @ of a base URL,
** where a password would stand.
*/
#include <string.h>

#include "base/buffer.h"
#include "client/config.h"
#include "client/url.h"
#include "input.h"

static const char secret[] = "Xq7secret";
static const char *const credentials[] = {"api_key", "login", "password"};
enum { CREDENTIALS = 3 };

/* Whose a credential is by the rule of config.h. */
static char *owner_of(int credential, const char *base_url) {
  static const char *const homes[CREDENTIALS] = {"https://api.aisa.one", "https://api.dataforseo.com",
                                                 "https://api.dataforseo.com"};
  char *origin = NULL;
  struct error error;
  const char *url = base_url != NULL ? base_url : homes[credential];
  must(url_check_base(url, NULL, &origin, &error) == 0, "%s: %s", url, error.message);
  return origin;
}

/* What is expected of a config. */
struct model {
  char *base_url;            /* set by an option; NULL: none */
  char *owners[CREDENTIALS]; /* origins of the credentials that are held; NULL: none is */
};

static void set_text(char **text, const char *value) {
  free(*text);
  *text = value != NULL ? strdup(value) : NULL;
  must(value == NULL || *text != NULL, "out of memory");
}

static void model_set(struct model *model, const char *name, const char *value) {
  if (strcmp(name, "base_url") == 0) {
    set_text(&model->base_url, *value != '\0' ? value : NULL);
    for (int i = 0; i < CREDENTIALS; i++) {
      char *owner = owner_of(i, model->base_url);
      if (model->owners[i] != NULL && strcmp(model->owners[i], owner) != 0) set_text(&model->owners[i], NULL);
      free(owner);
    }
  }
  for (int i = 0; i < CREDENTIALS; i++) {
    if (strcmp(name, credentials[i]) != 0) continue;
    free(model->owners[i]);
    model->owners[i] = *value != '\0' ? owner_of(i, model->base_url) : NULL;
  }
}

/* Nothing may be sent that the model doesn't hold. */
static void check_credentials(const struct config *config, const struct model *model) {
  struct credentials sent = {0};
  struct error error;
  bool some = config_credentials(config, &sent, &error) == 0;
  must(sent.bearer == NULL || model->owners[0] != NULL, "a key for another origin than %s", config_base_url(config));
  must((sent.login != NULL) == (sent.password != NULL), "half a pair");
  must(sent.login == NULL || (model->owners[1] != NULL && model->owners[2] != NULL), "a login for another origin than %s",
       config_base_url(config));
  must(some || strstr(error.message, secret) == NULL, "%s", error.message);
}

/* The base URL in force stays itself when it is checked again, and goes to one place. */
static void check_base_url(const struct config *config) {
  const char *url = config_base_url(config);
  char *base = NULL;
  char *origin = NULL;
  char *again = NULL;
  struct error error;
  must(url_check_base(url, &base, &origin, &error) == 0, "%s: %s", url, error.message);
  must(strcmp(base, url) == 0, "%s becomes %s", url, base);
  must(strpbrk(base, "@?#\\ ") == NULL, "%s", base);
  must(strncmp(origin, "https://", 8) == 0 || strncmp(origin, "http://localhost:", 17) == 0 ||
           strncmp(origin, "http://127.", 11) == 0 || strncmp(origin, "http://[", 8) == 0,
       "%s", origin);
  must(url_check_base(origin, NULL, &again, &error) == 0 && strcmp(origin, again) == 0, "%s becomes %s", origin, again);
  free(base);
  free(origin);
  free(again);
}

/* The value with the secret in it, to be freed. */
static char *hide_secret(const char *name, const char *value) {
  struct buffer text = {0};
  const char *at = strcmp(name, "base_url") == 0 ? strchr(value, '@') : value;
  if (at == NULL || *value == '\0') at = value + strlen(value);
  buffer_append(&text, value, (size_t)(at - value));
  if (*at != '\0') buffer_append_text(&text, secret);
  buffer_append_text(&text, at);
  char *made = buffer_take(&text);
  must(made != NULL, "out of memory");
  return made;
}

static char *get(const struct config *config, const char *name) {
  const char *text = NULL;
  struct error error;
  if (config_get(config, name, &text, &error) != 0) return NULL;
  char *copy = strdup(text != NULL ? text : "");
  must(copy != NULL, "out of memory");
  return copy;
}

static bool same(const char *left, const char *right) {
  return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

static void apply(struct config *config, struct model *model, const char *name, const char *given) {
  struct error error;
  bool hides = config_is_secret(name) || strcmp(name, "base_url") == 0;
  char *value = hides ? hide_secret(name, given) : strdup(given);
  char *before = get(config, name);
  unsigned generation = config_generation(config);
  if (config_set(config, name, value, &error) == 0) {
    char *after = get(config, name);
    model_set(model, name, value);
    must(config_is_secret(name) == (after == NULL), "%s", name);
    /* A base URL that is not set reads as the implied one. */
    bool implied = strcmp(name, "base_url") == 0 && *value == '\0';
    must(after == NULL || implied || config_set(config, name, after, &error) == 0, "%s = %s: %s", name, after, error.message);
    char *again = get(config, name);
    must(same(after, again), "%s = %s reads back as %s", name, after, again);
    free(again);
    free(after);
  } else {
    char *after = get(config, name);
    must(error.kind == ERROR_FAILED, "%s", error.message);
    must(strstr(error.message, secret) == NULL, "%s", error.message);
    must(same(before, after), "%s was refused, and changed to %s", name, after);
    must(generation == config_generation(config), "%s was refused, and changed", name);
    free(after);
  }
  check_credentials(config, model);
  check_base_url(config);
  free(before);
  free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {(const char *)data, size};
  struct model model = {0};
  struct config *config = config_new();
  char *text = input_text(&input);
  must(config != NULL, "out of memory");
  if (strstr(text, secret) != NULL) *text = '\0';
  for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
    char *value = strchr(line, '=');
    if (value != NULL) *value++ = '\0';
    apply(config, &model, line, value != NULL ? value : "");
  }
  for (int i = 0; i < CREDENTIALS; i++) free(model.owners[i]);
  free(model.base_url);
  free(text);
  config_free(config);
  return 0;
}
