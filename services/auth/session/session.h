/* Logging in and out. */
#ifndef MNEMOS_AUTH_SESSION_H
#define MNEMOS_AUTH_SESSION_H

#include "services/auth/auth.h"
#include "services/auth/session/refresh.h"

struct credentials {
    const char *name, *password, *code;
};
extern const struct schema credentials_schema;

/* A code of the second factor, as people type it. */
enum { CODE_MAX = 40 };
#define FIELD_CODE(s, m, rules_, summary_) \
    FIELD_TEXT(s, m, .rules = WRITE_ONLY | (rules_), .min = 1, .max = CODE_MAX, .example = "123456", \
               .summary = (summary_))

struct account {
    const char *id, *name, *role, *specialty, *password_hash;
    const char *scope; /* of a client: what the token is to open */
    struct maybe_boolean disabled;
    struct maybe_integer version;
};
extern const struct schema account_schema;

struct login {
    const char *access_token, *token_type, *scope;
    struct maybe_integer expires_in;
    const char *refresh_token;
    struct maybe_integer refresh_expires_in;
    struct maybe_boolean enrolment_required;
    struct account *account;
};
extern const struct schema login_schema, client_token_schema;

struct key_set {
    const char *keys;
};
extern const struct schema key_set_schema;

/* The one place where tokens are issued: answers an access token of the session, which ends at that time. refresh: NULL
 * where there is to be none, and no cookies. */
enum status session_issue(struct request *rq, struct account *account, const char *session_id, time_t ends,
                          const struct refresh_token *refresh);

/* The browser forgets its tokens. */
void session_clear_cookies(struct request *rq);

/* The one place where sessions begin. NOT_FOUND when the account was removed, disabled or changed since it was read. */
enum status session_open(struct request *rq, struct account *account, bool second_factor_shown);

enum status session_login(struct request *rq);
enum status session_login_by_query(struct request *rq);
enum status session_logout(struct request *rq);
enum status session_me(struct request *rq);
enum status key_set_get(struct request *rq);

/* session_store.c */
enum status account_find(struct db *db, const char *id, struct account *out);
enum status account_find_by_name(struct db *db, const char *name, struct account *out);
enum status account_find_by_session(struct db *db, const char *session_id, struct account *out);

/* The same password, hashed anew; NOT_FOUND when it has another hash by now. */
enum status account_renew_hash(struct db *db, const struct account *account, const char *renewed);

/* A new password; ends the sessions of the account but this one. NOT_FOUND as above. */
enum status account_change_password(struct db *db, const struct account *account, const char *hash,
                                    const char *session_id);

struct new_session {
    char id[33];
    time_t ends;
    struct refresh_token refresh;
    struct session_use from;
};

/* NOT_FOUND when the account is no longer of that version, or has a second factor that was not shown. */
enum status session_insert(struct db *db, const struct new_session *session, const struct account *account,
                           bool second_factor_shown);

/* NOT_FOUND when that account has no such session that is open. */
enum status session_end(struct db *db, const char *id, const char *account_id);
enum status session_end_all(struct db *db, const char *account_id, const char *keep); /* keep: NULL or a session */

#endif
