/* Shared by the tests of accounts. */
#pragma once

#include "services/auth/auth.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <string.h>

#define PASSWORD "correct horse battery"

enum { FREE_FAILURES = 5 };

/* An account of that role with PASSWORD, or none for a client; its id. */
static inline const char *make_account(const char *name, const char *role, const char *specialty)
{
    static char hash[PASSWORD_HASH_SIZE];
    if (!hash[0]) {
        struct arena arena = {0};
        struct problem why;
        problem_reset(&why, &arena);
        struct password_gate *gate = password_gate_new(&PASSWORD_COST_DEFAULT, PASSWORD_HASH_MIB, 0);
        ck_assert_int_eq(password_hash(gate, PASSWORD, hash, &why), OK);
        password_gate_drop(gate);
        arena_release(&arena);
    }
    const char *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, specialty, password_hash) VALUES ('%s', '%s', '%s', %s, %s)",
              id, name, role, specialty ? text_of("'%s'", specialty) : "NULL",
              strcmp(role, "client") == 0 ? "NULL" : text_of("'%s'", hash));
    return id;
}

static inline const char *new_neurologist(void) /* the name of the account */
{
    const char *name = new_name("Neurologist");
    make_account(name, "healthpro", "neurologist");
    return name;
}

/* As if that much time had gone by since all failed logins, and a minute: the clocks of processors differ. */
static inline void failures_age(const char *interval)
{
    sql_value("UPDATE auth.failed_login SET failed_at = failed_at - interval '%s' - interval '1 minute'", interval);
}

/* As if what has just gone beyond the free failures had failed so often that the wait outlasts any test. */
static inline void failures_multiply(void)
{
    sql_value("UPDATE auth.failed_login SET failures = 50 WHERE failures = %d", FREE_FAILURES + 1);
}

static inline struct reply login(const char *name, const char *password)
{
    return api_post(ANONYMOUSLY, "/api/v1/auth/login", R"({"name": "%s", "password": "%s"})", name, password);
}

static inline const char *token_of(const char *name)
{
    REPLY r = login(name, PASSWORD);
    ck_reply(&r, 200, "token_type", "Bearer");
    return kept_at(&r, "access_token");
}

static inline bool refused_at(int port, const char *path, const char *token)
{
    REPLY r = api_call((struct call){.method = "GET", .token = token, .path = path, .port = port});
    return r.status == 401;
}
