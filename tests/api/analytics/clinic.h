/* A clinic whose patients were assessed over years, and who works with its models. */
#pragma once

#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <string.h>

enum { PATIENTS = 400 };

static inline const char *account_make(const char *role, const char *specialty)
{
    const char *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, specialty, password_hash) VALUES ('%s', '%s', '%s', %s, %s)",
              id, new_name(role), role, specialty ? text_of("'%s'", specialty) : "NULL",
              strcmp(role, "client") == 0 ? "NULL" : "'-'");
    return id;
}

static const char *researcher, *neurologist, *superuser, *client;
static const char *client_id;

/* People whose scores go down by about half a point a year, three to seven visits of each, always the same ones. */
static inline void clinic_make(void)
{
    if (researcher)
        return;
    sql_value("WITH person AS (INSERT INTO users.person (id, name, status, birth_date, birth_date_estimated, mmse, sex,"
              "   schooling_years)"
              "  SELECT md5('model ' || n)::uuid, 'Model ' || n, 'patient', date '1930-01-01' + n * 29, false, 20,"
              "   (ARRAY['male', 'female', NULL])[1 + n %% 3], CASE WHEN n %% 7 > 0 THEN 6 + n %% 9 END"
              "   FROM generate_series(1, %d) n RETURNING id)"
              " INSERT INTO users.assessment (id, patient_id, assessed_on, mmse)"
              " SELECT md5(id || ' ' || v)::uuid, id, date '2008-03-01' + v * 400 + h %% 90,"
              "  greatest(0, least(30, 18 + h %% 11 - (v * (h %% 13)) / 8 + md5h %% 11 - 5))"
              "  FROM (SELECT id, v, ('x' || left(md5(id::text), 6))::bit(24)::int AS h,"
              "         ('x' || left(md5(id || ' ' || v), 6))::bit(24)::int AS md5h"
              "         FROM person, generate_series(0, 6) v) s WHERE v < 3 + h %% 5",
              PATIENTS);
    sql_value("DELETE FROM users.assessment WHERE assessed_on > '2020-01-01' AND patient_id IN"
              " (SELECT md5('model ' || n)::uuid FROM generate_series(1, %d) n)", /* the first, which came by itself */
              PATIENTS);
    researcher = token_for(account_make("researcher", NULL), "researcher", NULL);
    neurologist = token_for(account_make("healthpro", "neurologist"), "healthpro", "neurologist");
    superuser = token_for(account_make("superuser", NULL), "superuser", NULL);
    client_id = account_make("client", NULL);
    client = client_token_for(client_id, "models:write people:read");
}

static inline bool is_over(const char *token, const char *task)
{
    REPLY r = api_get(token, "%s", task);
    ck_status(&r, 200);
    return text_at(&r, "ended_at") && strcmp(text_at(&r, "ended_at"), "null") != 0;
}

/* The path of what came out. */
static inline const char *outcome_of(const char *token, const struct reply *accepted)
{
    const char *task = header_of(accepted, "Location");
    ck_assert_ptr_nonnull(task);
    WAIT_UNTIL(is_over(token, task));
    REPLY r = api_get(token, "%s", task);
    ck_reply(&r, 200, "state", "finished");
    return kept_at(&r, "result");
}
