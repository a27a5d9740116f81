#include "common/http/idempotency.h"
#include "tests/support/exchange.h"
#include "tests/support/unit.h"

#include <string.h>

static int calls;

static enum status count_call(struct request *rq)
{
    calls++;
    return reply_empty(rq);
}

static const struct route create = {"POST", "/items", count_call, .success = 201};

/* Good keys come as far as the database, which is not there. */
static enum status run(struct exchange *c, const char *key)
{
    struct db_pool *pool = db_pool_new("host=/nowhere", "test of keys", 1, NULL);
    c->rq.db = (struct db){.pool = pool, .arena = &c->arena, .why = &c->rq.problem};
    c->rq.idempotency_key = key;
    enum status status = idempotency_run(&c->rq, count_call);
    db_done(&c->rq.db);
    db_pool_drop(pool);
    return status;
}

static const char *key_of(struct exchange *c, size_t size)
{
    char *key = arena_alloc(&c->arena, size + 1);
    memset(key, 'k', size);
    return key;
}

START_TEST(keys_are_visible_ascii_of_some_length)
{
    EXCHANGE(c, create);
    const char *good[] = {"k", "8e03978e-40d5-43dd-bc93-6894a57f9324", "\"quoted\"", "!~", key_of(&c, 200)};
    for (size_t i = 0; i < COUNT(good); i++)
        ck_assert_int_eq(run(&c, good[i]), UNAVAILABLE);
    ck_assert_int_eq(c.rq.problem.error_count, 0);
}
END_TEST

START_TEST(a_malformed_key_is_refused_by_the_name_of_the_header)
{
    EXCHANGE(c, create);
    const char *bad[] = {"", " ", "two words", "tab\t", "\x7f", "caf\xc3\xa9", key_of(&c, 201)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        problem_reset(&c.rq.problem, &c.arena);
        ck_assert_int_eq(run(&c, bad[i]), INVALID);
        ck_noted(&c.rq.problem, "/Idempotency-Key", "1 to 200 visible ASCII characters");
    }
}
END_TEST

START_TEST(nothing_is_created_where_nothing_can_be_kept)
{
    EXCHANGE(c, create);
    calls = 0;
    ck_assert_int_eq(run(&c, "key"), UNAVAILABLE);
    ck_assert_int_eq(calls, 0);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(keys_are_visible_ascii_of_some_length, a_malformed_key_is_refused_by_the_name_of_the_header,
                      nothing_is_created_where_nothing_can_be_kept);
}
