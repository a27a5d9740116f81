/* The pool has a fixed number of places. A place is idle (in a list, the last one used first) or busy (of one struct
 * db), and either way it may be without a connection. db_done wakes one thread that waits for a place; after two
 * seconds without one it gives up with UNAVAILABLE.
 *
 * - A place is taken with the first statement and given back by db_done, which rolls back what is open. A connection
 *   that is not clean afterwards is closed.
 * - A connection is made by the thread that needs it, outside the lock. If that fails, no thread tries for half a
 *   second: until then all answer UNAVAILABLE at once.
 * - An idle connection that has something to read has been closed by the server, so it is replaced before its use.
 * - A statement is prepared once per connection. Its name is made from the address of its text, and so is its place in
 *   the connection's table; a connection that was closed forgets its table.
 * - A statement for an actor travels behind the one that names the actor, in one pipeline: outside of a transaction
 *   both are one, and it is committed when the pipeline has been read to its end, not when the rows come.
 * - Of PostgreSQL's report on a failure, only the SQLSTATE and the name of a constraint go further. */
#include "common/database/db.h"

#include "common/base/clock.h"
#include "common/base/condition.h"
#include "common/base/log.h"
#include "common/base/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATEMENTS_MAX = 256, /* per connection, a power of two */
    ACQUIRE_TIMEOUT_S = 2,
    RECONNECT_PAUSE_US = 500 * 1000,
};

struct db_connection {
    PGconn *pg;
    const char *prepared[STATEMENTS_MAX]; /* open addressing by address */
    struct db_connection *next;           /* in the list of idle ones */
};

struct db_pool {
    char *url, *application;
    const struct constraint *constraints;
    pthread_mutex_t lock;
    pthread_cond_t returned;
    struct db_connection *idle;
    struct db_connection *all;
    int size, busy, open;
    uint64_t waits;
    int64_t refused_until_us; /* the database did not answer: do not ask again before */
};

/* Notices would be printed on standard error, in the midst of the log and with whatever they quote. */
static void drop_notice(void *arg, const PGresult *notice)
{
    (void)arg, (void)notice;
}

void db_result_drop(PGresult **r)
{
    PQclear(*r);
}

PGconn *db_connect(const char *url, const char *application)
{
    static const char session[] = "-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=10s -c lock_timeout=5s "
                                  "-c idle_in_transaction_session_timeout=10s";
    const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "client_encoding",      "options",
                                "dbname",          "application_name", "target_session_attrs", NULL};
    const char *const values[] = {"2", "5000", "UTF8", session, url, application, "read-write", NULL};
    PGconn *pg = PQconnectdbParams(keys, values, 1);
    PQsetNoticeReceiver(pg, drop_notice, NULL);
    return pg;
}

struct db_pool *db_pool_new(const char *url, const char *application, int size, const struct constraint *constraints)
{
    struct db_pool *pool = calloc(1, sizeof *pool);
    struct db_connection *all = calloc((size_t)size, sizeof *all);
    if (!pool || !all)
        abort();
    *pool = (struct db_pool){
        .url = strdup(url), .application = strdup(application), .constraints = constraints, .all = all, .size = size};
    pthread_mutex_init(&pool->lock, NULL);
    condition_init(&pool->returned);
    for (int i = 0; i < size; i++) {
        all[i].next = pool->idle;
        pool->idle = &all[i];
    }
    return pool;
}

void db_pool_drop(struct db_pool *pool)
{
    if (!pool)
        return;
    for (int i = 0; i < pool->size; i++)
        PQfinish(pool->all[i].pg);
    pthread_cond_destroy(&pool->returned);
    pthread_mutex_destroy(&pool->lock);
    free(pool->all);
    free(pool->url);
    free(pool->application);
    free(pool);
}

struct db_pool_state db_pool_state(struct db_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct db_pool_state state = {pool->size, pool->open, pool->busy, pool->waits};
    pthread_mutex_unlock(&pool->lock);
    return state;
}

/* An idle connection has nothing to say. If there is something to read, the server closed it or is about to. */
static bool went_away(PGconn *pg)
{
    struct pollfd p = {.fd = PQsocket(pg), .events = POLLIN};
    return poll(&p, 1, 0) != 0;
}

static struct db_connection *pop_idle(struct db_pool *pool)
{
    int64_t deadline_us = condition_deadline_us(ACQUIRE_TIMEOUT_S);
    pthread_mutex_lock(&pool->lock);
    if (!pool->idle)
        pool->waits++;
    while (!pool->idle && condition_wait(&pool->returned, &pool->lock, deadline_us))
        continue;
    struct db_connection *c = pool->idle;
    if (c) {
        pool->idle = c->next;
        pool->busy++;
    }
    pthread_mutex_unlock(&pool->lock);
    return c;
}

static void push_idle(struct db_pool *pool, struct db_connection *c)
{
    pthread_mutex_lock(&pool->lock);
    c->next = pool->idle;
    pool->idle = c;
    pool->busy--;
    pthread_cond_signal(&pool->returned);
    pthread_mutex_unlock(&pool->lock);
}

static void forget(struct db_pool *pool, struct db_connection *c)
{
    if (!c->pg)
        return;
    PQfinish(c->pg);
    c->pg = NULL;
    memset(c->prepared, 0, sizeof c->prepared);
    pthread_mutex_lock(&pool->lock);
    pool->open--;
    pthread_mutex_unlock(&pool->lock);
}

static bool connect_now(struct db_pool *pool, struct db_connection *c)
{
    pthread_mutex_lock(&pool->lock);
    bool too_early = clock_monotonic_us() < pool->refused_until_us;
    pthread_mutex_unlock(&pool->lock);
    if (too_early)
        return false;
    PGconn *pg = db_connect(pool->url, pool->application);
    bool good = PQstatus(pg) == CONNECTION_OK;
    pthread_mutex_lock(&pool->lock);
    if (good)
        pool->open++;
    else
        pool->refused_until_us = clock_monotonic_us() + RECONNECT_PAUSE_US;
    pthread_mutex_unlock(&pool->lock);
    if (!good) {
        log_line(LOG_WARNING, "the database cannot be reached");
        PQfinish(pg);
        return false;
    }
    c->pg = pg;
    return true;
}

static enum status unavailable(struct db *db)
{
    return fail(db->why, UNAVAILABLE, NULL, "The database cannot be reached at the moment; try again.");
}

static enum status acquire(struct db *db)
{
    if (db->connection)
        return OK;
    struct db_connection *c = pop_idle(db->pool);
    if (!c)
        return unavailable(db);
    if (c->pg && went_away(c->pg))
        forget(db->pool, c);
    if (!c->pg && !connect_now(db->pool, c)) {
        push_idle(db->pool, c);
        return unavailable(db);
    }
    db->connection = c;
    return OK;
}

void db_done(struct db *db)
{
    struct db_connection *c = db->connection;
    if (!c)
        return;
    PGTransactionStatusType state = PQtransactionStatus(c->pg);
    if (state == PQTRANS_INTRANS || state == PQTRANS_INERROR)
        PQclear(PQexec(c->pg, "ROLLBACK"));
    if (PQstatus(c->pg) != CONNECTION_OK || PQtransactionStatus(c->pg) != PQTRANS_IDLE ||
        PQpipelineStatus(c->pg) != PQ_PIPELINE_OFF)
        forget(db->pool, c);
    db->connection = NULL;
    db->depth = 0;
    push_idle(db->pool, c);
}

const char *db_number(struct db *db, int64_t value)
{
    return arena_printf(db->arena, "%" PRId64, value);
}

const char *db_integer(struct db *db, struct maybe_integer value)
{
    return value.known ? db_number(db, value.value) : NULL;
}

const char *db_real(struct db *db, struct maybe_real value)
{
    char number[TEXT_REAL_SIZE];
    if (!value.known)
        return NULL;
    text_from_real(value.value, number);
    return arena_text(db->arena, number);
}

const char *db_boolean(struct maybe_boolean value)
{
    return !value.known ? NULL : value.value ? "true" : "false";
}

/* Constraint by constraint, so that the same table answers for every statement. */
static enum status refused_by_constraint(struct db *db, const char *constraint)
{
    for (const struct constraint *k = db->pool->constraints; k && k->name; k++)
        if (constraint && strcmp(k->name, constraint) == 0)
            return fail(db->why, k->status, k->member, "%s", k->sentence);
    log_line(LOG_ERROR, "unexpected violation of constraint %s", constraint ? constraint : "?");
    return FAULT;
}

/* PostgreSQL's message and detail may hold values of rows: the code says enough. */
static enum status failure(struct db *db, const PGresult *r)
{
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (!code || PQstatus(db->connection->pg) != CONNECTION_OK)
        return unavailable(db);
    if (strncmp(code, "23", 2) == 0)
        return refused_by_constraint(db, PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
    static const char *const passing[] = {"40", "53", "57", "08", "25006", "55P03"};
    for (size_t i = 0; i < COUNT(passing); i++)
        if (strncmp(code, passing[i], strlen(passing[i])) == 0) {
            log_line(LOG_WARNING, "the database refused for the moment: SQLSTATE %s", code);
            return unavailable(db);
        }
    const char *routine = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
    log_line(LOG_ERROR, "a statement failed: SQLSTATE %s in %s", code, routine ? routine : "?");
    return FAULT;
}

enum { STATEMENT_NAME_SIZE = 24 };

static void statement_name(const char *sql, char out[STATEMENT_NAME_SIZE])
{
    snprintf(out, STATEMENT_NAME_SIZE, "s%" PRIxPTR, (uintptr_t)sql);
}

/* Where sql stands in the connection's table, or where it would. */
static const char **slot_of(struct db_connection *c, const char *sql)
{
    size_t i = ((uintptr_t)sql >> 4) % STATEMENTS_MAX;
    while (c->prepared[i] && c->prepared[i] != sql)
        i = (i + 1) % STATEMENTS_MAX;
    return &c->prepared[i];
}

static enum status prepare(struct db *db, const char *sql, const char *name)
{
    const char **slot = slot_of(db->connection, sql);
    if (*slot)
        return OK;
    AUTO(db_result_drop) PGresult *r = PQprepare(db->connection->pg, name, sql, 0, NULL);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        return failure(db, r);
    *slot = sql;
    return OK;
}

static bool answered(const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static enum status execute_alone(struct db *db, const char *sql, struct db_params params, PGresult **out)
{
    char name[STATEMENT_NAME_SIZE];
    TRY(acquire(db));
    statement_name(sql, name);
    TRY(prepare(db, sql, name));
    AUTO(db_result_drop) PGresult *r =
        PQexecPrepared(db->connection->pg, name, params.count, params.values, NULL, NULL, 0);
    if (!answered(r))
        return failure(db, r);
    *out = STEAL(r);
    return OK;
}

/* The answer to one statement of a pipeline; NULL when the connection broke. */
static PGresult *next_answer(PGconn *pg)
{
    PGresult *r = PQgetResult(pg);
    if (r)
        PQclear(PQgetResult(pg)); /* NULL: the end of this answer */
    return r;
}

static bool send_prepared(PGconn *pg, const char *name, struct db_params params)
{
    return PQsendQueryPrepared(pg, name, params.count, params.values, NULL, NULL, 0) == 1;
}

/* Up to the point where both sides agree that the pipeline is empty, which is where what came in it is committed.
 * Answers with that, or with why it was not; NULL when the connection broke. */
static PGresult *finish_pipeline(PGconn *pg)
{
    PGresult *end = NULL;
    for (bool synchronized = false; !synchronized && PQstatus(pg) == CONNECTION_OK;) {
        AUTO(db_result_drop) PGresult *r = PQgetResult(pg);
        synchronized = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        if (r && !(synchronized && end)) {
            PQclear(end);
            end = STEAL(r);
        }
    }
    if (PQstatus(pg) == CONNECTION_OK)
        return end;
    PQclear(end);
    return NULL;
}

struct pipeline_answers {
    PGresult *entered, *r, *end;
};

static void answers_drop(struct pipeline_answers *a)
{
    PQclear(a->entered);
    PQclear(a->r);
    PQclear(a->end);
}

/* A connection that cannot be sent all of it stays in the midst of the pipeline, and db_done lets go of it. */
static void run_pipeline(PGconn *pg, const char *enter, struct db_params who, const char *name, struct db_params params,
                         struct pipeline_answers *out)
{
    if (PQenterPipelineMode(pg) != 1 || !send_prepared(pg, enter, who) || !send_prepared(pg, name, params) ||
        PQpipelineSync(pg) != 1)
        return;
    out->entered = next_answer(pg);
    out->r = answered(out->entered) ? next_answer(pg) : NULL;
    out->end = finish_pipeline(pg);
    PQexitPipelineMode(pg);
}

#define WHO_ASKS \
    "SELECT set_config('mnemos.role', $1, true), set_config('mnemos.account', $2, true)," \
    " set_config('mnemos.request', $3, true)"

/* The caller's identity and the statement: one round trip and one transaction, because nothing is committed before the
 * end of a pipeline. The settings end with that transaction. */
static enum status execute_as(struct db *db, const char *sql, struct db_params params, PGresult **out)
{
    static const char enter[] = WHO_ASKS;
    static const char enter_reading[] = WHO_ASKS ", set_config('synchronous_commit', 'off', true)";
    const struct db_actor *actor = db->actor;
    const char *enter_sql = actor->reads && db->depth == 0 ? enter_reading : enter;
    char enter_name[STATEMENT_NAME_SIZE], name[STATEMENT_NAME_SIZE];
    TRY(acquire(db));
    statement_name(enter_sql, enter_name);
    statement_name(sql, name);
    TRY(prepare(db, enter_sql, enter_name));
    TRY(prepare(db, sql, name));

    AUTO(answers_drop) struct pipeline_answers a = {0};
    run_pipeline(db->connection->pg, enter_name, PARAMS(actor->role, actor->account_id, actor->request), name, params,
                 &a);
    if (!answered(a.entered))
        return failure(db, a.entered);
    if (!answered(a.r))
        return failure(db, a.r);
    if (PQresultStatus(a.end) != PGRES_PIPELINE_SYNC) /* it was carried out, but not committed */
        return failure(db, a.end);
    *out = STEAL(a.r);
    return OK;
}

static enum status execute(struct db *db, const char *sql, struct db_params params, PGresult **out)
{
    return db->actor ? execute_as(db, sql, params, out) : execute_alone(db, sql, params, out);
}

void db_errand_begin(struct db_errand *e, struct db_pool *pool)
{
    *e = (struct db_errand){.db = {.pool = pool, .arena = &e->arena, .why = &e->why}};
    problem_reset(&e->why, &e->arena);
}

void db_errand_end(struct db_errand *e)
{
    db_done(&e->db);
    arena_release(&e->arena);
}

enum status db_begin(struct db *db)
{
    static const char sql[] = "BEGIN";
    AUTO(db_result_drop) PGresult *r = NULL;
    if (db->depth == 0)
        TRY(execute_alone(db, sql, NO_PARAMS, &r));
    db->depth++;
    return OK;
}

enum status db_commit(struct db *db)
{
    static const char sql[] = "COMMIT";
    AUTO(db_result_drop) PGresult *r = NULL;
    assert(db->depth > 0);
    if (--db->depth > 0)
        return OK;
    TRY(execute_alone(db, sql, NO_PARAMS, &r));
    if (strcmp(PQcmdStatus(r), sql) == 0)
        return OK;
    /* A statement had failed, so PostgreSQL has rolled back instead. */
    log_line(LOG_ERROR, "a transaction with a failed statement was to be committed");
    return FAULT;
}

static void map_row(const PGresult *r, int row, const struct schema *s, struct arena *arena, void *out)
{
    int next = 0, columns = PQnfields(r);
    for (int column = 0; column < columns; column++) {
        const char *value = PQgetisnull(r, row, column) ? NULL : PQgetvalue(r, row, column);
        int at = schema_set_column(s, next, PQfname(r, column), value, arena, out);
        if (at < 0) {
            log_line(LOG_ERROR, "schema %s has no member for column %s", s->name, PQfname(r, column));
            abort();
        }
        next = at + 1;
    }
}

enum status db_one(struct db *db, const char *sql, struct db_params params, const struct schema *s, void *out)
{
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(execute(db, sql, params, &r));
    if (PQntuples(r) == 0)
        return NOT_FOUND;
    memset(out, 0, s->size);
    map_row(r, 0, s, db->arena, out);
    return OK;
}

enum status db_all(struct db *db, const char *sql, struct db_params params, const struct schema *s,
                   struct record_list *out)
{
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(execute(db, sql, params, &r));
    size_t count = (size_t)PQntuples(r);
    char *items = arena_alloc(db->arena, (count + 1) * s->size);
    for (size_t i = 0; i < count; i++)
        map_row(r, (int)i, s, db->arena, items + i * s->size);
    *out = (struct record_list){items, count};
    return OK;
}

enum status db_run(struct db *db, const char *sql, struct db_params params)
{
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(execute(db, sql, params, &r));
    bool touched = PQntuples(r) > 0 || strtol(PQcmdTuples(r), NULL, 10) > 0;
    return touched ? OK : NOT_FOUND;
}
