/* Models of the next score: ordered by clients, trained by a job (training.h), kept with the report of their worth,
 * promoted so that predictions come from them, judged on other people's visits.
 *
 * A model belongs to the account that ordered it; of other accounts only those whose predictions come from it find it.
 * It never changes. Neurologists and administrators promote the clinic's model, clients their own. */
#pragma once

#include "services/analytics/analytics.h"

struct model_metrics {
    struct maybe_real mae, rmse, bias, coverage_90, mean_width_90;
    struct maybe_real last_value_mae, last_value_rmse;
    struct maybe_real rmse_difference, rmse_difference_lower, rmse_difference_upper;
};
extern const struct schema model_metrics_schema;

/* A model as it is read; training_job.c has written the members that are kept as JSON. */
struct model {
    const char *model_id, *owner_id, *name, *target, *method;
    struct maybe_integer model_version, seed, subjects, visits;
    struct maybe_boolean beats_last_value, promoted;
    const char *promoted_at, *forced_reason;
    const char *metrics, *card;
    const char *created_at;
    struct maybe_integer version; /* of the record: a promotion changes it */
    struct maybe_real rmse, last_value_rmse, difference_lower, difference_upper; /* of the metrics */
    const char *page_key;
};
extern const struct schema model_schema, model_summary_schema;

struct model_query {
    struct page_query page;
    const char *target, *method, *owner_id;
    struct maybe_boolean promoted;
};
extern const struct schema model_query_schema;

/* The worth of a model, for machines and for people. */
struct model_document {
    const char *model_id, *name;
    struct maybe_integer model_version;
    const char *report, *page; /* JSON, HTML */
    struct maybe_integer version;
};
extern const struct schema model_report_schema;
extern const char *const model_report_types[];

enum status model_list(struct request *rq);
enum status model_get(struct request *rq);
enum status model_delete(struct request *rq);
enum status model_report(struct request *rq);

/* model_store.c */
enum status model_page(struct db *db, const struct model_query *query, const struct page *page,
                       struct record_list *out);
enum status model_find(struct db *db, const char *id, struct model *out);
enum status model_find_document(struct db *db, const char *id, struct model_document *out);
enum status model_delete_row(struct db *db, const char *id);

/* A trained model. metrics, card, report and page as they are kept. */
struct model_row {
    const char *id, *name, *target, *method, *metrics, *card, *report, *page, *artefact;
    struct maybe_integer seed, subjects, visits;
    struct maybe_boolean beats_last_value;
};
enum status model_insert(struct db *db, const struct model_row *m);
