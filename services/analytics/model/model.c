#include "services/analytics/model/model.h"

#include "services/analytics/model/model_card.h"
#include "services/analytics/model/report_page.h"

#include "common/science/mmse/mmse_model.h"

#include <string.h>

SCHEMA(model_metrics_schema, "ModelMetrics", struct model_metrics,
       FIELD_REAL(struct model_metrics, mae, .summary = "Mean absolute error, in points"),
       FIELD_REAL(struct model_metrics, rmse, .summary = "Root of the mean squared error, in points"),
       FIELD_REAL(struct model_metrics, bias, .summary = "Mean of prediction minus score"),
       FIELD_REAL(struct model_metrics, coverage_90, .summary = "Share of scores within their 90% interval"),
       FIELD_REAL(struct model_metrics, mean_width_90),
       FIELD_REAL(struct model_metrics, last_value_mae,
                  .summary = "Error of the last value as prediction, on the same people"),
       FIELD_REAL(struct model_metrics, last_value_rmse),
       FIELD_REAL(struct model_metrics, rmse_difference, .summary = "RMSE minus that of the last value"),
       FIELD_REAL(struct model_metrics, rmse_difference_lower, .summary = "95%, paired bootstrap over people"),
       FIELD_REAL(struct model_metrics, rmse_difference_upper));

#define SUMMARY \
    FIELD_UUID(struct model, model_id), FIELD_UUID(struct model, owner_id, .summary = "The account that trained it"), \
        FIELD_TEXT(struct model, name), \
        FIELD_INTEGER(struct model, model_version, .summary = "Number among the owner's models of that name, from 1"), \
        FIELD_ENUM(struct model, target, training_targets), FIELD_ENUM(struct model, method, mmse_method_names), \
        FIELD_INTEGER(struct model, seed), \
        FIELD_INTEGER(struct model, subjects, .summary = "People in the training data"), \
        FIELD_INTEGER(struct model, visits), \
        FIELD_BOOLEAN(struct model, beats_last_value, .summary = "RMSE significantly below the last value's"), \
        FIELD_BOOLEAN(struct model, promoted, .summary = "Predictions come from this model"), \
        FIELD_TIME(struct model, promoted_at), \
        FIELD_TEXT(struct model, forced_reason, \
                   .summary = "Reason for promoting a model that does not beat the last value"), \
        FIELD_JSON(struct model, metrics, .schema = &model_metrics_schema, \
                   .summary = "Errors in 5-fold cross-validation, on people outside the training data"), \
        FIELD_TIME(struct model, created_at), FIELD_INTEGER(struct model, version, .rules = HIDDEN)

SCHEMA(model_summary_schema, "ModelSummary", struct model, SUMMARY,
       FIELD_TEXT(struct model, page_key, .rules = HIDDEN));
SCHEMA(model_schema, "Model", struct model, SUMMARY,
       FIELD_JSON(struct model, card, .schema = &model_card_schema,
                  .summary = "Training data, validation and limits of the model"));

SCHEMA(model_query_schema, "ModelQuery", struct model_query, FIELD_PAGE(struct model_query, page),
       FIELD_ENUM(struct model_query, target, training_targets),
       FIELD_ENUM(struct model_query, method, mmse_method_names),
       FIELD_UUID(struct model_query, owner_id, .summary = "Only models trained by this client or account"),
       FIELD_BOOLEAN(struct model_query, promoted));

SCHEMA(model_report_schema, "ModelReport", struct model_document, FIELD_UUID(struct model_document, model_id),
       FIELD_TEXT(struct model_document, name), FIELD_INTEGER(struct model_document, model_version),
       FIELD_JSON(struct model_document, report,
                  .summary =
                      "Errors, bias and coverage outside the training data: overall, by last score and by years ahead;"
                      " the same of the last value; calibration"),
       FIELD_TEXT(struct model_document, page, .rules = HIDDEN),
       FIELD_INTEGER(struct model_document, version, .rules = HIDDEN));

const char *const model_report_types[] = {"text/html", NULL};

static enum status find_by_id(struct request *rq, struct model *out)
{
    const char *id;
    TRY(request_id(rq, "model_id", &id));
    return model_find(&rq->db, id, out);
}

enum status model_list(struct request *rq)
{
    struct model_query query = {0};
    struct record_list list;
    TRY(request_input(rq, &query));
    TRY(model_page(&rq->db, &query, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status model_get(struct request *rq)
{
    struct model m;
    TRY(find_by_id(rq, &m));
    return reply_record(rq, &m);
}

/* Leave to read the clinic's model is not leave to remove it. */
enum status model_delete(struct request *rq)
{
    struct model m;
    TRY(find_by_id(rq, &m));
    TRY(request_match(rq, m.version));
    if (strcmp(m.owner_id, rq->who.account_id) != 0)
        return request_refuse(rq, "This model belongs to somebody else.");
    TRY(request_written(rq, model_delete_row(&rq->db, m.model_id)));
    return reply_empty(rq);
}

enum status model_report(struct request *rq)
{
    struct model_document d;
    const char *id;
    TRY(request_id(rq, "model_id", &id));
    TRY(model_find_document(&rq->db, id, &d));
    if (request_wants_json(rq))
        return reply_record(rq, &d);
    reply_header(rq, "Content-Security-Policy", "%s", report_page_policy(rq->arena, d.page));
    if (reply_known(rq, &d))
        return OK;
    return reply_bytes(rq, "text/html; charset=utf-8", d.page, strlen(d.page));
}
