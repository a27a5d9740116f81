/* Whether a name is known or its account disabled is not told by the time that an answer takes:
 * the means differ by less than 5%.
 *
 * Passwords are hashed at their real cost, which would hide nothing but the difference that is looked for. The cases
 * take turns, so that what else the machine does falls on all of them; of each a quarter is left out at either end,
 * where pauses of the machine are. A round that is too noisy is followed by another that is added to it, up to a limit:
 * chance goes away with more rounds, a difference stays. */
#include "tests/api/auth/accounts.h"

#include <stdlib.h>
#include <string.h>

enum { ROUND = 25, ROUNDS_MAX = 12, SAMPLES = ROUND * ROUNDS_MAX };
#define TOLERATED 0.05

struct timed {
    const char *what;
    struct reply (*ask)(const char *name);
    const char *name; /* NULL: a new one each time */
    double seconds[SAMPLES];
    int count;
};

static struct reply guess(const char *name)
{
    return login(name, "not the password");
}

static struct reply right_password(const char *name)
{
    return login(name, PASSWORD);
}

static void ask_once(struct timed *t)
{
    const char *name = t->name ? t->name : new_name("Unknown");
    sql_value("DELETE FROM auth.failed_login"); /* too many failures would be refused without a look */
    int64_t begin = clock_monotonic_us();
    REPLY r = t->ask(name);
    t->seconds[t->count++] = (double)(clock_monotonic_us() - begin) / 1e6;
    ck_reply(&r, 401, "type", "/problems/unauthenticated");
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double trimmed_mean(struct timed *t)
{
    double sum = 0;
    int from = t->count / 4, to = t->count - from;
    qsort(t->seconds, (size_t)t->count, sizeof *t->seconds, by_size);
    for (int i = from; i < to; i++)
        sum += t->seconds[i];
    return sum / (to - from);
}

/* The largest distance of a mean from the first one's, as a part of it. */
static double difference(struct timed *cases, int count)
{
    double first = trimmed_mean(&cases[0]), worst = 0;
    for (int i = 1; i < count; i++) {
        double d = trimmed_mean(&cases[i]) / first - 1;
        worst = d > worst ? d : -d > worst ? -d : worst;
    }
    return worst;
}

static void ck_same_time(struct timed *cases, int count)
{
    double worst = 1;
    for (int i = 0; i < count; i++)
        ask_once(&cases[i]); /* the first ones pay for connections and statements */
    for (int i = 0; i < count; i++)
        cases[i].count = 0;
    for (int round = 0; round < ROUNDS_MAX && worst >= TOLERATED; round++) {
        for (int i = 0; i < ROUND * count; i++)
            ask_once(&cases[i % count]);
        worst = difference(cases, count);
    }
    for (int i = 0; i < count; i++)
        printf("%s: %.2f ms (%d)\n", cases[i].what, trimmed_mean(&cases[i]) * 1000, cases[i].count);
    ck_assert_msg(worst < TOLERATED, "the means differ by %.1f%%", worst * 100);
}

START_TEST(an_unknown_name_a_wrong_password_and_a_disabled_account_take_the_same_time)
{
    static struct timed cases[] = {{"wrong password", guess, NULL, {0}, 0},
                                   {"unknown name", guess, NULL, {0}, 0},
                                   {"disabled account, right password", right_password, NULL, {0}, 0}};
    cases[0].name = new_name("Known");
    make_account(cases[0].name, "healthpro", "neurologist");
    cases[2].name = new_name("Disabled");
    const char *id = make_account(cases[2].name, "caregiver", NULL);
    sql_value("UPDATE auth.account SET disabled = true WHERE id = '%s'", id);
    ck_same_time(cases, COUNT(cases));
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, an_unknown_name_a_wrong_password_and_a_disabled_account_take_the_same_time);
}
