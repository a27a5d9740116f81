/* generate and rebuild: an invented population in one transaction. If killed, it leaves the database as it was. */
#include "services/ctl/ctl.h"
#include "services/ctl/invented_tumour.h"
#include "services/ctl/new_password.h"
#include "services/ctl/option.h"
#include "services/ctl/people.h"
#include "services/ctl/population.h"
#include "services/ctl/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TUMOURS_PERCENT = 3 /* of the people, besides them */, TUMOURS_MAX = 1000 * 1000 };

struct order {
    long people, seed, tumours; /* tumours: -1: as many as the percentage says */
    const char *password_file;
    bool yes;
};

static const struct order order_default = {.people = 10000, .seed = 1, .tumours = -1};

static enum status order_read(int argc, char **argv, bool may_confirm, struct problem *why, struct order *out)
{
    const struct option_row rows[] = {
        {"--people", .number = &out->people, .max = POPULATION_MAX}, {"--seed", .number = &out->seed, .max = INT32_MAX},
        {"--tumours", .number = &out->tumours, .max = TUMOURS_MAX},  {"--password-file", .text = &out->password_file},
        {may_confirm ? "--yes" : NULL, .flag = &out->yes},           {0},
    };
    return options_read(rows, argc, argv, 0, NULL, why);
}

/* ---- the password of everybody ---- */

struct demo_password {
    const char *text;
    bool invented;
    char hash[PASSWORD_HASH_SIZE];
};

static enum status password_choose(const char *file, struct problem *why, struct demo_password *out)
{
    const struct ctl_settings *settings = ctl_settings();
    if (!settings)
        return INVALID;
    if (file) {
        TRY(new_password_from_file(file, why, &out->text));
    } else if (*settings->demo_password) {
        out->text = settings->demo_password;
    } else {
        out->text = new_password_random(why->arena);
        out->invented = true;
    }
    return new_password_hash(out->text, why, out->hash);
}

/* ---- rows ---- */

static enum status write_accounts(PGconn *pg, const struct population *p, const char *hash, struct progress *progress,
                                  struct problem *why)
{
    struct copy c;
    struct invented_person who;
    TRY(people_copy_accounts(&c, pg, why));
    for (long i = 0; i < p->people; i++, progress_step(progress)) {
        population_person(p, i, &who);
        copy_value(&c, who.id);
        copy_value(&c, who.name);
        copy_value(&c, who.status);
        copy_value(&c, who.specialty);
        copy_value(&c, hash);
        TRY(copy_row_end(&c));
    }
    return copy_end(&c);
}

static void copy_patient(struct copy *c, const struct invented_person *who)
{
    char mmse[8], schooling[8];
    snprintf(mmse, sizeof mmse, "%d", who->mmse);
    snprintf(schooling, sizeof schooling, "%d", who->schooling_years);
    copy_value(c, who->birth_date);
    copy_value(c, "false"); /* not estimated */
    copy_value(c, mmse);
    copy_value(c, *who->caregiver_id ? who->caregiver_id : NULL);
    copy_value(c, who->sex);
    copy_value(c, schooling);
}

static void copy_no_patient(struct copy *c)
{
    for (int i = 0; i < 6; i++)
        copy_value(c, NULL);
}

static enum status write_persons(PGconn *pg, const struct population *p, struct progress *progress, struct problem *why)
{
    struct copy c;
    struct invented_person who;
    TRY(people_copy_persons(&c, pg, why));
    for (long i = 0; i < p->people; i++, progress_step(progress)) {
        population_person(p, i, &who);
        copy_value(&c, who.id);
        copy_value(&c, who.name);
        copy_value(&c, who.status);
        copy_value(&c, who.specialty);
        if (population_group_of(p, i) == GROUP_PATIENT)
            copy_patient(&c, &who);
        else
            copy_no_patient(&c);
        TRY(copy_row_end(&c));
    }
    return copy_end(&c);
}

static enum status copy_visits(struct copy *c, const struct population *p, long index)
{
    char mmse[8];
    struct invented_person who;
    struct invented_visit visits[VISITS_MAX];
    population_person(p, index, &who);
    int count = population_visits(p, index, &who, visits);
    for (int i = 0; i < count; i++) {
        snprintf(mmse, sizeof mmse, "%d", visits[i].mmse);
        copy_value(c, visits[i].id);
        copy_value(c, who.id);
        copy_value(c, visits[i].assessed_on);
        copy_value(c, mmse);
        TRY(copy_row_end(c));
    }
    return OK;
}

static enum status write_assessments(PGconn *pg, const struct population *p, struct progress *progress,
                                     struct problem *why)
{
    struct copy c;
    long first = p->first[GROUP_PATIENT], count = p->count[GROUP_PATIENT];
    TRY(people_copy_assessments(&c, pg, why));
    for (long i = first; i < first + count; i++, progress_step(progress))
        TRY(copy_visits(&c, p, i));
    progress_end(progress, "checking and counting them");
    return copy_end(&c);
}

static enum status write_tumours(PGconn *pg, long tumours, const struct population *p, struct problem *why)
{
    struct copy c;
    struct invented_tumour t;
    TRY(people_copy_tumours(&c, pg, why));
    for (long i = 0; i < tumours; i++) {
        invented_tumour(p->seed, p->year, i, &t);
        for (int column = 0; column < INVENTED_COUNT; column++)
            copy_value(&c, *t.values[column] ? t.values[column] : NULL);
        copy_value(&c, "1");
        TRY(copy_row_end(&c));
    }
    return copy_end(&c);
}

static void say_done(const struct population *p, long tumours, const struct demo_password *password, int64_t took_us)
{
    printf("Generated %ld people (seed %" PRIu64 ") in %.1f s:\n", p->people, p->seed, (double)took_us / 1e6);
    for (int g = 0; g < GROUP_COUNT; g++)
        printf("%9ld %s\n", p->count[g], population_group_name((enum population_group)g));
    printf("%9ld tumour records of others\n", tumours);
    static const enum population_group known[] = {GROUP_NEUROLOGIST, GROUP_CAREGIVER, GROUP_PATIENT};
    for (size_t i = 0; i < COUNT(known); i++) {
        struct invented_person first;
        if (p->count[known[i]] == 0)
            continue;
        population_person(p, p->first[known[i]], &first);
        printf("The first of the %s is %s.\n", population_group_name(known[i]), first.name);
    }
    if (password->invented)
        printf("The password of everybody, shown only here: %s\n", password->text);
    else
        puts("Everybody has the password that was given.");
}

/* make_room decides about the people who are there. */
static enum status populate(PGconn *pg, const struct order *order,
                            enum status (*make_room)(PGconn *pg, struct problem *why), struct problem *why)
{
    int64_t begun_us = clock_monotonic_us();
    struct population p = population_plan(order->people, (uint64_t)order->seed, clock_today().year);
    long tumours = order->tumours >= 0 ? order->tumours : order->people * TUMOURS_PERCENT / 100;
    struct progress progress =
        progress_begin("accounts, records and assessments", 2 * p.people + p.count[GROUP_PATIENT]);
    struct demo_password password = {0};
    TRY(password_choose(order->password_file, why, &password));
    TRY(database_run(pg, "BEGIN", why));
    TRY(make_room(pg, why));
    TRY(people_mark_invented(pg, why));
    TRY(write_accounts(pg, &p, password.hash, &progress, why));
    TRY(people_agree_already(pg, why));
    TRY(write_persons(pg, &p, &progress, why));
    TRY(write_assessments(pg, &p, &progress, why));
    TRY(people_agree_again(pg, why));
    TRY(write_tumours(pg, tumours, &p, why));
    TRY(database_run(pg, "COMMIT", why));
    TRY(people_vacuum(pg, why));
    say_done(&p, tumours, &password, clock_monotonic_us() - begun_us);
    return OK;
}

enum status generate_command(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    struct order order = order_default;
    TRY(order_read(argc, argv, false, why, &order));
    TRY(database_open(why, &pg));
    return populate(pg, &order, people_refuse_any, why);
}

/* ---- rebuild ---- */

/* Deleting people needs a confirmation: --yes, or the name of their database, typed. */
static enum status confirm(PGconn *pg, struct problem *why)
{
    long count;
    char typed[128] = "";
    TRY(people_count(pg, why, &count));
    if (!isatty(STDIN_FILENO))
        return fail(why, INVALID, NULL, "This deletes all %ld people of the database %s: confirm it with --yes.", count,
                    PQdb(pg));
    fprintf(stderr, "This deletes all %ld people of the database %s.\nType its name to go on: ", count, PQdb(pg));
    if (fgets(typed, sizeof typed, stdin))
        typed[strcspn(typed, "\n")] = '\0';
    if (strcmp(typed, PQdb(pg)) != 0)
        return fail(why, INVALID, NULL, "That is not the database's name; nothing was changed.");
    return OK;
}

static enum status remove_people(PGconn *pg, struct problem *why)
{
    fputs("removing the people who are there\n", stderr);
    return people_remove(pg, why);
}

enum status rebuild_command(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    struct order order = order_default;
    TRY(order_read(argc, argv, true, why, &order));
    TRY(database_open(why, &pg));
    if (!order.yes)
        TRY(confirm(pg, why));
    return populate(pg, &order, remove_people, why);
}
