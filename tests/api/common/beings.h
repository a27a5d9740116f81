/* Somebody of every kind, for tests that ask who may do what: the caregiver of a patient and another one of each, a
 * professional of each specialty, two administrators of each kind, a researcher, and clients with each scope and none.
 */
#pragma once

#include "tests/services.h"
#include "tests/support/api.h"

#include <string.h>

enum { PERSON_ROLES = PATIENT | CAREGIVER | HEALTHPRO, WITH_ACCOUNT = ANYONE & ~ANONYMOUS, BEINGS_MAX = 32 };

struct being {
    enum role role;
    enum specialty specialty;
    unsigned scopes;
    const char *label;                     /* "caregiver", "client people:read" */
    const char *id, *name;                 /* "" and NULL of the anonymous */
    const char *caregiver_id, *birth_date; /* of a patient */
    const char *token;
};
struct beings {
    struct being all[BEINGS_MAX];
    size_t count;
};
#define EACH_BEING(beings_, being_) \
    for (const struct being *being_ = (beings_)->all; being_ < (beings_)->all + (beings_)->count; being_++)

static inline const char *sql_text(const char *text)
{
    return text ? text_of("'%s'", text) : "NULL";
}

static inline void being_insert(const struct being *b)
{
    sql_value("INSERT INTO auth.account (id, name, role, specialty, password_hash) VALUES ('%s', '%s', '%s', %s, %s)",
              b->id, b->name, role_name(b->role), sql_text(specialty_name(b->specialty)),
              b->role == CLIENT ? "NULL" : "'-'");
    if (b->role == CLIENT)
        sql_value("INSERT INTO auth.client (id, scope, secret_hash) VALUES ('%s', 'counts:read', sha256('%s'))", b->id,
                  b->id);
    if (b->role & PERSON_ROLES)
        sql_value("INSERT INTO users.person (id, name, status, specialty, birth_date, birth_date_estimated, mmse,"
                  " caregiver_id) VALUES ('%s', '%s', '%s', %s, %s, %s, %s, %s)",
                  b->id, b->name, role_name(b->role), sql_text(specialty_name(b->specialty)), sql_text(b->birth_date),
                  b->birth_date ? "false" : "NULL", b->birth_date ? "20" : "NULL", sql_text(b->caregiver_id));
}

static inline const struct being *being_add(struct beings *all, struct being b)
{
    static int days;
    ck_assert_uint_lt(all->count, BEINGS_MAX);
    b.label = role_name(b.role);
    if (b.role == ANONYMOUS)
        b.id = "";
    else {
        b.id = new_id();
        b.name = text_of("%s-%.12s", b.label, new_id());
        b.token = token_for(b.id, b.label, specialty_name(b.specialty));
    }
    if (b.role == PATIENT)
        b.birth_date = text_of("19%02d-%02d-%02d", 20 + days % 50, 1 + days % 12, 1 + days % 28), days++;
    if (b.role == CLIENT) {
        char scopes[SCOPES_SIZE];
        scopes_print(b.scopes, scopes);
        b.token = client_token_for(b.id, scopes);
        b.label = text_of("client %s", scopes);
    }
    if (b.role == HEALTHPRO)
        b.label = text_of("healthpro %s", specialty_name(b.specialty));
    if (b.role != ANONYMOUS)
        being_insert(&b);
    all->all[all->count] = b;
    return &all->all[all->count++];
}

static inline struct beings beings_make(void)
{
    struct beings all = {0};
    being_add(&all, (struct being){.role = ANONYMOUS});
    for (int i = 0; i < 2; i++) {
        const struct being *carer = being_add(&all, (struct being){.role = CAREGIVER});
        being_add(&all, (struct being){.role = PATIENT, .caregiver_id = carer->id});
    }
    being_add(&all, (struct being){.role = PATIENT});
    for (int i = 0; specialty_names[i]; i++)
        being_add(&all, (struct being){.role = HEALTHPRO, .specialty = (enum specialty)(1 << i)});
    for (int i = 0; i < 2; i++) {
        being_add(&all, (struct being){.role = ADMIN});
        being_add(&all, (struct being){.role = SUPERUSER});
    }
    being_add(&all, (struct being){.role = RESEARCHER});
    being_add(&all, (struct being){.role = CLIENT});
    for (int i = 0; scope_names[i]; i++)
        being_add(&all, (struct being){.role = CLIENT, .scopes = 1U << i});
    return all;
}

/* How the second stands to the first. */
static inline enum relation relation_of(const struct being *actor, const struct being *subject)
{
    if (strcmp(actor->id, subject->id) == 0)
        return OWN;
    bool linked = actor->role == CAREGIVER && subject->caregiver_id && strcmp(subject->caregiver_id, actor->id) == 0;
    return linked ? LINKED : OTHER;
}

/* The id of a new element. */
static inline const char *element_make(void)
{
    const char *id = new_id();
    sql_value("WITH device AS (INSERT INTO imaging.device (name) VALUES ('Device %s') RETURNING id)"
              " INSERT INTO imaging.element (id, device_id, data, data_size, average_before, maximum)"
              R"( SELECT '%s', id, '["1 2"]', 2, 1.5, 2 FROM device)",
              id, id);
    return id;
}

/* The kind of thing that a path variable names. subjects: to try it with; there: those present at that path; value: of
 * what is no person, NULL for an id that nothing has. */
struct naming {
    const char *variable;
    unsigned subjects, there;
    bool by_name;
    const char *value;
};
static const struct naming namings[] = {
    {"user_id", PERSON_ROLES, PERSON_ROLES},
    {"patient_id", PERSON_ROLES, PERSON_ROLES},
    {"name", PERSON_ROLES, PERSON_ROLES, .by_name = true},
    {"caregiver_id", PERSON_ROLES, CAREGIVER},
    {"account_id", WITH_ACCOUNT, WITH_ACCOUNT},
    {"admin_id", WITH_ACCOUNT, ADMINS},
    {"researcher_id", WITH_ACCOUNT, RESEARCHER},
    {"client_id", WITH_ACCOUNT, CLIENT},
    {"session_id"},
    {"identity_id"},
    {"task_id"},
    {"model_id"},
    {"element_id", .value = "the element"},
    {"tumour_id"},
    {"draft_id"},
    {"treatment_code", .value = "none"},
    {"site_code", .value = "C18.7"},
    {"diagnostic_code", .value = "ct"},
    {"comparison_id"},
    {"import_id"},
    {"assessment_id"},
    {"over", .value = "20"},
    {"under", .value = "20"},
};

static inline const struct naming *naming_at(const char *place)
{
    for (size_t i = 0; i < COUNT(namings); i++) {
        size_t size = strlen(namings[i].variable);
        if (strncmp(place, namings[i].variable, size) == 0 && strcspn(place, "/") == size)
            return &namings[i];
    }
    ck_abort_msg("tests/api/common/beings.h: what does the variable %s name?", place);
}

/* The kind that the first variable names, if there is one. */
static inline const struct naming *naming_of(const char *pattern)
{
    static const struct naming none = {0};
    const char *colon = strchr(pattern, ':');
    return colon ? naming_at(colon + 1) : &none;
}

static inline const char *value_for(const char *place, const struct being *subject, const char *element)
{
    const struct naming *n = naming_at(place);
    if (n->value)
        return strcmp(n->value, "the element") == 0 ? element : n->value;
    if (n->by_name)
        return subject ? subject->name : text_of("nobody-%s", new_id());
    return subject && n->subjects ? subject->id : new_id();
}

/* "/api/v1/users/:user_id" for a subject; NULL: for somebody, or something, that is not there. */
static inline const char *path_for(const char *pattern, const struct being *subject, const char *element)
{
    const char *path = "";
    while (*pattern) {
        size_t plain = strcspn(pattern, ":");
        path = text_of("%s%.*s%s", path, (int)plain, pattern,
                       pattern[plain] ? value_for(pattern + plain + 1, subject, element) : "");
        pattern += plain;
        pattern += strcspn(pattern, "/");
    }
    return path;
}
