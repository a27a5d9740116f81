#include "common/identity/password.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include "tests/support/work.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

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

/* The cost of what a password is compared with where there is no hash: NULL, or one that is none. */
static const char *cost_without(const char *hash)
{
    SCENE(s);
    const struct password_cost cost = {.memory_mib = PASSWORD_HASH_MIB, .passes = 12};
    struct password_gate *dearer = password_gate_new(&cost, PASSWORD_HASH_MIB, 0);
    bool right;
    work_forget();
    ck_assert_int_eq(password_verify(dearer, hash, "x", &right, &s.why), OK);
    password_gate_drop(dearer);
    return work_of(NULL, HASHED);
}

START_TEST(a_name_of_nobody_costs_what_a_hash_costs)
{
    ck_assert_str_eq(cost_without(NULL), "$argon2id$v=19$m=19456,t=12,p=1\n");
}
END_TEST

START_TEST(an_account_without_a_password_costs_what_a_hash_costs)
{
    ck_assert_str_eq(cost_without(""), "$argon2id$v=19$m=19456,t=12,p=1\n");
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

/* A crowd before a gate. */
enum { CROWD = 12 };

struct crowd {
    struct password_gate *gate;
    pthread_t threads[CROWD];
    _Atomic int served, refused, surprised;
};

static void *ask_the_gate(void *arg)
{
    struct crowd *crowd = arg;
    SCENE(s);
    bool right;
    enum status status = password_verify(crowd->gate, NULL, "x", &right, &s.why);
    atomic_fetch_add(status == OK ? &crowd->served : status == UNAVAILABLE ? &crowd->refused : &crowd->surprised, 1);
    return NULL;
}

static void crowd_comes(struct crowd *crowd)
{
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(pthread_create(&crowd->threads[i], NULL, ask_the_gate, crowd), 0);
}

static void crowd_goes(struct crowd *crowd)
{
    for (int i = 0; i < CROWD; i++)
        pthread_join(crowd->threads[i], NULL);
    ck_assert_int_eq(crowd->surprised, 0);
    password_gate_drop(crowd->gate);
}

START_TEST(the_gate_lets_in_what_the_budget_holds_and_refuses_beyond_the_queue)
{
    enum { RUNNING = 2, WAITING = 3 };
    struct crowd crowd = {.gate = password_gate_new(&PASSWORD_COST_DEFAULT, RUNNING * PASSWORD_HASH_MIB, WAITING)};
    work_hold(true);
    crowd_comes(&crowd);
    WAIT_UNTIL(crowd.refused == CROWD - RUNNING - WAITING);
    ck_assert_int_eq(work_held(), RUNNING);
    ck_assert_int_eq(crowd.served, 0);
    work_hold(false);
    crowd_goes(&crowd);
    ck_assert_int_eq(crowd.served, RUNNING + WAITING);
}
END_TEST

START_TEST(the_gate_serves_all_who_may_wait)
{
    struct crowd crowd = {.gate = password_gate_new(&PASSWORD_COST_DEFAULT, 2L * PASSWORD_HASH_MIB, CROWD)};
    crowd_comes(&crowd);
    crowd_goes(&crowd);
    ck_assert_int_eq(crowd.served, CROWD);
}
END_TEST

START_TEST(the_gate_is_open_again_after_a_refusal)
{
    SCENE(s);
    bool right;
    struct password_gate *small = password_gate_new(&PASSWORD_COST_DEFAULT, 0, 0);
    struct crowd one = {.gate = small};
    pthread_t thread;
    work_hold(true);
    ck_assert_int_eq(pthread_create(&thread, NULL, ask_the_gate, &one), 0);
    WAIT_UNTIL(work_held() == 1);
    ck_assert_int_eq(password_verify(small, NULL, "x", &right, &s.why), UNAVAILABLE);
    work_hold(false);
    pthread_join(thread, NULL);
    ck_assert_int_eq(password_verify(small, NULL, "x", &right, &s.why), OK);
    password_gate_drop(small);
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
        nobody_has_no_right_password, a_hash_that_is_none_is_never_right,
        the_gate_lets_in_what_the_budget_holds_and_refuses_beyond_the_queue, the_gate_serves_all_who_may_wait,
        the_gate_is_open_again_after_a_refusal);
    password_gate_drop(gate);
    return status;
}
