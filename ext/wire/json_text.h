/*
** Reading the text of JSON that json-c has found well-formed: for what its tree doesn't tell, or is too costly to be asked for.
** Text that isn't well-formed does no harm, but what is said of it means nothing.
*/
#ifndef ONPAGE_JSON_TEXT_H
#define ONPAGE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* A hash of what the text says (hash.h): the same whatever the order of members, of 404 as of 404.0, of a character as of its escape,
** with a null member as without it. Recurs as deeply as the text nests. */
uint64_t json_text_hash(const char *text, size_t size);
/* The text of an object's member, the last one of that key; false when there is none. */
bool json_text_member(const char *text, size_t size, const char *key, const char **member, size_t *member_size);
/* Appends the text without white space between its tokens and backslashes before slashes. */
void json_text_compact(struct buffer *compact, const char *text, size_t size);
/* What the text takes without white space between its tokens, and with strings for what they stand for. */
size_t json_text_size(const char *text, size_t size);

#endif
