#include "common/science/mmse/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const struct visit_row *row;
    size_t first; /* the first row of the subject */
};

static int by_id(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = strcmp(a->row->id, b->row->id);
    return order ? order : (a->row > b->row) - (a->row < b->row);
}

static int by_age(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->row->visit.age != b->row->visit.age)
        return a->row->visit.age < b->row->visit.age ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static enum status row_refused(struct problem *why, size_t row, const char *column, const char *must)
{
    return fail(why, INVALID, problem_pointer(why->arena, arena_printf(why->arena, "/%zu", row), column), "%s", must);
}

static bool within(double value, double max)
{
    return value >= 0 && value <= max;
}

static enum status row_check(const struct visit_row *row, size_t at, struct problem *why)
{
    if (!within(row->visit.age, VISIT_AGE_MAX))
        return row_refused(why, at, "age", "must be years from 0 to 130");
    if (!within(row->visit.score, SCORE_MAX))
        return row_refused(why, at, "mmse", "must be points from 0 to 30");
    if (!isnan(row->male) && row->male != 0 && row->male != 1)
        return row_refused(why, at, "male", "must be 0 or 1, or not given");
    if (!isnan(row->education) && !within(row->education, 40))
        return row_refused(why, at, "educ", "must be a number from 0 to 40, or not given");
    return OK;
}

/* A value known in one row of a subject is known in all; rows must not contradict each other. */
static bool settle(double *known, double value)
{
    if (isnan(*known))
        *known = value;
    return isnan(value) || value == *known;
}

static enum status subject_describe(struct subject *s, const struct visit_row *rows, const struct visit_row *row,
                                    struct problem *why)
{
    size_t at = (size_t)(row - rows);
    if (!settle(&s->male, row->male))
        return row_refused(why, at, "male", "differs from other rows of this subject");
    if (!settle(&s->education, row->education))
        return row_refused(why, at, "educ", "differs from other rows of this subject");
    if (s->fold != row->fold)
        return row_refused(why, at, "fold", "differs from other rows of this subject");
    return OK;
}

static size_t day_end(const struct entry *entries, size_t from, size_t end)
{
    size_t next = from + 1;
    while (next < end && entries[next].row->visit.age - entries[from].row->visit.age < VISIT_DAY)
        next++;
    return next;
}

static enum status subject_take(struct subject *s, const struct visit_row *rows, const struct entry *entries,
                                size_t count, struct visit *visits, struct problem *why)
{
    *s = (struct subject){entries[0].row->id, NAN, NAN, entries[0].row->fold, 0, visits};
    for (size_t i = 0; i < count; i++)
        TRY(subject_describe(s, rows, entries[i].row, why));
    for (size_t i = 0, next; i < count; i = next) {
        double sum = 0;
        next = day_end(entries, i, count);
        for (size_t j = i; j < next; j++)
            sum += entries[j].row->visit.score;
        visits[s->count++] = (struct visit){entries[i].row->visit.age, sum / (double)(next - i)};
    }
    if (s->count > SUBJECT_VISITS_MAX)
        return row_refused(why, entries[0].first, "id", "has more visits than the 1000 that a subject may have");
    return OK;
}

static void tally(struct cohort *c, const struct subject *s)
{
    c->count++;
    c->visit_count += s->count;
    c->task_count += s->count > 1;
}

static struct entry *entries_new(struct arena *arena, const struct visit_row *rows, size_t count, size_t *unordered)
{
    struct entry *entries = arena_alloc(arena, count * sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i].row = &rows[i];
    qsort(entries, count, sizeof *entries, by_id);
    double latest = 0;
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && strcmp(entries[i].row->id, entries[i - 1].row->id) == 0;
        entries[i].first = same ? entries[i - 1].first : (size_t)(entries[i].row - rows);
        *unordered += same && entries[i].row->visit.age < latest;
        latest = same ? fmax(latest, entries[i].row->visit.age) : entries[i].row->visit.age;
    }
    qsort(entries, count, sizeof *entries, by_age);
    return entries;
}

enum status cohort_make(struct arena *arena, const struct visit_row *rows, size_t count, struct cohort *out,
                        struct problem *why)
{
    struct cohort c = {0};
    for (size_t i = 0; i < count; i++)
        TRY(row_check(&rows[i], i, why));
    struct entry *entries = entries_new(arena, rows, count, &c.unordered);
    struct visit *visits = arena_alloc(arena, count * sizeof *visits);
    struct subject *subjects = arena_alloc(arena, count * sizeof *subjects);
    for (size_t from = 0, end; from < count; from = end) {
        for (end = from + 1; end < count && entries[end].first == entries[from].first; end++)
            ;
        struct subject *s = &subjects[c.count];
        TRY(subject_take(s, rows, entries + from, end - from, visits + c.visit_count, why));
        tally(&c, s);
    }
    c.subjects = subjects;
    c.merged = count - c.visit_count;
    *out = c;
    return OK;
}

struct cohort cohort_part(struct arena *arena, const struct cohort *whole, int fold, bool inside)
{
    struct cohort part = {0};
    struct subject *subjects = arena_alloc(arena, whole->count * sizeof *subjects);
    for (size_t i = 0; i < whole->count; i++) {
        if ((whole->subjects[i].fold == fold) != inside)
            continue;
        subjects[part.count] = whole->subjects[i];
        tally(&part, &subjects[part.count]);
    }
    part.subjects = subjects;
    return part;
}
