#include "services/users/tumour/legend.h"

#include "services/users/tumour/tumour_export.h"

#include "common/base/text.h"

#include <string.h>
#include <strings.h>

enum { HEADING_SIZE = 512 };

static const char *const date_names[LEGEND_DATES] = {"YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"};

/* ---- reading ---- */

struct reading {
    struct arena *arena;
    struct problem *why;
    const char *prefix;
};

#define REFUSE(r, place, ...) fail((r)->why, INVALID, arena_printf((r)->arena, "%s%s", (r)->prefix, place), __VA_ARGS__)

static const char *place_of(struct reading *r, const char *column, const char *part)
{
    return arena_printf(r->arena, "%s%s", problem_pointer(r->arena, "/columns", column), part);
}

static const char *trimmed(struct arena *arena, const char *text)
{
    size_t size;
    text += strspn(text, " \t\r\n");
    size = strlen(text);
    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        size--;
    return arena_copy(arena, text, size);
}

/* Texts of a list, each 1 to 100 characters long and trimmed. */
static void read_texts(struct reading *r, const json_t *list, const char *place, const char **out, size_t *count)
{
    size_t i;
    json_t *item;
    if (!json_is_array(list) || json_array_size(list) > LEGEND_HEADINGS_MAX) {
        REFUSE(r, place, "must be a list of at most %d texts", LEGEND_HEADINGS_MAX);
        return;
    }
    json_array_foreach(list, i, item)
    {
        const char *text = json_is_string(item) ? trimmed(r->arena, json_string_value(item)) : "";
        long length = text_length(text, strlen(text));
        if (length < 1 || length > 100)
            REFUSE(r, arena_printf(r->arena, "%s/%zu", place, i), "must be a text of 1 to 100 characters");
        else
            out[(*count)++] = text;
    }
}

static bool is_catalogued(const struct field *f)
{
    return strcmp(f->name, "treatment") == 0 || strcmp(f->name, "primary_site") == 0 ||
           strcmp(f->name, "metastasis_diagnostics") == 0;
}

static bool may_be(const struct field *f, const char *value)
{
    if (!f->values)
        return is_catalogued(f) && *value && strlen(value) <= 40;
    for (const char *const *v = f->values; *v; v++)
        if (strcmp(*v, value) == 0)
            return true;
    return false;
}

static void read_codes(struct reading *r, const json_t *codes, struct legend_column *c)
{
    const char *code, *name = c->field->name;
    json_t *value;
    size_t count = json_object_size(codes);
    if (!json_is_object(codes) || count < 1 || count > LEGEND_CODES_MAX) {
        REFUSE(r, place_of(r, name, "/codes"), "must be an object with 1 to %d codes", LEGEND_CODES_MAX);
        return;
    }
    if (!c->field->values && !is_catalogued(c->field)) {
        REFUSE(r, place_of(r, name, "/codes"), "must not be there: %s is no coded member", name);
        return;
    }
    struct legend_code *list = arena_alloc(r->arena, count * sizeof *list);
    c->codes = list;
    json_object_foreach((json_t *)(uintptr_t)codes, code, value)
    {
        const char *text = json_is_string(value) ? json_string_value(value) : "", *key = trimmed(r->arena, code);
        const char *place = problem_pointer(r->arena, place_of(r, name, "/codes"), code);
        if (!*key)
            REFUSE(r, place, "must not be empty");
        else if (!may_be(c->field, text))
            REFUSE(r, place, "must be a value of %s", name);
        else
            list[c->code_count++] = (struct legend_code){key, arena_text(r->arena, text)};
    }
    for (size_t i = 0; i < c->code_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcasecmp(list[i].code, list[j].code) == 0)
                REFUSE(r, place_of(r, name, "/codes"), "has the code '%s' twice", list[i].code);
}

static const struct field *find_field(const char *name)
{
    for (const struct field *f = tumour_column_schema.fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static void refuse_others(struct reading *r, const json_t *object, const char *place, const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *const *k = known;
        while (*k && strcmp(*k, key) != 0)
            k++;
        if (!*k)
            REFUSE(r, problem_pointer(r->arena, place, key), "is not known here");
    }
}

static void read_column(struct reading *r, const char *name, const json_t *rule, struct legend *out)
{
    static const char *const members[] = {"headings", "codes", NULL};
    const struct field *f = find_field(name);
    const json_t *codes = json_object_get(rule, "codes");
    if (!f || !json_is_object(rule)) {
        REFUSE(r, place_of(r, name, ""), f ? "must be an object" : "is no member of a tumour");
        return;
    }
    if (out->column_count == LEGEND_COLUMNS_MAX)
        return;
    struct legend_column *c = &out->columns[out->column_count++];
    c->field = f;
    refuse_others(r, rule, place_of(r, name, ""), members);
    read_texts(r, json_object_get(rule, "headings"), place_of(r, name, "/headings"), c->headings, &c->heading_count);
    if (c->heading_count == 0)
        REFUSE(r, place_of(r, name, "/headings"), "must name at least one heading");
    if (codes)
        read_codes(r, codes, c);
}

static void refuse_shared_headings(struct reading *r, const struct legend *l)
{
    for (size_t i = 0; i < l->column_count; i++)
        for (size_t h = 0; h < l->columns[i].heading_count; h++) {
            const struct legend_column *first = legend_find(l, l->columns[i].headings[h]);
            if (first != &l->columns[i])
                REFUSE(r, place_of(r, l->columns[i].field->name, "/headings"), "shares '%s' with %s",
                       l->columns[i].headings[h], first->field->name);
        }
}

static void read_dates(struct reading *r, const json_t *dates, struct legend *out)
{
    const char *names[LEGEND_HEADINGS_MAX];
    size_t count = 0;
    out->dates[LEGEND_ISO] = !dates;
    if (dates)
        read_texts(r, dates, "/dates", names, &count);
    for (size_t i = 0; i < count; i++) {
        int d = 0;
        while (d < LEGEND_DATES && strcmp(date_names[d], names[i]) != 0)
            d++;
        if (d == LEGEND_DATES)
            REFUSE(r, arena_printf(r->arena, "/dates/%zu", i),
                   "must be one of YYYY-MM-DD, DD.MM.YYYY, DD/MM/YYYY, MM/DD/YYYY");
        else
            out->dates[d] = true;
    }
    if (out->dates[LEGEND_DAY_SLASH] && out->dates[LEGEND_MONTH_SLASH])
        REFUSE(r, "/dates", "must not have both DD/MM/YYYY and MM/DD/YYYY: 03/04/2020 would be two days");
}

static bool good_name(const char *name)
{
    size_t size = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") : 0;
    return size > 0 && size <= LEGEND_NAME_MAX && name[size] == '\0';
}

static void read_legend(struct reading *r, const json_t *root, struct legend *out)
{
    static const char *const members[] = {"name", "dates", "decimal_comma", "empty", "columns", NULL};
    const json_t *comma = json_object_get(root, "decimal_comma"), *empty = json_object_get(root, "empty");
    const char *name = json_string_value(json_object_get(root, "name")), *column;
    json_t *columns = json_object_get(root, "columns"), *rule;
    refuse_others(r, root, "", members);
    if (!good_name(name))
        REFUSE(r, "/name", "must have 1 to %d lower-case letters, digits, hyphens", LEGEND_NAME_MAX);
    else if (strcmp(name, LEGEND_OWN) == 0)
        REFUSE(r, "/name", "must not be " LEGEND_OWN ", which is the legend of our own exports");
    else
        out->name = arena_text(r->arena, name);
    if (comma && !json_is_boolean(comma))
        REFUSE(r, "/decimal_comma", "must be true or false");
    out->decimal_comma = json_is_true(comma);
    read_dates(r, json_object_get(root, "dates"), out);
    if (empty)
        read_texts(r, empty, "/empty", out->empty, &out->empty_count);
    if (!json_is_object(columns) || json_object_size(columns) == 0)
        REFUSE(r, "/columns", "must be an object with at least one column");
    json_object_foreach(columns, column, rule) read_column(r, column, rule, out);
    refuse_shared_headings(r, out);
}

enum status legend_parse(const char *text, size_t size, const char *prefix, struct arena *arena, struct legend *out,
                         struct problem *why)
{
    json_error_t error;
    struct reading r = {arena, why, prefix};
    *out = (struct legend){0};
    if (size > LEGEND_BYTES_MAX)
        return REFUSE(&r, "", "may have %d bytes", LEGEND_BYTES_MAX);
    json_auto_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return REFUSE(&r, "", "is not JSON, or a member is repeated (line %d, column %d)", error.line, error.column);
    if (!json_is_object(root))
        return REFUSE(&r, "", "must be a JSON object");
    read_legend(&r, root, out);
    return problem_status(why);
}

void legend_own(struct legend *out)
{
    *out = (struct legend){.name = LEGEND_OWN, .dates[LEGEND_ISO] = true};
    for (const struct field *f = tumour_column_schema.fields; f->name; f++)
        out->columns[out->column_count++] =
            (struct legend_column){.field = f, .headings = {f->name}, .heading_count = 1};
}

/* ---- using ---- */

/* One space between words and none around them; folded: ASCII in lower case. */
static void heading_key(const char *heading, bool folded, char out[HEADING_SIZE])
{
    size_t size = 0;
    for (const char *c = heading; *c && size < HEADING_SIZE - 2; c++) {
        bool space = *c == ' ' || *c == '\t' || *c == '\r' || *c == '\n';
        if (space && (size == 0 || out[size - 1] == ' '))
            continue;
        bool upper = *c >= 'A' && *c <= 'Z';
        out[size++] = (char)(space ? ' ' : folded && upper ? *c - 'A' + 'a' : *c);
    }
    while (size > 0 && out[size - 1] == ' ')
        size--;
    out[size] = '\0';
}

static bool has_heading(const struct legend_column *c, const char *key, bool folded)
{
    char own[HEADING_SIZE];
    for (size_t h = 0; h < c->heading_count; h++) {
        heading_key(c->headings[h], folded, own);
        if (strcmp(own, key) == 0)
            return true;
    }
    return false;
}

/* pN and Pn are two things, so case counts where it has to. */
const struct legend_column *legend_find(const struct legend *l, const char *heading)
{
    char key[HEADING_SIZE];
    const struct legend_column *found = NULL;
    heading_key(heading, false, key);
    for (size_t i = 0; i < l->column_count; i++)
        if (has_heading(&l->columns[i], key, false))
            return &l->columns[i];
    heading_key(heading, true, key);
    for (size_t i = 0; i < l->column_count; i++) {
        if (!has_heading(&l->columns[i], key, true))
            continue;
        if (found)
            return NULL;
        found = &l->columns[i];
    }
    return found;
}

/* Digits of a fixed length; -1 when they are none. */
static int digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static const char *date_of(const char *cell, char separator, bool month_first, struct arena *arena)
{
    if (strlen(cell) != 10 || cell[2] != separator || cell[5] != separator)
        return NULL;
    int first = digits(cell, 2), second = digits(cell + 3, 2), year = digits(cell + 6, 4);
    if (first < 0 || second < 0 || year < 0)
        return NULL;
    return arena_printf(arena, "%04d-%02d-%02d", year, month_first ? first : second, month_first ? second : first);
}

static const char *read_date(const struct legend *l, const char *cell, bool spreadsheet, struct arena *arena)
{
    struct date day;
    const char *date = NULL;
    if ((l->dates[LEGEND_ISO] || spreadsheet) && date_parse(cell, &day))
        return cell;
    if (l->dates[LEGEND_DAY_DOT])
        date = date_of(cell, '.', false, arena);
    if (!date && l->dates[LEGEND_DAY_SLASH])
        date = date_of(cell, '/', false, arena);
    if (!date && l->dates[LEGEND_MONTH_SLASH])
        date = date_of(cell, '/', true, arena);
    return date && date_parse(date, &day) ? date : NULL;
}

/* With a decimal comma a point would be one for thousands to some, so it is none. */
static const char *read_number(const struct legend *l, const char *cell, bool spreadsheet, struct arena *arena)
{
    if (!l->decimal_comma || spreadsheet)
        return cell;
    if (strchr(cell, '.'))
        return NULL;
    char *number = arena_text(arena, cell), *comma = strchr(number, ',');
    if (comma)
        *comma = '.';
    return number;
}

static const char *read_code(const struct legend_column *c, const char *cell)
{
    for (size_t i = 0; i < c->code_count; i++)
        if (strcasecmp(c->codes[i].code, cell) == 0)
            return c->codes[i].value;
    return NULL;
}

/* All values where they are few, so that they can be compared with the file. */
static const char *codes_known(const struct legend_column *c, struct arena *arena)
{
    enum { CODES_TOLD = 20 };
    const char *list = "";
    for (size_t i = 0; i < c->code_count && i < CODES_TOLD; i++)
        list = arena_printf(arena, "%s%s%s", list, i > 0 ? ", " : "", c->codes[i].code);
    return c->code_count > CODES_TOLD ? arena_printf(arena, "%s and others", list) : list;
}

static const char *dates_known(const struct legend *l, struct arena *arena)
{
    const char *list = NULL;
    for (int d = 0; d < LEGEND_DATES; d++)
        if (l->dates[d])
            list = list ? arena_printf(arena, "%s or %s", list, date_names[d]) : date_names[d];
    return list ? list : "YYYY-MM-DD";
}

enum status legend_value(const struct legend *l, const struct legend_column *c, const char *cell, bool spreadsheet,
                         struct arena *arena, const char **out, const char **complaint)
{
    cell = trimmed(arena, cell);
    *out = NULL;
    bool empty = !*cell;
    for (size_t i = 0; i < l->empty_count; i++)
        empty |= strcmp(l->empty[i], cell) == 0;
    if (empty)
        return OK;
    if (c->code_count > 0) {
        *out = read_code(c, cell);
        *complaint = arena_printf(arena, "is no code of the legend, which has: %s", codes_known(c, arena));
    } else if (c->field->kind == FIELD_KIND_DATE) {
        *out = read_date(l, cell, spreadsheet, arena);
        *complaint = arena_printf(arena, "must be a date that exists, as %s", dates_known(l, arena));
    } else if (c->field->kind == FIELD_KIND_REAL || c->field->kind == FIELD_KIND_INTEGER) {
        *out = read_number(l, cell, spreadsheet, arena);
        *complaint = "must be a number with a decimal comma";
    } else {
        *out = strcmp(l->name, LEGEND_OWN) == 0 ? tumour_export_unguarded(cell) : cell;
    }
    return *out ? OK : INVALID;
}
