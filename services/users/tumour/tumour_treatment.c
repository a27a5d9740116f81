#include "services/users/tumour/tumour_treatment.h"

#include "services/users/tumour/catalogue.h"

#include "common/database/history.h"

#include <string.h>

LOCAL_SCHEMA(given_treatment_schema, "GivenTreatment", struct given_treatment,
             FIELD_TEXT(struct given_treatment, treatment, .rules = REQUIRED, .min = 1, .max = 40,
                        .summary = "A code of /api/v1/treatments"),
             FIELD_DATE(struct given_treatment, treated_from), FIELD_DATE(struct given_treatment, treated_until));

#define LIST(rules_) \
    FIELD_RECORDS(struct given_treatments, treatments, given_treatment_schema, .rules = (rules_), \
                  .max = TREATMENTS_MAX, .summary = "Treatments in order; the last is the current one")

SCHEMA(given_treatments_schema, "GivenTreatments", struct given_treatments, LIST(0),
       FIELD_INTEGER(struct given_treatments, version, .rules = HIDDEN));
SCHEMA(new_given_treatments_schema, "NewGivenTreatments", struct given_treatments, LIST(REQUIRED));

enum status tumour_treatments_get(struct request *rq)
{
    struct as_of at = {0};
    struct given_treatments all;
    const char *id;
    TRY(request_input(rq, &at));
    TRY(request_id(rq, "tumour_id", &id));
    TRY(history_as_of_check(&rq->db, &at));
    TRY(at.as_of ? tumour_treatments_find_as_of(&rq->db, id, at.as_of, &all)
                 : tumour_treatments_find(&rq->db, id, &all));
    return reply_record(rq, &all);
}

static bool has(const struct given_treatments *all, const char *code)
{
    const struct given_treatment *items = all->treatments.items;
    for (size_t i = 0; i < all->treatments.count; i++)
        if (strcmp(items[i].treatment, code) == 0)
            return true;
    return false;
}

static bool days_in_order(const char *a, const char *b)
{
    return !a || !b || strcmp(a, b) <= 0; /* YYYY-MM-DD */
}

static const char *place(struct request *rq, size_t i, const char *member)
{
    return arena_printf(rq->arena, "/treatments/%zu/%s", i, member);
}

/* Treatments that were there before may stay when they are no longer active. */
static enum status check_all(struct request *rq, const struct given_treatments *all,
                             const struct given_treatments *before)
{
    const struct given_treatment *items = all->treatments.items;
    for (size_t i = 0; i < all->treatments.count; i++) {
        const struct given_treatment *g = &items[i];
        if (!has(before, g->treatment))
            TRY(catalogue_check(rq, &treatments, place(rq, i, "treatment"), g->treatment));
        if (!days_in_order(g->treated_from, g->treated_until)) {
            fail(&rq->problem, INVALID, place(rq, i, "treated_from"), "contradicts treated_until: it would end before");
            fail(&rq->problem, INVALID, place(rq, i, "treated_until"), "contradicts treated_from: it would end before");
        }
        if (g->treated_from && strcmp(g->treated_from, "1900-01-01") < 0)
            fail(&rq->problem, INVALID, place(rq, i, "treated_from"), "must not be before 1900");
        if (i > 0 && !days_in_order(items[i - 1].treated_from, g->treated_from))
            fail(&rq->problem, INVALID, place(rq, i, "treated_from"),
                 "must not be before that of the treatment before");
    }
    return problem_status(&rq->problem);
}

/* The last becomes a member of the record, and all share the record's version. */
static enum status store_all(struct request *rq, const struct tumour *before, const struct given_treatments *all)
{
    const struct given_treatment *items = all->treatments.items, none = {0};
    size_t count = all->treatments.count;
    const struct given_treatment *current = count ? &items[count - 1] : &none;
    struct record_list earlier = {all->treatments.items, count ? count - 1 : 0};
    struct tumour t = *before, updated;
    t.treatment = current->treatment;
    t.treated_from = current->treated_from;
    t.treated_until = current->treated_until;
    TRY(tumour_check(&t, before, clock_today(), &rq->problem));
    TRY(request_written(rq, tumour_update_row(&rq->db, &t, &updated)));
    return tumour_treatments_store(&rq->db, t.tumour_id, &earlier);
}

static enum status replace(struct request *rq, struct given_treatments *all)
{
    struct given_treatments before;
    struct tumour t;
    const char *id;
    TRY(request_id(rq, "tumour_id", &id));
    TRY(tumour_treatments_find(&rq->db, id, &before));
    TRY(request_match(rq, before.version));
    TRY(request_input(rq, all));
    TRY(check_all(rq, all, &before));
    TRY(db_begin(&rq->db));
    TRY(request_written(rq, tumour_find(&rq->db, id, &t)));
    TRY(request_match(rq, t.version));
    TRY(store_all(rq, &t, all));
    TRY(tumour_treatments_find(&rq->db, id, all));
    return db_commit(&rq->db);
}

enum status tumour_treatments_replace(struct request *rq)
{
    struct given_treatments all = {0};
    TRY(replace(rq, &all));
    return reply_record(rq, &all);
}

enum status tumour_treatments_clear(struct request *rq)
{
    struct given_treatments none = {0};
    TRY(replace(rq, &none));
    return reply_empty(rq);
}
