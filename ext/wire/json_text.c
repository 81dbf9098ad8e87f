/*
** One walk over the text. Everything that is hashed together with other things is followed by a number with its size and kind, so
** that different values never feed the same bytes to the hash.
*/
#include "wire/json_text.h"

#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"

struct reader {
  const char *at;
  const char *end;
};

/* The kind of a value. MARK_WORD: true, false, and json-c's NaN and infinities. */
enum mark { MARK_NULL, MARK_WORD, MARK_NUMBER, MARK_STRING, MARK_ARRAY, MARK_OBJECT };

/* The next byte that isn't white space; 0 at the end. */
static char peek(struct reader *reader) {
  while (reader->at < reader->end && ascii_is_space(*reader->at)) reader->at++;
  return reader->at < reader->end ? *reader->at : '\0';
}

/* Passes the byte if it is the next; false if another is. */
static bool pass(struct reader *reader, char c) {
  bool is_next = peek(reader) == c && reader->at < reader->end;
  reader->at += is_next;
  return is_next;
}

/* ---- Strings ---- */

/* The code of the four digits of \uXXXX; -1 if these aren't four digits. */
static int read_code(const char *bytes, const char *end) {
  int code = 0;
  if (end - bytes < 4) return -1;
  for (int i = 0; i < 4; i++) {
    char c = bytes[i];
    if (!ascii_is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) return -1;
    code = code << 4 | (ascii_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return code;
}

static void add(struct hash *hash, const void *bytes, size_t size) {
  if (hash != NULL) hash_add(hash, bytes, size);
}

/* Adds a character as UTF-8. A lone surrogate is encoded in the same way, into bytes that no character has. */
static size_t add_character(struct hash *hash, int code) {
  unsigned char bytes[4];
  size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  for (size_t i = size - 1; i > 0; i--, code >>= 6) bytes[i] = (unsigned char)(0x80 | (code & 0x3F));
  bytes[0] = (unsigned char)(leads[size] | code);
  add(hash, bytes, size);
  return size;
}

/* Reads what follows a backslash. */
static size_t read_escape(struct reader *reader, struct hash *hash) {
  static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
  char c = *reader->at++;
  if (c != 'u') {
    const char *letter = strchr(letters, c);
    add(hash, letter != NULL && c != '\0' ? &meanings[letter - letters] : &c, 1);
    return 1;
  }
  int code = read_code(reader->at, reader->end);
  if (code < 0) return 0;
  reader->at += 4;
  bool has_more = code >= 0xD800 && code < 0xDC00 && reader->end - reader->at >= 6 && memcmp(reader->at, "\\u", 2) == 0;
  int low = has_more ? read_code(reader->at + 2, reader->end) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return add_character(hash, code);
  reader->at += 6;
  return add_character(hash, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
}

/* Adds the bytes of the string that begins here to the hash, unless that is NULL; returns how many. */
static size_t read_string(struct reader *reader, struct hash *hash) {
  size_t size = 0;
  reader->at++;
  while (reader->at < reader->end) {
    const char *start = reader->at;
    while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\') reader->at++;
    add(hash, start, (size_t)(reader->at - start));
    size += (size_t)(reader->at - start);
    if (reader->at == reader->end || *reader->at++ == '"' || reader->at == reader->end) break;
    size += read_escape(reader, hash);
  }
  return size;
}

/* ---- Numbers ---- */

/* The exponent at the end of a number; digits after it has reached 2^40 are ignored. */
static int64_t read_exponent(const char *at, const char *end) {
  int64_t exponent = 0;
  if (at == end || (*at | 0x20) != 'e') return 0;
  bool negative = ++at < end && *at == '-';
  for (; at < end; at++)
    if (ascii_is_digit(*at) && exponent < (int64_t)1 << 40) exponent = exponent * 10 + (*at - '0');
  return negative ? -exponent : exponent;
}

/* 404, 404.0 and 4.04e2 are one number: the digits from the first to the last that isn't 0, and the power of ten that counts
** them. */
static void add_number(struct hash *hash, const char *at, const char *end) {
  bool negative = at < end && *at == '-';
  bool in_fraction = false;
  bool any = false;
  int64_t power = 0;
  size_t zeros = 0; /* held back until another digit follows */
  for (at += negative; at < end && (ascii_is_digit(*at) || *at == '.'); at++) {
    if (*at == '.') in_fraction = true;
    if (*at == '.') continue;
    power -= in_fraction;
    zeros += any && *at == '0';
    if (*at == '0') continue;
    for (; zeros > 0; zeros--) hash_add(hash, "0", 1);
    hash_add(hash, at, 1);
    any = true;
  }
  power += (int64_t)zeros + read_exponent(at, end);
  hash_add(hash, negative && any ? "-" : "+", 1);
  hash_add_number(hash, any ? (uint64_t)power : 0);
}

/* A number, or a word. */
static enum mark read_scalar(struct reader *reader, struct hash *hash) {
  const char *start = reader->at;
  while (reader->at < reader->end && !ascii_is_space(*reader->at) && strchr(",:]}", *reader->at) == NULL) reader->at++;
  size_t size = (size_t)(reader->at - start);
  if (size == 4 && memcmp(start, "null", 4) == 0) return MARK_NULL;
  if (ascii_is_digit(*start) || (*start == '-' && size > 1 && ascii_is_digit(start[1]))) {
    add_number(hash, start, reader->at);
    return MARK_NUMBER;
  }
  hash_add(hash, start, size);
  return MARK_WORD;
}

/* ---- Values ---- */

/* Ends a hash of a key of that size and a value. */
static uint64_t end_pair(struct hash *hash, size_t key_size, enum mark mark) {
  hash_add_number(hash, (uint64_t)key_size << 8 | (uint64_t)mark);
  return hash_end(hash);
}

static enum mark read_value(struct reader *reader, struct hash *hash);

/* Elements are chained. */
static void read_array(struct reader *reader, struct hash *hash) {
  for (reader->at++; peek(reader) != ']' && reader->at < reader->end; pass(reader, ',')) {
    const char *start = reader->at;
    struct hash element = hash_begin();
    enum mark mark = read_value(reader, &element);
    hash_add_number(hash, end_pair(&element, 0, mark));
    if (reader->at == start) break;
  }
  pass(reader, ']');
}

/* Members are added up, which makes their order irrelevant. */
static void read_object(struct reader *reader, struct hash *hash) {
  uint64_t sum = 0;
  for (reader->at++; peek(reader) == '"'; pass(reader, ',')) {
    struct hash member = hash_begin();
    size_t key_size = read_string(reader, &member);
    if (!pass(reader, ':')) break;
    enum mark mark = read_value(reader, &member);
    if (mark != MARK_NULL) sum += end_pair(&member, key_size, mark);
  }
  pass(reader, '}');
  hash_add_number(hash, sum);
}

static enum mark read_value(struct reader *reader, struct hash *hash) {
  switch (peek(reader)) {
    case '"': read_string(reader, hash); return MARK_STRING;
    case '[': read_array(reader, hash); return MARK_ARRAY;
    case '{': read_object(reader, hash); return MARK_OBJECT;
    default: return reader->at < reader->end ? read_scalar(reader, hash) : MARK_NULL;
  }
}

uint64_t json_text_hash(const char *text, size_t size) {
  struct reader reader = {text, text + size};
  struct hash hash = hash_begin();
  enum mark mark = read_value(&reader, &hash);
  return end_pair(&hash, 0, mark);
}

/* ---- Members ---- */

/* Keys are compared by their hashes, for which an escape is the same as its character. */
bool json_text_member(const char *text, size_t size, const char *key, const char **member, size_t *member_size) {
  struct reader reader = {text, text + size};
  struct hash wanted = hash_begin();
  hash_add(&wanted, key, strlen(key));
  uint64_t wanted_hash = hash_end(&wanted);
  bool found = false;
  if (!pass(&reader, '{')) return false;
  for (; peek(&reader) == '"'; pass(&reader, ',')) {
    struct hash hash = hash_begin();
    struct hash ignored = hash_begin();
    read_string(&reader, &hash);
    if (!pass(&reader, ':')) break;
    peek(&reader);
    const char *start = reader.at;
    read_value(&reader, &ignored);
    if (hash_end(&hash) != wanted_hash) continue;
    *member = start;
    *member_size = (size_t)(reader.at - start);
    found = true;
  }
  return found;
}

void json_text_compact(struct buffer *compact, const char *text, size_t size) {
  bool in_string = false;
  for (size_t i = 0; i < size; i++) {
    if (!in_string && ascii_is_space(text[i])) continue;
    if (text[i] == '"') in_string = !in_string;
    if (text[i] == '\\' && i + 1 < size && text[++i] != '/') buffer_append(compact, "\\", 1);
    buffer_append(compact, &text[i], 1);
  }
}

size_t json_text_size(const char *text, size_t size) {
  struct reader reader = {text, text + size};
  size_t compact = 0;
  while (peek(&reader) != '\0')
    if (*reader.at == '"') {
      compact += 2 + read_string(&reader, NULL);
    } else {
      compact++;
      reader.at++;
    }
  return compact;
}
