/*
** Secrets, wiped and masked. An API that refuses a credential may repeat it: in a message, in the raw text of an answer where JSON
** escapes it, in the form in which it was sent, or cut in two by whoever shortened the text.
*/
#include "secret.h"

#include <stdbool.h>
#include <string.h>

enum { CUT_MIN = 4 }; /* characters of a secret's start that tell nothing yet */

void secret_wipe(char *text) {
  volatile char *byte = text; /* volatile: the memory is freed next, and a compiler sees no use in it */
  while (byte != NULL && *byte != '\0') *byte++ = '\0';
}

static bool is_escaped_in_json(char character) {
  return character == '"' || character == '\\' || character == '/';
}

/* Reads the four digits of JSON's \u; the bytes of the character that they stand for, 0 when they are no digits or half of one. */
static size_t read_escape(const char *digits, char character[4]) {
  unsigned point = 0;
  for (int i = 0; i < 4; i++) {
    static const char values[] = "0123456789abcdefABCDEF";
    const char *value = digits[i] != '\0' ? strchr(values, digits[i]) : NULL;
    if (value == NULL) return 0;
    size_t digit = (size_t)(value - values);
    point = point << 4 | (unsigned)(digit < 16 ? digit : digit - 6);
  }
  if (point >= 0xD800 && point < 0xE000) return 0;
  size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : 3;
  static const unsigned char leads[] = {0, 0, 0xC0, 0xE0};
  for (size_t i = size; i-- > 1; point >>= 6) character[i] = (char)(0x80 | (point & 0x3F));
  character[0] = (char)(leads[size] | point);
  return size;
}

/* How many bytes of the text the secret takes, or its start if the text ends in it; 0 when it isn't there. */
static size_t covered(const char *text, const char *secret, bool escaped) {
  size_t at = 0;
  size_t known = 0;
  for (; secret[known] != '\0' && text[at] != '\0'; known++, at++) {
    char character[4];
    size_t size = escaped && text[at] == '\\' && text[at + 1] == 'u' ? read_escape(text + at + 2, character) : 0;
    if (size > 0 && strncmp(secret + known, character, size) == 0) {
      at += strlen("u1234");
      known += size - 1;
      continue;
    }
    if (escaped && is_escaped_in_json(secret[known]) && text[at] == '\\' && text[at + 1] != '\0') at++;
    if (text[at] != secret[known]) return 0;
  }
  return secret[known] == '\0' || known >= CUT_MIN ? at : 0;
}

void secret_mask(char *text, const char *secret) {
  if (secret == NULL || *secret == '\0') return;
  for (char *at = text; *at != '\0'; at++) {
    size_t plain = covered(at, secret, false);
    size_t size = plain > 0 ? plain : covered(at, secret, true);
    if (size == 0) continue;
    memset(at, '*', size);
    at += size - 1;
  }
}

void secret_basic(const char *login, const char *password, char *base64, size_t base64_size) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *const parts[] = {login, ":", password};
  unsigned bits = 0;
  int count = 0;
  size_t written = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    for (const char *byte = parts[i]; *byte != '\0' && written + 2 < base64_size; byte++) {
      bits = bits << 8 | (unsigned char)*byte;
      for (count += 8; count >= 6; count -= 6) base64[written++] = digits[bits >> (count - 6) & 63];
    }
  if (count > 0) base64[written++] = digits[bits << (6 - count) & 63];
  base64[written] = '\0';
}
