#include "services/users/tumour/tumour_import.h"

#include <sodium.h>
#include <string.h>

static const char *const states[] = {"checked", "committed", NULL};
static const char *const legends[] = {"hospital", LEGEND_OWN, NULL};
static const char *const separators[] = {"comma", "semicolon", "tab", NULL};
static const char *const spreadsheet_types[] = {
    "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", NULL};

const struct upload_rule spreadsheet_upload = {
    IMPORT_BYTES_MAX, spreadsheet_types,
    "A spreadsheet, CSV (UTF-8) or XLSX (its first sheet), with headings in its first row"};

#define TEXT(m, ...)   FIELD_TEXT(struct tumour_import, m, __VA_ARGS__)
#define COUNT_(m, ...) FIELD_INTEGER(struct tumour_import, m, __VA_ARGS__)
#define TIME(m, ...)   FIELD_TIME(struct tumour_import, m, __VA_ARGS__)

SCHEMA(tumour_import_schema, "TumourImport", struct tumour_import, FIELD_UUID(struct tumour_import, import_id),
       FIELD_ENUM(struct tumour_import, state, states), TEXT(file_name),
       TEXT(file_hash, .summary = "BLAKE2b, 256 bits"),
       TEXT(legend, .summary = "Name of the legend that the file was read with"),
       FIELD_JSON(struct tumour_import, columns,
                  .summary = "The file's headings and the members they stand for; null: ignored"),
       COUNT_(rows, .summary = "Of the file, without the first and without empty ones"),
       COUNT_(to_create, .summary = "Rows that make a record"), COUNT_(to_change, .summary = "Rows that change one"),
       COUNT_(unchanged, .summary = "Rows that say what the registry says"),
       COUNT_(wrong_rows, .summary = "Rows with errors"),
       COUNT_(errors, .summary = "All of them; the first 1000 are at /errors"),
       FIELD_UUID(struct tumour_import, created_by), TIME(created_at),
       TIME(expires_at, .summary = "Until then it can be committed; null: it was"), TIME(committed_at),
       FIELD_INTEGER(struct tumour_import, version, .rules = HIDDEN), TEXT(page_key, .rules = HIDDEN));

SCHEMA(
    import_order_schema, "TumourImportOrder", struct import_order,
    FIELD_ENUM(struct import_order, legend, legends,
               .summary = "How the file is written: as the hospital does (where its legend is installed), or as our own"
                          " exports are"),
    FIELD_TEXT(struct import_order, own_legend, .rules = ANY_TEXT, .min = 2, .max = LEGEND_BYTES_MAX,
               .summary = "A legend of your own instead, as JSON"),
    FIELD_ENUM(struct import_order, separator, separators,
               .summary = "Of CSV; the one that the first line has most of unless said otherwise"));

SCHEMA(import_commit_schema, "TumourImportCommit", struct import_commit,
       FIELD_BOOLEAN(struct import_commit, without_wrong_rows,
                     .summary = "Commit although rows are wrong, without these"));

static enum status found(struct request *rq, enum status status)
{
    return status == NOT_FOUND ? request_absent(rq, "import") : status;
}

static char separator_of(const struct import_order *order)
{
    static const char characters[] = ",;\t";
    for (int i = 0; order->separator && separators[i]; i++)
        if (strcmp(separators[i], order->separator) == 0)
            return characters[i];
    return 0;
}

/* One that comes with the file, one of the two that are here, or the hospital's where it is here. */
static enum status choose_legend(struct request *rq, const struct import_order *order, struct legend *own,
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

static const char *hash_text(struct request *rq)
{
    char *hex = arena_alloc(rq->arena, 2 * UPLOAD_HASH_SIZE + 1);
    return sodium_bin2hex(hex, 2 * UPLOAD_HASH_SIZE + 1, rq->upload->hash, UPLOAD_HASH_SIZE);
}

static enum status check_file(struct request *rq, const struct import_order *order, const struct legend *legend,
                              struct tumour_import *out)
{
    const struct users *users = rq->app;
    struct tumour_import begun = {.file_name = rq->upload->name, .file_hash = hash_text(rq), .legend = legend->name};
    struct tumour_import checked;
    TRY(db_begin(&rq->db));
    TRY(import_plan_anew(&rq->db));
    TRY(import_insert(&rq->db, &begun, users->import_hours, &checked));
    TRY(import_run(rq, legend, separator_of(order), &checked));
    TRY(import_finish(&rq->db, &checked, out));
    return db_commit(&rq->db);
}

enum status tumour_import_create(struct request *rq)
{
    struct import_order order = {0};
    struct legend own;
    const struct legend *legend;
    struct tumour_import checked;
    struct users *users = rq->app;
    struct gate_visit visit;
    TRY(request_input(rq, &order));
    TRY(choose_legend(rq, &order, &own, &legend));
    TRY(gate_enter(users->import_gate, &visit, &rq->problem));
    enum status status = check_file(rq, &order, legend, &checked);
    gate_leave(users->import_gate, &visit);
    TRY(status);
    reply_header(rq, "Location", "/api/v1/tumour-imports/%s", checked.import_id);
    return reply_record(rq, &checked);
}

enum status tumour_import_list(struct request *rq)
{
    struct record_list list;
    TRY(import_page(&rq->db, &rq->page, &list));
    return reply_page(rq, &list);
}

static enum status find_import(struct request *rq, struct tumour_import *out)
{
    const char *id;
    TRY(request_id(rq, "import_id", &id));
    return found(rq, import_find(&rq->db, id, out));
}

enum status tumour_import_get(struct request *rq)
{
    struct tumour_import import;
    TRY(find_import(rq, &import));
    return reply_record(rq, &import);
}

enum status tumour_import_errors(struct request *rq)
{
    struct tumour_import import;
    struct record_list list;
    TRY(find_import(rq, &import));
    TRY(import_errors_page(&rq->db, import.import_id, &rq->page, &list));
    return reply_page(rq, &list);
}

static enum status changed_meanwhile(struct request *rq)
{
    return fail(&rq->problem, CONFLICT, NULL, "The registry has changed since the file was checked; send it again.");
}

static enum status apply(struct request *rq, const struct tumour_import *import, struct tumour_import *out)
{
    struct maybe_integer changed, created;
    TRY(import_apply(&rq->db, import->import_id, &changed, &created));
    if (changed.value != import->to_change.value || created.value != import->to_create.value)
        return changed_meanwhile(rq);
    return import_committed(&rq->db, import->import_id, out);
}

static enum status commit_once(struct request *rq, const struct import_commit *how, struct tumour_import *out)
{
    const char *id;
    struct tumour_import import;
    TRY(request_id(rq, "import_id", &id));
    TRY(db_begin(&rq->db));
    TRY(found(rq, import_lock(&rq->db, id, &import)));
    if (strcmp(import.state, "committed") == 0) {
        *out = import;
        return db_commit(&rq->db);
    }
    if (import.wrong_rows.value > 0 && !(how->without_wrong_rows.known && how->without_wrong_rows.value))
        return fail(&rq->problem, CONFLICT, NULL,
                    "Rows of the file are wrong; correct them, or commit with without_wrong_rows.");
    TRY(apply(rq, &import, out));
    return db_commit(&rq->db);
}

enum status tumour_import_commit(struct request *rq)
{
    struct import_commit how = {0};
    struct tumour_import committed;
    struct users *users = rq->app;
    struct gate_visit visit;
    TRY(request_input(rq, &how));
    TRY(gate_enter(users->import_gate, &visit, &rq->problem));
    enum status status = commit_once(rq, &how, &committed);
    gate_leave(users->import_gate, &visit);
    TRY(status);
    return reply_record(rq, &committed);
}

enum status tumour_import_delete(struct request *rq)
{
    struct tumour_import import;
    TRY(find_import(rq, &import));
    TRY(request_match(rq, import.version));
    TRY(request_written(rq, import_delete_row(&rq->db, &import)));
    return reply_empty(rq);
}
