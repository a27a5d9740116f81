/* The OpenAPI 3.1 document of a service, from its route and field tables. */
#pragma once

#include "common/http/route.h"

#include <jansson.h>

/* A new reference. */
json_t *openapi_document(const char *service, const char *summary, const struct route *routes);
