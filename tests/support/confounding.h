/* Which treatment is recommended if the sicker patients got the stronger drug?
 *
 * Patients are drawn from the complete rows of the trial, with replacement, so that the chance to be drawn depends on
 * treatment and risk together: those at high risk come mostly with Lev+5FU, those at low risk mostly without. Treatment
 * and survival then have a common cause, as in a hospital. That Lev+5FU gives most time is known from the trial, where
 * chance alone decided who got it. */
#pragma once

#include <stdint.h>

struct confounding_options {
    int draws, patients;
    double strength; /* by how much log odds of treatment grow per standard deviation of risk */
    uint64_t seed;
};
extern const struct confounding_options confounding_usual;

/* In how many draws each rule chose Lev+5FU, and how far the adjusted restricted mean of Lev+5FU less that of Lev
 * strays from draw to draw, beside what its standard errors say. */
struct confounding {
    int draws;
    int historic;         /* the longest mean of observed times */
    int unadjusted;       /* the longest restricted mean as it is */
    int adjusted;         /* the longest restricted mean after weighting */
    int cox;              /* the lowest hazard in the Cox model with covariates */
    int recommended;      /* the verdict recommends it */
    int recommended_else; /* the verdict recommends another */
    double scatter;       /* standard deviation of the difference over the draws, in days */
    double error;         /* root mean square of its standard errors */
};
struct confounding confounding_run(const struct confounding_options *options);
