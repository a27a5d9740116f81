/* Issuers outside Mnemos (Keycloak, Google and the like) whose tokens may be exchanged for a session: their names, the
 * claims that their tokens need, and the rights that these give. Read from the setting EXTERNAL_ISSUERS; the README has
 * an example. */
#pragma once

#include "common/record/field.h"

#include <stdio.h>

enum { ISSUERS_MAX = 16 };

/* A token with this value in its role claim gives this role. */
struct role_rule {
    const char *value, *role, *specialty;
};

struct issuer {
    const char *name;   /* ours, for logs */
    const char *issuer; /* exactly as in tokens */
    const char *audience, *authorized_party;
    const char *key_set_url;
    struct text_list algorithms;
    struct text_list role_claim; /* the way to it: ["realm_access", "roles"] */
    struct record_list roles;    /* struct role_rule; the first that fits counts */
    const char *name_claim;
    struct maybe_boolean provision; /* an unknown identity gets an account */
    struct maybe_integer leeway_seconds, max_age_seconds;
};

struct issuers {
    const struct issuer *items;
    size_t count;
    struct arena arena; /* owns the texts, together with json */
    json_t *json;
};

/* An empty text has no issuers. False after a line on err for each fault. */
bool issuers_read(const char *text, struct issuers *out, FILE *err);
void issuers_release(struct issuers *issuers);

/* The issuer that a token names, or NULL. */
const struct issuer *issuers_find(const struct issuers *issuers, const char *issuer);
