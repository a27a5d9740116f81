/* The written access matrix (services/auth/ACCESS.md) is read, and every row is called by somebody of every kind, for
 * somebody of every relation. What it says is what happens; and who is out of reach might as well not be there. */
#include "tests/api/common/beings.h"
#include "tests/support/work.h"

#include <stdio.h>

/* A cell, as its words say. */
struct cell {
    long refused; /* 401, 403, or 0 */
    bool yes;
    unsigned reach, specialties, scopes;
    bool not_own, not_colleagues, not_administrators, by_setting, else_by_setting;
};

struct row {
    const struct service *service;
    const char *method, *path;
    struct cell cells[16];
    size_t count;
};

enum { ROWS_MAX = 200 };
static struct row rows[ROWS_MAX];
static size_t row_count;
static enum role columns[16];
static struct beings beings;
static const char *element;
static bool settings_open;

static char *access_page(void)
{
    FILE *f = fopen(PROJECT_DIR "/services/auth/ACCESS.md", "r");
    char *text = NULL;
    size_t size = 0;
    ck_assert_ptr_nonnull(f);
    ck_assert_int_gt(getdelim(&text, &size, '\0', f), 0);
    fclose(f);
    return text;
}

/* "neurologist or oncologist" */
static unsigned specialties_of(const char *word)
{
    unsigned found = 0;
    for (int i = 0; specialty_names[i]; i++)
        if (strstr(word, specialty_names[i]))
            found |= 1U << i;
    return found;
}

static void read_word(const char *word, struct cell *cell)
{
    if (strcmp(word, "401") == 0 || strcmp(word, "403") == 0)
        cell->refused = strtol(word, NULL, 10);
    else if (strcmp(word, "yes") == 0)
        cell->yes = true;
    else if (strcmp(word, "own") == 0)
        cell->reach |= OWN;
    else if (strcmp(word, "own 403") == 0)
        cell->not_own = true;
    else if (strcmp(word, "linked") == 0)
        cell->reach |= LINKED;
    else if (strcmp(word, "all") == 0)
        cell->reach = ALL_PEOPLE;
    else if (strcmp(word, "colleagues 403") == 0)
        cell->not_colleagues = true;
    else if (strcmp(word, "administrators 404") == 0)
        cell->not_administrators = true;
    else if (strcmp(word, "by setting") == 0)
        cell->by_setting = true;
    else if (strcmp(word, "else by setting") == 0)
        cell->else_by_setting = true;
    else if (scopes_parse(word))
        cell->scopes = scopes_parse(word);
    else if (specialties_of(word))
        cell->specialties = specialties_of(word);
    else
        ck_abort_msg(R"(services/auth/ACCESS.md: what is "%s"?)", word);
}

static struct cell read_cell(char *text)
{
    struct cell cell = {0};
    char *rest;
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        read_word(word + strspn(word, " "), &cell);
    return cell;
}

/* "| a | b |" into "a" and "b". */
static size_t split(char *line, char **out, size_t max)
{
    size_t count = 0;
    char *rest;
    for (char *part = strtok_r(line, "|", &rest); part && count < max; part = strtok_r(NULL, "|", &rest)) {
        part += strspn(part, " `");
        for (size_t end = strlen(part); end > 0 && strchr(" `", part[end - 1]); end--)
            part[end - 1] = '\0';
        if (*part)
            out[count++] = part;
    }
    return count;
}

static const struct service *service_named(const char *line)
{
    for (size_t i = 0; i < COUNT(services); i++)
        if (strcmp(line, text_of("<!-- mnemos-%s --access -->", services[i]->name)) == 0)
            return services[i];
    return NULL;
}

static void read_row(const struct service *service, char *line)
{
    char *parts[2 + COUNT(columns)];
    size_t count = split(line, parts, COUNT(parts));
    ck_assert_uint_gt(count, 2);
    if (strcmp(parts[0], "method") == 0) {
        for (size_t i = 2; i < count; i++)
            columns[i - 2] = strcmp(parts[i], "anonymous") == 0 ? ANONYMOUS : role_parse(parts[i]);
        return;
    }
    ck_assert_uint_lt(row_count, ROWS_MAX);
    struct row *row = &rows[row_count++];
    *row = (struct row){service, text_of("%s", parts[0]), text_of("%s", parts[1]), .count = count - 2};
    for (size_t i = 2; i < count; i++)
        row->cells[i - 2] = read_cell(parts[i]);
}

static void read_matrix(void)
{
    const struct service *service = NULL;
    char *page = access_page(), *rest;
    for (char *line = strtok_r(page, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "<!--", 4) == 0)
            service = service_named(line);
        else if (service && line[0] == '|' && line[1] != '-')
            read_row(service, line);
    }
    free(page);
}

static void make_world(void)
{
    if (row_count > 0)
        return;
    beings = beings_make();
    element = element_make();
    read_matrix();
}

static const struct cell *cell_of(const struct row *row, enum role role)
{
    for (size_t i = 0; i < row->count; i++)
        if (columns[i] == role)
            return &row->cells[i];
    ck_abort_msg("services/auth/ACCESS.md has no column for %s", role_name(role));
}

/* The refusal of a caller independent of the data: 401, 403, 405; or 0. */
static long refused_at_the_door(const struct row *row, const struct cell *cell, const struct being *actor)
{
    long refusal = actor->role == ANONYMOUS ? 401 : 403;
    bool needs_setting = cell->by_setting;
    if (cell->refused)
        return cell->refused;
    if (cell->specialties && !(cell->specialties & actor->specialty))
        return 403;
    if (cell->scopes && !(cell->scopes & actor->scopes)) {
        if (!cell->else_by_setting)
            return 403;
        needs_setting = true;
    }
    if (needs_setting && !settings_open)
        return strcmp(row->path, "/login") == 0 ? 405 : refusal;
    return 0;
}

/* 0: let in. */
static long expected(const struct row *row, const struct being *actor, const struct being *subject)
{
    const struct cell *cell = cell_of(row, actor->role);
    const struct naming *naming = naming_of(row->path);
    long refused = refused_at_the_door(row, cell, actor);
    if (refused || !subject || cell->yes)
        return refused;
    enum relation relation = relation_of(actor, subject);
    bool administrator = subject->role & ADMINS, colleague = subject->role == HEALTHPRO;
    if (!(cell->reach & relation) || (administrator && cell->not_administrators) || !(naming->there & subject->role))
        return 404;
    if (cell->not_own && relation == OWN)
        return 403;
    bool own_change = relation == OWN && strcmp(row->method, "PATCH") == 0;
    return cell->not_colleagues && colleague && !own_change ? 403 : 0;
}

/* With an ETag that is no record's: whoever is let in changes nothing. */
static struct reply call_row(const struct row *row, const struct being *actor, const char *path)
{
    bool sends = strcmp(row->method, "GET") != 0 && strcmp(row->method, "DELETE") != 0;
    return api_change(row->method, actor->token, path, sends ? "{}" : NULL, TAG(0));
}

/* The reply to somebody else's record but for the id of the request. */
static void ck_as_if_absent(const struct row *row, const struct being *actor, const struct reply *r)
{
    REPLY absent = call_row(row, actor, path_for(row->path, NULL, element));
    ck_assert_str_eq(header_of(r, "Content-Type"), header_of(&absent, "Content-Type"));
    ck_assert_uint_eq(r->size, absent.size);
    json_object_del(r->json, "request_id");
    json_object_del(absent.json, "request_id");
    ck_assert_msg(json_equal(r->json, absent.json), "%s %s: %.300s but %.300s", row->method, row->path, r->body,
                  absent.body);
}

/* Lists of people, and whom they are of. */
static const struct list {
    const char *path;
    unsigned roles;
} lists[] = {
    {"/api/v1/users", PERSON_ROLES}, {"/api/v1/caregivers/:caregiver_id/patients", PATIENT},
    {"/api/v1/admins", ADMINS},      {"/api/v1/researchers", RESEARCHER},
    {"/api/v1/clients", CLIENT},
};

static const struct list *list_of(const struct row *row)
{
    for (size_t i = 0; i < COUNT(lists); i++)
        if (strcmp(row->path, lists[i].path) == 0 && strcmp(row->method, "GET") == 0)
            return &lists[i];
    return NULL;
}

/* Is that one to be on the list? */
static bool listed(const struct row *row, const struct being *actor, const struct being *subject, const struct being *b)
{
    bool of_caregiver = !subject || (b->caregiver_id && strcmp(b->caregiver_id, subject->id) == 0);
    return (list_of(row)->roles & b->role) && of_caregiver &&
           (cell_of(row, actor->role)->reach & relation_of(actor, b));
}

static bool has_item(const struct reply *r, const char *id)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(r->json, "items"), i, item)
    {
        const char *user = json_string_value(json_object_get(item, "user_id"));
        const char *other = json_string_value(json_object_get(item, "id"));
        if (strcmp(user ? user : other ? other : "", id) == 0)
            return true;
    }
    return false;
}

static void ck_list(const struct row *row, const struct being *actor, const struct being *subject,
                    const struct reply *r)
{
    size_t count = 0;
    if (!list_of(row) || r->status != 200)
        return;
    EACH_BEING(&beings, b)
    {
        bool wanted = b->role != ANONYMOUS && listed(row, actor, subject, b);
        count += wanted;
        ck_assert_msg(has_item(r, b->id) == wanted, "%s as %s: %s is%s on the list", row->path, actor->label, b->label,
                      wanted ? " not" : "");
    }
    ck_assert_uint_eq(json_array_size(json_object_get(r->json, "items")), count);
}

static void ck_call(const struct row *row, const struct being *actor, const struct being *subject)
{
    long wanted = expected(row, actor, subject);
    REPLY r = call_row(row, actor, path_for(row->path, subject, element));
    const char *variable = strchr(row->path, ':');
    /* Records that are no person, or only belong to one, may be absent once the caller is let in. */
    bool removes_part = subject && strchr(variable, '/') && strcmp(row->method, "DELETE") == 0;
    bool thing = !subject || removes_part || strchr(variable + 1, ':');
    bool in = r.status != 401 && r.status != 403 && (r.status != 404 || thing) && r.status != 405 && r.status < 500;
    /* A handler that checks the input before the owner refuses both alike; that it does is seen below. */
    bool as_expected = r.status == wanted || (wanted == 404 && r.status == 422);
    ck_assert_msg(wanted ? as_expected : in, "%s %s as %s for %s %s: %ld instead of %ld: %.300s", row->method,
                  row->path, actor->label,
                  !subject                             ? "nobody"
                  : relation_of(actor, subject) == OWN ? "own"
                                                       : "",
                  subject ? subject->label : "", r.status, wanted, r.body);
    if (wanted == 404)
        ck_as_if_absent(row, actor, &r);
    else
        ck_list(row, actor, subject, &r);
}

static void walk(const struct row *row)
{
    const struct naming *naming = naming_of(row->path);
    api_open(row->service);
    EACH_BEING(&beings, actor)
    {
        if (!naming->subjects)
            ck_call(row, actor, NULL);
        EACH_BEING(&beings, subject)
        {
            if (naming->subjects & subject->role)
                ck_call(row, actor, subject);
        }
    }
}

START_TEST(every_row_of_the_written_matrix_is_what_happens)
{
    make_world();
    for (size_t i = 0; i < row_count; i++)
        walk(&rows[i]);
}
END_TEST

/* Rows that the services have and the page has not would never be walked. */
START_TEST(the_written_matrix_has_every_route)
{
    make_world();
    size_t count = 0;
    for (size_t i = 0; i < COUNT(services); i++)
        for (const struct route *r = services[i]->routes; r->method; r++)
            count++;
    ck_assert_uint_eq(row_count, count);
    for (size_t i = 0; i < row_count; i++)
        for (size_t c = 0; c < rows[i].count; c++)
            ck_assert_int_ne(columns[c], 0);
}
END_TEST

static void set_settings(bool open)
{
    setenv("OPEN_ELEMENTS", open ? "on" : "off", 1);
    setenv("DEMO", "on", 1);
    setenv("LOGIN_BY_QUERY", open ? "on" : "off", 1);
    api_open(&auth_service);
    api_open(&imaging_service);
    api_restart(&auth_service);
    api_restart(&imaging_service);
    settings_open = open;
}

static bool depends_on_setting(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].by_setting)
            return true;
    return false;
}

START_TEST(a_route_that_a_setting_opens_is_open_where_it_says_so)
{
    make_world();
    set_settings(true);
    for (size_t i = 0; i < row_count; i++)
        if (depends_on_setting(&rows[i]))
            walk(&rows[i]);
    set_settings(false);
}
END_TEST

/* A name that is asked for in the query is found as the id would be. */
START_TEST(lists_by_name_find_the_people_that_the_matrix_shows)
{
    const struct row *list = NULL;
    make_world();
    api_open(&users_service);
    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].method, "GET") == 0 && strcmp(rows[i].path, "/api/v1/users") == 0)
            list = &rows[i];
    ck_assert_ptr_nonnull(list);
    EACH_BEING(&beings, actor)
    {
        EACH_BEING(&beings, subject)
        {
            if (!(PERSON_ROLES & subject->role) || refused_at_the_door(list, cell_of(list, actor->role), actor))
                continue;
            REPLY r = api_get(actor->token, "/api/v1/users?name=%s", subject->name);
            ck_status(&r, 200);
            bool seen = cell_of(list, actor->role)->reach & relation_of(actor, subject);
            ck_assert_msg(has_item(&r, subject->id) == seen, "%s asks for %s", actor->label, subject->label);
        }
    }
}
END_TEST

static const char *work_of_a_miss(const char *token, const char *path)
{
    work_forget();
    REPLY r = api_get(token, "%s", path);
    ck_status(&r, 404);
    return work_of(&r, SENT | FOUND);
}

/* The record is not found by the statement already, and none is made and thrown away. */
static void ck_costs_as_much(const char *token, const char *other, const char *nobody)
{
    ck_assert_str_eq(work_of_a_miss(token, other), work_of_a_miss(token, nobody));
}

START_TEST(a_foreign_record_costs_the_same_as_an_absent_one)
{
    make_world();
    const struct being *patient = NULL, *other = NULL;
    EACH_BEING(&beings, b)
    {
        if (b->role == PATIENT && patient)
            other = b;
        else if (b->role == PATIENT)
            patient = b;
    }
    api_open(&users_service);
    ck_costs_as_much(patient->token, text_of("/api/v1/users/%s", other->id), text_of("/api/v1/users/%s", new_id()));
    ck_costs_as_much(patient->token, text_of("/get_user_by_name/%s", other->name),
                     text_of("/get_user_by_name/patient-%.12s", new_id()));
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, the_written_matrix_has_every_route, every_row_of_the_written_matrix_is_what_happens,
                     a_route_that_a_setting_opens_is_open_where_it_says_so,
                     lists_by_name_find_the_people_that_the_matrix_shows,
                     a_foreign_record_costs_the_same_as_an_absent_one);
}
