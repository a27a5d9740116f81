#include "tests/support/simulated.h"

#include "common/base/writer.h"
#include "common/science/statistics/random.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>

enum { VISITS_MAX = 7 };

struct visit_row *simulated_rows(struct arena *arena, size_t subjects, uint64_t seed, size_t *out_count)
{
    struct visit_row *rows = arena_alloc(arena, subjects * VISITS_MAX * sizeof *rows);
    struct random r = random_from(seed);
    size_t count = 0;
    for (size_t i = 0; i < subjects; i++) {
        const char *id = arena_printf(arena, "s%zu", i);
        double male = (double)random_below(&r, 2);
        double education = random_below(&r, 10) ? (double)random_below(&r, 2) : NAN;
        double level = 26 + 2 * random_normal(&r) + (education == 1), slope = -0.3 + 0.4 * random_normal(&r);
        double start = 65 + 20 * random_uniform(&r), age = start;
        for (size_t v = 1 + random_below(&r, VISITS_MAX); v > 0; v--, age += 1.2 + 1.6 * random_uniform(&r)) {
            double score = level + slope * (age - start) + 1.5 * random_normal(&r);
            rows[count++] = (struct visit_row){id, {age, score_clip(round(score))}, male, education, (int)(i % 5)};
        }
    }
    *out_count = count;
    return rows;
}

struct cohort simulated_cohort(struct arena *arena, size_t subjects, uint64_t seed)
{
    struct problem why;
    struct cohort cohort;
    size_t count;
    struct visit_row *rows = simulated_rows(arena, subjects, seed, &count);
    problem_reset(&why, arena);
    ck_assert_int_eq(cohort_make(arena, rows, count, &cohort, &why), OK);
    return cohort;
}

char *simulated_table(struct arena *arena, size_t subjects, uint64_t seed)
{
    size_t count;
    const struct visit_row *rows = simulated_rows(arena, subjects, seed, &count);
    char *table = arena_alloc(arena, (count + 1) * 64), *end = table;
    end += sprintf(end, "id,age,mmse,male,educ\n");
    for (size_t i = 0; i < count; i++) {
        end += sprintf(end, "%s,%.4f,%g,%g,", rows[i].id, rows[i].visit.age, rows[i].visit.score, rows[i].male);
        end += isnan(rows[i].education) ? sprintf(end, "\n") : sprintf(end, "%g\n", rows[i].education);
    }
    return table;
}
