#include "services/users/assessment/assessment_import.h"

#include <string.h>

static const char *const types[] = {"text/csv", NULL};

const struct upload_rule assessments_upload = {
    ASSESSMENT_IMPORT_BYTES_MAX, types,
    "CSV (UTF-8; comma, semicolon or tab) with headings in its first row: patient, date, score, and any of the parts"};

#define COUNT_(m, ...) FIELD_INTEGER(struct assessment_import, m, __VA_ARGS__)

SCHEMA(assessment_import_schema, "AssessmentImport", struct assessment_import,
       FIELD_BOOLEAN(struct assessment_import, dry_run, .summary = "True: nothing was written"),
       FIELD_TEXT(struct assessment_import, digest,
                  .summary = "Of the file, what it would do and what that rests on; to be sent with the same file"),
       COUNT_(rows, .summary = "Of the file, without the first and without empty ones"),
       COUNT_(to_create, .summary = "Rows that make an assessment"),
       COUNT_(to_change, .summary = "Rows that change one"),
       COUNT_(unchanged, .summary = "Rows that say what is there"), COUNT_(wrong_rows, .summary = "Rows with errors"),
       COUNT_(errors, .summary = "All of them"),
       FIELD_RECORDS(struct assessment_import, first_errors, import_error_schema,
                     .summary = "The first 100, in the order in which they were found"));

SCHEMA(assessment_import_order_schema, "AssessmentImportOrder", struct assessment_import_order,
       FIELD_BOOLEAN(struct assessment_import_order, dry_run, .summary = "Unless false, nothing is written"),
       FIELD_TEXT(struct assessment_import_order, digest, .min = 64, .max = 64,
                  .summary = "The one that the dry run of this file answered; required to write"),
       FIELD_BOOLEAN(struct assessment_import_order, without_wrong_rows,
                     .summary = "Write although rows are wrong, without these"));

static bool is_true(struct maybe_boolean b)
{
    return b.known && b.value;
}

static enum status agrees(struct request *rq, const struct assessment_import_order *order,
                          const struct assessment_import *import)
{
    if (import->dry_run.value)
        return OK;
    if (strcmp(order->digest, import->digest) != 0)
        return fail(&rq->problem, CONFLICT, NULL,
                    "The file or the scores have changed since the dry run; let it be checked again.");
    if (import->wrong_rows.value > 0 && !is_true(order->without_wrong_rows))
        return fail(&rq->problem, CONFLICT, NULL,
                    "Rows of the file are wrong; correct them, or send it with without_wrong_rows.");
    return OK;
}

/* What is refused here has been written in a transaction that nobody commits. */
static enum status import_file(struct request *rq, const struct assessment_import_order *order,
                               struct assessment_import *out)
{
    TRY(db_begin(&rq->db));
    TRY(assessment_import_run(rq, out));
    TRY(agrees(rq, order, out));
    return db_commit(&rq->db);
}

enum status assessment_import(struct request *rq)
{
    struct assessment_import_order order = {0};
    struct users *users = rq->app;
    struct gate_visit visit;
    TRY(request_input(rq, &order));
    struct assessment_import import = {.dry_run = {true, !order.dry_run.known || order.dry_run.value}};
    if (!import.dry_run.value && !order.digest)
        return fail(&rq->problem, INVALID, "digest", "is required to write: the one that the dry run answered");
    TRY(gate_enter(users->import_gate, &visit, &rq->problem));
    enum status status = import_file(rq, &order, &import);
    gate_leave(users->import_gate, &visit);
    TRY(status);
    return reply_record(rq, &import);
}
