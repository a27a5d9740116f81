#include "services/ctl/copy.h"

#include <string.h>

enum { ROW_MAX = 8 * 2 * 1001 }; /* eight values, each byte escaped */

enum status copy_begin(struct copy *c, PGconn *pg, const char *sql, struct problem *why)
{
    AUTO(db_result_drop) PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COPY_IN)
        return database_refused(pg, r, why);
    c->pg = pg, c->why = why, c->used = 0;
    return OK;
}

/* COPY's text form: values end with a tab, rows with a line end, and \N is NULL. */
void copy_value(struct copy *c, const char *value)
{
    for (const char *v = value ? value : "\\N"; *v; v++) {
        if (value && strchr("\\\t\n\r", *v))
            c->buffer[c->used++] = '\\';
        c->buffer[c->used++] = *v;
    }
    c->buffer[c->used++] = '\t';
}

/* The server's message about a COPY that failed. */
static enum status copy_failed(struct copy *c)
{
    AUTO(db_result_drop) PGresult *r = PQgetResult(c->pg);
    return database_refused(c->pg, r, c->why);
}

static enum status copy_send(struct copy *c)
{
    if (PQputCopyData(c->pg, c->buffer, (int)c->used) != 1)
        return copy_failed(c);
    c->used = 0;
    return OK;
}

enum status copy_row_end(struct copy *c)
{
    c->buffer[c->used - 1] = '\n';
    return c->used + ROW_MAX > sizeof c->buffer ? copy_send(c) : OK;
}

enum status copy_end(struct copy *c)
{
    TRY(copy_send(c));
    if (PQputCopyEnd(c->pg, NULL) != 1)
        return copy_failed(c);
    AUTO(db_result_drop) PGresult *r = PQgetResult(c->pg);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        return database_refused(c->pg, r, c->why);
    PQclear(PQgetResult(c->pg)); /* NULL: the connection is free again */
    return OK;
}
