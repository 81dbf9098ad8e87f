/*
** Task ids, as users give them.
**
** Tests: tests/e2e/test_task_ids.c.
*/
#ifndef ONPAGE_TASK_ID_H
#define ONPAGE_TASK_ID_H

#include "base/error.h"

/* Refuses anything that can't be a task id, before a request is spent on it: NULL, an empty text, a domain, a URL, a small
** number, a text with a blank. The form of ids is not documented, so any 8 or more letters, digits, hyphens and underscores
** pass. The message names the table and shows the example, an id as they look today. */
CHECKED int task_id_check(const char *table, const char *task_id, const char *example, struct error *error);

#endif
