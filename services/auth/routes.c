#include "services/auth/session.h"

const struct route auth_routes[] = {
    {"POST", "/api/v1/auth/login", session_login, OPEN_TO_ALL, "session.create", "Log in with name and password",
     &credentials_schema, FROM_JSON | FROM_FORM, &login_schema},
    {"POST", "/api/v1/auth/logout", session_logout, LOGGED_IN, "session.end", "End this session", NULL, 0, NULL,
     GIVES_NOTHING},
    {"GET", "/api/v1/auth/me", session_me, LOGGED_IN, "account.read", "The account that is logged in", NULL, 0,
     &account_schema},
    {"GET", "/.well-known/jwks.json", key_set_get, OPEN_TO_ALL, "key.list", "Public keys of the token signatures", NULL,
     0, &key_set_schema},

    {"POST", "/login", session_login, OPEN_TO_ALL, "session.create", "Log in with name and password",
     &credentials_schema, FROM_JSON | FROM_FORM, &login_schema, .rules = HISTORIC},
    {"GET", "/login", session_login_by_query, OPEN_TO_ALL, "session.create",
     "Log in by query; only where the setting LOGIN_BY_QUERY allows it", &credentials_schema, FROM_QUERY, &login_schema,
     .rules = HISTORIC | IF_SETTING},
    {0},
};
