/* Design. Rows are taken in batches, so that the database is asked once for many and memory stays the same however long
 * the file is. Each row becomes a form of members and texts; the records of the batch are read; each form is decoded
 * onto its record, or onto an empty one, and checked like any other input. Rows that would write something are staged
 * as the records they make. The outcome of each row goes into the digest with the version of the record that it rests
 * on, so that two readings of a file have the same digest when they would do the same. */
#include "common/import/import_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ERRORS_KEPT = 1000,
    ERRORS_FIRST = 100, /* that come with the reply of a kind that shows them */
    VALUE_MAX = 100     /* characters of a wrong value that are kept */
};

/* ---- complaints ---- */

static const char *value_kept(struct arena *arena, const char *value)
{
    size_t size = 0;
    for (int characters = 0; value && value[size] && characters < VALUE_MAX; characters++) {
        size++;
        while ((value[size] & 0xC0) == 0x80)
            size++;
    }
    return value ? arena_copy(arena, value, size) : NULL;
}

size_t import_column_of(const struct import_run *run, const char *member)
{
    size_t i = 0;
    while (i < run->column_count && (!run->columns[i].member || strcmp(run->columns[i].member, member) != 0))
        i++;
    return i;
}

const char *import_cell(const struct import_run *run, const struct import_row *row, const char *member)
{
    size_t column = import_column_of(run, member);
    return column < run->column_count ? row->cells[column] : NULL;
}

/* member NULL: of the row as a whole. */
void import_complain(struct import_run *run, struct import_row *row, const char *member, const char *detail)
{
    struct import *i = run->import;
    struct arena *arena = run->rq->arena;
    struct import_error *first = i->first_errors.items;
    size_t column = member ? import_column_of(run, member) : run->column_count;
    row->wrong = true;
    if (++i->errors.value > ERRORS_KEPT)
        return;
    bool shown = i->first_errors.count < ERRORS_FIRST;
    struct import_error e = {
        .number = i->errors,
        .line = {true, (int64_t)row->line},
        .heading = column < run->column_count ? run->columns[column].heading : NULL,
        .member = shown && member ? arena_text(arena, member) : member,
        .value = column < run->column_count ? value_kept(shown ? arena : &run->arena, row->cells[column]) : NULL,
        .detail = shown ? arena_text(arena, detail) : detail,
    };
    schema_write(&import_error_schema, &e, &run->noted);
    if (shown)
        first[i->first_errors.count++] = e;
}

/* Complains of each error that decoding and the rules have noted. */
static void complain_of_all(struct import_run *run, struct import_row *row)
{
    for (int i = 0; i < run->why.error_count; i++) {
        const char *pointer = run->why.errors[i].pointer;
        import_complain(run, row, *pointer == '/' ? pointer + 1 : pointer, run->why.errors[i].detail);
    }
    if (run->why.error_count == 0 && run->why.detail)
        import_complain(run, row, NULL, run->why.detail);
    problem_reset(&run->why, &run->arena);
}

/* ---- headings ---- */

static enum status take_heading(struct import_run *run, const char *text)
{
    struct import_column *c = &run->columns[run->column_count];
    *c = (struct import_column){.heading = arena_text(run->rq->arena, text)};
    TRY(run->kind->column(run, c));
    size_t before = c->member ? import_column_of(run, c->member) : run->column_count;
    if (before < run->column_count)
        return fail(&run->rq->problem, INVALID, "file", "The columns '%.60s' and '%.60s' are both %s.",
                    run->columns[before].heading, c->heading, c->member);
    run->column_count++;
    return OK;
}

static enum status take_headings(struct import_run *run)
{
    struct table_row row;
    enum status status = table_next(run->table, &row, &run->rq->problem);
    if (status == NOT_FOUND)
        return fail(&run->rq->problem, INVALID, "file", "The file is empty.");
    TRY(status);
    for (size_t i = 0; i < row.count; i++)
        TRY(take_heading(run, row.cells[i].text));
    return run->kind->begin(run);
}

/* [{"heading": "Sex", "member": "gender"}, {"heading": "Remarks", "member": null}] */
static const char *columns_told(struct import_run *run)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t i = 0; i < run->column_count; i++) {
        write_object(&w);
        write_key(&w, "heading");
        write_text(&w, run->columns[i].heading);
        write_key(&w, "member");
        write_text(&w, run->columns[i].member);
        write_object_end(&w);
    }
    write_array_end(&w);
    return writer_text(&w, run->rq->arena);
}

/* ---- a row ---- */

static bool is_empty(const struct table_row *in)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->cells[i].kind != XLSX_EMPTY)
            return false;
    return true;
}

static void take_cell(struct import_run *run, struct import_row *row, size_t i, const struct xlsx_cell *cell)
{
    const struct import_column *c = &run->columns[i];
    const char *text = arena_text(&run->arena, cell->text), *value = *text ? text : NULL, *complaint = NULL;
    row->cells[i] = text;
    if (!c->member)
        return;
    if (cell->kind == XLSX_FORMULA)
        import_complain(run, row, c->member, "is a formula; put its value in its place");
    else if (cell->kind == XLSX_ERROR)
        import_complain(run, row, c->member, "is no value");
    else if (run->kind->value && run->kind->value(run, c, cell, &value, &complaint) != OK)
        import_complain(run, row, c->member, complaint);
    else if (value)
        row->form.pairs[row->form.count++] = (struct form_pair){c->member, value};
}

static void take_row(struct import_run *run, const struct table_row *in, bool sheet)
{
    struct import_row *row = &run->rows[run->row_count++];
    *row = (struct import_row){.line = in->line};
    row->cells = arena_alloc(&run->arena, (run->column_count + 1) * sizeof *row->cells);
    row->form.pairs = arena_alloc(&run->arena, (run->column_count + 1) * sizeof *row->form.pairs);
    row->asked = arena_alloc(&run->arena, run->kind->asked->size);
    if (in->count > run->column_count || (!sheet && in->count < run->column_count)) {
        import_complain(
            run, row, NULL,
            arena_printf(&run->arena, "has %zu cells, and the first line %zu", in->count, run->column_count));
        return;
    }
    for (size_t i = 0; i < in->count; i++)
        take_cell(run, row, i, &in->cells[i]);
    if (!row->wrong)
        run->kind->row(run, row);
}

/* ---- a batch ---- */

const char *import_rows_asked(struct import_run *run)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t i = 0; i < run->row_count; i++)
        if (!run->rows[i].wrong)
            schema_write(run->kind->asked, run->rows[i].asked, &w);
    write_array_end(&w);
    return writer_text(&w, &run->arena);
}

static void check_alone(struct import_run *run, struct import_row *row)
{
    uint32_t before = row->key ? seen_before(&run->seen, row->key, row->line) : 0;
    if (before > 0)
        import_complain(run, row, NULL,
                        arena_printf(&run->arena, "is about the same %s as line %" PRIu32, run->kind->same, before));
}

/* Onto the record as it is, or onto nothing. */
static void *decode_row(struct import_run *run, const struct import_row *row, const void *before)
{
    struct input input = {.arena = &run->arena, .form = row->form};
    void *record = arena_alloc(&run->arena, run->kind->record->size);
    if (before)
        memcpy(record, before, run->kind->record->size);
    if (schema_decode(run->kind->input, &input, record, &run->why) == OK)
        run->kind->check(run, row, before, record);
    return record;
}

/* Of kinds that a cell can hold. Unknown values are zero. */
static bool same_member(const struct field *f, const void *a, const void *b)
{
    const void *x = field_at(f, a), *y = field_at(f, b);
    const struct maybe_integer *i = x, *j = y;
    const struct maybe_real *r = x, *s = y;
    const struct maybe_boolean *p = x, *q = y;
    const char *const *text = x, *const *other = y;
    switch (f->kind) {
    case FIELD_KIND_INTEGER:
        return i->known == j->known && i->value == j->value;
    case FIELD_KIND_REAL:
        return r->known == s->known && !(r->value < s->value) && !(r->value > s->value);
    case FIELD_KIND_BOOLEAN:
        return p->known == q->known && p->value == q->value;
    default:
        return *text == *other || (*text && *other && strcmp(*text, *other) == 0);
    }
}

static bool is_same(const struct schema *s, const void *a, const void *b)
{
    for (const struct field *f = s->fields; f->name; f++)
        if (!same_member(f, a, b))
            return false;
    return true;
}

bool import_says(struct import_run *run, const struct import_row *row, const void *record)
{
    const void *said = decode_row(run, row, record);
    problem_reset(&run->why, &run->arena);
    return is_same(run->kind->compared, record, said);
}

static void note_outcome(struct import_run *run, const struct import_row *row, const char *what, const void *before)
{
    const char *const *id = before ? (const void *)((const char *)before + run->kind->id) : NULL;
    const struct maybe_integer *version = before ? (const void *)((const char *)before + run->kind->version) : NULL;
    const char *text = arena_printf(&run->arena, "%zu %s %s %s %" PRId64 "\n", row->line, what,
                                    row->key ? row->key : "-", id ? *id : "-", version ? version->value : 0);
    crypto_generichash_update(&run->digest, (const unsigned char *)text, strlen(text));
}

static void stage_row(struct import_run *run, const struct import_row *row, const void *record)
{
    write_object(&run->staged);
    write_key(&run->staged, "line");
    write_integer(&run->staged, (int64_t)row->line);
    write_key(&run->staged, "record");
    schema_write(run->kind->record, record, &run->staged);
    write_object_end(&run->staged);
}

static const char *put_row(struct import_run *run, const struct import_row *row, const void *before, const void *said)
{
    struct import *i = run->import;
    if (before && is_same(run->kind->compared, before, said)) {
        i->unchanged.value++;
        return "unchanged";
    }
    *(before ? &i->to_change.value : &i->to_create.value) += 1;
    stage_row(run, row, said);
    return before ? "change" : "create";
}

static void settle_row(struct import_run *run, struct import_row *row, const struct record_list *known)
{
    const void *before = NULL, *said = NULL;
    const char *what = "wrong";
    if (!row->wrong)
        check_alone(run, row); /* first: writes of earlier lines are not seen */
    if (!row->wrong)
        before = run->kind->find(run, row, known);
    if (!row->wrong) {
        said = decode_row(run, row, before);
        complain_of_all(run, row);
    }
    run->import->rows.value++;
    if (row->wrong)
        run->import->wrong_rows.value++;
    else
        what = put_row(run, row, before, said);
    note_outcome(run, row, what, before);
}

/* The array so far, if anything is in it; another one is begun. */
static enum status send_json(struct import_run *run, struct writer *w,
                             enum status (*send)(struct db *db, const char *id, const char *json))
{
    enum status status = OK;
    bool empty = w->used == 1;
    write_array_end(w);
    if (!empty)
        status = send(&run->db, run->import->import_id, w->bytes);
    w->used = 0;
    w->comma = false;
    write_array(w);
    return status;
}

static enum status flush(struct import_run *run)
{
    struct record_list known = {0};
    if (run->row_count == 0)
        return OK;
    TRY(run->kind->known(run, import_rows_asked(run), &known));
    for (size_t i = 0; i < run->row_count; i++)
        settle_row(run, &run->rows[i], &known);
    TRY(send_json(run, &run->staged, import_stage));
    TRY(send_json(run, &run->noted, import_note));
    run->row_count = 0;
    arena_release(&run->arena);
    problem_reset(&run->why, &run->arena);
    return OK;
}

static enum status take_rows(struct import_run *run, bool sheet)
{
    struct table_row row;
    enum status status;
    size_t rows = 0;
    while ((status = table_next(run->table, &row, &run->rq->problem)) == OK) {
        if (is_empty(&row))
            continue;
        if (++rows > run->kind->rows_max)
            return fail(&run->rq->problem, TOO_LARGE, "file", "may have %zu rows", run->kind->rows_max);
        take_row(run, &row, sheet);
        if (run->row_count == IMPORT_BATCH_ROWS)
            TRY(flush(run));
    }
    return status == NOT_FOUND ? flush(run) : status;
}

static const char *digest_text(struct import_run *run)
{
    unsigned char hash[crypto_generichash_BYTES];
    char *hex = arena_alloc(run->rq->arena, 2 * sizeof hash + 1);
    crypto_generichash_final(&run->digest, hash, sizeof hash);
    return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

static enum status run_through(struct import_run *run)
{
    struct request *rq = run->rq;
    bool sheet = xlsx_looks_like(rq->upload->fd);
    if (sheet && !run->kind->sheets)
        return fail(&rq->problem, INVALID, "file", "is a workbook; save its sheet as CSV");
    TRY(table_open(rq->upload->fd, run->order->separator, &run->table, &rq->problem));
    TRY(take_headings(run));
    run->db = rq->db; /* the same connection, but what it answers goes with the batch */
    run->db.arena = &run->arena;
    TRY(take_rows(run, sheet));
    run->import->columns = columns_told(run);
    run->import->digest = digest_text(run);
    return OK;
}

static void begin(struct import_run *run)
{
    const struct upload *file = run->rq->upload;
    run->import->first_errors =
        (struct record_list){arena_alloc(run->rq->arena, ERRORS_FIRST * sizeof(struct import_error)), 0};
    seen_begin(&run->seen);
    crypto_generichash_init(&run->digest, NULL, 0, crypto_generichash_BYTES);
    crypto_generichash_update(&run->digest, file->hash, sizeof file->hash);
    problem_reset(&run->why, &run->arena);
    write_array(&run->staged);
    write_array(&run->noted);
}

enum status import_run(struct request *rq, const struct import_kind *kind, const struct import_order *order,
                       struct import *out)
{
    struct import_run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    run->rq = rq;
    run->kind = kind;
    run->order = order;
    run->import = out;
    begin(run);
    enum status status = run_through(run);
    table_close(run->table);
    writer_release(&run->staged);
    writer_release(&run->noted);
    seen_end(&run->seen);
    arena_release(&run->arena);
    free(run);
    return status;
}
