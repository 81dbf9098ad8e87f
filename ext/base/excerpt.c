/* One character after another goes to a line of fixed size. */
#include "base/excerpt.h"

#include <stdbool.h>
#include <string.h>

#include "base/value.h"

struct line {
  char *text;
  size_t size;
  size_t used;
  bool gap;  /* a space goes before the next character */
  bool full; /* stop here: a later, shorter character must not be appended */
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

/* Characters that are left out of messages. */
static const struct {
  unsigned first, last;
  bool blank; /* separates words; otherwise it is invisible, and could reverse or hide other characters */
} unprinted[] = {
    {0x0000, 0x0020, true}, /* controls, space */
    {0x007F, 0x00A0, true}, /* controls, no-break space */
    {0x1680, 0x1680, true},
    {0x2000, 0x200A, true},
    {0x2028, 0x2029, true}, /* ends of lines and paragraphs */
    {0x202F, 0x202F, true},
    {0x205F, 0x205F, true},
    {0x3000, 0x3000, true},
    /* Unicode's "default ignorable": zero width, direction, fillers, variation selectors, tags. */
    {0x00AD, 0x00AD, false},
    {0x034F, 0x034F, false},
    {0x061C, 0x061C, false},
    {0x115F, 0x1160, false},
    {0x17B4, 0x17B5, false},
    {0x180B, 0x180F, false},
    {0x200B, 0x200F, false},
    {0x202A, 0x202E, false},
    {0x2060, 0x206F, false},
    {0x3164, 0x3164, false},
    {0xFE00, 0xFE0F, false},
    {0xFEFF, 0xFEFF, false},
    {0xFFA0, 0xFFA0, false},
    {0xFFF0, 0xFFFB, false},
    {0x1BCA0, 0x1BCA3, false},
    {0x1D173, 0x1D17A, false},
    {0xE0000, 0xE0FFF, false},
};
enum { UNPRINTED = sizeof unprinted / sizeof *unprinted };

/* The code point of a character in valid UTF-8. */
static unsigned code_point(const char *character, size_t length) {
  static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  unsigned point = (unsigned char)character[0] & lead_bits[length];
  for (size_t i = 1; i < length; i++) point = point << 6 | ((unsigned char)character[i] & 0x3F);
  return point;
}

/* The row of the table for a character; UNPRINTED when it has none. */
static size_t find_unprinted(const char *character, size_t length) {
  unsigned point = code_point(character, length);
  size_t i = 0;
  while (i < UNPRINTED && (point < unprinted[i].first || point > unprinted[i].last)) i++;
  return i;
}

static void add_text(struct line *line, const char *text, size_t size) {
  for (size_t at = 0; at < size && !line->full;) {
    size_t length = utf8_character(text + at, size - at);
    size_t row = length > 0 ? find_unprinted(text + at, length) : UNPRINTED;
    if (length == 0)
      add_character(line, "?", 1);
    else if (row == UNPRINTED)
      add_character(line, text + at, length);
    else if (unprinted[row].blank)
      line->gap = true;
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

/* The first place from `at` on where the word begins; size when there is none. */
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
    made.gap = true; /* a tag separates words */
    at = tag;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
      if (begins_with(html + tag, html_size - tag, hidden[i].start)) at = find(html, html_size, tag, hidden[i].end);
    at = find(html, html_size, at, ">");
    if (at < html_size) at++;
  }
  line[made.used] = '\0';
  return made.used;
}
