#include "services/analytics/comparison/comparison.h"

#include "services/analytics/comparison/comparison_chart.h"

#include "common/base/text.h"
#include "common/http/reply_chart.h"

#include <string.h>

/* ---- what is shown ---- */

/* A clinician's decision on it. */
enum { DECIDED_ACCEPTED, DECIDED_DECLINED };
static const char *const decisions[] = {[DECIDED_ACCEPTED] = "accepted", [DECIDED_DECLINED] = "declined", NULL};

/* clang-format off */
LOCAL_SCHEMA(decision_schema, "TreatmentDecision", struct decision,
             FIELD_ENUM(struct decision, decision, decisions, .rules = REQUIRED),
             FIELD_TEXT(struct decision, treatment),
             FIELD_TEXT(struct decision, reason),
             FIELD_UUID(struct decision, decided_by, .rules = REQUIRED),
             FIELD_TIME(struct decision, decided_at, .rules = REQUIRED));

#define ITEM_MEMBERS \
    FIELD_UUID(struct kept_comparison, comparison_id), \
    FIELD_UUID(struct kept_comparison, tumour_id, .summary = "The patient; null: an invented profile"), \
    FIELD_UUID(struct kept_comparison, created_by, .summary = "The account that asked for the comparison"), \
    FIELD_TIME(struct kept_comparison, created_at), \
    FIELD_TIME(struct kept_comparison, updated_at), \
    FIELD_ENUM(struct kept_comparison, outcome, outcome_names), \
    FIELD_ENUM(struct kept_comparison, verdict, comparison_decision_names), \
    FIELD_TEXT(struct kept_comparison, recommended, .summary = "Recommended treatment; null: none"), \
    FIELD_RECORD(struct kept_comparison, made, decision_schema, struct decision, .name = "decision", \
                 .rules = OMIT_NULL), \
    FIELD_INTEGER(struct kept_comparison, version, .rules = HIDDEN)

SCHEMA(comparison_item_schema, "TreatmentComparisonItem", struct kept_comparison,
       ITEM_MEMBERS,
       FIELD_TEXT(struct kept_comparison, page_key, .rules = HIDDEN));

SCHEMA(kept_comparison_schema, "TreatmentComparison", struct kept_comparison,
       ITEM_MEMBERS,
       FIELD_JSON(struct kept_comparison, request, .schema = &comparison_order_schema, .summary = "The request"),
       FIELD_JSON(struct kept_comparison, cohort, .schema = &cohort_count_schema, .summary = "Compared patients"),
       FIELD_JSON(struct kept_comparison, answer, .schema = &comparison_record_schema));

SCHEMA(comparison_query_schema, "TreatmentComparisonQuery", struct comparison_query,
       FIELD_PAGE(struct comparison_query, page),
       FIELD_UUID(struct comparison_query, tumour_id, .summary = "Only comparisons for this patient"),
       FIELD_ENUM(struct comparison_query, outcome, outcome_names),
       FIELD_ENUM(struct comparison_query, verdict, comparison_decision_names));

SCHEMA(decision_order_schema, "NewTreatmentDecision", struct decision,
       FIELD_ENUM(struct decision, decision, decisions, .rules = REQUIRED),
       FIELD_TEXT(struct decision, treatment, .rules = TRIMMED, .min = 1, .max = 80,
                  .summary = "Code of the treatment given; required if it is accepted"),
       FIELD_TEXT(struct decision, reason, .rules = ANY_TEXT, .min = 1, .max = 2000));

SCHEMA(comparison_view_schema, "TreatmentComparisonView", struct comparison_view,
       COMPARISON_CURVES_FIELD(struct comparison_view));
/* clang-format on */

/* ---- asking ---- */

/* A profile is as it was given; that of a patient is read, which the access log knows, and not kept. */
static enum status find_profile(struct request *rq, const struct comparison_order *order, struct profile *out)
{
    if (order->profile) {
        *out = *order->profile;
        return OK;
    }
    if (rq->who.role == RESEARCHER)
        return request_refuse(rq, "Researchers compare treatments for a profile, not for a patient.");
    enum status status = registry_profile(&rq->db, order->tumour_id, out);
    return status == NOT_FOUND ? fail(&rq->problem, INVALID, "tumour_id", "is of no tumour") : status;
}

static enum status compare(struct request *rq, const struct comparison_order *order, struct cohort_count *counted,
                           struct comparison_record *out)
{
    const struct analytics *analytics = rq->app;
    struct profile profile;
    struct patients patients;
    struct patients_query query = {.outcome = (enum outcome)text_position(outcome_names, order->outcome),
                                   .apart = order->tumour_id,
                                   .at_most = analytics->comparison_patients_max};
    TRY(find_profile(rq, order, &profile));
    comparison_order_needs(order, query.needed);
    TRY(registry_patients(&rq->db, &query, &patients));
    TRY(analytics_draws_check(order->choices.bootstrap.value, patients.count, &rq->problem));
    return comparison_of_patients(order, &patients, &profile, rq->arena, counted, out, &rq->problem);
}

static enum status compare_in_turn(struct request *rq, const struct comparison_order *order,
                                   struct cohort_count *counted, struct comparison_record *out)
{
    const struct analytics *analytics = rq->app;
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(gate_enter(analytics->gate, &visit, &rq->problem));
    return compare(rq, order, counted, out);
}

enum status comparison_create(struct request *rq)
{
    struct comparison_order order = {0};
    struct cohort_count counted = {0};
    struct comparison_record answer;
    struct kept_comparison kept;
    TRY(request_input(rq, &order));
    TRY(comparison_order_check(&order, rq->arena, &rq->problem));
    TRY(compare_in_turn(rq, &order, &counted, &answer));
    bool recommended = strcmp(answer.verdict->decision, comparison_decision_names[RECOMMENDED]) == 0;
    struct kept_comparison made = {
        .tumour_id = order.tumour_id,
        .outcome = order.outcome,
        .verdict = answer.verdict->decision,
        .recommended = recommended ? answer.verdict->arm : NULL,
        .request = schema_text(&comparison_order_schema, &order, rq->arena),
        .cohort = schema_text(&cohort_count_schema, &counted, rq->arena),
        .answer = schema_text(&comparison_record_schema, &answer, rq->arena),
    };
    TRY(comparison_insert(&rq->db, &made, &kept));
    reply_header(rq, "Location", "/api/v1/treatment-comparisons/%s", kept.comparison_id);
    return reply_record(rq, &kept);
}

/* ---- reading ---- */

static enum status find(struct request *rq, struct kept_comparison *out)
{
    const char *id;
    TRY(request_id(rq, "comparison_id", &id));
    return comparison_find(&rq->db, id, out);
}

enum status comparison_list(struct request *rq)
{
    struct comparison_query query = {0};
    struct record_list list;
    TRY(request_input(rq, &query));
    TRY(comparison_page(&rq->db, &query, &rq->page, &list));
    return reply_page(rq, &list);
}

/* The stored answer was written by the same table. Its texts lie in the JSON, which goes with the request. */
static enum status read_answer(struct request *rq, const struct kept_comparison *kept, struct comparison_record *out)
{
    struct input in = {.arena = rq->arena, .json = json_loads(kept->answer, 0, NULL)};
    struct comparison_record answer = {0};
    json_decref(rq->input.json);
    rq->input.json = in.json;
    if (!in.json || schema_decode(&comparison_record_schema, &in, &answer, &rq->problem) != OK)
        return FAULT;
    *out = answer;
    return OK;
}

static enum status read_labels(struct request *rq, struct comparison_chart *out)
{
    struct record_list list;
    TRY(comparison_labels(&rq->db, &list));
    const struct treatment_label *labels = list.items;
    const char **codes = arena_alloc(rq->arena, (list.count + 1) * sizeof *codes);
    const char **names = arena_alloc(rq->arena, (list.count + 1) * sizeof *names);
    for (size_t i = 0; i < list.count; i++) {
        codes[i] = labels[i].code;
        names[i] = labels[i].label;
    }
    out->codes = codes;
    out->labels = names;
    out->label_count = list.count;
    return OK;
}

static enum status draw(struct request *rq, const struct kept_comparison *kept, const struct comparison_view *view)
{
    struct comparison_record answer;
    struct comparison_chart how = {.outcome = kept->outcome, .unit = "months"};
    TRY(read_answer(rq, kept, &answer));
    TRY(read_labels(rq, &how));
    how.curves = comparison_curves_wanted(view->curves, &answer);
    struct chart chart = comparison_chart(&answer, &how, rq->arena);
    return reply_chart(rq, kept, &chart);
}

enum status comparison_get(struct request *rq)
{
    struct comparison_view view = {0};
    struct kept_comparison kept;
    TRY(request_input(rq, &view));
    TRY(find(rq, &kept));
    return request_wants_json(rq) ? reply_record(rq, &kept) : draw(rq, &kept, &view);
}

/* ---- deciding and removing ---- */

static bool is_own(const struct request *rq, const struct kept_comparison *c)
{
    return strcmp(rq->who.account_id, c->created_by) == 0;
}

enum status comparison_delete(struct request *rq)
{
    struct kept_comparison kept;
    TRY(find(rq, &kept));
    if (!is_own(rq, &kept) && !(rq->who.role & ADMINS))
        return request_refuse(rq, "Comparisons of others are removed by administrators.");
    TRY(request_match(rq, kept.version));
    TRY(request_written(rq, comparison_delete_row(&rq->db, &kept)));
    return reply_empty(rq);
}

static bool is_accepted(const struct decision *d)
{
    return strcmp(d->decision, decisions[DECIDED_ACCEPTED]) == 0;
}

static enum status check_decision(const struct decision *d, struct problem *why)
{
    if (is_accepted(d) && !d->treatment)
        return fail(why, INVALID, "treatment", "is required where it is accepted");
    return OK;
}

/* Only what was accepted for a patient is linked; a profile is nobody's. */
static enum status link_treatment(struct request *rq, const struct kept_comparison *c, const struct decision *d)
{
    if (!c->tumour_id || !is_accepted(d))
        return OK;
    enum status status = comparison_apply_treatment(&rq->db, c->tumour_id, d->treatment);
    if (status == NOT_FOUND)
        return fail(&rq->problem, INVALID, "treatment",
                    "cannot be given: there is no such treatment, or the patient is no longer registered");
    return status;
}

enum status comparison_decide(struct request *rq)
{
    struct decision decision = {0};
    struct kept_comparison kept, decided;
    TRY(request_input(rq, &decision));
    TRY(check_decision(&decision, &rq->problem));
    TRY(find(rq, &kept));
    TRY(request_match(rq, kept.version));
    TRY(db_begin(&rq->db));
    TRY(request_written(rq, comparison_decide_row(&rq->db, &kept, &decision, &decided)));
    TRY(link_treatment(rq, &kept, &decision));
    TRY(db_commit(&rq->db));
    return reply_record(rq, &decided);
}
