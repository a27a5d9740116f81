#include "services/users/assessment/assessment.h"

#include "services/users/person/person.h"

#include "common/database/history.h"

#define ASSESSED_ON(...) \
    FIELD_DATE(struct assessment, assessed_on, .summary = "The day of the examination", __VA_ARGS__)
#define MMSE(...) \
    FIELD_INTEGER(struct assessment, mmse, .min = 0, .max = 30, .summary = "Total score, points", __VA_ARGS__)
#define PART(member, max_, text) \
    FIELD_INTEGER(struct assessment, member, .rules = OMIT_NULL, .min = 0, .max = (max_), .summary = (text))
#define PARTS \
    PART(orientation_time, 5, "Points for orientation in time"), \
        PART(orientation_place, 5, "Points for orientation in place"), \
        PART(registration, 3, "Points for registration"), PART(attention, 5, "Points for attention and calculation"), \
        PART(recall, 3, "Points for recall"), PART(language, 8, "Points for language"), \
        PART(drawing, 1, "Point for drawing"), \
        FIELD_TEXT(struct assessment, note, .rules = OMIT_NULL | ANY_TEXT, .min = 1, .max = 2000)
#define LOINC_CODE FIELD_TEXT(struct assessment, loinc, .summary = "LOINC of the total score: 72106-8")

/* clang-format off */
SCHEMA(assessment_schema, "Assessment", struct assessment,
       FIELD_UUID(struct assessment, assessment_id),
       FIELD_UUID(struct assessment, patient_id),
       ASSESSED_ON(),
       MMSE(),
       LOINC_CODE,
       PARTS,
       FIELD_UUID(struct assessment, recorded_by, .summary = "The account that recorded it; null: an operator"),
       FIELD_ENUM(struct assessment, recorded_by_role, role_names),
       FIELD_TIME(struct assessment, created_at),
       FIELD_TIME(struct assessment, updated_at),
       FIELD_INTEGER(struct assessment, version, .rules = HIDDEN),
       FIELD_TEXT(struct assessment, page_key, .rules = HIDDEN));

SCHEMA(new_assessment_schema, "NewAssessment", struct assessment,
       ASSESSED_ON(.rules = REQUIRED),
       MMSE(.rules = REQUIRED),
       PARTS);
SCHEMA(assessment_change_schema, "AssessmentChange", struct assessment, ASSESSED_ON(), MMSE(), PARTS);

SCHEMA(assessment_version_schema, "AssessmentVersion", struct assessment,
       FIELD_UUID(struct assessment, assessment_id),
       HISTORY_FIELDS(struct assessment, role_names),
       ASSESSED_ON(),
       MMSE(),
       LOINC_CODE,
       PARTS,
       FIELD_UUID(struct assessment, patient_id, .rules = HIDDEN),
       FIELD_TEXT(struct assessment, page_key, .rules = HIDDEN));
/* clang-format on */

static enum status patient_of(struct request *rq, const char **out)
{
    return request_id(rq, "patient_id", out);
}

static enum status find(struct request *rq, struct assessment *out)
{
    const char *patient_id, *id;
    TRY(patient_of(rq, &patient_id));
    TRY(request_id(rq, "assessment_id", &id));
    return assessment_find(&rq->db, patient_id, id, out);
}

enum status assessment_no_patient(struct request *rq, const char *id)
{
    struct person p;
    TRY(person_find(&rq->db, id, &p));
    return fail(&rq->problem, INVALID, NULL, "This person is not a patient.");
}

enum status assessment_create(struct request *rq)
{
    struct assessment a = {0}, created;
    TRY(patient_of(rq, &a.patient_id));
    TRY(request_input(rq, &a));
    TRY(assessment_check(&a, clock_today(), &rq->problem));
    enum status status = assessment_insert(&rq->db, &a, &created);
    if (status == NOT_FOUND)
        return assessment_no_patient(rq, a.patient_id);
    TRY(status);
    reply_header(rq, "Location", "/api/v1/patients/%s/assessments/%s", created.patient_id, created.assessment_id);
    return reply_record(rq, &created);
}

/* Every patient has one, so an empty list is of somebody else. */
enum status assessment_list(struct request *rq)
{
    struct record_list list;
    const char *patient_id;
    TRY(patient_of(rq, &patient_id));
    TRY(assessment_page(&rq->db, patient_id, &rq->page, &list));
    return list.count > 0 || rq->page.after ? reply_page(rq, &list) : assessment_no_patient(rq, patient_id);
}

enum status assessment_get(struct request *rq)
{
    struct assessment a;
    TRY(find(rq, &a));
    return reply_record(rq, &a);
}

enum status assessment_history(struct request *rq)
{
    struct record_list list;
    const char *patient_id, *id;
    TRY(patient_of(rq, &patient_id));
    TRY(request_id(rq, "assessment_id", &id));
    TRY(assessment_page_of_history(&rq->db, patient_id, id, &rq->page, &list));
    return reply_page_or_absent(rq, &list);
}

enum status assessment_update(struct request *rq)
{
    struct assessment a, updated;
    TRY(find(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(request_input(rq, &a));
    TRY(assessment_check(&a, clock_today(), &rq->problem));
    TRY(request_written(rq, assessment_update_row(&rq->db, &a, &updated)));
    return reply_record(rq, &updated);
}

enum status assessment_delete(struct request *rq)
{
    struct assessment a;
    TRY(find(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(request_written(rq, assessment_delete_row(&rq->db, &a)));
    return reply_empty(rq);
}
