/*
** Tokens carry their own state, so that no number of them fills memory: numbers and a checksum in an alphabet like that of
** base64, which looks opaque enough to keep clients from taking them apart. The checksum is over the fingerprint of the
** request too: with another request it is wrong.
*/
#include "token.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static uint64_t checksum(uint64_t place, uint64_t issued, uint64_t cursor, uint64_t fingerprint) {
  uint64_t parts[] = {UINT64_C(0x6f6e70616765), place, issued, cursor, fingerprint};
  return standin_hash(0, parts, sizeof parts);
}

void standin_token_write(char text[STANDIN_TOKEN_LENGTH + 1], const struct standin_token *token, uint64_t fingerprint) {
  uint64_t place = (uint64_t)token->place.position << 1 | token->place.passed_empty;
  uint64_t check = checksum(place, token->issued, token->cursor, fingerprint);
  snprintf(text, STANDIN_TOKEN_LENGTH + 1, "eyJv/%016llx+%016llx+%016llx/%016llx=", (unsigned long long)(place ^ check),
           (unsigned long long)(token->issued ^ check), (unsigned long long)(token->cursor ^ check), (unsigned long long)check);
}

int standin_token_read(const char *text, uint64_t fingerprint, struct standin_token *token) {
  unsigned long long place, issued, cursor, check;
  char again[STANDIN_TOKEN_LENGTH + 1];
  if (strlen(text) != STANDIN_TOKEN_LENGTH ||
      sscanf(text, "eyJv/%16llx+%16llx+%16llx/%16llx=", &place, &issued, &cursor, &check) != 4)
    return -1;
  place ^= check;
  struct standin_token found = {{(size_t)(place >> 1), (place & 1) != 0}, (size_t)(issued ^ check), (size_t)(cursor ^ check)};
  standin_token_write(again, &found, fingerprint);
  if (strcmp(again, text)) return -1;
  *token = found;
  return 0;
}
