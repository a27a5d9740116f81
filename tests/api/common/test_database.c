/* The pool and its statements, when PostgreSQL answers, refuses, waits or goes away. */
#include "common/base/log.h"
#include "common/database/db.h"
#include "tests/support/api.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"

#include <pthread.h>
#include <string.h>

struct book {
    const char *title;
    struct maybe_integer pages;
    struct maybe_real price;
    struct maybe_boolean lent;
};
LOCAL_SCHEMA(book_schema, "Book", struct book, FIELD_TEXT(struct book, title), FIELD_INTEGER(struct book, pages),
             FIELD_REAL(struct book, price), FIELD_BOOLEAN(struct book, lent));

static const struct constraint constraints[] = {
    {"book_title_taken", CONFLICT, "title", "is taken"},
    {"loan_of_a_book", CONFLICT, "title", "is no book"},
    {0},
};

static const char all_books[] = "SELECT title, pages, price, lent FROM public.book ORDER BY title";
static const char count_books[] = "SELECT count(*) AS pages FROM public.book";

/* A request's share of a pool: a scene's arena and refusals, until the end of the block. */
static void db_drop(struct db *db)
{
    db_done(db);
}
#define DB(variable, from, s) AUTO(db_drop) struct db variable = {.pool = (from), .arena = &(s).arena, .why = &(s).why}

static void pool_drop(struct db_pool **pool)
{
    db_pool_drop(*pool);
}
#define POOL(variable, size) AUTO(pool_drop) struct db_pool *variable = pool_of(size, "")

/* limits: as PostgreSQL takes them when a connection begins. */
static struct db_pool *pool_of(int size, const char *limits)
{
    return db_pool_new(text_of("%s %s", database_url("postgres"), limits), "test of the pool", size, constraints);
}

static enum status count(struct db *db, int64_t *out)
{
    struct book b;
    enum status status = db_one(db, count_books, NO_PARAMS, &book_schema, &b);
    if (status == OK && out)
        *out = b.pages.value;
    return status;
}

static enum status insert(struct db *db, const char *title, struct maybe_integer pages, struct maybe_real price,
                          struct maybe_boolean lent)
{
    static const char sql[] = "INSERT INTO public.book (title, pages, price, lent) VALUES ($1, $2::bigint, $3::float8,"
                              " $4::boolean)";
    return db_run(db, sql, PARAMS(title, db_integer(db, pages), db_real(db, price), db_boolean(lent)));
}

static enum status insert_title(struct db *db, const char *title)
{
    return insert(db, title, (struct maybe_integer){0}, (struct maybe_real){0}, (struct maybe_boolean){0});
}

#define OF_THE_POOL \
    " FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'test of the pool'"

static void lose_connections(void)
{
    sql_value("SELECT pg_terminate_backend(pid)" OF_THE_POOL);
    WAIT_UNTIL(strcmp(sql_value("SELECT count(*)" OF_THE_POOL), "0") == 0);
}

START_TEST(values_come_back_as_they_were_given_and_unknown_ones_unknown)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    struct record_list list;
    ck_assert_int_eq(insert(&db, "a 'quoted'; title", (struct maybe_integer){true, INT64_MIN},
                            (struct maybe_real){true, 0.1}, (struct maybe_boolean){true, false}),
                     OK);
    ck_assert_int_eq(insert_title(&db, "bare"), OK);
    ck_assert_int_eq(db_all(&db, all_books, NO_PARAMS, &book_schema, &list), OK);
    ck_assert_uint_eq(list.count, 2);
    const struct book *books = list.items;
    ck_assert_str_eq(books[0].title, "a 'quoted'; title");
    ck_assert(books[0].pages.known && books[0].pages.value == INT64_MIN);
    ck_assert(books[0].price.known && books[0].price.value == 0.1);
    ck_assert(books[0].lent.known && !books[0].lent.value);
    ck_assert(!books[1].pages.known && !books[1].price.known && !books[1].lent.known);
    sql_value("TRUNCATE public.book, public.loan");
}
END_TEST

START_TEST(no_row_is_not_found_and_no_list_is_empty)
{
    static const char one[] = "SELECT title FROM public.book WHERE title = $1";
    static const char none[] = "DELETE FROM public.book WHERE title = $1";
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    struct book b;
    struct record_list list;
    ck_assert_int_eq(db_one(&db, one, PARAMS("nowhere"), &book_schema, &b), NOT_FOUND);
    ck_assert_int_eq(db_run(&db, none, PARAMS("nowhere")), NOT_FOUND);
    ck_assert_int_eq(db_all(&db, one, PARAMS("nowhere"), &book_schema, &list), OK);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(problem_status(&s.why), OK);
}
END_TEST

START_TEST(a_violated_constraint_answers_as_its_table_says)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(insert_title(&db, "twice"), OK);
    ck_assert_int_eq(insert_title(&db, "twice"), CONFLICT);
    ck_noted(&s.why, "/title", "is taken");
    sql_value("TRUNCATE public.book, public.loan");
}
END_TEST

START_TEST(an_error_that_no_table_expects_is_a_fault)
{
    static const char broken[] = "SELECT nonsense FROM public.book";
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(insert_title(&db, ""), FAULT); /* a check without a row among the constraints */
    ck_assert_int_eq(insert_title(&db, NULL), FAULT);
    ck_assert_int_eq(db_run(&db, broken, NO_PARAMS), FAULT);
    ck_assert_int_eq(count(&db, NULL), OK);
}
END_TEST

START_TEST(a_statement_that_takes_too_long_is_given_up)
{
    static const char slow[] = "SELECT pg_sleep(600)", limitless[] = "SET statement_timeout TO 0";
    SCENE(s);
    AUTO(pool_drop) struct db_pool *pool = pool_of(1, "options='-c statement_timeout=100ms'");
    DB(db, pool, s);
    ck_assert_int_eq(db_run(&db, slow, NO_PARAMS), UNAVAILABLE);
    while (db_run(&db, limitless, NO_PARAMS) != NOT_FOUND) /* it is to be in time, too */
        continue;
    ck_assert_int_eq(db_pool_state(pool).open, 1);
    ck_assert_int_eq(count(&db, NULL), OK);
}
END_TEST

START_TEST(a_lock_that_somebody_holds_is_not_waited_for_long)
{
    SCENE(s);
    AUTO(pool_drop) struct db_pool *pool = pool_of(1, "options='-c lock_timeout=100ms'");
    DB(db, pool, s);
    sql_value("BEGIN; LOCK TABLE public.book IN ACCESS EXCLUSIVE MODE");
    enum status held = insert_title(&db, "locked out");
    sql_value("COMMIT");
    ck_assert_int_eq(held, UNAVAILABLE);
    ck_assert_int_eq(count(&db, NULL), OK);
}
END_TEST

START_TEST(a_request_without_a_connection_in_time_is_told_to_come_back)
{
    SCENE(s);
    POOL(pool, 1);
    DB(holder, pool, s);
    DB(other, pool, s);
    ck_assert_int_eq(count(&holder, NULL), OK);
    ck_assert_int_eq(count(&other, NULL), UNAVAILABLE);
    struct db_pool_state state = db_pool_state(pool);
    ck_assert_int_eq(state.busy, 1);
    ck_assert_int_eq(state.open, 1);
    ck_assert_uint_eq(state.waits, 1);
    db_done(&holder);
    ck_assert_int_eq(count(&other, NULL), OK);
}
END_TEST

struct waiter {
    struct db_pool *pool;
    enum status status;
};

static void *wait_for_a_connection(void *arg)
{
    struct waiter *w = arg;
    SCENE(s);
    DB(db, w->pool, s);
    w->status = count(&db, NULL);
    return NULL;
}

START_TEST(a_connection_that_comes_back_goes_to_a_waiting_request)
{
    SCENE(s);
    POOL(pool, 1);
    DB(holder, pool, s);
    struct waiter w = {pool, FAULT};
    pthread_t thread;
    ck_assert_int_eq(count(&holder, NULL), OK);
    pthread_create(&thread, NULL, wait_for_a_connection, &w);
    WAIT_UNTIL(db_pool_state(pool).waits == 1);
    db_done(&holder);
    pthread_join(thread, NULL);
    ck_assert_int_eq(w.status, OK);
}
END_TEST

START_TEST(a_connection_that_broke_while_idle_is_replaced_unnoticed)
{
    SCENE(s);
    POOL(pool, 2);
    DB(db, pool, s);
    ck_assert_int_eq(count(&db, NULL), OK);
    db_done(&db);
    lose_connections();
    ck_assert_int_eq(count(&db, NULL), OK);
    ck_assert_int_eq(db_pool_state(pool).open, 1);
}
END_TEST

START_TEST(a_connection_that_breaks_in_use_is_for_its_user_only)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(count(&db, NULL), OK);
    lose_connections();
    ck_assert_int_eq(count(&db, NULL), UNAVAILABLE);
    db_done(&db);
    ck_assert_int_eq(db_pool_state(pool).open, 0);
    ck_assert_int_eq(count(&db, NULL), OK);
}
END_TEST

START_TEST(a_transaction_left_open_does_not_reach_the_next_user)
{
    static const char begin[] = "BEGIN";
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    int64_t books = -1;
    ck_assert_int_eq(db_run(&db, begin, NO_PARAMS), NOT_FOUND); /* no row was touched */
    ck_assert_int_eq(insert_title(&db, "never committed"), OK);
    db_done(&db);
    ck_assert_int_eq(count(&db, &books), OK);
    ck_assert_int_eq(books, 0);
}
END_TEST

START_TEST(committed_rows_stay_and_others_go_with_a_lost_connection)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    int64_t books = -1;
    ck_assert_int_eq(db_begin(&db), OK);
    ck_assert_int_eq(insert_title(&db, "kept"), OK);
    ck_assert_int_eq(db_commit(&db), OK);
    ck_assert_int_eq(db_begin(&db), OK);
    ck_assert_int_eq(insert_title(&db, "dropped"), OK);
    db_done(&db);
    ck_assert_int_eq(db_pool_state(pool).open, 1);
    ck_assert_int_eq(count(&db, &books), OK);
    ck_assert_int_eq(books, 1);
    sql_value("TRUNCATE public.book, public.loan");
}
END_TEST

START_TEST(of_transactions_within_each_other_the_outermost_counts)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(db_begin(&db), OK);
    ck_assert_int_eq(db_begin(&db), OK);
    ck_assert_int_eq(insert_title(&db, "nested"), OK);
    ck_assert_int_eq(db_commit(&db), OK);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM public.book"), "0");
    ck_assert_int_eq(db_commit(&db), OK);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM public.book"), "1");
    db_done(&db);
    sql_value("TRUNCATE public.book, public.loan");
}
END_TEST

START_TEST(a_transaction_with_a_failed_statement_is_not_committed)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(db_begin(&db), OK);
    ck_assert_int_eq(insert_title(&db, "doomed"), OK);
    ck_assert_int_eq(insert_title(&db, "doomed"), CONFLICT);
    ck_assert_int_eq(db_commit(&db), FAULT);
    db_done(&db);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM public.book"), "0");
}
END_TEST

START_TEST(a_transaction_whose_connection_breaks_is_unavailable)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(db_begin(&db), OK);
    ck_assert_int_eq(insert_title(&db, "lost"), OK);
    lose_connections();
    ck_assert_int_eq(db_commit(&db), UNAVAILABLE);
    db_done(&db);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM public.book"), "0");
}
END_TEST

/* Statements for somebody travel together with who it is. */
static const struct db_actor somebody = {.role = "patient", .account_id = "", .request = "book.read request 127.0.0.1"};

START_TEST(the_caller_is_known_to_one_statement_and_to_no_other)
{
    static const char role[] = "SELECT coalesce(shared.acting_role(), 'nobody') AS title";
    SCENE(s);
    AUTO(pool_drop) struct db_pool *pool = db_pool_new(database_url("mnemos_users"), "test of the pool", 1, NULL);
    DB(db, pool, s);
    struct book b;
    db.actor = &somebody;
    ck_assert_int_eq(db_one(&db, role, NO_PARAMS, &book_schema, &b), OK);
    ck_assert_str_eq(b.title, "patient");
    db.actor = NULL;
    ck_assert_int_eq(db_one(&db, role, NO_PARAMS, &book_schema, &b), OK);
    ck_assert_str_eq(b.title, "nobody");
}
END_TEST

START_TEST(a_connection_that_breaks_midway_makes_its_statement_unavailable_and_is_replaced)
{
    static const char suicide[] = "SELECT pg_terminate_backend(pg_backend_pid())::int AS pages";
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    db.actor = &somebody;
    ck_assert_int_eq(count(&db, NULL), OK);
    ck_assert_int_eq(db_run(&db, suicide, NO_PARAMS), UNAVAILABLE);
    db_done(&db);
    ck_assert_int_eq(db_pool_state(pool).open, 0);
    ck_assert_int_eq(count(&db, NULL), OK);
    lose_connections();
    ck_assert_int_eq(count(&db, NULL), UNAVAILABLE); /* before anything is sent */
    db_done(&db);
    ck_assert_int_eq(count(&db, NULL), OK);
}
END_TEST

START_TEST(a_refused_statement_for_somebody_leaves_the_connection_usable)
{
    static const char nonsense[] = "SELECT 1 / (count(*) - count(*))::int AS pages FROM public.book";
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    db.actor = &somebody;
    ck_assert_int_eq(db_run(&db, nonsense, NO_PARAMS), FAULT);
    ck_assert_int_eq(count(&db, NULL), OK);
    db.actor = &(struct db_actor){.role = "patient", .account_id = "\xff", .request = ""};
    ck_assert_int_eq(count(&db, NULL), FAULT); /* who asks cannot be told */
    db.actor = &somebody;
    ck_assert_int_eq(count(&db, NULL), OK);
    db_done(&db);
    ck_assert_int_eq(db_pool_state(pool).open, 1);
}
END_TEST

/* Deferred, the constraint is looked at when all has been carried out and is about to be committed. */
START_TEST(a_statement_that_fails_at_its_commit_is_no_success)
{
    static const char lend[] = "INSERT INTO public.loan (title) VALUES ($1)";
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    db.actor = &somebody;
    ck_assert_int_eq(db_run(&db, lend, PARAMS("a book that is not there")), CONFLICT);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM public.loan"), "0");
    ck_assert_int_eq(count(&db, NULL), OK);
    db_done(&db);
    ck_assert_int_eq(db_pool_state(pool).open, 1);
}
END_TEST

START_TEST(a_database_that_is_not_there_is_not_asked_by_everybody)
{
    SCENE(s);
    struct db_pool *pool = db_pool_new("host=/nowhere", "test of the pool", 2, NULL);
    DB(db, pool, s);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(count(&db, NULL), UNAVAILABLE);
    ck_assert_int_eq(db_pool_state(pool).busy, 0);
    db_done(&db);
    db_pool_drop(pool);
}
END_TEST

START_TEST(values_that_are_too_long_or_no_text_are_answers_or_faults_never_more)
{
    SCENE(s);
    POOL(pool, 1);
    DB(db, pool, s);
    ck_assert_int_eq(insert_title(&db, "\xff\xfe"), FAULT); /* decoding refuses it long before */
    ck_assert_int_eq(insert_title(&db, "'); DROP TABLE public.book; --"), OK);
    int64_t books = 0;
    ck_assert_int_eq(count(&db, &books), OK);
    ck_assert_int_eq(books, 1);
    sql_value("TRUNCATE public.book, public.loan");
}
END_TEST

START_TEST(the_table_for_these_scenes_is_made)
{
    log_start("test", LOG_ERROR);
    sql_value("CREATE TABLE public.book (title text NOT NULL CONSTRAINT book_title_taken UNIQUE CHECK (title <> ''),"
              " pages bigint, price float8, lent boolean)");
    sql_value("CREATE TABLE public.loan (title text CONSTRAINT loan_of_a_book REFERENCES public.book (title)"
              " DEFERRABLE INITIALLY DEFERRED)");
}
END_TEST

int main(void)
{
    return API_TESTS(
        NULL, the_table_for_these_scenes_is_made, values_come_back_as_they_were_given_and_unknown_ones_unknown,
        no_row_is_not_found_and_no_list_is_empty, a_violated_constraint_answers_as_its_table_says,
        an_error_that_no_table_expects_is_a_fault, a_statement_that_takes_too_long_is_given_up,
        a_lock_that_somebody_holds_is_not_waited_for_long, a_request_without_a_connection_in_time_is_told_to_come_back,
        a_connection_that_comes_back_goes_to_a_waiting_request,
        a_connection_that_broke_while_idle_is_replaced_unnoticed, a_connection_that_breaks_in_use_is_for_its_user_only,
        a_transaction_left_open_does_not_reach_the_next_user, committed_rows_stay_and_others_go_with_a_lost_connection,
        of_transactions_within_each_other_the_outermost_counts, a_transaction_with_a_failed_statement_is_not_committed,
        a_transaction_whose_connection_breaks_is_unavailable, the_caller_is_known_to_one_statement_and_to_no_other,
        a_connection_that_breaks_midway_makes_its_statement_unavailable_and_is_replaced,
        a_refused_statement_for_somebody_leaves_the_connection_usable,
        a_statement_that_fails_at_its_commit_is_no_success, a_database_that_is_not_there_is_not_asked_by_everybody,
        values_that_are_too_long_or_no_text_are_answers_or_faults_never_more);
}
