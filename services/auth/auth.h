/* The auth service: accounts, sessions, signing keys. The only holder of secrets. */
#pragma once

#include "common/http/reply.h"
#include "common/identity/password.h"
#include "common/identity/token.h"
#include "common/service/service.h"

#include <stdatomic.h>

extern const struct service auth_service;
extern const struct route auth_routes[];

struct issuers;
struct sealer;
struct signer;

struct auth_settings {
    char *signing_key_secret, *second_factor_issuer;
    unsigned second_factor_roles; /* a bit for each name of roles_of_people */
    long access_token_seconds, session_seconds, password_memory_mib;
    struct password_cost password_cost;
    bool login_by_query, cookie_secure, demo;
    char *first_superuser, *first_superuser_password;
    char *external_issuers;
};

/* Handlers find it in rq->app. */
struct auth {
    const struct auth_settings *settings;
    const struct service_settings *common;
    struct password_gate *gate;
    unsigned second_factor_roles; /* roles that need a second factor */
    struct sealer *sealer;
    struct signer *signer;
    _Atomic bool installed; /* installation_prepare has nothing left to do */
    const struct issuers *issuers;
    struct key_cache *keys; /* of the issuers */
};
