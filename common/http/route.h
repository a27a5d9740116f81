/* The route table: the API of a service.
 *
 * A row has method, path, access, input and output. The dispatcher decodes, refuses, times and counts by it; --routes
 * and the OpenAPI document are printed from it. */
#pragma once

#include "common/http/upload.h"
#include "common/identity/principal.h"
#include "common/record/field.h"

#include <stdio.h>

struct request;

/* Where members of the input may come from, besides the path. */
enum input_from { FROM_QUERY = 1, FROM_FORM = 2, FROM_JSON = 4, FROM_BODY = 6, FROM_ANYWHERE = 7 };

enum output_shape {
    GIVES_ONE,    /* the record */
    GIVES_PAGE,   /* { "items": [...], "next": cursor or null } */
    GIVES_NOTHING /* 204 */
};

enum route_rules {
    HISTORIC = 1,       /* a path of earlier clients: works, and is marked as deprecated */
    IF_SETTING = 2,     /* access wider than usual only if a setting says so (the handler asks) */
    NEEDS_IF_MATCH = 4, /* documented as such; request_match does the work */
    NOT_COLLEAGUES = 8, /* refused to a healthpro for another healthpro (by handler and policies) */
    NOT_ADMINS = 16,    /* administrators are visible to superusers only */
    NOT_OWN = 128,      /* refused for the caller's own account */
    SHOWN_ONCE = 32,    /* the answer holds a secret and is kept nowhere: an Idempotency-Key is of no use */
    TAKES_BASIC = 64,   /* a client may show its credentials by HTTP Basic; the handler looks at them */
    MAY_WAIT = 256,     /* the handler may ask to be run again when something has happened (request_wait) */
};

/* The subject of a row's data. Unless it is NOBODY, PostgreSQL is told the actor, and the access log has entries for
 * people; to a row with NOBODY it shows neither a person nor a thing. */
enum route_subject {
    NOBODY,     /* counts over many people, keys */
    THINGS,     /* of no person, but with restricted access: elements */
    ONE_PERSON, /* named by the path's first id, or by a name in it */
    PEOPLE,     /* chosen by the input, among those the caller may see */
    ONESELF     /* the caller's account, or the one that logs in */
};

enum { BODY_MAX_DEFAULT = 1024 * 1024 };

struct route {
    const char *method, *path; /* "/api/v1/users/:user_id" */
    enum status (*handler)(struct request *rq);
    struct access access;
    const char *action;  /* its name in the access log: "user.read" */
    const char *summary; /* one line for the reader of the documentation */
    const struct schema *input;
    unsigned input_from; /* enum input_from */
    const struct schema *output;
    enum output_shape shape;
    int success; /* HTTP status; 0: 200, or 204 for GIVES_NOTHING */
    unsigned rules;
    unsigned always_roles; /* with IF_SETTING: roles that need no setting; clients need scope or setting */
    enum route_subject subject;
    const char *noun;                 /* "There is no such NOUN"; NULL: by the path's last variable */
    size_t body_max;                  /* bytes; 0: BODY_MAX_DEFAULT */
    const struct upload_rule *upload; /* the body is a file; NULL: it is not */
    const void *context;              /* the handler's, where it serves rows of several kinds */

    /* Media types besides JSON, ended by NULL: the client's Accept chooses, the handler asks request_wants_json. Not
     * for rows that take an Idempotency-Key, whose kept answers are texts. */
    const char *const *media_types;
};

/* Columns of a row, for the macros of a route table: TAKES(login_schema, FROM_BODY), LISTS(login_schema). */
#define TAKES(schema_, from_) .input = &(schema_), .input_from = (from_)
#define GIVES(schema_)        .output = &(schema_)
#define LISTS(schema_)        .output = &(schema_), .shape = GIVES_PAGE

/* The row for method and path (as sent, still percent-encoded), its variables decoded into path_out. NOT_FOUND,
 * METHOD_NOT_ALLOWED with the Allow list in why, or MALFORMED. A slash at the end is ignored. HEAD is served by GET. */
enum status route_find(const struct route *routes, const char *method, const char *path, struct arena *arena,
                       struct form *path_out, const struct route **out, struct problem *why);

/* True if the row creates something each time. If its answer may be kept, too, it takes an Idempotency-Key. */
bool route_creates(const struct route *r);
bool route_repeats(const struct route *r);

/* The row's noun, by default of the path's last variable ("patient" of :patient_id); "record" without variables. */
const char *route_noun(const struct route *r, struct arena *arena);

/* The largest body that is not a file, in bytes. */
size_t route_body_max(const struct route *r);

/* The methods of a path for OPTIONS and 405, NULL when no row has it. */
const char *route_allowed(const struct route *routes, const char *path, struct arena *arena);

void routes_print(const struct route *routes, FILE *to);

/* Rows of the access matrix: each role's access to each subject's data. */
void routes_print_access(const struct route *routes, FILE *to);
