#include "services/analytics/model/training_job.h"

#include "services/analytics/model/model.h"
#include "services/analytics/model/model_card.h"
#include "services/analytics/model/report_page.h"

#include <string.h>

/* ---- How far it is ---- */

struct watched {
    struct job *job;
    enum status status; /* what the job was told when it had to stop */
};

static bool goes_on(void *context, unsigned step, unsigned steps)
{
    struct watched *w = context;
    w->status = job_step(w->job, (int)step, (int)steps, "fitting and judging");
    return w->status == OK;
}

static enum status fit(struct job *job, const struct cohort *cohort, struct trained *out)
{
    const struct trainer *trainer = job->app;
    struct watched watched = {job, OK};
    const struct mmse_watch watch = {goes_on, &watched};
    enum status fitted = training_fit(job->arena, job->input, cohort, trainer->grow, &watch, out, &job->problem);
    return watched.status == OK ? fitted : watched.status;
}

/* ---- What is kept ---- */

static struct maybe_real real(double value)
{
    return (struct maybe_real){true, value};
}

static const char *metrics_of(const struct evaluation *e, struct arena *arena)
{
    const struct model_metrics m = {
        .mae = real(e->overall.mae),
        .rmse = real(e->overall.rmse),
        .bias = real(e->overall.bias),
        .coverage_90 = real(e->overall.coverage),
        .mean_width_90 = real(e->overall.mean_width),
        .last_value_mae = real(e->last_value.mae),
        .last_value_rmse = real(e->last_value.rmse),
        .rmse_difference = real(e->rmse.value),
        .rmse_difference_lower = real(e->rmse.lower),
        .rmse_difference_upper = real(e->rmse.upper),
    };
    return schema_text(&model_metrics_schema, &m, arena);
}

static const char *report_of(const struct evaluation *e, struct arena *arena)
{
    struct writer w = {0};
    validation_write(e, false, &w);
    return writer_text(&w, arena);
}

static const char *artefact_of(const struct mmse_model *m, struct arena *arena, size_t *size)
{
    struct writer w = {0};
    mmse_model_write(m, &w);
    *size = w.used;
    return writer_text(&w, arena);
}

static enum status row_make(const struct training *t, const struct cohort *cohort, const struct cohort_window *window,
                            const struct trained *trained, struct arena *arena, struct problem *why,
                            struct model_row *out)
{
    const struct evaluation *e = &trained->evaluation;
    struct model_card card;
    size_t size;
    *out = (struct model_row){.id = t->model_id,
                              .name = t->name,
                              .target = t->target,
                              .method = t->method,
                              .seed = t->seed,
                              .subjects = {true, (int64_t)cohort->count},
                              .visits = {true, (int64_t)cohort->visit_count},
                              .beats_last_value = {true, e->beats_last_value},
                              .metrics = metrics_of(e, arena),
                              .report = report_of(e, arena),
                              .artefact = artefact_of(&trained->model, arena, &size)};
    if (size > (size_t)MMSE_MODEL_BYTES_MAX)
        return fail(why, INVALID, NULL, "The model has %zu bytes and may have %d.", size, MMSE_MODEL_BYTES_MAX);
    model_card_make(t, cohort, window, trained, size, arena, &card);
    out->card = schema_text(&model_card_schema, &card, arena);
    return report_page_make(t, &card, e, arena, why, &out->page);
}

/* Makes sure that the artefact can be read back. */
static enum status check_artefact(const char *artefact, struct problem *why)
{
    AUTO(arena_release) struct arena arena = {0};
    struct mmse_model again;
    if (mmse_model_read(&arena, artefact, strlen(artefact), &again, why) == OK)
        return OK;
    return fail(why, FAULT, NULL, "The model cannot be read back.");
}

/* A connection is not kept from others while this computes. */
enum status training_job_run(struct job *job)
{
    const struct training *t = job->input;
    struct cohort cohort;
    struct cohort_window window;
    struct trained trained;
    struct model_row row;
    TRY(job_step(job, 0, 0, "reading the visits"));
    TRY(training_cohort_read(&job->db, t->cohort, &cohort, &window));
    db_done(&job->db);
    TRY(fit(job, &cohort, &trained));
    TRY(row_make(t, &cohort, &window, &trained, job->arena, &job->problem, &row));
    TRY(check_artefact(row.artefact, &job->problem));
    TRY(job_finishing(job));
    TRY(model_insert(&job->db, &row));
    job->result = arena_printf(job->arena, "/api/v1/models/%s", t->model_id);
    job->report = row.metrics;
    return OK;
}
