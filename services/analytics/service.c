#include "services/analytics/analytics.h"

#include "services/analytics/model/model_cache.h"

#include "common/science/mmse/score.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    COMPARISONS_WAITING = 2,      /* every one that waits holds up the other requests of its thread */
    DRAWN_PATIENTS_MAX = 2000000, /* some seconds of one core */
};

static struct analytics_settings {
    long comparisons_at_once, comparison_patients_max;
    double mmse_standard_error;
} settings;

static const struct setting analytics_settings[] = {
    SETTING_INTEGER(struct analytics_settings, comparisons_at_once, "COMPARISONS_AT_ONCE", .fallback = "1", .min = 1,
                    .max = 64, .summary = "concurrent comparisons of treatments; beyond it 503"),
    SETTING_INTEGER(struct analytics_settings, comparison_patients_max, "COMPARISON_PATIENTS_MAX", .fallback = "200000",
                    .min = 100, .max = 1000000, .summary = "patients that one comparison reads, at most"),
    MMSE_STANDARD_ERROR_SETTING(struct analytics_settings, mmse_standard_error),
    {0},
};

enum status analytics_draws_check(int64_t draws, size_t patients, struct problem *why)
{
    int64_t most = patients > 0 ? DRAWN_PATIENTS_MAX / (int64_t)patients : draws;
    return draws <= most
               ? OK
               : fail(why, INVALID, "bootstrap", "may be %" PRId64 " at most with %zu patients", most, patients);
}

static bool start(const struct service_settings *common, struct db_pool *pool, void **app)
{
    (void)common, (void)pool;
    struct analytics *analytics = calloc(1, sizeof *analytics);
    if (!analytics)
        abort();
    analytics->gate = gate_new((int)settings.comparisons_at_once, COMPARISONS_WAITING,
                               "Too much is being worked out at the moment; try again.");
    analytics->comparison_patients_max = settings.comparison_patients_max;
    analytics->models = model_cache_new();
    analytics->mmse_standard_error = settings.mmse_standard_error;
    *app = analytics;
    return true;
}

static void stop(void *app)
{
    struct analytics *analytics = app;
    model_cache_drop(analytics->models);
    gate_drop(analytics->gate);
    free(analytics);
}

static const struct constraint constraints[] = {
    {"promotion_of_model", CONFLICT, NULL,
     "Predictions come from this model; promote another one, or end that, first."},
    {0},
};

const struct service analytics_service = {
    .name = "analytics",
    .summary = "counts, distributions, predictions and models of MMSE scores, comparisons of treatments",
    .http_port = 8103,
    .ops_port = 9103,
    .migration = "users/visit_cohort", /* of what it needs, the last in the plan */
    .routes = analytics_routes,
    .constraints = constraints,
    .settings = analytics_settings,
    .settings_out = &settings,
    .start = start,
    .stop = stop,
};
