/* An invented population: id, name, age and caregiver of each person.
 *
 * The same number of people, seed and year give the same population, ids included. Person i is computed from i alone,
 * so a population takes no memory, and walking it twice (once for accounts, once for records) meets the same people.
 * Caregivers come before the patients who refer to them. Nothing here reads a clock or a file. */
#pragma once

#include "common/base/clock.h"

#include <stdint.h>

enum { POPULATION_MAX = 10 * 1000 * 1000 };

/* In the order of their indexes. */
enum population_group {
    GROUP_CAREGIVER,
    GROUP_GENERAL,
    GROUP_PSYCHOLOGIST,
    GROUP_NEUROLOGIST,
    GROUP_PATIENT,
    GROUP_COUNT,
};

struct population {
    long people;
    uint64_t seed;
    int year; /* ages are from PATIENT_AGE_MIN to PATIENT_AGE_MAX on every day of this year */
    long first[GROUP_COUNT], count[GROUP_COUNT];
};

enum { PATIENT_AGE_MIN = 25, PATIENT_AGE_MAX = 90, PATIENT_MMSE_MIN = 5, PATIENT_MMSE_MAX = 30 };

/* Followed patients have FOLLOWED_VISITS_MIN to VISITS_MAX assessments, the others a few. */
enum { FOLLOWED_PATIENTS = 2000, FOLLOWED_VISITS_MIN = 3, VISITS_MAX = 8, OTHER_VISITS_MAX = 3 };

enum { PERSON_ID_SIZE = 33, PERSON_NAME_SIZE = 48 };

struct invented_person {
    char id[PERSON_ID_SIZE];
    char name[PERSON_NAME_SIZE];
    const char *status;    /* also the role of the account */
    const char *specialty; /* of healthpros, otherwise NULL */

    /* Of patients. */
    char birth_date[DATE_SIZE];
    const char *sex;
    int mmse, schooling_years;
    char caregiver_id[PERSON_ID_SIZE]; /* empty when there are no caregivers */
};

/* people: 0 to POPULATION_MAX. */
struct population population_plan(long people, uint64_t seed, int year);

/* index: 0 to people - 1. The first of their groups are Carl Caregiver, Dr. Ada Neuro and Paula Patient, who is 72 in
 * the whole year, scores 22 and is cared for by Carl. */
void population_person(const struct population *p, long index, struct invented_person *out);

struct invented_visit {
    char id[PERSON_ID_SIZE], assessed_on[DATE_SIZE];
    int mmse;
};

/* Makes the assessments of the patient with that index, oldest first, and returns how many. They are about a year
 * apart, all before the population's year, and the last one has the score of who. */
int population_visits(const struct population *p, long index, const struct invented_person *who,
                      struct invented_visit out[VISITS_MAX]);

enum population_group population_group_of(const struct population *p, long index);
const char *population_group_name(enum population_group group);
