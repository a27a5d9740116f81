/* The linear mixed model of a score's course: every subject has a line of its own, drawn around a common one.
 *
 *     score = b0 + b1 a + b2 male + b3 education + u0 + u1 a + e        a = (age - 75) / 10
 *     (u0, u1) ~ N(0, D), independent between subjects,   e ~ N(0, sigma2)
 *
 * Sources: N. Laird & J. Ware, Biometrics 38 (1982) 963 (model, prediction); D. Bates, M. Maechler, B. Bolker &
 * S. Walker, J Stat Softw 67 (2015) 1 (profiled likelihood: D = sigma2 L L', the three numbers of L are searched for,
 * everything else follows from them by penalised least squares). Log-likelihoods are those of R's lme4.
 *
 * A subject is kept as seven sums, so a step of the search is linear in the number of subjects, whatever their visits.
 * An unknown sex or education counts as the mean of the subjects with a known one. */
#pragma once

#include "common/science/mmse/known.h"

#include <stdbool.h>

enum { MIXED_EFFECTS = 4 };

struct mixed {
    bool reml;
    double fixed[MIXED_EFFECTS];      /* intercept, a, male, education; 0 where a column follows from those before it */
    double d00, d01, d11;             /* covariance of the random effects */
    double sigma2;                    /* 0: the scores follow the common line exactly, or there are too few to tell */
    double log_likelihood;            /* restricted when reml; NaN where sigma2 is 0 or next to it: it has no bound */
    double mean_male, mean_education; /* stand in for unknown values; 0 when none is known */
    size_t subjects, visits;
    unsigned steps; /* of the search */
};

/* start: where the search begins, e.g. from the fit of nearly the same subjects; NULL: from unit variances. Memory of
 * the arena is scratch. False when the search did not end at a maximum. */
bool mixed_fit(struct arena *arena, const struct cohort *cohort, bool reml, const struct mixed *start,
               struct mixed *out);

/* The best linear unbiased prediction: x'b + z'D Z'(Z D Z' + sigma2 I)^-1 (y - X b). Not clipped. */
double mixed_predict(const struct mixed *m, const struct known *k);
