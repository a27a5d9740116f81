#include "services/users/tumour/tumour_import.h"

#include "common/base/text.h"

#include <sodium.h>
#include <string.h>

static const char *const legends[] = {"hospital", LEGEND_OWN, NULL};
static const char *const separators[] = {"comma", "semicolon", "tab", NULL};
static const char *const spreadsheet_types[] = {
    "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", NULL};

const struct upload_rule spreadsheet_upload = {
    TUMOUR_IMPORT_BYTES_MAX, spreadsheet_types,
    "A spreadsheet, CSV (UTF-8) or XLSX (its first sheet), with headings in its first row"};

SCHEMA(tumour_import_schema, "TumourImport", struct import, IMPORT_FILE,
       FIELD_TEXT(struct import, legend, .summary = "Name of the legend that the file was read with"), IMPORT_COLUMNS,
       IMPORT_COUNTS, IMPORT_TIMES);

SCHEMA(tumour_import_order_schema, "TumourImportOrder", struct tumour_import_order,
       FIELD_ENUM(struct tumour_import_order, legend, legends,
                  .summary = "Format of the file: the hospital's (where its legend is installed) or that of exports"),
       FIELD_TEXT(struct tumour_import_order, own_legend, .rules = ANY_TEXT, .min = 2, .max = LEGEND_BYTES_MAX,
                  .summary = "Your own legend, as JSON"),
       FIELD_ENUM(struct tumour_import_order, separator, separators,
                  .summary = "Separator of a CSV file; by default the most frequent in the first line"));

SCHEMA(tumour_import_commit_schema, "TumourImportCommit", struct import_commit, IMPORT_COMMIT);

LOCAL_SCHEMA(asked_schema, "AskedTumour", struct tumour_asked, FIELD_UUID(struct tumour_asked, id),
             FIELD_TEXT(struct tumour_asked, key));

/* How this file is to be read. */
struct reading {
    struct legend own;
    const struct legend *legend;
    struct record_list codes; /* struct catalogue_code */
    bool has_source_key;
};

static struct reading *reading_of(const struct import_run *run)
{
    return (struct reading *)(uintptr_t)run->order->context;
}

static bool is_own(const struct import_run *run)
{
    return strcmp(reading_of(run)->legend->name, LEGEND_OWN) == 0;
}

static const struct import_desk *desk(const struct request *rq)
{
    return &((const struct users *)rq->app)->imports;
}

/* ---- the order ---- */

static char separator_of(const struct tumour_import_order *order)
{
    static const char characters[] = ",;\t";
    for (int i = 0; order->separator && separators[i]; i++)
        if (strcmp(separators[i], order->separator) == 0)
            return characters[i];
    return 0;
}

/* One that comes with the file, one of the two that are here, or the hospital's where it is here. */
static enum status choose_legend(struct request *rq, const struct tumour_import_order *order, struct legend *own,
                                 const struct legend **out)
{
    const struct users *users = rq->app;
    bool hospital = order->legend ? strcmp(order->legend, LEGEND_OWN) != 0 : users->legend != NULL;
    if (order->own_legend && order->legend)
        return fail(&rq->problem, INVALID, "legend", "must not be given beside own_legend");
    *out = own;
    if (order->own_legend)
        return legend_parse(order->own_legend, strlen(order->own_legend), "/own_legend", rq->arena, own, &rq->problem);
    legend_own(own);
    if (hospital && !users->legend)
        return fail(&rq->problem, INVALID, "legend", "is not installed; send own_legend");
    if (hospital)
        *out = users->legend;
    return OK;
}

static enum status order_take(struct request *rq, struct import_order *out)
{
    struct tumour_import_order order = {0};
    struct reading *reading = arena_alloc(rq->arena, sizeof *reading);
    TRY(request_input(rq, &order));
    TRY(choose_legend(rq, &order, &reading->own, &reading->legend));
    *out =
        (struct import_order){.context = reading, .legend = reading->legend->name, .separator = separator_of(&order)};
    return OK;
}

/* ---- headings and cells ---- */

static enum status column_of(struct import_run *run, struct import_column *out)
{
    const struct legend_column *rule = *out->heading ? legend_find(reading_of(run)->legend, out->heading) : NULL;
    out->rule = rule;
    out->member = rule ? rule->field->name : NULL;
    return OK;
}

static const char *headings_of(const struct import_run *run, const char *member)
{
    const struct legend *legend = reading_of(run)->legend;
    const char *list = "nothing";
    for (size_t i = 0; i < legend->column_count; i++) {
        const struct legend_column *c = &legend->columns[i];
        for (size_t h = 0; h < c->heading_count && strcmp(c->field->name, member) == 0; h++)
            list = h == 0 ? c->headings[h] : arena_printf(run->rq->arena, "%s, %s", list, c->headings[h]);
    }
    return list;
}

static bool has_column(const struct import_run *run, const char *member)
{
    return import_column_of(run, member) < run->column_count;
}

static enum status headings_check(struct import_run *run)
{
    static const char *const names[] = {"first_name", "last_name"};
    struct reading *reading = reading_of(run);
    reading->has_source_key = has_column(run, "source_key");
    for (size_t i = 0; i < COUNT(names) && !has_column(run, "tumour_id"); i++)
        if (!has_column(run, names[i]))
            return fail(&run->rq->problem, INVALID, "file",
                        "No heading of the first row stands for %s; by the legend '%s' that would be: %s.", names[i],
                        reading->legend->name, headings_of(run, names[i]));
    return tumour_import_catalogues(&run->rq->db, &reading->codes);
}

static enum status cell_value(struct import_run *run, const struct import_column *c, const struct xlsx_cell *cell,
                              const char **out, const char **complaint)
{
    bool of_sheet = cell->kind == XLSX_NUMBER || cell->kind == XLSX_DATE;
    return legend_value(reading_of(run)->legend, c->rule, cell->text, of_sheet, &run->arena, out, complaint);
}

/* ---- keys ---- */

/* Without a patient number it is the names and the two days that tell patients apart. */
static const char *hashed_key(struct import_run *run, const struct import_row *row)
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
    return arena_printf(&run->arena, "%s#%s", reading_of(run)->legend->name, hex);
}

static const char *key_of(struct import_run *run, struct import_row *row)
{
    const char *number = form_value(&row->form, "source_key");
    if (number)
        return is_own(run) ? number : arena_printf(&run->arena, "%s:%s", reading_of(run)->legend->name, number);
    if (reading_of(run)->has_source_key && !is_own(run)) {
        import_complain(run, row, "source_key", "is required: it tells this patient from all others");
        return NULL;
    }
    if (!form_value(&row->form, "birth_date") && !form_value(&row->form, "operation_date")) {
        import_complain(run, row, "birth_date",
                        "or operation_date is required where there is no patient number, to tell patients apart");
        return NULL;
    }
    return hashed_key(run, row);
}

static void row_take(struct import_run *run, struct import_row *row)
{
    char id[33];
    struct tumour_asked *asked = row->asked;
    const char *given = form_value(&row->form, "tumour_id");
    if (given && !text_uuid(given, id))
        import_complain(run, row, "tumour_id", "must be an id of 32 hexadecimal digits");
    else if (given)
        row->key = asked->id = arena_text(&run->arena, id);
    else
        row->key = asked->key = key_of(run, row);
}

/* ---- records ---- */

static enum status records_known(struct import_run *run, const char *rows, struct record_list *out)
{
    return tumour_import_known(&run->db, rows, out);
}

static bool is_row_of(const struct tumour_asked *asked, const struct tumour *t)
{
    if (asked->id)
        return strcmp(asked->id, t->tumour_id) == 0;
    return t->source_key && strcmp(asked->key, t->source_key) == 0;
}

static const void *record_find(struct import_run *run, struct import_row *row, const struct record_list *known)
{
    const struct tumour *all = known->items;
    const struct tumour_asked *asked = row->asked;
    for (size_t i = 0; i < known->count; i++)
        if (is_row_of(asked, &all[i]))
            return &all[i];
    if (asked->id)
        import_complain(run, row, "tumour_id", "is of no tumour");
    return NULL;
}

static void check_code(struct import_run *run, const char *catalogue, const char *code)
{
    const struct catalogue_code *codes = reading_of(run)->codes.items;
    for (size_t i = 0; code && i < reading_of(run)->codes.count; i++)
        if (strcmp(codes[i].catalogue, catalogue) == 0 && strcmp(codes[i].code, code) == 0)
            return;
    if (code)
        fail(&run->why, INVALID, catalogue, "is in no catalogue");
}

static void record_check(struct import_run *run, const struct import_row *row, const void *before, void *record)
{
    struct tumour *t = record;
    const struct tumour *was = before;
    t->source_key = was ? was->source_key : row->key;
    t->tumour_id = was ? was->tumour_id : NULL;
    if (!t->first_name || !t->last_name)
        fail(&run->why, INVALID, t->first_name ? "last_name" : "first_name", "is required");
    else
        tumour_check(t, was, clock_today(), &run->why);
    if (problem_status(&run->why) != OK)
        return;
    check_code(run, "treatment", t->treatment);
    check_code(run, "primary_site", t->primary_site);
    check_code(run, "metastasis_diagnostics", t->metastasis_diagnostics);
}

const struct import_kind tumour_imports = {
    .name = "tumour",
    .same = "patient",
    .changed_meanwhile = "The registry has changed since the file was checked; send it again.",
    .rows_max = TUMOUR_IMPORT_ROWS_MAX,
    .sheets = true,
    .input = &tumour_column_schema,
    .compared = &tumour_row_schema,
    .record = &staged_tumour_schema,
    .asked = &asked_schema,
    .id = offsetof(struct tumour, tumour_id),
    .version = offsetof(struct tumour, version),
    .desk = desk,
    .order = order_take,
    .column = column_of,
    .begin = headings_check,
    .value = cell_value,
    .row = row_take,
    .known = records_known,
    .find = record_find,
    .check = record_check,
    .apply = tumour_import_apply,
};
