/* Defined in the program itself, these functions come before those of the libraries, which they call. */
#include "tests/support/work.h"

#include <dlfcn.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 4096, LINE_SIZE = 4000, WHO_ASKS_PARAMS = 3, REQUEST_PARAM = 2 };

struct line {
    enum work kind;
    pthread_t thread;
    char *text;
    char *request; /* which one this thread works on from here; NULL: this does not say */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t released;
    struct line lines[LINES_MAX];
    int count, held;
    bool hold;
} work = {.lock = PTHREAD_MUTEX_INITIALIZER, .released = PTHREAD_COND_INITIALIZER};

static void note(enum work kind, const char *request, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void note(enum work kind, const char *request, const char *format, ...)
{
    char text[LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pthread_mutex_lock(&work.lock);
    if (work.count < LINES_MAX)
        work.lines[work.count++] = (struct line){kind, pthread_self(), strdup(text), request ? strdup(request) : NULL};
    pthread_mutex_unlock(&work.lock);
}

/* ---- what is looked at ---- */

#define NEXT(function) \
    __typeof__(function) *next; \
    *(void **)&next = dlsym(RTLD_NEXT, #function)

static void stand_still(void)
{
    pthread_mutex_lock(&work.lock);
    work.held += work.hold;
    while (work.hold)
        pthread_cond_wait(&work.released, &work.lock);
    pthread_mutex_unlock(&work.lock);
}

/* Algorithm, version and cost: up to the fourth dollar. */
static int cost_length(const char *hash)
{
    const char *end = hash;
    for (int dollars = 0; *end && (*end != '$' || ++dollars < 4); end++)
        continue;
    return (int)(end - hash);
}

int crypto_pwhash_str_verify(const char hash[crypto_pwhash_STRBYTES], const char *const password,
                             unsigned long long size)
{
    NEXT(crypto_pwhash_str_verify);
    note(HASHED, NULL, "%.*s", cost_length(hash), hash);
    stand_still();
    return next(hash, password, size);
}

/* A statement's name is the address of its text (common/database/db.c). */
static const char *statement_named(const char *name)
{
    return (const char *)(uintptr_t)strtoull(name + 1, NULL, 16);
}

static PGresult *noted(PGresult *r)
{
    if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
        note(FOUND, NULL, "%d rows, %s written", PQntuples(r), PQcmdTuples(r));
    return r;
}

PGresult *PQexecPrepared(PGconn *pg, const char *name, int count, const char *const *values, const int *lengths,
                         const int *formats, int result_format)
{
    NEXT(PQexecPrepared);
    note(SENT, NULL, "%s", statement_named(name));
    return noted(next(pg, name, count, values, lengths, formats, result_format));
}

int PQsendQueryPrepared(PGconn *pg, const char *name, int count, const char *const *values, const int *lengths,
                        const int *formats, int result_format)
{
    NEXT(PQsendQueryPrepared);
    const char *sql = statement_named(name);
    bool who_asks = count == WHO_ASKS_PARAMS && strncmp(sql, "SELECT set_config", 17) == 0;
    note(SENT, who_asks ? values[REQUEST_PARAM] : NULL, "%s", sql);
    return next(pg, name, count, values, lengths, formats, result_format);
}

PGresult *PQgetResult(PGconn *pg)
{
    NEXT(PQgetResult);
    PGresult *r = next(pg);
    return PQpipelineStatus(pg) == PQ_PIPELINE_OFF ? r : noted(r); /* otherwise PQexecPrepared has asked */
}

/* ---- what is told ---- */

void work_forget(void)
{
    pthread_mutex_lock(&work.lock);
    while (work.count > 0) {
        free(work.lines[--work.count].text);
        free(work.lines[work.count].request);
    }
    pthread_mutex_unlock(&work.lock);
}

/* A thread works on one request until its reply has left. NULL: nothing was done for it. */
static const pthread_t *thread_of(const struct reply *r)
{
    const char *id = header_of(r, "X-Request-Id");
    for (int i = 0; id && i < work.count; i++)
        if (work.lines[i].request && strstr(work.lines[i].request, id))
            return &work.lines[i].thread;
    return NULL;
}

const char *work_of(const struct reply *r, int kinds)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    pthread_mutex_lock(&work.lock);
    const pthread_t *thread = r ? thread_of(r) : NULL;
    for (int i = 0; i < work.count && (thread || !r); i++)
        if ((work.lines[i].kind & kinds) && (!thread || pthread_equal(work.lines[i].thread, *thread)))
            fprintf(to, "%s\n", work.lines[i].text);
    pthread_mutex_unlock(&work.lock);
    fclose(to);
    ck_assert_msg(thread || !r, "nothing was done for that request");
    const char *told = text_of("%s", text);
    free(text);
    return told;
}

void work_hold(bool hold)
{
    pthread_mutex_lock(&work.lock);
    work.hold = hold;
    work.held = 0;
    pthread_cond_broadcast(&work.released);
    pthread_mutex_unlock(&work.lock);
}

int work_held(void)
{
    pthread_mutex_lock(&work.lock);
    int held = work.held;
    pthread_mutex_unlock(&work.lock);
    return held;
}
