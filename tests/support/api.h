/* API tests: services in process on free loopback ports, each test program with a database of its own, cloned from the
 * migrated template of the private cluster that TEST_DATABASE_URL names.
 *
 *     START_TEST(patient_get_hides_what_is_not_there)
 *     {
 *         REPLY r = api_get(AS_NEUROLOGIST, "/api/v1/users/%s", new_id());
 *         ck_reply(&r, 404, "type", "/problems/not-found");
 *     }
 *     END_TEST
 *
 *     int main(void) { return API_TESTS(&users_service, patient_get_hides_what_is_not_there); }
 *
 * JSON stands in raw strings, which GCC has for C, too: R"({"name": "%s", "mmse": 24})". */
#pragma once

#include "common/base/status.h"
#include "common/service/service.h"
#include "tests/support/check.h"

#include <jansson.h>

/* Runs the tests with that service up (NULL: a database only); the exit status of the program. */
int api_run(const char *name, const struct service *service, const TTest *const *tests);
#define API_TESTS(service, ...) api_run(__FILE__, (service), (const TTest *const[]){__VA_ARGS__, NULL})

/* Another service on the same database, for the rest of the program. Calls go to the service that was used last. */
int api_open(const struct service *service); /* its port */
void api_use(int port);
int api_ops_port(void); /* of the service in use */

/* A figure of its /metrics, by name and labels: "mnemos_http_requests_waiting". */
double api_metric(const char *name);

/* The same service stopped and started, with other settings from the environment. */
void api_restart(const struct service *service);

/* Tokens of accounts that exist in no table, signed with a key that the services trust. */
const char *token_for(const char *account_id, const char *role, const char *specialty);
#define ANONYMOUSLY     NULL
#define AS_NEUROLOGIST  token_for(NULL, "healthpro", "neurologist")
#define AS_PSYCHOLOGIST token_for(NULL, "healthpro", "psychologist")
#define AS_GENERAL      token_for(NULL, "healthpro", "general")
#define AS_CAREGIVER    token_for(NULL, "caregiver", NULL)
#define AS_PATIENT      token_for(NULL, "patient", NULL)
#define AS_ADMIN        token_for(NULL, "admin", NULL)
#define AS_SUPERUSER    token_for(NULL, "superuser", NULL)
#define AS_RESEARCHER   token_for(NULL, "researcher", NULL)

const char *account_of(const char *token); /* whose it is */

const char *client_token(const char *scopes); /* "counts:read people:read" */
const char *client_token_for(const char *account_id, const char *scopes);

struct reply {
    long status;
    char *headers, *body; /* never NULL */
    size_t size;
    json_t *json; /* NULL when the body is not JSON */
};
void reply_drop(struct reply *r);
#define REPLY AUTO(reply_drop) struct reply

struct call {
    const char *method, *token, *path;
    const char *body, *type; /* NULL: no body; NULL: application/json */
    size_t size;             /* of the body; 0: to its end */
    const char *headers[6];  /* "If-Match: \"1\"" */
    const char *host;        /* NULL: 127.0.0.1 */
    int port;                /* 0: the service in use */
};
struct reply api_call(struct call call);

struct reply api_get(const char *token, const char *path, ...) __attribute__((format(printf, 2, 3)));
struct reply api_delete(const char *token, const char *path, ...) __attribute__((format(printf, 2, 3)));
struct reply api_post(const char *token, const char *path, const char *json, ...) __attribute__((format(printf, 3, 4)));

/* With If-Match where there is a tag ("*"). */
struct reply api_change(const char *method, const char *token, const char *path, const char *json, const char *tag);

/* Text of a member by JSON pointer ("/items/0/name"), numbers printed as jansson does; NULL when it is not there. */
const char *text_at(const struct reply *r, const char *pointer);
const char *kept_at(const struct reply *r, const char *pointer); /* one that is there; lives until the program ends */
double number_at(const struct reply *r, const char *pointer);    /* fails the test when it is none */
const char *header_of(const struct reply *r, const char *name);

void ck_status(const struct reply *r, long status);

/* Status and the text of one member; "type" means "/type". */
void ck_reply(const struct reply *r, long status, const char *pointer, const char *expected);

/* One of errors[] names this member. */
void ck_refuses(const struct reply *r, const char *pointer);

/* Is ::1 an address of this machine? Says so when it is not, and that the test is skipped. */
bool has_ipv6(void);

/* As superuser of the test database: one value as text (static), NULL for none. */
const char *sql_value(const char *sql, ...) __attribute__((format(printf, 1, 2)));
const char *database_url(const char *role);

/* For "at BETWEEN '%s' AND " CLOCK_NOW: what is stamped from here on. A second is left at both ends, because the clocks
 * of two processors may differ. */
#define CLOCK_NOW "now() + interval '1 s'"
const char *clock_before(void);

int lock_waits(void); /* the connections to the test database that wait for a lock: how many */

/* Services trust what that key signs. */
struct signing_key;
void key_publish(const struct signing_key *key);

/* Lets services connect to the test database, or ends their connections and lets none of them back in. */
void database_reachable(bool reachable);

const char *new_id(void);                 /* a random id; lives until the program ends */
const char *new_name(const char *prefix); /* a name nobody has */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
