/* For the tests of config.h: options set and read, which must succeed or be refused, and what is left of a secret in memory. */
#ifndef FIXTURE_CONFIG_H
#define FIXTURE_CONFIG_H

#include "client/config.h"

#include "../unit.h"

#define AISA "https://api.aisa.one/apis/v1/dataforseo"
#define DATAFORSEO "https://api.dataforseo.com/v3"

/* The caller frees it, as the one below. */
struct config *new_config(void);
/* From an environment that must be accepted: NAME=value, up to NULL. */
struct config *config_from(const char *const *variables);
void set(struct config *config, const char *name, const char *value);
const char *get(const struct config *config, const char *name);
/* The value is not accepted, and the message contains the reason. */
void assert_refused(struct config *config, const char *name, const char *value, const char *reason);
/* What would be sent: NULL, "Bearer KEY" or "Basic LOGIN:PASSWORD". */
const char *sent(const struct config *config);
/* Whether the text is somewhere on the heap. Allocators overwrite the first bytes of what is freed: give it the tail of a
** secret. With an allocator that has its heap elsewhere (a sanitizer's, valgrind's) nothing is ever found. */
bool heap_holds(const char *text);

#endif
