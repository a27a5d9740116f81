#include "services/ctl/survival.h"

#include <math.h>
#include <stdio.h>

static const char *number(const struct survival_report *r, double value, int digits)
{
    return isnan(value) ? "-" : arena_printf(r->arena, "%.*f", digits, value);
}

static const char *range(const struct survival_report *r, double value, double lower, double upper, int digits)
{
    if (isnan(value))
        return "-";
    return arena_printf(r->arena, "%s (%s to %s)", number(r, value, digits), number(r, lower, digits),
                        number(r, upper, digits));
}

static void put_rows(FILE *out, const struct survival_report *r)
{
    fprintf(out, "%zu rows, %zu left out for empty cells in a column that each row must have.\n", r->table.rows,
            r->table.left_out);
    for (size_t i = 0; i < r->table.empty_count; i++)
        if (r->table.empty[i].rows)
            fprintf(out, "  %s: %zu empty\n", r->table.empty[i].column, r->table.empty[i].rows);
    for (size_t i = 0; i < r->comparison.design.omission_count; i++)
        fprintf(out, "  %s plays no role: %s\n", r->comparison.design.omissions[i].name,
                design_gap_text(r->comparison.design.omissions[i].gap));
}

static void put_estimates(FILE *out, const struct survival_report *r, bool adjusted)
{
    fprintf(out, "\n%s\n%-24s %9s %7s %26s %30s\n", adjusted ? "Adjusted by weights" : "As they are", "treatment",
            "patients", "events", "median (limits)",
            arena_printf(r->arena, "mean to %s (limits)", number(r, r->comparison.horizon, 0)));
    for (size_t a = 0; a < r->comparison.arm_count; a++) {
        const struct comparison_arm *arm = &r->comparison.arms[a];
        const struct comparison_estimate *e = adjusted ? &arm->adjusted : &arm->unadjusted;
        fprintf(out, "%-24s %9zu %7zu %26s %30s\n", r->table.arms[a], adjusted ? arm->complete_patients : arm->patients,
                adjusted ? arm->complete_events : arm->events,
                range(r, e->median.time, e->median.lower, e->median.upper, 0),
                range(r, e->mean.mean, e->mean.lower, e->mean.upper, 1));
    }
}

static void put_pairs(FILE *out, const struct survival_report *r, bool adjusted)
{
    fprintf(out, "\n%-40s %28s %10s %26s %10s\n", adjusted ? "Adjusted differences" : "Differences", "mean (limits)",
            "p (Holm)", "hazard ratio (limits)", "log-rank p");
    for (size_t i = 0; i < r->comparison.pair_count; i++) {
        const struct comparison_pair *p = &r->comparison.pairs[i];
        const struct comparison_difference *d = adjusted ? &p->adjusted : &p->unadjusted;
        const struct comparison_ratio *h = &p->hazard[adjusted ? BY_COVARIATES : BY_NOTHING];
        fprintf(out, "%-40s %28s %10s %26s %10s\n",
                arena_printf(r->arena, "%s against %s", r->table.arms[p->b], r->table.arms[p->a]),
                range(r, d->value, d->lower, d->upper, 1), number(r, d->p_holm, 4),
                range(r, h->ratio, h->lower, h->upper, 3), adjusted ? "" : number(r, p->logrank.p, 4));
    }
}

static void put_profiles(FILE *out, const struct survival_report *r)
{
    for (size_t i = 0; i < r->comparison.prediction_count; i++) {
        const struct comparison_prediction *p = &r->comparison.predictions[i];
        if (i == 0)
            fprintf(out, "\n%-12s %-24s %10s %14s\n", "profile", "treatment", "median", "mean");
        fprintf(out, "%-12s %-24s %10s %14s %s\n", r->table.profile_names[p->profile], r->table.arms[p->treatment],
                number(r, p->median, 0), number(r, p->mean, 1),
                p->state == PREDICTION_DONE ? "" : comparison_prediction_text(p->state));
    }
}

static const char *arm_name(const struct survival_report *r, int arm)
{
    return arm < 0 ? "-" : r->table.arms[arm];
}

static void put_verdict(FILE *out, const struct survival_report *r)
{
    const struct comparison_verdict *v = &r->comparison.verdict;
    if (v->decision == RECOMMENDED)
        fprintf(out, "\nRecommended: %s, %s more than %s; best in %.1f%% of repetitions.\n", arm_name(r, v->treatment),
                range(r, v->gain, v->gain_lower, v->gain_upper, 1), arm_name(r, v->runner_up), 100 * v->best_share);
    else
        fprintf(out, "\nThe evidence is insufficient to recommend a treatment.\n");
    for (size_t i = 0; i < v->reason_count; i++) {
        const struct comparison_reason *reason = &v->reasons[i];
        fprintf(out, "  %s", comparison_reason_text(reason->code));
        if (reason->treatment >= 0)
            fprintf(out, ": %s", arm_name(r, reason->treatment));
        if (reason->other >= 0)
            fprintf(out, " and %s", arm_name(r, reason->other));
        if (!isnan(reason->value))
            fprintf(out, " (%.3g, bound %.3g)", reason->value, reason->bound);
        fprintf(out, "\n");
    }
    fprintf(out, "The historic rule (mean of observed times, censored or not) would name %s. Do not use it.\n",
            arm_name(r, r->comparison.historic.treatment));
}

static void put_weighting(FILE *out, const struct survival_report *r)
{
    const struct comparison *c = &r->comparison;
    fprintf(out, "\nWeights: %s", comparison_weighting_text(c->diagnostics.weighting));
    if (c->diagnostics.blamed < c->design.count)
        fprintf(out, ": %s", c->design.columns[c->diagnostics.blamed].name);
    fprintf(out, ".\n");
    if (c->diagnostics.weighting == WEIGHTING_DONE)
        fprintf(out, "%.1f%% of the patients have a propensity that some treatment has nobody with.\n",
                100 * c->diagnostics.outside_support);
}

void survival_put_text(FILE *out, const struct survival_report *r)
{
    put_rows(out, r);
    put_estimates(out, r, false);
    put_pairs(out, r, false);
    if (r->table.data.covariate_count > 0) {
        put_weighting(out, r);
        put_estimates(out, r, true);
        put_pairs(out, r, true);
    }
    put_profiles(out, r);
    put_verdict(out, r);
}
