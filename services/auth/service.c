#include "services/auth/account/installation.h"
#include "services/auth/audit/sealer.h"
#include "services/auth/auth.h"
#include "services/auth/outside/key_cache.h"
#include "services/auth/session/signer.h"

#include "common/identity/secret.h"

#include <curl/curl.h>
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

enum {
    THREADS = 24,        /* most of them hash or wait to */
    LOGINS_WAITING = 12, /* so that some threads stay free for everything else */
};

static const char *const roles_of_people[] = {"superuser", "admin",   "healthpro", "researcher",
                                              "caregiver", "patient", NULL};

static struct auth_settings settings;
static struct issuers outside_issuers;

static const struct setting auth_settings[] = {
    SETTING_TEXT(struct auth_settings, signing_key_secret, "SIGNING_KEY_SECRET",
                 .rules = SETTING_REQUIRED | SETTING_SECRET, .fits = secret_is_good, .must_be = "64 hexadecimal digits",
                 .summary = "64 hexadecimal digits that seal the signing keys in the database"),
    SETTING_INTEGER(struct auth_settings, access_token_seconds, "ACCESS_TOKEN_SECONDS", .fallback = "1800", .min = 60,
                    .max = TOKEN_SECONDS_MAX, .summary = "lifetime of an access token"),
    SETTING_INTEGER(struct auth_settings, session_seconds, "SESSION_SECONDS", .fallback = "43200", .min = 60,
                    .max = 31536000, .summary = "lifetime of a session, however often it is refreshed"),
    SETTING_INTEGER(struct auth_settings, password_memory_mib, "PASSWORD_MEMORY_MIB", .fallback = "76",
                    .min = PASSWORD_HASH_MIB, .max = 65536,
                    .summary = "memory of all concurrent password hashes; beyond it 503"),
    PASSWORD_COST_SETTINGS(struct auth_settings, password_cost),
    SETTING_FLAG(struct auth_settings, login_by_query, "LOGIN_BY_QUERY", .fallback = "off",
                 .summary = "historic `GET /login?name&password`; for demonstrations only, needs DEMO"),
    SETTING_LIST(struct auth_settings, second_factor_roles, "SECOND_FACTOR_ROLES", roles_of_people,
                 .summary = "roles that require a second factor, separated by spaces: `superuser admin`"),
    SETTING_TEXT(struct auth_settings, second_factor_issuer, "SECOND_FACTOR_ISSUER", .fallback = "Mnemos", .min = 1,
                 .max = 60, .summary = "name of this installation in authenticator apps"),
    SETTING_FLAG(struct auth_settings, cookie_secure, "COOKIE_SECURE", .fallback = "on",
                 .summary = "mark the session cookie Secure; off only without TLS"),
    SETTING_FLAG(struct auth_settings, demo, "DEMO", .fallback = "off",
                 .summary = "a demonstration: serve invented people, who share one password"),
    SETTING_TEXT(struct auth_settings, first_superuser, "FIRST_SUPERUSER",
                 .summary = "name of the superuser that is created at the start if there is none"),
    SETTING_TEXT(struct auth_settings, first_superuser_password, "FIRST_SUPERUSER_PASSWORD", .rules = SETTING_SECRET,
                 .summary = "password of that superuser; change it after the first login"),
    SETTING_TEXT(struct auth_settings, external_issuers, "EXTERNAL_ISSUERS",
                 .summary = "JSON: issuers whose tokens are exchanged for sessions; best as a file, see below"),
    {0},
};

static const struct constraint auth_constraints[] = {
    {"account_name_taken", CONFLICT, "name", "is taken"},
    {"account_last_superuser", CONFLICT, NULL, "This is the last superuser that can log in; make another one first."},
    {"external_identity_linked", CONFLICT, "subject", "is linked to an account already"},
    {"external_identity_name_taken", CONFLICT, NULL,
     "Somebody else has your name here; ask an administrator to link your login to your account."},
    {"external_identity_account_id_fkey", NOT_FOUND, NULL, "There is no such account."},
    {0},
};

/* The bits of enum role for those of the setting. */
static unsigned roles_named(unsigned listed)
{
    unsigned roles = 0;
    for (unsigned i = 0; roles_of_people[i]; i++)
        if (listed & 1U << i)
            roles |= role_parse(roles_of_people[i]);
    return roles;
}

static bool check(void)
{
    struct issuers issuers;
    bool good = password_cost_fits(&settings.password_cost, settings.password_memory_mib);
    good &= issuers_read(settings.external_issuers, &issuers, stderr);
    issuers_release(&issuers);
    return installation_check(&settings) && good;
}

/* A database that cannot be asked yet is asked again before anybody gets a token. */
static bool may_serve(struct db_pool *pool)
{
    AUTO(db_errand_end) struct db_errand e;
    db_errand_begin(&e, pool);
    return installation_allows(&settings, &e.db) != FORBIDDEN;
}

static bool start(const struct service_settings *common, struct db_pool *pool, void **app)
{
    if (!password_check_works()) {
        fprintf(stderr, "The dictionary of forbidden passwords is missing: install cracklib-runtime.\n");
        return false;
    }
    if (oath_init() != OATH_OK) {
        fprintf(stderr, "liboath cannot be used\n");
        return false;
    }
    if (!may_serve(pool)) {
        fprintf(stderr,
                "This database holds invented people who share one password: without DEMO=on it is not served.\n");
        return false;
    }
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !issuers_read(settings.external_issuers, &outside_issuers, stderr))
        abort(); /* the settings have been checked */
    auth->settings = &settings;
    auth->common = common;
    auth->gate = password_gate_new(&settings.password_cost, settings.password_memory_mib, LOGINS_WAITING);
    auth->signer = signer_start(&settings, common);
    auth->issuers = &outside_issuers;
    auth->keys = key_cache_new(auth->issuers);
    auth->second_factor_roles = roles_named(settings.second_factor_roles);
    auth->sealer = sealer_start(auth, common->database_url);
    *app = auth;
    return true;
}

static void stop(void *app)
{
    struct auth *auth = app;
    sealer_stop(auth->sealer);
    password_gate_drop(auth->gate);
    signer_stop(auth->signer);
    key_cache_drop(auth->keys);
    issuers_release(&outside_issuers);
    curl_global_cleanup();
    oath_done();
    free(auth);
}

/* With a key, so that the other services know it before the first login. */
static bool ready(void *app, struct db *db)
{
    struct auth *auth = app;
    return installation_prepare(auth, db) == OK && signer_prepare(auth->signer, db) == OK;
}

const struct service auth_service = {
    .name = "auth",
    .summary = "accounts, sessions, second factors, machine clients, signing keys and the access log",
    .http_port = 8101,
    .ops_port = 9101,
    .http_threads = THREADS,
    .migration = "auth/least_privilege",
    .routes = auth_routes,
    .constraints = auth_constraints,
    .settings = auth_settings,
    .settings_out = &settings,
    .check = check,
    .start = start,
    .stop = stop,
    .ready = ready,
};
