/*
** Reading the grammar of filters into a tree. A tree of at most 8 conditions has at most 7 joins, because every join has at
** least two parts; so the nodes are a plain array.
*/
#include "filter.h"

#include <json-c/json.h>
#include <string.h>

static struct standin_node *add_node(struct standin_filter *filter, enum standin_join join) {
  if (filter->node_count == sizeof filter->nodes / sizeof *filter->nodes) return NULL;
  struct standin_node *node = &filter->nodes[filter->node_count++];
  node->join = join;
  return node;
}

static struct standin_node *read_condition(struct standin_filter *filter, struct json_object *array,
                                           const struct standin_grammar *grammar) {
  if (filter->tree_count == grammar->conditions) return NULL;
  struct standin_condition *condition = standin_condition_new(grammar->schema, array, grammar->readings);
  if (!condition) return NULL;
  struct standin_node *node = add_node(filter, STANDIN_LEAF);
  if (!node) {
    standin_condition_free(condition);
    return NULL;
  }
  node->condition = filter->tree_count;
  filter->conditions[filter->tree_count++] = condition;
  filter->count = filter->tree_count;
  return node;
}

/* STANDIN_LEAF for anything but a join. */
static enum standin_join read_join(struct json_object *word) {
  if (!json_object_is_type(word, json_type_string)) return STANDIN_LEAF;
  const char *text = json_object_get_string(word);
  return !strcmp(text, "and") ? STANDIN_AND : !strcmp(text, "or") ? STANDIN_OR : STANDIN_LEAF;
}

static struct standin_node *read_node(struct standin_filter *filter, struct json_object *value,
                                      const struct standin_grammar *grammar);

static struct standin_node *read_list(struct standin_filter *filter, struct json_object *array,
                                      const struct standin_grammar *grammar) {
  size_t length = json_object_array_length(array);
  if (length % 2 == 0) return NULL;
  if (length == 1) return read_node(filter, json_object_array_get_idx(array, 0), grammar);

  enum standin_join join = read_join(json_object_array_get_idx(array, 1));
  struct standin_node *node = join == STANDIN_LEAF ? NULL : add_node(filter, join);
  if (!node) return NULL;
  const struct standin_node **end = &node->first;
  for (size_t i = 0; i < length; i += 2) {
    if (i && read_join(json_object_array_get_idx(array, i - 1)) != join) return NULL;
    struct standin_node *part = read_node(filter, json_object_array_get_idx(array, i), grammar);
    if (!part) return NULL;
    *end = part;
    end = &part->next;
  }
  return node;
}

/* The depth of the recursion is bounded by json-c, which refuses to parse deep nesting. */
static struct standin_node *read_node(struct standin_filter *filter, struct json_object *value,
                                      const struct standin_grammar *grammar) {
  if (!json_object_is_type(value, json_type_array) || !json_object_array_length(value)) return NULL;
  bool is_condition = json_object_is_type(json_object_array_get_idx(value, 0), json_type_string);
  return is_condition ? read_condition(filter, value, grammar) : read_list(filter, value, grammar);
}

int standin_filter_read(struct standin_filter *filter, struct json_object *filters, const struct standin_grammar *grammar) {
  filter->tree = read_node(filter, filters, grammar);
  return filter->tree ? 0 : -1;
}

void standin_filter_require(struct standin_filter *filter, struct standin_condition *condition) {
  filter->conditions[filter->count++] = condition;
}

void standin_filter_release(struct standin_filter *filter) {
  for (size_t i = 0; i < filter->count; i++) standin_condition_free(filter->conditions[i]);
  *filter = (struct standin_filter){0};
}
