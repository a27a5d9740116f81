/* rotate-keys: publishes a new signing key so early that every service knows it before its first token comes. */
#include "services/ctl/keys.h"

#include "services/ctl/ctl.h"
#include "services/ctl/option.h"

#include "common/identity/secret.h"

#include <stdio.h>
#include <string.h>

/* A key set that was read the moment before (Cache-Control: max-age=300) has been read anew by then. */
enum { AFTER_DEFAULT_S = 330, FIRST_AFTER_S = 1 };

static bool is_in(const struct key_row *key, const char *state)
{
    return strcmp(key->state, state) == 0;
}

static int believed_count(const PGresult *keys)
{
    int count = 0;
    for (int i = 0; i < PQntuples(keys); i++) {
        struct key_row key = keys_row(keys, i);
        count += !is_in(&key, "retired");
    }
    return count;
}

/* The key that auth is to open must be sealed with the secret that auth has. */
static enum status check_secret(const PGresult *keys, const char *secret, struct problem *why)
{
    for (int i = 0; i < PQntuples(keys); i++) {
        struct key_row key = keys_row(keys, i);
        if (!is_in(&key, "retired") && secret_unseal(secret, why->arena, NULL, key.sealed))
            return OK;
    }
    return fail(why, CONFLICT, NULL, "SIGNING_KEY_SECRET opens none of the present keys: it is not that of auth.");
}

static enum status check_room(const PGresult *keys, struct problem *why)
{
    for (int i = 0; i < PQntuples(keys); i++) {
        struct key_row key = keys_row(keys, i);
        if (is_in(&key, "waits"))
            return fail(why, CONFLICT, NULL, "The key %s is published already and will be used from %s on.", key.id,
                        key.use_from);
    }
    if (believed_count(keys) >= SIGNING_KEYS_MAX)
        return fail(why, CONFLICT, NULL,
                    "%d keys are believed, as many as services hold; wait until one is retired, or retire one.",
                    SIGNING_KEYS_MAX);
    return OK;
}

static enum status publish(PGconn *pg, const char *secret, long after_s, struct problem *why)
{
    AUTO(signing_key_release) struct signing_key key = {0};
    if (!signing_key_generate(&key))
        return fail(why, FAULT, NULL, "No key could be made.");
    TRY(keys_insert(pg, &key, secret_seal(secret, why->arena, NULL, key.private_pem), after_s, why));
    TRY(database_run(pg, "COMMIT", why));
    printf("%s is published, and tokens are signed with it in %ld second%s.\n", key.id, after_s,
           after_s == 1 ? "" : "s");
    return OK;
}

static enum status rotate(PGconn *pg, long after_s, struct problem *why)
{
    AUTO(db_result_drop) PGresult *keys = NULL;
    const char *secret;
    TRY(ctl_signing_key_secret(why, &secret));
    TRY(keys_lock(pg, why));
    TRY(keys_read(pg, why, &keys));
    if (believed_count(keys) == 0)
        return publish(pg, secret, FIRST_AFTER_S, why);
    TRY(check_secret(keys, secret, why));
    TRY(check_room(keys, why));
    return publish(pg, secret, after_s, why);
}

static enum status retire(PGconn *pg, const char *id, struct problem *why)
{
    AUTO(db_result_drop) PGresult *keys = NULL;
    struct key_row key = {.state = "retired"};
    TRY(keys_lock(pg, why));
    TRY(keys_read(pg, why, &keys));
    for (int i = 0; i < PQntuples(keys); i++)
        if (strcmp(keys_row(keys, i).id, id) == 0)
            key = keys_row(keys, i);
    if (is_in(&key, "retired"))
        return fail(why, NOT_FOUND, NULL, "No key of that id is believed; rotate-keys --list shows them.");
    if (is_in(&key, "signs"))
        return fail(why, CONFLICT, NULL,
                    "Tokens are signed with this key; rotate first, with --after 0 if it is urgent.");
    TRY(keys_retire(pg, id, why));
    TRY(database_run(pg, "COMMIT", why));
    printf("%s is retired: no token that it has signed is believed.\n", id);
    return OK;
}

static enum status list(PGconn *pg, struct problem *why)
{
    AUTO(db_result_drop) PGresult *keys = NULL;
    TRY(keys_read(pg, why, &keys));
    for (int i = 0; i < PQntuples(keys); i++) {
        struct key_row key = keys_row(keys, i);
        printf("%s  %-8s  from %s%s%s\n", key.id, key.state, key.use_from, *key.retired_at ? "  until " : "",
               key.retired_at);
    }
    return OK;
}

enum status rotate_keys_command(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    long after_s = AFTER_DEFAULT_S;
    bool wants_list = false;
    const char *id = NULL;
    const struct option_row rows[] = {
        {"--after", .number = &after_s, .min = 0, .max = 86400},
        {"--list", .flag = &wants_list},
        {"--retire", .text = &id},
        {0},
    };
    TRY(options_read(rows, argc, argv, 0, NULL, why));
    TRY(database_open(why, &pg));
    if (wants_list)
        return list(pg, why);
    return id ? retire(pg, id, why) : rotate(pg, after_s, why);
}
