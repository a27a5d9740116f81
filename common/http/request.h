/* One request, as a handler sees it: no libmicrohttpd, no jansson, no libpq, no free.
 *
 * A handler is a list of TRY steps and one reply. What it is given lives until the reply is sent. */
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
    void *app; /* what the service's start made */
    struct arena *arena;
    struct db db;
    struct principal who;
    struct db_actor actor; /* the same, as the database is told; a handler may act for somebody who comes in */
    struct problem problem;
    const char *request_id;
    const char *client_address; /* IPv4 or IPv6 and nothing else, in its one spelling; NULL: not known */

    /* What came in. */
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
    const char *media_type;             /* of the answer, as Accept and the row's `also` make it; NULL: JSON */

    /* What goes out. */
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

/* What writing a record of that version came to: NOT_FOUND is STALE, somebody else was quicker. */
enum status request_written(struct request *rq, enum status written);

/* Chooses media_type by Accept from what the row gives; NOT_ACCEPTABLE names what there is. The dispatcher's. */
enum status request_negotiate(struct request *rq);
bool request_wants_json(const struct request *rq);

/* FORBIDDEN, or UNAUTHENTICATED for the anonymous, with the sentence; for rules that the route row cannot state. */
enum status request_refuse(struct request *rq, const char *sentence);

/* For rows that MAY_WAIT (waiting.h). True: when the handler has returned OK, the request lies still until that id is
 * notified or so many seconds after it first asked have gone by; then the handler runs again from its beginning. So
 * take care, before, that it will be notified, and do not wait if it has happened by then. False: no more waiting;
 * answer. */
bool request_wait(struct request *rq, const char *id, int64_t seconds);
void request_wait_no_more(struct request *rq);

/* NOT_FOUND with a sentence, for something else than the noun of the row: that is worded by the dispatcher. */
enum status request_absent(struct request *rq, const char *what);

/* Replies. The record is written by the route's output schema. A hidden integer member "version" becomes the ETag; a
 * GET whose If-None-Match names it is answered with 304. */
enum status reply_record(struct request *rq, const void *record);
enum status reply_empty(struct request *rq);

/* Up to rq->page.shown of what was found. */
enum status reply_page(struct request *rq, const struct record_list *found);

/* The same where a list without items is of a record that is not there: NOT_FOUND. */
enum status reply_page_or_absent(struct request *rq, const struct record_list *found);

/* Is the record what the client has already? Sets its ETag, which each media type has of its own, and if so the 304.
 * For replies that are dear to make; reply_record asks by itself. */
bool reply_known(struct request *rq, const void *record);

/* Another type: a text, or bytes that go out as they are. */
enum status reply_text(struct request *rq, const char *content_type, const char *text);
enum status reply_bytes(struct request *rq, const char *content_type, const char *bytes, size_t size);

/* A file, sent without being read into memory. It is closed with the request. */
enum status reply_file(struct request *rq, const char *content_type, int fd, size_t size);

void reply_header(struct request *rq, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The problem document for a status that is not OK. */
void reply_problem(struct request *rq, enum status status);
