#include "services/auth/session/refresh.h"

#include "common/base/log.h"
#include "services/auth/session/login.h"

SCHEMA(refresh_schema, "Refresh", struct refresh_request,
       FIELD_TEXT(struct refresh_request, refresh_token, .rules = WRITE_ONLY, .min = 1, .max = 200,
                  .summary = "From the login or the previous refresh; browsers send it in a cookie instead"));

static enum status refuse(struct request *rq)
{
    return fail(&rq->problem, UNAUTHENTICATED, NULL, "The refresh token is invalid or has expired; log in again.");
}

static enum status given_token(struct request *rq, const char **out)
{
    struct refresh_request given = {0};
    TRY(request_input(rq, &given));
    if (!given.refresh_token && rq->refresh_cookie && !rq->own_page)
        return fail(&rq->problem, FORBIDDEN, NULL, "With a cookie, only pages of this site may make changes.");
    *out = given.refresh_token ? given.refresh_token : rq->refresh_cookie;
    return *out ? OK : fail(&rq->problem, INVALID, "refresh_token", "must be given, here or in the cookie");
}

enum status refresh_create(struct request *rq)
{
    const char *given;
    char given_hash[RANDOM_SECRET_HASH_SIZE];
    struct random_secret fresh;
    struct rotation rotation = {0};
    struct account account = {0};
    TRY(given_token(rq, &given));
    random_secret_hash(given, given_hash);
    random_secret_new(&fresh);
    struct session_use from = session_use_of(rq);
    enum status found = refresh_rotate(&rq->db, given_hash, fresh.hash, &from, &rotation);
    if (found == OK && rotation.reused.value)
        log_line(LOG_WARNING, "a refresh token came again: session %s ended", rotation.session_id);
    if (found == OK && !rotation.reused.value)
        found = account_find_by_session(&rq->db, rotation.session_id, &account);
    if (found == NOT_FOUND || rotation.reused.value)
        return refuse(rq);
    TRY(found);
    return login_issue(rq, &account, rotation.session_id, rotation.ends.value, &fresh);
}
