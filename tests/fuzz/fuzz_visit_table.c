/* Tables of visits from outside: refused with a sentence, or a cohort whose visits are in order and within range. */
#include "common/science/mmse/visit_table.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void promise_subject(const struct subject *s)
{
    PROMISE(s->count > 0 && s->count <= SUBJECT_VISITS_MAX && s->fold >= 0);
    for (size_t v = 0; v < s->count; v++) {
        PROMISE(s->visits[v].score >= 0 && s->visits[v].score <= SCORE_MAX);
        PROMISE(v == 0 || s->visits[v - 1].age < s->visits[v].age);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena = {0};
    struct problem why;
    struct visit_table t;
    problem_reset(&why, &arena);
    char *text = malloc(size + 1);
    memcpy(text, bytes, size);
    if (visit_table_read(&arena, text, size, size % 2 ? "f" : NULL, &t, &why) == OK) {
        PROMISE(t.cohort.visit_count + t.cohort.merged + t.left_out == t.rows);
        for (size_t i = 0; i < t.cohort.count; i++)
            promise_subject(&t.cohort.subjects[i]);
    } else {
        PROMISE(why.detail != NULL);
    }
    free(text);
    arena_release(&arena);
    return 0;
}
