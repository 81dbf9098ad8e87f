/*
** Two tokeners share the bytes; item_path.h finds where an item begins, and the item tokener where it ends:
**
**   response            {"tasks":[{"result":[{"items":[  {"a":1}  ,  {"b":[2]}  ]}]}]}
**   envelope tokener    {"tasks":[{"result":[{"items":[   null    ,    null     ]}]}]}
**   item tokener                                         {"a":1}     {"b":[2]}
**
** An item's null is not passed on when the item ends but before the next bytes of the envelope (owes_null), and those of many
** items together (nulls). Before that, the response's bytes are checked for a byte order mark, which some servers put first, and
** for zero bytes, which json-c would take for the end.
**
** Most items are plain, and are packed without the item tokener (packed.h). What is unusual or arrives in two pieces is left to it.
*/
#include "wire/parser.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/excerpt.h"
#include "wire/head.h"
#include "wire/item_path.h"
#include "wire/items.h"
#include "wire/json_read.h"

enum {
  DEPTH_MAX = 32,      /* nesting of a response, */
  ITEM_DEPTH_MAX = 26, /* … and of an item, which is at depth 7 */
  START_MAX = 1024,    /* bytes kept of a response's start, for messages */
  TREE_MAX = 16 << 20, /* bytes that the tree of the envelope may take, and of an item */
  SMALL_ITEM = 4096,   /* bytes of an item before its tree is bounded: a link has about 700 */
  ITEM_PIECE = 16384,  /* bytes of an item that are parsed before the size of its tree is checked again */
  PIECE_MAX = 1 << 30  /* json-c counts in int */
};

/* Bytes that json-c 0.16 takes for an object, an array and a value after a comma; brackets and commas in texts are counted, too. */
enum { OBJECT_SIZE = 1100, ARRAY_SIZE = 400, VALUE_SIZE = 150 };

static const char byte_order_mark[] = {'\xEF', '\xBB', '\xBF'};

struct page_parser {
  const struct endpoint *endpoint;
  struct json_tokener *envelope_tokener;
  struct json_tokener *item_tokener;
  struct item_path path;
  struct head head;
  bool at_items; /* the first item has been reached */
  bool in_item;
  char nulls[512];          /* of items, each with a comma: not passed to envelope_tokener yet */
  size_t nulls_size;        /* of them */
  bool owes_null;           /* the null of the last item was not passed to envelope_tokener yet, nor put there */
  struct json_object *root; /* PARSER_COMPLETE: the envelope; owned */
  struct items *items;      /* owned */
  enum { PARSER_READING, PARSER_COMPLETE, PARSER_BROKEN, PARSER_OVERFULL, PARSER_NO_MEMORY } state;
  const char *fault; /* PARSER_BROKEN: why; static */
  size_t parsed;     /* bytes; PARSER_BROKEN: those before the fault */
  size_t mark_size;  /* bytes of a byte order mark that have come */
  char first;        /* first byte that isn't white space; 0 before it has come */
  char start[START_MAX];
  size_t start_size;
  size_t item_size;     /* bytes of the current item so far */
  size_t envelope_tree; /* approximate size of the envelope's tree, */
  size_t item_tree;     /* … and of the current item's, unless it is small */
  size_t largest_item;  /* bytes */
  size_t *held;         /* NULL, or the memory of parsers and pages, */
  size_t share;         /* … this one's share of it, */
  size_t peak;          /* … and the most that the share has been */
};

void page_parser_free(struct page_parser *parser) {
  if (parser == NULL) return;
  if (parser->held != NULL) *parser->held -= parser->share;
  json_object_put(parser->root);
  items_free(parser->items);
  head_release(&parser->head);
  if (parser->envelope_tokener != NULL) json_tokener_free(parser->envelope_tokener);
  if (parser->item_tokener != NULL) json_tokener_free(parser->item_tokener);
  free(parser);
}

/* JSON_TOKENER_STRICT: json-c's leniency (single quotes, comments, stray commas, words in capitals) would make rows of a garbled
** response; one that is refused can be requested again. Bytes that aren't UTF-8 are accepted: one page on the web with a broken
** anchor text must not make a crawl unreadable. */
struct page_parser *page_parser_new(const struct endpoint *endpoint, uint64_t columns, size_t *held) {
  struct page_parser *parser = calloc(1, sizeof *parser);
  if (parser == NULL) return NULL;
  parser->endpoint = endpoint;
  parser->held = held;
  parser->items = items_new(endpoint, columns);
  parser->envelope_tokener = json_tokener_new_ex(DEPTH_MAX);
  parser->item_tokener = json_tokener_new_ex(ITEM_DEPTH_MAX);
  if (parser->items == NULL || parser->envelope_tokener == NULL || parser->item_tokener == NULL) {
    page_parser_free(parser);
    return NULL;
  }
  json_tokener_set_flags(parser->envelope_tokener, JSON_TOKENER_STRICT);
  json_tokener_set_flags(parser->item_tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
  return parser;
}

void page_parser_keep(struct page_parser *parser, bool keep) {
  items_keep_all(parser->items, keep);
}

bool page_parser_is_complete(const struct page_parser *parser) {
  return parser->state == PARSER_COMPLETE;
}

size_t page_parser_peak(const struct page_parser *parser) {
  return parser->peak;
}

bool page_parser_is_overfull(const struct page_parser *parser) {
  return parser->state == PARSER_OVERFULL;
}

void page_parser_echo(const struct page_parser *parser, struct page_echo *echo) {
  if (parser->root == NULL && parser->head.page != NULL)
    page_echo(parser->head.page, echo);
  else
    page_echo_of(parser->root, echo);
}

/* ---- Bounds ---- */

/* The approximate size of these bytes' tree, and of the texts that json-c is putting together. */
static size_t tree_size(const char *bytes, size_t size) {
  size_t sum = 2 * size;
  for (size_t i = 0; i < size; i++)
    sum += bytes[i] == '{' ? OBJECT_SIZE : bytes[i] == '[' ? ARRAY_SIZE : bytes[i] == ',' ? VALUE_SIZE : 0;
  return sum;
}

/* Brings this parser's share of *held up to date. */
static void account(struct page_parser *parser) {
  if (parser->held == NULL) return;
  size_t items = parser->items != NULL ? items_size(parser->items) : 0;
  size_t share = sizeof *parser + parser->envelope_tree + parser->item_tree + parser->largest_item + items;
  *parser->held += share - parser->share;
  parser->share = share;
  if (share > parser->peak) parser->peak = share;
}

/* ---- Envelope and items ---- */

static size_t leading_space(const char *bytes, size_t size) {
  size_t at = 0;
  while (at < size && ascii_is_space(bytes[at])) at++;
  return at;
}

static void parser_break(struct page_parser *parser, const char *fault, size_t offset) {
  parser->state = PARSER_BROKEN;
  parser->fault = fault;
  parser->parsed += offset;
}

/* Whether json-c reached the end of the bytes or of the value. The first `before` of the bytes were not the response's. */
static bool went_well(struct page_parser *parser, const struct json_parse *parse, size_t before) {
  if (parse->no_memory) {
    parser->state = PARSER_NO_MEMORY;
    return false;
  }
  if (parse->outcome == json_tokener_success || parse->outcome == json_tokener_continue) return true;
  parser_break(parser, json_tokener_error_desc(parse->outcome), parse->taken - before);
  return false;
}

static void feed_envelope(struct page_parser *parser, const char *bytes, size_t size, size_t before) {
  parser->envelope_tree += tree_size(bytes, size);
  if (parser->envelope_tree > TREE_MAX) {
    parser->state = PARSER_OVERFULL;
    return;
  }
  struct json_parse parse = json_read_parse(parser->envelope_tokener, bytes, size);
  if (!went_well(parser, &parse, before) || parse.outcome != json_tokener_success) return;
  parser->root = parse.object;
  /* Success without a tree: memory ran out (or the text is `null`; parser->first tells). */
  parser->state = parser->root != NULL ? PARSER_COMPLETE : PARSER_NO_MEMORY;
  parse.taken += leading_space(bytes + parse.taken, size - parse.taken);
  if (parse.taken < size) parser_break(parser, "unexpected text after the end", parse.taken - before);
}

/* Whether the bytes are a comma and white space. */
static bool is_comma(const char *bytes, size_t size) {
  size_t at = leading_space(bytes, size);
  return at < size && bytes[at] == ',' && leading_space(bytes + at + 1, size - at - 1) == size - at - 1;
}

static void feed_nulls(struct page_parser *parser) {
  size_t size = parser->nulls_size;
  parser->nulls_size = 0;
  if (size > 0) feed_envelope(parser, parser->nulls, size, size);
}

/* Parses bytes of the envelope, after the null that is owed. Nulls between items are collected, and few bytes are joined
** with the null: in each call json-c changes the locale. */
static void parse_envelope(struct page_parser *parser, const char *bytes, size_t size) {
  static const char null_and_comma[] = {'n', 'u', 'l', 'l', ','};
  char joined[64] = "null";
  size_t null_size = parser->owes_null ? strlen(joined) : 0;
  if (size == 0) return;
  parser->owes_null = false;
  if (null_size > 0 && parser->in_item && is_comma(bytes, size)) {
    if (parser->nulls_size + sizeof null_and_comma > sizeof parser->nulls) feed_nulls(parser);
    memcpy(parser->nulls + parser->nulls_size, null_and_comma, sizeof null_and_comma);
    parser->nulls_size += sizeof null_and_comma;
    return;
  }
  feed_nulls(parser);
  if (parser->state != PARSER_READING) return;
  if (null_size > 0 && null_size + size <= sizeof joined) {
    memcpy(joined + null_size, bytes, size);
    feed_envelope(parser, joined, null_size + size, null_size);
    return;
  }
  if (null_size > 0) feed_envelope(parser, joined, null_size, null_size);
  if (parser->state == PARSER_READING) feed_envelope(parser, bytes, size, 0);
}

/* Keeps the item unless a non-object came before it or the page is full. Either way the page is refused: by page_crawl_state, or
** for its number of rows (stream.c). */
static void keep_item(struct page_parser *parser, struct json_object *object) {
  size_t index = item_path_index(&parser->path);
  if (object == NULL)
    parser->state = PARSER_NO_MEMORY;
  else if (index != items_count(parser->items) || index >= (size_t)parser->endpoint->limit_max)
    items_drop_text(parser->items);
  else if (items_add(parser->items, object) != 0)
    parser->state = PARSER_NO_MEMORY;
}

/* Counts the bytes of an item that have been parsed, and bounds its tree unless it is small. */
static void bound_item(struct page_parser *parser, const char *bytes, size_t size) {
  parser->item_size += size;
  if (parser->item_size > SMALL_ITEM) parser->item_tree += tree_size(bytes, size);
  if (parser->item_tree > TREE_MAX + 2 * parser->item_size) parser->state = PARSER_OVERFULL;
}

static void end_item(struct page_parser *parser) {
  if (parser->item_size > parser->largest_item) parser->largest_item = parser->item_size;
  parser->item_size = 0;
  parser->item_tree = 0;
  parser->in_item = false;
  /* Two items with nothing in between: two nulls, which json-c refuses. */
  if (parser->owes_null && parser->state == PARSER_READING) parse_envelope(parser, "null", strlen("null"));
  parser->owes_null = true;
}

/* Adds the item that the bytes begin with without json-c, if it is plain and to be kept; returns its bytes, 0 if it isn't. */
static size_t take_plain_item(struct page_parser *parser, const char *bytes, size_t size) {
  size_t taken = 0;
  size_t index = item_path_index(&parser->path);
  if (parser->item_size > 0 || index != items_count(parser->items) || index >= (size_t)parser->endpoint->limit_max) return 0;
  enum packed_outcome outcome = items_add_plain(parser->items, bytes, size, &taken);
  if (outcome == PACKED_NO_MEMORY) parser->state = PARSER_NO_MEMORY;
  if (outcome == PACKED_NO_MEMORY) return size;
  if (outcome == PACKED_NOT_PLAIN) return 0;
  parser->parsed += taken;
  end_item(parser);
  return taken;
}

/* Parses bytes of an item, up to its end at most; returns how many. json-c is called directly, without the checks of
** json_read_parse for lost memory: items_add finds what was lost. */
static size_t parse_item(struct page_parser *parser, const char *bytes, size_t size) {
  size_t plain = take_plain_item(parser, bytes, size);
  if (plain > 0) return plain;
  if (size > ITEM_PIECE) size = ITEM_PIECE;
  struct json_parse parse = {.object = json_tokener_parse_ex(parser->item_tokener, bytes, (int)size)};
  parse.outcome = json_tokener_get_error(parser->item_tokener);
  bool complete = parse.outcome == json_tokener_success;
  parse.taken = parse.outcome == json_tokener_continue ? size : json_tokener_get_parse_end(parser->item_tokener);
  if (!went_well(parser, &parse, 0)) return size;
  size_t text = parse.taken;
  while (complete && text > 0 && ascii_is_space(bytes[text - 1])) text--;
  items_add_text(parser->items, bytes, text);
  parser->parsed += parse.taken;
  bound_item(parser, bytes, parse.taken);
  if (complete && parser->state == PARSER_READING) keep_item(parser, parse.object);
  json_object_put(parse.object);
  if (complete) end_item(parser);
  return parse.taken;
}

/* Parses bytes of the envelope, up to the next item at most; returns how many. */
static size_t parse_to_item(struct page_parser *parser, const char *bytes, size_t size) {
  size_t taken = item_path_next(&parser->path, bytes, size, &parser->in_item);
  if (!parser->at_items) head_append(&parser->head, bytes, taken);
  if (!parser->at_items && parser->in_item) head_end(&parser->head, parser->endpoint, parser->held);
  parser->at_items = parser->at_items || parser->in_item;
  parse_envelope(parser, bytes, taken);
  if (parser->state != PARSER_BROKEN) parser->parsed += taken;
  if (parser->path.begun) items_clear(parser->items); /* of equal keys json-c takes the last */
  parser->path.begun = false;
  return taken;
}

/* ---- The response ---- */

/* Gives how many bytes it has taken. */
static size_t parse_piece(struct page_parser *parser, const char *bytes, size_t size, bool head_only) {
  const char *zero = memchr(bytes, '\0', size);
  if (zero != NULL) { /* json-c would take it for the end of the text */
    parser_break(parser, "zero byte", (size_t)(zero - bytes));
    return size;
  }
  size_t at = 0;
  while (at < size && parser->state == PARSER_READING && !(head_only && parser->at_items))
    at += parser->in_item ? parse_item(parser, bytes + at, size - at) : parse_to_item(parser, bytes + at, size - at);
  if (parser->state == PARSER_READING) return at;
  if (parser->state == PARSER_COMPLETE) {
    size_t space = leading_space(bytes + at, size - at);
    parser->parsed += space;
    if (at + space < size) parser_break(parser, "unexpected text after the end", 0);
  }
  return size;
}

static size_t parse(struct page_parser *parser, const char *bytes, size_t size, bool head_only) {
  size_t at = 0;
  while (at < size && (parser->state == PARSER_READING || parser->state == PARSER_COMPLETE)) {
    if (head_only && parser->at_items) return at;
    at += parse_piece(parser, bytes + at, size - at < PIECE_MAX ? size - at : PIECE_MAX, head_only);
  }
  return size;
}

/* How many of the bytes are of a byte order mark at the response's start. */
static size_t pass_mark(struct page_parser *parser, const char *bytes, size_t size) {
  size_t passed = 0;
  while (passed < size && parser->parsed == parser->mark_size && parser->mark_size < sizeof byte_order_mark &&
         bytes[passed] == byte_order_mark[parser->mark_size]) {
    parser->mark_size++;
    parser->parsed++;
    passed++;
  }
  bool is_cut = parser->mark_size > 0 && parser->mark_size < sizeof byte_order_mark;
  if (is_cut && passed < size) {
    parser->first = byte_order_mark[0];
    parser_break(parser, "half of a byte order mark", 0);
  }
  return passed;
}

static size_t feed(struct page_parser *parser, const char *bytes, size_t size, bool head_only) {
  size_t mark = pass_mark(parser, bytes, size);
  bytes += mark;
  size -= mark;
  if (size == 0) return mark;
  if (parser->first == '\0') {
    size_t space = leading_space(bytes, size);
    if (space < size) parser->first = bytes[space];
  }
  size_t taken = parse(parser, bytes, size, head_only);
  size_t room = sizeof parser->start - parser->start_size;
  size_t kept = taken < room ? taken : room;
  memcpy(parser->start + parser->start_size, bytes, kept);
  parser->start_size += kept;
  account(parser);
  return mark + taken;
}

void page_parser_feed(struct page_parser *parser, const char *bytes, size_t size) {
  feed(parser, bytes, size, false);
}

size_t page_parser_feed_head(struct page_parser *parser, const char *bytes, size_t size) {
  return parser->at_items ? 0 : feed(parser, bytes, size, true);
}

const struct page *page_parser_head(const struct page_parser *parser) {
  return parser->head.page;
}

/* The start of the text, without its tags. */
static size_t excerpt_start(const struct page_parser *parser, char *message, size_t size) {
  size_t end = parser->start_size;
  if (end == sizeof parser->start) { /* the last character may be cut in two: leave it out */
    while (end > 0 && ((unsigned char)parser->start[end - 1] & 0xC0) == 0x80) end--;
    if (end > 0 && (unsigned char)parser->start[end - 1] >= 0xC0) end--;
  }
  return parser->first == '<' ? excerpt_html(message, size, parser->start, end)
                              : excerpt_text(message, size, parser->start, end);
}

void page_parser_message(const struct page_parser *parser, const struct page *page, char *message, size_t size) {
  if (size == 0) return;
  message[0] = '\0';
  if (page == NULL || page_message(page, message, size) == 0) excerpt_start(parser, message, size);
}

static int not_an_object(const struct page_parser *parser, struct error *error) {
  char text[300] = "";
  size_t size = excerpt_start(parser, text, sizeof text);
  return error_set(error, "the response is not a JSON object%s%s", size > 0 ? ": " : "", text);
}

int page_parser_finish(struct page_parser *parser, struct page **page, struct error *error) {
  if (parser->state == PARSER_OVERFULL) return error_set(error, "the response has more values than any page of links");
  if (parser->state == PARSER_BROKEN && parser->first == '{')
    return error_set(error, "the response is not valid JSON: %s at byte %zu", parser->fault, parser->parsed);
  if (parser->state == PARSER_READING && parser->first == '\0') return error_set(error, "the response is empty");
  if (parser->first != '{') return not_an_object(parser, error);
  if (parser->state == PARSER_READING)
    return error_set(error, "the response breaks off after %zu bytes, in the middle of its JSON", parser->parsed);
  if (parser->state == PARSER_NO_MEMORY) return error_no_memory(error);
  struct page *made = page_new(parser->endpoint, parser->root, parser->items, parser->envelope_tree, parser->held);
  if (made == NULL) return error_no_memory(error);
  parser->root = NULL;
  parser->items = NULL;
  parser->envelope_tree = 0;
  account(parser);
  *page = made;
  return 0;
}
