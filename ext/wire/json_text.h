/*
** Reading the text of JSON that json-c has found well-formed, for what its tree doesn't hold, or gives only
** slowly. Other text does no harm, but then the results mean nothing.
*/
#ifndef ONPAGE_JSON_TEXT_H
#define ONPAGE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* A hash of the meaning (hash.h): independent of the order of members; 404 is the same as 404.0, a character as its escape, null
** as a missing member. Recurs as deeply as the text nests. */
uint64_t json_text_hash(const char *text, size_t size);
/* The text of an object's member, the last one of that key; false when there is none. */
bool json_text_member(const char *text, size_t size, const char *key, const char **member, size_t *member_size);
/* Appends the text without white space between its tokens and backslashes before slashes. */
void json_text_compact(struct buffer *compact, const char *text, size_t size);
/* The size of the text without white space between tokens, and with characters instead of escapes. */
size_t json_text_size(const char *text, size_t size);

#endif
