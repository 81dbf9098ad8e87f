/*
** LIKE and GLOB patterns, and literal texts, as RE2 expressions that are anchored at both ends, so that they mean the same
** whether the API matches anywhere or the whole string.
**
** Each gives a text to be freed by the caller, or NULL when there is none (memory, a pattern that can't be expressed):
** then the term stays local. Texts and patterns are as value_is_as_sent wants them.
*/
#ifndef ONPAGE_PATTERN_H
#define ONPAGE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* ^literal$: matches exactly the text. */
char *pattern_literal(const char *text, size_t size);
/* Appends the literal with what RE2 would read as syntax escaped. */
void pattern_append_quoted(struct buffer *expression, const char *text, size_t size);
/* Matches at least what SQLite's LIKE matches. */
char *pattern_like(const char *pattern, size_t size);
/* Matches at most what SQLite's LIKE matches: for what must not be dropped by a negation. */
char *pattern_like_at_most(const char *pattern, size_t size);
/* Matches at least what SQLite's GLOB matches. */
char *pattern_glob(const char *pattern, size_t size);
/* Matches what has a match of the RE2 expression somewhere; NULL only when memory ran out. What is no expression, since it closes a
** group that it didn't open, is given back as it is, for the API to refuse. */
char *pattern_search(const char *expression, size_t size);

#endif
