#include "services/users/tumour/tumour.h"

#include <math.h>
#include <string.h>

enum { AGE_MAX = 130, YEAR_MIN = 1900, BMI_MIN = 5, BMI_MAX = 150, MONTHS_MAX = 1200 };

/* The mean month of the Gregorian calendar, in which survival is counted. */
#define DAYS_PER_MONTH 30.436875

/* A contradiction is noted at both members, each with a sentence that names the other. */
static void contradict(struct problem *why, const char *a, const char *b, const char *sentence)
{
    fail(why, INVALID, a, "contradicts %s: %s", b, sentence);
    fail(why, INVALID, b, "contradicts %s: %s", a, sentence);
}

static const char *value_for_unknown(const struct field *f)
{
    const char *const *last = f->values;
    while (last[1])
        last++;
    return *last;
}

static void fill(struct tumour *t)
{
    for (const struct field *f = tumour_row_schema.fields; f->name; f++) {
        const char **code = field_at(f, t);
        if (f->kind == FIELD_KIND_ENUM && !*code)
            *code = value_for_unknown(f);
    }
    if (!t->primary_site)
        t->primary_site = "unknown";
    if (!t->metastasis_diagnostics)
        t->metastasis_diagnostics = "unknown";
}

static bool is(const char *value, const char *code)
{
    return strcmp(value, code) == 0;
}

static bool known(const char *code)
{
    return !is(code, "unknown");
}

/* Was that derived value given by somebody, or is it only what was derived before, sent back? */
static bool given(bool is_there, bool same, const struct maybe_boolean *overridden_before)
{
    return is_there && !(overridden_before && same && !overridden_before->value);
}

static struct maybe_integer age_of(const struct tumour *t)
{
    struct date born, operated;
    if (!t->birth_date || !t->operation_date || !date_parse(t->birth_date, &born) ||
        !date_parse(t->operation_date, &operated) || date_compare(born, operated) > 0)
        return (struct maybe_integer){0};
    return (struct maybe_integer){true, date_years_between(born, operated)};
}

static struct maybe_real bmi_of(const struct tumour *t)
{
    if (!t->weight_kg.known || !t->height_cm.known)
        return (struct maybe_real){0};
    double metres = t->height_cm.value / 100;
    return (struct maybe_real){true, round(100 * t->weight_kg.value / (metres * metres)) / 100};
}

/* Limits of the World Health Organization (Technical Report Series 894, 2000). */
static const char *bmi_class_of(struct maybe_real bmi)
{
    if (!bmi.known)
        return "unknown";
    return bmi.value < 18.5 ? "under" : bmi.value < 25 ? "normal" : "over";
}

static void derive_age(struct tumour *t, const struct tumour *before)
{
    bool same = before && before->age_at_operation.known && t->age_at_operation.known &&
                before->age_at_operation.value == t->age_at_operation.value;
    bool overridden = given(t->age_at_operation.known, same, before ? &before->age_at_operation_overridden : NULL);
    if (!overridden)
        t->age_at_operation = age_of(t);
    t->age_at_operation_overridden = (struct maybe_boolean){true, overridden};
}

static void derive_bmi(struct tumour *t, const struct tumour *before, struct problem *why)
{
    bool same = before && before->bmi.known && t->bmi.known && before->bmi.value == t->bmi.value;
    bool overridden = given(t->bmi.known, same, before ? &before->bmi_overridden : NULL);
    if (!overridden)
        t->bmi = bmi_of(t);
    t->bmi_overridden = (struct maybe_boolean){true, overridden};
    if (t->bmi.known && (t->bmi.value < BMI_MIN || t->bmi.value > BMI_MAX))
        contradict(why, "weight_kg", "height_cm", "nobody has such a body mass index");
}

static void derive_bmi_class(struct tumour *t, const struct tumour *before)
{
    bool same = before && is(before->bmi_class, t->bmi_class);
    bool overridden = given(known(t->bmi_class), same, before ? &before->bmi_class_overridden : NULL);
    if (!overridden)
        t->bmi_class = bmi_class_of(t->bmi);
    t->bmi_class_overridden = (struct maybe_boolean){true, overridden};
}

static void check_email(const struct tumour *t, struct problem *why)
{
    const char *at = t->email ? strchr(t->email, '@') : NULL;
    if (t->email && (!at || at == t->email || !at[1] || strchr(at + 1, '@') || strchr(t->email, ' ')))
        fail(why, INVALID, "email", "must be an address as name@example.org");
}

static bool day_of(const char *text, struct date *out)
{
    return text && date_parse(text, out);
}

/* A day that has come and is not too long ago. */
static void check_day(const char *member, const char *text, int years, struct date today, struct problem *why)
{
    struct date day;
    if (!day_of(text, &day))
        return;
    if (date_compare(day, today) > 0)
        fail(why, INVALID, member, "must not be in the future");
    else if (date_years_between(day, today) > years)
        fail(why, INVALID, member, "must not be more than %d years ago", years);
}

static void check_order(const char *first, const char *a, const char *second, const char *b, const char *sentence,
                        struct problem *why)
{
    struct date from, until;
    if (day_of(a, &from) && day_of(b, &until) && date_compare(from, until) > 0)
        contradict(why, first, second, sentence);
}

/* How long the patient was followed can be no longer than the time since the operation. */
static void check_follow_up(const char *member, struct maybe_real months, const struct tumour *t, struct date today,
                            struct problem *why)
{
    struct date operated;
    if (!months.known || !day_of(t->operation_date, &operated))
        return;
    struct date end = date_plus_days(operated, (int)(months.value * DAYS_PER_MONTH));
    if (date_compare(end, today) > 0)
        contradict(why, "operation_date", member, "that many months after the operation have not passed yet");
}

static void check_death(const struct tumour *t, struct problem *why)
{
    struct date operated, treated;
    bool dead = is(t->vital_status, "dead") && t->overall_survival_months.known;
    if (!dead || !day_of(t->operation_date, &operated) || !day_of(t->treated_from, &treated))
        return;
    /* Months are rounded in many a file, so that a month's difference is none. */
    struct date died = date_plus_days(operated, (int)((t->overall_survival_months.value + 1) * DAYS_PER_MONTH));
    if (date_compare(treated, died) > 0)
        contradict(why, "treated_from", "overall_survival_months", "the treatment would begin after death");
}

/* Its bounds are checked here and not in the field table, because months before the operation are a contradiction.
 * Whether it can be counted with. */
static bool check_survival(const struct tumour *t, struct problem *why)
{
    struct maybe_real months = t->overall_survival_months;
    if (months.known && months.value > MONTHS_MAX)
        fail(why, INVALID, "overall_survival_months", "must be between 0 and %d", MONTHS_MAX);
    else if (months.known && months.value < 0)
        contradict(why, "operation_date", "overall_survival_months",
                   is(t->vital_status, "dead") ? "death would be before the operation"
                                               : "the patient would have been last seen before the operation");
    return !months.known || (months.value >= 0 && months.value <= MONTHS_MAX);
}

static void check_outcome(const struct tumour *t, struct date today, struct problem *why)
{
    struct maybe_real free_months = t->progression_free_months, overall = t->overall_survival_months;
    if (!check_survival(t, why))
        return;
    if (free_months.known && overall.known && free_months.value > overall.value)
        contradict(why, "progression_free_months", "overall_survival_months",
                   "nobody is free of progression for longer than alive");
    check_follow_up("progression_free_months", free_months, t, today, why);
    check_follow_up("overall_survival_months", overall, t, today, why);
    check_death(t, why);
}

/* Stages that T and N allow without distant metastases (TNM, UICC, 8th edition; T4: T4a or T4b, N2: N2a or N2b). */
static const char *const stages[][3] = {
    /*        N0       N1       N2 */
    /* T1 */ {"1", "3a", "3a 3b"},
    /* T2 */ {"1", "3a", "3b"},
    /* T3 */ {"2a", "3b", "3b 3c"},
    /* T4 */ {"2b 2c", "3b 3c", "3c"},
};

static bool stage_fits(const struct tumour *t)
{
    for (int pt = 0; pt < 4; pt++)
        for (int pn = 0; pn < 3; pn++) {
            bool possible = (!known(t->pt) || t->pt[1] == '1' + pt) && (!known(t->pn) || t->pn[1] == '0' + pn);
            if (possible && strstr(stages[pt][pn], t->uicc))
                return true;
        }
    return false;
}

static void check_stage(const struct tumour *t, struct problem *why)
{
    if (is(t->pt, "T4") && t->diameter_cm.known && t->diameter_cm.value == 0)
        contradict(why, "diameter_cm", "pt", "a tumour that grows through the bowel wall has an extent");
    if (!known(t->uicc) || stage_fits(t))
        return;
    if (known(t->pt))
        contradict(why, "uicc", "pt", known(t->pn) ? "with this pn there is no such stage" : "there is no such stage");
    if (known(t->pn))
        contradict(why, "uicc", "pn", known(t->pt) ? "with this pt there is no such stage" : "there is no such stage");
}

static void check_treatment(const struct tumour *t, struct problem *why)
{
    if (!t->treatment && t->treated_from)
        contradict(why, "treatment", "treated_from", "no treatment is named");
    if (!t->treatment && t->treated_until)
        contradict(why, "treatment", "treated_until", "no treatment is named");
    check_order("treated_from", t->treated_from, "treated_until", t->treated_until, "it would end before it begins",
                why);
    check_order("birth_date", t->birth_date, "treated_from", t->treated_from, "it would begin before birth", why);
}

enum status tumour_check(struct tumour *t, const struct tumour *before, struct date today, struct problem *why)
{
    fill(t);
    derive_age(t, before);
    derive_bmi(t, before, why);
    derive_bmi_class(t, before);
    check_email(t, why);
    check_day("birth_date", t->birth_date, AGE_MAX, today, why);
    check_day("operation_date", t->operation_date, today.year - YEAR_MIN - 1, today, why);
    check_day("treated_from", t->treated_from, today.year - YEAR_MIN - 1, today, why);
    check_order("birth_date", t->birth_date, "operation_date", t->operation_date, "the operation would be before birth",
                why);
    check_stage(t, why);
    check_outcome(t, today, why);
    check_treatment(t, why);
    return problem_status(why);
}
