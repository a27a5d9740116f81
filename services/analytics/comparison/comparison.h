/* A comparison finds the treatment that gave patients like this one the most time. It is ordered, computed and kept. */
#pragma once

#include "services/analytics/analytics.h"
#include "services/analytics/comparison/cohort_rule.h"
#include "services/analytics/comparison/registry.h"

#include "common/science/treatment/comparison_choices.h"
#include "common/science/treatment/comparison_record.h"

/* ---- the order ---- */

struct cohort_order {
    const char *rule;
    struct text_list criteria; /* names of traits */
    struct maybe_integer k;
};

struct comparison_order {
    const char *tumour_id; /* one of these two */
    struct profile *profile;
    const char *outcome, *stratify_by;
    struct comparison_choices choices;
    struct real_list times;
    struct text_list covariates;
    struct cohort_order *cohort;
};
extern const struct schema comparison_order_schema;

/* comparison_order.c: without I/O. Fills in defaults, and notes every fault. */
enum status comparison_order_check(struct comparison_order *order, struct arena *arena, struct problem *why);

/* The traits that it needs of the registry. */
void comparison_order_needs(const struct comparison_order *order, bool needed[TRAIT_COUNT]);

/* ---- the result ---- */

/* A value of a factor that no patient of some treatment has: patients with it have no like there. */
struct value_without_likes {
    const char *covariate, *value;
    size_t patients;
};

/* The patients compared, and those left out by reason; each patient counts once, except those without likes, who are
 * compared unadjusted and not adjusted. */
struct cohort_count {
    size_t registered, without_treatment, without_outcome, not_alike, compared;
    struct record_list without_likes;
};
extern const struct schema cohort_count_schema;

/* comparison_run.c: without I/O. Chooses the patients and compares. The result lives in the arena. */
enum status comparison_of_patients(const struct comparison_order *order, const struct patients *patients,
                                   const struct profile *profile, struct arena *arena, struct cohort_count *out_counted,
                                   struct comparison_record *out, struct problem *why);

/* ---- the record ---- */

struct decision {
    const char *decision, *treatment, *reason;
    const char *decided_by, *decided_at;
};
extern const struct schema decision_order_schema;

struct kept_comparison {
    const char *comparison_id, *tumour_id, *created_by, *created_at, *updated_at;
    const char *outcome, *verdict, *recommended;
    const char *request, *cohort, *answer; /* JSON */
    struct decision *made;                 /* NULL: not yet */
    const char *decision, *decided_treatment, *reason, *decided_by, *decided_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema kept_comparison_schema; /* all of it */
extern const struct schema comparison_item_schema; /* in lists: without request, cohort and answer */

struct comparison_query {
    struct page_query page;
    const char *tumour_id, *outcome, *verdict;
};
extern const struct schema comparison_query_schema;

struct comparison_view {
    const char *curves;
};
extern const struct schema comparison_view_schema;

enum status comparison_create(struct request *rq);
enum status comparison_list(struct request *rq);
enum status comparison_get(struct request *rq);
enum status comparison_delete(struct request *rq);
enum status comparison_decide(struct request *rq);

/* comparison_store.c */
enum status comparison_insert(struct db *db, const struct kept_comparison *c, struct kept_comparison *out);
enum status comparison_find(struct db *db, const char *id, struct kept_comparison *out);
enum status comparison_page(struct db *db, const struct comparison_query *query, const struct page *page,
                            struct record_list *out);
enum status comparison_delete_row(struct db *db, const struct kept_comparison *c);
enum status comparison_decide_row(struct db *db, const struct kept_comparison *c, const struct decision *d,
                                  struct kept_comparison *out);
/* The names of treatments: rows of code and label. */
struct treatment_label {
    const char *code, *label;
};
enum status comparison_labels(struct db *db, struct record_list *out);

/* Makes it the patient's current treatment. NOT_FOUND: there is no such treatment, or no such tumour for the caller. */
enum status comparison_apply_treatment(struct db *db, const char *tumour_id, const char *treatment);
