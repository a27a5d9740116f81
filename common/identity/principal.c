#include "common/identity/principal.h"

#include "common/base/status.h"
#include "common/base/words.h"

#include <stdio.h>
#include <string.h>

const char *const role_names[] = {"patient",   "caregiver",  "healthpro", "admin",
                                  "superuser", "researcher", "client",    NULL};
const char *const specialty_names[] = {"general",     "psychologist", "neurologist", "oncologist",
                                       "radiologist", "geriatrician", NULL};

const char *const scope_names[] = {"people:read",    "people:write", "counts:read", "elements:read",
                                   "elements:write", "models:write", NULL};
const char *const scope_summaries[] = {"Read people",
                                       "Change people",
                                       "Counts and distributions",
                                       "Read elements",
                                       "Create, change and remove elements",
                                       "Train models; evaluate, promote and remove the client's models"};

static unsigned bit_of(const char *const *names, const char *name)
{
    for (unsigned i = 0; name && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return 1U << i;
    return 0;
}

static const char *name_of(const char *const *names, unsigned bit)
{
    for (unsigned i = 0; names[i]; i++)
        if (bit == 1U << i)
            return names[i];
    return NULL;
}

enum role role_parse(const char *name)
{
    return (enum role)(bit_of(role_names, name) << 1);
}

const char *role_name(enum role role)
{
    if (role == ANONYMOUS || role == ENROLLING)
        return role == ANONYMOUS ? "anonymous" : "enrolling";
    return name_of(role_names, (unsigned)role >> 1);
}

enum specialty specialty_parse(const char *name)
{
    return (enum specialty)bit_of(specialty_names, name);
}

const char *specialty_name(enum specialty specialty)
{
    return name_of(specialty_names, specialty);
}

unsigned role_reach(enum role role)
{
    static const struct {
        enum role role;
        unsigned reach;
    } table[] = {
        {PATIENT, OWN},      {CAREGIVER, OWN | LINKED}, {HEALTHPRO, ALL_PEOPLE},
        {ADMIN, ALL_PEOPLE}, {SUPERUSER, ALL_PEOPLE},   {CLIENT, ALL_PEOPLE},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        if (table[i].role == role)
            return table[i].reach;
    return 0;
}

/* strange: was there a word that is no scope? */
static unsigned parse_scopes(const char *text, bool *strange)
{
    char name[SCOPES_SIZE];
    unsigned scopes = 0;
    *strange = false;
    for (const char *at = text; at && words_next(&at, " ", name, sizeof name);) {
        unsigned scope = bit_of(scope_names, name);
        *strange |= scope == 0;
        scopes |= scope;
    }
    return scopes;
}

unsigned scopes_parse(const char *text)
{
    bool strange;
    return parse_scopes(text, &strange);
}

bool scopes_known(const char *text)
{
    bool strange;
    return parse_scopes(text, &strange) != 0 && !strange;
}

void scopes_print(unsigned scopes, char out[SCOPES_SIZE])
{
    char *end = out;
    for (unsigned i = 0; scope_names[i]; i++)
        if (scopes & 1U << i)
            end += sprintf(end, "%s%s", end > out ? " " : "", scope_names[i]);
    *end = '\0';
}

bool access_allows(struct access access, const struct principal *who)
{
    if (who->role == CLIENT && (access.scope & who->scopes))
        return true;
    if (!(access.roles & who->role))
        return false;
    return who->role != HEALTHPRO || access.specialties == 0 || (access.specialties & who->specialty);
}
