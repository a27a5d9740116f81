#include "common/science/learners/grow.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xgboost/c_api.h>

/* Exact splits look at every value; beyond so many rows a histogram of 256 bins per feature loses nothing. */
enum { EXACT_ROWS_MAX = 50 * 1000 };

#define TRY_XGBOOST(call) \
    do { \
        if ((call) != 0) \
            return fail(why, FAULT, NULL, "XGBoost: %.200s", XGBGetLastError()); \
    } while (0)

static void matrix_drop(DMatrixHandle *matrix)
{
    if (*matrix)
        XGDMatrixFree(*matrix);
}

static void booster_drop(BoosterHandle *booster)
{
    if (*booster)
        XGBoosterFree(*booster);
}

/* ---- Settings ---- */

static enum status set_text(BoosterHandle booster, const char *name, const char *value, struct problem *why)
{
    TRY_XGBOOST(XGBoosterSetParam(booster, name, value));
    return OK;
}

static enum status set_number(BoosterHandle booster, const char *name, double value, struct problem *why)
{
    char text[32];
    snprintf(text, sizeof text, "%.9g", value);
    return set_text(booster, name, text, why);
}

static enum status set_all(BoosterHandle booster, const struct tree_task *task, struct problem *why)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"booster", "gbtree"},
                 {"objective", "reg:squarederror"},
                 {"tree_method", task->rows > EXACT_ROWS_MAX ? "hist" : "exact"},
                 {"verbosity", "0"}};
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"nthread", 1},
                   {"seed", (double)(task->seed & INT32_MAX)},
                   {"base_score", 0},
                   {"lambda", 0},
                   {"max_depth", task->depth},
                   {"eta", task->rate},
                   {"min_child_weight", task->leaf_rows_min},
                   {"subsample", task->row_part},
                   {"colsample_bynode", task->feature_part},
                   {"num_parallel_tree", task->bagged ? task->trees : 1}};
    for (size_t i = 0; i < COUNT(texts); i++)
        TRY(set_text(booster, texts[i].name, texts[i].value, why));
    for (size_t i = 0; i < COUNT(numbers); i++)
        TRY(set_number(booster, numbers[i].name, numbers[i].value, why));
    return OK;
}

/* ---- From XGBoost's JSON to nodes ---- */

/* The arrays of a tree, one entry per node; -1 as a child: a leaf. */
struct tree_json {
    const json_t *left, *right, *feature, *value, *unknown_left;
};

static json_int_t whole_at(const json_t *array, size_t i)
{
    return json_integer_value(json_array_get(array, i));
}

static bool unknown_left_at(const json_t *array, size_t i)
{
    const json_t *value = json_array_get(array, i);
    return json_is_true(value) || json_integer_value(value) != 0;
}

/* Breadth first, which leaves out what XGBoost has pruned and puts children after their parents. */
static bool tree_take(const struct tree_json *tree, size_t size, size_t *theirs, struct tree_node *out, size_t *count)
{
    *count = 1;
    theirs[0] = 0;
    for (size_t n = 0; n < *count; n++) {
        size_t i = theirs[n];
        json_int_t left = whole_at(tree->left, i), right = whole_at(tree->right, i);
        out[n] = (struct tree_node){.value = (float)json_number_value(json_array_get(tree->value, i))};
        if (left == -1)
            continue;
        if (left <= 0 || right <= 0 || (size_t)left >= size || (size_t)right >= size || *count + 2 > size)
            return false;
        out[n].left = (int32_t)*count;
        out[n].right = (int32_t)*count + 1;
        out[n].feature = (int32_t)whole_at(tree->feature, i);
        out[n].unknown_left = unknown_left_at(tree->unknown_left, i);
        theirs[(*count)++] = (size_t)left;
        theirs[(*count)++] = (size_t)right;
    }
    return true;
}

static struct tree_json tree_open(const json_t *json)
{
    return (struct tree_json){json_object_get(json, "left_children"), json_object_get(json, "right_children"),
                              json_object_get(json, "split_indices"), json_object_get(json, "split_conditions"),
                              json_object_get(json, "default_left")};
}

static size_t nodes_in(const json_t *trees)
{
    size_t nodes = 0;
    for (size_t i = 0; i < json_array_size(trees); i++)
        nodes += json_array_size(tree_open(json_array_get(trees, i)).left);
    return nodes;
}

static enum status trees_take(struct arena *arena, const json_t *trees, size_t features, struct trees *out,
                              struct problem *why)
{
    struct trees t = {.count = json_array_size(trees), .features = features};
    size_t room = nodes_in(trees);
    if (t.count == 0 || t.count > TREES_MAX || room > TREE_NODES_MAX)
        return fail(why, FAULT, NULL, "XGBoost has grown %zu trees of %zu nodes.", t.count, room);
    AUTO(arena_release) struct arena scratch = {0};
    struct tree_node *nodes = arena_alloc(arena, room * sizeof *nodes);
    size_t *begin = arena_alloc(arena, (t.count + 1) * sizeof *begin);
    size_t *theirs = arena_alloc(&scratch, room * sizeof *theirs);
    for (size_t i = 0; i < t.count; i++) {
        struct tree_json tree = tree_open(json_array_get(trees, i));
        size_t count = 0;
        if (!tree_take(&tree, json_array_size(tree.left), theirs, nodes + begin[i], &count))
            return fail(why, FAULT, NULL, "XGBoost has written an invalid tree.");
        begin[i + 1] = begin[i] + count;
    }
    t.begin = begin;
    t.nodes = nodes;
    *out = t;
    return OK;
}

static const json_t *member_of(const json_t *json, const char *const *path)
{
    for (; *path; path++)
        json = json_object_get(json, *path);
    return json;
}

static enum status booster_take(struct arena *arena, BoosterHandle booster, size_t features, struct trees *out,
                                struct problem *why)
{
    static const char *const path[] = {"learner", "gradient_booster", "model", "trees", NULL};
    bst_ulong size;
    const char *text;
    TRY_XGBOOST(XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &size, &text));
    json_auto_t *json = json_loadb(text, size, 0, NULL);
    return trees_take(arena, member_of(json, path), features, out, why);
}

/* Our walk through the trees must predict as XGBoost does. That is checked once, on rows at hand. */
enum { ROWS_COMPARED = 200 };

static enum status trees_compare(BoosterHandle booster, const struct tree_task *task, const struct trees *trees,
                                 struct problem *why)
{
    AUTO(matrix_drop) DMatrixHandle few = NULL;
    size_t rows = task->rows < ROWS_COMPARED ? task->rows : ROWS_COMPARED;
    bst_ulong size;
    const float *theirs;
    double x[TREE_FEATURES_MAX];
    TRY_XGBOOST(XGDMatrixCreateFromMat_omp(task->x, rows, task->features, NAN, &few, 1));
    TRY_XGBOOST(XGBoosterPredict(booster, few, 0, 0, 0, &size, &theirs));
    for (size_t row = 0; row < rows; row++) {
        for (size_t j = 0; j < task->features; j++)
            x[j] = (double)task->x[row * task->features + j];
        if (size != rows || trees_predict(trees, x) != (double)theirs[row])
            return fail(why, FAULT, NULL, "XGBoost predicts otherwise than its trees.");
    }
    return OK;
}

enum status grow_trees(struct arena *arena, const struct tree_task *task, struct trees *out, struct problem *why)
{
    AUTO(matrix_drop) DMatrixHandle matrix = NULL;
    AUTO(booster_drop) BoosterHandle booster = NULL;
    assert(task->features <= TREE_FEATURES_MAX);
    TRY_XGBOOST(XGDMatrixCreateFromMat_omp(task->x, task->rows, task->features, NAN, &matrix, 1));
    TRY_XGBOOST(XGDMatrixSetFloatInfo(matrix, "label", task->y, task->rows));
    TRY_XGBOOST(XGBoosterCreate(&matrix, 1, &booster));
    TRY(set_all(booster, task, why));
    for (unsigned round = 0; round < (task->bagged ? 1 : task->trees); round++)
        TRY_XGBOOST(XGBoosterUpdateOneIter(booster, (int)round, matrix));
    TRY(booster_take(arena, booster, task->features, out, why));
    return trees_compare(booster, task, out, why);
}
