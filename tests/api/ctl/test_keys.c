/* Signing keys that are rotated, waited for and retired. */
#include "common/identity/token.h"
#include "services/users/users.h"
#include "tests/api/auth/accounts.h"
#include "tests/api/ctl/mnemosctl.h"

#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* The key that a login's token is signed with. */
static const char *signs_now(const char *name)
{
    char id[KEY_ID_SIZE];
    ck_assert(token_key_id(token_of(name), id));
    return text_of("%s", id);
}

static struct outcome rotate(const char *after)
{
    return CTL("rotate-keys", "--after", after);
}

/* The id that a rotation has printed. */
static const char *rotated(const char *after)
{
    struct outcome o = rotate(after);
    ck_done(o);
    return text_of("%.*s", (int)strcspn(o.said, " "), o.said);
}

static bool published(const char *id)
{
    REPLY r = api_get(ANONYMOUSLY, "/.well-known/jwks.json");
    return strstr(r.body, id) != NULL;
}

/* The time of every key has come, by whatever clock: those of processors differ. */
static void key_time_comes(void)
{
    sql_value("UPDATE auth.signing_key SET use_from = least(use_from, now()) - interval '1 minute'");
}

/* Rotated, and no moment is left between. */
static const char *rotated_at_once(void)
{
    const char *id = rotated("0");
    key_time_comes();
    return id;
}

/* Each scene begins with the test's own key and one that auth has made. */
static void begin(void)
{
    sql_value("DELETE FROM auth.signing_key WHERE private_key_sealed <> ''");
    signs_now(({
        const char *name = new_neurologist();
        WAIT_UNTIL(({
            REPLY r = login(name, PASSWORD);
            r.status == 200;
        }));
        name;
    }));
    key_time_comes();
}

START_TEST(a_new_key_is_published_at_once_and_used_when_its_time_has_come)
{
    begin();
    const char *name = new_neurologist(), *old = signs_now(name), *new = rotated("600");
    ck_assert_str_ne(old, new);
    ck_assert(published(old) && published(new));
    ck_assert_str_eq(signs_now(name), old);
    int auth = api_open(&auth_service), users = api_open(&users_service);
    api_use(auth);
    const char *former = token_of(name);
    key_time_comes();
    WAIT_UNTIL(strcmp(signs_now(name), new) == 0);
    const char *tokens[] = {former, token_of(name)};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        ck_assert(!refused_at(users, "/api/v1/users", tokens[i]));
        ck_assert(!refused_at(auth, "/api/v1/auth/me", tokens[i]));
    }
}
END_TEST

START_TEST(former_keys_are_believed_until_their_last_token_has_expired)
{
    begin();
    const char *old = signs_now(new_neurologist()), *new = rotated("600");
    ck_assert_str_eq(sql_value("SELECT round(extract(epoch FROM o.retired_at - n.use_from)) FROM auth.signing_key o,"
                               " auth.signing_key n WHERE o.id = '%s' AND n.id = '%s'",
                               old, new),
                     "90000");
}
END_TEST

START_TEST(the_time_of_a_key_comes_without_another_word)
{
    begin();
    const char *name = new_neurologist(), *new = rotated("1");
    WAIT_UNTIL(strcmp(signs_now(name), new) == 0);
}
END_TEST

START_TEST(the_default_leaves_time_for_a_key_set_that_was_kept)
{
    begin();
    const char *before = clock_before();
    ck_done(CTL("rotate-keys"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.signing_key WHERE use_from - interval '330 seconds'"
                               " BETWEEN '%s' AND " CLOCK_NOW,
                               before),
                     "1");
}
END_TEST

START_TEST(the_list_says_what_each_key_is_for)
{
    begin();
    const char *old = signs_now(new_neurologist()), *new = rotated("600");
    struct outcome o = CTL("rotate-keys", "--list");
    ck_done(o);
    ck_assert_msg(strstr(o.said, text_of("%s  waits", new)) && strstr(o.said, text_of("%s  signs", old)), "%s", o.said);
    ck_assert_ptr_null(strstr(o.said, "PRIVATE"));
}
END_TEST

START_TEST(a_key_that_waits_is_the_only_one_and_can_be_taken_back)
{
    begin();
    const char *old = signs_now(new_neurologist()), *new = rotated("600");
    ck_refused(rotate("0"), text_of("The key %s is published already", new));
    ck_done(CTL("rotate-keys", "--retire", new));
    WAIT_UNTIL(!published(new)); /* by the clock of another processor, perhaps */
    ck_assert_ptr_null(sql_value("SELECT retired_at FROM auth.signing_key WHERE id = '%s'", old));
    ck_assert_str_eq(signs_now(new_neurologist()), old);
}
END_TEST

START_TEST(a_retired_key_takes_its_tokens_along_in_every_service)
{
    begin();
    const char *name = new_neurologist(), *old = signs_now(name), *former = token_of(name);
    int auth = api_open(&auth_service), users = api_open(&users_service);
    api_use(auth);
    ck_refused(CTL("rotate-keys", "--retire", old), "rotate first");
    const char *new = rotated_at_once();
    WAIT_UNTIL(strcmp(signs_now(name), new) == 0);
    const char *present = token_of(name);
    WAIT_UNTIL(!refused_at(users, "/api/v1/users", present));
    ck_done(CTL("rotate-keys", "--retire", old));
    WAIT_UNTIL(refused_at(users, "/api/v1/users", former) && refused_at(auth, "/api/v1/auth/me", former));
    ck_assert(!refused_at(users, "/api/v1/users", present) && !refused_at(auth, "/api/v1/auth/me", present));
    WAIT_UNTIL(!published(old));
    ck_assert(published(new));
    ck_refused(CTL("rotate-keys", "--retire", old), "No key of that id is believed");
    ck_refused(CTL("rotate-keys", "--retire", "x' OR ''='"), "No key of that id is believed");
}
END_TEST

START_TEST(a_restarted_auth_signs_with_the_key_of_the_time)
{
    begin();
    const char *name = new_neurologist(), *new = rotated_at_once();
    rotated("3600");
    api_restart(&auth_service);
    WAIT_UNTIL(strcmp(signs_now(name), new) == 0);
}
END_TEST

START_TEST(no_more_keys_than_services_hold)
{
    begin();
    sql_value(
        "INSERT INTO auth.signing_key (id, public_key, private_key_sealed, use_from) SELECT 'filler ' || i, '', 'x',"
        " now() - interval '1 day' FROM generate_series(1, %d - (SELECT count(*) FROM auth.signing_key)) i",
        SIGNING_KEYS_MAX);
    ck_refused(rotate("0"), "16 keys are believed, as many as services hold");
    sql_value("UPDATE auth.signing_key SET retired_at = now() - interval '1 minute' WHERE id = 'filler 1'");
    rotated_at_once();
    sql_value("UPDATE auth.signing_key SET retired_at = now() - interval '31 days' WHERE id LIKE 'filler %%'");
    ck_done(rotate("0"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.signing_key WHERE id LIKE 'filler %%'"), "0");
}
END_TEST

START_TEST(another_secret_than_auths_seals_nothing)
{
    begin();
    const char *before = sql_value("SELECT count(*) FROM auth.signing_key");
    setenv("SIGNING_KEY_SECRET", "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 1);
    ck_refused(rotate("0"), "it is not that of auth");
    setenv("SIGNING_KEY_SECRET", "short", 1);
    ck_refused(rotate("0"), "must be the 64 hexadecimal digits");
    unsetenv("SIGNING_KEY_SECRET");
    ck_refused(rotate("0"), "must be the 64 hexadecimal digits");
    setenv("SIGNING_KEY_SECRET", SECRET, 1);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.signing_key"), before);
    ck_refused(rotate("86401"), "--after must be a whole number from 0 to 86400");
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_new_key_is_published_at_once_and_used_when_its_time_has_come,
                     former_keys_are_believed_until_their_last_token_has_expired,
                     the_time_of_a_key_comes_without_another_word, the_default_leaves_time_for_a_key_set_that_was_kept,
                     the_list_says_what_each_key_is_for, a_key_that_waits_is_the_only_one_and_can_be_taken_back,
                     a_retired_key_takes_its_tokens_along_in_every_service,
                     a_restarted_auth_signs_with_the_key_of_the_time, no_more_keys_than_services_hold,
                     another_secret_than_auths_seals_nothing);
}
