/* One OpenAPI document from those of several services: what an application sees behind the gateway. */
#pragma once

#include "common/base/problem.h"

#include <jansson.h>

/* Adds the paths, components and tags of other to whole. What both have must be equal, and no operationId may name two
 * operations: CONFLICT with a sentence that names it, and whole is then half merged. Info, servers and the rest stay as
 * they are in whole. */
enum status openapi_merge(json_t *whole, json_t *other, struct problem *why);

/* A new reference to the OpenAPI 3.1 document in a file; INVALID or MALFORMED when it holds none. */
enum status openapi_read(const char *path, struct problem *why, json_t **out);
