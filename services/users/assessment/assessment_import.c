#include "services/users/assessment/assessment_import.h"

#include "common/base/text.h"

#include <string.h>

static const char *const types[] = {"text/csv", NULL};

const struct upload_rule assessment_import_upload = {
    ASSESSMENT_IMPORT_BYTES_MAX, types,
    "CSV (UTF-8; comma, semicolon or tab) with headings in its first row: patient, date, score, and any of the parts"};

/* clang-format off */
SCHEMA(assessment_import_schema, "AssessmentImport", struct import,
       FIELD_BOOLEAN(struct import, dry_run, .summary = "True if nothing was written"),
       FIELD_TEXT(struct import, digest,
                  .summary = "Digest of the file, its changes and the records they depend on; required to write"),
       IMPORT_COUNTS,
       FIELD_RECORDS(struct import, first_errors, import_error_schema,
                     .summary = "First 100 errors, in the order of the file"),
       FIELD_UUID(struct import, import_id, .summary = "Id of the stored dry run, to commit or discard it"),
       IMPORT_VERSION);

SCHEMA(assessment_import_order_schema, "AssessmentImportOrder", struct assessment_import_order,
       FIELD_BOOLEAN(struct assessment_import_order, dry_run, .summary = "Only check the file; true by default"),
       FIELD_TEXT(struct assessment_import_order, digest, .min = 64, .max = 64,
                  .summary = "Digest from the dry run of the same file; required to write"),
       FIELD_BOOLEAN(struct assessment_import_order, without_wrong_rows,
                     .summary = "Write without the rows that have errors"));

SCHEMA(assessment_asked_schema, "AskedAssessment", struct assessment_asked,
       FIELD_INTEGER(struct assessment_asked, line),
       FIELD_UUID(struct assessment_asked, patient_id),
       FIELD_TEXT(struct assessment_asked, name),
       FIELD_DATE(struct assessment_asked, assessed_on));

/* As it is to be. */
LOCAL_SCHEMA(record_schema, "WrittenAssessment", struct assessment,
             FIELD_UUID(struct assessment, assessment_id),
             FIELD_UUID(struct assessment, patient_id),
             FIELD_INTEGER(struct assessment, version),
             FIELD_DATE(struct assessment, assessed_on),
             FIELD_INTEGER(struct assessment, mmse),
             FIELD_INTEGER(struct assessment, orientation_time),
             FIELD_INTEGER(struct assessment, orientation_place),
             FIELD_INTEGER(struct assessment, registration),
             FIELD_INTEGER(struct assessment, attention),
             FIELD_INTEGER(struct assessment, recall),
             FIELD_INTEGER(struct assessment, language),
             FIELD_INTEGER(struct assessment, drawing),
             FIELD_TEXT(struct assessment, note));
/* clang-format on */

/* Other headings are names of members. */
static const struct {
    const char *heading, *member;
} headings[] = {{"date", "assessed_on"}, {"score", "mmse"}};

static const struct import_desk *desk(const struct request *rq)
{
    return &((const struct users *)rq->app)->imports;
}

static bool is_true(struct maybe_boolean b)
{
    return b.known && b.value;
}

static enum status order_take(struct request *rq, struct import_order *out)
{
    struct assessment_import_order given = {0};
    TRY(request_input(rq, &given));
    *out = (struct import_order){.at_once = given.dry_run.known && !given.dry_run.value,
                                 .without_wrong_rows = is_true(given.without_wrong_rows),
                                 .digest = given.digest};
    if (out->at_once && !given.digest)
        return fail(&rq->problem, INVALID, "digest", "is required to write; the dry run returns it");
    return OK;
}

static enum status column_of(struct import_run *run, struct import_column *out)
{
    const char *member = out->heading;
    for (size_t i = 0; i < COUNT(headings); i++)
        if (strcmp(headings[i].heading, out->heading) == 0)
            member = headings[i].member;
    for (const struct field *f = new_assessment_schema.fields; f->name && !out->member; f++)
        out->member = strcmp(f->name, member) == 0 ? f->name : NULL;
    if (strcmp(member, "patient") == 0)
        out->member = "patient";
    if (!out->member)
        return fail(&run->rq->problem, INVALID, "file", "The column '%.60s' is not known.", out->heading);
    return OK;
}

static enum status headings_check(struct import_run *run)
{
    static const char *const required[] = {"patient", "assessed_on", "mmse"};
    for (size_t i = 0; i < COUNT(required); i++)
        if (import_column_of(run, required[i]) == run->column_count)
            return fail(&run->rq->problem, INVALID, "file",
                        "The first row must have the columns patient, date and score.");
    return OK;
}

/* The patient is no member of an assessment, but where it is looked for. */
static enum status cell_value(struct import_run *run, const struct import_column *c, const struct xlsx_cell *cell,
                              const char **out, const char **complaint)
{
    (void)run;
    (void)cell;
    (void)complaint;
    if (strcmp(c->member, "patient") == 0)
        *out = NULL;
    return OK;
}

/* Without a day that can be looked for, decoding says what is wrong with it. */
static void row_take(struct import_run *run, struct import_row *row)
{
    char id[33];
    struct date day;
    const char *patient = import_cell(run, row, "patient"), *given = form_value(&row->form, "assessed_on");
    struct assessment_asked *asked = row->asked;
    asked->line = (struct maybe_integer){true, (int64_t)row->line};
    if (given && date_parse(given, &day))
        asked->assessed_on = given;
    if (!*patient)
        import_complain(run, row, "patient", "is required: the id or name of the patient");
    else if (text_uuid(patient, id))
        asked->patient_id = arena_text(&run->arena, id);
    else if (text_is_name(patient))
        asked->name = patient;
    else
        import_complain(run, row, "patient", "is neither an id nor a name");
}

static void take_patient(struct import_run *run, struct import_row *row, const char *patient_id)
{
    struct assessment_asked *asked = row->asked;
    asked->patient_id = patient_id;
    if (!patient_id)
        import_complain(run, row, "patient", "is not a known patient");
    else if (asked->assessed_on)
        row->key = arena_printf(&run->arena, "%s %s", patient_id, asked->assessed_on);
}

static enum status records_known(struct import_run *run, const char *rows, struct record_list *out)
{
    struct record_list found;
    size_t at = 0;
    TRY(assessment_import_patients(&run->db, rows, &found));
    const struct assessment_asked *all = found.items; /* by line, as the rows are */
    for (size_t i = 0; i < run->row_count; i++) {
        struct import_row *r = &run->rows[i];
        bool here = at < found.count && all[at].line.value == (int64_t)r->line;
        if (!r->wrong)
            take_patient(run, r, here ? all[at].patient_id : NULL);
        at += here;
    }
    return assessment_import_known(&run->db, import_rows_asked(run), out);
}

/* Of several of that day the one that the row says once more, or else none of them can be meant. */
static const void *record_find(struct import_run *run, struct import_row *row, const struct record_list *known)
{
    const struct assessment *all = known->items, *last = NULL;
    const struct assessment_asked *asked = row->asked;
    size_t there = 0;
    for (size_t i = 0; asked->assessed_on && i < known->count; i++) {
        if (strcmp(all[i].patient_id, asked->patient_id) != 0 || strcmp(all[i].assessed_on, asked->assessed_on) != 0)
            continue;
        last = &all[i];
        there++;
        if (import_says(run, row, last))
            return last;
    }
    if (there > 1)
        import_complain(run, row, "assessed_on",
                        "has several assessments of the patient, none with these values; correct the right one first");
    return last;
}

static void record_check(struct import_run *run, const struct import_row *row, const void *before, void *record)
{
    struct assessment *a = record;
    (void)before;
    a->patient_id = ((const struct assessment_asked *)row->asked)->patient_id;
    assessment_check(a, clock_today(), &run->why);
}

const struct import_kind assessment_imports = {
    .name = "assessment",
    .same = "patient and day",
    .changed_meanwhile = "The file or the scores have changed since the dry run; check the file again.",
    .rows_max = ASSESSMENT_IMPORT_ROWS_MAX,
    .input = &new_assessment_schema,
    .compared = &new_assessment_schema,
    .record = &record_schema,
    .asked = &assessment_asked_schema,
    .id = offsetof(struct assessment, assessment_id),
    .version = offsetof(struct assessment, version),
    .desk = desk,
    .order = order_take,
    .column = column_of,
    .begin = headings_check,
    .value = cell_value,
    .row = row_take,
    .known = records_known,
    .find = record_find,
    .check = record_check,
    .alone = assessment_import_alone,
    .apply = assessment_import_apply,
};
