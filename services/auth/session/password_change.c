#include "services/auth/session/password_change.h"

#include "services/auth/session/proof.h"

SCHEMA(password_change_schema, "PasswordChange", struct password_change,
       FIELD_TEXT(struct password_change, current_password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = 1,
                  .max = PASSWORD_MAX),
       FIELD_TEXT(struct password_change, new_password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = PASSWORD_MIN,
                  .max = PASSWORD_MAX));

static enum status check_current(struct request *rq, const struct account *account, const char *password)
{
    struct evidence evidence = {.name = account->name, .account = account, .password = password};
    enum proof proof;
    char renewed[PASSWORD_HASH_SIZE];
    TRY(proof_check(rq, &evidence, PASSWORD_ONLY, &proof, renewed));
    return proof == PROOF_OF_PASSWORD ? OK
                                      : fail(&rq->problem, INVALID, "current_password", "is not the current password");
}

enum status password_change(struct request *rq)
{
    struct auth *auth = rq->app;
    struct password_change given = {0};
    struct account account;
    char hash[PASSWORD_HASH_SIZE];
    TRY(request_input(rq, &given));
    TRY(account_find(&rq->db, rq->who.account_id, &account));
    TRY(check_current(rq, &account, given.current_password));
    TRY(password_check(given.new_password, account.name, "new_password", &rq->problem));
    db_done(&rq->db);
    TRY(password_hash(auth->gate, given.new_password, hash, &rq->problem));
    enum status changed = account_change_password(&rq->db, &account, hash, rq->who.session_id);
    if (changed == NOT_FOUND)
        return fail(&rq->problem, CONFLICT, NULL, "The password has been changed meanwhile; log in with the new one.");
    TRY(changed);
    return reply_empty(rq);
}
