/* Design. An XLSX file is a zip archive of XML parts. The workbook names its sheets, relations say which part each one
 * is, styles say which numbers are dates, and texts that are used more than once are kept in a part of their own. These
 * small parts are read when the file is opened; the sheet is parsed step by step, and the parser is suspended at the
 * end of each row. Element names are compared without their namespace, because writers use several prefixes. */
#include "common/format/xlsx.h"

#include "common/base/text.h"

#include <errno.h>
#include <expat.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>

enum {
    STEP_SIZE = 64 * 1024,
    TAG_MAX = 1024 * 1024,
    RATIO_FROM = 1024 * 1024, /* bytes of a part; smaller ones are packed as they like */
    DEPTH_MAX = 64,
    NAME_SIZE = 256,
    ROWS_MAX = 1048576,
    FORMATS_MAX = 4096,
    DATE_SIZE = 64
};
_Static_assert((int)DATE_SIZE >= (int)TEXT_REAL_SIZE, "a number fits where a date does");

typedef void (*element_begins)(struct xlsx *x, const char *element, const char **attributes);
typedef void (*element_ends)(struct xlsx *x, const char *element);

/* A part while it is parsed. */
struct part {
    const char *name;
    zip_file_t *file;
    XML_Parser parser;
    uint64_t packed, unpacked, unheard; /* unheard: bytes since the parser last told anything */
    int depth;
    element_begins begins;
    element_ends ends;
    bool suspended, over;
};

struct xlsx {
    zip_t *archive;
    struct part part;
    struct problem *why;
    enum status status; /* of what a handler found wrong */
    uint64_t unpacked;  /* of all parts */

    /* Where text of elements goes: nowhere, or behind what is there. */
    bool capturing;
    char *text;
    size_t text_used, text_max;

    char sheet_id[NAME_SIZE], sheet_path[NAME_SIZE], relation[NAME_SIZE];
    bool from_1904;

    struct {
        char *bytes;
        uint32_t *at;
        size_t used, room, count, slots;
    } shared;
    int phonetic; /* how deep within a reading aid, which is no text of the cell */

    struct {
        int date_formats[FORMATS_MAX];
        size_t date_format_count, count;
        bool in_cells;
        bool *is_date;
    } styles;

    char row_text[XLSX_ROW_BYTES_MAX + 1];
    struct xlsx_cell cells[XLSX_COLUMNS_MAX];
    size_t row_number, cell_count;
    bool in_row, in_cell, row_done;
    struct {
        size_t begin, style;
        char type[12];
        bool formula;
    } cell;
};

static enum status refuse(struct problem *why, const char *sentence)
{
    return fail(why, MALFORMED, "file", "This XLSX file cannot be read: %s.", sentence);
}

static enum status too_large(struct problem *why, const char *sentence)
{
    return fail(why, TOO_LARGE, "file", "This XLSX file is too large: %s.", sentence);
}

/* From a handler of the parser: the first refusal counts, and ends the parsing. */
static void stop(struct xlsx *x, enum status status)
{
    if (x->status == OK)
        x->status = status;
    XML_StopParser(x->part.parser, XML_FALSE);
}

/* ---- attributes and names ---- */

static const char *local_name(const char *name)
{
    const char *behind = strrchr(name, '\n'); /* expat puts the namespace before it */
    return behind ? behind + 1 : name;
}

static const char *attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(local_name(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

/* A number of an attribute within bounds, or the fallback when it is not there; -1 when it is anything else. */
static long number_of(const char *text, long max, long fallback)
{
    int64_t value;
    if (!text)
        return fallback;
    return text_integer(text, &value) && value >= 0 && value <= max ? (long)value : -1;
}

/* ---- parts ---- */

static void XMLCALL on_begin(void *user, const char *name, const char **attributes)
{
    struct xlsx *x = user;
    x->part.unheard = 0;
    if (++x->part.depth > DEPTH_MAX)
        stop(x, refuse(x->why, "its elements are nested too deeply"));
    else if (x->part.begins)
        x->part.begins(x, local_name(name), attributes);
}

static void XMLCALL on_end(void *user, const char *name)
{
    struct xlsx *x = user;
    x->part.unheard = 0;
    x->part.depth--;
    if (x->part.ends)
        x->part.ends(x, local_name(name));
}

static void XMLCALL on_text(void *user, const char *bytes, int size)
{
    struct xlsx *x = user;
    x->part.unheard = 0;
    if (!x->capturing)
        return;
    if ((size_t)size > x->text_max - x->text_used) {
        stop(x, too_large(x->why, "a row or a text has more than 1 MiB"));
        return;
    }
    memcpy(x->text + x->text_used, bytes, (size_t)size);
    x->text_used += (size_t)size;
}

static void XMLCALL on_doctype(void *user, const char *name, const char *system, const char *public, int internal)
{
    struct xlsx *x = user;
    (void)name, (void)system, (void)public, (void)internal;
    stop(x, refuse(x->why, "a part has a document type, which could define entities"));
}

static void part_end(struct xlsx *x)
{
    if (x->part.parser)
        XML_ParserFree(x->part.parser);
    if (x->part.file)
        zip_fclose(x->part.file);
    x->part = (struct part){0};
}

static enum status check_sizes(struct xlsx *x, const zip_stat_t *found, struct problem *why)
{
    if (found->encryption_method != ZIP_EM_NONE)
        return refuse(why, "it is encrypted");
    if (found->comp_method != ZIP_CM_STORE && found->comp_method != ZIP_CM_DEFLATE)
        return refuse(why, "it is packed in a way that no spreadsheet uses");
    if (found->size > XLSX_UNPACKED_MAX - x->unpacked)
        return too_large(why, "it unpacks to more than 512 MiB");
    return OK;
}

/* NOT_FOUND, without a refusal, when the archive has no such part. */
static enum status part_begin(struct xlsx *x, const char *name, element_begins begins, element_ends ends,
                              struct problem *why)
{
    zip_stat_t found;
    zip_int64_t index = zip_name_locate(x->archive, name, ZIP_FL_NOCASE);
    part_end(x);
    if (index < 0)
        return NOT_FOUND;
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(x->archive, (zip_uint64_t)index, 0, &found) != 0 || (found.valid & needed) != needed)
        return refuse(why, "the archive is damaged");
    TRY(check_sizes(x, &found, why));
    x->part = (struct part){.name = name, .packed = found.comp_size, .begins = begins, .ends = ends};
    x->part.file = zip_fopen_index(x->archive, (zip_uint64_t)index, 0);
    x->part.parser = XML_ParserCreateNS(NULL, '\n');
    if (!x->part.parser)
        abort();
    if (!x->part.file)
        return refuse(why, "the archive is damaged");
    XML_SetUserData(x->part.parser, x);
    XML_SetElementHandler(x->part.parser, on_begin, on_end);
    XML_SetCharacterDataHandler(x->part.parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->part.parser, on_doctype);
    x->capturing = false;
    return OK;
}

/* The parser keeps a tag or a comment until its end is there, and begins it anew with each step: memory grows with its
 * size and time with the square (expat 2.5.0: 8 MiB 2 s, 32 MiB 27 s), although the file may be small. */
static enum status count_bytes(struct xlsx *x, uint64_t size, struct problem *why)
{
    struct part *p = &x->part;
    p->unpacked += size;
    p->unheard += size;
    x->unpacked += size;
    if (x->unpacked > XLSX_UNPACKED_MAX)
        return too_large(why, "it unpacks to more than 512 MiB");
    if (p->unpacked > RATIO_FROM && p->unpacked / XLSX_RATIO_MAX > p->packed)
        return too_large(why, "a part unpacks to more than 200 times its size");
    if (p->unheard > TAG_MAX)
        return too_large(why, "a tag or a comment has more than 1 MiB");
    return OK;
}

/* Parses until a handler suspends the parser or a step of the part is done. */
static enum status part_step(struct xlsx *x, struct problem *why)
{
    struct part *p = &x->part;
    enum XML_Status parsed;
    x->why = why;
    x->status = OK;
    if (p->suspended) {
        p->suspended = false;
        parsed = XML_ResumeParser(p->parser);
    } else {
        void *room = XML_GetBuffer(p->parser, STEP_SIZE);
        if (!room)
            abort();
        zip_int64_t size = zip_fread(p->file, room, STEP_SIZE);
        if (size < 0)
            return refuse(why, "the archive is damaged");
        TRY(count_bytes(x, (uint64_t)size, why));
        p->over = size == 0;
        parsed = XML_ParseBuffer(p->parser, (int)size, p->over);
    }
    if (x->status != OK)
        return x->status;
    if (parsed == XML_STATUS_ERROR)
        return refuse(why, "a part is not well-formed XML");
    p->suspended = parsed == XML_STATUS_SUSPENDED;
    return OK;
}

static enum status part_read(struct xlsx *x, const char *name, element_begins begins, element_ends ends,
                             struct problem *why)
{
    TRY(part_begin(x, name, begins, ends, why));
    while (!x->part.over)
        TRY(part_step(x, why));
    part_end(x);
    return OK;
}

/* ---- the workbook and its relations ---- */

static void copy_name(struct xlsx *x, const char *from, char to[NAME_SIZE])
{
    if (strlen(from) >= NAME_SIZE)
        stop(x, refuse(x->why, "a name in it is too long"));
    else
        strcpy(to, from);
}

static void workbook_element(struct xlsx *x, const char *element, const char **attributes)
{
    const char *id = attribute(attributes, "id"), *state = attribute(attributes, "state");
    const char *from_1904 = attribute(attributes, "date1904");
    if (strcmp(element, "workbookPr") == 0)
        x->from_1904 = from_1904 && (strcmp(from_1904, "1") == 0 || strcmp(from_1904, "true") == 0);
    if (strcmp(element, "sheet") == 0 && id && !x->sheet_id[0] && (!state || strcmp(state, "visible") == 0))
        copy_name(x, id, x->sheet_id);
}

/* Targets are relative to the part that has the relation, "xl/", or absolute. */
static void take_target(struct xlsx *x, const char *target, char out[NAME_SIZE])
{
    char path[2 * NAME_SIZE];
    if (target[0] == '/')
        snprintf(path, sizeof path, "%s", target + 1);
    else
        snprintf(path, sizeof path, "xl/%s", target);
    copy_name(x, path, out);
}

static void relation_element(struct xlsx *x, const char *element, const char **attributes)
{
    const char *id = attribute(attributes, "Id"), *target = attribute(attributes, "Target");
    const char *mode = attribute(attributes, "TargetMode");
    if (strcmp(element, "Relationship") != 0 || !id || !target || strcmp(id, x->sheet_id) != 0)
        return;
    if (mode && strcasecmp(mode, "External") == 0)
        stop(x, refuse(x->why, "its sheet is in another file"));
    else
        take_target(x, target, x->sheet_path);
}

/* ---- styles: which numbers are dates ---- */

/* A format shows a day when it has a y or d, or an m that is not between hours and seconds; text in quotes, in brackets
 * and behind a backslash does not count. */
static bool format_has_day(const char *format)
{
    bool month = false, clock = false;
    for (const char *c = format; *c; c++) {
        if (*c == '"' || *c == '[') {
            const char *end = strchr(c + 1, *c == '"' ? '"' : ']');
            if (!end)
                return false;
            c = end;
        } else if ((*c == '\\' || *c == '_' || *c == '*') && c[1]) {
            c++;
        } else if (strchr("yYdD", *c)) {
            return true;
        } else {
            month |= *c == 'm' || *c == 'M';
            clock |= strchr("hHsS", *c) != NULL;
        }
    }
    return month && !clock;
}

static bool builtin_has_day(long id)
{
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
           id == 57 || id == 58;
}

static void take_format(struct xlsx *x, long id, const char *format)
{
    if (id < 0 || !format || !format_has_day(format))
        return;
    if (x->styles.date_format_count == FORMATS_MAX)
        stop(x, too_large(x->why, "it has more than 4096 formats of dates"));
    else
        x->styles.date_formats[x->styles.date_format_count++] = (int)id;
}

static bool is_date_format(const struct xlsx *x, long id)
{
    for (size_t i = 0; i < x->styles.date_format_count; i++)
        if (x->styles.date_formats[i] == id)
            return true;
    return builtin_has_day(id);
}

static void style_element(struct xlsx *x, const char *element, const char **attributes)
{
    long id = number_of(attribute(attributes, "numFmtId"), INT32_MAX, 0);
    if (strcmp(element, "numFmt") == 0)
        take_format(x, id, attribute(attributes, "formatCode"));
    if (strcmp(element, "cellXfs") == 0)
        x->styles.in_cells = true;
    if (!x->styles.in_cells || strcmp(element, "xf") != 0)
        return;
    if (x->styles.count == XLSX_STYLES_MAX)
        stop(x, too_large(x->why, "it has more than 65536 styles of cells"));
    else
        x->styles.is_date[x->styles.count++] = is_date_format(x, id);
}

static void style_end(struct xlsx *x, const char *element)
{
    if (strcmp(element, "cellXfs") == 0)
        x->styles.in_cells = false;
}

/* ---- shared texts ---- */

static void begin_shared(struct xlsx *x)
{
    if (x->shared.count == XLSX_SHARED_MAX) {
        stop(x, too_large(x->why, "it has more than 1000000 shared texts"));
        return;
    }
    if (x->shared.count == x->shared.slots) {
        x->shared.slots = x->shared.slots ? 2 * x->shared.slots : 1024;
        x->shared.at = realloc(x->shared.at, x->shared.slots * sizeof *x->shared.at);
        if (!x->shared.at)
            abort();
    }
    x->shared.at[x->shared.count++] = (uint32_t)x->shared.used;
    x->text = x->row_text;
    x->text_used = 0;
    x->text_max = XLSX_ROW_BYTES_MAX;
}

static void end_shared(struct xlsx *x)
{
    size_t size = x->text_used + 1;
    if (x->shared.used + size > XLSX_SHARED_BYTES_MAX) {
        stop(x, too_large(x->why, "its shared texts have more than 32 MiB"));
        return;
    }
    while (x->shared.room < x->shared.used + size) {
        x->shared.room = x->shared.room ? 2 * x->shared.room : STEP_SIZE;
        x->shared.bytes = realloc(x->shared.bytes, x->shared.room);
        if (!x->shared.bytes)
            abort();
    }
    memcpy(x->shared.bytes + x->shared.used, x->text, size - 1);
    x->shared.bytes[x->shared.used + size - 1] = '\0';
    x->shared.used += size;
}

static void text_element(struct xlsx *x, const char *element)
{
    if (strcmp(element, "rPh") == 0)
        x->phonetic++;
    if (strcmp(element, "t") == 0)
        x->capturing = x->phonetic == 0 && x->text;
}

static void text_element_end(struct xlsx *x, const char *element)
{
    if (strcmp(element, "rPh") == 0 && x->phonetic > 0)
        x->phonetic--;
    if (strcmp(element, "t") == 0)
        x->capturing = false;
}

static void shared_element(struct xlsx *x, const char *element, const char **attributes)
{
    (void)attributes;
    if (strcmp(element, "si") == 0 && x->part.depth == 2)
        begin_shared(x);
    text_element(x, element);
}

static void shared_end(struct xlsx *x, const char *element)
{
    text_element_end(x, element);
    if (strcmp(element, "si") == 0 && x->part.depth == 1)
        end_shared(x);
}

/* ---- the sheet ---- */

/* "AB12" is column 27 (the first being 0); -1 when it is none. */
static long column_of(const char *reference)
{
    long column = 0;
    size_t letters = strspn(reference, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (letters < 1 || letters > 3 || strspn(reference + letters, "0123456789") != strlen(reference + letters))
        return -1;
    for (size_t i = 0; i < letters; i++)
        column = column * 26 + (reference[i] - 'A' + 1);
    return column - 1;
}

static void begin_row(struct xlsx *x, const char **attributes)
{
    long number = number_of(attribute(attributes, "r"), ROWS_MAX, (long)x->row_number + 1);
    if (number <= (long)x->row_number) {
        stop(x, refuse(x->why, "its rows are not in order"));
        return;
    }
    x->in_row = true;
    x->row_number = (size_t)number;
    x->cell_count = 0;
    x->text = x->row_text;
    x->text_used = 0;
    x->text_max = XLSX_ROW_BYTES_MAX;
}

static void begin_cell(struct xlsx *x, const char **attributes)
{
    const char *reference = attribute(attributes, "r"), *type = attribute(attributes, "t");
    long column = reference ? column_of(reference) : (long)x->cell_count;
    long style = number_of(attribute(attributes, "s"), XLSX_STYLES_MAX, 0);
    if (column >= XLSX_COLUMNS_MAX) {
        stop(x, too_large(x->why, "it has more than 1000 columns"));
        return;
    }
    if (column < (long)x->cell_count || style < 0 || (type && strlen(type) >= sizeof x->cell.type)) {
        stop(x, refuse(x->why, "its cells are not in order"));
        return;
    }
    while (x->cell_count < (size_t)column)
        x->cells[x->cell_count++] = (struct xlsx_cell){"", XLSX_EMPTY};
    x->in_cell = true;
    x->cell.style = (size_t)style;
    x->cell.formula = false;
    x->cell.begin = x->text_used;
    strcpy(x->cell.type, type ? type : "n");
}

/* Serial 1 is 1900-01-01, and 60 a 29 February that never was, so that true days begin at 61; in the other system 0 is
 * 1904-01-01. False for what is no date. */
static bool date_of(const struct xlsx *x, double serial, char out[DATE_SIZE])
{
    double seconds = round(serial * 86400), day = floor(seconds / 86400);
    if (!(serial >= (x->from_1904 ? 0 : 1) && serial < 2958466) || (!x->from_1904 && day == 60))
        return false;
    struct tm tm;
    time_t days_before = x->from_1904 ? 24107 : day < 60 ? 25568 : 25569, at = (time_t)seconds - days_before * 86400;
    gmtime_r(&at, &tm);
    strftime(out, DATE_SIZE, seconds > day * 86400 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d", &tm);
    return true;
}

/* Replaces the text of the cell. */
static void put_text(struct xlsx *x, const char *text)
{
    size_t size = strlen(text);
    if (size > x->text_max - x->cell.begin) {
        stop(x, too_large(x->why, "a row or a text has more than 1 MiB"));
        return;
    }
    memcpy(x->text + x->cell.begin, text, size);
    x->text_used = x->cell.begin + size;
}

static enum xlsx_kind take_number(struct xlsx *x, const char *text)
{
    double value;
    char out[DATE_SIZE];
    if (!text_real(text, &value))
        return XLSX_ERROR;
    bool day = x->cell.style < x->styles.count && x->styles.is_date[x->cell.style];
    bool is_date = day && date_of(x, value, out);
    if (!is_date)
        text_from_real(value, out);
    put_text(x, out);
    return is_date ? XLSX_DATE : XLSX_NUMBER;
}

static enum xlsx_kind take_shared(struct xlsx *x, const char *text)
{
    long index = number_of(text, XLSX_SHARED_MAX, -1);
    if (index < 0 || (size_t)index >= x->shared.count) {
        stop(x, refuse(x->why, "a cell names a shared text that is not there"));
        return XLSX_ERROR;
    }
    const char *shared = x->shared.bytes + x->shared.at[index];
    put_text(x, shared);
    return *shared ? XLSX_TEXT : XLSX_EMPTY;
}

static enum xlsx_kind take_value(struct xlsx *x, const char *text)
{
    const char *type = x->cell.type;
    if (x->cell.formula) {
        x->text_used = x->cell.begin;
        return XLSX_FORMULA;
    }
    if (*text == '\0')
        return XLSX_EMPTY;
    if (strcmp(type, "s") == 0)
        return take_shared(x, text);
    if (strcmp(type, "n") == 0)
        return take_number(x, text);
    if (strcmp(type, "b") == 0) {
        put_text(x, *text == '1' ? "TRUE" : "FALSE");
        return XLSX_BOOLEAN;
    }
    return strcmp(type, "e") == 0 ? XLSX_ERROR : strcmp(type, "d") == 0 ? XLSX_DATE : XLSX_TEXT;
}

static void end_cell(struct xlsx *x)
{
    x->in_cell = false;
    x->text[x->text_used] = '\0';
    enum xlsx_kind kind = take_value(x, x->text + x->cell.begin);
    if (x->status != OK)
        return;
    x->text[x->text_used] = '\0';
    x->cells[x->cell_count++] = (struct xlsx_cell){x->text + x->cell.begin, kind};
    if (x->text_used < x->text_max)
        x->text_used++;
}

static void sheet_element(struct xlsx *x, const char *element, const char **attributes)
{
    int depth = x->part.depth; /* worksheet, sheetData, row, c, v */
    if (depth == 3 && strcmp(element, "row") == 0)
        begin_row(x, attributes);
    else if (depth == 4 && x->in_row && strcmp(element, "c") == 0)
        begin_cell(x, attributes);
    else if (depth == 5 && x->in_cell && strcmp(element, "f") == 0)
        x->cell.formula = true;
    else if (depth == 5 && x->in_cell && strcmp(element, "v") == 0)
        x->capturing = strcmp(x->cell.type, "inlineStr") != 0;
    else if (depth > 5 && x->in_cell && strcmp(x->cell.type, "inlineStr") == 0)
        text_element(x, element);
}

static void sheet_end(struct xlsx *x, const char *element)
{
    int depth = x->part.depth; /* of what is around it */
    if (depth == 2 && x->in_row) {
        x->in_row = false;
        x->row_done = true;
        XML_StopParser(x->part.parser, XML_TRUE);
    } else if (depth == 3 && x->in_cell) {
        end_cell(x);
    } else if (depth == 4) {
        x->capturing = false;
    } else if (depth > 4) {
        text_element_end(x, element);
    }
}

/* ---- opening ---- */

bool xlsx_looks_like(int fd)
{
    char magic[4];
    return pread(fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "PK\x03\x04", 4) == 0;
}

/* libzip reads the whole directory of an archive before anything can be asked, so its size is asked here: of every
 * place near the end that could be the record of it. */
static enum status check_directory(int fd, struct problem *why)
{
    enum { RECORD = 22, COMMENT_MAX = 65535 };
    off_t size = lseek(fd, 0, SEEK_END), begin = size > RECORD + COMMENT_MAX ? size - RECORD - COMMENT_MAX : 0;
    unsigned char *tail = malloc(RECORD + COMMENT_MAX);
    if (!tail)
        abort();
    ssize_t length = pread(fd, tail, (size_t)(size - begin), begin);
    bool found = false, few = true;
    for (ssize_t i = 0; i + RECORD <= length; i++) {
        if (memcmp(tail + i, "PK\x05\x06", 4) != 0)
            continue;
        unsigned parts = tail[i + 10] | (unsigned)tail[i + 11] << 8;
        uint32_t bytes =
            tail[i + 12] | (uint32_t)tail[i + 13] << 8 | (uint32_t)tail[i + 14] << 16 | (uint32_t)tail[i + 15] << 24;
        found = true;
        few &= parts <= XLSX_PARTS_MAX && bytes <= XLSX_PARTS_MAX * 1024;
    }
    free(tail);
    if (!found)
        return refuse(why, "the archive is damaged");
    return few ? OK : too_large(why, "it has more than 1000 parts");
}

static enum status open_archive(struct xlsx *x, int fd, struct problem *why)
{
    if (!xlsx_looks_like(fd))
        return refuse(why, "it is none, or it is protected by a password");
    TRY(check_directory(fd, why));
    int copy = dup(fd), code;
    if (copy < 0 || lseek(copy, 0, SEEK_SET) != 0)
        return FAULT;
    x->archive = zip_fdopen(copy, 0, &code);
    if (!x->archive) {
        close(copy);
        return refuse(why, "the archive is damaged");
    }
    if (zip_get_num_entries(x->archive, 0) > XLSX_PARTS_MAX)
        return too_large(why, "it has more than 1000 parts");
    return OK;
}

static enum status optional(enum status status)
{
    return if_any(status);
}

static enum status needed(enum status status, struct problem *why)
{
    return status == NOT_FOUND ? refuse(why, "it has no workbook with a visible sheet") : status;
}

static enum status open_workbook(struct xlsx *x, struct problem *why)
{
    TRY(needed(part_read(x, "xl/workbook.xml", workbook_element, NULL, why), why));
    TRY(needed(part_read(x, "xl/_rels/workbook.xml.rels", relation_element, NULL, why), why));
    TRY(optional(part_read(x, "xl/styles.xml", style_element, style_end, why)));
    TRY(optional(part_read(x, "xl/sharedStrings.xml", shared_element, shared_end, why)));
    x->text = NULL;
    x->phonetic = 0;
    return needed(x->sheet_path[0] ? part_begin(x, x->sheet_path, sheet_element, sheet_end, why) : NOT_FOUND, why);
}

enum status xlsx_open(int fd, struct xlsx **out, struct problem *why)
{
    struct xlsx *x = calloc(1, sizeof *x);
    if (!x || !(x->styles.is_date = calloc(XLSX_STYLES_MAX, sizeof *x->styles.is_date)))
        abort();
    enum status status = open_archive(x, fd, why);
    if (status == OK)
        status = open_workbook(x, why);
    if (status == OK)
        *out = x;
    else
        xlsx_close(x);
    return status;
}

enum status xlsx_next(struct xlsx *x, struct xlsx_row *out, struct problem *why)
{
    for (x->row_done = false; !x->row_done;) {
        if (x->part.over && !x->part.suspended)
            return NOT_FOUND;
        TRY(part_step(x, why));
        if (x->row_done && x->cell_count == 0)
            x->row_done = false;
    }
    *out = (struct xlsx_row){.number = x->row_number, .count = x->cell_count, .cells = x->cells};
    return OK;
}

void xlsx_close(struct xlsx *x)
{
    if (!x)
        return;
    part_end(x);
    if (x->archive)
        zip_discard(x->archive);
    free(x->shared.bytes);
    free(x->shared.at);
    free(x->styles.is_date);
    free(x);
}
