/* Sessions: each begins with a login, goes on with every refresh, and ends by logout or when its time is over. */
#pragma once

#include "services/auth/account/account.h"
#include "services/auth/account/random_secret.h"

/* Where a session is used from; NULL: not known. */
struct session_use {
    const char *device, *address;
};
struct session_use session_use_of(struct request *rq);

/* The client's User-Agent, fit to be shown: printable ASCII, single spaces, bounded. */
enum { SESSION_DEVICE_SIZE = 201 };
void session_device(const char *user_agent, char out[SESSION_DEVICE_SIZE]);

/* Sets the cookies that a browser keeps of a session, with their lifetimes. */
void session_set_cookies(struct request *rq, const char *access_token, long access_seconds, const char *refresh_token,
                         long refresh_seconds);
void session_clear_cookies(struct request *rq);

enum status session_logout(struct request *rq);

/* session_store.c */
struct new_session {
    char id[33];
    time_t ends;
    struct random_secret refresh;
    struct session_use from;
};

/* NOT_FOUND if the account's version has changed, or if it has a second factor that was not shown. */
enum status session_insert(struct db *db, const struct new_session *session, const struct account *account,
                           bool second_factor_shown);

/* NOT_FOUND if that account has no such open session. */
enum status session_end(struct db *db, const char *id, const char *account_id);
enum status session_end_all(struct db *db, const char *account_id, const char *keep); /* keep: NULL or a session */
