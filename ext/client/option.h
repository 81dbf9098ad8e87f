/*
** The options as data: a table of name, type, bounds, default and customary variable, and the functions that read a value. What
** a connection has set is in config.h.
**
** Tests: tests/unit/client/test_config_values.c.
*/
#ifndef ONPAGE_OPTION_H
#define ONPAGE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum option {
  OPTION_API_KEY,
  OPTION_LOGIN,
  OPTION_PASSWORD,
  OPTION_BASE_URL,
  OPTION_PAGE_SIZE,
  OPTION_MAX_IN_FLIGHT,
  OPTION_TIMEOUT_MS,
  OPTION_CONNECT_TIMEOUT_MS,
  OPTION_MAX_RESPONSE_MB,
  OPTION_MAX_RETRIES,
  OPTION_RATE_LIMIT,
  OPTION_MAX_REQUESTS,
  OPTION_CACHE_MB,
  OPTION_CACHE_TTL_S,
  OPTION_PUSHDOWN,
  OPTION_COUNT_PUSHDOWN,
  OPTION_WAIT_S,
  OPTION_QUERY_TIMEOUT_S,
  OPTION_PROGRESS,
  OPTION_TRACE,
  OPTION_CA_FILE,
  OPTION_KEY_FILE,
  OPTION_LOCKED,
  OPTION_COUNT
};

enum { OPTION_TEXT_MAX = 4096 }; /* bytes of a value */
enum { IN_FLIGHT_MAX = 30 };     /* requests at once: what the API allows at most */
#define OPTION_AUTOMATIC "auto"  /* max_in_flight: as the account's plan allows */
#define OPTION_VARIABLE_PREFIX "ONPAGE_"

/* A host of the API, with its origin as url_check_base writes it. */
struct option_host {
  const char *base;
  const char *origin;
};
extern const struct option_host option_aisa, option_dataforseo;

/* The value of an option. All zero: none. */
struct setting {
  char *text;     /* owned; the canonical spelling, for config_get */
  int64_t number; /* numbers and switches */
  char *origin;   /* owned; of a base URL */
  bool from_file; /* a credential of the key file */
};
void setting_release(struct setting *setting); /* wipes the text */

struct rule {
  const char *name;
  /* Fills *setting, which is all zero, from a value that is not empty. The label names the option in messages. */
  int (*read)(const struct rule *rule, const char *label, const char *value, struct setting *setting, struct error *error);
  int64_t min, max;               /* numbers */
  bool automatic;                 /* … or OPTION_AUTOMATIC, which is number 0 */
  const char *default_text;       /* NULL: none */
  const char *variable;           /* another environment variable, used if ONPAGE_… isn't set; or NULL */
  const struct option_host *home; /* credentials: the host that they are for while no base URL is set */
  bool secret;                    /* can't be read back */
  bool environment_only;
};
extern const struct rule option_rules[OPTION_COUNT];

/* The option of that name, or -1 with an error that lists all names and suggests the most similar one. */
CHECKED int option_find(const char *name, struct error *error);
/* Writes the name of the option's environment variable: ONPAGE_ and its name in capitals. */
enum { OPTION_VARIABLE_SIZE = 64 };
void option_variable(int option, char variable[OPTION_VARIABLE_SIZE]);
/* Makes the error for a variable that begins with ONPAGE_ and is not an option's. Returns -1. */
int option_refuse_variable(const char *variable, struct error *error);

#endif
