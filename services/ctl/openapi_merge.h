/* One OpenAPI document from those of several services, as applications see it behind the gateway. */
#pragma once

#include "common/base/problem.h"

#include <jansson.h>

/* Adds the paths, components and tags of other to whole. Parts that both have must be equal, and no operationId may
 * name two operations: CONFLICT with a sentence that names the part, and whole is then half merged. Info, servers and
 * the rest of whole stay as they are. */
enum status openapi_merge(json_t *whole, json_t *other, struct problem *why);
