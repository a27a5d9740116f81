/* New installations: the first superuser, and demonstrations that are not meant to be real. */
#include "tests/api/auth/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_first_superuser(const char *name, const char *password)
{
    setenv("FIRST_SUPERUSER", name, 1);
    setenv("FIRST_SUPERUSER_PASSWORD", password, 1);
}

static void clear_settings(void)
{
    unsetenv("FIRST_SUPERUSER");
    unsetenv("FIRST_SUPERUSER_PASSWORD");
    unsetenv("DEMO");
    unsetenv("LOGIN_BY_QUERY");
}

/* The program as an operator starts it; its settings must not be those of the service in this process. */
static bool succeeds(const char *option, const char *sentence)
{
    char said[4096];
    FILE *program = popen(text_of("OPS_PORT=0 timeout %d '" BIN_DIR "/mnemos-auth' %s 2>&1", WAIT_MAX_S, option), "r");
    size_t size = fread(said, 1, sizeof said - 1, program);
    said[size] = '\0';
    bool good = pclose(program) == 0;
    ck_assert_msg(!sentence || strstr(said, sentence), R"("%s" is not in "%s")", sentence, said);
    return good;
}

static bool good_settings(void)
{
    return succeeds("--check-settings", NULL);
}

START_TEST(the_first_superuser_comes_from_the_settings_while_there_is_none)
{
    const char *name = new_name("Founder"), *second = new_name("Second");
    sql_value("ALTER TABLE auth.account DISABLE TRIGGER keep_a_superuser_deleted");
    sql_value("DELETE FROM auth.account WHERE role = 'superuser'");
    sql_value("ALTER TABLE auth.account ENABLE TRIGGER keep_a_superuser_deleted");
    set_first_superuser(name, PASSWORD);
    api_restart(&auth_service);
    REPLY founder = login(name, PASSWORD);
    ck_reply(&founder, 200, "/account/role", "superuser");
    set_first_superuser(second, PASSWORD);
    api_restart(&auth_service);
    REPLY late = login(second, PASSWORD);
    ck_status(&late, 401);
    clear_settings();
    api_restart(&auth_service);
    REPLY still = login(name, PASSWORD);
    ck_status(&still, 200);
}
END_TEST

START_TEST(a_first_superuser_needs_a_name_and_a_good_password)
{
    set_first_superuser("Somebody", "short");
    ck_assert(!good_settings());
    set_first_superuser("Somebody", "");
    ck_assert(!good_settings());
    set_first_superuser("", PASSWORD);
    ck_assert(!good_settings());
    set_first_superuser("Some\nbody", PASSWORD);
    ck_assert(!good_settings());
    set_first_superuser("Somebody", PASSWORD);
    ck_assert(good_settings());
    clear_settings();
}
END_TEST

START_TEST(logging_in_by_query_is_for_demonstrations_only)
{
    setenv("LOGIN_BY_QUERY", "on", 1);
    ck_assert(!good_settings());
    setenv("DEMO", "on", 1);
    ck_assert(good_settings());
    clear_settings();
}
END_TEST

START_TEST(invented_people_are_served_in_a_demonstration_only)
{
    const char *name = new_name("Invented");
    make_account(name, "caregiver", NULL);
    sql_value("INSERT INTO auth.demonstration DEFAULT VALUES");
    ck_assert(!succeeds("", "holds invented people who share one password"));
    setenv("DEMO", "on", 1);
    api_restart(&auth_service);
    REPLY r = login(name, PASSWORD);
    ck_status(&r, 200);
    clear_settings();
    sql_value("DELETE FROM auth.demonstration");
    api_restart(&auth_service);
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, the_first_superuser_comes_from_the_settings_while_there_is_none,
                     a_first_superuser_needs_a_name_and_a_good_password, logging_in_by_query_is_for_demonstrations_only,
                     invented_people_are_served_in_a_demonstration_only);
}
