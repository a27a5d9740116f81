/* Regression trees, grown elsewhere, as plain data: walked, written and read here.
 *
 * Growing them is the work of a library that few programs should have to load (common/science/learners/, XGBoost); a
 * program that fits models of trees hands its function over as a tree_grower. Predicting needs only this module. It
 * does the arithmetic of XGBoost, in floats and in the order of the trees, so both agree to the bit. */
#pragma once

#include "common/base/problem.h"
#include "common/base/writer.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TREES_MAX = 2000, TREE_NODES_MAX = 4 * 1024 * 1024, TREE_FEATURES_MAX = 64 }; /* nodes of all trees together */

/* Goes left where the feature is less than the threshold, and where it is not known as `unknown_left` says. */
struct tree_node {
    int32_t left, right; /* within the tree; 0: a leaf */
    int32_t feature;
    bool unknown_left;
    float value; /* the threshold, or what the leaf adds */
};

struct trees {
    double base; /* the leaves are added to it */
    size_t count, features;
    const size_t *begin; /* count + 1: where each tree's nodes are */
    const struct tree_node *nodes;
};

/* A table of rows x features, row by row; NaN: not known. */
struct tree_task {
    size_t rows, features;
    const float *x, *y;
    uint64_t seed;
    bool bagged; /* a forest of trees that each saw a part, their mean; otherwise each corrects those before it */
    unsigned trees, depth;
    double rate;         /* of learning; 1 in a forest */
    double row_part;     /* of the rows that a tree sees */
    double feature_part; /* of the features that a split may choose from */
    double leaf_rows_min;
};

/* Trees in the arena, with base 0. FAULT: the library failed, which why explains. */
typedef enum status tree_grower(struct arena *arena, const struct tree_task *task, struct trees *out,
                                struct problem *why);

double trees_predict(const struct trees *t, const double *x);

void trees_write(const struct trees *t, struct writer *w);

/* Trees that were read can be walked, whatever the JSON holds: children come after their parents. */
enum status trees_read(struct arena *arena, const json_t *json, size_t features, struct trees *out,
                       struct problem *why);
