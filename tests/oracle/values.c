/*
** Values and patterns of random queries: mostly what the items hold, in any notation and type.
*/
#include <string.h>

#include "generate.h"

struct bound random_value(struct generator *generator, int field) {
  const struct world *world = generator->world;
  struct random *random = &generator->random;
  if (random_chance(random, 20)) return pool_traps[random_below(random, pool_trap_count)];
  if (field < 0 || random_chance(random, 3)) field = (int)random_below(random, FIELD_COUNT);
  if (random_chance(random, 12)) {
    const struct pool *pool = pool_of(field);
    return pool->samples[random_below(random, pool->count[world->strangeness])].value;
  }
  return world->chosen[field][random_below(random, world->chosen_count[field])].value;
}

struct node *literal_or_parameter(struct generator *generator, const struct bound *value) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  bool literal = random_chance(&generator->random, 65) && world_literal(value, out);
  char *text = sqlite3_str_finish(out);
  struct node *node = literal ? tree_text(generator->tree, "%s", text) : tree_parameter(generator->tree, value);
  sqlite3_free(text);
  return node;
}

struct node *value_node(struct generator *generator, const struct bound *value) {
  static const char *const frames[] = {
      "(SELECT %)", "CAST(% AS TEXT)",   "CAST(% AS INTEGER)", "(% || '')",
      "+%",         "coalesce(%, NULL)", "CAST(% AS NUMERIC)", "(SELECT max(%) FROM local)",
  };
  struct node *plain = literal_or_parameter(generator, value);
  struct random *random = &generator->random;
  if (random_chance(random, 88)) return plain;
  return tree_frame(generator->tree, NODE_PLAIN, frames[random_below(random, LENGTH(frames))], plain, NULL);
}

/* Bytes of the UTF-8 character. */
static int character_size(const char *bytes, int left) {
  unsigned char first = (unsigned char)*bytes;
  int size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return size < left ? size : left;
}

static void flip_case(char *letter) {
  if ((*letter >= 'a' && *letter <= 'z') || (*letter >= 'A' && *letter <= 'Z')) *letter ^= 0x20;
}

/* Writes something instead of a pattern's character; true if it matches just that character. */
static bool blur_character(struct random *random, const char *character, int width, bool glob, sqlite3_str *out) {
  static const char *const glob_pieces[] = {"[a-z]", "[^a]", "[]a]",  "[^]a]", "[[]",      "[",
                                            "[a",    "[a-",  "[z-a]", "]",     "[A-Za-z/]"};
  static const char *const like_pieces[] = {"%%", "_%", "\\", "[a-z]", "*", "!", "!%", "!_"};
  static const char *const classes[] = {"[%.*s]",   "[]%.*s]",  "[%.*s-]",  "[]-%.*s]",        "[!-%.*s]",
                                        "[^]%.*s]", "[z-%.*s]", "[^%.*s-]", "[%.*s-\xc3\xbf]", "[^!-%.*s]"};
  static const char *const hyphens[] = {"[]-a]", "[a-]", "[-a]", "[^]a-]"}; /* a member where it starts or ends */
  size_t kind = random_below(random, 100);
  if (glob && *character == '-' && kind < 60) {
    sqlite3_str_appendall(out, hyphens[random_below(random, LENGTH(hyphens))]);
    return true;
  }
  if (kind < (glob ? 25 : 45)) {
    sqlite3_str_appendall(out, glob ? "*" : "%");
  } else if (kind < (glob ? 50 : 88)) {
    sqlite3_str_appendall(out, glob ? "?" : "_");
    return true;
  } else if (kind < 88 && glob && *character) {
    sqlite3_str_appendf(out, classes[random_below(random, LENGTH(classes))], width, character);
    return true;
  } else {
    sqlite3_str_appendall(out, glob ? glob_pieces[random_below(random, LENGTH(glob_pieces))]
                                    : like_pieces[random_below(random, LENGTH(like_pieces))]);
  }
  return random_chance(random, 60);
}

/* The value with wildcards in the place of characters, between them and at its ends, and letters in the other case. */
static char *blur(struct random *random, const struct bound *value, bool glob, int *size) {
  enum { LONG = 200 };
  unsigned rate = random_chance(random, 65) ? 15 : 40, flips = random_chance(random, glob ? 80 : 50) ? 0 : 50;
  if (value->size > LONG) rate = 0; /* SQLite takes exponential time for many wildcards over a long text */
  sqlite3_str *out = sqlite3_str_new(NULL);
  for (int i = 0; i < value->size;) {
    int width = character_size(value->bytes + i, value->size - i);
    char c = value->bytes[i];
    bool trap = c == '\0' || c == '\n' || c == '-';
    if (c == '\0' && random_chance(random, 30)) break; /* what SQLite sees of the text */
    if ((c == '\0' || c == '\n') && random_chance(random, 70)) {
      sqlite3_str_appendall(out, random_chance(random, 50) ? (glob ? "?" : "_") : glob ? "*" : "%");
    } else if (random_chance(random, trap ? 60 : rate)) {
      if (!blur_character(random, value->bytes + i, width, glob, out)) continue;
    } else {
      char letter[4];
      memcpy(letter, value->bytes + i, (size_t)width);
      if (random_chance(random, flips)) flip_case(letter);
      sqlite3_str_append(out, letter, width);
    }
    i += width;
    if (random_chance(random, 4)) break;
  }
  if (random_chance(random, 30)) sqlite3_str_appendchar(out, 1, glob ? '*' : '%');
  *size = sqlite3_str_length(out);
  return sqlite3_str_finish(out);
}

struct node *pattern_node(struct generator *generator, const struct bound *text, bool glob) {
  struct bound pattern = {.type = SQLITE_TEXT};
  char *bytes = blur(&generator->random, text, glob, &pattern.size);
  pattern.bytes = bytes ? bytes : "";
  struct node *node = literal_or_parameter(generator, &pattern);
  sqlite3_free(bytes);
  return node;
}
