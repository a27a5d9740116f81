/* The caller of a request, and the access that roles and scopes give. */
#pragma once

#include <stdbool.h>
#include <time.h>

/* Bits, so that a route row can name several. */
enum role {
    ANONYMOUS = 1,
    PATIENT = 2,
    CAREGIVER = 4,
    HEALTHPRO = 8,
    ADMIN = 16,
    SUPERUSER = 32,
    RESEARCHER = 64,     /* counts and distributions, nothing that shows names */
    CLIENT = 128,        /* a machine: its scopes decide */
    ENROLLING = 1 << 15, /* knows the password and has yet to set up the second factor that the role needs */
};
enum {
    ADMINS = ADMIN | SUPERUSER,
    CARE = PATIENT | CAREGIVER | HEALTHPRO | ADMINS, /* roles that see people by name */
    USERS = CARE | RESEARCHER,                       /* roles with a password */
    ANYONE = USERS | CLIENT | ANONYMOUS,
};

/* The scopes of a client. Bits, so that it can have several; a row names the one that admits a client. */
enum scope {
    PEOPLE_READ = 1,
    PEOPLE_WRITE = 2,
    COUNTS_READ = 4,
    ELEMENTS_READ = 8,
    ELEMENTS_WRITE = 16,
    MODELS_WRITE = 32,
};

enum specialty {
    GENERAL = 1,
    PSYCHOLOGIST = 2,
    NEUROLOGIST = 4,
    ONCOLOGIST = 8,
    RADIOLOGIST = 16,
    GERIATRICIAN = 32,
};

extern const char *const role_names[];      /* ends with NULL */
extern const char *const specialty_names[]; /* ends with NULL */
extern const char *const scope_names[];     /* in the order of the bits, ends with NULL */
extern const char *const scope_summaries[];

enum role role_parse(const char *name);           /* 0: no such role */
enum specialty specialty_parse(const char *name); /* 0: none of that name, or NULL */
const char *role_name(enum role role);
const char *specialty_name(enum specialty specialty); /* NULL for 0 */

/* As in OAuth 2.0: the names with a space between. An unknown scope adds nothing. */
unsigned scopes_parse(const char *text); /* NULL: none */
bool scopes_known(const char *text);     /* at least one, and each is known */
enum { SCOPES_SIZE = 100 };
void scopes_print(unsigned scopes, char out[SCOPES_SIZE]);

#define SESSION_COOKIE "mnemos_session" /* a browser's access token */
#define REFRESH_COOKIE "mnemos_refresh" /* its refresh token */

struct principal {
    enum role role;
    enum specialty specialty; /* of a healthpro */
    unsigned scopes;          /* of a client */
    char account_id[33];      /* empty when anonymous */
    char session_id[33];
    time_t expires;
};

/* Callers of a route: these roles, healthpros of these specialties where any is named, and clients with the scope. */
struct access {
    unsigned roles;
    unsigned specialties;
    enum scope scope; /* 0: none admits a client */
};

/* The access of most rows. There is no word for "any account" on purpose: a row says whether it shows names. */
/* clang-format off */
#define OPEN_TO_ALL              {.roles = ANYONE}
#define OWN_ACCOUNT              {.roles = USERS}
#define WITHOUT_NAMES            {.roles = USERS, .scope = COUNTS_READ}
#define SHOWS_NAMES              {.roles = CARE, .scope = PEOPLE_READ}
#define OWN_ACCOUNT_OR_ENROLLING {.roles = USERS | ENROLLING}
#define STAFF                    {.roles = HEALTHPRO | ADMINS}
#define ADMINISTRATORS           {.roles = ADMINS}
#define SUPERUSERS               {.roles = SUPERUSER}
/* clang-format on */

/* The person whose record is asked for, as seen from the caller. */
enum relation {
    OWN = 1,    /* the same person */
    LINKED = 2, /* in the care of */
    OTHER = 4,
    ALL_PEOPLE = OWN | LINKED | OTHER
};

/* The relations to people whose records a role sees, by the policies of row-level security; others are NOT_FOUND. */
unsigned role_reach(enum role role);

bool access_allows(struct access access, const struct principal *who);
