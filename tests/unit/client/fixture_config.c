/* Options set and read, and a look at the heap. */
#include "fixture_config.h"

struct config *new_config(void) {
  struct config *config = config_new();
  assert_non_null(config);
  return config;
}

struct config *config_from(const char *const *variables) {
  struct error error;
  struct config *config = new_config();
  if (config_read_environment(config, variables, &error) != 0) fail_msg("%s", error.message);
  return config;
}

void set(struct config *config, const char *name, const char *value) {
  struct error error;
  if (config_set(config, name, value, &error) != 0) fail_msg("%s", error.message);
}

const char *get(const struct config *config, const char *name) {
  struct error error;
  const char *text = "?";
  if (config_get(config, name, &text, &error) != 0) fail_msg("%s", error.message);
  return text;
}

void assert_refused(struct config *config, const char *name, const char *value, const char *reason) {
  struct error error = {0};
  if (config_set(config, name, value, &error) != -1) fail_msg("%s = %s was taken", name, value);
  if (strstr(error.message, reason) == NULL) fail_msg("%s", error.message);
}

const char *sent(const struct config *config) {
  static char text[200];
  struct error error;
  struct credentials credentials;
  if (config_credentials(config, &credentials, &error) != 0) return NULL;
  if (credentials.bearer != NULL) {
    assert_null(credentials.login);
    assert_null(credentials.password);
    snprintf(text, sizeof text, "Bearer %s", credentials.bearer);
  } else {
    snprintf(text, sizeof text, "Basic %s:%s", credentials.login, credentials.password);
  }
  return text;
}

bool heap_holds(const char *text) {
  size_t size = strlen(text);
  char line[512];
  bool found = false;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    uintptr_t start;
    uintptr_t end;
    if (strstr(line, "[heap]") == NULL || sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end) != 2) continue;
    for (const char *at = (const char *)start; at + size <= (const char *)end; at++) found |= memcmp(at, text, size) == 0;
  }
  if (maps != NULL) fclose(maps);
  return found;
}
