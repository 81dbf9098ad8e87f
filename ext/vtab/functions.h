/*
** SQL functions: onpage_version, onpage_debug, onpage_config, onpage_cache_clear.
**
** Tests: tests/e2e/test_options.c.
*/
#ifndef ONPAGE_FUNCTIONS_H
#define ONPAGE_FUNCTIONS_H

#include "base/error.h"
#include "vtab/session.h"

/* Registers them with the session's connection. 0 or SQLite's error code. */
CHECKED int functions_register(struct session *session);

#endif
