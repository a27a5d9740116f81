#include "common/http/route.h"

#include <string.h>

static size_t segment_size(const char *s)
{
    return strcspn(s, "/");
}

/* Does the path fit the pattern? Variables match one segment that is not empty. */
static bool fits(const char *pattern, const char *path)
{
    while (*pattern == '/' && *path == '/') {
        pattern++, path++;
        size_t p = segment_size(pattern), s = segment_size(path);
        bool same = *pattern == ':' ? s > 0 : p == s && memcmp(pattern, path, p) == 0;
        if (!same)
            return false;
        pattern += p, path += s;
    }
    bool trailing_slash = path[0] == '/' && path[1] == '\0';
    return *pattern == '\0' && (*path == '\0' || trailing_slash);
}

static enum status take_variables(const char *pattern, const char *path, struct arena *arena, struct form *out,
                                  struct problem *why)
{
    struct form form = {0};
    for (const char *c = pattern; *c; c++)
        form.count += *c == ':';
    if (form.count > 0)
        form.pairs = arena_alloc(arena, form.count * sizeof *form.pairs);
    for (size_t i = 0; i < form.count;) {
        pattern++, path++;
        size_t p = segment_size(pattern), s = segment_size(path);
        if (*pattern == ':') {
            form.pairs[i].key = arena_copy(arena, pattern + 1, p - 1);
            TRY(form_decode_segment(arena, path, s, &form.pairs[i].value, why));
            i++;
        }
        pattern += p, path += s;
    }
    *out = form;
    return OK;
}

const char *route_allowed(const struct route *routes, const char *path, struct arena *arena)
{
    const char *list = NULL;
    for (const struct route *r = routes; r->method; r++) {
        if (!fits(r->path, path))
            continue;
        list = list ? arena_printf(arena, "%s, %s", list, r->method) : r->method;
        if (strcmp(r->method, "GET") == 0)
            list = arena_printf(arena, "%s, HEAD", list);
    }
    return list ? arena_printf(arena, "%s, OPTIONS", list) : NULL;
}

enum status route_find(const struct route *routes, const char *method, const char *path, struct arena *arena,
                       struct form *path_out, const struct route **out, struct problem *why)
{
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    for (const struct route *r = routes; r->method; r++) {
        if (strcmp(r->method, method) != 0 || !fits(r->path, path))
            continue;
        TRY(take_variables(r->path, path, arena, path_out, why));
        *out = r;
        return OK;
    }
    why->allow = route_allowed(routes, path, arena);
    if (why->allow)
        return fail(why, METHOD_NOT_ALLOWED, NULL, "%s is not available here; %s is.", method, why->allow);
    return fail(why, NOT_FOUND, NULL, "There is nothing at this path.");
}

bool route_creates(const struct route *r)
{
    return strcmp(r->method, "POST") == 0 && (r->success == 201 || r->success == 202);
}

bool route_repeats(const struct route *r)
{
    return route_creates(r) && !(r->rules & SHOWN_ONCE);
}

const char *route_noun(const struct route *r, struct arena *arena)
{
    const char *variable = strrchr(r->path, ':');
    if (r->noun || !variable)
        return r->noun ? r->noun : "record";
    const char *name = arena_copy(arena, variable + 1, segment_size(variable + 1)), *last = strrchr(name, '_');
    if (last && strcmp(last, "_id") == 0)
        return arena_copy(arena, name, (size_t)(last - name));
    return last ? last + 1 : name;
}

size_t route_body_max(const struct route *r)
{
    return r->body_max ? r->body_max : BODY_MAX_DEFAULT;
}

static void print_names(const char *const *names, unsigned bits, FILE *to)
{
    const char *separator = "";
    for (unsigned i = 0; names[i]; i++) {
        if (!(bits & 1U << i))
            continue;
        fprintf(to, "%s%s", separator, names[i]);
        separator = ", ";
    }
}

static void print_access(struct access access, FILE *to)
{
    unsigned roles = access.roles & ~(unsigned)ENROLLING;
    if (roles & ANONYMOUS)
        fputs("anyone", to);
    else if (roles == (USERS | CLIENT))
        fputs("logged in", to);
    else if (roles == USERS)
        fputs("people logged in", to);
    else
        print_names(role_names, roles >> 1, to);
    if (access.roles & ENROLLING)
        fputs(" or enrolling", to);
    if (access.specialties) {
        fputs(" (", to);
        print_names(specialty_names, access.specialties, to);
        fputs(")", to);
    }
    if (access.scope) {
        fputs(", client with ", to);
        print_names(scope_names, access.scope, to);
    }
}

void routes_print(const struct route *routes, FILE *to)
{
    fputs("| method | path | who | action | what |\n|---|---|---|---|---|\n", to);
    for (const struct route *r = routes; r->method; r++) {
        fprintf(to, "| %s | `%s` | ", r->method, r->path);
        print_access(r->access, to);
        if (r->rules & IF_SETTING)
            fputs(", where a setting allows it", to);
        fprintf(to, " | %s | %s", r->action, r->summary);
        for (const char *const *type = r->media_types; type && *type; type++)
            fprintf(to, "%s%s", type == r->media_types ? "; also as " : type[1] ? ", " : " or ", *type);
        fprintf(to, "%s |\n", r->rules & HISTORIC ? " (historic path)" : "");
    }
}

static const enum role matrix_roles[] = {ANONYMOUS, PATIENT,   CAREGIVER,  HEALTHPRO,
                                         ADMIN,     SUPERUSER, RESEARCHER, CLIENT};

static void print_reach(const struct route *r, enum role role, FILE *to)
{
    unsigned reach = role_reach(role);
    if (r->subject == NOBODY || r->subject == THINGS || role == ANONYMOUS || (r->subject == PEOPLE && route_creates(r)))
        fputs("yes", to);
    else if (r->subject == ONESELF)
        fputs("own", to);
    else
        fputs(reach == ALL_PEOPLE ? "all" : reach & LINKED ? "own, linked" : "own", to);
}

static void print_specialties(const struct route *r, FILE *to)
{
    const char *separator = ", ";
    for (int i = 0; specialty_names[i]; i++)
        if (r->access.specialties & 1U << i) {
            fprintf(to, "%s%s", separator, specialty_names[i]);
            separator = " or ";
        }
}

static void print_cell(const struct route *r, enum role role, FILE *to)
{
    bool scoped = role == CLIENT && r->access.scope;
    if (!(r->access.roles & role) && !scoped) {
        fputs(role == ANONYMOUS ? "401" : "403", to);
        return;
    }
    print_reach(r, role, to);
    if (role == HEALTHPRO)
        print_specialties(r, to);
    if (scoped) {
        fputs(", ", to);
        print_names(scope_names, r->access.scope, to);
    }
    if ((role & (HEALTHPRO | CLIENT)) && (r->rules & NOT_COLLEAGUES))
        fputs(", colleagues 403", to);
    if (role == ADMIN && (r->rules & NOT_ADMINS))
        fputs(", administrators 404", to);
    else if (r->rules & NOT_OWN)
        fputs(", own 403", to);
    if ((r->rules & IF_SETTING) && !(r->always_roles & role))
        fputs(scoped ? ", else by setting" : ", by setting", to);
}

void routes_print_access(const struct route *routes, FILE *to)
{
    fputs("| method | path |", to);
    for (size_t i = 0; i < COUNT(matrix_roles); i++)
        fprintf(to, " %s |", role_name(matrix_roles[i]));
    fputs("\n|---|---|", to);
    for (size_t i = 0; i < COUNT(matrix_roles); i++)
        fputs("---|", to);
    for (const struct route *r = routes; r->method; r++) {
        fprintf(to, "\n| %s | `%s` |", r->method, r->path);
        for (size_t i = 0; i < COUNT(matrix_roles); i++) {
            fputc(' ', to);
            print_cell(r, matrix_roles[i], to);
            fputs(" |", to);
        }
    }
    fputc('\n', to);
}
