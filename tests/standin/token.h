/*
** search_after_token: where the next page starts, bound to the request that it was issued for.
*/
#ifndef STANDIN_TOKEN_H
#define STANDIN_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STANDIN_TOKEN_LENGTH = 73 };

/* Where a page starts. */
struct standin_place {
  size_t position;   /* its first row */
  bool passed_empty; /* the page without items that may stand there has been given */
};

struct standin_token {
  struct standin_place place;
  size_t issued; /* number of the request to on_page/links whose response it came in */
  size_t cursor; /* of a cursor on the server's side, which knows the place; 0: none */
};

/* fingerprint: of the request without its token. */
void standin_token_write(char text[STANDIN_TOKEN_LENGTH + 1], const struct standin_token *token, uint64_t fingerprint);
/* -1 when the token was not issued by this API, or for another request. */
int standin_token_read(const char *text, uint64_t fingerprint, struct standin_token *token);

#endif
