/* PostgreSQL: a fixed pool of connections, statements prepared on first use, rows mapped by schemas.
 *
 * A statement is one round trip. Its text must be a static string: its address is the key of the prepared statement.
 * Values travel as parameters, always. A connection that broke is replaced before its next use; after a failed connect
 * all statements answer UNAVAILABLE at once for half a second, so a lost database never ties up threads. */
#pragma once

#include "common/record/field.h"

#include <libpq-fe.h>

/* The answer to the caller when a constraint of the schema is violated. */
struct constraint {
    const char *name;
    enum status status;
    const char *member;
    const char *sentence;
};

struct db_pool;

struct db_pool *db_pool_new(const char *url, const char *application, int size, const struct constraint *constraints);
void db_pool_drop(struct db_pool *pool);

struct db_pool_state {
    int size, open, busy;
    uint64_t waits; /* how often a thread had to wait for a connection */
};
struct db_pool_state db_pool_state(struct db_pool *pool);

/* The actor of statements. PostgreSQL is told in the same round trip and for that transaction only; row-level security
 * and the access log depend on it. */
struct db_actor {
    const char *role, *account_id; /* "" for an anonymous caller */
    const char *request;           /* action, id and address of the request, separated by spaces */
    bool reads;                    /* changes nothing: its entry in the access log need not be waited for */
};

/* One request's use of the pool. It takes a connection with its first statement and keeps it until db_done. */
struct db {
    struct db_pool *pool;
    struct db_connection *connection;
    struct arena *arena;
    struct problem *why;
    const struct db_actor *actor; /* NULL: none, and PostgreSQL shows no person */
    int depth;                    /* of db_begin */
};
void db_done(struct db *db);

/* The means for statements outside of a request: memory, a place for refusals and the use of the pool. It must not be
 * moved, because its parts point to each other. */
struct db_errand {
    struct arena arena;
    struct problem why;
    struct db db;
};
void db_errand_begin(struct db_errand *e, struct db_pool *pool);
void db_errand_end(struct db_errand *e);

/* Several statements as one transaction. Without an OK of db_commit before db_done it has not happened; if the
 * connection broke during the commit, its outcome is unknown. Pairs may be nested; the outermost counts. */
enum status db_begin(struct db *db);
enum status db_commit(struct db *db);

/* The values for $1, $2...: text, NULL for NULL. */
struct db_params {
    int count;
    const char *const *values;
};
#define PARAMS(...) \
    ((struct db_params){(int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)), \
                        (const char *const[]){__VA_ARGS__}})
#define NO_PARAMS ((struct db_params){0, NULL})

/* Values as text; NULL when not known. */
const char *db_number(struct db *db, int64_t value);
const char *db_integer(struct db *db, struct maybe_integer value);
const char *db_real(struct db *db, struct maybe_real value);
const char *db_boolean(struct maybe_boolean value);

/* The first row; NOT_FOUND when there is none (nothing is noted: the caller knows what it looked for). */
enum status db_one(struct db *db, const char *sql, struct db_params params, const struct schema *s, void *out);

/* All rows; an empty list is OK. */
enum status db_all(struct db *db, const char *sql, struct db_params params, const struct schema *s,
                   struct record_list *out);

/* For statements without a result; NOT_FOUND when no row was touched. */
enum status db_run(struct db *db, const char *sql, struct db_params params);

/* Connects with the time-outs and session settings that every connection of the suite has. Never NULL; ask PQstatus. */
PGconn *db_connect(const char *url, const char *application);

/* For AUTO. */
void db_result_drop(PGresult **r);
