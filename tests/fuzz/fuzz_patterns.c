/*
** Patterns as expressions: what SQLite's LIKE and GLOB match, the expressions match in RE2 (or at most that, for what a negation
** must not drop), a literal matches itself alone, and the user's own expressions keep their meaning.
**
** The input is a byte for the kind, the pattern, a zero, and the text that is matched, in which zeros may be.
*/
#include <sqlite3.h>
#include <string.h>

#include "../standin/re2_shim.h"
#include "input.h"
#include "plan/pattern.h"
#include "plan/pushdown.h"

/* SQLite's matching takes time exponential in the pattern's wildcards. */
enum { PATTERN_MAX = 60, TEXT_MAX = 100 };

struct sample {
  const char *pattern; /* well-formed UTF-8 without a zero */
  size_t pattern_size;
  const char *text; /* well-formed UTF-8 */
  size_t size;
  const char *seen; /* the text as SQLite's operators read it: up to its first zero */
};

static bool is_utf8(const char *text, size_t size) {
  for (size_t at = 0; at < size;) {
    size_t length = utf8_character(text + at, size - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

enum matching { NO_EXPRESSION, NO_MATCH, MATCH };

/* The expression means the same whether the whole text is asked for or a part of it. */
static enum matching match(const char *expression, const struct sample *sample) {
  struct standin_re2 *compiled = standin_re2_new(expression, strlen(expression), false, false);
  if (compiled == NULL) return NO_EXPRESSION;
  bool whole = standin_re2_matches(compiled, sample->text, sample->size, true);
  bool part = standin_re2_matches(compiled, sample->text, sample->size, false);
  must(whole == part, "%s means the whole text or a part of it", expression);
  standin_re2_free(compiled);
  return whole ? MATCH : NO_MATCH;
}

/* The expression of a pattern, which is one. */
static enum matching match_pattern(char *expression, const struct sample *sample) {
  if (expression == NULL) return NO_EXPRESSION;
  enum matching matching = match(expression, sample);
  must(matching != NO_EXPRESSION, "%s is %s, which isn't an expression", sample->pattern, expression);
  free(expression);
  return matching;
}

static void check_like(const struct sample *sample) {
  bool like = sqlite3_strlike(sample->pattern, sample->seen, 0) == 0;
  enum matching least = match_pattern(pattern_like(sample->pattern, sample->pattern_size), sample);
  enum matching most = match_pattern(pattern_like_at_most(sample->pattern, sample->pattern_size), sample);
  must(!like || least != NO_MATCH, "LIKE %s matches what its expression doesn't", sample->pattern);
  must(like || most != MATCH, "LIKE %s doesn't match what its expression at most does", sample->pattern);
  must(least != NO_EXPRESSION, "LIKE %s has no expression", sample->pattern);
}

static void check_glob(const struct sample *sample) {
  bool glob = sqlite3_strglob(sample->pattern, sample->seen) == 0;
  enum matching matching = match_pattern(pattern_glob(sample->pattern, sample->pattern_size), sample);
  must(!glob || matching != NO_MATCH, "GLOB %s matches what its expression doesn't", sample->pattern);
}

static void check_literal(const struct sample *sample) {
  enum matching matching = match_pattern(pattern_literal(sample->pattern, sample->pattern_size), sample);
  bool equal = sample->size == sample->pattern_size && memcmp(sample->text, sample->pattern, sample->size) == 0;
  must((matching == MATCH) == equal, "the literal %s", sample->pattern);
}

/* regex(): somewhere in the text. What isn't one must not become one. */
static void check_regex(const struct sample *sample) {
  const struct translation translation = {.endpoint = &endpoint_links};
  struct value value = {.type = VALUE_TEXT, .text = sample->pattern, .size = sample->pattern_size};
  const struct term term = {
      .column = endpoint_column(&endpoint_links, "link_to"), .op = OPERATOR_REGEX, .values = &value, .value_count = 1};
  enum precision precision;
  struct condition condition = {0};
  struct error error;
  must(pushdown_translate(&translation, &term, &precision, &condition, &error) == 0, "%s", error.message);
  must(precision == PRECISION_EXACT, "regex %s is not sent", sample->pattern);
  struct standin_re2 *given = standin_re2_new(sample->pattern, sample->pattern_size, false, false);
  enum matching sent = given != NULL ? match(condition.text, sample) : NO_EXPRESSION;
  if (given == NULL) {
    struct standin_re2 *compiled = standin_re2_new(condition.text, strlen(condition.text), false, false);
    must(compiled == NULL, "%s isn't an expression, but %s is", sample->pattern, condition.text);
  } else if (sent != NO_EXPRESSION) { /* RE2 may have room for one, and not for the other */
    bool matches = standin_re2_matches(given, sample->text, sample->size, false);
    must((sent == MATCH) == matches, "regex %s is sent as %s", sample->pattern, condition.text);
  }
  standin_re2_free(given);
  condition_release(&condition);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct {
    void (*check)(const struct sample *sample);
    bool (*takes)(const struct value *pattern);
  } checks[] = {{check_like, value_is_as_sent},
                {check_glob, value_is_as_sent},
                {check_literal, value_is_as_sent},
                {check_regex, value_is_plain_text}};
  struct fuzz_input input = {(const char *)data, size};
  unsigned kind = input_byte(&input);
  char *pattern = input_text(&input);
  struct fuzz_input text_input = input;
  char *seen = input_text(&text_input);
  struct sample sample = {.pattern = pattern, .pattern_size = strlen(pattern), .seen = seen};
  char *text = input_rest(&input, &sample.size);
  sample.text = text;
  bool short_enough = sample.pattern_size <= PATTERN_MAX && sample.size <= TEXT_MAX;
  kind %= sizeof checks / sizeof *checks;
  const struct value value = {.type = VALUE_TEXT, .text = pattern, .size = sample.pattern_size};
  if (short_enough && checks[kind].takes(&value) && is_utf8(text, sample.size)) checks[kind].check(&sample);
  free(text);
  free(seen);
  free(pattern);
  return 0;
}
