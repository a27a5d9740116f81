/* Holds for every record of every service: it has a tag, changes are guarded by it, and creating is safe to
 * repeat. These tests walk the tables: a record that is new there fails them until kinds[] says how one is made. */
#include "tests/services.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* In these bodies @ stands for a name or id that nobody has. */
#define NEW_ADMIN      R"({"name": "@", "role": "normal", "password": "correct horse battery"})"
#define NEW_RESEARCHER R"({"name": "@", "password": "correct horse battery"})"
#define NEW_IDENTITY   R"({"issuer": "https://accounts.other.example", "subject": "@"})"
#define NEW_CLIENT     R"({"name": "@", "scope": "counts:read"})"
#define NEW_PERSON     R"({"name": "@", "status": "caregiver", "password": "correct horse battery"})"
#define NEW_NAMED      R"({"status": "caregiver", "password": "correct horse battery"})"
#define NEW_PATIENT \
    R"({"name": "@", "status": "patient", "age": 71, "mmse": 23,)" \
    R"( "password": "correct horse battery"})"
#define NEW_ASSESSMENT R"({"assessed_on": "2020-05-04", "mmse": 21})"
#define NEW_ELEMENT    R"({"id": "@", "data": ["1 2"], "deviceName": "CT"})"

#define NEW_TABLE       "first_name,last_name,birth_date\n@,Tovins,1950-01-01\n"
#define NEW_SCORES      "patient,date,score\n@,2020-05-04,21\n"
#define NEW_TUMOUR      R"({"first_name": "@", "last_name": "Tovins", "pt": "T3"})"
#define NEW_TUMOUR_NAME R"({"first_name": "Marela", "last_name": "Tovins"})"
#define NEW_CODE        R"({"code": "@", "label": "One more"})"
#define NEW_DRAFT       "{ }" /* other bytes than the body of another request below */

#define NEW_COMPARISON R"({"profile": {"gender": "female"}, "outcome": "death", "covariates": []})"

static const char issuers[] =
    R"({"issuers": [{"name": "other", "issuer": "https://accounts.other.example", "audience": "mnemos",)"
    R"( "key_set_url": "http://127.0.0.1:9/keys", "algorithms": ["RS256"]}]})";

/* Made by a job: as it would be kept, for the account of the token. Its id. */
static const char *model_insert_for(const char *token)
{
    const char *id = new_id();
    sql_value("INSERT INTO analytics.model (id, owner_id, name, version, target, method, seed, subjects, visits,"
              " beats_last_value, metrics, card, report, page, artefact)"
              " VALUES ('%s', '%s', 'Kept %s', 1, 'mmse', 'linear', 1, 40, 80, true, '{}', '{}', '{}', '', '{}')",
              id, account_of(token), id);
    return id;
}

/* How one is made, in the same service; by whoever may read it, or else by a superuser. */
static const struct kind {
    const char *made_at, *body;               /* the row that creates it, and what it takes */
    const char *record;                       /* the row that reads it; NULL: there is none */
    const char *change;                       /* what PATCH and PUT take */
    const char *key;                          /* the member that stands in its path */
    const char *table, *column;               /* where its row is, by that member */
    const char *type;                         /* of the body; NULL: JSON */
    long made_status;                         /* 0: 201 */
    const char *(*insert)(const char *token); /* where creating it only asks for it */
} kinds[] = {
    {"/api/v1/admins", NEW_ADMIN, "/api/v1/admins/:admin_id", R"({"disabled": true})", "id", "auth.account", "id"},
    {"/api/v1/admins", NEW_ADMIN, "/api/v1/accounts/:account_id", R"({"disabled": true})", "id", "auth.account", "id"},
    {"/api/v1/accounts/:account_id/identities", NEW_IDENTITY, NULL, NULL, "id", "auth.external_identity", "id"},
    {"/api/v1/researchers", NEW_RESEARCHER, "/api/v1/researchers/:researcher_id", R"({"disabled": true})", "id",
     "auth.account", "id"},
    {"/api/v1/clients", NEW_CLIENT, "/api/v1/clients/:client_id", R"({"active": false})", "id", "auth.account", "id"},
    {"/api/v1/users", NEW_PERSON, "/api/v1/users/:user_id", R"({"name": "@"})", "user_id", "users.person", "id"},
    {"/create_user/:name", NEW_NAMED, "/get_user_by_name/:name", NULL, "name", "users.person", "name"},
    {"/api/v1/elements", NEW_ELEMENT, "/api/v1/elements/:element_id", R"({"data": ["3"], "deviceName": "MR"})", "id",
     "imaging.element", "id"},
    {"/api/elements", NEW_ELEMENT, "/api/elements/:element_id", R"({"data": ["3"], "deviceName": "MR"})", "id",
     "imaging.element", "id"},
    {"/api/v1/tumour-imports", NEW_TABLE, "/api/v1/tumour-imports/:import_id", NULL, "import_id", "shared.import", "id",
     .type = "text/csv"},
    {"/api/v1/assessment-imports", NEW_SCORES, "/api/v1/assessment-imports/:import_id", NULL, "import_id",
     "shared.import", "id", .type = "text/csv", .made_status = 200},
    {"/api/v1/patients/:patient_id/assessments", NEW_ASSESSMENT,
     "/api/v1/patients/:patient_id/assessments/:assessment_id", R"({"mmse": 20})", "assessment_id", "users.assessment",
     "id"},
    {"/api/v1/tumours", NEW_TUMOUR, "/api/v1/tumours/:tumour_id", NEW_TUMOUR, "tumour_id", "users.tumour", "id"},
    {"/api/v1/tumour-drafts", NEW_DRAFT, "/api/v1/tumour-drafts/:draft_id", NULL, "draft_id", "users.tumour_draft",
     "id"},
    {"/api/v1/tumour-drafts/:draft_id/submit", NEW_DRAFT, NULL, NULL, "tumour_id", "users.tumour", "id"},
    {"/api/v1/treatments", NEW_CODE, "/api/v1/treatments/:treatment_code", R"({"label": "Other"})", "code",
     "users.treatment", "code"},
    {"/api/v1/primary-sites", NEW_CODE, "/api/v1/primary-sites/:site_code", R"({"label": "Other"})", "code",
     "users.primary_site", "code"},
    {"/api/v1/metastasis-diagnostics", NEW_CODE, "/api/v1/metastasis-diagnostics/:diagnostic_code",
     R"({"active": false})", "code", "users.metastasis_diagnostic", "code"},
    {"/api/v1/treatment-comparisons", NEW_COMPARISON, "/api/v1/treatment-comparisons/:comparison_id", NULL,
     "comparison_id", "analytics.treatment_comparison", "id"},
    {"/api/v1/models", NULL, "/api/v1/models/:model_id", NULL, NULL, "analytics.model", "id",
     .insert = model_insert_for},
};

/* Answers that are worked out each time: nothing is there that could have a version. */
static const char *const worked_out[] = {"/api/v1/mmse/predictions/:patient_id", "/predict_patient/:name",
                                         "/count_over/:over", "/count_under/:under"};

/* Made along with something else, cancelled and never changed by their owners: their tags have scenes in test_jobs.c.
 */
static const char *const side_effects[] = {"/api/v1/tasks/:task_id"};

static bool names_one(const struct route *r)
{
    const char *last = strrchr(r->path, '/');
    for (size_t i = 0; i < COUNT(side_effects); i++)
        if (strcmp(side_effects[i], r->path) == 0)
            return false;
    for (size_t i = 0; i < COUNT(worked_out); i++)
        if (strcmp(worked_out[i], r->path) == 0)
            return false;
    return last && last[1] == ':' && strcmp(r->method, "POST") != 0;
}

static bool is_read(const struct route *r)
{
    return strcmp(r->method, "GET") == 0 && r->shape == GIVES_ONE && names_one(r);
}

static const struct route *read_row(const struct service *s, const char *path)
{
    for (const struct route *r = s->routes; r->method; r++)
        if (is_read(r) && strcmp(r->path, path) == 0)
            return r;
    return NULL;
}

/* Changes and removals of what can be read. What is made and ended but never read or changed by itself (a session) has
 * no version to go by. */
static bool is_write(const struct service *s, const struct route *r)
{
    bool changes = strcmp(r->method, "PATCH") == 0 || strcmp(r->method, "PUT") == 0;
    bool removes = strcmp(r->method, "DELETE") == 0;
    return names_one(r) && (changes || (removes && read_row(s, r->path)));
}

static const struct kind *kind_of(const struct route *r)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].record && strcmp(kinds[i].record, r->path) == 0)
            return &kinds[i];
    ck_abort_msg("%s %s: say in kinds[] how such a record is made", r->method, r->path);
}

static const struct kind *kind_made_by(const struct route *r)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].made_at, r->path) == 0)
            return &kinds[i];
    ck_abort_msg("%s %s: say in kinds[] what it makes", r->method, r->path);
}

static const char *with_new_id(const char *text)
{
    const char *at = text ? strchr(text, '@') : NULL;
    return at ? text_of("%.*s%s%s", (int)(at - text), text, new_id(), at + 1) : text;
}

static const char *token_of(const struct route *r)
{
    const char *specialist = r->access.specialties & NEUROLOGIST ? AS_NEUROLOGIST : AS_GENERAL;
    return r->access.roles & HEALTHPRO ? specialist : AS_SUPERUSER;
}

static const char *with_variable(const char *path, const char *value)
{
    size_t before = strcspn(path, ":"), size = strcspn(path + before, "/");
    return text_of("%.*s%s%s", (int)before, path, value, path + before + size);
}

static const char *new_account(void)
{
    REPLY made = api_post(AS_SUPERUSER, "/api/v1/admins", "%s", with_new_id(NEW_ADMIN));
    ck_status(&made, 201);
    return kept_at(&made, "id");
}

/* With all its steps. */
static const char *new_draft(const char *token)
{
    static const struct {
        const char *step, *body;
    } steps[] = {{"personal", NEW_TUMOUR_NAME}, {"medical-history", "{}"}, {"tumour", "{}"}};
    REPLY made = api_post(token, "/api/v1/tumour-drafts", "{}");
    ck_status(&made, 201);
    const char *id = kept_at(&made, "draft_id");
    for (size_t i = 0; i < COUNT(steps); i++) {
        REPLY saved =
            api_change("PUT", token, text_of("/api/v1/tumour-drafts/%s/%s", id, steps[i].step), steps[i].body, "*");
        ck_status(&saved, 200);
    }
    return id;
}

static const char *new_patient(void)
{
    REPLY made = api_post(AS_SUPERUSER, "/api/v1/users", "%s", with_new_id(NEW_PATIENT));
    ck_status(&made, 201);
    return kept_at(&made, "user_id");
}

/* Where another one can be made: under an account, a patient or a draft, if the path has one, or by a name that nobody
 * has. */
static const char *place_for(const struct kind *k, const char *token)
{
    if (!strchr(k->made_at, ':'))
        return k->made_at;
    if (strstr(k->made_at, ":draft_id"))
        return with_variable(k->made_at, new_draft(token));
    return with_variable(k->made_at, strstr(k->made_at, ":account_id")   ? new_account()
                                     : strstr(k->made_at, ":patient_id") ? new_patient()
                                                                         : new_id());
}

/* Some records are read by more people than make them. */
static const char *maker_of(const struct kind *k, const char *token)
{
    for (size_t i = 0; i < COUNT(services); i++)
        for (const struct route *r = services[i]->routes; r->method; r++)
            if (strcmp(r->method, "POST") == 0 && strcmp(r->path, k->made_at) == 0)
                return r->access.roles & HEALTHPRO ? token : AS_SUPERUSER;
    ck_abort_msg("kinds[]: no row makes %s", k->made_at);
}

static struct reply post(const struct kind *k, const char *token, const char *path, const char *body,
                         const char *header)
{
    return api_call((struct call){
        .method = "POST", .token = token, .path = path, .body = body, .type = k->type, .headers = {header}});
}

/* The path of a new record. */
static const char *make(const struct kind *k, const char *token)
{
    if (k->insert)
        return with_variable(k->record, k->insert(token));
    const char *place = place_for(k, token);
    REPLY made = post(k, maker_of(k, token), place, with_new_id(k->body), NULL);
    ck_status(&made, k->made_status ? k->made_status : 201);
    if (strchr(strchr(k->record, ':') + 1, ':')) /* a part of somebody's */
        return text_of("%s/%s", place, text_at(&made, k->key));
    return with_variable(k->record, text_at(&made, k->key));
}

static struct reply call(const char *method, const char *token, const char *path, const char *body, const char *header)
{
    return api_call((struct call){.method = method, .token = token, .path = path, .body = body, .headers = {header}});
}

static const char *tag_of(const char *token, const char *path)
{
    REPLY r = api_get(token, "%s", path);
    ck_status(&r, 200);
    const char *tag = header_of(&r, "ETag");
    ck_assert_msg(tag != NULL, "%s has no ETag", path);
    return tag;
}

#define EACH_ROUTE(service_, route_) \
    for (size_t service_index_ = 0; service_index_ < COUNT(services); service_index_++) \
        for (const struct service *service_ = services[service_index_]; service_; service_ = NULL) \
            for (const struct route *route_ = (api_open(service_), service_->routes); route_->method; route_++)

START_TEST(every_record_has_a_tag_and_is_not_sent_to_callers_who_have_it)
{
    EACH_ROUTE(s, r)
    {
        if (!is_read(r))
            continue;
        const char *token = token_of(r), *path = make(kind_of(r), token), *tag = tag_of(token, path);
        const char *known[] = {text_of("If-None-Match: %s", tag), text_of("If-None-Match: W/%s", tag),
                               text_of(R"(If-None-Match: "x", %s)", tag), "If-None-Match: *"};
        for (size_t i = 0; i < COUNT(known); i++) {
            REPLY same = call("GET", token, path, NULL, known[i]);
            ck_assert_msg(same.status == 304 && same.size == 0, "%s with %s: %ld", r->path, known[i], same.status);
            ck_assert_str_eq(header_of(&same, "ETag"), tag);
        }
        REPLY other = call("GET", token, path, NULL, R"(If-None-Match: "4711")");
        ck_status(&other, 200);
    }
}
END_TEST

START_TEST(every_change_needs_the_tag_of_the_version_that_it_changes)
{
    EACH_ROUTE(s, r)
    {
        if (!is_write(s, r))
            continue;
        const struct kind *k = kind_of(r);
        const char *token = token_of(r), *path = make(k, token), *tag = tag_of(token, path);
        const char *body = r->input ? with_new_id(k->change) : NULL;
        bool historic = r->rules & HISTORIC;
        ck_assert_msg(historic || (r->rules & NEEDS_IF_MATCH), "%s %s", r->method, r->path);
        REPLY without = historic ? (struct reply){0} : call(r->method, token, path, body, NULL);
        if (!historic)
            ck_reply(&without, 428, "type", "/problems/precondition-required");
        REPLY stale = call(r->method, token, path, body, R"(If-Match: "4711")");
        ck_reply(&stale, 412, "type", "/problems/stale");
        ck_assert_str_eq(tag_of(token, path), tag);
        REPLY good = call(r->method, token, path, body, text_of("If-Match: %s", tag));
        ck_status(&good, r->shape == GIVES_NOTHING ? 204 : 200);
        if (r->shape != GIVES_NOTHING)
            ck_assert_str_eq(header_of(&good, "ETag"), tag_of(token, path));
        REPLY again = call(r->method, token, path, body, text_of("If-Match: %s", tag));
        ck_status(&again, r->shape == GIVES_NOTHING ? 404 : 412);
    }
}
END_TEST

struct writer_at_once {
    const char *method, *token, *path, *body, *tag;
    struct reply reply;
    pthread_t thread;
};

static void *write_it(void *arg)
{
    struct writer_at_once *w = arg;
    w->reply = call(w->method, w->token, w->path, w->body, text_of("If-Match: %s", w->tag));
    return NULL;
}

/* Both have read the same version and wait for the row when it is let go. */
static void ck_one_wins(const struct kind *k, const struct route *r)
{
    const char *token = token_of(r), *path = make(k, token), *tag = tag_of(token, path);
    struct writer_at_once writers[2];
    sql_value("BEGIN; SELECT 1 FROM %s WHERE %s = '%s' FOR UPDATE", k->table, k->column, strrchr(path, '/') + 1);
    for (int i = 0; i < 2; i++) {
        const char *body = r->input ? with_new_id(k->change) : NULL;
        writers[i] = (struct writer_at_once){r->method, token, path, body, tag};
        pthread_create(&writers[i].thread, NULL, write_it, &writers[i]);
        WAIT_UNTIL(lock_waits() == i + 1);
    }
    sql_value("COMMIT");
    int won = 0, late = 0;
    for (int i = 0; i < 2; i++) {
        pthread_join(writers[i].thread, NULL);
        REPLY reply = writers[i].reply;
        won += reply.status == (r->shape == GIVES_NOTHING ? 204 : 200);
        late += reply.status == 412;
    }
    ck_assert_msg(won == 1 && late == 1, "%s %s: %d won, %d came too late", r->method, r->path, won, late);
}

START_TEST(of_two_changes_at_once_one_wins_and_the_other_is_told)
{
    EACH_ROUTE(s, r)
    {
        if (is_write(s, r))
            ck_one_wins(kind_of(r), r);
    }
}
END_TEST

/* Both have it or neither. */
static void ck_same_header(const struct reply *a, const struct reply *b, const char *name)
{
    const char *in_a = header_of(a, name), *in_b = header_of(b, name);
    ck_assert_msg(in_a && in_b ? strcmp(in_a, in_b) == 0 : in_a == in_b, "%s: %s, %s", name, in_a, in_b);
}

START_TEST(every_creation_is_safe_to_repeat)
{
    EACH_ROUTE(s, r)
    {
        if (!route_repeats(r) || r->success == 202) /* tasks have a scene in test_jobs.c, trainings in test_model.c */
            continue;
        const struct kind *k = kind_made_by(r);
        const char *token = token_of(r), *path = place_for(k, token), *body = with_new_id(k->body);
        const char *key = text_of("Idempotency-Key: %s", new_id());
        REPLY first = post(k, token, path, body, key);
        ck_status(&first, r->success);
        ck_assert_ptr_null(header_of(&first, "Idempotency-Replayed"));
        REPLY again = post(k, token, path, body, key);
        ck_status(&again, r->success);
        ck_assert_str_eq(again.body, first.body);
        ck_assert_str_eq(header_of(&again, "Idempotency-Replayed"), "true");
        ck_same_header(&again, &first, "Location");
        ck_same_header(&again, &first, "ETag");
        ck_assert_str_eq(
            sql_value("SELECT count(*) FROM %s WHERE %s = '%s'", k->table, k->column, text_at(&first, k->key)), "1");
        REPLY other = post(k, token, path, "{}", key);
        ck_status(&other, 422);
        ck_refuses(&other, "/Idempotency-Key");
    }
}
END_TEST

int main(void)
{
    setenv("EXTERNAL_ISSUERS", issuers, 1);
    return API_TESTS(NULL, every_record_has_a_tag_and_is_not_sent_to_callers_who_have_it,
                     every_change_needs_the_tag_of_the_version_that_it_changes,
                     of_two_changes_at_once_one_wins_and_the_other_is_told, every_creation_is_safe_to_repeat);
}
