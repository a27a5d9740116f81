/* A place of each service at which a token is believed or not, so that a test can see everywhere what became of it. */
#pragma once

#include "tests/services.h"
#include "tests/support/api.h"

#include <string.h>

struct place {
    const char *path;
    int port;
};
enum { PLACES = COUNT(services) };

/* The first row that needs a token and nothing else: a list, or a record without input. */
static inline const char *place_path(const struct service *service, const struct principal *who)
{
    for (const struct route *r = service->routes; r->method; r++)
        if (strcmp(r->method, "GET") == 0 && !strchr(r->path, ':') && (!r->input || r->shape == GIVES_PAGE) &&
            !(r->access.roles & ANONYMOUS) && access_allows(r->access, who))
            return r->path;
    ck_abort_msg("mnemos-%s has no row that needs nothing but a token", service->name);
    return NULL;
}

/* Starts all services; calls go to `use` afterwards. */
static inline void places_open(struct principal who, const struct service *use, struct place out[PLACES])
{
    for (size_t i = 0; i < PLACES; i++)
        out[i] = (struct place){place_path(services[i], &who), api_open(services[i])};
    api_open(use);
}
