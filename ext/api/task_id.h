/* Task ids, as users give them. */
#ifndef ONPAGE_TASK_ID_H
#define ONPAGE_TASK_ID_H

#include "base/error.h"

/* Refuses what can't be a task id, so that no request is spent on it: NULL, an empty text, a domain, a URL, a small number, a text
** with a blank. What an id looks like is not documented, so whatever could be one passes: at least 8 letters, digits, hyphens and
** underscores. The message names the table and shows the example, an id as ids are today. */
CHECKED int task_id_check(const char *table, const char *task_id, const char *example, struct error *error);

#endif
