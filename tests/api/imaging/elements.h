/* Shared by the tests of elements. JSON is written with ' for ", so that it can be read. */
#pragma once

#include "services/imaging/imaging.h"
#include "tests/support/api.h"

#include <string.h>

#define ELEMENTS          "/api/v1/elements"
#define HISTORIC_ELEMENTS "/api/elements/"

static inline char *quoted(char *json)
{
    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    return json;
}

#define POST(path, ...) api_call((struct call){"POST", AS_GENERAL, path, quoted(text_of(__VA_ARGS__))})
#define CREATE(...)     POST(ELEMENTS, __VA_ARGS__)
#define GET(...)        api_get(AS_GENERAL, __VA_ARGS__)
#define SEND(method, id, tag, ...) \
    api_call((struct call){method, AS_GENERAL, text_of(ELEMENTS "/%s", id), quoted(text_of(__VA_ARGS__)), \
                           .headers = {text_of("If-Match: %s", tag)}})
#define PATCH(id, tag, ...) SEND("PATCH", id, tag, __VA_ARGS__)
#define PUT(id, tag, ...)   SEND("PUT", id, tag, __VA_ARGS__)

/* The id of a new element. */
static inline const char *make_element(const char *data, const char *device)
{
    const char *id = new_id();
    REPLY r = CREATE("{'id': '%s', 'data': [%s], 'deviceName': '%s'}", id, data, device);
    ck_reply(&r, 201, "id", id);
    return id;
}

static inline const char *tag_of(const char *id)
{
    REPLY r = GET(ELEMENTS "/%s", id);
    ck_status(&r, 200);
    return header_of(&r, "ETag");
}

static inline const char *count_of_elements(void)
{
    return sql_value("SELECT count(*) FROM imaging.element");
}

static inline void ck_near(double value, double expected)
{
    ck_assert_double_eq_tol(value, expected, 1e-12);
}
