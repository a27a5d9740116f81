#include "services/users/person/person.h"

#include <string.h>

enum { AGE_MAX = 130, HALF_A_YEAR_DAYS = 182 };

/* The date of birth half a year before the latest that fits: people who say 70 are 70 and a half in the mean. */
static struct date birth_date_of_age(int age, struct date today)
{
    return date_plus_days(date_years_before(today, age), -HALF_A_YEAR_DAYS);
}

static void check_birth_date(const struct person *p, struct date today, struct problem *why)
{
    struct date born;
    if (!p->birth_date || !date_parse(p->birth_date, &born))
        return;
    if (date_compare(born, today) > 0)
        fail(why, INVALID, "birth_date", "must not be in the future");
    else if (date_years_between(born, today) > AGE_MAX)
        fail(why, INVALID, "birth_date", "must not be more than %d years ago", AGE_MAX);
}

static void take_age(struct person *p, struct date today, struct arena *arena)
{
    char *text = arena_alloc(arena, DATE_SIZE);
    date_print(birth_date_of_age((int)p->age.value, today), text);
    p->birth_date = text;
}

static void check_patient(struct person *p, struct date today, struct arena *arena, struct problem *why)
{
    if (p->specialty)
        fail(why, INVALID, "specialty", "does not belong to a patient");
    if (!p->mmse.known)
        fail(why, INVALID, "mmse", "is required for a patient");
    if (p->age.known && p->birth_date)
        fail(why, INVALID, "age", "is given beside birth_date; give one of them");
    else if (!p->age.known && !p->birth_date)
        fail(why, INVALID, "birth_date", "is required for a patient, or age");
    check_birth_date(p, today, why);
    p->birth_date_estimated = (struct maybe_boolean){true, p->birth_date_estimated.value || p->age.known};
    if (p->age.known)
        take_age(p, today, arena);
}

static void refuse_members_of_patients(const struct person *p, struct problem *why)
{
    const struct {
        const char *name;
        bool given;
    } members[] = {
        {"age", p->age.known},
        {"birth_date", p->birth_date != NULL},
        {"mmse", p->mmse.known},
        {"sex", p->sex != NULL},
        {"schooling_years", p->schooling_years.known},
        {"caregiver_id", p->caregiver_id != NULL},
    };
    for (size_t i = 0; i < COUNT(members); i++)
        if (members[i].given)
            fail(why, INVALID, members[i].name, "belongs to patients only");
}

enum status person_check(struct person *p, struct date today, struct arena *arena, struct problem *why)
{
    if (strcmp(p->status, "patient") == 0) {
        check_patient(p, today, arena, why);
        return problem_status(why);
    }
    bool healthpro = strcmp(p->status, "healthpro") == 0;
    refuse_members_of_patients(p, why);
    if (healthpro && !p->specialty)
        fail(why, INVALID, "specialty", "is required for a healthpro");
    if (!healthpro && p->specialty)
        fail(why, INVALID, "specialty", "belongs to healthpros only");
    return problem_status(why);
}
