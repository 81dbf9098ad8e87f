/*
** RE2 for C. By default RE2 reports errors on standard error, but here invalid expressions are ordinary requests.
*/
#include "re2_shim.h"

#include <re2/re2.h>

struct standin_re2 {
  standin_re2(const re2::StringPiece &pattern, const RE2::Options &options) : expression(pattern, options) {
  }
  RE2 expression;
};

extern "C" struct standin_re2 *standin_re2_new(const char *pattern, size_t length, bool ignore_case, bool dot_matches_newline) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!ignore_case);
  options.set_dot_nl(dot_matches_newline);
  standin_re2 *made = new standin_re2(re2::StringPiece(pattern, length), options);
  if (made->expression.ok()) return made;
  delete made;
  return nullptr;
}

extern "C" void standin_re2_free(struct standin_re2 *expression) {
  delete expression;
}

extern "C" bool standin_re2_matches(const struct standin_re2 *expression, const char *bytes, size_t length, bool whole) {
  re2::StringPiece text(bytes, length);
  return expression->expression.Match(text, 0, length, whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED, nullptr, 0);
}
