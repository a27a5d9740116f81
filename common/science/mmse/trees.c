#include "common/science/mmse/trees.h"

#include <math.h>

static float leaf_of(const struct tree_node *tree, const double *x)
{
    const struct tree_node *node = tree;
    while (node->left) {
        float value = (float)x[node->feature];
        bool left = isnan(value) ? node->unknown_left : value < node->value;
        node = tree + (left ? node->left : node->right);
    }
    return node->value;
}

double trees_predict(const struct trees *t, const double *x)
{
    float sum = 0;
    for (size_t i = 0; i < t->count; i++)
        sum += leaf_of(t->nodes + t->begin[i], x);
    return t->base + (double)sum;
}

/* ---- JSON: a tree is a list of nodes [left, right, feature, unknown_left, threshold], and a leaf is [value] ---- */

static void node_write(const struct tree_node *node, struct writer *w)
{
    write_array(w);
    if (node->left) {
        write_integer(w, node->left);
        write_integer(w, node->right);
        write_integer(w, node->feature);
        write_boolean(w, node->unknown_left);
    }
    write_real(w, (double)node->value);
    write_array_end(w);
}

void trees_write(const struct trees *t, struct writer *w)
{
    write_object(w);
    write_key(w, "base");
    write_real(w, t->base);
    write_key(w, "trees");
    write_array(w);
    for (size_t i = 0; i < t->count; i++) {
        write_array(w);
        for (size_t n = t->begin[i]; n < t->begin[i + 1]; n++)
            node_write(&t->nodes[n], w);
        write_array_end(w);
    }
    write_array_end(w);
    write_object_end(w);
}

static bool number_read(const json_t *json, double max, double *out)
{
    *out = json_number_value(json);
    return json_is_number(json) && fabs(*out) <= max;
}

static bool child_read(const json_t *json, size_t from, size_t until, int32_t *out)
{
    json_int_t value = json_integer_value(json);
    *out = (int32_t)value;
    return json_is_integer(json) && value >= (json_int_t)from && value < (json_int_t)until;
}

static bool node_read(const json_t *json, size_t at, size_t count, size_t features, struct tree_node *out)
{
    double value;
    size_t size = json_array_size(json);
    if ((size != 1 && size != 5) || !number_read(json_array_get(json, size - 1), 3e38, &value))
        return false;
    *out = (struct tree_node){.value = (float)value};
    if (size == 1)
        return true;
    const json_t *unknown_left = json_array_get(json, 3);
    out->unknown_left = json_is_true(unknown_left);
    return child_read(json_array_get(json, 0), at + 1, count, &out->left) &&
           child_read(json_array_get(json, 1), at + 1, count, &out->right) &&
           child_read(json_array_get(json, 2), 0, features, &out->feature) && json_is_boolean(unknown_left);
}

static size_t nodes_in(const json_t *list)
{
    size_t nodes = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        nodes += json_array_size(json_array_get(list, i));
    return nodes;
}

static bool tree_read(const json_t *json, size_t features, struct tree_node *nodes)
{
    size_t count = json_array_size(json);
    for (size_t n = 0; n < count; n++)
        if (!node_read(json_array_get(json, n), n, count, features, &nodes[n]))
            return false;
    return count > 0;
}

enum status trees_read(struct arena *arena, const json_t *json, size_t features, struct trees *out, struct problem *why)
{
    const json_t *list = json_object_get(json, "trees");
    struct trees t = {.count = json_array_size(list), .features = features};
    size_t node_count = nodes_in(list);
    if (!number_read(json_object_get(json, "base"), 1e30, &t.base) || !json_is_array(list) || t.count > TREES_MAX ||
        node_count > TREE_NODES_MAX)
        return fail(why, INVALID, NULL, "The model's trees are damaged.");
    size_t *begin = arena_alloc(arena, (t.count + 1) * sizeof *begin);
    struct tree_node *nodes = arena_alloc(arena, node_count * sizeof *nodes);
    for (size_t i = 0; i < t.count; i++) {
        const json_t *tree = json_array_get(list, i);
        if (!tree_read(tree, features, nodes + begin[i]))
            return fail(why, INVALID, NULL, "Tree %zu of the model is damaged.", i + 1);
        begin[i + 1] = begin[i] + json_array_size(tree);
    }
    t.begin = begin;
    t.nodes = nodes;
    *out = t;
    return OK;
}
