/* Multinomial logistic regression: how covariates make one outcome of several more likely than another.
 *
 * log P(k | x) / P(0 | x) = b_k0 + b_k x for each outcome k but the first (McFadden 1974; Agresti, Categorical Data
 * Analysis (2002) 7.1). The likelihood is concave; its maximum is found by Newton's method with halved steps, each step
 * linear in the rows. Covariates are centred and scaled inside.
 *
 * Where a covariate tells an outcome for certain the likelihood has no maximum (Albert & Anderson, Biometrika 71 (1984)
 * 1): that is a state, and there are no numbers. */
#pragma once

#include "common/base/arena.h"

#include <stddef.h>

enum { MULTINOMIAL_COEFFICIENTS_MAX = 1000 };

enum multinomial_state {
    MULTINOMIAL_FITTED,
    MULTINOMIAL_NO_ROWS,
    MULTINOMIAL_EMPTY_OUTCOME, /* one of them has no rows, or there are fewer than two */
    MULTINOMIAL_TOO_MANY,      /* coefficients */
    MULTINOMIAL_NOT_FINITE,    /* a covariate, or weight; beyond 1e100 is as good as infinite */
    MULTINOMIAL_COLLINEAR,     /* a covariate is constant or follows from those before it */
    MULTINOMIAL_SEPARATED,     /* a covariate tells an outcome for certain */
    MULTINOMIAL_NOT_CONVERGED,
    MULTINOMIAL_STATES
};

struct multinomial_data {
    size_t count, outcome_count, covariate_count;
    const int *outcome;       /* 0 .. outcome_count-1 */
    const double *covariates; /* column by column */
    const double *weight;     /* how many the row stands for; NULL: 1 each */
};

struct multinomial_fit {
    enum multinomial_state state;
    size_t column; /* the covariate to blame, or SIZE_MAX */

    /* Only where state is MULTINOMIAL_FITTED. */
    unsigned iterations;
    size_t logits, width;                       /* outcome_count - 1, covariate_count + 1 */
    const double *coefficient, *std_error;      /* logits x width, the constant first */
    const double *variance;                     /* of the coefficients, inverse information */
    double log_likelihood, log_likelihood_null; /* null: constants only */
    const double *probability;                  /* count x outcome_count, row by row; also of rows without weight */

    /* The covariates as the model has them inside (count x width, the constant first) and the inverse information
     * there: for the influence of the estimated probabilities on other estimates. */
    const double *inner, *inner_variance;
};

/* The fit lives in the arena. */
enum multinomial_state multinomial_fit(struct arena *arena, const struct multinomial_data *data,
                                       struct multinomial_fit *out);

/* A constant sentence without a full stop. */
const char *multinomial_state_text(enum multinomial_state state);
