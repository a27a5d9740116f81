#include "services/users/tumour/tumour_draft.h"

#define STEP(m, what) FIELD_JSON(struct tumour_draft, m, .summary = what)

SCHEMA(tumour_draft_schema, "TumourDraft", struct tumour_draft, FIELD_UUID(struct tumour_draft, draft_id),
       STEP(personal, "The first step as given; null: not yet saved"), STEP(medical_history, "The second step"),
       STEP(tumour, "The third step"),
       FIELD_BOOLEAN(struct tumour_draft, complete, .summary = "All steps are there: it may be submitted"),
       FIELD_TIME(struct tumour_draft, created_at), FIELD_TIME(struct tumour_draft, updated_at),
       FIELD_TIME(struct tumour_draft, expires_at, .summary = "Time of expiry; saving a step postpones it"),
       FIELD_INTEGER(struct tumour_draft, version, .rules = HIDDEN),
       FIELD_TEXT(struct tumour_draft, page_key, .rules = HIDDEN));

/* A member of the draft, and what it holds of the record. */
static const struct step {
    const char *member;
    size_t offset;
    const struct schema *schema;
} steps[TUMOUR_STEPS] = {
    {"personal", offsetof(struct tumour_draft, personal), &tumour_personal_schema},
    {"medical_history", offsetof(struct tumour_draft, medical_history), &tumour_history_step_schema},
    {"tumour", offsetof(struct tumour_draft, tumour), &tumour_tumour_schema},
};

static const char **saved(struct tumour_draft *d, const struct step *s)
{
    return (const char **)((char *)d + s->offset);
}

static const struct step *step_of(const struct request *rq)
{
    for (size_t i = 0; i < TUMOUR_STEPS; i++)
        if (steps[i].schema == rq->route->input)
            return &steps[i];
    abort(); /* the route table has another one */
}

static int hours(const struct request *rq)
{
    const struct users *users = rq->app;
    return users->draft_hours;
}

static enum status find_by_id(struct request *rq, struct tumour_draft *out)
{
    const char *id;
    TRY(request_id(rq, "draft_id", &id));
    return tumour_draft_find(&rq->db, id, out);
}

enum status tumour_draft_create(struct request *rq)
{
    struct tumour_draft made;
    TRY(tumour_draft_insert(&rq->db, hours(rq), &made));
    reply_header(rq, "Location", "/api/v1/tumour-drafts/%s", made.draft_id);
    return reply_record(rq, &made);
}

enum status tumour_draft_list(struct request *rq)
{
    struct record_list list;
    TRY(tumour_draft_page(&rq->db, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status tumour_draft_get(struct request *rq)
{
    struct tumour_draft d;
    TRY(find_by_id(rq, &d));
    return reply_record(rq, &d);
}

/* A step as it was saved, onto the record. Its texts are copied, because the JSON they are in goes at the end. */
static enum status take_step(struct request *rq, const struct step *s, const char *text, struct tumour *t)
{
    json_auto_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    struct input in = {.arena = rq->arena, .json = json};
    TRY(schema_decode(s->schema, &in, t, &rq->problem));
    for (const struct field *f = s->schema->fields; f->name; f++) {
        const char **member = field_at(f, t);
        if ((f->kind == FIELD_KIND_TEXT || f->kind == FIELD_KIND_DATE) && *member)
            *member = arena_text(rq->arena, *member);
    }
    return OK;
}

static enum status take_steps(struct request *rq, struct tumour_draft *d, const struct step *but, struct tumour *t)
{
    for (size_t i = 0; i < TUMOUR_STEPS; i++)
        if (&steps[i] != but && *saved(d, &steps[i]))
            TRY(take_step(rq, &steps[i], *saved(d, &steps[i]), t));
    return OK;
}

/* The input is kept as it is: unknowns and derived values are made when the draft becomes a record. */
enum status tumour_draft_save(struct request *rq)
{
    const struct step *s = step_of(rq);
    struct tumour_draft d, updated;
    struct tumour t = {0};
    TRY(find_by_id(rq, &d));
    TRY(request_match(rq, d.version));
    TRY(take_steps(rq, &d, s, &t));
    TRY(request_input(rq, &t));
    *saved(&d, s) = schema_text(s->schema, &t, rq->arena);
    TRY(tumour_settle(rq, &t, NULL));
    TRY(request_written(rq, tumour_draft_update_row(&rq->db, &d, hours(rq), &updated)));
    return reply_record(rq, &updated);
}

static enum status check_complete(struct request *rq, struct tumour_draft *d)
{
    for (size_t i = 0; i < TUMOUR_STEPS; i++)
        if (!*saved(d, &steps[i]))
            fail(&rq->problem, INVALID, steps[i].member, "is missing: save this step first");
    return problem_status(&rq->problem);
}

/* The draft goes and the record comes, both or neither. */
enum status tumour_draft_submit(struct request *rq)
{
    struct tumour_draft d;
    struct tumour t = {0}, created;
    TRY(find_by_id(rq, &d));
    TRY(check_complete(rq, &d));
    TRY(take_steps(rq, &d, NULL, &t));
    TRY(tumour_settle(rq, &t, NULL));
    TRY(db_begin(&rq->db));
    TRY(request_written(rq, tumour_draft_delete_row(&rq->db, &d)));
    TRY(tumour_insert(&rq->db, &t, &created));
    TRY(db_commit(&rq->db));
    reply_header(rq, "Location", "/api/v1/tumours/%s", created.tumour_id);
    return reply_record(rq, &created);
}

enum status tumour_draft_delete(struct request *rq)
{
    struct tumour_draft d;
    TRY(find_by_id(rq, &d));
    TRY(request_match(rq, d.version));
    TRY(request_written(rq, tumour_draft_delete_row(&rq->db, &d)));
    return reply_empty(rq);
}
