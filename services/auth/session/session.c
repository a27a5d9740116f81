#include "services/auth/session/session.h"

void session_device(const char *user_agent, char out[SESSION_DEVICE_SIZE])
{
    size_t used = 0;
    bool gap = false;
    for (const char *c = user_agent ? user_agent : ""; *c && used < SESSION_DEVICE_SIZE - 2; c++) {
        if (*c <= ' ' || *c >= 0x7f) {
            gap = used > 0;
            continue;
        }
        if (gap)
            out[used++] = ' ';
        gap = false;
        out[used++] = *c;
    }
    out[used] = '\0';
}

struct session_use session_use_of(struct request *rq)
{
    char device[SESSION_DEVICE_SIZE];
    session_device(rq->user_agent, device);
    return (struct session_use){.device = *device ? arena_text(rq->arena, device) : NULL,
                                .address = rq->client_address};
}

#define REFRESH_PATH "/api/v1/auth/refresh"

static void set_cookie(struct request *rq, const char *name, const char *value, const char *path, long seconds)
{
    const struct auth *auth = rq->app;
    reply_header(rq, "Set-Cookie", "%s=%s; Path=%s; Max-Age=%ld; HttpOnly; SameSite=Strict%s", name, value, path,
                 seconds, auth->settings->cookie_secure ? "; Secure" : "");
}

/* For pages of ours and for programs, which say no origin: no other page can change who a browser is logged in as. */
void session_set_cookies(struct request *rq, const char *access_token, long access_seconds, const char *refresh_token,
                         long refresh_seconds)
{
    if (rq->origin && !rq->own_page)
        return;
    set_cookie(rq, SESSION_COOKIE, access_token, "/", access_seconds);
    set_cookie(rq, REFRESH_COOKIE, refresh_token, REFRESH_PATH, refresh_seconds);
}

void session_clear_cookies(struct request *rq)
{
    session_set_cookies(rq, "", 0, "", 0);
}

enum status session_logout(struct request *rq)
{
    TRY(if_any(session_end(&rq->db, rq->who.session_id, rq->who.account_id))); /* ended already is ended */
    session_clear_cookies(rq);
    return reply_empty(rq);
}
