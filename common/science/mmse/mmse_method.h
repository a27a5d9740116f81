/* Methods to predict the next MMSE score: rows of a table with fit, predict, write and read. A method predicts from
 * struct known, which ends before the target date. */
#pragma once

#include "common/science/mmse/known.h"
#include "common/science/mmse/trees.h"

#define MMSE_METHOD_DEFAULT "combined"

/* Reports progress and asks whether to go on: false cancels, and the step ends as CONFLICT with "The work was
 * cancelled.". Called from the thread that works, a few dozen times per model. A NULL function always goes on. */
struct mmse_watch {
    bool (*go_on)(void *context, unsigned step, unsigned steps);
    void *context;
};

struct mmse_options {
    uint64_t seed; /* of the folds behind the intervals, and of trees */
    bool reml;     /* mixed: restricted maximum likelihood */
    tree_grower *grow;
    struct mmse_watch watch;
};

struct mmse_method {
    const char *name, *summary;
    size_t tasks_min; /* subjects with two or more visits that a fit needs */
    bool grows_trees;

    /* near: the parameters of a fit to nearly the same cohort, a place to begin a search; or NULL. */
    enum status (*fit)(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                       const void *near, const void **out, struct problem *why);
    double (*predict)(const void *parameters, const struct known *k); /* not yet cut to 0..30 */
    void (*write)(const void *parameters, struct writer *w);          /* one JSON value */
    enum status (*read)(struct arena *arena, const json_t *json, const void **out, struct problem *why);
};

/* Ends with a row without a name. */
extern const struct mmse_method mmse_methods[];
extern const char *const mmse_method_names[];                  /* of the same, in the same order; ends with NULL */
const struct mmse_method *mmse_method_named(const char *name); /* NULL: there is none */

/* The clinic's rule of thumb (rule-v1): 5 points more up to the age of 50 (in whole years), 3 above, 30 at most. */
double mmse_method_rule_v1(double mmse, int age);
