/* Holds for every route of every service: these tests walk the tables. */
#include "tests/services.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <stdlib.h>
#include <string.h>

/* "/api/v1/users/:user_id" with something plausible in the place of each variable. */
static const char *path_of(const struct route *r)
{
    char path[300], *end = path;
    for (const char *c = r->path; *c;) {
        if (*c != ':') {
            *end++ = *c++;
            continue;
        }
        c += strcspn(c, "/");
        memcpy(end, "00112233445566778899aabbccddeeff", 32);
        end += 32;
    }
    *end = '\0';
    return text_of("%s", path);
}

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"};

static bool has_route(const struct service *s, const char *method, const char *path)
{
    for (const struct route *r = s->routes; r->method; r++)
        if (strcmp(r->method, method) == 0 && strcmp(path_of(r), path) == 0)
            return true;
    return false;
}

/* Each row of each service, once. */
#define EACH_ROUTE(service_, route_) \
    for (size_t service_index_ = 0; service_index_ < COUNT(services); service_index_++) \
        for (const struct service *service_ = services[service_index_]; service_; service_ = NULL) \
            for (const struct route *route_ = (api_open(service_), service_->routes); route_->method; route_++)

START_TEST(methods_without_a_row_are_405_and_say_which_are_allowed)
{
    EACH_ROUTE(s, r)
    {
        const char *path = path_of(r);
        for (size_t m = 0; m < COUNT(methods); m++) {
            if (has_route(s, methods[m], path))
                continue;
            REPLY reply = api_call((struct call){.method = methods[m], .token = AS_ADMIN, .path = path});
            ck_reply(&reply, 405, "type", "/problems/method-not-allowed");
            ck_assert_ptr_nonnull(strstr(header_of(&reply, "Allow"), r->method));
        }
    }
}
END_TEST

#define ID "00112233445566778899aabbccddeeff"

/* A handler says that it is not there, and the dispatcher what. */
START_TEST(absent_records_are_called_by_the_noun_of_their_row)
{
    static const struct {
        const struct service *service;
        const char *method, *path, *noun;
    } cases[] = {
        {&users_service, "GET", "/api/v1/users/" ID, "person"},
        {&users_service, "GET", "/api/v1/users/" ID "?as_of=2026-01-01T00:00:00Z", "person"},
        {&users_service, "GET", "/api/v1/users/" ID "/history", "person"},
        {&users_service, "DELETE", "/api/v1/users/" ID, "person"},
        {&users_service, "PATCH", "/api/v1/users/" ID, "person"},
        {&users_service, "GET", "/get_user_by_name/" ID, "person"},
        {&users_service, "GET", "/api/v1/caregivers/" ID "/patients", "caregiver"},
        {&users_service, "GET", "/api/v1/patients/" ID "/assessments", "patient"},
        {&users_service, "GET", "/api/v1/patients/" ID "/mmse/trend", "patient"},
        {&users_service, "GET", "/api/v1/patients/" ID "/assessments/" ID, "assessment"},
        {&users_service, "GET", "/api/v1/patients/" ID "/assessments/" ID "/history", "assessment"},
        {&users_service, "GET", "/api/v1/tumours/" ID, "tumour"},
        {&users_service, "GET", "/api/v1/tumours/" ID "/history", "tumour"},
        {&users_service, "GET", "/api/v1/tumours/" ID "/treatments", "tumour"},
        {&users_service, "GET", "/api/v1/tumour-drafts/" ID, "draft"},
        {&users_service, "GET", "/api/v1/tumour-imports/" ID, "import"},
        {&users_service, "GET", "/api/v1/treatments/" ID, "code"},
        {&users_service, "GET", "/api/v1/primary-sites/" ID, "code"},
        {&auth_service, "GET", "/api/v1/admins/" ID, "administrator"},
        {&auth_service, "DELETE", "/api/v1/admins/" ID, "administrator"},
        {&auth_service, "GET", "/api/v1/researchers/" ID, "researcher"},
        {&auth_service, "GET", "/api/v1/clients/" ID, "client"},
        {&auth_service, "GET", "/api/v1/accounts/" ID, "account"},
        {&auth_service, "GET", "/api/v1/accounts/" ID "/identities", "account"},
        {&auth_service, "DELETE", "/api/v1/accounts/" ID "/identities/" ID, "account"},
        {&auth_service, "DELETE", "/api/v1/auth/sessions/" ID, "session"},
        {&auth_service, "GET", "/api/v1/patients/ffeeddccbbaa99887766554433221100/access-log", "patient"},
        {&analytics_service, "GET", "/api/v1/models/" ID, "model"},
        {&analytics_service, "GET", "/api/v1/models/" ID "/report", "model"},
        {&analytics_service, "DELETE", "/api/v1/models/" ID "/promote", "promotion"},
        {&analytics_service, "GET", "/api/v1/tasks/" ID, "task"},
        {&analytics_service, "DELETE", "/api/v1/tasks/" ID, "task"},
        {&analytics_service, "GET", "/api/v1/treatment-comparisons/" ID, "record"},
        {&imaging_service, "GET", "/api/v1/elements/" ID, "element"},
        {&imaging_service, "DELETE", "/api/v1/elements/" ID, "element"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        api_open(cases[i].service);
        REPLY r = api_call((struct call){.method = cases[i].method, .token = AS_SUPERUSER, .path = cases[i].path});
        ck_reply(&r, 404, "detail", text_of("There is no such %s.", cases[i].noun));
    }
}
END_TEST

/* The answer to a key is kept as text. */
START_TEST(routes_that_take_an_idempotency_key_reply_in_json_alone)
{
    for (size_t i = 0; i < COUNT(services); i++)
        for (const struct route *r = services[i]->routes; r->method; r++)
            ck_assert_msg(!r->media_types || !route_repeats(r), "%s %s", r->method, r->path);
}
END_TEST

START_TEST(without_a_token_only_open_routes_answer)
{
    EACH_ROUTE(s, r)
    {
        REPLY reply = api_call((struct call){.method = r->method, .path = path_of(r)});
        if (!(r->access.roles & ANONYMOUS))
            ck_reply(&reply, 401, "type", "/problems/unauthenticated");
        ck_assert_int_lt(reply.status, 500);
    }
}
END_TEST

START_TEST(roles_and_specialties_that_a_row_does_not_name_are_refused)
{
    static const struct {
        const char *role, *specialty, *scopes;
    } people[] = {{"patient", NULL},
                  {"caregiver", NULL},
                  {"healthpro", "general"},
                  {"healthpro", "neurologist"},
                  {"healthpro", "radiologist"},
                  {"admin", NULL},
                  {"superuser", NULL},
                  {"researcher", NULL},
                  {"client", NULL, ""},
                  {"client", NULL, "people:read"},
                  {"client", NULL, "people:write"},
                  {"client", NULL, "counts:read"},
                  {"client", NULL, "elements:read"},
                  {"client", NULL, "elements:write"},
                  {"client", NULL, "models:write"}};
    EACH_ROUTE(s, r)
    {
        for (size_t i = 0; i < COUNT(people); i++) {
            struct principal who = {.role = role_parse(people[i].role),
                                    .specialty = specialty_parse(people[i].specialty),
                                    .scopes = scopes_parse(people[i].scopes)};
            const char *token = people[i].scopes ? client_token(people[i].scopes)
                                                 : token_for(NULL, people[i].role, people[i].specialty);
            REPLY reply = api_call((struct call){.method = r->method, .token = token, .path = path_of(r)});
            if (access_allows(r->access, &who) && (r->rules & IF_SETTING))
                ck_assert_int_lt(reply.status, 500);
            else if (access_allows(r->access, &who))
                ck_assert_msg(reply.status != 403 && reply.status != 401 && reply.status < 500, "%s %s as %s: %s",
                              r->method, r->path, people[i].role, reply.body);
            else
                ck_reply(&reply, 403, "type", "/problems/forbidden");
        }
    }
}
END_TEST

/* Beyond what anyone may call. Written by hand, so that a new row is not let in by a word like "everybody". */
static void ck_admits_only(const char *name, struct principal who, const char *const *paths)
{
    for (size_t i = 0; i < COUNT(services); i++) {
        for (const struct route *r = services[i]->routes; r->method; r++) {
            bool listed = false;
            for (const char *const *p = paths; *p; p++)
                listed |= strcmp(*p, r->path) == 0;
            if (!(r->access.roles & ANONYMOUS))
                ck_assert_msg(access_allows(r->access, &who) == listed, "%s %s %s", name, r->method, r->path);
        }
    }
}

START_TEST(researchers_and_clients_get_in_where_it_is_written_and_nowhere_else)
{
#define COUNT_PATHS "/api/v1/mmse/count", "/api/v1/mmse/distribution", "/count_over/:over", "/count_under/:under"
#define OWN_TASKS   "/api/v1/tasks", "/api/v1/tasks/:task_id"
#define OWN_MODELS \
    "/api/v1/models", "/api/v1/models/:model_id", "/api/v1/models/:model_id/report", "/api/v1/models/:model_id/evaluate"
    static const char *const own[] = {OWN_TASKS, "/api/v1/auth/logout", "/api/v1/auth/me", NULL},
                             *const researcher[] = {COUNT_PATHS,
                                                    "/api/v1/tumour-export",
                                                    "/api/v1/treatment-comparisons",
                                                    "/api/v1/treatment-comparisons/:comparison_id",
                                                    OWN_TASKS,
                                                    "/api/v1/survival-analyses",
                                                    OWN_MODELS,
                                                    "/api/v1/auth/logout",
                                                    "/api/v1/auth/me",
                                                    "/api/v1/auth/password",
                                                    "/api/v1/auth/sessions",
                                                    "/api/v1/auth/sessions/:session_id",
                                                    "/api/v1/auth/second-factor",
                                                    "/api/v1/auth/second-factor/confirm",
                                                    "/api/v1/auth/second-factor/recovery-codes",
                                                    NULL},
                             *const counts[] = {COUNT_PATHS, OWN_TASKS, "/api/v1/auth/logout", "/api/v1/auth/me", NULL},
                             *const models[] = {OWN_MODELS,        "/api/v1/models/:model_id/promote",
                                                OWN_TASKS,         "/api/v1/auth/logout",
                                                "/api/v1/auth/me", NULL};
    ck_admits_only("researcher", (struct principal){.role = RESEARCHER}, researcher);
    ck_admits_only("client", (struct principal){.role = CLIENT}, own);
    ck_admits_only("counts:read", (struct principal){.role = CLIENT, .scopes = COUNTS_READ}, counts);
    ck_admits_only("models:write", (struct principal){.role = CLIENT, .scopes = MODELS_WRITE}, models);
}
END_TEST

static bool takes_json(const struct route *r)
{
    return r->input && (r->input_from & FROM_JSON);
}

/* A token that the row lets in. */
static const char *token_of(const struct route *r)
{
    return r->access.roles & HEALTHPRO ? AS_NEUROLOGIST : r->access.roles & ADMIN ? AS_ADMIN : AS_SUPERUSER;
}

static struct reply send_body(const struct route *r, const char *body, size_t size)
{
    return api_call((struct call){.method = r->method,
                                  .token = token_of(r),
                                  .path = path_of(r),
                                  .body = body,
                                  .size = size,
                                  .headers = {"If-Match: *"}});
}

START_TEST(bodies_that_are_no_json_object_are_refused)
{
    static const struct {
        const char *body;
        size_t size;
        long status;
    } cases[] = {{"{", 1, 400},
                 {R"({"a":1}})", 0, 400},
                 {"nonsense", 0, 400},
                 {R"({"a": "\u0000"})", 0, 400},
                 {"{\"a\0\": 1}", 9, 400},
                 {"{\"a\": \"\xff\xfe\"}", 0, 400},
                 {"[]", 0, 422},
                 {R"("x")", 0, 0},
                 {R"({"a":1,"a":2})", 0, 422},
                 {R"({"a": 1e999})", 0, 0},
                 {R"({"a": 99999999999999999999})", 0, 0}};
    EACH_ROUTE(s, r)
    {
        for (size_t i = 0; i < COUNT(cases) && takes_json(r); i++) {
            REPLY reply = send_body(r, cases[i].body, cases[i].size);
            bool missing_first = reply.status == 404; /* a record that is not there is said before the body is read */
            ck_assert_msg(missing_first || (cases[i].status ? reply.status == cases[i].status
                                                            : reply.status == 400 || reply.status == 422),
                          "%s %s %s: %ld %s", r->method, r->path, cases[i].body, reply.status, reply.body);
        }
    }
}
END_TEST

START_TEST(a_body_of_brackets_or_over_the_limit_is_refused)
{
    EACH_ROUTE(s, r)
    {
        size_t limit = r->body_max ? r->body_max : BODY_MAX_DEFAULT;
        if (!takes_json(r) || limit > BODY_MAX_DEFAULT)
            continue; /* larger ones have scenes of their own: under a sanitizer each takes seconds */
        char *brackets = malloc(limit + 1);
        memset(brackets, '[', limit + 1);
        REPLY over = send_body(r, brackets, limit + 1), within = send_body(r, brackets, limit);
        free(brackets);
        ck_reply(&over, 413, "type", "/problems/too-large");
        ck_assert_msg(within.status == 400 || within.status == 404, "%s %s: %ld", r->method, r->path, within.status);
    }
}
END_TEST

START_TEST(a_content_type_that_is_not_taken_is_415)
{
    static const char *const types[] = {"text/plain", "application/xml", "multipart/form-data; boundary=x", ""};
    EACH_ROUTE(s, r)
    {
        for (size_t i = 0; i < COUNT(types) && takes_json(r); i++) {
            REPLY reply = api_call((struct call){.method = r->method,
                                                 .token = token_of(r),
                                                 .path = path_of(r),
                                                 .body = "{}",
                                                 .type = types[i],
                                                 .headers = {"If-Match: *"}});
            ck_assert_msg(reply.status == 415 || reply.status == 404, "%s %s: %ld", r->method, r->path, reply.status);
        }
    }
}
END_TEST

START_TEST(unknown_and_repeated_query_keys_are_refused)
{
    EACH_ROUTE(s, r)
    {
        REPLY unknown = api_change(r->method, token_of(r), text_of("%s?colour=red", path_of(r)), NULL, "*");
        ck_assert_msg((unknown.status >= 400 && unknown.status < 500), "%s %s: %ld", r->method, r->path,
                      unknown.status);
        REPLY repeated = api_change(r->method, token_of(r), text_of("%s?a=1&a=2", path_of(r)), NULL, "*");
        ck_assert_msg((repeated.status >= 400 && repeated.status < 500), "%s %s: %ld", r->method, r->path,
                      repeated.status);
        REPLY broken = api_change(r->method, token_of(r), text_of("%s?a=%%zz", path_of(r)), NULL, "*");
        ck_assert_msg((broken.status >= 400 && broken.status < 500), "%s %s: %ld", r->method, r->path, broken.status);
    }
}
END_TEST

/* Whatever a store orders by, its statement takes any text for the key to go on after. */
START_TEST(a_page_after_a_made_up_key_is_no_fault)
{
    EACH_ROUTE(s, r)
    {
        if (r->shape != GIVES_PAGE)
            continue;
        REPLY reply = api_call((struct call){
            .method = r->method, .token = token_of(r), .path = text_of("%s?after=bm9uc2Vuc2U", path_of(r))});
        ck_assert_msg(reply.status < 500, "%s %s: %ld", r->method, r->path, reply.status);
    }
}
END_TEST

/* A value that the field's rules forbid, as a JSON text; NULL when nothing is forbidden. */
static const char *forbidden_value(const struct field *f)
{
    switch (f->kind) {
    case FIELD_KIND_TEXT:
        return f->rules & ANY_TEXT ? "17" : R"("with a \u0007 bell")";
    case FIELD_KIND_INTEGER:
        return f->min < f->max ? text_of("%.0f", f->max + 1) : R"("many")";
    case FIELD_KIND_TEXTS:
    case FIELD_KIND_RECORDS:
        return R"("not a list")";
    case FIELD_KIND_JSON:
        return NULL;
    default:
        return R"("certainly not")";
    }
}

START_TEST(every_route_that_creates_looks_at_the_idempotency_key)
{
    EACH_ROUTE(s, r)
    {
        REPLY reply = api_call((struct call){.method = r->method,
                                             .token = token_of(r),
                                             .path = path_of(r),
                                             .body = r->upload ? "a file" : NULL,
                                             .type = r->upload ? r->upload->media_types[0] : NULL,
                                             .headers = {"Idempotency-Key: two words"}});
        bool named = strstr(reply.body, "/Idempotency-Key") != NULL;
        ck_assert_msg(named == route_repeats(r), "%s %s: %ld %s", r->method, r->path, reply.status, reply.body);
    }
}
END_TEST

START_TEST(each_rule_of_each_json_body_is_refused_by_the_name_of_its_member)
{
    EACH_ROUTE(s, r)
    {
        for (const struct field *f = r->input ? r->input->fields : NULL; f && f->name && takes_json(r); f++) {
            const char *value = forbidden_value(f);
            if (!value || strstr(r->path, text_of(":%s", f->name)))
                continue;
            char *body = text_of(R"({"%s": %s})", f->name, value);
            REPLY reply = send_body(r, body, 0);
            if (reply.status == 404)
                continue; /* said before the body is read */
            ck_assert_msg(reply.status == 422, "%s %s %s: %ld %s", r->method, r->path, body, reply.status, reply.body);
            ck_refuses(&reply, text_of("/%s", f->name));
        }
    }
}
END_TEST

START_TEST(each_rule_of_each_query_is_refused_by_the_name_of_its_member)
{
    EACH_ROUTE(s, r)
    {
        bool by_query = r->input && r->input_from == FROM_QUERY && !r->upload && !(r->rules & IF_SETTING);
        for (const struct field *f = by_query ? r->input->fields : NULL; f && f->name; f++) {
            if (f->kind == FIELD_KIND_TEXT || strstr(r->path, text_of(":%s", f->name)) || (f->rules & READ_ONLY))
                continue;
            const char *path = strchr(path_of(r), ':') ? NULL : path_of(r);
            REPLY reply = api_get(token_of(r), "%s?%s=certainly+not", path, f->name);
            ck_assert_msg(reply.status == 422, "%s?%s: %ld %s", path, f->name, reply.status, reply.body);
            ck_refuses(&reply, text_of("/%s", f->name));
        }
    }
}
END_TEST

START_TEST(paths_that_are_none_are_404_and_never_more)
{
    static const char *const paths[] = {"/",
                                        "//",
                                        "/api",
                                        "/api/v1/nothing",
                                        "/api/v1/users/a/b/c",
                                        "/%2F",
                                        "/..",
                                        "/api/v1/../v1/users/x/y",
                                        "/api/v1/users/%00",
                                        "/api/v1/users/%zz",
                                        "/%ff%fe"};
    for (size_t i = 0; i < COUNT(services); i++) {
        api_open(services[i]);
        for (size_t p = 0; p < COUNT(paths); p++) {
            REPLY r = api_get(AS_ADMIN, "%s", paths[p]);
            ck_assert_msg(r.status == 404 || r.status == 400, "%s: %ld", paths[p], r.status);
            ck_assert_str_eq(header_of(&r, "Content-Type"), "application/problem+json");
            ck_assert_ptr_nonnull(text_at(&r, "request_id"));
        }
    }
}
END_TEST

START_TEST(head_and_options_are_answered_where_get_is)
{
    api_open(&users_service);
    REPLY head = api_call((struct call){.method = "HEAD", .token = AS_ADMIN, .path = "/api/v1/users"});
    ck_assert_int_eq(head.status, 200);
    ck_assert_uint_eq(head.size, 0);
    REPLY options = api_call((struct call){.method = "OPTIONS", .path = "/api/v1/users"});
    ck_assert_int_eq(options.status, 204);
    ck_assert_str_eq(header_of(&options, "Allow"), "POST, GET, HEAD, OPTIONS");
}
END_TEST

START_TEST(origins_that_are_listed_may_read_and_others_learn_nothing)
{
    setenv("CORS_ORIGINS", "https://app.example, https://other.example", 1);
    api_open(&users_service);
    api_restart(&users_service);
    struct call call = {.method = "GET", .path = "/api/v1/status", .headers = {"Origin: https://app.example"}};
    REPLY listed = api_call(call);
    ck_assert_str_eq(header_of(&listed, "Access-Control-Allow-Origin"), "https://app.example");
    call.headers[0] = "Origin: https://app.example.evil";
    REPLY unlisted = api_call(call);
    ck_assert_ptr_null(header_of(&unlisted, "Access-Control-Allow-Origin"));
    unsetenv("CORS_ORIGINS");
    api_restart(&users_service);
}
END_TEST

START_TEST(the_proxys_request_id_is_kept_and_a_strange_one_is_not)
{
    api_open(&users_service);
    struct call call = {.method = "GET", .path = "/api/v1/status", .headers = {"X-Request-Id: abc-123"}};
    REPLY kept = api_call(call);
    ck_assert_str_eq(header_of(&kept, "X-Request-Id"), "abc-123");
    call.headers[0] = "X-Request-Id: <script>";
    REPLY replaced = api_call(call);
    ck_assert_uint_eq(strlen(header_of(&replaced, "X-Request-Id")), 32);
}
END_TEST

static long status_now(void)
{
    REPLY r = api_get(ANONYMOUSLY, "/api/v1/status");
    if (r.status == 503)
        ck_assert_ptr_nonnull(header_of(&r, "Retry-After"));
    return r.status;
}

START_TEST(a_database_that_goes_away_is_503_and_comes_back_by_itself)
{
    api_open(&users_service);
    ck_assert_int_eq(status_now(), 200);
    database_reachable(false);
    WAIT_UNTIL(status_now() == 503);
    database_reachable(true);
    WAIT_UNTIL(status_now() == 200);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(status_now(), 200);
}
END_TEST

int main(void)
{
    return API_TESTS(
        NULL, methods_without_a_row_are_405_and_say_which_are_allowed,
        absent_records_are_called_by_the_noun_of_their_row, routes_that_take_an_idempotency_key_reply_in_json_alone,
        without_a_token_only_open_routes_answer, roles_and_specialties_that_a_row_does_not_name_are_refused,
        researchers_and_clients_get_in_where_it_is_written_and_nowhere_else, bodies_that_are_no_json_object_are_refused,
        a_body_of_brackets_or_over_the_limit_is_refused, a_content_type_that_is_not_taken_is_415,
        unknown_and_repeated_query_keys_are_refused, a_page_after_a_made_up_key_is_no_fault,
        every_route_that_creates_looks_at_the_idempotency_key,
        each_rule_of_each_json_body_is_refused_by_the_name_of_its_member,
        each_rule_of_each_query_is_refused_by_the_name_of_its_member, paths_that_are_none_are_404_and_never_more,
        head_and_options_are_answered_where_get_is, origins_that_are_listed_may_read_and_others_learn_nothing,
        the_proxys_request_id_is_kept_and_a_strange_one_is_not,
        a_database_that_goes_away_is_503_and_comes_back_by_itself);
}
