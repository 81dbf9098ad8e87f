/*
** RE2, the engine whose expressions the API takes, for C.
*/
#ifndef STANDIN_RE2_SHIM_H
#define STANDIN_RE2_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct standin_re2;

/* NULL for anything but an expression of RE2. ignore_case: Unicode simple folding; dot_matches_newline: flag s.
** The result may be used by several threads at once. */
struct standin_re2 *standin_re2_new(const char *pattern, size_t length, bool ignore_case, bool dot_matches_newline);
void standin_re2_free(struct standin_re2 *expression); /* also for NULL */
/* whole: the expression must match the whole of the bytes, not a part of them. */
bool standin_re2_matches(const struct standin_re2 *expression, const char *bytes, size_t length, bool whole);

#ifdef __cplusplus
}
#endif

#endif
