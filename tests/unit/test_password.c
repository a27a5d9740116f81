#include "common/password.h"
#include "tests/support/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static struct password_gate *gate;

static bool verified(const char *hash, const char *password)
{
    SCENE(s);
    bool right = true;
    ck_assert_int_eq(password_verify(gate, hash, password, &right, &s.why), OK);
    return right;
}

START_TEST(the_right_password_is_right_and_no_other)
{
    SCENE(s);
    char hash[PASSWORD_HASH_SIZE];
    ck_assert_int_eq(password_hash(gate, "correct horse battery", hash, &s.why), OK);
    ck_assert(verified(hash, "correct horse battery"));
    ck_assert(!verified(hash, "Correct horse battery"));
    ck_assert(!verified(hash, "correct horse battery "));
    ck_assert(!verified(hash, ""));
}
END_TEST

START_TEST(hashes_are_argon2id_of_the_promised_strength)
{
    SCENE(s);
    char one[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
    password_hash(gate, "the same password", one, &s.why);
    password_hash(gate, "the same password", other, &s.why);
    ck_assert_msg(strncmp(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", one);
    ck_assert_str_ne(one, other);
}
END_TEST

static bool good(const char *password, const char *name, const char *sentence)
{
    SCENE(s);
    enum status status = password_check(password, name, "password", &s.why);
    ck_assert_msg(status == OK || status == INVALID, "%s", password);
    if (status == INVALID && sentence)
        ck_noted(&s.why, "/password", sentence);
    return status == OK;
}

START_TEST(long_passwords_of_any_kind_of_character_are_good)
{
    static const char *const passwords[] = {
        "correct horse battery",
        "kfwmbzqhvtrx",
        "KFWMBZQHVTRX",
        "twelve green bicycles",
        "été à la mer",
        "seven quiet harbour lamps by the sea, and an eighth one in the old boat house at noon",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe9\x95\xb7\xe3\x81\x84\xe5\x90\x88\xe8\xa8\x80\xe8\x91\x89"
        "\xe3\x81\xa7\xe3\x81\x99"};
    for (size_t i = 0; i < COUNT(passwords); i++)
        ck_assert_msg(good(passwords[i], "Marela Tovins", NULL), "%s", passwords[i]);
}
END_TEST

START_TEST(words_patterns_and_names_are_refused_with_what_to_do)
{
    static const struct {
        const char *password, *sentence;
    } cases[] = {{"international", "several words"},
                 {"administrator", "several words"},
                 {"abcdefghijklmnop", "several words"},
                 {"1234567890123456", "several words"},
                 {"aaaaaaaaaaaaaaaa", "several words"},
                 {"abcabcabcabcabc", "several words"},
                 {"dictionary123", "several words"},
                 {"the tovins family", "nothing to do with it"},
                 {"MARELA sings often", "nothing to do with it"}};
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!good(cases[i].password, "Marela Tovins", cases[i].sentence), "%s", cases[i].password);
}
END_TEST

START_TEST(the_dictionary_is_there)
{
    ck_assert(password_check_works());
}
END_TEST

START_TEST(a_hash_of_other_parameters_is_renewed_for_the_right_password_only)
{
    SCENE(s);
    char old[PASSWORD_HASH_SIZE], renewed[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
    bool right;
    ck_assert_int_eq(crypto_pwhash_str(old, "correct horse battery", 21, 1, 8 * 1024 * 1024), 0);
    password_verify_and_renew(gate, old, "wrong horse battery", &right, renewed, &s.why);
    ck_assert(!right && renewed[0] == '\0');
    password_verify_and_renew(gate, old, "correct horse battery", &right, renewed, &s.why);
    ck_assert(right && verified(renewed, "correct horse battery"));
    password_verify_and_renew(gate, renewed, "correct horse battery", &right, again, &s.why);
    ck_assert(right && again[0] == '\0');
}
END_TEST

START_TEST(the_gate_hashes_at_its_cost_and_renews_what_cost_less)
{
    SCENE(s);
    const struct password_cost cost = {.memory_mib = 24, .passes = 3};
    char old[PASSWORD_HASH_SIZE], hash[PASSWORD_HASH_SIZE], renewed[PASSWORD_HASH_SIZE];
    bool right;
    struct password_gate *dearer = password_gate_new(&cost, 48, 4);
    password_hash(gate, "correct horse battery", old, &s.why);
    password_hash(dearer, "correct horse battery", hash, &s.why);
    ck_assert_msg(strncmp(hash, "$argon2id$v=19$m=24576,t=3,p=1$", 31) == 0, "%s", hash);
    password_verify_and_renew(dearer, hash, "correct horse battery", &right, renewed, &s.why);
    ck_assert(right && renewed[0] == '\0');
    password_verify_and_renew(dearer, old, "correct horse battery", &right, renewed, &s.why);
    ck_assert(right && strncmp(renewed, "$argon2id$v=19$m=24576,t=3,p=1$", 31) == 0);
    password_verify_and_renew(gate, hash, "correct horse battery", &right, renewed, &s.why);
    ck_assert(right && strncmp(renewed, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
    password_gate_drop(dearer);
}
END_TEST

/* hash: NULL or one that is none. */
static double cpu_seconds_of(struct password_gate *at, const char *hash)
{
    SCENE(s);
    struct timespec begin, end;
    bool right;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    password_verify(at, hash, "x", &right, &s.why);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

START_TEST(a_name_of_nobody_costs_what_a_hash_costs)
{
    const struct password_cost cost = {.memory_mib = PASSWORD_HASH_MIB, .passes = 12};
    struct password_gate *dearer = password_gate_new(&cost, PASSWORD_HASH_MIB, 0);
    ck_assert_double_gt(cpu_seconds_of(dearer, NULL), 2 * cpu_seconds_of(gate, NULL));
    password_gate_drop(dearer);
}
END_TEST

START_TEST(an_account_without_a_password_costs_what_a_hash_costs)
{
    const struct password_cost cost = {.memory_mib = PASSWORD_HASH_MIB, .passes = 12};
    struct password_gate *dearer = password_gate_new(&cost, PASSWORD_HASH_MIB, 0);
    ck_assert_double_gt(cpu_seconds_of(dearer, ""), 2 * cpu_seconds_of(gate, ""));
    password_gate_drop(dearer);
}
END_TEST

START_TEST(a_budget_must_hold_one_hash)
{
    const struct password_cost cost = {.memory_mib = 64, .passes = 2};
    ck_assert(password_cost_fits(&cost, 64));
    ck_assert(!password_cost_fits(&cost, 63));
}
END_TEST

START_TEST(nobody_has_no_right_password)
{
    ck_assert(!verified(NULL, "correct horse battery"));
    ck_assert(!verified(NULL, ""));
}
END_TEST

START_TEST(a_hash_that_is_none_is_never_right)
{
    ck_assert(!verified("", ""));
    ck_assert(!verified("plain text", "plain text"));
    ck_assert(!verified("$argon2id$v=19$m=19456,t=2,p=1$", "x"));
}
END_TEST

/* A crowd before a gate that lets one work and one wait. */
enum { CROWD = 12 };

struct crowd {
    struct password_gate *gate;
    pthread_barrier_t start;
    _Atomic int served, refused, surprised;
};

static void ask_the_gate(struct crowd *crowd)
{
    SCENE(s);
    bool right;
    enum status status = password_verify(crowd->gate, NULL, "x", &right, &s.why);
    atomic_fetch_add(status == OK ? &crowd->served : status == UNAVAILABLE ? &crowd->refused : &crowd->surprised, 1);
}

static void *come_along(void *crowd)
{
    pthread_barrier_wait(&((struct crowd *)crowd)->start);
    ask_the_gate(crowd);
    return NULL;
}

static void crowd_comes(struct crowd *crowd, void *(*come)(void *))
{
    pthread_t threads[CROWD];
    pthread_barrier_init(&crowd->start, NULL, CROWD);
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come, crowd), 0);
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&crowd->start);
}

START_TEST(the_gate_refuses_beyond_its_waiting_limit)
{
    struct crowd crowd = {.gate = password_gate_new(&PASSWORD_COST_DEFAULT, 1, 1)};
    int rounds = 0;
    do
        crowd_comes(&crowd, come_along); /* a slow machine may let them come one after the other */
    while (++rounds < 50 && atomic_load(&crowd.refused) == 0);
    ck_assert_int_gt(crowd.refused, 0);
    ck_assert_int_gt(crowd.served, 0);
    ck_assert_int_eq(crowd.surprised, 0);
    ck_assert_int_eq(crowd.served + crowd.refused, rounds * CROWD);
    password_gate_drop(crowd.gate);
}
END_TEST

START_TEST(the_gate_serves_all_who_may_wait)
{
    struct crowd crowd = {.gate = password_gate_new(&PASSWORD_COST_DEFAULT, 2L * PASSWORD_HASH_MIB, CROWD)};
    crowd_comes(&crowd, come_along);
    ck_assert_int_eq(crowd.served, CROWD);
    ck_assert_int_eq(crowd.refused, 0);
    password_gate_drop(crowd.gate);
}
END_TEST

/* A thread with many logins behind one another, as the HTTP threads have them. */
static void *come_again_and_again(void *crowd)
{
    pthread_barrier_wait(&((struct crowd *)crowd)->start);
    for (int i = 0; i < 50; i++)
        ask_the_gate(crowd);
    return NULL;
}

START_TEST(who_stands_behind_others_in_a_thread_is_not_kept_waiting_for_each_of_them)
{
    struct crowd crowd = {.gate = password_gate_new(&PASSWORD_COST_DEFAULT, PASSWORD_HASH_MIB, CROWD)};
    crowd_comes(&crowd, come_again_and_again);
    ck_assert_int_eq(crowd.surprised, 0);
    ck_assert_int_eq(crowd.served + crowd.refused, 50 * CROWD);
    ck_assert_int_gt(crowd.refused, crowd.served);
    password_gate_drop(crowd.gate);
}
END_TEST

START_TEST(the_gate_is_open_again_after_a_refusal)
{
    SCENE(s);
    bool right;
    struct crowd crowd = {.gate = password_gate_new(&PASSWORD_COST_DEFAULT, 0, 0)};
    crowd_comes(&crowd, come_along);
    ck_assert_int_eq(password_verify(crowd.gate, NULL, "x", &right, &s.why), OK);
    password_gate_drop(crowd.gate);
}
END_TEST

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    gate = password_gate_new(&PASSWORD_COST_DEFAULT, PASSWORD_HASH_MIB, 4);
    int status = UNIT_TESTS(
        the_gate_hashes_at_its_cost_and_renews_what_cost_less, a_name_of_nobody_costs_what_a_hash_costs,
        an_account_without_a_password_costs_what_a_hash_costs, a_budget_must_hold_one_hash,
        long_passwords_of_any_kind_of_character_are_good, words_patterns_and_names_are_refused_with_what_to_do,
        the_dictionary_is_there, a_hash_of_other_parameters_is_renewed_for_the_right_password_only,
        the_right_password_is_right_and_no_other, hashes_are_argon2id_of_the_promised_strength,
        nobody_has_no_right_password, a_hash_that_is_none_is_never_right, the_gate_refuses_beyond_its_waiting_limit,
        the_gate_serves_all_who_may_wait, who_stands_behind_others_in_a_thread_is_not_kept_waiting_for_each_of_them,
        the_gate_is_open_again_after_a_refusal);
    password_gate_drop(gate);
    return status;
}
