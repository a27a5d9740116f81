#include "services/ctl/population.h"
#include "tests/support/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YEAR = 2026, MANY = 50 * 1000 };

static struct population plan(long people)
{
    return population_plan(people, 1, YEAR);
}

static int compare_names(const void *a, const void *b)
{
    return strcasecmp(*(char *const *)a, *(char *const *)b);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void ck_unique(char **texts, long count, int (*compare)(const void *, const void *))
{
    qsort(texts, (size_t)count, sizeof *texts, compare);
    for (long i = 1; i < count; i++)
        ck_assert_msg(compare(&texts[i - 1], &texts[i]) != 0, "%s is there twice", texts[i]);
}

static void ck_counts(long people, long caregivers, long general, long psychologists, long neurologists, long patients)
{
    const long expected[GROUP_COUNT] = {caregivers, general, psychologists, neurologists, patients};
    struct population p = plan(people);
    for (int g = 0; g < GROUP_COUNT; g++)
        ck_assert_msg(p.count[g] == expected[g], "%ld of %ld are %s, not %ld", p.count[g], people,
                      population_group_name((enum population_group)g), expected[g]);
}

START_TEST(population_shares_are_exact)
{
    ck_counts(10000, 2500, 700, 500, 300, 6000);
    ck_counts(100, 25, 7, 5, 3, 60);
    ck_counts(1000000, 250000, 70000, 50000, 30000, 600000);
    ck_counts(POPULATION_MAX, 2500000, 700000, 500000, 300000, 6000000);
}
END_TEST

START_TEST(population_rounds_the_largest_remainders_up)
{
    ck_counts(0, 0, 0, 0, 0, 0);
    ck_counts(1, 0, 0, 0, 0, 1);
    ck_counts(2, 1, 0, 0, 0, 1);
    ck_counts(3, 1, 0, 0, 0, 2);
    ck_counts(17, 4, 1, 1, 1, 10);
    ck_counts(9999, 2500, 700, 500, 300, 5999);
}
END_TEST

START_TEST(population_shares_sum_up_and_stay_within_one_of_the_exact_share)
{
    static const long percent[GROUP_COUNT] = {25, 7, 5, 3, 60};
    for (long n = 0; n <= 3000; n++) {
        struct population p = plan(n);
        long sum = 0;
        for (int g = 0; g < GROUP_COUNT; g++) {
            ck_assert_int_eq(p.first[g], sum);
            ck_assert_int_lt(labs(p.count[g] * 100 - n * percent[g]), 100);
            sum += p.count[g];
        }
        ck_assert_int_eq(sum, n);
    }
}
END_TEST

START_TEST(population_names_and_ids_are_unique)
{
    struct population p = plan(MANY);
    struct invented_person *people = malloc(MANY * sizeof *people);
    char **texts = malloc(MANY * sizeof *texts);
    for (long i = 0; i < MANY; i++)
        population_person(&p, i, &people[i]);
    for (long i = 0; i < MANY; i++)
        texts[i] = people[i].name;
    ck_unique(texts, MANY, compare_names);
    for (long i = 0; i < MANY; i++)
        texts[i] = people[i].id;
    ck_unique(texts, MANY, compare_ids);
    free(texts);
    free(people);
}
END_TEST

/* Letters and one space in between, so that lower case is all that shared.name_key changes. */
START_TEST(population_names_are_two_capitalised_words)
{
    struct population p = plan(5000);
    struct invented_person who;
    for (long i = 0; i < p.people; i++) {
        char given[48], family[48], rest[48];
        population_person(&p, i, &who);
        if (strcmp(who.name, "Dr. Ada Neuro") == 0)
            continue;
        ck_assert_msg(sscanf(who.name, "%47[A-Za-z] %47[A-Za-z]%47s", given, family, rest) == 2, "%s", who.name);
        ck_assert(given[0] < 'a' && family[0] < 'a');
        ck_assert_int_le(strlen(who.name), 30);
    }
}
END_TEST

START_TEST(population_ids_are_uuids_of_version_8)
{
    struct population p = plan(2000);
    struct invented_person who;
    for (long i = 0; i < p.people; i++) {
        population_person(&p, i, &who);
        ck_assert_uint_eq(strspn(who.id, "0123456789abcdef"), 32);
        ck_assert_uint_eq(strlen(who.id), 32);
        ck_assert_int_eq(who.id[12], '8');
        ck_assert(strchr("89ab", who.id[16]));
    }
}
END_TEST

static long digest(long people, uint64_t seed, int year)
{
    struct population p = population_plan(people, seed, year);
    struct invented_person who;
    unsigned long sum = 5381;
    for (long i = 0; i < people; i++) {
        population_person(&p, i, &who);
        char text[256];
        snprintf(text, sizeof text, "%s %s %s %s %s %d %s", who.id, who.name, who.status,
                 who.specialty ? who.specialty : "", who.birth_date, who.mmse, who.caregiver_id);
        for (const char *c = text; *c; c++)
            sum = sum * 33 + (unsigned char)*c;
    }
    return (long)sum;
}

START_TEST(population_is_the_same_for_the_same_seed)
{
    ck_assert_int_eq(digest(5000, 1, YEAR), digest(5000, 1, YEAR));
    ck_assert_int_ne(digest(5000, 1, YEAR), digest(5000, 2, YEAR));
}
END_TEST

/* Somebody may have noted an id or a name: a change of the generator that moves them should be on purpose. */
START_TEST(population_of_seed_1_is_the_one_we_know)
{
    struct population p = plan(10000);
    struct invented_person who;
    population_person(&p, 9999, &who);
    ck_assert_str_eq(who.name, "Flunaneth Zostellis");
    ck_assert_str_eq(who.id, "2bdbe9e8c0ff818ca99ff93e9e652aeb");
}
END_TEST

START_TEST(population_of_another_year_differs_in_birth_dates_alone)
{
    struct population now = population_plan(3000, 1, YEAR), later = population_plan(3000, 1, YEAR + 1);
    struct invented_person a, b;
    for (long i = 0; i < now.people; i++) {
        population_person(&now, i, &a);
        population_person(&later, i, &b);
        if (*a.birth_date)
            ck_assert_int_eq(atoi(a.birth_date) + 1, atoi(b.birth_date));
        memcpy(a.birth_date, b.birth_date, sizeof a.birth_date);
        ck_assert_mem_eq(&a, &b, sizeof a);
    }
}
END_TEST

static int age_on(const struct invented_person *who, int month, int day)
{
    struct date born;
    ck_assert_msg(date_parse(who->birth_date, &born), "%s", who->birth_date);
    return date_years_between(born, (struct date){YEAR, month, day});
}

START_TEST(patients_are_25_to_90_on_every_day_of_the_year)
{
    struct population p = plan(MANY / 4);
    struct invented_person who;
    int youngest = 200, oldest = 0;
    for (long i = p.first[GROUP_PATIENT]; i < p.people; i++) {
        population_person(&p, i, &who);
        int first = age_on(&who, 1, 1), last = age_on(&who, 12, 31);
        youngest = first < youngest ? first : youngest;
        oldest = last > oldest ? last : oldest;
    }
    ck_assert_int_eq(youngest, PATIENT_AGE_MIN);
    ck_assert_int_eq(oldest, PATIENT_AGE_MAX);
}
END_TEST

START_TEST(patients_score_5_to_30_and_less_with_age)
{
    struct population p = plan(MANY / 4);
    struct invented_person who;
    long sum[2] = {0}, count[2] = {0}, seen[31] = {0};
    for (long i = p.first[GROUP_PATIENT]; i < p.people; i++) {
        population_person(&p, i, &who);
        ck_assert_int_ge(who.mmse, PATIENT_MMSE_MIN);
        ck_assert_int_le(who.mmse, PATIENT_MMSE_MAX);
        int old = age_on(&who, 7, 1) >= 75;
        sum[old] += who.mmse;
        count[old]++;
        seen[who.mmse]++;
    }
    for (int score = PATIENT_MMSE_MIN; score <= PATIENT_MMSE_MAX; score++)
        ck_assert_int_gt(seen[score], 0);
    ck_assert_int_gt(sum[0] / count[0], sum[1] / count[1] + 2);
}
END_TEST

START_TEST(only_patients_have_what_patients_have)
{
    struct population p = plan(1000);
    struct invented_person who;
    for (long i = 0; i < p.people; i++) {
        population_person(&p, i, &who);
        bool patient = strcmp(who.status, "patient") == 0, healthpro = strcmp(who.status, "healthpro") == 0;
        ck_assert_int_eq(patient, i >= p.first[GROUP_PATIENT]);
        ck_assert_int_eq(*who.birth_date != '\0', patient);
        ck_assert_int_eq(*who.caregiver_id != '\0', patient);
        ck_assert_int_eq(who.specialty != NULL, healthpro);
    }
}
END_TEST

/* How many patients each caregiver has; fails for a patient of anybody else. */
static void count_loads(const struct population *p, long *loads)
{
    struct invented_person who, caregiver;
    for (long i = p->first[GROUP_PATIENT]; i < p->people; i++) {
        long k = 0;
        population_person(p, i, &who);
        do
            population_person(p, p->first[GROUP_CAREGIVER] + k, &caregiver);
        while (strcmp(caregiver.id, who.caregiver_id) != 0 && ++k < p->count[GROUP_CAREGIVER]);
        ck_assert_int_lt(k, p->count[GROUP_CAREGIVER]);
        loads[k]++;
    }
}

START_TEST(loads_of_caregivers_differ_by_at_most_one)
{
    static const long sizes[] = {2, 3, 10, 99, 1000, 1003};
    for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
        struct population p = plan(sizes[n]);
        long loads[300] = {0}, least = sizes[n], most = 0;
        count_loads(&p, loads);
        for (long k = 0; k < p.count[GROUP_CAREGIVER]; k++) {
            least = loads[k] < least ? loads[k] : least;
            most = loads[k] > most ? loads[k] : most;
        }
        ck_assert_int_le(most - least, 1);
    }
}
END_TEST

START_TEST(a_patient_without_caregivers_has_none)
{
    struct population p = plan(1);
    struct invented_person who;
    population_person(&p, 0, &who);
    ck_assert_str_eq(who.name, "Paula Patient");
    ck_assert_str_eq(who.caregiver_id, "");
}
END_TEST

START_TEST(the_first_of_their_groups_are_known_by_name)
{
    struct population p = plan(100);
    struct invented_person carl, ada, paula;
    population_person(&p, p.first[GROUP_CAREGIVER], &carl);
    population_person(&p, p.first[GROUP_NEUROLOGIST], &ada);
    population_person(&p, p.first[GROUP_PATIENT], &paula);
    ck_assert_str_eq(carl.name, "Carl Caregiver");
    ck_assert_str_eq(ada.name, "Dr. Ada Neuro");
    ck_assert_str_eq(ada.specialty, "neurologist");
    ck_assert_str_eq(paula.name, "Paula Patient");
    ck_assert_str_eq(paula.caregiver_id, carl.id);
    ck_assert_int_eq(paula.mmse, 22);
    ck_assert_int_eq(age_on(&paula, 1, 1), 72);
    ck_assert_int_eq(age_on(&paula, 12, 31), 72);
}
END_TEST

START_TEST(patients_are_followed_and_come_down_to_their_score)
{
    struct population p = population_plan(10000, 1, 2026);
    struct invented_person who;
    struct invented_visit visits[VISITS_MAX];
    long first = p.first[GROUP_PATIENT];
    int lost = 0, later = 0;
    for (long i = 0; i < p.count[GROUP_PATIENT]; i++) {
        population_person(&p, first + i, &who);
        int count = population_visits(&p, first + i, &who, visits);
        ck_assert_int_ge(count, i < FOLLOWED_PATIENTS ? FOLLOWED_VISITS_MIN : 1);
        ck_assert_int_le(count, i < FOLLOWED_PATIENTS ? VISITS_MAX : OTHER_VISITS_MAX);
        ck_assert_int_eq(visits[count - 1].mmse, who.mmse);
        for (int v = 1; v < count; v++) {
            ck_assert_str_lt(visits[v - 1].assessed_on, visits[v].assessed_on);
            lost += visits[v - 1].mmse - visits[v].mmse, later++;
        }
        ck_assert_str_lt(visits[count - 1].assessed_on, "2026");
        ck_assert(who.schooling_years >= 0 && who.schooling_years <= 30);
    }
    ck_assert_int_gt(lost, later / 4); /* a quarter of a point from one to the next at least */
}
END_TEST

int main(void)
{
    return UNIT_TESTS(patients_are_followed_and_come_down_to_their_score, population_shares_are_exact,
                      population_rounds_the_largest_remainders_up,
                      population_shares_sum_up_and_stay_within_one_of_the_exact_share,
                      population_names_and_ids_are_unique, population_names_are_two_capitalised_words,
                      population_ids_are_uuids_of_version_8, population_is_the_same_for_the_same_seed,
                      population_of_seed_1_is_the_one_we_know, population_of_another_year_differs_in_birth_dates_alone,
                      patients_are_25_to_90_on_every_day_of_the_year, patients_score_5_to_30_and_less_with_age,
                      only_patients_have_what_patients_have, loads_of_caregivers_differ_by_at_most_one,
                      a_patient_without_caregivers_has_none, the_first_of_their_groups_are_known_by_name);
}
