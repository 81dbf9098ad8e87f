/*
** search_after_token: where the next page starts, bound to the request that it was issued for.
*/
#ifndef STANDIN_TOKEN_H
#define STANDIN_TOKEN_H

#include <stddef.h>
#include <stdint.h>

enum { STANDIN_TOKEN_LENGTH = 40 };

/* fingerprint: of the request without its token. */
void standin_token_write(char token[STANDIN_TOKEN_LENGTH + 1], size_t position, uint64_t fingerprint);
/* -1 when the token was not issued by this API, or for another request. */
int standin_token_read(const char *token, uint64_t fingerprint, size_t *position);

#endif
