#include "services/auth/account/installation.h"

#include "common/base/log.h"
#include "common/base/text.h"

#include <stdio.h>

static bool check_name(const char *name)
{
    if (text_is_name(name))
        return true;
    fprintf(stderr, "FIRST_SUPERUSER must have 1 to %d characters, none of them a control one\n", NAME_LENGTH_MAX);
    return false;
}

static bool check_password(const struct auth_settings *settings)
{
    struct arena arena = {0};
    struct problem why;
    problem_reset(&why, &arena);
    bool good = password_check(settings->first_superuser_password, settings->first_superuser, NULL, &why) == OK;
    if (!good)
        fprintf(stderr, "FIRST_SUPERUSER_PASSWORD: %s\n", why.detail ? why.detail : "is not good enough");
    arena_release(&arena);
    return good;
}

bool installation_check(const struct auth_settings *settings)
{
    bool good = true;
    if (settings->login_by_query && !settings->demo) {
        fprintf(stderr, "LOGIN_BY_QUERY is for demonstrations: it needs DEMO=on\n");
        good = false;
    }
    if (!*settings->first_superuser != !*settings->first_superuser_password) {
        fprintf(stderr, "FIRST_SUPERUSER and FIRST_SUPERUSER_PASSWORD go together\n");
        good = false;
    } else if (*settings->first_superuser) {
        good &= check_name(settings->first_superuser) && check_password(settings);
    }
    return good;
}

enum status installation_allows(const struct auth_settings *settings, struct db *db)
{
    static const char sql[] = "SELECT FROM auth.demonstration";
    if (settings->demo)
        return OK;
    enum status found = db_run(db, sql, NO_PARAMS);
    if (found == NOT_FOUND)
        return OK;
    return found == OK ? FORBIDDEN : found;
}

static enum status make_first_superuser(struct auth *auth, struct db *db)
{
    static const char missing[] = "SELECT WHERE NOT auth.has_superuser()";
    static const char make[] = "SELECT WHERE auth.make_first_superuser($1::uuid, $2::text, $3::text)";
    const struct auth_settings *settings = auth->settings;
    char id[33], hash[PASSWORD_HASH_SIZE];
    if (!*settings->first_superuser)
        return OK;
    enum status status = db_run(db, missing, NO_PARAMS);
    if (status == OK) {
        text_new_uuid(id);
        TRY(password_hash(auth->gate, settings->first_superuser_password, hash, db->why));
        status = db_run(db, make, PARAMS(id, settings->first_superuser, hash));
        if (status == OK)
            log_line(LOG_INFO, "made the first superuser, account %s", id);
    }
    return if_any(status); /* somebody was quicker, or there was one */
}

enum status installation_prepare(struct auth *auth, struct db *db)
{
    if (atomic_load(&auth->installed))
        return OK;
    enum status allowed = installation_allows(auth->settings, db);
    if (allowed == FORBIDDEN) {
        log_line(LOG_ERROR, "this database holds invented people: without DEMO=on it is not served");
        return UNAVAILABLE;
    }
    TRY(allowed);
    TRY(make_first_superuser(auth, db));
    atomic_store(&auth->installed, true);
    return OK;
}
