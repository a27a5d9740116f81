#include "services/imaging/element/element.h"
#include "services/imaging/imaging.h"

enum { ELEMENT_BODY_MAX = 16 * 1024 * 1024 };

/* clang-format off */

#define TAKES_FORM    .input = &element_form_schema, .input_from = FROM_QUERY | FROM_JSON, .body_max = ELEMENT_BODY_MAX
#define TAKES_QUERY   .input = &element_query_schema, .input_from = FROM_QUERY
#define GIVES_ELEMENT .output = &element_schema
#define GUARDS        .subject = THINGS, .always_roles = ELEMENT_ROLES

/* Handler, guards, input, output, action and summary of the rows. */
#define ELEMENT_CREATE \
    element_create, GUARDS, TAKES_FORM, GIVES_ELEMENT, .success = 201, .action = "element.create", \
    .summary = "Create an element, or several as {\"1\": {...}, \"2\": {...}}"
#define ELEMENT_LIST \
    element_list, GUARDS, TAKES_QUERY, GIVES_ELEMENT, .shape = GIVES_PAGE, .action = "element.list", \
    .summary = "Elements in the order of their ids"
#define ELEMENT_GET \
    element_get, GUARDS, GIVES_ELEMENT, .action = "element.read", .summary = "One element"
#define ELEMENT_REPLACE \
    element_replace, GUARDS, TAKES_FORM, GIVES_ELEMENT, .action = "element.update", \
    .summary = "Replace an element; an id in the body becomes its id"
#define ELEMENT_CHANGE \
    element_change, GUARDS, TAKES_FORM, GIVES_ELEMENT, .action = "element.update", \
    .summary = "Change the given members of an element"
#define ELEMENT_DELETE \
    element_delete, GUARDS, .shape = GIVES_NOTHING, .action = "element.delete", .summary = "Remove an element"

#define FOR_READERS .access = {ELEMENT_ROLES, .scope = ELEMENTS_READ}
#define FOR_WRITERS .access = {ELEMENT_ROLES, .scope = ELEMENTS_WRITE}
#define GUARDED     FOR_WRITERS, .rules = NEEDS_IF_MATCH

/* Everybody where OPEN_ELEMENTS says so; elsewhere the handlers admit the same as above. */
#define OPEN_READ   .access = {ANYONE, .scope = ELEMENTS_READ}, .rules = HISTORIC | IF_SETTING
#define OPEN_WRITE  .access = {ANYONE, .scope = ELEMENTS_WRITE}, .rules = HISTORIC | IF_SETTING

const struct route imaging_routes[] = {
    {"POST",   "/api/v1/elements",             ELEMENT_CREATE,  FOR_WRITERS},
    {"GET",    "/api/v1/elements",             ELEMENT_LIST,    FOR_READERS},
    {"GET",    "/api/v1/elements/:element_id", ELEMENT_GET,     FOR_READERS},
    {"PUT",    "/api/v1/elements/:element_id", ELEMENT_REPLACE, GUARDED},
    {"PATCH",  "/api/v1/elements/:element_id", ELEMENT_CHANGE,  GUARDED},
    {"DELETE", "/api/v1/elements/:element_id", ELEMENT_DELETE,  GUARDED},

    {"POST",   "/api/elements",                ELEMENT_CREATE,  OPEN_WRITE},
    {"GET",    "/api/elements",                ELEMENT_LIST,    OPEN_READ},
    {"GET",    "/api/elements/:element_id",    ELEMENT_GET,     OPEN_READ},
    {"PUT",    "/api/elements/:element_id",    ELEMENT_REPLACE, OPEN_WRITE},
    {"PATCH",  "/api/elements/:element_id",    ELEMENT_CHANGE,  OPEN_WRITE},
    {"DELETE", "/api/elements/:element_id",    ELEMENT_DELETE,  OPEN_WRITE},
    {0},
};
