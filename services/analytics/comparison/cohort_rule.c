#include "services/analytics/comparison/cohort_rule.h"

#include <math.h>
#include <stdlib.h>

const char *const cohort_rules[] = {"all", "any", "all_of", "nearest", NULL};

static bool both_known(const struct cohort_criterion *c, size_t patient)
{
    return !isnan(c->wanted) && !isnan(c->values[patient]);
}

static bool alike(const struct cohort_criterion *c, size_t patient)
{
    double apart = fabs(c->values[patient] - c->wanted);
    return both_known(c, patient) && (c->is_number ? apart <= c->near : apart == 0);
}

static size_t count_alike(const struct cohort_criterion *criteria, size_t count, size_t patient)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += alike(&criteria[i], patient);
    return found;
}

/* ---- Gower's distance ---- */

static double range_of(const struct cohort_criterion *c, size_t patients)
{
    double least = c->wanted, most = c->wanted;
    for (size_t i = 0; i < patients; i++) {
        least = fmin(least, c->values[i]); /* of a number and a NaN they give the number */
        most = fmax(most, c->values[i]);
    }
    return most - least;
}

static double unlikeness(const struct cohort_criterion *c, double range, size_t patient)
{
    double apart = fabs(c->values[patient] - c->wanted);
    if (!c->is_number)
        return apart != 0;
    return range > 0 ? apart / range : 0;
}

/* Trait by trait, so that each column is walked once; traits known of nobody come out as 0/0. */
void cohort_rule_distances(const struct cohort_criterion *criteria, size_t count, size_t patients, double *distance)
{
    for (size_t p = 0; p < patients; p++)
        distance[p] = NAN;
    for (size_t i = 0; i < count; i++) {
        double range = range_of(&criteria[i], patients);
        for (size_t p = 0; p < patients; p++)
            if (both_known(&criteria[i], p))
                distance[p] = (isnan(distance[p]) ? 0 : distance[p]) + unlikeness(&criteria[i], range, p);
    }
    for (size_t p = 0; p < patients; p++) {
        size_t compared = 0;
        for (size_t i = 0; i < count; i++)
            compared += both_known(&criteria[i], p);
        distance[p] /= (double)compared;
    }
}

struct candidate {
    double distance;
    size_t patient;
};

static int by_distance(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->patient < y->patient ? -1 : x->patient > y->patient;
}

static size_t keep_nearest(const double *distance, size_t patients, size_t k, bool *in)
{
    struct candidate *candidates = malloc((patients + 1) * sizeof *candidates);
    size_t count = 0;
    if (!candidates)
        abort();
    for (size_t p = 0; p < patients; p++) {
        if (in[p] && !isnan(distance[p]))
            candidates[count++] = (struct candidate){distance[p], p};
        in[p] = false;
    }
    qsort(candidates, count, sizeof *candidates, by_distance);
    if (count > k)
        count = k;
    for (size_t i = 0; i < count; i++)
        in[candidates[i].patient] = true;
    free(candidates);
    return count;
}

size_t cohort_rule_choose(enum cohort_rule rule, const struct cohort_criterion *criteria, size_t count, size_t patients,
                          size_t k, double *distance, bool *in)
{
    if (rule == COHORT_NEAREST) {
        cohort_rule_distances(criteria, count, patients, distance);
        return keep_nearest(distance, patients, k, in);
    }
    size_t left = 0;
    for (size_t p = 0; p < patients; p++) {
        size_t found = rule == COHORT_ALL || !in[p] ? 0 : count_alike(criteria, count, p);
        in[p] = in[p] && (rule == COHORT_ALL || (rule == COHORT_ANY ? found > 0 : found == count));
        left += in[p];
    }
    return left;
}
