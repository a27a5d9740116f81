#include "services/auth/session/proof.h"

#include "services/auth/session/second_factor.h"
#include "services/auth/session/throttle.h"

static enum status check_code(struct request *rq, const struct evidence *evidence, enum proof *out)
{
    struct second_factor factor = {0};
    bool good = false;
    TRY(second_factor_find(&rq->db, evidence->account->id, &factor));
    if (!factor.confirmed_at) {
        *out = PROOF_OF_PASSWORD;
        return OK;
    }
    if (!evidence->code) {
        *out = PROOF_WITHOUT_CODE;
        return OK;
    }
    TRY(second_factor_check(rq, evidence->account->id, &factor, evidence->code, &good));
    *out = good ? PROOF_OF_BOTH : PROOF_WRONG_CODE;
    return OK;
}

enum status proof_check(struct request *rq, const struct evidence *evidence, enum proof_wanted wanted, enum proof *out,
                        char renewed[PASSWORD_HASH_SIZE])
{
    struct auth *auth = rq->app;
    struct throttle throttle;
    bool matches;
    enum proof proof = PROOF_WRONG_PASSWORD;
    TRY(throttle_enter(rq, evidence->name, &throttle));
    db_done(&rq->db); /* hashing takes long enough to let others have the connection */
    const char *hash = evidence->account ? evidence->account->password_hash : NULL;
    TRY(password_verify_and_renew(auth->gate, hash, evidence->password, &matches, renewed, &rq->problem));
    if (matches && wanted == PASSWORD_ONLY)
        proof = PROOF_OF_PASSWORD;
    else if (matches && evidence->account)
        TRY(check_code(rq, evidence, &proof));
    /* A right password that proves nothing yet is no failure, and no end of the failures either. */
    if (proof == PROOF_WITHOUT_CODE || (matches && wanted == PASSWORD_ONLY))
        TRY(throttle_wait(rq, &throttle));
    else
        TRY(throttle_settle(rq, &throttle, proof == PROOF_OF_PASSWORD || proof == PROOF_OF_BOTH));
    *out = proof;
    return OK;
}
