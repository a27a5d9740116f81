/* Design. Rows are taken in batches, so that the registry is asked once for many and memory stays the same however long
 * the file is. Each row becomes a form of members and texts by the legend; the records that the batch is about are
 * read; what a row says is decoded onto its record, or onto nothing, and checked like any other input. Rows that would
 * write something go to the staging table as they would be. */
#include "services/users/tumour/tumour_import.h"

#include "common/base/text.h"
#include "common/format/table.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 500 };

struct file_column {
    const char *heading;
    const struct legend_column *rule; /* NULL: ignored */
};

struct batch_row {
    size_t line;
    struct form form;
    const char **cells; /* as they stand in the file, by column */
    const char *id, *key;
    bool wrong;
};

struct run {
    struct request *rq;
    const struct legend *legend;
    struct tumour_import *import;
    struct table *table;
    struct file_column columns[TABLE_COLUMNS_MAX];
    size_t column_count;
    bool has_source_key, has_id, own, spreadsheet;
    struct record_list codes;
    struct import_seen seen;

    /* The batch; all of it goes with its arena. */
    struct arena arena;
    struct db db;
    struct problem why;
    struct batch_row rows[BATCH_ROWS];
    size_t row_count;
    struct writer staged, noted;
    size_t staged_count, noted_count;
};

/* ---- complaints ---- */

static void complain(struct run *run, struct batch_row *row, const char *heading, const char *member, const char *value,
                     const char *detail)
{
    struct maybe_integer *errors = &run->import->errors;
    row->wrong = true;
    if (++errors->value > IMPORT_ERRORS_KEPT)
        return;
    struct import_error e = {
        .number = *errors,
        .line = {true, (int64_t)row->line},
        .heading = heading,
        .member = member,
        .value = import_value(&run->arena, value),
        .detail = detail,
    };
    schema_write(&import_error_schema, &e, &run->noted);
    run->noted_count++;
}

static size_t column_of(const struct run *run, const char *member)
{
    for (size_t i = 0; i < run->column_count; i++)
        if (run->columns[i].rule && strcmp(run->columns[i].rule->field->name, member) == 0)
            return i;
    return run->column_count;
}

static void complain_of_member(struct run *run, struct batch_row *row, const char *member, const char *detail)
{
    size_t column = column_of(run, member);
    bool there = column < run->column_count;
    complain(run, row, there ? run->columns[column].heading : NULL, member, there ? row->cells[column] : NULL, detail);
}

/* What decoding and the rules have noted. */
static void complain_of_all(struct run *run, struct batch_row *row)
{
    for (int i = 0; i < run->why.error_count; i++) {
        const char *pointer = run->why.errors[i].pointer;
        complain_of_member(run, row, *pointer == '/' ? pointer + 1 : pointer, run->why.errors[i].detail);
    }
    if (run->why.error_count == 0 && run->why.detail)
        complain(run, row, NULL, NULL, NULL, run->why.detail);
    problem_reset(&run->why, &run->arena);
}

/* ---- headings ---- */

static enum status take_heading(struct run *run, size_t i, const char *text)
{
    struct problem *why = &run->rq->problem;
    struct file_column *c = &run->columns[i];
    c->heading = arena_text(run->rq->arena, text);
    c->rule = *text ? legend_find(run->legend, text) : NULL;
    for (size_t before = 0; c->rule && before < i; before++)
        if (run->columns[before].rule == c->rule)
            return fail(why, INVALID, "file", "The columns '%.60s' and '%.60s' are both %s.",
                        run->columns[before].heading, c->heading, c->rule->field->name);
    return OK;
}

static const char *headings_of(const struct run *run, const char *member)
{
    const char *list = "nothing";
    for (size_t i = 0; i < run->legend->column_count; i++) {
        const struct legend_column *c = &run->legend->columns[i];
        for (size_t h = 0; h < c->heading_count && strcmp(c->field->name, member) == 0; h++)
            list = h == 0 ? c->headings[h] : arena_printf(run->rq->arena, "%s, %s", list, c->headings[h]);
    }
    return list;
}

static enum status take_headings(struct run *run)
{
    struct table_row row;
    struct problem *why = &run->rq->problem;
    enum status status = table_next(run->table, &row, why);
    if (status == NOT_FOUND)
        return fail(why, INVALID, "file", "The file is empty.");
    TRY(status);
    run->column_count = row.count;
    for (size_t i = 0; i < row.count; i++)
        TRY(take_heading(run, i, row.cells[i].text));
    run->has_source_key = column_of(run, "source_key") < run->column_count;
    run->has_id = column_of(run, "tumour_id") < run->column_count;
    static const char *const names[] = {"first_name", "last_name"};
    for (size_t i = 0; i < COUNT(names) && !run->has_id; i++)
        if (column_of(run, names[i]) == run->column_count)
            return fail(why, INVALID, "file",
                        "No heading of the first row stands for %s; by the legend '%s' that would be: %s.", names[i],
                        run->legend->name, headings_of(run, names[i]));
    return OK;
}

/* [{"heading": "Sex", "member": "gender"}, {"heading": "Remarks", "member": null}] */
static const char *columns_told(struct run *run)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t i = 0; i < run->column_count; i++) {
        write_object(&w);
        write_key(&w, "heading");
        write_text(&w, run->columns[i].heading);
        write_key(&w, "member");
        write_text(&w, run->columns[i].rule ? run->columns[i].rule->field->name : NULL);
        write_object_end(&w);
    }
    write_array_end(&w);
    const char *told = arena_copy(run->rq->arena, w.bytes, w.used);
    writer_release(&w);
    return told;
}

/* ---- keys ---- */

/* Without a patient number it is the names and the two days that tell patients apart. */
static const char *hashed_key(struct run *run, struct batch_row *row)
{
    static const char *const members[] = {"last_name", "first_name", "birth_date", "operation_date"};
    unsigned char hash[16];
    char hex[2 * sizeof hash + 1];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < COUNT(members); i++) {
        const char *value = form_value(&row->form, members[i]);
        value = value ? value : "";
        crypto_generichash_update(&state, (const unsigned char *)value, strlen(value) + 1);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return arena_printf(&run->arena, "%s#%s", run->legend->name, hex);
}

static const char *key_of(struct run *run, struct batch_row *row)
{
    const char *number = form_value(&row->form, "source_key");
    if (number)
        return run->own ? number : arena_printf(&run->arena, "%s:%s", run->legend->name, number);
    if (run->has_source_key && !run->own) {
        complain_of_member(run, row, "source_key", "is required: it tells this patient from all others");
        return NULL;
    }
    if (!form_value(&row->form, "birth_date") && !form_value(&row->form, "operation_date")) {
        complain_of_member(run, row, "birth_date",
                           "or operation_date is required where there is no patient number, to tell patients apart");
        return NULL;
    }
    return hashed_key(run, row);
}

static void take_key(struct run *run, struct batch_row *row)
{
    char id[33];
    const char *given = form_value(&row->form, "tumour_id");
    if (given && !text_uuid(given, id)) {
        complain_of_member(run, row, "tumour_id", "must be an id of 32 hexadecimal digits");
        return;
    }
    row->id = given ? arena_text(&run->arena, id) : NULL;
    row->key = given ? NULL : key_of(run, row);
    if (row->wrong)
        return;
    uint32_t before = import_seen_before(&run->seen, row->id ? row->id : row->key, row->line);
    if (before > 0)
        complain(run, row, NULL, NULL, NULL,
                 arena_printf(&run->arena, "is about the same patient as line %" PRIu32, before));
}

/* ---- a row ---- */

static void take_cell(struct run *run, struct batch_row *row, size_t column, const struct xlsx_cell *cell)
{
    const struct legend_column *rule = run->columns[column].rule;
    const char *value, *complaint = NULL;
    bool plain = cell->kind != XLSX_NUMBER && cell->kind != XLSX_DATE;
    row->cells[column] = arena_text(&run->arena, cell->text);
    if (!rule)
        return;
    if (cell->kind == XLSX_FORMULA)
        complain_of_member(run, row, rule->field->name, "is a formula; put its value in its place");
    else if (cell->kind == XLSX_ERROR)
        complain_of_member(run, row, rule->field->name, "is no value");
    else if (legend_value(run->legend, rule, cell->text, !plain, &run->arena, &value, &complaint) != OK)
        complain_of_member(run, row, rule->field->name, complaint);
    else if (value)
        row->form.pairs[row->form.count++] = (struct form_pair){rule->field->name, value};
}

static void take_row(struct run *run, const struct table_row *in)
{
    struct batch_row *row = &run->rows[run->row_count++];
    *row = (struct batch_row){.line = in->line};
    row->cells = arena_alloc(&run->arena, (run->column_count + 1) * sizeof *row->cells);
    row->form.pairs = arena_alloc(&run->arena, (run->column_count + 1) * sizeof *row->form.pairs);
    if (in->count > run->column_count || (!run->spreadsheet && in->count < run->column_count)) {
        complain(run, row, NULL, NULL, NULL,
                 arena_printf(&run->arena, "has %zu cells, and the first line %zu", in->count, run->column_count));
        return;
    }
    for (size_t i = 0; i < in->count; i++)
        take_cell(run, row, i, &in->cells[i]);
    if (!row->wrong)
        take_key(run, row);
}

/* ---- a batch ---- */

static const char *key_or_id(const struct batch_row *row, bool of_ids)
{
    return row->wrong ? NULL : of_ids ? row->id : row->key;
}

/* {"a","b"}: texts as PostgreSQL writes an array. */
static const char *array_of(struct run *run, bool of_ids)
{
    size_t room = 3;
    for (size_t i = 0; i < run->row_count; i++) {
        const char *text = key_or_id(&run->rows[i], of_ids);
        room += text ? 2 * strlen(text) + 3 : 0;
    }
    char *array = arena_alloc(&run->arena, room), *end = array;
    *end++ = '{';
    for (size_t i = 0; i < run->row_count; i++) {
        const char *text = key_or_id(&run->rows[i], of_ids);
        if (!text)
            continue;
        if (end[-1] != '{')
            *end++ = ',';
        *end++ = '"';
        for (; *text; text++) {
            if (*text == '"' || *text == '\\')
                *end++ = '\\';
            *end++ = *text;
        }
        *end++ = '"';
    }
    *end++ = '}';
    return array;
}

static bool is_row_of(const struct batch_row *row, const struct tumour *t)
{
    if (row->id)
        return strcmp(row->id, t->tumour_id) == 0;
    return t->source_key && strcmp(row->key, t->source_key) == 0;
}

static const struct tumour *record_of(const struct batch_row *row, const struct record_list *known)
{
    const struct tumour *all = known->items;
    for (size_t i = 0; i < known->count; i++)
        if (is_row_of(row, &all[i]))
            return &all[i];
    return NULL;
}

static void check_code(struct run *run, struct batch_row *row, const char *catalogue, const char *code)
{
    const struct catalogue_code *codes = run->codes.items;
    for (size_t i = 0; code && i < run->codes.count; i++)
        if (strcmp(codes[i].catalogue, catalogue) == 0 && strcmp(codes[i].code, code) == 0)
            return;
    if (code)
        complain_of_member(run, row, catalogue, "is in no catalogue");
}

/* Onto the record as it is, or onto nothing. */
static void decode_row(struct run *run, struct batch_row *row, const struct tumour *before, struct staged_tumour *out)
{
    struct input input = {.arena = &run->arena, .form = row->form};
    struct tumour *t = &out->tumour;
    *out = (struct staged_tumour){.line = {true, (int64_t)row->line}};
    if (before)
        *t = *before;
    if (schema_decode(&tumour_column_schema, &input, t, &run->why) == OK) {
        t->source_key = before ? before->source_key : row->key;
        t->tumour_id = before ? before->tumour_id : NULL;
        if (!t->first_name || !t->last_name)
            fail(&run->why, INVALID, t->first_name ? "last_name" : "first_name", "is required");
        else
            tumour_check(t, before, clock_today(), &run->why);
    }
    complain_of_all(run, row);
    if (row->wrong)
        return;
    check_code(run, row, "treatment", t->treatment);
    check_code(run, row, "primary_site", t->primary_site);
    check_code(run, row, "metastasis_diagnostics", t->metastasis_diagnostics);
}

static void stage_row(struct run *run, struct batch_row *row, const struct record_list *known)
{
    struct staged_tumour staged;
    struct tumour_import *i = run->import;
    const struct tumour *before = row->wrong ? NULL : record_of(row, known);
    if (!row->wrong && row->id && !before)
        complain_of_member(run, row, "tumour_id", "is of no tumour");
    if (!row->wrong)
        decode_row(run, row, before, &staged);
    i->rows.value++;
    if (row->wrong) {
        i->wrong_rows.value++;
    } else if (before && import_same_record(&tumour_row_schema, before, &staged.tumour)) {
        i->unchanged.value++;
    } else {
        *(before ? &i->to_change.value : &i->to_create.value) += 1;
        schema_write(&staged_tumour_schema, &staged, &run->staged);
        run->staged_count++;
    }
}

static enum status send_json(struct run *run, struct writer *w, size_t *count,
                             enum status (*send)(struct db *db, const char *id, const char *json))
{
    enum status status = OK;
    write_array_end(w);
    if (*count > 0)
        status = send(&run->db, run->import->import_id, w->bytes);
    *count = 0;
    w->used = 0;
    w->comma = false;
    write_array(w);
    return status;
}

static enum status flush(struct run *run)
{
    struct record_list known = {0};
    if (run->row_count == 0)
        return OK;
    TRY(import_known(&run->db, array_of(run, true), array_of(run, false), &known));
    for (size_t i = 0; i < run->row_count; i++)
        stage_row(run, &run->rows[i], &known);
    TRY(send_json(run, &run->staged, &run->staged_count, import_stage));
    TRY(send_json(run, &run->noted, &run->noted_count, import_note));
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
        if (++rows > IMPORT_ROWS_MAX)
            return fail(&run->rq->problem, TOO_LARGE, "file", "may have %d rows", IMPORT_ROWS_MAX);
        take_row(run, &row);
        if (run->row_count == BATCH_ROWS)
            TRY(flush(run));
    }
    return status == NOT_FOUND ? flush(run) : status;
}

static enum status run_through(struct run *run, char separator)
{
    struct request *rq = run->rq;
    run->spreadsheet = xlsx_looks_like(rq->upload->fd);
    TRY(table_open(rq->upload->fd, separator, &run->table, &rq->problem));
    TRY(take_headings(run));
    TRY(import_catalogues(&rq->db, &run->codes));
    run->db = rq->db; /* the same connection, but what it answers goes with the batch */
    run->db.arena = &run->arena;
    write_array(&run->staged);
    write_array(&run->noted);
    TRY(take_rows(run));
    run->import->columns = columns_told(run);
    return OK;
}

enum status import_run(struct request *rq, const struct legend *legend, char separator, struct tumour_import *out)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    run->rq = rq;
    run->legend = legend;
    run->import = out;
    run->own = strcmp(legend->name, LEGEND_OWN) == 0;
    import_seen_begin(&run->seen);
    problem_reset(&run->why, &run->arena);
    enum status status = run_through(run, separator);
    table_close(run->table);
    writer_release(&run->staged);
    writer_release(&run->noted);
    import_seen_end(&run->seen);
    arena_release(&run->arena);
    free(run);
    return status;
}
