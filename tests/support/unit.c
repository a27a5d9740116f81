#include "tests/support/unit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int unit_run(const char *name, const TTest *const *tests)
{
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    Suite *suite = suite_create(name);
    TCase *scenes = tcase_create(name);
    for (size_t i = 0; tests[i]; i++)
        tcase_add_test(scenes, tests[i]);
    suite_add_tcase(suite, scenes);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); /* a process per test costs more than the test under the sanitizers */
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (failed > 0)
        _exit(EXIT_FAILURE); /* a failed test jumped over its releases: their leaks would hide the failure */
    return EXIT_SUCCESS;
}

void scene_begin(struct scene *s)
{
    problem_reset(&s->why, &s->arena);
}

void scene_end(struct scene *s)
{
    arena_release(&s->arena);
}

void ck_noted(const struct problem *why, const char *pointer, const char *sentence)
{
    for (int i = 0; i < why->error_count; i++)
        if (strcmp(why->errors[i].pointer, pointer) == 0 && strstr(why->errors[i].detail, sentence))
            return;
    for (int i = 0; i < why->error_count; i++)
        fprintf(stderr, "noted: %s %s\n", why->errors[i].pointer, why->errors[i].detail);
    ck_abort_msg(R"(nothing like "%s" is noted about %s)", sentence, pointer);
}

void ck_written(struct writer *w, const char *expected)
{
    ck_assert_str_eq(w->bytes, expected);
    writer_release(w);
}

char *json_text_of(const char *text)
{
    char *json = strdup(text);
    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    return json;
}

json_t *json_of(const char *text)
{
    json_error_t error;
    char *with_quotes = json_text_of(text);
    json_t *json = json_loads(with_quotes, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    free(with_quotes);
    ck_assert_msg(json != NULL, "%s: %s", text, error.text);
    return json;
}

/* splitmix64 */
uint64_t unit_random(void)
{
    static uint64_t state = 20261120;
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

int unit_random_between(int min, int max)
{
    return min + (int)(unit_random() % (uint64_t)(max - min + 1));
}
