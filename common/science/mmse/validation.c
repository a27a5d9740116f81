#include "common/science/mmse/validation.h"

#include "common/science/statistics/numbers.h"
#include "common/science/statistics/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MISS_PENALTY 20 /* 2 / a of a 90% interval */

const char *const validation_horizon_names[HORIZON_BANDS] = {"under 1.5", "1.5-2.5", "2.5-4", "4 and more"};

int validation_horizon(double gap_years)
{
    return gap_years < 1.5 ? 0 : gap_years < 2.5 ? 1 : gap_years < 4 ? 2 : 3;
}

/* ---- Folds ---- */

struct ticket {
    uint64_t lot;
    size_t subject;
    const char *id;
};

static int by_lot(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    if (a->lot != b->lot)
        return a->lot < b->lot ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* FNV-1a, and more mixing: nobody has a reason to choose ids against it. */
static uint64_t lot_of(const char *id, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 0x100000001b3U;
    struct random random = random_from(hash ^ seed);
    return random_bits(&random);
}

struct cohort validation_folds(struct arena *arena, const struct cohort *cohort, uint64_t seed)
{
    struct ticket *tickets = arena_alloc(arena, cohort->count * sizeof *tickets);
    struct subject *subjects = arena_alloc(arena, cohort->count * sizeof *subjects);
    memcpy(subjects, cohort->subjects, cohort->count * sizeof *subjects);
    for (size_t i = 0; i < cohort->count; i++)
        tickets[i] = (struct ticket){lot_of(subjects[i].id, seed), i, subjects[i].id};
    qsort(tickets, cohort->count, sizeof *tickets, by_lot);
    size_t next[2] = {0};
    for (size_t i = 0; i < cohort->count; i++) {
        struct subject *s = &subjects[tickets[i].subject];
        s->fold = (int)(next[s->count > 1]++ % VALIDATION_FOLDS);
    }
    struct cohort folded = *cohort;
    folded.subjects = subjects;
    return folded;
}

static enum status folds_count(const struct cohort *cohort, unsigned *out, struct problem *why)
{
    int last = 0;
    for (size_t i = 0; i < cohort->count; i++)
        last = cohort->subjects[i].fold > last ? cohort->subjects[i].fold : last;
    if (last < 1 || last >= VALIDATION_FOLDS_MAX)
        return fail(why, INVALID, NULL, "Cross-validation needs 2 to %d folds, and %d were found.",
                    VALIDATION_FOLDS_MAX, cohort->count ? last + 1 : 0);
    *out = (unsigned)last + 1;
    return OK;
}

/* ---- Judging ---- */

struct court {
    const struct mmse_model *model, *last_value; /* the second for its intervals; NULL: it has none */
    struct visit *buffer;                        /* for what a subject's visits were before the target */
};

static void subject_judge(const struct court *court, const struct subject *s, int fold, struct judged *out)
{
    struct known k = known_before(s, s->count - 1, court->buffer);
    double last = known_last(&k)->score;
    *out = (struct judged){s->id, fold, k.count, last, k.target_age, k.target_age - known_last(&k)->age};
    out->observed = s->visits[s->count - 1].score;
    out->prediction.score = mmse_model_score(court->model, &k);
    for (int level = 0; level < CONFORMAL_LEVELS; level++)
        out->intervals[level] = conformal_interval(&court->model->conformal, &k, out->prediction.score, level);
    out->prediction.lower = out->intervals[CONFORMAL_DEFAULT].lower;
    out->prediction.upper = out->intervals[CONFORMAL_DEFAULT].upper;
    struct conformal_limits l = {NAN, NAN};
    if (court->last_value)
        l = conformal_interval(&court->last_value->conformal, &k, last, CONFORMAL_DEFAULT);
    out->last_value = (struct mmse_prediction){last, l.lower, l.upper};
}

static void add(struct metrics *m, const struct judged *j, const struct mmse_prediction *p)
{
    double error = p->score - j->observed, width = p->upper - p->lower;
    double miss = isnan(width) ? NAN : fmax(fmax(p->lower - j->observed, j->observed - p->upper), 0);
    m->count++;
    m->mae += fabs(error);
    m->rmse += error * error;
    m->bias += error;
    m->coverage += isnan(miss) ? miss : miss <= 0;
    m->mean_width += width;
    m->interval_score += width + MISS_PENALTY * miss;
}

static void settle(struct metrics *m)
{
    double count = m->count ? (double)m->count : NAN;
    m->mae /= count;
    m->rmse = sqrt(m->rmse / count);
    m->bias /= count;
    m->coverage /= count;
    m->mean_width /= count;
    m->interval_score /= count;
}

static void tally(struct evaluation *e)
{
    for (size_t i = 0; i < e->count; i++) {
        const struct judged *j = &e->judged[i];
        add(&e->overall, j, &j->prediction);
        add(&e->last_value, j, &j->last_value);
        add(&e->by_band[score_band(j->last_score)], j, &j->prediction);
        add(&e->by_horizon[validation_horizon(j->gap_years)], j, &j->prediction);
        for (int level = 0; level < CONFORMAL_LEVELS; level++)
            e->coverage[level] += j->observed >= j->intervals[level].lower && j->observed <= j->intervals[level].upper;
    }
    settle(&e->overall);
    settle(&e->last_value);
    for (int band = 0; band < SCORE_BANDS; band++)
        settle(&e->by_band[band]);
    for (int band = 0; band < HORIZON_BANDS; band++)
        settle(&e->by_horizon[band]);
    for (int level = 0; level < CONFORMAL_LEVELS; level++)
        e->coverage[level] /= e->count ? (double)e->count : NAN;
}

/* ---- Predicted against observed ---- */

struct outlook {
    double predicted, observed;
};

static int by_prediction(const void *left, const void *right)
{
    const struct outlook *a = left, *b = right;
    if (a->predicted != b->predicted)
        return a->predicted < b->predicted ? -1 : 1;
    return (a->observed > b->observed) - (a->observed < b->observed);
}

static void calibrate(struct evaluation *e)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct outlook *order = arena_alloc(&scratch, e->count * sizeof *order);
    for (size_t i = 0; i < e->count; i++)
        order[i] = (struct outlook){e->judged[i].prediction.score, e->judged[i].observed};
    qsort(order, e->count, sizeof *order, by_prediction);
    for (size_t i = 0; i < e->count; i++) {
        struct calibration_bin *bin = &e->calibration[i * CALIBRATION_BINS / e->count];
        bin->count++;
        bin->predicted += order[i].predicted;
        bin->observed += order[i].observed;
    }
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        double count = e->calibration[i].count ? (double)e->calibration[i].count : NAN;
        e->calibration[i].predicted /= count;
        e->calibration[i].observed /= count;
    }
}

/* ---- Against last_value: paired bootstrap over subjects ---- */

enum { SAMPLES = 4000, SAMPLES_MIN = 200, DRAWS_MAX = 100 * 1000 * 1000 };

struct pair {
    float absolute, square, absolute_stays, square_stays;
};

static struct difference difference_of(double value, double *samples, unsigned count)
{
    numbers_sort(samples, count);
    return (struct difference){value, samples[(unsigned)(0.025 * (count - 1))],
                               samples[(unsigned)ceil(0.975 * (count - 1))]};
}

static void sample(const struct pair *pairs, size_t count, struct random *random, double *mae, double *rmse)
{
    double absolute = 0, square = 0, square_stays = 0;
    for (size_t i = 0; i < count; i++) {
        const struct pair *p = &pairs[random_below(random, count)];
        absolute += (double)(p->absolute - p->absolute_stays);
        square += (double)p->square;
        square_stays += (double)p->square_stays;
    }
    *mae = absolute / (double)count;
    *rmse = sqrt(square / (double)count) - sqrt(square_stays / (double)count);
}

/* Fewer samples of large cohorts, whose intervals are narrow anyway. */
static void compare(struct evaluation *e)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct pair *pairs = arena_alloc(&scratch, e->count * sizeof *pairs);
    size_t affordable = DRAWS_MAX / e->count;
    e->bootstrap_samples = affordable > SAMPLES       ? SAMPLES
                           : affordable < SAMPLES_MIN ? SAMPLES_MIN
                                                      : (unsigned)affordable;
    double *mae = arena_alloc(&scratch, e->bootstrap_samples * sizeof *mae);
    double *rmse = arena_alloc(&scratch, e->bootstrap_samples * sizeof *rmse);
    struct random random = random_from(e->seed ^ 0x626f6f7473747261U); /* "bootstra" */
    for (size_t i = 0; i < e->count; i++) {
        float error = (float)fabs(e->judged[i].prediction.score - e->judged[i].observed);
        float stays = (float)fabs(e->judged[i].last_value.score - e->judged[i].observed);
        pairs[i] = (struct pair){error, error * error, stays, stays * stays};
    }
    for (unsigned i = 0; i < e->bootstrap_samples; i++)
        sample(pairs, e->count, &random, &mae[i], &rmse[i]);
    e->mae = difference_of(e->overall.mae - e->last_value.mae, mae, e->bootstrap_samples);
    e->rmse = difference_of(e->overall.rmse - e->last_value.rmse, rmse, e->bootstrap_samples);
    e->beats_last_value = e->rmse.upper < 0;
}

static void conclude(struct evaluation *e)
{
    tally(e);
    calibrate(e);
    compare(e);
}

/* ---- Cross-validation ---- */

struct fold_watch {
    const struct mmse_watch *outer;
    unsigned fold, folds;
};

static bool fold_goes_on(void *context, unsigned step, unsigned steps)
{
    const struct fold_watch *f = context;
    return !f->outer->go_on || f->outer->go_on(f->outer->context, f->fold * steps + step, f->folds * steps);
}

static enum status fold_judge(const struct mmse_method *method, const struct cohort *cohort, struct fold_watch *watch,
                              const struct mmse_options *options, struct judged *judged, struct problem *why)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct mmse_options here = *options, quiet = *options;
    struct mmse_model model, last_value;
    int fold = (int)watch->fold;
    struct cohort others = cohort_part(&scratch, cohort, fold, false);
    here.watch = (struct mmse_watch){fold_goes_on, watch};
    quiet.watch = (struct mmse_watch){0};
    TRY(mmse_model_fit(&scratch, method, &others, &here, &model, why));
    TRY(mmse_model_fit(&scratch, mmse_method_named("last_value"), &others, &quiet, &last_value, why));
    struct court court = {&model, &last_value, arena_alloc(&scratch, SUBJECT_VISITS_MAX * sizeof(struct visit))};
    for (size_t i = 0, task = 0; i < cohort->count; i++) {
        const struct subject *s = &cohort->subjects[i];
        if (s->count > 1 && s->fold == fold)
            subject_judge(&court, s, fold, &judged[task]);
        task += s->count > 1;
    }
    return OK;
}

static enum status cohort_judgeable(const struct cohort *cohort, struct problem *why)
{
    if (cohort->task_count == 0)
        return fail(why, INVALID, NULL,
                    "Nobody can be judged: 1 subject with two or more visits is needed, and 0 of "
                    "%zu subjects were found.",
                    cohort->count);
    return OK;
}

static struct evaluation evaluation_begin(const struct mmse_method *method, uint64_t seed, const struct cohort *cohort)
{
    return (struct evaluation){.method = method,
                               .seed = seed,
                               .subjects = cohort->count,
                               .visits = cohort->visit_count,
                               .count = cohort->task_count};
}

enum status validation_run(struct arena *arena, const struct mmse_method *method, const struct cohort *cohort,
                           const struct mmse_options *options, struct evaluation *out, struct problem *why)
{
    struct evaluation e = evaluation_begin(method, options->seed, cohort);
    TRY(cohort_judgeable(cohort, why));
    TRY(folds_count(cohort, &e.folds, why));
    struct judged *judged = arena_alloc(arena, e.count * sizeof *judged);
    struct fold_watch watch = {.outer = &options->watch, .folds = e.folds};
    for (watch.fold = 0; watch.fold < watch.folds; watch.fold++)
        TRY(fold_judge(method, cohort, &watch, options, judged, why));
    e.judged = judged;
    conclude(&e);
    *out = e;
    return OK;
}

enum status validation_of_model(struct arena *arena, const struct mmse_model *model,
                                const struct mmse_model *last_value, const struct cohort *cohort,
                                struct evaluation *out, struct problem *why)
{
    struct evaluation e = evaluation_begin(model->method, model->seed, cohort);
    TRY(cohort_judgeable(cohort, why));
    AUTO(arena_release) struct arena scratch = {0};
    struct judged *judged = arena_alloc(arena, e.count * sizeof *judged);
    struct court court = {model, last_value, arena_alloc(&scratch, SUBJECT_VISITS_MAX * sizeof(struct visit))};
    for (size_t i = 0, task = 0; i < cohort->count; i++)
        if (cohort->subjects[i].count > 1)
            subject_judge(&court, &cohort->subjects[i], -1, &judged[task++]);
    e.judged = judged;
    conclude(&e);
    *out = e;
    return OK;
}

/* ---- Leaks ---- */

static double another(double score)
{
    return score < 15 ? score + 15 : score - 15;
}

/* The targets of a fold become something else, also in the memory between the subjects. */
static struct cohort with_other_targets(struct arena *arena, const struct cohort *cohort, int fold)
{
    struct cohort other = *cohort;
    struct subject *subjects = arena_alloc(arena, cohort->count * sizeof *subjects);
    struct visit *visits = arena_alloc(arena, cohort->visit_count * sizeof *visits);
    memcpy(subjects, cohort->subjects, cohort->count * sizeof *subjects);
    for (size_t i = 0; i < cohort->count; i++) {
        struct subject *s = &subjects[i];
        memcpy(visits, s->visits, s->count * sizeof *visits);
        s->visits = visits;
        visits += s->count;
        if (s->fold == fold && s->count > 1)
            visits[-1].score = another(visits[-1].score);
    }
    other.subjects = subjects;
    return other;
}

enum status validation_finds_leak(const struct mmse_method *method, const struct cohort *cohort,
                                  const struct mmse_options *options, size_t *leaks, struct problem *why)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct evaluation honest, changed;
    size_t count = 0;
    TRY(validation_run(&scratch, method, cohort, options, &honest, why));
    for (int fold = 0; fold < (int)honest.folds; fold++) {
        struct cohort other = with_other_targets(&scratch, cohort, fold);
        TRY(validation_run(&scratch, method, &other, options, &changed, why));
        for (size_t i = 0; i < honest.count; i++) {
            const struct mmse_prediction *a = &honest.judged[i].prediction, *b = &changed.judged[i].prediction;
            bool same = a->score == b->score && a->lower == b->lower && a->upper == b->upper;
            count += honest.judged[i].fold == fold && !same;
        }
    }
    *leaks = count;
    return OK;
}
