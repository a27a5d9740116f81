/* Models of the next MMSE score: fitted to a cohort, asked about one person, kept as plain data.
 *
 *     struct mmse_options options = {.seed = 1, .grow = grow_trees};     // grow: only where boosted trees are trained
 *     TRY(mmse_model_fit(arena, mmse_method_named("linear_history"), &cohort, &options, &model, why));
 *     TRY(mmse_model_predict(&model, &known, CONFORMAL_DEFAULT, &prediction, why));
 *     mmse_model_write(&model, &writer);                                 // ... and mmse_model_read
 *
 * Predictions and ends of intervals are cut to 0..30 and not rounded; intervals are conformal (conformal.h), also those
 * of rule_v1 and last_value. Same cohort in the same order, same seed and method: the same bytes.
 *
 * Pure but for trees: the program that links XGBoost hands in a tree_grower. Models live in an arena; they are
 * read-only afterwards and may be asked by many threads at once. */
#pragma once

#include "common/science/mmse/conformal.h"
#include "common/science/mmse/mmse_method.h"

enum { MMSE_MODEL_VERSION = 1, MMSE_MODEL_BYTES_MAX = 64 * 1024 * 1024 };

struct mmse_model {
    const struct mmse_method *method;
    uint64_t seed;
    size_t subjects, visits, tasks; /* it was fitted to */
    const void *parameters;         /* the method's */
    struct conformal conformal;
};

/* INVALID: the cohort is too small, which why says with the numbers needed and found. FAULT: the method needs trees and
 * options have no grower, or its library failed. */
enum status mmse_model_fit(struct arena *arena, const struct mmse_method *method, const struct cohort *cohort,
                           const struct mmse_options *options, struct mmse_model *out, struct problem *why);

struct mmse_prediction {
    double score, lower, upper; /* points, 0 to 30 */
};

/* level: of conformal_levels. INVALID: the known visits are not in order, or not before the target (known_check).
 * CONFLICT: the model's parameters lead to no number. */
enum status mmse_model_predict(const struct mmse_model *model, const struct known *k, int level,
                               struct mmse_prediction *out, struct problem *why);

/* The same without checks, for visits that have passed known_check. */
double mmse_model_score(const struct mmse_model *model, const struct known *k);

/* JSON with a checksum (SHA-256). To be kept as text: it must come back the same to the byte. */
void mmse_model_write(const struct mmse_model *model, struct writer *w);

/* INVALID: not a model of ours, of another version, or damaged. Borrows nothing. */
enum status mmse_model_read(struct arena *arena, const char *json, size_t size, struct mmse_model *out,
                            struct problem *why);
