#include "tests/support/api.h"

#include "common/base/text.h"
#include "common/identity/token.h"
#include "tests/support/wait.h"

#include <curl/curl.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { SERVICES_MAX = 8 };

static struct {
    PGconn *admin;
    char database[64];
    struct service_handle *services[SERVICES_MAX];
    const struct service *kinds[SERVICES_MAX];
    int service_count, port;
    struct signing_key key;
    struct arena kept; /* texts handed out */
} world;

static char *keep_copy(const char *text)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* some scenes call from many threads */
    pthread_mutex_lock(&lock);
    char *kept = arena_text(&world.kept, text);
    pthread_mutex_unlock(&lock);
    return kept;
}

/* Takes the text over. */
static char *keep(char *text)
{
    char *kept = keep_copy(text);
    free(text);
    return kept;
}

char *text_of(const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return keep(text);
}

const char *new_id(void)
{
    char id[33];
    text_new_uuid(id);
    return keep_copy(id);
}

const char *new_name(const char *prefix)
{
    return text_of("%s %.12s", prefix, new_id());
}

static const char *cluster(void)
{
    const char *url = getenv("TEST_DATABASE_URL");
    if (!url || !*url) {
        fputs("TEST_DATABASE_URL is not set: run the tests by ./dev test\n", stderr);
        exit(EXIT_FAILURE);
    }
    return url;
}

const char *database_url(const char *role)
{
    return text_of("%s dbname=%s user=%s", cluster(), world.database, role);
}

static PGconn *connect_or_exit(const char *url)
{
    PGconn *pg = PQconnectdb(url);
    if (PQstatus(pg) != CONNECTION_OK) {
        fprintf(stderr, "the test database cannot be reached: %s", PQerrorMessage(pg));
        exit(EXIT_FAILURE);
    }
    return pg;
}

static void run_on(PGconn *pg, const char *sql)
{
    PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(pg));
        exit(EXIT_FAILURE);
    }
    PQclear(r);
}

const char *sql_value(const char *format, ...)
{
    char *sql;
    va_list args;
    va_start(args, format);
    if (vasprintf(&sql, format, args) < 0)
        abort();
    va_end(args);
    PGresult *r = PQexec(world.admin, sql);
    ExecStatusType status = PQresultStatus(r);
    ck_assert_msg(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(world.admin));
    bool found = PQntuples(r) > 0 && !PQgetisnull(r, 0, 0);
    const char *value = found ? keep_copy(PQgetvalue(r, 0, 0)) : NULL;
    PQclear(r);
    free(sql);
    return value;
}

int lock_waits(void)
{
    return (int)strtol(sql_value("SELECT pg_stat_clear_snapshot(); SELECT count(*) FROM pg_stat_activity"
                                 " WHERE datname = current_database() AND wait_event_type = 'Lock'"),
                       NULL, 10);
}

const char *clock_before(void)
{
    return sql_value("SELECT now() - interval '1 s'");
}

static void database_new(void)
{
    PGconn *pg = connect_or_exit(text_of("%s dbname=postgres", cluster()));
    snprintf(world.database, sizeof world.database, "mnemos_test_%d", (int)getpid());
    run_on(pg, text_of("CREATE DATABASE %s TEMPLATE mnemos_template", world.database));
    PQfinish(pg);
    world.admin = connect_or_exit(text_of("%s dbname=%s", cluster(), world.database));
    run_on(world.admin, "SET TimeZone TO 'UTC'");
}

static void database_drop(void)
{
    PQfinish(world.admin);
    PGconn *pg = connect_or_exit(text_of("%s dbname=postgres", cluster()));
    run_on(pg, text_of("DROP DATABASE %s WITH (FORCE)", world.database));
    PQfinish(pg);
}

void database_reachable(bool reachable)
{
    PGconn *pg = connect_or_exit(text_of("%s dbname=postgres", cluster()));
    run_on(pg, text_of("ALTER DATABASE %s ALLOW_CONNECTIONS %s", world.database, reachable ? "true" : "false"));
    if (!reachable)
        run_on(pg, text_of("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s' AND pid <> %d",
                           world.database, PQbackendPID(world.admin)));
    PQfinish(pg);
}

void key_publish(const struct signing_key *key)
{
    run_on(world.admin, text_of("INSERT INTO auth.signing_key (id, public_key, private_key_sealed)"
                                " VALUES ('%s', '%s', '')",
                                key->id, key->public_pem));
}

/* A key of the test's own, beside those that the auth service makes. */
static void key_make(void)
{
    if (!signing_key_generate(&world.key))
        exit(EXIT_FAILURE);
    key_publish(&world.key);
}

static const char *sign(const char *account_id, struct principal who)
{
    who.expires = time(NULL) + 3600;
    strcpy(who.account_id, account_id ? account_id : new_id());
    strcpy(who.session_id, new_id());
    return keep(token_sign(&world.key, &who, "mnemos", "mnemos"));
}

const char *account_of(const char *token)
{
    struct principal who;
    if (!token_check(token, world.key.public_pem, "mnemos", "mnemos", &who))
        ck_abort_msg("This is no token of ours: %s", token);
    return text_of("%s", who.account_id);
}

const char *token_for(const char *account_id, const char *role, const char *specialty)
{
    return sign(account_id, (struct principal){.role = role_parse(role), .specialty = specialty_parse(specialty)});
}

const char *client_token(const char *scopes)
{
    return client_token_for(NULL, scopes);
}

const char *client_token_for(const char *account_id, const char *scopes)
{
    return sign(account_id, (struct principal){.role = CLIENT, .scopes = scopes_parse(scopes)});
}

static size_t forget(char *bytes, size_t one, size_t count, void *to)
{
    (void)bytes, (void)to;
    return one * count;
}

static void wait_ready(int port)
{
    CURL *curl = curl_easy_init();
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_URL, text_of("http://127.0.0.1:%d/readyz", port));
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, forget);
    time_t begin = wait_begin();
    do
        if (curl_easy_perform(curl) == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    while (status != 200 && wait_on(begin));
    curl_easy_cleanup(curl);
    if (status == 200)
        return;
    fputs("the service does not become ready\n", stderr);
    exit(EXIT_FAILURE);
}

static void open_service(int slot, const struct service *service)
{
    char role[40];
    snprintf(role, sizeof role, "mnemos_%s", service->name);
    setenv("DATABASE_URL", database_url(role), 1);
    setenv("HTTP_PORT", "0", 1);
    setenv("OPS_PORT", "0", 1);
    setenv("LOG_LEVEL", "error", 0);
    setenv("SIGNING_KEY_SECRET", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 0);
    world.services[slot] = service_open(service);
    world.kinds[slot] = service;
    if (!world.services[slot])
        exit(EXIT_FAILURE);
    world.port = service_port(world.services[slot]);
    wait_ready(service_ops_port(world.services[slot]));
}

int api_open(const struct service *service)
{
    for (int i = 0; i < world.service_count; i++)
        if (world.kinds[i] == service) {
            world.port = service_port(world.services[i]);
            return world.port;
        }
    open_service(world.service_count++, service);
    return world.port;
}

void api_use(int port)
{
    world.port = port;
}

int api_ops_port(void)
{
    for (int i = 0; i < world.service_count; i++)
        if (service_port(world.services[i]) == world.port)
            return service_ops_port(world.services[i]);
    ck_abort_msg("no service is in use");
}

void api_restart(const struct service *service)
{
    for (int i = 0; i < world.service_count; i++)
        if (world.kinds[i] == service) {
            service_close(world.services[i]);
            open_service(i, service);
        }
}

int api_run(const char *name, const struct service *service, const TTest *const *tests)
{
    curl_global_init(CURL_GLOBAL_ALL);
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    database_new();
    key_make();
    if (service)
        api_open(service);
    Suite *suite = suite_create(name);
    TCase *scenes = tcase_create(name);
    for (size_t i = 0; tests[i]; i++)
        tcase_add_test(scenes, tests[i]);
    suite_add_tcase(suite, scenes);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); /* the services' threads live in this process */
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (int i = world.service_count; i-- > 0;)
        service_close(world.services[i]);
    database_drop();
    signing_key_release(&world.key);
    arena_release(&world.kept);
    curl_global_cleanup();
    if (failed > 0)
        _exit(EXIT_FAILURE); /* a failed test jumped over its drops: their leaks would hide the failure */
    return EXIT_SUCCESS;
}

struct buffer {
    char *bytes;
    size_t size, room;
};

static size_t collect(char *bytes, size_t one, size_t count, void *to)
{
    struct buffer *b = to;
    if (b->room <= b->size + count * one) {
        b->room = 2 * (b->size + count * one) + 1;
        b->bytes = realloc(b->bytes, b->room);
    }
    memcpy(b->bytes + b->size, bytes, count * one);
    b->size += count * one;
    b->bytes[b->size] = '\0';
    return count * one;
}

static struct curl_slist *headers_of(const struct call *call)
{
    struct curl_slist *list = NULL;
    if (call->token)
        list = curl_slist_append(list, text_of("Authorization: Bearer %s", call->token));
    if (call->body)
        list = curl_slist_append(list, text_of("Content-Type: %s", call->type ? call->type : "application/json"));
    for (size_t i = 0; i < COUNT(call->headers) && call->headers[i]; i++)
        list = curl_slist_append(list, call->headers[i]);
    return curl_slist_append(list, "Expect:");
}

struct reply api_call(struct call call)
{
    CURL *curl = curl_easy_init();
    struct buffer headers = {0}, body = {0};
    struct curl_slist *list = headers_of(&call);
    curl_easy_setopt(
        curl, CURLOPT_URL,
        text_of("http://%s:%d%s", call.host ? call.host : "127.0.0.1", call.port ? call.port : world.port, call.path));
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L * WAIT_MAX_S); /* bounds a hang, as all of them */
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &headers);
    if (call.body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(call.size ? call.size : strlen(call.body)));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body);
    }
    if (strcmp(call.method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method);
    CURLcode code = curl_easy_perform(curl);
    struct reply r = {.headers = headers.bytes ? headers.bytes : strdup(""),
                      .body = body.bytes ? body.bytes : strdup(""),
                      .size = body.size};
    long number = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.status);
    curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    ck_assert_msg(code == CURLE_OK, "%s %s: %s (%s)", call.method, call.path, curl_easy_strerror(code),
                  strerror((int)number));
    r.json = json_loadb(r.body, r.size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    return r;
}

bool has_ipv6(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        close(fd);
    if (!has)
        puts("skipped: this machine has no ::1");
    return has;
}

void reply_drop(struct reply *r)
{
    free(r->headers);
    free(r->body);
    json_decref(r->json);
}

struct reply api_get(const char *token, const char *format, ...)
{
    char path[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    return api_call((struct call){.method = "GET", .token = token, .path = path});
}

struct reply api_delete(const char *token, const char *format, ...)
{
    char path[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    return api_call((struct call){.method = "DELETE", .token = token, .path = path});
}

struct reply api_post(const char *token, const char *path, const char *format, ...)
{
    char *body;
    va_list args;
    va_start(args, format);
    if (vasprintf(&body, format, args) < 0)
        abort();
    va_end(args);
    struct reply r = api_call((struct call){.method = "POST", .token = token, .path = path, .body = body});
    free(body);
    return r;
}

struct reply api_change(const char *method, const char *token, const char *path, const char *json, const char *tag)
{
    return api_call((struct call){.method = method,
                                  .token = token,
                                  .path = path,
                                  .body = json,
                                  .headers = {tag ? text_of("If-Match: %s", tag) : NULL}});
}

static json_t *at(const struct reply *r, const char *pointer)
{
    json_t *value = r->json;
    char step[200];
    while (value && *pointer) {
        pointer += *pointer == '/';
        size_t size = strcspn(pointer, "/");
        snprintf(step, sizeof step, "%.*s", (int)size, pointer);
        value = json_is_array(value) ? json_array_get(value, strtoul(step, NULL, 10)) : json_object_get(value, step);
        pointer += size;
    }
    return value;
}

const char *text_at(const struct reply *r, const char *pointer)
{
    json_t *value = at(r, pointer);
    if (!value)
        return NULL;
    if (json_is_string(value))
        return json_string_value(value);
    return keep(json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)));
}

const char *kept_at(const struct reply *r, const char *pointer)
{
    const char *text = text_at(r, pointer);
    ck_assert_msg(text != NULL, "no %s in %s", pointer, r->body);
    return keep_copy(text);
}

double number_at(const struct reply *r, const char *pointer)
{
    json_t *value = at(r, pointer);
    ck_assert_msg(json_is_number(value), "%s is no number in %s", pointer, r->body);
    return json_number_value(value);
}

const char *header_of(const struct reply *r, const char *name)
{
    size_t size = strlen(name);
    for (const char *line = r->headers; *line; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
        if (strncasecmp(line, name, size) == 0 && line[size] == ':') {
            const char *value = line + size + 1 + strspn(line + size + 1, " ");
            return text_of("%.*s", (int)strcspn(value, "\r\n"), value);
        }
    }
    return NULL;
}

double api_metric(const char *name)
{
    REPLY r = api_call((struct call){.method = "GET", .path = "/metrics", .port = api_ops_port()});
    const char *line = strstr(r.body, text_of("\n%s ", name));
    ck_assert_msg(line != NULL, "no %s in %s", name, r.body);
    return strtod(line + strlen(name) + 2, NULL);
}

void ck_status(const struct reply *r, long status)
{
    ck_assert_msg(r->status == status, "%ld instead of %ld: %.2000s", r->status, status, r->body);
}

void ck_reply(const struct reply *r, long status, const char *pointer, const char *expected)
{
    ck_status(r, status);
    const char *text = text_at(r, pointer);
    ck_assert_msg(text && strcmp(text, expected) == 0, "%s is %s instead of %s in %.2000s", pointer, text, expected,
                  r->body);
}

void ck_refuses(const struct reply *r, const char *pointer)
{
    size_t i;
    json_t *error;
    json_array_foreach(json_object_get(r->json, "errors"), i, error)
    {
        if (strcmp(json_string_value(json_object_get(error, "pointer")), pointer) == 0)
            return;
    }
    ck_abort_msg("nothing is said about %s in %s", pointer, r->body);
}
