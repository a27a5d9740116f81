#include "services/users/person/person.h"

#include "common/base/text.h"
#include "common/database/history.h"

#include <string.h>

static const char *const statuses[] = {"caregiver", "healthpro", "patient", NULL};

enum { PROFESSIONALS = HEALTHPRO | ADMINS };

#define NAME_LENGTH .min = 1, .max = 80
#define SPECIALTY \
    FIELD_ENUM(struct person, specialty, specialty_names, .rules = OMIT_NULL, .summary = "Specialty of a healthpro")
#define AGE \
    FIELD_INTEGER(struct person, age, .rules = OMIT_NULL, .min = 0, .max = 130, \
                  .summary = "Age of a patient in completed years, from the date of birth")
static const char *const sexes[] = {"male", "female", "other", "unknown", NULL};

#define MEMBERS_OF_PATIENT \
    FIELD_DATE(struct person, birth_date, .rules = OMIT_NULL, .summary = "Date of birth of a patient"), \
        FIELD_INTEGER(struct person, mmse, .rules = OMIT_NULL, .min = 0, .max = 30, \
                      .summary = "Points of a patient's latest Mini-Mental State Examination"), \
        FIELD_ENUM(struct person, sex, sexes, .rules = OMIT_NULL, .summary = "Sex of a patient; null: not recorded"), \
        FIELD_INTEGER(struct person, schooling_years, .rules = OMIT_NULL, .min = 0, .max = 30, \
                      .summary = "Years of education of a patient"), \
        FIELD_UUID(struct person, caregiver_id, .rules = OMIT_NULL, .summary = "Caregiver of a patient")
#define MEMBERS_OF_ROLES SPECIALTY, AGE, MEMBERS_OF_PATIENT
#define ESTIMATED \
    FIELD_BOOLEAN(struct person, birth_date_estimated, .rules = OMIT_NULL, \
                  .summary = "The date of birth was estimated from an age")

/* clang-format off */
SCHEMA(person_schema, "Person", struct person,
       FIELD_UUID(struct person, user_id),
       FIELD_TEXT(struct person, name),
       FIELD_ENUM(struct person, status, statuses),
       MEMBERS_OF_ROLES,
       ESTIMATED,
       FIELD_TIME(struct person, created_at),
       FIELD_TIME(struct person, updated_at),
       FIELD_INTEGER(struct person, version, .rules = HIDDEN),
       FIELD_TEXT(struct person, page_key, .rules = HIDDEN));

/* Without the age, which changes by itself. */
SCHEMA(person_version_schema, "PersonVersion", struct person,
       FIELD_UUID(struct person, user_id),
       HISTORY_FIELDS(struct person, role_names),
       FIELD_TEXT(struct person, name),
       FIELD_ENUM(struct person, status, statuses),
       SPECIALTY,
       MEMBERS_OF_PATIENT,
       ESTIMATED,
       FIELD_TIME(struct person, created_at),
       FIELD_TEXT(struct person, page_key, .rules = HIDDEN));

SCHEMA(new_person_schema, "NewPerson", struct person,
       FIELD_TEXT(struct person, name, .rules = REQUIRED | TRIMMED, NAME_LENGTH, .example = "Marela Tovins",
                  .summary = "The name to log in with; unique, regardless of case"),
       FIELD_ENUM(struct person, status, statuses, .rules = REQUIRED),
       FIELD_TEXT(struct person, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = PASSWORD_MIN,
                  .max = PASSWORD_MAX),
       MEMBERS_OF_ROLES);

SCHEMA(person_change_schema, "PersonChange", struct person,
       FIELD_TEXT(struct person, name, .rules = TRIMMED | NOT_NULL, NAME_LENGTH),
       MEMBERS_OF_ROLES);

SCHEMA(person_name_schema, "PersonName", struct person,
       FIELD_TEXT(struct person, name, .rules = REQUIRED, NAME_LENGTH));

SCHEMA(person_query_schema, "PersonQuery", struct person_query,
       FIELD_PAGE(struct person_query, page),
       FIELD_TEXT(struct person_query, name, NAME_LENGTH, .summary = "Exactly this name, regardless of case"),
       FIELD_ENUM(struct person_query, status, statuses),
       FIELD_ENUM(struct person_query, specialty, specialty_names));
/* clang-format on */

/* Anyone may sign up as patient or caregiver; healthpros are created by healthpros and administrators. */
static enum status check_creator(struct request *rq, const struct person *p)
{
    if (strcmp(p->status, "healthpro") == 0 && !(rq->who.role & PROFESSIONALS))
        return request_refuse(rq, "Only a healthpro or an administrator creates a healthpro.");
    return OK;
}

/* Newcomers make the record of themselves, and are the first in its access log. */
static void act_as_newcomer(struct request *rq, const struct person *p)
{
    rq->actor.role = p->status;
    rq->actor.account_id = arena_text(rq->arena, p->user_id);
}

enum status person_create(struct request *rq)
{
    struct users *users = rq->app;
    struct person p = {0}, created;
    char hash[PASSWORD_HASH_SIZE], id[33];
    TRY(request_input(rq, &p));
    TRY(check_creator(rq, &p));
    TRY(person_check(&p, clock_today(), rq->arena, &rq->problem));
    TRY(password_check(p.password, p.name, "password", &rq->problem));
    TRY(password_hash(users->gate, p.password, hash, &rq->problem));
    text_new_uuid(id);
    p.user_id = id;
    if (!(rq->who.role & PROFESSIONALS))
        act_as_newcomer(rq, &p);
    TRY(person_insert(&rq->db, &p, hash, &created));
    reply_header(rq, "Location", "/api/v1/users/%s", created.user_id);
    return reply_record(rq, &created);
}

/* A name is asked for more than anything else, so it has a statement of its own. */
static enum status list_by_name(struct request *rq, const struct person_query *query)
{
    struct person p;
    struct record_list list = {.items = &p, .count = 1};
    enum status status = person_find_by_name(&rq->db, query->name, &p);
    TRY(if_any(status));
    bool fits = status == OK && (!query->status || strcmp(query->status, p.status) == 0) &&
                (!query->specialty || (p.specialty && strcmp(query->specialty, p.specialty) == 0));
    if (!fits)
        list.count = 0;
    return reply_page(rq, &list);
}

enum status person_list(struct request *rq)
{
    struct person_query query = {0};
    struct record_list list;
    TRY(request_input(rq, &query));
    if (query.name && !rq->page.after)
        return list_by_name(rq, &query);
    TRY(person_page(&rq->db, &query, &rq->page, &list));
    return reply_page(rq, &list);
}

static enum status find_caregiver(struct request *rq, const char *id)
{
    struct person p;
    TRY(person_find(&rq->db, id, &p));
    return strcmp(p.status, "caregiver") == 0 ? OK : NOT_FOUND;
}

enum status person_list_of_caregiver(struct request *rq)
{
    struct record_list list;
    const char *id;
    TRY(request_id(rq, "caregiver_id", &id));
    TRY(person_page_of_caregiver(&rq->db, id, &rq->page, &list));
    if (list.count == 0)
        TRY(find_caregiver(rq, id));
    return reply_page(rq, &list);
}

static enum status find_by_id(struct request *rq, struct person *out)
{
    const char *id;
    TRY(request_id(rq, "user_id", &id));
    return person_find(&rq->db, id, out);
}

enum status person_get(struct request *rq)
{
    struct as_of at = {0};
    struct person p;
    const char *id;
    TRY(request_input(rq, &at));
    TRY(request_id(rq, "user_id", &id));
    TRY(history_as_of_check(&rq->db, &at));
    TRY(at.as_of ? person_find_as_of(&rq->db, id, at.as_of, &p) : person_find(&rq->db, id, &p));
    return reply_record(rq, &p);
}

enum status person_history(struct request *rq)
{
    struct record_list list;
    const char *id;
    TRY(request_id(rq, "user_id", &id));
    TRY(person_page_of_history(&rq->db, id, &rq->page, &list));
    return reply_page_or_absent(rq, &list);
}

enum status person_get_by_name(struct request *rq)
{
    struct person key = {0}, p;
    TRY(request_input(rq, &key));
    TRY(person_find_by_name(&rq->db, key.name, &p));
    return reply_record(rq, &p);
}

/* The input is decoded onto the person as it is. The age shown is made from the date of birth, so it is removed first,
 * and so is the date when an age replaces it. */
static enum status apply_change(struct request *rq, struct person *p)
{
    const char *birth_date = p->birth_date;
    p->age.known = false;
    TRY(request_input(rq, p));
    bool dated = p->birth_date != birth_date;
    if (p->age.known && !dated)
        p->birth_date = NULL;
    if (dated)
        p->birth_date_estimated = (struct maybe_boolean){0};
    return person_check(p, clock_today(), rq->arena, &rq->problem);
}

/* As the policies of users.person have it; here it gets a sentence. */
static enum status check_writer(struct request *rq, const struct person *p, bool may_be_own)
{
    bool colleague = (rq->who.role & (HEALTHPRO | CLIENT)) && strcmp(p->status, "healthpro") == 0;
    bool own = strcmp(rq->who.account_id, p->user_id) == 0;
    if (colleague && !(own && may_be_own))
        return request_refuse(rq, "Records of healthcare professionals are changed by administrators.");
    return OK;
}

enum status person_update(struct request *rq)
{
    struct person p, updated;
    TRY(find_by_id(rq, &p));
    TRY(check_writer(rq, &p, true));
    TRY(request_match(rq, p.version));
    TRY(apply_change(rq, &p));
    TRY(request_written(rq, person_update_row(&rq->db, &p, &updated)));
    return reply_record(rq, &updated);
}

enum status person_delete(struct request *rq)
{
    struct person p;
    TRY(find_by_id(rq, &p));
    TRY(check_writer(rq, &p, false));
    TRY(request_match(rq, p.version));
    enum status status = person_delete_row(&rq->db, &p);
    if (status == INVALID) { /* the same constraint that refuses an unknown caregiver */
        problem_reset(&rq->problem, rq->arena);
        return fail(&rq->problem, CONFLICT, NULL, "This caregiver has patients; give them another caregiver first.");
    }
    TRY(request_written(rq, status));
    return reply_empty(rq);
}
