/* Task ids. */
#include "api/task_id.h"

#include <string.h>

#include "base/excerpt.h"

enum { SIZE_MIN = 8, SHOWN_MAX = 100 };

int task_id_check(const char *table, const char *task_id, const char *example, struct error *error) {
  static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  static const char blanks[] = " \t\r\n"; /* excerpt_text removes those at either end, so they have reasons of their own */
  char shown[SHOWN_MAX];
  if (task_id == NULL || task_id[0] == '\0')
    return error_set(error, "%s: task_id is missing: say which crawl, as in SELECT * FROM %s WHERE task_id = '%s'", table,
                     table, example);
  size_t size = strspn(task_id, allowed);
  if (size >= SIZE_MIN && task_id[size] == '\0') return 0;
  excerpt_text(shown, sizeof shown, task_id, strlen(task_id));
  const char *reason = strspn(task_id, blanks) > 0                            ? "it begins with a blank"
                       : strchr(blanks, task_id[strlen(task_id) - 1]) != NULL ? "it ends with a blank"
                       : strpbrk(task_id, blanks) != NULL                     ? "it has a blank in it"
                       : task_id[size] == '\0'                                ? "it is too short"
                       : strspn(shown, allowed) == strlen(shown)              ? "it has characters in it that can't be seen"
                                                                 : "it has more than letters, digits and hyphens in it";
  return error_set(
      error,
      "%s: no task id looks like '%s' (%s): it is a text like '%s', which the response to on_page/task_post has and "
      "the provider's list of crawls shows",
      table, shown, reason, example);
}
