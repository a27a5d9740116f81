/* The route table: the API of a service.
 *
 * A row says method, path, who may call, what it takes and gives. The dispatcher decodes, refuses, times and counts by
 * it; --routes and the OpenAPI document are printed from it. */
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
    IF_SETTING = 2,     /* what is wider than usual here is so only where a setting says so (the handler asks) */
    NEEDS_IF_MATCH = 4, /* documented as such; request_match does the work */
    NOT_COLLEAGUES = 8, /* a healthpro is refused it for another healthpro (the handler and the policies do) */
    NOT_ADMINS = 16,    /* administrators are there for superusers only */
    NOT_OWN = 128,      /* nobody does it to himself here */
    SHOWN_ONCE = 32,    /* the answer holds a secret and is kept nowhere: an Idempotency-Key is of no use */
    TAKES_BASIC = 64,   /* a client may show its credentials by HTTP Basic; the handler looks at them */
    MAY_WAIT = 256,     /* the handler may ask to be run again when something has happened (request_wait) */
};

/* Whose data a row deals with. With anything but NOBODY, PostgreSQL is told who asks, and for people the access log has
 * entries; for a row that says NOBODY it shows neither a person nor a thing. */
enum route_subject {
    NOBODY,     /* numbers of many, keys */
    THINGS,     /* of no person, but not for everybody: elements */
    ONE_PERSON, /* the one of the path's first id, or of the name in it */
    PEOPLE,     /* those whom the input picks: as many of them as the caller may see */
    ONESELF     /* the account that asks, or comes in */
};

enum { BODY_MAX_DEFAULT = 1024 * 1024 };

struct route {
    const char *method, *path; /* "/api/v1/users/:user_id" */
    enum status (*handler)(struct request *rq);
    struct access access;
    const char *action;  /* what the access log calls it: "user.read" */
    const char *summary; /* one line for the reader of the documentation */
    const struct schema *input;
    unsigned input_from; /* enum input_from */
    const struct schema *output;
    enum output_shape shape;
    int success; /* HTTP status; 0: 200, or 204 for GIVES_NOTHING */
    unsigned rules;
    unsigned
        always_roles; /* with IF_SETTING: the roles that need no setting; a client needs the scope or the setting */
    enum route_subject subject;
    const char *noun;                 /* "There is no such NOUN"; NULL: by the path's last variable */
    size_t body_max;                  /* bytes; 0: BODY_MAX_DEFAULT */
    const struct upload_rule *upload; /* the body is a file; NULL: it is not */
    const void *context;              /* the handler's, where it serves rows of several kinds */

    /* What else than JSON the same is given in, ended by NULL: the client's Accept chooses, the handler asks
     * request_wants_json. Not for rows that take an Idempotency-Key, whose kept answers are texts. */
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

/* Does a row make something new each time? Then it takes an Idempotency-Key, unless its answer must not be kept. */
bool route_creates(const struct route *r);
bool route_repeats(const struct route *r);

/* What is not there when a handler does not find it. Of the path's last variable: "patient" of :patient_id, "code" of
 * :site_code; "record" of a path without one. */
const char *route_noun(const struct route *r, struct arena *arena);

/* How long a body may be that is no file. */
size_t route_body_max(const struct route *r);

/* The methods of a path for OPTIONS and 405, NULL when no row has it. */
const char *route_allowed(const struct route *routes, const char *path, struct arena *arena);

void routes_print(const struct route *routes, FILE *to);

/* Rows of the access matrix: what each role may do with whose data. */
void routes_print_access(const struct route *routes, FILE *to);
