/* Logging in with the token of another issuer: token exchange in the manner of RFC 8693. */
#ifndef MNEMOS_AUTH_EXCHANGE_H
#define MNEMOS_AUTH_EXCHANGE_H

#include "services/auth/auth.h"
#include "services/auth/outside/outside_token.h"
#include "services/auth/session/session.h"

struct token_exchange {
    const char *subject_token, *subject_token_type, *code;
};
extern const struct schema token_exchange_schema;

enum status session_exchange(struct request *rq);

/* session_store.c: the account of whoever the token names. rule: the role it gives, or NULL. name: of the account to
 * make for somebody unknown, or NULL. NOT_FOUND when there is none. */
enum status account_find_by_identity(struct db *db, const struct outside_token *token, const struct role_rule *rule,
                                     const char *name, struct account *out);

#endif
