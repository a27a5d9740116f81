#include "services/auth/account/account.h"
#include "services/auth/account/change.h"
#include "services/auth/account/client.h"
#include "services/auth/account/staff_account.h"
#include "services/auth/audit/access_log.h"
#include "services/auth/outside/exchange.h"
#include "services/auth/outside/identity.h"
#include "services/auth/session/grant.h"
#include "services/auth/session/own_session.h"
#include "services/auth/session/refresh.h"
#include "services/auth/session/second_factor.h"
#include "services/auth/session/session.h"

#define SUPERUSERS_ONLY \
    { \
        .roles = SUPERUSER \
    }
#define PATIENTS_AND_ADMINS \
    { \
        .roles = PATIENT | ADMINS \
    }
#define ADMINS_ONLY \
    { \
        .roles = ADMINS \
    }

/* Clients, too. */
#define OWN_SESSION \
    { \
        .roles = USERS | CLIENT \
    }

const struct route auth_routes[] = {
    {"POST", "/api/v1/auth/login", session_login, OPEN_TO_ALL, "session.create", "Log in with name and password",
     &credentials_schema, FROM_JSON | FROM_FORM, &login_schema, .subject = ONESELF},
    {"POST", "/api/v1/auth/refresh", session_refresh, OPEN_TO_ALL, "session.refresh",
     "Exchange a refresh token for a new access token of the same session", &refresh_schema, FROM_JSON | FROM_FORM,
     &login_schema, .subject = ONESELF},
    {"POST", "/api/v1/auth/token", grant_token, OPEN_TO_ALL, "session.grant",
     "A token for a client (OAuth 2.0 client credentials), by HTTP Basic or in the body", &grant_schema,
     FROM_FORM | FROM_JSON, &client_token_schema, .rules = TAKES_BASIC, .subject = ONESELF},
    {"POST", "/api/v1/auth/logout", session_logout, OWN_SESSION, "session.end", "End the current session", NULL, 0, NULL,
     GIVES_NOTHING, .subject = ONESELF},
    {"GET", "/api/v1/auth/sessions", own_session_list, OWN_ACCOUNT, "session.list",
     "The caller's open sessions, last used first", &own_session_query_schema, FROM_QUERY, &own_session_schema,
     GIVES_PAGE, .subject = ONESELF},
    {"DELETE", "/api/v1/auth/sessions/:session_id", own_session_delete, OWN_ACCOUNT, "session.end",
     "End one of the caller's sessions", NULL, 0, NULL, GIVES_NOTHING, .subject = ONESELF},
    {"DELETE", "/api/v1/auth/sessions", own_session_delete_all, OWN_ACCOUNT, "session.end",
     "End the caller's sessions, all or all but the current one", &own_session_end_schema, FROM_QUERY, NULL, GIVES_NOTHING,
     .subject = ONESELF},
    {"GET", "/api/v1/auth/me", session_me, OWN_SESSION, "account.read", "The account that is logged in", NULL, 0,
     &account_schema, .subject = ONESELF},
    {"PUT", "/api/v1/auth/password", password_change, OWN_ACCOUNT, "password.change",
     "Change the caller's password; ends the caller's other sessions", &password_change_schema, FROM_JSON | FROM_FORM, NULL,
     GIVES_NOTHING, .subject = ONESELF},
    {"GET", "/api/v1/auth/second-factor", second_factor_get, OWN_ACCOUNT_OR_ENROLLING, "second_factor.read",
     "State of the caller's second factor", NULL, 0, &second_factor_schema, .subject = ONESELF},
    {"POST", "/api/v1/auth/second-factor", second_factor_begin, OWN_ACCOUNT_OR_ENROLLING, "second_factor.begin",
     "Begin to set up a second factor: the secret for an authenticator app", &enrolment_request_schema,
     FROM_JSON | FROM_FORM, &enrolment_schema, .rules = SHOWN_ONCE, .subject = ONESELF},
    {"POST", "/api/v1/auth/second-factor/confirm", second_factor_confirm, OWN_ACCOUNT_OR_ENROLLING,
     "second_factor.confirm", "Confirm the second factor by a first code; ends the other sessions, gives recovery codes",
     &enrolment_code_schema, FROM_JSON | FROM_FORM, &recovery_codes_schema, .rules = SHOWN_ONCE, .subject = ONESELF},
    {"POST", "/api/v1/auth/second-factor/recovery-codes", second_factor_renew_codes, OWN_ACCOUNT,
     "second_factor.renew_codes", "Replace the caller's recovery codes", &second_factor_proof_schema,
     FROM_JSON | FROM_FORM, &recovery_codes_schema, .rules = SHOWN_ONCE, .subject = ONESELF},
    {"DELETE", "/api/v1/auth/second-factor", second_factor_remove, OWN_ACCOUNT, "second_factor.remove",
     "Remove the caller's second factor", &second_factor_proof_schema, FROM_JSON | FROM_FORM, NULL,
     GIVES_NOTHING, .subject = ONESELF},
    {"GET", "/.well-known/jwks.json", key_set_get, OPEN_TO_ALL, "key.list", "Public keys of the token signatures", NULL,
     0, &key_set_schema},

    {"POST", "/api/v1/admins", staff_account_create, SUPERUSERS_ONLY, "admin.create", "Create an administrator",
     &new_admin_schema, FROM_JSON | FROM_FORM, &admin_schema, .success = 201, .subject = PEOPLE},
    {"GET", "/api/v1/admins", staff_account_list, SUPERUSERS_ONLY, "admin.list",
     "Administrators in the order of their names", &staff_account_query_schema, FROM_QUERY, &admin_schema, GIVES_PAGE,
     .subject = PEOPLE},
    {"GET", "/api/v1/admins/:admin_id", staff_account_get, SUPERUSERS_ONLY, "admin.read", "One administrator", NULL, 0,
     &admin_schema, .subject = ONE_PERSON},
    {"PATCH", "/api/v1/admins/:admin_id", staff_account_update, SUPERUSERS_ONLY, "admin.update",
     "Promote, demote, disable or enable an administrator", &admin_change_schema, FROM_JSON | FROM_FORM, &admin_schema,
     .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/admins/:admin_id", staff_account_delete, SUPERUSERS_ONLY, "admin.delete",
     "Remove an administrator", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"POST", "/api/v1/researchers", staff_account_create, ADMINS_ONLY, "researcher.create", "Create a researcher",
     &new_researcher_schema, FROM_JSON | FROM_FORM, &researcher_schema, .success = 201, .subject = PEOPLE},
    {"GET", "/api/v1/researchers", staff_account_list, ADMINS_ONLY, "researcher.list",
     "Researchers in the order of their names", &staff_account_query_schema, FROM_QUERY, &researcher_schema, GIVES_PAGE,
     .subject = PEOPLE},
    {"GET", "/api/v1/researchers/:researcher_id", staff_account_get, ADMINS_ONLY, "researcher.read", "One researcher",
     NULL, 0, &researcher_schema, .subject = ONE_PERSON},
    {"PATCH", "/api/v1/researchers/:researcher_id", staff_account_update, ADMINS_ONLY, "researcher.update",
     "Disable or enable a researcher", &researcher_change_schema, FROM_JSON | FROM_FORM, &researcher_schema,
     .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/researchers/:researcher_id", staff_account_delete, ADMINS_ONLY, "researcher.delete",
     "Remove a researcher", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"POST", "/api/v1/clients", client_create, ADMINS_ONLY, "client.create",
     "Create a client; its secret is shown once", &new_client_schema, FROM_JSON | FROM_FORM,
     &client_with_secret_schema, .success = 201, .rules = SHOWN_ONCE, .subject = PEOPLE},
    {"GET", "/api/v1/clients", client_list, ADMINS_ONLY, "client.list", "Clients in the order of their names",
     &client_query_schema, FROM_QUERY, &client_schema, GIVES_PAGE, .subject = PEOPLE},
    {"GET", "/api/v1/clients/:client_id", client_get, ADMINS_ONLY, "client.read", "One client", NULL, 0, &client_schema,
     .subject = ONE_PERSON},
    {"PATCH", "/api/v1/clients/:client_id", client_update, ADMINS_ONLY, "client.update",
     "Rename a client, change its scopes, deactivate or activate it", &client_change_schema, FROM_JSON | FROM_FORM,
     &client_schema, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/clients/:client_id", client_delete, ADMINS_ONLY, "client.delete", "Remove a client", NULL, 0,
     NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"POST", "/api/v1/clients/:client_id/secret", client_renew_secret, ADMINS_ONLY, "client.renew_secret",
     "Replace a client's secret; the new one is shown once", NULL, 0, &client_with_secret_schema,
     .rules = SHOWN_ONCE, .subject = ONE_PERSON},
    {"GET", "/api/v1/accounts/:account_id", account_get, ADMINS_ONLY, "account.read",
     "One account; administrators are seen by superusers only", NULL, 0, &managed_account_schema, .rules = NOT_ADMINS,
     .subject = ONE_PERSON},
    {"PATCH", "/api/v1/accounts/:account_id", account_update, ADMINS_ONLY, "account.update",
     "Disable an account, which ends its sessions, or enable it", &account_change_schema, FROM_JSON | FROM_FORM,
     &managed_account_schema, .rules = NEEDS_IF_MATCH | NOT_ADMINS, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/accounts/:account_id/second-factor", second_factor_reset, ADMINS_ONLY, "second_factor.reset",
     "Remove an account's second factor, after a lost device; ends all its sessions", NULL, 0, NULL, GIVES_NOTHING,
     .rules = NOT_ADMINS | NOT_OWN, .subject = ONE_PERSON},

    {"GET", "/api/v1/patients/:patient_id/access-log", access_log_list, PATIENTS_AND_ADMINS, "access_log.read",
     "Accesses to a patient's data, newest first", &access_query_schema, FROM_QUERY, &access_entry_schema,
     GIVES_PAGE, .subject = ONE_PERSON},

    {"POST", "/api/v1/auth/exchange", session_exchange, OPEN_TO_ALL, "session.exchange",
     "Log in with the token of another issuer", &token_exchange_schema, FROM_JSON, &login_schema, .subject = ONESELF},
    {"GET", "/api/v1/accounts/:account_id/identities", identity_list, ADMINS_ONLY, "identity.list",
     "Identities at other issuers that log in to the account", &identity_query_schema, FROM_QUERY, &identity_schema,
     GIVES_PAGE, .rules = NOT_ADMINS, .subject = ONE_PERSON},
    {"POST", "/api/v1/accounts/:account_id/identities", identity_create, ADMINS_ONLY, "identity.create",
     "Link an identity at another issuer to the account", &new_identity_schema, FROM_JSON | FROM_FORM, &identity_schema,
     .success = 201, .rules = NOT_ADMINS, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/accounts/:account_id/identities/:identity_id", identity_delete, ADMINS_ONLY, "identity.delete",
     "Unlink an identity, which ends the sessions of the account", NULL, 0, NULL, GIVES_NOTHING, .rules = NOT_ADMINS,
     .subject = ONE_PERSON},

    {"POST", "/login", session_login, OPEN_TO_ALL, "session.create", "Log in with name and password",
     &credentials_schema, FROM_JSON | FROM_FORM, &login_schema, .rules = HISTORIC, .subject = ONESELF},
    {"GET", "/login", session_login_by_query, OPEN_TO_ALL, "session.create",
     "Log in by query; only where the setting LOGIN_BY_QUERY allows it", &credentials_schema, FROM_QUERY, &login_schema,
     .rules = HISTORIC | IF_SETTING, .subject = ONESELF},
    {0},
};
