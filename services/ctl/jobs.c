/* jobs: the tasks of all services, as the operator sees them. common/job/job.h explains tasks. */
#include "services/ctl/ctl.h"
#include "services/ctl/database.h"
#include "services/ctl/option.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_DEFAULT = 50, SHOWN_MAX = 10000 };

static enum status list(int argc, char **argv, struct problem *why)
{
    static const char sql[] =
        "SELECT replace(id::text, '-', ''), state, service, kind, attempts || '/' || max_attempts,"
        " to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
        " CASE WHEN state = 'executing' THEN coalesce(step || '/' || steps || ' ' || message, '')"
        "  ELSE coalesce(report ->> 'title' || coalesce(': ' || (report ->> 'detail'), ''), '') END"
        " FROM shared.task"
        " WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)"
        " ORDER BY created_at DESC, id LIMIT $3::int";
    AUTO(database_close) PGconn *pg = NULL;
    AUTO(db_result_drop) PGresult *tasks = NULL;
    const char *state = NULL, *kind = NULL;
    long shown = SHOWN_DEFAULT;
    const struct option_row rows[] = {{"--state", .text = &state},
                                      {"--kind", .text = &kind},
                                      {"--limit", .number = &shown, .min = 1, .max = SHOWN_MAX},
                                      {0}};
    TRY(options_read(rows, argc, argv, 0, NULL, why));
    TRY(database_open(why, &pg));
    const char *const values[] = {state, kind, arena_printf(why->arena, "%ld", shown)};
    TRY(database_ask(pg, sql, COUNT(values), values, why, &tasks));
    for (int row = 0; row < PQntuples(tasks); row++)
        printf("%s  %-9s  %-16s  %s  %s  %s  %s\n", PQgetvalue(tasks, row, 0), PQgetvalue(tasks, row, 1),
               PQgetvalue(tasks, row, 2), PQgetvalue(tasks, row, 3), PQgetvalue(tasks, row, 4),
               PQgetvalue(tasks, row, 5), PQgetvalue(tasks, row, 6));
    return OK;
}

static enum status check_id(const char *id, struct problem *why)
{
    char plain[33];
    if (id && text_uuid(id, plain))
        return OK;
    return fail(why, INVALID, NULL, "Say which: the id of a task; mnemosctl jobs list shows them.");
}

static enum status replay_all(PGconn *pg, const char *kind, struct problem *why)
{
    static const char sql[] = "SELECT count(*) FILTER (WHERE shared.task_replay(id))"
                              " FROM shared.task"
                              " WHERE state = 'error' AND ($1::text IS NULL OR kind = $1)";
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(pg, sql, 1, &kind, why, &r));
    printf("%s tasks are tried again.\n", PQgetvalue(r, 0, 0));
    return OK;
}

static enum status replay_one(PGconn *pg, const char *id, struct problem *why)
{
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(pg, "SELECT shared.task_replay($1::uuid)", 1, &id, why, &r));
    if (strcmp(PQgetvalue(r, 0, 0), "t") != 0)
        return fail(why, NOT_FOUND, NULL, "No task of that id has failed or was cancelled.");
    printf("%s is tried again.\n", id);
    return OK;
}

static enum status replay(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    const char *id = NULL, *kind = NULL;
    bool all = false;
    const struct option_row rows[] = {{"--all", .flag = &all}, {"--kind", .text = &kind}, {0}};
    TRY(options_read(rows, argc, argv, 1, &id, why));
    if (all == (id != NULL) || (kind && !all))
        return fail(why, INVALID, NULL, "Say which: the id of a task, or --all, perhaps of a --kind.");
    if (id)
        TRY(check_id(id, why));
    TRY(database_open(why, &pg));
    return all ? replay_all(pg, kind, why) : replay_one(pg, id, why);
}

static enum status cancel(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    AUTO(db_result_drop) PGresult *r = NULL;
    const char *id = NULL;
    TRY(options_read((const struct option_row[]){{0}}, argc, argv, 1, &id, why));
    TRY(check_id(id, why));
    TRY(database_open(why, &pg));
    TRY(database_ask(pg, "SELECT shared.task_stop($1::uuid)", 1, &id, why, &r));
    if (PQgetisnull(r, 0, 0))
        return fail(why, NOT_FOUND, NULL, "There is no task of that id.");
    const char *state = PQgetvalue(r, 0, 0);
    if (strcmp(state, "executing") == 0)
        printf("%s is being worked on; its worker is told to stop.\n", id);
    else
        printf("%s is %s.\n", id, state);
    return OK;
}

enum status jobs_command(int argc, char **argv, struct problem *why)
{
    static const struct {
        const char *name;
        enum status (*act)(int argc, char **argv, struct problem *why);
    } acts[] = {{"list", list}, {"replay", replay}, {"cancel", cancel}};
    for (size_t i = 0; argc > 1 && i < COUNT(acts); i++)
        if (strcmp(acts[i].name, argv[1]) == 0)
            return acts[i].act(argc - 1, argv + 1, why);
    return fail(why, INVALID, NULL, "Say what to do with jobs: list, replay or cancel.");
}
