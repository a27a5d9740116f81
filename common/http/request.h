/* One request, as a handler sees it: no libmicrohttpd, no jansson, no libpq, no free.
 *
 * A handler is a list of TRY steps and one reply. All its data live until the reply is sent. */
#pragma once

#include "common/database/db.h"
#include "common/http/page.h"
#include "common/http/route.h"
#include "common/http/upload.h"
#include "common/identity/principal.h"
#include "common/record/field.h"

enum { REPLY_HEADERS_MAX = 16 };

struct reply_header {
    const char *name, *value;
};

struct request {
    const struct route *route;
    void *app; /* made by the service's start */
    struct arena *arena;
    struct db db;
    struct principal who;
    struct db_actor actor; /* the same for the database; a handler may act for an account that logs in */
    struct problem problem;
    const char *request_id;
    const char *client_address; /* IPv4 or IPv6 and nothing else, in its one spelling; NULL: not known */

    /* The request. */
    const char *method, *path, *query; /* as sent */
    struct input input;
    struct page page; /* of a row that gives one */
    const char *body, *content_type;
    size_t body_size;            /* as declared, until all of it is here */
    const struct upload *upload; /* the file, where the route takes one */
    const char *if_match, *if_none_match, *accept;
    const char *idempotency_key;
    const char *authorization, *cookie; /* where a token may be */
    const char *refresh_cookie;         /* the other cookie, which only the path that refreshes gets */
    const char *origin, *host;          /* of a page in a browser */
    const char *user_agent;             /* bytes as they came; NULL: none */
    bool own_page;                      /* of this host, or of one that the settings name */
    bool preflight;                     /* asks what another origin may send */
    bool by_cookie;                     /* the token came in the cookie */
    const char *media_type;             /* of the reply, by Accept and the row's media_types; NULL: JSON */

    /* The reply. */
    int http_status;
    struct writer body_out;
    int file_out; /* the body instead, from its beginning, when above 0 */
    size_t file_out_size;
    const char *content_type_out;
    struct waiting_room *room;   /* NULL where no row may wait */
    struct waiting_place *place; /* the reply is thrown away, and the handler runs again when it is called */
    int64_t waits_until_us;      /* of the monotonic clock; 0: it has not asked to wait */
    bool exact;                  /* the body's bytes are sent as they are, without a line end */
    struct reply_header headers[REPLY_HEADERS_MAX];
    int header_count;
};

/* Decodes the input by the route's schema into out, whose members keep their values where nothing is given; where the
 * row gives a page, rq->page, too. */
enum status request_input(struct request *rq, void *out);

/* For routes that take one record or many: a JSON object keyed by numbers, {"1": {...}, "2": {...}}, is many, up to
 * max. A hidden text member "pointer" tells where the record stands in the body: "/2", or "" for a single one. */
enum status request_inputs(struct request *rq, size_t max, struct record_list *out);

/* A variable of the path, decoded; never NULL. */
const char *request_variable(struct request *rq, const char *name);

/* A variable that is an id: NOT_FOUND when it cannot be one. */
enum status request_id(struct request *rq, const char *name, const char **out);

/* Guards an update of a record of that version: PRECONDITION_REQUIRED without If-Match, STALE when it names another. On
 * a historic path If-Match may be missing: its clients know nothing of versions. */
enum status request_match(struct request *rq, struct maybe_integer version);

/* The outcome of writing a record of that version: NOT_FOUND becomes STALE, because another request was quicker. */
enum status request_written(struct request *rq, enum status written);

/* The ETag of a record of that version: "7" as JSON, "7-svg" as image/svg+xml, because the bytes differ. */
const char *request_tag(const struct request *rq, int64_t version);
bool request_lists_tag(const struct request *rq, const char *header, int64_t version);

bool request_wants_json(const struct request *rq);

/* FORBIDDEN, or UNAUTHENTICATED for the anonymous, with the sentence; for rules that the route row cannot state. */
enum status request_refuse(struct request *rq, const char *sentence);

/* For rows that MAY_WAIT (waiting.h). True: once the handler has returned OK, the request sleeps until that id is
 * notified or that many seconds have passed since it first asked; then the handler runs again from its beginning. So
 * make sure beforehand that the notification will come, and do not wait if the event has happened by then. False: no
 * more waiting; answer. */
bool request_wait(struct request *rq, const char *id, int64_t seconds);
void request_wait_no_more(struct request *rq);

/* NOT_FOUND with a sentence, for something other than the row's noun, which the dispatcher words. */
enum status request_absent(struct request *rq, const char *what);
