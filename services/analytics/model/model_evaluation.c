#include "services/analytics/model/model_evaluation.h"

#include "services/analytics/model/model.h"
#include "services/analytics/model/model_cache.h"

#include "common/science/mmse/validation.h"
#include "common/science/mmse/visit_table.h"

#define COUNT_OF(member, ...) FIELD_INTEGER(struct evaluation_table, member, __VA_ARGS__)
LOCAL_SCHEMA(table_schema, "EvaluationTable", struct evaluation_table, COUNT_OF(rows),
             COUNT_OF(left_out, .summary = "Rows without age or score"),
             COUNT_OF(same_day, .summary = "Visits merged with another of the same day"), COUNT_OF(out_of_order),
             COUNT_OF(subjects),
             COUNT_OF(subjects_with_one_visit, .summary = "People with one visit, who cannot be evaluated"),
             COUNT_OF(without_sex), COUNT_OF(without_schooling));

SCHEMA(model_evaluation_schema, "ModelEvaluation", struct model_evaluation,
       FIELD_UUID(struct model_evaluation, model_id), FIELD_TEXT(struct model_evaluation, name),
       FIELD_INTEGER(struct model_evaluation, model_version), FIELD_TEXT(struct model_evaluation, method),
       FIELD_RECORD(struct model_evaluation, table, table_schema, struct evaluation_table),
       FIELD_JSON(
           struct model_evaluation, evaluation,
           .summary =
               "Predictions of each person's last visit from the earlier ones: errors, bias, coverage and calibration"
               " in tenths of the predictions; the same of the last value"));

static const char *const media_types[] = {"text/csv", NULL};
const struct upload_rule model_evaluation_file = {
    16UL * 1024 * 1024, media_types, "Visits, a row for each: id, age in years, mmse, male (1, 0), educ (years)"};

static struct maybe_integer number(size_t n)
{
    return (struct maybe_integer){true, (int64_t)n};
}

static struct evaluation_table table_of(const struct visit_table *t)
{
    return (struct evaluation_table){.rows = number(t->rows),
                                     .left_out = number(t->left_out),
                                     .same_day = number(t->cohort.merged),
                                     .out_of_order = number(t->cohort.unordered),
                                     .subjects = number(t->cohort.count),
                                     .subjects_with_one_visit = number(t->cohort.count - t->cohort.task_count),
                                     .without_sex = number(t->without_sex),
                                     .without_schooling = number(t->without_education)};
}

static enum status judge(struct request *rq, const struct mmse_model *model, struct visit_table *table,
                         struct evaluation *out)
{
    struct analytics *analytics = rq->app;
    AUTO(gate_leave) struct gate_visit visit = {0};
    char *text = NULL;
    TRY(upload_read(rq->upload, rq->arena, &rq->problem, &text));
    TRY(gate_enter(analytics->gate, &visit, &rq->problem));
    TRY(visit_table_read(rq->arena, text, rq->upload->size, NULL, table, &rq->problem));
    return validation_of_model(rq->arena, model, NULL, &table->cohort, out, &rq->problem);
}

enum status model_evaluation_create(struct request *rq)
{
    struct analytics *analytics = rq->app;
    AUTO(model_cache_release) struct held_model held = {0};
    struct writer w = {0};
    struct visit_table table;
    struct evaluation e;
    struct model m;
    const char *id;
    TRY(request_id(rq, "model_id", &id));
    TRY(model_find(&rq->db, id, &m));
    TRY(model_cache_get(analytics->models, &rq->db, id, &held));
    db_done(&rq->db);
    TRY(judge(rq, held.model, &table, &e));
    validation_write(&e, false, &w);
    struct evaluation_table counts = table_of(&table);
    return reply_record(rq, &(struct model_evaluation){.model_id = m.model_id,
                                                       .name = m.name,
                                                       .model_version = m.model_version,
                                                       .method = m.method,
                                                       .table = &counts,
                                                       .evaluation = writer_text(&w, rq->arena)});
}
