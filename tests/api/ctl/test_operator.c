/* The commands of mnemosctl that are not about the population. */
#include "tests/api/ctl/mnemosctl.h"
#include "tests/services.h"

#include <strings.h>

#define PASSWORD "the admin's password"

START_TEST(create_admin_reads_the_password_from_standard_input)
{
    const char *name = new_name("Grace");
    ck_done(CTL_TYPED(PASSWORD "\n", "create-admin", name));
    ck_assert(opens(name, PASSWORD));
    ck_assert_str_eq(sql_value("SELECT role FROM auth.account WHERE name = '%s'", name), "admin");
}
END_TEST

START_TEST(reset_second_factor_lets_a_lone_superuser_in_again)
{
    const char *name = new_name("Lone"), *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES ('%s', '%s', 'superuser', '-')", id,
              name);
    sql_value("INSERT INTO auth.session (id, account_id, expires_at) VALUES ('%s', '%s', now() + interval '1 hour')",
              new_id(), id);
    ck_refused(CTL("reset-second-factor", name), "Nobody of that name has a second factor");
    sql_value("INSERT INTO auth.second_factor (id, secret_sealed, confirmed_at) VALUES ('%s', '', now())", id);
    ck_done(CTL("reset-second-factor", name));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.second_factor WHERE id = '%s'", id), "0");
    ck_assert_str_eq(sql_value("SELECT bool_and(ended_at IS NOT NULL) FROM auth.session WHERE account_id = '%s'", id),
                     "t");
    ck_assert_str_eq(
        sql_value("SELECT action FROM auth.access_log WHERE subject_id = '%s' AND object = 'second_factor'", id),
        "second_factor.delete");
    ck_refused(CTL("reset-second-factor"), "Name the account");
}
END_TEST

START_TEST(create_admin_makes_superusers_too)
{
    const char *name = new_name("Root");
    ck_done(CTL_TYPED(PASSWORD, "create-admin", "--superuser", name));
    ck_assert_str_eq(sql_value("SELECT role FROM auth.account WHERE name = '%s'", name), "superuser");
}
END_TEST

START_TEST(create_admin_counts_the_password_in_characters)
{
    ck_refused(CTL_TYPED("elevenchars\n", "create-admin", new_name("Ada")), "12 to 128 characters");
    ck_refused(CTL_TYPED("\n", "create-admin", new_name("Ada")), "12 to 128 characters");
    ck_refused(CTL_TYPED("éééééé\n", "create-admin", new_name("Ada")), "12 to 128 characters");
    ck_done(CTL_TYPED("été à la mer\n", "create-admin", new_name("Ada")));
}
END_TEST

START_TEST(create_admin_refuses_a_password_that_is_guessed_early)
{
    ck_refused(CTL_TYPED("administrator\n", "create-admin", new_name("Ada")), "is a common word or a pattern");
    ck_refused(CTL_TYPED("so it is magdalena\n", "create-admin", "Magdalena Admin"), "holds a part of the name");
}
END_TEST

START_TEST(create_admin_refuses_a_name_that_is_taken_in_any_case)
{
    ck_done(CTL_TYPED(PASSWORD, "create-admin", "Élodie Claire"));
    ck_refused(CTL_TYPED(PASSWORD, "create-admin", "ÉLODIE claire"), "An account of that name is already there");
}
END_TEST

START_TEST(create_admin_refuses_names_that_are_none)
{
    char long_name[82] = {0};
    memset(long_name, 'n', 81);
    ck_refused(CTL_TYPED(PASSWORD, "create-admin"), "Say the administrator's name");
    ck_refused(CTL_TYPED(PASSWORD, "create-admin", ""), "1 to 80 characters");
    ck_refused(CTL_TYPED(PASSWORD, "create-admin", long_name), "1 to 80 characters");
    ck_refused(CTL_TYPED(PASSWORD, "create-admin", "a\nb"), "1 to 80 characters");
    ck_refused(CTL_TYPED(PASSWORD, "create-admin", "\xff"), "1 to 80 characters");
    ck_refused(CTL_TYPED(PASSWORD, "create-admin", "a", "b"), "'b' is one argument too many.");
}
END_TEST

START_TEST(create_admin_takes_names_with_quotes)
{
    ck_done(CTL_TYPED(PASSWORD, "create-admin", R"(O'Neill "\; DROP)"));
    ck_assert_str_eq(sql_value("SELECT role FROM auth.account WHERE name = 'O''Neill \"\\; DROP'"), "admin");
}
END_TEST

static const char *document_file(const char *service)
{
    const char *path = text_of("/tmp/mnemos-test-%s-%d.json", service, (int)getpid());
    ck_assert_int_eq(system(text_of("'%s/mnemos-%s' --openapi > '%s'", BIN_DIR, service, path)), 0);
    return path;
}

/* The document of all services. */
static const char *merged_file(void)
{
    const char *merged = text_of("/tmp/mnemos-test-merged-%d.json", (int)getpid()), *files = "";
    for (size_t i = 0; i < COUNT(services); i++)
        files = text_of("%s %s", files, document_file(services[i]->name));
    ck_assert_int_eq(system(text_of("'%s/mnemosctl' merge-openapi%s > %s && rm%s", BIN_DIR, files, merged, files)), 0);
    return merged;
}

START_TEST(merge_openapi_unites_the_services)
{
    const char *merged = merged_file();
    size_t paths = 0;
    for (size_t i = 0; i < COUNT(services); i++) {
        const char *path = document_file(services[i]->name);
        json_auto_t *one = json_load_file(path, 0, NULL);
        paths += json_object_size(json_object_get(one, "paths"));
        unlink(path);
    }
    json_auto_t *whole = json_load_file(merged, 0, NULL);
    ck_assert_uint_eq(json_object_size(json_object_get(whole, "paths")), paths);
    ck_assert_uint_eq(json_array_size(json_object_get(whole, "tags")), COUNT(services));
    unlink(merged);
}
END_TEST

/* Is the operation in the resource? It must be below the resource's path. */
static bool has_operation(const json_t *resource, const char *method, const char *path)
{
    size_t i;
    json_t *o;
    const char *of = json_string_value(json_object_get(resource, "path"));
    json_array_foreach(json_object_get(resource, "operations"), i, o)
    {
        if (strcasecmp(json_string_value(json_object_get(o, "method")), method) != 0 ||
            strcmp(json_string_value(json_object_get(o, "path")), path) != 0)
            continue;
        ck_assert_msg(strncmp(path, of, strlen(of)) == 0 && strchr("/", path[strlen(of)]), "%s in %s", path, of);
        return true;
    }
    return false;
}

static void ck_listed_once(const json_t *index, const char *method, const char *path)
{
    int times = 0;
    size_t i, k;
    json_t *service, *resource;
    json_array_foreach(index, i, service)
    {
        json_array_foreach(json_object_get(service, "resources"), k, resource)
        {
            times += has_operation(resource, method, path);
        }
    }
    ck_assert_msg(times == 1, "%s %s is listed %d times", method, path, times);
}

START_TEST(index_openapi_lists_every_operation_once)
{
    const char *merged = merged_file(), *path, *method;
    const char *made = text_of("/tmp/mnemos-test-index-%d.json", (int)getpid());
    ck_assert_int_eq(system(text_of("'%s/mnemosctl' index-openapi %s > %s", BIN_DIR, merged, made)), 0);
    json_auto_t *whole = json_load_file(merged, 0, NULL), *index = json_load_file(made, 0, NULL);
    ck_assert_uint_eq(json_array_size(index), COUNT(services));
    json_t *item, *operation;
    json_object_foreach(json_object_get(whole, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            ck_listed_once(index, method, path);
        }
    }
    struct outcome page = CTL("index-openapi", "--html", merged);
    ck_done(page);
    ck_assert_ptr_nonnull(strstr(page.said, "<h3>imaging</h3>"));
    ck_assert_ptr_nonnull(strstr(page.said, "<code>GET /api/v1/tumours/{tumour_id}</code>"));
    unlink(merged);
    unlink(made);
}
END_TEST

START_TEST(index_openapi_refuses_what_is_no_document)
{
    ck_refused(CTL("index-openapi"), "Say which document");
    ck_refused(CTL("index-openapi", "/nowhere/at/all"), "cannot be read: No such file");
    ck_refused(CTL("index-openapi", "--pdf", "x"), "'--pdf' is no option of this command");
    ck_refused(CTL("index-openapi", "--html", PROJECT_DIR "/CMakePresets.json"), "is no OpenAPI 3.1 document");
}
END_TEST

START_TEST(merge_openapi_refuses_what_is_no_document)
{
    ck_refused(CTL("merge-openapi"), "Say which documents");
    ck_refused(CTL("merge-openapi", "/nowhere/at/all"), "cannot be read: No such file");
    ck_refused(CTL("merge-openapi", PROJECT_DIR "/CMakePresets.json"), "is no OpenAPI 3.1 document");
    ck_refused(CTL("merge-openapi", PROJECT_DIR "/LICENSE"), "is no JSON");
}
END_TEST

START_TEST(check_settings_asks_every_service)
{
    setenv("SIGNING_KEY_SECRET", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 1);
    struct outcome o = CTL("check-settings");
    ck_done(o);
    ck_assert(strstr(o.said, "auth: good\n") && strstr(o.said, "imaging: good\n"));
    unsetenv("SIGNING_KEY_SECRET");
    ck_refused(CTL("check-settings"), "auth:\n    SIGNING_KEY_SECRET is required");
    ck_done(CTL("check-settings", "users"));
}
END_TEST

START_TEST(check_settings_says_what_is_wrong_with_one)
{
    setenv("DRAIN_SECONDS", "soon", 1);
    ck_refused(CTL("check-settings", "users"), "DRAIN_SECONDS must be a whole number from 0 to 300");
    unsetenv("DRAIN_SECONDS");
    setenv("TRUSTED_PROXY", "fd00::/8 ::1/129", 1);
    ck_refused(CTL("check-settings", "users"), "TRUSTED_PROXY must be addresses or networks");
    unsetenv("TRUSTED_PROXY");
    ck_refused(CTL("check-settings", "nobody"), "There is no mnemos-nobody");
    ck_refused(CTL("check-settings", "../mnemosctl"), "There is no mnemos-../mnemosctl");
}
END_TEST

START_TEST(a_database_that_is_not_there_gets_a_sentence)
{
    struct outcome o;
    const char *own = text_of("DATABASE_URL='host=/nowhere' '%s/mnemosctl' generate 2>&1", BIN_DIR);
    FILE *pipe = popen(own, "re");
    o.said[fread(o.said, 1, sizeof o.said - 1, pipe)] = '\0';
    ck_assert_int_ne(pclose(pipe), 0);
    ck_assert_msg(strstr(o.said, "The database of DATABASE_URL cannot be reached"), "%s", o.said);
}
END_TEST

START_TEST(calibrate_passwords_recommends_settings_that_are_taken)
{
    struct outcome o = CTL("calibrate-passwords", "--target-ms", "1", "--memory-mib=19");
    ck_done(o);
    ck_assert_msg(strstr(o.said, "Even the least that is safe") && strstr(o.said, "PASSWORD_HASH_MIB=19\n") &&
                      strstr(o.said, "PASSWORD_HASH_PASSES=2\n") && strstr(o.said, "PASSWORD_MEMORY_MIB=76\n"),
                  "%s", o.said);
    ck_refused(CTL("calibrate-passwords", "--memory-mib", "18"), "--memory-mib must be a whole number from 19 to 1024");
}
END_TEST

START_TEST(accounts_are_made_at_the_cost_of_the_settings)
{
    const char *name = new_name("Dear");
    setenv("PASSWORD_HASH_MIB", "20", 1);
    setenv("PASSWORD_HASH_PASSES", "3", 1);
    ck_done(CTL_TYPED(PASSWORD "\n", "create-admin", name));
    setenv("PASSWORD_HASH_MIB", "18", 1);
    ck_refused(CTL("check-settings", "users"), "PASSWORD_HASH_MIB must be a whole number from 19 to 1024");
    unsetenv("PASSWORD_HASH_MIB");
    unsetenv("PASSWORD_HASH_PASSES");
    ck_assert(opens(name, PASSWORD));
    ck_assert_ptr_nonnull(
        strstr(sql_value("SELECT password_hash FROM auth.account WHERE name = '%s'", name), "$m=20480,t=3,p=1$"));
}
END_TEST

START_TEST(help_lists_the_commands)
{
    struct outcome o = CTL("help");
    ck_done(o);
    static const char *const commands[] = {"generate",      "rebuild",       "create-admin",       "check-settings",
                                           "merge-openapi", "index-openapi", "calibrate-passwords"};
    for (size_t i = 0; i < COUNT(commands); i++)
        ck_assert_msg(strstr(o.said, commands[i]), "%s", commands[i]);
    ck_done(CTL("--help"));
    ck_done(CTL("generate", "--help"));
    ck_assert(strstr(CTL("--version").said, "mnemosctl " MNEMOS_VERSION));
    ck_refused(ctl_run((const char *const[]){NULL}, ""), "Say what to do");
    ck_refused(CTL("dance"), "There is no command 'dance'");
}
END_TEST

START_TEST(the_readme_lists_the_settings)
{
    static char readme[64 * 1024];
    FILE *file = fopen(PROJECT_DIR "/services/ctl/README.md", "re");
    readme[fread(readme, 1, sizeof readme - 1, file)] = '\0';
    fclose(file);
    ck_assert(strstr(readme, CTL("--settings").said));
}
END_TEST

int main(void)
{
    return API_TESTS(
        NULL, create_admin_reads_the_password_from_standard_input, create_admin_makes_superusers_too,
        reset_second_factor_lets_a_lone_superuser_in_again, create_admin_counts_the_password_in_characters,
        create_admin_refuses_a_password_that_is_guessed_early, create_admin_refuses_a_name_that_is_taken_in_any_case,
        create_admin_refuses_names_that_are_none, create_admin_takes_names_with_quotes,
        merge_openapi_unites_the_services, merge_openapi_refuses_what_is_no_document,
        index_openapi_lists_every_operation_once, index_openapi_refuses_what_is_no_document,
        check_settings_asks_every_service, check_settings_says_what_is_wrong_with_one,
        a_database_that_is_not_there_gets_a_sentence, calibrate_passwords_recommends_settings_that_are_taken,
        accounts_are_made_at_the_cost_of_the_settings, help_lists_the_commands, the_readme_lists_the_settings);
}
