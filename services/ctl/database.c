#include "services/ctl/database.h"

#include "services/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

static void keep_quiet(void *unused, const char *notice)
{
    (void)unused, (void)notice;
}

static const char *without_line_end(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '\n')
        size--;
    return arena_copy(arena, text, size);
}

enum status database_open(struct problem *why, PGconn **out)
{
    const struct ctl_settings *settings = ctl_settings();
    if (!settings)
        return INVALID;
    /* A lock is waited for, but not for ever: somebody's forgotten transaction deserves a sentence. */
    const char *const keys[] = {"connect_timeout",  "client_encoding",      "options", "dbname",
                                "application_name", "target_session_attrs", NULL};
    const char *const values[] = {"5",          "UTF8", "-c lock_timeout=30s", settings->database_url, "mnemosctl",
                                  "read-write", NULL};
    PGconn *pg = PQconnectdbParams(keys, values, 1);
    PQsetNoticeProcessor(pg, keep_quiet, NULL);
    if (PQstatus(pg) != CONNECTION_OK) {
        fail(why, UNAVAILABLE, NULL, "The database of DATABASE_URL cannot be reached: %s",
             without_line_end(why->arena, PQerrorMessage(pg)));
        PQfinish(pg);
        return UNAVAILABLE;
    }
    *out = pg;
    return OK;
}

void database_close(PGconn **pg)
{
    PQfinish(*pg);
}

/* PostgreSQL's DETAIL holds values of rows and is never shown. */
enum status database_refused(PGconn *pg, const PGresult *r, struct problem *why)
{
    static const struct {
        const char *code, *constraint, *sentence;
    } known[] = {
        {"3F000", NULL, "The tables of Mnemos are not there yet: apply the migrations first."},
        {"42P01", NULL, "The tables of Mnemos are not there yet: apply the migrations first."},
        {"42501", NULL, "DATABASE_URL must name the role mnemos_owner: this one may not do that."},
        {"55P03", NULL, "Somebody else has been using the tables for too long; nothing was changed. Try again."},
        {"23505", "account_name_taken", "An account of that name is already there; nothing was changed."},
    };
    const char *code = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *constraint = r ? PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME) : NULL;
    if (!code)
        return fail(why, UNAVAILABLE, NULL, "The connection to the database broke: %s",
                    without_line_end(why->arena, PQerrorMessage(pg)));
    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(known[i].code, code) == 0 &&
            (!known[i].constraint || (constraint && strcmp(known[i].constraint, constraint) == 0)))
            return fail(why, CONFLICT, NULL, "%s", known[i].sentence);
    return fail(why, FAULT, NULL, "The database refused: %s (SQLSTATE %s)",
                PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), code);
}

enum status database_run(PGconn *pg, const char *sql, struct problem *why)
{
    AUTO(db_result_drop) PGresult *r = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? OK : database_refused(pg, r, why);
}

enum status database_ask(PGconn *pg, const char *sql, int count, const char *const *values, struct problem *why,
                         PGresult **out)
{
    AUTO(db_result_drop) PGresult *r = PQexecParams(pg, sql, count, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
        return database_refused(pg, r, why);
    *out = STEAL(r);
    return OK;
}
