#include "services/ctl/invented_tumour.h"

#include "services/ctl/population.h"

#include "common/base/date.h"
#include "common/base/status.h"
#include "common/science/statistics/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define X(name) #name,
const char *const invented_columns[INVENTED_COUNT] = {INVENTED_COLUMNS(X)};
#undef X

enum {
    NAMES_APART = 1000000, /* people of other names than the population's */
    FOLLOWED_YEARS_MIN = 3,
    FOLLOWED_YEARS_MAX = 9,
    DAYS_TO_TREATMENT = 42,
};
#define DAYS_PER_MONTH 30.436875
#define HAZARD         0.0065 /* each month, of the patient to whom the factors below refer */
#define PROGRESSION    1.4    /* times as high, besides dying */

/* ---- drawing ---- */

struct part {
    const char *value;
    double share; /* of a hundred */
};

static const char *draw(struct random *r, const struct part *parts, size_t count)
{
    double at = random_uniform(r) * 100;
    for (size_t i = 0; i + 1 < count; i++) {
        if (at < parts[i].share)
            return parts[i].value;
        at -= parts[i].share;
    }
    return parts[count - 1].value;
}
#define DRAW(r, ...) \
    draw((r), (const struct part[]){__VA_ARGS__}, sizeof((const struct part[]){__VA_ARGS__}) / sizeof(struct part))

static bool happens(struct random *r, double percent)
{
    return random_uniform(r) * 100 < percent;
}

/* Time to something that has this hazard each month. */
static double months_until(struct random *r, double hazard)
{
    return -log(1 - random_uniform(r)) / hazard;
}

static void put(struct invented_tumour *t, enum invented_column column, const char *value)
{
    snprintf(t->values[column], INVENTED_SIZE, "%s", value);
}

static void put_number(struct invented_tumour *t, enum invented_column column, int decimals, double value)
{
    snprintf(t->values[column], INVENTED_SIZE, "%.*f", decimals, value);
}

/* ---- who ---- */

static void invent_person(uint64_t seed, int year, long index, struct invented_tumour *t, int *out_age,
                          struct date *out_operated, struct random *r)
{
    /* Patients of a population that nobody has met: their first one has a name of renown. */
    struct population others = population_plan(POPULATION_MAX, ~seed, year);
    struct invented_person who;
    population_person(&others, others.first[GROUP_PATIENT] + NAMES_APART + index, &who);
    put(t, INVENTED_id, who.id);
    char *family = strchr(who.name, ' ');
    if (family)
        *family++ = '\0';
    put(t, INVENTED_first_name, who.name);
    put(t, INVENTED_last_name, family ? family : who.name);

    int followed = FOLLOWED_YEARS_MIN + (int)random_below(r, FOLLOWED_YEARS_MAX - FOLLOWED_YEARS_MIN);
    *out_operated = date_plus_days((struct date){year - followed - 1, 1, 1}, (int)random_below(r, 365));
    *out_age = (int)fmin(88, fmax(32, 66 + 11 * random_normal(r)));
    struct date born = date_plus_days(date_years_before(*out_operated, *out_age), -(int)random_below(r, 364));
    date_print(born, t->values[INVENTED_birth_date]);
    date_print(*out_operated, t->values[INVENTED_operation_date]);
    put_number(t, INVENTED_age_at_operation, 0, date_years_between(born, *out_operated));
}

static void invent_body(struct invented_tumour *t, struct random *r)
{
    bool female = happens(r, 44);
    double height = round((female ? 164 : 177) + 6.5 * random_normal(r));
    double weight = round((24 + 4 * fabs(random_normal(r)) - 2) * height * height / 10000);
    double bmi = round(100 * weight / (height * height / 10000)) / 100;
    put(t, INVENTED_gender, female ? "female" : "male");
    put_number(t, INVENTED_height_cm, 0, height);
    put_number(t, INVENTED_weight_kg, 0, weight);
    put_number(t, INVENTED_bmi, 2, bmi);
    put(t, INVENTED_bmi_class, bmi < 18.5 ? "under" : bmi < 25 ? "normal" : "over");
}

/* How many of these diseases somebody has. */
static int invent_history(struct invented_tumour *t, struct random *r, int age)
{
    static const struct {
        enum invented_column column;
        double percent;
    } diseases[] = {{INVENTED_cardiac_disease, 22},
                    {INVENTED_pulmonary_disease, 12},
                    {INVENTED_urological_disease, 14},
                    {INVENTED_endocrine_disease, 20},
                    {INVENTED_vascular_disease, 16}};
    int found = 0;
    for (size_t i = 0; i < COUNT(diseases); i++) {
        bool has = happens(r, diseases[i].percent * (age >= 65 ? 1.3 : 0.7));
        put(t, diseases[i].column, has ? "yes" : "no");
        found += has;
    }
    put(t, INVENTED_preexisting_disease, found > 0 ? "yes" : "no");
    return found;
}

/* ---- the tumour ---- */

static void invent_place(struct invented_tumour *t, struct random *r)
{
    static const struct {
        const char *localisation, *site, *side;
        double share;
    } places[] = {{"caecum", "C18.0", "right", 16},     {"ascending", "C18.2", "right", 16},
                  {"transverse", "C18.4", "right", 10}, {"descending", "C18.6", "left", 8},
                  {"sigmoid", "C18.7", "left", 30},     {"rectosigmoid", "C19.9", "left", 12},
                  {"rectum", "C20.9", "left", 8}};
    double at = random_uniform(r) * 100;
    size_t i = 0;
    while (i + 1 < COUNT(places) && at >= places[i].share)
        at -= places[i++].share;
    put(t, INVENTED_localisation, places[i].localisation);
    put(t, INVENTED_primary_site, places[i].site);
    put(t, INVENTED_tumour_side, places[i].side);
}

/* Stages that T and N make together, and how the hazard grows with them. */
static const struct stage {
    const char *pt, *pn, *uicc;
    double share, hazard;
} stages[] = {
    {"T2", "N0", "1", 10, 0.4},  {"T3", "N0", "2a", 22, 0.7}, {"T4", "N0", "2b", 8, 1.0}, {"T2", "N1", "3a", 14, 0.8},
    {"T3", "N1", "3b", 28, 1.3}, {"T3", "N2", "3c", 12, 2.0}, {"T4", "N2", "3c", 6, 2.4},
};

static const struct stage *invent_stage(struct invented_tumour *t, struct random *r)
{
    double at = random_uniform(r) * 100;
    const struct stage *s = stages;
    while (s + 1 < stages + COUNT(stages) && at >= s->share)
        at -= s++->share;
    put(t, INVENTED_pt, s->pt);
    put(t, INVENTED_pn, s->pn);
    put(t, INVENTED_uicc, s->uicc);
    put_number(t, INVENTED_diameter_cm, 1, fmin(14, fmax(0.8, 4 + 1.6 * random_normal(r))));
    return s;
}

static double invent_grade(struct invented_tumour *t, struct random *r)
{
    static const struct {
        const char *grade;
        double hazard;
    } grades[] = {{"G1", 0.8}, {"G2", 1}, {"G3", 1.4}};
    const char *drawn = DRAW(r, {"G1", 14}, {"G2", 60}, {"G3", 26});
    put(t, INVENTED_grading, happens(r, 3) ? "unknown" : drawn);
    return grades[drawn[1] - '1'].hazard;
}

static void invent_rest(struct invented_tumour *t, struct random *r)
{
    put(t, INVENTED_cea, DRAW(r, {"normal", 55}, {"pathologic", 30}, {"not_determined", 15}));
    put(t, INVENTED_ca19_9, DRAW(r, {"normal", 50}, {"pathologic", 18}, {"not_determined", 32}));
    put(t, INVENTED_preoperative_endoscopy,
        DRAW(r, {"colonoscopy", 80}, {"rectoscopy", 8}, {"several", 6}, {"none", 4}, {"unknown", 2}));
    put(t, INVENTED_procedure, DRAW(r, {"laparoscopic", 58}, {"open", 40}, {"unknown", 2}));
    put(t, INVENTED_metastasis_diagnostics, DRAW(r, {"ct", 70}, {"several", 15}, {"ultrasound", 10}, {"mri", 5}));
    put(t, INVENTED_lymphatic_invasion, DRAW(r, {"L0", 60}, {"L1", 36}, {"unknown", 4}));
    put(t, INVENTED_venous_invasion, DRAW(r, {"V0", 76}, {"V1", 20}, {"unknown", 4}));
    put(t, INVENTED_perineural_invasion, DRAW(r, {"Pn0", 72}, {"Pn1", 20}, {"unknown", 8}));
}

/* ---- treatment and what came of it ---- */

static const struct treatment {
    const char *code;
    double share, sicker; /* of those of middling sickness; times as often with each step of it */
    double hazard;
} treatments[] = {
    {"none", 30, 0.75, 1.0},
    {"capecitabine_or_5fu_fa", 28, 1.0, 0.80},
    {"folfox_or_xelox", 27, 1.4, 0.60},
    {"bevacizumab_combination", 15, 1.6, 0.75},
};

static const struct treatment *invent_treatment(struct invented_tumour *t, struct random *r, double sickness,
                                                struct date operated)
{
    double weight[COUNT(treatments)], sum = 0;
    for (size_t i = 0; i < COUNT(treatments); i++)
        sum += weight[i] = treatments[i].share * pow(treatments[i].sicker, sickness);
    double at = random_uniform(r) * sum;
    size_t i = 0;
    while (i + 1 < COUNT(treatments) && at >= weight[i])
        at -= weight[i++];
    put(t, INVENTED_treatment, treatments[i].code);
    date_print(date_plus_days(operated, DAYS_TO_TREATMENT), t->values[INVENTED_treated_from]);
    put(t, INVENTED_side_effects,
        i == 0 ? "none" : DRAW(r, {"none", 30}, {"mild", 40}, {"moderate", 22}, {"severe", 8}));
    return &treatments[i];
}

/* Nobody is followed up to the last day in full, so that no record says more than has passed. */
static double followed_months(int year, struct date operated)
{
    int days = 0;
    for (struct date d = operated; d.year < year; d = date_plus_days(d, 1))
        days++;
    return days / DAYS_PER_MONTH;
}

static void invent_outcome(struct invented_tumour *t, struct random *r, double hazard, double followed)
{
    double begun = DAYS_TO_TREATMENT / DAYS_PER_MONTH;
    double death = begun + months_until(r, hazard), progress = begun + months_until(r, hazard * PROGRESSION);
    double lost = happens(r, 15) ? followed * (0.3 + 0.7 * random_uniform(r)) : followed;
    double last = floor(10 * fmin(death, lost)) / 10, without = floor(10 * fmin(progress, last)) / 10;
    bool dead = death <= lost, progressed = dead || progress <= lost;
    put_number(t, INVENTED_overall_survival_months, 1, last);
    put(t, INVENTED_vital_status, dead ? "dead" : "alive");
    put_number(t, INVENTED_progression_free_months, 1, without);
    put(t, INVENTED_progression, progressed ? "event" : "censored");
}

void invented_tumour(uint64_t seed, int year, long index, struct invented_tumour *out)
{
    struct random r = random_from(seed ^ ((uint64_t)index + 1) * 0x9E3779B97F4A7C15);
    struct date operated;
    int age;
    *out = (struct invented_tumour){0};
    invent_person(seed, year, index, out, &age, &operated, &r);
    invent_body(out, &r);
    int diseases = invent_history(out, &r, age);
    invent_place(out, &r);
    const struct stage *stage = invent_stage(out, &r);
    double grade = invent_grade(out, &r);
    invent_rest(out, &r);
    double factor = stage->hazard * grade * exp(0.025 * (age - 65)) * (diseases > 0 ? 1.25 : 1);
    const struct treatment *treatment = invent_treatment(out, &r, 2 * log(factor), operated);
    invent_outcome(out, &r, HAZARD * factor * treatment->hazard, followed_months(year, operated));
}
