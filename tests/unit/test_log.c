#include "common/base/clock.h"
#include "common/base/log.h"
#include "tests/support/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Standard error into a file, and what was written there. */
struct capture {
    FILE *file;
    int stderr_was;
    char *text;
};

static void capture_begin(struct capture *c)
{
    c->file = tmpfile();
    c->stderr_was = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(fileno(c->file), STDERR_FILENO);
}

static const char *captured(struct capture *c)
{
    dup2(c->stderr_was, STDERR_FILENO);
    long size = (long)lseek(fileno(c->file), 0, SEEK_END);
    free(c->text);
    c->text = calloc(1, (size_t)size + 1);
    ck_assert_int_eq(pread(fileno(c->file), c->text, (size_t)size, 0), size);
    return c->text;
}

static void capture_end(struct capture *c)
{
    dup2(c->stderr_was, STDERR_FILENO);
    close(c->stderr_was);
    fclose(c->file);
    free(c->text);
}

#define CAPTURE(variable) \
    AUTO(capture_end) struct capture variable = {0}; \
    capture_begin(&variable)

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

START_TEST(a_line_is_one_json_object)
{
    CAPTURE(c);
    clock_set(951782400);
    log_start("users", LOG_INFO);
    log_line(LOG_WARNING, "%d of %s", 3, "them");
    clock_set(0);
    ck_assert_str_eq(captured(&c), R"({"time":"2000-02-29T00:00:00Z","level":"warning","service":"users",)"
                                   R"("message":"3 of them"})"
                                   "\n");
}
END_TEST

START_TEST(a_line_stays_one_whatever_is_said)
{
    CAPTURE(c);
    log_line(LOG_ERROR, "first\nsecond\r\n{\"level\":\"info\"}\x1B[2J");
    const char *text = captured(&c);
    ck_assert_uint_eq(lines_of(text), 1);
    json_auto_t *line = json_loads(text, 0, NULL);
    ck_assert_str_eq(json_string_value(json_object_get(line, "message")),
                     "first\nsecond\r\n{\"level\":\"info\"}\x1B[2J");
}
END_TEST

START_TEST(a_line_may_have_members)
{
    CAPTURE(c);
    struct writer *w = log_begin(LOG_INFO, "request");
    write_key(w, "status");
    write_integer(w, 200);
    log_end(w);
    json_auto_t *line = json_loads(captured(&c), 0, NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(line, "status")), 200);
}
END_TEST

START_TEST(lines_below_the_level_are_not_written)
{
    CAPTURE(c);
    log_start("users", LOG_WARNING);
    ck_assert_ptr_null(log_begin(LOG_INFO, "quiet"));
    log_line(LOG_DEBUG, "quiet");
    log_line(LOG_INFO, "quiet");
    log_line(LOG_WARNING, "loud");
    log_start("users", LOG_INFO);
    ck_assert_uint_eq(lines_of(captured(&c)), 1);
}
END_TEST

START_TEST(a_very_long_message_is_cut_and_stays_json)
{
    CAPTURE(c);
    log_line(LOG_ERROR, "%05000d", 7);
    json_auto_t *cut = json_loads(captured(&c), 0, NULL);
    ck_assert_ptr_nonnull(cut);
}
END_TEST

START_TEST(a_message_cut_inside_a_character_stays_json)
{
    CAPTURE(c);
    log_line(LOG_ERROR, "%01021dZoë ë", 7); /* the cut falls between the bytes of a letter */
    log_line(LOG_ERROR, "%01020dZoë ë", 7);
    const char *text = captured(&c);
    ck_assert_uint_eq(lines_of(text), 2);
    json_auto_t *first = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
    json_auto_t *second = json_loads(strchr(text, '\n'), 0, NULL);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
}
END_TEST

enum { THREADS = 4, LINES = 500 };

static void *log_many(void *name)
{
    for (int i = 0; i < LINES; i++)
        log_line(LOG_INFO, "%s says %d", (const char *)name, i);
    return NULL;
}

START_TEST(lines_of_threads_never_mix)
{
    CAPTURE(c);
    pthread_t threads[THREADS];
    static char names[THREADS][8] = {"one", "two", "three", "four"};
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    const char *text = captured(&c);
    ck_assert_uint_eq(lines_of(text), (size_t)THREADS * LINES);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        json_auto_t *json = json_loadb(line, strcspn(line, "\n"), 0, NULL);
        ck_assert_ptr_nonnull(json);
    }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_line_is_one_json_object, a_line_stays_one_whatever_is_said, a_line_may_have_members,
                      lines_below_the_level_are_not_written, a_very_long_message_is_cut_and_stays_json,
                      a_message_cut_inside_a_character_stays_json, lines_of_threads_never_mix);
}
