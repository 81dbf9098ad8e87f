/*
** The virtual table over an endpoint.
**
** Tests: tests/e2e/test_naming_a_crawl.c.
*/
#ifndef ONPAGE_VTAB_H
#define ONPAGE_VTAB_H

#include "api/endpoint.h"
#include "base/error.h"
#include "vtab/session.h"

/* Registers the endpoint's table with the session's connection. 0 or SQLite's error code. */
CHECKED int vtab_register(struct session *session, const struct endpoint *endpoint);

#endif
