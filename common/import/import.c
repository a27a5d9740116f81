#include "common/import/import_private.h"

#include <string.h>

const char *const import_states[] = {"checked", "committed", NULL};

SCHEMA(import_schema, "Import", struct import, IMPORT_FILE, FIELD_TEXT(struct import, kind, .rules = HIDDEN),
       FIELD_TEXT(struct import, legend, .rules = HIDDEN),
       FIELD_TEXT(struct import, digest, .summary = "Digest of the file, its changes and the records they depend on"),
       IMPORT_COLUMNS, IMPORT_COUNTS, IMPORT_TIMES);

SCHEMA(import_error_schema, "ImportError", struct import_error, FIELD_INTEGER(struct import_error, number),
       FIELD_INTEGER(struct import_error, line, .summary = "Line of a CSV file, or row of a sheet"),
       FIELD_TEXT(struct import_error, heading, .summary = "Heading of the column; null: the whole row"),
       FIELD_TEXT(struct import_error, member),
       FIELD_TEXT(struct import_error, value, .summary = "First 100 characters of the value"),
       FIELD_TEXT(struct import_error, detail), FIELD_TEXT(struct import_error, page_key, .rules = HIDDEN));

SCHEMA(import_commit_schema, "ImportCommit", struct import_commit, IMPORT_COMMIT);

static const struct import_kind *kind_of(const struct request *rq)
{
    return rq->route->context;
}

static enum status find(struct request *rq, struct import *out)
{
    const char *id;
    TRY(request_id(rq, "import_id", &id));
    return import_find(&rq->db, kind_of(rq)->name, id, out);
}

/* ---- the two steps ---- */

static enum status apply(struct request *rq, const struct import *import, struct import *out)
{
    struct import_written written;
    TRY(import_take_time(&rq->db));
    TRY(kind_of(rq)->apply(&rq->db, import->import_id, &written));
    if (written.changed.value != import->to_change.value || written.created.value != import->to_create.value)
        return fail(&rq->problem, CONFLICT, NULL, "%s", kind_of(rq)->changed_meanwhile);
    return import_committed(&rq->db, import->import_id, out);
}

/* Refusing what the dry run did not say undoes what was staged for it. */
static enum status apply_at_once(struct request *rq, const struct import_order *order, struct import *import)
{
    struct import checked = *import;
    if (strcmp(order->digest, import->digest) != 0)
        return fail(&rq->problem, CONFLICT, NULL, "%s", kind_of(rq)->changed_meanwhile);
    if (import->wrong_rows.value > 0 && !order->without_wrong_rows)
        return fail(&rq->problem, CONFLICT, NULL,
                    "Rows of the file are wrong; correct them, or send it with without_wrong_rows.");
    return apply(rq, &checked, import);
}

static const char *hash_text(struct request *rq)
{
    char *hex = arena_alloc(rq->arena, 2 * UPLOAD_HASH_SIZE + 1);
    return sodium_bin2hex(hex, 2 * UPLOAD_HASH_SIZE + 1, rq->upload->hash, UPLOAD_HASH_SIZE);
}

static enum status check_file(struct request *rq, const struct import_order *order, struct import *out)
{
    const struct import_kind *kind = kind_of(rq);
    struct import checked, begun = {.kind = kind->name, .file_name = rq->upload->name, .file_hash = hash_text(rq)};
    begun.legend = order->legend;
    TRY(db_begin(&rq->db));
    if (order->at_once && kind->alone)
        TRY(kind->alone(&rq->db));
    TRY(import_plan_anew(&rq->db));
    TRY(import_insert(&rq->db, &begun, kind->desk(rq)->hours, &checked));
    TRY(import_run(rq, kind, order, &checked));
    TRY(import_finish(&rq->db, &checked, out));
    if (order->at_once)
        TRY(apply_at_once(rq, order, out));
    out->first_errors = checked.first_errors;
    out->dry_run = (struct maybe_boolean){true, !order->at_once};
    return db_commit(&rq->db);
}

enum status import_create(struct request *rq)
{
    struct import_order order = {0};
    struct import checked;
    struct gate *gate = kind_of(rq)->desk(rq)->gate;
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(kind_of(rq)->order(rq, &order));
    TRY(gate_enter(gate, &visit, &rq->problem));
    TRY(check_file(rq, &order, &checked));
    reply_header(rq, "Location", "%s/%s", rq->route->path, checked.import_id);
    return reply_record(rq, &checked);
}

static enum status commit_once(struct request *rq, const struct import_commit *how, struct import *out)
{
    const char *id;
    struct import import;
    TRY(request_id(rq, "import_id", &id));
    TRY(db_begin(&rq->db));
    TRY(import_lock(&rq->db, kind_of(rq)->name, id, &import));
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

enum status import_commit(struct request *rq)
{
    struct import_commit how = {0};
    struct import committed;
    struct gate *gate = kind_of(rq)->desk(rq)->gate;
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(request_input(rq, &how));
    TRY(gate_enter(gate, &visit, &rq->problem));
    TRY(commit_once(rq, &how, &committed));
    return reply_record(rq, &committed);
}

/* ---- what is kept ---- */

enum status import_list(struct request *rq)
{
    struct record_list list;
    TRY(import_page(&rq->db, kind_of(rq)->name, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status import_get(struct request *rq)
{
    struct import import;
    TRY(find(rq, &import));
    return reply_record(rq, &import);
}

enum status import_errors(struct request *rq)
{
    struct import import;
    struct record_list list;
    TRY(find(rq, &import));
    TRY(import_errors_page(&rq->db, &import, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status import_delete(struct request *rq)
{
    struct import import;
    TRY(find(rq, &import));
    TRY(request_match(rq, import.version));
    TRY(request_written(rq, import_delete_row(&rq->db, &import)));
    return reply_empty(rq);
}
