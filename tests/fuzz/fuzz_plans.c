/*
** idxStr: a text that is read as a plan is the text of that plan, and the text of any plan is read as that plan.
**
** The input is the text; its bytes also make a plan.
*/
#include <string.h>

#include "input.h"
#include "plan/plan.h"

static const char bound_task[] = "the bound task_id";

static char *encode(const struct plan *plan) {
  struct buffer text = {0};
  plan_encode(&endpoint_links, plan, &text);
  char *encoded = buffer_take(&text);
  must(encoded != NULL, "out of memory");
  return encoded;
}

static void must_equal(const struct plan *left, const struct plan *right, const char *text) {
  must(left->input_missing == right->input_missing && left->count == right->count, "%s", text);
  must(left->limit == right->limit && left->offset == right->offset, "%s", text);
  must(left->term_count == right->term_count && left->term_count >= 0 && left->term_count <= PLAN_TERMS_MAX, "%s", text);
  for (int i = 0; i < left->term_count; i++) {
    const struct plan_term *a = &left->terms[i];
    const struct plan_term *b = &right->terms[i];
    must(a->column == b->column && a->op == b->op && a->checked_here == b->checked_here, "%s, term %d", text, i);
    must(a->column >= 0 && a->column < endpoint_links.column_count && (unsigned)a->op < OPERATOR_COUNT, "%s", text);
  }
}

/* The plan's text is read as the same plan; returns it. */
static char *must_survive(const struct plan *plan) {
  struct plan decoded;
  struct error error;
  char *text = encode(plan);
  must(plan_decode(&endpoint_links, text, &decoded, &error) == 0, "%s: %s", text, error.message);
  must_equal(plan, &decoded, text);
  return text;
}

/* Takes "the bound task_id" away, which a text may have or not: it follows from the terms. */
static void drop_bound_task(char *text) {
  char *at = strstr(text, bound_task);
  if (at == NULL) return;
  size_t size = strlen(bound_task);
  if (strncmp(at + size, " AND ", strlen(" AND ")) == 0) size += strlen(" AND ");
  memmove(at, at + size, strlen(at + size) + 1);
}

static void check_text(struct fuzz_input input) {
  struct plan plan;
  struct error error;
  char *text = input_text(&input);
  if (plan_decode(&endpoint_links, text, &plan, &error) == 0) {
    char *encoded = must_survive(&plan);
    drop_bound_task(text);
    drop_bound_task(encoded);
    must(strcmp(text, encoded) == 0, "\"%s\" is written as \"%s\"", text, encoded);
    free(encoded);
  } else {
    must(error.kind == ERROR_FAILED && strstr(error.message, "can't be read") != NULL, "%s", error.message);
  }
  free(text);
}

static void check_plan(struct fuzz_input input) {
  unsigned flags = input_byte(&input);
  struct plan plan = {
      .input_missing = (flags & 1) != 0, .count = (flags & 2) != 0, .limit = (flags & 4) != 0, .offset = (flags & 8) != 0};
  while (input.size > 0 && plan.term_count < PLAN_TERMS_MAX) {
    struct plan_term *term = &plan.terms[plan.term_count++];
    term->column = (int)input_byte(&input) % endpoint_links.column_count;
    unsigned op = input_byte(&input);
    term->op = (enum sql_operator)(op % OPERATOR_COUNT);
    term->checked_here = op >= 128;
  }
  free(must_survive(&plan));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct fuzz_input input = {(const char *)data, size};
  check_text(input);
  check_plan(input);
  return 0;
}
