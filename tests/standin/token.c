/*
** Tokens carry their own state, so that no number of them fills memory and none ever expires: position and checksum in an
** alphabet like that of base64, which looks opaque enough to keep clients from taking them apart. The checksum is over
** the fingerprint of the request too: with another request it is wrong.
*/
#include "token.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static uint64_t checksum(size_t position, uint64_t fingerprint) {
  uint64_t parts[] = {UINT64_C(0x6f6e70616765), position, fingerprint};
  return standin_hash(0, parts, sizeof parts);
}

void standin_token_write(char token[STANDIN_TOKEN_LENGTH + 1], size_t position, uint64_t fingerprint) {
  uint64_t check = checksum(position, fingerprint);
  snprintf(token, STANDIN_TOKEN_LENGTH + 1, "eyJv/%016llx+%016llx==", (unsigned long long)(position ^ check),
           (unsigned long long)check);
}

int standin_token_read(const char *token, uint64_t fingerprint, size_t *position) {
  unsigned long long masked, check;
  char again[STANDIN_TOKEN_LENGTH + 1];
  if (strlen(token) != STANDIN_TOKEN_LENGTH || sscanf(token, "eyJv/%16llx+%16llx==", &masked, &check) != 2) return -1;
  size_t found = (size_t)(masked ^ check);
  standin_token_write(again, found, fingerprint);
  if (strcmp(again, token)) return -1;
  *position = found;
  return 0;
}
