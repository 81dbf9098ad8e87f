/* Text from elsewhere made fit for a message. */
#include "excerpt.h"

#include <stdbool.h>
#include <string.h>

#include "value.h"

struct line {
  char *text;
  size_t size;
  size_t used;
  bool gap;  /* a space is due before the next character */
  bool full; /* nothing more, lest one character be left out and the next one fit */
};

static void add_character(struct line *line, const char *character, size_t length) {
  bool space = line->gap && line->used > 0;
  if (length + space >= line->size - line->used) {
    line->full = true;
    return;
  }
  if (space) line->text[line->used++] = ' ';
  memcpy(line->text + line->used, character, length);
  line->used += length;
  line->gap = false;
}

/* Spaces, the control characters of ASCII and of Latin-1, the no-break space. */
static bool is_blank(const char *character, size_t length) {
  unsigned char first = (unsigned char)character[0];
  return first <= ' ' || first == 0x7F || (length == 2 && first == 0xC2 && (unsigned char)character[1] <= 0xA0);
}

static void add_text(struct line *line, const char *text, size_t size) {
  for (size_t at = 0; at < size && !line->full;) {
    size_t length = utf8_character(text + at, size - at);
    if (length == 0)
      add_character(line, "?", 1);
    else if (is_blank(text + at, length))
      line->gap = true;
    else
      add_character(line, text + at, length);
    at += length > 0 ? length : 1;
  }
}

static bool begins_with(const char *text, size_t size, const char *lower_case) {
  size_t length = strlen(lower_case);
  if (length > size) return false;
  for (size_t i = 0; i < length; i++) {
    char letter = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    if (letter != lower_case[i]) return false;
  }
  return true;
}

/* Where the word begins at or behind `at`; size when nowhere. */
static size_t find(const char *text, size_t size, size_t at, const char *lower_case) {
  while (at < size && !begins_with(text + at, size - at, lower_case)) at++;
  return at;
}

size_t excerpt_text(char *line, size_t size, const char *text, size_t text_size) {
  struct line made = {.text = line, .size = size};
  add_text(&made, text, text_size);
  line[made.used] = '\0';
  return made.used;
}

size_t excerpt_html(char *line, size_t size, const char *html, size_t html_size) {
  static const struct { const char *start, *end; } hidden[] = {{"<!--", "-->"}, {"<script", "</script"}, {"<style", "</style"}};
  struct line made = {.text = line, .size = size};
  for (size_t at = 0; at < html_size;) {
    size_t tag = find(html, html_size, at, "<");
    add_text(&made, html + at, tag - at);
    made.gap = true; /* a tag parts words */
    at = tag;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
      if (begins_with(html + tag, html_size - tag, hidden[i].start)) at = find(html, html_size, tag, hidden[i].end);
    at = find(html, html_size, at, ">");
    if (at < html_size) at++;
  }
  line[made.used] = '\0';
  return made.used;
}
