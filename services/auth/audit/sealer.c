#include "services/auth/audit/sealer.h"

#include "common/audit/chain.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/identity/secret.h"

#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    PAUSE_MS = 500,
};

static const int64_t prepare_every_us = INT64_C(900) * 1000 * 1000; /* partitions are made two months ahead */

struct sealer {
    char *url;
    unsigned char key[CHAIN_KEY_SIZE];
    int stop_fd;
    pthread_t thread;
    int64_t prepared_us; /* 0: not yet */
};

/* NULL when it failed; nothing of what PostgreSQL says about it is logged, because it may hold values. */
static PGresult *ask(PGconn *pg, const char *sql, int count, const char *const *values)
{
    PGresult *r = PQexecParams(pg, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return r;
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    log_line(LOG_WARNING, "sealing the access log failed: SQLSTATE %s", code ? code : "none, the connection broke");
    PQclear(r);
    return NULL;
}

static bool lead(PGconn *pg)
{
    AUTO(db_result_drop) PGresult *r = ask(pg, "SELECT pg_try_advisory_lock(hashtext('auth.access_seal'))", 0, NULL);
    return r && strcmp(PQgetvalue(r, 0, 0), "t") == 0;
}

static bool prepare_partitions(struct sealer *s, PGconn *pg)
{
    if (s->prepared_us && clock_monotonic_us() - s->prepared_us < prepare_every_us)
        return true;
    AUTO(db_result_drop) PGresult *r = ask(pg, "SELECT auth.access_log_prepare()", 0, NULL);
    s->prepared_us = clock_monotonic_us();
    return r != NULL;
}

enum column { NUMBER, PREVIOUS, MONTH, FIRST, END, ENTRIES, DIGESTS, SEALED_AT };

static bool keep_seal(PGconn *pg, const struct chain_batch *batch, const char *seal)
{
    static const char sql[] = "INSERT INTO auth.access_seal"
                              " (number, month, first_transaction, end_transaction, entries, digests, sealed_at, seal)"
                              " VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, decode($8, 'hex'))";
    const char *const values[] = {batch->number,  batch->month,   batch->first_transaction, batch->end_transaction,
                                  batch->entries, batch->digests, batch->sealed_at,         seal};
    AUTO(db_result_drop) PGresult *r = ask(pg, sql, COUNT(values), values);
    return r != NULL;
}

/* Batches of the same transactions, one for each month, are sealed together: the next ones begin where these end. */
static bool keep_seals(const struct sealer *s, PGconn *pg, const PGresult *batches)
{
    char seal[CHAIN_SEAL_HEX] = "";
    for (int row = 0; row < PQntuples(batches); row++) {
        const char *v[SEALED_AT + 1];
        for (int c = 0; c <= SEALED_AT; c++)
            v[c] = PQgetvalue(batches, row, c);
        char previous[CHAIN_SEAL_HEX];
        memcpy(previous, seal, sizeof previous);
        struct chain_batch batch = {
            v[NUMBER], v[MONTH], v[FIRST], v[END], v[ENTRIES], v[SEALED_AT], row == 0 ? v[PREVIOUS] : previous,
            v[DIGESTS]};
        chain_seal(s->key, &batch, seal);
        if (!keep_seal(pg, &batch, seal))
            return false;
    }
    return true;
}

static bool seal_what_came(const struct sealer *s, PGconn *pg)
{
    AUTO(db_result_drop) PGresult *batches =
        ask(pg,
            "SELECT number, previous, month, first_transaction, end_transaction, entries, digests, sealed_at"
            " FROM auth.access_log_unsealed(20000)",
            0, NULL);
    if (!batches || PQntuples(batches) == 0)
        return batches != NULL;
    AUTO(db_result_drop) PGresult *begun = ask(pg, "BEGIN", 0, NULL);
    AUTO(db_result_drop) PGresult *ended = begun && keep_seals(s, pg, batches) ? ask(pg, "COMMIT", 0, NULL) : NULL;
    return ended != NULL;
}

/* Until the connection breaks or something fails (true), or the sealer is stopped (false). */
static bool seal_on(struct sealer *s, PGconn *pg)
{
    struct pollfd stop = {.fd = s->stop_fd, .events = POLLIN};
    bool leads = false, good = PQstatus(pg) == CONNECTION_OK;
    do {
        if (good && !leads)
            leads = lead(pg);
        if (good && leads)
            good = prepare_partitions(s, pg) && seal_what_came(s, pg);
        if (poll(&stop, 1, PAUSE_MS) > 0)
            return false;
    } while (good && PQstatus(pg) == CONNECTION_OK);
    return true;
}

static void *sealer_run(void *arg)
{
    struct sealer *s = arg;
    for (bool going = true; going;) {
        PGconn *pg = db_connect(s->url, "mnemos-auth seals");
        going = seal_on(s, pg);
        PQfinish(pg);
    }
    return NULL;
}

struct sealer *sealer_start(const struct auth *auth, const char *database_url)
{
    struct sealer *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *s = (struct sealer){.url = strdup(database_url), .stop_fd = eventfd(0, EFD_CLOEXEC)};
    secret_key(auth->settings->signing_key_secret, CHAIN_PURPOSE, s->key);
    if (pthread_create(&s->thread, NULL, sealer_run, s) != 0)
        abort();
    return s;
}

void sealer_stop(struct sealer *s)
{
    if (!s)
        return;
    eventfd_write(s->stop_fd, 1);
    pthread_join(s->thread, NULL);
    close(s->stop_fd);
    sodium_memzero(s->key, sizeof s->key);
    free(s->url);
    free(s);
}
