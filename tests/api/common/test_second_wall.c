/* The second wall alone. This program is built with a dispatcher that lets every role into every row
 * (MNEMOS_WITHOUT_FIRST_WALL, see tests/CMakeLists.txt). Everybody then tries everything with everybody's records: what
 * PostgreSQL gives out is nobody's but theirs, and what is not theirs is afterwards as it was. */
#include "tests/api/common/beings.h"

static struct beings beings;
static const char *element, *device_name, *tumour, *tumour_name;

/* Waits: auth.account and auth.session have no row-level security yet, so the auth service's rows about others have one
 * wall only and are left out. As soon as auth.account has it they are tried like all the rest. */
static bool has_second_wall(const struct service *s, const struct route *r)
{
    if (s != &auth_service || r->subject == ONESELF || r->subject == NOBODY || strstr(r->path, "access-log"))
        return true;
    return strcmp(sql_value("SELECT relrowsecurity::text FROM pg_class WHERE oid = 'auth.account'::regclass"),
                  "true") == 0;
}

static bool may_see_elements(const struct being *b)
{
    return (b->role & (HEALTHPRO | ADMINS)) || (b->scopes & (ELEMENTS_READ | ELEMENTS_WRITE));
}

static bool may_change_elements(const struct being *b)
{
    return (b->role & (HEALTHPRO | ADMINS)) || (b->scopes & ELEMENTS_WRITE);
}

/* Of somebody who is named after it. */
static const char *tumour_make(void)
{
    const char *id = new_id();
    sql_value("INSERT INTO users.tumour (id, first_name, last_name) VALUES ('%s', 'Marela', 'Patient %s')", id, id);
    return id;
}

static bool may_change_tumours(const struct being *b)
{
    return (b->role & (HEALTHPRO | ADMINS)) || (b->scopes & PEOPLE_WRITE);
}

static bool may_see(const struct being *actor, const struct being *b)
{
    unsigned reach = actor->role == CLIENT ? 0 : role_reach(actor->role);
    if (actor->scopes & (PEOPLE_READ | PEOPLE_WRITE)) /* whoever changes a person sees what it has become */
        reach = ALL_PEOPLE;
    if (b->role & PERSON_ROLES)
        return reach & relation_of(actor, b);
    return actor->role == SUPERUSER || relation_of(actor, b) == OWN || (actor->role == ADMIN && !(b->role & ADMINS));
}

static bool may_change(const struct being *actor, const struct being *b)
{
    bool cared_for = b->role & (PATIENT | CAREGIVER);
    if (actor->role == HEALTHPRO)
        return cared_for || relation_of(actor, b) == OWN;
    if (actor->role == CLIENT)
        return cared_for && (actor->scopes & PEOPLE_WRITE);
    return actor->role == SUPERUSER || (actor->role == ADMIN && !(b->role & ADMINS));
}

/* Requests that would do harm where they are let through. */
static const char *body_of(const struct route *r)
{
    static const struct {
        const char *method, *path, *body;
    } bodies[] = {
        {"PATCH", "/api/v1/users/", R"({"name": "Taken over %s"})"},
        {"PATCH", "/api/v1/admins/", R"({"role": "normal"})"},
        {"PATCH", "/api/v1/accounts/", R"({"disabled": true})"},
        {"POST", "/api/v1/admins", R"({"name": "Slipped in %s", "password": "four words or so", "role": "superuser"})"},
        {"POST", "/api/v1/researchers", R"({"name": "Slipped in %s", "password": "four words or so"})"},
        {"POST", "/api/v1/clients", R"({"name": "Slipped in %s", "scope": "people:read people:write"})"},
        {"POST", "/api/v1/tumours", R"({"first_name": "Slipped", "last_name": "In %s"})"},
        {"PATCH", "/api/v1/tumours/", R"({"last_name": "Taken over %s"})"},
        {"PUT", "/api/v1/tumours/:tumour_id/treatments", R"({"treatments": [{"treatment": "none"}]})"},
        {"PUT", "/api/v1/tumours/", R"({"first_name": "Taken", "last_name": "Over %s"})"},
        {"DELETE", "/api/v1/tumours", R"({"confirmation": "delete all tumours"})"},
        {"PATCH", "/api/v1/treatments/", R"({"label": "Taken over"})"},
        {"POST", "/api/v1/treatments", R"({"code": "x%s", "label": "Slipped in"})"},
        {"POST", "/api/v1/elements", R"({"id": "%s", "data": ["3 4"], "deviceName": "Mine"})"},
        {"PUT", "/api/v1/elements/", R"({"data": ["3 4"], "deviceName": "Mine", "id": "%s"})"},
        {"PATCH", "/api/v1/elements/", R"({"data": ["3 4"], "id": "%s"})"},
    };
    if (strcmp(r->method, "GET") == 0 || (strcmp(r->method, "DELETE") == 0 && !r->input))
        return NULL;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        size_t size = strlen(bodies[i].path);
        const char *mark = strstr(bodies[i].body, "%s");
        if (strcmp(r->method, bodies[i].method) == 0 && strncmp(r->path, bodies[i].path, size) == 0 &&
            (bodies[i].path[size - 1] == '/' || r->path[size] == '\0'))
            return !mark ? bodies[i].body
                         : text_of("%.*s%s%s", (int)(mark - bodies[i].body), bodies[i].body, new_id(), mark + 2);
    }
    return "{}";
}

static struct reply call_route(const struct route *r, const struct being *actor, const char *path)
{
    return api_change(r->method, actor->token, path, body_of(r), "*");
}

/* The refusal of the dispatcher; handlers have sentences of their own. */
static bool refused_by_the_first_wall(const struct reply *r)
{
    return r->status == 403 && strstr(r->body, "Your role does not allow this.");
}

static bool is_or_may_be_seen(const struct being *actor, const char *id)
{
    EACH_BEING(&beings, b)
    {
        if (b->role != ANONYMOUS && strcmp(b->id, id) == 0)
            return may_see(actor, b);
    }
    return false;
}

static const char *id_in(json_t *object, const char *otherwise)
{
    static const char *const names[] = {"user_id", "patient_id", "id"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (json_is_string(json_object_get(object, names[i])))
            return json_string_value(json_object_get(object, names[i]));
    return otherwise;
}

/* Scores, ages and dates stand only in records of those who may be seen. */
static void ck_figures(const struct being *actor, json_t *value, const char *id, const struct reply *r)
{
    static const char *const figures[] = {"mmse", "predicted_mmse", "birth_date", "age", "inputs"};
    const char *key;
    json_t *member;
    size_t i;
    id = id_in(value, id);
    for (i = 0; i < COUNT(figures); i++) {
        json_t *figure = json_object_get(value, figures[i]);
        if (figure && !json_is_null(figure))
            ck_assert_msg(is_or_may_be_seen(actor, id), "%s is told: %.300s", actor->label, r->body);
    }
    json_object_foreach(value, key, member) ck_figures(actor, member, id, r);
    json_array_foreach(value, i, member) ck_figures(actor, member, id, r);
}

static bool is_carer_of(const struct being *b, const struct being *patient)
{
    return patient->caregiver_id && strcmp(patient->caregiver_id, b->id) == 0;
}

/* Ids of people in the reply, except readers and authors of one's own record: those are what a log is for. */
static const char *told_in(const struct reply *r)
{
    static const char *const said_in_logs[] = {"actor_id", "actor_name", "changed_by"};
    size_t i;
    json_t *item;
    if (!r->json)
        return r->body;
    json_array_foreach(json_object_get(r->json, "items"), i, item)
    {
        for (size_t k = 0; k < COUNT(said_in_logs); k++)
            json_object_del(item, said_in_logs[k]);
    }
    return text_at(r, "");
}

static void ck_tells_nothing(const struct route *route, const struct being *actor, const struct reply *r)
{
    const char *told = told_in(r);
    EACH_BEING(&beings, b)
    {
        if (b->role == ANONYMOUS || may_see(actor, b))
            continue;
        bool id_told = strstr(told, b->id) || strstr(r->headers, b->id);
        bool leaks = (id_told && !is_carer_of(b, actor)) /* which stands in the patient's record */ ||
                     strstr(told, b->name) || (b->birth_date && strstr(told, b->birth_date));
        ck_assert_msg(!leaks, "%s %s tells %s of %s: %.300s", route->method, route->path, actor->label, b->label,
                      r->body);
    }
    bool sees_tumours = may_change_tumours(actor) || (actor->scopes & PEOPLE_READ);
    ck_assert_msg(sees_tumours || !strstr(told, tumour_name), "%s %s as %s: %.300s", route->method, route->path,
                  actor->label, r->body);
    ck_assert_msg(may_see_elements(actor) || !strstr(told, device_name), "%s %s as %s: %.300s", route->method,
                  route->path, actor->label, r->body);
    if (r->json)
        ck_figures(actor, r->json, "", r);
}

/* All that is kept of somebody. */
static const char *kept_of(const struct being *b)
{
    return sql_value("SELECT concat((SELECT a FROM auth.account a WHERE id = '%s'),"
                     " (SELECT p FROM users.person p WHERE id = '%s'), (SELECT c FROM auth.client c WHERE id = '%s'))",
                     b->id, b->id, b->id);
}

static const char *kept_elements(void)
{
    return sql_value("SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM imaging.element e");
}

static const char *kept_tumours(void)
{
    return sql_value("SELECT concat((SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM users.tumour t),"
                     " (SELECT md5(string_agg(c::text, ',' ORDER BY code)) FROM users.treatment c))");
}

static const char *count_of_staff_accounts(void)
{
    return sql_value("SELECT count(*) FROM auth.account WHERE role IN ('admin', 'superuser', 'researcher', 'client')");
}

static void try_path(const struct route *r, const struct being *actor, const char *path)
{
    REPLY reply = call_route(r, actor, path);
    ck_assert_msg(!refused_by_the_first_wall(&reply), "%s %s as %s: the first wall is there", r->method, r->path,
                  actor->label);
    ck_tells_nothing(r, actor, &reply);
}

static void try_route(const struct route *r, const struct being *actor)
{
    const struct naming *naming = naming_of(r->path);
    bool makes_that_name = naming->by_name && route_creates(r);
    if (!naming->subjects || makes_that_name)
        try_path(r, actor, path_for(r->path, NULL, element));
    else
        EACH_BEING(&beings, subject)
        {
            if (naming->subjects & subject->role)
                try_path(r, actor, path_for(r->path, subject, element));
        }
    if (strstr(r->path, ":tumour_id"))
        try_path(r, actor,
                 text_of("/api/v1/tumours/%s%s", tumour, strstr(r->path, ":tumour_id") + strlen(":tumour_id")));
    if (strcmp(r->method, "GET") == 0 && strcmp(r->path, "/api/v1/users") == 0)
        EACH_BEING(&beings, subject)
        {
            if (PERSON_ROLES & subject->role)
                try_path(r, actor, text_of("%s?name=%s", r->path, subject->name));
        }
}

/* Everything that one of a kind can try, in a world of its own. */
static void try_everything(size_t which)
{
    const char *before[BEINGS_MAX];
    beings = beings_make();
    element = element_make();
    const struct being *actor = &beings.all[which];
    for (size_t i = 0; i < beings.count; i++)
        before[i] = beings.all[i].role == ANONYMOUS ? "" : kept_of(&beings.all[i]);
    device_name = text_of("Device %s", element);
    tumour = tumour_make();
    tumour_name = text_of("Patient %s", tumour);
    const char *elements = kept_elements(), *staff_accounts = count_of_staff_accounts(),
               *tumours = text_of("%s", kept_tumours());
    bool auth_has_one = true;
    for (size_t s = 0; s < COUNT(services); s++) {
        api_open(services[s]);
        for (const struct route *r = services[s]->routes; r->method; r++) {
            if (has_second_wall(services[s], r))
                try_route(r, actor);
            else
                auth_has_one = false;
        }
    }
    for (size_t i = 0; i < beings.count; i++) {
        const struct being *b = &beings.all[i];
        if (b->role != ANONYMOUS && !may_change(actor, b))
            ck_assert_msg(strcmp(before[i], kept_of(b)) == 0, "%s has changed %s", actor->label, b->label);
    }
    if (!may_change_elements(actor))
        ck_assert_str_eq(elements, kept_elements());
    if (!may_change_tumours(actor))
        ck_assert_str_eq(tumours, kept_tumours());
    if (!(actor->role & ADMINS) && auth_has_one)
        ck_assert_str_eq(staff_accounts, count_of_staff_accounts());
}

/* Otherwise the scenes below would show nothing. */
START_TEST(the_first_wall_is_off)
{
    api_open(&users_service);
    REPLY users = api_get(AS_RESEARCHER, "/api/v1/users");
    ck_reply(&users, 200, "items", "[]");
    api_open(&analytics_service);
    REPLY prediction = api_get(AS_GENERAL, "/api/v1/mmse/predictions/%s", new_id());
    ck_status(&prediction, 404);
    api_open(&imaging_service);
    REPLY elements = api_get(AS_PATIENT, "/api/v1/elements");
    ck_reply(&elements, 200, "items", "[]");
}
END_TEST

START_TEST(without_the_first_wall_nobody_sees_or_changes_what_is_not_theirs)
{
    beings = beings_make();
    size_t count = beings.count;
    for (size_t i = 0; i < count; i++)
        try_everything(i);
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, the_first_wall_is_off, without_the_first_wall_nobody_sees_or_changes_what_is_not_theirs);
}
