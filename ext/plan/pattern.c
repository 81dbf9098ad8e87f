/*
** Patterns as RE2 expressions.
**
** RE2 reads an expression as UTF-8; without the flag m, ^ and $ match only at the two ends of the text. SQLite's own matching is
** in likeFunc and patternCompare of its func.c. LIKE folds ASCII letters only, unless the application replaced it, while (?i)
** folds all of Unicode: it matches at least as much. A wildcard for one character matches one Unicode character. Both operators
** read a text only up to its first zero byte, so that `'ab' || char(0) || 'c' LIKE 'ab'` is true: hence the optional tail after
** every pattern that doesn't end in a wildcard.
*/
#include "plan/pattern.h"

#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

/* The rest of a text from its first zero on, which SQLite doesn't read. */
static const char unseen_tail[] = "(?:\\x00.*)?";

void pattern_append_quoted(struct buffer *expression, const char *text, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (strchr("\\.+*?()|[]{}^$", text[i]) != NULL) buffer_append(expression, "\\", 1);
    buffer_append(expression, &text[i], 1);
  }
}

char *pattern_literal(const char *text, size_t size) {
  struct buffer expression = {0};
  buffer_append_text(&expression, "^");
  pattern_append_quoted(&expression, text, size);
  buffer_append_text(&expression, "$");
  return buffer_take(&expression);
}

/* The body of a LIKE pattern. With at_most it matches at most what LIKE matches: each ASCII letter becomes a class of its two
** cases, and wildcards don't match a zero, where LIKE stops. */
static void append_like(struct buffer *expression, const char *pattern, size_t size, bool at_most) {
  for (size_t i = 0; i < size; i++) {
    char c = pattern[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '%') {
      buffer_append_text(expression, at_most ? "[^\\x00]*" : ".*");
    } else if (c == '_') {
      buffer_append_text(expression, at_most ? "[^\\x00]" : ".");
    } else if (letter && at_most) {
      buffer_append_format(expression, "[%c%c]", c | 0x20, c & ~0x20);
    } else {
      pattern_append_quoted(expression, &c, 1);
    }
  }
}

char *pattern_like(const char *pattern, size_t size) {
  struct buffer expression = {0};
  buffer_append_text(&expression, "(?is)^");
  append_like(&expression, pattern, size, false);
  if (size == 0 || pattern[size - 1] != '%') buffer_append_text(&expression, unseen_tail);
  buffer_append_text(&expression, "$");
  return buffer_take(&expression);
}

char *pattern_like_at_most(const char *pattern, size_t size) {
  struct buffer expression = {0};
  buffer_append_text(&expression, "(?s)^");
  append_like(&expression, pattern, size, true);
  buffer_append_text(&expression, "$");
  return buffer_take(&expression);
}

/* Decodes the well-formed UTF-8 character at text[*i] and moves *i past it. */
static uint32_t next_character(const char *text, size_t *i) {
  unsigned char first = (unsigned char)text[(*i)++];
  int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  uint32_t character = more == 0 ? first : first & (0x3Fu >> more);
  while (more-- > 0) character = character << 6 | ((unsigned char)text[(*i)++] & 0x3F);
  return character;
}

enum { REPLACEMENT = 0xFFFD };

/*
** Translates the class whose [ precedes pattern[*i], as patternCompare reads it: a leading ^ negates; a leading ] is a member and
** can't start a range; a-b is a range; - is a member if it comes first, last or after a range. False if RE2 can't express it: the
** class has no end, or a range runs backwards or includes U+FFFD, which may be another character to the API (value_is_as_sent).
*/
static bool append_class(struct buffer *expression, const char *pattern, size_t size, size_t *i) {
  bool negated = *i < size && pattern[*i] == '^';
  if (negated) ++*i;
  buffer_append_text(expression, negated ? "[^" : "[");
  bool first = true;
  for (; *i < size && (first || pattern[*i] != ']'); first = false) {
    bool starts_range = !(first && pattern[*i] == ']');
    uint32_t low = next_character(pattern, i);
    uint32_t high = low;
    if (starts_range && *i + 1 < size && pattern[*i] == '-' && pattern[*i + 1] != ']') {
      ++*i;
      high = next_character(pattern, i);
    }
    if (high < low || (low <= REPLACEMENT && high >= REPLACEMENT && !negated)) return false;
    buffer_append_format(expression, "\\x{%X}", (unsigned)low);
    if (high > low) buffer_append_format(expression, "-\\x{%X}", (unsigned)high);
  }
  if (*i >= size) return false;
  ++*i;
  buffer_append_text(expression, "]");
  return true;
}

char *pattern_glob(const char *pattern, size_t size) {
  struct buffer expression = {0};
  buffer_append_text(&expression, "(?s)^");
  for (size_t i = 0; i < size;) {
    char c = pattern[i++];
    if (c == '*') {
      buffer_append_text(&expression, ".*");
    } else if (c == '?') {
      buffer_append_text(&expression, ".");
    } else if (c != '[') {
      pattern_append_quoted(&expression, &c, 1);
    } else if (!append_class(&expression, pattern, size, &i)) {
      buffer_release(&expression);
      return NULL;
    }
  }
  if (size == 0 || pattern[size - 1] != '*') buffer_append_text(&expression, unseen_tail);
  buffer_append_text(&expression, "$");
  return buffer_take(&expression);
}

/* The first occurrence of the two characters, or NULL. */
static const char *find_pair(const char *text, size_t size, const char *pair) {
  for (size_t i = 0; i + 1 < size; i++)
    if (text[i] == pair[0] && text[i + 1] == pair[1]) return &text[i];
  return NULL;
}

/* Moves *i from the character after the [ of a class to the ] that ends it, or to the end of the text. A leading ] is a member,
** and so is [:name:]. */
static void skip_class(const char *text, size_t size, size_t *i) {
  if (*i < size && text[*i] == '^') ++*i;
  for (size_t first = *i; *i < size && (text[*i] != ']' || *i == first); ++*i) {
    bool named = text[*i] == '[' && *i + 1 < size && text[*i + 1] == ':';
    const char *end = named ? find_pair(&text[*i + 2], size - *i - 2, ":]") : NULL;
    if (end != NULL)
      *i = (size_t)(end - text) + 1;
    else if (text[*i] == '\\')
      ++*i;
  }
}

/* Whether an expression can be put in a group. */
enum closure {
  CLOSURE_SOUND,
  CLOSURE_QUOTED, /* not before the \Q that it ends in is closed by \E */
  CLOSURE_BROKEN  /* no: it has a ) that closes no group of its own */
};

static enum closure look_at_closure(const char *text, size_t size) {
  size_t open = 0;
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '\\') {
      i++;
      if (i == size || text[i] != 'Q') continue;
      const char *end = find_pair(&text[i], size - i, "\\E");
      if (end == NULL) return CLOSURE_QUOTED;
      i = (size_t)(end - text) + 1;
    } else if (text[i] == '[') {
      i++;
      skip_class(text, size, &i);
    } else if (text[i] == '(') {
      open++;
    } else if (text[i] == ')' && open-- == 0) {
      return CLOSURE_BROKEN;
    }
  }
  return CLOSURE_SOUND;
}

char *pattern_search(const char *expression, size_t size) {
  struct buffer search = {0};
  enum closure closure = look_at_closure(expression, size);
  if (closure != CLOSURE_BROKEN) buffer_append_text(&search, "^(?s:.*)(?:");
  buffer_append(&search, expression, size);
  if (closure == CLOSURE_QUOTED) buffer_append_text(&search, "\\E");
  if (closure != CLOSURE_BROKEN) buffer_append_text(&search, ")(?s:.*)$");
  return buffer_take(&search);
}
