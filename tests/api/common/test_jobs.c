/* Tasks and the workers that carry them out: once, whatever happens to the workers. The program is also the worker that
 * the scenes start, stop and kill (run with one argument). */
#include "common/base/clock.h"
#include "common/job/task.h"
#include "tests/support/api.h"
#include "tests/support/program.h"
#include "tests/support/wait.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The job's work: a note, written by the job in the transaction that finishes the task. */
struct errand {
    const char *note;
    struct maybe_integer failures; /* attempts that fail before */
};
LOCAL_SCHEMA(errand_schema, "Errand", struct errand, FIELD_TEXT(struct errand, note),
             FIELD_INTEGER(struct errand, failures));

static enum status note_write(struct job *job, const char *note)
{
    static const char sql[] = "INSERT INTO public.note (task_id, note, role, account) VALUES ($1::uuid, $2,"
                              " shared.acting_role(), shared.acting_account()::text)";
    TRY(job_finishing(job));
    TRY(db_run(&job->db, sql, PARAMS(job->task_id, note)));
    job->result = arena_printf(job->arena, "/notes/%s", job->task_id);
    job->report = R"({"written": 1})";
    return OK;
}

static enum status errand_run(struct job *job)
{
    const struct errand *errand = job->input;
    if (job->attempt <= errand->failures.value)
        return fail(&job->problem, UNAVAILABLE, NULL, "Not this time.");
    return note_write(job, errand->note);
}

static enum status errand_refuse(struct job *job)
{
    return fail(&job->problem, INVALID, "note", "is not to be written");
}

/* Goes on until the scene lets go or the job has to stop. */
static _Atomic bool held;

static enum status errand_hold(struct job *job)
{
    const struct errand *errand = job->input;
    TRY(job_step(job, 1, 2, "holding"));
    while (atomic_load(&held) && job_goes_on(job))
        nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
    TRY(job_step(job, 2, 2, "letting go"));
    return note_write(job, errand->note);
}

/* Does not care that it was told to stop. */
static enum status errand_insist(struct job *job)
{
    const struct errand *errand = job->input;
    job_step(job, 1, 1, "insisting");
    while (atomic_load(&held))
        nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
    return note_write(job, errand->note);
}

/* Leaves time to be killed in the transaction that finishes. */
static enum status errand_linger(struct job *job)
{
    TRY(errand_run(job));
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    return OK;
}

static const struct job_kind kinds[] = {
    {"test.note", errand_run, &errand_schema, .retry_ms = 10},
    {"test.refuse", errand_refuse, &errand_schema},
    {"test.hold", errand_hold, &errand_schema},
    {"test.insist", errand_insist, &errand_schema},
    {"test.brief", errand_hold, &errand_schema, .limit_s = 1},
    {"test.mortal", errand_linger, &errand_schema, .max_attempts = 100, .lease_s = 1},
    {0},
};

/* A service that makes tasks, and its worker. */

struct wish {
    const char *kind, *note, *priority;
    struct maybe_integer failures, delay_s;
    struct maybe_boolean undo;
};
LOCAL_SCHEMA(wish_schema, "Wish", struct wish, FIELD_TEXT(struct wish, kind, .rules = REQUIRED),
             FIELD_TEXT(struct wish, note), FIELD_TEXT(struct wish, priority), FIELD_INTEGER(struct wish, failures),
             FIELD_INTEGER(struct wish, delay_s), FIELD_BOOLEAN(struct wish, undo));

static enum task_priority priority_of(const char *name)
{
    return !name ? TASK_NORMAL : strcmp(name, "high") == 0 ? TASK_HIGH : TASK_LOW;
}

static enum status wish_create(struct request *rq)
{
    struct wish wish = {0};
    struct task task;
    TRY(request_input(rq, &wish));
    const struct errand errand = {wish.note, wish.failures};
    struct task_order order = {
        .input = &errand, .priority = priority_of(wish.priority), .delay_s = (int)wish.delay_s.value};
    for (const struct job_kind *k = kinds; k->name; k++)
        if (strcmp(k->name, wish.kind) == 0)
            order.kind = k;
    TRY(db_begin(&rq->db));
    TRY(task_submit(rq, &order, &task));
    if (wish.undo.value)
        return fail(&rq->problem, CONFLICT, NULL, "Never mind.");
    TRY(db_commit(&rq->db));
    return task_reply(rq, &task);
}

static const struct route routes[] = {
    TASK_ROUTES,
    {"POST", "/wishes", wish_create, TASK_OWNERS, "wish.create", "A task", &wish_schema, FROM_JSON, &task_schema,
     .success = 202, .subject = ONESELF},
    {0},
};

static const struct service wishes = {
    .name = "analytics", .summary = "wishes", .migration = "shared/task", .routes = routes};
static const struct service worker = {
    .name = "analytics-worker", .summary = "work", .migration = "shared/task", .jobs = kinds};

/* Scenes */

static const char *me, *my_id, *somebody;

static const char *account_make(const char *role)
{
    const char *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES ('%s', '%s', '%s', '-')", id,
              new_name(role), role);
    return id;
}

START_TEST(the_table_and_the_people_of_these_scenes_are_made)
{
    sql_value("CREATE TABLE public.note (number int GENERATED ALWAYS AS IDENTITY, task_id uuid, note text, role text,"
              " account text);"
              " GRANT INSERT ON public.note TO mnemos_analytics");
    my_id = account_make("patient");
    me = token_for(my_id, "patient", NULL);
    somebody = token_for(account_make("patient"), "patient", NULL);
}
END_TEST

/* The id of a new task of mine. */
static const char *wish_for(const char *kind, const char *more)
{
    REPLY r = api_post(me, "/wishes", R"({"kind": "%s", "note": "done"%s})", kind, more);
    ck_reply(&r, 202, "kind", kind);
    const char *id = kept_at(&r, "task_id");
    ck_assert_str_eq(header_of(&r, "Location"), text_of("/api/v1/tasks/%s", id));
    return id;
}

static const char *state_of(const char *id)
{
    return sql_value("SELECT state FROM shared.task WHERE id = '%s'", id);
}

static bool is_in(const char *id, const char *state)
{
    return strcmp(state_of(id), state) == 0;
}

/* Two that are asked for one after the other may bear the same time, where the clock is coarse or set back. */
static void make_older(const char *id, int seconds)
{
    sql_value("UPDATE shared.task SET created_at = created_at - %d * interval '1 second',"
              " due_at = due_at - %d * interval '1 second' WHERE id = '%s'",
              seconds, seconds, id);
}

static const char *notes_of(const char *id)
{
    return sql_value("SELECT count(*) FROM public.note WHERE task_id = '%s'", id);
}

static void close_worker(struct service_handle **handle)
{
    atomic_store(&held, false);
    if (*handle)
        service_close(*handle);
    *handle = NULL;
}
#define WORKER(variable) AUTO(close_worker) struct service_handle *variable = worker_open()

static struct service_handle *worker_open(void)
{
    struct service_handle *handle = service_open(&worker);
    ck_assert_ptr_nonnull(handle);
    return handle;
}

START_TEST(a_task_waits_for_a_worker_and_is_finished_by_it)
{
    const char *id = wish_for("test.note", "");
    REPLY before = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&before, 200, "state", "pending");
    WORKER(w);
    WAIT_UNTIL(is_in(id, "finished"));
    REPLY after = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&after, 200, "result", text_of("/notes/%s", text_at(&after, "task_id")));
    ck_reply(&after, 200, "report/written", "1");
    ck_reply(&after, 200, "attempts", "1");
    ck_reply(&after, 200, "error", "null");
    ck_assert_ptr_nonnull(text_at(&after, "ended_at"));
    ck_assert_str_ne(header_of(&before, "ETag"), header_of(&after, "ETag"));
    ck_assert_str_eq(notes_of(id), "1");
}
END_TEST

START_TEST(a_task_is_not_sent_to_a_caller_who_has_it_as_it_is)
{
    const char *id = wish_for("test.note", R"(, "delay_s": 3600)"), *path = text_of("/api/v1/tasks/%s", id);
    REPLY read = api_get(me, "%s", path);
    const char *tag = header_of(&read, "ETag"), *known = text_of("If-None-Match: %s", tag);
    REPLY same = api_call((struct call){.method = "GET", .token = me, .path = path, .headers = {known}});
    ck_status(&same, 304);
    REPLY cancelled = api_delete(me, "%s", path);
    ck_status(&cancelled, 204);
    REPLY other = api_call((struct call){.method = "GET", .token = me, .path = path, .headers = {known}});
    ck_reply(&other, 200, "state", "cancelled");
}
END_TEST

START_TEST(a_job_acts_for_the_owner_of_its_task)
{
    const char *id = wish_for("test.note", "");
    WORKER(w);
    WAIT_UNTIL(is_in(id, "finished"));
    ck_assert_str_eq(sql_value("SELECT role FROM public.note WHERE task_id = '%s'", id), "patient");
    ck_assert_str_eq(sql_value("SELECT replace(account, '-', '') FROM public.note WHERE task_id = '%s'", id), my_id);
}
END_TEST

START_TEST(a_request_that_is_undone_leaves_no_task)
{
    const char *count = sql_value("SELECT count(*) FROM shared.task");
    REPLY r = api_post(me, "/wishes", R"({"kind": "test.note", "undo": true})");
    ck_status(&r, 409);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.task"), count);
}
END_TEST

START_TEST(the_same_request_with_the_same_key_gets_the_same_task)
{
    const char *key = text_of("Idempotency-Key: %s", new_id()), *ids[2];
    for (int i = 0; i < 2; i++) {
        REPLY r = api_call((struct call){.method = "POST",
                                         .token = me,
                                         .path = "/wishes",
                                         .body = R"({"kind": "test.note", "delay_s": 3600})",
                                         .headers = {key}});
        ck_reply(&r, 202, "state", "created");
        ids[i] = kept_at(&r, "task_id");
    }
    ck_assert_str_eq(ids[0], ids[1]);
    sql_value("DELETE FROM shared.task WHERE id = '%s'", ids[0]);
}
END_TEST

START_TEST(nobody_sees_or_cancels_the_task_of_another)
{
    const char *others[] = {somebody, AS_SUPERUSER, AS_ADMIN, client_token("counts:read")};
    const char *id = wish_for("test.note", "");
    for (size_t i = 0; i < COUNT(others); i++) {
        REPLY seen = api_get(others[i], "/api/v1/tasks/%s", id);
        ck_reply(&seen, 404, "type", "/problems/not-found");
        REPLY cancelled = api_delete(others[i], "/api/v1/tasks/%s", id);
        ck_reply(&cancelled, 404, "type", "/problems/not-found");
        REPLY list = api_get(others[i], "/api/v1/tasks");
        ck_reply(&list, 200, "items", "[]");
    }
    ck_assert_str_eq(state_of(id), "pending");
    REPLY mine = api_delete(me, "/api/v1/tasks/%s", id);
    ck_status(&mine, 204);
}
END_TEST

START_TEST(tasks_are_listed_the_newest_first_by_state_and_kind_in_pages)
{
    const char *owner = token_for(account_make("patient"), "patient", NULL), *ids[3];
    for (int i = 0; i < 3; i++) {
        REPLY made = api_post(owner, "/wishes", R"({"kind": "%s"})", i == 1 ? "test.refuse" : "test.note");
        ids[i] = kept_at(&made, "task_id");
        make_older(ids[i], 3 - i);
    }
    REPLY first = api_get(owner, "/api/v1/tasks?limit=2");
    ck_reply(&first, 200, "items/0/task_id", ids[2]);
    ck_reply(&first, 200, "items/1/task_id", ids[1]);
    REPLY second = api_get(owner, "/api/v1/tasks?limit=2&after=%s", text_at(&first, "next"));
    ck_reply(&second, 200, "items/0/task_id", ids[0]);
    ck_reply(&second, 200, "next", "null");
    REPLY refused = api_get(owner, "/api/v1/tasks?kind=test.refuse&state=pending");
    ck_reply(&refused, 200, "items/0/task_id", ids[1]);
    ck_assert_uint_eq(json_array_size(json_object_get(refused.json, "items")), 1);
    REPLY none = api_get(owner, "/api/v1/tasks?state=finished");
    ck_reply(&none, 200, "items", "[]");
    sql_value("DELETE FROM shared.task WHERE id IN ('%s', '%s', '%s')", ids[0], ids[1], ids[2]);
}
END_TEST

START_TEST(a_task_that_nobody_works_on_is_cancelled_at_once_and_again_without_harm)
{
    const char *id = wish_for("test.note", "");
    for (int i = 0; i < 2; i++) {
        REPLY r = api_delete(me, "/api/v1/tasks/%s", id);
        ck_status(&r, 204);
        ck_assert_str_eq(state_of(id), "cancelled");
    }
    WORKER(w);
    const char *next = wish_for("test.note", "");
    WAIT_UNTIL(is_in(next, "finished"));
    ck_assert_str_eq(state_of(id), "cancelled");
    ck_assert_str_eq(notes_of(id), "0");
}
END_TEST

START_TEST(progress_is_seen_while_a_job_runs)
{
    atomic_store(&held, true);
    WORKER(w);
    const char *id = wish_for("test.hold", "");
    WAIT_UNTIL(sql_value("SELECT message FROM shared.task WHERE id = '%s'", id) != NULL);
    REPLY r = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&r, 200, "state", "executing");
    ck_reply(&r, 200, "step", "1");
    ck_reply(&r, 200, "steps", "2");
    ck_reply(&r, 200, "message", "holding");
    atomic_store(&held, false);
    WAIT_UNTIL(is_in(id, "finished"));
}
END_TEST

START_TEST(a_job_that_runs_sees_that_its_task_was_cancelled)
{
    atomic_store(&held, true);
    WORKER(w);
    const char *id = wish_for("test.hold", "");
    WAIT_UNTIL(is_in(id, "executing"));
    REPLY cancelled = api_delete(me, "/api/v1/tasks/%s", id);
    ck_status(&cancelled, 204);
    WAIT_UNTIL(is_in(id, "cancelled"));
    ck_assert_str_eq(notes_of(id), "0");
}
END_TEST

START_TEST(a_task_cancelled_while_it_runs_writes_nothing_even_if_its_job_does_not_look)
{
    atomic_store(&held, true);
    WORKER(w);
    const char *id = wish_for("test.insist", "");
    WAIT_UNTIL(is_in(id, "executing"));
    REPLY cancelled = api_delete(me, "/api/v1/tasks/%s", id);
    ck_status(&cancelled, 204);
    REPLY r = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&r, 200, "cancel_requested", "true");
    atomic_store(&held, false);
    WAIT_UNTIL(is_in(id, "cancelled"));
    ck_assert_str_eq(notes_of(id), "0");
}
END_TEST

struct patience {
    const char *path, *token;
    struct reply reply;
    pthread_t thread;
};

static void *ask_patiently(void *arg)
{
    struct patience *p = arg;
    p->reply = api_call((struct call){.method = "GET", .token = p->token, .path = p->path});
    return NULL;
}

static void wait_for(struct patience *p, const char *token, const char *id)
{
    *p = (struct patience){.token = token, .path = text_of("/api/v1/tasks/%s?wait=20", id)};
    pthread_create(&p->thread, NULL, ask_patiently, p);
}

/* While time stands still nobody has waited long enough, so that who is answered has been called. PostgreSQL's time
 * goes on: it has to be told that somebody still wants to know. */
static void stop_clock_for(const char *id)
{
    clock_set_monotonic(clock_monotonic_us());
    sql_value("UPDATE shared.task SET watched_until = 'infinity' WHERE id = '%s'", id);
}

static void start_clock(void)
{
    clock_set_monotonic(0);
}

static int waiting(void)
{
    return (int)api_metric("mnemos_http_requests_waiting");
}

/* More than there are threads, and they keep none of them from answering others. */
START_TEST(a_wait_for_the_end_of_a_task_ends_with_it)
{
    enum { WAITING = 8 };
    struct patience all[WAITING];
    const char *id = wish_for("test.note", "");
    stop_clock_for(id);
    for (int i = 0; i < WAITING; i++)
        wait_for(&all[i], me, id);
    WAIT_UNTIL(waiting() == WAITING);
    REPLY at_once = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&at_once, 200, "state", "pending");
    WORKER(w);
    for (int i = 0; i < WAITING; i++) {
        pthread_join(all[i].thread, NULL);
        REPLY r = all[i].reply;
        ck_reply(&r, 200, "state", "finished");
        ck_assert_ptr_nonnull(header_of(&r, "ETag"));
    }
    start_clock();
    ck_assert_int_eq(waiting(), 0);
    ck_assert_str_eq(
        sql_value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mnemos-analytics' AND state LIKE"
                  " 'idle in%%'"),
        "0");
}
END_TEST

/* Each new wait makes the room look at the clock. */
START_TEST(a_wait_in_vain_gets_the_task_as_it_is)
{
    const char *id = wish_for("test.note", R"(, "delay_s": 3600)");
    struct patience all[3];
    stop_clock_for(id);
    int64_t end_us = clock_monotonic_us() + 20 * 1000 * 1000;
    wait_for(&all[0], me, id);
    WAIT_UNTIL(waiting() == 1);
    clock_set_monotonic(end_us - 1);
    wait_for(&all[1], me, id);
    WAIT_UNTIL(waiting() == 2);
    clock_set_monotonic(end_us);
    wait_for(&all[2], me, id);
    pthread_join(all[0].thread, NULL);
    REPLY cancelled = api_delete(me, "/api/v1/tasks/%s", id);
    ck_status(&cancelled, 204);
    for (size_t i = 0; i < COUNT(all); i++) {
        if (i > 0)
            pthread_join(all[i].thread, NULL);
        REPLY r = all[i].reply;
        ck_reply(&r, 200, "state", i > 0 ? "cancelled" : "created");
    }
    start_clock();
    REPLY over = api_get(me, "/api/v1/tasks/%s?wait=20", id);
    ck_reply(&over, 200, "state", "cancelled");
    REPLY too_long = api_get(me, "/api/v1/tasks/%s?wait=21", id);
    ck_refuses(&too_long, "/wait");
    REPLY others = api_get(somebody, "/api/v1/tasks/%s?wait=20", id);
    ck_status(&others, 404);
}
END_TEST

START_TEST(an_account_has_so_many_places_to_wait_and_is_answered_at_once_beyond)
{
    enum { PLACES = 8 };
    struct patience all[PLACES];
    const char *id = wish_for("test.note", R"(, "delay_s": 3600)");
    stop_clock_for(id);
    for (int i = 0; i < PLACES; i++)
        wait_for(&all[i], me, id);
    WAIT_UNTIL(waiting() == PLACES);
    REPLY r = api_get(me, "/api/v1/tasks/%s?wait=20", id);
    ck_reply(&r, 200, "state", "created");
    ck_assert_int_eq(waiting(), PLACES);
    REPLY cancelled = api_delete(me, "/api/v1/tasks/%s", id);
    ck_status(&cancelled, 204);
    for (int i = 0; i < PLACES; i++) {
        pthread_join(all[i].thread, NULL);
        REPLY told = all[i].reply;
        ck_reply(&told, 200, "state", "cancelled");
    }
    start_clock();
}
END_TEST

START_TEST(a_service_that_stops_answers_those_who_wait)
{
    struct patience one;
    const char *id = wish_for("test.note", R"(, "delay_s": 3600)");
    stop_clock_for(id);
    wait_for(&one, me, id);
    WAIT_UNTIL(waiting() == 1);
    api_restart(&wishes);
    pthread_join(one.thread, NULL);
    start_clock();
    REPLY r = one.reply;
    ck_reply(&r, 200, "state", "created");
    sql_value("DELETE FROM shared.task WHERE id = '%s'", id);
}
END_TEST

START_TEST(an_attempt_that_fails_is_followed_by_another)
{
    WORKER(w);
    const char *id = wish_for("test.note", R"(, "failures": 2)");
    WAIT_UNTIL(is_in(id, "finished"));
    ck_assert_str_eq(sql_value("SELECT attempts FROM shared.task WHERE id = '%s'", id), "3");
    ck_assert_str_eq(notes_of(id), "1");
}
END_TEST

START_TEST(a_task_that_fails_as_often_as_it_may_is_an_error_with_a_report)
{
    WORKER(w);
    const char *id = wish_for("test.note", R"(, "failures": 99)");
    WAIT_UNTIL(is_in(id, "error"));
    REPLY r = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&r, 200, "attempts", "3");
    ck_reply(&r, 200, "error/type", "/problems/unavailable");
    ck_reply(&r, 200, "error/detail", "Not this time.");
    ck_reply(&r, 200, "error/task_id", id);
    ck_reply(&r, 200, "report", "null");
}
END_TEST

START_TEST(a_task_that_would_be_refused_again_is_not_tried_again)
{
    WORKER(w);
    const char *id = wish_for("test.refuse", "");
    WAIT_UNTIL(is_in(id, "error"));
    REPLY r = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&r, 200, "attempts", "1");
    ck_reply(&r, 200, "error/errors/0/pointer", "/note");
}
END_TEST

START_TEST(a_job_that_takes_too_long_is_stopped_and_fails)
{
    atomic_store(&held, true);
    WORKER(w);
    const char *id = wish_for("test.brief", "");
    WAIT_UNTIL(is_in(id, "error"));
    REPLY r = api_get(me, "/api/v1/tasks/%s", id);
    ck_reply(&r, 200, "error/detail", "It took longer than 1 seconds.");
    ck_assert_str_eq(notes_of(id), "0");
}
END_TEST

START_TEST(a_worker_that_has_lost_its_lease_writes_nothing)
{
    atomic_store(&held, true);
    WORKER(w);
    const char *id = wish_for("test.insist", "");
    WAIT_UNTIL(is_in(id, "executing"));
    const char *other = new_id(); /* another worker has taken over */
    sql_value("UPDATE shared.task SET lease = '%s' WHERE id = '%s'", other, id);
    close_worker(&w);
    ck_assert_str_eq(state_of(id), "executing");
    ck_assert_str_eq(notes_of(id), "0");
    ck_assert_str_eq(sql_value("SELECT replace(lease::text, '-', '') FROM shared.task WHERE id = '%s'", id), other);
    sql_value("DELETE FROM shared.task WHERE id = '%s'", id);
}
END_TEST

START_TEST(a_worker_that_ends_gives_its_jobs_back_as_if_they_had_not_been_tried)
{
    atomic_store(&held, true);
    struct service_handle *first = worker_open();
    const char *id = wish_for("test.hold", "");
    WAIT_UNTIL(is_in(id, "executing"));
    service_close(first);
    ck_assert_str_eq(state_of(id), "pending");
    ck_assert_str_eq(sql_value("SELECT attempts FROM shared.task WHERE id = '%s'", id), "0");
    atomic_store(&held, false);
    WORKER(second);
    WAIT_UNTIL(is_in(id, "finished"));
}
END_TEST

START_TEST(a_task_whose_worker_fell_silent_is_tried_again_up_to_its_limit)
{
    const char *id = wish_for("test.note", ""), *last = wish_for("test.note", "");
    sql_value(
        "UPDATE shared.task SET state = 'executing', lease = gen_random_uuid(), attempts = 1 + 2 * (id = '%s')::int,"
        " lease_until = now() - interval '1 second' WHERE id IN ('%s', '%s')",
        last, id, last);
    WORKER(w);
    WAIT_UNTIL(is_in(id, "finished"));
    WAIT_UNTIL(is_in(last, "error"));
    ck_assert_str_eq(sql_value("SELECT report ->> 'type' FROM shared.task WHERE id = '%s'", last),
                     "/problems/worker-lost");
    ck_assert_str_eq(sql_value("SELECT attempts FROM shared.task WHERE id = '%s'", id), "2");
}
END_TEST

START_TEST(urgent_tasks_come_first_and_the_others_in_the_order_they_were_asked_for)
{
    const char *ids[] = {wish_for("test.note", R"(, "priority": "low")"), wish_for("test.note", ""),
                         wish_for("test.note", ""), wish_for("test.note", R"(, "priority": "high")")};
    static const int order[] = {3, 1, 2, 0};
    for (int i = 0; i < (int)COUNT(ids); i++)
        make_older(ids[i], 10 - i);
    setenv("WORKER_THREADS", "1", 1);
    WORKER(w);
    unsetenv("WORKER_THREADS");
    WAIT_UNTIL(is_in(ids[0], "finished"));
    for (size_t i = 1; i < COUNT(order); i++)
        ck_assert_str_eq(sql_value("SELECT (a.number < b.number)::text FROM public.note a, public.note b"
                                   " WHERE a.task_id = '%s' AND b.task_id = '%s'",
                                   ids[order[i - 1]], ids[order[i]]),
                         "true");
}
END_TEST

START_TEST(a_task_with_a_delay_waits_for_its_time)
{
    WORKER(w);
    const char *later = wish_for("test.note", R"(, "delay_s": 3600)"),
               *soon = wish_for("test.note", R"(, "delay_s": 1)");
    ck_assert_str_eq(state_of(later), "created");
    WAIT_UNTIL(is_in(soon, "finished"));
    ck_assert_str_eq(sql_value("SELECT (started_at >= created_at + interval '1 second')::text FROM shared.task"
                               " WHERE id = '%s'",
                               soon),
                     "true");
    ck_assert_str_eq(state_of(later), "created");
    sql_value("DELETE FROM shared.task WHERE id = '%s'", later);
}
END_TEST

START_TEST(tasks_of_a_disabled_account_are_not_done)
{
    const char *owner = account_make("patient");
    REPLY made = api_post(token_for(owner, "patient", NULL), "/wishes", R"({"kind": "test.note"})");
    const char *id = text_at(&made, "task_id");
    sql_value("UPDATE auth.account SET disabled = true WHERE id = '%s'", owner);
    WORKER(w);
    WAIT_UNTIL(is_in(id, "cancelled"));
    ck_assert_str_eq(notes_of(id), "0");
}
END_TEST

START_TEST(an_account_has_so_many_open_tasks_and_no_more)
{
    const char *owner = account_make("patient");
    sql_value("INSERT INTO shared.task (service, kind, owner_id, state, input, max_attempts)"
              " SELECT 'mnemos_analytics', 'test.none', '%s', 'pending', '{}', 1 FROM generate_series(1, 100)",
              owner);
    REPLY r = api_post(token_for(owner, "patient", NULL), "/wishes", R"({"kind": "test.note"})");
    ck_reply(&r, 429, "type", "/problems/too-many-requests");
    sql_value("DELETE FROM shared.task WHERE owner_id = '%s'", owner);
}
END_TEST

START_TEST(tasks_that_are_over_for_long_are_forgotten)
{
    const char *old = wish_for("test.note", ""), *recent = wish_for("test.note", "");
    sql_value(
        "UPDATE shared.task SET state = 'finished', ended_at = now() - CASE WHEN id = '%s' THEN interval '31 days'"
        " ELSE interval '29 days' END WHERE id IN ('%s', '%s')",
        old, old, recent);
    WORKER(w);
    WAIT_UNTIL(!state_of(old));
    ck_assert_str_eq(state_of(recent), "finished");
}
END_TEST

START_TEST(a_database_that_goes_away_and_returns_costs_no_task)
{
    atomic_store(&held, true);
    WORKER(w);
    const char *id = wish_for("test.hold", "");
    WAIT_UNTIL(is_in(id, "executing"));
    database_reachable(false);
    atomic_store(&held, false);
    WAIT_UNTIL(strcmp(sql_value("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE"
                                " 'mnemos-analytics%%' AND datname = current_database()"),
                      "0") == 0);
    sql_value("UPDATE shared.task SET lease_until = now() WHERE id = '%s' AND state = 'executing'", id);
    database_reachable(true);
    WAIT_UNTIL(is_in(id, "finished"));
    ck_assert_str_eq(notes_of(id), "1");
    WAIT_UNTIL(({
        REPLY r = api_get(me, "/api/v1/tasks/%s", id);
        r.status == 200;
    }));
}
END_TEST

START_TEST(the_operations_port_of_a_worker_tells_of_the_queue)
{
    WORKER(w);
    const char *id = wish_for("test.refuse", "");
    WAIT_UNTIL(is_in(id, "error"));
    struct call ask = {.method = "GET", .port = service_ops_port(w), .path = "/readyz"};
    WAIT_UNTIL(({
        REPLY r = api_call(ask);
        r.status == 200;
    }));
    static const char *const lines[] = {R"(mnemos_tasks{kind="test.refuse",state="error"})",
                                        "mnemos_jobs_total{kind=\"test.refuse\",outcome=\"error\"} 1\n",
                                        "mnemos_job_duration_seconds_count{kind=\"test.refuse\"} 1\n",
                                        "mnemos_task_age_seconds", R"(mnemos_worker_threads{state="idle"})"};
    ask.path = "/metrics";
    for (size_t i = 0; i < COUNT(lines); i++)
        WAIT_UNTIL(({
            REPLY r = api_call(ask);
            strstr(r.body, lines[i]) != NULL;
        }));
}
END_TEST

/* Workers as processes of their own. */

static pid_t process_start(void)
{
    pid_t pid;
    static char self[] = "/proc/self/exe", argument[] = "--work";
    char *argv[] = {self, argument, NULL};
    ck_assert_int_eq(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    return pid;
}

static void process_kill(pid_t pid, int signal_number)
{
    int how;
    kill(pid, signal_number);
    ck_assert_int_eq(waitpid(pid, &how, 0), pid);
}

/* Asked so often that no answer is kept. */
static int number(const char *sql, const char *note)
{
    static PGconn *pg;
    if (!pg)
        pg = PQconnectdb(database_url("postgres"));
    PGresult *r = PQexecParams(pg, sql, note ? 1 : 0, NULL, &note, NULL, NULL, 0);
    ck_assert_msg(PQntuples(r) == 1, "%s", PQerrorMessage(pg));
    int value = (int)strtol(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    return value;
}

#define TASKS_OF "SELECT count(*) FROM shared.task WHERE input ->> 'note' = $1::text AND state = "
#define CONNECTED \
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mnemos-analytics-worker'" \
    " AND datname = current_database()"

static int finished(const char *note)
{
    return number(TASKS_OF "'finished'", note);
}

/* So many tasks at once, as if they had been asked for; their common note. */
static const char *make_many(const char *kind, int count)
{
    const char *note = new_id();
    sql_value("INSERT INTO shared.task (service, kind, owner_id, owner_role, state, input, max_attempts)"
              " SELECT 'mnemos_analytics', '%s', '%s', 'patient', 'pending', json_build_object('note', '%s'), 100"
              " FROM generate_series(1, %d); NOTIFY task_pending, 'mnemos_analytics'",
              kind, my_id, note, count);
    return note;
}

static void ck_each_done_once(const char *note, int count)
{
    ck_assert_int_eq(finished(note), count);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM public.note WHERE note = '%s'", note), text_of("%d", count));
    ck_assert_str_eq(sql_value("SELECT count(DISTINCT task_id) FROM public.note WHERE note = '%s'", note),
                     text_of("%d", count));
}

START_TEST(two_workers_share_the_tasks)
{
    pid_t workers[] = {process_start(), process_start()};
    const char *note = make_many("test.mortal", 500);
    WAIT_UNTIL(finished(note) == 500);
    for (size_t i = 0; i < COUNT(workers); i++)
        process_kill(workers[i], SIGTERM);
    ck_each_done_once(note, 500);
}
END_TEST

enum { KILLS = 100, TASKS_PER_KILL = 8 };

/* The moments at which a worker dies, one after the other: with a claim, in the transaction that finishes, after one
 * was finished, and as soon as it is there at all. */
static bool is_moment(int kill_number, const char *note, int finished_before)
{
    switch (kill_number % 4) {
    case 0:
        return number(TASKS_OF "'executing'", note) > 0;
    case 1:
        return number(CONNECTED " AND state LIKE 'idle in transaction%'", NULL) > 0;
    case 2:
        return finished(note) > finished_before;
    default:
        return number(CONNECTED, NULL) > 0;
    }
}

START_TEST(workers_killed_at_any_moment_finish_each_task_once)
{
    int made = KILLS * TASKS_PER_KILL;
    const char *note = make_many("test.mortal", made);
    for (int i = 0; i < KILLS; i++) {
        pid_t victim = process_start();
        int64_t end_us = clock_monotonic_us() + 2000 * 1000;
        int before = finished(note);
        while (!is_moment(i, note, before) && clock_monotonic_us() < end_us)
            continue;
        process_kill(victim, SIGKILL);
    }
    pid_t last = process_start();
    WAIT_UNTIL(finished(note) == made);
    process_kill(last, SIGTERM);
    ck_each_done_once(note, made);
}
END_TEST

static int work_as_a_program(char **argv)
{
    return service_main(&worker, 1, argv);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return work_as_a_program(argv);
    return API_TESTS(
        &wishes, the_table_and_the_people_of_these_scenes_are_made, a_task_waits_for_a_worker_and_is_finished_by_it,
        a_task_is_not_sent_to_a_caller_who_has_it_as_it_is, a_job_acts_for_the_owner_of_its_task,
        a_request_that_is_undone_leaves_no_task, the_same_request_with_the_same_key_gets_the_same_task,
        nobody_sees_or_cancels_the_task_of_another, tasks_are_listed_the_newest_first_by_state_and_kind_in_pages,
        a_task_that_nobody_works_on_is_cancelled_at_once_and_again_without_harm, progress_is_seen_while_a_job_runs,
        a_job_that_runs_sees_that_its_task_was_cancelled,
        a_task_cancelled_while_it_runs_writes_nothing_even_if_its_job_does_not_look,
        a_wait_for_the_end_of_a_task_ends_with_it, a_wait_in_vain_gets_the_task_as_it_is,
        an_account_has_so_many_places_to_wait_and_is_answered_at_once_beyond,
        a_service_that_stops_answers_those_who_wait, an_attempt_that_fails_is_followed_by_another,
        a_task_that_fails_as_often_as_it_may_is_an_error_with_a_report,
        a_task_that_would_be_refused_again_is_not_tried_again, a_job_that_takes_too_long_is_stopped_and_fails,
        a_worker_that_has_lost_its_lease_writes_nothing,
        a_worker_that_ends_gives_its_jobs_back_as_if_they_had_not_been_tried,
        a_task_whose_worker_fell_silent_is_tried_again_up_to_its_limit,
        urgent_tasks_come_first_and_the_others_in_the_order_they_were_asked_for, a_task_with_a_delay_waits_for_its_time,
        tasks_of_a_disabled_account_are_not_done, an_account_has_so_many_open_tasks_and_no_more,
        tasks_that_are_over_for_long_are_forgotten, a_database_that_goes_away_and_returns_costs_no_task,
        the_operations_port_of_a_worker_tells_of_the_queue, two_workers_share_the_tasks,
        workers_killed_at_any_moment_finish_each_task_once);
}
