/* `./dev bench mmse` times these; see README.md beside it.
 *
 *   bench_mmse table N      visits of N invented subjects as CSV
 *   bench_mmse mixed FILE   the mixed model's fit: milliseconds of processor time, then what it found
 */
#include "common/science/mmse/mixed.h"
#include "common/science/mmse/visit_table.h"
#include "tests/support/simulated.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FILE_MAX = 64 * 1024 * 1024 };

static double processor_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* R leaves out rows with gaps, and this program does not, so there are none. */
static int table(size_t subjects)
{
    AUTO(arena_release) struct arena arena = {0};
    size_t count;
    const struct visit_row *rows = simulated_rows(&arena, subjects, 1, &count);
    printf("id,age,mmse,male,educ\n");
    for (size_t i = 0; i < count; i++)
        printf("%s,%.4f,%g,%g,%d\n", rows[i].id, rows[i].visit.age, rows[i].visit.score, rows[i].male,
               rows[i].education == 1);
    return 0;
}

static int mixed(const char *path)
{
    AUTO(arena_release) struct arena arena = {0};
    struct problem why;
    struct visit_table t;
    struct mixed m;
    problem_reset(&why, &arena);
    FILE *file = fopen(path, "re");
    char *text = arena_alloc(&arena, FILE_MAX);
    size_t size = file ? fread(text, 1, FILE_MAX - 1, file) : 0;
    if (file)
        fclose(file);
    if (visit_table_read(&arena, text, size, NULL, &t, &why) != OK)
        return 1;
    double before = processor_ms();
    if (!mixed_fit(&arena, &t.cohort, false, NULL, &m))
        return 1;
    printf("%.3f\n%.9f\n", processor_ms() - before, m.log_likelihood);
    for (int j = 0; j < MIXED_EFFECTS; j++)
        printf("%.9f\n", m.fixed[j]);
    printf("%.9f\n%.9f\n%.9f\n%.9f\n", m.d00, m.d01, m.d11, m.sigma2);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "table") == 0)
        return table(strtoul(argv[2], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "mixed") == 0)
        return mixed(argv[2]);
    return 2;
}
