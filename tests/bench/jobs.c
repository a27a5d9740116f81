/* How many small tasks a second a worker carries out: ./dev bench jobs. Each writes one row in the transaction that
 * finishes it. With the settings of a worker in the environment:
 *
 *   bench_jobs COUNT          COUNT tasks wait before the worker starts
 *   bench_jobs COUNT asked    eight ask for them, each in a transaction of its own, while it works
 *
 * Prints tasks per second, from the first start to the last end as PostgreSQL has noted them. */
#include "common/service/service.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum status note(struct job *job)
{
    static const char sql[] = "INSERT INTO public.bench_note (task_id) VALUES ($1::uuid)";
    TRY(job_finishing(job));
    return db_run(&job->db, sql, PARAMS(job->task_id));
}

static const struct job_kind kinds[] = {{"bench.note", note, NULL}, {0}};
static const struct service worker = {
    .name = "analytics-worker", .summary = "bench", .migration = "shared/task", .jobs = kinds};

static char *ask(PGconn *pg, const char *sql, const char *value)
{
    PGresult *r = PQexecParams(pg, sql, value ? 1 : 0, NULL, &value, NULL, NULL, 0);
    if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(pg));
        exit(EXIT_FAILURE);
    }
    char *answer = strdup(PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    return answer;
}

static void run(PGconn *pg, const char *sql, const char *value)
{
    free(ask(pg, sql, value));
}

static void queue_all(PGconn *pg, long tasks)
{
    char count[24];
    snprintf(count, sizeof count, "%ld", tasks);
    run(pg,
        "INSERT INTO shared.task (service, kind, state, input, max_attempts)"
        " SELECT 'mnemos_analytics', 'bench.note', 'pending', '{}', 3 FROM generate_series(1, $1::int)",
        count);
}

enum { ASKING = 8 };

static void *ask_for_some(void *arg)
{
    const long *count = arg;
    PGconn *pg = PQconnectdb(getenv("DATABASE_URL"));
    for (long i = 0; i < *count; i++)
        run(pg, "SELECT shared.task_submit('bench.note', '{}', 1, 0, 3, 100)", NULL);
    PQfinish(pg);
    return NULL;
}

static void ask_for_all(long count)
{
    pthread_t threads[ASKING];
    long each = count / ASKING;
    for (int i = 0; i < ASKING; i++)
        pthread_create(&threads[i], NULL, ask_for_some, &each);
    for (int i = 0; i < ASKING; i++)
        pthread_join(threads[i], NULL);
}

static bool all_ended(PGconn *pg, long count)
{
    char *ended = ask(pg, "SELECT count(*) FROM shared.task WHERE ended_at IS NOT NULL", NULL);
    bool all = strtol(ended, NULL, 10) == count;
    free(ended);
    return all;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return EXIT_FAILURE;
    bool asked = argc > 2;
    long count = strtol(argv[1], NULL, 10) / ASKING * ASKING;
    PGconn *owner = PQconnectdb(getenv("OWNER_URL"));
    run(owner, "TRUNCATE shared.task, public.bench_note", NULL);
    if (!asked)
        queue_all(owner, count);
    struct service_handle *handle = service_open(&worker);
    if (!handle)
        return EXIT_FAILURE;
    if (asked)
        ask_for_all(count);
    while (!all_ended(owner, count))
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    service_close(handle);
    char *rate = ask(owner,
                     "SELECT round(count(*) / extract(epoch FROM max(ended_at) - min(started_at))) FROM shared.task"
                     " JOIN public.bench_note ON task_id = id",
                     NULL);
    puts(rate);
    free(rate);
    PQfinish(owner);
    return EXIT_SUCCESS;
}
