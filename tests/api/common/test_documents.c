/* The documents say what the programs say. */
#include "tests/services.h"
#include "tests/support/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *content_of(FILE *f)
{
    char *text = NULL;
    size_t size = 0;
    ck_assert_ptr_nonnull(f);
    ssize_t length = getdelim(&text, &size, '\0', f);
    return length > 0 ? text : strdup("");
}

static char *output_of(const char *service, const char *option)
{
    FILE *f = popen(text_of("'%s/mnemos-%s' %s", BIN_DIR, service, option), "r");
    char *text = content_of(f);
    ck_assert_int_eq(pclose(f), 0);
    return text;
}

static char *content_of_file(const char *path)
{
    FILE *f = fopen(text_of("%s/%s", PROJECT_DIR, path), "r");
    char *text = content_of(f);
    fclose(f);
    return text;
}

static char *readme_of(const char *service)
{
    return content_of_file(text_of("services/%s/README.md", service));
}

static void ck_lines_are_in(const char *service, const char *program, const char *option)
{
    char *readme = readme_of(service), *table = output_of(program, option), *rest;
    for (char *line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        ck_assert_msg(strstr(readme, line) != NULL, "services/%s/README.md lacks this line of mnemos-%s %s:\n%s",
                      service, program, option, line);
    free(table);
    free(readme);
}

START_TEST(the_readme_of_each_service_has_its_routes_and_settings)
{
    size_t workers = 0;
    for (size_t i = 0; i < COUNT(services); i++) {
        const char *name = services[i]->name, *worker = text_of("%s-worker", name);
        ck_lines_are_in(name, name, "--routes");
        ck_lines_are_in(name, name, "--settings");
        if (access(text_of("%s/mnemos-%s", BIN_DIR, worker), X_OK) == 0)
            ck_lines_are_in(name, worker, "--settings"), workers++;
    }
    ck_assert_uint_gt(workers, 0);
}
END_TEST

START_TEST(the_ports_of_a_service_follow_from_its_place_in_the_list)
{
    for (int i = 0; i < (int)COUNT(services); i++) {
        ck_assert_int_eq(services[i]->http_port, 8101 + i);
        ck_assert_int_eq(services[i]->ops_port, 9101 + i);
    }
}
END_TEST

/* The text between a service's two markers is what it prints. */
START_TEST(the_access_matrix_is_what_the_route_tables_say)
{
    char *page = content_of_file("services/auth/ACCESS.md");
    for (size_t i = 0; i < COUNT(services); i++) {
        const char *begin = text_of("<!-- mnemos-%s --access -->\n", services[i]->name);
        char *table = strstr(page, begin), *printed = output_of(services[i]->name, "--access");
        ck_assert_msg(table != NULL, "%s", begin);
        table += strlen(begin);
        ck_assert_ptr_nonnull(strstr(table, "<!-- end -->\n"));
        const char *written = text_of("%.*s", (int)(strstr(table, "<!-- end -->\n") - table), table);
        ck_assert_msg(strcmp(written, printed) == 0,
                      "services/auth/ACCESS.md is not what mnemos-%s --access prints;"
                      " run ./dev access-matrix and review what has changed:\n%s",
                      services[i]->name, printed);
        free(printed);
    }
    free(page);
}
END_TEST

START_TEST(every_table_with_row_security_stands_in_the_access_matrix)
{
    char *page = content_of_file("services/auth/ACCESS.md"), *rest;
    char *tables = strdup(sql_value("SELECT string_agg(oid::regclass::text, ' ') FROM pg_class WHERE relrowsecurity"));
    for (char *table = strtok_r(tables, " ", &rest); table; table = strtok_r(NULL, " ", &rest))
        ck_assert_msg(strstr(page, text_of("`%s`", table)) != NULL, "services/auth/ACCESS.md lacks %s", table);
    free(tables);
    free(page);
}
END_TEST

START_TEST(each_program_explains_itself_and_refuses_what_it_does_not_know)
{
    for (size_t i = 0; i < COUNT(services); i++) {
        char *help = output_of(services[i]->name, "--help"), *version = output_of(services[i]->name, "--version");
        ck_assert_ptr_nonnull(strstr(help, "--openapi"));
        ck_assert_ptr_nonnull(strstr(version, MNEMOS_VERSION));
        free(help);
        free(version);
        ck_assert_int_ne(system(text_of("'%s/mnemos-%s' --nonsense 2>/dev/null", BIN_DIR, services[i]->name)), 0);
    }
}
END_TEST

/* Every "$ref" of the document leads somewhere. */
static void ck_references(json_t *document, json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    const char *reference = json_string_value(json_object_get(value, "$ref"));
    static const char prefix[] = "#/components/schemas/";
    if (reference) {
        ck_assert_int_eq(strncmp(reference, prefix, sizeof prefix - 1), 0);
        json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");
        ck_assert_msg(json_object_get(schemas, reference + sizeof prefix - 1) != NULL, "%s", reference);
    }
    json_object_foreach(value, key, member) ck_references(document, member);
    json_array_foreach(value, i, member) ck_references(document, member);
}

START_TEST(the_openapi_document_of_each_service_is_whole)
{
    for (size_t i = 0; i < COUNT(services); i++) {
        char *text = output_of(services[i]->name, "--openapi");
        json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        ck_assert_str_eq(json_string_value(json_object_get(document, "openapi")), "3.1.0");
        ck_references(document, document);
        json_decref(document);
        free(text);
    }
}
END_TEST

int main(void)
{
    return API_TESTS(
        NULL, the_ports_of_a_service_follow_from_its_place_in_the_list,
        the_readme_of_each_service_has_its_routes_and_settings, the_access_matrix_is_what_the_route_tables_say,
        every_table_with_row_security_stands_in_the_access_matrix,
        each_program_explains_itself_and_refuses_what_it_does_not_know, the_openapi_document_of_each_service_is_whole);
}
