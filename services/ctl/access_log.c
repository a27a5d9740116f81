/* access-log: verifies the seals, exports entries, and drops months that are too old. */
#include "services/ctl/ctl.h"
#include "services/ctl/database.h"
#include "services/ctl/option.h"

#include "common/audit/chain.h"
#include "common/base/date.h"
#include "common/base/text.h"
#include "common/identity/secret.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEALS_AT_ONCE = 10, FINDINGS_SHOWN = 100, ID_DIGITS = 16, KEEP_MONTHS_MAX = 1200 };

/* ---- verify ---- */

struct verification {
    PGconn *pg;
    struct problem *why;
    unsigned char key[CHAIN_KEY_SIZE];
    const char *expired_before; /* a month, "" when nothing was let go */
    char last_number[24], last_seal[CHAIN_SEAL_HEX], last_end[24];
    int64_t seals, entries, findings;
};

__attribute__((format(printf, 2, 3))) static void found(struct verification *v, const char *format, ...)
{
    if (++v->findings > FINDINGS_SHOWN)
        return;
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, ID_DIGITS);
}

static uint64_t entry_id(const char *digest)
{
    char digits[ID_DIGITS + 1] = "";
    memcpy(digits, digest, ID_DIGITS);
    return strtoull(digits, NULL, 16);
}

/* Two lists of digests that are not the same: both in the order of ids, walked side by side. */
static void compare_entries(struct verification *v, const char *number, char *sealed, char *present)
{
    size_t sealed_count = strlen(sealed) / CHAIN_DIGEST_HEX, present_count = strlen(present) / CHAIN_DIGEST_HEX;
    qsort(sealed, sealed_count, CHAIN_DIGEST_HEX, by_id);
    qsort(present, present_count, CHAIN_DIGEST_HEX, by_id);
    const char *s = sealed, *s_end = sealed + sealed_count * CHAIN_DIGEST_HEX;
    const char *p = present, *p_end = present + present_count * CHAIN_DIGEST_HEX;
    while (s < s_end || p < p_end) {
        int order = s == s_end ? 1 : p == p_end ? -1 : by_id(s, p);
        if (order < 0)
            found(v, "Entry %" PRIu64 " was removed; seal %s covers it.", entry_id(s), number);
        else if (order > 0)
            found(v, "Entry %" PRIu64 " was inserted behind seal %s.", entry_id(p), number);
        else if (memcmp(s, p, CHAIN_DIGEST_HEX) != 0)
            found(v, "Entry %" PRIu64 " was changed; seal %s covers it.", entry_id(s), number);
        s += order <= 0 ? CHAIN_DIGEST_HEX : 0;
        p += order >= 0 ? CHAIN_DIGEST_HEX : 0;
    }
}

enum column { NUMBER, MONTH, FIRST, END, ENTRIES, SEALED_AT, DIGESTS, SEAL, PRESENT };

static void verify_seal(struct verification *v, const PGresult *r, int row)
{
    const char *c[PRESENT + 1];
    for (int i = 0; i <= PRESENT; i++)
        c[i] = PQgetvalue(r, row, i);
    int64_t number = strtoll(c[NUMBER], NULL, 10), expected = strtoll(v->last_number, NULL, 10) + 1;
    struct chain_batch batch = {c[NUMBER],  c[MONTH],     c[FIRST],     c[END],
                                c[ENTRIES], c[SEALED_AT], v->last_seal, c[DIGESTS]};
    char seal[CHAIN_SEAL_HEX];
    chain_seal(v->key, &batch, seal);
    if (number != expected)
        found(v, "Seals %" PRId64 " to %" PRId64 " were removed.", expected, number - 1);
    else if (strcmp(seal, c[SEAL]) != 0)
        found(v,
              number == 1 ? "Seal 1 does not fit: it was changed, or SIGNING_KEY_SECRET is another one."
                          : "Seal %" PRId64 " was changed.",
              number);
    if (strcmp(c[MONTH], v->expired_before) >= 0 && strcmp(c[DIGESTS], c[PRESENT]) != 0)
        compare_entries(v, c[NUMBER], PQgetvalue(r, row, DIGESTS), PQgetvalue(r, row, PRESENT));
    v->seals++;
    v->entries += (int64_t)(strlen(c[PRESENT]) / CHAIN_DIGEST_HEX);
    snprintf(v->last_number, sizeof v->last_number, "%s", c[NUMBER]);
    snprintf(v->last_end, sizeof v->last_end, "%s", c[END]);
    memcpy(v->last_seal, c[SEAL], sizeof v->last_seal);
}

static enum status verify_seals(struct verification *v)
{
    static const char sql[] =
        "SELECT s.number, s.month, s.first_transaction, s.end_transaction, s.entries,"
        " to_char(s.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), encode(s.digests, 'hex'),"
        " encode(s.seal, 'hex'), coalesce(encode(present.digests, 'hex'), '')"
        " FROM auth.access_seal s"
        " LEFT JOIN LATERAL ("
        "  SELECT string_agg(int8send(e.id) || auth.access_log_digest(e), '' ORDER BY e.transaction, e.id) AS digests"
        "  FROM auth.access_log e"
        "  WHERE e.transaction >= s.first_transaction AND e.transaction < s.end_transaction"
        "   AND auth.access_log_month(e.at) = s.month) present ON true"
        " WHERE s.number > $1"
        " ORDER BY s.number LIMIT 10";
    _Static_assert(SEALS_AT_ONCE == 10, "as the statement says; each may be some megabytes");
    for (int rows = SEALS_AT_ONCE; rows == SEALS_AT_ONCE;) {
        const char *const after[] = {v->last_number};
        AUTO(db_result_drop) PGresult *r = NULL;
        TRY(database_ask(v->pg, sql, 1, after, v->why, &r));
        rows = PQntuples(r);
        for (int row = 0; row < rows; row++)
            verify_seal(v, r, row);
    }
    return OK;
}

/* Entries of sealed transactions that no seal covers, in whatever month. Counting is cheap, searching is not. */
static enum status find_uncovered(struct verification *v)
{
    static const char sql[] = "SELECT e.id"
                              " FROM auth.access_log e"
                              " WHERE e.transaction < $1 AND NOT EXISTS (SELECT FROM auth.access_seal s"
                              "  WHERE e.transaction >= s.first_transaction AND e.transaction < s.end_transaction"
                              "   AND s.month = auth.access_log_month(e.at))"
                              " ORDER BY e.id LIMIT 1000";
    const char *const end[] = {v->last_end};
    AUTO(db_result_drop) PGresult *count = NULL;
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(v->pg, "SELECT count(*) FROM auth.access_log WHERE transaction < $1", 1, end, v->why, &count));
    if (strtoll(PQgetvalue(count, 0, 0), NULL, 10) == v->entries)
        return OK;
    TRY(database_ask(v->pg, sql, 1, end, v->why, &r));
    for (int row = 0; row < PQntuples(r); row++)
        found(v, "Entry %s was inserted where no seal covers it.", PQgetvalue(r, row, 0));
    return OK;
}

static enum status say_unsealed(struct verification *v)
{
    static const char sql[] = "SELECT count(*), coalesce(round(extract(epoch FROM now() - min(at)))::bigint, 0)"
                              " FROM auth.access_log"
                              " WHERE transaction >= $1";
    const char *const end[] = {v->last_end};
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(v->pg, sql, 1, end, v->why, &r));
    if (strcmp(PQgetvalue(r, 0, 0), "0") != 0)
        printf("%s entries are not sealed yet, the oldest for %s s.\n", PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1));
    return OK;
}

/* The log itself has the months that were dropped: "before 2026-01". */
static enum status read_expiry(struct verification *v)
{
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(
        v->pg,
        "SELECT max(object) FROM auth.access_log WHERE action = 'access_log.expire' AND object LIKE 'before ____-__'",
        0, NULL, v->why, &r));
    bool any = !PQgetisnull(r, 0, 0);
    v->expired_before = any ? arena_printf(v->why->arena, "%s-01", PQgetvalue(r, 0, 0) + strlen("before ")) : "";
    if (any)
        printf("Entries before %.7s were let go.\n", v->expired_before);
    return OK;
}

/* NUMBER:SEAL as an earlier run has printed it: shows whether the end of the chain was cut off or made anew. */
static enum status check_expected(struct verification *v, const char *expected)
{
    const char *colon = strchr(expected, ':');
    int64_t number;
    if (!colon || !text_integer(arena_copy(v->why->arena, expected, (size_t)(colon - expected)), &number))
        return fail(v->why, INVALID, NULL, "--expect takes NUMBER:SEAL as verify has printed it.");
    const char *const values[] = {arena_printf(v->why->arena, "%" PRId64, number)};
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(v->pg, "SELECT encode(seal, 'hex') FROM auth.access_seal WHERE number = $1", 1, values, v->why,
                     &r));
    if (PQntuples(r) == 0)
        found(v, "Seal %" PRId64 " is expected and no longer there: the end of the log was cut off.", number);
    else if (strcmp(PQgetvalue(r, 0, 0), colon + 1) != 0)
        found(v, "Seal %" PRId64 " is not the one that is expected.", number);
    return OK;
}

static enum status verify(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    const char *expected = NULL, *secret = NULL;
    const struct option_row rows[] = {{"--expect", .text = &expected}, {0}};
    TRY(options_read(rows, argc, argv, 0, NULL, why));
    TRY(ctl_signing_key_secret(why, &secret));
    TRY(database_open(why, &pg));
    TRY(database_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", why));
    struct verification v = {.pg = pg, .why = why, .last_number = "0", .last_end = "0"};
    secret_key(secret, CHAIN_PURPOSE, v.key);
    TRY(read_expiry(&v));
    TRY(verify_seals(&v));
    TRY(find_uncovered(&v));
    TRY(say_unsealed(&v));
    if (expected)
        TRY(check_expected(&v, expected));
    sodium_memzero(v.key, sizeof v.key);
    if (v.findings > 0)
        return fail(why, CONFLICT, NULL, "The access log is not as it was sealed: %" PRId64 " findings.", v.findings);
    printf("%" PRId64 " entries behind %" PRId64 " seals are as they were sealed.\n", v.entries, v.seals);
    if (v.seals > 0)
        printf("The newest seal is %s:%s\n", v.last_number, v.last_seal);
    return OK;
}

/* ---- export ---- */

/* An operator's command has no request with a caller; the action says what was done. */
static enum status enter(PGconn *pg, const char *action, const char *object, const char *outcome, const char *subject,
                         struct problem *why)
{
    const char *const values[] = {action, object, outcome, subject};
    AUTO(db_result_drop) PGresult *r = NULL;
    return database_ask(pg,
                        "INSERT INTO auth.access_log (action, object, outcome, subject_id, role)"
                        " VALUES ($1, $2, $3, $4::uuid, 'operator')",
                        COUNT(values), values, why, &r);
}

static enum status copy_out(PGconn *pg, const char *sql, struct problem *why)
{
    AUTO(db_result_drop) PGresult *begun = PQexec(pg, sql);
    if (PQresultStatus(begun) != PGRES_COPY_OUT)
        return database_refused(pg, begun, why);
    char *line;
    bool written = true;
    for (int size; (size = PQgetCopyData(pg, &line, 0)) > 0; PQfreemem(line))
        written = written && fwrite(line, 1, (size_t)size, stdout) == (size_t)size;
    AUTO(db_result_drop) PGresult *ended = PQgetResult(pg);
    if (PQresultStatus(ended) != PGRES_COMMAND_OK)
        return database_refused(pg, ended, why);
    return written ? OK : fail(why, FAULT, NULL, "The output could not be written.");
}

static enum status check_range(const char *option, const char *value, struct problem *why)
{
    struct date day;
    if (!value || text_time(value) || date_parse(value, &day))
        return OK;
    return fail(why, INVALID, NULL, "%s takes a date (2026-01-31) or a time of RFC 3339.", option);
}

/* COPY takes no parameters; the values here were checked and are quoted. Its text form would double the backslashes
 * of JSON, so the lines are written as CSV of one column whose quote and delimiter JSON never holds. */
static const char *quoted(PGconn *pg, struct arena *arena, const char *value, const char *otherwise)
{
    if (!value)
        return otherwise;
    char *literal = PQescapeLiteral(pg, value, strlen(value));
    const char *text = arena_text(arena, literal ? literal : otherwise);
    PQfreemem(literal);
    return text;
}

static enum status write_out(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    const char *from = NULL, *until = NULL, *person = NULL;
    char id[33];
    const struct option_row rows[] = {
        {"--from", .text = &from}, {"--until", .text = &until}, {"--person", .text = &person}, {0}};
    TRY(options_read(rows, argc, argv, 0, NULL, why));
    TRY(check_range("--from", from, why));
    TRY(check_range("--until", until, why));
    if (person && !text_uuid(person, id))
        return fail(why, INVALID, NULL, "--person takes the id of a person.");
    TRY(database_open(why, &pg));
    TRY(database_run(pg, "SET TimeZone TO 'UTC'; BEGIN", why));
    TRY(enter(pg, "access_log.export", "access_log", "read", person, why));
    struct arena *arena = why->arena;
    TRY(copy_out(pg,
                 arena_printf(arena,
                              "COPY (SELECT row_to_json(e)"
                              "  FROM auth.access_log e"
                              "  WHERE e.at >= %s AND e.at < %s AND (%s::uuid IS NULL OR e.subject_id = %s::uuid)"
                              "  ORDER BY e.id) TO STDOUT"
                              " WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')",
                              quoted(pg, arena, from, "'-infinity'"), quoted(pg, arena, until, "'infinity'"),
                              quoted(pg, arena, person, "NULL"), quoted(pg, arena, person, "NULL")),
                 why));
    return database_run(pg, "COMMIT", why);
}

/* ---- expire ---- */

static enum status expire(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    AUTO(db_result_drop) PGresult *month = NULL;
    AUTO(db_result_drop) PGresult *old = NULL;
    long keep = 0;
    const struct option_row rows[] = {{"--keep-months", .number = &keep, .min = 1, .max = KEEP_MONTHS_MAX}, {0}};
    TRY(options_read(rows, argc, argv, 0, NULL, why));
    if (keep == 0)
        return fail(why, INVALID, NULL, "Say how many months to keep: --keep-months 12.");
    TRY(database_open(why, &pg));
    TRY(database_run(pg, "SET TimeZone TO 'UTC'; BEGIN", why));
    const char *const keep_text[] = {arena_printf(why->arena, "%ld", keep)};
    TRY(database_ask(pg, "SELECT to_char(auth.access_log_month(now()) - make_interval(months => $1::int), 'YYYY-MM')",
                     1, keep_text, why, &month));
    const char *const before[] = {PQgetvalue(month, 0, 0)};
    TRY(database_ask(pg,
                     "SELECT c.oid::regclass"
                     " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                     " WHERE i.inhparent = 'auth.access_log'::regclass AND c.relname ~ '^access_log_\\d{4}_\\d\\d$'"
                     " AND replace(right(c.relname, 7), '_', '-') < $1"
                     " ORDER BY c.relname",
                     1, before, why, &old));
    TRY(enter(pg, "access_log.expire", arena_printf(why->arena, "before %s", before[0]), "written", NULL, why));
    for (int row = 0; row < PQntuples(old); row++)
        TRY(database_run(pg, arena_printf(why->arena, "DROP TABLE %s", PQgetvalue(old, row, 0)), why));
    TRY(database_run(pg, arena_printf(why->arena, "DELETE FROM auth.access_log_rest WHERE at < '%s-01'", before[0]),
                     why));
    TRY(database_run(pg, "COMMIT", why));
    printf("The entries before %s were let go: %d months.\n", before[0], PQntuples(old));
    return OK;
}

/* ---- */

enum status access_log_command(int argc, char **argv, struct problem *why)
{
    static const struct {
        const char *name;
        enum status (*act)(int argc, char **argv, struct problem *why);
    } acts[] = {{"verify", verify}, {"export", write_out}, {"expire", expire}};
    for (size_t i = 0; argc > 1 && i < COUNT(acts); i++)
        if (strcmp(acts[i].name, argv[1]) == 0)
            return acts[i].act(argc - 1, argv + 1, why);
    return fail(why, INVALID, NULL, "Say what to do with the access log: verify, export or expire.");
}
