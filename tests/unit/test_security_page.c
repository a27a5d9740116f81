/* SECURITY.md and docs/asvs.table say which test shows a promise or a requirement of the ASVS. Such pages rot unless a
 * test looks: every test they name is there, the table has every requirement of levels 1 and 2 once and no other, and
 * docs/asvs.md is what docs/asvs prints. */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUIREMENTS = 253, NUMBER_SIZE = 12, TEXT_MAX = 512 * 1024 };

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    char *text = malloc(TEXT_MAX);
    text[fread(text, 1, TEXT_MAX - 1, f)] = '\0';
    ck_assert_msg(strlen(text) < TEXT_MAX - 1, "%s is too long", path);
    fclose(f);
    return text;
}

/* "api/auth/test_x.c: name" is a scene of that file, "e2e/journeys/x.mjs: title" a journey; without a name it is a
 * file. */
static bool has_test(const char *named)
{
    char path[400], scene[400];
    const char *colon = strstr(named, ": ");
    snprintf(path, sizeof path, PROJECT_DIR "/tests/%.*s", (int)(colon ? colon - named : (long)strlen(named)), named);
    char *text = read_text(path);
    bool found = text && !colon;
    if (text && colon) {
        const char *const forms[] = {"START_TEST(%s)", "test('%s'", R"(test("%s")"};
        bool journey = strstr(path, ".mjs") != NULL;
        for (size_t i = journey ? 1 : 0; i < (journey ? COUNT(forms) : 1) && !found; i++) {
            const char *at = strstr(forms[i], "%s");
            snprintf(scene, sizeof scene, "%.*s%s%s", (int)(at - forms[i]), forms[i], colon + 2, at + 2);
            found = strstr(text, scene) != NULL;
        }
    }
    free(text);
    return found;
}

static bool is_test(const char *named)
{
    static const char *const folders[] = {"unit/", "api/", "e2e/", "fuzz/"};
    for (size_t i = 0; i < COUNT(folders); i++)
        if (strncmp(named, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

static int check_tests_named_in(const char *file)
{
    int count = 0;
    char *page = read_text(file);
    ck_assert_ptr_nonnull(page);
    for (char *rest, *named = strchr(page, '`'); named; named = strchr(rest, '`')) {
        char *end = strchr(++named, '`');
        ck_assert_ptr_nonnull(end);
        *end = '\0';
        rest = end + 1;
        if (!is_test(named) || strstr(named, "folder/file"))
            continue;
        ck_assert_msg(has_test(named), "%s names a test that is not there: %s", file, named);
        count++;
    }
    free(page);
    return count;
}

START_TEST(every_test_that_the_pages_name_is_there)
{
    ck_assert_int_gt(check_tests_named_in(PROJECT_DIR "/SECURITY.md"), 10);
    ck_assert_int_gt(check_tests_named_in(PROJECT_DIR "/docs/asvs.table"), 150);
}
END_TEST

struct requirements {
    char number[REQUIREMENTS + 1][NUMBER_SIZE];
    int mentioned[REQUIREMENTS + 1], count;
};

static struct requirements read_requirements(void)
{
    static struct requirements r;
    int level;
    r = (struct requirements){0};
    FILE *f = fopen(TEST_DATA "/asvs-5.0.0-levels", "r");
    ck_assert_ptr_nonnull(f);
    while (r.count <= REQUIREMENTS && fscanf(f, "%11s %d", r.number[r.count], &level) == 2)
        r.count++;
    fclose(f);
    ck_assert_int_eq(r.count, REQUIREMENTS);
    return r;
}

static void mention(struct requirements *r, const char *number)
{
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->number[i], number) == 0) {
            r->mentioned[i]++;
            return;
        }
    ck_abort_msg("%s is no requirement of level 1 or 2", number);
}

/* The first cell of a row: "1.2.3, 1.2.4 | ...". */
static void read_row(struct requirements *r, const char *line)
{
    if (*line < '0' || *line > '9')
        return;
    for (const char *at = line; *at != '|'; at += strcspn(at, "0123456789|")) {
        char number[NUMBER_SIZE];
        size_t size = strspn(at, "0123456789.");
        ck_assert_uint_lt(size, sizeof number);
        memcpy(number, at, size);
        number[size] = '\0';
        mention(r, number);
        at += size;
    }
}

START_TEST(the_table_has_every_requirement_once)
{
    struct requirements r = read_requirements();
    char *page = read_text(PROJECT_DIR "/docs/asvs.table");
    for (char *line = page; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        read_row(&r, line);
    for (int i = 0; i < r.count; i++)
        ck_assert_msg(r.mentioned[i] == 1, "%s is mentioned %d times", r.number[i], r.mentioned[i]);
    free(page);
}
END_TEST

START_TEST(the_page_is_what_the_table_prints)
{
    char *page = read_text(PROJECT_DIR "/docs/asvs.md"), *printed = malloc(TEXT_MAX);
    FILE *command = popen("'" PROJECT_DIR "/docs/asvs'", "r");
    ck_assert_ptr_nonnull(command);
    printed[fread(printed, 1, TEXT_MAX - 1, command)] = '\0';
    ck_assert_int_eq(pclose(command), 0);
    ck_assert_msg(strcmp(page, printed) == 0, "print the page anew: docs/asvs > docs/asvs.md");
    free(printed);
    free(page);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(every_test_that_the_pages_name_is_there, the_table_has_every_requirement_once,
                      the_page_is_what_the_table_prints);
}
