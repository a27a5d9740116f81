/* Who is asking, and who may. */
#ifndef MNEMOS_PRINCIPAL_H
#define MNEMOS_PRINCIPAL_H

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
};
enum {
    ADMINS = ADMIN | SUPERUSER,
    EVERYBODY = PATIENT | CAREGIVER | HEALTHPRO | ADMINS, /* who is logged in */
    ANYONE = EVERYBODY | ANONYMOUS,
};

enum specialty {
    GENERAL = 1,
    PSYCHOLOGIST = 2,
    NEUROLOGIST = 4,
    ONCOLOGIST = 8,
    RADIOLOGIST = 16,
    GERIATRICIAN = 32,
};

extern const char *const role_names[];      /* of people, ends with NULL */
extern const char *const specialty_names[]; /* ends with NULL */

enum role role_parse(const char *name);           /* 0: there is no such role */
enum specialty specialty_parse(const char *name); /* 0: none of that name, or NULL */
const char *role_name(enum role role);
const char *specialty_name(enum specialty specialty); /* NULL for 0 */

struct principal {
    enum role role;
    enum specialty specialty; /* of a healthpro */
    char account_id[33];      /* empty when anonymous */
    char session_id[33];
    time_t expires;
};

/* Who may call: one of the roles and, for a healthpro where specialties are named, one of those. */
struct access {
    unsigned roles;
    unsigned specialties;
};

/* What most rows need. */
#define OPEN_TO_ALL \
    { \
        .roles = ANYONE \
    }
#define LOGGED_IN \
    { \
        .roles = EVERYBODY \
    }
#define STAFF \
    { \
        .roles = HEALTHPRO | ADMINS \
    }

/* How the person whose record is asked for stands to the one who asks. */
enum relation {
    OWN = 1,    /* the same person */
    LINKED = 2, /* in the care of */
    OTHER = 4,
    ALL_PEOPLE = OWN | LINKED | OTHER
};

/* Whose records a role sees, as the policies of row-level security have it: the rest is not there (404). */
unsigned role_reach(enum role role);

bool access_allows(struct access access, const struct principal *who);

#endif
