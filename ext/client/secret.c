/*
** Wiping and masking secrets. An API that rejects a credential may repeat it: in a message, in the raw text of a response where
** it is escaped as in JSON, HTML or URLs, in the form in which it was sent, or cut off where somebody shortened the text.
*/
#include "client/secret.h"

#include <stdbool.h>
#include <string.h>

enum { CUT_MIN = 4 }; /* first characters of a secret: fewer don't give it away, and may be anything */

void secret_wipe(char *text) {
  volatile char *byte = text; /* volatile: else the compiler omits writes to memory that is freed next */
  while (byte != NULL && *byte != '\0') *byte++ = '\0';
}

/* The ways in which a text may write a character. */
enum form { FORM_PLAIN, FORM_JSON, FORM_URL, FORM_HTML, FORMS };

enum { ESCAPE_MAX = 8 /* bytes of an escape */ };

static int digit_value(char digit) {
  static const char values[] = "0123456789abcdefABCDEF";
  const char *value = digit != '\0' ? strchr(values, digit) : NULL;
  int at = value != NULL ? (int)(value - values) : -1;
  return at < 16 ? at : at - 6;
}

/* Reads up to `most` digits; returns how many there are. */
static size_t read_digits(const char *text, int base, size_t most, unsigned *number) {
  size_t count = 0;
  *number = 0;
  for (; count < most; count++) {
    int digit = digit_value(text[count]);
    if (digit < 0 || digit >= base) break;
    *number = *number * (unsigned)base + (unsigned)digit;
  }
  return count;
}

/* Writes the character in UTF-8; returns its size in bytes, 0 for half of a surrogate pair. */
static size_t write_character(unsigned point, char character[4]) {
  static const unsigned char leads[] = {0, 0, 0xC0, 0xE0};
  if (point == 0 || (point >= 0xD800 && point < 0xE000) || point > 0xFFFF) return 0;
  size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : 3;
  for (size_t i = size; i-- > 1; point >>= 6) character[i] = (char)(0x80 | (point & 0x3F));
  character[0] = (char)(leads[size] | point);
  return size;
}

/* The next three read the escape that the text begins with. They return its size and write the character of *size bytes that it
** means; 0: the text doesn't begin with an escape. */
static size_t read_json(const char *text, char character[4], size_t *size) {
  unsigned point;
  if (text[0] != '\\') return 0;
  if (text[1] == 'u' && read_digits(text + 2, 16, 4, &point) == 4) {
    *size = write_character(point, character);
    return *size > 0 ? strlen("\\u1234") : 0;
  }
  if (text[1] == '\0' || strchr("\"\\/", text[1]) == NULL) return 0;
  character[0] = text[1];
  *size = 1;
  return 2;
}

static size_t read_url(const char *text, char character[4], size_t *size) {
  unsigned byte = ' ';
  if (text[0] != '+' && (text[0] != '%' || read_digits(text + 1, 16, 2, &byte) < 2)) return 0;
  character[0] = (char)byte;
  *size = 1;
  return text[0] == '+' ? 1 : strlen("%12");
}

static size_t read_html(const char *text, char character[4], size_t *size) {
  static const struct {
    const char *name;
    char character;
  } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  unsigned point;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strncmp(text, names[i].name, strlen(names[i].name)) != 0) continue;
    character[0] = names[i].character;
    *size = 1;
    return strlen(names[i].name);
  }
  if (text[0] != '&' || text[1] != '#') return 0;
  bool hex = text[2] == 'x' || text[2] == 'X';
  size_t at = hex ? 3 : 2;
  at += read_digits(text + at, hex ? 16 : 10, 5, &point);
  *size = write_character(point, character);
  return text[at] == ';' && *size > 0 ? at + 1 : 0;
}

static const struct {
  char start; /* of an escape */
  size_t (*read)(const char *text, char character[4], size_t *size);
} forms[FORMS] = {
    [FORM_PLAIN] = {'\0', NULL},
    [FORM_JSON] = {'\\', read_json},
    [FORM_URL] = {'%', read_url},
    [FORM_HTML] = {'&', read_html},
};

/* How many bytes at the beginning of the text are the secret in that form, or the start of the secret if the text ends there,
** even within an escape; 0: it isn't there. */
static size_t covered(const char *text, const char *secret, enum form form) {
  size_t at = 0;
  size_t known = 0;
  while (secret[known] != '\0' && text[at] != '\0') {
    char character[4];
    size_t size = 0;
    size_t taken = forms[form].read != NULL ? forms[form].read(text + at, character, &size) : 0;
    bool is_cut = taken == 0 && text[at] == forms[form].start && strnlen(text + at, ESCAPE_MAX) < ESCAPE_MAX;
    if (is_cut && known >= CUT_MIN) return at + strlen(text + at);
    if (taken > 0 && strncmp(secret + known, character, size) == 0) {
      at += taken;
      known += size;
    } else if (text[at] == secret[known]) {
      at++;
      known++;
    } else {
      return 0;
    }
  }
  return secret[known] == '\0' || known >= CUT_MIN ? at : 0;
}

void secret_mask(char *text, const char *secret) {
  if (secret == NULL || *secret == '\0') return;
  for (char *at = text; *at != '\0'; at++) {
    size_t size = 0;
    for (int form = 0; form < FORMS && size == 0; form++) size = covered(at, secret, (enum form)form);
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
