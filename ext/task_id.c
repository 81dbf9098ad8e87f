/*
** Task ids.
*/
#include "task_id.h"

#include <string.h>

#include "excerpt.h"

enum { SIZE_MIN = 8, SHOWN_MAX = 100 };

int task_id_check(const char *table, const char *task_id, const char *example, struct error *error) {
  static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  char shown[SHOWN_MAX];
  if (task_id == NULL || task_id[0] == '\0')
    return error_set(error, "%s: task_id is missing: say which crawl, as in SELECT * FROM %s WHERE task_id = '%s'", table,
                     table, example);
  size_t size = strspn(task_id, allowed);
  if (size >= SIZE_MIN && task_id[size] == '\0') return 0;
  const char *reason = strpbrk(task_id, " \t\r\n") != NULL ? "it has a blank in it"
                       : task_id[size] != '\0'             ? "it has more than letters, digits and hyphens in it"
                                                           : "it is too short";
  excerpt_text(shown, sizeof shown, task_id, strlen(task_id));
  return error_set(
      error,
      "%s: no task id looks like '%s' (%s): it is a text like '%s', which the answer to on_page/task_post gives and "
      "the provider's list of crawls shows",
      table, shown, reason, example);
}
