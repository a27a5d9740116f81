/* Proof of identity: by the password and, if the account has a second factor, by a code. The login asks for it, and so
 * do actions that need more than a token. Wrong guesses lead to a wait (throttle.h). */
#pragma once

#include "services/auth/account/account.h"

enum proof_wanted { PASSWORD_ONLY, PASSWORD_AND_CODE };

struct evidence {
    const char *name;              /* failures are counted by it */
    const struct account *account; /* NULL: no account has the name; costs as much and is never proven */
    const char *password;
    const char *code; /* of the app, or a recovery code; NULL: none was given */
};

enum proof {
    PROOF_WRONG_PASSWORD,
    PROOF_WRONG_CODE,
    PROOF_WITHOUT_CODE, /* the password is right, and a code is needed */
    PROOF_OF_PASSWORD,  /* there is no second factor, or it was not wanted */
    PROOF_OF_BOTH,
};

/* A right code is used up. renewed: as in password_verify_and_renew. */
enum status proof_check(struct request *rq, const struct evidence *evidence, enum proof_wanted wanted, enum proof *out,
                        char renewed[PASSWORD_HASH_SIZE]);
