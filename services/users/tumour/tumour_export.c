#include "services/users/tumour/tumour_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { PAGE_ROWS = 1000, SHEET_ROWS_MAX = 1048575 };

/* Where rows go. One of both is used. */
struct sink {
    int fd;
    const struct schema *columns;
    struct writer bytes; /* of CSV and NDJSON, until they are written */
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *day;
    uint32_t row;
};

struct format {
    const char *name, *media_type, *extension;
    void (*head)(struct sink *s);
    enum status (*row)(struct sink *s, const struct tumour *t, struct problem *why);
};

/* ---- guarding ---- */

bool tumour_export_needs_guard(const char *text)
{
    return *text && strchr("=+-@\t\r'", *text);
}

const char *tumour_export_unguarded(const char *text)
{
    return *text == '\'' && tumour_export_needs_guard(text + 1) ? text + 1 : text;
}

/* ---- CSV ---- */

static void csv_text(struct writer *w, const char *text)
{
    bool quoted = strpbrk(text, "\",;\t\r\n") || *text == ' ' || tumour_export_needs_guard(text);
    if (!quoted) {
        write_bytes(w, text, strlen(text));
        return;
    }
    write_bytes(w, "\"'", tumour_export_needs_guard(text) ? 2 : 1);
    for (const char *c = text; *c; c++)
        write_bytes(w, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    write_bytes(w, "\"", 1);
}

static void csv_member(struct writer *w, const struct field *f, const struct tumour *t)
{
    const void *member = field_at(f, t);
    struct writer number = {0};
    if (f->kind == FIELD_KIND_INTEGER && ((const struct maybe_integer *)member)->known)
        write_integer(&number, ((const struct maybe_integer *)member)->value);
    else if (f->kind == FIELD_KIND_REAL && ((const struct maybe_real *)member)->known)
        write_real(&number, ((const struct maybe_real *)member)->value);
    else if (f->kind != FIELD_KIND_INTEGER && f->kind != FIELD_KIND_REAL && *(const char *const *)member)
        csv_text(w, *(const char *const *)member);
    if (number.used > 0)
        write_bytes(w, number.bytes, number.used);
    writer_release(&number);
}

static void csv_head(struct sink *s)
{
    for (const struct field *f = s->columns->fields; f->name; f++) {
        write_bytes(&s->bytes, ",", f != s->columns->fields);
        write_bytes(&s->bytes, f->name, strlen(f->name));
    }
    write_bytes(&s->bytes, "\r\n", 2);
}

static enum status csv_row(struct sink *s, const struct tumour *t, struct problem *why)
{
    (void)why;
    for (const struct field *f = s->columns->fields; f->name; f++) {
        write_bytes(&s->bytes, ",", f != s->columns->fields);
        csv_member(&s->bytes, f, t);
    }
    write_bytes(&s->bytes, "\r\n", 2);
    return OK;
}

/* ---- NDJSON ---- */

static void ndjson_head(struct sink *s)
{
    (void)s;
}

static enum status ndjson_row(struct sink *s, const struct tumour *t, struct problem *why)
{
    (void)why;
    s->bytes.comma = false;
    schema_write(s->columns, t, &s->bytes);
    write_bytes(&s->bytes, "\n", 1);
    return OK;
}

/* ---- XLSX ---- */

/* libxlsxwriter keeps one row in memory, the others in a file beside ours. */
static void xlsx_head(struct sink *s)
{
    char path[64];
    char *directory = upload_place();
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = directory};
    snprintf(path, sizeof path, "/proc/self/fd/%d", s->fd);
    s->book = workbook_new_opt(path, &options);
    s->sheet = s->book ? workbook_add_worksheet(s->book, "Tumours") : NULL;
    s->day = s->book ? workbook_add_format(s->book) : NULL;
    if (!s->sheet || !s->day)
        return;
    format_set_num_format(s->day, "yyyy-mm-dd");
    lxw_col_t column = 0;
    for (const struct field *f = s->columns->fields; f->name; f++)
        worksheet_write_string(s->sheet, 0, column++, f->name, NULL);
}

static lxw_error xlsx_text(struct sink *s, const struct field *f, lxw_col_t column, const char *text)
{
    struct date day;
    char guarded[2 + 4 * 254 + 1];
    if (f->kind == FIELD_KIND_DATE && date_parse(text, &day) && day.year >= 1900) {
        lxw_datetime at = {.year = day.year, .month = day.month, .day = day.day};
        return worksheet_write_datetime(s->sheet, s->row, column, &at, s->day);
    }
    snprintf(guarded, sizeof guarded, "%s%s", tumour_export_needs_guard(text) ? "'" : "", text);
    return worksheet_write_string(s->sheet, s->row, column, guarded, NULL);
}

static lxw_error xlsx_member(struct sink *s, const struct field *f, lxw_col_t column, const struct tumour *t)
{
    const void *member = field_at(f, t);
    const struct maybe_integer *integer = member;
    const struct maybe_real *real = member;
    if (f->kind == FIELD_KIND_INTEGER)
        return integer->known ? worksheet_write_number(s->sheet, s->row, column, (double)integer->value, NULL)
                              : LXW_NO_ERROR;
    if (f->kind == FIELD_KIND_REAL)
        return real->known ? worksheet_write_number(s->sheet, s->row, column, real->value, NULL) : LXW_NO_ERROR;
    const char *text = *(const char *const *)member;
    return text ? xlsx_text(s, f, column, text) : LXW_NO_ERROR;
}

static enum status xlsx_row(struct sink *s, const struct tumour *t, struct problem *why)
{
    lxw_col_t column = 0;
    if (!s->sheet || !s->day)
        return fail(why, FAULT, NULL, "The workbook cannot be made.");
    if (++s->row > SHEET_ROWS_MAX)
        return fail(why, TOO_LARGE, "format", "has no room for so many rows; use csv");
    for (const struct field *f = s->columns->fields; f->name; f++)
        if (xlsx_member(s, f, column++, t) != LXW_NO_ERROR)
            return fail(why, FAULT, NULL, "The workbook cannot be written.");
    return OK;
}

/* ---- what is asked for ---- */

static const struct format formats[] = {
    {"csv", "text/csv; charset=utf-8", "csv", csv_head, csv_row},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", xlsx_head, xlsx_row},
    {"ndjson", "application/x-ndjson", "ndjson", ndjson_head, ndjson_row},
};

static const struct format *format_of(const char *name)
{
    for (size_t i = 0; name && i < COUNT(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return &formats[0];
}

static enum status flush(struct sink *s, struct problem *why)
{
    const char *bytes = s->bytes.bytes;
    for (size_t left = s->bytes.used; left > 0;) {
        ssize_t written = write(s->fd, bytes, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(why, UNAVAILABLE, NULL, "There is no room for the file at the moment; try again.");
        bytes += written;
        left -= (size_t)written;
    }
    s->bytes.used = 0;
    return OK;
}

static enum status write_pages(struct request *rq, const struct tumour_export *e, bool deidentified,
                               const struct format *format, struct sink *s)
{
    struct arena arena = {0};
    struct record_list page = {.count = PAGE_ROWS};
    char after[33] = "";
    enum status status = OK;
    while (status == OK && page.count == PAGE_ROWS) {
        struct db db = rq->db; /* the same connection, but what it answers goes with the page */
        db.arena = &arena;
        status = tumour_page_of_export(&db, &e->query, deidentified, *after ? after : NULL, PAGE_ROWS, &page);
        const struct tumour *all = page.items;
        for (size_t i = 0; status == OK && i < page.count; i++)
            status = format->row(s, &all[i], &rq->problem);
        if (status == OK && page.count > 0)
            snprintf(after, sizeof after, "%s", all[page.count - 1].tumour_id);
        if (status == OK)
            status = flush(s, &rq->problem);
        arena_release(&arena);
    }
    return status;
}

static enum status write_file(struct request *rq, const struct tumour_export *e, bool deidentified,
                              const struct format *format, struct sink *s)
{
    TRY(db_begin(&rq->db));
    TRY(tumour_export_enter(&rq->db));
    format->head(s);
    enum status status = write_pages(rq, e, deidentified, format, s);
    if (status == OK)
        status = db_commit(&rq->db); /* before the workbook is packed, which takes its time */
    if (s->book && workbook_close(s->book) != LXW_NO_ERROR && status == OK)
        status = fail(&rq->problem, UNAVAILABLE, NULL, "There is no room for the file at the moment; try again.");
    return status;
}

static enum status send_file(struct request *rq, const struct tumour_export *e, bool deidentified)
{
    const struct format *format = format_of(e->format);
    struct sink s = {.fd = upload_file(),
                     .columns = deidentified ? &deidentified_tumour_schema : &exported_tumour_schema};
    if (s.fd < 0)
        return fail(&rq->problem, UNAVAILABLE, NULL, "There is no room for the file at the moment; try again.");
    enum status status = write_file(rq, e, deidentified, format, &s);
    off_t size = lseek(s.fd, 0, SEEK_END);
    writer_release(&s.bytes);
    if (status != OK || size < 0 || lseek(s.fd, 0, SEEK_SET) != 0) {
        close(s.fd);
        return status != OK ? status : FAULT;
    }
    reply_header(rq, "Content-Disposition", "attachment; filename=\"tumours.%s\"", format->extension);
    return reply_file(rq, format->media_type, s.fd, (size_t)size);
}

/* Records without names and days are not found by them. */
static enum status check_filters(const struct tumour_export *e, bool deidentified, struct problem *why)
{
    TRY(tumour_query_check(&e->query, why));
    if (!deidentified)
        return OK;
    if (e->query.name)
        fail(why, INVALID, "name", "is not known where records have no names");
    for (const struct field *f = tumour_bound_schema.fields; f->name; f++)
        if (f->kind == FIELD_KIND_DATE && *(const char *const *)field_at(f, &e->query))
            fail(why, INVALID, f->name, "is not known where records have no days");
    return problem_status(why);
}

enum status tumour_export(struct request *rq)
{
    struct tumour_export e = {0};
    struct users *users = rq->app;
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(request_input(rq, &e));
    bool deidentified = rq->who.role == RESEARCHER || (e.deidentified.known && e.deidentified.value);
    TRY(check_filters(&e, deidentified, &rq->problem));
    TRY(gate_enter(users->imports.gate, &visit, &rq->problem));
    return send_file(rq, &e, deidentified);
}
