#include "services/auth/account/account.h"
#include "services/auth/account/client.h"
#include "services/auth/account/managed_account.h"
#include "services/auth/account/staff_account.h"
#include "services/auth/audit/access_log.h"
#include "services/auth/outside/exchange.h"
#include "services/auth/outside/identity.h"
#include "services/auth/session/grant.h"
#include "services/auth/session/key_set.h"
#include "services/auth/session/login.h"
#include "services/auth/session/own_second_factor.h"
#include "services/auth/session/own_session.h"
#include "services/auth/session/password_change.h"
#include "services/auth/session/refresh.h"
#include "services/auth/session/session.h"

/* clang-format off */

#define PATIENTS_AND_ADMINS {.roles = PATIENT | ADMINS}
#define OWN_SESSION         {.roles = USERS | CLIENT}

/* Handler, subject, input, output, action and summary of the rows. */
#define LOGIN_CREATE \
    login_create, .subject = ONESELF, TAKES(credentials_schema, FROM_BODY), GIVES(login_schema), \
    .action = "session.create", .summary = "Log in with name and password"
#define REFRESH_CREATE \
    refresh_create, .subject = ONESELF, TAKES(refresh_schema, FROM_BODY), GIVES(login_schema), \
    .action = "session.refresh", .summary = "Exchange a refresh token for a new access token of the same session"
#define GRANT_TOKEN \
    grant_token, .subject = ONESELF, TAKES(grant_schema, FROM_BODY), GIVES(client_token_schema), \
    .action = "session.grant", \
    .summary = "A token for a client (OAuth 2.0 client credentials), by HTTP Basic or in the body"
#define SESSION_LOGOUT \
    session_logout, .subject = ONESELF, .shape = GIVES_NOTHING, .action = "session.end", \
    .summary = "End the current session"
#define OWN_SESSION_LIST \
    own_session_list, .subject = ONESELF, TAKES(page_schema, FROM_QUERY), LISTS(own_session_schema), \
    .action = "session.list", .summary = "The caller's open sessions, last used first"
#define OWN_SESSION_DELETE \
    own_session_delete, .subject = ONESELF, .shape = GIVES_NOTHING, .action = "session.end", \
    .summary = "End one of the caller's sessions"
#define OWN_SESSION_DELETE_ALL \
    own_session_delete_all, .subject = ONESELF, TAKES(own_session_end_schema, FROM_QUERY), .shape = GIVES_NOTHING, \
    .action = "session.end", .summary = "End the caller's sessions, all or all but the current one"
#define ACCOUNT_ME \
    account_me, .subject = ONESELF, GIVES(account_schema), .noun = "account", .action = "account.read", \
    .summary = "The account that is logged in"
#define PASSWORD_CHANGE \
    password_change, .subject = ONESELF, TAKES(password_change_schema, FROM_BODY), .shape = GIVES_NOTHING, \
    .noun = "account", .action = "password.change", \
    .summary = "Change the caller's password; ends the caller's other sessions"
#define OWN_SECOND_FACTOR_GET \
    own_second_factor_get, .subject = ONESELF, GIVES(second_factor_schema), .action = "second_factor.read", \
    .summary = "State of the caller's second factor"
#define OWN_SECOND_FACTOR_BEGIN \
    own_second_factor_begin, .subject = ONESELF, TAKES(enrolment_request_schema, FROM_BODY), GIVES(enrolment_schema), \
    .action = "second_factor.begin", .summary = "Begin to set up a second factor: the secret for an authenticator app"
#define OWN_SECOND_FACTOR_CONFIRM \
    own_second_factor_confirm, .subject = ONESELF, TAKES(enrolment_code_schema, FROM_BODY), \
    GIVES(recovery_codes_schema), .action = "second_factor.confirm", \
    .summary = "Confirm the second factor by a first code; ends the other sessions, gives recovery codes"
#define OWN_SECOND_FACTOR_RENEW_CODES \
    own_second_factor_renew_codes, .subject = ONESELF, TAKES(second_factor_proof_schema, FROM_BODY), \
    GIVES(recovery_codes_schema), .noun = "second factor", .action = "second_factor.renew_codes", \
    .summary = "Replace the caller's recovery codes"
#define OWN_SECOND_FACTOR_REMOVE \
    own_second_factor_remove, .subject = ONESELF, TAKES(second_factor_proof_schema, FROM_BODY), \
    .shape = GIVES_NOTHING, .noun = "second factor", .action = "second_factor.remove", \
    .summary = "Remove the caller's second factor"
#define KEY_SET_GET \
    key_set_get, GIVES(key_set_schema), .action = "key.list", .summary = "Public keys of the token signatures"
#define ADMIN_CREATE \
    staff_account_create, .subject = PEOPLE, TAKES(new_admin_schema, FROM_BODY), GIVES(admin_schema), .success = 201, \
    .action = "admin.create", .summary = "Create an administrator"
#define ADMIN_LIST \
    staff_account_list, .subject = PEOPLE, TAKES(page_schema, FROM_QUERY), LISTS(admin_schema), \
    .action = "admin.list", .summary = "Administrators in the order of their names"
#define ADMIN_GET \
    staff_account_get, .subject = ONE_PERSON, GIVES(admin_schema), .noun = "administrator", .action = "admin.read", \
    .summary = "One administrator"
#define ADMIN_UPDATE \
    staff_account_update, .subject = ONE_PERSON, TAKES(admin_change_schema, FROM_BODY), GIVES(admin_schema), \
    .noun = "administrator", .action = "admin.update", .summary = "Promote, demote, disable or enable an administrator"
#define ADMIN_DELETE \
    staff_account_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .noun = "administrator", \
    .action = "admin.delete", .summary = "Remove an administrator"
#define RESEARCHER_CREATE \
    staff_account_create, .subject = PEOPLE, TAKES(new_researcher_schema, FROM_BODY), GIVES(researcher_schema), \
    .success = 201, .action = "researcher.create", .summary = "Create a researcher"
#define RESEARCHER_LIST \
    staff_account_list, .subject = PEOPLE, TAKES(page_schema, FROM_QUERY), LISTS(researcher_schema), \
    .action = "researcher.list", .summary = "Researchers in the order of their names"
#define RESEARCHER_GET \
    staff_account_get, .subject = ONE_PERSON, GIVES(researcher_schema), .action = "researcher.read", \
    .summary = "One researcher"
#define RESEARCHER_UPDATE \
    staff_account_update, .subject = ONE_PERSON, TAKES(researcher_change_schema, FROM_BODY), GIVES(researcher_schema), \
    .action = "researcher.update", .summary = "Disable or enable a researcher"
#define RESEARCHER_DELETE \
    staff_account_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .action = "researcher.delete", \
    .summary = "Remove a researcher"
#define CLIENT_CREATE \
    client_create, .subject = PEOPLE, TAKES(new_client_schema, FROM_BODY), GIVES(client_with_secret_schema), \
    .success = 201, .action = "client.create", .summary = "Create a client; its secret is shown once"
#define CLIENT_LIST \
    client_list, .subject = PEOPLE, TAKES(page_schema, FROM_QUERY), LISTS(client_schema), .action = "client.list", \
    .summary = "Clients in the order of their names"
#define CLIENT_GET \
    client_get, .subject = ONE_PERSON, GIVES(client_schema), .action = "client.read", .summary = "One client"
#define CLIENT_UPDATE \
    client_update, .subject = ONE_PERSON, TAKES(client_change_schema, FROM_BODY), GIVES(client_schema), \
    .action = "client.update", .summary = "Rename a client, change its scopes, deactivate or activate it"
#define CLIENT_DELETE \
    client_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .action = "client.delete", \
    .summary = "Remove a client"
#define CLIENT_RENEW_SECRET \
    client_renew_secret, .subject = ONE_PERSON, GIVES(client_with_secret_schema), .action = "client.renew_secret", \
    .summary = "Replace a client's secret; the new one is shown once"
#define MANAGED_ACCOUNT_GET \
    managed_account_get, .subject = ONE_PERSON, GIVES(managed_account_schema), .action = "account.read", \
    .summary = "One account; administrators are seen by superusers only"
#define MANAGED_ACCOUNT_UPDATE \
    managed_account_update, .subject = ONE_PERSON, TAKES(account_change_schema, FROM_BODY), \
    GIVES(managed_account_schema), .action = "account.update", \
    .summary = "Disable an account, which ends its sessions, or enable it"
#define SECOND_FACTOR_RESET \
    second_factor_reset, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .noun = "second factor", \
    .action = "second_factor.reset", \
    .summary = "Remove an account's second factor, after a lost device; ends all its sessions"
#define ACCESS_LOG_LIST \
    access_log_list, .subject = ONE_PERSON, TAKES(access_query_schema, FROM_QUERY), LISTS(access_entry_schema), \
    .action = "access_log.read", .summary = "Accesses to a patient's data, newest first"
#define EXCHANGE_TOKEN \
    exchange_token, .subject = ONESELF, TAKES(exchange_schema, FROM_JSON), GIVES(login_schema), \
    .action = "session.exchange", .summary = "Log in with the token of another issuer"
#define IDENTITY_LIST \
    identity_list, .subject = ONE_PERSON, TAKES(page_schema, FROM_QUERY), LISTS(identity_schema), \
    .action = "identity.list", .summary = "Identities at other issuers that log in to the account"
#define IDENTITY_CREATE \
    identity_create, .subject = ONE_PERSON, TAKES(new_identity_schema, FROM_BODY), GIVES(identity_schema), \
    .success = 201, .action = "identity.create", .summary = "Link an identity at another issuer to the account"
#define IDENTITY_DELETE \
    identity_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .action = "identity.delete", \
    .summary = "Unlink an identity, which ends the sessions of the account"
#define LOGIN_CREATE_BY_QUERY \
    login_create_by_query, .subject = ONESELF, TAKES(credentials_schema, FROM_QUERY), GIVES(login_schema), \
    .action = "session.create", .summary = "Log in by query; only where the setting LOGIN_BY_QUERY allows it"

const struct route auth_routes[] = {
    {"POST",   "/api/v1/auth/login",                        LOGIN_CREATE,                  .access = OPEN_TO_ALL},
    {"POST",   "/api/v1/auth/refresh",                      REFRESH_CREATE,                .access = OPEN_TO_ALL},
    {"POST",   "/api/v1/auth/token",                        GRANT_TOKEN,                   .access = OPEN_TO_ALL,              .rules = TAKES_BASIC},
    {"POST",   "/api/v1/auth/logout",                       SESSION_LOGOUT,                .access = OWN_SESSION},
    {"GET",    "/api/v1/auth/sessions",                     OWN_SESSION_LIST,              .access = OWN_ACCOUNT},
    {"DELETE", "/api/v1/auth/sessions/:session_id",         OWN_SESSION_DELETE,            .access = OWN_ACCOUNT},
    {"DELETE", "/api/v1/auth/sessions",                     OWN_SESSION_DELETE_ALL,        .access = OWN_ACCOUNT},
    {"GET",    "/api/v1/auth/me",                           ACCOUNT_ME,                    .access = OWN_SESSION},
    {"PUT",    "/api/v1/auth/password",                     PASSWORD_CHANGE,               .access = OWN_ACCOUNT},
    {"GET",    "/api/v1/auth/second-factor",                OWN_SECOND_FACTOR_GET,         .access = OWN_ACCOUNT_OR_ENROLLING},
    {"POST",   "/api/v1/auth/second-factor",                OWN_SECOND_FACTOR_BEGIN,       .access = OWN_ACCOUNT_OR_ENROLLING, .rules = SHOWN_ONCE},
    {"POST",   "/api/v1/auth/second-factor/confirm",        OWN_SECOND_FACTOR_CONFIRM,     .access = OWN_ACCOUNT_OR_ENROLLING, .rules = SHOWN_ONCE},
    {"POST",   "/api/v1/auth/second-factor/recovery-codes", OWN_SECOND_FACTOR_RENEW_CODES, .access = OWN_ACCOUNT,              .rules = SHOWN_ONCE},
    {"DELETE", "/api/v1/auth/second-factor",                OWN_SECOND_FACTOR_REMOVE,      .access = OWN_ACCOUNT},
    {"GET",    "/.well-known/jwks.json",                    KEY_SET_GET,                   .access = OPEN_TO_ALL},

    {"POST",   "/api/v1/admins",           ADMIN_CREATE, .access = SUPERUSERS},
    {"GET",    "/api/v1/admins",           ADMIN_LIST,   .access = SUPERUSERS},
    {"GET",    "/api/v1/admins/:admin_id", ADMIN_GET,    .access = SUPERUSERS},
    {"PATCH",  "/api/v1/admins/:admin_id", ADMIN_UPDATE, .access = SUPERUSERS, .rules = NEEDS_IF_MATCH},
    {"DELETE", "/api/v1/admins/:admin_id", ADMIN_DELETE, .access = SUPERUSERS, .rules = NEEDS_IF_MATCH},

    {"POST",   "/api/v1/researchers",                RESEARCHER_CREATE, .access = ADMINISTRATORS},
    {"GET",    "/api/v1/researchers",                RESEARCHER_LIST,   .access = ADMINISTRATORS},
    {"GET",    "/api/v1/researchers/:researcher_id", RESEARCHER_GET,    .access = ADMINISTRATORS},
    {"PATCH",  "/api/v1/researchers/:researcher_id", RESEARCHER_UPDATE, .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},
    {"DELETE", "/api/v1/researchers/:researcher_id", RESEARCHER_DELETE, .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},

    {"POST",   "/api/v1/clients",                   CLIENT_CREATE,       .access = ADMINISTRATORS, .rules = SHOWN_ONCE},
    {"GET",    "/api/v1/clients",                   CLIENT_LIST,         .access = ADMINISTRATORS},
    {"GET",    "/api/v1/clients/:client_id",        CLIENT_GET,          .access = ADMINISTRATORS},
    {"PATCH",  "/api/v1/clients/:client_id",        CLIENT_UPDATE,       .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},
    {"DELETE", "/api/v1/clients/:client_id",        CLIENT_DELETE,       .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},
    {"POST",   "/api/v1/clients/:client_id/secret", CLIENT_RENEW_SECRET, .access = ADMINISTRATORS, .rules = SHOWN_ONCE},

    {"GET",    "/api/v1/accounts/:account_id",               MANAGED_ACCOUNT_GET,    .access = ADMINISTRATORS, .rules = NOT_ADMINS},
    {"PATCH",  "/api/v1/accounts/:account_id",               MANAGED_ACCOUNT_UPDATE, .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH | NOT_ADMINS},
    {"DELETE", "/api/v1/accounts/:account_id/second-factor", SECOND_FACTOR_RESET,    .access = ADMINISTRATORS, .rules = NOT_ADMINS | NOT_OWN},

    {"GET", "/api/v1/patients/:patient_id/access-log", ACCESS_LOG_LIST, .access = PATIENTS_AND_ADMINS},

    {"POST", "/api/v1/auth/exchange", EXCHANGE_TOKEN, .access = OPEN_TO_ALL},

    {"GET",    "/api/v1/accounts/:account_id/identities",              IDENTITY_LIST,   .access = ADMINISTRATORS, .rules = NOT_ADMINS},
    {"POST",   "/api/v1/accounts/:account_id/identities",              IDENTITY_CREATE, .access = ADMINISTRATORS, .rules = NOT_ADMINS},
    {"DELETE", "/api/v1/accounts/:account_id/identities/:identity_id", IDENTITY_DELETE, .access = ADMINISTRATORS, .rules = NOT_ADMINS},

    {"POST", "/login", LOGIN_CREATE,          .access = OPEN_TO_ALL, .rules = HISTORIC},
    {"GET",  "/login", LOGIN_CREATE_BY_QUERY, .access = OPEN_TO_ALL, .rules = HISTORIC | IF_SETTING},
    {0},
};
