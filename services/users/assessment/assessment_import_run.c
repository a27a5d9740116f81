/* Design. As for tumours, rows are taken in batches: their patients are looked up, then the assessments of these
 * patients and days, each row is decoded onto the one it is about, or onto nothing, and checked like any other input.
 * What each row comes to goes into the digest together with the version of the assessment that it came to it by. */
#include "services/users/assessment/assessment_import.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 500, COLUMNS_MAX = 16 };

/* Headings and the members they stand for. */
static const struct heading {
    const char *text, *member;
} headings[] = {
    {"patient", "patient"},
    {"date", "assessed_on"},
    {"assessed_on", "assessed_on"},
    {"score", "mmse"},
    {"mmse", "mmse"},
    {"orientation_time", "orientation_time"},
    {"orientation_place", "orientation_place"},
    {"registration", "registration"},
    {"attention", "attention"},
    {"recall", "recall"},
    {"language", "language"},
    {"drawing", "drawing"},
    {"note", "note"},
};

LOCAL_SCHEMA(asked_schema, "AskedAssessment", struct assessment_row, FIELD_INTEGER(struct assessment_row, line),
             FIELD_TEXT(struct assessment_row, name),
             {.name = "patient_id",
              .kind = FIELD_KIND_UUID,
              .offset = offsetof(struct assessment_row, assessment.patient_id)},
             {.name = "assessed_on",
              .kind = FIELD_KIND_DATE,
              .offset = offsetof(struct assessment_row, assessment.assessed_on)});

/* As it is to be. */
LOCAL_SCHEMA(written_schema, "WrittenAssessment", struct assessment, FIELD_UUID(struct assessment, assessment_id),
             FIELD_UUID(struct assessment, patient_id), FIELD_INTEGER(struct assessment, version),
             FIELD_DATE(struct assessment, assessed_on), FIELD_INTEGER(struct assessment, mmse),
             FIELD_INTEGER(struct assessment, orientation_time), FIELD_INTEGER(struct assessment, orientation_place),
             FIELD_INTEGER(struct assessment, registration), FIELD_INTEGER(struct assessment, attention),
             FIELD_INTEGER(struct assessment, recall), FIELD_INTEGER(struct assessment, language),
             FIELD_INTEGER(struct assessment, drawing), FIELD_TEXT(struct assessment, note));

struct batch_row {
    size_t line;
    struct form form;
    const char **cells; /* as they stand in the file, by column */
    struct assessment_row asked;
    bool wrong;
};

struct run {
    struct request *rq;
    struct assessment_import *import;
    struct table *table;
    const struct heading *columns[COLUMNS_MAX];
    size_t column_count;
    struct import_seen seen;
    crypto_generichash_state digest;

    /* The batch; all of it goes with its arena. */
    struct arena arena;
    struct db db;
    struct problem why;
    struct batch_row rows[BATCH_ROWS];
    size_t row_count;
    struct writer created, changed;
    int64_t to_create, to_change;
};

/* ---- complaints ---- */

static void complain(struct run *run, struct batch_row *row, const struct heading *column, const char *value,
                     const char *detail)
{
    struct assessment_import *i = run->import;
    struct arena *arena = run->rq->arena;
    struct import_error *kept = i->first_errors.items;
    row->wrong = true;
    if (++i->errors.value > ASSESSMENT_ERRORS_KEPT)
        return;
    kept[i->first_errors.count++] = (struct import_error){
        .number = i->errors,
        .line = {true, (int64_t)row->line},
        .heading = column ? column->text : NULL,
        .member = column ? column->member : NULL,
        .value = import_value(arena, value),
        .detail = arena_text(arena, detail),
    };
}

static size_t column_of(const struct run *run, const char *member)
{
    size_t i = 0;
    while (i < run->column_count && strcmp(run->columns[i]->member, member) != 0)
        i++;
    return i;
}

static void complain_of_member(struct run *run, struct batch_row *row, const char *member, const char *detail)
{
    size_t column = column_of(run, member);
    bool there = column < run->column_count;
    complain(run, row, there ? run->columns[column] : NULL, there ? row->cells[column] : NULL, detail);
}

/* What decoding and the rules have noted. */
static void complain_of_all(struct run *run, struct batch_row *row)
{
    for (int i = 0; i < run->why.error_count; i++) {
        const char *pointer = run->why.errors[i].pointer;
        complain_of_member(run, row, *pointer == '/' ? pointer + 1 : pointer, run->why.errors[i].detail);
    }
    if (run->why.error_count == 0 && run->why.detail)
        complain(run, row, NULL, NULL, run->why.detail);
    problem_reset(&run->why, &run->arena);
}

/* ---- headings ---- */

static const struct heading *heading_find(const char *text)
{
    for (size_t i = 0; i < COUNT(headings); i++)
        if (strcmp(headings[i].text, text) == 0)
            return &headings[i];
    return NULL;
}

static enum status take_heading(struct run *run, const char *text)
{
    struct problem *why = &run->rq->problem;
    const struct heading *heading = heading_find(text);
    if (!heading)
        return fail(why, INVALID, "file", "The column '%.60s' is not known.", text);
    if (column_of(run, heading->member) < run->column_count)
        return fail(why, INVALID, "file", "The column '%s' is there twice.", text);
    run->columns[run->column_count++] = heading;
    return OK;
}

static enum status take_headings(struct run *run)
{
    static const char *const required[] = {"patient", "assessed_on", "mmse"};
    struct table_row row;
    struct problem *why = &run->rq->problem;
    enum status status = table_next(run->table, &row, why);
    if (status == NOT_FOUND)
        return fail(why, INVALID, "file", "The file is empty.");
    TRY(status);
    for (size_t i = 0; i < row.count; i++) /* no heading comes twice, so there is room */
        TRY(take_heading(run, row.cells[i].text));
    for (size_t i = 0; i < COUNT(required); i++)
        if (column_of(run, required[i]) == run->column_count)
            return fail(why, INVALID, "file", "The first row must have the columns patient, date and score.");
    return OK;
}

/* ---- a row ---- */

static void take_patient(struct run *run, struct batch_row *row)
{
    char id[33];
    const char *given = row->cells[column_of(run, "patient")];
    struct assessment_row *asked = &row->asked;
    if (!*given)
        complain_of_member(run, row, "patient", "is required: the id or name of the patient");
    else if (text_uuid(given, id))
        asked->assessment.patient_id = arena_text(&run->arena, id);
    else if (text_is_name(given))
        asked->name = given;
    else
        complain_of_member(run, row, "patient", "is neither an id nor a name");
}

/* Without a day that can be looked for, decoding says what is wrong with it. */
static void take_day(struct batch_row *row)
{
    int year, month, day;
    const char *given = form_value(&row->form, "assessed_on");
    if (given && text_date(given, &year, &month, &day))
        row->asked.assessment.assessed_on = given;
}

static void take_row(struct run *run, const struct table_row *in)
{
    struct batch_row *row = &run->rows[run->row_count++];
    *row = (struct batch_row){.line = in->line, .asked.line = {true, (int64_t)in->line}};
    row->cells = arena_alloc(&run->arena, run->column_count * sizeof *row->cells);
    row->form.pairs = arena_alloc(&run->arena, run->column_count * sizeof *row->form.pairs);
    if (in->count != run->column_count) {
        complain(run, row, NULL, NULL,
                 arena_printf(&run->arena, "has %zu cells, and the first line %zu", in->count, run->column_count));
        return;
    }
    for (size_t i = 0; i < in->count; i++) {
        const char *member = run->columns[i]->member, *text = arena_text(&run->arena, in->cells[i].text);
        row->cells[i] = text;
        if (*text && strcmp(member, "patient") != 0)
            row->form.pairs[row->form.count++] = (struct form_pair){member, text};
    }
    take_patient(run, row);
    take_day(row);
}

/* ---- a batch ---- */

/* The rows that are about somebody, as JSON. */
static const char *rows_asked(struct run *run)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t i = 0; i < run->row_count; i++)
        if (!run->rows[i].wrong)
            schema_write(&asked_schema, &run->rows[i].asked, &w);
    write_array_end(&w);
    const char *asked = arena_copy(&run->arena, w.bytes, w.used);
    writer_release(&w);
    return asked;
}

static enum status find_patients(struct run *run)
{
    struct record_list found;
    size_t row = 0;
    TRY(assessments_patients(&run->db, rows_asked(run), &found));
    const struct patient_of_line *all = found.items;
    for (size_t i = 0; i < run->row_count; i++)
        run->rows[i].asked.assessment.patient_id = NULL;
    for (size_t i = 0; i < found.count; i++) { /* both by line */
        while (run->rows[row].line != (size_t)all[i].line.value)
            row++;
        run->rows[row].asked.assessment.patient_id = all[i].patient_id;
    }
    for (size_t i = 0; i < run->row_count; i++)
        if (!run->rows[i].wrong && !run->rows[i].asked.assessment.patient_id)
            complain_of_member(run, &run->rows[i], "patient", "is no patient who is known here");
    return OK;
}

static void check_alone(struct run *run, struct batch_row *row)
{
    const struct assessment *a = &row->asked.assessment;
    if (!a->assessed_on)
        return;
    const char *key = arena_printf(&run->arena, "%s %s", a->patient_id, a->assessed_on);
    uint32_t before = import_seen_before(&run->seen, key, row->line);
    if (before > 0)
        complain(run, row, NULL, NULL,
                 arena_printf(&run->arena, "is about the same patient and day as line %" PRIu32, before));
}

/* Onto the assessment as it is, or onto nothing. */
static void decode_row(struct run *run, struct batch_row *row, const struct assessment *before, struct assessment *out)
{
    struct input input = {.arena = &run->arena, .form = row->form};
    *out = before ? *before : (struct assessment){.patient_id = row->asked.assessment.patient_id};
    if (schema_decode(&new_assessment_schema, &input, out, &run->why) == OK)
        assessment_check(out, clock_today(), &run->why);
}

/* Of several of that day the one that the row says once more, or else none of them can be meant. */
static const struct assessment *record_of(struct run *run, struct batch_row *row, const struct record_list *known)
{
    const struct assessment *all = known->items, *last = NULL, *asked = &row->asked.assessment;
    struct assessment said;
    size_t there = 0;
    for (size_t i = 0; asked->assessed_on && i < known->count; i++) {
        if (strcmp(all[i].patient_id, asked->patient_id) != 0 || strcmp(all[i].assessed_on, asked->assessed_on) != 0)
            continue;
        last = &all[i];
        there++;
        decode_row(run, row, last, &said);
        problem_reset(&run->why, &run->arena);
        if (import_same_record(&new_assessment_schema, last, &said))
            return last;
    }
    if (there > 1)
        complain_of_member(run, row, "assessed_on",
                           "has several assessments of the patient, none of which says this; correct the one that is"
                           " meant");
    return last;
}

/* What the row comes to, and by which assessment. */
static void note_outcome(struct run *run, const struct batch_row *row, const char *what, const struct assessment *a)
{
    const char *id = a && a->assessment_id ? a->assessment_id : "-";
    const char *patient = row->asked.assessment.patient_id ? row->asked.assessment.patient_id : "-";
    const char *text = arena_printf(&run->arena, "%zu %s %s %s %" PRId64 "\n", row->line, what, patient, id,
                                    a && a->version.known ? a->version.value : 0);
    crypto_generichash_update(&run->digest, (const unsigned char *)text, strlen(text));
}

static const char *put_row(struct run *run, const struct assessment *before, const struct assessment *said)
{
    struct assessment_import *i = run->import;
    if (before && import_same_record(&new_assessment_schema, before, said)) {
        i->unchanged.value++;
        return "unchanged";
    }
    *(before ? &i->to_change.value : &i->to_create.value) += 1;
    *(before ? &run->to_change : &run->to_create) += 1;
    schema_write(&written_schema, said, before ? &run->changed : &run->created);
    return before ? "change" : "create";
}

static void settle_row(struct run *run, struct batch_row *row, const struct record_list *known)
{
    const struct assessment *before = NULL;
    struct assessment said;
    const char *what = "wrong";
    if (!row->wrong)
        check_alone(run, row); /* first: what an earlier line writes is not looked at */
    if (!row->wrong)
        before = record_of(run, row, known);
    if (!row->wrong) {
        decode_row(run, row, before, &said);
        complain_of_all(run, row);
    }
    run->import->rows.value++;
    if (row->wrong)
        run->import->wrong_rows.value++;
    else
        what = put_row(run, before, &said);
    note_outcome(run, row, what, before);
}

/* How many rows are written is how many were meant, or somebody was quicker. */
static enum status write_rows(struct run *run, struct writer *w, int64_t meant,
                              enum status (*write)(struct db *db, const char *rows, struct maybe_integer *written))
{
    struct maybe_integer written = {0};
    write_array_end(w);
    if (meant > 0 && !run->import->dry_run.value)
        TRY(write(&run->db, w->bytes, &written));
    if (meant != written.value && !run->import->dry_run.value)
        return fail(&run->rq->problem, CONFLICT, NULL,
                    "The scores have changed since the dry run; let it be checked again.");
    w->used = 0;
    w->comma = false;
    write_array(w);
    return OK;
}

static enum status flush(struct run *run)
{
    struct record_list known = {0};
    if (run->row_count == 0)
        return OK;
    TRY(find_patients(run));
    const char *asked = rows_asked(run);
    if (!run->import->dry_run.value)
        TRY(assessments_hold(&run->db, asked));
    TRY(assessments_known(&run->db, asked, &known));
    for (size_t i = 0; i < run->row_count; i++)
        settle_row(run, &run->rows[i], &known);
    TRY(write_rows(run, &run->created, run->to_create, assessments_create));
    TRY(write_rows(run, &run->changed, run->to_change, assessments_change));
    run->to_create = run->to_change = 0;
    run->row_count = 0;
    arena_release(&run->arena);
    problem_reset(&run->why, &run->arena);
    return OK;
}

static enum status take_rows(struct run *run)
{
    struct table_row row;
    enum status status;
    size_t rows = 0;
    while ((status = table_next(run->table, &row, &run->rq->problem)) == OK) {
        if (import_row_is_empty(&row))
            continue;
        if (++rows > ASSESSMENT_IMPORT_ROWS_MAX)
            return fail(&run->rq->problem, TOO_LARGE, "file", "may have %d rows", ASSESSMENT_IMPORT_ROWS_MAX);
        take_row(run, &row);
        if (run->row_count == BATCH_ROWS)
            TRY(flush(run));
    }
    return status == NOT_FOUND ? flush(run) : status;
}

static const char *digest_text(struct run *run)
{
    unsigned char hash[crypto_generichash_BYTES];
    char *hex = arena_alloc(run->rq->arena, 2 * sizeof hash + 1);
    crypto_generichash_final(&run->digest, hash, sizeof hash);
    return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

static enum status run_through(struct run *run)
{
    struct request *rq = run->rq;
    if (xlsx_looks_like(rq->upload->fd))
        return fail(&rq->problem, INVALID, "file", "is a workbook; save its sheet as CSV");
    TRY(table_open(rq->upload->fd, 0, &run->table, &rq->problem));
    TRY(take_headings(run));
    if (!run->import->dry_run.value)
        TRY(assessments_import_alone(&rq->db));
    run->db = rq->db; /* the same connection, but what it answers goes with the batch */
    run->db.arena = &run->arena;
    write_array(&run->created);
    write_array(&run->changed);
    TRY(take_rows(run));
    run->import->digest = digest_text(run);
    return OK;
}

static void begin(struct run *run, struct request *rq, struct assessment_import *out)
{
    static const struct maybe_integer none = {true, 0};
    run->rq = rq;
    run->import = out;
    out->rows = out->to_create = out->to_change = out->unchanged = out->wrong_rows = out->errors = none;
    out->first_errors.items = arena_alloc(rq->arena, ASSESSMENT_ERRORS_KEPT * sizeof(struct import_error));
    out->first_errors.count = 0;
    import_seen_begin(&run->seen);
    crypto_generichash_init(&run->digest, NULL, 0, crypto_generichash_BYTES);
    crypto_generichash_update(&run->digest, rq->upload->hash, sizeof rq->upload->hash);
    problem_reset(&run->why, &run->arena);
}

enum status assessment_import_run(struct request *rq, struct assessment_import *out)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    begin(run, rq, out);
    enum status status = run_through(run);
    table_close(run->table);
    writer_release(&run->created);
    writer_release(&run->changed);
    import_seen_end(&run->seen);
    arena_release(&run->arena);
    free(run);
    return status;
}
