/*
** LIKE and GLOB patterns, and literal texts, as RE2 expressions. They are anchored at both ends, so that it doesn't matter
** whether the API matches anywhere in a text or only all of it.
**
** Each function returns an expression, which the caller frees, or NULL if out of memory or if RE2 can't express the pattern: the
** term is then local. Texts and patterns must satisfy value_is_as_sent.
*/
#ifndef ONPAGE_PATTERN_H
#define ONPAGE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* ^literal$: matches only this text. */
char *pattern_literal(const char *text, size_t size);
/* Appends the literal, escaping characters with a meaning in RE2. */
void pattern_append_quoted(struct buffer *expression, const char *text, size_t size);
/* Matches at least what SQLite's LIKE matches. */
char *pattern_like(const char *pattern, size_t size);
/* Matches at most what SQLite's LIKE matches: for not_regex, which must not drop other texts. */
char *pattern_like_at_most(const char *pattern, size_t size);
/* Matches at least what SQLite's GLOB matches. */
char *pattern_glob(const char *pattern, size_t size);
/* Matches texts that the RE2 expression matches somewhere; NULL only when out of memory. An invalid expression, with a ) that
** closes no group, is returned unchanged, for the API to reject. */
char *pattern_search(const char *expression, size_t size);

#endif
