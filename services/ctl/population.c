#include "services/ctl/population.h"

#include "common/base/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *status, *specialty;
    long percent;
    const char *first_name;
} groups[GROUP_COUNT] = {
    [GROUP_CAREGIVER] = {"caregivers", "caregiver", NULL, 25, "Carl Caregiver"},
    [GROUP_GENERAL] = {"general practitioners", "healthpro", "general", 7, NULL},
    [GROUP_PSYCHOLOGIST] = {"psychologists", "healthpro", "psychologist", 5, NULL},
    [GROUP_NEUROLOGIST] = {"neurologists", "healthpro", "neurologist", 3, "Dr. Ada Neuro"},
    [GROUP_PATIENT] = {"patients", "patient", NULL, 60, "Paula Patient"},
};

enum { PAULA_AGE = 72, PAULA_MMSE = 22 };

/* The finalizer of splitmix64: a bijection whose output bits each depend on all input bits. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

/* The use of a random number. Each use has its own, so that a new one does not change the others. */
enum purpose {
    ID_HIGH,
    ID_LOW,
    BIRTH_YEAR,
    BIRTH_YEAR_AGAIN,
    BIRTH_MONTH,
    BIRTH_DAY,
    IMPAIRED,
    SCORE,
    SCORE_AGAIN,
    SEX,
    SCHOOLING,
    VISITS,
    LAST_VISIT,
    DECLINE,
    FIRST_OF_VISIT = 100
};

/* The same for each visit of a patient. */
enum visit_purpose { VISIT_ID_HIGH, VISIT_ID_LOW, VISIT_DAY, VISIT_NOISE, VISIT_PURPOSES };

static uint64_t draw(const struct population *p, long index, enum purpose purpose)
{
    return mix(mix(mix(p->seed) + (uint64_t)index) + purpose);
}

/* A number from 0 to bound - 1. */
static int draw_below(const struct population *p, long index, enum purpose purpose, int bound)
{
    return (int)((draw(p, index, purpose) >> 32) * (uint64_t)bound >> 32);
}

/* ---- how many of each status ---- */

/* Largest remainder: everybody rounded down, and who was cut most gets what is left. */
struct population population_plan(long people, uint64_t seed, int year)
{
    struct population p = {.people = people, .seed = seed, .year = year};
    long left = people, cut[GROUP_COUNT];
    for (int g = 0; g < GROUP_COUNT; g++) {
        p.count[g] = people * groups[g].percent / 100;
        cut[g] = people * groups[g].percent % 100;
        left -= p.count[g];
    }
    for (; left > 0; left--) {
        int most = 0;
        for (int g = 1; g < GROUP_COUNT; g++)
            if (cut[g] > cut[most])
                most = g;
        p.count[most]++;
        cut[most] = -1;
    }
    for (int g = 1; g < GROUP_COUNT; g++)
        p.first[g] = p.first[g - 1] + p.count[g - 1];
    return p;
}

enum population_group population_group_of(const struct population *p, long index)
{
    int g = 0;
    while (index >= p->first[g] + p->count[g])
        g++;
    return (enum population_group)g;
}

const char *population_group_name(enum population_group group)
{
    return groups[group].name;
}

/* ---- names ----
 *
 * A name is a given and a family name, each of an onset, a vowel, a coda and a tail: M-a-r-ela T-o-v-ins. Onsets and
 * codas are consonants and tails begin with a vowel, so no two choices of pieces spell the same name, and numbering all
 * choices numbers all names. Person i gets the name whose number is the i-th of a shuffle of all numbers: unique
 * without remembering any. The fixed names of groups[] are none of these. */

static const char *const onsets[] = {"B", "D", "H",  "J",  "K",  "L",  "M",  "N",  "R",  "S",
                                     "T", "V", "Br", "Dr", "Kl", "St", "Tr", "Fl", "Gr", "Z"};
static const char *const vowels[] = {"a", "e", "i", "o", "u"};
static const char *const given_codas[] = {"l", "m", "n", "r", "v", "d", "s"};
static const char *const given_tails[] = {"ela",  "ina", "ora",  "ika",   "ani",  "emi",  "ovi",  "elin", "aric",
                                          "omir", "aya", "essa", "aneth", "orin", "evan", "ulia", "iven", "iandra"};
static const char *const family_codas[] = {"l", "m", "n", "r", "v", "d", "rn", "lm", "lv", "st", "nd"};
static const char *const family_tails[] = {"ins",   "elmar", "erik",   "osk",    "ovar",  "enko",  "andar",
                                           "ellis", "orsen", "igan",   "ulis",   "emont", "avell", "ostin",
                                           "ering", "uvin",  "andell", "ormont", "avik",  "eski"};

enum {
    GIVEN_NAMES = COUNT(onsets) * COUNT(vowels) * COUNT(given_codas) * COUNT(given_tails),
    FAMILY_NAMES = COUNT(onsets) * COUNT(vowels) * COUNT(family_codas) * COUNT(family_tails),
    NAMES = GIVEN_NAMES * FAMILY_NAMES,
    SHUFFLE_HALF_BITS = 15,
    SHUFFLE_HALF = (1 << SHUFFLE_HALF_BITS) - 1,
    SHUFFLE_ROUNDS = 4,
};
_Static_assert(NAMES >= 10L * POPULATION_MAX, "names look alike when most of them are taken");
_Static_assert(NAMES <= 1L << (2 * SHUFFLE_HALF_BITS), "the shuffle reaches all names");

/* A Feistel network is a bijection whatever its round function is. */
static uint64_t shuffle_once(uint64_t seed, uint64_t x)
{
    uint64_t left = x >> SHUFFLE_HALF_BITS, right = x & SHUFFLE_HALF;
    for (uint64_t round = 0; round < SHUFFLE_ROUNDS; round++) {
        uint64_t next = left ^ (mix(seed ^ mix(right << 8 | round)) & SHUFFLE_HALF);
        left = right;
        right = next;
    }
    return left << SHUFFLE_HALF_BITS | right;
}

/* Its domain is larger than the names: a number outside is shuffled on until it is inside, so it stays a bijection. */
static uint64_t shuffled(uint64_t seed, uint64_t x)
{
    do
        x = shuffle_once(seed, x);
    while (x >= NAMES);
    return x;
}

/* The number's next digit, in a numeral system with that many digits, says which piece. */
#define TAKE_PIECE(number, pieces) take_piece((number), (pieces), COUNT(pieces))
static const char *take_piece(uint64_t *number, const char *const *pieces, size_t count)
{
    const char *piece = pieces[*number % count];
    *number /= count;
    return piece;
}

static void invent_name(const struct population *p, long index, char out[PERSON_NAME_SIZE])
{
    uint64_t number = shuffled(p->seed, (uint64_t)index);
    const char *onset = TAKE_PIECE(&number, onsets), *vowel = TAKE_PIECE(&number, vowels);
    const char *coda = TAKE_PIECE(&number, given_codas), *tail = TAKE_PIECE(&number, given_tails);
    int used = snprintf(out, PERSON_NAME_SIZE, "%s%s%s%s ", onset, vowel, coda, tail);
    onset = TAKE_PIECE(&number, onsets), vowel = TAKE_PIECE(&number, vowels);
    coda = TAKE_PIECE(&number, family_codas), tail = TAKE_PIECE(&number, family_tails);
    snprintf(out + used, PERSON_NAME_SIZE - (size_t)used, "%s%s%s%s", onset, vowel, coda, tail);
}

/* ---- ids ---- */

/* A UUID of version 8 (RFC 9562): made by a method of our own. */
static void print_id(uint64_t high, uint64_t low, char out[PERSON_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t half[2] = {high, low};
    half[0] = (half[0] & ~0xF000ULL) | 0x8000;
    half[1] = (half[1] & ~(3ULL << 62)) | 2ULL << 62;
    for (int i = 0; i < 32; i++)
        out[i] = digits[half[i / 16] >> (60 - 4 * (i % 16)) & 15];
    out[32] = '\0';
}

static void invent_id(const struct population *p, long index, char out[PERSON_ID_SIZE])
{
    print_id(draw(p, index, ID_HIGH), draw(p, index, ID_LOW), out);
}

/* ---- patients ---- */

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* People born in year - a are a - 1 or a on any day of the year. The larger of two draws: a memory clinic sees more old
 * people than young ones. */
static int invent_birth_year(const struct population *p, long index)
{
    int span = PATIENT_AGE_MAX - PATIENT_AGE_MIN;
    int drawn = larger(draw_below(p, index, BIRTH_YEAR, span), draw_below(p, index, BIRTH_YEAR_AGAIN, span));
    return p->year - (PATIENT_AGE_MIN + 1 + drawn);
}

static struct date invent_birth_date(const struct population *p, long index)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = draw_below(p, index, BIRTH_MONTH, 12);
    return (struct date){invent_birth_year(p, index), month + 1, draw_below(p, index, BIRTH_DAY, days[month]) + 1};
}

/* The Mini-Mental State Examination gives 0 to 30 points. Healthy people of any age mostly have 27 and more; the share
 * of the impaired grows with age, steeply from 60 on, and among them every stage is met. */
static int invent_mmse(const struct population *p, long index, int age)
{
    int impaired_percent = 5 + larger(0, age - 60) * 2;
    if (draw_below(p, index, IMPAIRED, 100) < impaired_percent)
        return PATIENT_MMSE_MIN + draw_below(p, index, SCORE, 20);
    return 25 + larger(draw_below(p, index, SCORE, 6), draw_below(p, index, SCORE_AGAIN, 6));
}

/* Dealt out in turn, so that no two caregivers differ by more than one patient. */
static void deal_caregiver(const struct population *p, long patient, char out[PERSON_ID_SIZE])
{
    long caregivers = p->count[GROUP_CAREGIVER];
    if (caregivers > 0)
        invent_id(p, p->first[GROUP_CAREGIVER] + patient % caregivers, out);
}

/* Two years more or less for who was born a generation later, and half of the people went to school for 9 to 12. */
static int invent_schooling(const struct population *p, long index, int birth_year)
{
    int usual = birth_year < p->year - 70 ? 8 : 10;
    int drawn = draw_below(p, index, SCHOOLING, 100);
    return drawn < 20 ? usual - 4 + drawn % 4 : drawn < 75 ? usual + drawn % 3 : usual + 3 + drawn % 7;
}

static void invent_patient(const struct population *p, long index, struct invented_person *out)
{
    long patient = index - p->first[GROUP_PATIENT];
    struct date born = invent_birth_date(p, index);
    out->mmse = invent_mmse(p, index, p->year - born.year);
    if (patient == 0) {
        born = (struct date){p->year - PAULA_AGE, 1, 1};
        out->mmse = PAULA_MMSE;
    }
    date_print(born, out->birth_date);
    out->sex = draw_below(p, index, SEX, 100) < 58 ? "female" : "male";
    out->schooling_years = invent_schooling(p, index, born.year);
    deal_caregiver(p, patient, out->caregiver_id);
}

void population_person(const struct population *p, long index, struct invented_person *out)
{
    enum population_group g = population_group_of(p, index);
    *out = (struct invented_person){.status = groups[g].status, .specialty = groups[g].specialty};
    invent_id(p, index, out->id);
    if (index == p->first[g] && groups[g].first_name)
        snprintf(out->name, sizeof out->name, "%s", groups[g].first_name);
    else
        invent_name(p, index, out->name);
    if (g == GROUP_PATIENT)
        invent_patient(p, index, out);
}

/* ---- visits ---- */

static int visit_below(const struct population *p, long index, int visit, enum visit_purpose what, int bound)
{
    return draw_below(p, index, (enum purpose)(FIRST_OF_VISIT + visit * VISIT_PURPOSES + (int)what), bound);
}

static int visit_count(const struct population *p, long index)
{
    if (index - p->first[GROUP_PATIENT] < FOLLOWED_PATIENTS)
        return FOLLOWED_VISITS_MIN + draw_below(p, index, VISITS, VISITS_MAX - FOLLOWED_VISITS_MIN + 1);
    return 1 + draw_below(p, index, VISITS, OTHER_VISITS_MAX);
}

/* Tenths of a point in a year: a low score is the end of a decline. */
static int yearly_decline(const struct population *p, long index, int mmse)
{
    return mmse < 25 ? 5 + draw_below(p, index, DECLINE, 36) : draw_below(p, index, DECLINE, 5);
}

/* Looking back from the last visit: the points lost since, and two points up or down by chance. */
static int earlier_mmse(const struct population *p, long index, int last, int years, int visit)
{
    int lost = (yearly_decline(p, index, last) * years + 5) / 10;
    int score = last + lost + visit_below(p, index, visit, VISIT_NOISE, 5) - 2;
    return score < 0 ? 0 : score > PATIENT_MMSE_MAX ? PATIENT_MMSE_MAX : score;
}

int population_visits(const struct population *p, long index, const struct invented_person *who,
                      struct invented_visit out[VISITS_MAX])
{
    int count = visit_count(p, index);
    struct date last = date_plus_days((struct date){p->year - 1, 1, 1}, draw_below(p, index, LAST_VISIT, 365));
    for (int i = 0; i < count; i++) {
        int years = count - 1 - i;
        int jitter = years > 0 ? visit_below(p, index, i, VISIT_DAY, 91) - 45 : 0;
        uint64_t first = FIRST_OF_VISIT + (uint64_t)(i * VISIT_PURPOSES);
        print_id(draw(p, index, (enum purpose)(first + VISIT_ID_HIGH)),
                 draw(p, index, (enum purpose)(first + VISIT_ID_LOW)), out[i].id);
        date_print(date_plus_days(last, jitter - 365 * years), out[i].assessed_on);
        out[i].mmse = years > 0 ? earlier_mmse(p, index, who->mmse, years, i) : who->mmse;
    }
    return count;
}
