/* What depends on the SQLite that the extension runs in, whatever it was compiled against. */
#ifndef ONPAGE_SQLITE_COMPAT_H
#define ONPAGE_SQLITE_COMPAT_H

#include <stdbool.h>

/* From 3.38: IN as one list, LIMIT and OFFSET, values known while planning. */
bool sqlite_offers_lists(void);
/* Before 3.38 an IN list, which comes one value at a time as `=`, is checked again so carelessly that NULLs pass, and row values
** altogether. */
bool sqlite_checks_lists(void);
/*
** Before 3.51 an auxiliary constraint (operator_is_auxiliary) in the ON clause of `a LEFT JOIN b` that is about a alone is offered
** for a as if it stood in WHERE. It must not restrict a; and a virtual table can't tell it from one that must.
*/
bool sqlite_leaks_on_terms(void);

#endif
