/* Which tokens are believed while keys come and go, sessions end and the database is lost. */
#include "common/base/clock.h"
#include "common/identity/token.h"
#include "common/identity/trust.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <stdlib.h>
#include <string.h>

#define APPLICATION "test of trust"

static void trust_drop(struct trust **t)
{
    trust_stop(*t);
}
#define TRUST(variable) AUTO(trust_drop) struct trust *variable = trust_begin()

static struct trust *trust_begin(void)
{
    return trust_start(database_url("mnemos_users"), APPLICATION, "mnemos", "mnemos");
}

static bool believed(struct trust *t, const char *token)
{
    struct principal who;
    return trust_verify(t, token, &who);
}

/* A key that no service knows, for one scene. */
#define KEY(variable) AUTO(signing_key_release) struct signing_key variable = key_make()

static struct signing_key key_make(void)
{
    struct signing_key key;
    ck_assert(signing_key_generate(&key));
    return key;
}

static const char *token_of(const struct signing_key *key, const char *session_id)
{
    struct principal who = {.role = CAREGIVER, .expires = clock_now() + 3600};
    strcpy(who.account_id, new_id());
    strcpy(who.session_id, session_id);
    char *signed_token = token_sign(key, &who, "mnemos", "mnemos");
    const char *token = text_of("%s", signed_token);
    free(signed_token);
    return token;
}

START_TEST(a_key_that_is_published_later_is_believed)
{
    TRUST(t);
    KEY(key);
    const char *token = token_of(&key, new_id());
    WAIT_UNTIL(trust_ready(t));
    ck_assert(!believed(t, token));
    key_publish(&key);
    WAIT_UNTIL(believed(t, token));
    ck_assert(believed(t, AS_ADMIN));
}
END_TEST

START_TEST(a_key_that_is_withdrawn_takes_its_tokens_along)
{
    TRUST(t);
    KEY(key);
    const char *token = token_of(&key, new_id());
    key_publish(&key);
    WAIT_UNTIL(believed(t, token));
    sql_value("UPDATE auth.signing_key SET retired_at = now() WHERE id = '%s'", key.id);
    WAIT_UNTIL(!believed(t, token));
    ck_assert(believed(t, AS_ADMIN));
}
END_TEST

START_TEST(a_key_that_is_to_be_retired_is_believed_until_then)
{
    KEY(key);
    const char *token = token_of(&key, new_id());
    key_publish(&key);
    sql_value("UPDATE auth.signing_key SET retired_at = now() + interval '10 minutes' WHERE id = '%s'", key.id);
    TRUST(t);
    WAIT_UNTIL(believed(t, token));
    clock_set(time(NULL) + 660);
    ck_assert(!believed(t, token)); /* though it was remembered */
    ck_assert(believed(t, AS_ADMIN));
    clock_set(0);
}
END_TEST

static const char *session_begin(void)
{
    const char *id = new_id();
    sql_value("INSERT INTO auth.session (id, expires_at) VALUES ('%s', now() + interval '1 hour')", id);
    return id;
}

static void session_end(const char *id)
{
    sql_value("UPDATE auth.session SET ended_at = now() WHERE id = '%s'", id);
}

START_TEST(a_session_that_ends_takes_its_token_along)
{
    TRUST(t);
    KEY(key);
    key_publish(&key);
    const char *session = session_begin(), *token = token_of(&key, session);
    WAIT_UNTIL(believed(t, token));
    session_end(session);
    WAIT_UNTIL(!believed(t, token));
}
END_TEST

/* Every tenth of those sessions, their ids being the md5 of a number. */
static bool one_is_believed(struct trust *t, const struct signing_key *key, int from, int to)
{
    bool any = false;
    for (int i = from; i < to && !any; i += (to - from) / 10)
        any = believed(t, token_of(key, text_of("%s", sql_value("SELECT md5('%d')", i))));
    return any;
}

START_TEST(thousands_of_ended_sessions_are_known)
{
    KEY(key);
    key_publish(&key);
    sql_value(
        "INSERT INTO auth.session (id, expires_at, ended_at) SELECT md5(i::text)::uuid, now() + interval '1 hour',"
        " CASE WHEN i < 3000 THEN now() END FROM generate_series(0, 5999) i");
    TRUST(t);
    WAIT_UNTIL(trust_ready(t));
    ck_assert(!one_is_believed(t, &key, 0, 3000));
    ck_assert(one_is_believed(t, &key, 3000, 6000));
    sql_value("UPDATE auth.session SET ended_at = now() WHERE ended_at IS NULL");
    WAIT_UNTIL(!one_is_believed(t, &key, 3000, 6000));
    ck_assert(!one_is_believed(t, &key, 0, 3000));
    ck_assert(believed(t, token_of(&key, new_id())));
}
END_TEST

START_TEST(ended_sessions_are_forgotten_when_their_tokens_have_expired)
{
    KEY(key);
    key_publish(&key);
    sql_value("DELETE FROM auth.session"); /* a table that grows while the scene goes on is swept */
    TRUST(t);
    WAIT_UNTIL(trust_ready(t));
    sql_value("WITH begun AS (SELECT md5('early ' || i) AS id FROM generate_series(1, 600) i)"
              " SELECT pg_notify('session_ended', id || ' ' || extract(epoch FROM now())::bigint + 60) FROM begun");
    const char *early = sql_value("SELECT md5('early 600')");
    WAIT_UNTIL(!believed(t, token_of(&key, early)));
    clock_set(time(NULL) + 120);
    sql_value("SELECT pg_notify('session_ended', md5('late ' || i) || ' ' || extract(epoch FROM now())::bigint + 3600)"
              " FROM generate_series(1, 600) i");
    WAIT_UNTIL(!believed(t, token_of(&key, sql_value("SELECT md5('late 600')"))));
    ck_assert(believed(t, token_of(&key, early)));
    clock_set(0);
}
END_TEST

START_TEST(notifications_that_make_no_sense_change_nothing)
{
    TRUST(t);
    KEY(key);
    key_publish(&key);
    const char *session = session_begin(), *token = token_of(&key, session);
    WAIT_UNTIL(believed(t, token));
    static const char *const senseless[] = {"",        " ",         "nonsense",
                                            "x 99999", "%s nobody", "%s and more and more and more 1"};
    for (size_t i = 0; i < COUNT(senseless); i++)
        sql_value("SELECT pg_notify('session_ended', replace('%s', '%%s', '%s'))", senseless[i], session);
    sql_value("SELECT pg_notify('session_ended', '%s%s 9999999999')", session, session);
    const char *last = session_begin(), *its_token = token_of(&key, last);
    session_end(last);
    WAIT_UNTIL(!believed(t, its_token));
    ck_assert(believed(t, token));
}
END_TEST

START_TEST(keys_published_while_the_connection_was_down_are_learnt)
{
    TRUST(t);
    KEY(key);
    const char *token = token_of(&key, new_id());
    WAIT_UNTIL(trust_ready(t));
    database_reachable(false);
    key_publish(&key);
    ck_assert(believed(t, AS_ADMIN)); /* nobody is logged out by a database that is away */
    database_reachable(true);
    WAIT_UNTIL(believed(t, token));
}
END_TEST

START_TEST(withdrawals_while_the_connection_was_down_are_learnt)
{
    TRUST(t);
    KEY(key);
    KEY(other);
    key_publish(&key);
    key_publish(&other);
    const char *session = session_begin(), *ended = token_of(&other, session), *token = token_of(&key, new_id());
    WAIT_UNTIL(believed(t, token) && believed(t, ended));
    database_reachable(false);
    sql_value("UPDATE auth.signing_key SET retired_at = now() WHERE id = '%s'", key.id);
    session_end(session);
    ck_assert(believed(t, AS_ADMIN));
    database_reachable(true);
    WAIT_UNTIL(!believed(t, token) && !believed(t, ended));
    ck_assert(believed(t, token_of(&other, new_id())));
}
END_TEST

START_TEST(before_the_first_connection_nothing_is_believed)
{
    database_reachable(false);
    TRUST(t);
    ck_assert(!trust_ready(t));
    ck_assert(!believed(t, AS_ADMIN));
    database_reachable(true);
    WAIT_UNTIL(trust_ready(t));
    ck_assert(believed(t, AS_ADMIN));
}
END_TEST

static const char *connection_count(void)
{
    return sql_value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND application_name = '" APPLICATION "'");
}

START_TEST(a_role_that_may_not_read_the_keys_is_never_ready)
{
    sql_value("REVOKE SELECT ON auth.published_signing_key FROM mnemos_users");
    TRUST(t);
    WAIT_UNTIL(strcmp(connection_count(), "0") != 0);
    ck_assert(!trust_ready(t));
    sql_value("GRANT SELECT ON auth.published_signing_key TO mnemos_users");
    WAIT_UNTIL(trust_ready(t));
}
END_TEST

START_TEST(keys_that_cannot_be_read_for_a_while_are_read_later)
{
    TRUST(t);
    KEY(key);
    const char *token = token_of(&key, new_id());
    WAIT_UNTIL(trust_ready(t));
    sql_value("REVOKE SELECT ON auth.published_signing_key FROM mnemos_users");
    key_publish(&key);
    WAIT_UNTIL(strcmp(connection_count(), "0") == 0); /* it has noticed, and begins anew */
    ck_assert(believed(t, AS_ADMIN));
    sql_value("GRANT SELECT ON auth.published_signing_key TO mnemos_users");
    WAIT_UNTIL(believed(t, token));
}
END_TEST

START_TEST(a_token_that_is_too_long_or_of_no_key_is_not_believed)
{
    TRUST(t);
    WAIT_UNTIL(trust_ready(t));
    char *endless = calloc(1, 2 * TOKEN_SIZE_MAX);
    memset(endless, 'a', 2 * TOKEN_SIZE_MAX - 1);
    ck_assert(!believed(t, endless));
    ck_assert(!believed(t, "no token"));
    ck_assert(!believed(t, ""));
    free(endless);
}
END_TEST

int main(void)
{
    return API_TESTS(
        NULL, a_key_that_is_published_later_is_believed, a_key_that_is_withdrawn_takes_its_tokens_along,
        a_key_that_is_to_be_retired_is_believed_until_then, a_session_that_ends_takes_its_token_along,
        thousands_of_ended_sessions_are_known, ended_sessions_are_forgotten_when_their_tokens_have_expired,
        notifications_that_make_no_sense_change_nothing, keys_published_while_the_connection_was_down_are_learnt,
        withdrawals_while_the_connection_was_down_are_learnt, before_the_first_connection_nothing_is_believed,
        a_role_that_may_not_read_the_keys_is_never_ready, keys_that_cannot_be_read_for_a_while_are_read_later,
        a_token_that_is_too_long_or_of_no_key_is_not_believed);
}
